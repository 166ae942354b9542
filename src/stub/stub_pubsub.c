/*
 * Subscriptions: one frame for each name, which CLIENT REPLY OFF does not
 * silence.  Nothing is ever published.
 */
#include "config.h"

#include "stub/stub.h"

#include <errno.h>
#include <stdlib.h>

#include "stub/stub_call.h"

/* Channels and patterns are counted together, those of shards apart. */
static uint32_t
count(const struct session *s, enum session_channels kind)
{
	if (kind == SESSION_SHARDS)
		return (session_subscribed(s, SESSION_SHARDS));
	return (session_subscribed(s, SESSION_CHANNELS) +
	    session_subscribed(s, SESSION_PATTERNS));
}

/* A frame, which is a value by itself; name NULL: there was none. */
static void
add_frame(struct stub_call *c, const char *what, enum session_channels kind,
    const uint8_t *name, size_t len)
{
	stub_reply_push(c->reply, c->session->resp, 3);
	stub_reply_string(c->reply, what);
	if (name != NULL)
		stub_reply_bulk(c->reply, name, len);
	else
		stub_reply_null(c->reply, c->session->resp);
	stub_reply_integer(c->reply, count(c->session, kind));
	stub_end_value(c);
}

/* Returns false after an error. */
static bool
add_subscription(struct stub_call *c, enum session_channels kind,
    const struct arg *a)
{
	if (a->kept == a->size &&
	    session_subscribe(c->session, kind, a->data, a->size) == 0)
		return (true);
	if (a->kept == a->size && errno == ENOMEM)
		stub_out_of_memory(c);
	else
		stub_reply_errorf(c->reply, "ERR resptap: too many "
		    "subscriptions; the limits are %d, and %d bytes",
		    SESSION_SUBSCRIPTIONS_MAX, SESSION_SUBSCRIPTIONS_BYTES);
	return (false);
}

static void
subscribe(struct stub_call *c, const char *what, enum session_channels kind)
{
	const struct arg *a;
	uint32_t i;

	c->unmuted = true;
	for (i = 1; i < c->args->n; i++) {
		a = &c->args->v[i];
		if (!add_subscription(c, kind, a))
			return;
		add_frame(c, what, kind, a->data, a->size);
	}
}

static void
unsubscribe_all(struct stub_call *c, const char *what,
    enum session_channels kind)
{
	struct session *s = c->session;
	uint8_t *name;
	size_t len = 0;

	do {
		name = session_unsubscribe_any(s, kind, &len);
		add_frame(c, what, kind, name, len);
		free(name);
	} while (session_subscribed(s, kind) > 0);
}

static void
unsubscribe(struct stub_call *c, const char *what, enum session_channels kind)
{
	const struct arg *a;
	uint32_t i;

	c->unmuted = true;
	if (c->args->total == 1)
		unsubscribe_all(c, what, kind);
	for (i = 1; i < c->args->n; i++) {
		a = &c->args->v[i];
		if (a->kept < a->size) {
			stub_echo(c, a);
			return;
		}
		session_unsubscribe(c->session, kind, a->data, a->size);
		add_frame(c, what, kind, a->data, a->size);
	}
}

void
stub_do_subscribe(struct stub_call *c)
{
	subscribe(c, "subscribe", SESSION_CHANNELS);
}

void
stub_do_psubscribe(struct stub_call *c)
{
	subscribe(c, "psubscribe", SESSION_PATTERNS);
}

void
stub_do_ssubscribe(struct stub_call *c)
{
	if (c->in_exec)
		stub_reply_error(c->reply, "ERR SSUBSCRIBE isn't allowed for "
		    "a DENY BLOCKING client");
	else
		subscribe(c, "ssubscribe", SESSION_SHARDS);
}

void
stub_do_unsubscribe(struct stub_call *c)
{
	unsubscribe(c, "unsubscribe", SESSION_CHANNELS);
}

void
stub_do_punsubscribe(struct stub_call *c)
{
	unsubscribe(c, "punsubscribe", SESSION_PATTERNS);
}

void
stub_do_sunsubscribe(struct stub_call *c)
{
	unsubscribe(c, "sunsubscribe", SESSION_SHARDS);
}

/* PUBSUB CHANNELS [PATTERN]: other clients' are not known here. */
void
stub_do_pubsub_channels(struct stub_call *c)
{
	if (c->args->total > 3)
		stub_wrong_subcommand(c, "PUBSUB");
	else
		stub_reply_array(c->reply, 0);
}

void
stub_do_pubsub_numsub(struct stub_call *c)
{
	uint32_t i;

	stub_reply_array(c->reply, 2 * (size_t)(c->args->n - 2));
	for (i = 2; i < c->args->n; i++) {
		stub_echo(c, &c->args->v[i]);
		stub_reply_integer(c->reply, 0);
	}
}
