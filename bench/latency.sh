#!/usr/bin/env bash
# The latencies that the trace of a relay tells, and those that its client sees.
. "$(dirname "$0")/lib.sh"

conns=50
declare -A commands=([1]=30000 [16]=100000)

echo "LATENCY: $conns clients, ECHO <32 bytes> through a relay that prints replies" \
    'as JSON.'
has redis-server && has relay || exit 0
start_redis
start_resptap relay -u "${ADDR[redis]}" -f json -s reply -o "$T/trace"
until_it relay answers relay || fail 'the relay does not answer'

# traced FILE COMMANDS: adds the median of the trace's latencies to $T/FILE
traced() {
	sed -n 's/.*"latency_us":\([0-9]*\).*/\1/p' "$T/trace" | sort -n |
	awk -v want="$2" '{ us[NR] = $1 } END {
		if (NR < want)
			exit 1
		print us[int((NR + 1) / 2)]
	}' >>"$T/$1" || fail "there are not $2 replies in the trace"
}

cat <<'END'
client: from the sending of a batch to the read that completes a reply.  trace:
latency_us of the reply records.  Medians in us; ratio: trace to client.

pipeline   client  least-most         trace  least-most      ratio
END
for pipeline in 1 16; do
	n=$(quantity "${commands[$pipeline]}")
	for ((run = 0; run < RUNS; run++)); do
		: >"$T/trace"
		ask "client.$pipeline" "${ADDR[relay]}" echo $conns \
		    "$pipeline" "$n" relay
		traced "trace.$pipeline" "$n"
	done
	client=$(median "client.$pipeline" 2)
	trace=$(median "trace.$pipeline" 1)
	printf '%8d %8d  %-15s %8d  %-15s %5s\n' $pipeline "$client" \
	    "$(range "client.$pipeline" 2)" "$trace" \
	    "$(range "trace.$pipeline" 1)" "$(ratio "$trace" "$client")"
done
