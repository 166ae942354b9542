/*
 * The servers that the stub can play (--compat): a version of Redis or of
 * Valkey each.  Redis has its modules since 8.0, Valkey those of its bundle
 * since 8.1.
 */
#ifndef REDIS_COMPAT_H
#define REDIS_COMPAT_H

#include <stdbool.h>
#include <stdint.h>

struct command;

/* Each server's oldest first. */
enum compat {
	COMPAT_REDIS_7_0,
	COMPAT_REDIS_7_2,
	COMPAT_REDIS_7_4,
	COMPAT_REDIS_8_0,
	COMPAT_REDIS_8_2,
	COMPAT_REDIS_8_4,
	COMPAT_REDIS_8_6,
	COMPAT_REDIS_8_8,
	COMPAT_REDIS_8_10,
	COMPAT_VALKEY_7_2,
	COMPAT_VALKEY_8_0,
	COMPAT_VALKEY_8_1,
	COMPAT_VALKEY_9_0,
	COMPAT_VALKEY_9_1,
	COMPAT_WORLDS
};

#define COMPAT_DEFAULT COMPAT_REDIS_8_10

/* Their names, in the same order. */
#define COMPAT_NAMES							\
	"redis-7.0", "redis-7.2", "redis-7.4", "redis-8.0",		\
	"redis-8.2", "redis-8.4", "redis-8.6", "redis-8.8",		\
	"redis-8.10", "valkey-7.2", "valkey-8.0", "valkey-8.1",		\
	"valkey-9.0", "valkey-9.1"

/* Since when there is a command, in one byte: four bits for each server. */
#define COMPAT_NEVER 15
#define COMPAT_REDIS_NEVER COMPAT_NEVER
#define COMPAT_VALKEY_NEVER (COMPAT_VALKEY_7_2 + COMPAT_NEVER)
#define COMPAT_SINCE(redis, valkey)					\
	((redis) | ((valkey) - COMPAT_VALKEY_7_2) << 4)

bool compat_has(enum compat, const struct command *);

/* Whether the command may have that many arguments there. */
bool compat_arity_ok(enum compat, const struct command *, uint32_t total);

/* What HELLO says of the server. */
const char *compat_server(enum compat);
const char *compat_version(enum compat);

/* The lines of INFO that say which server it is. */
const char *compat_info(enum compat);

#endif
