/*
 * What is known of each command of Redis and Valkey and of the modules that
 * come with them, and of each subcommand.
 *
 * A subcommand has a row of its own, named after its container:
 *
 *   CLIENT SETNAME x   ->  command_find("CLIENT")            "client"
 *                          command_find_sub(it, "SETNAME")   "client|setname"
 *
 * Arity, keys and flags are the servers' own (tests/check_command.c compares
 * them with the servers' files, tests/t_commands.sh with a server); those of
 * the newest server, where they differ.  The kind of reply was measured on an
 * empty one, in RESP2 and RESP3, and then made simpler: a world that takes
 * every write and keeps none.  Where Redis counts what it wrote, the count is
 * 0.  Groups of a stream's consumers that exist are empty.
 */
#ifndef REDIS_COMMAND_H
#define REDIS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resp/args.h"

/* What an empty world answers.  Where two are given, RESP2 / RESP3; "null" is
 * $-1 / _ and "null array" *-1 / _; bulks are shown in quotes. */
enum command_reply {
	COMMAND_OWN,		/* its own: depends on state or arguments */
	COMMAND_REFUSED,	/* cannot work without a server behind it */

	COMMAND_OK,		/* +OK */
	COMMAND_NONE_TYPE,	/* +none */
	COMMAND_NO_KEY,		/* +NOKEY */
	COMMAND_ZERO,		/* :0 */
	COMMAND_MINUS_ONE,	/* :-1 */
	COMMAND_MINUS_TWO,	/* :-2 */
	COMMAND_FALSE,		/* :0 / #f */
	COMMAND_DOUBLE,		/* "0" / ,0 */
	COMMAND_ZERO_STRING,	/* "0" */
	COMMAND_EMPTY_STRING,	/* "" */
	COMMAND_TEXT,		/* "" / verbatim: =4 txt: */
	COMMAND_NIL,		/* null */
	COMMAND_NIL_ARRAY,	/* null array */
	COMMAND_EMPTY_ARRAY,	/* *0 */
	COMMAND_EMPTY_MAP,	/* *0 / %0 */
	COMMAND_EMPTY_SET,	/* *0 / ~0 */

	/* Arrays of one element for each argument that follows the name ... */
	COMMAND_NIL_EACH_KEY,	/* null */
	COMMAND_ZERO_EACH_TRIPLE,	/* :0, for each three of them */
	/* ... or that follows the first argument ... */
	COMMAND_NIL_EACH,	/* null */
	COMMAND_NIL_ARRAY_EACH,	/* null array */
	COMMAND_ZERO_EACH,	/* :0 */
	COMMAND_FALSE_EACH,	/* :0 / #f */
	COMMAND_NIL_EACH_PAIR,	/* null, for each two of them */
	COMMAND_ZERO_EACH_PAIR,	/* :0, for each two of them */
	/* ... or that follows FIELDS n, IDS n, or ITEMS. */
	COMMAND_NIL_EACH_FIELD,	/* null */
	COMMAND_MINUS_TWO_EACH_FIELD,	/* :-2 */
	COMMAND_MINUS_ONE_EACH_ID,	/* :-1 */
	COMMAND_FALSE_EACH_ITEM,	/* :0 / #f */

	COMMAND_TWO_ZEROS,	/* [:0, :0] */
	COMMAND_SCAN,		/* ["0", []] */
	COMMAND_MATCHES,	/* map: "matches" => [], "len" => :0 */
	COMMAND_PENDING,	/* [:0, null, null, null array] */
	COMMAND_AUTOCLAIM,	/* ["0-0", [], []] */
	COMMAND_NO_MATCHES,	/* [:0] / map of an FT.SEARCH without any */

	/* Errors; stub_reply.c has their texts. */
	COMMAND_NO_SUCH_KEY,
	COMMAND_NO_CLUSTER,
	COMMAND_NOT_BUSY,
	COMMAND_NO_DOCUMENT,	/* of JSON.* */
	COMMAND_NO_INDEX,	/* of FT.* */
	COMMAND_NO_SERIES,	/* of TS.* */
	COMMAND_NO_VECTORS,	/* of V* */
	COMMAND_NO_DIGEST,	/* of TDIGEST.* */
	COMMAND_NO_CMS,
	COMMAND_NO_TOPK,
	COMMAND_NOT_FOUND,	/* of BF.* and CF.* */
	COMMAND_REPLIES		/* how many kinds there are */
};

