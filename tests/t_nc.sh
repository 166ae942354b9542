#!/usr/bin/env bash
# nc, as people send a line to a server: half-close, inline commands, errors.
. "${srcdir:-.}/tests/lib.sh"
need nc

# talk BYTES: what the daemon answers to BYTES (printf's escapes) and an EOF.
talk() {
	printf '%b' "$1" | nc -N 127.0.0.1 "$PORT"
}

# answers WHAT BYTES REPLY: both with printf's escapes.
answers() {
	is "$1" "$(printf '%b' "$3" | od -c)" "$(talk "$2" | od -c)"
}

start --time=none --show=conns,error

# Half-close: the replies to all complete commands are delivered, then FIN.
answers 'one command' 'PING\r\n' '+PONG\r\n'
answers 'an array' '*1\r\n$4\r\nPING\r\n' '+PONG\r\n'
answers 'a mixture' 'PING\n*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\nPING x\n' \
    '+PONG\r\n$2\r\nhi\r\n$1\r\nx\r\n'
answers 'half a command' 'PING\r\n*2\r\n$4\r\nECH' '+PONG\r\n'
answers 'no newline' 'PING' ''

# What Redis ignores.
answers 'blank lines' '\r\n\n*0\r\n*-10\r\n*-1\r\nPING\r\n' '+PONG\r\n'

# The nine errors: a reply, a record, a close.
err='-ERR Protocol error:'
answers 'count' '*3000000000\r\n' "$err invalid multibulk length\r\n"
answers 'a word as count' '*abc\r\nPING\r\n' "$err invalid multibulk length\r\n"
answers 'size -10' '*1\r\n$-10\r\nPING\r\n' "$err invalid bulk length\r\n"
answers 'size 2e9' '*1\r\n$2000000000\r\n' "$err invalid bulk length\r\n"
answers 'size blabla' '*1\r\n$blabla\r\n' "$err invalid bulk length\r\n"
answers 'no dollar' '*1\r\nfoo\r\n' "$err expected '\$', got 'f'\r\n"
answers 'CR for a dollar' '*1\r\n\r\n' "$err expected '\$', got ' '\r\n"
answers 'quotes' 'SET k "v\r\n' "$err unbalanced quotes in request\r\n"
answers 'replies before it' 'PING\r\n*1\r\n:1\r\nPING\r\n' \
    "+PONG\r\n$err expected '\$', got ':'\r\n"

stop
is 'the exit status' 0 "$STATUS"
is 'the error records' "$(cat <<'END'
error at 1 "3": Protocol error: invalid multibulk length
error at 1 "a": Protocol error: invalid multibulk length
error at 5 "-": Protocol error: invalid bulk length
error at 5 "2": Protocol error: invalid bulk length
error at 5 "b": Protocol error: invalid bulk length
error at 4 "f": Protocol error: expected '$', got 'f'
error at 4 "\r": Protocol error: expected '$', got ' '
error at 9 "\n": Protocol error: unbalanced quotes in request
error at 10 ":": Protocol error: expected '$', got ':'
END
)" "$(sed -n 's/^#[0-9]* error/error/p' "$T/trace")"
is 'closes because of them' 9 "$(grep -c 'close protocol error;' "$T/trace")"

# The sinks stop decoding, but record and stay.
for mode in none ok echo; do
	start --time=none --reply=$mode
	talk '*1\r\n$x\r\nAUTH me\r\n' >"$T/out"
	is "what --reply=$mode says" '' "$(cat "$T/out")"
	stop
	is "the trace with --reply=$mode" "$(cat <<'END'
#1 recv  "*1\r\n$x\r\nAUTH me\r\n"
#1 error at 5 "x": Protocol error: invalid bulk length
#1 close eof; received 17 bytes, 0 commands; sent 0 bytes
END
)" "$(grep -v open "$T/trace")"
done

# A listener of every kind, all at once.
v6=
! grep -qs '^0*1 ' /proc/net/if_inet6 || v6='--listen=[::1]:0'
start --time=none --listen="unix:$T/socket" ${v6:+"$v6"}
is 'the lines of the port file' $((2 + ${#v6} / 16)) "$(wc -l <"$T/port")"
is 'a unix socket' '+PONG' \
    "$(printf 'PING\n' | nc -N -U "$T/socket" | tr -d '\r')"
port6=$(sed -n 's/^\[::1\]://p' "$T/port")
[ -z "$v6" ] || is 'IPv6' '+PONG' \
    "$(printf 'PING\n' | nc -N ::1 "$port6" | tr -d '\r')"
stop
is 'the exit status' 0 "$STATUS"
[ ! -e "$T/socket" ] || fail 'the unix socket is left behind'
