#!/usr/bin/env bash
# All that redis-cli and redis-benchmark can do: what they print and how they
# end is as with a real, empty Redis, and the trace shows a reply to each
# command.  (t_cli.sh looks at the records themselves.)  With relay=yes
# (t_relay_tools.sh) the same through a relay to that Redis.
. "${srcdir:-.}/tests/lib.sh"
need redis-cli
need redis-server
relay=${relay:-}

flush() {
	redis-cli -s "$T/redis" flushall >"$T/out"
}

# begin, finish WHAT [MORE]: around what is done with the daemon.  There are
# so many MORE replies than commands.
begin() {
	local as=--compat=redis-7.0

	rm -f "$T/resptap"
	if [ -n "$relay" ]; then
		as=--upstream=unix:$T/redis
		flush
	fi
	start --listen="unix:$T/resptap" --time=none --show=conns,messages \
	    "$as"
}

finish() {
	local n

	poll 20 closed || fail "$1: a connection stays open"
	stop
	is "$1: the exit status of resptap" 0 "$STATUS"
	is "$1: what resptap says" 3 "$(said)"
	hasnt "$T/trace" '^#[0-9]* error '
	n=$(grep -c '^#[0-9]* cmd ' "$T/trace")
	[ "$n" -gt 0 ] || fail "$1: no command in the trace"
	is "$1: the number of replies" $((n + ${2:-0})) \
	    "$(grep -c '^#[0-9]* reply ' "$T/trace")"
}

# talk NAME ARG...: runs redis-cli with a server and $T/in on stdin; puts what
# it prints, and how it ends, into $T/NAME.out.
talk() {
	local name=$1
	shift

	timeout 20 redis-cli -s "$T/$name" "$@" \
	    <"$T/in" >"$T/raw" 2>"$T/raw.err"
	{
		printf 'exit status %s\n' $?
		sed 's/^id [0-9]*$/id N/' "$T/raw"
		cat "$T/raw.err"
	} >"$T/$name.out"
}

# same ARG...: redis-cli prints the same with both servers.
same() {
	local what="redis-cli $*"

	flush
	talk redis "$@"
	begin
	talk resptap "$@"
	finish "$what"
	is "$what" "$(cat -v "$T/redis.out")" "$(cat -v "$T/resptap.out")"
}

# sends COMMAND: one of the connections sent it.
sends() {
	has "$T/trace" "^#[0-9]* cmd   [0-9]* $1"
}

start_redis
redis-cli -s "$T/redis" info server >"$T/version"
grep -q '^redis_version:7\.0\.' "$T/version" || skip 'this is not Redis 7.0'
: >"$T/in"

# One command, in all the ways to print the answer.
same ping
same echo 'two words'
same set k v
same get none
same --no-raw mget none nil
same --no-raw hgetall none
same -3 --no-raw hgetall none
same -3 --no-raw smembers none
same -3 --no-raw zscore none m
same -3 --no-raw config get save
same -3 info nosuch
same --csv mget none nil
same --csv config get save
same --json config get save
same -2 --json config get save
same --json scan 0
same --quoted-json mget none nil
same --quoted-input echo '"\x00\xff"'
same -d , mget none nil
same -r 3 ping
same nosuch a b
same -e nosuch a b
same get
same -e get
same blpop none 0.1
same dbsize
same randomkey
same object encoding none
same quit

# With a database and a user.
same -n 3 ping
sends '"SELECT" "3"$'
same -n 99 ping
same --no-auth-warning --user default --pass secret -n 3 -3 ping
sends '"HELLO" "3"$'
sends '"AUTH" <redacted '
hasnt "$T/trace" secret
begin
is 'redis-cli -u' PONG "$(redis-cli --no-auth-warning \
    -u "redis://default:secret@127.0.0.1:$PORT/3" ping)"
finish 'redis-cli -u'
sends '"AUTH" <redacted '
sends '"SELECT" "3"$'

# The last argument, or one of them, on stdin.
printf 'from\r\nstdin\0\377' >"$T/in"
same -x echo
sends '"echo" "from\\r\\nstdin\\x00\\xff"$'
same -X here echo here
sends '"echo" "from\\r\\nstdin\\x00\\xff"$'

# Commands on stdin.
cat >"$T/in" <<'END'
ping
multi
set k v
get none
hgetall none
exec
2 ping
nosuch
get
select 5
ping "unbalanced
hello 3
hgetall none
client setname x
client getname
reset
client getname
END
same
sends '"COMMAND" "DOCS"$'
sends '"exec"$'
same -3

# Mass insertion.
printf '%s\r\n' 'SET a 1' '*3' "\$3" SET "\$1" b "\$1" 2 NOSUCH >"$T/in"
same --pipe --pipe-timeout 10
: >"$T/in"
same --pipe --pipe-timeout 10

# What walks through the keys.
same --scan
same --scan --pattern 'a*'
same --bigkeys
same --memkeys
same --hotkeys

# Figures: they are there, and some more come.
begin
stdbuf -oL redis-cli -s "$T/resptap" --stat -i 0.01 2>"$T/cli.err" |
    head -n 4 >"$T/stat"
is '--stat on stderr' '' "$(cat "$T/cli.err")"
is 'the lines of --stat' '------- keys 0 0' \
    "$(awk '{ print $1 }' "$T/stat" | xargs)"
