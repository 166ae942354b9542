#!/usr/bin/env bash
# --allow and --unix-mode: who may connect.
. "${srcdir:-.}/tests/lib.sh"
need nc
need redis-cli

# ask ADDRESS: prints what a client from there is answered.
ask() {
	printf 'PING\r\n' | nc -s "$1" -N 127.0.0.1 "$PORT" 2>"$T/nc" |
	    tr -d '\r'
}

[ "$(uname)" = Linux ] || skip 'all of 127.0.0.0/8 is needed'
for threads in 1 3; do
	start --allow=127.0.0.4/31,10.0.0.0/8 --allow=::1 --threads=$threads \
	    --listen="unix:$T/socket" --time=none --show=conns
	is 'the first of the set' +PONG "$(ask 127.0.0.4)"
	is 'the last of the set' +PONG "$(ask 127.0.0.5)"
	is 'the one before' '' "$(ask 127.0.0.3)"
	is 'the one behind' '' "$(ask 127.0.0.6)"
	for _ in {1..60}; do
		is 'another one' '' "$(ask 127.0.0.1)"
	done
	is 'by the unix socket' PONG "$(redis-cli -s "$T/socket" ping)"
	is 'afterwards' +PONG "$(ask 127.0.0.4)"
	stop
	is 'the exit status' 0 "$STATUS"
	is 'the clients' 4 "$(grep -c ' open ' "$T/trace")"
	has "$T/err" \
	    '^resptap: 127\.0\.0\.3:[0-9]* is not in --allow: closed$'
	[ "$(grep -c 'not in --allow' "$T/err")" -lt 30 ] ||
	    fail 'each client that is not allowed is told'
done

# With it other machines may be listened for; without it they may not.
"$RESPTAP" --listen=0.0.0.0:0 2>"$T/err"
is 'the exit status' 2 $?
start --allow=127.0.0.0/8 --listen=0.0.0.0:0
is 'a reply' +PONG "$(ask 127.0.0.1)"
stop

# The mode of a unix socket, whatever the umask is.
for mode in 660 600 777; do
	for umask in 0000 0077; do
		umask "$umask"
		start --listen="unix:$T/socket" --unix-mode="0$mode"
		umask 0022
		is "the mode with umask $umask" "$mode" \
		    "$(stat -c %a "$T/socket")"
		stop
	done
done
umask 0027
start --listen="unix:$T/socket"
is 'the mode without --unix-mode' 750 "$(stat -c %a "$T/socket")"
