#!/usr/bin/env bash
# --threads: many loops, one trace; what is counted is counted of all of them.
. "${srcdir:-.}/tests/lib.sh"
need redis-cli

# peers N STEP...: so many clients at once.
peers() {
	local n=$1
	shift
	"$PEER" -n "$n" "127.0.0.1:$PORT" "$@" || fail "$n peers: $*"
}

# accepted N: four loops with a listener each have so many clients.
accepted() {
	[ "$(find "/proc/$PID/fd" -lname 'socket:*' | wc -l)" -eq $(($1 + 4)) ]
}

# Four threads, a thousand clients with a pipeline of numbered commands, over
# three listeners, until the last has closed.
commands=20
pipeline='' replies=''
for ((i = 1; i <= commands; i++)); do
	pipeline+="ECHO $i\\r\\n" replies+="\$${#i}\\r\\n$i\\r\\n"
done
sent=$(printf %b "$pipeline" | wc -c) got=$(printf %b "$replies" | wc -c)
start --threads=4 --time=none --count=1000 --listen=0 --listen="unix:$T/socket"
mapfile -t addresses <"$T/port"
is 'addresses in the port file' 3 "$(sort -u "$T/port" | wc -l)"
# A sanitizer may have one of its own.
[ "$(find "/proc/$PID/task" -mindepth 1 -maxdepth 1 | wc -l)" -ge 5 ] ||
    fail 'there are not four threads and the writer'
