#!/usr/bin/env bash
# The sink: what is in the trace is what was sent, byte for byte, however a
# connection ends and however slow the trace's reader is.
. "${srcdir:-.}/tests/lib.sh"

bytes=${SINK_BYTES:-20000000}

# sink FORMAT CONNS: starts a daemon that only records, into $T/trace.
sink() {
	start --reply=none --format="$1" --show=recv --time=none --count="$2"
}

# raw STEP...: one client sends random bytes and ends like that.
raw() {
	sink raw 1
	"$PEER" "127.0.0.1:$PORT" random:"$bytes",7 "$@" || fail "peer: $*"
	await_exit
	is "the exit status after $*" 0 "$STATUS"
	"$PEER" --random="$bytes",7 | cmp - "$T/trace" ||
	    fail "what is in the trace is not what was sent: $*"
}

raw close
raw shut eof
raw taken reset

# Many clients at once, each told from the others; in text turned back into
# bytes, and read by somebody who stalls.
conns=50
mkfifo "$T/pipe"
sink_into_pipe() {
	"$RESPTAP" --listen=0 --port-file="$T/port" --reply=none --show=recv \
	    --time=none --count=$conns >"$T/pipe" 2>"$T/err" &
	PID=$!
}
rm "$T/port"
sink_into_pipe
exec 3<"$T/pipe"	# opened, so that the daemon starts; not read
poll 20 listens_or_gone
each=$((bytes / conns))
IFS= read -r address <"$T/port"
PORT=${address##*:}
"$PEER" -n $conns "$address" random:$each,1 shut eof &
client=$!
# The pipe and the queue fill up, until nothing moves any more.
poll 20 stalled || fail 'the daemon goes on with nobody reading'
cat <&3 >"$T/text"
exec 3<&-
wait $client || fail "a client failed"
await_exit
is 'the exit status after a stall' 0 "$STATUS"
mkdir "$T/back"
"$PEER" --unescape="$T/back" recv <"$T/text" || fail 'the trace is not text'
is 'connections in the trace' $conns "$(find "$T/back" -type f | wc -l)"
for ((i = 1; i <= conns; i++)); do
	"$PEER" --random=$each,$i | cksum
done | sort >"$T/sent.sums"
for file in "$T/back"/*; do
	cksum <"$file"
done | sort >"$T/back.sums"
cmp "$T/sent.sums" "$T/back.sums" ||
    fail 'the trace turned back is not what the clients sent'

# A reset because our replies were not read: what had come is all there.
start --show=recv,send,close --time=none
"$PEER" "127.0.0.1:$PORT" repeat=20000:'PING\r\n' taken await:"$T/go" close &
client=$!
all_is_sent() {
	[ "$("$PEER" --unescape send <"$T/trace" | wc -c)" -eq 140000 ]
}
poll 20 all_is_sent || fail 'not every PING is answered'
touch "$T/go"
wait $client || fail 'peer: PINGs without reading'
wait_for "$T/trace" '^#1 close'
is 'the bytes before a reset' 120000 \
    "$("$PEER" --unescape recv <"$T/trace" | wc -c)"
has "$T/trace" '^#1 close reset; received 120000 bytes'
stop

# The same from a client that resets on purpose, with data still queued.
start --show=recv,close --time=none --reply=none
"$PEER" -n 20 "127.0.0.1:$PORT" random:100000,3 taken reset ||
    fail 'peer: reset'
closes() {
	[ "$(grep -c ' close ' "$T/trace")" = 20 ]
}
poll 20 closes || fail 'not every reset closes its connection'
stop
is 'closes after resets' 20 \
    "$(grep -c 'close reset; received 100000 bytes' "$T/trace")"
