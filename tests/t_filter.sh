#!/usr/bin/env bash
# --command, --key and --client: what is shown, and that nothing else changes.
. "${srcdir:-.}/tests/lib.sh"

peer() {
	"$PEER" "127.0.0.1:$PORT" "$@" || fail "peer: $*"
}

# talk: one connection of a client that calls itself x on the way.
talk() {
	peer 'send:SET user:1 a\r\n*3\r\n$6\r\nRENAME\r\n$6\r\nuser:1\r\n$1\r\nb\r\n' \
	    'send:client setname x\r\nPING\r\n' \
	    'expect:+OK\r\n-ERR no such key\r\n+OK\r\n+PONG\r\n' shut eof
}

# shows OPTION... : what the trace shows of such a connection.
shows() {
	start --time=none "$@"
	talk
	stop
	sed -e 's/[0-9]*us/us/' -e 's/127.0.0.1:[0-9]*/PEER/' "$T/trace"
}

close='#1 close eof; received 73 bytes, 4 commands; sent 35 bytes'
is '--command=rename' "#1 open  PEER
#1 cmd   2 \"RENAME\" \"user:1\" \"b\"
#1 reply 2 RENAME us (error) ERR no such key
$close" "$(shows --command=rename)"
is '--command=!set,!RENAME,!PING' "#1 open  PEER
#1 cmd   3 \"client\" \"setname\" \"x\"
#1 reply 3 client us OK
$close" "$(shows '--command=!set,!RENAME,!PING')"
is '--command=client|*' "#1 cmd   3 \"client\" \"setname\" \"x\"" \
    "$(shows '--command=client|*' --show=cmd)"
is '--key=user:*' "#1 cmd   1 \"SET\" \"user:1\" \"a\"
#1 cmd   2 \"RENAME\" \"user:1\" \"b\"" "$(shows '--key=user:*' --show=cmd)"
is '--key and --command' "#1 reply 1 SET us OK" \
    "$(shows '--key=user:*' --command='s*' --show=reply)"

# Bytes are there when they are asked for: all of them.
start --time=none --command=rename --show=recv,cmd
talk
stop
is 'all bytes of recv' 73 "$("$PEER" --unescape recv <"$T/trace" | wc -c)"
is 'cmd besides recv' 1 "$(grep -c '^#1 cmd ' "$T/trace")"

# Connections: by address, and by a name from then on.
is '--client=127.0.0.0/8' "#1 open  PEER
$close" "$(shows --client=127.0.0.0/8 --show=conns)"
is '--client=!127.0.0.1:*' '' "$(shows '--client=!127.0.0.1:*')"
is '--client=x' "#1 reply 3 client us OK
#1 cmd   4 \"PING\"
#1 reply 4 PING us PONG
$close" "$(shows --client=x --show=messages,conns)"

# The summary counts all.
start --client=::1
talk
stop
is 'a trace of other clients' '' "$(cat "$T/trace")"
has "$T/err" '1 connection'

# refuses OPTION MESSAGE
refuses() {
	"$RESPTAP" --listen=0 "$1" >"$T/bad.out" 2>"$T/bad.err"
	is "the exit status with $1" 2 $?
	is "the message about $1" "resptap: $1: $2" "$(cat "$T/bad.err")"
}
refuses --client=10.0.0.0/33 \
    'an IPv4 address has 0 to 32 bits; write 10.0.0.0/8'
refuses '--key=a,[b' "[b: the closing ] is missing; \\[ is the character itself"
