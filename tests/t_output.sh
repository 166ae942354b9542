#!/usr/bin/env bash
# The output: files that are refused, full, renamed, slow, or gone.
. "${srcdir:-.}/tests/lib.sh"

peer() {
	"$PEER" "127.0.0.1:$PORT" "$@" || fail "peer: $*"
}

# refused MESSAGE ARG...: does not start, and says so in one line.
refused() {
	local message=$1
	shift
	"$RESPTAP" --listen=0 "$@" >"$T/trace" 2>"$T/err"
	is "the exit status of $*" 1 $?
	is "what $* says" "resptap: $message" "$(cat "$T/err")"
}

mkdir "$T/dir"
mkfifo "$T/fifo"
ln -s "$T/target" "$T/link"
refused "$T/dir: is a directory; name a file in it" -o "$T/dir"
refused "$T/link: is a symbolic link; name the file itself" -o "$T/link"
refused "$T/fifo: is a FIFO or socket that nobody reads; start its reader \
first" -o "$T/fifo"
refused "$T/no/file: No such directory; make it first" -o "$T/no/file"

# Another user's file or FIFO may be a trap; only root can make a file that is.
if [ "$EUID" = 0 ]; then
	touch "$T/foreign"
	mkfifo "$T/foreign_fifo"
	exec 8<>"$T/foreign_fifo"
	for file in foreign foreign_fifo; do
		chown 1 "$T/$file"
		refused "$T/$file: belongs to another user; name a file of \
your own, or run resptap as its owner" -o "$T/$file"
	done
	[ ! -s "$T/foreign" ] || fail "another user's file is written"
	exec 8<&-
fi
[ ! -e "$T/target" ] || fail 'the target of the link is written'

# A file: nobody else may read it; SIGHUP opens it anew.
start -o "$T/file" --time=none --show=cmd
is 'the mode' 600 "$(stat -c %a "$T/file")"
peer 'send:SET before 1\r\n' 'expect:+OK\r\n'
wait_for "$T/file" before
mv "$T/file" "$T/file.1"
kill -HUP "$PID"
poll 20 [ -e "$T/file" ] || fail 'SIGHUP does not open the file'
peer 'send:SET after 1\r\n' 'expect:+OK\r\n'
stop
is 'the exit status' 0 "$STATUS"
is 'the old file' '#1 cmd   1 "SET" "before" "1"' "$(cat "$T/file.1")"
is 'the new file' '#2 cmd   1 "SET" "after" "1"' "$(cat "$T/file")"
is 'stdout' '' "$(cat "$T/trace")"

# It is appended to.
start -o "$T/file" --time=none --show=cmd
peer 'send:SET more 1\r\n' 'expect:+OK\r\n'
stop
is 'the file' 2 "$(wc -l <"$T/file")"

# The disk is full: input pauses, nothing is lost or torn, and it goes on when
# there is room.  A limit on the file's size does the same as a full disk.
rm -f "$T/port"
(
	ulimit -S -f 1000	# 1,024,000 bytes
	exec "$RESPTAP" --listen=0 --port-file="$T/port" --reply=none -f raw \
	    -s recv -o "$T/full" 2>"$T/err"
) &
PID=$!
poll 20 [ -s "$T/port" ]
PORT=$(sed 's/.*://' "$T/port")
"$PEER" "127.0.0.1:$PORT" random:20000000,5 shut eof &
client=$!
wait_for "$T/err" "^resptap: $T/full: File too large; waiting for room\$"
prlimit --pid "$PID" --fsize=unlimited ||
    skip 'prlimit is missing: the rest is not tested'
wait $client || fail 'peer: 20 MB'
wait_for "$T/err" "^resptap: $T/full: there is room again\$"
stop
is 'the exit status' 0 "$STATUS"
"$PEER" --random=20000000,5 | cmp - "$T/full" || fail 'bytes are missing'

# It is full to the end: what could not be written is counted.
start -o /dev/full --time=none
peer 'send:PING\r\n' 'expect:+PONG\r\n'
stop
is 'the exit status with a full disk' 1 "$STATUS"
has "$T/err" '^resptap: /dev/full: No space left on device; waiting for room$'
has "$T/err" ' 6 records are not written$'

# The reader is gone.
mkfifo "$T/pipe"
"$RESPTAP" --listen=0 --port-file="$T/port3" >"$T/pipe" 2>"$T/err" &
PID=$!
exec 3<"$T/pipe"
poll 20 [ -s "$T/port3" ]
PORT=$(sed 's/.*://' "$T/port3")
exec 3<&-
"$PEER" "127.0.0.1:$PORT" 'send:PING\r\n' gone
await_exit
is 'the exit status without a reader' 1 "$STATUS"
has "$T/err" '^resptap: standard output: Broken pipe; the reader of the trace '

# A slow reader, and clients who must not wait: what is missing is counted.
mkfifo "$T/slow"
"$RESPTAP" --listen=0 --port-file="$T/port4" --when-slow=drop --reply=none \
    --time=none --show=conns,recv,error >"$T/slow" 2>"$T/err" &
PID=$!
exec 3<"$T/slow"
poll 20 [ -s "$T/port4" ]
PORT=$(sed 's/.*://' "$T/port4")
peer random:50000000,1 shut eof
cat <&3 >"$T/trace" &
reader=$!
wait_for "$T/trace" '^#1 close eof; received 50000000 bytes'
peer random:10,1 shut eof
stop
wait $reader
is 'the exit status when records are dropped' 0 "$STATUS"
has "$T/trace" '^#1 open '
has "$T/trace" '^#0 error [0-9]* records dropped: the reader of the trace is '
has "$T/trace" '^#2 recv '
# The count is right: each read is a record, in the trace or in the count.
lost=$(awk '/^#0 error/ { n += $3 } END { print n }' "$T/trace")
has "$T/err" "^resptap: $lost records dropped"

# It is said as soon as the reader goes on, though no other record comes.
"$RESPTAP" --listen=0 --port-file="$T/port5" --when-slow=drop --time=none \
    --show=recv,error >"$T/slow" 2>"$T/err" &
PID=$!
exec 3<"$T/slow"
poll 20 [ -s "$T/port5" ]
printf -v word '%1000s' ''
"$PEER" "$(cat "$T/port5")" both "repeat=8000:PING ${word// /a}\r\n" \
    "save=8072000:$T/replies" gone &
client=$!
answered() {
	[ "$(stat -c %s "$T/replies" 2>/dev/null)" = 8072000 ]
}
poll 20 answered || fail 'it does not answer'
cat <&3 >"$T/trace" &
reader=$!
wait_for "$T/trace" '^#0 error [0-9]* records dropped: '
stop
wait $client $reader
