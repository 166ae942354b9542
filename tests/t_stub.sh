#!/usr/bin/env bash
# The stub does not contradict itself: what it sends is in its trace, and what
# it has answered to one connection holds for all of them.
. "${srcdir:-.}/tests/lib.sh"

# talk BYTES: sends them on a connection of its own, and puts into $T/got what
# is answered until the server closes.
talk() {
	rm -f "$T/got"
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

#
# What has been answered holds, for all connections and in all threads.
#

start --time=none --show=cmd --threads=3
talk 'SCRIPT LOAD "return 1"\r\n'
sha1=$(sed -n 2p "$T/got" | tr -d '\r')
for i in 1 2 3 4 5 6 7 8; do
	talk "EVALSHA $sha1 0\r\nSCRIPT EXISTS $sha1\r\n"
	is "EVALSHA on connection $i" '$-1 *1 :1' "$(tr -d '\r' <"$T/got" | xargs)"
done
stop

# A pause is for all; what came before it is answered.
start --time=none --show=cmd,reply --threads=3
talk 'CLIENT PAUSE 1000000\r\n'
for i in 2 3 4 5; do
	"$PEER" "127.0.0.1:$PORT" 'send:PING\r\n' eof &
	wait_for "$T/trace" "^#$i cmd   1 \"PING\""
done
stop
is 'the replies in a pause' '1 CLIENT OK' "$(replies)"

#
# As Redis 7.0 has it, line after line; each begins with nothing known.
#

(need redis-server) >"$T/out" || {
	echo 'no redis-server here: nothing was compared with it'
	exit 0
}
need redis-server
start_redis
start --listen="unix:$T/resptap" --show=error --compat=redis-7.0
forget='FLUSHALL\r\nSCRIPT FLUSH\r\nFUNCTION FLUSH\r\n'
"$PEER" "unix:$T/redis" 'send:INFO server\r\n' shut "save:$T/version"
grep -q '^redis_version:7\.0\.' "$T/version" || exit 0

# same BYTES: both answer them with the same bytes.
same() {
	local server

	for server in redis resptap; do
		rm -f "$T/raw"
		"$PEER" "unix:$T/$server" "send:$forget$1" shut \
		    "save:$T/raw" || fail "same $1"
		sed '/^id\r$/{n;s/^:[0-9]*/:ID/;}' "$T/raw" >"$T/$server.got"
	done
	cmp -s "$T/redis.got" "$T/resptap.got" ||
	    is "the answer to $1" "$(cat -v "$T/redis.got")" \
		"$(cat -v "$T/resptap.got")"
	compared=$((compared + 1))
}

compared=0
while IFS= read -r line; do
	case $line in
	''|'#'*)
		;;
	*)
		same "$line"
		;;
	esac
done <"$srcdir/tests/data/like_redis_state.txt"
[ "$compared" -ge 20 ] || fail "only $compared lines"

# cli SERVER COMMAND...: what redis-cli prints.
cli() {
	local server=$1
	shift

	redis-cli -s "$T/$server" "$@"
}

# What differs from one machine to another is compared by its names.
need redis-cli
is 'MEMORY STATS' "$(cli redis memory stats | sed -n 'p;n')" \
    "$(cli resptap memory stats | sed -n 'p;n')"

# subcommands SERVER CONTAINER: what its HELP knows, but for the explanations.
subcommands() {
	cli "$1" "$2" help | sed -n '2,$s/^\([A-Z][A-Z|-]*\).*/\1/p' | sort -u
}

for container in acl client command config function latency memory module \
    object pubsub script slowlog xgroup xinfo; do
	is "the head of $container help" \
	    "$(cli redis $container help | head -n 1)" \
	    "$(cli resptap $container help | head -n 1)"
	subcommands redis $container >"$T/expected"
	[ -s "$T/expected" ] || fail "$container has no help"
	subcommands resptap $container >"$T/got"
	is "$container help leaves out" '' \
	    "$(comm -23 "$T/expected" "$T/got")"
done
is 'CLUSTER HELP' "$(cli redis cluster help)" "$(cli resptap cluster help)"
stop
is 'the exit status' 0 "$STATUS"
