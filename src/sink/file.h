/*
 * The file that the trace is written to, as a sink: a format in front of an
 * output.
 *
 *   record -> format -> the output's batch -> (writer's thread) -> file
 *
 * Each event loop has one; their outputs share the file.
 */
#ifndef SINK_FILE_H
#define SINK_FILE_H

#include "format/format.h"
#include "sink/output.h"
#include "trace/sink.h"

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

struct file {
	struct sink sink;	/* first: it is one */
	const struct trace_options *options;
	struct output *output;
	struct format_state state;
	uint64_t lost;		/* records since the last one written */
	uint64_t lost_total;
};

/*
 * The options and the output must outlive it; nothing to free.  A format of
 * bare bytes shows secrets, whatever the level.  When the reader of the file is
 * slow and the policy is to drop, records are only counted, unless they are
 * open, close or error.
 */
void file_init(struct file *, const struct trace_options *, struct output *,
    enum redact_level);

/* Says how many records have been lost since that was said last, without
 * waiting for the next record: the reader is there again, or none will come. */
void file_tell_lost(struct file *);

#endif
