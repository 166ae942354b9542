#!/usr/bin/env bash
# The relay in front of a real Redis: what clients get, and what the trace
# makes of commands, replies and pushes.
. "${srcdir:-.}/tests/lib.sh"
need redis-cli
need redis-server

# peer STEP...: a client of the relay.
peer() {
	"$PEER" "127.0.0.1:$PORT" "$@" || fail "peer: $*"
}

# direct ARG...: a command to the server itself.
direct() {
	redis-cli -s "$T/redis" "$@" >"$T/out"
}

# records N: what answers the commands of a connection, once it has ended,
# without what differs from run to run.
records() {
	wait_for "$T/trace" "^#$1 close "
	sed -n -e "s/^#$1 \(reply\|push\|error\) */\1 /p" "$T/trace" |
	    sed -e '/^reply/s/ [0-9]*us / /' \
	    -e 's/^push [0-9.]* \[0 [^]]*\]/push TIME/'
}

# conversation RECORDS STEP...: the next connection does the steps, and this
# is recorded of it.
conversation() {
	local expected=$1 n
	shift

	n=$(($(grep -c ' open ' "$T/trace") + 1))
	peer "$@"
	is "what answers $*" "$expected" "$(records "$n")"
}

start_redis
redis-cli -s "$T/redis" info server >"$T/version"
grep -q '^redis_version:7\.0\.' "$T/version" || skip 'this is not Redis 7.0'
start --upstream="$UP" --time=none

# What redis-cli does, byte by byte.
is 'what redis-cli prints' OK "$(redis-cli -p "$PORT" set fruit pears)"
wait_for "$T/trace" '^#1 close '
is 'a session' "$(cat <<'END'
#1 recv  "*3\r\n$3\r\nset\r\n$5\r\nfruit\r\n$5\r\npears\r\n"
#1 cmd   1 "set" "fruit" "pears"
#1 send  "+OK\r\n"
#1 reply 1 set OK
#1 close client eof; received 35 bytes, 1 command; sent 5 bytes
END
)" "$(sed -e '/ open /d' -e 's/ [0-9]*us / /' "$T/trace")"

# Pipelines, transactions, errors.
conversation 'reply 1 PING PONG
reply 2 GET "pears"
reply 3 NOSUCH (error) "ERR unknown command '\'NOSUCH\'', with args beginning with: "
reply 4 MULTI OK
reply 5 INCR QUEUED
reply 6 LRANGE QUEUED
reply 7 EXEC [(integer) 1, []]
reply 8 MULTI OK
reply 9 INCR (error) ERR wrong number of arguments for '\'incr\'' command
reply 10 EXEC (error) EXECABORT Transaction discarded because of previous errors.
reply 11 QUIT OK' \
    'send:PING\r\nGET fruit\r\nNOSUCH\r\n' \
    'send:MULTI\r\nINCR n\r\nLRANGE l 0 -1\r\nEXEC\r\n' \
    'send:MULTI\r\nINCR\r\nEXEC\r\nQUIT\r\n' save:"$T/replies"
has "$T/trace" '^#2 close upstream eof; '

# CLIENT REPLY, blank lines, blocking, MONITOR with its lines.
conversation 'reply 5 CLIENT OK
reply 6 BLPOP (nil)
reply 7 MONITOR OK
reply 8 PING PONG
push TIME \"PING\"' \
    'send:CLIENT REPLY OFF\r\nSET a 1\r\n\r\nCLIENT REPLY SKIP\r\nGET a\r\n' \
    'send:CLIENT REPLY ON\r\n' 'expect:+OK\r\n' \
    'send:BLPOP none 0.05\r\n' 'expect:*-1\r\n' \
    'send:MONITOR\r\n' 'expect:+OK\r\n' 'send:PING\r\n' 'expect:+PONG\r\n+' \
    shut save:"$T/replies"

