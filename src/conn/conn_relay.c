/*
 * A connection that is served upstream: two legs, and two flows between them.
 *
 *   client --- UP: forward, record, observe ----> upstream
 *      ^                                             |
 *      +------ DOWN: forward, record, observe <------+
 *
 * What happens to one side happens to the other, behind the bytes that came
 * before it: an end is passed on as an end, a reset as a reset.  Each direction
 * stops its own source only, when the other side does not take what it has.
 */
#include "config.h"

#include "conn/conn_private.h"

#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>

/* What is read at a time, at most; in bytes. */
#define RELAY_CHUNK (128 * 1024)
/* How often a leg that is not read, or has no more to read, is looked at:
 * whether it is broken. */
#define RELAY_WATCH 1000	/* milliseconds */
/* How often it is looked whether the last bytes before a reset have arrived,
 * and how long that may take. */
#define RELAY_RESET_LOOK 10	/* milliseconds */
#define RELAY_RESET_WAIT 5000	/* milliseconds */
/* How long a reply is waited for when too many commands are without. */
#define RELAY_PATIENCE 100	/* milliseconds */
/* How long a client may take to close once the server has: as long as the
 * server's kernel would wait for it. */
#define RELAY_FIN_WAIT 60000	/* milliseconds */

/* Bytes */

static void
take_requests(void *ctx, const uint8_t *data, size_t len)
{
	struct conn *c = ctx;
	struct leg *up = &c->relay->up.leg;

	conn_observe_time(c, &c->client);
	leg_write(up, data, len);
	if (up->error == ENOMEM)
		conn_close(c, "out of memory");
	conn_take(c, data, len);
	conn_observe_requests(c, data, len);
}

static void
take_replies(void *ctx, const uint8_t *data, size_t len)
{
	struct conn *c = ctx;

	conn_observe_time(c, &c->relay->up.leg);
	leg_write(&c->client, data, len);
	if (c->client.error == ENOMEM)
		conn_close(c, "out of memory");
	conn_observe_replies(c, data, len);
	conn_touch(c);
	c->sent += len;
	c->worker->totals.sent += len;
}

/* A server takes its time for what it has been sent; who observes must remember
 * it.  That must not stop a client that reads nothing before it has written
 * everything: so when no reply comes, reading goes on. */
static size_t
room_up(void *ctx)
{
	const struct conn *c = ctx;
	const struct conn_relay *r = c->relay;

	if (c->reason != NULL || (!r->impatient && conn_observe_lags(c)))
		return (0);
	return (RELAY_CHUNK);
}

static size_t
room_down(void *ctx)
{
	const struct conn *c = ctx;

	return (c->reason == NULL ? RELAY_CHUNK : 0);
}

/* The timer */

static void look_again(struct conn *, int64_t ms);

/* Reads on up to its end, though nobody takes it: the rest is for the trace. */
static void
read_broken(struct conn *c, struct leg *leg, flow_take_fn take)
{
	size_t left = SIZE_MAX - 1;

	if (leg->paused && !leg->read_ended && leg_is_broken(leg))
		conn_drain(c, leg, &left, take);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	struct conn_relay *r = c->relay;

	(void)fd;
	(void)what;
	if (c->ended)
		return;
	if (r->held_back && r->held_at == c->sent)
		r->impatient = true;
	r->held_at = c->sent;
	if (c->reason == NULL) {
		read_broken(c, &c->client, take_requests);
		read_broken(c, &c->relay->up.leg, take_replies);
	}
	conn_run(c, CONN_BOTH);
}

static void
look_again(struct conn *c, int64_t ms)
{
	struct conn_relay *r = c->relay;
	struct timeval tv = {
		.tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000 * 1000),
	};

	if (r->timer == NULL)
		r->timer = evtimer_new(c->worker->base, on_timer, c);
	if (r->timer != NULL)
		event_add(r->timer, &tv);
}

/* Something is waited for: from its first call, for so long. */
static bool
waited_for(struct conn_relay *r, int64_t ms)
{
	int64_t now = conn_now_ms();

	if (r->give_up == 0)
		r->give_up = now + ms;
	return (now >= r->give_up);
}

/* Forwarding */

static void
forward(struct conn *c, struct flow *flow)
{
	flow->trace = c->worker->trace;
	flow->chunk = c->worker->chunk;
	flow->ctx = c;
	switch (flow_run(flow)) {
	case FLOW_TRACE_FULL:
		conn_wait_for_trace(c);
		break;
	case FLOW_TO_FULL:
		look_again(c, RELAY_WATCH);
		break;
	case FLOW_TAKER_FULL:
		c->relay->held_back = true;
		c->relay->held_at = c->sent;
		look_again(c, RELAY_PATIENCE);
		break;
	case FLOW_OPEN:
	case FLOW_ENDED:
		break;
	}
}

static void
forward_up(struct conn *c)
{
	struct conn_relay *r = c->relay;
	struct flow flow = {
		.from = &c->client,
		.to = &r->up.leg,
		.room = room_up,
		.take = take_requests,
	};

	r->held_back = false;
	forward(c, &flow);
	if (!conn_observe_lags(c))
		r->impatient = false;
}

static void
forward_down(struct conn *c)
{
	struct flow flow = {
		.from = &c->relay->up.leg,
		.to = &c->client,
		.room = room_down,
		.take = take_replies,
	};

	forward(c, &flow);
}

