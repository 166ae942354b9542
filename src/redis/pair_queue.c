#include "config.h"

#include "redis/pair_queue.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "redis/pair.h"
#include "redis/redact_reply.h"

#define QUEUE_LEAST 1024
#define TEXT_MAX 4096

#define COUNT(table) (sizeof(table) / sizeof(table[0]))

_Static_assert(offsetof(struct pair_entry, rest) == 36,
    "four letters make 40 bytes");
_Static_assert(COMMAND_ROWS < 1 << 12 && PAIR_SUNSUBSCRIBE < 1 << 5 &&
    REDACT_WHOLE < 1 << 6, "the fields of struct pair_entry hold them");

/* The commands that are more than one request with one reply; sorted as the
 * table of commands is. */
static const struct special {
	const char *name;	/* as command.h has it */
	uint8_t pair_name;
	uint8_t secrets;
} specials[] = {
	{ "acl|genpass", PAIR_OTHER, REDACT_WHOLE },
	{ "acl|getuser", PAIR_OTHER, REDACT_ACL_USER },
	{ "acl|list", PAIR_OTHER, REDACT_ACL_LIST },
	{ "client|reply", PAIR_REPLY_ON, 0 },
	{ "client|setname", PAIR_SETNAME, 0 },
	{ "config|get", PAIR_OTHER, REDACT_CONFIG },
	{ "discard", PAIR_DISCARD, 0 },
	{ "echo", PAIR_ECHO, 0 },
	{ "eval", PAIR_EVAL, 0 },
	{ "eval_ro", PAIR_EVAL, 0 },
	{ "evalsha", PAIR_CODE, 0 },
	{ "evalsha_ro", PAIR_CODE, 0 },
	{ "exec", PAIR_EXEC, 0 },
	{ "fcall", PAIR_CODE, 0 },
	{ "fcall_ro", PAIR_CODE, 0 },
	{ "ft.config|get", PAIR_OTHER, REDACT_CONFIG },
	{ "hello", PAIR_HELLO, 0 },
	{ "module|list", PAIR_OTHER, REDACT_CONFIG },
	{ "monitor", PAIR_MONITOR, 0 },
	{ "multi", PAIR_MULTI, 0 },
	{ "ping", PAIR_PING, 0 },
	{ "psubscribe", PAIR_PSUBSCRIBE, 0 },
	{ "psync", PAIR_SYNC, 0 },
	{ "punsubscribe", PAIR_PUNSUBSCRIBE, 0 },
	{ "quit", PAIR_QUIT, 0 },
	{ "replconf", PAIR_REPLCONF_ACK, 0 },
	{ "reset", PAIR_RESET, 0 },
	{ "script|debug", PAIR_SCRIPT_DEBUG, 0 },
	{ "select", PAIR_SELECT, 0 },
	{ "sentinel|config", PAIR_OTHER, REDACT_CONFIG },
	{ "ssubscribe", PAIR_SSUBSCRIBE, 0 },
	{ "subscribe", PAIR_SUBSCRIBE, 0 },
	{ "sunsubscribe", PAIR_SUNSUBSCRIBE, 0 },
	{ "sync", PAIR_SYNC, 0 },
	{ "unsubscribe", PAIR_UNSUBSCRIBE, 0 },
	{ "watch", PAIR_WATCH, 0 },
};

/* Of each row: which of them it is, + 1; 0: none. */
static uint8_t special_of[COMMAND_ROWS];

/* Before main(), as for the hash table of command_find.c. */
static void __attribute__((constructor))
find_specials(void)
{
	const struct command *row;
	size_t i, n = 0;

	for (i = 0; (row = command_at(i)) != NULL; i++)
		if (n < COUNT(specials) &&
		    strcmp(row->name, specials[n].name) == 0)
			special_of[i] = (uint8_t)++n;
	assert(n == COUNT(specials));
}

uint64_t
pair_queue_hash(const uint8_t *data, size_t len, uint64_t size)
{
	uint64_t hash = UINT64_C(14695981039346656037) ^ size;
	size_t i;

	if (len > PAIR_HASHED_MAX)
		len = PAIR_HASHED_MAX;
	else if (len < size && len < PAIR_HASHED_MAX)
		return (0);
	for (i = 0; i < len; i++)	/* FNV-1a */
		hash = (hash ^ data[i]) * UINT64_C(1099511628211);
	return (hash != 0 ? hash : 1);
}

/* What the command is, and what of it is kept, before there is an entry. */

