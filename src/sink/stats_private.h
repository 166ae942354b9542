/*
 * What stats.c gathers, for those who print it.
 */
#ifndef SINK_STATS_PRIVATE_H
#define SINK_STATS_PRIVATE_H

#include "redis/command.h"
#include "sink/histogram.h"
#include "sink/stats.h"
#include "sink/top_keys.h"

/* Names that are no command's; what is more counts as others. */
#define STATS_UNKNOWN 256
/* At most so many rows: one for each command, one for each of these names, and
 * that of the others. */
#define STATS_ROWS (COMMAND_ROWS + STATS_UNKNOWN + 1)
#define STATS_SLOWEST 10
#define STATS_KEYS 10		/* that are shown */

struct stats_row {
	const struct command *command;	/* NULL: it is not known */
	struct short_arg name;		/* then: in lower case, but of the
					 * others' row */
	uint64_t errors;		/* replies */
	uint64_t received;		/* bytes */
	uint64_t sent;			/* bytes */
	struct histogram latency;	/* in microseconds; n: calls */
};

struct stats_slow {
	struct timespec when;		/* it was answered */
	uint64_t conn;
	uint64_t no;
	uint64_t latency_us;
	const struct command *command;	/* NULL: unknown, see name */
	struct short_arg name;		/* as the client wrote it */
	struct short_arg key;
	bool has_key;
	bool secret;			/* the key is */
};

struct stats {
	struct sink sink;		/* first: a sink is its stats */
	struct timespec since;
	struct stats_row *rows[COMMAND_ROWS];	/* at command_index(); NULL:
						 * not seen */
	struct stats_row *unknown[STATS_UNKNOWN];	/* as they came */
	size_t nunknown;
	struct stats_row others;
	struct stats_slow slowest[STATS_SLOWEST];	/* first */
	size_t nslowest;
	struct top_keys keys;
	uint64_t pushes;
	uint64_t errors;		/* error records */
};

/* The rows that have something to show, the most frequent first; the list has
 * room for all.  Returns how many. */
size_t stats_rows(const struct stats *,
    const struct stats_row *list[STATS_ROWS]);

/* The name of its command, or of all others; NULL: row->name has it. */
const char *stats_row_name(const struct stats *, const struct stats_row *);

#endif
