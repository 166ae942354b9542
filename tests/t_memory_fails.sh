#!/usr/bin/env bash
# Memory that fails once, at any request of a short session: resptap goes on, or
# ends with status 1 and a reason; it does not crash.
# FAIL_STEP=N in the environment: every Nth request is tried, 1: all of them.
. "${srcdir:-.}/tests/lib.sh"

failing=${RESPTAP_FAILING:-${RESPTAP%/*}/tests/resptap_failing}
[ -x "$failing" ] || skip 'tests/resptap_failing was not built'
runs=40		# of each session, unless FAIL_STEP says otherwise

# play N SESSION OPTION...: a session in which the Nth request fails, of the
# client's steps in the array `steps`.
play() {
	local n=$1 session=$2 client
	shift 2

	rm -f "$T/port"
	FAIL_AT=$n FAIL_COUNT=$T/count "$failing" --listen=0 \
	    --port-file="$T/port" --show=all "$@" >"$T/trace" 2>"$T/err" &
	PID=$!
	poll 20 listens_or_gone
	if [ -s "$T/port" ]; then
		IFS= read -r client <"$T/port"
		# Its connection may be what ends; but it does not wait for
		# ever.
		"$PEER" -t 5 "$client" "${steps[@]}" 2>"$T/peer.err"
		hasnt "$T/peer.err" 'no more in time'
		kill -s TERM "$PID" 2>/dev/null
	fi
	await_exit
	case $STATUS in
	0)
		;;
	1)
		has "$T/err" '^resptap: .'
		;;
	*)
		fail "$session: request $n: exit status $STATUS"
		;;
	esac
}

# play_all SESSION OPTION...
play_all() {
	local session=$1 count n step
	shift

	play 0 "$session" "$@"
	is "the exit status of $session" 0 "$STATUS"
	read -r count <"$T/count" || fail "$session: no count"
	[ "$count" -gt 50 ] || fail "$session: only $count requests"
	step=${FAIL_STEP:-$((count / runs + 1))}
	for ((n = 1; n <= count; n += step)); do
		play "$n" "$session" "$@"
	done
}

steps=(
	'send:AUTH u p\r\nHELLO 3 SETNAME me\r\n' 'pieces:5'
	'send:SET a b\r\nSUBSCRIBE a b\r\nUNSUBSCRIBE\r\n' 'pieces:0'
	'send:MULTI\r\nGET a\r\nECHO b\r\nEXEC\r\nBLPOP a 0.01\r\nGET s\r\n'
	'send:MONITOR\r\nPING\r\nRESET\r\nQUIT\r\n' gone
)
printf 'GET s => after 5ms [a, {b: c}]\n' >"$T/answers"
play_all 'the stub' --answers="$T/answers" --format=json

need redis-server
start_redis
steps=(
	'send:HELLO 3 SETNAME me\r\nSET a b\r\n' 'pieces:5'
	'send:GET a\r\nSUBSCRIBE a b\r\nUNSUBSCRIBE\r\n' 'pieces:0'
	'send:MULTI\r\nGET a\r\nECHO b\r\nEXEC\r\nCONFIG GET *pass\r\nQUIT\r\n'
	gone
)
play_all 'a relay' --upstream="$UP"
