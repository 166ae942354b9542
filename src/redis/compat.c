#include "config.h"

#include "redis/compat.h"

#include <string.h>

#include "redis/command.h"

#define REDIS(version)							\
	{ "redis", version, "redis_version:" version "\r\n" }

/* Valkey calls itself a Redis 7.2.4, for clients that look for one. */
#define VALKEY(hello, hello_version, version)				\
	{ hello, hello_version, "redis_version:7.2.4\r\n"		\
	    "server_name:valkey\r\n"					\
	    "valkey_version:" version "\r\n" }

static const struct world {
	const char *server;
	const char *version;
	const char *info;
} worlds[COMPAT_WORLDS] = {
	[COMPAT_REDIS_7_0] = REDIS("7.0.15"),
	[COMPAT_REDIS_7_2] = REDIS("7.2.0"),
	[COMPAT_REDIS_7_4] = REDIS("7.4.0"),
	[COMPAT_REDIS_8_0] = REDIS("8.0.0"),
	[COMPAT_REDIS_8_2] = REDIS("8.2.0"),
	[COMPAT_REDIS_8_4] = REDIS("8.4.0"),
	[COMPAT_REDIS_8_6] = REDIS("8.6.0"),
	[COMPAT_REDIS_8_8] = REDIS("8.8.0"),
	[COMPAT_REDIS_8_10] = REDIS("8.10.0"),
	[COMPAT_VALKEY_7_2] = VALKEY("redis", "7.2.4", "7.2.5"),
	[COMPAT_VALKEY_8_0] = VALKEY("valkey", "8.0.0", "8.0.0"),
	[COMPAT_VALKEY_8_1] = VALKEY("valkey", "8.1.0", "8.1.0"),
	[COMPAT_VALKEY_9_0] = VALKEY("valkey", "9.0.0", "9.0.0"),
	[COMPAT_VALKEY_9_1] = VALKEY("valkey", "9.1.0", "9.1.0"),
};

/* What Redis 7.0 wants of commands that have more options since. */
static const struct arity {
	const char *name;
	int8_t arity;
} arities_7_0[] = {
	{ "command|getkeys", -4 },
	{ "command|getkeysandflags", -4 },
	{ "zrank", 3 },
	{ "zrevrank", 3 },
};

bool
compat_has(enum compat world, const struct command *c)
{
	if (world < COMPAT_VALKEY_7_2)
		return (world >= (c->since & 15u));
	return (world - COMPAT_VALKEY_7_2 >= c->since >> 4);
}

bool
compat_arity_ok(enum compat world, const struct command *c, uint32_t total)
{
	struct command old = *c;
	size_t i;

	for (i = 0; world == COMPAT_REDIS_7_0 &&
	    i < sizeof(arities_7_0) / sizeof(arities_7_0[0]); i++)
		if (strcmp(c->name, arities_7_0[i].name) == 0)
			old.arity = arities_7_0[i].arity;
	return (command_arity_ok(&old, total));
}

const char *
compat_server(enum compat world)
{
	return (worlds[world].server);
}

const char *
compat_version(enum compat world)
{
	return (worlds[world].version);
}

const char *
compat_info(enum compat world)
{
	return (worlds[world].info);
}
