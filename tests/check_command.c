/*
 * What is known of Redis's commands: names in any case, arities, keys, replies.
 *
 * With CHECK_COMMAND_DUMP=redis-7.0 in the environment the program prints what
 * of the table that server has instead, a row a line, for t_commands.sh to
 * compare with it.
 */
#include "config.h"

#include "redis/command.h"

#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "redis/compat.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))

static struct arg
arg_of(const char *s, size_t len)
{
	return ((struct arg){ .data = (const uint8_t *)s,
	    .kept = (uint32_t)len, .size = (uint32_t)len });
}

/* The words of a line as arguments; '' is an empty one. */
static struct args args;
static char words[300];

static void
split(const char *line)
{
	char *word;

	ck_assert_uint_lt(strlen(line), sizeof(words));
	strcpy(words, line);
	args.n = 0;
	for (word = strtok(words, " "); word != NULL; word = strtok(NULL, " "))
		args.v[args.n++] = arg_of(word,
		    strcmp(word, "''") == 0 ? 0 : strlen(word));
	args.total = args.n;
}

/* The command, or the subcommand, that the arguments are of. */
static const struct command *
find_of_args(void)
{
	const struct command *c = command_find(&args.v[0]);

	if (c != NULL && (c->flags & COMMAND_CONTAINER) && args.n > 1)
		c = command_find_sub(c, &args.v[1]);
	return (c);
}

/* A row's name, "client|setname", as a client may write it. */

static const struct command *
find_row(const char *name)
{
	const char *bar = strchr(name, '|');
	struct arg a;
	const struct command *c;

	if (bar == NULL) {
		a = arg_of(name, strlen(name));
		return (command_find(&a));
	}
	a = arg_of(name, (size_t)(bar - name));
	c = command_find(&a);
	ck_assert_ptr_nonnull(c);
	a = arg_of(bar + 1, strlen(bar + 1));
	return (command_find_sub(c, &a));
}

START_TEST(row_is_found_in_any_case)
{
	const struct command *c = command_at((size_t)_i);
	char name[64];
	size_t i;

	strcpy(name, c->name);
	ck_assert_ptr_eq(find_row(name), c);
	for (i = 0; name[i] != '\0'; i += 2)
		name[i] = (char)toupper((uint8_t)name[i]);
	ck_assert_ptr_eq(find_row(name), c);
	for (i = 1; i < strlen(name); i += 2)
		name[i] = (char)toupper((uint8_t)name[i]);
	ck_assert_ptr_eq(find_row(name), c);
}
END_TEST

/* As strcmp(), but that '|' comes first: what a container has follows it. */
static int
compare_names(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return ((*a == '|' ? ' ' : *a) - (*b == '|' ? ' ' : *b));
}

START_TEST(row_makes_sense)
{
	const struct command *c = command_at((size_t)_i);
	const struct command *next = command_at((size_t)_i + 1);
	size_t len = strlen(c->name);

	if (next != NULL) {
		ck_assert_int_lt(compare_names(c->name, next->name), 0);
		ck_assert_int_eq((c->flags & COMMAND_CONTAINER) != 0,
		    strncmp(c->name, next->name, len) == 0 &&
		    next->name[len] == '|');
	}
	ck_assert_int_ne(c->arity, 0);
	ck_assert_uint_lt(c->reply, COMMAND_REPLIES);
	ck_assert_int_eq(c->first_key == 0, c->last_key == 0);
	ck_assert_int_eq(c->first_key == 0, c->key_step == 0);
	if (c->flags >= COMMAND_COUNT_1)
		ck_assert(c->flags & COMMAND_MOVABLE_KEYS);
}
END_TEST

