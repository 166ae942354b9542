#include "config.h"

#include "cmd/options_private.h"

#define PLACE(field)                                                           \
	.offset = offsetof(struct options, field),                             \
	.size = sizeof(((struct options *)NULL)->field)

#define NUMBER(field, unit, least, most)                                       \
	.take = options_take_number, PLACE(field), .what = (unit),             \
	.min = (least), .max = (most)

#define WORD(field, kind, list)                                                \
	.take = options_take_word, PLACE(field), .what = (kind), .words = (list)

static const char *const colors[] = {
	[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always",
	[COLOR_NEVER] = "never", NULL
};

static const char *const levels[] = {
	[REDACT_SECRETS] = "secrets", [REDACT_VALUES] = "values",
	[REDACT_NONE] = "none", NULL
};

static const char *const modes[] = {
	[STUB_REDIS] = "redis", [STUB_OK] = "ok", [STUB_ECHO] = "echo",
	[STUB_NONE] = "none", NULL
};

static const char *const policies[] = {
	[SLOW_WAIT] = "wait", [SLOW_DROP] = "drop", NULL
};

static const char *const styles[] = {
	[TIME_CLOCK] = "clock", [TIME_ISO] = "iso", [TIME_EPOCH] = "epoch",
	[TIME_DELTA] = "delta", [TIME_NONE] = "none", NULL
};

static const char *const servers[] = { COMPAT_NAMES, NULL };

static const struct options_row rows[] = {
	{ "allow", .take = options_take_allow },
	{ "allow-remote", .bare = true, .take = options_take_flag,
	    PLACE(allow_remote) },
	{ "answers", .take = options_take_answers },
	{ "client", .take = options_take_client },
	{ "clip", NUMBER(trace.looks.clip, "bytes", 1, UINT32_MAX) },
	{ "color", WORD(color, "value", colors) },
	{ "command", .take = options_take_command },
	{ "compat", .take = options_take_reply, PLACE(stub.compat),
	    .what = "server", .words = servers },
	{ "connect-timeout",
	    NUMBER(connect_timeout, "seconds", 1, UINT32_MAX) },
	{ "count", 'c', NUMBER(count, "connections", 0, UINT64_MAX) },
	{ "format", 'f', .take = options_take_format },
	{ "help", 'h', .bare = true, .result = OPTIONS_HELP },
	{ "idle-timeout", NUMBER(idle_timeout, "seconds", 0, UINT32_MAX) },
	{ "key", .take = options_take_key },
	{ "listen", 'l', .take = options_take_listen },
	{ "max-clients", NUMBER(max_clients, "clients", 0, UINT32_MAX) },
	{ "output", 'o', .take = options_take_text, PLACE(trace.file) },
	{ "port", 'p', .take = options_take_port },
	{ "port-file", .take = options_take_text, PLACE(port_file) },
	{ "quiet", 'q', .bare = true, .take = options_take_quiet },
	{ "redact", WORD(redact, "level", levels) },
	{ "reply", .take = options_take_reply, PLACE(stub.mode),
	    .what = "reply mode", .words = modes },
	{ "show", 's', .take = options_take_show },
	{ "snaplen", NUMBER(trace.looks.snaplen, "bytes", 0, UINT32_MAX) },
	{ "summary", .take = options_take_summary, PLACE(summary) },
	{ "threads", NUMBER(threads, "threads", 1, OPTIONS_THREADS_MAX) },
	{ "time", WORD(trace.looks.time, "time style", styles) },
	{ "unix-mode", .take = options_take_mode,
	    PLACE(listening.unix_mode) },
	{ "upstream", 'u', .take = options_take_upstream },
	{ "utf8", .bare = true, .take = options_take_flag,
	    PLACE(trace.looks.utf8) },
	{ "verbose", 'v', .bare = true, .take = options_take_verbose },
	{ "version", 'V', .bare = true, .result = OPTIONS_VERSION },
	{ "when-slow", WORD(trace.when_slow, "policy", policies) }
};

const struct options_row *
options_rows(size_t *n)
{
	*n = sizeof(rows) / sizeof(rows[0]);
	return (rows);
}
