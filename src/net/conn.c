#include "config.h"

#include "net/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>

#include "log.h"

/* How long a closing connection's peer may take to read what is unsent. */
#define CONN_LINGER 5000	/* milliseconds */

struct conn {
	TAILQ_ENTRY(conn) link;		/* in the worker's conns, then ended */
	TAILQ_ENTRY(conn) wait_link;	/* in the worker's waiting */
	struct worker *worker;
	struct leg client;
	struct request request;
	struct session session;
	struct event *timer;	/* idle, then lingering; NULL: neither */
	const char *reason;	/* why we close it; NULL: we do not */
	uint64_t received;
	uint64_t commands;
	uint64_t sent;
	size_t drain;		/* bytes to read before the close */
	int64_t active;		/* when bytes moved last; see now_ms() */
	bool decoding;		/* its bytes are still understood */
	bool waiting;		/* in the worker's waiting */
	bool hurry;		/* close without sending what is unsent */
	bool draining;
	bool ended;
};

static void conn_settle(struct conn *);

/* Monotonic, in milliseconds. */
static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000);
}

static void
trace_it(struct conn *c, struct record *r)
{
	r->conn = c->session.id;
	trace_record(c->worker->trace, r);
}

/* Freeing */

static void
conn_free(struct conn *c)
{
	leg_close(&c->client);
	if (c->timer != NULL)
		event_free(c->timer);
	request_free(&c->request);
	session_free(&c->session);
	free(c);
}

void
conn_reap(int fd, short what, void *arg)
{
	struct worker *w = arg;
	struct conn *c;

	(void)fd;
	(void)what;
	while ((c = TAILQ_FIRST(&w->ended)) != NULL) {
		TAILQ_REMOVE(&w->ended, c, link);
		w->nconns--;
		conn_free(c);
		w->on_free(w->ctx);
	}
	worker_flush_soon(w);
}

static void
stop_waiting(struct conn *c)
{
	if (!c->waiting)
		return;
	TAILQ_REMOVE(&c->worker->waiting, c, wait_link);
	c->waiting = false;
}

static void
wait_for_trace(struct conn *c)
{
	if (c->waiting)
		return;
	TAILQ_INSERT_TAIL(&c->worker->waiting, c, wait_link);
	c->waiting = true;
}

static void
conn_end(struct conn *c, const char *reason)
{
	struct worker *w = c->worker;
	struct record r = { .event = RECORD_CLOSE };

	r.u.close.reason = reason;
	r.u.close.received = c->received;
	r.u.close.commands = c->commands;
	r.u.close.sent = c->sent;
	trace_it(c, &r);
	c->ended = true;
	stop_waiting(c);
	leg_pause(&c->client);
	TAILQ_REMOVE(&w->conns, c, link);
	TAILQ_INSERT_TAIL(&w->ended, c, link);
	event_active(w->reap, EV_TIMEOUT, 0);
}

/* Closing */

static void
set_timer(struct conn *c, int64_t ms)
{
	struct timeval tv = {
		.tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000 * 1000),
	};

	if (c->timer != NULL)
		event_add(c->timer, &tv);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	int64_t quiet = now_ms() - c->active;
	int64_t most = c->worker->options->idle_timeout * INT64_C(1000);

	(void)fd;
	(void)what;
	if (c->ended)
		return;
	if (c->reason != NULL) {
		c->hurry = true;
		conn_settle(c);
	} else if (c->waiting) {
		set_timer(c, most);	/* it is our trace that is slow */
	} else if (quiet < most) {
		set_timer(c, most - quiet);
	} else {
		c->reason = "idle";
		c->hurry = true;
		conn_settle(c);
	}
	worker_flush_soon(c->worker);
}

/* A timer costs memory, so a connection has one only while it needs it. */
static void
start_timer(struct conn *c, int64_t ms)
{
	if (c->timer == NULL)
		c->timer = evtimer_new(c->worker->base, on_timer, c);
	set_timer(c, ms);
}

/* We close it: nothing that comes from now on is understood. */
static void
conn_close(struct conn *c, const char *reason)
{
	if (c->reason != NULL)
		return;
	c->reason = reason;
	c->decoding = false;
	leg_pause(&c->client);
	if (leg_unsent(&c->client) > 0)
		start_timer(c, CONN_LINGER);
}

static const char *
end_reason(const struct leg *leg)
{
	switch (leg->error) {
	case 0:
		return ("eof");
	case ECONNRESET:
	case EPIPE:
		return ("reset");
	default:
		return (strerror(leg->error));
	}
}

/* The stub */

