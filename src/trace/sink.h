/*
 * A sink sees records.  The file of the trace, a MONITOR client and the summary
 * are sinks; each owns what it wants, and what must be hidden from it.
 *
 *   trace_record() -> events? filter? -> secrets as `redact` says -> take()
 */
#ifndef TRACE_SINK_H
#define TRACE_SINK_H

#include <sys/queue.h>

#include <stdatomic.h>
#include <stdbool.h>

#include "redis/redact.h"
#include "trace/record.h"

/* What a sink can still take; a trace can take what the worst of its sinks
 * can. */
enum sink_room {
	SINK_OPEN,
	SINK_NO_CLIENTS,	/* no new connections, please */
	SINK_NO_BYTES		/* and nothing more from those that are there */
};

struct sink {
	atomic_uint events;	/* that it wants; any thread may change them */
	bool timeless;		/* it can do without a record's time */
	bool needs_peer;	/* of a cmd record */
	bool lazy;		/* not worth decoding for what nobody else
				 * needs decoded */
	enum redact_level redact;	/* what is hidden from it, at least */
	unsigned filter;	/* trace_add_sink()'s: its bit in `chosen` */
	/* The record is dead when it returns.  It may make records of its
	 * own, if not of events that it wants. */
	void (*take)(struct sink *, const struct record *);
	/* NULL: SINK_OPEN, always. */
	enum sink_room (*room)(const struct sink *);
	LIST_ENTRY(sink) link;
	LIST_ENTRY(sink) narrow_link;	/* among those with a room() */
};

#endif
