/*
 * The short way through a command that lies whole in the input:
 *
 *   "*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n"     ->  2, then "ECHO", then "hi"
 *
 * What requests mean is said by the tokenizer alone.  This reads the forms in
 * which all clients write them when they write them well, and gives up at
 * anything else: numbers with a sign or of more than nine digits, inline
 * commands, the end of the input.  Who it gives up on begins with
 * that command again and asks the tokenizer, so both ways must come to the
 * same; the tests compare them.
 */
#ifndef RESP_WHOLE_H
#define RESP_WHOLE_H

#include "resp/tokenizer.h"

struct whole_number {
	const uint8_t *behind;	/* where the input goes on; NULL: it is none */
	uint32_t n;
};

/* A number, its CR and the byte behind that, whatever it is, as with Redis.
 * Not inline, because it is seldom needed: */
static struct whole_number __attribute__((noinline, unused))
whole_long_number(const uint8_t *p, const uint8_t *end)
{
	const uint8_t *first = p;
	uint32_t n = 0;
	unsigned digit;

	/* Nine digits fit; what it makes of more does not matter. */
	for (; p < end && (digit = (unsigned)*p - '0') <= 9; p++)
		n = n * 10 + digit;
	if (end - p < 2 || *p != '\r' || p == first || p - first > 9 ||
	    (*first == '0' && p - first > 1))
		return ((struct whole_number){ NULL, 0 });
	return ((struct whole_number){ p + 2, n });
}

/* most numbers have one digit or two. */
static inline struct whole_number __attribute__((always_inline))
whole_number(const uint8_t *p, const uint8_t *end)
{
	unsigned ten, one;

	if (end - p >= 4 && (ten = (unsigned)p[0] - '0') <= 9) {
		if (p[1] == '\r')
			return ((struct whole_number){ p + 3, ten });
		one = (unsigned)p[1] - '0';
		if (p[2] == '\r' && one <= 9 && ten > 0)
			return ((struct whole_number){ p + 4, ten * 10 + one });
	}
	return (whole_long_number(p, end));
}

/* The head of a command, "*2\r\n": how many arguments it has.  On false *p, as
 * below, is where it was. */
static inline bool
whole_count(const uint8_t **p, const uint8_t *end, uint32_t *n)
{
	struct whole_number count;

	if (*p == end || **p != '*')
		return (false);
	count = whole_number(*p + 1, end);
	if (count.behind == NULL)
		return (false);
	*n = count.n;
	*p = count.behind;
	return (true);
}

/* An argument, "$4\r\nECHO\r\n": where it lies, and its size.  Its last two
 * bytes too may be any. */
static inline bool
whole_arg(const uint8_t **p, const uint8_t *end, const uint8_t **data,
    uint32_t *size)
{
	struct whole_number n;

	if (*p == end || **p != '$')
		return (false);
	n = whole_number(*p + 1, end);
	if (n.behind == NULL || (size_t)(end - n.behind) < (size_t)n.n + 2)
		return (false);
	*size = n.n;
	*data = n.behind;
	*p = n.behind + n.n + 2;
	return (true);
}

/* Takes the tokenizer past the command, which was len bytes long. */
static inline void
whole_done(struct tokenizer *t, size_t len)
{
	t->start = t->offset;
	t->offset += len;
	t->is_inline = false;
}

#endif
