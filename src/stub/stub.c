#include "config.h"

#include "stub/stub.h"

#include <stdlib.h>
#include <string.h>

struct command {
	const char *name;
	uint32_t least;		/* arguments, the name included */
	uint32_t most;		/* 0: no limit */
	enum stub_verdict (*answer)(struct session *, const struct args *,
	    struct bytes *reply);
};

static void
add_status(struct bytes *reply, const char *text)
{
	bytes_add(reply, "+", 1);
	bytes_add_string(reply, text);
	bytes_add(reply, "\r\n", 2);
}

static void
add_error(struct bytes *reply, const char *text)
{
	bytes_add(reply, "-", 1);
	bytes_add_string(reply, text);
	bytes_add(reply, "\r\n", 2);
}

/* A type byte and a number: an integer, or the head of an aggregate. */
static void
add_number(struct bytes *reply, char type, uint64_t n)
{
	bytes_add(reply, &type, 1);
	bytes_add_uint(reply, n);
	bytes_add(reply, "\r\n", 2);
}

static void
add_bulk(struct bytes *reply, const void *data, size_t len)
{
	add_number(reply, '$', len);
	bytes_add(reply, data, len);
	bytes_add(reply, "\r\n", 2);
}

static void
add_string(struct bytes *reply, const char *s)
{
	add_bulk(reply, s, strlen(s));
}

static void
add_null(struct bytes *reply, const struct session *s)
{
	bytes_add_string(reply, s->resp == 3 ? "_\r\n" : "$-1\r\n");
}

/* Sends an argument back, if it was kept whole for that. */
static void
add_arg(struct bytes *reply, const struct arg *a)
{
	if (a->kept < a->size)
		bytes_addf(reply, "-ERR resptap: an argument of %u bytes is "
		    "too long to be sent back; the limit is %d\r\n", a->size,
		    STUB_ECHO_MAX);
	else
		add_bulk(reply, a->data, a->size);
}

/* The argument as a whole number of 0 to 99999, or -1. */
static long
arg_number(const struct arg *a)
{
	char digits[6] = "";

	if (a->size == 0 || a->size >= sizeof(digits))
		return (-1);
	memcpy(digits, a->data, a->size);
	if (strspn(digits, "0123456789") != a->size)
		return (-1);
	return (strtol(digits, NULL, 10));
}

static enum stub_verdict
answer_auth(struct session *s, const struct args *args, struct bytes *reply)
{
	(void)s;
	(void)args;
	add_status(reply, "OK");	/* any password is welcome */
	return (STUB_GO);
}

static enum stub_verdict
answer_client(struct session *s, const struct args *args, struct bytes *reply)
{
	const struct arg *what = &args->v[1];

	if (arg_is(what, "id") && args->total == 2) {
		add_number(reply, ':', s->id);
	} else if (arg_is(what, "getname") && args->total == 2) {
		if (s->name != NULL)
			add_string(reply, s->name);
		else
			add_null(reply, s);
	} else if (arg_is(what, "setname") && args->total == 3 &&
	    session_set_name(s, args->v[2].data, args->v[2].kept) != 0) {
		add_error(reply, "ERR Client names cannot contain spaces, "
		    "newlines or special characters.");
	} else {
		add_status(reply, "OK");
	}
	return (STUB_GO);
}

static enum stub_verdict
answer_command(struct session *s, const struct args *args,
    struct bytes *reply)
{
	(void)s;
	(void)args;
	add_number(reply, '*', 0);
	return (STUB_GO);
}

static enum stub_verdict
answer_echo(struct session *s, const struct args *args, struct bytes *reply)
{
	(void)s;
	add_arg(reply, &args->v[1]);
	return (STUB_GO);
}

/* HELLO's options: AUTH takes two words, SETNAME one.  They are all looked at
 * before the first has an effect. */
static bool
hello_options(struct session *s, const struct args *args,
    struct bytes *reply)
{
	const struct arg *name = NULL;
	uint32_t i, left;

	for (i = 2; i < args->n; i++) {
		left = args->n - i - 1;
		if (arg_is(&args->v[i], "auth") && left >= 2) {
			i += 2;
		} else if (arg_is(&args->v[i], "setname") && left >= 1) {
			name = &args->v[++i];
		} else {
			add_error(reply, "ERR Syntax error in HELLO option");
			return (false);
		}
	}
	if (name != NULL && session_set_name(s, name->data, name->kept) != 0) {
		add_error(reply, "ERR Client names cannot contain spaces, "
		    "newlines or special characters.");
		return (false);
	}
	return (true);
}

