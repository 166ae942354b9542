#include "config.h"

#include "resp/pair_queue.h"

#include <stdlib.h>
#include <string.h>

#include "resp/pair.h"
#include "resp/redact_reply.h"

#define QUEUE_LEAST 512
#define TEXT_MAX 4096

#define COUNT(table) (sizeof(table) / sizeof(table[0]))

/* The commands that are more than one request with one reply; sorted. */
static const struct special {
	const char *name;	/* as command.h has it */
	uint8_t pair_name;
	uint8_t secrets;
} specials[] = {
	{ "acl|getuser", PAIR_OTHER, REDACT_ACL_USER },
	{ "acl|list", PAIR_OTHER, REDACT_ACL_LIST },
	{ "client|reply", PAIR_REPLY_ON, 0 },
	{ "client|setname", PAIR_SETNAME, 0 },
	{ "config|get", PAIR_OTHER, REDACT_CONFIG },
	{ "discard", PAIR_DISCARD, 0 },
	{ "echo", PAIR_ECHO, 0 },
	{ "exec", PAIR_EXEC, 0 },
	{ "hello", PAIR_HELLO, 0 },
	{ "monitor", PAIR_MONITOR, 0 },
	{ "multi", PAIR_MULTI, 0 },
	{ "ping", PAIR_PING, 0 },
	{ "psubscribe", PAIR_PSUBSCRIBE, 0 },
	{ "psync", PAIR_SYNC, 0 },
	{ "punsubscribe", PAIR_PUNSUBSCRIBE, 0 },
	{ "quit", PAIR_QUIT, 0 },
	{ "replconf", PAIR_REPLCONF_ACK, 0 },
	{ "reset", PAIR_RESET, 0 },
	{ "select", PAIR_SELECT, 0 },
	{ "ssubscribe", PAIR_SSUBSCRIBE, 0 },
	{ "subscribe", PAIR_SUBSCRIBE, 0 },
	{ "sunsubscribe", PAIR_SUNSUBSCRIBE, 0 },
	{ "sync", PAIR_SYNC, 0 },
	{ "unsubscribe", PAIR_UNSUBSCRIBE, 0 },
	{ "watch", PAIR_WATCH, 0 },
};

