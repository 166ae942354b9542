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

# Scripts answer anything, also what only the server says.
conversation 'reply 1 PING PONG
reply 2 EVAL (error) ERR Protocol error: x
reply 3 ECHO "a"
reply 4 EVAL QUEUED
reply 5 MULTI OK
reply 6 EVAL QUEUED
reply 7 EXEC [QUEUED]
reply 8 PING PONG' \
    "send:PING\r\nEVAL \"return redis.error_reply('ERR Protocol error: x')\" 0\r\n" \
    "send:ECHO a\r\nEVAL \"return redis.status_reply('QUEUED')\" 0\r\n" \
    "send:MULTI\r\nEVAL \"return redis.status_reply('QUEUED')\" 0\r\n" \
    'send:EXEC\r\nPING\r\n'
conversation 'reply 1 EVAL (error) ERR max number of clients reached
reply 2 EVAL (error) DENIED x
reply 3 PING PONG' \
    "send:EVAL \"return redis.error_reply('ERR max number of clients reached')\" 0\r\n" \
    "send:EVAL \"return redis.error_reply('DENIED x')\" 0\r\nPING\r\n"

# The debugger of scripts: its commands have replies of their own.
echo 'return 1' >"$T/script.lua"
n=$(($(grep -c ' open ' "$T/trace") + 1))
printf 's\n' | redis-cli -p "$PORT" --ldb --eval "$T/script.lua" >"$T/out"
records "$n" | grep -v COMMAND >"$T/records"
is 'a script that is debugged' 'reply 1 SCRIPT OK
reply 2 EVAL [(status) "* Stopped at 1, stop reason = step over", (status) "-> 1   return 1"]
reply 3 s [(status) "<endsession>"]
reply 2 EVAL (integer) 1' "$(cat "$T/records")"

# HELLO may have failed where its reply is held back.
conversation 'reply 3 CLIENT OK
reply 4 SUBSCRIBE ["subscribe", "a", (integer) 1]
reply 5 PING ["pong", ""]' \
    'send:CLIENT REPLY OFF\r\nHELLO 3 AUTH a b\r\nCLIENT REPLY ON\r\n' \
    'send:SUBSCRIBE a\r\nPING\r\n'
stop

# More commands wait than are remembered: the rest is counted, and what comes
# later is paired again.
start --upstream="$UP" --show=reply,error,close --time=none
"$PEER" "127.0.0.1:$PORT" 'send:CLIENT PAUSE 700\r\n' 'expect:+OK\r\n' \
    repeat=300000:'SET a 1\r\n' expect-repeat=300000:'+OK\r\n' \
    'send:GET a\r\n' 'expect:$1\r\n1\r\n' shut eof || fail 'peer'
poll 20 closes 1 || fail 'it stays'
stop
is 'the errors' 1 "$(grep -c error "$T/trace")"
forgotten=$(sed -n 's/^#1 error \([0-9]*\) replies not shown with their '\
'commands$/\1/p' "$T/trace")
is 'the replies without commands' "$forgotten" \
    "$(grep -c '^#1 reply ? OK$' "$T/trace")"
is 'the replies with them' $((300000 - forgotten)) \
    "$(grep -c '^#1 reply [0-9]* SET [0-9]*us OK$' "$T/trace")"
has "$T/trace" '^#1 reply 300002 GET [0-9]*us "1"$'

# The database of a command is the one that it is executed in, which MONITOR
# knows; that SELECT and RESET change it shows in their own lines there.
redis-cli -s "$T/redis" monitor >"$T/monitor" &
wait_for "$T/monitor" '^OK'
start --upstream="$UP" --format=monitor
"$PEER" "127.0.0.1:$PORT" 'send:SELECT 2\r\nSET a 1\r\nMULTI\r\nSELECT 3\r\n' \
    'send:SET a 1\r\nHELLO 3 SETNAME x\r\nEXEC\r\nGET a\r\n' \
    'send:RESET\r\nGET b\r\nSELECT 4\r\nMULTI\r\nRESET\r\nGET c\r\n' \
    'send:SELECT 5\r\nGET d\r\n' shut save:"$T/replies" || fail 'peer'
"$PEER" "127.0.0.1:$PORT" 'send:SELECT 4\r\nSELECT 99\r\n' \
    'expect:+OK\r\n-ERR DB index is out of range\r\n' \
    'send:GET last\r\n' shut save:"$T/replies" || fail 'peer'
wait_for "$T/monitor" '"last"'
stop
databases() {
	sed -n -e '/"SELECT"\|"RESET"/d' -e 's/^[0-9.]* \[\([0-9]*\) [^]]*\]/\1/p' "$1"
}
is 'the databases' "$(databases "$T/monitor")" "$(databases "$T/trace")"

# The name that a client gives itself is that of its next command.
start --upstream="$UP" --format=json --show=cmd
"$PEER" "127.0.0.1:$PORT" 'send:CLIENT SETNAME me\r\nGET a\r\n' \
    'expect:+OK\r\n' shut save:"$T/replies" || fail 'peer'
stop
is 'the names' 'null me' "$(sed -e '/"client":/!s/.*/null/' \
    -e 's/.*"client":"\([^"]*\)".*/\1/' "$T/trace" | tr '\n' ' ' |
    sed 's/ $//')"

# A cluster took the shard away before it read SUNSUBSCRIBE, which it refused:
# an error may be of either command, so it is shown with neither.
start_upstream 127.0.0.1:0 'expect:SSUBSCRIBE ch\r\n' \
    'send:*3\r\n$10\r\nssubscribe\r\n$2\r\nch\r\n:1\r\n' \
    'expect:SUNSUBSCRIBE ch\r\nGET foo\r\nPING\r\n' \
    'send:*3\r\n$12\r\nsunsubscribe\r\n$2\r\nch\r\n:0\r\n' \
    'send:-CLUSTERDOWN Hash slot not served\r\n$1\r\n1\r\n+PONG\r\n' eof
start --upstream="$UP" --time=none
conversation 'reply 1 SSUBSCRIBE ["ssubscribe", "ch", (integer) 1]
reply 2 SUNSUBSCRIBE ["sunsubscribe", "ch", (integer) 0]
error an error that may answer a command before
reply ? (error) CLUSTERDOWN Hash slot not served
reply ? "1"
reply ? PONG' 'send:SSUBSCRIBE ch\r\n' read:33 \
    'send:SUNSUBSCRIBE ch\r\nGET foo\r\nPING\r\n'
stop
