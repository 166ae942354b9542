/*
 * The command line.  Pure: reads argv and answers; prints nothing, never exits.
 */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "net/listener.h"
#include "redis/redact.h"
#include "stub/stub.h"
#include "trace/filter.h"
#include "trace/trace.h"

#define OPTIONS_LISTEN_MAX 16
#define OPTIONS_THREADS_MAX 64

enum color_when {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER
};

/* The rows of options_table.c say which option is kept where. */
struct options {
	const char *listen[OPTIONS_LISTEN_MAX];	/* as typed; checked */
	int nlisten;		/* at least 1 */
	const char *port_file;	/* NULL: none */
	bool allow_remote;
	struct listener_rules listening;
	const char *upstream;	/* as typed; checked; NULL: answer ourselves */
	uint32_t connect_timeout;	/* to it; seconds */
	struct stub stub;	/* without its answers, which the file has */
	const char *answers;	/* file, not read yet; NULL: none */
	enum redact_level redact;
	struct trace_options trace;
	enum color_when color;	/* what trace.looks.color was decided by */
	struct filter filter;
	uint32_t threads;	/* 1 to OPTIONS_THREADS_MAX */
	uint32_t max_clients;	/* 0: what descriptors allow */
	uint32_t idle_timeout;	/* seconds; 0: none */
	const char *summary;	/* file; NULL: none */
	uint64_t count;		/* stop after so many closes; 0: never */
	int verbose;		/* -1 quiet, 0, 1 … */
};

enum options_result {
	OPTIONS_RUN,
	OPTIONS_HELP,		/* --help was asked for */
	OPTIONS_VERSION,
	OPTIONS_USAGE		/* a usage error; its line is in message */
};

/*
 * Fills o from the arguments.  On OPTIONS_USAGE message holds one line that
 * names the argument and the cure, without program name or newline; message
 * is NUL-terminated.  Strings in o point into argv.  tty: whether
 * stdout is a terminal, no_color: whether NO_COLOR is set and not empty; both
 * decide --color=auto.
 */
enum options_result options_parse(struct options *o, int argc, char **argv,
    bool tty, bool no_color, struct bytes *message);

/* What --help prints. */
const char *options_help(void);

#endif
