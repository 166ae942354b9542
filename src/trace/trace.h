/*
 * The trace: a stream of records, fanned out to whoever wants them.
 *
 *   trace_record() -+-> which are shown -> format -> output -> stdout, a file
 *                   +-> sinks: each a set of events and a function
 *
 * Each event loop has a trace of its own, and calls all functions from its own
 * thread; their outputs share the file.
 */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include <sys/queue.h>

#include <stdatomic.h>

#include "format/format.h"
#include "sink/output.h"
#include "trace/record.h"

enum slow_policy {
	SLOW_WAIT,		/* stop reading clients */
	SLOW_DROP		/* go on, count what is lost */
};

struct trace_options {
	const struct format *format;
	unsigned events;	/* which records are shown */
	struct format_options looks;
	const char *file;	/* NULL: stdout */
	enum slow_policy when_slow;
};

/* Someone who sees records besides the output: a MONITOR client, the
 * summary. */
struct trace_sink {
	atomic_uint events;	/* any thread may change them */
	bool timeless;		/* it can do without a record's time */
	/* The record is dead when it returns.  It may make records of its
	 * own, if not of events that it wants. */
	void (*take)(struct trace_sink *, const struct record *);
	LIST_ENTRY(trace_sink) link;
};

struct trace {
	const struct trace_options *options;
	struct output *output;
	LIST_HEAD(, trace_sink) sinks;
	struct format_state state;
	uint64_t lost;		/* records since the last one written */
	uint64_t lost_total;
	struct timespec now;	/* the time of this turn */
	enum {
		TRACE_NO_TURN,	/* each record reads the clock */
		TRACE_NOT_READ,	/* the next one reads it for all */
		TRACE_READ
	} turn;
};

/* The options and the output must outlive the trace; nothing to free. */
void trace_init(struct trace *, const struct trace_options *, struct output *);

/* A sink stays the caller's, and sees records until it is removed. */
void trace_add_sink(struct trace *, struct trace_sink *);
void trace_remove_sink(struct trace_sink *);

/* Whether anybody wants any record of that set of events. */
bool trace_wants(const struct trace *, unsigned events);

/* The same of the output alone: whether it shows any. */
bool trace_shows(const struct trace *, unsigned events);

/* Whether a cmd record must say which peer it comes from. */
bool trace_wants_peer(const struct trace *);

/* Whether secrets in a recv or send record must be known: some format hides
 * them. */
bool trace_hides(const struct trace *);

/*
 * Gives the record to whoever wants it, and fills in its time if one of them
 * needs it.  When the reader
 * of the trace is slow and the policy is to drop, only counts it, unless it is
 * an open, close or error.
 */
void trace_record(struct trace *, struct record *);

/*
 * Where to read so many bytes that are received, if they are only to be
 * recorded: in raw that is the place of the record itself, which spares copying
 * them, else the chunk.  The record must be the next one, and all that is done
 * with the bytes.
 */
uint8_t *trace_place(struct trace *, size_t size, uint8_t *chunk);

/*
 * What happens from here on happens at one time, until the next call of either:
 * to read the clock for each record would cost as much as to write it.
 */
void trace_begin_turn(struct trace *);
void trace_end_turn(struct trace *);

/* Says how many records have been lost since that was said last, without
 * waiting for the next record: the reader is there again, or none will come. */
void trace_tell_lost(struct trace *);

/* Whether no bytes should be read from clients now; see output_fd() for when
 * that changes. */
bool trace_full(const struct trace *);

/* Whether not even an open record should be made now. */
bool trace_overfull(const struct trace *);

#endif
