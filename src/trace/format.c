#include "config.h"

#include "trace/format.h"

#include <string.h>

#define BYTES (RECORD_BIT(RECORD_RECV) | RECORD_BIT(RECORD_SEND))
#define CMD RECORD_BIT(RECORD_CMD)

/* The longest "#CONN EVENT ". */
#define LABEL_MAX (BYTES_UINT_MAX + 2 + sizeof(struct label))

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
	[RECORD_CMD] = LABEL("cmd", "   ", "\033[1;36m"),
	[RECORD_REPLY] = LABEL("reply", " ", "\033[1;32m"),
	[RECORD_PUSH] = LABEL("push", "  ", "\033[1;32m"),
	[RECORD_ERROR] = LABEL("error", " ", "\033[1;31m"),	/* red */
	[RECORD_CLOSE] = LABEL("close", " ", "\033[2m")
};

/* How long all of the first are. */
#define PLAIN_LEN 6

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

/* Writes more than it adds, because copying a fixed size is quick. */
void
format_head(struct format_state *state, const struct record *r,
    struct bytes *out)
{
	const struct format_options *options = &state->options;
	const struct label *label = &labels[r->event];
	uint8_t *o = bytes_reserve(out, CLOCK_MAX + LABEL_MAX);

	if (o == NULL)
		return;
	o = clock_put(&state->clock, options->time, r->when, o);
	*o++ = '#';
	o = bytes_put_uint(o, r->conn);
	*o++ = ' ';
	if (options->color) {
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
