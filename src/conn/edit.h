/*
 * The one stage that may stand in a relay between reading and forwarding.  It
 * sees what comes before it goes on, may hold it until it knows what it is, and
 * put other bytes in its place.
 *
 *   came -> held -> look() -+-> keep     went = came
 *             ^ undecided   `-> replace  went, and an edit record of both
 *
 * A route without one forwards first, and looks at nothing.
 */
#ifndef CONN_EDIT_H
#define CONN_EDIT_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/spans.h"
#include "redis/redact.h"

/* What may wait undecided in one direction, in bytes; the rest of one read may
 * overrun it. */
#define EDIT_HELD_MAX (4 * 1024 * 1024)

enum edit_side {
	EDIT_REQUESTS,		/* from the client */
	EDIT_REPLIES		/* from upstream */
};

struct edit_out;

/* What an editor does; a route has one for all of its connections. */
struct edit {
	size_t size;		/* of what it keeps for each; zeros at first */
	/*
	 * Decides on bytes that are on their way, in order, by edit_keep() and
	 * edit_replace(); those that it does not decide on come again, with
	 * more behind them.  all: they do not, because the stream is at its end
	 * or too much is held; what is left then goes on as it is.
	 */
	void (*look)(void *state, enum edit_side, const uint8_t *data,
	    size_t len, bool all, struct edit_out *);
	void (*free)(void *state);	/* but for the memory; NULL: nothing */
};

/* The next n bytes go on as they are, or others go in their place. */
void edit_keep(struct edit_out *, size_t n);
void edit_replace(struct edit_out *, size_t n, const void *with, size_t len);

/* What follows is for the relay. */

/* One place where what went is not what came. */
struct edit_change {
	size_t came_at;
	size_t came;		/* bytes */
	size_t went_at;
	size_t went;
};

/* What has been decided: it stands until the next call for that direction. */
struct edit_result {
	const uint8_t *came;
	size_t ncame;
	uint64_t came_offset;	/* of came[0] in the stream */
	const uint8_t *went;
	size_t nwent;
	uint64_t went_offset;	/* of went[0] in the other one */
	const struct edit_change *changes;
	size_t nchanges;
};

struct conn_edit;

/* Returns NULL when there is no memory. */
struct conn_edit *conn_edit_new(const struct edit *);
void conn_edit_free(struct conn_edit *);

/* Takes bytes that came.  Returns -1 when there is no memory: the stream cannot
 * go on. */
int conn_edit_take(struct conn_edit *, enum edit_side, const uint8_t *data,
    size_t len, bool end, struct edit_result *);

/* Where secrets stand in the requests that came: it has seen all that has been
 * decided on. */
struct redact *conn_edit_redact(struct conn_edit *);

/* Whether bytes wait undecided in that direction. */
bool conn_edit_holds(const struct conn_edit *, enum edit_side);

/* What of the bytes that went is secret, if that is what of the bytes that came
 * is: what replaces a secret is one.  Without memory for the spans all is. */
void conn_edit_spans(const struct edit_result *, const struct spans *came,
    struct spans *went);

#endif
