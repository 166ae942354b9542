/*
 * What the connection has become through the commands that are answered, and
 * which of those at the head of the queue get no reply.  For pair.c's parts
 * only.
 */
#ifndef REDIS_PAIR_STATE_H
#define REDIS_PAIR_STATE_H

#include "redis/pair.h"

static inline bool
pair_state_in_step(const struct pair *p)
{
	return (p->state <= PAIR_CAREFUL);
}

/* The command whose turn it is; NULL: there is none. */
static inline struct pair_entry *
pair_state_head(const struct pair *p)
{
	return (pair_queue_at(&p->queue, p->queue.head));
}

/*
 * The head, if it is one request with one reply, on a connection that has not
 * become anything special: nobody listens, or runs a transaction, or holds back
 * replies.  Then any reply but QUEUED and an error is its own, and changes
 * nothing else.  NULL: it is not so simple.
 */
static inline struct pair_entry *
pair_state_ordinary(const struct pair *p)
{
	const struct session *s = &p->now;
	struct pair_entry *e = pair_state_head(p);

	if (e == NULL || !pair_queue_is_plain(e) || e->secrets != 0 ||
	    p->state != PAIR_IN_STEP || p->in_multi || p->in_exec ||
	    s->monitor || s->reply != SESSION_REPLY_ON || s->resp == 0 ||
	    (s->subscribed[SESSION_CHANNELS] | s->subscribed[SESSION_PATTERNS] |
	    s->subscribed[SESSION_SHARDS]) != 0)
		return (NULL);
	return (e);
}

/* Sets whether any reply may take the short way. */
static inline void
pair_state_settle(struct pair *p)
{
	if (pair_state_in_step(p))
		p->state = p->doubt || p->debug != PAIR_DEBUG_OFF ?
		    PAIR_CAREFUL : PAIR_IN_STEP;
}

/* Takes commands that get no reply off the head of the queue. */
void pair_state_silent(struct pair *);

/* The head has all its replies. */
void pair_state_finish(struct pair *);

/* One of the commands that are only counted has been answered. */
void pair_state_count_down(struct pair *, struct pair_entry *);

/* The command was executed, without an error; answered: a reply says so. */
void pair_state_apply(struct pair *, const struct pair_entry *, bool answered);

/* What that makes of a session. */
void pair_state_change(struct session *, const struct pair_entry *,
    bool answered);

/* Whether a transaction queues it, instead of running it at once. */
bool pair_state_is_queueable(const struct pair_entry *);

/* Whether EXEC's array does not hold just one value for it. */
bool pair_state_is_irregular(const struct pair_entry *);

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
