/*
 * What the connection has become through the commands that are answered, and
 * which of those at the head of the queue get no reply.  For pair.c's parts
 * only.
 */
#ifndef RESP_PAIR_STATE_H
#define RESP_PAIR_STATE_H

#include "resp/pair.h"

static inline bool
pair_state_in_step(const struct pair *p)
{
	return (p->state == PAIR_IN_STEP);
}

/* How many channels, patterns and shards are subscribed to. */
uint32_t pair_state_subscribed(const struct pair *);

/* The command whose turn it is; NULL: there is none. */
static inline struct pair_entry *
pair_state_head(const struct pair *p)
{
	return (pair_queue_at(&p->queue, p->queue.head));
}

/* Takes commands that get no reply off the head of the queue. */
void pair_state_silent(struct pair *);

/* The head has all its replies. */
void pair_state_finish(struct pair *);

/* The command was executed, without an error. */
void pair_state_apply(struct pair *, const struct pair_entry *);

/* Whether a transaction queues it, instead of running it at once. */
bool pair_state_is_queueable(const struct pair_entry *);

/* Whether it is refused because of RESP2's subscriptions. */
bool pair_state_is_denied(const struct pair *, const struct pair_entry *);

/* It was queued. */
void pair_state_enqueue(struct pair *, struct pair_entry *);

/* EXEC runs commands that do not have just one value each: its header is all
 * its reply, and then their turn comes, once more. */
void pair_state_begin_exec(struct pair *);

/* The next element of EXEC's array is of that type; *at is where that is in
 * the transaction, SIZE_MAX before the first. */
void pair_state_element(struct pair *, size_t *at, uint8_t type);

#endif
