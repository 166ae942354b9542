/*
 * A connection that is answered here: bytes become commands, commands replies.
 *
 *   take -> request_next -> execute -> stub_answer -> send
 *     |                        |
 *     +-> held <---------------+  a reply is due later, too much is unsent, or
 *                                 others have their turn
 */
#include "config.h"

#include "conn/conn_private.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/now.h"
#include "format/monitor.h"
#include "redis/command.h"
#include "redis/redact_reply.h"

/* What is kept undecoded while a reply is awaited, in bytes. */
#define STUB_HELD_MAX (64 * 1024)
/* What a connection may do in a turn, so that no other one waits for long. */
#define STUB_TURN_COMMANDS 2048
#define STUB_TURN_REPLIES (256 * 1024)	/* bytes */

/* Replies */

static bool
wants_replies(const struct worker *w)
{
	return (trace_wants(w->trace, RECORD_BIT(RECORD_REPLY) |
	    RECORD_BIT(RECORD_PUSH)));
}

static void
record_value(struct conn *c, const struct conn_question *q,
    struct record_bytes *value, bool push, bool last)
{
	struct worker *w = c->worker;
	struct record r = { .chosen = q->chosen };

	redact_replies(trace_redact(w->trace, RECORD_BIT(RECORD_REPLY) |
	    RECORD_BIT(RECORD_PUSH)), w->stub.mode == STUB_ECHO, value->data,
	    value->len, &w->spans);
	value->secrets = w->spans.v;
	value->nsecrets = w->spans.n;
	if (push) {
		r.event = RECORD_PUSH;
		r.u.bytes = *value;
	} else {
		r.event = RECORD_REPLY;
		r.u.reply.no = q->no;
		r.u.reply.name = &q->name;
		r.u.reply.command = q->command;
		r.u.reply.key = q->key.data != NULL ? &q->key : NULL;
		r.u.reply.request_bytes = q->bytes;
		r.u.reply.last = last;
		r.u.reply.latency_us =
		    (uint64_t)(now_ns(CLOCK_MONOTONIC) - q->since) / 1000;
		r.u.reply.value = *value;
	}
	conn_trace(c, &r);
}

void
conn_stub_record_replies(struct conn *c, const struct conn_question *q,
    const uint8_t *data, const struct bytes *values, uint64_t offset)
{
	const struct stub_value *v = (void *)values->data;
	size_t n = values->len / sizeof(*v), at = 0, i;
	struct record_bytes value = { 0 };

	for (i = 0; i < n; at = v[i++].end) {
		value.data = data + at;
		value.len = v[i].end - at;
		value.offset = offset + at;
		record_value(c, q, &value, v[i].push, i + 1 == n);
	}
}

static void
send_replies(struct conn *c)
{
	struct bytes *replies = &c->worker->replies;

	if (replies->failed)
		conn_close(c, "out of memory");
	else
		conn_send(c, replies->data, replies->len);
	c->worker->turn.replied += replies->len;
	bytes_truncate(replies, 0);
}

/* Commands */

/* What a command has made of the session besides its reply. */
static void
follow_session(struct conn_stub *s, const struct record *r)
{
	struct conn *c = &s->conn;

	if (!c->session.monitor)
		conn_monitor_stop(s);
	else if (s->monitor != NULL && s->delay == NULL)
		monitor_reply(&c->worker->replies, r, c->worker->args.clip);
	else if (s->monitor == NULL && conn_monitor_start(s) != 0)
		conn_close(c, "out of memory");
}

/* What is asked, once it is known which arguments are secret. */
static void
note_question(struct conn_question *q, const struct args *args)
{
	const struct arg *key;

	q->name = args->v[0];
	q->bytes = args->bytes;
	if ((q->command = command_of(args)) != NULL &&
	    (key = command_first_key(q->command, args)) != NULL)
		q->key = *key;
}

