# shellcheck shell=bash
# What the functional tests share.  A test begins with
#
#     . "${srcdir:-.}/tests/lib.sh"
#
# and runs twice: the shell that make starts only supervises.  It gives the
# test a directory and a process group of its own, waits for its end, kills
# what is left of the group, and on failure shows what there is to see.
#
# Environment: RESPTAP and PEER, the programs; srcdir.  Here a test finds
#
#     T        its directory, removed when it passes
#     start stop await_exit        PID PORT STATUS, $T/trace, $T/err
#     start_redis start_upstream   a server behind a relay: UP, its address
#     said                         what it put on stderr
#     closed closes                whether all, or N, connections have ended
#     still stalled                whether it does nothing, though it could receive
#     is has hasnt fail            what must hold; the first failure ends it
#     wait_for poll                what will hold soon
#     need skip                    what it cannot do without
#
# There is no sleep anywhere: poll looks again and again, with a deadline.

# The tests are bash; a test that was started by another shell begins anew.
if [ -z "${BASH_VERSION:-}" ]; then
	command -v bash >/dev/null 2>&1 || {
		echo 'SKIP: bash is missing'
		exit 77
	}
	exec bash "$0" "$@"
fi
set -u

srcdir=${srcdir:-.}
RESPTAP=${RESPTAP:-$PWD/build/resptap}
PEER=${PEER:-$PWD/build/tests/peer}
export srcdir RESPTAP PEER

#
# The supervisor.
#

# show FILE: prints a file, without its middle when that is long.
show() {
	[ -s "$1" ] || return
	echo "---- $1"
	if [ "$(wc -l <"$1")" -le 40 ]; then
		cut -c 1-200 "$1" | cat -v
		return
	fi
	head -n 20 "$1" | cut -c 1-200 | cat -v
	echo '[...]'
	tail -n 20 "$1" | cut -c 1-200 | cat -v
}

# show_group ID: prints what runs in a process group.
show_group() {
	local stat pid rest

	echo '---- still running:'
	for stat in /proc/[0-9]*/stat; do
		read -r pid rest 2>/dev/null <"$stat" || continue
		read -r _ _ rest _ <<<"${rest##*) }"
		[ "$rest" != "$1" ] ||
		    echo "$pid $(tr '\0' ' ' <"/proc/$pid/cmdline")"
	done
}

# supervise LIMIT ARG...: runs the test with ARGs for at most LIMIT seconds;
# exits with its status.
supervise() {
	local limit=$1 group status
	shift

	T=$(mktemp -d "${TMPDIR:-/tmp}/resptap.XXXXXX") || exit 99
	mkfifo "$T/.end" "$T/.tick" || exit 99
	export T
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	trap 'kill -KILL -- "-$group" 2>/dev/null; rm -rf "$T"' EXIT

	set -m		# the job gets a process group of its own
	(
		SUPERVISED=yes bash "$0" "$@"
		echo $? 1<>"$T/.end"
	) </dev/null &
	group=$!
	set +m
	if ! read -r -t "$limit" status <>"$T/.end"; then
		echo "FAIL: ${0##*/} hangs: no end after $limit seconds"
		show_group "$group"
		status=1
	fi
	[ ! -e "$T/.failed" ] || status=1
	disown "$group"
	kill -KILL -- "-$group" 2>/dev/null

	case $status in
	0|77)
		;;
	*)
		show "$T/err"
		show "$T/trace"
		echo "---- exit status $status; kept: $T"
		trap - EXIT
		;;
	esac
	exit "$status"
}

[ -n "${SUPERVISED:-}" ] || supervise "${TEST_TIMEOUT:-120}" "$@"
unset SUPERVISED

#
# The test itself.
#

# The user's own settings of redis-cli stay out of it.
export HOME=$T LC_ALL=C
unset REDISCLI_AUTH REDISCLI_HISTFILE NO_COLOR

PID=		# of the running daemon, empty when there is none
PORT=		# of its first listener
STATUS=		# its exit status, once it has ended
UP=		# a relay's --upstream

# fail TEXT: ends the test, also from inside a pipe or $(...).
fail() {
	echo "FAIL: ${0##*/}:${BASH_LINENO[-2]}: $*"
	: >"$T/.failed"
	exit 1
}

# skip REASON: ends the test as one that cannot run here.
skip() {
	echo "SKIP: $*"
	exit 77
}

# need PROGRAM: skips the test when it is missing.  Debian's redis-tools bring
# the server too, as redis-check-rdb: its name decides what it is.
need() {
	local real

	command -v "$1" >/dev/null && return
	if [ "$1" = redis-server ] && real=$(command -v redis-check-rdb); then
		mkdir -p "$T/bin"
		ln -sf "$real" "$T/bin/redis-server"
		PATH=$T/bin:$PATH
		return
	fi
	skip "$1 is missing"
}

