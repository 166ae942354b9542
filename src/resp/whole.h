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

/* A number, its CR and the byte behind that, whatever it is, as with Redis.  On
 * false *p is anywhere. */
static inline bool
whole_number(const uint8_t **p, const uint8_t *end, uint32_t *n)
{
	const uint8_t *q = *p, *first = q;
	uint32_t number = 0;
	unsigned digit;

	/* Nine digits fit; what it makes of more does not matter. */
	for (; q < end && (digit = (unsigned)*q - '0') <= 9; q++)
		number = number * 10 + digit;
	if (end - q < 2 || *q != '\r' || q == first || q - first > 9 ||
	    (*first == '0' && q - first > 1))
		return (false);
	*n = number;
	*p = q + 2;
	return (true);
}

/* The head of a command, "*2\r\n": how many arguments it has. */
static inline bool
whole_count(const uint8_t **p, const uint8_t *end, uint32_t *n)
{
	return (*p < end && *(*p)++ == '*' && whole_number(p, end, n));
}

/* An argument, "$4\r\nECHO\r\n": where it lies, and its size.  Its last two
 * bytes too may be any. */
static inline bool
whole_arg(const uint8_t **p, const uint8_t *end, const uint8_t **data,
    uint32_t *size)
{
	if (*p == end || *(*p)++ != '$' || !whole_number(p, end, size) ||
	    (size_t)(end - *p) < (size_t)*size + 2)
		return (false);
	*data = *p;
	*p += *size + 2;
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
