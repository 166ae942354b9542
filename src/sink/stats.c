#include "config.h"

#include "sink/stats.h"

#include <stdlib.h>
#include <string.h>

#include "redis/command.h"
#include "resp/reply.h"
#include "sink/stats_private.h"

static void
take(struct sink *sink, const struct record *r)
{
	stats_add((struct stats *)sink, r);
}

struct stats *
stats_new(void)
{
	struct stats *s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (NULL);
	s->sink.events = RECORD_BIT(RECORD_REPLY) | RECORD_BIT(RECORD_PUSH) |
	    RECORD_BIT(RECORD_ERROR);
	s->sink.timeless = true;
	s->sink.lazy = true;
	s->sink.take = take;
	clock_gettime(CLOCK_REALTIME, &s->since);
	return (s);
}

void
stats_free(struct stats *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < COMMAND_ROWS; i++)
		free(s->rows[i]);
	for (i = 0; i < s->nunknown; i++)
		free(s->unknown[i]);
	free(s);
}

struct sink *
stats_sink(struct stats *s)
{
	return (&s->sink);
}

/* Without memory for one more row, what belongs there counts among others. */
static struct stats_row *
row_of_command(struct stats *s, const struct command *command)
{
	struct stats_row **row = &s->rows[command_index(command)];

	if (*row == NULL) {
		if ((*row = calloc(1, sizeof(**row))) == NULL)
			return (&s->others);
		(*row)->command = command;
	}
	return (*row);
}

/* The row of a name that no command has, in lower case. */
static struct stats_row *
row_of_name(struct stats *s, const struct short_arg *name)
{
	struct stats_row *row;
	size_t i;

	for (i = 0; i < s->nunknown; i++) {
		row = s->unknown[i];
		if (row->name.size == name->size &&
		    row->name.kept == name->kept &&
		    memcmp(row->name.data, name->data, name->kept) == 0)
			return (row);
	}
	if (i == STATS_UNKNOWN || (row = calloc(1, sizeof(*row))) == NULL)
		return (&s->others);
	row->name = *name;
	return (s->unknown[s->nunknown++] = row);
}

static struct stats_row *
row_of(struct stats *s, const struct command *command, const struct arg *name)
{
	struct short_arg lower;
	size_t i;

	if (command != NULL)
		return (row_of_command(s, command));
	short_arg_set(&lower, name);
	for (i = 0; i < lower.kept; i++)
		if (lower.data[i] >= 'A' && lower.data[i] <= 'Z')
			lower.data[i] |= 'a' - 'A';
	return (row_of_name(s, &lower));
}

/* Puts it where it belongs among the slowest, if it does. */
static void
put_slow(struct stats *s, const struct stats_slow *slow)
{
	size_t at = s->nslowest;

	while (at > 0 && s->slowest[at - 1].latency_us < slow->latency_us)
		at--;
	if (at == STATS_SLOWEST)
		return;
	if (s->nslowest < STATS_SLOWEST)
		s->nslowest++;
	memmove(&s->slowest[at + 1], &s->slowest[at],
	    (s->nslowest - at - 1) * sizeof(*slow));
	s->slowest[at] = *slow;
}

static bool
is_slow(const struct stats *s, uint64_t latency_us)
{
	return (s->nslowest < STATS_SLOWEST ||
	    latency_us > s->slowest[STATS_SLOWEST - 1].latency_us);
}

static void
add_slow(struct stats *s, const struct record *r)
{
	struct stats_slow slow = {
		.when = r->when,
		.conn = r->conn,
		.no = r->u.reply.no,
		.latency_us = r->u.reply.latency_us,
		.command = r->u.reply.command,
		.has_key = r->u.reply.key != NULL,
	};

	if (slow.when.tv_sec == 0)	/* nobody else wanted to know it */
		clock_gettime(CLOCK_REALTIME, &slow.when);
	short_arg_set(&slow.name, r->u.reply.name);
	if (slow.has_key) {
		slow.secret = r->u.reply.key->secret;
		short_arg_set(&slow.key, r->u.reply.key);
	}
	put_slow(s, &slow);
}

