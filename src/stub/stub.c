/*
 * Which command it is, and whether it may run now: the checks in the order in
 * which Redis makes them.
 */
#include "config.h"

#include "stub/stub.h"

#include <stdio.h>
#include <string.h>

#include "stub/answers.h"
#include "stub/stub_call.h"

void
stub_run_kind(struct stub_call *c)
{
	enum command_reply kind = command_reply(c->command, c->args);

	stub_reply_kind(c->reply, c->session->resp, kind,
	    command_elements(kind, c->args));
}

void
stub_run(struct stub_call *c)
{
	const struct stub_row *row = stub_row(c->command);

	if (row == NULL)
		stub_run_kind(c);
	else if (!stub_row_fits(row, c->args))
		stub_reply_error(c->reply, "ERR " STUB_TOO_LONG);
	else
		row->answer(c);
}

/*
 * The checks.
 */

static void
reject_unknown(struct stub_call *c)
{
	const struct args *args = c->args;
	char text[STUB_SHOWN * 2] = "";
	size_t len = 0;
	uint32_t i;
	int most;

	for (i = 1; i < args->n && len < STUB_SHOWN; i++) {
		most = STUB_SHOWN - (int)len;
		if ((uint32_t)most > args->v[i].kept)
			most = (int)args->v[i].kept;
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "'%.*s' ", args->v[i].secret ? STUB_SHOWN : most,
		    args->v[i].secret ? STUB_REDACTED :
		    (const char *)args->v[i].data);
	}
	stub_reject(c, "unknown command '%.*s', with args beginning with: %s",
	    STUB_TEXT(&args->v[0]), text);
}

/* NULL if the server that we play does not have it. */
static const struct command *
here(const struct stub_call *c, const struct command *command)
{
	return (command != NULL && compat_has(c->stub->compat, command) ?
	    command : NULL);
}

/* Finds the command, or rejects it. */
static bool
find_command(struct stub_call *c)
{
	const struct args *args = c->args;
	const struct command *found = here(c, args->command);
	char upper[32];
	size_t i;

	if (found == NULL) {
		reject_unknown(c);
		return (false);
	}
	if ((found->flags & COMMAND_CONTAINER) && args->total > 1) {
		c->command = here(c, args->sub);
		if (c->command == NULL) {
			for (i = 0; found->name[i] != '\0'; i++)
				upper[i] = found->name[i] & ~('a' - 'A');
			upper[i] = '\0';
			stub_reject(c, "unknown subcommand '%.*s'. Try %s "
			    "HELP.", STUB_TEXT(&args->v[1]), upper);
			return (false);
		}
	} else {
		c->command = found;
	}
	if (compat_arity_ok(c->stub->compat, c->command, args->total))
		return (true);
	stub_reject(c, "wrong number of arguments for '%s' command",
	    c->command->name);
	return (false);
}

/* DEBUG and MODULE are off in a Redis without a configuration. */
static bool
is_protected(const struct command *command)
{
	if (*command->name != 'd' && *command->name != 'm')
		return (false);
	return (strcmp(command->name, "debug") == 0 ||
	    strncmp(command->name, "module|load", 11) == 0 ||
	    strcmp(command->name, "module|unload") == 0);
}

/* Whether Redis counts it among those that read or write data. */
static bool
uses_keyspace(const struct command *command)
{
	static const char *const names[] = { "dbsize", "flushall", "flushdb",
	    "keys", "publish", "randomkey", "scan", "swapdb" };
	size_t i;

	if (command->first_key > 0 || (command->flags & COMMAND_MOVABLE_KEYS))
		return (!(command->flags & COMMAND_IN_SUBSCRIBED) &&
		    strcmp(command->name, "watch") != 0);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(command->name, names[i]) == 0)
			return (true);
	return (false);
}

/* Whether the session's state lets the command run, or be queued. */
static bool
may_run(struct stub_call *c)
{
	const struct command *command = c->command;
	const struct session *s = c->session;
	const char *name = command->name[0] == 'd' ? "DEBUG" : "MODULE";

	if (is_protected(command)) {
		stub_reject(c, "%s command not allowed. If the enable-%s-"
		    "command option is set to \"local\", you can run it from "
		    "a local connection, otherwise you need to set this "
		    "option in the configuration file, and then restart the "
		    "server.", name, name[0] == 'D' ? "debug" : "module");
		return (false);
	}
	if (s->multi != NULL && (command->flags & COMMAND_NO_MULTI)) {
		stub_reject(c, "Command not allowed inside a transaction");
		return (false);
	}
	/* A client that monitors is to Redis a kind of replica. */
	if (s->monitor && uses_keyspace(command)) {
		stub_reject(c, "Replica can't interact with the keyspace");
		return (false);
	}
	if (s->resp == 2 && session_subscribed_all(s) > 0 &&
	    !(command->flags & COMMAND_IN_SUBSCRIBED)) {
		stub_reject(c, "Can't execute '%s': only (P|S)SUBSCRIBE / "
		    "(P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in "
		    "this context", command->name);
		return (false);
	}
	return (true);
}

