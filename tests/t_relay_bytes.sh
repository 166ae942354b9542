#!/usr/bin/env bash
# A relay alters no byte: streams of both directions at once are the same at
# both ends and in the trace, however they are cut, and however slow one of the
# ends is.  RELAY_BYTES in the environment: bytes each way.
. "${srcdir:-.}/tests/lib.sh"

bytes=${RELAY_BYTES:-20000000}

# client STEP...: runs a client, which must succeed, and the server's end.
client() {
	"$PEER" -t 60 "127.0.0.1:$PORT" "$@" || fail 'the client fails'
	await_upstream
}

# Bytes of no protocol, both ways at once, cut at random; and of the trace the
# one direction and then the other turned back.
mkfifo "$T/trace"
for event in recv send; do
	seed=2
	[ $event = recv ] || seed=1
	cmp <("$PEER" --unescape $event <"$T/trace") \
	    <("$PEER" --random="$bytes",$seed) >"$T/cmp" 2>&1 &
	reader=$!
	start_upstream -t 60 127.0.0.1:0 pieces:70000,3 \
	    both random:"$bytes",1 expect-random:"$bytes",2 shut eof
	start --upstream="$UP" --show=$event --time=none
	client pieces:9000,4 \
	    both random:"$bytes",2 expect-random:"$bytes",1 shut eof
	stop
	is 'the exit status' 0 "$STATUS"
	wait $reader || fail "$event in the trace: $(cat "$T/cmp")"
done
rm "$T/trace"

# A block of commands of all shapes, and what answers them.
awk -v requests="$T/requests" -v replies="$T/replies" '
function bulk(s) {
	return "$" length(s) "\r\n" s "\r\n"
}
function run(n,    s) {
	for (s = "x\r\n"; length(s) < n; s = s s)
		;
	return substr(s, 1, n)
}
BEGIN {
	ORS = ""
	for (i = 0; i < 1400; i++) {
		size = i % 100 == 0 ? 30000 : i * 7919 % 300
		kind = i % 7
		if (kind == 0) {
			print "*2\r\n" bulk("GET") bulk("k" i) >requests
			print bulk(run(size)) >replies
		} else if (kind == 1) {
			print "PING\r\n" >requests
			print "+PONG\r\n" >replies
		} else if (kind == 2) {
			print "*3\r\n" bulk("SET") bulk("k") bulk(run(size)) \
			    >requests
			print "+OK\r\n" >replies
		} else if (kind == 3) {
			print "LRANGE \"k\\x00\" 0 -1\r\n" >requests
			print "*3\r\n" bulk("") "$-1\r\n" bulk(run(size)) \
			    >replies
		} else if (kind == 4) {
			print "*2\r\n" bulk("INCR") bulk("") >requests
			print ":" i "\r\n" >replies
		} else if (kind == 5) {
			print "*0\r\n\r\n*2\r\n" bulk("LPOP") bulk(run(size)) \
			    >requests
			print "-WRONGTYPE no list\r\n" >replies
		} else {
			print "EXISTS k\r\n" >requests
			print ":0\r\n" >replies
		}
	}
}'
commands=1400
size=$(($(wc -c <"$T/replies") + $(wc -c <"$T/requests")))
blocks=$((bytes / size + 1))

# Pipelined without end, each block answered when it is there.
steps=()
for ((i = 0; i < blocks; i++)); do
	steps+=(expect-file:"$T/requests" file:"$T/replies")
done
start_upstream -t 60 127.0.0.1:0 pieces:20000,5 "${steps[@]}" eof
start --upstream="$UP" --show=messages --clip=40 --time=none
client pieces:5000,6 both file=$blocks:"$T/requests" \
    expect-file=$blocks:"$T/replies" shut eof
stop
is 'the exit status' 0 "$STATUS"
is 'commands, replies that answer them, others' \
    "$((blocks * commands)) $((blocks * commands)) 0" "$(awk '
	$2 == "cmd" { cmds++; name[$3] = $4; next }
	$2 == "reply" && name[$3] == "\"" $4 "\"" { replies++
		delete name[$3]; next }
	{ others++ }
	END { print cmds + 0, replies + 0, others + 0 }' "$T/trace")"

