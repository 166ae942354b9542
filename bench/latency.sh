#!/usr/bin/env bash
# The latencies that the trace of a relay tells, against those that its client
# sees, less the hop between the two.
. "$(dirname "$0")/lib.sh"

conns=50
declare -A commands=([1]=30000 [16]=100000)
goal=0.10		# how much the two may differ

echo "LATENCY: $conns clients, ECHO <32 bytes> through a relay that prints replies" \
    'as JSON.'
has redis-server && has relay || exit 0
start_redis
start_resptap relay -u "${ADDR[redis]}" -f json -s reply -o "$T/trace"
until_it relay answers relay || fail 'the relay does not answer'
start_resptap stub -s close -o /dev/null

# traced FILE COMMANDS: adds the median of the trace's latencies to $T/FILE
traced() {
	sed -n 's/.*"latency_us":\([0-9]*\).*/\1/p' "$T/trace" | sort -n |
	awk -v want="$2" '{ us[NR] = $1 } END {
		if (NR < want)
			exit 1
		print us[int((NR + 1) / 2)]
	}' >>"$T/$1" || fail "there are not $2 replies in the trace"
}

# differs TRACE WAY: by which part
differs() {
	awk "BEGIN { d = $1 / $2 - 1; printf \"%.2f\", d < 0 ? -d : d }"
}

cat <<'END'
client: from the sending of a batch to the read that completes a reply.  hop: the
same of a stub that answers one client at once.  trace: latency_us of the reply
records.  Medians in us; off: by which part the trace differs from client - hop.

pipeline   client  least-most     hop    trace  least-most        off  goal, at most
END
for pipeline in 1 16; do
	n=$(quantity "${commands[$pipeline]}")
	for ((run = 0; run < RUNS; run++)); do
		: >"$T/trace"
		ask "client.$pipeline" "${ADDR[relay]}" echo $conns \
		    "$pipeline" "$n" relay
		traced "trace.$pipeline" "$n"
		ask hop "${ADDR[stub]}" echo 1 1 "$(quantity 10000)" stub
	done
	client=$(median "client.$pipeline" 2)
	hop=$(median hop 2)
	trace=$(median "trace.$pipeline" 1)
	off=$(differs "$trace" $((client - hop)))
	printf '%8d %8d  %-12s %5d %8d  %-15s %5s  %s\n' $pipeline "$client" \
	    "$(range "client.$pipeline" 2)" "$hop" "$trace" \
	    "$(range "trace.$pipeline" 1)" "$off" "$(verdict "$off" $goal)"
	rm "$T/hop"
done
