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

#include <errno.h>

#include "net/timer.h"

/* What is read at a time, at most; in bytes. */
#define RELAY_CHUNK (128 * 1024)
/* How often a leg that is not read, or has no more to read, is looked at:
 * whether it is broken. */
#define RELAY_WATCH 1000	/* milliseconds */
/* How often to check whether the last bytes before a reset have arrived, and
 * how long that may take. */
#define RELAY_RESET_LOOK 10	/* milliseconds */
#define RELAY_RESET_WAIT 5000	/* milliseconds */
/* How long a reply is waited for when too many commands are without. */
#define RELAY_PATIENCE 100	/* milliseconds */
/* How long a client may take to close once the server has, and takes nothing of
 * what is unsent: as long as the server's kernel would wait for it. */
#define RELAY_FIN_WAIT 60000	/* milliseconds */

/* Bytes */

static void
send_to(struct conn *c, struct leg *leg, const uint8_t *data, size_t len)
{
	leg_write(leg, data, len);
	if (leg->error == ENOMEM)
		conn_close(c, "out of memory");
}

static void
edit_requests(struct conn_relay *r, const uint8_t *data, size_t len, bool end)
{
	struct conn *c = &r->conn;
	struct worker *w = c->worker;
	struct edit_result e;

	if (conn_edit_take(r->edit, EDIT_REQUESTS, data, len, end, &e) != 0)
		conn_close(c, "out of memory");
	send_to(c, &r->up.leg, e.went, e.nwent);
	redact_requests(conn_edit_redact(r->edit),
	    trace_redact(w->trace, RECORD_BIT(RECORD_EDIT)), e.came, e.ncame,
	    &w->spans);
	conn_record_edits(c, EDIT_REQUESTS, &e, &w->spans);
}

static void
take_requests(void *ctx, const uint8_t *data, size_t len)
{
	struct conn *c = ctx;
	struct conn_relay *r = conn_as_relay(c);

	conn_observe_time(c);
	if (r->edit == NULL)
		send_to(c, &r->up.leg, data, len);
	conn_take(c, data, len);
	conn_observe_requests(c, data, len);
	if (r->edit != NULL)
		edit_requests(r, data, len, false);
}

/* Replies are understood when they go on, since then they are sent. */
static void
pass_replies(struct conn_relay *r, const uint8_t *data, size_t len,
    const struct edit_result *edited)
{
	struct conn *c = &r->conn;
	size_t sent = edited != NULL ? edited->nwent : len;

	send_to(c, &c->client, edited != NULL ? edited->went : data, sent);
	conn_observe_replies(c, data, len, edited);
	conn_touch(c);
	c->sent += sent;
	c->worker->totals.sent += sent;
}

static void
edit_replies(struct conn_relay *r, const uint8_t *data, size_t len, bool end)
{
	struct edit_result e;

	if (conn_edit_take(r->edit, EDIT_REPLIES, data, len, end, &e) != 0)
		conn_close(&r->conn, "out of memory");
	if (e.ncame > 0 || e.nwent > 0)
		pass_replies(r, e.came, e.ncame, &e);
}

static void
take_replies(void *ctx, const uint8_t *data, size_t len)
{
	struct conn *c = ctx;
	struct conn_relay *r = conn_as_relay(c);

	conn_observe_time(c);
	if (r->edit == NULL)
		pass_replies(r, data, len, NULL);
	else
		edit_replies(r, data, len, false);
}

/* A stream is at its end: what is held of it goes on. */
static void
end_edits(struct conn_relay *r)
{
	static const uint8_t nothing[1];

	if (r->edit == NULL)
		return;
	if (conn_edit_holds(r->edit, EDIT_REQUESTS) &&
	    (leg_ended(&r->conn.client) || r->conn.reason != NULL))
		edit_requests(r, nothing, 0, true);
	if (conn_edit_holds(r->edit, EDIT_REPLIES) &&
	    (leg_ended(&r->up.leg) || r->conn.reason != NULL))
		edit_replies(r, nothing, 0, true);
}

