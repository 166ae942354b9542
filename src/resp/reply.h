/*
 * The reply side of RESP2 and RESP3, token by token.
 *
 *   "*2\r\n:1\r\n$2\r\nhi\r\n"   ->   OPEN array 2, PIECE integer "1",
 *                                    PIECE bulk "hi", CLOSE array
 *
 * Resumable at any byte, without allocation, pointers or recursion, as the
 * tokenizer of requests is.  The grammar is that of the RESP3 specification
 * (github.com/redis/redis-specifications), streamed types and attributes
 * included.
 */
#ifndef RESP_REPLY_H
#define RESP_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How deep aggregates are told apart; COMMAND DOCS takes 12. */
#define REPLY_DEPTH_MAX 128

enum reply_type {
	REPLY_STATUS = '+',
	REPLY_ERROR = '-',
	REPLY_INTEGER = ':',
	REPLY_BULK = '$',
	REPLY_ARRAY = '*',
	REPLY_NULL = '_',	/* RESP2's $-1 and *-1 too */
	REPLY_DOUBLE = ',',
	REPLY_BOOLEAN = '#',
	REPLY_BIGNUM = '(',
	REPLY_BLOB_ERROR = '!',
	REPLY_VERBATIM = '=',	/* with its "txt:" */
	REPLY_MAP = '%',
	REPLY_SET = '~',
	REPLY_ATTRIBUTE = '|',	/* before a value, not one itself */
	REPLY_PUSH = '>'
};

enum reply_result {
	REPLY_OK,		/* *token is the next one */
	REPLY_MORE,		/* all input is used up */
	REPLY_PUSHED,		/* a push begins at *p, inside the reply */
	REPLY_BAD		/* not RESP; final */
};

enum reply_kind {
	REPLY_PIECE,		/* a piece of a scalar's text, maybe all */
	REPLY_OPEN,		/* an aggregate begins */
	REPLY_CLOSE,		/* and ends */
	REPLY_DEEP		/* one begins that is nested too deep */
};

struct reply_token {
	enum reply_kind kind;
	enum reply_type type;
	bool first;		/* PIECE: the scalar begins with it */
	bool last;		/* and ends with it */
	bool done;		/* a whole reply ends here */
	const uint8_t *data;	/* PIECE: into the input; NULL when len is 0 */
	size_t len;
	/* OPEN: elements (pairs of a map), -1: streamed.
	 * PIECE: bytes in all, -1: not known. */
	int64_t count;
};

struct reply_level {
	uint64_t left;		/* values to come; REPLY_STREAMED */
	uint8_t type;
};

/* Initialise with reply_init(); of use outside: offset, start, bad_at. */
struct reply_tokenizer {
	uint64_t offset;	/* of the next byte, in the stream */
	uint64_t start;		/* of the first byte of this reply */
	uint64_t bad_at;
	uint64_t number;
	uint64_t bulk_left;
	uint64_t deep;		/* values to come below the last level */
	uint32_t line;		/* characters of the header's number */
	const char *rule;	/* what is wrong at bad_at; static */
	uint8_t bad_byte;
	uint8_t state;
	uint8_t type;		/* of the value being read */
	uint8_t depth;
	bool negative;
	bool streamed;		/* a string in chunks, or the header said ? */
	bool begun;		/* a reply, maybe with its attributes only */
	bool open;		/* pieces of a scalar have been given */
	struct reply_level stack[REPLY_DEPTH_MAX];
};

void reply_init(struct reply_tokenizer *);

/*
 * Takes bytes from *p on, at most up to end, moves *p past what it took, and
 * returns what they mean.  After REPLY_BAD it takes nothing more.
 *
 * A push is out of band wherever it stands.  Inside a reply it is none of its
 * elements: another tokenizer must read it, then reply_skip() passes it.
 *
 * Of what is nested deeper than REPLY_DEPTH_MAX only the end is found: behind
 * REPLY_DEEP its scalars are given as pieces, without the aggregates that they
 * stand in.
 */
enum reply_result reply_next(struct reply_tokenizer *, const uint8_t **p,
    const uint8_t *end, struct reply_token *token);

/*
 * Goes on as if n more bytes of the scalar at hand had been taken.  It has
 * given a piece of that scalar already; the n bytes must belong to it (and to
 * one chunk of it).
 * After REPLY_PUSHED: as if the push, of n bytes, were not there.
 */
void reply_skip(struct reply_tokenizer *, uint64_t n);

/* A scalar that lies whole in the input. */
struct reply_scalar {
	enum reply_type type;
	const uint8_t *data;	/* its text */
	size_t len;
};

/*
 * The short way for what most replies are: a status, an error, an integer, a
 * string or null of RESP2, whole, from `from` on, which is below end.  Returns
 * where it ends; NULL: it is none such, or not as most write it, or wrong, and
 * reply_next() knows.
 */
const uint8_t *reply_scalar(struct reply_scalar *, const uint8_t *from,
    const uint8_t *end);

#endif
