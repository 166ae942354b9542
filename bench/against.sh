#!/usr/bin/env bash
# This resptap against an older one, run in turn, so that the machine's moods
# meet both:
#
#     OLD=/path/to/older/resptap make bench ROWS=against
. "$(dirname "$0")/lib.sh"

[ -x "${OLD:-}" ] || fail 'against: OLD=PROGRAM says which older resptap to run'
RUNS=11
[ -z "$QUICK" ] || RUNS=3
export MIDDLE=$(((RUNS + 1) / 2))
declare -A programs=([old]=$OLD [new]=./resptap)
declare -A commands=([1]=100000 [16]=800000 [64]=1600000)
# By row: the most that new may cost, as a part of old.
declare -A goals=([stub.1]=1.15 [stub.16]=1.15 [stub.64]=1.15 [relay.1]=1.15
	[relay.16]=1.10 [relay.64]=1.10 [raw.1]=1.05 [raw.50]='')
declare -A idle=([stub]=1350 [relay]=2600)	# bytes for a connection

# start WHICH NAME ARG...: the old or the new one, as a server of that name.
start() {
	RESPTAP=${programs[$1]} start_resptap "$2" "${@:3}"
}

# row NAME COLUMN: the medians of $T/NAME.old and $T/NAME.new, and what the
# second is of the first: the median of the pairs.
row() {
	local ratio
	paste -d ' ' "$T/$1.new" "$T/$1.old" | awk -v c="$2" '{
		print $c / $(c + NF / 2)
	}' >"$T/$1.ratios"
	ratio=$(median "$1.ratios" 1 | awk '{ printf "%.2f", $1 }')
	printf '%-10s %8s %8s %6s  %-13s %s\n' "$1" "$(median "$1.old" "$2")" \
	    "$(median "$1.new" "$2")" "$ratio" \
	    "$(rank "$1.ratios" 1 1 | cut -c 1-4)-$(rank "$1.ratios" 1 "$RUNS" |
	    cut -c 1-4)" "$(verdict "$ratio" "${goals[$1]:-}")"
}

# answering KIND PIPELINE: CPU per million commands.
answering() {
	local n which run
	n=$(quantity "${commands[$2]}")
	for ((run = 0; run < RUNS; run++)); do
		for which in old new; do
			empty_trace "$n"
			ask "$1.$2.$which" "${ADDR[$1.$which]}" set 50 "$2" \
			    "$n" "$1.$which"
		done
	done
	row "$1.$2" 5
}

# receiving CONNS: CPU seconds per GB, raw, to /dev/null.
receiving() {
	local which run mb
	mb=$(quantity 2000)
	for ((run = 0; run < RUNS; run++)); do
		for which in old new; do
			start $which raw.$which --reply=none -f raw -s recv \
			    -o /dev/null
			$ON_LAST ./bench/load "${ADDR[raw.$which]}" "$1" \
			    "${mb}000000" random 262144 >"$T/load" ||
			    fail 'bench/load failed'
			cpu_of raw.$which | awk -v mb="$mb" '{
				printf "%.3f\n", $1 * 1000 / mb
			}' >>"$T/raw.$1.$which"
			stop raw.$which
		done
	done
	row "raw.$1" 1
}

# cpu_of NAME: the CPU seconds that a server has used.
cpu_of() {
	awk -v hz="$(getconf CLK_TCK)" '{ print ($14 + $15) / hz }' \
	    "/proc/${PID[$1]}/stat"
}

cat <<'END'
AGAINST: an older resptap and this one, in turn.  CPU: seconds per million SETs
of 50 clients (stub: -s cmd; relay: -s cmd,reply), per GB received in raw.
Ratio: the median of the pairs.

row             old      new  ratio  least-most    goal, at most
END
start_redis
for which in old new; do
	start $which stub.$which -s cmd -o "$T/trace"
	start $which relay.$which -u "${ADDR[redis]}" -s cmd,reply -o "$T/trace"
	until_it relay.$which answers relay.$which ||
	    fail 'the relay does not answer'
done
for kind in stub relay; do
	for pipeline in 1 16 64; do
		answering $kind $pipeline
	done
done
receiving 1
receiving 50

echo
echo 'idle           bytes of new for each connection, goal at most'
for kind in stub relay; do
	n=$(quantity 5000)
	for ((run = 0; run < 3; run++)); do
		if [ $kind = stub ]; then
			start new idle -s cmd -o "$T/trace"
		else
			start new idle -u "${ADDR[redis]}" -s close \
			    -o "$T/trace"
			until_it idle answers idle || fail 'no answer'
		fi
		$ON_LAST ./bench/conns "${ADDR[idle]}" hold "$n" 1 \
		    "${PID[idle]}" >>"$T/hold.$kind" || fail 'bench/conns failed'
		stop idle
	done
	awk -v n="$n" '{ printf "%.0f\n", $4 / n }' "$T/hold.$kind" \
	    >"$T/bytes.$kind"
	bytes=$(rank "bytes.$kind" 1 2)
	printf '%-10s %8s  %s\n' $kind "$bytes" \
	    "$(verdict "$bytes" "${idle[$kind]}")"
done
