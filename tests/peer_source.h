/*
 * Bytes to send or to expect, made or read piece by piece so that gigabytes
 * need no memory.
 */
#ifndef PEER_SOURCE_H
#define PEER_SOURCE_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#define SOURCE_PATTERN 4096

/* Only for source_read; a source needs no freeing. */
struct source {
	const uint8_t *bytes;	/* the pattern, again and again; or NULL */
	size_t len, at;
	uint8_t tiled[SOURCE_PATTERN];
	int fd;			/* the file; or -1 */
	uint64_t times;		/* to read the file */
	uint64_t state, word;	/* of the random numbers */
	size_t have;		/* bytes of word not yet used */
	uint64_t left;		/* bytes to come; not for a file */
};

/*
 * The pattern, times times; it must stay where it is, and len * times must
 * fit.
 */
void source_repeat(struct source *, const uint8_t *pattern, size_t len,
    uint64_t times);

/*
 * What the open file holds from its offset on, and then from its beginning on
 * until it was read so many times; the caller closes it.
 */
void source_file(struct source *, int fd, uint64_t times);

/* n pseudo-random bytes: the same ones for the same seed on any machine. */
void source_random(struct source *, uint64_t n, uint64_t seed);

/* The numbers they are made of: a first state, and each state's number. */
uint64_t source_seed(uint64_t seed);
uint64_t source_number(uint64_t *state);

/* Returns how many bytes it put into buf, 0 at the end, -1 with errno. */
ssize_t source_read(struct source *, uint8_t *buf, size_t cap);

#endif
