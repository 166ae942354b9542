/*
 * hex: bytes as the canonical dump of 16 a line, under a line of text; other
 * records as text.
 *
 *   12:00:01.000345 #1 recv  6 bytes
 *   00000000  50 49 4e 47 0d 0a                                 |PING..|
 */
#include "config.h"

#include "format/format.h"

#include <stdio.h>
#include <string.h>

#define HEX_ROW 16
#define HEX_COLUMNS "                                                  "

struct hex_row {
	char hex[3 * HEX_ROW + 2];
	char ascii[HEX_ROW];
};

/* The next span at or behind that place, past those that lie before it. */
static bool
is_secret(const struct record_bytes *b, size_t *span, size_t at)
{
	while (*span < b->nsecrets &&
	    b->secrets[*span].at + b->secrets[*span].len <= at)
		++*span;
	return (*span < b->nsecrets && b->secrets[*span].at <= at);
}

static void
add_row(struct bytes *out, const struct record_bytes *b, size_t from,
    size_t len, size_t *span)
{
	static const char digits[] = "0123456789abcdef";
	char hex[] = HEX_COLUMNS, ascii[HEX_ROW];
	size_t i, at;

	for (i = 0; i < len; i++) {
		uint8_t c = b->data[from + i];

		at = 3 * i + (i >= HEX_ROW / 2);
		if (is_secret(b, span, from + i)) {
			hex[at] = hex[at + 1] = ascii[i] = '*';
			continue;
		}
		hex[at] = digits[c >> 4];
		hex[at + 1] = digits[c & 15];
		ascii[i] = c >= ' ' && c <= '~' ? (char)c : '.';
	}
	bytes_addf(out, "%08llx  ", (unsigned long long)(b->offset + from));
	bytes_add_string(out, hex);
	bytes_add(out, "|", 1);
	bytes_add(out, ascii, len);
	bytes_add(out, "|\n", 2);
}

void
format_hex(struct format_state *state, const struct record *r,
    struct bytes *out)
{
	const struct record_bytes *b = &r->u.bytes;
	size_t len, from, span = 0;

	if (r->event != RECORD_RECV && r->event != RECORD_SEND) {
		format_text(state, r, out);
		return;
	}
	len = format_snap(&state->options, b);
	format_head(state, r, out);
	bytes_add_uint(out, b->len);
	bytes_add_string(out, b->len == 1 ? " byte" : " bytes");
	if (len < b->len)
		bytes_addf(out, ", the first %zu", len);
	bytes_add(out, "\n", 1);
	for (from = 0; from < len; from += HEX_ROW)
		add_row(out, b, from,
		    len - from < HEX_ROW ? len - from : HEX_ROW, &span);
}
