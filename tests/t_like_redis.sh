#!/usr/bin/env bash
# The stub against a real Redis: data/like_redis.txt, each line on connections
# of its own.  The bytes that come back must be the same, and so must be
# whether the server closes.
#
# That a server does not close shows only by waiting, so many lines wait at
# once.
. "${srcdir:-.}/tests/lib.sh"
need redis-server

patience=2		# seconds without a byte: it stays open
at_once=150

# talk NAME ADDR BYTES: puts into $T/NAME what is answered to BYTES, with ids
# made equal, and then how it ended.
talk() {
	local end=closed ids=

	"$PEER" -t $patience "$2" "send:$3" "save:$T/$1.raw" 2>"$T/$1.err" ||
	    end=$(cat "$T/$1.err")
	case $end in
	*'no more in time')
		end=open
		;;
	*'reset by peer'|*'Broken pipe')
		end=closed
		;;
	esac
	case ${3^^} in
	*'CLIENT ID'*)
		ids='s/^:[0-9][0-9]*\r$/:ID\r/'
		;;
	esac
	sed -e '/^id\r$/{n;s/^:[0-9]*/:ID/;}' -e "$ids" "$T/$1.raw" >"$T/$1"
	printf '\n%s\n' "$end" >>"$T/$1"
	rm -f "$T/$1.raw" "$T/$1.err"
}

start_redis
"$PEER" "unix:$T/redis" 'send:INFO server\r\n' shut "save:$T/version"
grep -q '^redis_version:7\.0\.' "$T/version" || skip 'this is not Redis 7.0'
start --listen="unix:$T/resptap" --show=error \
    --compat=redis-7.0

# compare: waits for the lines that are being talked, and compares.
compare() {
	local i expected

	wait "${talking[@]}"
	talking=()
	for i in "${!lines[@]}"; do
		case ${lines[i]} in
		!*)
			! cmp -s "$T/redis.$i" "$T/resptap.$i" ||
			    fail "no exception any more: ${lines[i]}"
			exceptions=$((exceptions + 1))
			;;
		*)
			cmp -s "$T/redis.$i" "$T/resptap.$i" || {
				expected=$(od -c "$T/redis.$i")
				is "the answer to ${lines[i]}" "$expected" \
				    "$(od -c "$T/resptap.$i")"
			}
			;;
		esac
		rm -f "$T/redis.$i" "$T/resptap.$i"
	done
	n=$((n + ${#lines[@]}))
	lines=()
}

n=0
exceptions=0
lines=()
talking=()
while IFS= read -r line; do
	case $line in
	''|'#'*)
		continue
		;;
	esac
	i=${#lines[@]}
	lines+=("$line")
	line=${line#'! '}
	talk "redis.$i" "unix:$T/redis" "$line" &
	talking+=($!)
	talk "resptap.$i" "unix:$T/resptap" "$line" &
	talking+=($!)
	[ "$i" -lt $at_once ] || compare
done <"$srcdir/tests/data/like_redis.txt"
compare
[ "$n" -ge 200 ] || fail "only $n lines"
[ "$exceptions" -le 3 ] || fail "$exceptions exceptions are too many"

stop
is 'the exit status' 0 "$STATUS"
