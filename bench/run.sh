#!/usr/bin/env bash
# make bench: the CPU time that receiving a GB costs, for the floor and for
# resptap in the raw and the text format, its trace thrown away.  Run it in the
# build directory; BENCH=quick makes it short.  What the rows mean: README.

set -u
export LC_ALL=C

case ${BENCH:-} in
quick)	runs=3 mb=400 ;;
'')	runs=5 mb=2000 ;;
*)	echo "bench: BENCH=$BENCH: only 'quick' is known" >&2; exit 2 ;;
esac
receivers='floor floor64k raw text'	# text gets a quarter of the MB: it is slow
declare -A names=([floor]='floor' [floor64k]='floor, 64 KiB'
	[raw]='resptap raw' [text]='resptap text')
base=floor			# what the ratios refer to
deadline=60			# seconds for each step of a run
chunk=262144			# per write of the load; steadier than 64 KiB

# The load has the last CPU, the receiver the others, where that can be had:
# else one program differs from itself by half.
last=$(($(nproc) - 1))
if [ $last -gt 0 ] && taskset -c 0-$last true 2>/dev/null; then
	on_last="taskset -c $last" on_others="taskset -c 0-$((last - 1))"
	pinned='load and receiver on CPUs of their own'
else
	on_last='' on_others=''
	pinned='load and receiver on any CPU'
fi

tmp=$(mktemp -d) || exit 1
job=
finish() {
	if [ -n "$job" ]; then
		kill -KILL -- "-$job"
		wait "$job"
	fi 2>/dev/null
	rm -rf "$tmp"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
set -m				# a job is a process group, for finish

fail() {
	echo "bench: $*" >&2
	cat "$tmp/stderr" >&2
	exit 1
}

# receive CMD ARG... : in the background; its CPU seconds, those of all its
# threads, go to $tmp/cpu
receive() {
	rm -f "$tmp/port"
	{
		TIMEFORMAT='%3U %3S'
		time $on_others "$@" </dev/null >/dev/null 2>"$tmp/stderr"
	} 2>"$tmp/cpu" &
	job=$!
	local end=$((SECONDS + deadline))
	until [ -s "$tmp/port" ]; do
		kill -0 "$job" 2>/dev/null || fail "$* did not start"
		[ $SECONDS -lt $end ] || fail "$* wrote no port file"
		sleep 0.01
	done
}

# finished NAME : waits for the receiver to end by itself
finished() {
	local end=$((SECONDS + deadline))
	while kill -0 "$job" 2>/dev/null; do
		[ $SECONDS -lt $end ] || fail "$1 goes on after its last client"
		sleep 0.01
	done
	wait "$job" || fail "$1 failed"
	job=
}

# start RECEIVER CONNS
start() {
	case $1 in
	floor)	receive ./bench/floor "$tmp/port" "$2" $((4 << 20)) ;;
	floor64k) receive ./bench/floor "$tmp/port" "$2" $((64 << 10)) ;;
	*)	receive ./resptap --listen=0 --port-file="$tmp/port" \
		    --count="$2" --reply=none -f "$1" -s recv ;;
	esac
}

# measure RECEIVER KIND CONNS : one run; adds a line "USER SYS TOTAL MB/S" (CPU
# seconds per GB) to $tmp/RECEIVER.KIND.CONNS
measure() {
	local load send=$mb
	[ "$1" != text ] || send=$((mb / 4))
	start "$1" "$3"
	load=$($on_last ./bench/load "$(head -n 1 "$tmp/port")" "$3" \
	    "${send}000000" "$2" $chunk) || fail "load failed with $1"
	finished "$1"
	echo "$load $(cat "$tmp/cpu")" | awk '$1 == "sent" && NF == 8 {
		gb = $2 / 1e9
		print $7 / gb, $8 / gb, ($7 + $8) / gb, $2 / 1e6 / $4; ok = 1
	} END { exit !ok }' >>"$tmp/$1.$2.$3" || fail "not understood: $load"
}

# column FILE N RANK : the RANK-th smallest of column N
column() {
	cut -d ' ' -f "$2" "$1" | sort -g | sed -n "$3p"
}

# row RECEIVER KIND CONNS : medians, and the least and the most total
row() {
	local f=$tmp/$1.$2.$3 mid=$(((runs + 1) / 2))
	echo "$(column "$f" 1 $mid) $(column "$f" 2 $mid)" \
	    "$(column "$f" 3 $mid) $(column "$tmp/$base.$2.$3" 3 $mid)" \
	    "$(column "$f" 3 1) $(column "$f" 3 "$runs")" \
	    "$(column "$f" 4 $mid)" |
	awk -v data="$2" -v conns="$3" -v name="${names[$1]}" '{
		printf "%-7s %5d  %-13s %6.3f %6.3f %6.3f %6.2f   %.3f-%.3f %6d\n",
		    data, conns, name, $1, $2, $3, ($4 > 0 ? $3 / $4 : 0), $5, $6, $7
	}'
}

for program in ./resptap ./bench/floor ./bench/load; do
	[ -x $program ] || {
		echo "bench: $program is missing; run 'make bench'" >&2
		exit 1
	}
done
: >"$tmp/stderr"

echo "$(./resptap --version 2>&1 | head -n 1), $(date -u +%Y-%m-%d)," \
    "$(uname -sr), $(nproc) x" \
    "$(sed -n '/^model name/{s/.*: //p;q;}' /proc/cpuinfo)"
echo "CPU seconds of the receiver per GB, median of $runs runs;"
echo "$mb MB each (text: $((mb / 4)) MB), $pinned"
echo
echo 'data    conns  receiver        user    sys  total  ratio   least-most    MB/s'
for kind in random set; do
	for conns in 1 50; do
		for ((run = 0; run < runs; run++)); do
			for receiver in $receivers; do
				measure "$receiver" $kind $conns
			done
		done
		for receiver in $receivers; do
			row "$receiver" $kind $conns
		done
	done
done
