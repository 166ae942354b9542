#!/usr/bin/env bash
# Faults of either end of a relay: each reaches the other end as what it was,
# what had come before it is in the trace, and the next connection is well.
# RELAY_ROUNDS in the environment: how often 20,000 ECHOs are checked one by one.
. "${srcdir:-.}/tests/lib.sh"

need jq

rounds=${RELAY_ROUNDS:-1}
echos=20000		# of one pipeline, whose commands are all remembered

# fds, memory FIELD: of the daemon; VmRSS and VmHWM are in KiB.
fds() {
	find "/proc/$PID/fd" -mindepth 1 | wc -l
}
memory() {
	awk -v field="$1:" '$1 == field { print $2 }' "/proc/$PID/status"
}

#
# One fault a connection.
#

clients=()
servers=()
ends=()

# fault CLIENT SERVER CLOSE: the steps of both ends, each ended by the end of
# its line or by ";", and what the close record says.  In the steps %c and %s
# are files that the client and the server may touch.
fault() {
	clients+=("$1")
	servers+=("$2")
	ends+=("$3")
}

# words N TEXT: the steps into the array of that name.
words() {
	local text=${2//%c/$T/c$1}

	IFS=';' read -r -a words <<<"${text//%s/$T/s$1}"
}

# The server cuts, resets, says what makes no sense.
get='send:GET a\r\n'
got='expect:GET a\r\n'
fault "$get;expect:\$5\r\nab;eof" "$got;send:\$5\r\nab;shut;eof" \
    'upstream eof; received 7 bytes, 1 command; sent 6 bytes'
fault "$get;expect:\$5\r\nab;touch:%c;lost" \
    "$got;send:\$5\r\nab;await:%c;reset" \
    'upstream reset; received 7 bytes, 1 command; sent 6 bytes'
fault "$get;eof" "$got;close" 'upstream eof; received 7 bytes, 1 command; sent 0'
fault 'eof' 'close' 'upstream eof; received 0 bytes'
fault "$get;expect:garbage\0\xff;shut;eof" \
    "$got;send:garbage\0\xff;eof" 'client eof; received 7 bytes'
fault "$get;expect:+OK\r\n;shut;eof" "$got;drip:+OK\r\n;eof" \
    'client eof; received 7 bytes, 1 command; sent 5 bytes'
fault 'expect:+early\r\n;shut;eof' 'send:+early\r\n;eof' 'client eof; '

# The client goes: before all, in mid-request, in mid-reply.
fault 'shut;eof' 'eof' 'client eof; received 0 bytes'
fault 'await:%s;reset' 'touch:%s;lost' 'client reset; received 0 bytes'
fault 'send:*2\r\n$3\r\nGE;taken;await:%s;reset' \
    'expect:*2\r\n$3\r\nGE;touch:%s;lost' 'client reset; received 10 bytes'
fault 'send:*2\r\n$3\r\nGE;shut;eof' 'expect:*2\r\n$3\r\nGE;eof' \
    'client eof; received 10 bytes, 0 commands'
fault "$get;expect:\$5\r\nab;reset" "$got;send:\$5\r\nab;lost" \
    'client reset; received 7 bytes, 1 command; sent 6 bytes'
fault "$get;shut;expect:+late\r\n;eof" "$got;eof;send:+late\r\n" \
    'client eof; received 7 bytes, 1 command; sent 7 bytes'
# The server has no more to say, and goes on to listen.
fault "$get;expect:+OK\r\n;eof;send:more;shut" \
    "$got;send:+OK\r\n;shut;expect:more;eof" \
    'upstream eof; received 11 bytes, 1 command; sent 5 bytes'

# A client that breaks the protocol is the server's matter.
fault 'send:*1\r\nfoo\r\n;expect:-ERR Protocol error\r\n;eof' \
    'expect:*1\r\nfoo\r\n;send:-ERR Protocol error\r\n' 'upstream eof; '

steps=()
for i in "${!servers[@]}"; do
	words "$i" "${servers[i]}"
	steps+=(open "${words[@]}" close)
done
start_upstream --closed 127.0.0.1:0 "${steps[@]}"
start --upstream="$UP" --time=none
for i in "${!clients[@]}"; do
	words "$i" "${clients[i]}"
	"$PEER" "127.0.0.1:$PORT" "${words[@]}" || fail "client: ${clients[i]}"
	wait_for "$T/trace" "^#$((i + 1)) close "
	has "$T/trace" "^#$((i + 1)) close ${ends[i]}"
done
await_upstream
stop
is 'the exit status after faults' 0 "$STATUS"
is 'lines on stderr after faults' 2 "$(said)"

# A reset behind an end, while the other side is silent and stays.
start_upstream --closed 127.0.0.1:0 \
    open "$got" eof touch:"$T/seen" await:"$T/end" \
    open "$got" shut await:"$T/got" reset
start --upstream="$UP" --time=none --show=close
"$PEER" "127.0.0.1:$PORT" "$get" shut await:"$T/seen" reset ||
    fail 'a client that resets behind its end'
wait_for "$T/trace" '^#1 close client eof; '
touch "$T/end"
"$PEER" "127.0.0.1:$PORT" "$get" eof touch:"$T/got" await:"$T/end2" &
client=$!
wait_for "$T/trace" '^#2 close upstream eof; '
touch "$T/end2"
wait $client || fail 'a server that resets behind its end'
await_upstream
stop
rm "$T/end"

# What a server said before it closed comes before the reset that the client's
# next bytes make.
start_upstream 127.0.0.1:0 "$got" random:60000,1 taken close touch:"$T/closed"
start --upstream="$UP" --time=none --show=close
"$PEER" -b 4096 "127.0.0.1:$PORT" "$get" await:"$T/closed" send:more full \
    expect-random:60000,1 gone || fail 'a reset overtakes the last reply'
await_upstream
wait_for "$T/trace" '^#1 close upstream '
has "$T/trace" ' sent 60000 bytes$'
stop

# A server that breaks while nobody takes its replies: also when the client's
# next bytes find it first.
start_upstream 127.0.0.1:0 "$got" stuff:0123456789abcdef reset touch:"$T/broken"
start --upstream="$UP" --time=none --show=close
"$PEER" -b 4096 "127.0.0.1:$PORT" "$get" await:"$T/broken" send:more \
    await:"$T/end" lost &
client=$!
wait_for "$T/trace" '^#1 close upstream reset; received 11 bytes'
touch "$T/end"
wait $client || fail 'a server that breaks unread'
await_upstream
stop

# All of RESP3, whole and byte by byte, and what is no RESP: it passes, and is
# told the same.  Of a number's or a boolean's digits nothing is demanded.
values=('%2\r\n+a\r\n*2\r\n:1\r\n_\r\n+b\r\n~1\r\n#t\r\n' ',-inf\r\n' ',nan\r\n'
    ',1e400\r\n' '(-99999999999999999999999999\r\n' '=7\r\ntxt:abc\r\n'
    '!5\r\nERR x\r\n' '|1\r\n+k\r\n,0.5\r\n+v\r\n' '>2\r\n+p\r\n:1\r\n+OK\r\n'
    '$?\r\n;4\r\nabcd\r\n;2\r\nef\r\n;0\r\n' '*?\r\n:1\r\n~?\r\n:2\r\n.\r\n.\r\n'
    '%?\r\n+a\r\n:1\r\n.\r\n' '*-1\r\n' '$0\r\n\r\n' '_\r\n' '#f\r\n' '$-1\r\n'
    ':x\r\n' '#x\r\n')
readable=${#values[@]}
values+=('\xff\0' '$-7\r\n' '*3000000000\r\n' '.\r\n')
steps=()
for value in "${values[@]}"; do
	for verb in send drip; do
		steps+=(open "$got" "$verb:$value" eof)
	done
done
start_upstream --closed 127.0.0.1:0 "${steps[@]}"
start --upstream="$UP" -f json --show=messages
for value in "${values[@]}"; do
	for verb in send drip; do
		"$PEER" "127.0.0.1:$PORT" "$get" "expect:$value" shut eof || fail "the relay changes $verb:$value"
	done
done
await_upstream
stop
# told N: what the trace tells of a connection, but for times.
told() {
	jq -c --argjson n "$1" 'select(.conn == $n) |
	    del(.conn, .time, .latency_us)' "$T/trace" || fail 'not JSON'
}
for ((i = 1; i <= 2 * ${#values[@]}; i += 2)); do
	is "a reply that drips: ${values[i / 2]}" "$(told $i)" "$(told $((i + 1)))"
done
is 'replies that are read' $((2 * readable)) \
    "$(jq -c 'select(.event == "reply")' "$T/trace" | wc -l)"

# Depth: an error, not a crash; the bytes pass.
start_upstream 127.0.0.1:0 'expect:PING\r\n' repeat=100000:'*1\r\n' \
    'send::1\r\n' eof
start --upstream="$UP" --time=none --show=messages
"$PEER" "127.0.0.1:$PORT" 'send:PING\r\n' expect-repeat=100000:'*1\r\n' \
    'expect::1\r\n' shut eof || fail 'a deep reply'
await_upstream
stop
is 'errors of a deep reply' 1 "$(grep -c ' error ' "$T/trace")"

#
# Many.
#

# 2,000 come and go: nothing is left of them.
start_upstream -n 1 -r 2001 127.0.0.1:0 'expect:PING\r\n' 'send:+PONG\r\n' gone
start --upstream="$UP" --time=none --show=close
"$PEER" "127.0.0.1:$PORT" 'send:PING\r\n' 'expect:+PONG\r\n' close
poll 20 closes 1 || fail 'the first one stays'
before=$(fds)
"$PEER" -r 1000 "127.0.0.1:$PORT" 'send:PING\r\n' 'expect:+PONG\r\n' close ||
    fail 'a thousand that close'
"$PEER" -r 1000 "127.0.0.1:$PORT" 'send:PING\r\n' 'expect:+PONG\r\n' reset ||
    fail 'a thousand that reset'
await_upstream
poll 20 closes 2001 || fail 'connections stay'
is 'descriptors after 2,000 connections' "$before" "$(fds)"
stop

# SIGTERM in a burst: what had come is in the trace, which ends well.
start_upstream 127.0.0.1:0 both repeat=2000000:'+OK\r\n' gone
start --upstream="$UP" --time=none
"$PEER" "127.0.0.1:$PORT" both repeat=2000000:'PING\r\n' gone 2>"$T/peer.err" &
burst() {
	[ "$(stat -c %s "$T/trace")" -gt 3000000 ]
}
poll 20 burst || fail 'there is no burst'
stop
is 'the exit status after a burst' 0 "$STATUS"
has "$T/trace" '^#1 close shutdown; '

# Every reply belongs to its command, with messages and pushes in between.
if (need redis-server && need redis-cli) >"$T/out"; then
	need redis-server
	start_redis
	start --upstream="$UP" -f json --show=messages
	awk -v n="$echos" 'BEGIN {
		printf "HELLO 3\r\nCLIENT TRACKING ON BCAST\r\nSUBSCRIBE c\r\n"
		for (i = 0; i < n; i++) {
			printf "ECHO u%d\r\n", i
			if (i % 3 == 0)
				printf "PUBLISH c m%d\r\n", i
			if (i % 5 == 0)
				printf "SET k%d v\r\n", i
			if (i % 7 == 0)
				printf "MULTI\r\nECHO q\r\nGET k%d\r\nEXEC\r\n", i
			if (i % 11 == 0)
				printf "CLIENT REPLY SKIP\r\nPING\r\n"
		}
		printf "QUIT\r\n"	# at an end of file Redis drops replies
	}' >"$T/echos"
	"$PEER" -r "$rounds" "127.0.0.1:$PORT" pieces:5000,1 file:"$T/echos" \
	    save:"$T/replies" || fail 'the client of many ECHOs'
	stop
	is 'ECHOs with their own reply, wrong ones, errors' "$((rounds * echos)) 0 0" \
	    "$(jq -r '
		if .event == "cmd" and .args[0] == "ECHO" then
			"c \(.conn) \(.no) \(.args[1])"
		elif .event == "reply" and .name == "ECHO" then
			"r \(.conn) \(.no) \(.value)"
		elif .event == "error" then "e" else empty end' "$T/trace" |
	    awk '$1 == "c" { arg[$2, $3] = $4 }
		$1 == "r" && $4 == "QUEUED" { next }
		$1 == "r" && arg[$2, $3] == $4 { good++
			delete arg[$2, $3]; next }
		$1 == "r" { wrong++ }
		$1 == "e" { errors++ }
		END { print good + 0, wrong + 0, errors + 0 }')"

	# Secrets that replies and MONITOR tell.
	redis-cli -s "$T/redis" config set requirepass canary1 >"$T/out"
	for format in text json hex; do
		start --upstream="$UP" -f $format
		"$PEER" "127.0.0.1:$PORT" \
		    'send:AUTH canary1\r\nACL SETUSER u >canary2\r\n' \
		    'expect:+OK\r\n+OK\r\n' 'send:MONITOR\r\n' \
		    'expect:+OK\r\n' 'send:CONFIG GET requirepass\r\n' \
		    'send:ACL GETUSER u\r\nACL LIST\r\n' \
		    'send:CONFIG SET masterauth canary3\r\nPING\r\n' \
		    shut save:"$T/replies" || fail 'the client with secrets'
		grep -q canary1 "$T/replies" || fail 'no secret was told'
		stop
		hasnt "$T/trace" canary
		# The hash of canary2, as ACL GETUSER and LIST tell it.
		hasnt "$T/trace" "$(printf canary2 | sha256sum | cut -c 1-16)"
	done
fi

#
# Slow readers of the trace.
#

# One that stalls: with drop all goes on at full speed, and the trace says how
# many records are missing; with wait the ends stall, and go on with it.
for policy in drop wait; do
	rm -f "$T/trace" "$T/done"
	mkfifo "$T/trace"
	exec 3<>"$T/trace"	# open, not read
	start_upstream 127.0.0.1:0 both random:30000000,1 \
	    expect-random:30000000,2 shut eof
	start --upstream="$UP" --when-slow=$policy --show=bytes,close,error
	"$PEER" "127.0.0.1:$PORT" both random:30000000,2 \
	    expect-random:30000000,1 shut eof touch:"$T/done" &
	client=$!
	if [ $policy = drop ]; then
		wait $client || fail 'a stalled trace with --when-slow=drop'
	else
		poll 20 stalled || fail 'it goes on with nobody reading'
		[ ! -e "$T/done" ] || fail 'it did not wait for the trace'
	fi
	exec 4<"$T/trace"	# which has an end, once nobody writes
	cat <&4 >"$T/text" 3<&- &
	reader=$!
	exec 4<&-
	[ $policy = drop ] || wait $client || fail 'it does not go on'
	await_upstream
	stop
	exec 3<&-
	wait $reader
	if [ $policy = drop ]; then
		has "$T/text" '^[^ ]* #0 error .*records'
	else
		hasnt "$T/text" '#0 error'
	fi
done
rm "$T/trace"

# Memory stays bounded while 512 MiB pass each way.
! grep -q -a __asan_init "$RESPTAP" || exit 0
size=536870912
begin="GET a\r\n*3\r\n\$3\r\nSET\r\n\$1\r\nk\r\n\$$size\r\n"
start_upstream 127.0.0.1:0 "expect:$begin" "send:\$$size\r\n" \
    both random:$size,1 read:$size 'expect:\r\n' 'send:\r\n+OK\r\n' eof
start --upstream="$UP" --time=none -o /dev/null
"$PEER" "127.0.0.1:$PORT" "send:$begin" "expect:\$$size\r\n" \
    both random:$size,2 read:$size 'send:\r\n' 'expect:\r\n+OK\r\n' \
    shut eof || fail '512 MiB each way'
await_upstream
[ "$(memory VmHWM)" -le 32768 ] ||
    fail "512 MiB each way take $(memory VmHWM) KiB"
stop
