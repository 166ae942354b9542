#!/usr/bin/env bash
# The latencies that the trace of a relay tells, beside those that its client
# sees, less the hop between the two.  What is left is what the client waited for
# the relay itself.
. "$(dirname "$0")/lib.sh"

conns=50
declare -A commands=([1]=30000 [16]=100000)

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

# less TRACE WAY: the part of the way that is not in the trace
less() {
	awk "BEGIN { printf \"%.2f\", 1 - $1 / $2 }"
}

cat <<'END'
client: from the sending of a batch to the read that completes a reply.  hop: the
same of a stub that answers one client at once.  trace: latency_us of the reply
records.  Medians in us.  less: the part of client - hop that the trace leaves
out.

pipeline   client  least-most     hop    trace  least-most       less
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
	printf '%8d %8d  %-12s %5d %8d  %-15s %5s\n' $pipeline "$client" \
	    "$(range "client.$pipeline" 2)" "$hop" "$trace" \
	    "$(range "trace.$pipeline" 1)" \
	    "$(less "$trace" $((client - hop)))"
	rm "$T/hop"
done
