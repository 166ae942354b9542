#!/usr/bin/env bash
# Secrets are seen nowhere but in raw.
#
# Each place where a command carries a secret gets a canary of its own, in an
# array and in inline commands, in every case, in one write and in many.  None
# may be found in any output, nor in what is left of the bytes when they are
# joined; without redaction all of them must be there.
. "${srcdir:-.}/tests/lib.sh"
need jq

mark=Qz7c		# begins each canary, and is nowhere else
places=0		# so far

# What a command says: _ is where a canary stands.
commands='AUTH _
AUTH user _
AUTH _ _ _
HELLO 3 AUTH user _
HELLO 2 AUTH _ _ SETNAME me
HELLO 3 SETNAME me AUTH _ _
HELLO 3 AUTH _
HELLO AUTH _ _
HELLO 2 NO SUCH AUTH _ _
HELLO 2 SETNAME AUTH _ _
ACL SETUSER me on >_ <_ #_ !_ ~*
ACL SETUSER me +@all >_
CONFIG SET requirepass _
CONFIG SET masterauth _
CONFIG SET masteruser _
CONFIG SET tls-key-file-pass _
CONFIG SET tls-client-key-file-pass _
CONFIG SET primaryauth _ primaryuser _
CONFIG SET search-some-password _ bf.auth-token _
FT.CONFIG SET GLOBAL-PASSWORD _
MODULE LOADEX /x.so CONFIG hz 1 CONFIG x.secret _ ARGS PASSWORD _
CLUSTER MIGRATESLOTS SLOTSRANGE 0 1 NODE n AUTH2 _ _
COMMAND GETKEYS AUTH _
COMMAND GETKEYSANDFLAGS CONFIG SET requirepass _
ACL DRYRUN me AUTH _
SET key redis://user:_@host
LPUSH key a valkeys://:_@host
CONFIG SET maxmemory 1 requirepass _ hz 10
CONFIG SET maxmemory requirepass _ hz
CONFIG SET requirepass _ masterauth
CONFIG SET nosuch requirepass _
MIGRATE host 6379 key 0 1000 AUTH _
MIGRATE host 6379 k 0 1000 COPY AUTH2 _ _ KEYS a b
MIGRATE host 6379 k 0 1000 NOSUCH AUTH _
MIGRATE AUTH _
SENTINEL SET mymaster auth-pass _
SENTINEL SET m quorum 2 auth-pass _
SENTINEL CONFIG SET sentinel-pass _'

