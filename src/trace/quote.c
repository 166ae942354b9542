#include "config.h"

#include "trace/quote.h"

#include <locale.h>
#include <pthread.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

/* The longest that a byte becomes: \xHH. */
#define QUOTE_GROWTH 4

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

static locale_t utf8_locale;
static pthread_once_t utf8_once = PTHREAD_ONCE_INIT;

static void
make_utf8(void)
{
	utf8_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

/*
 * The length of the printable character that begins here, or 0.  Marks that
 * turn the direction of writing can make a line lie about itself: they count
 * as not printable.
 */
static size_t
utf8_printable(const uint8_t *p, size_t len)
{
	locale_t before;
	mbstate_t state = { 0 };
	wchar_t c;
	size_t n;

	pthread_once(&utf8_once, make_utf8);
	if (utf8_locale == (locale_t)0)
		return (0);
	before = uselocale(utf8_locale);
	n = mbrtowc(&c, (const char *)p, len, &state);
	if (n > len || !iswprint((wint_t)c) || c == 0x061c || c == 0x200e ||
	    c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069))
		n = 0;
	uselocale(before);
	return (n);
}

void
quote_add(struct bytes *out, const uint8_t *data, size_t len, bool utf8)
{
	const uint8_t *p = data, *end = data + len;
	const struct spelling *s;
	uint8_t *o;
	size_t n;

	if ((o = bytes_reserve(out, len * QUOTE_GROWTH)) == NULL)
		return;
	while (p < end) {
		if (utf8 && *p >= 0x80 &&
		    (n = utf8_printable(p, (size_t)(end - p))) > 0) {
			memcpy(o, p, n);
			o += n;
			p += n;
			continue;
		}
		s = &spellings[*p++];
		memcpy(o, s->text, QUOTE_GROWTH);
		o += s->len;
	}
	out->len = (size_t)(o - out->data);
}
