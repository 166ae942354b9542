#!/usr/bin/env bash
# What connections cost: idle ones, short ones, many.
. "$(dirname "$0")/lib.sh"

declare -A names=([redis]='redis-server' [stub]='resptap -s cmd'
	[relay]='resptap -u -s close' [haproxy]='HAProxy'
	[floor]='bare epoll loop')
declare -A goals=([stub]=1350 [relay]=2600)	# bytes per idle connection
short=2.00	# a reference: connections/s, of redis-server's
many=1.20	# cost of a command at most, of that with ten connections
idle=3 idle_conns=10000		# seconds; through a relay half as many
[ -z "$QUICK" ] || idle=1 idle_conns=2000

# start SERVER
start() {
	case $1 in
	redis)	start_redis ;;
	stub)	start_resptap stub -s cmd -o "$T/trace" ;;
	relay)	start_resptap relay -u "${ADDR[redis]}" -s close -o "$T/trace"
		until_it relay answers relay ||
		    fail 'the relay does not answer' ;;
	haproxy) start_haproxy ;;
	floor)	start_floor answer ;;
	esac
}

# conns FILE SERVER ARG...: one run of bench/conns; adds its line to $T/FILE
conns() {
	local file=$T/$1 server=$2
	shift 2
	$ON_LAST ./bench/conns "${ADDR[$server]}" "$@" "${PID[$server]}" \
	    >>"$file" || fail "bench/conns $* failed"
}

# hold SERVER CONNS: each run has a new server, which has freed nothing yet.
hold() {
	local run
	for ((run = 0; run < RUNS; run++)); do
		case $1 in
		relay|haproxy) start redis ;;
		esac
		start "$1"
		conns "hold.$1" "$1" hold "$2" $idle
		stop "$1"
		[ -z "${PID[redis]:-}" ] || stop redis
	done
	awk -v n="$2" '{ printf "%.0f\n", $4 / n }' "$T/hold.$1" \
	    >"$T/bytes.$1"
	local bytes
	bytes=$(median "bytes.$1" 1)
	printf '%-20s %7d %7d  %-15s %s\n' "${names[$1]}" "$2" "$bytes" \
	    "$(range "bytes.$1" 1)" \
	    "$(verdict "$bytes" "${goals[$1]:-}")"
}

# at_most N LIMIT
at_most() {
	echo $(($1 < $2 ? $1 : $2))
}

cat <<'END'
CONNECTIONS: bytes that the server process (the relay, not the redis-server
behind it) grows by for each connection that is idle after one PING.
END
servers='stub' behind=''
! has redis-server || {
	servers='redis stub'
	! has relay || behind+=' relay'
	! has haproxy || behind+=' haproxy'
}
echo
echo 'server                 conns   bytes  least-most       goal, at most'
for server in $servers; do
	hold "$server" "$(at_most $idle_conns $((FILES - 500)))"
done
for server in $behind; do
	hold "$server" "$(at_most $((idle_conns / 2)) \
	    $(((FILES - 500) / 2)))"
done

# The floor: what the kernel alone costs.
servers+=' floor'
for server in $servers; do
	start "$server"
done

# churn_row SERVER
churn_row() {
	local part reference=
	awk '{ printf "%.0f %.3f %.2f\n", $2 / $4, $8 / $2 * 1e6, $6 / $4 }' \
	    "$T/churn.$1" >"$T/churned.$1"
	part=$(ratio "$(median "churned.$1" 1)" "$(median churned.redis 1)")
	[ "$1" != stub ] || reference=$short
	printf '%-20s %8s %6s  %-15s %8s %6s  %s\n' "${names[$1]}" \
	    "$(median "churned.$1" 2)" \
	    "$(ratio "$(median "churned.$1" 2)" \
	    "$(median churned.redis 2)")" "$(range "churned.$1" 2)" \
	    "$(rate "churned.$1" 1 3)" "$part" "$reference"
}

cat <<'END'

Accepting a connection, reading its end of file, closing it; 50 at a time.  CPU:
seconds of the server per million connections.  Ratios: to redis-server.

server                    CPU  ratio  least-most       conns/s  ratio  reference
END
for ((run = 0; run < RUNS; run++)); do
	for server in $servers; do
		: >"$T/trace"
		conns "churn.$server" "$server" churn 50 "$(quantity 40000)"
	done
done
for server in $servers; do
	churn_row "$server"
done

# many_row SERVER CONNS
many_row() {
	local cpu part goal=
	cpu=$(median "many.$1.$2" 5)
	part=$(ratio "$cpu" "$(median "many.$1.10" 5)")
	[ "$1" != stub ] || [ "$2" -le 10 ] || goal=$many
	printf '%-20s %7d %8s %6s %6s  %-15s %8s  %s\n' "${names[$1]}" "$2" \
	    "$cpu" "$part" \
	    "$(ratio "$cpu" "$(median "many.redis.$2" 5)")" \
	    "$(range "many.$1.$2" 5)" "$(rate "many.$1.$2" 1 4)" \
	    "$(verdict "$part" "$goal")"
}

cat <<'END'

Pipeline 1, SET key:NNNNNNNNNNNN <32 bytes>, as many commands over more and more
connections.  CPU: seconds of the server per million commands; ratios to the
same server with 10 connections (few) and to redis-server (redis).

server                 conns      CPU    few  redis  least-most    requests/s  goal, at most
END
for n in 10 100 1000 10000; do
	n=$(at_most $n $((FILES - 500)))
	for ((run = 0; run < RUNS; run++)); do
		for server in $servers; do
			empty_trace "$(quantity 100000)"
			ask "many.$server.$n" "${ADDR[$server]}" set \
			    "$n" 1 "$(quantity 100000)" "$server"
		done
	done
	for server in $servers; do
		many_row "$server" "$n"
	done
done
