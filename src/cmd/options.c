#include "config.h"

#include "cmd/options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "net/address.h"

#define OPTIONS_LISTEN "127.0.0.1:6379"
#define OPTIONS_FORMAT "text"
#define OPTIONS_CLIP 1024
#define OPTIONS_CONNECT_TIMEOUT 5	/* seconds */

#define OPTIONS_HINT "; see resptap --help"

/* Options that have no letter. */
enum {
	OPT_ALLOW_REMOTE = 256,
	OPT_ANSWERS,
	OPT_CLIENT,
	OPT_CLIP,
	OPT_COLOR,
	OPT_COMMAND,
	OPT_COMPAT,
	OPT_CONNECT_TIMEOUT,
	OPT_IDLE_TIMEOUT,
	OPT_KEY,
	OPT_MAX_CLIENTS,
	OPT_PORT_FILE,
	OPT_REDACT,
	OPT_REPLY,
	OPT_SNAPLEN,
	OPT_SUMMARY,
	OPT_THREADS,
	OPT_TIME,
	OPT_UTF8,
	OPT_WHEN_SLOW
};

/* The colon first lets getopt tell a missing argument from the rest. */
static const char options_short[] = ":c:f:hl:o:p:qs:u:vV";

static const struct option options_long[] = {
	{ "allow-remote", no_argument, NULL, OPT_ALLOW_REMOTE },
	{ "answers", required_argument, NULL, OPT_ANSWERS },
	{ "client", required_argument, NULL, OPT_CLIENT },
	{ "clip", required_argument, NULL, OPT_CLIP },
	{ "color", required_argument, NULL, OPT_COLOR },
	{ "command", required_argument, NULL, OPT_COMMAND },
	{ "compat", required_argument, NULL, OPT_COMPAT },
	{ "connect-timeout", required_argument, NULL, OPT_CONNECT_TIMEOUT },
	{ "count", required_argument, NULL, 'c' },
	{ "format", required_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ "idle-timeout", required_argument, NULL, OPT_IDLE_TIMEOUT },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "listen", required_argument, NULL, 'l' },
	{ "max-clients", required_argument, NULL, OPT_MAX_CLIENTS },
	{ "output", required_argument, NULL, 'o' },
	{ "port", required_argument, NULL, 'p' },
	{ "port-file", required_argument, NULL, OPT_PORT_FILE },
	{ "quiet", no_argument, NULL, 'q' },
	{ "redact", required_argument, NULL, OPT_REDACT },
	{ "reply", required_argument, NULL, OPT_REPLY },
	{ "show", required_argument, NULL, 's' },
	{ "snaplen", required_argument, NULL, OPT_SNAPLEN },
	{ "summary", required_argument, NULL, OPT_SUMMARY },
	{ "threads", required_argument, NULL, OPT_THREADS },
	{ "time", required_argument, NULL, OPT_TIME },
	{ "upstream", required_argument, NULL, 'u' },
	{ "utf8", no_argument, NULL, OPT_UTF8 },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },
	{ "when-slow", required_argument, NULL, OPT_WHEN_SLOW },
	{ NULL, 0, NULL, 0 }
};

#define OPTIONS_LONG (sizeof(options_long) / sizeof(options_long[0]) - 1)

enum color_when {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER
};

/* Options that choose a word. */
#define OPTIONS_WORDS COMPAT_WORLDS

