#!/usr/bin/env bash
# The stub that prints every command to a file, and redis-server, which prints
# nothing.
. "$(dirname "$0")/lib.sh"

conns=50
declare -A commands=([1]=100000 [16]=1000000 [64]=2000000)
# References, by pipeline, of redis-server's: CPU and requests/s.
declare -A costs=([1]=1.00 [16]=0.80 [64]=0.60)
declare -A rates=([1]=0.95 [16]=1.10 [64]=2.00)
declare -A names=([redis]='redis-server' [stub]='resptap -s cmd')

servers='stub'
cat <<END
STUB: $conns clients, SET key:NNNNNNNNNNNN <32 bytes>.  resptap -q -s cmd -o FILE
answers and prints each command; redis-server prints nothing.  CPU: seconds of
the server per million commands.  Ratios: to redis-server, each with its
reference.
END
! has redis-server || {
	servers='redis stub'
	start_redis
}
start_resptap stub -s cmd -o "$T/trace"

# row SERVER PIPELINE
row() {
	local file=$1.$2 base=redis.$2 cpu speed cost='' pace=''
	cpu=$(ratio "$(median "$file" 5)" "$(median "$base" 5)")
	speed=$(ratio "$(median "$file" 1)" "$(median "$base" 1)")
	[ "$1" = redis ] || cost=${costs[$2]} pace=${rates[$2]}
	printf '%8d  %-14s %7.3f %6s  %-13s %-10s %10s %6s  %s\n' "$2" \
	    "${names[$1]}" "$(median "$file" 5)" "$cpu" "$(range "$file" 5)" \
	    "$cost" "$(rate "$file" 1 4)" "$speed" "$pace"
}

cat <<'END'

pipeline  server             CPU  ratio  least-most    reference  requests/s  ratio  reference
END
for pipeline in 1 16 64; do
	n=$(quantity "${commands[$pipeline]}")
	for ((run = 0; run < RUNS; run++)); do
		for server in $servers; do
			empty_trace "$n"
			ask "$server.$pipeline" "${ADDR[$server]}" set $conns \
			    "$pipeline" "$n" "$server"
		done
	done
	for server in $servers; do
		row "$server" "$pipeline"
	done
done