static const struct {
	const char *name;
	size_t len;
} unknown[] = {
#define UNKNOWN(name) { name, sizeof(name) - 1 }
	UNKNOWN(""),
	UNKNOWN("ge"),
	UNKNOWN("gett"),
	UNKNOWN("get\0"),
	UNKNOWN("\0get"),
	UNKNOWN(" get"),
	UNKNOWN("g\xe5t"),
	UNKNOWN("{get"),
	UNKNOWN("aaa"),
	UNKNOWN("zzz"),
	UNKNOWN("sentinels"),
	UNKNOWN("waitaofs"),
	UNKNOWN("json"),
	UNKNOWN("json."),
	UNKNOWN("ft.searc"),
	UNKNOWN("client|setname"),
	UNKNOWN("client|"),
	UNKNOWN("|"),
	UNKNOWN("client setname"),
	UNKNOWN("setname"),
	UNKNOWN("bitfield-ro"),
	UNKNOWN("BITFIELD\x7fRO"),
	UNKNOWN("@ppend"),
	UNKNOWN("cluster|count-failure-reports"),
	UNKNOWN("a-name-that-is-longer-than-any-name-of-a-command"),
};

START_TEST(unknown_is_not_found)
{
	struct arg config = arg_of("config", 6);
	struct arg a = arg_of(unknown[_i].name, unknown[_i].len);

	ck_assert_ptr_null(command_find(&a));
	ck_assert_ptr_null(command_find_sub(command_find(&config), &a));
}
END_TEST

static const char *const unknown_subs[] = {
	"client setinfos", "client ''", "client get", "client setname|",
	"client |setname", "config setname", "xinfo setid", "memory doctors",
	"get help", "ft.config sets",
};

START_TEST(unknown_in_this_container)
{
	split(unknown_subs[_i]);
	ck_assert_ptr_null(command_find_sub(command_find(&args.v[0]),
	    &args.v[1]));
}
END_TEST

/* What was not kept of a name may be anything. */
START_TEST(clipped_name_is_not_found)
{
	struct arg client = arg_of("client", 6);
	struct arg get = arg_of("get", 3);
	struct arg id = arg_of("id", 2);

	get.kept--;
	id.kept--;
	ck_assert_ptr_null(command_find(&get));
	ck_assert_ptr_null(command_find_sub(command_find(&client), &id));
	get.kept++;
	get.size++;
	ck_assert_ptr_null(command_find(&get));
}
END_TEST

/* Taken from the output of COMMAND, not from the table. */
static const struct {
	const char *name;
	int arity;
} arities[] = {
	{ "acl", -2 }, { "acl|getuser", 3 }, { "append", 3 }, { "auth", -2 },
	{ "bitfield", -2 }, { "bitop", -4 }, { "blmove", 6 }, { "blpop", -3 },
	{ "client|kill", -3 }, { "client|setname", 3 }, { "command", -1 },
	{ "command|docs", -2 }, { "config|get", -3 }, { "config|set", -4 },
	{ "dbsize", 1 }, { "debug", -2 }, { "del", -2 }, { "echo", 2 },
	{ "eval", -3 }, { "exec", 1 }, { "expire", -3 }, { "geoadd", -5 },
	{ "georadius", -6 }, { "geosearchstore", -8 }, { "get", 2 },
	{ "getrange", 4 }, { "hello", -1 }, { "hset", -4 }, { "hsetnx", 4 },
	{ "info", -1 }, { "linsert", 5 }, { "migrate", -6 }, { "mset", -3 },
	{ "multi", 1 }, { "object|freq", 3 }, { "ping", -1 }, { "psync", -3 },
	{ "publish", 3 }, { "quit", -1 }, { "rename", 3 }, { "script|load", 3 },
	{ "select", 2 }, { "set", -3 }, { "subscribe", -2 }, { "sync", 1 },
	{ "unsubscribe", -1 }, { "wait", 3 }, { "xautoclaim", -6 },
	{ "xgroup|createconsumer", 5 }, { "xinfo|stream", -3 },
	{ "xreadgroup", -7 }, { "zadd", -4 }, { "zrange", -4 },
};

