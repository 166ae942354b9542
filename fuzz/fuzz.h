/*
 * What the fuzz targets share.
 *
 * A target is a file fuzz/NAME.c with one LLVMFuzzerTestOneInput(), which
 * aborts when a property does not hold.  libFuzzer calls it with inputs that
 * it invents, replay.c with those in fuzz/corpus/NAME/.
 *
 * Most inputs begin with a few bytes that choose options, then say how the
 * rest is cut into chunks: a byte N (of which the low three bits count), then
 * N bytes, each one less than the size of a chunk.  The sizes are used in turn;
 * without any there is one chunk.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* What must hold; unlike assert() it stays whatever NDEBUG says. */
#define MUST(expr)							\
	do {								\
		if (!(expr)) {						\
			fprintf(stderr, "%s:%d: does not hold: %s\n",	\
			    __FILE__, __LINE__, #expr);			\
			abort();					\
		}							\
	} while (0)

/* The rest of an input. */
struct input {
	const uint8_t *p;
	const uint8_t *end;
};

/* The input's next byte; 0 when it is used up. */
uint8_t input_byte(struct input *);

/* The input up to the mark, which is a byte 0xff and that one, or up to its
 * end; goes on behind the mark. */
struct input input_part(struct input *, char mark);

/* Sizes of chunks. */
struct cuts {
	uint8_t size[7];
	uint8_t n;
	uint8_t next;
};

void cuts_take(struct cuts *, struct input *);

/* How long the next chunk is, of so many bytes that are left. */
size_t cuts_next(struct cuts *, size_t left);

/* Every byte a chunk of its own; all one chunk. */
#define CUTS_BYTEWISE ((struct cuts){ .n = 1 })
#define CUTS_NONE ((struct cuts){ .n = 0 })

/* A copy in a block of its own, so that a sanitizer sees who looks beyond it;
 * to be freed. */
uint8_t *chunk_new(const uint8_t *data, size_t len);

/* Aborts, and shows both, when two ways to the same text differ. */
void must_be_same(const char *what, const struct bytes *,
    const struct bytes *);

/* Whether all bytes are printable ASCII; newlines count as such if lines. */
bool is_printable(const struct bytes *, bool lines);

#endif
