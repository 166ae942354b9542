#include "config.h"

#include "trace/format.h"

#include <string.h>

#include "trace/filter.h"

#define BYTES (RECORD_BIT(RECORD_RECV) | RECORD_BIT(RECORD_SEND))
#define CMD RECORD_BIT(RECORD_CMD)

/* The longest name of an event. */
#define EVENT_WIDTH 5

static const struct format formats[] = {
	{ "text", RECORD_ALL, RECORD_ALL, false, false, format_text },
	{ "hex", RECORD_ALL, RECORD_ALL, false, false, format_hex },
	{ "raw", RECORD_BIT(RECORD_RECV), BYTES, true, false, format_raw },
	{ "json", RECORD_ALL, RECORD_ALL, false, false, format_json },
	{ "monitor", CMD, CMD, false, true, format_monitor }
};

const struct format *
format_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		if (strcmp(name, formats[i].name) == 0)
			return (&formats[i]);
	return (NULL);
}

/* The terminal's attributes for an event. */
static const char *
color_of(enum record_event event)
{
	switch (event) {
	case RECORD_RECV:
		return ("\033[36m");		/* cyan */
	case RECORD_SEND:
		return ("\033[32m");		/* green */
	case RECORD_CMD:
		return ("\033[1;36m");
	case RECORD_REPLY:
	case RECORD_PUSH:
		return ("\033[1;32m");
	case RECORD_ERROR:
		return ("\033[1;31m");		/* red */
	default:
		return ("\033[2m");		/* faint */
	}
}

void
format_head(struct format_state *state, const struct record *r,
    struct bytes *out)
{
	const char *event = filter_event_name(r->event);
	size_t len = strlen(event);
	uint8_t *o;

	clock_add(&state->clock, state->options.time, r->when, out);
	bytes_add(out, "#", 1);
	bytes_add_uint(out, r->conn);
	bytes_add(out, " ", 1);
	if (state->options.color)
		bytes_add_string(out, color_of(r->event));
	bytes_add(out, event, len);
	if (state->options.color)
		bytes_add_string(out, "\033[0m");
	if ((o = bytes_reserve(out, EVENT_WIDTH + 1)) == NULL)
		return;
	memset(o, ' ', EVENT_WIDTH + 1);
	out->len += EVENT_WIDTH + 1 - len;
}

size_t
format_snap(const struct format_options *o, const struct record_bytes *b)
{
	return (o->snaplen != 0 && o->snaplen < b->len ? o->snaplen : b->len);
}
