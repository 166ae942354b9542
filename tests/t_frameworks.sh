#!/usr/bin/env bash
# Frameworks that live on Redis: job queues, adapters, locks.  Idle against the
# stub they run without an error, and without going round and round; through a
# relay to a real Redis they do what they do without it.
#
# Those that are not installed are left out: sidekiq, rq, celery, and of npm, in
# NODE_PATH, what clients/package.json says.  Each is idle for 2 seconds of its
# own (see clients/frameworks.*), all at once.
. "${srcdir:-.}/tests/lib.sh"

clients=$srcdir/tests/clients
most=200	# commands: 50 a second, and what a start takes
tick=$T/.tick

# python_with MODULE: prints an interpreter that has it; Debian's packages are
# for Debian's own.
python_with() {
	local python

	for python in python3 /usr/bin/python3; do
		"$python" -c "import $1" >"$T/out" 2>&1 || continue
		command -v "$python"
		return
	done
}

# framework NAME ADDRESS idle|work: runs it, and prints its results.
framework() {
	local status

	case $1 in
	sidekiq)
		command -v ruby >"$T/out" || return 77
		ruby "$clients/sidekiq.rb" "$2" "$3"
		;;
	rq|celery)
		command -v "${python[$1]}" >"$T/out" || return 77
		"${python[$1]}" -B "$clients/frameworks.py" "$@"
		;;
	*)
		command -v node >"$T/out" || return 77
		node "$clients/frameworks.mjs" "$@"
		;;
	esac >"$T/said" 2>"$T/client.err"
	status=$?
	[ $status -eq 0 ] || [ $status -eq 77 ] || {
		show "$T/said"
		show "$T/client.err"
		fail "$1, $3 at $2: exit status $status"
	}
	grep '^result ' "$T/said"
	return $status
}

# idle NAME: at the stub.
idle() {
	local n

	start --time=none --show=cmd,reply,error
	framework "$1" "$PORT" idle
	[ $? -ne 77 ] || exit 77
	stop
	is "$1: the exit status of resptap" 0 "$STATUS"
	n=$(grep -c '^#[0-9]* cmd ' "$T/trace")
	[ "$n" -gt 0 ] || fail "$1: no command came"
	[ "$n" -le $most ] || fail "$1: $n commands"
	is "$1: what was an error" '' "$(grep -e '^#[0-9]* error ' \
	    -e '^#[0-9]* reply .* (error)' "$T/trace" | grep -v NOSCRIPT)"
	echo "$1: $n commands"
}

# work NAME: at a real Redis, and at a relay to it.
work() {
	local direct

	direct=$(framework "$1" "$redis" work)
	case $? in
	0)
		;;
	77)
		exit 77
		;;
	*)
		echo "$direct"
		exit 1
		;;
	esac
	[ -n "$direct" ] || fail "$1 has no result"
	start --time=none --show=cmd,reply,error --upstream="unix:$redis"
	is "$1: through a relay" "$direct" "$(framework "$1" "$PORT" work)"
	stop
	is "$1: the exit status of the relay" 0 "$STATUS"
	hasnt "$T/trace" '^#[0-9]* error '
}

# one idle|work NAME: in a directory of its own, like a test.
one() {
	T=$T/$1-$2
	mkdir "$T" && ln "$tick" "$T/.tick" || exit 1
	"$@"
}

redis=
if (need redis-server) >"$T/out"; then
	need redis-server
	start_redis
	redis=$T/redis
fi
declare -A python=([rq]=$(python_with rq) [celery]=$(python_with celery))
declare -A running=()
for name in sidekiq rq celery bullmq bull bee-queue redis-adapter \
    redis-streams-adapter connect-redis redlock; do
	for what in idle ${redis:+work}; do
		one $what $name >"$T/$what-$name.out" &
		running[$what-$name]=$!
	done
done
missing=() failed=()
for name in "${!running[@]}"; do
	wait "${running[$name]}"
	case $? in
	0)
		grep -v '^result ' "$T/$name.out"
		;;
	77)
		missing+=("$name")
		;;
	*)
		failed+=("$name")
		cat "$T/$name.out"
		;;
	esac
done
[ ${#failed[@]} -eq 0 ] || fail "${failed[*]}"
[ ${#missing[@]} -lt ${#running[@]} ] || skip 'no framework is installed'
[ ${#missing[@]} -eq 0 ] || echo "not installed: ${missing[*]}"
[ -n "$redis" ] || echo 'no real Redis here: only the stub was tried'