/* A server takes its time for what it has been sent, and an observer must
 * remember all of it: so reading pauses.  That must not stop a client that
 * writes everything before it reads: if no reply comes, reading goes on. */
static enum flow_state
ask_up(void *ctx, size_t *room)
{
	const struct conn *c = ctx;

	if (!conn_as_relay(c)->impatient && conn_observe_lags(c))
		return (FLOW_TAKER_FULL);
	*room = RELAY_CHUNK;
	return (conn_may_take(c));
}

static enum flow_state
ask_down(void *ctx, size_t *room)
{
	*room = RELAY_CHUNK;
	return (conn_may_take(ctx));
}

/* The timer */

/* Reads on up to its end, though nobody takes it: the rest is for the trace. */
static void
read_broken(struct conn *c, struct leg *leg, flow_take_fn take)
{
	size_t left = SIZE_MAX - 1;

	if (leg->paused && !leg->read_ended && leg_is_broken(leg))
		conn_drain(c, leg, &left, take);
}

static void
on_timer(void *ctx)
{
	struct conn_relay *r = ctx;
	struct conn *c = &r->conn;

	if (c->ended)
		return;
	if (r->held_back && r->held_at == c->sent)
		r->impatient = true;
	r->held_at = c->sent;
	if (c->reason == NULL) {
		read_broken(c, &c->client, take_requests);
		read_broken(c, &r->up.leg, take_replies);
	}
	conn_run(c, CONN_BOTH);
}