# Subscriptions in both protocols.
# published RECORDS STEP...: the same while somebody publishes.
published() {
	local publisher

	rm -f "$T/subscribed"
	(
		poll 20 [ -e "$T/subscribed" ] && direct publish a hello
	) &
	publisher=$!
	conversation "$@"
	wait $publisher
}
message='\r\n$7\r\nmessage\r\n$1\r\na\r\n$5\r\nhello\r\n'
published 'reply 1 SUBSCRIBE ["subscribe", "a", (integer) 1]
reply 1 SUBSCRIBE ["subscribe", "b", (integer) 2]
push ["message", "a", "hello"]
reply 2 PING ["pong", ""]
reply 3 UNSUBSCRIBE ["unsubscribe", "a", (integer) 1]
reply 4 UNSUBSCRIBE ["unsubscribe", "b", (integer) 0]
reply 5 PING PONG' \
    'send:SUBSCRIBE a b\r\n' read:60 touch:"$T/subscribed" \
    "expect:*3$message" \
    'send:PING\r\nUNSUBSCRIBE a\r\nUNSUBSCRIBE b\r\nPING\r\n' \
    shut save:"$T/replies"
wait_for "$T/trace" 'reply 5 PING'
direct del t
n=$(($(grep -c ' open ' "$T/trace") + 1))
peer 'send:HELLO 3\r\nSUBSCRIBE a\r\nPUBLISH a x\r\n' \
    'send:CLIENT TRACKING ON\r\nGET t\r\nSET t 1\r\nPING\r\n' \
    shut save:"$T/replies"
is 'what answers in RESP3' 'reply 2 SUBSCRIBE >["subscribe", "a", (integer) 1]
push >["message", "a", "x"]
reply 3 PUBLISH (integer) 1
reply 4 CLIENT OK
reply 5 GET (nil)
reply 6 SET OK
push >["invalidate", ["t"]]
reply 7 PING PONG' "$(records "$n" | grep -v ' HELLO ')"
records "$n" >"$T/out"
has "$T/out" '^reply 1 HELLO {"server": "redis", '

# All that the server holds comes, whatever its size.
direct setrange big 3000000 x
redis-cli -p "$PORT" get big >"$T/big"
redis-cli -s "$T/redis" get big | cmp - "$T/big" || fail 'a big value differs'

# The server has enough of clients: what it says reaches the client.
"$PEER" "$UP" 'send:CONFIG SET maxclients 1\r\n' 'expect:+OK\r\n' \
    touch:"$T/one" await:"$T/many" 'send:CONFIG SET maxclients 999\r\n' \
    'expect:+OK\r\n' &
holder=$!
poll 20 [ -e "$T/one" ] || fail 'maxclients cannot be set'
peer 'expect:-ERR max number of clients reached\r\n' eof
touch "$T/many"
wait $holder || fail 'maxclients cannot be set back'

# A stream that is no more a reply to each command passes.
redis-cli -p "$PORT" --rdb "$T/rdb" >"$T/out" 2>&1 || fail '--rdb'
is 'the magic of a copy' REDIS "$(head -c 5 "$T/rdb")"
poll 20 closed || fail 'connections stay'
stop
is 'the exit status' 0 "$STATUS"
is 'lines on stderr' 2 "$(said)"

# One large pipeline: many commands wait for their replies, none is lost.
start --upstream="$UP" --show=error,close --time=none
peer repeat=300000:'ECHO x\r\n' 'send:QUIT\r\n' save:"$T/replies"
poll 20 closes 1 || fail 'a large pipeline does not end'
is 'a large pipeline' '#1 close upstream eof; received 2400006 bytes, '\
'300001 commands; sent 2100005 bytes' "$(cat "$T/trace")"
stop

kill $REDIS
wait $REDIS

# The forms of an address.  The port was free just now; if somebody took it,
# another one is.
tcp_redis() {
	rm -f "$T/free"
	"$PEER" --closed --listen="$T/free" 127.0.0.1:0 || fail 'no free port'
	TCP=$(sed 's/.*://' "$T/free")
	redis-server --port "$TCP" --bind 127.0.0.1 --dir "$T" --save '' \
	    >"$T/redis.log" &
	REDIS=$!
	poll 20 answers_or_gone && kill -0 $REDIS 2>/dev/null
}
answers_or_gone() {
	redis-cli -p "$TCP" ping >"$T/out" 2>&1 || ! kill -0 $REDIS 2>/dev/null
}
poll 20 tcp_redis || fail 'no redis-server on TCP'
for address in "$TCP" "127.0.0.1:$TCP" "localhost:$TCP" \
    "redis://127.0.0.1:$TCP" "redis://localhost:$TCP/0"; do
	start --upstream="$address" --show=messages --time=none
	peer 'send:PING\r\n' 'expect:+PONG\r\n' shut eof
	stop
	has "$T/trace" '^#1 reply 1 PING [0-9]*us PONG$'
done

