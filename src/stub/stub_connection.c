/*
 * What a connection is made of: HELLO, AUTH, SELECT, PING, ECHO, QUIT, RESET.
 */
#include "config.h"

#include "stub/stub.h"

#include "stub/stub_call.h"

#define STUB_DATABASES 16

/*
 * Any password is welcome: there is nothing to be kept from anybody, and a
 * client that was given one is to get on.
 */
void
stub_do_auth(struct stub_call *c)
{
	if (c->args->total > 3)
		stub_syntax_error(c);
	else
		stub_ok(c);
}

void
stub_do_echo(struct stub_call *c)
{
	stub_echo(c, &c->args->v[1]);
}

/* The version that HELLO asks for. */
static bool
hello_version(struct stub_call *c, uint8_t *version)
{
	int64_t n;

	*version = c->session->resp;
	if (c->args->total == 1)
		return (true);
	if (!stub_integer(&c->args->v[1], &n)) {
		stub_reply_error(c->reply, "ERR Protocol version is not an "
		    "integer or out of range");
		return (false);
	}
	if (n != 2 && n != 3) {
		stub_reply_error(c->reply, "NOPROTO unsupported protocol "
		    "version");
		return (false);
	}
	*version = (uint8_t)n;
	return (true);
}

/* HELLO's options: AUTH takes two words, SETNAME one, which Redis sets at once,
 * whatever comes behind it. */
static bool
hello_options(struct stub_call *c)
{
	const struct args *args = c->args;
	const struct arg *a;
	uint32_t i, left;

	for (i = 2; i < args->n; i++) {
		a = &args->v[i];
		left = args->total - i - 1;
		if (arg_is(a, "auth") && left >= 2) {
			i += 2;
		} else if (arg_is(a, "setname") && left >= 1) {
			if (!stub_set_name(c, &args->v[++i]))
				return (false);
		} else {
			stub_reply_errorf(c->reply, "ERR Syntax error in HELLO "
			    "option '%.*s'", STUB_TEXT(a));
			return (false);
		}
	}
	return (true);
}

void
stub_do_hello(struct stub_call *c)
{
	struct bytes *reply = c->reply;
	uint8_t version;

	if (!hello_version(c, &version) || !hello_options(c))
		return;
	c->session->resp = version;
	stub_reply_map(reply, version, 7);
	stub_reply_string(reply, "server");
	stub_reply_string(reply, compat_server(c->stub->compat));
	stub_reply_string(reply, "version");
	stub_reply_string(reply, compat_version(c->stub->compat));
	stub_reply_string(reply, "proto");
	stub_reply_integer(reply, version);
	stub_reply_string(reply, "id");
	stub_reply_integer(reply, (int64_t)c->session->id);
	stub_reply_string(reply, "mode");
	stub_reply_string(reply, "standalone");
	stub_reply_string(reply, "role");
	stub_reply_string(reply, "master");
	stub_reply_string(reply, "modules");
	stub_reply_array(reply, 0);
}

void
stub_do_ping(struct stub_call *c)
{
	const struct session *s = c->session;

	if (c->args->total > 2) {
		stub_reply_error(c->reply, "ERR wrong number of arguments for "
		    "'ping' command");
		return;
	}
	if (s->resp == 2 && session_subscribed_all(s) > 0) {
		stub_reply_array(c->reply, 2);
		stub_reply_string(c->reply, "pong");
		if (c->args->total == 1)
			stub_reply_string(c->reply, "");
	} else if (c->args->total == 1) {
		stub_reply_status(c->reply, "PONG");
	}
	if (c->args->total == 2)
		stub_echo(c, &c->args->v[1]);
}

void
stub_do_quit(struct stub_call *c)
{
	stub_ok(c);
	c->outcome->verdict = STUB_CLOSE;
}

void
stub_do_reset(struct stub_call *c)
{
	session_reset(c->session);
	stub_reply_status(c->reply, "RESET");
}

void
stub_do_select(struct stub_call *c)
{
	int64_t db;

	if (!stub_want_integer(c, &c->args->v[1], &db))
		return;
	if (db < INT32_MIN || db > INT32_MAX) {
		stub_reply_errorf(c->reply, "ERR value is out of range, value "
		    "must between %d and %d", INT32_MIN, INT32_MAX);
	} else if (db < 0 || db >= STUB_DATABASES) {
		stub_reply_error(c->reply, "ERR DB index is out of range");
	} else {
		c->session->db = (uint32_t)db;
		stub_ok(c);
	}
}
