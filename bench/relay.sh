#!/usr/bin/env bash
# The relay, and what else can stand between a client and a server.
. "$(dirname "$0")/lib.sh"

conns=50
declare -A commands=([1]=60000 [16]=400000 [64]=800000)
# References, by path and pipeline, of HAProxy's: CPU and requests/s.
declare -A costs=([show.1]=1.10 [show.16]=1.25 [show.64]=1.25
	[quiet.1]=0.90 [quiet.16]=0.90 [quiet.64]=0.90)
declare -A rates=([show.1]=1.00 [show.16]=0.90 [show.64]=0.90)
monitored=3.00	# requests/s, of those beside a MONITOR, pipeline 16
alone=1.00	# p50 of -s close, of HAProxy's, one client
declare -A names=([direct]='direct' [show]='resptap cmd,reply'
	[quiet]='resptap -s close' [haproxy]='HAProxy' [socat]='socat, forking'
	[floor]='bare epoll loop' [monitor]='direct + MONITOR')

echo "RELAY: $conns clients, SET key:NNNNNNNNNNNN <32 bytes>, redis-server" \
    'behind.'
has redis-server || exit 0
start_redis
paths='direct'
! has relay || {
	paths+=' show quiet'
	start_resptap show -u "${ADDR[redis]}" -s cmd,reply -o "$T/trace"
	start_resptap quiet -u "${ADDR[redis]}" -s close -o "$T/trace"
	until_it show answers show || fail 'the relay does not answer'
	until_it quiet answers quiet || fail 'the relay does not answer'
}
! has haproxy || {
	paths+=' haproxy'
	start_haproxy
}
paths+=' floor'
start_floor relay "${ADDR[redis]}"
! has socat || {
	paths+=' socat'
	start_socat
}
! has redis-cli || paths+=' monitor'

# measure PATH FILE CONNS PIPELINE COMMANDS
measure() {
	local addr=${ADDR[redis]} watch=(redis)
	empty_trace "$5"
	case $1 in
	direct)	;;
	monitor)
		start_monitor
		watch+=(monitor) ;;
	*)	addr=${ADDR[$1]}
		watch+=("$1") ;;
	esac
	ask "$2" "$addr" set "$3" "$4" "$5" "${watch[@]}"
	[ "$1" != monitor ] || stop monitor
}

# cpu_row PATH PIPELINE
cpu_row() {
	local file=$1.$2 cpu redis part
	cpu=$(median "$file" 6)
	redis=$(median "$file" 5)
	part=$(ratio "$cpu" "$(median "haproxy.$2" 6)")
	printf '%8d  %-17s %7s %6s  %-13s  %-10s %7s %6s\n' "$2" \
	    "${names[$1]}" "${cpu:--}" "$part" \
	    "$([ -z "$cpu" ] || range "$file" 6)" \
	    "${costs[$file]:-}" "$redis" \
	    "$(ratio "$redis" "$(median "direct.$2" 5)")"
}

# speed_row PATH PIPELINE
speed_row() {
	local file=$1.$2 part
	part=$(ratio "$(median "$file" 1)" "$(median "haproxy.$2" 1)")
	printf '%8d  %-17s %9s %6s %7s  %-15s %-10s %6s\n' "$2" \
	    "${names[$1]}" "$(rate "$file" 1 4)" \
	    "$(ratio "$(median "$file" 1)" "$(median "direct.$2" 1)")" \
	    "$part" "$(range "$file" 1)" \
	    "${rates[$file]:-}" "$(median "$file" 2)"
}

# rows FUNCTION
rows() {
	local pipeline path
	for pipeline in 1 16 64; do
		for path in $paths; do
			"$1" "$path" "$pipeline"
		done
	done
}

for pipeline in 1 16 64; do
	n=$(quantity "${commands[$pipeline]}")
	for ((run = 0; run < RUNS; run++)); do
		for path in $paths; do
			measure "$path" "$path.$pipeline" $conns "$pipeline" \
			    "$n"
		done
	done
done

cat <<'END'
CPU: seconds per million commands.  First of what stands between client and
server (direct + MONITOR: of the redis-cli that runs MONITOR), with its ratio to
HAProxy's and a reference for that; then of redis-server, with its ratio to
direct.

pipeline  path                  CPU  ratio  least-most     reference    redis  ratio
END
rows cpu_row
cat <<'END'

Speed, from the same runs.  Ratios: to direct and to HAProxy; the reference is
for the latter.  p50: median latency in us.

pipeline  path             requests/s direct HAProxy  least-most      reference     p50
END
rows speed_row
part=$(ratio "$(median show.16 1)" "$(median monitor.16 1)")
echo "Pipeline 16, cmd,reply to direct + MONITOR: $part; reference: $monitored"

cat <<'END'

The same with one client: latencies in us.  Ratio: of p50 to HAProxy's.

pipeline  path                  p50  ratio  least-most           p99  reference
END
n=$(quantity 10000)
for ((run = 0; run < RUNS; run++)); do
	for path in $paths; do
		measure "$path" "$path.alone" 1 1 "$n"
	done
done
for path in $paths; do
	p50=$(median "$path.alone" 2)
	part=$(ratio "$p50" "$(median haproxy.alone 2)")
	reference=
	[ "$path" != quiet ] || reference=$alone
	printf '%8d  %-17s %7d %6s  %-15s %8d  %s\n' 1 "${names[$path]}" \
	    "$p50" "$part" "$(range "$path.alone" 2)" \
	    "$(median "$path.alone" 3)" "$reference"
done
