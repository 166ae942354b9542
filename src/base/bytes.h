/*
 * A growable string of bytes: what formats, replies and the trace's batches
 * are written into.
 *
 * Running out of memory is remembered, not returned: an add that finds none
 * changes nothing but `failed`, so a writer of many pieces tests once, at the
 * end.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* All zeros is a valid empty string. */
struct bytes {
	uint8_t *data;
	size_t len;
	size_t cap;
	bool failed;
};

/* What bytes_reserve() does when there is no room, or was none before. */
uint8_t *bytes_grow(struct bytes *, size_t n);

/*
 * Makes room for n more bytes and returns where they go, or NULL when there is
 * no memory.  The caller writes at most n bytes there and adds what it wrote
 * to `len`.
 */
static inline uint8_t *
bytes_reserve(struct bytes *b, size_t n)
{
	if (n > b->cap - b->len || b->failed)
		return (bytes_grow(b, n));
	return (b->data + b->len);
}

/* Here, because a format adds a record in many small pieces whose lengths the
 * compiler knows. */
static inline void
bytes_add(struct bytes *b, const void *data, size_t n)
{
	uint8_t *p;

	if (n == 0 || (p = bytes_reserve(b, n)) == NULL)
		return;
	memcpy(p, data, n);
	b->len += n;
}

static inline void
bytes_add_string(struct bytes *b, const char *s)
{
	bytes_add(b, s, strlen(s));
}

/* The digits of 2^64 - 1. */
#define BYTES_UINT_MAX 20

void bytes_add_uint(struct bytes *, uint64_t);

/* Writes the number, at most BYTES_UINT_MAX digits, and returns where they
 * end. */
uint8_t *bytes_put_uint(uint8_t *to, uint64_t);

/* Writes the last n digits of the number, with zeros in front. */
void bytes_put_digits(uint8_t *to, size_t n, uint64_t);

void bytes_addf(struct bytes *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Forgets everything from `len` on, a failure too. */
void bytes_truncate(struct bytes *, size_t len);

/*
 * Makes a file hold the string: writes it beside its place, as FILE.new, and
 * renames that, so that whoever sees the file can read all of it.  Replaces
 * regular files only.  Returns -1 with errno, EEXIST if another stands there.
 */
int bytes_save(const struct bytes *, const char *file, mode_t mode);

/* Gives the memory back; the string is empty and usable again. */
void bytes_free(struct bytes *);

#endif
