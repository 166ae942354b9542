#!/usr/bin/env bash
# The CPU time that receiving a GB costs, for the floor and for resptap in the
# raw and the text format, its trace thrown away.
. "$(dirname "$0")/lib.sh"

mb=2000 conns_list='1 50'
[ -z "$QUICK" ] || mb=200 conns_list='50'
receivers='floor floor64k raw text'	# text gets a quarter of the MB: it is slow
declare -A names=([floor]='floor' [floor64k]='floor, 64 KiB'
	[raw]='resptap raw' [text]='resptap text')
declare -A goals=([raw]=1.15 [text]=2.00)	# total, of the floor's
chunk=262144			# per write of the load; steadier than 64 KiB

# receive CMD ARG... : in the background; its CPU seconds, those of all its
# threads, go to $T/cpu
receive() {
	rm -f "$T/port"
	{
		TIMEFORMAT='%3U %3S'
		# shellcheck disable=SC2086 # a command and its arguments
		time $ON_OTHERS "$@" </dev/null >/dev/null 2>"$T/stderr"
	} 2>"$T/cpu" &
	PID[receiver]=$!
	until_it receiver test -s "$T/port" || receiver_failed "$*"
}

receiver_failed() {
	cat "$T/stderr" >&2
	fail "$1 failed"
}

ended() {
	! kill -0 "${PID[receiver]}" 2>/dev/null
}

# start RECEIVER CONNS
start() {
	case $1 in
	floor)	receive ./bench/floor "$T/port" print "$2" $((4 << 20)) ;;
	floor64k) receive ./bench/floor "$T/port" print "$2" $((64 << 10)) ;;
	*)	receive ./resptap --listen=0 --port-file="$T/port" \
		    --count="$2" --reply=none -f "$1" -s recv ;;
	esac
}

# measure RECEIVER KIND CONNS : one run; adds a line "USER SYS TOTAL MB/S" (CPU
# seconds per GB) to $T/RECEIVER.KIND.CONNS
measure() {
	local load send=$mb
	[ "$1" != text ] || send=$((mb / 4))
	start "$1" "$3"
	load=$($ON_LAST ./bench/load "$(head -n 1 "$T/port")" "$3" \
	    "${send}000000" "$2" $chunk) || fail "load failed with $1"
	until_it receiver ended
	wait "${PID[receiver]}" || receiver_failed "$1"
	unset 'PID[receiver]'
	echo "$load $(cat "$T/cpu")" | awk '$1 == "sent" && NF == 8 {
		gb = $2 / 1e9
		printf "%.3f %.3f %.3f %.0f\n", $7 / gb, $8 / gb,
		    ($7 + $8) / gb, $2 / 1e6 / $4
		ok = 1
	} END { exit !ok }' >>"$T/$1.$2.$3" || fail "not understood: $load"
}

# row RECEIVER KIND CONNS : noise has no goal in text, where it is \xHH
row() {
	local file=$1.$2.$3 goal=${goals[$1]:-} ratio
	[ "$1.$2" != text.random ] || goal=
	ratio=$(ratio "$(median "$file" 3)" "$(median "floor.$2.$3" 3)")
	printf '%-7s %5d  %-13s %6.3f %6.3f %6.3f %6s  %-11s %6d  %s\n' "$2" \
	    "$3" "${names[$1]}" "$(median "$file" 1)" "$(median "$file" 2)" \
	    "$(median "$file" 3)" "$ratio" "$(range "$file" 3)" \
	    "$(median "$file" 4)" "$(verdict "$ratio" "$goal")"
}

cat <<END
SINK: resptap --reply=none -s recv prints all that it receives to /dev/null; so
does the floor, a bare epoll loop with long reads (and one with short ones).
CPU seconds per GB, $mb MB each (text: $((mb / 4)) MB).  Ratio: of the total to
the floor's.  data: random bytes, lines of text, or SET commands in a pipeline.

data    conns  receiver        user    sys  total  ratio  least-most    MB/s  goal, at most
END
for kind in random text set; do
	for conns in $conns_list; do
		for ((run = 0; run < RUNS; run++)); do
			for receiver in $receivers; do
				measure "$receiver" $kind $conns
			done
		done
		for receiver in $receivers; do
			row "$receiver" $kind $conns
		done
	done
done
