#!/usr/bin/env bash
# Fairness: while a client floods, and reads what it gets as fast as it can, its
# neighbours are answered and SIGTERM ends the daemon.  The bounds are wide, for
# busy machines; a loop that a flood keeps for itself never comes to either.
. "${srcdir:-.}/tests/lib.sh"

need redis-server

pings=50		# of a neighbour, one after the other
patience=10		# seconds for all of them

flooders=()

# flood [N] TEXT: clients that send TEXT again and again, and read.
flood() {
	local n=1 i
	[ $# -eq 1 ] || { n=$1; shift; }
	for ((i = 0; i < n; i++)); do
		# shellcheck disable=SC2094 # a socket has two directions
		{
			exec 5<>"/dev/tcp/127.0.0.1/$PORT"
			cat <&5 >/dev/null &
			yes "$1" >&5
		} 2>/dev/null &
		flooders+=($!)
	done
}


# is_busy: whether the daemon has worked for 200 ms.
is_busy() {
	cat "/proc/$PID/task/"*/schedstat |
	    awk '{ ns += $1 } END { exit ns < 200000000 }'
}

# neighbour WHAT: it is answered, and the end comes in order.
neighbour() {
	local what=$1 since i

	poll 20 is_busy || fail "$what: no flood"
	exec 6<>"/dev/tcp/127.0.0.1/$PORT" || fail "$what: no connection"
	since=$SECONDS
	for ((i = 0; i < pings; i++)); do
		printf 'PING\r\n' >&6
		read -r -t $patience <&6 && [[ $REPLY == +PONG* ]] ||
		    fail "$what: a neighbour waits for its PONG $i: $REPLY"
	done
	((SECONDS - since <= patience)) ||
	    fail "$what: a neighbour has $pings PONGs in $((SECONDS - since)) s"
	since=$SECONDS
	stop
	exec 6<&-
	is "the status after $what" 0 "$STATUS"
	((SECONDS - since <= 4)) ||
	    fail "$what: the stop takes $((SECONDS - since)) s"
	for i in "${flooders[@]}"; do
		wait "$i"
	done
	flooders=()
}

printf 'GET big => "%s"\n' "$(head -c 20000 /dev/zero | tr '\0' x)" >"$T/rules"

for threads in 1 2; do
	for text in COMMAND INFO 'CLIENT LIST' PING; do
		start --threads=$threads -o /dev/null
		flood $((2 * threads)) "$text"
		neighbour "$text, threads $threads"
	done
	start --threads=$threads -o /dev/null
	flood $threads MONITOR
	flood $((2 * threads)) PING
	neighbour "MONITOR beside PINGs, threads $threads"
done

start --reply=echo -o /dev/null
flood 2 'some bytes that come back'
exec 6<>"/dev/tcp/127.0.0.1/$PORT"
printf 'PING\r\n' >&6
read -r -t $patience <&6 && [[ $REPLY == \*1* ]] ||
    fail "--reply=echo: a neighbour waits: $REPLY"
exec 6<&-
stop
is 'the status after --reply=echo' 0 "$STATUS"
for i in "${flooders[@]}"; do
	wait "$i"
done
flooders=()

start --answers="$T/rules" -o /dev/null
flood 2 'GET big'
neighbour 'large scripted replies'

start_redis
head -c 100000 /dev/zero | redis-cli -s "${UP#unix:}" -x set big >/dev/null
start --upstream="$UP" -o /dev/null
# No more at a time than the server itself can be fair with.
redis-benchmark -p "$PORT" -c 20 -P 16 -n 100000000 GET big \
    >"$T/benchmark" 2>&1 &
flooders+=($!)
neighbour 'large values through a relay'
kill "$REDIS"
wait "$REDIS"
