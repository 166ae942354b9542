#include "config.h"

#include "format/monitor.h"

#include <string.h>

#include "format/notation.h"
#include "format/quote.h"
#include "format/value.h"
#include "trace/clock.h"

static void
add_arg(struct bytes *out, const struct arg *a, size_t clip, size_t *room)
{
	size_t n;

	bytes_add(out, " ", 1);
	if (a->secret) {
		bytes_add_string(out, "\"(redacted)\"");
		return;
	}
	n = value_arg_shown(a, clip, room);
	quote_add_string(out, a->data, n, false);
	if (n < a->size)
		notation_add_more(out, a->size - n, "byte");
}

void
monitor_line(struct bytes *out, const struct record *r, size_t clip)
{
	const struct args *args = r->u.cmd.args;
	const char *peer = r->u.cmd.peer;
	struct clock clock = { .len = 0 };
	size_t room = VALUE_SHOWN_MAX;
	uint32_t i;

	clock_add(&clock, TIME_EPOCH, r->when, out);
	bytes_add(out, "[", 1);
	bytes_add_uint(out, r->u.cmd.db);
	bytes_add(out, " ", 1);
	quote_add(out, (const uint8_t *)peer, strlen(peer), false);
	bytes_add(out, "]", 1);
	for (i = 0; i < args->n && room > 0; i++)
		add_arg(out, &args->v[i], clip, &room);
	if (i < args->total) {
		bytes_add(out, " ", 1);
		notation_add_more(out, args->total - i, "argument");
	}
}

void
monitor_reply(struct bytes *out, const struct record *r, size_t clip)
{
	bytes_add(out, "+", 1);
	monitor_line(out, r, clip);
	bytes_add(out, "\r\n", 2);
}