static void
answer(struct conn_stub *s, struct args *args, struct conn_question *q,
    struct stub_outcome *outcome, const struct record *r)
{
	struct conn *c = &s->conn;
	struct worker *w = c->worker;
	struct bytes *values = wants_replies(w) ? &w->values : NULL;
	size_t from = w->replies.len;

	if (values != NULL)
		note_question(q, args);
	stub_answer(&w->stub, &c->session, args, &w->replies, values,
	    outcome);
	conn_choose(c);
	if (outcome->wait_ms > 0 || outcome->verdict == STUB_HANG) {
		if (conn_delay_reply(s, q, outcome, from) != 0)
			conn_close(c, "out of memory");
	} else if (values != NULL && !w->replies.failed) {
		conn_stub_record_replies(c, q, w->replies.data + from, values,
		    c->sent + from);
	}
	if (c->session.monitor || s->monitor != NULL)
		follow_session(s, r);
}

/* How many bytes of replies may wait for a client that does not read: one that
 * writes everything before it reads is served, as by Redis, but nothing grows
 * without end. */
static size_t
most_unread(const struct conn_stub *s)
{
	const struct worker *w = s->conn.worker;

	return (w->unread < w->settings->unread_all ?
	    w->settings->unread_each : FLOW_HIGH);
}

/* How many bytes of replies may be made before they are sent: not too many
 * wait then, and nobody waits for long. */
static void
limit_replies(struct conn_stub *s)
{
	struct turn *turn = &s->conn.worker->turn;
	size_t unsent = leg_unsent(&s->conn.client), most = most_unread(s);

	turn->most = unsent < most ? most - unsent : 0;
	most = turn->replied < STUB_TURN_REPLIES ?
	    STUB_TURN_REPLIES - turn->replied : 0;
	if (turn->most > most)
		turn->most = most;
}

/* Whether one more reply may be made. */
static bool
may_answer(const struct conn_stub *s)
{
	const struct worker *w = s->conn.worker;

	return (w->turn.commands < STUB_TURN_COMMANDS &&
	    w->replies.len < w->turn.most && w->monitored < FLOW_HIGH);
}

static void
execute(struct conn_stub *s, struct args *args)
{
	struct conn *c = &s->conn;
	struct worker *w = c->worker;
	struct stub_outcome outcome;
	struct conn_question question = { .since = w->came,
		.chosen = trace_choose_command(w->trace, args) };
	struct record r;

	question.no = ++c->commands;
	w->totals.commands++;
	w->turn.commands++;
	/* The stub must not send secrets back either: they are marked. */
	conn_record_command(c, args, question.chosen, &r);
	/* A client that has gone gets no answers, and in a hurry no more than
	 * one turn makes; what it has sent is shown all the same. */
	if (c->client.error != 0 || (c->hurry && !may_answer(s)))
		stub_answer_nobody(&w->stub, args, &outcome);
	else
		answer(s, args, &question, &outcome, &r);
	if (outcome.verdict == STUB_CLOSE && outcome.wait_ms == 0) {
		c->decoding = false;
		send_replies(c);
		conn_close(c, outcome.why != NULL ? outcome.why : "quit");
	}
}

/* The client broke a rule; Redis says so, and closes. */
static void
break_off(struct conn *c)
{
	char text[TOKENIZER_ERROR_MAX];

	conn_record_violation(c, text);
	if (c->worker->stub.mode == STUB_REDIS &&
	    stub_refuse(&c->session, text, &c->worker->replies)) {
		send_replies(c);
		conn_close(c, "protocol error");
	}
}

/* Whether commands are kept that nothing but their turn is missing to. */
static bool
has_work(const struct conn_stub *s)
{
	return (s->held != NULL && s->conn.decoding && s->delay == NULL);
}

/* Whether the next command may be executed now. */
static bool
may_go_on(const struct conn_stub *s)
{
	const struct conn *c = &s->conn;

	return (c->decoding && s->delay == NULL &&
	    (c->hurry || may_answer(s)) && !trace_full(c->worker->trace));
}

