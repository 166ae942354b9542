#!/usr/bin/env bash
# The ends: signals, --count, and starts that fail.
. "${srcdir:-.}/tests/lib.sh"

peer() {
	"$PEER" "127.0.0.1:$PORT" "$@" || fail "peer: $*"
}

# SIGTERM while clients send: what had come is in the trace, which ends well.
start --time=none --show=conns,recv --reply=none
"$PEER" -n 20 "127.0.0.1:$PORT" random:100000,1 taken touch:"$T/sent" gone &
client=$!
poll 20 [ -e "$T/sent" ] || fail 'the clients cannot send'
stop
wait $client || fail 'the clients do not see the end'
is 'the exit status' 0 "$STATUS"
is 'connections closed by the stop' 20 \
    "$(grep -c 'close shutdown; received 100000 bytes' "$T/trace")"
has "$T/err" '^resptap: 20 connections, [0-9]* commands*; received 2000000 bytes, '

# What the kernel holds at the stop is read, recorded and answered: bytes that
# come while the process is stopped wait there.
start --time=none
exec 3<>"/dev/tcp/127.0.0.1/$PORT"
printf 'PING\r\n' >&3
wait_for "$T/trace" '^#1 send '
kill -STOP "$PID"
printf 'SET last 1\r\n' >&3
kill -TERM "$PID"
kill -CONT "$PID"
await_exit
is 'the exit status' 0 "$STATUS"
is 'what the client gets' $'+PONG\r\n+OK\r' "$(cat <&3)"
exec 3>&-
has "$T/trace" '^#1 cmd   2 "SET" "last" "1"$'
has "$T/trace" '^#1 close shutdown; received 18 bytes, 2 commands; sent 12 '

# SIGKILL in a flood: the file holds whole records up to the last write, which
# the kernel may have cut.
start --time=none --show=recv --reply=none -o "$T/file"
"$PEER" -n 4 "127.0.0.1:$PORT" random:50000000,1 gone 2>"$T/peer.err" &
client=$!
grown() {
	[ "$(stat -c %s "$T/file")" -gt 3000000 ]
}
poll 20 grown || fail 'nothing is written'
kill -KILL "$PID"
wait "$PID"
wait $client
PID=
[ -z "$(tail -c 1 "$T/file")" ] || sed -i '$d' "$T/file"
is 'lines that are no records' 0 "$(grep -cv '^#[1-4] recv  ".*"$' "$T/file")"

# A reader of the trace that hangs: time is up after a while, with a count; a
# second signal ends it at once.
mkfifo "$T/pipe"
for second in no yes; do
	rm -f "$T/port"
	"$RESPTAP" --listen=0 --port-file="$T/port" --reply=none \
	    >"$T/pipe" 2>"$T/err" &
	PID=$!
	exec 3<"$T/pipe"
	poll 20 [ -s "$T/port" ]
	PORT=$(sed 's/.*://' "$T/port")
	peer random:1000000,1 taken
	kill -TERM "$PID"
	if [ $second = yes ]; then
		refuses() {
			! "$PEER" "127.0.0.1:$PORT" close 2>/dev/null
		}
		poll 20 refuses || fail 'it accepts after SIGTERM'
		kill -TERM "$PID"
		await_exit
		is 'the status after a second signal' 143 "$STATUS"
	else
		await_exit
		is 'the status when the reader hangs' 1 "$STATUS"
		has "$T/err" 'disk full: [0-9]* records are not written$'
	fi
	exec 3<&-
done

# So is a disk that stays full; then the trace ends with a whole record.
(
	ulimit -f 100
	exec "$RESPTAP" --listen=0 --port-file="$T/port6" --show=cmd --time=none \
	    -o "$T/full" 2>"$T/err"
) &
PID=$!
poll 20 [ -s "$T/port6" ]
"$PEER" "$(cat "$T/port6")" both 'repeat=4000:ECHO 123456789012345678901\r\n' \
    'expect-repeat=4000:$21\r\n123456789012345678901\r\n' || fail 'no answers'
kill -TERM "$PID"
await_exit
is 'the status with a full disk' 1 "$STATUS"
has "$T/err" 'disk full: [0-9]* records are not written$'
is 'what the trace ends with' '' "$(tail -c 1 "$T/full")"

# --count.
start --count=3 --time=none
peer close
peer close
peer 'send:PING\r\n' 'expect:+PONG\r\n' close
await_exit
is 'the exit status after --count' 0 "$STATUS"
is 'the closes' 3 "$(grep -c ' close ' "$T/trace")"

# Starts that fail: one line, and the exit status.
fails() {
	local want=$1 message=$2
	shift 2
	"$RESPTAP" "$@" >"$T/trace" 2>"$T/err"
	is "the exit status of $*" "$want" $?
	is "what $* says" "resptap: $message" "$(cat "$T/err")"
}
start
fails 1 "127.0.0.1:$PORT: Address already in use; is a Redis running there? \
choose another with --listen=PORT" --listen="$PORT"
stop
fails 2 "--listen=0.0.0.0:0: others could read what your clients send; add \
--allow=CIDR for those that may connect, or --allow-remote for all" --listen=0.0.0.0:0
fails 2 '--format=jsn: unknown format; choose text, hex, raw, json or monitor' --format=jsn
EVENT_NOEPOLL=1 fails 1 "libevent chose poll, resptap needs epoll; is an \
EVENT_NO* variable set?" --listen=0
"$RESPTAP" --listen=0 >&- 2>"$T/err"
is 'the exit status without stdout' 1 $?
has "$T/err" '^resptap: standard output: '

# The socket of a process that is gone is replaced, one in use is not.
start --listen="unix:$T/socket"
kill -KILL "$PID"
wait "$PID"
start --listen="unix:$T/socket" -o "$T/trace2"
"$PEER" "unix:$T/socket" 'send:PING\r\n' 'expect:+PONG\r\n' || fail 'no answer'
fails 1 "unix:$T/socket: Address already in use; choose another path, or \
remove what is there" --listen="unix:$T/socket"
stop
is 'the clients, without the one that is refused' 1 \
    "$(grep -c ' open ' "$T/trace2")"
fails 2 "--upstream=unix:$T/socket: no other server is there, resptap itself \
listens at that address; choose another with --listen=PORT" \
    --listen="unix:$T/socket" --upstream="unix:$T/socket"
is 'the exit status' 0 "$STATUS"

# At the end only its own socket is removed: no file, and no other's socket,
# that took its place.
start --listen="unix:$T/socket"
stop
[ ! -e "$T/socket" ] || fail 'its socket is left'
start --listen="unix:$T/socket"
rm "$T/socket"
echo precious >"$T/socket"
stop
is 'the file' precious "$(cat "$T/socket")"
rm "$T/socket"
start --listen="unix:$T/socket"
first=$PID
rm "$T/socket"
start --listen="unix:$T/socket"
kill -TERM "$first"
wait "$first"
"$PEER" "unix:$T/socket" 'send:PING\r\n' 'expect:+PONG\r\n' ||
    fail 'the socket of another one is gone'
stop
