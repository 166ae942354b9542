#!/usr/bin/env bash
# Limits: clients that flood, stall, hang about, or are too many.
. "${srcdir:-.}/tests/lib.sh"

peer() {
	"$PEER" "127.0.0.1:$PORT" "$@" || fail "peer: $*"
}

# fds: how many descriptors the daemon has.
fds() {
	find "/proc/$PID/fd" -mindepth 1 | wc -l
}

# cpu: the processor time it has used, in ticks.
cpu() {
	local stat
	read -r stat <"/proc/$PID/stat"
	# shellcheck disable=SC2086
	set -- ${stat##*) }
	echo $((${12} + ${13}))
}

# A line without end: refused at 64 KiB and a byte.
start --time=none --show=conns,error
too_big='-ERR Protocol error: too big inline request\r\n'
peer repeat=65537:A expect:"$too_big" gone
peer repeat=65536:' ' 'send:\nPING\r\n' 'expect:+PONG\r\n'
# A NUL hides the newline behind it.
peer 'send:\x00\nPING\r\n' repeat=65537:A expect:"$too_big" gone
peer 'send:*\x00' repeat=65537:A \
    'expect:-ERR Protocol error: too big mbulk count string\r\n' gone
peer 'send:*1\r\n$\x00' repeat=65537:A \
    'expect:-ERR Protocol error: too big bulk count string\r\n' gone
poll 20 closes 5
is 'the errors of long lines' 4 "$(grep -c '^#[0-9]* error' "$T/trace")"
has "$T/trace" '^#1 error at 65536 "A": Protocol error: too big inline'
has "$T/trace" '^#3 error at 0 "\\x00": Protocol error: too big inline'

# One byte a packet, and all at once: the same commands and replies.
stop
start --time=none --show=messages
script='PING\r\n*2\r\n$4\r\nECHO\r\n$5\r\nhe\nlo\r\nSET "k\x41" '"'v'"'\r\n'
for way in send drip slice=3; do
	peer "$way:$script" 'expect:+PONG\r\n$5\r\nhe\nlo\r\n+OK\r\n'
done
stop
sed -n -e 's/[0-9]*us/us/' -e 's/^#1 //p' "$T/trace" >"$T/whole"
for conn in 2 3; do
	sed -n -e 's/[0-9]*us/us/' -e "s/^#$conn //p" "$T/trace" |
	    cmp - "$T/whole" || fail "records differ in connection $conn"
done
is 'records in one piece' 6 "$(wc -l <"$T/whole")"

# A client that never reads: we stop reading it, and only it.
start --time=none --show=conns
taken=$("$PEER" -b 4096 "127.0.0.1:$PORT" stuff:'PING\r\n' shut read:7 close)
[ "$taken" -gt 100000 ] || fail "only $taken bytes of PINGs were taken"
[ "$taken" -lt 100000000 ] || fail "$taken bytes of PINGs were taken unread"
"$PEER" -b 4096 -n 20 "127.0.0.1:$PORT" stuff:'PING\r\n' touch:"$T/stuffed" \
    await:"$T/go" close >"$T/taken" &
client=$!
poll 60 [ -e "$T/stuffed" ] || fail 'twenty floods do not come to a stop'
peer 'send:PING\r\n' 'expect:+PONG\r\n'
touch "$T/go"
wait $client || fail 'twenty floods'
poll 20 closes 22 || fail 'connections stay after a flood'

# Replies that are much larger than their commands: these are held back, and go
# on by themselves, also when the client has said its last word.
peer repeat=200:'COMMAND\r\n' 'send:ECHO end\r\n' shut save:"$T/replies"
is 'the last reply' "\$3"$'\r\nend\r' "$(tail -n 2 "$T/replies")"
poll 20 closes 23 || fail 'it stays after all replies'
has "$T/trace" '^#23 close eof; received 1810 bytes, 201 commands; '

# Ten thousand come and go: nothing is left of them.
before=$(fds)
"$PEER" -n 100 -r 100 "127.0.0.1:$PORT" 'send:PING\r\n' 'expect:+PONG\r\n' \
    close || fail 'peer: 10,000 connections'
poll 60 closes 10023 || fail 'connections stay'
is 'descriptors after 10,000 connections' "$before" "$(fds)"
# They may also be gone before they are accepted.
"$PEER" -n 100 -r 10 "127.0.0.1:$PORT" reset || fail 'peer: resets'
peer 'send:PING\r\n' 'expect:+PONG\r\n'
poll 60 closes 11024 || fail 'connections stay after a reset'
is 'descriptors after resets' "$before" "$(fds)"
stop
is 'the exit status' 0 "$STATUS"
is 'lines on stderr' 2 "$(wc -l <"$T/err")"

# One too many.
start --time=none --max-clients=2
"$PEER" -n 2 "127.0.0.1:$PORT" 'send:PING\r\n' 'expect:+PONG\r\n' \
    touch:"$T/two" await:"$T/refused" &
client=$!
poll 20 [ -e "$T/two" ]
peer 'expect:-ERR max number of clients reached\r\n' gone
touch "$T/refused"
wait $client || fail 'two clients'
wait_for "$T/trace" '^#3 send  "-ERR max number of clients reached\\r\\n"$'
wait_for "$T/trace" '^#3 close max clients; received 0 bytes'
poll 20 closes 3
peer 'send:PING\r\n' 'expect:+PONG\r\n'
stop

# No descriptors left: accepting pauses, those who are there go on, and it
# recovers by itself.
(
	ulimit -n 40
	exec "$RESPTAP" --listen=0 --port-file="$T/port2" --max-clients=1000 \
	    --time=none >"$T/trace" 2>"$T/err"
) &
PID=$!
poll 20 [ -s "$T/port2" ]
PORT=$(sed 's/.*://' "$T/port2")
"$PEER" -n 60 "127.0.0.1:$PORT" touch:"$T/sixty" await:"$T/enough" close &
client=$!
poll 20 [ -e "$T/sixty" ]
wait_for "$T/err" 'cannot accept: Too many open files'
has "$T/err" 'max-clients=1000 needs more descriptors'
ticks=$(cpu)
# It says so at most once a second, so by the second time a second has passed.
said_twice() {
	[ "$(grep -c 'cannot accept' "$T/err")" -ge 2 ]
}
poll 20 said_twice || fail 'it does not try again'
[ $(($(cpu) - ticks)) -lt 30 ] || fail 'it spins while it cannot accept'
touch "$T/enough"
wait $client || fail 'sixty clients'
poll 20 closes 60 || fail 'it does not recover'
peer 'send:PING\r\n' 'expect:+PONG\r\n'
[ "$(grep -c 'cannot accept' "$T/err")" -le 5 ] || fail 'too many log lines'
stop
is 'the exit status' 0 "$STATUS"

# The idle are closed, the busy are not.
start --time=none --idle-timeout=1
peer 'send:PING\r\n' 'expect:+PONG\r\n' gone
wait_for "$T/trace" '^#1 close idle; received 6 bytes'
stop

# A client that writes everything before it reads is served, as by Redis; past
# 64 MiB of replies it is not read until it reads, which is told once.
start --time=none --show=error
peer 'repeat=2000000:PING\r\n' 'expect-repeat=2000000:+PONG\r\n' close
[ ! -s "$T/trace" ] || fail "14 MB of replies are too many: $(cat "$T/trace")"
echo="ECHO $(head -c 2000 /dev/zero | tr '\0' x)"
"$PEER" -t 100 "127.0.0.1:$PORT" "repeat=100000:$echo\r\n" 2>/dev/null &
client=$!
wait_for "$T/trace" '^#2 error [0-9]* bytes of replies wait for the client; it'
peer 'send:PING\r\n' 'expect:+PONG\r\n'
is 'what is told' 1 "$(wc -l <"$T/trace")"
unread=$(cut -d ' ' -f 3 "$T/trace")
[ "$unread" -ge $((64 << 20)) ] && [ "$unread" -lt $((66 << 20)) ] ||
    fail "$unread bytes of replies wait"
kill -s USR1 "$PID"
wait_for "$T/err" '^1 connection not read for a while, with too many replies'
kill $client
wait $client
stop