/* No memory for a command: what follows cannot be understood. */
static void
give_up(struct conn *c)
{
	conn_close(c, "out of memory");
	c->decoding = false;
}

/* Returns how many bytes were decoded. */
static size_t
decode(struct conn_stub *s, const uint8_t *data, size_t len)
{
	struct conn *c = &s->conn;
	struct args *args = &c->worker->args;
	const uint8_t *p = data, *end = data + len;
	bool more = true;

	c->worker->came = now_ns(CLOCK_MONOTONIC);
	limit_replies(s);
	while (more && may_go_on(s)) {
		switch (request_next(&c->request, args, &p, end)) {
		case REQUEST_OK:
			command_look_up(args);
			if (args->total > 0)
				execute(s, args);
			else
				stub_skip_empty(&c->session);
			request_free(&c->request);
			break;
		case REQUEST_MORE:
			more = false;
			break;
		case REQUEST_BAD:
			break_off(c);
			break;
		case REQUEST_NOMEM:
			give_up(c);
			break;
		}
	}
	send_replies(c);
	return ((size_t)(p - data));
}

/* Bytes that wait for their turn */

static void
hold(struct conn_stub *s, const uint8_t *data, size_t len)
{
	if (len == 0)
		return;
	if (s->held == NULL && (s->held = calloc(1, sizeof(*s->held))) == NULL)
		goto no_memory;
	bytes_add(s->held, data, len);
	if (!s->held->failed)
		return;
no_memory:
	give_up(&s->conn);
}

/* How many bytes may be taken now. */
static size_t
room(const struct conn_stub *s)
{
	size_t held = s->held != NULL ? s->held->len : 0;

	if (!s->conn.decoding)
		return (FLOW_CHUNK);
	return (held < STUB_HELD_MAX ? STUB_HELD_MAX - held : 0);
}

/* Records, decodes and answers what the client sent, or keeps it for later. */
static void
take(void *ctx, const uint8_t *data, size_t len)
{
	struct conn_stub *s = ctx;
	struct conn *c = &s->conn;
	size_t done = 0;

	conn_take(c, data, len);
	if (c->decoding && s->held == NULL)
		done = decode(s, data, len);
	if (c->decoding)
		hold(s, data + done, len - done);
}

/* Goes on with what was kept, as far as it may now. */
static void
resume(struct conn_stub *s)
{
	struct conn *c = &s->conn;
	struct bytes *held = s->held;
	size_t done;

	limit_replies(s);
	if (held == NULL || (c->decoding && !may_go_on(s)))
		return;
	s->held = NULL;
	done = c->decoding ? decode(s, held->data, held->len) : 0;
	if (c->decoding)
		hold(s, held->data + done, held->len - done);
	bytes_free(held);
	free(held);
}

/* The same of what is read last, before a close.  In a hurry what was held has
 * had its last turn. */
static void
take_last(void *ctx, const uint8_t *data, size_t len)
{
	struct conn_stub *s = ctx;

	if (s->conn.hurry)
		resume(s);
	if (room(s) == 0)
		s->conn.decoding = false;	/* it may hold no more */
	take(s, data, len);
}

/* The service */

/* Whether anything depends on the meaning of bytes. */
static bool
needs_decoding(const struct worker *w)
{
	return (w->stub.mode != STUB_NONE || w->stub.answers != NULL ||
	    trace_must_have(w->trace,
	    RECORD_ALL & ~(RECORD_BIT(RECORD_OPEN) | RECORD_BIT(RECORD_RECV) |
	    RECORD_BIT(RECORD_SEND))));
}

static int
open_stub(struct conn *c)
{
	c->decoding = needs_decoding(c->worker);
	return (0);
}

