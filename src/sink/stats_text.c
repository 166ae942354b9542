#include "config.h"

#include "sink/stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "format/notation.h"
#include "format/quote.h"
#include "redis/command.h"
#include "sink/stats_private.h"
#include "trace/clock.h"

/* What of a key is shown, in bytes: a line has 80 columns. */
#define KEY_SHOWN 32
/* A number in a column, its unit with it. */
#define NUMBER_MAX 32

/*
 * A number of three digits, and a point if it needs one: thousandths is what
 * it has to be divided by a thousand to be in units[0], and each unit is a
 * thousand of the one before.
 */
static void
scale(char text[NUMBER_MAX], uint64_t thousandths, const char *const *units,
    size_t nunits)
{
	uint64_t n = thousandths;
	size_t i;

	for (i = 0; i + 1 < nunits && n >= 1000000; i++)
		n /= 1000;
	if (n < 10000)
		snprintf(text, NUMBER_MAX, "%u.%02u%s", (unsigned)(n / 1000),
		    (unsigned)(n % 1000 / 10), units[i]);
	else if (n < 100000)
		snprintf(text, NUMBER_MAX, "%u.%u%s", (unsigned)(n / 1000),
		    (unsigned)(n % 1000 / 100), units[i]);
	else
		snprintf(text, NUMBER_MAX, "%" PRIu64 "%s", n / 1000,
		    units[i]);
}

/* 99999, 100k, 1.23M */
static void
add_number(struct bytes *out, uint64_t n)
{
	static const char *const units[] = { "k", "M", "G", "T", "P", "E" };
	char text[NUMBER_MAX];

	if (n < 100000)
		snprintf(text, sizeof(text), "%u", (unsigned)n);
	else
		scale(text, n, units, sizeof(units) / sizeof(units[0]));
	bytes_addf(out, " %6s", text);
}

/* 999us, 1.23ms, 12.3s */
static void
add_latency(struct bytes *out, uint64_t us)
{
	static const char *const units[] = { "ms", "s" };
	char text[NUMBER_MAX];

	if (us < 1000)
		snprintf(text, sizeof(text), "%uus", (unsigned)us);
	else
		scale(text, us, units, sizeof(units) / sizeof(units[0]));
	bytes_addf(out, " %6s", text);
}

static void
add_totals(struct bytes *out, const struct stats *s,
    const struct stats_totals *t)
{
	const struct {
		const char *before;
		uint64_t n;
		const char *one;
		const char *more;
	} counts[] = {
		{ ": ", t->conns, "connection", "s" },
		{ ", ", t->commands, "command", "s" },
		{ "\nreceived ", t->received, "byte", "s" },
		{ ", sent ", t->sent, "byte", "s" },
		{ "\n", s->pushes, "push", "es" },
		{ ", ", s->errors, "protocol error", "s" },
		{ ", ", t->dropped, "record", "s" }
	};
	struct timespec now;
	size_t i;

	clock_gettime(CLOCK_REALTIME, &now);
	bytes_addf(out, "resptap: summary of %lld s",
	    (long long)(now.tv_sec - s->since.tv_sec));
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		bytes_addf(out, "%s%" PRIu64 " %s%s", counts[i].before,
		    counts[i].n, counts[i].one,
		    counts[i].n == 1 ? "" : counts[i].more);
	bytes_add_string(out, " dropped\n");
	if (t->stalled > 0)
		bytes_addf(out, "%" PRIu64 " connection%s not read for a "
		    "while, with too many replies unread\n", t->stalled,
		    t->stalled == 1 ? "" : "s");
}

static void
add_short_arg(struct bytes *out, const struct short_arg *a)
{
	size_t shown = a->kept < KEY_SHOWN ? a->kept : KEY_SHOWN;

	bytes_add(out, "\"", 1);
	quote_add(out, a->data, shown, false);
	bytes_add_string(out, shown < a->size ? "\"..." : "\"");
}

