#!/usr/bin/env bash
# json: every line is valid whatever comes, and the bytes can be had back.
. "${srcdir:-.}/tests/lib.sh"
need jq
need base64
need nc
need redis-cli

# valid: every line of the trace is an object with what all records have.
valid() {
	jq -e . "$T/trace" >"$T/jq" || fail 'jq does not accept the trace'
	is 'the lines that jq finds well' "$(wc -l <"$T/trace")" "$(jq -c '
		select(.v == 1 and .conn >= 1 and (.event | length > 0)
		and (.time | test("^2[0-9]{3}-[01][0-9]-[0-3][0-9]T[0-2][0-9]" +
		":[0-5][0-9]:[0-5][0-9]\\.[0-9]{6}Z$")))' "$T/trace" | wc -l)"
}

# bytes CONN EVENT: prints what a connection's recv or send records tell.
bytes() {
	jq -r --argjson conn "$1" --arg event "$2" '
		select(.conn == $conn and .event == $event) |
		.data_base64 // (.data | @base64)' "$T/trace" |
	while IFS= read -r line; do
		base64 -d <<<"$line" || fail "not base64: $line"
	done
}

# gapless CONN EVENT SIZE: these records follow each other up to that size.
gapless() {
	is "the end of $2 on connection $1" "$3" "$(jq -n \
	    --argjson conn "$1" --arg event "$2" 'reduce (inputs |
		select(.conn == $conn and .event == $event)) as $r (0;
		if $r.offset == . then . + $r.bytes else error("a gap") end)' \
	    "$T/trace")"
}

# same FILE CONN EVENT: the records tell the bytes of the file.
same() {
	gapless "$2" "$3" "$(wc -c <"$1")"
	bytes "$2" "$3" >"$T/back"
	cmp "$1" "$T/back" || fail "connection $2's $3 are other bytes"
}

# records CONN EVENT FILTER: prints what jq makes of them.
records() {
	jq -c "select(.conn == $1 and .event == \"$2\") | $3" "$T/trace"
}

# Any bytes, then text that is full of what JSON escapes, then UTF-8 that reads
# cut anywhere.  Nothing is answered, so all of it can be told from the trace.
start -f json --reply=none
head -c 1000000 /dev/urandom >"$T/random"
head -c 300000 /dev/urandom | tr '\200-\377' '\\"\n\r\t\000-\037' >"$T/ascii"
for _ in {1..30000}; do
	printf '%b' '"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80'
done >"$T/utf8"
for file in random ascii utf8; do
	nc -N 127.0.0.1 "$PORT" <"$T/$file"
done
stop
is 'the exit status' 0 "$STATUS"
valid
same "$T/random" 1 recv
same "$T/ascii" 2 recv
same "$T/utf8" 3 recv
is 'the ends' '["eof",1000000]' "$(records 1 close '[.reason, .received]')"

# A session with redis-cli: each record as the design has it.
start -f json --clip=50000
redis-cli -p "$PORT" set greeting 'hello world' >"$T/out"
head -c 50000 "$T/random" >"$T/bin"
head -c 50000 "$T/utf8" >"$T/text"
redis-cli -p "$PORT" -x set bin <"$T/bin" >"$T/out"
redis-cli -p "$PORT" -x echo <"$T/text" >"$T/out"
redis-cli -p "$PORT" -3 ping >"$T/out"
printf 'PING\r\n*1\r\n+\r\n' | nc -N 127.0.0.1 "$PORT" >"$T/out"
stop
valid
is 'the events of a connection' 'open recv cmd reply send close' \
    "$(jq -r 'select(.conn == 1) | .event' "$T/trace" | xargs)"
is 'the bytes of set' "$(printf '%s\r\n' '*3' "\$3" set "\$8" greeting \
    "\$11" 'hello world')" "$(bytes 1 recv)"
is 'the command' '[1,["set","greeting","hello world"],0,45]' \
    "$(records 1 cmd '[.no, .args, .offset, .bytes]')"
is 'its reply' '[1,"set","OK",0,5,true]' "$(records 1 reply \
    '[.no, .name, .value, .offset, .bytes, .latency_us >= 0]')"
is 'the close' '["eof",45,1,5]' \
    "$(records 1 close '[.reason, .received, .commands, .sent]')"
records 2 cmd '.args[2].base64' | tr -d '"' | base64 -d |
    cmp - "$T/bin" || fail 'an argument is other bytes'
records 3 reply .value | jq -j . | cmp - "$T/text" ||
    fail 'a reply is other bytes'
is 'a map' '["proto",3]' "$(jq -c 'select(.conn == 4 and .name == "HELLO") |
    .value.map[] | select(.[0] == "proto")' "$T/trace")"
is 'the error' '[10,43]' "$(records 5 error '[.offset, .byte]')"

# What is cut says so, and nothing is lost from the rest.
start -f json --clip=10 --snaplen=20
redis-cli -p "$PORT" set key 'a long long value' >"$T/out"
stop
valid
is 'the bytes' '[46,"*3\r\n$3\r\nset\r\n$3\r\nkey",26]' \
    "$(records 1 recv '[.bytes, .data, .left_out]')"
is 'the argument' '{"text":"a long lon","bytes":17}' \
    "$(records 1 cmd '.args[2]')"

# What is secret is told by its length.
start -f json
REDISCLI_AUTH=canary redis-cli -p "$PORT" ping >"$T/out"
stop
valid
hasnt "$T/trace" canary
is 'the bytes' '["*2\r\n$4\r\nAUTH\r\n$6\r\n",{"redacted":6},"\r\n"]' \
    "$(records 1 recv 'select(.offset == 0) | .data')"
is 'the command' '["AUTH",{"redacted":6}]' \
    "$(records 1 cmd 'select(.no == 1) | .args')"
