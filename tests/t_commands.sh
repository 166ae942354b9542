#!/usr/bin/env bash
# The table of commands against a real server's, of what that server has.
. "${srcdir:-.}/tests/lib.sh"
need redis-server
need redis-cli
check_command=${PEER%/*}/check_command
[ -x "$check_command" ] || skip "$check_command was not built"

redis-server --port 0 --unixsocket "$T/redis" --save '' --dir "$T" \
    >"$T/err" 2>&1 &
cli() {
	redis-cli -s "$T/redis" "$@"
}
poll 20 cli ping >/dev/null 2>&1 || fail 'redis-server does not answer'
[[ $(cli info server) == *redis_version:7.0.* ]] ||
    skip 'the table is that of Redis 7.0'

# One line for each command and subcommand, as check_command prints them.
cli eval '
local rows = {}
local function add(commands)
	for _, c in ipairs(commands) do
		local flags = {}
		for _, f in ipairs(c[3]) do
			flags[f.ok] = " " .. f.ok
		end
		rows[#rows + 1] = table.concat({c[1], c[2], c[4], c[5], c[6]},
		    " ") .. (#c[10] > 0 and " container" or "") ..
		    (flags.movablekeys or "") .. (flags.no_multi or "")
		add(c[10])
	end
end
add(redis.call("COMMAND"))
return rows' 0 | sort >"$T/server"
has "$T/server" '^xgroup|create -5 2 2 1$'

CHECK_COMMAND_DUMP=redis-7.0 "$check_command" | sort >"$T/table"
is 'the table of commands' "$(cat "$T/server")" "$(cat "$T/table")"
