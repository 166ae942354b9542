/*
 * What a command's arguments make of it: where its keys are, and which kind of
 * reply it gets.
 */
#include "config.h"

#include "redis/command.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table[0]))

/*
 * Keys.
 */

/* The argument as a number of keys, which are so many arguments each: 0 when it
 * is none, or too large for the arguments that follow. */
static uint32_t
count_of_keys(const struct args *args, uint32_t at, uint32_t step)
{
	const struct arg *a = &args->v[at];
	uint32_t i, n = 0;

	if (at >= args->n || a->kept < a->size || a->size > 9)
		return (0);
	for (i = 0; i < a->size; i++) {
		if (a->data[i] < '0' || a->data[i] > '9')
			return (0);
		n = n * 10 + (a->data[i] - '0');
	}
	return ((uint64_t)n * step < args->total - at ? n : 0);
}

/* "numkeys key ..." at that argument, or "numkeys key value ..." if the step is
 * 2; what the row says is one more key. */
static void
find_counted(const struct args *args, uint32_t at, uint32_t step,
    struct command_keys *keys)
{
	if (keys->first < keys->end)
		keys->also = keys->first;
	keys->first = at + 1;
	keys->end = at + 1 + count_of_keys(args, at, step) * step;
	keys->step = step;
}

/* XREAD [COUNT n] [BLOCK ms] STREAMS key ... id ... */
static void
find_streams(const struct args *args, struct command_keys *keys)
{
	const struct arg *a;
	uint32_t i;

	for (i = 1; i < args->n; i++) {
		a = &args->v[i];
		if (arg_is(a, "streams")) {
			keys->first = i + 1;
			keys->end = i + 1 + (args->total - i - 1) / 2;
			keys->step = 1;
			return;
		}
		if (arg_is(a, "count") || arg_is(a, "block"))
			i++;
		else if (arg_is(a, "group"))
			i += 2;
		else if (!arg_is(a, "noack"))
			return;
	}
}

/* SORT key ... STORE key, GEORADIUS key ... STOREDIST key: the last one.  The
 * options begin after the least number of arguments. */
static void
find_store(const struct args *args, uint32_t options,
    struct command_keys *keys)
{
	const struct arg *a;
	uint32_t i;

	for (i = options; i < args->n; i++) {
		a = &args->v[i];
		if (arg_is(a, "store") || arg_is(a, "storedist")) {
			if (++i < args->total)
				keys->also = i;
		} else if (arg_is(a, "by") || arg_is(a, "get")) {
			i++;
		} else if (arg_is(a, "limit")) {
			i += 2;
		}
	}
}

/* MIGRATE host port "" db timeout ... KEYS key ... */
static void
find_migrated(const struct args *args, struct command_keys *keys)
{
	const struct arg *a;
	uint32_t i;

	for (i = 6; i < args->n; i++) {
		a = &args->v[i];
		if (arg_is(a, "keys")) {
			if (args->v[3].size == 0) {
				keys->first = i + 1;
				keys->end = args->total;
			}
			return;
		}
		if (arg_is(a, "auth"))
			i++;
		else if (arg_is(a, "auth2"))
			i += 2;
	}
}

void
command_find_keys(const struct command *c, const struct args *args,
    struct command_keys *keys)
{
	int64_t end = (int64_t)c->last_key + 1;

	if (c->last_key < 0)
		end += args->total;
	if (end > args->total)
		end = args->total;
	if (end < c->first_key || c->first_key == 0)
		end = c->first_key;
	keys->first = c->first_key;
	keys->end = (uint32_t)end;
	keys->step = c->key_step;
	keys->also = 0;
	if (c->flags & COMMAND_COUNT_1)
		find_counted(args, 1, c->flags & COMMAND_PAIRS ? 2 : 1, keys);
	else if (c->flags & COMMAND_COUNT_2)
		find_counted(args, 2, 1, keys);
	else if (c->flags & COMMAND_STREAMS)
		find_streams(args, keys);
	else if (c->flags & COMMAND_STORE)
		find_store(args, (uint32_t)-c->arity, keys);
	else if (c->flags & COMMAND_MIGRATE)
		find_migrated(args, keys);
}

bool
command_keys_has(const struct command_keys *keys, uint32_t i)
{
	if (i == 0)
		return (false);
	if (i == keys->also)
		return (true);
	return (i >= keys->first && i < keys->end &&
	    (i - keys->first) % keys->step == 0);
}

uint32_t
command_find_first(const struct command *c, const struct args *args)
{
	struct command_keys keys;

	command_find_keys(c, args, &keys);
	return (keys.first < keys.end ? keys.first : keys.also);
}

bool
command_is_key(const struct command *c, const struct args *args, uint32_t i)
{
	struct command_keys keys;

	command_find_keys(c, args, &keys);
	return (command_keys_has(&keys, i));
}

/*
 * Replies.
 */