static void
look_again(struct conn_relay *r, int64_t ms)
{
	if (r->timer == NULL)
		r->timer = timer_new(r->conn.worker->loop, on_timer, r);
	if (r->timer != NULL)
		timer_set(r->timer, ms);
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
forward(struct conn_relay *r, const struct flow *flow)
{
	struct conn *c = &r->conn;

	switch (flow_run(flow)) {
	case FLOW_TRACE_FULL:
		conn_wait_for_trace(c);
		break;
	case FLOW_MORE:
		conn_run_soon(c);
		break;
	case FLOW_TO_FULL:
		look_again(r, RELAY_WATCH);
		break;
	case FLOW_TAKER_FULL:
		r->held_back = true;
		r->held_at = c->sent;
		look_again(r, RELAY_PATIENCE);
		break;
	case FLOW_OPEN:
	case FLOW_ENDED:
		break;
	}
}

static void
forward_up(struct conn_relay *r)
{
	struct conn *c = &r->conn;
	struct flow flow = {
		.from = &c->client,
		.to = &r->up.leg,
		.high = FLOW_HIGH,
		.chunk = c->worker->chunk,
		.ask = ask_up,
		.take = take_requests,
		.ctx = c,
	};

	r->held_back = false;
	forward(r, &flow);
	if (!conn_observe_lags(c))
		r->impatient = false;
}

static void
forward_down(struct conn_relay *r)
{
	struct conn *c = &r->conn;
	struct flow flow = {
		.from = &r->up.leg,
		.to = &c->client,
		.high = FLOW_HIGH,
		.chunk = c->worker->chunk,
		.ask = ask_down,
		.take = take_replies,
		.ctx = c,
	};

	forward(r, &flow);
}

/* There will be no server: the client is told so as Redis would tell it. */
static void
refuse(struct conn *c)
{
	const struct upstream *up = &conn_as_relay(c)->up;
	struct record r = { .event = RECORD_ERROR, .chosen = TRACE_CHOSEN };
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

static void
run_relay(struct conn *c, unsigned directions)
{
	struct conn_relay *r = conn_as_relay(c);

	if (c->reason != NULL)
		return;
	if (r->up.problem != NULL) {
		refuse(c);
		return;
	}
	/* First what may give room to the other one. */
	if (directions & CONN_DOWN)
		forward_down(r);
	if ((directions & CONN_UP) ||
	    (r->held_back && !conn_observe_lags(c)))
		forward_up(r);
}

/* Ends */

static void
note_first_end(struct conn_relay *r)
{
	const struct conn *c = &r->conn;
	const struct leg *leg;

	if (r->side != NULL)
		return;
	if (leg_ended(&r->up.leg)) {
		r->side = "upstream";
		leg = &r->up.leg;
	} else if (leg_ended(&c->client)) {
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
	return (leg_ended(leg) && leg_is_broken(leg));
}

/*
 * One side is broken.  The other one gets what came before that, then a reset;
 * what it has sent meanwhile goes to the trace only.
 */
static void
pass_reset(struct conn_relay *r, struct leg *to, size_t *drain,
    flow_take_fn take)
{
	if (!r->resetting)
		r->give_up = 0;		/* that of a wait for its end */
	r->resetting = true;
	end_edits(r);
	leg_pause(to);
	if (to->error == 0 && (leg_unsent(to) > 0 || leg_in_flight(to) > 0) &&
	    !waited_for(r, RELAY_RESET_WAIT)) {
		look_again(r, RELAY_RESET_LOOK);
		return;
	}
	if (!conn_drain(&r->conn, to, drain, take))
		return;
	end_edits(r);
	r->reset = to;
	conn_end(&r->conn, r->reason, r->side);
}

/* Both sides are whole, at least one stream has ended. */
static void
pass_ends(struct conn_relay *r)
{
	struct leg *client = &r->conn.client, *up = &r->up.leg;
	size_t unsent;

	end_edits(r);
	if (leg_ended(client))
		leg_shut(up);
	if (leg_ended(up))
		leg_shut(client);
	unsent = leg_unsent(client) + leg_unsent(up);
	if (unsent != r->unsent)
		r->give_up = 0;		/* it is still being taken */
	r->unsent = unsent;
	if (leg_ended(up) && ((leg_ended(client) && unsent == 0) ||
	    waited_for(r, RELAY_FIN_WAIT)))
		conn_end(&r->conn, r->reason, r->side);
	else
		look_again(r, RELAY_WATCH);
}

/* It is closed for a reason of ours. */
static void
close_both(struct conn_relay *r)
{
	struct conn *c = &r->conn;

	leg_pause(&r->up.leg);
	if (!conn_lingers(c) &&
	    conn_drain(c, &c->client, &c->drain, take_requests) &&
	    conn_drain(c, &r->up.leg, &r->drain, take_replies)) {
		end_edits(r);
		conn_end(c, c->reason, NULL);
	}
}

static void
settle_relay(struct conn *c)
{
	struct conn_relay *r = conn_as_relay(c);

	if (c->reason != NULL) {
		close_both(r);
		return;
	}
	note_first_end(r);
	if (r->side == NULL)
		return;
	if (is_reset(&c->client))
		pass_reset(r, &r->up.leg, &r->drain, take_replies);
	else if (is_reset(&r->up.leg))
		pass_reset(r, &c->client, &c->drain, take_requests);
	else
		pass_ends(r);
}

/* The service */

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

static int
open_relay(struct conn *c)
{
	struct conn_relay *r = conn_as_relay(c);

	r->drain = SIZE_MAX;
	if (c->route->edit != NULL &&
	    (r->edit = conn_edit_new(c->route->edit)) == NULL)
		return (-1);
	conn_observe_begin(c);
	upstream_open(&r->up, c->worker->loop, c->route->upstream, &up_events,
	    c);
	return (0);
}

/* The client only listens, or waits for a reply, or is not read because the
 * server does not take what it says. */
static bool
relay_rests(const struct conn *c)
{
	return ((c->client.paused && !c->client.read_ended) ||
	    conn_observe_listens(c) || conn_observe_waits(c));
}

static void
free_relay(struct conn *c)
{
	struct conn_relay *r = conn_as_relay(c);

	if (r->reset != NULL)
		leg_reset(r->reset);
	upstream_stop(&r->up);
	leg_close(&r->up.leg);
	timer_free(r->timer);
	conn_observe_end(c);
	conn_edit_free(r->edit);
}

const struct conn_service *
conn_relay(void)
{
	static const struct conn_service service = {
		.size = sizeof(struct conn_relay),
		.open = open_relay,
		.run = run_relay,
		.settle = settle_relay,
		.rests = relay_rests,
		.free = free_relay,
	};

	return (&service);
}