enum command_flag {
	COMMAND_BLOCKS = 1 << 0,	/* may wait (XREAD: with BLOCK) before
					 * it answers; not inside MULTI */
	COMMAND_NO_MULTI = 1 << 1,	/* an error inside MULTI */
	COMMAND_IN_SUBSCRIBED = 1 << 2,	/* allowed while subscribed in RESP2 */
	COMMAND_CONTAINER = 1 << 3,	/* argument 1 is a subcommand's name */
	COMMAND_VARIES = 1 << 4,	/* options change the kind of reply */
	COMMAND_MOVABLE_KEYS = 1 << 5,	/* arguments tell where keys are: */
	COMMAND_COUNT_1 = 1 << 6,	/* argument 1 is how many follow it */
	COMMAND_COUNT_2 = 1 << 7,	/* argument 2 is how many follow it */
	COMMAND_STREAMS = 1 << 8,	/* half of what follows STREAMS */
	COMMAND_PAIRS = 1 << 9,		/* ... of keys and values */
	COMMAND_STORE = 1 << 10,	/* what follows STORE, STOREDIST */
	COMMAND_MIGRATE = 1 << 11	/* what follows KEYS */
};

struct command {
	const char *name;	/* lower case; static */
	int8_t arity;		/* arguments, with the name and the
				 * subcommand's; -N: N or more */
	uint8_t reply;		/* enum command_reply, without options */
	/* The fixed range of keys, or of channels of shards: */
	uint8_t first_key;	/* 0: none */
	int8_t last_key;	/* -1: the last argument, -2: the one before */
	uint8_t key_step;	/* 2: every other argument */
	uint8_t since;		/* COMPAT_SINCE(), see compat.h */
	uint16_t flags;		/* enum command_flag */
};

/* Which arguments of one command are keys. */
struct command_keys {
	uint32_t first;
	uint32_t end;		/* the first one past them */
	uint32_t step;
	uint32_t also;		/* one more, such as STORE's; 0: none */
};

/* The command of that name, in any case; NULL when no server has it. */
const struct command *command_find(const struct arg *name);

/* The same for the argument after a container's name. */
const struct command *command_find_sub(const struct command *container,
    const struct arg *name);

/* Both, for the arguments of a command: fills in args->command and args->sub.
 * to be called once request_next() has read it. */
void command_look_up(struct args *);

/* The row of the command that these arguments are; its subcommand's where there
 * is one. */
static inline const struct command *
command_of(const struct args *args)
{
	return (args->sub != NULL ? args->sub : args->command);
}

/* All of them, sorted by name; NULL past the last. */
const struct command *command_at(size_t i);

/* How many there are, and which of them that one, which must be one of them,
 * is. */
#define COMMAND_ROWS 640
size_t command_index(const struct command *);

/* Whether the command may have that many arguments, its name included. */
bool command_arity_ok(const struct command *, uint32_t total);

/*
 * What it answers to these arguments: its kind of reply, or another one where
 * an option, such as the count of LPOP, asks for it.
 */
enum command_reply command_reply(const struct command *, const struct args *);

/* How many elements a kind of reply that has one for each argument gets. */
uint32_t command_elements(enum command_reply, const struct args *);

/*
 * Finds its keys among these arguments, which need not make sense; patterns
 * (KEYS, SORT ... BY) are none.  Takes time for each option at most.
 */
void command_find_keys(const struct command *, const struct args *,
    struct command_keys *);

/* Whether argument i (0: the name) is one of them. */
bool command_keys_has(const struct command_keys *, uint32_t i);

/* Which one is the first of them; 0: there is none. */
uint32_t command_find_first(const struct command *, const struct args *);

/* The same, if it is kept; NULL: there is none, or it is not. */
static inline const struct arg *
command_first_key(const struct command *c, const struct args *args)
{
	uint32_t i = c->first_key;

	/* Most have one, or none, at a fixed place. */
	if (c->last_key != c->first_key || (c->flags & COMMAND_MOVABLE_KEYS))
		i = command_find_first(c, args);
	return (i != 0 && i < args->n ? &args->v[i] : NULL);
}

/* Both at once, for one argument; a loop over all finds the keys first. */
bool command_is_key(const struct command *, const struct args *, uint32_t i);

#endif
