/*
 * The summary: what all clients did, by command and by key.
 *
 *   reply records -+-> a row per command: calls, errors, bytes, latencies
 *                  +-> the slowest of all
 *                  `-> keys by bytes (top_keys.h)
 *
 * It is always on, so it has to be cheap: memory is taken only when a command
 * is seen for the first time, and what it takes in all is bounded, whatever
 * clients send.  What --command, --key and --client hide counts as well.
 *
 * A command counts once it is answered; bytes are those of commands and their
 * replies.  Values that are pushed, and bytes that mean nothing, are in the
 * totals only.
 */
#ifndef SINK_STATS_H
#define SINK_STATS_H

#include "base/bytes.h"
#include "trace/sink.h"

struct stats;

/* What the network counts by itself. */
struct stats_totals {
	uint64_t conns;
	uint64_t commands;	/* with or without an answer */
	uint64_t received;	/* bytes */
	uint64_t sent;		/* bytes */
	uint64_t dropped;	/* records */
	uint64_t stalled;	/* connections that were not read for a while,
				 * because they did not read */
};

/* Returns NULL when there is no memory. */
struct stats *stats_new(void);
void stats_free(struct stats *);

/* Takes reply, push and error records; others do not count. */
void stats_add(struct stats *, const struct record *);

/* The same as a sink of a trace; it is part of the stats. */
struct sink *stats_sink(struct stats *);

/* Adds what another one, such as another worker's, has counted. */
void stats_merge(struct stats *, const struct stats *from);

/* Adds the summary as tables of 80 columns, or as one line of JSON. */
void stats_text(const struct stats *, const struct stats_totals *,
    struct bytes *out);
void stats_json(const struct stats *, const struct stats_totals *,
    struct bytes *out);

#endif
