#include "config.h"

#include "cmd/options_private.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "net/address.h"

struct bytes *
options_complain(struct bytes *message, const struct options_typed *typed)
{
	bytes_add_string(message, typed->option);
	if (typed->value != NULL)
		bytes_addf(message, " %s", typed->value);
	bytes_add_string(message, ": ");
	return (message);
}

void
options_add_words(struct bytes *message, const char *prefix,
    const char *const *words, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		bytes_addf(message, "%s%s%s", prefix, words[i],
		    i + 2 < n ? ", " : i + 2 == n ? " or " : "");
}

int
options_refuse_typed(struct options_parser *p,
    const struct options_typed *typed, const char *why)
{
	bytes_add_string(options_complain(p->message, typed), why);
	return (-1);
}

int
options_refuse_value(struct options_parser *p, const char *why)
{
	return (options_refuse_typed(p, &p->typed, why));
}

/* The place that the row names. */
static void *
place(const struct options_parser *p, const struct options_row *row)
{
	return ((char *)p->o + row->offset);
}

int
options_take_flag(struct options_parser *p, const struct options_row *row)
{
	*(bool *)place(p, row) = true;
	return (0);
}

int
options_take_number(struct options_parser *p, const struct options_row *row)
{
	const char *text = p->value;
	uint64_t n;

	/* strtoull() would take blanks and signs. */
	if (*text == '\0' || text[strspn(text, "0123456789")] != '\0') {
		bytes_addf(options_complain(p->message, &p->typed),
		    "not a number of %s", row->what);
		return (-1);
	}
	errno = 0;
	n = strtoull(text, NULL, 10);
	if (errno == ERANGE || n < row->min || n > row->max) {
		bytes_addf(options_complain(p->message, &p->typed),
		    "out of range; choose %" PRIu64 " to %" PRIu64 " %s",
		    row->min, row->max, row->what);
		return (-1);
	}
	if (row->size == sizeof(uint32_t))
		*(uint32_t *)place(p, row) = (uint32_t)n;
	else
		*(uint64_t *)place(p, row) = n;
	return (0);
}

int
options_take_word(struct options_parser *p, const struct options_row *row)
{
	size_t i;

	assert(row->size == sizeof(int));	/* as enumerations are */
	for (i = 0; row->words[i] != NULL; i++)
		if (strcmp(p->value, row->words[i]) == 0) {
			*(int *)place(p, row) = (int)i;
			return (0);
		}
	bytes_addf(options_complain(p->message, &p->typed),
	    "unknown %s; choose ", row->what);
	options_add_words(p->message, "", row->words, i);
	return (-1);
}

static int
take_file(struct options_parser *p, const char **file)
{
	if (*p->value == '\0')
		return (options_refuse_value(p, "a file name is missing"));
	*file = p->value;
	return (0);
}

int
options_take_text(struct options_parser *p, const struct options_row *row)
{
	return (take_file(p, place(p, row)));
}

int
options_take_allow(struct options_parser *p, const struct options_row *row)
{
	struct bytes *m = p->message;
	const char *bad, *wrong;
	int badlen;

	(void)row;
	wrong = cidr_list_add(&p->o->listening.peers, p->value, &bad, &badlen);
	if (wrong == NULL)
		return (0);
	options_complain(m, &p->typed);
	if (badlen > 0 && (size_t)badlen < strlen(p->value))
		bytes_addf(m, "%.*s: ", badlen, bad);
	bytes_add_string(m, wrong);
	return (-1);
}

/* In octal, as chmod(1) has it. */
int
options_take_mode(struct options_parser *p, const struct options_row *row)
{
	size_t len = strlen(p->value);
	unsigned long mode = strtoul(p->value, NULL, 8);

	if (len < 3 || len > 4 || strspn(p->value, "01234567") != len ||
	    mode == 0 || mode > 0777)
		return (options_refuse_value(p, "not a mode; "
		    "write 0660 for owner and group, 0600 or 0666"));
	*(uint32_t *)place(p, row) = (uint32_t)mode;
	return (0);
}

int
options_take_answers(struct options_parser *p, const struct options_row *row)
{
	(void)row;
	p->answer = p->typed;
	return (take_file(p, &p->o->answers));
}

int
options_take_reply(struct options_parser *p, const struct options_row *row)
{
	p->answer = p->typed;
	return (options_take_word(p, row));
}

/* It is made by renaming another file: a stream cannot be. */
int
options_take_summary(struct options_parser *p, const struct options_row *row)
{
	if (strcmp(p->value, "-") == 0)
		return (options_refuse_value(p,
		    "name a file; SIGUSR1 prints the summary on stderr"));
	return (options_take_text(p, row));
}

int
options_take_listen(struct options_parser *p, const struct options_row *row)
{
	struct options *o = p->o;
	const char *why;

	(void)row;
	if ((why = address_check(p->value)) != NULL)
		return (options_refuse_value(p, why));
	if (o->nlisten == OPTIONS_LISTEN_MAX) {
		bytes_addf(options_complain(p->message, &p->typed),
		    "one too many; at most %d addresses can be given",
		    OPTIONS_LISTEN_MAX);
		return (-1);
	}
	o->listen[o->nlisten++] = p->value;
	return (0);
}

int
options_take_upstream(struct options_parser *p, const struct options_row *row)
{
	struct address_parts parts;
	const char *why;

	(void)row;
	if ((why = address_split_upstream(p->value, &parts)) != NULL)
		return (options_refuse_value(p, why));
	p->o->upstream = p->value;
	return (0);
}

int
options_take_format(struct options_parser *p, const struct options_row *row)
{
	const struct format *format;

	(void)row;
	if ((format = format_find(p->value)) == NULL)
		return (options_refuse_value(p,
		    "unknown format; choose " FORMAT_NAMES));
	p->o->trace.format = format;
	return (0);
}

int
options_take_show(struct options_parser *p, const struct options_row *row)
{
	struct bytes *m = p->message;
	const char *bad;
	int badlen;

	(void)row;
	p->show = p->typed;
	if ((p->events = filter_parse_events(p->value, &bad, &badlen)) != 0)
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

/* What the filter's function adds to the message is the reason. */
static int
take_filter(struct options_parser *p,
    int (*add)(struct filter *, const char *, struct bytes *))
{
	size_t len = p->message->len;

	options_complain(p->message, &p->typed);
	if (add(&p->o->filter, p->value, p->message) == -1)
		return (-1);
	bytes_truncate(p->message, len);
	return (0);
}

int
options_take_client(struct options_parser *p, const struct options_row *row)
{
	(void)row;
	return (take_filter(p, filter_add_clients));
}

int
options_take_command(struct options_parser *p, const struct options_row *row)
{
	(void)row;
	if (p->events == 0)
		p->show = p->typed;
	return (take_filter(p, filter_add_commands));
}

int
options_take_key(struct options_parser *p, const struct options_row *row)
{
	(void)row;
	if (p->events == 0)
		p->show = p->typed;
	return (take_filter(p, filter_add_keys));
}

/* redis-server's, and redis-cli's. */
int
options_take_port(struct options_parser *p, const struct options_row *row)
{
	(void)row;
	bytes_addf(options_complain(p->message, &p->typed),
	    "listen there with --listen=%s", p->value);
	return (-1);
}

int
options_take_quiet(struct options_parser *p, const struct options_row *row)
{
	(void)row;
	p->o->verbose = -1;
	return (0);
}

int
options_take_verbose(struct options_parser *p, const struct options_row *row)
{
	(void)row;
	p->o->verbose = p->o->verbose < 0 ? 1 : p->o->verbose + 1;
	return (0);
}
