/*
 * What the user chose about the server; the command line fills it in.
 */
#ifndef SERVER_SETTINGS_H
#define SERVER_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "net/listener.h"
#include "redis/redact.h"
#include "sink/file.h"
#include "stub/stub.h"
#include "trace/filter.h"

#define OPTIONS_LISTEN_MAX 16
#define OPTIONS_THREADS_MAX 64

enum color_when {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER
};

/* The rows of cmd/options_table.c say which option is kept where. */
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

#endif