# word STYLE WORD: one argument, as a step of the peer.
word() {
	local word=$2 i

	case $1 in
	array)
		printf '$%d\\r\\n%s\\r\\n' "${#word}" "$word"
		return
		;;
	double)
		word="\\\"$word\\\""
		;;
	single)
		word="'$word'"
		;;
	middle)
		word="${word::2}\\\"${word:2}\\\""
		;;
	hex)
		word=
		for ((i = 0; i < ${#2}; i++)); do
			printf -v word '%s\\\\x%02x' "$word" "'${2:i:1}"
		done
		word="\\\"$word\\\""
		;;
	esac
	printf '%s ' "$word"
}

# command_in STYLE WORD...: one command, as a step of the peer; its canaries are
# added to $T/canaries.
command_in() {
	local style=$1 i canary
	shift

	[ "$style" != array ] || printf '*%d\\r\\n' $#
	for i; do
		while [[ $i = *_* ]]; do
			places=$((places + 1))
			printf -v canary '%s%05dKv' "$mark" "$places"
			i=${i/_/"$canary"}
			echo "$canary" >>"$T/canaries"
		done
		word "$style" "$i"
	done
	[ "$style" = array ] || printf '\\r\\n'
}

# spell CASE TEXT
spell() {
	local i next

	case $1 in
	lower)
		echo "${2,,}"
		;;
	upper)
		echo "${2^^}"
		;;
	mixed)
		for ((i = 0; i < ${#2}; i += 2)); do
			next=${2:i + 1:1}
			echo -n "${2:i:1}${next,,}"
		done
		echo
		;;
	esac
}

# Everything that the clients say, as steps of the peer.
set -f
while read -r line; do
	for how in lower:array upper:plain mixed:array mixed:double \
	    upper:single lower:middle upper:hex; do
		# shellcheck disable=SC2046 # words
		command_in "${how#*:}" $(spell "${how%:*}" "$line")
	done >>"$T/stream"
done <<<"$commands"
{
	printf 'MULTI\\r\\n'
	command_in array CONFIG SET maxmemory requirepass _ hz
	command_in plain AUTH _ _
	command_in plain GET auth
	printf 'EXEC\\r\\n'
} >>"$T/stream"
set +f
stream=$(cat "$T/stream")

# Streams that end in the middle, or break a rule.
declare -a broken=()
for tail in 'AUTH x%sKv' 'AUTH \"x%s y' 'AUTH x\x00%s' 'AUTH \"\"%s\r\n' \
    "AUTH 'x%s\r\n" '*2\r\n$4\r\nAUTH\r\n$100\r\n%s' \
    'CONFIG SET requirepass \"x\"%s\r\n' "HELLO 3 AUTH x 'it'%s\r\n" \
    'ACL SETUSER u \">x\"%s\r\n'; do
	places=$((places + 1))
	printf -v canary '%s%05dKv' "$mark" "$places"
	echo "$canary" >>"$T/canaries"
	broken+=("${tail/\%s/"$canary"}")
done
[ "$places" -gt 200 ] || fail "only $places canaries"

# The spellings in which a canary may be found.
spelt=$(word hex "$mark")
spelt=${spelt//\\\\/\\}
spelt=${spelt#\\\"}
spelt=${spelt%\\\" }
in_hex=$(printf %s "$mark" | od -An -tx1 | tr -d ' \n')
spelt_in_hex=$(printf %s "$spelt" | od -An -tx1 | tr -d ' \n')

# clean WHAT FILE...: no canary is in the files, however it is spelt.
clean() {
	local what=$1
	shift

	if grep -a -o -F -e "$mark" -e "$spelt" -e "${spelt//\\/\\\\}" -- \
	    "$@" >"$T/found"; then
		grep -a -h -o -e ".\{0,80\}$mark.\{9\}" -- "$@" | head -n 10
		fail "$(wc -l <"$T/found") canaries in $what"
	fi
}

# hex_bytes: the digits of the dump, a line for each connection and direction.
hex_bytes() {
	awk '
	/ #[0-9]+ (recv|send) / {
		for (i = 1; $i !~ /^#/; i++)
			;
		to = $i $(i + 1)
	}
	/^[0-9a-f]+  [0-9a-f*][0-9a-f*] / {
		digits = substr($0, 11, 49)
		gsub(/ /, "", digits)
		hex[to] = hex[to] digits
	}
	END {
		for (to in hex)
			print hex[to]
	}' "$T/trace"
}

# joined FORMAT: what the trace tells of the bytes, joined per connection and
# direction, into the files of $T/joined.
joined() {
	rm -rf "$T/joined" "$T/joined.recv" "$T/joined.send"
	mkdir "$T/joined"
	case $1 in
	text)
		"$PEER" --unescape="$T/joined.recv" recv <"$T/trace" &&
		    "$PEER" --unescape="$T/joined.send" send <"$T/trace" ||
		    fail 'the text cannot be turned back'
		cat "$T/joined.recv"/* >"$T/joined/recv"
		[ -z "$(ls "$T/joined.send")" ] ||
		    cat "$T/joined.send"/* >"$T/joined/send"
		;;
	hex)
		hex_bytes >"$T/joined/hex"
		! grep -q -e "$in_hex" -e "$spelt_in_hex" "$T/joined/hex" ||
		    fail 'canaries in the hex dump'
		;;
	json)
		jq -n -r 'def bytes: if type == "string" then .
		    elif .base64 then .base64 | @base64d else "*" end;
		reduce (inputs | select(.event == "recv" or .event == "send"))
		    as $r ({}; .["\($r.conn) \($r.event)"] +=
			if $r.data_base64 then $r.data_base64 | @base64d
			elif ($r.data | type) == "array"
			then [$r.data[] | bytes] | add
			else $r.data end) | .[]' "$T/trace" \
		    >"$T/joined/json" || fail 'jq does not accept the trace'
		jq -r '.. | .base64? // empty | @base64d' "$T/trace" \
		    >"$T/joined/values" || fail 'jq does not accept the trace'
		;;
	esac
}

# talk: all that there is to say to the daemon.
talk() {
	local addr=127.0.0.1:$PORT tail

	"$PEER" "$addr" "send:$stream" shut "save:$T/whole" ||
	    fail 'a client in one write'
	"$PEER" "$addr" "slice=3:$stream" shut "save:$T/sliced" ||
	    fail 'a client in slices'
	[ "$1" != text ] || "$PEER" "$addr" "drip:$stream" shut \
	    "save:$T/dripped" || fail 'a client that drips'
	for tail in "${broken[@]}"; do
		"$PEER" "$addr" "send:$tail" taken shut "save:$T/replies" ||
		    fail "a client that says: $tail"
		"$PEER" "$addr" "drip:$tail" taken shut "save:$T/replies" ||
		    fail "a client that drips: $tail"
	done
}

# monitor: a client that monitors, until the daemon ends.
monitor() {
	rm -f "$T/monitored" "$T/monitors"
	"$PEER" -t 100 "127.0.0.1:$PORT" 'send:MONITOR\r\n' \
	    'expect:+OK\r\n' "touch:$T/monitors" "save:$T/monitored" &
	monitor=$!
	poll 20 test -e "$T/monitors" || fail 'MONITOR is not answered'
}

for mode in redis ok echo none; do
	for format in text hex json monitor; do
		start --reply=$mode --format=$format
		[ $mode != redis ] || monitor
		talk $format
		stop
		is "the exit status with $mode, $format" 0 "$STATUS"
		clean "the $format trace of $mode" "$T/trace"
		clean "stderr of $mode, $format" "$T/err"
		joined $format
		for file in "$T/joined"/*; do
			[ ! -f "$file" ] ||
			    clean "the bytes of $mode, $format" "$file"
		done
		[ $mode = redis ] || continue
		wait "$monitor" || fail 'the monitor'
		has "$T/monitored" '"(redacted)"'
		clean "what a monitor saw of $mode, $format" "$T/monitored"
	done
done

# Bytes that are not decoded for a reply are searched all the same.
for show in recv bytes bytes,conns; do
	start --reply=none --show=$show
	talk hex
	stop
	clean "the trace of --reply=none --show=$show" "$T/trace"
	has "$T/trace" '<redacted'
done

# Cut records.
start --snaplen=100 --clip=8
talk hex
stop
clean 'a cut trace' "$T/trace"

# A client that has said something before it is refused.
start --max-clients=1
"$PEER" "127.0.0.1:$PORT" 'send:PING\r\n' 'expect:+PONG\r\n' \
    "touch:$T/held" "await:$T/done" &
holder=$!
poll 20 test -e "$T/held" || fail 'no first client'
kill -STOP "$PID"
"$PEER" "127.0.0.1:$PORT" "send:AUTH $mark\r\n" taken "touch:$T/sent" gone &
refused=$!
poll 20 test -e "$T/sent" || fail 'no second client'
kill -CONT "$PID"
wait "$refused" || fail 'the second client'
touch "$T/done"
wait "$holder" || fail 'the first client'
stop
has "$T/trace" 'max clients'
has "$T/trace" '#2 recv  "AUTH " <redacted'
clean 'the trace of a refused client' "$T/trace"

# What follows QUIT; whether the daemon still reads it, is a matter of luck.
for ((i = 0; i < 12000; i++)); do
	echo PING
done >"$T/pings"
start
for _ in 1 2 3 4 5; do
	"$PEER" "127.0.0.1:$PORT" 'send:QUIT\r\n' "file:$T/pings" \
	    "send:AUTH $mark\r\n" gone 2>"$T/luck"
done
stop
has "$T/trace" 'close quit'
clean 'the trace of what follows QUIT' "$T/trace"

# found FILE: all canaries are there, in one spelling or the other.
found() {
	local n

	n=$(grep -a -o -h -F -f "$T/canaries" "$1" | sort -u | wc -l)
	is "how many canaries there are in $1" "$places" "$n"
}

# A relay: errors that quote what they answer, and passwords that are made.
if (need redis-server) >"$T/out"; then
	need redis-server	# for its PATH
	start_redis --rename-command CONFIG ''
	for format in text json hex; do
		start --upstream="$UP" --format=$format
		"$PEER" "127.0.0.1:$PORT" \
		    "send:CONFIG SET requirepass $mark\r\n" \
		    "send:*4\r\n\$3\r\nACL\r\n\$7\r\nSETUSER\r\n\$1\r\nu\r\n" \
		    "send:\$7\r\n (>$mark\r\n" \
		    "send:NO-SUCH redis://u:$mark@host\r\n" \
		    "send:MULTI\r\nCONFIG SET requirepass $mark\r\n" \
		    'send:DISCARD\r\nACL GENPASS\r\n' shut "save:$T/replies" ||
		    fail 'a client of the relay'
		stop
		has "$T/replies" "$mark"
		clean "the $format trace of a relay" "$T/trace"
		joined $format
		for file in "$T/joined"/*; do
			clean "the bytes of a relay in $format" "$file"
		done
		genpass=$(tail -n 1 "$T/replies" | tr -d '\r\n')
		is 'the length of what ACL GENPASS makes' 64 "${#genpass}"
		hasnt "$T/trace" "$genpass"
	done
fi

# raw shows all, and so does every format with --redact=none; but what clients
# can ask for is always redacted.
start --format=raw
talk raw
stop
n=$(grep -a -o -F -f "$T/canaries" "$T/trace" | sort -u | wc -l)
[ "$n" -gt $((places / 2)) ] || fail "raw shows only $n of $places canaries"
grep -a -q -F -e "$spelt" "$T/trace" || fail 'raw shows no escapes'
for format in text json; do
	start --redact=none --format=$format
	monitor
	talk $format
	stop
	wait "$monitor" || fail 'the monitor'
	found "$T/trace"
done
clean 'what a monitor saw of --redact=none' "$T/monitored"
start --redact=none --format=hex
talk hex
stop
hex_bytes >"$T/hex"
grep -q "$in_hex" "$T/hex" && grep -q "$spelt_in_hex" "$T/hex" ||
    fail 'the hex dump without redaction shows no canary'
