#!/usr/bin/env bash
# What a real Redis sends that is not one reply for one request, in order.
. "${srcdir:-.}/tests/lib.sh"
need redis-cli
need redis-server

# records N: what answers the commands of a connection, once it has ended,
# without what differs from run to run.
records() {
	wait_for "$T/trace" "^#$1 close "
	sed -n -e "s/^#$1 \(reply\|push\|error\) */\1 /p" "$T/trace" |
	    sed -e '/^reply/s/ [0-9]*us / /' -e '/ HELLO /d'
}

# conversation RECORDS STEP...: the next connection does the steps, and this
# is recorded of it.
conversation() {
	local expected=$1 n
	shift

	n=$(($(grep -c ' open ' "$T/trace") + 1))
	"$PEER" "127.0.0.1:$PORT" "$@" shut save:"$T/replies" ||
	    fail "peer: $*"
	is "what answers $*" "$expected" "$(records "$n")"
}

start_redis
start --upstream="$UP" --time=none

# Redis 7.0 sends a push inside EXEC's array.
conversation 'reply 2 SUBSCRIBE >["subscribe", "c", (integer) 1]
reply 3 MULTI OK
reply 4 PUBLISH QUEUED
push >["message", "c", "y"]
reply 5 EXEC [(integer) 1]
reply 6 GET (nil)' \
    'send:HELLO 3\r\nSUBSCRIBE c\r\nMULTI\r\nPUBLISH c y\r\nEXEC\r\nGET a\r\n'

# A value that is too deep to be shown ends all the same.
conversation "reply 1 EVAL $(printf '[%.0s' {1..128})... (3492 more bytes)
reply 2 PING PONG" \
    'send:EVAL "local a={} for i=1,1000 do a={a} end return a" 0\r\nPING\r\n'