/* What is executed inside MULTI too. */
static bool
is_never_queued(const struct arg *name)
{
	static const char *const names[] = { "discard", "exec", "multi",
	    "quit", "reset", "watch" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (arg_is(name, names[i]))
			return (true);
	return (false);
}

/* A reply that the user has scripted goes before all that we know. */
static bool
answer_scripted(struct stub_call *c)
{
	struct stub_outcome outcome = { .verdict = STUB_GO };
	struct bytes reply = { 0 };
	bool found;

	if (c->stub->answers == NULL)
		return (false);
	if (c->session->multi == NULL || is_never_queued(&c->args->v[0]))
		return (answers_find(c->stub->answers, c->args,
		    c->session->resp, c->reply, c->values, c->outcome));
	found = answers_find(c->stub->answers, c->args, c->session->resp,
	    &reply, NULL, &outcome);
	if (found)
		stub_queue_reply(c, &reply, &outcome);
	bytes_free(&reply);
	return (found);
}

static void
dispatch(struct stub_call *c)
{
	if (answer_scripted(c) || !find_command(c) || !may_run(c))
		return;
	stub_wait_for_pause(c);
	if (c->session->multi != NULL && !is_never_queued(&c->args->v[0]))
		stub_queue(c);
	else
		stub_run(c);
}

/* Redis sees a browser, or another attack by HTTP, and closes. */
static bool
is_http(const struct args *args)
{
	return (args->command == NULL && (arg_is(&args->v[0], "post") ||
	    arg_is(&args->v[0], "host:")));
}

static void
answer_as_redis(struct stub_call *c)
{
	if (is_http(c->args)) {
		c->outcome->verdict = STUB_CLOSE;
		c->outcome->why = "http";
		return;
	}
	dispatch(c);
	if (session_muted(c->session)) {
		if (!c->unmuted && !c->reply->failed)
			bytes_truncate(c->reply, c->from);
		/* Redis closes after a reply is sent.  None is, so it neither
		 * closes nor goes on. */
		if (c->outcome->verdict == STUB_CLOSE)
			c->outcome->verdict = STUB_HANG;
	}
	if ((c->session->tracking & SESSION_TRACKING_CACHING) &&
	    c->session->multi == NULL && (c->command == NULL ||
	    strncmp(c->command->name, "client|", 7) != 0))
		c->session->tracking &= (uint8_t)~SESSION_TRACKING_CACHING;
	session_command_done(c->session);
}

/*
 * The other modes.
 */

static void
answer_with_itself(const struct args *args, struct bytes *reply)
{
	size_t bytes = 0;
	uint32_t i;

	for (i = 0; i < args->n && args->v[i].kept == args->v[i].size; i++)
		bytes += args->v[i].size;
	if (i < args->total || bytes > STUB_ECHO_MAX) {
		stub_reply_errorf(reply, "ERR resptap: the command is too long "
		    "to be sent back; the limit is %d bytes", STUB_ECHO_MAX);
		return;
	}
	stub_reply_array(reply, args->total);
	for (i = 0; i < args->total; i++)
		stub_reply_bulk(reply, args->v[i].data, args->v[i].size);
}

static void
answer(struct stub_call *c)
{
	if (c->stub->mode != STUB_REDIS && answers_find(c->stub->answers,
	    c->args, c->session->resp, c->reply, c->values, c->outcome))
		return;
	switch (c->stub->mode) {
	case STUB_REDIS:
		answer_as_redis(c);
		break;
	case STUB_OK:
		stub_ok(c);
		break;
	case STUB_ECHO:
		answer_with_itself(c->args, c->reply);
		break;
	case STUB_NONE:
		break;
	}
}

/* Where the last value ends nobody has to say; and those of a reply that has
 * been taken back are none. */
static void
complete_values(struct stub_call *c)
{
	size_t len = c->reply->len - c->from, ends = 0;
	const struct stub_value *v;

	if (len == 0)
		bytes_truncate(c->values, 0);
	if (c->values->len > 0) {
		v = (void *)(c->values->data + c->values->len - sizeof(*v));
		ends = v->end;
	}
	if (ends < len)
		stub_value_add(c->values, len, false);
	c->reply->failed |= c->values->failed;
}

void
stub_answer(const struct stub *stub, struct session *s,
    const struct args *args, struct bytes *reply, struct bytes *values,
    struct stub_outcome *outcome)
{
	struct stub_call c = { .stub = stub, .session = s, .args = args,
	    .reply = reply, .from = reply->len, .values = values,
	    .outcome = outcome };

	*outcome = (struct stub_outcome){ .verdict = STUB_GO };
	if (values != NULL)
		bytes_truncate(values, 0);
	answer(&c);
	if (values != NULL)
		complete_values(&c);
}

void
stub_answer_nobody(const struct stub *stub, const struct args *args,
    struct stub_outcome *outcome)
{
	bool quits = stub->mode == STUB_REDIS && arg_is(&args->v[0], "quit");

	*outcome = (struct stub_outcome){ .verdict = quits ? STUB_CLOSE :
		STUB_GO };
}

void
stub_skip_empty(struct session *s)
{
	session_command_done(s);
}

bool
stub_refuse(struct session *s, const char *text, struct bytes *reply)
{
	if (session_muted(s))
		return (false);
	stub_reply_errorf(reply, "ERR %s", text);
	return (true);
}

/* What is sent back, as the names of channels are, and what is hashed. */
static size_t
keep_needed(const struct arg *name)
{
	static const char *const names[] = { "echo", "ping", "subscribe",
	    "psubscribe", "ssubscribe", "unsubscribe", "punsubscribe",
	    "sunsubscribe", "pubsub", "eval", "eval_ro", "script",
	    "function" };
	size_t i;

	for (i = 0; name != NULL && i < sizeof(names) / sizeof(names[0]); i++)
		if (arg_is(name, names[i]))
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
		return (keep_needed);
	case STUB_ECHO:
		return (keep_all);
	default:
		return (NULL);
	}
}
