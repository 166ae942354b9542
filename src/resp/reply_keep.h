/*
 * What is kept of a reply that comes in several chunks: the first bytes of
 * each string, all that stands between the strings, and no more than
 * REPLY_KEEP of that.
 *
 *   "$9\r\nabcdefghi\r\n"   ->   "$9\r\nabcd\r\n" and a gap of 5 in front of
 *                               the CR; 4 bytes of each are kept here
 *
 * Whoever shows a whole reply counts with the same measure, so that it looks
 * the same however it came.
 */
#ifndef RESP_REPLY_KEEP_H
#define RESP_REPLY_KEEP_H

#include "base/bytes.h"
#include "base/spans.h"
#include "resp/reply.h"

/* What is kept of a reply at most, in bytes; each gap counts as its size. */
#define REPLY_KEEP (128 * 1024)

/* What of all of a reply's strings is ever shown. */
#define REPLY_SHOWN_MAX (64 * 1024)

/* Of a shorter scalar all is kept: a part of a number would be another one. */
#define REPLY_SCALAR_MIN 32

/* Bytes that were left out in front of a place. */
struct reply_gap {
	size_t at;
	uint64_t n;
};

/* How much of a reply has passed, and of how much of that is kept. */
struct reply_measure {
	size_t keep;		/* of each scalar */
	uint64_t scalar;	/* bytes of this one so far */
	uint64_t kept;		/* of the reply, with the gaps' size */
	bool gap;		/* the byte before was left out */
};

/* clip: what is to be shown of each string. */
void reply_measure_init(struct reply_measure *, size_t clip);

/*
 * The bytes from `from` up to `to` are the next of the reply; token is what
 * they mean, NULL if nothing yet.  Returns how many of the piece's bytes, its
 * last ones, are left out.
 */
size_t reply_measure_take(struct reply_measure *, const uint8_t *from,
    const uint8_t *to, const struct reply_token *token);

/* So many bytes are left out. */
void reply_measure_skip(struct reply_measure *, uint64_t n);

/* Whether all up to here is within REPLY_KEEP. */
bool reply_measure_fits(const struct reply_measure *);

/* All zeros is valid, but for the measure. */
struct reply_keep {
	struct reply_measure measure;
	struct bytes data;
	struct spans secrets;	/* in data */
	struct reply_gap *gaps;
	size_t ngaps;
	size_t gaps_cap;
	bool full;		/* nothing more is kept */
};

void reply_keep_init(struct reply_keep *, size_t clip);
void reply_keep_free(struct reply_keep *);

/* A chunk, and what is secret in it. */
struct reply_chunk {
	const uint8_t *data;
	size_t len;
	const struct spans *secrets;
};

/*
 * Keeps what is to be kept of the chunk's bytes from `from` up to `to`; token
 * as above.  Without memory nothing more is kept.
 */
void reply_keep_take(struct reply_keep *, const struct reply_chunk *,
    const uint8_t *from, const uint8_t *to, const struct reply_token *token);

#endif
