#!/usr/bin/env bash
# The rules of the protocol, against a real Redis: data/protocol_rules.txt.
. "${srcdir:-.}/tests/lib.sh"
need redis-server

# talk ADDR BYTES: what is answered to BYTES and an end of file.
talk() {
	rm -f "$T/reply"
	"$PEER" "$1" "send:$2" shut "save:$T/reply" ||
	    fail "$1 does not answer to: $2"
	od -c "$T/reply"
}

redis-server --port 0 --unixsocket "$T/redis.sock" --dir "$T" --save '' \
    >"$T/redis.log" &
redis=$!
poll 20 test -S "$T/redis.sock" || skip 'redis-server does not start'
start --show=error

n=0
while IFS= read -r vector; do
	case $vector in
	''|'#'*)
		continue
		;;
	esac
	expected=$(talk "unix:$T/redis.sock" "$vector") || exit
	actual=$(talk "127.0.0.1:$PORT" "$vector") || exit
	is "the answer to $vector" "$expected" "$actual"
	n=$((n + 1))
done <"$srcdir/tests/data/protocol_rules.txt"
[ "$n" -gt 100 ] || fail "only $n vectors"

kill "$redis"
wait "$redis"
stop
is 'the exit status' 0 "$STATUS"