# poll SECONDS COMMAND...: runs COMMAND until it succeeds; 1 if it never did.
poll() {
	local end=$((SECONDS + $1))
	shift

	until "$@"; do
		((SECONDS <= end)) || return 1
		read -r -t 0.02 <>"$T/.tick"	# nobody ever writes there
	done
	return 0	# not what read(1) said
}

# wait_for FILE PATTERN: until a line matches the (basic) regular expression.
wait_for() {
	poll 20 grep -qs -e "$2" -- "$1" ||
	    fail "in 20 seconds no line of $1 came to match: $2"
}

# start ARG...: starts the daemon on a free port and waits until it listens.
# Its stderr is $ERR, $T/err when that is not set.
start() {
	rm -f "$T/port"
	STATUS=
	"$RESPTAP" --listen=0 --port-file="$T/port" "$@" \
	    >"$T/trace" 2>"${ERR:-$T/err}" &
	PID=$!
	poll 20 listens_or_gone
	[ -s "$T/port" ] || fail "resptap does not listen: start $*"
	IFS= read -r PORT <"$T/port"
	PORT=${PORT##*:}
}

listens_or_gone() {
	[ -s "$T/port" ] || ! kill -0 "$PID" 2>/dev/null
}

# start_redis [ARG...]: starts a redis-server at unix:$T/redis, its process in
# REDIS.  The server ends with the test.
start_redis() {
	redis-server --port 0 --unixsocket "$T/redis" --dir "$T" --save '' \
	    --repl-diskless-sync-delay 0 "$@" >"$T/redis.log" &
	# shellcheck disable=SC2034 # they are for the test
	REDIS=$! UP=unix:$T/redis
	poll 20 test -S "$T/redis" || fail 'redis-server does not start'
}

# start_upstream [OPTION...] ADDR STEP...: starts a scripted server, its process
# in UPSTREAM.  await_upstream waits for its end, which must be a good one.
start_upstream() {
	rm -f "$T/up"
	"$PEER" --listen="$T/up" "$@" 2>"$T/up.err" &
	UPSTREAM=$!
	poll 20 test -s "$T/up" || fail "no scripted server: $(cat "$T/up.err")"
	# shellcheck disable=SC2034 # it is for the test
	IFS= read -r UP <"$T/up"
}

await_upstream() {
	wait "$UPSTREAM" || fail "the scripted server: $(cat "$T/up.err")"
}

# closed: whether as many connections have ended as have begun.
# closes N: whether N connections have ended.
closed() {
	[ "$(grep -c '^#[0-9]* close ' "$T/trace")" = \
	    "$(grep -c '^#[0-9]* open ' "$T/trace")" ]
}

closes() {
	[ "$(grep -c '^#[0-9]* close ' "$T/trace")" -ge "$1" ]
}

# still: whether no thread of the daemon has run since this was asked last.
still() {
	local before=${ran:-}

	ran=$(cat "/proc/$PID/task/"*/schedstat)
	[ -n "$before" ] && [ "$ran" = "$before" ]
}

# stalled: whether it is still, and there are bytes from clients at PORT that it
# does not receive.
stalled() {
	still && awk -v port=":$(printf %04X "$PORT")$" '
	$2 ~ port && $4 == "01" && $5 !~ /:0+$/ { unread = 1 }
	END { exit !unread }' /proc/net/tcp
}

# said: how many lines the daemon said, but for a relay's summary.
said() {
	sed '/^resptap: summary of /,$d' "$T/err" | wc -l
}

# stop [SIGNAL]: sends it (TERM) to the daemon and waits for the end.
stop() {
	kill -s "${1:-TERM}" "$PID" || fail 'resptap had ended before'
	await_exit
}

# await_exit: waits for the daemon to end by itself.
await_exit() {
	wait "$PID"
	STATUS=$?
	PID=
	! grep -e 'Sanitizer' -e 'runtime error:' "$T/err" ||
	    fail 'a sanitizer complains'
}

# is WHAT EXPECTED ACTUAL
is() {
	[ "$2" != "$3" ] || return 0
	diff -u --label expected --label actual \
	    <(printf '%s\n' "$2") <(printf '%s\n' "$3")
	fail "$1 is not as expected"
}

# has FILE PATTERN: a line matches the (basic) regular expression.
has() {
	grep -q -e "$2" -- "$1" && return
	[ "$1" = "$T/trace" ] || [ "$1" = "$T/err" ] || show "$1"
	fail "no line of $1 matches: $2"
}

# hasnt FILE PATTERN: no line does.
hasnt() {
	! grep -e "$2" -- "$1" || fail "this in $1 matches: $2"
}

# A daemon that still runs at the end of a test that went well must end well
# too: that is when the sanitizers look for leaks.
last_check() {
	if [ $? -eq 0 ] && [ -n "$PID" ]; then
		stop TERM
		is 'the exit status at the end' 0 "$STATUS"
	fi
}
trap last_check EXIT