struct plan {
	const struct arg *key;
	const struct arg *text;
	uint32_t number;
	uint32_t nhashes;
	uint16_t row;
	uint8_t name;
	uint8_t secrets;
};

/* UINT32_MAX: it is none, and the server will say so. */
static uint32_t
number(const struct arg *a)
{
	uint32_t n = 0, i;

	for (i = 0; i < a->kept; i++) {
		if (a->data[i] < '0' || a->data[i] > '9' || n > 99999999)
			return (UINT32_MAX);
		n = n * 10 + a->data[i] - '0';
	}
	return (a->kept > 0 ? n : UINT32_MAX);
}

static enum pair_name
reply_mode(const struct args *args)
{
	const struct arg *mode = &args->v[2];

	if (args->n > 2 && arg_is(mode, "on"))
		return (PAIR_REPLY_ON);
	if (args->n > 2 && arg_is(mode, "off"))
		return (PAIR_REPLY_OFF);
	if (args->n > 2 && arg_is(mode, "skip"))
		return (PAIR_REPLY_SKIP);
	return (PAIR_OTHER);
}

/* Whether a client may be called so. */
static bool
is_name(const struct arg *a)
{
	uint32_t i;

	for (i = 0; i < a->kept; i++)
		if (a->data[i] < '!' || a->data[i] > '~')
			return (false);
	return (true);
}

/* HELLO [version [AUTH user password] [SETNAME name]]; returns whether the
 * server will understand it. */
static bool
plan_hello(struct plan *plan, const struct args *args)
{
	uint32_t i;

	if (args->n == 1)
		return (true);
	plan->number = number(&args->v[1]);
	if (plan->number < 2 || plan->number > 3)
		return (false);
	for (i = 2; i < args->n; i++) {
		if (arg_is(&args->v[i], "auth") && i + 2 < args->n)
			i += 2;
		else if (arg_is(&args->v[i], "setname") && i + 1 < args->n)
			plan->text = &args->v[++i];
		else
			return (false);
	}
	return (plan->text == NULL || is_name(plan->text));
}

static void
plan_name(struct plan *plan, const struct args *args)
{
	switch (plan->name) {
	case PAIR_REPLY_ON:
		plan->name = (uint8_t)reply_mode(args);
		break;
	case PAIR_REPLCONF_ACK:
		if (args->total % 2 == 0 || args->n < 3 ||
		    (!arg_is(&args->v[1], "ack") &&
		    !arg_is(&args->v[1], "getack")))
			plan->name = PAIR_OTHER;
		break;
	case PAIR_HELLO:
		if (!plan_hello(plan, args))
			plan->name = PAIR_OTHER;
		break;
	case PAIR_SELECT:
		if ((plan->number = number(&args->v[1])) == UINT32_MAX)
			plan->name = PAIR_OTHER;
		break;
	case PAIR_SCRIPT_DEBUG:
		plan->number = args->n > 2 && !arg_is(&args->v[2], "no");
		break;
	case PAIR_SETNAME:
		plan->text = &args->v[2];
		if (!is_name(plan->text))
			plan->name = PAIR_OTHER;
		break;
	case PAIR_PING:
		plan->nhashes = args->n - 1;
		if (args->total > 2)
			plan->name = PAIR_OTHER;
		break;
	case PAIR_ECHO:
		plan->nhashes = 1;
		plan->number = args->v[1].size;
		break;
	default:
		if (plan->name >= PAIR_SUBSCRIBE)
			plan->nhashes = args->n - 1;
	}
}

static void __attribute__((noinline))
plan_special(struct plan *plan, const struct special *special,
    const struct command *row, const struct args *args)
{
	plan->secrets |= special->secrets;
	/* EXEC ends a transaction even when it is refused. */
	if (special->pair_name == PAIR_EXEC ||
	    command_arity_ok(row, args->total))
		plan->name = special->pair_name;
	plan_name(plan, args);
}

static void
plan_command(struct plan *plan, const struct args *args, bool keys)
{
	const struct command *row;
	unsigned special;

	*plan = (struct plan){ .row = COMMAND_ROWS, .name = PAIR_OTHER,
		.secrets = args->secret ? REDACT_QUOTES : 0 };
	if (args->total == 0) {
		plan->name = PAIR_EMPTY;
		return;
	}
	if ((row = command_of(args)) == NULL)
		return;
	plan->row = (uint16_t)command_index(row);
	if ((special = special_of[plan->row]) > 0)
		plan_special(plan, &specials[special - 1], row, args);
	if (keys)
		plan->key = command_first_key(row, args);
}

