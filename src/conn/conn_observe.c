/*
 * What a relay understands of the bytes that it passes on: commands, and which
 * reply answers which.
 *
 *   client's bytes ---> request_next() -> cmd record, pair_request()
 *   server's bytes ---> pair_feed() -> send record, then reply, push, error
 *
 * Nothing here decides what is forwarded: that has happened already.
 */
#include "config.h"

#include "conn/conn_private.h"

#include "base/now.h"
#include "redis/command.h"

/* What may wait for replies, in bytes of the pair's: what one more read of the
 * shortest commands brings must fit too. */
#define OBSERVE_WAITING (PAIR_QUEUE_MAX / 4)

/* Whether anything depends on the meaning of bytes: records, or where secrets
 * stand in replies. */
static bool
needs_observing(const struct worker *w)
{
	bool hides = trace_redact(w->trace, RECORD_BIT(RECORD_SEND) |
	    RECORD_BIT(RECORD_EDIT)) != REDACT_NONE;

	return (trace_wants(w->trace, RECORD_BIT(RECORD_CMD) |
	    RECORD_BIT(RECORD_REPLY) | RECORD_BIT(RECORD_PUSH) |
	    RECORD_BIT(RECORD_ERROR)) ||
	    hides);
}

void
conn_observe_begin(struct conn *c)
{
	struct conn_relay *r = conn_as_relay(c);

	pair_init(&r->pair, &c->session, &c->worker->pairing);
	c->decoding = r->observed = needs_observing(c->worker);
}

void
conn_observe_end(struct conn *c)
{
	pair_free(&conn_as_relay(c)->pair);
}

bool
conn_observe_listens(const struct conn *c)
{
	return (pair_listens(&conn_as_relay(c)->pair));
}

bool
conn_observe_waits(const struct conn *c)
{
	return (pair_waiting(&conn_as_relay(c)->pair) > 0);
}

bool
conn_observe_lags(const struct conn *c)
{
	return (pair_waiting(&conn_as_relay(c)->pair) >= OBSERVE_WAITING);
}

void
conn_observe_time(struct conn *c)
{
	if (conn_as_relay(c)->observed)
		c->worker->came = now_ns(CLOCK_MONOTONIC);
}

/* Requests */

static void
observe_command(struct conn *c, struct args *args)
{
	struct worker *w = c->worker;
	struct pair_question question = {
		.no = ++c->commands,
		.since = w->came,
		.bytes = args->bytes,
		.chosen = (uint8_t)trace_choose_command(w->trace, args),
	};
	struct record r;

	w->totals.commands++;
	conn_record_command(c, args, question.chosen, &r);
	pair_request(&conn_as_relay(c)->pair, args, &question);
	conn_choose(c);
}

static void
observe_violation(struct conn *c)
{
	char text[TOKENIZER_ERROR_MAX];

	conn_record_violation(c, text);
	pair_break(&conn_as_relay(c)->pair);
}

void
conn_observe_requests(struct conn *c, const uint8_t *data, size_t len)
{
	static const struct pair_question empty;
	struct pair *pair = &conn_as_relay(c)->pair;
	struct args *args = &c->worker->args;
	const uint8_t *p = data, *end = data + len;

	while (c->decoding) {
		switch (request_next(&c->request, args, &p, end)) {
		case REQUEST_OK:
			command_look_up(args);
			if (args->total > 0)
				observe_command(c, args);
			else
				pair_request(pair, args, &empty);
			request_free(&c->request);
			break;
		case REQUEST_MORE:
			return;
		case REQUEST_BAD:
			observe_violation(c);
			break;
		case REQUEST_NOMEM:
			conn_close(c, "out of memory");
			c->decoding = false;
			break;
		}
	}
}

/* Replies */

static struct record_bytes
value_of(const struct pair_value *v)
{
	return ((struct record_bytes){
		.data = v->data,
		.len = v->len,
		.offset = v->offset,
		.secrets = v->secrets,
		.nsecrets = v->nsecrets,
		.gaps = v->gaps,
		.ngaps = v->ngaps,
		.left_out = v->left_out,
	});
}

/* It is filled in member by member: to clear it first would cost as much. */
static void
record_reply(struct conn *c, const struct pair_answer *a)
{
	const struct pair_question *q = &a->question;
	struct record r;

	r.event = RECORD_REPLY;
	r.u.reply.value = value_of(&a->value);
	if (a->kind == PAIR_REPLY) {
		r.chosen = q->chosen;
		r.u.reply.no = q->no;
		r.u.reply.name = &q->name;
		r.u.reply.latency_us =
		    (uint64_t)(c->worker->came - q->since) / 1000;
		r.u.reply.command = q->command;
		r.u.reply.key = q->key.data != NULL ? &q->key : NULL;
		r.u.reply.request_bytes = q->bytes;
		r.u.reply.last = a->last;
	} else {
		r.chosen = TRACE_CHOSEN;
		r.u.reply.no = 0;
		r.u.reply.name = NULL;
		r.u.reply.latency_us = 0;
		r.u.reply.command = NULL;
		r.u.reply.key = NULL;
		r.u.reply.request_bytes = 0;
		r.u.reply.last = false;
	}
	conn_trace(c, &r);
}

static void
record_answer(struct conn *c, const struct pair_answer *a)
{
	struct record r;

	switch (a->kind) {
	case PAIR_REPLY:
	case PAIR_UNPAIRED:
		record_reply(c, a);
		break;
	case PAIR_PUSH:
		r = (struct record){ .event = RECORD_PUSH,
			.chosen = TRACE_CHOSEN };
		r.u.bytes = value_of(&a->value);
		conn_trace(c, &r);
		break;
	case PAIR_ERROR:
		r = (struct record){ .event = RECORD_ERROR,
			.chosen = TRACE_CHOSEN };
		r.u.error.offset = a->error.offset;
		r.u.error.byte = a->error.byte;
		r.u.error.rule = a->error.rule;
		r.u.error.text = a->error.text;
		conn_trace(c, &r);
		break;
	}
}

/* What went is recorded, with what it took the place of. */
static void
record_sent(struct conn *c, const uint8_t *data, size_t len,
    const struct edit_result *edited, const struct spans *secrets)
{
	struct worker *w = c->worker;

	if (edited == NULL) {
		conn_record_sent(c, data, len, secrets);
		return;
	}
	conn_record_edits(c, EDIT_REPLIES, edited, secrets);
	conn_edit_spans(edited, secrets, &w->spans);
	conn_record_sent(c, edited->went, edited->nwent, &w->spans);
}

void
conn_observe_replies(struct conn *c, const uint8_t *data, size_t len,
    const struct edit_result *edited)
{
	struct worker *w = c->worker;
	struct pair_scratch *scratch = &w->scratch;
	size_t i;

	if (!conn_as_relay(c)->observed) {
		record_sent(c, data, len, edited, &w->no_spans);
		return;
	}
	pair_feed(&conn_as_relay(c)->pair, scratch, data, len);
	record_sent(c, data, len, edited, &scratch->spans);
	for (i = 0; i < scratch->nanswers; i++)
		record_answer(c, &scratch->answers[i]);
	pair_fed(&conn_as_relay(c)->pair, scratch);
	conn_choose(c);
}
