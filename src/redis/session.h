/*
 * What a connection has become through the commands that it sent.
 *
 * A session grows only on demand: a transaction and subscriptions are blocks
 * of their own while there are any, both bounded.
 */
#ifndef REDIS_SESSION_H
#define REDIS_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/* Bounds of what one connection may pile up; past them commands are refused. */
#define SESSION_QUEUE_MAX 100000	/* commands in a MULTI */
#define SESSION_QUEUE_BYTES (1024 * 1024)	/* and what is kept of them */
#define SESSION_QUEUES_BYTES (64 * 1024 * 1024)	/* of all with one total */
#define SESSION_SUBSCRIPTIONS_MAX 10000
#define SESSION_SUBSCRIPTIONS_BYTES (1024 * 1024)	/* of their names */

enum session_reply {
	SESSION_REPLY_ON,
	SESSION_REPLY_OFF,
	SESSION_REPLY_SKIP_NEXT,	/* CLIENT REPLY SKIP was executed */
	SESSION_REPLY_SKIP		/* and this is the command it skips */
};

/* What SUBSCRIBE, PSUBSCRIBE and SSUBSCRIBE count apart. */
enum session_channels {
	SESSION_CHANNELS,
	SESSION_PATTERNS,
	SESSION_SHARDS,
	SESSION_KINDS
};

/* CLIENT TRACKING, bit by bit. */
#define SESSION_TRACKING 0x01		/* ON */
#define SESSION_TRACKING_BCAST 0x02
#define SESSION_TRACKING_OPTIN 0x04
#define SESSION_TRACKING_OPTOUT 0x08
#define SESSION_TRACKING_NOLOOP 0x10
#define SESSION_TRACKING_CACHING 0x20	/* CLIENT CACHING was just executed */

/* A transaction being queued. */
struct session_multi {
	struct bytes queue;	/* what the queuer put there */
	uint32_t n;		/* commands in it */
	bool aborted;		/* EXEC is going to fail */
	bool writes;		/* one of the commands does */
	size_t *total;		/* the session's */
};

struct session_subscriptions;

struct session {
	uint64_t id;		/* what CLIENT ID answers */
	char *name;		/* CLIENT SETNAME; NULL: none; owned */
	struct session_multi *multi;	/* NULL: not in one; owned */
	struct session_subscriptions *subscriptions;	/* NULL: none; owned */
	uint32_t subscribed[SESSION_KINDS];	/* how many of each */
	size_t *total;		/* bytes in all transactions of those who share
				 * it; NULL: nobody counts */
	uint32_t db;		/* SELECT */
	uint8_t resp;		/* the protocol that replies are in; a relay has
				 * 0 when it may be either */
	uint8_t reply;		/* enum session_reply */
	uint8_t tracking;	/* SESSION_TRACKING… */
	bool monitor;		/* MONITOR */
};

/* A session as it is when a client has just connected. */
void session_init(struct session *, uint64_t id);

/* RESET: all as at the beginning but id and total; a reply that is being
 * skipped stays so. */
void session_reset(struct session *);

void session_free(struct session *);

/*
 * Makes the first one what the second is, except for its id; a transaction and
 * the names of subscriptions are left out.  Without memory it has no name.
 */
void session_copy(struct session *, const struct session *);

/*
 * Sets the client's name; an empty one takes it away.  Returns -1, with the
 * name unchanged, and errno: EINVAL when a byte is outside '!'..'~' (Redis
 * refuses those, for CLIENT LIST's sake), ENOMEM.
 */
int session_set_name(struct session *, const uint8_t *name, size_t len);

/* Whether replies to the command at hand are not sent. */
bool session_muted(const struct session *);

/* A command, or a blank line, is done with: CLIENT REPLY SKIP goes on. */
void session_command_done(struct session *);

/* MULTI.  Returns -1 when there is no memory. */
int session_multi_start(struct session *);

/*
 * Queues a command.  Returns -1, with the transaction aborted, and errno:
 * ENOSPC when it is full, or all are together, ENOMEM; an aborted one takes
 * commands, but keeps nothing.
 */
int session_multi_add(struct session *, const void *data, size_t len);

/* EXEC is going to fail; does nothing outside a transaction. */
void session_multi_abort(struct session *);

/* Takes the transaction out of the session; NULL: there is none.  To be freed
 * with session_multi_free(). */
struct session_multi *session_multi_take(struct session *);
void session_multi_free(struct session_multi *);

/*
 * Subscribes to a name, which is copied; to one that is subscribed to already
 * is fine.  Returns -1 with errno: ENOSPC when there are too many, or they are
 * too long, ENOMEM.
 */
int session_subscribe(struct session *, enum session_channels,
    const uint8_t *name, size_t len);

/* Does nothing when it is not subscribed to. */
void session_unsubscribe(struct session *, enum session_channels,
    const uint8_t *name, size_t len);

/*
 * Takes any name out of the subscriptions and returns it, to be freed, with
 * its length in *len; NULL: there is none.
 */
uint8_t *session_unsubscribe_any(struct session *, enum session_channels,
    size_t *len);

/* How many names of that kind; and of all kinds. */
static inline uint32_t
session_subscribed(const struct session *s, enum session_channels kind)
{
	return (s->subscribed[kind]);
}

static inline uint32_t
session_subscribed_all(const struct session *s)
{
	return (s->subscribed[SESSION_CHANNELS] +
	    s->subscribed[SESSION_PATTERNS] + s->subscribed[SESSION_SHARDS]);
}

#endif
