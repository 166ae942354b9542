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

#include "bytes.h"
#include "resp/redact.h"
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

struct reply_measure {
	size_t keep;		/* of each scalar */
	uint64_t scalar;	/* bytes of this one so far */
	uint64_t kept;		/* bytes of the reply, with its gaps' */
	uint64_t passed;	/* bytes of the reply in all */
	bool gap;		/* the last byte that passed was not kept */
};

struct reply_keep {
	struct reply_measure measure;
	struct bytes data;
	struct redact_spans secrets;	/* in data */
	struct reply_gap *gaps;
	size_t ngaps;
	size_t gaps_cap;
	bool full;		/* nothing more is kept */
};

/* clip: what is to be shown of each string. */
void reply_measure_init(struct reply_measure *, size_t clip);

#endif
