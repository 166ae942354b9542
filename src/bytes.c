#include "config.h"

#include "bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define BYTES_LEAST 256
/* The digits of 2^64 - 1. */
#define UINT_DIGITS 20

uint8_t *
bytes_grow(struct bytes *b, size_t n)
{
	size_t cap;
	uint8_t *data;

	if (b->failed)
		return (NULL);
	cap = b->cap < BYTES_LEAST ? BYTES_LEAST : b->cap;
	while (cap - b->len < n) {
		if (cap > SIZE_MAX / 2) {
			b->failed = true;
			return (NULL);
		}
		cap *= 2;
	}
	if ((data = realloc(b->data, cap)) == NULL) {
		b->failed = true;
		return (NULL);
	}
	b->data = data;
	b->cap = cap;
	return (b->data + b->len);
}

void
bytes_add_uint(struct bytes *b, uint64_t u)
{
	char digits[2 * UINT_DIGITS] = "", *p = digits + UINT_DIGITS;
	uint8_t *to = bytes_reserve(b, UINT_DIGITS);

	if (to == NULL)
		return;
	do
		*--p = (char)('0' + u % 10);
	while ((u /= 10) > 0);
	/* What is copied too much is not counted: a copy of fixed length is
	 * quicker. */
	memcpy(to, p, UINT_DIGITS);
	b->len += (size_t)(digits + UINT_DIGITS - p);
}

void
bytes_addf(struct bytes *b, const char *fmt, ...)
{
	va_list ap;
	uint8_t *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || (p = bytes_reserve(b, (size_t)n + 1)) == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf((char *)p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void
bytes_truncate(struct bytes *b, size_t len)
{
	b->len = len;
	b->failed = false;
}

void
bytes_free(struct bytes *b)
{
	free(b->data);
	*b = (struct bytes){ 0 };
}