/* Memory */

static int __attribute__((noinline))
find_room(struct pair_queue *q, size_t n)
{
	size_t cap = q->cap > 0 ? q->cap : QUEUE_LEAST;
	size_t live = q->tail - q->from;
	uint8_t *data;

	/* Moving is worth while when a quarter is free. */
	while (live + n > cap / 4 * 3)
		cap *= 2;
	if (cap == q->cap) {
		memmove(q->data, q->data + q->from, live);
	} else {
		if ((data = malloc(cap)) == NULL)
			return (-1);
		if (live > 0)
			memcpy(data, q->data + q->from, live);
		free(q->data);
		q->data = data;
		q->cap = cap;
	}
	q->counted -= q->counted < q->from ? q->counted : q->from;
	q->head -= q->from;
	q->tail -= q->from;
	q->from = 0;
	return (0);
}

/* Room for n more bytes behind tail. */
static inline int
make_room(struct pair_queue *q, size_t n)
{
	if (q->tail - q->from + n > PAIR_QUEUE_MAX / 4 * 3)
		return (-1);
	return (n <= q->cap - q->tail ? 0 : find_room(q, n));
}

static size_t
clipped(const struct arg *a, size_t most)
{
	if (a == NULL)
		return (0);
	return (a->kept < most ? a->kept : most);
}

static uint8_t *
put(uint8_t *p, const struct arg *a, size_t len)
{
	if (len > 0)
		memcpy(p, a->data, len);
	return (p + len);
}

/* Whether something is to be kept of it that few commands have. */
static inline bool
needs_more(const struct plan *plan, const struct args *args)
{
	return (plan->number != 0 || plan->nhashes != 0 || plan->text != NULL ||
	    (args->n > 0 && args->v[0].size > PAIR_NAME_MAX) ||
	    (args->n > 0 && args->v[0].size > args->v[0].kept) ||
	    (plan->key != NULL && (plan->key->size > PAIR_NAME_MAX ||
	    plan->key->size > plan->key->kept || plan->key->secret)));
}

static void
plan_more(struct pair_more *more, const struct plan *plan,
    const struct args *args)
{
	*more = (struct pair_more){
		.name_size = args->n > 0 ? args->v[0].size : 0,
		.number = plan->number,
		.nhashes = (uint16_t)plan->nhashes,
		.text_len = (uint16_t)clipped(plan->text, TEXT_MAX),
		.has_text = plan->text != NULL,
	};
	if (plan->key != NULL) {
		more->key_size = plan->key->size;
		more->key_secret = plan->key->secret;
	}
}

/* Where they stand in an entry: at its end. */
static size_t
hashes_at(const struct pair_entry *e, const struct pair_more *more)
{
	return ((size_t)e->words - more->nhashes);
}

static void
put_more(struct pair_entry *e, const struct pair_more *more,
    const struct plan *plan, const struct args *args)
{
	uint64_t *hashes = (uint64_t *)(void *)e + hashes_at(e, more);
	uint8_t *p = e->rest;
	uint32_t i;

	memcpy(p, more, sizeof(*more));
	p += sizeof(*more) + e->name_len + e->key_len;
	put(p, plan->text, more->text_len);
	for (i = 0; i < more->nhashes; i++) {
		const struct arg *a = &args->v[i + 1];

		hashes[i] = pair_queue_hash(a->data, a->kept, a->size);
	}
}

/* Behind tail, with its name and key; NULL: there is no room. */
static inline struct pair_entry *
add_entry(struct pair_queue *q, const struct plan *plan,
    const struct args *args, const struct pair_more *more)
{
	size_t name_len = args->n > 0 ? clipped(&args->v[0], PAIR_NAME_MAX) : 0;
	size_t key_len = clipped(plan->key, PAIR_NAME_MAX);
	size_t size = offsetof(struct pair_entry, rest) + name_len + key_len;
	struct pair_entry *e;
	uint8_t *p;

	if (more != NULL)
		size += sizeof(*more) + more->text_len;
	size = (size + 7) & ~(size_t)7;
	if (more != NULL)
		size += more->nhashes * sizeof(uint64_t);
	if (make_room(q, size) == -1)
		return (NULL);
	e = (struct pair_entry *)(void *)(q->data + q->tail);
	q->tail += size;
	e->words = (uint16_t)(size / sizeof(uint64_t));
	e->name_len = (uint8_t)name_len;
	e->key_len = (uint8_t)key_len;
	p = e->rest + (more != NULL ? sizeof(*more) : 0);
	put(put(p, &args->v[0], name_len), plan->key, key_len);
	return (e);
}