static void
record_bytes(struct conn *c, enum record_event event, const uint8_t *data,
    size_t len, uint64_t offset)
{
	struct record r = { .event = event };

	r.u.bytes.data = data;
	r.u.bytes.len = len;
	r.u.bytes.offset = offset;
	trace_it(c, &r);
}

static void
send_replies(struct conn *c)
{
	struct bytes *replies = &c->worker->replies;

	if (replies->failed)
		conn_close(c, "out of memory");
	else if (replies->len > 0) {
		record_bytes(c, RECORD_SEND, replies->data, replies->len,
		    c->sent);
		leg_write(&c->client, replies->data, replies->len);
		c->sent += replies->len;
		c->worker->totals.sent += replies->len;
	}
	bytes_truncate(replies, 0);
}

static uint64_t
micros_since(const struct timespec *then)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((uint64_t)((now.tv_sec - then->tv_sec) * 1000000 +
	    (now.tv_nsec - then->tv_nsec) / 1000));
}

static void
record_command(struct conn *c, const struct args *args)
{
	struct record r = { .event = RECORD_CMD };

	r.u.cmd.no = c->commands;
	r.u.cmd.args = args;
	r.u.cmd.offset = args->offset;
	r.u.cmd.bytes = args->bytes;
	trace_it(c, &r);
}

static void
record_reply(struct conn *c, const struct args *args, size_t from)
{
	const struct bytes *replies = &c->worker->replies;
	struct record r = { .event = RECORD_REPLY };

	if (!trace_wants(c->worker->trace, RECORD_BIT(RECORD_REPLY)))
		return;
	r.u.reply.no = c->commands;
	r.u.reply.name = &args->v[0];
	r.u.reply.latency_us = micros_since(&c->worker->read_at);
	r.u.reply.value.data = replies->data + from;
	r.u.reply.value.len = replies->len - from;
	r.u.reply.value.offset = c->sent + from;
	trace_it(c, &r);
}

static void
execute(struct conn *c, const struct args *args)
{
	struct worker *w = c->worker;
	size_t from = w->replies.len;
	enum stub_verdict verdict;

	c->commands++;
	w->totals.commands++;
	record_command(c, args);
	verdict = stub_answer(w->options->reply, &c->session, args,
	    &w->replies);
	if (w->replies.len > from && !w->replies.failed)
		record_reply(c, args, from);
	if (verdict == STUB_CLOSE) {
		c->decoding = false;
		send_replies(c);
		conn_close(c, "quit");
	}
}

/* The client broke a rule: its further bytes mean nothing. */
static void
break_off(struct conn *c)
{
	const struct tokenizer *t = &c->request.tokenizer;
	char text[TOKENIZER_ERROR_MAX];
	struct record r = { .event = RECORD_ERROR };

	tokenizer_error(t, text);
	r.u.error.offset = t->bad_at;
	r.u.error.byte = t->bad_byte;
	r.u.error.rule = tokenizer_rule_name(t);
	r.u.error.text = text;
	trace_it(c, &r);
	c->decoding = false;
	if (c->worker->options->reply != STUB_REDIS)
		return;
	stub_refuse(text, &c->worker->replies);
	send_replies(c);
	conn_close(c, "protocol error");
}

static void
decode(struct conn *c, const uint8_t *p, const uint8_t *end)
{
	struct args *args = &c->worker->args;

	clock_gettime(CLOCK_MONOTONIC, &c->worker->read_at);
	while (c->decoding) {
		switch (request_next(&c->request, args, &p, end)) {
		case REQUEST_OK:
			if (args->total > 0)
				execute(c, args);
			break;
		case REQUEST_MORE:
			send_replies(c);
			return;
		case REQUEST_BAD:
			break_off(c);
			break;
		case REQUEST_NOMEM:
			conn_close(c, "out of memory");
			break;
		}
	}
	send_replies(c);
}

/* flow_take: bytes have come.  They are recorded before anything is made of
 * them. */
static bool
take(void *ctx, const uint8_t *data, size_t len)
{
	struct conn *c = ctx;

	record_bytes(c, RECORD_RECV, data, len, c->received);
	c->received += len;
	c->worker->totals.received += len;
	if (c->worker->options->idle_timeout > 0)
		c->active = now_ms();
	if (c->decoding)
		decode(c, data, data + len);
	return (c->reason == NULL);
}

/* What happens to it */

/*
 * Reads what the kernel held when this was called first: a close would lose
 * it, and turn into a reset that may lose our last reply too.  False: the
 * trace has no room, to be called again.
 */
static bool
drain(struct conn *c)
{
	struct worker *w = c->worker;
	size_t n;

	if (!c->draining) {
		c->draining = true;
		c->drain = leg_unread(&c->client);
	}
	while (c->drain > 0 && !c->client.read_ended) {
		if (trace_full(w->trace)) {
			wait_for_trace(c);
			return (false);
		}
		n = leg_read(&c->client, w->chunk,
		    c->drain < FLOW_CHUNK ? c->drain : FLOW_CHUNK);
		if (n == 0)
			break;
		c->drain -= n;
		take(c, w->chunk, n);
	}
	return (true);
}