START_TEST(arity_is_known)
{
	const struct command *c = find_row(arities[_i].name);
	int arity = arities[_i].arity;
	uint32_t least = (uint32_t)abs(arity);

	ck_assert_ptr_nonnull(c);
	ck_assert(!command_arity_ok(c, least - 1));
	ck_assert(command_arity_ok(c, least));
	ck_assert_int_eq(command_arity_ok(c, least + 1), arity < 0);
	ck_assert_int_eq(command_arity_ok(c, UINT32_MAX), arity < 0);
	ck_assert_int_eq(command_arity_ok(c, 200), arity < 0);
	ck_assert_int_eq(command_arity_ok(c, 256 - least), arity < 0);
}
END_TEST

/* Keys.  Up to the first comment COMMAND GETKEYS gave the same. */

static const struct {
	const char *line;
	const char *keys;	/* their places, the name's being 0 */
} lines[] = {
	{ "get k", "1" },
	{ "set k v ex 10", "1" },
	{ "del a b c", "1 2 3" },
	{ "mset a 1 b 2 c 3", "1 3 5" },
	{ "mget a", "1" },
	{ "rename a b", "1 2" },
	{ "bitop and d a b", "2 3 4" },
	{ "blpop a b 0", "1 2" },
	{ "blmove a b left right 0", "1 2" },
	{ "object encoding k", "2" },
	{ "memory usage k samples 3", "2" },
	{ "xgroup create k g $", "2" },
	{ "xinfo consumers k g", "2" },
	{ "sdiffstore d a b", "1 2 3" },
	{ "watch a b", "1 2" },
	{ "eval script 2 a b c", "3 4" },
	{ "eval_ro script 0 a", "" },
	{ "evalsha sum 1 a", "3" },
	{ "fcall f 1 a b", "3" },
	{ "lmpop 2 a b left", "2 3" },
	{ "blmpop 0 2 a b left count 2", "3 4" },
	{ "bzmpop 0 1 a min", "3" },
	{ "zmpop 1 a min", "2" },
	{ "sintercard 2 a b limit 3", "2 3" },
	{ "zdiff 2 a b withscores", "2 3" },
	{ "zinter 1 a", "2" },
	{ "zunion 2 a b weights 1 2", "2 3" },
	{ "zunionstore d 2 a b weights 1 2", "1 3 4" },
	{ "zinterstore d 1 a", "1 3" },
	{ "zdiffstore d 1 a", "1 3" },
	{ "xread streams a b 0 0", "2 3" },
	{ "xread count 1 block 0 streams a 0", "6" },
	{ "XREAD STREAMS streams 0", "2" },
	{ "xreadgroup group streams c count 1 noack streams a >", "8" },
	{ "sort k", "1" },
	{ "sort k by w_* limit 0 1 get # get store desc store d", "1 13" },
	{ "sort k store a store b", "1 5" },
	{ "sort_ro k by w_*", "1" },
	{ "georadius k 1 2 3 m store d", "1 7" },
	{ "georadius k 1 2 3 m count 1 storedist d asc", "1 9" },
	{ "georadius k 1 2 3 m", "1" },
	{ "georadiusbymember k store 3 m store d", "1 6" },
	{ "georadius_ro k 1 2 3 m", "1" },
	{ "geosearchstore d k frommember m byradius 1 m", "1 2" },
	{ "migrate h 1 k 0 10", "3" },
	{ "migrate h 1 k 0 10 copy auth keys", "3" },
	{ "migrate h 1 '' 0 10 auth2 keys keys replace keys a b", "11 12" },
	{ "migrate h 1 '' 0 10 keys keys a", "7 8" },
	/* Later than 7.0, from their documentation. */
	{ "msetex 2 a 1 b 2 ex 10", "2 4" },
	{ "msetex 1 a 1 nx", "2" },
	{ "sdiffcard 2 a b limit 1", "2 3" },
	{ "hgetex k ex 1 fields 1 f", "1" },
	{ "himport set k fieldset v", "2" },
	{ "lmovem a b left right", "1 2" },
	{ "json.mset a $ 1 b $ 2", "1 4" },
	{ "json.mget a b $", "1 2" },
	{ "json.debug memory k", "2" },
	{ "ts.madd a 1 2 b 1 2", "1 4" },
	{ "ts.createrule a b aggregation avg 1", "1 2" },
	{ "ts.nrange 2 a b - +", "2 3" },
	{ "tdigest.merge d 2 a b override", "1 3 4" },
	{ "cms.merge d 2 a b weights 1 2", "1 3 4" },
	{ "vsim k ele e", "1" },
	{ "ft.search idx *", "" },
	{ "xackdel k g ids 1 1-1", "1" },
	/* Channels: in the range of COMMAND, but not for GETKEYS. */
	{ "ssubscribe a b", "1 2" },
	{ "spublish c m", "1" },
	/* No keys, says GETKEYS. */
	{ "ping", "" },
	{ "keys *", "" },
	{ "scan 0 match x", "" },
	{ "publish c m", "" },
	{ "subscribe a b", "" },
	{ "client setname k", "" },
	{ "config get k", "" },
	/* Not valid. */
	{ "get", "" },
	{ "blpop a", "" },
	{ "blpop", "" },
	{ "rename a", "1" },
	{ "eval script 3 a b", "" },
	{ "eval script x a b", "" },
	{ "eval script -1 a b", "" },
	{ "eval script 4294967297 a", "" },
	{ "eval script", "" },
	{ "eval", "" },
	{ "lmpop '' a left", "" },
	{ "msetex 3 a 1 b 2", "" },
	{ "msetex 999999999 a 1 b 2", "" },
	{ "msetex 2 a 1 b", "" },
	{ "msetex", "" },
	{ "zunionstore d 5 a", "1" },
	{ "zunionstore", "" },
	{ "xread streams", "" },
	{ "xread streams a", "" },
	{ "xread streams a b 0", "2" },
	{ "xread a b c", "" },
	{ "xread count", "" },
	{ "sort k store", "1" },
	{ "sort", "" },
	{ "migrate h 1 '' 0 10 keys", "" },
	{ "migrate h 1", "" },
	{ "migrate h 1 k 0 10 keys a b", "3" },
};

