#!/usr/bin/env bash
# The summary: on SIGUSR1, as a file, and what counts.
. "${srcdir:-.}/tests/lib.sh"
need jq
need redis-cli

cli() {
	redis-cli -p "$PORT" "$@" >"$T/out" || fail "redis-cli $*"
}

# some_commands: a session that has each kind of row.
some_commands() {
	cli set user:1 "$(printf '%1000s' ' ')"
	cli set user:1 again
	cli get user:1
	cli client setname me
	cli blpop queue 0.01
	cli nonsense x
	cli eval 'return 1' 1 hidden-key
	"$PEER" "127.0.0.1:$PORT" 'send:PING\r\n*x\r\n' 'expect:+PONG\r\n' \
	    'expect:-ERR Protocol error: invalid multibulk length\r\n' eof ||
	    fail 'peer: a protocol error'
}

# Without a file SIGUSR1 prints tables, as often as one likes; a stub's end is
# one line all the same.
start --time=none -s recv
some_commands
kill -USR1 "$PID"
wait_for "$T/err" '"user:1"$'
cli get later
kill -USR1 "$PID"
wait_for "$T/err" '"later"$'
stop
is 'the exit status' 0 "$STATUS"
is 'the summaries' 2 "$(grep -c '^resptap: summary of [0-9]* s: ' "$T/err")"
has "$T/err" '^COMMAND         CALLS ERRORS  RECVD   SENT    P50    P99    MAX$'
has "$T/err" '^set                 2      0   1[0-9]*     10  '
has "$T/err" '^client|setname      1      0 '
has "$T/err" '^"nonsense"          1      1 '
has "$T/err" '^get                 2      0 '
has "$T/err" ' [0-9]*:[0-9]*:[0-9.]* #5 1       *blpop "queue"$'
has "$T/err" '^0 pushes, 1 protocol error, 0 records dropped$'
is 'what is wider than 80 columns' '' "$(grep '.\{81\}' "$T/err")"

# A file is there from the start, written anew by rename, by SIGUSR1 and at the
# end; nobody else may read it.
start --time=none -s recv --summary="$T/summary"
is 'the commands at the start' '[]' "$(jq -c .commands "$T/summary")"
is 'the mode' 600 "$(stat -c %a "$T/summary")"
some_commands
exec 3<"$T/summary"
kill -USR1 "$PID"
has_command() {
	jq -e --arg name "$1" '.commands | any(.name == $name)' \
	    "$T/summary" >"$T/jq"
}
poll 20 has_command set || fail 'SIGUSR1 does not write the summary'
is 'the commands in the file that was there' '[]' "$(jq -c .commands <&3)"
exec 3<&-
cli ping
kill -USR1 "$PID"
cli del user:1
stop
is 'the exit status' 0 "$STATUS"
[ ! -e "$T/summary.new" ] || fail 'the file beside it is left'
is 'what stderr says at the end' 1 "$(grep -c 'commands*; received' "$T/err")"
hasnt "$T/err" 'summary of'
is 'the names' '["blpop","client|setname","del","eval","get",
"nonsense","ping","set"]' "$(jq -c '[.commands[].name] | sort' "$T/summary" |
    sed 's/"get",/&\n/')"
is 'the row of set' '[2,0,1070,10]' "$(jq -c '.commands[] |
    select(.name == "set") | [.calls, .errors, .received, .sent]' "$T/summary")"
is 'the most frequent, first' '["ping","set"]' \
    "$(jq -c '[.commands[:2][].name]' "$T/summary")"
is 'the totals' '[10,10,0,1,0]' "$(jq -c '.totals | [.connections, .commands,
    .pushes, .protocol_errors, .dropped]' "$T/summary")"
is 'the slowest' '["blpop","queue",5,1,true]' "$(jq -c '.slowest[0] |
    [.name, .key, .conn, .no, .latency_us >= 10000]' "$T/summary")"
is 'the unknown one among them' 1 \
    "$(jq -c '.slowest[].name' "$T/summary" | grep -c '^"nonsense"$')"
is 'the first key' '["user:1",1139,0]' \
    "$(jq -c '.keys[0] | [.key, .bytes, .over]' "$T/summary")"
is 'numbers that are not whole' '[]' \
    "$(jq -c '[.. | numbers | select(. != floor or . < 0)]' "$T/summary")"
is 'the times' true "$(jq '[.since, .time, .slowest[].time] |
    all(test("^2[0-9-]*T[0-9:]*\\.[0-9]{6}Z$"))' "$T/summary")"

# What is hidden counts; what is secret is not shown.
start -q --command=get --redact=values --summary="$T/summary"
some_commands
cli auth canary
stop
is 'calls of set' 2 "$(jq '.commands[] | select(.name == "set") | .calls' \
    "$T/summary")"
hasnt "$T/summary" canary
hasnt "$T/summary" hidden-key
is 'a hidden key' '{"redacted":10}' \
    "$(jq -c '.slowest[] | select(.name == "eval") | .key' "$T/summary")"
has "$T/summary" '"key":"user:1"'

# A sink decodes nothing for its sake.
start -q --reply=none -f raw -s recv --summary="$T/summary"
"$PEER" "127.0.0.1:$PORT" 'send:PING\r\n' shut eof
stop
is 'what a sink counts' '[1,0,6,0]' "$(jq -c '.totals |
    [.connections, .commands, .received, .sent]' "$T/summary")"

# A place where it cannot be written is refused at the start.
for file in "$T" "$T/no/file" /dev/null; do
	"$RESPTAP" --listen=0 --summary="$file" 2>"$T/err"
	is "the exit status with $file" 1 $?
	has "$T/err" "^resptap: --summary=$file: "
done
[ -c /dev/null ] || fail '/dev/null is replaced'

# One that is gone at the end is a failure.
mkdir "$T/dir"
start --summary="$T/dir/summary"
rm -r "$T/dir"
stop
is 'the exit status without the directory' 1 "$STATUS"
has "$T/err" "^resptap: --summary=$T/dir/summary: No such directory; make it first$"
