#!/usr/bin/env bash
# The stub does not contradict itself: what it sends is in its trace, and what
# it has answered to one connection holds for all of them.
. "${srcdir:-.}/tests/lib.sh"

# talk BYTES: sends them on a connection of its own, and puts into $T/got what
# is answered until the server closes.
talk() {
	"$PEER" "127.0.0.1:$PORT" "send:$1" shut "save:$T/got" ||
	    fail "talk $1"
}

# replies: prints the reply records of the trace without their latencies.
replies() {
	sed -n 's/^#[0-9]* reply \([0-9]* [^ ]*\) [0-9]*us/\1/p' "$T/trace"
}

#
# Every reply is recorded, also where RESP alone does not tell its end.
#

start --time=none --show=reply,push
talk 'HELLO 3\r\nMULTI\r\nPING\r\nSUBSCRIBE a\r\nEXEC\r\nPING\r\n'
stop
is 'EXEC with a subscription' '2 MULTI OK
3 PING QUEUED
4 SUBSCRIBE QUEUED
5 EXEC [PONG ">3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n"
6 PING PONG' "$(replies | sed 1d)"

start --time=none --show=reply,push
talk 'MULTI\r\nPING\r\nCLIENT REPLY OFF\r\nPING\r\nEXEC\r\nPING\r\n'
stop
is 'EXEC that silences itself' '1 MULTI OK
2 PING QUEUED
3 CLIENT QUEUED
4 PING QUEUED
5 EXEC [PONG ""' "$(replies)"
