#include "config.h"

#include "conn/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/now.h"
#include "conn/conn_private.h"
#include "conn/mailbox.h"
#include "redis/redact_reply.h"

/* How long a closing connection's peer may take to read what is unsent. */
#define CONN_LINGER 5000	/* milliseconds */

static void conn_settle(struct conn *);

int64_t
conn_now_ms(void)
{
	return (now_ns(CLOCK_MONOTONIC) / 1000000);
}

void
conn_choose(struct conn *c)
{
	const struct filter *filter = &c->worker->options->filter;

	if (filter->clients.n > 0)
		c->hidden = !filter_client(filter, conn_peer(c),
		    c->session.name);
}

const char *
conn_peer(struct conn *c)
{
	char text[ADDRESS_TEXT_MAX];
	struct address peer;

	if (c->peer == NULL) {
		leg_peer(&c->client, &peer);
		c->peer = strdup(address_text(&peer, text));
	}
	return (c->peer != NULL ? c->peer : "");
}

/* Freeing */

static void
conn_free(struct conn *c)
{
	conn_stub_free(c);
	conn_relay_free(c);
	redact_free(&c->redact);
	leg_close(&c->client);
	if (c->timer != NULL)
		event_free(c->timer);
	free(c->peer);
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

/* Queues: what nothing that happens to a connection would wake. */

static void
leave_queue(struct conn *c)
{
	if (c->queue != NULL)
		TAILQ_REMOVE(c->queue, c, queue_link);
	c->queue = NULL;
}

static void
enter_queue(struct conn *c, struct conn_list *queue)
{
	if (c->queue == queue)
		return;
	leave_queue(c);
	TAILQ_INSERT_TAIL(queue, c, queue_link);
	c->queue = queue;
}

void
conn_wait_for_trace(struct conn *c)
{
	enter_queue(c, &c->worker->waiting);
}

void
conn_run_soon(struct conn *c)
{
	enter_queue(c, &c->worker->ready);
	event_active(c->worker->again, EV_TIMEOUT, 0);
}

void
conn_run_ready(int fd, short what, void *arg)
{
	struct worker *w = arg;
	struct conn *c;
	size_t n = 0;

	(void)fd;
	(void)what;
	/* While other workers' MONITORs have much to take, nobody adds to it;
	 * when they have taken it, this is called again. */
	w->monitored = mailbox_backlog(w->mailbox);
	if (w->monitored >= FLOW_HIGH)
		return;
	TAILQ_FOREACH (c, &w->ready, queue_link)
		n++;
	/* Those who come again meanwhile have their turn after others. */
	for (; n > 0 && (c = TAILQ_FIRST(&w->ready)) != NULL; n--) {
		leave_queue(c);
		conn_run(c, CONN_BOTH);
	}
}

void
conn_resume_waiting(struct worker *w)
{
	struct conn *c;

	while ((c = TAILQ_FIRST(&w->waiting)) != NULL &&
	    !trace_full(w->trace)) {
		leave_queue(c);
		conn_run(c, CONN_BOTH);
	}
}

void
conn_end(struct conn *c, const char *reason, const char *side)
{
	struct worker *w = c->worker;

	conn_record_close(c, reason, side);
	c->ended = true;
	leave_queue(c);
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

/* Whether nothing moves, and that is nobody's fault, or ours. */
static bool
rests(const struct conn *c)
{
	return (c->queue != NULL || c->delay != NULL || conn_stub_listens(c) ||
	    conn_relay_rests(c));
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	int64_t quiet = conn_now_ms() - c->active;
	int64_t most = c->worker->options->idle_timeout * INT64_C(1000);

	(void)fd;
	(void)what;
	if (c->ended)
		return;
	if (c->reason != NULL) {
		c->hurry = true;
		conn_settle(c);
	} else if (rests(c)) {
		set_timer(c, most);	/* it is not the client's turn */
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

void
conn_close(struct conn *c, const char *reason)
{
	if (c->reason != NULL)
		return;
	c->reason = reason;
	c->decoding = false;
	leg_pause(&c->client);
}

const char *
conn_end_reason(const struct leg *leg)
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

/* Bytes */

void
conn_touch(struct conn *c)
{
	if (c->worker->options->idle_timeout > 0)
		c->active = conn_now_ms();
}

void
conn_send(struct conn *c, const uint8_t *data, size_t len)
{
	struct worker *w = c->worker;

	if (len == 0)
		return;
	if (trace_wants(w->trace, RECORD_BIT(RECORD_SEND))) {
		redact_replies(trace_hides(w->trace) ? w->options->redact :
		    REDACT_NONE, w->stub.mode == STUB_ECHO, data, len,
		    &w->spans);
		conn_record_sent(c, data, len, &w->spans);
	}
	leg_write(&c->client, data, len);
	if (c->client.error == ENOMEM)
		conn_close(c, "out of memory");
	conn_touch(c);
	c->sent += len;
	w->totals.sent += len;
}

void
conn_take(struct conn *c, const uint8_t *data, size_t len)
{
	conn_record_received(c, data, len);
	c->received += len;
	c->worker->totals.received += len;
	conn_touch(c);
}

/* What flow_run() asks, and gives. */
static size_t
room(void *ctx)
{
	struct conn *c = ctx;

	return (c->reason == NULL ? conn_stub_room(c) : 0);
}

static void
take(void *ctx, const uint8_t *data, size_t len)
{
	struct conn *c = ctx;

	conn_take(c, data, len);
	if (c->decoding)
		conn_stub_take(c, data, len);
}

/* What happens to it */

bool
conn_drain(struct conn *c, struct leg *leg, size_t *left, flow_take_fn taker)
{
	struct worker *w = c->worker;
	size_t n;

	if (*left == SIZE_MAX)
		*left = leg_unread(leg);
	while (*left > 0 && !leg->read_ended) {
		if (trace_full(w->trace)) {
			conn_wait_for_trace(c);
			return (false);
		}
		n = leg_read(leg, w->chunk,
		    *left < FLOW_CHUNK ? *left : FLOW_CHUNK);
		if (n == 0)
			break;
		*left -= n;
		taker(c, w->chunk, n);
	}
	return (true);
}

static void
take_last(void *ctx, const uint8_t *data, size_t len)
{
	struct conn *c = ctx;

	if (conn_stub_room(c) == 0)
		c->decoding = false;	/* it may hold no more */
	take(c, data, len);
}

/*
 * Sees to it that the connection runs again if something is left to do that
 * no event of its own tells of.  Returns whether it will.
 */
static bool
queue_up(struct conn *c, enum flow_state state)
{
	bool work = conn_stub_has_work(c) && leg_unsent(&c->client) < FLOW_HIGH;

	if (state == FLOW_TRACE_FULL || (work && trace_full(c->worker->trace)))
		conn_wait_for_trace(c);
	else if (work)
		conn_run_soon(c);
	else if (state == FLOW_TAKER_FULL)
		conn_stub_watch(c);
	return (c->queue != NULL);
}

bool
conn_lingers(struct conn *c)
{
	if (leg_unsent(&c->client) == 0 || c->hurry)
		return (false);
	if (c->reason != NULL && !c->lingering)
		start_timer(c, CONN_LINGER);
	c->lingering = c->reason != NULL;
	return (true);
}

/* Ends the connection if its time has come. */
static void
conn_settle(struct conn *c)
{
	if (c->ended)
		return;
	if (c->relay != NULL) {
		conn_relay_settle(c);
	} else if (conn_lingers(c)) {
		return;
	} else if (c->reason != NULL) {
		if (conn_drain(c, &c->client, &c->drain, take_last) &&
		    !queue_up(c, FLOW_OPEN))
			conn_end(c, c->reason, NULL);
	} else if (c->client.read_ended && !conn_stub_owes(c)) {
		conn_end(c, conn_end_reason(&c->client), NULL);
	}
}

static void
run_stub(struct conn *c)
{
	struct worker *w = c->worker;
	struct flow flow = {
		.from = &c->client,
		.to = &c->client,
		.trace = w->trace,
		.chunk = w->chunk,
		.for_trace = !c->decoding,
		.room = room,
		.take = take,
		.ctx = c,
	};

	conn_stub_resume(c);
	if (c->reason == NULL)
		queue_up(c, flow_run(&flow));
}

void
conn_run(struct conn *c, unsigned directions)
{
	if (c->ended)
		return;
	trace_begin_turn(c->worker->trace);
	if (c->relay == NULL)
		run_stub(c);
	else if (c->reason == NULL)
		conn_relay_run(c, directions);
	conn_settle(c);
	trace_end_turn(c->worker->trace);
	worker_flush_soon(c->worker);
}

static void
on_readable(void *ctx)
{
	conn_run(ctx, CONN_UP);
}

static void
on_writable(void *ctx)
{
	conn_touch(ctx);
	conn_run(ctx, CONN_DOWN);
}

static const struct leg_events client_events = { on_readable, on_writable };

/* Whether anything depends on the meaning of bytes; the summary is worth no
 * decoding where there are no replies. */
static bool
needs_decoding(const struct worker *w)
{
	return (w->stub.mode != STUB_NONE || w->stub.answers != NULL ||
	    trace_shows(w->trace,
	    RECORD_ALL & ~(RECORD_BIT(RECORD_OPEN) | RECORD_BIT(RECORD_RECV) |
	    RECORD_BIT(RECORD_SEND))));
}

struct conn *
conn_open(struct worker *w, uint64_t id, int fd, const struct address *peer)
{
	char text[ADDRESS_TEXT_MAX];
	struct conn *c;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		goto no_memory;
	leg_init(&c->client, &client_events, c);
	if (leg_open(&c->client, w->base, fd) != 0)
		goto no_memory;
	c->worker = w;
	redact_init(&c->redact);
	request_init(&c->request);
	session_init(&c->session, id);
	c->session.total = &w->queued;
	c->drain = SIZE_MAX;
	c->decoding = needs_decoding(w);
	if (trace_wants_peer(w->trace) || w->options->filter.clients.n > 0)
		c->peer = strdup(address_text(peer, text));
	conn_choose(c);
	TAILQ_INSERT_TAIL(&w->conns, c, link);
	w->nconns++;
	w->totals.conns++;
	conn_record_open(c, peer);
	if (w->options->idle_timeout > 0) {
		c->active = conn_now_ms();
		start_timer(c, w->options->idle_timeout * INT64_C(1000));
	}
	worker_flush_soon(w);
	return (c);

no_memory:
	log_error("out of memory for a connection");
	close(fd);
	free(c);
	return (NULL);
}

void
conn_start(struct conn *c)
{
	if (c->worker->upstream == NULL)
		return;
	if (conn_relay_open(c) != 0)
		conn_close(c, "out of memory");
	conn_run(c, CONN_BOTH);
}

void
conn_refuse(struct conn *c)
{
	static const char refusal[] = "-ERR max number of clients reached\r\n";

	conn_send(c, (const uint8_t *)refusal, sizeof(refusal) - 1);
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