# One packet, one byte a packet, and cut at random: the same commands, replies
# and pushes.
request='HELLO 3\r\nSUBSCRIBE a b\r\n*2\r\n$4\r\nECHO\r\n$5\r\nhe\nlo\r\n'
request+='MULTI\r\nGET "k\x41"\r\nEXEC\r\n\r\n*0\r\nUNSUBSCRIBE a\r\nGET q\r\n'
reply='%2\r\n$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:4\r\n'
reply+='>3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n'
reply+='>3\r\n$7\r\nmessage\r\n$1\r\na\r\n$4\r\ntext\r\n'
reply+='>3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n$5\r\nhe\nlo\r\n'
reply+='+OK\r\n+QUEUED\r\n*1\r\n_\r\n>2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n'
reply+='>3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:1\r\n'
reply+='|1\r\n+ttl\r\n:3\r\n*5\r\n,3.5\r\n#t\r\n(123456789012345678901\r\n'
reply+='=7\r\ntxt:abc\r\n~1\r\n!3\r\nERR\r\n'
ways=(send:)
for ((i = 1; i <= 20; i++)); do
	ways+=("pieces:$((i * 2)),$i send:")
done
ways+=(drip:)
steps=()
for way in "${ways[@]}"; do
	read -r -a words <<<"$way"
	steps+=(open "expect:$request" "${words[@]:0:${#words[@]}-1}"
	    "${words[-1]}$reply" eof)
done
start_upstream --closed 127.0.0.1:0 "${steps[@]}"
start --upstream="$UP" --show=messages --time=none
for way in "${ways[@]}"; do
	read -ra words <<<"$way"
	"$PEER" "127.0.0.1:$PORT" "${words[@]:0:${#words[@]}-1}" \
	    "${words[-1]}$request" "expect:$reply" shut eof ||
	    fail "a client that sends with $way"
done
await_upstream
stop
for ((i = 1; i <= ${#ways[@]}; i++)); do
	sed -n -e "s/^#$i \([a-z]* .*\)/\1/p" "$T/trace" |
	    sed -e '/^reply/s/ [0-9]*us / us /' >"$T/way$i"
	cmp "$T/way1" "$T/way$i" || fail "records differ with ${ways[i - 1]}"
done
is 'commands, replies and pushes in one packet' '8 cmd 2 push 9 reply' \
    "$(cut -d ' ' -f 1 "$T/way1" | sort | uniq -c | xargs)"

# A reader that does not read stops the other end, and only that direction.
start_upstream 127.0.0.1:0 both random:30000000,1 read:5 touch:"$T/sent" eof
start --upstream="$UP" --show=recv,close --time=none
"$PEER" -b 4096 "127.0.0.1:$PORT" full touch:"$T/full" send:hello \
    await:"$T/on" expect-random:30000000,1 shut eof &
peer=$!
poll 20 [ -e "$T/full" ] || fail 'a client that does not read is not full'
[ ! -e "$T/sent" ] || fail 'all was taken for a client that does not read'
wait_for "$T/trace" '^#1 recv  "hello"$'
touch "$T/on"
wait $peer || fail 'a client that reads late'
await_upstream
stop

start_upstream -b 4096 127.0.0.1:0 full touch:"$T/full2" send:hello \
    await:"$T/on2" expect-random:30000000,2 eof
start --upstream="$UP" --show=close --time=none
"$PEER" "127.0.0.1:$PORT" both random:30000000,2 read:5 touch:"$T/sent2" \
    shut eof &
peer=$!
poll 20 [ -e "$T/full2" ] || fail 'a server that does not read is not full'
[ ! -e "$T/sent2" ] || fail 'all was taken for a server that does not read'
touch "$T/on2"
wait $peer || fail 'a client of a server that reads late'
await_upstream
stop