switches() {
	grep -h '^voluntary_ctxt' "/proc/$PID"/task/*/status
}
switches >"$T/before"
clients=()
for ((i = 0; i < 4; i++)); do
	"$PEER" -n 250 "${addresses[i % 3]}" send:"$pipeline" \
	    expect:"$replies" touch:"$T/served.$i" await:"$T/go" close &
	clients+=($!)
done
for ((i = 0; i < 4; i++)); do
	poll 60 [ -e "$T/served.$i" ] || fail 'not all clients are served'
done
is 'threads that had nothing to do' 0 \
    "$(switches | paste -d' ' "$T/before" - | awk '$2 == $4' | wc -l)"
touch "$T/go"
for client in "${clients[@]}"; do
	wait "$client" || fail 'a client fails'
done
await_exit
is 'the exit status after --count' 0 "$STATUS"
has "$T/err" "^resptap: 1000 connections, $((1000 * commands)) commands; \
received $((1000 * sent)) bytes, sent $((1000 * got)) bytes\$"

# Each line is a record, each connection has one number and its own order.
awk -v commands=$commands -v sent="$sent" -v got="$got" '
function bad(text) {
	print FILENAME ":" FNR ": " text ": " $0
	if (++wrong == 10)
		exit
}
{
	id = $1
}
$2 == "open" {
	if (id in state || id !~ /^#[0-9]+$/)
		bad("a number twice")
	state[id] = 1
	next
}
state[id] != 1 {
	bad("before its open or after its close")
}
$2 == "recv" && /^#[0-9]+ recv  "(.*\\r\\n)?.*"$/ {
	recv[id] = recv[id] substr($0, index($0, "\"") + 1)
	sub(/"$/, "", recv[id])
	next
}
$2 == "cmd" {
	if ($0 != id " cmd   " ++cmd[id] " \"ECHO\" \"" cmd[id] "\"")
		bad("not the next command")
	next
}
$2 == "reply" {
	sub(/[0-9]+us/, "us")
	if ($0 != id " reply " ++reply[id] " ECHO us \"" reply[id] "\"" ||
	    reply[id] != cmd[id])
		bad("not the next reply")
	next
}
$2 == "send" && /^#[0-9]+ send  ".*\\r\\n"$/ {
	next
}
$2 == "close" {
	if ($0 != id " close eof; received " sent " bytes, " commands \
	    " commands; sent " got " bytes")
		bad("not the right close")
	for (want = i = 1; i <= commands; i++)
		want = (i == 1 ? "" : want) "ECHO " i "\\r\\n"
	if (recv[id] != want)
		bad("not all bytes, or not in order")
	state[id] = 2
	closed++
	next
}
{
	bad("no record")
}
END {
	for (i = 1; i <= 1000; i++)
		if (state["#" i] != 2) {
			print "no connection #" i
			exit
		}
	if (closed != 1000)
		print closed " closes"
}' "$T/trace" >"$T/complaints"
is 'what is wrong in the trace' '' "$(cat "$T/complaints")"

# --count: when so many have closed, the rest are closed too.
start --threads=4 --time=none --count=300
peers 400 'send:PING\r\n' 'expect:+PONG\r\n' touch:"$T/leaving" \
    await:"$T/leave" close &
clients=($!)
peers 200 'send:PING\r\n' 'expect:+PONG\r\n' touch:"$T/staying" gone &
clients+=($!)
poll 20 [ -e "$T/leaving" ] && poll 20 [ -e "$T/staying" ] ||
    fail 'not all clients are served'
touch "$T/leave"
await_exit
wait "${clients[0]}" && wait "${clients[1]}" || fail 'a client fails'
is 'the exit status after --count' 0 "$STATUS"
is 'opens without a close' '' "$(awk '$2 == "open" { n[$1]++ }
    $2 == "close" { n[$1]-- } END { for (i in n) if (n[i]) print i }' \
    "$T/trace")"
[ "$(grep -c ' close eof' "$T/trace")" -ge 300 ] || fail 'it stops too soon'
[ "$(grep -c ' close shutdown; received 6 bytes, 1 command; sent 7 bytes$' \
    "$T/trace")" -ge 200 ] || fail 'it stops too late'

# --max-clients: as many as that at a time, in whatever threads.
rm -f "$T/go"
start --threads=4 --time=none --max-clients=100
peers 150 await:"$T/go" close &
client=$!
refusals() {
	[ "$(grep -c ' close max clients; ' "$T/trace")" -ge "$1" ]
}
poll 20 refusals 50 || fail 'too few are refused'
is 'connections that are open' 100 "$(awk '$2 == "open" { n++ }
    $2 == "close" { n-- } END { print n }' "$T/trace")"
peers 1 'expect:-ERR max number of clients reached\r\n' gone
touch "$T/go"
wait $client || fail 'a hundred and fifty clients'
poll 20 closes 151 || fail 'connections stay'
is 'those refused' 51 "$(grep -c ' close max clients; ' "$T/trace")"
peers 100 'send:PING\r\n' 'expect:+PONG\r\n'

# Its port is not for others, with or without threads; nor is its socket.
for threads in 1 4; do
	timeout 20 "$RESPTAP" --listen="$PORT" --threads=$threads >"$T/out" 2>"$T/other"
	is 'the exit status at a port in use' 1 $?
	has "$T/other" "^resptap: 127.0.0.1:$PORT: Address already in use; "
	is 'lines on stderr' 1 "$(wc -l <"$T/other")"
done
stop
is 'the exit status' 0 "$STATUS"
start --threads=4 --listen="unix:$T/socket"
timeout 20 "$RESPTAP" --listen="unix:$T/socket" --threads=4 >"$T/out" 2>"$T/other"
is 'the exit status at a socket in use' 1 $?
stop
[ ! -e "$T/socket" ] || fail 'the socket is left behind'

# SIGTERM in a burst, while nobody reads the trace: all that the clients have
# handed over is in it, each one's in order.
start=$((RANDOM + 1))
conns=40 each=100000
mkfifo "$T/pipe"
rm "$T/port"
"$RESPTAP" --listen=0 --port-file="$T/port" --threads=4 --reply=none \
    --show=recv,close --time=none >"$T/pipe" 2>"$T/err" &
PID=$!
exec 3<"$T/pipe"
poll 20 listens_or_gone
"$PEER" -n $conns "$(cat "$T/port")" await:"$T/accepted" \
    random:$each,$start taken touch:"$T/sent" gone &
client=$!
poll 20 accepted $conns || fail 'not all clients are accepted'
touch "$T/accepted"
poll 20 [ -e "$T/sent" ] || fail 'the clients cannot send'
kill -TERM "$PID"
cat <&3 >"$T/text"
exec 3<&-
await_exit
wait $client || fail 'the clients do not see the end'
is 'the exit status after SIGTERM' 0 "$STATUS"
is 'connections closed by the stop' $conns \
    "$(grep -c " close shutdown; received $each bytes" "$T/text")"
mkdir "$T/back"
"$PEER" --unescape="$T/back" recv <"$T/text" || fail 'the trace is not text'
for ((i = 0; i < conns; i++)); do
	"$PEER" --random=$each,$((start + i)) | cksum
done | sort >"$T/sent.sums"
for file in "$T/back"/*; do
	cksum <"$file"
done | sort >"$T/back.sums"
cmp "$T/sent.sums" "$T/back.sums" ||
    fail 'the trace turned back is not what the clients sent'

# The reader of the trace goes away: that is the end of all threads.
rm "$T/port"
"$RESPTAP" --listen=0 --port-file="$T/port" --threads=4 >"$T/pipe" \
    2>"$T/err" &
PID=$!
exec 3<"$T/pipe"
poll 20 listens_or_gone
PORT=$(sed 's/.*://' "$T/port")
"$PEER" -n 20 "127.0.0.1:$PORT" await:"$T/gone" 'send:PING\r\n' gone 3<&- &
client=$!
poll 20 accepted 20 || fail 'not all clients are accepted'
exec 3<&-
touch "$T/gone"
await_exit
wait $client || fail 'the clients do not see the end'
is 'the exit status without a reader' 1 "$STATUS"
has "$T/err" 'standard output: Broken pipe; the reader of the trace is gone$'

# MONITOR sees the commands of all threads, those of each client in order, and
# no password; in whatever thread it is itself.
start --threads=4 --time=none --show=close
monitors=()
for ((i = 0; i < 8; i++)); do
	redis-cli -p "$PORT" monitor >"$T/monitor.$i" 2>&1 &
	monitors+=($!)
	wait_for "$T/monitor.$i" '^OK'
done
peers 100 'send:AUTH sesame\r\nSET k 1\r\nSET k 2\r\nSET k 3\r\n' shut \
    save:"$T/out"
# sees N PATTERN: each has so many such lines.
sees() {
	local i
	for ((i = 0; i < 8; i++)); do
		[ "$(grep -c -e "$2" "$T/monitor.$i")" -ge "$1" ] || return 1
	done
}
poll 20 sees 100 '"SET" "k" "3"$' || fail 'a MONITOR misses commands'
for ((i = 0; i < 8; i++)); do
	is "the commands that MONITOR $i sees" 400 \
	    "$(grep -c '\[0 127[0-9.:]*\] "\(AUTH\|SET\)" ' "$T/monitor.$i")"
	is "the MONITORs that MONITOR $i sees" $((7 - i)) \
	    "$(grep -c '\[0 127[0-9.:]*\] "monitor"$' "$T/monitor.$i")"
	is 'the order of each client' '' "$(awk '/"SET"/ {
	    if ($NF != "\"" ++n[$3] "\"") print }' "$T/monitor.$i")"
	hasnt "$T/monitor.$i" sesame
done
# One of them less, and none.
for client in "${monitors[@]}"; do
	kill "$client"
	wait "$client"
done
poll 20 closes 108 || fail 'MONITORs stay'
peers 100 'send:PING\r\n' 'expect:+PONG\r\n'

# One that does not read is given up; the others go on.
"$PEER" -b 4096 -n 4 "127.0.0.1:$PORT" 'send:MONITOR\r\n' 'expect:+OK\r\n' \
    touch:"$T/monitoring" await:"$T/go2" gone &
client=$!
poll 20 [ -e "$T/monitoring" ] || fail 'MONITOR gets no reply'
given_up() {
	[ "$(grep -c ' close monitor too slow' "$T/trace")" -eq 4 ]
}
for ((i = 0; i < 40; i++)); do
	! given_up || break
	peers 8 repeat=5000:'SET some:key 0123456789012345678901234567890\r\n' \
	    shut save:"$T/out"
done
given_up || fail 'MONITORs that do not read stay'
touch "$T/go2"
wait $client || fail 'MONITORs that do not read'
peers 8 'send:PING\r\n' 'expect:+PONG\r\n'
stop
is 'the exit status' 0 "$STATUS"