/* Sorted by name, for the eye. */
static const struct variant {
	const char *name;
	uint8_t reply;		/* if one of the arguments ... */
	uint8_t from;		/* ... from this one ... */
	uint8_t to;		/* ... to this one (0: the last) ... */
	const char *word;	/* ... is the word (NULL: exists) */
} variants[] = {
	{ "acl|log", COMMAND_OK, 2, 2, "reset" },
	{ "bitpos", COMMAND_ZERO, 2, 2, "0" },
	{ "hrandfield", COMMAND_EMPTY_ARRAY, 2, 2, NULL },
	{ "lcs", COMMAND_MATCHES, 3, 0, "idx" },
	{ "lcs", COMMAND_ZERO, 3, 0, "len" },
	{ "lpop", COMMAND_NIL_ARRAY, 2, 2, NULL },
	{ "lpos", COMMAND_EMPTY_ARRAY, 3, 0, "count" },
	{ "rpop", COMMAND_NIL_ARRAY, 2, 2, NULL },
	{ "set", COMMAND_NIL, 3, 0, "get" },
	{ "set", COMMAND_NIL, 3, 0, "xx" },
	{ "spop", COMMAND_EMPTY_SET, 2, 2, NULL },
	{ "srandmember", COMMAND_EMPTY_ARRAY, 2, 2, NULL },
	{ "vrandmember", COMMAND_EMPTY_ARRAY, 2, 2, NULL },
	{ "xpending", COMMAND_EMPTY_ARRAY, 3, 3, NULL },
	{ "zrandmember", COMMAND_EMPTY_ARRAY, 2, 2, NULL },
	{ "zrank", COMMAND_NIL_ARRAY, 3, 3, NULL },
	{ "zrevrank", COMMAND_NIL_ARRAY, 3, 3, NULL },
};

/* Two bytes tell most names apart; none is shorter. */
static bool
is_named(const struct command *c, const char *name)
{
	return (c->name[0] == name[0] && c->name[1] == name[1] &&
	    strcmp(c->name, name) == 0);
}

/* The argument from which on it matters is there. */
static bool
variant_applies(const struct variant *v, const struct args *args)
{
	uint32_t i;

	if (v->word == NULL)
		return (true);
	for (i = v->from; i < args->n && (v->to == 0 || i <= v->to); i++)
		if (arg_is(&args->v[i], v->word))
			return (true);
	return (false);
}

/* ZADD key [NX | XX] [GT | LT] [CH] [INCR] score member ...: a member may be
 * called INCR too. */
static bool
zadd_increments(const struct args *args)
{
	static const char *const before[] = { "ch", "gt", "lt", "nx", "xx" };
	uint32_t i;
	size_t k;

	for (i = 2; i < args->n; i++) {
		for (k = 0; k < COUNT(before); k++)
			if (arg_is(&args->v[i], before[k]))
				break;
		if (k == COUNT(before))
			return (arg_is(&args->v[i], "incr"));
	}
	return (false);
}

enum command_reply
command_reply(const struct command *c, const struct args *args)
{
	struct command_keys keys;
	size_t i;

	if (c->flags & COMMAND_STORE) {
		command_find_keys(c, args, &keys);
		return (keys.also != 0 ? COMMAND_ZERO : c->reply);
	}
	if (!(c->flags & COMMAND_VARIES))
		return (c->reply);
	if (is_named(c, "zadd"))
		return (zadd_increments(args) ? COMMAND_DOUBLE : c->reply);
	for (i = 0; i < COUNT(variants); i++)
		if (variants[i].from < args->total &&
		    is_named(c, variants[i].name) &&
		    variant_applies(&variants[i], args))
			return (variants[i].reply);
	return (c->reply);
}

/* Which arguments have an element. */
static const struct each {
	uint8_t from;		/* from this one, or ... */
	uint8_t step;		/* so many have one; 0: the kind is another */
	const char *word;	/* ... behind this word ... */
	uint8_t skipped;	/* ... and so many more */
} each[COMMAND_REPLIES] = {
	[COMMAND_NIL_EACH_KEY] = { 1, 1, NULL, 0 },
	[COMMAND_ZERO_EACH_TRIPLE] = { 1, 3, NULL, 0 },
	[COMMAND_NIL_EACH] = { 2, 1, NULL, 0 },
	[COMMAND_NIL_ARRAY_EACH] = { 2, 1, NULL, 0 },
	[COMMAND_ZERO_EACH] = { 2, 1, NULL, 0 },
	[COMMAND_FALSE_EACH] = { 2, 1, NULL, 0 },
	[COMMAND_NIL_EACH_PAIR] = { 2, 2, NULL, 0 },
	[COMMAND_ZERO_EACH_PAIR] = { 2, 2, NULL, 0 },
	[COMMAND_NIL_EACH_FIELD] = { 2, 1, "fields", 1 },
	[COMMAND_MINUS_TWO_EACH_FIELD] = { 2, 1, "fields", 1 },
	[COMMAND_MINUS_ONE_EACH_ID] = { 2, 1, "ids", 1 },
	[COMMAND_FALSE_EACH_ITEM] = { 2, 1, "items", 0 },
};

uint32_t
command_elements(enum command_reply kind, const struct args *args)
{
	const struct each *e = &each[kind];
	uint32_t from = e->from;

	if (e->step == 0)
		return (0);
	if (e->word != NULL) {
		while (from < args->n && !arg_is(&args->v[from], e->word))
			from++;
		from += 1u + e->skipped;
	}
	return (from < args->total ? (args->total - from) / e->step : 0);
}
