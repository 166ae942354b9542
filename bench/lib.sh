# shellcheck shell=bash
# What the parts of make bench share.  A part begins with
#
#     . "$(dirname "$0")/lib.sh"
#
# and runs in the build directory.  Here it finds
#
#     T                    its directory, removed at the end
#     RUNS MIDDLE          how often each thing is measured; rank of the median
#     quantity N           N, or less of it when BENCH=quick, as QUICK says too
#     ON_LAST ON_OTHERS    in front of a command: on which CPUs it runs
#     FILES                descriptors that a process may have
#     has PROGRAM          whether it is there; else it says what is left out
#     start_redis start_resptap start_haproxy start_socat start_monitor
#     start_floor stop
#                          servers by name: ${ADDR[NAME]}, ${PID[NAME]}
#     empty_trace          before a run that writes $T/trace
#     ask                  one run of bench/ask, kept in a file
#     rank median ratio range    out of such files
#     verdict              a goal, and whether it is met

set -u
export LC_ALL=C PATH=$PATH:/usr/sbin	# where HAProxy is

case ${BENCH:-} in
quick)	RUNS=3 SHARE=20 QUICK=yes ;;
'')	RUNS=5 SHARE=1 QUICK= ;;
*)	echo "bench: BENCH=$BENCH: only 'quick' is known" >&2; exit 2 ;;
esac
MIDDLE=$(((RUNS + 1) / 2))
DEADLINE=60			# seconds for whatever must happen

# The load has the last CPU, the servers the others, where that can be had:
# else one program differs from itself by half.
last=$(($(nproc) - 1))
if [ $last -gt 0 ] && taskset -c 0-$last true 2>/dev/null; then
	ON_LAST="taskset -c $last" ON_OTHERS="taskset -c 0-$((last - 1))"
	PINNED="load on CPU $last, all else on CPU 0-$((last - 1))"
	[ $last -gt 1 ] || PINNED='load on CPU 1, all else on CPU 0'
else
	ON_LAST='' ON_OTHERS='' PINNED='load and servers on any CPU'
fi
export PINNED QUICK

# Ten thousand connections need as many descriptors.
ulimit -S -n "$(ulimit -H -n)"
FILES=$(ulimit -n)
[ "$FILES" != unlimited ] || FILES=1000000

for program in ./resptap ./bench/ask ./bench/conns ./bench/floor ./bench/load
do
	[ -x $program ] || {
		echo "bench: $program is missing; run 'make bench'" >&2
		exit 1
	}
done

T=$(mktemp -d "${TMPDIR:-/tmp}/resptap-bench.XXXXXX") || exit 1
declare -A PID ADDR
set -m				# a job is a process group, for stop
finish() {
	local name
	for name in "${!PID[@]}"; do
		stop "$name"
	done
	rm -rf "$T"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

fail() {
	echo "bench: $*" >&2
	exit 1
}

quantity() {
	echo $(($1 / SHARE))
}

#
# Servers.
#

# Debian's redis-tools bring the server too, as redis-check-rdb: its name
# decides what it is.
if ! command -v redis-server >/dev/null &&
    command -v redis-check-rdb >/dev/null; then
	mkdir "$T/bin"
	ln -s "$(command -v redis-check-rdb)" "$T/bin/redis-server"
	PATH=$T/bin:$PATH
fi

# has WHAT: a program, or "relay": whether resptap can be one.
has() {
	case $1 in
	relay)	./resptap --help 2>&1 | grep -q '^ *-u, --upstream' && return
		echo 'note: this resptap has no --upstream: left out' ;;
	*)	command -v "$1" >/dev/null && return
		echo "note: $1 is not installed: left out" ;;
	esac
	return 1
}

# serve NAME COMMAND...: in the background; its output is $T/NAME.out
serve() {
	local name=$1
	shift
	# shellcheck disable=SC2086 # a command and its arguments
	$ON_OTHERS "$@" </dev/null >"$T/$name.out" 2>"$T/$name.err" &
	PID[$name]=$!
}

stop() {
	kill -KILL -- "-${PID[$1]}"
	wait "${PID[$1]}"
	unset "PID[$1]"
} 2>/dev/null

# until_it NAME COMMAND...: until COMMAND succeeds; fails when the server NAME
# has ended before.
until_it() {
	local name=$1 end=$((SECONDS + DEADLINE))
	shift
	until "$@"; do
		kill -0 "${PID[$name]}" 2>/dev/null || return 1
		if [ $SECONDS -ge $end ]; then
			cat "$T/$name.out" "$T/$name.err" >&2
			fail "$name does not answer"
		fi
		sleep 0.02
	done
}

answers() {
	./bench/ask "${ADDR[$1]}" ping 1 1 1 >/dev/null 2>&1
}

