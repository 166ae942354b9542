#!/usr/bin/env bash
# monitor: the lines are those of a real server's MONITOR.
. "${srcdir:-.}/tests/lib.sh"
need redis-cli
need redis-server

# say CLI-OPTION...: what the clients say; the last word ends the comparison.
say() {
	redis-cli "$@" set greeting 'hello world'
	redis-cli "$@" -n 3 get greeting
	printf '%b' '\x00\x01\a\b\t\n\v\f\r\x1b "\\\x7f\x80\xc3\xa9\xff' |
	    redis-cli "$@" -x set 'odd \"bytes"'
	redis-cli "$@" set '' ''
	redis-cli "$@" PiNG
	redis-cli "$@" del a b c d e f
	redis-cli "$@" echo the-end
}

# plain FILE: MONITOR's lines without the time and the address.
plain() {
	sed -n 's/^[0-9]\{10,\}\.[0-9]\{6\} \[\([0-9]*\) [^]]*\] /\1 /p' "$1"
}

start_redis
redis-cli -s "$T/redis" monitor >"$T/redis.monitor" 2>&1 &
wait_for "$T/redis.monitor" '^OK'
say -s "$T/redis" >"$T/out"
wait_for "$T/redis.monitor" '"the-end"'

start -f monitor
say -p "$PORT" >"$T/out"
stop
is 'the exit status' 0 "$STATUS"

# That SELECT itself changes the database is for the server to say.
is 'what MONITOR prints' \
    "$(plain "$T/redis.monitor" | grep -iv '"select"')" \
    "$(plain "$T/trace" | grep -iv '"select"')"
is 'the lines of the trace' "$(wc -l <"$T/trace")" \
    "$(plain "$T/trace" | wc -l)"
has "$T/trace" '^[0-9]*\.[0-9]* \[3 127\.0\.0\.1:[0-9]*\] "get" "greeting"$'
has "$T/trace" '"SELECT" "3"$'

# A client at a unix socket has the socket's path, as in Redis.
"$RESPTAP" --listen="unix:$T/resptap" --port-file="$T/unix.port" -f monitor \
    >"$T/unix.trace" 2>"$T/err" &
PID=$!
poll 20 test -s "$T/unix.port" || fail 'it does not listen'
is 'an answer' PONG "$(redis-cli -s "$T/resptap" ping)"
stop
has "$T/unix.trace" "^[0-9.]* \[0 unix:$T/resptap\] \"ping\"$"