START_TEST(keys_are_found)
{
	const struct command *c;
	struct command_keys keys;
	struct bytes out = { 0 };
	uint32_t i, n = 0;

	split(lines[_i].line);
	c = find_of_args();
	ck_assert_ptr_nonnull(c);
	command_find_keys(c, &args, &keys);
	for (i = 0; i < args.total; i++) {
		ck_assert_int_eq(command_keys_has(&keys, i),
		    command_is_key(c, &args, i));
		if (command_keys_has(&keys, i))
			bytes_addf(&out, "%s%u", n++ > 0 ? " " : "", i);
	}
	ck_assert(!command_keys_has(&keys, args.total));
	for (i = keys.first; i < keys.end; i += keys.step) {
		ck_assert(command_keys_has(&keys, i));
		n--;
	}
	ck_assert_uint_eq(n, keys.also > 0 ? 1 : 0);
	bytes_add(&out, "", 1);
	ck_assert_str_eq((char *)out.data, lines[_i].keys);
	bytes_free(&out);
}
END_TEST

/* Of a long command only the first arguments are kept. */
START_TEST(keys_past_what_is_kept)
{
	struct command_keys keys;

	split("mget a");
	args.total = 100000;
	command_find_keys(find_of_args(), &args, &keys);
	ck_assert(command_keys_has(&keys, 99999));
	ck_assert(!command_keys_has(&keys, 100000));

	split("xread streams a");
	args.total = 100000;
	command_find_keys(find_of_args(), &args, &keys);
	ck_assert(command_keys_has(&keys, 50000));
	ck_assert(!command_keys_has(&keys, 50001));

	split("eval x 1 a");
	args.n = 2;
	args.total = 100000;
	command_find_keys(find_of_args(), &args, &keys);
	ck_assert(!command_keys_has(&keys, 3));

	split("sort a store");
	args.total = 100000;
	command_find_keys(find_of_args(), &args, &keys);
	ck_assert(command_keys_has(&keys, 3));
}
END_TEST

