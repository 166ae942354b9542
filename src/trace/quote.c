#include "config.h"

#include "trace/quote.h"

#include <locale.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

/* The longest that a byte becomes: \xHH. */
#define QUOTE_GROWTH 4

/* The letter after the backslash, or 0. */
static uint8_t
escape_letter(uint8_t c)
{
	switch (c) {
	case '"':
	case '\\':
		return (c);
	case '\n':
		return ('n');
	case '\r':
		return ('r');
	case '\t':
		return ('t');
	case '\a':
		return ('a');
	case '\b':
		return ('b');
	default:
		return (0);
	}
}

static bool
is_plain(uint8_t c)
{
	return (c >= ' ' && c <= '~' && c != '"' && c != '\\');
}

/*
 * The length of the printable character that begins here, or 0.  Marks that
 * turn the direction of writing can make a line lie about itself: they count
 * as not printable.
 */
static size_t
utf8_printable(const uint8_t *p, size_t len)
{
	static locale_t utf8;
	locale_t before;
	mbstate_t state = { 0 };
	wchar_t c;
	size_t n;

	if (utf8 == (locale_t)0 &&
	    (utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0)) ==
	    (locale_t)0)
		return (0);
	before = uselocale(utf8);
	n = mbrtowc(&c, (const char *)p, len, &state);
	if (n > len || !iswprint((wint_t)c) || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f)
		n = 0;
	uselocale(before);
	return (n);
}

void
quote_add(struct bytes *out, const uint8_t *data, size_t len, bool utf8)
{
	static const char hex[] = "0123456789abcdef";
	const uint8_t *p = data, *end = data + len;
	uint8_t *o, letter;
	size_t n;

	if ((o = bytes_reserve(out, len * QUOTE_GROWTH)) == NULL)
		return;
	while (p < end) {
		if (is_plain(*p)) {
			*o++ = *p++;
			continue;
		}
		if (utf8 && *p >= 0x80 &&
		    (n = utf8_printable(p, (size_t)(end - p))) > 0) {
			memcpy(o, p, n);
			o += n;
			p += n;
			continue;
		}
		*o++ = '\\';
		if ((letter = escape_letter(*p)) != 0) {
			*o++ = letter;
		} else {
			*o++ = 'x';
			*o++ = (uint8_t)hex[*p >> 4];
			*o++ = (uint8_t)hex[*p & 15];
		}
		p++;
	}
	out->len = (size_t)(o - out->data);
}
