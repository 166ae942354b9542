/*
 * The rules of pairing: what a value is, given what the connection has become.
 * For pair.c only.
 *
 * Each value is judged when it is complete, by its type and by what is noted
 * of its first strings.
 */
#ifndef REDIS_PAIR_MATCH_H
#define REDIS_PAIR_MATCH_H

#include "redis/pair.h"
#include "redis/pair_frame.h"

enum pair_verdict {
	MATCH_REPLY,		/* of *entry */
	MATCH_LAST,		/* the same, and *entry gets no more */
	MATCH_PUSH,
	MATCH_UNPAIRED,
	MATCH_UNASKED,		/* the same; *why says what it is */
	MATCH_FORGOTTEN,	/* the same */
	MATCH_LOST		/* it does not fit; *why says what is wrong */
};

/* Whether the head is EXEC, of commands that it is going to run. */
bool pair_match_is_exec(const struct pair *);

/* Whether the head is a SYNC that a value with that first byte grants. */
bool pair_match_is_sync(const struct pair *, uint8_t byte);

/* What secrets the next value may hold: enum redact_shape. */
unsigned pair_match_secrets(const struct pair *);

/* Judges a whole value, and changes the pair and its session as it says.  The
 * head of the queue must not be one that gets no reply. */
enum pair_verdict pair_match(struct pair *, const struct pair_frame *,
    struct pair_entry **entry, const char **why);

/* The same of a push that stands inside another value: it answers nothing. */
enum pair_verdict pair_match_inside(struct pair *, const struct pair_frame *);

/* From here on requests and replies do not fit each other. */
void pair_match_lose(struct pair *);

/* The same as pair_match(), while they do not. */
enum pair_verdict pair_match_again(struct pair *, const struct pair_frame *,
    struct pair_entry **entry);

#endif