/* Most rows say where the first key is, without a look at the arguments. */
START_TEST(first_key_is_the_first_of_them)
{
	const struct command *c = command_at((size_t)_i);
	uint32_t i;

	for (args.total = 1; args.total < 8; args.total++) {
		args.n = args.total;
		for (i = 0; i < args.n; i++)
			args.v[i] = arg_of("1", 1);
		i = command_find_first(c, &args);
		ck_assert_ptr_eq(command_first_key(c, &args),
		    i != 0 && i < args.n ? &args.v[i] : NULL);
	}
}
END_TEST

static const struct {
	const char *line;
	enum command_reply reply;
} replies[] = {
	{ "get k", COMMAND_NIL },
	{ "SET k v", COMMAND_OK },
	{ "set k v EX 10 GET", COMMAND_NIL },
	{ "set k v px 10 xx", COMMAND_NIL },
	{ "set k v NX", COMMAND_OK },
	{ "set k get", COMMAND_OK },
	{ "set get v", COMMAND_OK },
	{ "incr k", COMMAND_ZERO },
	{ "ttl k", COMMAND_MINUS_TWO },
	{ "mget a b", COMMAND_NIL_EACH_KEY },
	{ "hmget k a b", COMMAND_NIL_EACH },
	{ "hgetall k", COMMAND_EMPTY_MAP },
	{ "smembers k", COMMAND_EMPTY_SET },
	{ "client id", COMMAND_OWN },
	{ "client pause 10", COMMAND_OK },
	{ "sync", COMMAND_REFUSED },
	{ "acl log", COMMAND_EMPTY_ARRAY },
	{ "acl log reset", COMMAND_OK },
	{ "bitpos k 1", COMMAND_MINUS_ONE },
	{ "bitpos k 0", COMMAND_ZERO },
	{ "bitpos k 1 0", COMMAND_MINUS_ONE },
	{ "lcs a b", COMMAND_EMPTY_STRING },
	{ "lcs len idx", COMMAND_EMPTY_STRING },
	{ "lcs a b len", COMMAND_ZERO },
	{ "lcs a b minmatchlen 4 idx", COMMAND_MATCHES },
	{ "lpop k", COMMAND_NIL },
	{ "lpop k 2", COMMAND_NIL_ARRAY },
	{ "rpop k 2", COMMAND_NIL_ARRAY },
	{ "lpos k count", COMMAND_NIL },
	{ "lpos k v rank 1 count 0", COMMAND_EMPTY_ARRAY },
	{ "spop k", COMMAND_NIL },
	{ "spop k 2", COMMAND_EMPTY_SET },
	{ "srandmember k 2", COMMAND_EMPTY_ARRAY },
	{ "hrandfield k 2 withvalues", COMMAND_EMPTY_ARRAY },
	{ "zrandmember k 2", COMMAND_EMPTY_ARRAY },
	{ "sort k", COMMAND_EMPTY_ARRAY },
	{ "sort k get store", COMMAND_EMPTY_ARRAY },
	{ "sort k store d", COMMAND_ZERO },
	{ "georadius k 1 2 3 m", COMMAND_EMPTY_ARRAY },
	{ "georadius k 1 2 3 m storedist d", COMMAND_ZERO },
	{ "georadiusbymember k store 3 m", COMMAND_EMPTY_ARRAY },
	{ "xpending k g", COMMAND_PENDING },
	{ "xpending k g - + 10", COMMAND_EMPTY_ARRAY },
	{ "zadd k 1 m", COMMAND_ZERO },
	{ "zadd k 1 incr", COMMAND_ZERO },
	{ "zadd k ch 1 incr", COMMAND_ZERO },
	{ "zadd k incr 1 m", COMMAND_DOUBLE },
	{ "zadd k XX GT CH INCR 1 m", COMMAND_DOUBLE },
	{ "zadd k xx", COMMAND_ZERO },
};

