#include "config.h"

#include "cmd/options_private.h"

#include <assert.h>
#include <getopt.h>
#include <string.h>

#include "net/address.h"

#define OPTIONS_LISTEN "127.0.0.1:6379"
#define OPTIONS_FORMAT "text"
#define OPTIONS_CLIP 1024
#define OPTIONS_CONNECT_TIMEOUT 5	/* seconds */

#define OPTIONS_HINT "; see resptap --help"

/* At least as many as there are rows. */
#define OPTIONS_MAX 64
/* What getopt returns for the first row, if that has no letter. */
#define OPTIONS_FIRST 256

/* The rows in getopt's form. */
struct options_getopt {
	struct option names[OPTIONS_MAX + 1];
	char letters[1 + 2 * OPTIONS_MAX + 1];
};

static int
row_code(const struct options_row *rows, size_t i)
{
	return (rows[i].letter != 0 ? rows[i].letter : OPTIONS_FIRST + (int)i);
}

/* What getopt means by the code; NULL: no option. */
static const struct options_row *
find_row(int code)
{
	const struct options_row *rows;
	size_t n, i;

	rows = options_rows(&n);
	for (i = 0; i < n; i++)
		if (row_code(rows, i) == code)
			return (&rows[i]);
	return (NULL);
}

static void
make_getopt(struct options_getopt *g)
{
	const struct options_row *rows;
	char *letter = g->letters;
	size_t n, i;

	rows = options_rows(&n);
	assert(n <= OPTIONS_MAX);
	memset(g, 0, sizeof(*g));
	/* A colon first lets getopt tell a missing argument from the rest. */
	*letter++ = ':';
	for (i = 0; i < n; i++) {
		g->names[i].name = rows[i].name;
		g->names[i].has_arg =
		    rows[i].bare ? no_argument : required_argument;
		g->names[i].val = row_code(rows, i);
		if (rows[i].letter == 0)
			continue;
		*letter++ = rows[i].letter;
		if (!rows[i].bare)
			*letter++ = ':';
	}
}

/* A long option that is none, or the beginning of several. */
static void
options_refuse_name(struct bytes *message, const char *arg)
{
	const struct options_row *rows;
	const char *names[OPTIONS_MAX];
	size_t len = strcspn(arg + 2, "="), nrows, n = 0, i;

	rows = options_rows(&nrows);
	for (i = 0; len > 0 && i < nrows; i++)
		if (strncmp(rows[i].name, arg + 2, len) == 0)
			names[n++] = rows[i].name;
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
static void
options_refuse(struct options_parser *p, int c)
{
	const char letter[] = { '-', (char)optopt, '\0' };
	const char *arg = p->argv[optind - 1];
	if (c == ':')
		bytes_addf(p->message, "%s: needs an argument",
		    strncmp(arg, "--", 2) == 0 ? arg : letter);
	else if (optopt == 0)
		options_refuse_name(p->message, arg);
	else if (find_row(optopt) != NULL)
		bytes_addf(p->message, "%s: takes no argument", arg);
	else
		bytes_addf(p->message, "%s: unknown option", letter);
	bytes_add_string(p->message, OPTIONS_HINT);
}

static void
options_refuse_operand(struct bytes *message, const char *arg)
{
	bytes_addf(message, "%s: unexpected argument", arg);
	if (address_check(arg) == NULL)
		bytes_addf(message, "; an address goes with --listen=%s", arg);
	bytes_add_string(message, OPTIONS_HINT);
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
			p->events &= ~(both | RECORD_BIT(RECORD_EDIT));
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
	o->trace.looks.color = o->color == COLOR_ALWAYS ||
	    (o->color == COLOR_AUTO && tty && !no_color &&
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

/* Notes down how the option at hand was typed. */
static void
note_typed(struct options_parser *p)
{
	p->value = optarg;
	p->typed.option = p->argv[optind - 1];
	p->typed.value = NULL;
	if (optarg != NULL && optarg == p->argv[optind - 1]) {
		p->typed.option = p->argv[optind - 2];
		p->typed.value = optarg;
	}
}

static enum options_result
options_read(struct options_parser *p, int argc)
{
	const struct options_row *row;
	struct options_getopt g;
	int c;

	make_getopt(&g);
	opterr = 0;
	optind = 0;	/* makes glibc forget a former parse */
	while ((c = getopt_long(argc, p->argv, g.letters, g.names,
	    NULL)) != -1) {
		if ((row = find_row(c)) == NULL) {
			options_refuse(p, c);
			return (OPTIONS_USAGE);
		}
		if (row->take == NULL)
			return (row->result);
		note_typed(p);
		if (row->take(p, row) == -1)
			return (OPTIONS_USAGE);
	}
	return (OPTIONS_RUN);
}

enum options_result
options_parse(struct options *o, int argc, char **argv, bool tty,
    bool no_color, struct bytes *message)
{
	struct options_parser p = { .o = o, .message = message, .argv = argv };
	enum options_result result;

	*o = (struct options){ .stub.mode = STUB_REDIS,
		.stub.compat = COMPAT_DEFAULT, .threads = 1 };
	o->trace.format = format_find(OPTIONS_FORMAT);
	o->trace.looks.clip = OPTIONS_CLIP;
	o->connect_timeout = OPTIONS_CONNECT_TIMEOUT;

	if ((result = options_read(&p, argc)) == OPTIONS_USAGE)
		return (options_usage(message));
	if (result != OPTIONS_RUN)
		return (result);
	if (optind < argc) {
		options_refuse_operand(message, argv[optind]);
		return (options_usage(message));
	}
	if (options_settle(&p, tty, no_color) == -1)
		return (options_usage(message));
	return (OPTIONS_RUN);
}
