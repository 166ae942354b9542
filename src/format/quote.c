#include "config.h"

#include "format/quote.h"

#include <string.h>

#include "format/block.h"
#include "format/printable.h"
#include "format/quote_wide.h"

/* The longest that a byte becomes: \xHH. */
#define QUOTE_GROWTH 4
/* So many bytes are written before there must be room for more: room for the
 * worst that a long record may become would be pages that are never used. */
#define QUOTE_PIECE (16 * 1024)
/* One \xHH seldom comes alone: so many bytes are looked at closely then. */
#define QUOTE_CLOSELY 1024

/*
 * How each byte is written, spelled out by the compiler: a loop over a table
 * takes no decision that a processor could guess wrong.
 */
struct spelling {
	uint8_t text[QUOTE_GROWTH];
	uint8_t len;
};

#define LETTER(c)                                                              \
	((c) == '"' || (c) == '\\' ? (c) :                                     \
	    (c) == '\n'            ? 'n' :                                     \
	    (c) == '\r'            ? 'r' :                                     \
	    (c) == '\t'            ? 't' :                                     \
	    (c) == '\a'            ? 'a' :                                     \
	    (c) == '\b'            ? 'b' :                                     \
				     0)
#define PLAIN(c) ((c) >= ' ' && (c) <= '~' && LETTER(c) == 0)
#define HEX(n) ((n) < 10 ? '0' + (n) : 'a' + (n) - 10)
#define SPELL(c)                                                               \
	{                                                                      \
		{ PLAIN(c) ? (c) : '\\', LETTER(c) ? LETTER(c) : 'x',          \
		    HEX((c) >> 4), HEX((c) & 15) },                            \
		    PLAIN(c) ? 1 : LETTER(c) ? 2 : QUOTE_GROWTH                \
	}
#define FOUR(c) SPELL(c), SPELL((c) + 1), SPELL((c) + 2), SPELL((c) + 3)
#define SIXTEEN(c) FOUR(c), FOUR((c) + 4), FOUR((c) + 8), FOUR((c) + 12)
#define SIXTYFOUR(c)                                                           \
	SIXTEEN(c), SIXTEEN((c) + 16), SIXTEEN((c) + 32), SIXTEEN((c) + 48)

static const struct spelling spellings[256] = {
	SIXTYFOUR(0), SIXTYFOUR(64), SIXTYFOUR(128), SIXTYFOUR(192)
};

/* Each byte by itself; at o is room for QUOTE_GROWTH times as many. */
static uint8_t *
spell(uint8_t *o, const uint8_t *p, size_t len)
{
	const uint8_t *end = p + len;
	const struct spelling *s;

	while (p < end) {
		s = &spellings[*p++];
		memcpy(o, s->text, QUOTE_GROWTH);
		o += s->len;
	}
	return (o);
}

/* The same for runs of bytes that stay as they are, as most do, in one go. */
static uint8_t *
spell_runs(uint8_t *o, const uint8_t *p, const uint8_t *end)
{
	unsigned mask, n;

	while (end - p >= BLOCK_SIZE) {
		mask = block_quoted(p);
		if (block_is_dense(mask)) {
			o = spell(o, p, BLOCK_SIZE);
			p += BLOCK_SIZE;
			continue;
		}
		memcpy(o, p, BLOCK_SIZE);
		n = mask == 0 ? BLOCK_SIZE : (unsigned)__builtin_ctz(mask);
		o += n;
		p += n;
		if (mask != 0)
			o = spell(o, p++, 1);
	}
	return (spell(o, p, (size_t)(end - p)));
}

/* Not inline: most strings are short. */
static uint8_t * __attribute__((noinline))
spell_long(uint8_t *o, const uint8_t *p, const uint8_t *end)
{
	const uint8_t *until;

	for (; p < end; p = until) {
		o = quote_wide(o, &p, end);
		until = end - p > QUOTE_CLOSELY ? p + QUOTE_CLOSELY : end;
		o = spell_runs(o, p, until);
	}
	return (o);
}

static uint8_t *
spell_ascii(uint8_t *o, const uint8_t *p, const uint8_t *end)
{
	return (end - p >= QUOTE_WIDE && quote_wide_can() ?
	    spell_long(o, p, end) : spell_runs(o, p, end));
}

/* Characters stay too, if they can be printed.  Not inline: the registers that
 * it needs would be saved for those too who do not. */
static uint8_t * __attribute__((noinline))
spell_utf8(uint8_t *o, const uint8_t *p, const uint8_t *end)
{
	const uint8_t *q;
	unsigned near = 0;
	size_t n;

	for (; p < end; p += n) {
		for (q = p; q < end && *q < 0x80; q++)
			;
		o = spell_ascii(o, p, q);
		if ((p = q) == end)
			break;
		if ((n = printable_run(p, (size_t)(end - p), &near)) > 0) {
			memcpy(o, p, n);
			o += n;
		} else {
			n = 1;
			o = spell(o, p, n);
		}
	}
	return (o);
}

static uint8_t *
spell_all(uint8_t *o, const uint8_t *p, size_t len, bool utf8)
{
	return (utf8 ? spell_utf8(o, p, p + len) : spell_ascii(o, p, p + len));
}

/* How many of more than QUOTE_PIECE bytes are the next piece.  What may be a
 * character is not cut: up to three bytes of it are left to the next one. */
static size_t
next_piece(const uint8_t *p, bool utf8)
{
	size_t n = QUOTE_PIECE;

	while (utf8 && n > QUOTE_PIECE - 4 && (p[n] & 0xc0) == 0x80)
		n--;
	return (n > QUOTE_PIECE - 4 ? n : QUOTE_PIECE);
}

void
quote_add(struct bytes *out, const uint8_t *data, size_t len, bool utf8)
{
	uint8_t *o;
	size_t n;

	for (;; data += n, len -= n) {
		n = len > QUOTE_PIECE ? next_piece(data, utf8) : len;
		if ((o = bytes_reserve(out, n * QUOTE_GROWTH)) == NULL)
			return;
		o = spell_all(o, data, n, utf8);
		out->len = (size_t)(o - out->data);
		if (n == len)
			return;
	}
}

void
quote_add_string(struct bytes *out, const uint8_t *data, size_t len, bool utf8)
{
	bytes_add(out, "\"", 1);
	quote_add(out, data, len, utf8);
	bytes_add(out, "\"", 1);
}

/* Two blocks, which may overlap, are all of it; mostly it stays as it is. */
static inline bool
put_plain(uint8_t *o, const uint8_t *p, size_t len)
{
	const uint8_t *last = p + len - BLOCK_SIZE;

	if ((block_quoted(p) | block_quoted(last)) != 0)
		return (false);
	memcpy(o, p, BLOCK_SIZE);
	memcpy(o + len - BLOCK_SIZE, last, BLOCK_SIZE);
	return (true);
}

uint8_t *
quote_put_short(uint8_t *o, const uint8_t *data, size_t len, bool utf8)
{
	if (len >= BLOCK_SIZE && put_plain(o, data, len))
		return (o + len);
	if (utf8)
		return (spell_utf8(o, data, data + len));
	return (spell(o, data, len));
}