# free_port: sets PORT to one on which nobody listens.
free_port() {
	while PORT=$((10000 + RANDOM % 20000)); do
		(exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null || return 0
	done
}

# listen NAME COMMAND...: a server that cannot choose a port by itself; @PORT@
# in COMMAND becomes a free one.  Another program may be faster: then again.
listen() {
	local name=$1 try
	shift
	for try in 1 2 3 4 5; do
		free_port
		ADDR[$name]=127.0.0.1:$PORT
		serve "$name" "${@//@PORT@/$PORT}"
		until_it "$name" answers "$name" && return
	done
	cat "$T/$name.out" "$T/$name.err" >&2
	fail "$name did not start, $try times"
}

# start_redis: keeps nothing on disk, and lets clients come from all of
# 127.0.0.0/8, which protected mode would not.
start_redis() {
	listen redis redis-server --port @PORT@ --bind 127.0.0.1 \
	    --protected-mode no --save '' --maxclients 20000 --dir "$T"
}

# serve_with_port NAME COMMAND...: a server that writes its address to
# $T/NAME.port
serve_with_port() {
	local name=$1
	rm -f "$T/$name.port"
	serve "$@"
	until_it "$name" test -s "$T/$name.port" || {
		cat "$T/$name.err" >&2
		fail "$name did not start"
	}
	ADDR[$name]=$(head -n 1 "$T/$name.port")
}

# start_resptap NAME ARG...: the one that is being measured, or $RESPTAP.
start_resptap() {
	serve_with_port "$1" "${RESPTAP:-./resptap}" -q --listen=0 \
	    --port-file="$T/$1.port" "${@:2}"
}

# start_floor JOB...: bench/floor
start_floor() {
	serve_with_port floor ./bench/floor "$T/floor.port" "$@"
}

# start_haproxy: one thread, TCP mode, in front of redis.
start_haproxy() {
	cat >"$T/haproxy.cfg" <<-'END'
	global
		nbthread 1
		maxconn 9000
	defaults
		mode tcp
		timeout connect 10s
		timeout client 1h
		timeout server 1h
	listen relay
		bind "${LISTEN}"
		server redis "${UPSTREAM}"
	END
	listen haproxy env LISTEN=127.0.0.1:@PORT@ \
	    UPSTREAM="${ADDR[redis]}" haproxy -db -f "$T/haproxy.cfg"
}

# start_socat: one process for each connection, in front of redis.
start_socat() {
	listen socat socat TCP-LISTEN:@PORT@,bind=127.0.0.1,fork,backlog=1024 \
	    "TCP:${ADDR[redis]}"
}

# start_monitor: a client of redis that writes all commands to a file.
start_monitor() {
	serve monitor redis-cli -p "${ADDR[redis]##*:}" monitor
	until_it monitor grep -qs OK "$T/monitor.out" ||
	    fail 'redis-cli monitor has ended'
}

#
# Measuring.
#

# empty_trace COMMANDS: empties $T/trace.  In a virtual machine, memory that has
# not been used for seconds may be the host's again, and who writes to it first
# pays for that: so as much as the trace may need is written here.
empty_trace() {
	head -c $(($1 * 256)) /dev/zero >"$T/trace"
	: >"$T/trace"
}

# ask FILE ADDR KIND CONNS PIPELINE COMMANDS NAME...: adds to $T/FILE the line
#     REQUESTS/S P50 P99 LOAD'S-SHARE-OF-A-CPU CPU...
# with the CPU seconds per million commands of each of the servers NAME.
ask() {
	local file=$T/$1 name line pids=()
	shift
	for name in "${@:6}"; do
		pids+=("${PID[$name]}")
	done
	line=$($ON_LAST ./bench/ask "${@:1:5}" "${pids[@]}") ||
	    fail "bench/ask ${*:1:5} failed"
	echo "$line" | awk '$1 == "replies" && $11 == "cpu" {
		printf "%.0f %d %d %.2f", $2 / $4, $8, $10, $6 / $4
		for (i = 12; i <= NF; i++)
			printf " %.3f", $i / $2 * 1e6
		print ""
		ok = 1
	} END { exit !ok }' >>"$file" || fail "not understood: $line"
}

# rank FILE COLUMN N: the Nth smallest of a column; nothing if there is no FILE.
rank() {
	[ -f "$T/$1" ] || return 0
	cut -d ' ' -f "$2" "$T/$1" | sort -g | sed -n "$3p"
}

median() {
	rank "$1" "$2" $MIDDLE
}

# range FILE COLUMN: the least and the most; nothing if there is no FILE.
range() {
	[ ! -f "$T/$1" ] ||
	    echo "$(rank "$1" "$2" 1)-$(rank "$1" "$2" "$RUNS")"
}

# ratio A B: with two decimals; "-" when one of them is missing.
ratio() {
	awk -v a="$1" -v b="$2" 'BEGIN {
		if (a == "" || b + 0 == 0)
			print "-"
		else
			printf "%.2f\n", a / b
	}'
}

# rate FILE COLUMN BUSY: what happened each second, with a * when the load, whose
# share of a CPU is in the column BUSY, was busy all the time, so that the server
# could do more.
rate() {
	local star=
	awk -v busy="$(median "$1" "$3")" 'BEGIN { exit !(busy > .95) }' &&
	    star='*'
	echo "$(median "$1" "$2")$star"
}

# verdict VALUE LIMIT: "LIMIT met", or "LIMIT MISSED"; it is the most that VALUE
# may be.  Without LIMIT: nothing.
verdict() {
	[ -n "$2" ] || return 0
	awk -v value="$1" -v limit="$2" 'BEGIN {
		verdict = "MISSED"
		if (value == "-")
			verdict = "not measured"
		else if (value + 0 <= limit + 0)
			verdict = "met"
		print limit, verdict
	}'
}
