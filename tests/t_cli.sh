#!/usr/bin/env bash
# redis-cli, as people use it: what it gets to see, and what the trace shows.
. "${srcdir:-.}/tests/lib.sh"
need redis-cli

# cli ARG...: runs redis-cli against the daemon, with this shell's stdin, until
# its connection is closed.  Sets RC; what it prints goes to $T/out.
cli() {
	redis-cli -p "$PORT" "$@" >"$T/out" 2>"$T/cli.err"
	RC=$?
	wait_for "$T/trace" '#1 close'
}

# out: what redis-cli printed.
out() {
	cat "$T/out"
}

# trace: the trace, with what differs from run to run made equal.
trace() {
	sed -e '/^#[0-9]* open /s/:[0-9][0-9]*$/:PORT/' \
	    -e '/^#[0-9]* reply /s/ [0-9][0-9]*us / NNus /' "$T/trace"
}

# finish: stops the daemon, which must end well.
finish() {
	stop
	is 'the exit status' 0 "$STATUS"
}

# One command: every record of it, in order.
start --time=none
cli set greeting 'hello world'
is 'the exit status of redis-cli' 0 "$RC"
is 'the answer to set' OK "$(out)"
finish
is 'the trace of set' "$(cat <<'END'
#1 open  127.0.0.1:PORT
#1 recv  "*3\r\n$3\r\nset\r\n$8\r\ngreeting\r\n$11\r\nhello world\r\n"
#1 cmd   1 "set" "greeting" "hello world"
#1 reply 1 set NNus OK
#1 send  "+OK\r\n"
#1 close eof; received 45 bytes, 1 command; sent 5 bytes
END
)" "$(trace)"

# SIGTERM: where it listened, then one line that sums up.
is 'the lines on stderr' 2 "$(wc -l <"$T/err")"
has "$T/err" "^resptap: listening on 127\.0\.0\.1:$PORT\$"
is 'those that are resptap speaking' 2 "$(grep -c '^resptap: ' "$T/err")"

# The same with SIGINT, and times in front.
start
cli ping
is 'the answer to ping' PONG "$(out)"
has "$T/trace" \
    '^[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]\{6\} #1 cmd   1 "ping"$'
stop INT
is 'the exit status' 0 "$STATUS"

# Commands on stdin, which is redis-cli's interactive mode: it asks for COMMAND
# DOCS first.
start --time=none
cli <<'END'
ping
echo "two words\x00\xff"
client setname x
client getname
END
is 'the exit status of redis-cli' 0 "$RC"
has "$T/trace" '^#1 cmd   1 "COMMAND" "DOCS"$'
is 'the commands on stdin' "$(cat <<'END'
"ping"
"echo" "two words\x00\xff"
"client" "setname" "x"
"client" "getname"
END
)" "$(sed -n 's/^#1 cmd   [2-5] //p' "$T/trace")"
is 'the answers on stdout' 'PONG two words\x00\xff OK x' \
    "$(sed -e 's/\x00/\\x00/; s/\xff/\\xff/' "$T/out" | xargs -d '\n')"
finish

# On stdin redis-cli keeps quit to itself; as a command it sends it.
start --time=none
cli quit
is 'the answer to quit' OK "$(out)"
has "$T/trace" '^#1 cmd   1 "quit"$'
finish

# -n and -a send SELECT and AUTH before the command.
start --time=none
cli -n 3 ping
is 'the answer to ping after -n' PONG "$(out)"
has "$T/trace" '^#1 cmd   1 "SELECT" "3"$'
has "$T/trace" '^#1 reply 1 SELECT [0-9]*us OK$'
has "$T/trace" '^#1 cmd   2 "ping"$'
finish

start --time=none
cli -a pw ping
is 'the answer to ping after -a' PONG "$(out)"
has "$T/trace" '^#1 cmd   1 "AUTH"'
has "$T/trace" '^#1 cmd   2 "ping"$'
finish

# --pipe ends with an ECHO that must come back as it was sent.
start --time=none
printf '%s\r\n' 'SET a 1' '*3' "\$3" SET "\$1" b "\$1" 2 >"$T/commands"
cli --pipe --pipe-timeout 10 <"$T/commands"
is 'the exit status of redis-cli --pipe' 0 "$RC"
has "$T/out" 'errors: 0, replies: 2'
has "$T/trace" '^#1 cmd   1 "SET" "a" "1"$'
has "$T/trace" '^#1 cmd   2 "SET" "b" "2"$'
has "$T/trace" '^#1 cmd   3 "ECHO" "'
hasnt "$T/trace" '^#1 cmd   4'
finish

# The other ways to answer.
start --time=none --reply=ok
cli ping
is 'the answer to ping with --reply=ok' OK "$(out)"
finish

start --time=none --reply=echo
cli get greeting
is 'the answer to get with --reply=echo' $'get\ngreeting' "$(out)"
has "$T/trace" '^#1 reply 1 get [0-9]*us \["get", "greeting"\]$'
finish