/* A name that no command has is quoted, as the client's own. */
static void
add_name(struct bytes *out, const struct stats *s, const struct stats_row *row)
{
	const char *name = stats_row_name(s, row);

	if (name != NULL)
		bytes_add_string(out, name);
	else
		add_short_arg(out, &row->name);
}

static size_t
width_of_names(const struct stats *s, const struct stats_row *const *rows,
    size_t n)
{
	size_t width = strlen("COMMAND"), i;
	struct bytes name = { 0 };

	for (i = 0; i < n; i++) {
		bytes_truncate(&name, 0);
		add_name(&name, s, rows[i]);
		if (name.len > width)
			width = name.len;
	}
	bytes_free(&name);
	return (width);
}

static void
add_row(struct bytes *out, const struct stats *s, const struct stats_row *row,
    size_t width)
{
	size_t from = out->len;

	add_name(out, s, row);
	bytes_addf(out, "%*s", (int)(from + width - out->len), "");
	add_number(out, row->latency.n);
	add_number(out, row->errors);
	add_number(out, row->received);
	add_number(out, row->sent);
	add_latency(out, histogram_percentile(&row->latency, 50));
	add_latency(out, histogram_percentile(&row->latency, 99));
	add_latency(out, row->latency.max);
	bytes_add(out, "\n", 1);
}

static void
add_rows(struct bytes *out, const struct stats *s)
{
	const struct stats_row *rows[STATS_ROWS];
	size_t n = stats_rows(s, rows), width, i;

	if (n == 0)
		return;
	width = width_of_names(s, rows, n);
	bytes_addf(out, "\n%-*s  CALLS ERRORS  RECVD   SENT    P50    P99"
	    "    MAX\n", (int)width, "COMMAND");
	for (i = 0; i < n; i++)
		add_row(out, s, rows[i], width);
}

static void
add_slowest(struct bytes *out, const struct stats *s)
{
	char number[2 * NUMBER_MAX];
	struct clock clock = { 0 };
	const struct stats_slow *slow;
	size_t i;

	if (s->nslowest > 0)
		bytes_add_string(out,
		    "\nSLOWEST TIME            CONN NO    COMMAND KEY\n");
	for (i = 0; i < s->nslowest; i++) {
		slow = &s->slowest[i];
		add_latency(out, slow->latency_us);
		bytes_add(out, " ", 1);
		clock_add(&clock, TIME_CLOCK, slow->when, out);
		snprintf(number, sizeof(number), "#%" PRIu64 " %" PRIu64,
		    slow->conn, slow->no);
		bytes_addf(out, "%-10s ", number);
		if (slow->command != NULL)
			bytes_add_string(out, slow->command->name);
		else
			add_short_arg(out, &slow->name);
		if (slow->has_key)
			bytes_add(out, " ", 1);
		if (slow->has_key && slow->secret)
			notation_add_redacted(out, slow->key.size);
		else if (slow->has_key)
			add_short_arg(out, &slow->key);
		bytes_add(out, "\n", 1);
	}
}

static void
add_keys(struct bytes *out, const struct stats *s)
{
	const struct top_key *keys[STATS_KEYS];
	size_t n = top_keys_list(&s->keys, keys, STATS_KEYS), i;

	if (n > 0)
		bytes_add_string(out, "\n  BYTES   OVER KEY\n");
	for (i = 0; i < n; i++) {
		add_number(out, keys[i]->bytes);
		add_number(out, keys[i]->over);
		bytes_add(out, " ", 1);
		add_short_arg(out, &keys[i]->key);
		bytes_add(out, "\n", 1);
	}
}

void
stats_text(const struct stats *s, const struct stats_totals *totals,
    struct bytes *out)
{
	add_totals(out, s, totals);
	add_rows(out, s);
	add_slowest(out, s);
	add_keys(out, s);
}
