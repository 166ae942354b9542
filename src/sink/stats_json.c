#include "config.h"

#include "sink/stats.h"

#include <inttypes.h>
#include <string.h>

#include "format/json_string.h"
#include "redis/command.h"
#include "sink/stats_private.h"
#include "trace/clock.h"

static void
add_time(struct bytes *out, const char *name, struct timespec when)
{
	struct clock clock = { 0 };

	bytes_addf(out, "\"%s\":\"", name);
	clock_add_iso(&clock, when, out);
	bytes_add(out, "\"", 1);
}

static void
add_number(struct bytes *out, const char *name, uint64_t n)
{
	bytes_addf(out, ",\"%s\":%" PRIu64, name, n);
}

static void
add_totals(struct bytes *out, const struct stats *s,
    const struct stats_totals *totals)
{
	bytes_addf(out, ",\"totals\":{\"connections\":%" PRIu64,
	    totals->conns);
	add_number(out, "commands", totals->commands);
	add_number(out, "received", totals->received);
	add_number(out, "sent", totals->sent);
	add_number(out, "pushes", s->pushes);
	add_number(out, "protocol_errors", s->errors);
	add_number(out, "dropped", totals->dropped);
	add_number(out, "stalled", totals->stalled);
	bytes_add(out, "}", 1);
}

static void
add_short_arg(struct bytes *out, const struct short_arg *a)
{
	json_add_clipped(out, a->data, a->kept, a->size);
}

static void
add_rows(struct bytes *out, const struct stats *s)
{
	const struct stats_row *rows[STATS_ROWS], *row;
	size_t n = stats_rows(s, rows), i;
	const char *name;

	for (i = 0; i < n; i++) {
		row = rows[i];
		name = stats_row_name(s, row);
		bytes_add_string(out, i > 0 ? ",{\"name\":" : "{\"name\":");
		if (name != NULL)
			bytes_addf(out, "\"%s\"", name);
		else
			add_short_arg(out, &row->name);
		add_number(out, "calls", row->latency.n);
		add_number(out, "errors", row->errors);
		add_number(out, "received", row->received);
		add_number(out, "sent", row->sent);
		add_number(out, "p50_us",
		    histogram_percentile(&row->latency, 50));
		add_number(out, "p99_us",
		    histogram_percentile(&row->latency, 99));
		add_number(out, "max_us", row->latency.max);
		bytes_add(out, "}", 1);
	}
}

static void
add_slowest(struct bytes *out, const struct stats *s)
{
	const struct stats_slow *slow;
	size_t i;

	for (i = 0; i < s->nslowest; i++) {
		slow = &s->slowest[i];
		bytes_add_string(out, i > 0 ? ",{" : "{");
		add_time(out, "time", slow->when);
		add_number(out, "conn", slow->conn);
		add_number(out, "no", slow->no);
		bytes_add_string(out, ",\"name\":");
		if (slow->command != NULL)
			bytes_addf(out, "\"%s\"", slow->command->name);
		else
			add_short_arg(out, &slow->name);
		if (slow->has_key)
			bytes_add_string(out, ",\"key\":");
		if (slow->has_key && slow->secret)
			json_add_redacted(out, slow->key.size);
		else if (slow->has_key)
			add_short_arg(out, &slow->key);
		add_number(out, "latency_us", slow->latency_us);
		bytes_add(out, "}", 1);
	}
}

static void
add_keys(struct bytes *out, const struct stats *s)
{
	const struct top_key *keys[STATS_KEYS];
	size_t n = top_keys_list(&s->keys, keys, STATS_KEYS), i;

	for (i = 0; i < n; i++) {
		bytes_add_string(out, i > 0 ? ",{\"key\":" : "{\"key\":");
		add_short_arg(out, &keys[i]->key);
		add_number(out, "bytes", keys[i]->bytes);
		add_number(out, "over", keys[i]->over);
		bytes_add(out, "}", 1);
	}
}

void
stats_json(const struct stats *s, const struct stats_totals *totals,
    struct bytes *out)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	bytes_add_string(out, "{\"v\":1,");
	add_time(out, "since", s->since);
	bytes_add(out, ",", 1);
	add_time(out, "time", now);
	add_totals(out, s, totals);
	bytes_add_string(out, ",\"commands\":[");
	add_rows(out, s);
	bytes_add_string(out, "],\"slowest\":[");
	add_slowest(out, s);
	bytes_add_string(out, "],\"keys\":[");
	add_keys(out, s);
	bytes_add_string(out, "]}\n");
}
