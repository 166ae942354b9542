#include "config.h"

#include "base/bytes.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BYTES_LEAST 256

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
bytes_put_digits(uint8_t *to, size_t n, uint64_t u)
{
	/* Dividing is slow: half as often is enough. */
	static const char pairs[] =
	    "00010203040506070809101112131415161718192021222324"
	    "25262728293031323334353637383940414243444546474849"
	    "50515253545556575859606162636465666768697071727374"
	    "75767778798081828384858687888990919293949596979899";

	for (; n >= 2; n -= 2, u /= 100)
		memcpy(to + n - 2, &pairs[2 * (u % 100)], 2);
	if (n > 0)
		*to = (uint8_t)('0' + u % 10);
}

/* How many digits the number has: 1233 / 4096 is about the logarithm of 2, so
 * what that makes of the number of its bits is right or one less. */
static size_t
count_digits(uint64_t u)
{
	static const uint64_t powers[BYTES_UINT_MAX] = { 0, 10, 100, 1000,
		10000, 100000, 1000000, 10000000, 100000000, 1000000000,
		UINT64_C(10000000000), UINT64_C(100000000000),
		UINT64_C(1000000000000), UINT64_C(10000000000000),
		UINT64_C(100000000000000), UINT64_C(1000000000000000),
		UINT64_C(10000000000000000), UINT64_C(100000000000000000),
		UINT64_C(1000000000000000000), UINT64_C(10000000000000000000) };
	unsigned bits = 64 - (unsigned)__builtin_clzll(u | 1);
	size_t n = bits * 1233 >> 12;

	return (n + (u >= powers[n]));
}

uint8_t *
bytes_put_uint(uint8_t *to, uint64_t u)
{
	size_t n = count_digits(u);

	bytes_put_digits(to, n, u);
	return (to + n);
}

void
bytes_add_uint(struct bytes *b, uint64_t u)
{
	uint8_t *p = bytes_reserve(b, BYTES_UINT_MAX);

	if (p != NULL)
		b->len += (size_t)(bytes_put_uint(p, u) - p);
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

/* Opens a new file of ours, not what somebody has put there. */
static FILE *
open_new(const char *file, mode_t mode)
{
	FILE *f;
	int fd;

	if (unlink(file) != 0 && errno != ENOENT)
		return (NULL);
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return (NULL);
	if ((f = fdopen(fd, "w")) == NULL)
		close(fd);
	return (f);
}

static int
write_new(const struct bytes *b, const char *file, mode_t mode)
{
	FILE *f;
	size_t n;

	if ((f = open_new(file, mode)) == NULL)
		return (-1);
	n = fwrite(b->data, 1, b->len, f);
	if (fclose(f) == 0 && n == b->len)
		return (0);
	unlink(file);
	return (-1);
}

int
bytes_save(const struct bytes *b, const char *file, mode_t mode)
{
	struct bytes beside = { 0 };
	struct stat st;
	int result = -1;

	bytes_addf(&beside, "%s.new", file);
	bytes_add(&beside, "", 1);
	if (b->failed || beside.failed)
		errno = ENOMEM;
	else if (lstat(file, &st) == 0 && !S_ISREG(st.st_mode))
		errno = EEXIST;
	else if (write_new(b, (char *)beside.data, mode) == 0)
		result = rename((char *)beside.data, file);
	bytes_free(&beside);
	return (result);
}

void
bytes_free(struct bytes *b)
{
	free(b->data);
	*b = (struct bytes){ 0 };
}