/* Ends the connection if its time has come. */
static void
conn_settle(struct conn *c)
{
	if (c->ended)
		return;
	if (leg_unsent(&c->client) > 0 && !c->hurry)
		return;
	if (c->reason != NULL) {
		if (drain(c))
			conn_end(c, c->reason);
	} else if (c->client.read_ended) {
		conn_end(c, end_reason(&c->client));
	}
}

static void
conn_run(struct conn *c)
{
	struct worker *w = c->worker;
	struct flow flow = {
		.from = &c->client,
		.to = &c->client,
		.trace = w->trace,
		.chunk = w->chunk,
		.take = take,
		.ctx = c,
	};

	if (c->ended)
		return;
	if (c->reason == NULL && flow_run(&flow) == FLOW_TRACE_FULL)
		wait_for_trace(c);
	conn_settle(c);
	worker_flush_soon(w);
}

static void
on_readable(void *ctx)
{
	conn_run(ctx);
}

static void
on_writable(void *ctx)
{
	struct conn *c = ctx;

	if (c->worker->options->idle_timeout > 0)
		c->active = now_ms();
	conn_run(c);
}

static const struct leg_events client_events = { on_readable, on_writable };

/* Whether anything depends on the meaning of bytes. */
static bool
needs_decoding(const struct worker *w)
{
	return (w->options->reply != STUB_NONE || trace_wants(w->trace,
	    RECORD_ALL & ~(RECORD_BIT(RECORD_OPEN) | RECORD_BIT(RECORD_RECV) |
	    RECORD_BIT(RECORD_SEND))));
}

static void
record_open(struct conn *c, int fd, const struct address *peer)
{
	struct record r = { .event = RECORD_OPEN };
	char peer_text[ADDRESS_TEXT_MAX], local_text[ADDRESS_TEXT_MAX];
	struct address local;

	if (!trace_wants(c->worker->trace, RECORD_BIT(RECORD_OPEN)))
		return;
	local.len = sizeof(local.sa);
	if (getsockname(fd, (struct sockaddr *)&local.sa, &local.len) != 0)
		local = *peer;
	r.u.open.peer = address_text(peer, peer_text);
	r.u.open.local = address_text(&local, local_text);
	trace_it(c, &r);
}

struct conn *
conn_open(struct worker *w, uint64_t id, int fd, const struct address *peer)
{
	struct conn *c;

	if ((c = calloc(1, sizeof(*c))) == NULL ||
	    leg_open(&c->client, w->base, fd, &client_events, c) != 0) {
		log_error("out of memory for a connection");
		close(fd);
		free(c);
		return (NULL);
	}
	c->worker = w;
	request_init(&c->request);
	session_init(&c->session, id);
	c->decoding = needs_decoding(w);
	TAILQ_INSERT_TAIL(&w->conns, c, link);
	w->nconns++;
	w->totals.conns++;
	record_open(c, fd, peer);
	if (w->options->idle_timeout > 0) {
		c->active = now_ms();
		start_timer(c, w->options->idle_timeout * INT64_C(1000));
	}
	worker_flush_soon(w);
	return (c);
}

void
conn_refuse(struct conn *c)
{
	stub_refuse("max number of clients reached", &c->worker->replies);
	send_replies(c);
	conn_close(c, "max clients");
	conn_settle(c);
}

static void
conn_shutdown(struct conn *c)
{
	bool decoding = c->decoding && c->reason == NULL;

	conn_close(c, "shutdown");
	c->decoding = decoding;
	c->hurry = true;
	conn_settle(c);
}

void
conn_shutdown_all(struct worker *w)
{
	struct conn *c, *next;

	for (c = TAILQ_FIRST(&w->conns); c != NULL; c = next) {
		next = TAILQ_NEXT(c, link);
		conn_shutdown(c);
	}
	worker_flush_soon(w);
}

void
conn_abandon_all(struct worker *w)
{
	struct conn *c;

	TAILQ_CONCAT(&w->ended, &w->conns, link);
	while ((c = TAILQ_FIRST(&w->ended)) != NULL) {
		TAILQ_REMOVE(&w->ended, c, link);
		conn_free(c);
	}
}

void
conn_resume_waiting(struct worker *w)
{
	struct conn *c;

	while ((c = TAILQ_FIRST(&w->waiting)) != NULL &&
	    !trace_full(w->trace)) {
		stop_waiting(c);
		conn_run(c);
	}
}
