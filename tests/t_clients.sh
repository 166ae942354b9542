#!/usr/bin/env bash
# Client libraries, as people use them: each goes through the same session,
# gets the same types as from a real Redis, and the trace shows what it did.
# With relay=yes (t_relay_clients.sh) the same through a relay to that Redis.
#
# Those that are not installed are left out: redis-py, hiredis, and of npm, in
# NODE_PATH, what clients/package.json says.
. "${srcdir:-.}/tests/lib.sh"

clients=$srcdir/tests/clients
relay=${relay:-}
ran=()
missing=()

#
# What the trace has to show.
#

# check_trace: prints what is wrong with $T/trace: every command has its reply
# (SUBSCRIBE one for each channel), every connection its end, nothing was an
# error; and of the two connections one went through the session, and one
# subscribed.
check_trace() {
	awk -v session="$clients/session" -v relay="$relay" '
	function bad(text) {
		print text
		wrong++
	}
	# Whether a value is the expected one, where N is any number and "..."
	# at the end is anything.
	function fits(value, expected,    n) {
		if (expected ~ /\.\.\.$/)
			return index(value, substr(expected, 1,
			    length(expected) - 3)) == 1
		if (expected == "(integer) N")
			return value ~ /^\(integer\) [0-9]+$/
		return value == expected
	}
	# What follows the event in $0, without the number there.
	function body(    text) {
		text = $0
		sub(/^#[0-9]+ [a-z]+ +[0-9]+ /, "", text)
		return text
	}
	# The session of connection c, from its n-th command on.
	function check_session(c, n,    i) {
		for (i = 1; i <= steps; i++) {
			if (command[c, n] != step[i])
				bad("command " n ": " command[c, n] \
				    ", expected " step[i])
			else if (!fits(reply[c, n],
			    resp3[c] && step3[i] != "" ? step3[i] : step2[i]))
				bad(step[i] " was answered " reply[c, n])
			n++
		}
	}
	BEGIN {
		ends = "^#[0-9]+ close (eof|quit);"
		if (relay)
			ends = "^#[0-9]+ close (client|upstream) eof;"
		FS = "\t"
		while ((getline <session) > 0)
			if ($0 !~ /^#/) {
				step[++steps] = $1
				step2[steps] = $2
				step3[steps] = $3
				if (relay && $4 != "")
					step2[steps] = $4
				if (relay && $5 != "")
					step3[steps] = $5
			}
		if (steps < 10)
			bad("no session in " session)
		FS = " "
	}
	{
		c = $1
		known = c in opened
	}
	$2 == "open" {
		opened[c]++
		connections++
		next
	}
	!known || c in closed {
		bad("not while it is open: " $0)
		next
	}
	$2 == "cmd" {
		if ($3 != ++commands[c])
			bad("not its number: " $0)
		first = body()
		if (match(first, /^"[^"]*"/))
			first = toupper(substr(first, 1, RLENGTH)) \
			    substr(first, RLENGTH + 1)
		if (first ~ /^"CLIENT" /)	# and what it is to do
			first = toupper(substr(first, 1, 17)) substr(first, 18)
		sub(/^"CONFIG" "get"/, "\"CONFIG\" \"GET\"", first)
		command[c, $3] = first
		if (first ~ /^"HELLO" "3"/)
			resp3[c] = 1
		if (first == step[1])
			begin[c] = $3
		replies = 1
		if (first ~ /^"(UN)?SUBSCRIBE"/) {
			listened[c] = listened[c] first
			replies = split(first, words, " ") - 1
		}
		while (replies-- > 0)
			turn[c, ++turns[c]] = $3
		if (first == "\"SELECT\" \"2\"")
			selected[c] = 1
		next
	}
	$2 == "reply" {
		if ($3 != turn[c, ++answered[c]])
			bad("not its turn: " $0)
		first = body()
		sub(/^[^ ]+ [0-9]+us /, "", first)
		reply[c, $3] = first
		if (first == "")
			bad("an empty reply: " $0)
		next
	}
	$2 == "close" {
		closed[c] = 1
		if ($0 !~ ends)
			bad($0)
		if (turns[c] != answered[c])
			bad(turns[c] " replies expected, " answered[c] \
			    " seen before: " $0)
		next
	}
	{
		bad("unexpected: " $0)
	}
	END {
		if (connections != 2)
			bad(connections " connections")
		for (c in opened) {
			if (!(c in closed))
				bad("not closed: " c)
			if (c in begin) {
				check_session(c, begin[c])
				sessions++
			}
			if (listened[c] == "\"SUBSCRIBE\" \"ch1\" \"ch2\"" \
			    "\"UNSUBSCRIBE\" \"ch1\" \"ch2\"" && selected[c])
				listeners++
		}
		if (sessions != 1 || listeners != 1)
			bad(sessions + 0 " sessions, " listeners + 0 \
			    " listeners")
	}' "$T/trace" || echo 'awk fails'
}

#
# A client, first with resptap and then with a real Redis.
#

flush() {
	[ -z "$redis" ] || redis-cli -s "$T/redis" flushall >"$T/out"
}

# session WHAT PROTOCOL COMMAND [ARG]: runs COMMAND ADDRESS PROTOCOL ARG.
session() {
	local what="$1, protocol $2" protocol=$2 command=$3 status
	shift 3

	flush
	start --time=none --show=conns,messages \
	    ${relay:+--upstream="unix:$T/redis"}
	"$command" "$PORT" "$protocol" "$@" >"$T/got" 2>"$T/client.err"
	status=$?
	if [ $status -eq 77 ]; then
		stop
		return 77
	fi
	[ $status -eq 0 ] || {
		show "$T/got"
		show "$T/client.err"
		fail "$what: exit status $status"
	}
	poll 20 closed || fail "$what: a connection stays open"
	stop
	is "$what: the exit status" 0 "$STATUS"
	is "$what: what resptap says" 2 "$(said)"
	is "$what: what is wrong in the trace" '' "$(check_trace)"
	hasnt "$T/trace" secret
	ran+=("$(head -n 1 "$T/client.err") ($protocol)")

	[ -n "$redis" ] || return 0
	flush
	"$command" "$T/redis" "$protocol" "$@" >"$T/expected" \
	    2>"$T/client.err" || {
		show "$T/client.err"
		fail "$what: fails with a real Redis"
	}
	is "$what: the types" "$(cat "$T/expected")" "$(cat "$T/got")"
}

# client WHAT COMMAND [ARG]: all sessions of a client.
client() {
	local what=$1 protocol done=
	shift

	for protocol in - 2 3; do
		session "$what" "$protocol" "$@" && done=yes
	done
	[ -n "$done" ] || missing+=("$what")
}

# python_with_redis: prints an interpreter that has redis-py; Debian's package
# is for Debian's own.
python_with_redis() {
	local python

	for python in python3 /usr/bin/python3; do
		"$python" -c 'import redis' >"$T/out" 2>&1 || continue
		command -v "$python"
		return
	done
	return 1
}

redis_py() {
	"$python" -B "$clients/redis_py.py" "$@"
}

node_redis() {
	command -v node >"$T/out" || return 77
	node "$clients/node_redis.mjs" "$@"
}

ioredis() {
	command -v node >"$T/out" || return 77
	node "$clients/ioredis.mjs" "$@"
}

# build_hiredis: compiles the client into $T/hiredis.
build_hiredis() {
	local cc=${CC:-cc} flags

	command -v "${cc%% *}" >"$T/out" || return
	flags=$(pkg-config --cflags --libs hiredis 2>"$T/out") || return
	# shellcheck disable=SC2086 # flags are words
	$cc -o "$T/hiredis" "$clients/hiredis.c" $flags \
	    >"$T/out" 2>&1 || {
		show "$T/out"
		fail 'hiredis.c does not compile'
	}
}

redis=
if (need redis-server && need redis-cli) >"$T/out"; then
	need redis-server	# for its PATH
	start_redis
	redis=yes
fi
[ -z "$relay" ] || [ -n "$redis" ] || skip 'no redis-server to relay to'

if python=$(python_with_redis); then
	client redis-py redis_py
else
	missing+=(redis-py)
fi
if build_hiredis; then
	client hiredis "$T/hiredis"
else
	missing+=(hiredis)
fi
for package in redis4 redis5 redis6; do
	client $package node_redis $package
done
for package in ioredis5 ioredis6; do
	client $package ioredis $package
done

[ ${#ran[@]} -gt 0 ] || skip 'no client library is installed'
printf 'ran: %s\n' "${ran[@]}"
[ -n "$redis" ] || echo 'no real Redis here: the types were not compared'
[ ${#missing[@]} -eq 0 ] || echo "not installed: ${missing[*]}"
