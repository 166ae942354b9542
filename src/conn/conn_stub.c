/*
 * The stub's part of a connection: bytes become commands, commands replies.
 *
 *   take -> request_next -> execute -> stub_answer -> send
 *     |                        |
 *     +-> held <---------------+  a reply is due later, or too much is unsent
 */
#include "config.h"

#include "conn/conn_private.h"

#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/now.h"
#include "conn/mailbox.h"
#include "format/monitor.h"
#include "redis/command.h"
#include "redis/redact_reply.h"

/* What is kept undecoded while a reply is awaited, in bytes. */
#define CONN_HELD_MAX (64 * 1024)
/* How often it is looked whether a client who cannot be read is gone, in
 * seconds. */
#define CONN_WATCH 1
/* What is read at a time, in bytes, if nothing is decoded, but a format makes
 * up to four bytes of one. */
#define CONN_UNDECODED_MAX (256 * 1024)
/* What of a command's name a delayed reply record shows, and of its key. */
#define CONN_NAME_MAX 64

/* What a reply answers. */
struct question {
	uint64_t no;		/* the command's */
	uint64_t bytes;		/* that it took */
	const struct command *command;	/* its row; NULL: unknown */
	struct arg name;
	struct arg key;		/* its first; data is NULL: none */
	int64_t since;	/* when it came; monotonic nanoseconds */
	bool hidden;		/* --command or --key did not choose it */
};

/* A reply that is due later; until then no command is executed. */
struct conn_delay {
	struct event *timer;
	struct event *watch;	/* for the client's end; NULL: by reading */
	struct question question;
	struct bytes reply;
	struct bytes values;	/* of it; none: nobody asked for them */
	enum stub_verdict verdict;
	const char *why;
	uint64_t wait_ms;
	bool blocked;		/* the client's end ends it */
	uint8_t name[CONN_NAME_MAX];
	uint8_t key[CONN_NAME_MAX];
};

/* MONITOR: the commands of all others, as they come. */
struct conn_monitor {
	struct trace_sink sink;
	struct conn *conn;
	struct bytes lines;	/* not sent yet */
	LIST_ENTRY(conn_monitor) link;	/* in the worker's monitors */
};

/* Replies */

static bool
wants_replies(const struct worker *w)
{
	return (trace_wants(w->trace, RECORD_BIT(RECORD_REPLY) |
	    RECORD_BIT(RECORD_PUSH)));
}

static void
record_value(struct conn *c, const struct question *q,
    struct record_bytes *value, bool push, bool last)
{
	struct worker *w = c->worker;
	struct record r = { .hidden = q->hidden };

	redact_replies(w->options->redact, w->stub.mode == STUB_ECHO,
	    value->data, value->len, &w->spans);
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

/* Each of the values that answer a command; there may be several.  The first
 * will stand at that offset of what is sent. */
static void
record_replies(struct conn *c, const struct question *q, const uint8_t *data,
    const struct bytes *values, uint64_t offset)
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
	bytes_truncate(replies, 0);
}

/* Delays */

static void
delay_free(struct conn *c)
{
	if (c->delay == NULL)
		return;
	event_free(c->delay->timer);
	if (c->delay->watch != NULL)
		event_free(c->delay->watch);
	bytes_free(&c->delay->reply);
	bytes_free(&c->delay->values);
	free(c->delay);
	c->delay = NULL;
}

/* What is left of it, in milliseconds. */
static uint64_t
delay_left(const struct conn_delay *d)
{
	uint64_t gone = (uint64_t)(now_ns(CLOCK_MONOTONIC) -
	    d->question.since) / 1000000;

	return (gone < d->wait_ms ? d->wait_ms - gone : 0);
}

static void
delay_wait(struct conn_delay *d)
{
	uint64_t ms = delay_left(d);
	struct timeval tv = {
		.tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000 * 1000),
	};

	event_add(d->timer, &tv);
}

static void
on_delay_end(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	struct conn_delay *d = c->delay;
	enum stub_verdict verdict = d->verdict;
	const char *why = d->why;

	(void)fd;
	(void)what;
	if (c->ended)
		return;
	/* libevent's clock has ticks of some milliseconds: it may be early. */
	if (delay_left(d) > 0) {
		delay_wait(d);
		return;
	}
	if (d->reply.len > 0 && c->reason == NULL) {
		record_replies(c, &d->question, d->reply.data, &d->values,
		    c->sent);
		conn_send(c, d->reply.data, d->reply.len);
	}
	delay_free(c);
	if (verdict == STUB_CLOSE)
		conn_close(c, why != NULL ? why : "quit");
	conn_run(c, CONN_UP);
}

/* A copy that outlives the chunk. */
static void
keep_arg(struct arg *a, uint8_t data[CONN_NAME_MAX])
{
	if (a->data == NULL)
		return;
	if (a->kept > CONN_NAME_MAX)
		a->kept = CONN_NAME_MAX;
	memcpy(data, a->data, a->kept);
	a->data = data;
}

