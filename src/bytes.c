#include "config.h"

#include "bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_LEAST 256

uint8_t *
bytes_reserve(struct bytes *b, size_t n)
{
	size_t cap;
	uint8_t *data;

	if (b->failed)
		return (NULL);
	if (n <= b->cap - b->len)
		return (b->data + b->len);
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
bytes_add(struct bytes *b, const void *data, size_t n)
{
	uint8_t *p;

	if (n == 0 || (p = bytes_reserve(b, n)) == NULL)
		return;
	memcpy(p, data, n);
	b->len += n;
}

void
bytes_add_string(struct bytes *b, const char *s)
{
	bytes_add(b, s, strlen(s));
}

void
bytes_add_uint(struct bytes *b, uint64_t u)
{
	char digits[20], *p = digits + sizeof(digits);

	do
		*--p = (char)('0' + u % 10);
	while ((u /= 10) > 0);
	bytes_add(b, p, (size_t)(digits + sizeof(digits) - p));
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
