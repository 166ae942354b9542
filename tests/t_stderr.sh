#!/usr/bin/env bash
# A stderr that nobody reads stops nothing: clients are served, signals act,
# and whoever reads it later finds what was said.
. "${srcdir:-.}/tests/lib.sh"
need redis-cli
need dd

# A FIFO with a reader that reads nothing, and no room.
mkfifo "$T/full"
exec 9<>"$T/full"
dd if=/dev/zero of="$T/full" bs=4096 oflag=nonblock 2>"$T/out"
has "$T/out" 'temporarily unavailable'

ERR=$T/full

# end: sends SIGTERM and waits.
end() {
	kill -s TERM "$PID"
	wait "$PID"
	STATUS=$?
	PID=
}

# A hundred summaries do not fit into the FIFO and the queue together.
start --show=close --time=none
for i in {1..100}; do
	is "reply $i" PONG "$(redis-cli -p "$PORT" ping)"
	kill -s USR1 "$PID"
done
is 'a reply afterwards' x "$(redis-cli -p "$PORT" echo x)"
end
is 'the exit status' 0 "$STATUS"
is 'the connections' 101 "$(grep -c close "$T/trace")"

# A command line that is refused is no reason to hang either.
"$RESPTAP" --bogus 2>"$T/full"
is 'the exit status' 2 $?

# It is all there once somebody reads.
start --show=close --time=none
is 'a reply' PONG "$(redis-cli -p "$PORT" ping)"
cat <&9 >"$T/read" &
reader=$!
wait_for "$T/read" 'resptap: listening on 127\.0\.0\.1:'
end
kill "$reader"
is 'the exit status' 0 "$STATUS"