/* An entry with struct pair_more. */
static struct pair_entry * __attribute__((noinline))
add_large(struct pair_queue *q, const struct plan *plan,
    const struct args *args)
{
	struct pair_more more;
	struct pair_entry *e;

	plan_more(&more, plan, args);
	if ((e = add_entry(q, plan, args, &more)) != NULL)
		put_more(e, &more, plan, args);
	return (e);
}

struct pair_entry *
pair_queue_add(struct pair_queue *q, const struct args *args,
    const struct pair_question *question, bool keys)
{
	struct pair_entry *e;
	struct plan plan;
	bool large;

	plan_command(&plan, args, keys);
	large = needs_more(&plan, args);
	e = large ? add_large(q, &plan, args) : add_entry(q, &plan, args, NULL);
	if (e == NULL)
		return (NULL);
	e->no = question->no;
	e->since = question->since;
	e->bytes = question->bytes;
	e->total = args->total;
	e->row = plan.row & 0xfffu;
	e->chosen = question->chosen & 0xfu;
	e->name = plan.name & 0x1fu;
	e->secrets = plan.secrets & 0x3fu;
	e->has_key = plan.key != NULL;
	e->has_more = large;
	e->queued = false;
	return (e);
}

bool
pair_queue_is_full(const struct pair_queue *q, const struct pair_entry *e)
{
	size_t at = (size_t)((const uint8_t *)e - q->data);

	return (q->tail - q->from > PAIR_QUEUE_FULL ||
	    (at == q->counted && at > q->head &&
	    q->tail - q->from > PAIR_QUEUE_AGAIN));
}

void
pair_queue_take_back(struct pair_queue *q, const struct pair_entry *e)
{
	q->tail -= pair_queue_size(e);
}

struct pair_counted *
pair_queue_counted(struct pair_entry *e)
{
	return ((struct pair_counted *)(void *)(e + 1));
}

struct pair_counted *
pair_queue_count(struct pair_queue *q)
{
	const size_t size = sizeof(struct pair_entry) +
	    sizeof(struct pair_counted);
	struct pair_entry *e;

	if (q->counted != q->tail || q->counted <= q->head) {
		if (make_room(q, size) == -1)
			return (NULL);
		e = (struct pair_entry *)(void *)(q->data + q->tail);
		memset(e, 0, size);
		e->name = PAIR_COUNTED;
		e->row = COMMAND_ROWS;
		e->words = (uint16_t)(size / sizeof(uint64_t));
		q->counted = q->tail += size;
	}
	e = (struct pair_entry *)(void *)(q->data + q->counted - size);
	return (pair_queue_counted(e));
}

const struct pair_more *
pair_queue_more(const struct pair_entry *e)
{
	static const struct pair_more none;

	return (e->has_more ? (const struct pair_more *)(const void *)e->rest :
	    &none);
}

const uint64_t *
pair_queue_hashes(const struct pair_entry *e)
{
	return ((const uint64_t *)(const void *)e +
	    hashes_at(e, pair_queue_more(e)));
}

static const uint8_t *
strings(const struct pair_entry *e)
{
	return (e->rest + (e->has_more ? sizeof(struct pair_more) : 0));
}

const uint8_t *
pair_queue_text(const struct pair_entry *e)
{
	return (strings(e) + e->name_len + e->key_len);
}

void
pair_queue_question(const struct pair_entry *e, struct pair_question *question)
{
	const struct pair_more *more = e->has_more ? pair_queue_more(e) : NULL;
	const uint8_t *name = strings(e), *key = name + e->name_len;

	question->no = e->no;
	question->since = e->since;
	question->bytes = e->bytes;
	question->chosen = e->chosen;
	question->name = (struct arg){ name, e->name_len,
		more != NULL ? more->name_size : e->name_len, false };
	question->key = (struct arg){ e->has_key ? key : NULL, e->key_len,
		more != NULL ? more->key_size : e->key_len,
		more != NULL && more->key_secret };
	question->command = pair_queue_command(e);
}

void
pair_queue_trim(struct pair_queue *q)
{
	if (q->from == q->tail)
		pair_queue_free(q);
}

void
pair_queue_free(struct pair_queue *q)
{
	free(q->data);
	*q = (struct pair_queue){ .data = NULL };
}