/* Kinds with an element for each of some arguments: how many these are. */
static const struct {
	const char *line;
	uint32_t elements;
} elements[] = {
	{ "get k", 0 },
	{ "mget a b", 2 },
	{ "hmget k a b c", 3 },
	{ "geopos k", 0 },
	{ "hexpire k 10 fields 2 a b", 2 },
	{ "hexpire k 10 nx FIELDS 1 a", 1 },
	{ "httl k fields 3 a b c", 3 },
	{ "httl k a b c d", 0 },
	{ "hgetex k fields 1", 0 },
	{ "hgetex k persist fields 1 fields", 1 },
	{ "xdelex k delref ids 2 1-1 2-2", 2 },
	{ "xackdel k g ids 1 1-1", 1 },
	{ "bf.insert k nocreate items a b", 2 },
	{ "bf.insert k items", 0 },
	{ "bf.madd k a b", 2 },
	{ "cms.incrby k a 1 b 2", 2 },
	{ "ts.madd a 1 2 b 1 2", 2 },
	{ "json.mget a b $", 2 },
};

START_TEST(elements_are_counted)
{
	const struct command *c;

	split(elements[_i].line);
	c = find_of_args();
	ck_assert_ptr_nonnull(c);
	ck_assert_uint_eq(command_elements(command_reply(c, &args), &args),
	    elements[_i].elements);
}
END_TEST

START_TEST(reply_is_known)
{
	const struct command *c;

	split(replies[_i].line);
	c = find_of_args();
	ck_assert_ptr_nonnull(c);
	ck_assert_int_eq(command_reply(c, &args), replies[_i].reply);
}
END_TEST

/*
 * Since when there is each command, and in which world.
 */

static const char *const worlds[] = { COMPAT_NAMES };

static int
world_of(const char *name)
{
	int i;

	for (i = 0; i < COUNT(worlds); i++)
		if (strcmp(worlds[i], name) == 0)
			return (i);
	return (COMPAT_WORLDS);
}

START_TEST(world_has_a_name)
{
	ck_assert_int_eq(COUNT(worlds), COMPAT_WORLDS);
	ck_assert_int_eq(world_of("redis-8.10"), COMPAT_REDIS_8_10);
	ck_assert_int_eq(world_of("valkey-7.2"), COMPAT_VALKEY_7_2);
	ck_assert_int_eq(world_of("valkey-9.1"), COMPAT_VALKEY_9_1);
	ck_assert(strstr(compat_info(COMPAT_DEFAULT), "redis_version:8.10."));
	ck_assert_str_eq(compat_server(COMPAT_VALKEY_8_0), "valkey");
	ck_assert_str_eq(compat_version(COMPAT_VALKEY_8_0), "8.0.0");
	ck_assert_str_eq(compat_version(COMPAT_REDIS_7_0), "7.0.15");
}
END_TEST

/* Where the table knows better than COMMAND: the path of JSON.MGET is no key,
 * and what JSON.DEBUG looks at is one. */
static bool
knows_better(const char *name)
{
	return (strcmp(name, "json.mget") == 0 ||
	    strcmp(name, "json.debug") == 0);
}

/* Whether the world has the command exactly if it is not older than that. */
static void
check_since(const struct command *c, const char *server, int first, int last,
    const char *version)
{
	char name[64];
	int since, i;

	snprintf(name, sizeof(name), "%s-%s", server, version);
	since = strcmp(version, "-") == 0 ? COMPAT_WORLDS : world_of(name);
	ck_assert_msg(strcmp(version, "-") == 0 || since < COMPAT_WORLDS,
	    "%s: no world %s", c->name, name);
	for (i = first; i <= last; i++)
		ck_assert_msg(compat_has((enum compat)i, c) == (i >= since),
		    "%s: not since %s %s", c->name, server, version);
}

