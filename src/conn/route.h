/*
 * A route: what a listener's connections are for.  It stays the server's, and
 * outlives them.
 */
#ifndef CONN_ROUTE_H
#define CONN_ROUTE_H

#include "net/upstream.h"

struct edit;

struct route {
	const struct upstream_target *upstream;	/* NULL: the stub answers */
	const struct edit *edit;	/* between the two; NULL: nothing is */
};

#endif
