#include "config.h"

#include "format/format.h"

#include <string.h>

#define BYTES (RECORD_BIT(RECORD_RECV) | RECORD_BIT(RECORD_SEND))
#define CMD RECORD_BIT(RECORD_CMD)

/* An event's name, padded to a column, and that with the terminal's attributes
 * for it; the rest is zeros. */
static const struct label {
	char plain[8];
	char colored[24];
} labels[RECORD_EVENTS] = {
#define LABEL(name, pad, color) { name pad, color name "\033[0m" pad }
	[RECORD_OPEN] = LABEL("open", "  ", "\033[2m"),	/* faint */
	[RECORD_RECV] = LABEL("recv", "  ", "\033[36m"),	/* cyan */
	[RECORD_SEND] = LABEL("send", "  ", "\033[32m"),	/* green */
	[RECORD_EDIT] = LABEL("edit", "  ", "\033[35m"),	/* magenta */
	[RECORD_CMD] = LABEL("cmd", "   ", "\033[1;36m"),
	[RECORD_REPLY] = LABEL("reply", " ", "\033[1;32m"),
	[RECORD_PUSH] = LABEL("push", "  ", "\033[1;32m"),
	[RECORD_ERROR] = LABEL("error", " ", "\033[1;31m"),	/* red */
	[RECORD_CLOSE] = LABEL("close", " ", "\033[2m")
};

/* How long all of the first are. */
#define PLAIN_LEN 6

_Static_assert(CLOCK_MAX + BYTES_UINT_MAX + 2 <=
    sizeof(((struct format_head *)NULL)->text), "the longest fits");

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

static void
spell_head(struct format_state *state, const struct record *r)
{
	struct format_head *h = &state->head;
	uint8_t *text = (uint8_t *)h->text, *o = text;

	o = clock_put(&state->clock, state->options.time, r->when, o);
	*o++ = '#';
	o = bytes_put_uint(o, r->conn);
	*o++ = ' ';
	h->len = (size_t)(o - text);
	h->when = r->when;
	h->conn = r->conn;
}

/* Writes more than it adds, because copying a fixed size is quick. */
void
format_head(struct format_state *state, const struct record *r,
    struct bytes *out)
{
	const struct format_head *h = &state->head;
	const struct label *label = &labels[r->event];
	uint8_t *o = bytes_reserve(out, sizeof(h->text) + sizeof(*label));

	if (o == NULL)
		return;
	if (h->conn != r->conn || h->when.tv_nsec != r->when.tv_nsec ||
	    h->when.tv_sec != r->when.tv_sec || h->len == 0 ||
	    state->options.time == TIME_DELTA)
		spell_head(state, r);
	memcpy(o, h->text, sizeof(h->text));
	o += h->len;
	if (state->options.color) {
		memcpy(o, label->colored, sizeof(label->colored));
		o += strlen(label->colored);
	} else {
		memcpy(o, label->plain, sizeof(label->plain));
		o += PLAIN_LEN;
	}
	out->len = (size_t)(o - out->data);
}

size_t
format_snap(const struct format_options *o, const struct record_bytes *b)
{
	return (o->snaplen != 0 && o->snaplen < b->len ? o->snaplen : b->len);
}