static const struct options_choice {
	int opt;
	const char *what;
	const char *words[OPTIONS_WORDS];	/* at their enum's value */
} options_choices[] = {
	{ OPT_REPLY, "reply mode", {
		[STUB_REDIS] = "redis", [STUB_OK] = "ok",
		[STUB_ECHO] = "echo", [STUB_NONE] = "none" } },
	{ OPT_COMPAT, "server", { COMPAT_NAMES } },
	{ OPT_REDACT, "level", {
		[REDACT_SECRETS] = "secrets", [REDACT_VALUES] = "values",
		[REDACT_NONE] = "none" } },
	{ OPT_TIME, "time style", {
		[TIME_CLOCK] = "clock", [TIME_ISO] = "iso",
		[TIME_EPOCH] = "epoch", [TIME_DELTA] = "delta",
		[TIME_NONE] = "none" } },
	{ OPT_COLOR, "value", {
		[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always",
		[COLOR_NEVER] = "never" } },
	{ OPT_WHEN_SLOW, "policy", {
		[SLOW_WAIT] = "wait", [SLOW_DROP] = "drop" } }
};

/* Options that take a number. */
static const struct options_number {
	int opt;
	const char *unit;
	uint64_t min;
	uint64_t max;
} options_numbers[] = {
	{ OPT_SNAPLEN, "bytes", 0, UINT32_MAX },
	{ OPT_CLIP, "bytes", 1, UINT32_MAX },
	{ OPT_THREADS, "threads", 1, OPTIONS_THREADS_MAX },
	{ OPT_MAX_CLIENTS, "clients", 0, UINT32_MAX },
	{ OPT_IDLE_TIMEOUT, "seconds", 0, UINT32_MAX },
	{ OPT_CONNECT_TIMEOUT, "seconds", 1, UINT32_MAX },
	{ 'c', "connections", 0, UINT64_MAX }
};

/* An option as the user typed it, for messages. */
struct options_typed {
	const char *option;	/* "-f", "--format", "--format=hex" */
	const char *value;	/* NULL: none, or it stands in option */
};

/* What cannot be decided before the last option is read. */
struct options_parser {
	struct options *o;
	struct bytes *message;
	char **argv;
	struct options_typed typed;	/* the option at hand */
	struct options_typed answer;	/* --reply, --answers, --compat */
	struct options_typed show;	/* or --command, --key without it */
	unsigned events;	/* of --show; 0: not given */
	enum color_when color;
};

static struct bytes *
options_complain(struct bytes *message, const struct options_typed *typed)
{
	bytes_add_string(message, typed->option);
	if (typed->value != NULL)
		bytes_addf(message, " %s", typed->value);
	bytes_add_string(message, ": ");
	return (message);
}

/* Adds "a, b or c", each word with the prefix. */
static void
options_add_words(struct bytes *message, const char *prefix,
    const char *const *words, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		bytes_addf(message, "%s%s%s", prefix, words[i],
		    i + 2 < n ? ", " : i + 2 == n ? " or " : "");
}

static int
options_refuse_typed(struct options_parser *p,
    const struct options_typed *typed, const char *why)
{
	bytes_add_string(options_complain(p->message, typed), why);
	return (-1);
}

static int
options_refuse_value(struct options_parser *p, const char *why)
{
	return (options_refuse_typed(p, &p->typed, why));
}

static int
options_take_listen(struct options_parser *p)
{
	struct options *o = p->o;
	const char *why;

	if ((why = address_check(optarg)) != NULL)
		return (options_refuse_value(p, why));
	if (o->nlisten == OPTIONS_LISTEN_MAX) {
		bytes_addf(options_complain(p->message, &p->typed),
		    "one too many; at most %d addresses can be given",
		    OPTIONS_LISTEN_MAX);
		return (-1);
	}
	o->listen[o->nlisten++] = optarg;
	return (0);
}

static int
options_take_upstream(struct options_parser *p)
{
	struct address_parts parts;
	const char *why;

	if ((why = address_split_upstream(optarg, &parts)) != NULL)
		return (options_refuse_value(p, why));
	p->o->upstream = optarg;
	return (0);
}

static int
options_take_format(struct options_parser *p)
{
	const struct format *format;

	if ((format = format_find(optarg)) == NULL)
		return (options_refuse_value(p,
		    "unknown format; choose " FORMAT_NAMES));
	p->o->trace.format = format;
	return (0);
}

static int
options_take_show(struct options_parser *p)
{
	struct bytes *m = p->message;
	const char *bad;
	int badlen;

	p->show = p->typed;
	if ((p->events = filter_parse_events(optarg, &bad, &badlen)) != 0)
		return (0);
	options_complain(m, &p->typed);
	if (badlen == 0)
		bytes_add_string(m, "a name is missing");
	else
		bytes_addf(m, "unknown record %.*s", badlen, bad);
	bytes_add_string(m, "; choose open, recv, send, cmd, reply, push, "
	    "error, close, conns, bytes, messages or all");
	return (-1);
}

static int
options_take_filter(struct options_parser *p, int opt)
{
	struct filter *f = &p->o->filter;
	size_t len = p->message->len;

	options_complain(p->message, &p->typed);
	if (opt != OPT_CLIENT && p->events == 0)
		p->show = p->typed;
	if ((opt == OPT_CLIENT ? filter_add_clients(f, optarg, p->message) :
	    opt == OPT_COMMAND ? filter_add_commands(f, optarg, p->message) :
	    filter_add_keys(f, optarg, p->message)) == -1)
		return (-1);
	bytes_truncate(p->message, len);
	return (0);
}

static int
options_take_file(struct options_parser *p, const char **file)
{
	if (*optarg == '\0')
		return (options_refuse_value(p, "a file name is missing"));
	*file = optarg;
	return (0);
}

/* It is made by renaming another file: a stream cannot be. */
static int
options_take_summary(struct options_parser *p)
{
	if (strcmp(optarg, "-") == 0)
		return (options_refuse_value(p,
		    "name a file; SIGUSR1 prints the summary on stderr"));
	return (options_take_file(p, &p->o->summary));
}

static int
options_read_number(struct options_parser *p,
    const struct options_number *number, uint64_t *n)
{
	/* strtoull() would take blanks and signs. */
	if (*optarg == '\0' || optarg[strspn(optarg, "0123456789")] != '\0') {
		bytes_addf(options_complain(p->message, &p->typed),
		    "not a number of %s", number->unit);
		return (-1);
	}
	errno = 0;
	*n = strtoull(optarg, NULL, 10);
	if (errno == ERANGE || *n < number->min || *n > number->max) {
		bytes_addf(options_complain(p->message, &p->typed),
		    "out of range; choose %" PRIu64 " to %" PRIu64 " %s",
		    number->min, number->max, number->unit);
		return (-1);
	}
	return (0);
}

static int
options_take_number(struct options_parser *p, int opt)
{
	const struct options_number *number = options_numbers;
	struct options *o = p->o;
	uint64_t n;

	while (number->opt != opt)
		number++;
	if (options_read_number(p, number, &n) == -1)
		return (-1);
	switch (opt) {
	case OPT_SNAPLEN:
		o->trace.looks.snaplen = (size_t)n;
		break;
	case OPT_CLIP:
		o->trace.looks.clip = (size_t)n;
		break;
	case OPT_THREADS:
		o->threads = (uint32_t)n;
		break;
	case OPT_MAX_CLIENTS:
		o->max_clients = (uint32_t)n;
		break;
	case OPT_IDLE_TIMEOUT:
		o->idle_timeout = (uint32_t)n;
		break;
	case OPT_CONNECT_TIMEOUT:
		o->connect_timeout = (uint32_t)n;
		break;
	default:
		o->count = n;
	}
	return (0);
}

/* Returns the chosen word's place, or -1. */
static int
options_read_choice(struct options_parser *p,
    const struct options_choice *choice)
{
	struct bytes *m = p->message;
	size_t i;

	for (i = 0; i < OPTIONS_WORDS && choice->words[i] != NULL; i++)
		if (strcmp(optarg, choice->words[i]) == 0)
			return ((int)i);
	bytes_addf(options_complain(m, &p->typed), "unknown %s; choose ",
	    choice->what);
	options_add_words(m, "", choice->words, i);
	return (-1);
}

static int
options_take_choice(struct options_parser *p, int opt)
{
	const struct options_choice *choice = options_choices;
	int value;

	while (choice->opt != opt)
		choice++;
	if ((value = options_read_choice(p, choice)) == -1)
		return (-1);
	switch (opt) {
	case OPT_REPLY:
		p->answer = p->typed;
		p->o->stub.mode = (enum stub_mode)value;
		break;
	case OPT_COMPAT:
		p->answer = p->typed;
		p->o->stub.compat = (enum compat)value;
		break;
	case OPT_REDACT:
		p->o->redact = (enum redact_level)value;
		break;
	case OPT_TIME:
		p->o->trace.looks.time = (enum time_style)value;
		break;
	case OPT_COLOR:
		p->color = (enum color_when)value;
		break;
	default:
		p->o->trace.when_slow = (enum slow_policy)value;
	}
	return (0);
}

static int
options_take_flag(struct options_parser *p, int opt)
{
	struct options *o = p->o;

	switch (opt) {
	case OPT_ALLOW_REMOTE:
		o->allow_remote = true;
		break;
	case OPT_UTF8:
		o->trace.looks.utf8 = true;
		break;
	case 'q':
		o->verbose = -1;
		break;
	default:
		o->verbose = o->verbose < 0 ? 1 : o->verbose + 1;
	}
	return (0);
}

/* A long option that is none, or the beginning of several. */
static void
options_refuse_name(struct bytes *message, const char *arg)
{
	const char *names[OPTIONS_LONG];
	size_t len = strcspn(arg + 2, "="), n = 0, i;

	for (i = 0; len > 0 && i < OPTIONS_LONG; i++)
		if (strncmp(options_long[i].name, arg + 2, len) == 0)
			names[n++] = options_long[i].name;
	if (n == 0) {
		bytes_addf(message, "%s: unknown option", arg);
		return;
	}
	bytes_addf(message, "%s: may be ", arg);
	options_add_words(message, "--", names, n);
}

/*
 * What getopt refuses.  It has stepped over a long option, but stays at a
 * cluster of letters until the last, so a letter is named by itself.
 */
static int
options_refuse(struct options_parser *p, int c)
{
	const char letter[] = { '-', (char)optopt, '\0' };
	const char *arg = p->argv[optind - 1];
	bool has_name = false;
	size_t i;

	for (i = 0; i < OPTIONS_LONG; i++)
		if (options_long[i].val == optopt)
			has_name = true;
	if (c == ':')
		bytes_addf(p->message, "%s: needs an argument",
		    strncmp(arg, "--", 2) == 0 ? arg : letter);
	else if (optopt == 0)
		options_refuse_name(p->message, arg);
	else if (has_name)
		bytes_addf(p->message, "%s: takes no argument", arg);
	else
		bytes_addf(p->message, "%s: unknown option", letter);
	bytes_add_string(p->message, OPTIONS_HINT);
	return (-1);
}

static void
options_refuse_operand(struct bytes *message, const char *arg)
{
	bytes_addf(message, "%s: unexpected argument", arg);
	if (address_check(arg) == NULL)
		bytes_addf(message, "; an address goes with --listen=%s", arg);
	bytes_add_string(message, OPTIONS_HINT);
}

static int
options_take(struct options_parser *p, int c)
{
	switch (c) {
	case 'l':
		return (options_take_listen(p));
	case 'u':
		return (options_take_upstream(p));
	case 'f':
		return (options_take_format(p));
	case 's':
		return (options_take_show(p));
	case 'o':
		return (options_take_file(p, &p->o->trace.file));
	case OPT_ANSWERS:
		p->answer = p->typed;
		return (options_take_file(p, &p->o->answers));
	case OPT_CLIENT: case OPT_COMMAND: case OPT_KEY:
		return (options_take_filter(p, c));
	case 'p':	/* redis-server's, and redis-cli's */
		bytes_addf(options_complain(p->message, &p->typed),
		    "listen there with --listen=%s", optarg);
		return (-1);
	case OPT_PORT_FILE:
		return (options_take_file(p, &p->o->port_file));
	case OPT_SUMMARY:
		return (options_take_summary(p));
	case OPT_REDACT: case OPT_REPLY: case OPT_TIME: case OPT_COLOR:
	case OPT_WHEN_SLOW: case OPT_COMPAT:
		return (options_take_choice(p, c));
	case OPT_SNAPLEN: case OPT_CLIP: case OPT_THREADS:
	case OPT_MAX_CLIENTS: case OPT_IDLE_TIMEOUT:
	case OPT_CONNECT_TIMEOUT: case 'c':
		return (options_take_number(p, c));
	case OPT_ALLOW_REMOTE: case OPT_UTF8: case 'q': case 'v':
		return (options_take_flag(p, c));
	default:
		return (options_refuse(p, c));
	}
}

/* What is shown, once both --show and --format are known. */
static int
options_settle_events(struct options_parser *p)
{
	static const unsigned both =
	    RECORD_BIT(RECORD_RECV) | RECORD_BIT(RECORD_SEND);
	const struct format *format = p->o->trace.format;
	const char *names[RECORD_EVENTS];
	size_t n = 0, i;

	if (p->events == 0) {
		p->events = format->shows;
		if (filter_has_commands(&p->o->filter))
			p->events &= ~both;
	}
	if ((p->events & format->can) == 0) {
		for (i = 0; i < RECORD_EVENTS; i++)
			if (format->can & RECORD_BIT(i))
				names[n++] = filter_event_name(
				    (enum record_event)i);
		bytes_addf(options_complain(p->message, &p->show),
		    "%s cannot write that; choose ", format->name);
		options_add_words(p->message, "--show=", names, n);
		return (-1);
	}
	/* Nothing in raw bytes says which way they went. */
	if (format->bare && (p->events & both) == both)
		return (options_refuse_typed(p, &p->show,
		    "raw writes one direction: "
		    "choose --show=recv or --show=send"));
	p->o->trace.events = p->events & format->can;
	return (0);
}

static int
options_settle(struct options_parser *p, bool tty, bool no_color)
{
	struct options *o = p->o;

	if (o->upstream != NULL && p->answer.option != NULL)
		return (options_refuse_typed(p, &p->answer,
		    "with --upstream the server there answers; leave one out"));
	if (o->nlisten == 0)
		o->listen[o->nlisten++] = OPTIONS_LISTEN;
	if (o->trace.file != NULL && strcmp(o->trace.file, "-") == 0)
		o->trace.file = NULL;
	o->trace.looks.color = p->color == COLOR_ALWAYS ||
	    (p->color == COLOR_AUTO && tty && !no_color &&
	    o->trace.file == NULL);
	return (options_settle_events(p));
}

static enum options_result
options_usage(struct bytes *message)
{
	uint8_t *end;

	if ((end = bytes_reserve(message, 1)) != NULL)
		*end = '\0';
	return (OPTIONS_USAGE);
}

enum options_result
options_parse(struct options *o, int argc, char **argv, bool tty,
    bool no_color, struct bytes *message)
{
	struct options_parser p = { .o = o, .message = message, .argv = argv };
	int c;

	*o = (struct options){ .stub.mode = STUB_REDIS, .threads = 1 };
	o->stub.compat = COMPAT_DEFAULT;
	o->trace.format = format_find(OPTIONS_FORMAT);
	o->trace.looks.clip = OPTIONS_CLIP;
	o->connect_timeout = OPTIONS_CONNECT_TIMEOUT;

	opterr = 0;
	optind = 0;	/* makes glibc forget a former parse */
	while ((c = getopt_long(argc, argv, options_short, options_long,
	    NULL)) != -1) {
		if (c == 'h')
			return (OPTIONS_HELP);
		if (c == 'V')
			return (OPTIONS_VERSION);
		p.typed.option = argv[optind - 1];
		p.typed.value = NULL;
		if (optarg != NULL && optarg == argv[optind - 1]) {
			p.typed.option = argv[optind - 2];
			p.typed.value = optarg;
		}
		if (options_take(&p, c) == -1)
			return (options_usage(message));
	}
	if (optind < argc) {
		options_refuse_operand(message, argv[optind]);
		return (options_usage(message));
	}
	if (options_settle(&p, tty, no_color) == -1)
		return (options_usage(message));
	return (OPTIONS_RUN);
}