/* Keeps the reply back; without memory for that the connection ends. */
static void
delay_reply(struct conn *c, const struct question *q,
    const struct stub_outcome *outcome, size_t from)
{
	struct worker *w = c->worker;
	struct conn_delay *d;

	if ((d = calloc(1, sizeof(*d))) == NULL ||
	    (d->timer = evtimer_new(w->base, on_delay_end, c)) == NULL) {
		free(d);
		conn_close(c, "out of memory");
		return;
	}
	c->delay = d;
	d->verdict = outcome->verdict;
	d->why = outcome->why;
	d->wait_ms = outcome->wait_ms;
	d->blocked = outcome->blocked || outcome->verdict == STUB_HANG;
	d->question = *q;
	keep_arg(&d->question.name, d->name);
	keep_arg(&d->question.key, d->key);
	bytes_add(&d->reply, w->replies.data + from, w->replies.len - from);
	bytes_truncate(&w->replies, from);
	bytes_add(&d->values, w->values.data, w->values.len);
	if (d->reply.failed || d->values.failed) {
		delay_free(c);
		conn_close(c, "out of memory");
	} else if (outcome->verdict != STUB_HANG) {
		delay_wait(d);
	}
}

/* A client that is gone waits for nothing: what it sent is only read now. */
static void
on_watch(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;

	(void)fd;
	(void)what;
	if (c->ended || !leg_peer_is_gone(&c->client))
		return;
	c->decoding = false;
	delay_free(c);
	conn_run(c, CONN_UP);
}

/*
 * Not by EV_CLOSED: libevent reports a reset as EV_READ and EV_WRITE, so an
 * event for EV_CLOSED alone would never run while epoll woke the loop for it
 * again and again.
 */
void
conn_stub_watch(struct conn *c)
{
	struct timeval interval = { .tv_sec = CONN_WATCH };
	struct conn_delay *d = c->delay;

	if (d == NULL || !d->blocked || d->watch != NULL)
		return;
	d->watch = event_new(c->worker->base, -1, EV_PERSIST, on_watch, c);
	if (d->watch != NULL)
		event_add(d->watch, &interval);
}

/* MONITOR */

/* Lines are gathered and sent in the next turn of the loop: one for each
 * command and monitor would hold up the one whose command it is. */
static void
on_monitored(struct trace_sink *sink, const struct record *r)
{
	struct conn_monitor *m = (struct conn_monitor *)sink;
	struct conn *c = m->conn;
	size_t before = m->lines.len;

	/* Its own commands follow their replies; see execute(). */
	if (r->conn == c->session.id || c->reason != NULL || c->ended)
		return;
	monitor_reply(&m->lines, r, c->worker->args.clip);
	c->worker->monitored += m->lines.len - before;
	conn_run_soon(c);
}

void
conn_take_mail(struct worker *w)
{
	struct conn_monitor *m;
	struct bytes lines = { 0 };

	mailbox_take(w->mailbox, &lines);
	LIST_FOREACH (m, &w->monitors, link) {
		if (m->conn->reason != NULL || m->conn->ended)
			continue;
		bytes_add(&m->lines, lines.data, lines.len);
		m->lines.failed |= lines.failed;
		conn_run_soon(m->conn);
	}
	bytes_free(&lines);
	/* There may be room again in others' mailboxes. */
	event_active(w->again, EV_TIMEOUT, 0);
}

/* A monitor that does not read is given up, as Redis does by the limits of its
 * output buffers: nothing else here is allowed to grow. */
static void
send_lines(struct conn *c)
{
	struct bytes *lines = &c->monitor->lines;

	if (lines->failed || leg_unsent(&c->client) >= FLOW_HIGH) {
		conn_close(c, "monitor too slow");
		c->hurry = true;
	} else if (c->reason == NULL) {
		conn_send(c, lines->data, lines->len);
	}
	bytes_free(lines);
}

static void
start_monitor(struct conn *c)
{
	struct conn_monitor *m;

	if ((m = calloc(1, sizeof(*m))) == NULL) {
		conn_close(c, "out of memory");
		return;
	}
	m->sink.events = RECORD_BIT(RECORD_CMD);
	m->sink.take = on_monitored;
	m->conn = c;
	trace_add_sink(c->worker->trace, &m->sink);
	LIST_INSERT_HEAD(&c->worker->monitors, m, link);
	mailbox_subscribe(c->worker->mailbox);
	c->monitor = m;
}

static void
stop_monitor(struct conn *c)
{
	if (c->monitor == NULL)
		return;
	trace_remove_sink(&c->monitor->sink);
	LIST_REMOVE(c->monitor, link);
	mailbox_unsubscribe(c->worker->mailbox);
	bytes_free(&c->monitor->lines);
	free(c->monitor);
	c->monitor = NULL;
}

/* Commands */

/* What a command has made of the session besides its reply. */
static void
follow_session(struct conn *c, const struct record *r)
{
	if (c->session.monitor && c->monitor == NULL)
		start_monitor(c);
	else if (!c->session.monitor)
		stop_monitor(c);
	else if (c->delay == NULL)
		monitor_reply(&c->worker->replies, r, c->worker->args.clip);
}