finish '--stat'
begin
redis-cli -s "$T/resptap" --latency -i 0.1 >"$T/latency" 2>&1
is 'the exit status of --latency' 0 $?
has "$T/latency" '^[0-9][0-9]* [0-9][0-9]* [0-9.]* [0-9][0-9]*$'
finish '--latency'

# MONITOR while another client talks.  Redis says SELECT in the database that
# it leads to, resptap where it was sent.
# monitor NAME: what MONITOR says of some commands, without times and peers.
monitor() {
	redis-cli -s "$T/$1" monitor >"$T/$1.monitor" 2>&1 &
	monitor=$!
	wait_for "$T/$1.monitor" '^OK$'
	redis-cli -s "$T/$1" -n 2 set 'a b' $'\x01"\\' >"$T/out"
	redis-cli -s "$T/$1" echo end >"$T/out"
	wait_for "$T/$1.monitor" '"end"$'
	kill $monitor
	sed -e 's/^[0-9.]* \[\([0-9]*\) [^]]*\]/TIME [\1 PEER]/' \
	    -e 's/\[[0-9]* \(PEER\] "SELECT"\)/[N \1/' \
	    "$T/$1.monitor" >"$T/$1.out"
}
monitor redis
begin
monitor resptap
finish monitor
is monitor "$(cat "$T/redis.out")" "$(cat "$T/resptap.out")"

# Subscriptions, which stay until the client goes.
# subscribe NAME PATTERN ARG...: what redis-cli prints up to PATTERN.
subscribe() {
	local name=$1 pattern=$2
	shift 2

	rm -f "$T/$name.out"
	redis-cli -s "$T/$name" "$@" >"$T/$name.out" 2>&1 &
	wait_for "$T/$name.out" "$pattern"
	kill $!
}
for how in -2 -3; do
	for command in 'subscribe a b' 'psubscribe a* b*' 'ssubscribe a b'; do
		read -ra words <<<"$command"
		subscribe redis '^2$' $how "${words[@]}"
		begin
		subscribe resptap '^2$' $how "${words[@]}"
		finish "$command" 1
		is "redis-cli $how $command" "$(cat "$T/redis.out")" \
		    "$(cat "$T/resptap.out")"
	done
done

# A copy of the data: the stub has none, which redis-cli says and ends; behind a
# relay there is one, whose stream is not understood but passes.
begin
timeout 20 redis-cli -s "$T/resptap" --rdb "$T/rdb" >"$T/out" 2>&1
status=$?
if [ -n "$relay" ]; then
	is 'the exit status of --rdb' 0 $status
	poll 20 closed || fail '--rdb: a connection stays open'
	stop
	is 'the magic of the copy' REDIS "$(head -c 5 "$T/rdb")"
	is 'the errors of --rdb' 1 "$(grep -c '^#[0-9]* error ' "$T/trace")"
else
	is 'the exit status of --rdb' 1 $status
	has "$T/out" '^SYNC with master failed: -ERR'
	finish '--rdb'
	begin
	timeout 20 redis-cli -s "$T/resptap" --replica >"$T/out" 2>&1
	is 'the exit status of --replica' 1 $?
	finish '--replica'
fi

# benchmark ARG...: it measures each of the tests, and the trace shows all that
# it sent.
benchmark() {
	begin
	timeout 60 redis-benchmark -s "$T/resptap" -n 20000 -P 16 "$@" \
	    >"$T/out" 2>"$T/benchmark.err"
	is 'the exit status of redis-benchmark' 0 $?
	is 'redis-benchmark on stderr' '' "$(cat "$T/benchmark.err")"
	hasnt "$T/out" '[Ee]rror'
	finish redis-benchmark
	sends '"CONFIG" "GET" "appendonly"$'
}

# counts: how often each command stands in the trace.
counts() {
	awk '$2 == "cmd" { n[$4]++ } END { for (c in n) print c, n[c] }' \
	    "$T/trace" | sort
}

if command -v redis-benchmark >"$T/out"; then
	benchmark -q -t set,get,ping,lpush,mset
	is 'what redis-benchmark measured' \
	    'PING_INLINE PING_MBULK SET GET LPUSH MSET' "$(tr '\r' '\n' \
	    <"$T/out" | awk '/requests per second/ { sub(/:$/, "", $1)
		printf "%s%s", n++ ? " " : "", $1 }')"
	is 'what redis-benchmark sent' "$(cat <<'END'
"CONFIG" 2
"GET" 20000
"LPUSH" 20000
"MSET" 20000
"PING" 40000
"SET" 20000
END
)" "$(counts)"
	benchmark -3 --csv --user default -a secret --dbnum 3 -r 100 \
	    -t incr,sadd
	is 'the lines of redis-benchmark --csv' '"test" "INCR" "SADD"' \
	    "$(cut -d , -f 1 "$T/out" | xargs -d '\n')"
	is 'the numbers of INCR and SADD' '"INCR" 20000 "SADD" 20000' \
	    "$(counts | grep -e INCR -e SADD | xargs -d '\n')"
	sends '"HELLO" "3"$'
	sends '"SELECT" "3"$'
	hasnt "$T/trace" secret
fi