/* There will be no server: the client is told so as Redis would tell it. */
static void
refuse(struct conn *c)
{
	const struct upstream *up = &c->relay->up;
	struct record r = { .event = RECORD_ERROR };
	struct bytes text = { 0 }, reply = { 0 };

	bytes_addf(&text, "upstream %s: %s", up->target->text, up->problem);
	bytes_addf(&reply, "-ERR resptap: %s\r\n", (char *)text.data);
	if (!text.failed && !reply.failed) {
		r.u.error.byte = -1;
		r.u.error.rule = "upstream-failed";
		r.u.error.text = (char *)text.data;
		conn_trace(c, &r);
		conn_send(c, reply.data, reply.len);
	}
	bytes_free(&text);
	bytes_free(&reply);
	conn_close(c, "upstream failed");
}

void
conn_relay_run(struct conn *c, unsigned directions)
{
	struct conn_relay *r = c->relay;

	if (r->up.problem != NULL) {
		refuse(c);
		return;
	}
	/* First what may give room to the other one. */
	if (directions & CONN_DOWN)
		forward_down(c);
	if ((directions & CONN_UP) ||
	    (r->held_back && !conn_observe_lags(c)))
		forward_up(c);
}

/* Ends */

static void
note_first_end(struct conn *c)
{
	struct conn_relay *r = c->relay;
	const struct leg *leg;

	if (r->side != NULL)
		return;
	if (r->up.leg.read_ended) {
		r->side = "upstream";
		leg = &r->up.leg;
	} else if (c->client.read_ended) {
		r->side = "client";
		leg = &c->client;
	} else {
		return;
	}
	r->reason = conn_end_reason(leg);
}

static bool
is_reset(const struct leg *leg)
{
	return (leg->read_ended && leg_is_broken(leg));
}

/*
 * One side is broken.  The other one gets what came before that, then a reset;
 * what it has sent meanwhile goes to the trace only.
 */
static void
pass_reset(struct conn *c, struct leg *to, size_t *drain, flow_take_fn take)
{
	struct conn_relay *r = c->relay;

	if (!r->resetting)
		r->give_up = 0;		/* that of a wait for its end */
	r->resetting = true;
	leg_pause(to);
	if (to->error == 0 && (leg_unsent(to) > 0 || leg_in_flight(to) > 0) &&
	    !waited_for(r, RELAY_RESET_WAIT)) {
		look_again(c, RELAY_RESET_LOOK);
		return;
	}
	if (!conn_drain(c, to, drain, take))
		return;
	r->reset = to;
	conn_end(c, r->reason, r->side);
}

/* Both sides are whole, at least one stream has ended. */
static void
pass_ends(struct conn *c)
{
	struct conn_relay *r = c->relay;
	struct leg *client = &c->client, *up = &r->up.leg;

	if (client->read_ended)
		leg_shut(up);
	if (up->read_ended)
		leg_shut(client);
	if (leg_unsent(client) > 0 || leg_unsent(up) > 0)
		return;
	if (up->read_ended &&
	    (client->read_ended || waited_for(r, RELAY_FIN_WAIT)))
		conn_end(c, r->reason, r->side);
	else
		look_again(c, RELAY_WATCH);
}

/* It is closed for a reason of ours. */
static void
close_both(struct conn *c)
{
	struct conn_relay *r = c->relay;

	leg_pause(&r->up.leg);
	if (!conn_lingers(c) &&
	    conn_drain(c, &c->client, &c->drain, take_requests) &&
	    conn_drain(c, &r->up.leg, &r->drain, take_replies))
		conn_end(c, c->reason, NULL);
}

void
conn_relay_settle(struct conn *c)
{
	struct conn_relay *r = c->relay;

	if (c->reason != NULL) {
		close_both(c);
		return;
	}
	note_first_end(c);
	if (r->side == NULL)
		return;
	if (is_reset(&c->client))
		pass_reset(c, &r->up.leg, &r->drain, take_replies);
	else if (is_reset(&r->up.leg))
		pass_reset(c, &c->client, &c->drain, take_requests);
	else
		pass_ends(c);
}

bool
conn_relay_rests(const struct conn *c)
{
	return (c->relay != NULL && ((c->client.paused &&
	    !c->client.read_ended) || conn_observe_listens(c)));
}

/* The upstream leg */

static void
on_up_readable(void *ctx)
{
	conn_run(ctx, CONN_DOWN);
}

static void
on_up_writable(void *ctx)
{
	conn_touch(ctx);
	conn_run(ctx, CONN_UP);
}

static const struct leg_events up_events = { on_up_readable, on_up_writable };

int
conn_relay_open(struct conn *c)
{
	struct conn_relay *r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (-1);
	c->relay = r;
	r->drain = SIZE_MAX;
	conn_observe_begin(c);
	upstream_open(&r->up, c->worker->upstream, &up_events, c);
	return (0);
}

void
conn_relay_free(struct conn *c)
{
	struct conn_relay *r = c->relay;

	if (r == NULL)
		return;
	if (r->reset != NULL)
		leg_reset(r->reset);
	upstream_stop(&r->up);
	leg_close(&r->up.leg);
	if (r->timer != NULL)
		event_free(r->timer);
	conn_observe_end(c);
	free(r);
	c->relay = NULL;
}