/* The client is not read any more until it reads: that is told once. */
static void
tell_stalled(struct conn_stub *s)
{
	struct conn *c = &s->conn;
	struct record r = { .event = RECORD_ERROR, .chosen = TRACE_CHOSEN };
	char text[128];

	if (s->stalled)
		return;
	s->stalled = true;
	c->worker->totals.stalled++;
	snprintf(text, sizeof(text), "%zu bytes of replies wait for the "
	    "client; it is not read until it reads them",
	    leg_unsent(&c->client));
	r.u.error.byte = -1;
	r.u.error.rule = "unread-replies";
	r.u.error.text = text;
	conn_trace(c, &r);
}

/* What waits for the client has changed. */
static void
count_unread(struct conn_stub *s, size_t unread)
{
	struct worker *w = s->conn.worker;

	w->unread = w->unread - s->unread + unread;
	s->unread = (uint32_t)unread;
}

/*
 * Sees to it that the connection runs again if something is left to do that
 * no event of its own tells of.  Returns whether it will.
 */
static bool
queue_up(struct conn_stub *s, enum flow_state state)
{
	struct conn *c = &s->conn;
	bool work = has_work(s) &&
	    (c->hurry || leg_unsent(&c->client) < most_unread(s));

	if (state == FLOW_TRACE_FULL || (work && trace_full(c->worker->trace)))
		conn_wait_for_trace(c);
	else if (work || state == FLOW_MORE)
		conn_run_soon(c);
	else if (state == FLOW_TAKER_FULL)
		conn_delay_watch(s);
	else if (state == FLOW_TO_FULL)
		tell_stalled(s);
	return (c->queue != NULL);
}

static enum flow_state
ask(void *ctx, size_t *size)
{
	const struct conn_stub *s = ctx;

	if ((*size = room(s)) == 0)
		return (FLOW_TAKER_FULL);
	return (conn_may_take(&s->conn));
}

static void
run_stub(struct conn *c, unsigned directions)
{
	struct conn_stub *s = conn_as_stub(c);
	struct flow flow = {
		.from = &c->client,
		.to = &c->client,
		.high = most_unread(s),
		.chunk = c->worker->chunk,
		.ask = ask,
		.take = take,
		.ctx = s,
	};

	(void)directions;
	conn_monitor_send(s);
	resume(s);
	if (c->reason == NULL)
		queue_up(s, flow_run(&flow));
	count_unread(s, leg_unsent(&c->client));
}

/* Whether something is left to do though the client sends no more: commands
 * that are kept, to be shown at least; or a reply that is due later, if the
 * client can get it. */
static bool
owes(const struct conn_stub *s)
{
	if (has_work(s))
		return (true);
	return (s->conn.client.error == 0 && s->delay != NULL &&
	    !conn_delay_is_blocked(s->delay));
}

static void
settle_stub(struct conn *c)
{
	struct conn_stub *s = conn_as_stub(c);

	if (conn_lingers(c))
		return;
	if (c->reason != NULL) {
		if (conn_drain(c, &c->client, &c->drain, take_last) &&
		    !queue_up(s, FLOW_OPEN))
			conn_end(c, c->reason, NULL);
	} else if (leg_ended(&c->client) && !owes(s)) {
		conn_end(c, conn_end_reason(&c->client), NULL);
	}
}

static bool
stub_rests(const struct conn *c)
{
	const struct conn_stub *s = conn_as_stub(c);

	return (s->delay != NULL || s->monitor != NULL ||
	    session_subscribed_all(&c->session) > 0);
}

static void
free_stub(struct conn *c)
{
	struct conn_stub *s = conn_as_stub(c);

	count_unread(s, 0);
	conn_delay_free(s);
	conn_monitor_stop(s);
	if (s->held != NULL)
		bytes_free(s->held);
	free(s->held);
}

const struct conn_service *
conn_stub(void)
{
	static const struct conn_service service = {
		.size = sizeof(struct conn_stub),
		.open = open_stub,
		.run = run_stub,
		.settle = settle_stub,
		.rests = stub_rests,
		.free = free_stub,
	};

	return (&service);
}
