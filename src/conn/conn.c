#include "config.h"

#include "conn/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/now.h"
#include "conn/conn_private.h"
#include "conn/mailbox.h"
#include "net/timer.h"
#include "redis/redact_reply.h"

/* How long a closing connection's peer may take to read what is unsent. */
#define CONN_LINGER 5000	/* milliseconds */
/* How long a peer whose stream has ended may take none of what is unsent. */
#define CONN_END_WAIT 60000	/* milliseconds */

int64_t
conn_now_ms(void)
{
	return (now_ns(CLOCK_MONOTONIC) / 1000000);
}

/* A unix peer has no name of its own: MONITOR shows the socket's. */
static const char *
peer_text(const struct conn *c, const struct address *peer,
    char text[ADDRESS_TEXT_MAX])
{
	struct address local;

	if (peer->sa.ss_family != AF_UNIX)
		return (address_text(peer, text));
	leg_local(&c->client, &local);
	return (address_text(&local, text));
}

const char *
conn_peer(struct conn *c)
{
	char text[ADDRESS_TEXT_MAX];
	struct address peer;

	if (c->peer == NULL) {
		leg_peer(&c->client, &peer);
		c->peer = strdup(peer_text(c, &peer, text));
	}
	return (c->peer != NULL ? c->peer : "");
}

void
conn_choose(struct conn *c)
{
	const struct trace *trace = c->worker->trace;
	const char *peer;

	if (!trace->chooses_clients)
		return;
	peer = conn_peer(c);
	if (strncmp(peer, "unix:", 5) == 0)
		peer = "unix:";		/* as the open record has it */
	c->chosen = (uint8_t)trace_choose_client(trace, peer,
	    c->session.name);
}

/* Freeing */

static void
conn_free(struct conn *c)
{
	c->service->free(c);
	redact_free(&c->redact);
	request_free(&c->request);
	session_free(&c->session);
	leg_close(&c->client);
	timer_free(c->timer);
	free(c->peer);
	free(c);
}

void
conn_reap(void *ctx)
{
	struct worker *w = ctx;
	struct conn *c;

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
	timer_set(c->worker->again, 0);
}

void
conn_run_ready(void *ctx)
{
	struct worker *w = ctx;
	struct conn *c;
	size_t n = 0;

	/* While other workers' MONITORs have much to take, nobody adds to it;
	 * when they have taken it, this is called again. */
	w->monitored = mailbox_backlog(w->mailbox);
	if (w->monitored >= FLOW_HIGH)
		return;
	TAILQ_FOREACH (c, &w->ready, queue_link)
		n++;
	/* Those that come again meanwhile have their turn after others.  Once
	 * MONITORs have got much the rest waits, in its place: nobody else can
	 * execute anything now, and must not lose its turn by that. */
	for (; n > 0 && w->monitored < FLOW_HIGH &&
	    (c = TAILQ_FIRST(&w->ready)) != NULL; n--) {
		leave_queue(c);
		conn_run(c, CONN_BOTH);
	}
	if (n > 0 && !TAILQ_EMPTY(&w->ready))
		timer_set(w->again, 0);
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
	timer_set(w->reap, 0);
}

/* Closing */

/* A timer costs memory, so a connection has one only while it needs it. */
static void on_timer(void *);

static void
start_timer(struct conn *c, int64_t ms)
{
	if (c->timer == NULL)
		c->timer = timer_new(c->worker->loop, on_timer, c);
	if (c->timer != NULL)
		timer_set(c->timer, ms);
}

static void
on_timer(void *ctx)
{
	struct conn *c = ctx;
	int64_t quiet = conn_now_ms() - c->active;
	int64_t most = c->worker->settings->idle_timeout * INT64_C(1000);

	if (c->ended)
		return;
	if (c->reason != NULL) {
		c->hurry = true;
		c->service->settle(c);
	} else if (c->lingering == CONN_HAS_ENDED) {
		c->hurry = leg_unsent(&c->client) >= c->left;
		c->left = (uint32_t)leg_unsent(&c->client);
		start_timer(c, CONN_END_WAIT);
		c->service->settle(c);
	} else if (c->queue != NULL || c->service->rests(c)) {
		start_timer(c, most);	/* it is not the client's turn */
	} else if (quiet < most) {
		start_timer(c, most - quiet);
	} else {
		c->reason = "idle";
		c->hurry = true;
		leg_pause(&c->client);
		c->service->settle(c);
	}
	worker_flush_soon(c->worker);
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
	if (c->worker->settings->idle_timeout > 0)
		c->active = conn_now_ms();
}