kill $REDIS
wait $REDIS

# A unix socket that a dead server has left is refused at once.
rm -f "$T/stale"
timeout 1 nc -lU "$T/stale" &
poll 20 test -S "$T/stale"
wait $!
start --upstream="unix:$T/stale" --time=none --connect-timeout=1000
peer "expect:-ERR resptap: upstream unix:$T/stale: Connection refused\r\n" eof
stop

# Nobody is there, or does not say whether he is: the client is told.
start --upstream="127.0.0.1:$TCP" --time=none
peer "expect:-ERR resptap: upstream 127.0.0.1:$TCP: Connection refused\r\n" eof
peer 'send:PING\r\n' \
    "expect:-ERR resptap: upstream 127.0.0.1:$TCP: Connection refused\r\n" gone
poll 20 closes 2 || fail 'refused connections stay'
has "$T/trace" '^#1 close upstream failed; received 0 bytes, 0 commands; '
stop
start_upstream --backlog=0 --closed 127.0.0.1:0 await:"$T/enough"
"$PEER" "$UP" touch:"$T/full" await:"$T/enough" &
poll 20 [ -e "$T/full" ] || fail 'the queue of a listener is not full'
start --upstream="$UP" --connect-timeout=1 --time=none
peer 'send:PING\r\n' \
    "expect:-ERR resptap: upstream $UP: connect timed out\r\n" gone
touch "$T/enough"
poll 20 closed || fail 'it stays after a time-out'
has "$T/trace" '^#1 recv  "PING\\r\\n"$'
has "$T/trace" '^#1 close upstream failed; received 6 bytes, '
stop
is 'the exit status' 0 "$STATUS"

# A unix socket says at once that its queue is full: it is tried until it is
# not.
start_upstream --backlog=0 --closed "unix:$T/busy" await:"$T/room" open eof \
    open 'expect:PING\r\n' 'send:+PONG\r\n' eof
"$PEER" "$UP" touch:"$T/filled" await:"$T/room" &
poll 20 [ -e "$T/filled" ] || fail 'the queue of a unix socket is not full'
start --upstream="$UP" --time=none
"$PEER" "127.0.0.1:$PORT" 'send:PING\r\n' 'expect:+PONG\r\n' shut eof &
client=$!
wait_for "$T/trace" '^#1 recv '
touch "$T/room"
wait $client || fail 'a server whose queue was full'
await_upstream
stop
has "$T/trace" '^#1 reply 1 PING [0-9]*us PONG$'

# So many commands without a reply that the relay cannot follow: it says so,
# once, and passes them on.
start_upstream 127.0.0.1:0 read:4000000 'send:+OK\r\n' eof
start --upstream="$UP" --show=error,close --time=none
peer repeat=400000:'SELECT 1\r\n' 'expect:+OK\r\n' shut eof
await_upstream
poll 20 closes 1 || fail 'a client without replies does not end'
is 'commands without replies' 2 "$(wc -l <"$T/trace")"
has "$T/trace" '^#1 error too many requests wait for replies$'
has "$T/trace" '^#1 close client eof; received 4000000 bytes, 400000 commands; '
stop

# A client whose command waits for its reply is not idle, however long it waits;
# its neighbour is.
start_redis
start --upstream="$UP" --time=none --idle-timeout=1
redis-cli -p "$PORT" blpop queue 0 >"$T/popped" &
popping=$!
wait_for "$T/trace" '^#1 cmd .* "blpop"'
peer 'send:PING\r\n' 'expect:+PONG\r\n' gone
wait_for "$T/trace" '^#2 close idle'
redis-cli -s "$T/redis" rpush queue late >/dev/null
wait $popping || fail 'the blocked client'
is 'what was popped' 'queue
late' "$(cat "$T/popped")"
stop
kill $REDIS
wait $REDIS

# A descriptor for the client, and none for the server.
start_upstream 127.0.0.1:0 eof
start --upstream="$UP" --time=none
free=0
while [ -e "/proc/$PID/fd/$free" ]; do
	free=$((free + 1))
done
prlimit --pid "$PID" --nofile=$((free + 1)): ||
    skip 'prlimit is missing: the rest is not tested'
peer "expect:-ERR resptap: upstream $UP: Too many open files\r\n" gone
poll 20 closed || fail 'it stays without a descriptor'
stop
is 'the exit status' 0 "$STATUS"
kill $UPSTREAM
