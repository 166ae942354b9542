/*
 * The trace: records go in, and come out in a format at the output.
 *
 *   trace_record() -> which are shown -> format -> output -> stdout, a file
 */
#ifndef TRACE_TRACE_H
#define TRACE_TRACE_H

#include "trace/format.h"
#include "trace/output.h"
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

struct trace {
	const struct trace_options *options;
	struct output *output;
	struct format_state state;
	uint64_t lost;		/* records since the last one written */
	uint64_t lost_total;
	time_t flushed;		/* in which second */
};

/* The options and the output must outlive the trace; nothing to free. */
void trace_init(struct trace *, const struct trace_options *, struct output *);

/* Whether any record of that set of events is shown. */
bool trace_wants(const struct trace *, unsigned events);

/*
 * Writes the record, if it is shown, and fills in its time.  When the reader
 * of the trace is slow and the policy is to drop, only counts it, unless it is
 * an open, close or error.
 */
void trace_record(struct trace *, struct record *);

/* Whether no bytes should be read from clients now; see output_fd() for when
 * that changes. */
bool trace_full(const struct trace *);

/* Whether not even an open record should be made now. */
bool trace_overfull(const struct trace *);

#endif
