/*
 * Parts of a chunk of bytes, such as its secrets: in order and disjoint.
 */
#ifndef BASE_SPANS_H
#define BASE_SPANS_H

#include <stdbool.h>
#include <stddef.h>

struct span {
	size_t at;		/* in the chunk */
	size_t len;
};

struct spans {
	struct span *v;
	size_t n;
	size_t cap;
};

/* Returns -1 when there is no memory. */
int spans_init(struct spans *);
void spans_free(struct spans *);

/* Adds one that is not before the others; one that touches the last joins it.
 * Without memory the only span is all of the chunk, whose length that is. */
void spans_add(struct spans *, size_t at, size_t len,
    size_t chunk);

/* Whether any of them has a byte of that part. */
bool spans_touch(const struct spans *, size_t at, size_t len);

#endif
