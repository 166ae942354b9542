/*
 * The upstream leg: how a relay gets to the server behind it.
 *
 *   --upstream -> target: a host and a port, or an address
 *                    |  a name is looked up for each connection (lookup.h)
 *                    v
 *   upstream -> addresses, one after the other -> leg
 *
 * Connections do not wait for each other, nor the loop for a name.
 */
#ifndef NET_UPSTREAM_H
#define NET_UPSTREAM_H

#include "net/leg.h"

struct lookup;
struct upstream_search;

/* Where to connect to; any number of connections, in any loop, may share it. */
struct upstream_target {
	/* For people: "127.0.0.1:6379", "unix:/path", "host:6379". */
	char text[ADDRESS_HOST_MAX + sizeof(":65535")];
	struct address address;	/* len 0: a name, to be looked up */
	struct lookup *lookup;	/* of the name; NULL: there is none */
	int64_t timeout;	/* until connected, in milliseconds */
};

/*
 * text is an address as address_split_upstream() accepts it.  Returns -1, after
 * logging it, when there is no memory.
 */
int upstream_target_init(struct upstream_target *, const char *text,
    int64_t timeout);

/* When no connection uses it any more. */
void upstream_target_free(struct upstream_target *);

struct upstream {
	struct leg leg;
	const char *problem;	/* why it will never be connected; static or
				 * strerror(3)'s; NULL: none so far */
	struct upstream_search *search;	/* NULL: connected, or failed */
	const struct upstream_target *target;
	const struct leg_events *events;
	void *ctx;
};

/*
 * Begins to connect; what is written to its leg meanwhile is kept.  events are
 * the leg's, and `readable` is called too when it fails: then `problem` is set.
 * It may be already when this returns, without a call.
 */
void upstream_open(struct upstream *, struct loop *,
    const struct upstream_target *, const struct leg_events *, void *ctx);

/* Stops whatever it is at.  The leg is closed by the caller. */
void upstream_stop(struct upstream *);

#endif
