/*
 * The trace: a stream of records, fanned out to its sinks.
 *
 *   trace_record() -+-> the file: format -> output -> stdout, a file
 *                   +-> a MONITOR client
 *                   `-> the summary
 *
 * Each event loop has a trace of its own, and calls all functions from its own
 * thread.
 */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include "trace/filter.h"
#include "trace/sink.h"

/* How many sinks of a trace may have filters of their own. */
#define TRACE_FILTERS 4
/* By all of them. */
#define TRACE_CHOSEN ((1u << TRACE_FILTERS) - 1)

struct trace {
	LIST_HEAD(, sink) sinks;	/* those that hide least come first */
	LIST_HEAD(, sink) narrow;	/* those that may be full */
	const struct filter *filters[TRACE_FILTERS];	/* by bit; NULL: all */
	unsigned nfilters;
	bool chooses_clients;	/* some filter looks at clients: only then is
				 * there anything to ask about one */
	bool chooses_commands;	/* at commands, or at their keys */
	struct timespec now;	/* the time of this turn */
	enum {
		TRACE_NO_TURN,	/* each record reads the clock */
		TRACE_NOT_READ,	/* the next one reads it for all */
		TRACE_READ
	} turn;
};

/* Nothing to free. */
void trace_init(struct trace *);

/*
 * A sink stays the caller's, and sees records until it is removed.  The filter,
 * which must outlive the trace, says which; NULL: all.
 */
void trace_add_sink(struct trace *, struct sink *, const struct filter *);
void trace_remove_sink(struct sink *);

/* Whether any sink wants any record of that set of events. */
bool trace_wants(const struct trace *, unsigned events);

/* The same without the lazy ones. */
bool trace_must_have(const struct trace *, unsigned events);

/* Whether a cmd record must say which peer it comes from. */
bool trace_wants_peer(const struct trace *);

/* What must be hidden in records of these events: the most that any of the
 * sinks that want them says. */
enum redact_level trace_redact(const struct trace *, unsigned events);

/* Whether one of them wants nothing hidden. */
bool trace_reveals(const struct trace *, unsigned events);

/* Which filters choose a connection, and a command, as bits: a record has
 * those that chose both.  A connection's must be asked anew when its name has
 * changed; peer and name as for filter_client(). */
unsigned trace_choose_client(const struct trace *, const char *peer,
    const char *name);
unsigned trace_choose_command(const struct trace *, const struct args *);

/*
 * Gives the record to the sinks that want it, and fills in its time if one of
 * them needs it.  Marks the secret arguments of a command on the way, for each
 * sink as much as it wants hidden.
 */
void trace_record(struct trace *, struct record *);

/*
 * What happens from here on happens at one time, until the next call of either:
 * to read the clock for each record would cost as much as to write it.
 */
void trace_begin_turn(struct trace *);
void trace_end_turn(struct trace *);

/* Whether no bytes should be read from clients now, or no clients accepted:
 * some sink has no room. */
bool trace_full(const struct trace *);
bool trace_overfull(const struct trace *);

#endif