/* Of a value that came while memory was short perhaps nothing was kept. */
static bool
is_error(const struct record_bytes *value)
{
	return (value->len > 0 && (value->data[0] == REPLY_ERROR ||
	    value->data[0] == REPLY_BLOB_ERROR));
}

static void
add_reply(struct stats *s, const struct record *r)
{
	struct stats_row *row;
	const struct arg *key = r->u.reply.key;
	const struct record_bytes *value = &r->u.reply.value;
	uint64_t bytes = value->len + value->left_out;

	if (r->u.reply.name == NULL)	/* of a command that is not known */
		return;
	row = row_of(s, r->u.reply.command, r->u.reply.name);
	row->sent += bytes;
	if (is_error(value))
		row->errors++;
	if (r->u.reply.last) {
		row->received += r->u.reply.request_bytes;
		bytes += r->u.reply.request_bytes;
		histogram_add(&row->latency, r->u.reply.latency_us);
		if (is_slow(s, r->u.reply.latency_us))
			add_slow(s, r);
	}
	if (key != NULL && !key->secret)
		top_keys_add(&s->keys, key, bytes);
}

void
stats_add(struct stats *s, const struct record *r)
{
	switch (r->event) {
	case RECORD_REPLY:
		add_reply(s, r);
		break;
	case RECORD_PUSH:
		s->pushes++;
		break;
	case RECORD_ERROR:
		if (r->u.error.byte >= 0)	/* else it is nobody's fault */
			s->errors++;
		break;
	default:
		break;
	}
}

static void
merge_row(struct stats_row *row, const struct stats_row *from)
{
	row->errors += from->errors;
	row->received += from->received;
	row->sent += from->sent;
	histogram_merge(&row->latency, &from->latency);
}

void
stats_merge(struct stats *s, const struct stats *from)
{
	size_t i;

	for (i = 0; i < COMMAND_ROWS; i++)
		if (from->rows[i] != NULL)
			merge_row(row_of_command(s, from->rows[i]->command),
			    from->rows[i]);
	for (i = 0; i < from->nunknown; i++)
		merge_row(row_of_name(s, &from->unknown[i]->name),
		    from->unknown[i]);
	merge_row(&s->others, &from->others);
	for (i = 0; i < from->nslowest; i++)
		put_slow(s, &from->slowest[i]);
	top_keys_merge(&s->keys, &from->keys);
	s->pushes += from->pushes;
	s->errors += from->errors;
	if (from->since.tv_sec < s->since.tv_sec)
		s->since = from->since;
}

const char *
stats_row_name(const struct stats *s, const struct stats_row *row)
{
	if (row == &s->others)
		return ("(others)");
	return (row->command != NULL ? row->command->name : NULL);
}

/* Known ones by name, then the others. */
static int
compare_names(const struct stats_row *x, const struct stats_row *y)
{
	size_t least = x->name.kept < y->name.kept ? x->name.kept :
	    y->name.kept;
	int order;

	if (x->command != NULL && y->command != NULL)
		return (strcmp(x->command->name, y->command->name));
	if (x->command != NULL || y->command != NULL)
		return (x->command != NULL ? -1 : 1);
	order = memcmp(x->name.data, y->name.data, least);
	return (order != 0 ? order : (int)x->name.kept - (int)y->name.kept);
}

static int
compare_rows(const void *a, const void *b)
{
	const struct stats_row *x = *(const struct stats_row *const *)a;
	const struct stats_row *y = *(const struct stats_row *const *)b;

	if (x->latency.n != y->latency.n)
		return (x->latency.n > y->latency.n ? -1 : 1);
	return (compare_names(x, y));
}

size_t
stats_rows(const struct stats *s, const struct stats_row *list[STATS_ROWS])
{
	size_t n = 0, i;

	for (i = 0; i < COMMAND_ROWS; i++)
		if (s->rows[i] != NULL)
			list[n++] = s->rows[i];
	for (i = 0; i < s->nunknown; i++)
		list[n++] = s->unknown[i];
	if (s->others.sent > 0)
		list[n++] = &s->others;
	qsort(list, n, sizeof(list[0]), compare_rows);
	return (n);
}
