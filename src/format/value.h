/*
 * What a record's strings show of themselves: a reply's RESP item by item, and
 * which of the bytes are cut off or secret.
 *
 *   "*2\r\n:1\r\n$2\r\nhi\r\n"   ->   OPEN array, SCALAR 1, SCALAR "hi",
 *                                    CLOSE array
 *
 * Formats differ in how they write that, not in what they show.  A reply is
 * listed as far as its kept form goes (resp/reply_keep.h), so the whole of it
 * and what was kept of it look the same.
 */
#ifndef FORMAT_VALUE_H
#define FORMAT_VALUE_H

#include <stdbool.h>

#include "base/bytes.h"
#include "resp/reply.h"
#include "resp/reply_keep.h"
#include "trace/record.h"

/* What of a record's strings is shown in all, in bytes. */
#define VALUE_SHOWN_MAX REPLY_SHOWN_MAX

/* Numbers up to that size are shown whole or not at all. */
#define VALUE_NUMBER_MAX REPLY_SCALAR_MIN

/* Bytes of a record; some may be secret. */
struct value_bytes {
	const struct record_bytes *in;
	size_t at;		/* in in->data */
	size_t end;
	size_t span;		/* of in->secrets; none before it is in here */
};

/* A run of bytes that are all secret, or none of them. */
struct value_run {
	const uint8_t *data;
	size_t len;
	bool secret;
};

enum value_kind {
	VALUE_SCALAR,
	VALUE_OPEN,		/* an aggregate begins */
	VALUE_CLOSE		/* and ends */
};

struct value_item {
	enum value_kind kind;
	enum reply_type type;
	struct value_bytes bytes;	/* SCALAR: what of it is shown */
	uint64_t left_out;	/* and how many bytes behind these are not */
	/* Where it stands; for CLOSE, where what ends there does; for what is
	 * cut, where it would go on. */
	uint8_t parent;		/* type of the aggregate around; 0: none */
	uint64_t index;		/* values in that aggregate before it */
	uint64_t attributes;	/* in front of it */
};

enum value_result {
	VALUE_OK,		/* *item is the next one */
	VALUE_END,		/* all is shown */
	VALUE_CUT,		/* the rest is too much: item->left_out bytes */
	VALUE_BAD		/* not, or not wholly, one reply; final */
};

/* Initialise with value_init(). */
struct value {
	const struct record_bytes *in;
	size_t at;		/* behind the last item */
	uint64_t passed;	/* the same, in the stream */
	size_t gap;		/* of in->gaps, the next */
	size_t clip;
	struct reply_measure measure;
	size_t room;		/* bytes of strings that may still be shown */
	size_t span;
	bool done;
	bool bad;
	unsigned depth;
	struct value_place {
		uint8_t type;
		uint64_t values;
		uint64_t attributes;
	} stack[REPLY_DEPTH_MAX + 1];
	struct reply_tokenizer tokenizer;
	/* A string that comes in chunks is put together here. */
	struct bytes joined;
	struct record_bytes joined_in;
	struct span joined_secret;
};

/* Begins a reply; at most clip bytes of each string are to be shown.  The
 * record's bytes must stay. */
void value_init(struct value *, const struct record_bytes *, size_t clip);

/*
 * The short way for a reply that is one scalar with nothing secret or left
 * out.  False: it is not so short, or there is more to say about it; then
 * begin with value_init().
 */
static inline bool
value_scalar(const struct record_bytes *in, size_t clip, struct reply_scalar *s)
{
	const uint8_t *end = in->data + in->len;

	return (in->nsecrets == 0 && in->ngaps == 0 && in->left_out == 0 &&
	    in->len > 0 && reply_scalar(s, in->data, end) == end &&
	    s->len <= clip && s->len <= VALUE_SHOWN_MAX);
}

/* The item is valid until the next call. */
enum value_result value_next(struct value *, struct value_item *);

/* After VALUE_BAD: what is behind the last item, as it is, cut to
 * VALUE_SHOWN_MAX; returns how many bytes that leaves out. */
uint64_t value_rest(const struct value *, struct value_bytes *);

void value_free(struct value *);

/* Whether keys and values take turns in an aggregate of that type. */
bool value_has_keys(uint8_t type);

/* Takes the next run off the bytes; false: there is none. */
bool value_next_run(struct value_bytes *, struct value_run *);

/* Whether any of the bytes is secret, or each (and there is one). */
bool value_has_secrets(struct value_bytes);
bool value_is_secret(struct value_bytes);

/* How many bytes of the argument are shown; they are taken off *room. */
static inline size_t
value_arg_shown(const struct arg *a, size_t clip, size_t *room)
{
	size_t n = a->kept < clip ? a->kept : clip;

	if (n > *room)
		n = *room;
	*room -= n;
	return (n);
}

#endif