void
conn_send(struct conn *c, const uint8_t *data, size_t len)
{
	struct worker *w = c->worker;

	if (len == 0)
		return;
	if (trace_wants(w->trace, RECORD_BIT(RECORD_SEND))) {
		redact_replies(trace_redact(w->trace, RECORD_BIT(RECORD_SEND)),
		    w->stub.mode == STUB_ECHO, data, len, &w->spans);
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

enum flow_state
conn_may_take(const struct conn *c)
{
	if (c->reason != NULL)
		return (FLOW_TAKER_FULL);
	if (trace_full(c->worker->trace))
		return (FLOW_TRACE_FULL);
	trace_begin_turn(c->worker->trace);
	return (FLOW_OPEN);
}

/* What happens to it */

bool
conn_drain(struct conn *c, struct leg *leg, size_t *left, flow_take_fn taker)
{
	struct worker *w = c->worker;
	size_t n;

	if (*left == SIZE_MAX)
		*left = leg_unread(leg);
	while (*left > 0 && !leg_ended(leg)) {
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

bool
conn_lingers(struct conn *c)
{
	size_t unsent = leg_unsent(&c->client);

	if (unsent == 0 || c->hurry)
		return (false);
	if (c->reason != NULL && c->lingering != CONN_CLOSES) {
		c->lingering = CONN_CLOSES;
		start_timer(c, CONN_LINGER);
	} else if (leg_ended(&c->client) && c->lingering == CONN_STAYS) {
		c->lingering = CONN_HAS_ENDED;
		c->left = (uint32_t)unsent;
		start_timer(c, CONN_END_WAIT);
	}
	return (true);
}

void
conn_run(struct conn *c, unsigned directions)
{
	struct worker *w = c->worker;

	if (c->ended)
		return;
	trace_begin_turn(w->trace);
	w->turn = (struct turn){ 0 };
	c->service->run(c, directions);
	if (!c->ended)
		c->service->settle(c);
	trace_end_turn(w->trace);
	worker_flush_soon(w);
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

struct conn *
conn_open(struct worker *w, const struct route *route, uint64_t id, int fd,
    const struct address *peer)
{
	const struct conn_service *service =
	    route->upstream != NULL ? conn_relay() : conn_stub();
	char text[ADDRESS_TEXT_MAX];
	struct conn *c;

	if ((c = calloc(1, service->size)) == NULL)
		goto no_memory;
	leg_init(&c->client, &client_events, c);
	if (leg_open(&c->client, w->loop, fd) != 0)
		goto no_memory;
	c->worker = w;
	c->route = route;
	c->service = service;
	c->chosen = TRACE_CHOSEN;
	redact_init(&c->redact);
	request_init(&c->request);
	session_init(&c->session, id);
	c->session.total = &w->queued;
	c->drain = SIZE_MAX;
	if (trace_wants_peer(w->trace) || w->trace->chooses_clients)
		c->peer = strdup(peer_text(c, peer, text));
	conn_choose(c);
	TAILQ_INSERT_TAIL(&w->conns, c, link);
	w->nconns++;
	w->totals.conns++;
	conn_record_open(c, peer);
	if (w->settings->idle_timeout > 0) {
		c->active = conn_now_ms();
		start_timer(c, w->settings->idle_timeout * INT64_C(1000));
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
	if (c->service->open(c) != 0)
		conn_close(c, "out of memory");
	conn_run(c, CONN_BOTH);
}

void
conn_refuse(struct conn *c)
{
	static const char refusal[] = "-ERR max number of clients reached\r\n";

	conn_send(c, (const uint8_t *)refusal, sizeof(refusal) - 1);
	conn_close(c, "max clients");
	c->service->settle(c);
}

static void
conn_shutdown(struct conn *c)
{
	bool decoding = c->decoding && c->reason == NULL;

	conn_close(c, "shutdown");
	c->decoding = decoding;
	c->hurry = true;
	c->worker->turn = (struct turn){ 0 };
	c->service->settle(c);
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
