#include "config.h"

#include "format/json_string.h"

#include <string.h>

#include "format/block.h"
#include "format/printable.h"

/* The longest that a byte becomes: \u00HH. */
#define GROWTH 6
/* So many bytes are escaped at a time, lest much room is taken for nothing. */
#define PORTION 4096

/* Whether none of the eight bytes there is above 127. */
static bool
is_ascii8(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return ((word & 0x8080808080808080) == 0);
}

bool
json_is_utf8(const uint8_t *data, size_t len)
{
	const uint8_t *p = data;
	uint32_t unused;
	size_t n;

	while (len > 0) {
		if (len >= 8 && is_ascii8(p))
			n = 8;
		else if (*p < 0x80)
			n = 1;
		else if ((n = printable_read(p, len, &unused)) == 0)
			return (false);
		p += n;
		len -= n;
	}
	return (true);
}

/* The letter behind the backslash; 0: the byte stays as it is. */
static uint8_t
letter(uint8_t c)
{
	switch (c) {
	case '"':
	case '\\':
		return (c);
	case '\b':
		return ('b');
	case '\f':
		return ('f');
	case '\n':
		return ('n');
	case '\r':
		return ('r');
	case '\t':
		return ('t');
	default:
		return (c < ' ' || c > '~' ? 'u' : 0);
	}
}

/* \uHHHH */
static uint8_t *
escape_unit(uint8_t *o, uint32_t unit)
{
	static const char digits[] = "0123456789abcdef";
	int shift;

	*o++ = '\\';
	*o++ = 'u';
	for (shift = 12; shift >= 0; shift -= 4)
		*o++ = (uint8_t)digits[unit >> shift & 15];
	return (o);
}

static uint8_t *
escape_ascii(uint8_t *o, uint8_t c)
{
	uint8_t l = letter(c);

	if (l == 'u')
		return (escape_unit(o, c));
	if (l != 0)
		*o++ = '\\';
	*o++ = l != 0 ? l : c;
	return (o);
}

/* What is past U+FFFF is two surrogates. */
static uint8_t *
escape_character(uint8_t *o, uint32_t c)
{
	if (c <= 0xffff)
		return (escape_unit(o, c));
	c -= 0x10000;
	return (escape_unit(escape_unit(o, 0xd800 | c >> 10),
	    0xdc00 | (c & 0x3ff)));
}

/* Characters above ASCII, up to one of those or the end. */
static uint8_t *
escape_wide(uint8_t *o, const uint8_t **from, const uint8_t *end,
    unsigned *near)
{
	const uint8_t *p = *from;
	uint32_t c = 0;
	size_t n;

	while (p < end && *p >= 0x80) {
		if ((n = printable_run(p, (size_t)(end - p), near)) > 0) {
			memcpy(o, p, n);
			o += n;
		} else {
			n = printable_read(p, (size_t)(end - p), &c);
			o = escape_character(o, c);
		}
		p += n;
	}
	*from = p;
	return (o);
}

/* At o is room for GROWTH times as many bytes. */
static uint8_t *
escape(uint8_t *o, const uint8_t *p, const uint8_t *end)
{
	unsigned mask, n, near = 0;

	while (end - p >= BLOCK_SIZE) {
		mask = block_quoted(p);
		memcpy(o, p, BLOCK_SIZE);
		n = mask == 0 ? BLOCK_SIZE : (unsigned)__builtin_ctz(mask);
		o += n;
		p += n;
		for (mask >>= n; mask & 1 && *p < 0x80; mask >>= 1)
			o = escape_ascii(o, *p++);
		if (mask & 1)
			o = escape_wide(o, &p, end, &near);
	}
	while (p < end) {
		if (*p < 0x80)
			o = escape_ascii(o, *p++);
		else
			o = escape_wide(o, &p, end, &near);
	}
	return (o);
}

/* How many of the bytes are escaped next: no character is cut. */
static size_t
next_portion(const uint8_t *p, size_t len)
{
	size_t n = PORTION;

	if (len <= PORTION)
		return (len);
	while ((p[n] & 0xc0) == 0x80)
		n--;
	return (n);
}

void
json_add_text(struct bytes *out, const uint8_t *data, size_t len)
{
	uint8_t *o;
	size_t n;

	bytes_add(out, "\"", 1);
	for (; len > 0; data += n, len -= n) {
		n = next_portion(data, len);
		if ((o = bytes_reserve(out, n * GROWTH)) == NULL)
			return;
		out->len = (size_t)(escape(o, data, data + n) - out->data);
	}
	bytes_add(out, "\"", 1);
}

/* Four letters for up to three bytes. */
static void
encode(uint8_t *o, const uint8_t *p, size_t n)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = (uint32_t)p[0] << 16;

	if (n > 1)
		bits |= (uint32_t)p[1] << 8;
	if (n > 2)
		bits |= p[2];
	o[0] = (uint8_t)letters[bits >> 18];
	o[1] = (uint8_t)letters[bits >> 12 & 63];
	o[2] = n > 1 ? (uint8_t)letters[bits >> 6 & 63] : '=';
	o[3] = n > 2 ? (uint8_t)letters[bits & 63] : '=';
}

void
json_add_base64(struct bytes *out, const uint8_t *data, size_t len)
{
	uint8_t *o;
	size_t i;

	if ((o = bytes_reserve(out, (len + 2) / 3 * 4 + 2)) == NULL)
		return;
	*o++ = '"';
	for (i = 0; i < len; i += 3, o += 4)
		encode(o, data + i, len - i);
	*o++ = '"';
	out->len = (size_t)(o - out->data);
}

/* Adds "text" or {"base64":"...", without what closes it. */
static bool
add_open(struct bytes *out, const uint8_t *data, size_t len, const char *before)
{
	if (json_is_utf8(data, len)) {
		bytes_add_string(out, before);
		json_add_text(out, data, len);
		return (true);
	}
	bytes_add_string(out, "{\"base64\":");
	json_add_base64(out, data, len);
	return (false);
}

void
json_add_string(struct bytes *out, const uint8_t *data, size_t len)
{
	if (!add_open(out, data, len, ""))
		bytes_add(out, "}", 1);
}

void
json_add_clipped(struct bytes *out, const uint8_t *data, size_t len,
    uint64_t size)
{
	if (size == len) {
		json_add_string(out, data, len);
		return;
	}
	add_open(out, data, len, "{\"text\":");
	bytes_add_string(out, ",\"bytes\":");
	bytes_add_uint(out, size);
	bytes_add(out, "}", 1);
}

void
json_add_redacted(struct bytes *out, uint64_t n)
{
	bytes_add_string(out, "{\"redacted\":");
	bytes_add_uint(out, n);
	bytes_add(out, "}", 1);
}
