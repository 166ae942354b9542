#!/usr/bin/env bash
# Memory: bounded, whatever a client declares or sends.
. "${srcdir:-.}/tests/lib.sh"
! grep -q -a __asan_init "$RESPTAP" || skip 'a sanitizer needs its own memory'

# memory FIELD: VmRSS or VmHWM, in KiB.
memory() {
	awk -v field="$1:" '$1 == field { print $2 }' "/proc/$PID/status"
}

# at_most WHAT LIMIT VALUE
at_most() {
	[ "$3" -le "$2" ] || fail "$1 takes $3, more than $2"
}

peer() {
	"$PEER" "$@" || fail "peer: $*"
}

set_of() {
	printf '*3\\r\\n$3\\r\\nSET\\r\\n$1\\r\\nk\\r\\n$%d\\r\\n' "$1"
}

# A bulk string of 512 MiB, 64 of them in 200-byte writes, which take a while.
start --time=none -o /dev/null
peer "127.0.0.1:$PORT" pieces:200 send:"$(set_of 536870912)" \
    random:67108864,1 pieces:0 random:469762048,1 'send:\r\n' \
    'expect:+OK\r\n'
at_most 'a bulk of 512 MiB' 32768 "$(memory VmHWM)"

# A count of a million, and then nothing; a bulk of 512 MiB announced by 1,000.
before=$(memory VmRSS)
"$PEER" -n 1000 "127.0.0.1:$PORT" 'send:*1048576\r\n' \
    "send:\$3\r\nSET\r\n\$536870912\r\nx" taken touch:"$T/there" \
    await:"$T/seen" &
client=$!
poll 60 [ -e "$T/there" ] || fail 'a thousand clients'
at_most 'a thousand announcements' 16384 $(($(memory VmRSS) - before))
touch "$T/seen"
wait $client || fail 'a thousand clients'

# Pipelines that are never read, of commands with large replies: what is unsent
# is bounded for each, and at 256 MiB for all of them.
settled() {
	local last=$rss
	rss=$(memory VmRSS)
	[ "$rss" = "$last" ]
}
rss=
before=$(memory VmRSS)
"$PEER" -b 4096 -n 20 "127.0.0.1:$PORT" stuff:'COMMAND\r\n' \
    touch:"$T/stuffed" await:"$T/enough" close >/dev/null &
client=$!
poll 60 [ -e "$T/stuffed" ] || fail 'twenty floods do not come to a stop'
poll 60 settled || fail 'the replies to twenty floods have no end'
at_most 'twenty clients that do not read' $((288 * 1024)) $((rss - before))
touch "$T/enough"
wait $client || fail 'twenty floods'
stop

# Commands with large replies while nobody reads the trace.
mkfifo "$T/pipe"
rm -f "$T/port"
"$RESPTAP" --listen=0 --port-file="$T/port" >"$T/pipe" 2>"$T/err" &
PID=$!
exec 3<"$T/pipe"
poll 20 [ -s "$T/port" ]
before=$(memory VmRSS)
"$PEER" "$(cat "$T/port")" repeat=2000:'COMMAND\r\n' shut \
    save:"$T/replies" &
client=$!
no_more_comes() {
	local last=$now
	now=$(stat -c %s "$T/replies" 2>/dev/null)
	[ -n "$now" ] && [ "$now" = "$last" ]
}
now=
poll 60 no_more_comes || fail 'it goes on with nobody reading the trace'
at_most 'a trace that nobody reads' 32768 $(($(memory VmRSS) - before))
cat <&3 >/dev/null &
wait $client || fail 'two thousand COMMANDs'
exec 3<&-
stop
is 'the exit status' 0 "$STATUS"

# Ten thousand connections, idle and after a PING.
conns=10000
[ "$(ulimit -H -n)" = unlimited ] || [ "$(ulimit -H -n)" -gt 10100 ] ||
    skip 'the limit of descriptors is too low for ten thousand clients'
start --time=none -o /dev/null
peer -n 10 "127.0.0.1:$PORT" 'send:PING\r\n' 'expect:+PONG\r\n'
before=$(memory VmRSS)
"$PEER" -n $conns "127.0.0.1:$PORT" touch:"$T/idle" await:"$T/go" \
    'send:PING\r\n' 'expect:+PONG\r\n' touch:"$T/pinged" await:"$T/end" &
client=$!
all_there() {
	[ "$(find "/proc/$PID/fd" -mindepth 1 | wc -l)" -gt $conns ]
}
poll 60 all_there || fail "not all of $conns clients are accepted"
at_most 'an idle connection, in bytes,' 1638 \
    $((($(memory VmRSS) - before) * 1024 / conns))
touch "$T/go"
poll 60 [ -e "$T/pinged" ] || fail 'not all are answered'
at_most 'a connection after a PING, in bytes,' 1638 \
    $((($(memory VmRSS) - before) * 1024 / conns))
touch "$T/end"
wait $client || fail "$conns clients"
stop
is 'the exit status' 0 "$STATUS"
