/*
 * CLIENT PAUSE: until its time is over, all commands wait, or all that write;
 * the pause itself and what comes behind it too.
 */
#include "config.h"

#include "stub/stub.h"

#include <stdlib.h>
#include <string.h>

#include "stub/stub_call.h"

/* What Redis 7.0 takes for a write, as it may be one: scripts too.  Sorted. */
static const char *const writers[] = { "append", "bitfield", "bitop", "blmove",
    "blmpop", "blpop", "brpop", "brpoplpush", "bzmpop", "bzpopmax", "bzpopmin",
    "copy", "decr", "decrby", "del", "eval", "evalsha", "expire", "expireat",
    "fcall", "flushall", "flushdb", "function|delete", "function|flush",
    "function|load", "function|restore", "geoadd", "georadius",
    "georadiusbymember", "geosearchstore", "getdel", "getex", "getset", "hdel",
    "hincrby", "hincrbyfloat", "hmset", "hset", "hsetnx", "incr", "incrby",
    "incrbyfloat", "linsert", "lmove", "lmpop", "lpop", "lpush", "lpushx",
    "lrem", "lset", "ltrim", "migrate", "move", "mset", "msetnx", "persist",
    "pexpire", "pexpireat", "pfadd", "pfcount", "pfdebug", "pfmerge", "psetex",
    "publish", "rename", "renamenx", "restore", "restore-asking", "rpop",
    "rpoplpush", "rpush", "rpushx", "sadd", "sdiffstore", "set", "setbit",
    "setex", "setnx", "setrange", "sinterstore", "smove", "sort", "spop",
    "spublish", "srem", "sunionstore", "swapdb", "unlink", "xack", "xadd",
    "xautoclaim", "xclaim", "xdel", "xgroup|create", "xgroup|createconsumer",
    "xgroup|delconsumer", "xgroup|destroy", "xgroup|setid", "xreadgroup",
    "xsetid", "xtrim", "zadd", "zdiffstore", "zincrby", "zinterstore", "zmpop",
    "zpopmax", "zpopmin", "zrangestore", "zrem", "zremrangebylex",
    "zremrangebyrank", "zremrangebyscore", "zunionstore" };

static int
compare(const void *name, const void *writer)
{
	return (strcmp(name, *(const char *const *)writer));
}

bool
stub_writes(const struct command *command)
{
	return (bsearch(command->name, writers, sizeof(writers) /
	    sizeof(writers[0]), sizeof(writers[0]), compare) != NULL);
}

/* EXEC writes what it executes. */
static bool
writes(const struct stub_call *c)
{
	const struct session_multi *multi = c->session->multi;

	if (strcmp(c->command->name, "exec") == 0)
		return (multi != NULL && multi->writes);
	return (stub_writes(c->command));
}

void
stub_wait_for_pause(struct stub_call *c)
{
	struct stub_pause pause;
	int64_t left;

	if (!stub_world_is_paused(c->stub->world) || c->stub->uptime_us == NULL)
		return;
	stub_world_lock(c->stub->world);
	pause = *stub_world_pause(c->stub->world);
	left = pause.until - c->stub->uptime_us();
	if (left <= 0)
		stub_world_set_pause(c->stub->world, &(struct stub_pause){ 0 });
	stub_world_unlock(c->stub->world);
	if (left <= 0 || (pause.writes_only && !writes(c)))
		return;
	/* Not early: a part of a millisecond is one. */
	c->outcome->wait_ms = (uint64_t)(left + 999) / 1000;
	c->outcome->blocked = true;
}

/* As long as a clock can count. */
#define PAUSE_MAX_MS (INT64_C(1) << 50)

/* A pause that goes on is never made shorter, or less. */
static void
pause_clients(struct stub_call *c, int64_t ms, bool writes_only)
{
	struct stub_pause pause = { .writes_only = writes_only };
	const struct stub_pause *now;

	if (c->stub->uptime_us == NULL)
		return;
	if (ms > PAUSE_MAX_MS)
		ms = PAUSE_MAX_MS;
	pause.until = c->stub->uptime_us() + 1000 * (ms +
	    (int64_t)c->outcome->wait_ms);
	stub_world_lock(c->stub->world);
	now = stub_world_pause(c->stub->world);
	if (now->until > c->stub->uptime_us()) {
		pause.writes_only &= now->writes_only;
		if (pause.until < now->until)
			pause.until = now->until;
	}
	stub_world_set_pause(c->stub->world, &pause);
	stub_world_unlock(c->stub->world);
}

void
stub_do_client_pause(struct stub_call *c)
{
	const struct args *args = c->args;
	bool writes_only = args->total == 4 && arg_is(&args->v[3], "write");
	int64_t ms;

	if (args->total > 4) {
		stub_wrong_subcommand(c, "CLIENT");
	} else if (args->total == 4 && !writes_only &&
	    !arg_is(&args->v[3], "all")) {
		stub_reply_error(c->reply, "ERR CLIENT PAUSE mode must be "
		    "WRITE or ALL");
	} else if (stub_want_millis(c, &args->v[2], &ms)) {
		pause_clients(c, ms, writes_only);
		stub_ok(c);
	}
}

/* Commands that wait already wait on. */
void
stub_do_client_unpause(struct stub_call *c)
{
	stub_world_lock(c->stub->world);
	stub_world_set_pause(c->stub->world, &(struct stub_pause){ 0 });
	stub_world_unlock(c->stub->world);
	stub_ok(c);
}