static const struct special *
find_special(const char *name)
{
	size_t low = 0, high = COUNT(specials), middle;
	int order;

	while (low < high) {
		middle = (low + high) / 2;
		if ((order = strcmp(name, specials[middle].name)) == 0)
			return (&specials[middle]);
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return (NULL);
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
	uint32_t nhashes;
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
plan_hello(struct pair_entry *e, const struct args *args, struct plan *plan)
{
	uint32_t i;

	if (args->n == 1)
		return (true);
	e->number = number(&args->v[1]);
	if (e->number < 2 || e->number > 3)
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
plan_name(struct pair_entry *e, const struct args *args, struct plan *plan)
{
	switch (e->name) {
	case PAIR_REPLY_ON:
		e->name = (uint8_t)reply_mode(args);
		break;
	case PAIR_REPLCONF_ACK:
		if (args->total % 2 == 0 || args->n < 3 ||
		    (!arg_is(&args->v[1], "ack") &&
		    !arg_is(&args->v[1], "getack")))
			e->name = PAIR_OTHER;
		break;
	case PAIR_HELLO:
		if (!plan_hello(e, args, plan))
			e->name = PAIR_OTHER;
		break;
	case PAIR_SELECT:
		if ((e->number = number(&args->v[1])) == UINT32_MAX)
			e->name = PAIR_OTHER;
		break;
	case PAIR_SETNAME:
		plan->text = &args->v[2];
		if (!is_name(plan->text))
			e->name = PAIR_OTHER;
		break;
	case PAIR_PING:
		plan->nhashes = args->n - 1;
		if (args->total > 2)
			e->name = PAIR_OTHER;
		break;
	case PAIR_ECHO:
		plan->nhashes = 1;
		e->number = args->v[1].size;
		break;
	default:
		if (e->name >= PAIR_SUBSCRIBE)
			plan->nhashes = args->n - 1;
	}
}

static void
plan_entry(struct pair_entry *e, const struct args *args, bool keys,
    struct plan *plan)
{
	const struct special *special;

	e->total = args->total;
	e->name = PAIR_EMPTY;
	if (args->total == 0)
		return;
	e->name = PAIR_OTHER;
	e->name_size = args->v[0].size;
	if ((e->command = command_of(args)) != NULL &&
	    (special = find_special(e->command->name)) != NULL) {
		e->secrets = special->secrets;
		/* EXEC ends a transaction even when it is refused. */
		if (special->pair_name == PAIR_EXEC ||
		    command_arity_ok(e->command, args->total))
			e->name = special->pair_name;
		plan_name(e, args, plan);
	}
	if (keys && e->command != NULL)
		plan->key = command_first_key(e->command, args);
}

/* Memory */

/* Room for n more bytes behind tail. */
static int
make_room(struct pair_queue *q, size_t n)
{
	const size_t most = PAIR_QUEUE_MAX / 4 * 3;
	size_t cap = q->cap > 0 ? q->cap : QUEUE_LEAST;
	size_t live = q->tail - q->from;
	uint8_t *data;

	if (n <= q->cap - q->tail)
		return (0);
	if (live > most || n > most - live)
		return (-1);
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
	q->head -= q->from;
	q->tail -= q->from;
	q->from = 0;
	return (0);
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

struct pair_entry *
pair_queue_add(struct pair_queue *q, const struct args *args,
    const struct pair_question *question, bool keys)
{
	struct pair_entry e = { .no = question->no, .since = question->since,
		.bytes = question->bytes, .hidden = question->hidden };
	struct plan plan = { .key = NULL };
	uint64_t *hashes;
	size_t size;
	uint32_t i;
	uint8_t *p;

	plan_entry(&e, args, keys, &plan);
	if (args->n > 0)
		e.name_len = (uint8_t)clipped(&args->v[0], PAIR_NAME_MAX);
	e.has_key = plan.key != NULL;
	e.key_len = (uint8_t)clipped(plan.key, PAIR_NAME_MAX);
	e.key_size = plan.key != NULL ? plan.key->size : 0;
	e.key_secret = plan.key != NULL && plan.key->secret;
	e.has_text = plan.text != NULL;
	e.text_len = (uint16_t)clipped(plan.text, TEXT_MAX);
	e.nhashes = plan.nhashes;
	size = sizeof(e) + e.nhashes * sizeof(*hashes) + e.name_len +
	    e.key_len + e.text_len;
	size = (size + 7) & ~(size_t)7;
	if (make_room(q, size) == -1)
		return (NULL);
	e.size = (uint32_t)size;
	p = q->data + q->tail;
	memcpy(p, &e, sizeof(e));
	hashes = (uint64_t *)(void *)(p + sizeof(e));
	for (i = 0; i < e.nhashes; i++) {
		const struct arg *a = &args->v[i + 1];

		hashes[i] = pair_queue_hash(a->data, a->kept, a->size);
	}
	p = (uint8_t *)(hashes + e.nhashes);
	p = put(p, &args->v[0], e.name_len);
	p = put(p, plan.key, e.key_len);
	put(p, plan.text, e.text_len);
	q->tail += size;
	return (pair_queue_at(q, q->tail - size));
}

const uint64_t *
pair_queue_hashes(const struct pair_entry *e)
{
	return ((const uint64_t *)(const void *)(e + 1));
}

static const uint8_t *
strings(const struct pair_entry *e)
{
	return ((const uint8_t *)(pair_queue_hashes(e) + e->nhashes));
}

const uint8_t *
pair_queue_text(const struct pair_entry *e)
{
	return (strings(e) + e->name_len + e->key_len);
}

void
pair_queue_question(const struct pair_entry *e, struct pair_question *question)
{
	*question = (struct pair_question){
		.no = e->no,
		.since = e->since,
		.bytes = e->bytes,
		.hidden = e->hidden,
		.name = { .data = strings(e), .kept = e->name_len,
			.size = e->name_size },
		.command = e->command,
	};
	if (e->has_key)
		question->key = (struct arg){ .data = strings(e) + e->name_len,
			.kept = e->key_len, .size = e->key_size,
			.secret = e->key_secret };
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