/* What is asked, once it is known which arguments are secret. */
static void
note_question(struct question *q, const struct args *args)
{
	const struct arg *key;

	q->name = args->v[0];
	q->bytes = args->bytes;
	if ((q->command = command_of(args)) != NULL &&
	    (key = command_first_key(q->command, args)) != NULL)
		q->key = *key;
}

static void
answer(struct conn *c, struct args *args, struct question *q,
    struct stub_outcome *outcome, const struct record *r)
{
	struct worker *w = c->worker;
	struct bytes *values = wants_replies(w) ? &w->values : NULL;
	size_t from = w->replies.len;

	if (values != NULL)
		note_question(q, args);
	stub_answer(&w->stub, &c->session, args, &w->replies, values,
	    outcome);
	conn_choose(c);
	if (outcome->wait_ms > 0 || outcome->verdict == STUB_HANG)
		delay_reply(c, q, outcome, from);
	else if (values != NULL && !w->replies.failed)
		record_replies(c, q, w->replies.data + from, values,
		    c->sent + from);
	if (c->session.monitor || c->monitor != NULL)
		follow_session(c, r);
}

static void
execute(struct conn *c, struct args *args)
{
	struct worker *w = c->worker;
	struct stub_outcome outcome;
	struct question question = { .since = w->came,
		.hidden = !filter_command(&w->options->filter, args) };
	struct record r;

	question.no = ++c->commands;
	w->totals.commands++;
	/* The stub must not send secrets back either: they are marked. */
	conn_record_command(c, args, question.hidden, &r);
	/* Who is gone gets no answer; what he has sent is shown all the
	 * same. */
	if (c->client.error != 0)
		stub_answer_nobody(&w->stub, args, &outcome);
	else
		answer(c, args, &question, &outcome, &r);
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

bool
conn_stub_has_work(const struct conn *c)
{
	return (c->held != NULL && c->decoding && c->delay == NULL);
}

/* Whether the next command may be executed now: nobody may grow by it. */
static bool
may_go_on(const struct conn *c)
{
	const struct worker *w = c->worker;

	return (c->decoding && c->delay == NULL &&
	    leg_unsent(&c->client) + w->replies.len < FLOW_HIGH &&
	    w->monitored < FLOW_HIGH && !trace_full(w->trace));
}

/* Returns how many bytes were decoded. */
static size_t
decode(struct conn *c, const uint8_t *data, size_t len)
{
	struct args *args = &c->worker->args;
	const uint8_t *p = data, *end = data + len;
	bool more = true;

	c->worker->came = leg_arrived(&c->client);
	while (more && may_go_on(c)) {
		switch (request_next(&c->request, args, &p, end)) {
		case REQUEST_OK:
			command_look_up(args);
			if (args->total > 0)
				execute(c, args);
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
			conn_close(c, "out of memory");
			break;
		}
	}
	send_replies(c);
	return ((size_t)(p - data));
}

/* Bytes that wait for their turn */

static void
hold(struct conn *c, const uint8_t *data, size_t len)
{
	if (len == 0)
		return;
	if (c->held == NULL && (c->held = calloc(1, sizeof(*c->held))) == NULL)
		goto no_memory;
	bytes_add(c->held, data, len);
	if (!c->held->failed)
		return;
no_memory:
	conn_close(c, "out of memory");
}

size_t
conn_stub_room(const struct conn *c)
{
	size_t held = c->held != NULL ? c->held->len : 0;

	if (!c->decoding)
		return (trace_hides(c->worker->trace) ? CONN_UNDECODED_MAX :
		    FLOW_CHUNK);
	return (held < CONN_HELD_MAX ? CONN_HELD_MAX - held : 0);
}

void
conn_stub_take(struct conn *c, const uint8_t *data, size_t len)
{
	size_t done = 0;

	if (c->held == NULL)
		done = decode(c, data, len);
	if (c->decoding)
		hold(c, data + done, len - done);
}

void
conn_stub_resume(struct conn *c)
{
	struct bytes *held = c->held;
	size_t done;

	if (c->monitor != NULL && c->monitor->lines.len > 0)
		send_lines(c);
	if (held == NULL || (c->decoding && !may_go_on(c)))
		return;
	c->held = NULL;
	done = c->decoding ? decode(c, held->data, held->len) : 0;
	if (c->decoding)
		hold(c, held->data + done, held->len - done);
	bytes_free(held);
	free(held);
}

bool
conn_stub_owes(const struct conn *c)
{
	if (c->client.error != 0)
		return (false);
	if (c->delay != NULL)
		return (!c->delay->blocked);
	return (conn_stub_has_work(c));
}

bool
conn_stub_listens(const struct conn *c)
{
	return (c->monitor != NULL || session_subscribed_all(&c->session) > 0);
}

void
conn_stub_free(struct conn *c)
{
	delay_free(c);
	stop_monitor(c);
	if (c->held != NULL)
		bytes_free(c->held);
	free(c->held);
	request_free(&c->request);
	session_free(&c->session);
}