static enum stub_verdict
answer_hello(struct session *s, const struct args *args, struct bytes *reply)
{
	long version = s->resp;

	if (args->total > 1) {
		version = arg_number(&args->v[1]);
		if (version < 0) {
			add_error(reply, "ERR Protocol version is not an "
			    "integer or out of range");
			return (STUB_GO);
		}
		if (version != 2 && version != 3) {
			add_error(reply, "NOPROTO unsupported protocol "
			    "version");
			return (STUB_GO);
		}
		if (!hello_options(s, args, reply))
			return (STUB_GO);
	}
	s->resp = (uint8_t)version;
	if (s->resp == 3)
		add_number(reply, '%', 7);
	else
		add_number(reply, '*', 14);
	add_string(reply, "server");
	add_string(reply, "redis");
	add_string(reply, "version");
	add_string(reply, "7.0.15");
	add_string(reply, "proto");
	add_number(reply, ':', s->resp);
	add_string(reply, "id");
	add_number(reply, ':', s->id);
	add_string(reply, "mode");
	add_string(reply, "standalone");
	add_string(reply, "role");
	add_string(reply, "master");
	add_string(reply, "modules");
	add_number(reply, '*', 0);
	return (STUB_GO);
}

static enum stub_verdict
answer_ping(struct session *s, const struct args *args, struct bytes *reply)
{
	(void)s;
	if (args->total == 1)
		add_status(reply, "PONG");
	else
		add_arg(reply, &args->v[1]);
	return (STUB_GO);
}

static enum stub_verdict
answer_quit(struct session *s, const struct args *args, struct bytes *reply)
{
	(void)s;
	(void)args;
	add_status(reply, "OK");
	return (STUB_CLOSE);
}

static enum stub_verdict
answer_select(struct session *s, const struct args *args, struct bytes *reply)
{
	long db = arg_number(&args->v[1]);

	if (db < 0) {
		add_error(reply, "ERR value is not an integer or out of "
		    "range");
	} else {
		s->db = (uint32_t)db;
		add_status(reply, "OK");
	}
	return (STUB_GO);
}

static const struct command commands[] = {
	{ "auth", 2, 3, answer_auth },
	{ "client", 2, 0, answer_client },
	{ "command", 1, 0, answer_command },
	{ "echo", 2, 2, answer_echo },
	{ "hello", 1, 0, answer_hello },
	{ "ping", 1, 2, answer_ping },
	{ "quit", 1, 0, answer_quit },
	{ "select", 2, 2, answer_select },
};

static enum stub_verdict
answer_as_redis(struct session *s, const struct args *args,
    struct bytes *reply)
{
	const struct command *c;
	size_t i;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		c = &commands[i];
		if (!arg_is(&args->v[0], c->name))
			continue;
		if (args->total >= c->least &&
		    (c->most == 0 || args->total <= c->most))
			return (c->answer(s, args, reply));
		bytes_addf(reply, "-ERR wrong number of arguments for '%s' "
		    "command\r\n", c->name);
		return (STUB_GO);
	}
	add_status(reply, "OK");
	return (STUB_GO);
}

static void
answer_with_itself(const struct args *args, struct bytes *reply)
{
	uint32_t i;

	for (i = 0; i < args->n && args->v[i].kept == args->v[i].size; i++)
		;
	if (i < args->total) {
		bytes_addf(reply, "-ERR resptap: the command is too long to be "
		    "sent back; the limit is %d bytes\r\n", STUB_ECHO_MAX);
		return;
	}
	add_number(reply, '*', args->total);
	for (i = 0; i < args->total; i++)
		add_bulk(reply, args->v[i].data, args->v[i].size);
}

enum stub_verdict
stub_answer(enum stub_mode mode, struct session *s, const struct args *args,
    struct bytes *reply)
{
	switch (mode) {
	case STUB_REDIS:
		return (answer_as_redis(s, args, reply));
	case STUB_OK:
		add_status(reply, "OK");
		break;
	case STUB_ECHO:
		answer_with_itself(args, reply);
		break;
	case STUB_NONE:
		break;
	}
	return (STUB_GO);
}

void
stub_refuse(const char *text, struct bytes *reply)
{
	bytes_add_string(reply, "-ERR ");
	bytes_add_string(reply, text);
	bytes_add(reply, "\r\n", 2);
}

static size_t
keep_sent_back(const struct arg *name)
{
	if (name != NULL && (arg_is(name, "echo") || arg_is(name, "ping")))
		return (STUB_ECHO_MAX);
	return (0);
}

static size_t
keep_all(const struct arg *name)
{
	(void)name;
	return (STUB_ECHO_MAX);
}

args_keep_fn
stub_keep(enum stub_mode mode)
{
	switch (mode) {
	case STUB_REDIS:
		return (keep_sent_back);
	case STUB_ECHO:
		return (keep_all);
	default:
		return (NULL);
	}
}