static void
check_line(const char *line, const struct command *c)
{
	char name[64], redis[16], valkey[16];
	int arity, first, last, step;

	ck_assert_msg(sscanf(line, "%63s %d %d %d %d %15s %15s", name, &arity,
	    &first, &last, &step, redis, valkey) == 7, "%s", line);
	ck_assert_ptr_nonnull(c);
	ck_assert_str_eq(c->name, name);
	ck_assert_msg(c->arity == arity, "%s: arity %d", name, c->arity);
	ck_assert_msg(knows_better(name) || (c->first_key == first &&
	    c->last_key == last && c->key_step == step), "%s: keys %d %d %d",
	    name, c->first_key, c->last_key, c->key_step);
	check_since(c, "redis", COMPAT_REDIS_7_0, COMPAT_REDIS_8_10, redis);
	check_since(c, "valkey", COMPAT_VALKEY_7_2, COMPAT_VALKEY_9_1, valkey);
}

/* tests/data/commands.txt has the same commands in the same order. */
START_TEST(table_is_the_servers)
{
	const char *srcdir = getenv("srcdir");
	char path[1024], line[256];
	size_t n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/data/commands.txt",
	    srcdir != NULL ? srcdir : ".");
	ck_assert_ptr_nonnull(f = fopen(path, "r"));
	while (fgets(line, sizeof(line), f) != NULL)
		if (*line != '#')
			check_line(line, command_at(n++));
	ck_assert_uint_eq(n, COMMAND_ROWS);
	fclose(f);
}
END_TEST

static int
rows(void)
{
	int n;

	for (n = 0; command_at((size_t)n) != NULL; n++)
		;
	return (n);
}

/* The arity as this world has it. */
static int
arity_there(enum compat world, const struct command *c)
{
	uint32_t n = (uint32_t)abs(c->arity);

	while (!compat_arity_ok(world, c, n))
		n++;
	return (compat_arity_ok(world, c, n + 1) ? -(int)n : (int)n);
}

static int
dump(int world)
{
	const struct command *c;
	size_t i;

	for (i = 0; (c = command_at(i)) != NULL; i++)
		if (compat_has((enum compat)world, c))
			printf("%s %d %d %d %d%s%s%s\n", c->name,
			    arity_there((enum compat)world, c),
			    c->first_key, c->last_key, c->key_step,
			    c->flags & COMMAND_CONTAINER ? " container" : "",
			    c->flags & COMMAND_MOVABLE_KEYS ?
			    " movablekeys" : "",
			    c->flags & COMMAND_NO_MULTI ? " no_multi" : "");
	return (EXIT_SUCCESS);
}

static Suite *
command_suite(void)
{
	Suite *s = suite_create("command");
	TCase *tc = tcase_create("command");

	tcase_add_loop_test(tc, row_is_found_in_any_case, 0, rows());
	tcase_add_loop_test(tc, row_makes_sense, 0, rows());
	tcase_add_loop_test(tc, unknown_is_not_found, 0, COUNT(unknown));
	tcase_add_loop_test(tc, unknown_in_this_container, 0,
	    COUNT(unknown_subs));
	tcase_add_test(tc, clipped_name_is_not_found);
	tcase_add_loop_test(tc, arity_is_known, 0, COUNT(arities));
	tcase_add_loop_test(tc, keys_are_found, 0, COUNT(lines));
	tcase_add_test(tc, keys_past_what_is_kept);
	tcase_add_loop_test(tc, first_key_is_the_first_of_them, 0,
	    COMMAND_ROWS);
	tcase_add_test(tc, world_has_a_name);
	tcase_add_test(tc, table_is_the_servers);
	tcase_add_loop_test(tc, elements_are_counted, 0, COUNT(elements));
	tcase_add_loop_test(tc, reply_is_known, 0, COUNT(replies));
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr;
	int failed;

	if (getenv("CHECK_COMMAND_DUMP") != NULL)
		return (dump(world_of(getenv("CHECK_COMMAND_DUMP"))));
	sr = srunner_create(command_suite());
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
