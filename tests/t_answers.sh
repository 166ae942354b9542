#!/usr/bin/env bash
# --answers: replies by rules, in the protocol of the session; delays, silence
# and closes; files that are wrong.
. "${srcdir:-.}/tests/lib.sh"

peer() {
	"$PEER" "127.0.0.1:$PORT" "$@" || fail "peer: $*"
}

cat >"$T/rules" <<'END'
# Every kind of value.
GET status => Background saving started
GET integer => (integer) 42
GET error => (error) READONLY You can't write against a read only replica.
GET nil => (nil)
GET double => (double) 3.5
GET true => (true)
GET bignum => (bignum) 3492890328409238509324850943850943825024385
GET verbatim => (verbatim) "txt:Some string"
GET bulk => "two words\r\n\x00\xff"
GET array => [a, "b", (integer) 1, [(nil), []]]
GET map => {a: "1", "b": [(integer) 2]}
GET set => ~[a, (true)]
GET attribute => |{ttl: (integer) 9} "a"
GET looks => (status) "(nil)"
GET user:* => "bob"

# The others begin after those with more words.
PING late => after 2s LATE
PING => after 200ms PONG
BLPOP * => hang
QUIT => close
SHUTDOWN => close with (error) ERR bye
END

# Each value as RESP3 is shown as it was written.
values=$(sed -n 's/^GET \([a-z]*\) => .*/GET \1\\r\\n/p' "$T/rules" |
    tr -d '\n')
start --time=none --answers="$T/rules" --show=reply,close
peer 'send:HELLO 3\r\n'"$values" shut save:"$T/resp3"
poll 20 grep -q '#1 close' "$T/trace"
is 'the values in RESP3' \
    "$(sed -n 's/^GET [a-z]* => //p' "$T/rules")" \
    "$(sed -n 's/^#1 reply [0-9]* GET [0-9]*us //p' "$T/trace")"

# And as RESP2.
peer "send:$values" 'expect:+Background saving started\r\n:42\r\n' \
    "expect:-READONLY You can't write against a read only replica.\\r\\n" \
    'expect:$-1\r\n$3\r\n3.5\r\n:1\r\n' \
    'expect:$43\r\n3492890328409238509324850943850943825024385\r\n' \
    'expect:$11\r\nSome string\r\n$13\r\ntwo words\r\n\x00\xff\r\n' \
    'expect:*4\r\n+a\r\n$1\r\nb\r\n:1\r\n*2\r\n$-1\r\n*0\r\n' \
    'expect:*4\r\n+a\r\n$1\r\n1\r\n$1\r\nb\r\n*1\r\n:2\r\n' \
    'expect:*2\r\n+a\r\n:1\r\n$1\r\na\r\n+(nil)\r\n' close

# The first rule that matches, in any case; without one the stub answers.
peer 'send:get user:1\r\nECHO x\r\n' 'expect:$3\r\nbob\r\n$1\r\nx\r\n' close

# Ends: without a reply, and with one; what follows is not answered.
peer 'send:QUIT\r\nECHO x\r\n' eof
peer 'send:shutdown nosave\r\nECHO x\r\n' 'expect:-ERR bye\r\n' eof
peer 'send:BLPOP a 0\r\nECHO x\r\n' shut eof
poll 20 grep -q '^#6 close' "$T/trace"
has "$T/trace" '^#4 close .* sent 0 bytes'
has "$T/trace" '^#5 close .* sent 10 bytes'
has "$T/trace" '^#6 close .* sent 0 bytes'
stop

# A delay is one, and only the connection's own.
start --time=none --answers="$T/rules" --show=cmd,send,close
before=${EPOCHREALTIME/[.,]/}
peer 'send:PING\r\n' 'expect:+PONG\r\n' close
after=${EPOCHREALTIME/[.,]/}
[ $((after - before)) -ge 200000 ] ||
    fail "a delay of 200 ms took $((after - before)) us"
"$PEER" "127.0.0.1:$PORT" 'send:PING late\r\nECHO x\r\n' \
    'expect:+LATE\r\n$1\r\nx\r\n' close &
client=$!
wait_for "$T/trace" '^#2 cmd'
peer 'send:PING\r\n' 'expect:+PONG\r\n' close
wait $client || fail 'peer: a late PING'
wait_for "$T/trace" '^#2 close'
is 'the order of the replies' '#1 #3 #2' \
    "$(sed -n 's/^\(#[0-9]*\) send  "+.*/\1/p' "$T/trace" | xargs)"
stop

# refuses TEXT MESSAGE: a daemon with these rules does not start.
refuses() {
	printf '%b' "$1" >"$T/bad"
	"$RESPTAP" --listen=0 --port-file="$T/bad.port" --answers="$T/bad" \
	    >"$T/bad.out" 2>"$T/bad.err" && fail "these rules are taken: $1"
	is "the message about $1" "resptap: $T/bad:$2" "$(cat "$T/bad.err")"
	[ ! -e "$T/bad.port" ] || fail "listens with these rules: $1"
}
refuses 'GET x => OK\n\nGET\n' \
    '3:4: => and a reply are missing; write PATTERN => REPLY'
refuses '* => [a, "b"' '1:13: the closing ] is missing'
rm "$T/bad"
"$RESPTAP" --listen=0 --answers="$T/bad" >"$T/bad.out" 2>"$T/bad.err" &&
    fail 'a file that is missing is taken'
is 'the message about a missing file' \
    "resptap: --answers=$T/bad: No such file or directory" "$(cat "$T/bad.err")"

# The rules come first in the other modes too; a sink then answers them only.
echo 'GET * => "bob"' >"$T/rules"
for mode in ok none; do
	start --time=none --show=recv --reply=$mode --answers="$T/rules"
	other=
	[ $mode = none ] || other='+OK\r\n'
	"$PEER" "127.0.0.1:$PORT" 'send:GET k\r\nPING\r\n' shut \
	    "expect:\$3\r\nbob\r\n$other" eof ||
	    fail "rules with --reply=$mode"
	stop
done

# The reason of a close tells a rule from the client's own QUIT.
echo 'GET * => close' >"$T/rules"
start --time=none --show=close --answers="$T/rules"
"$PEER" "127.0.0.1:$PORT" 'send:GET k\r\n' eof || fail 'a rule that closes'
"$PEER" "127.0.0.1:$PORT" 'send:QUIT\r\n' 'expect:+OK\r\n' eof || fail 'QUIT'
"$PEER" "127.0.0.1:$PORT" 'send:POST / HTTP/1.1\r\n' eof || fail 'HTTP'
stop
is 'the reasons' 'scripted quit http' \
    "$(sed 's/.*close \([a-z]*\);.*/\1/' "$T/trace" | tr '\n' ' ' | sed 's/ $//')"
