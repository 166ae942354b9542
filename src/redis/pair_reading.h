/*
 * A value of the server's while its tokens come in: what the rules of pairing
 * want to know of it.  For pair.c only.
 */
#ifndef REDIS_PAIR_READING_H
#define REDIS_PAIR_READING_H

#include "redis/pair_match.h"
#include "redis/redact_reply.h"

/* One value. */
struct pair_reading {
	struct pair_frame frame;
	struct redact_reply redact;
	struct reply_keep keep;	/* what came in chunks before this one */
	uint64_t apart;		/* bytes of pushes inside, which are not its */
	size_t element;		/* of EXEC's: see pair_state_element() */
	uint8_t attribute;	/* depth that one began at, + 1; 0: in none */
	bool in_exec;		/* this is EXEC's array */
	bool header_only;	/* the value ends with its header */
	struct pair_reading *next;	/* of those that are done */
	struct reply_tokenizer tokenizer;
};

/* A value with that first byte begins; its redaction, and what is kept of it,
 * are the caller's. */
void pair_reading_begin(struct pair_reading *, const struct pair *,
    uint8_t byte, uint64_t offset);
void pair_reading_free(struct pair_reading *);

/* Notes its next token; attributes are not looked at. */
void pair_reading_note(struct pair_reading *, struct pair *,
    const struct reply_token *);

/*
 * The short way for a scalar that lies whole in the chunk: notes it, and
 * returns where it ends; NULL as for reply_scalar().
 */
const uint8_t *pair_frame_scalar(struct pair_frame *, const uint8_t *from,
    const uint8_t *end);

#endif
