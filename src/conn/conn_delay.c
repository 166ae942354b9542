/*
 * A reply that is due later: of a blocking command, or because --answers says
 * so.
 *
 *   delay_reply -> timer -> record and send the reply -> go on, close, or hang
 */
#include "config.h"

#include "conn/conn_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/now.h"
#include "net/timer.h"

/* How often to check whether a client that cannot be read has gone, in
 * milliseconds. */
#define DELAY_WATCH 1000
/* What of a command's name a delayed reply record shows, and of its key. */
#define DELAY_NAME_MAX 64

/* Until it is over no command is executed. */
struct conn_delay {
	struct timer *timer;
	struct timer *watch;	/* for the client's end; NULL: by reading */
	struct conn_question question;
	struct bytes reply;
	struct bytes values;	/* of it; none: nobody asked for them */
	enum stub_verdict verdict;
	const char *why;
	uint64_t wait_ms;
	bool blocked;		/* the client's end ends it */
	uint8_t name[DELAY_NAME_MAX];
	uint8_t key[DELAY_NAME_MAX];
};

void
conn_delay_free(struct conn_stub *s)
{
	struct conn_delay *d = s->delay;

	if (d == NULL)
		return;
	timer_free(d->timer);
	timer_free(d->watch);
	bytes_free(&d->reply);
	bytes_free(&d->values);
	free(d);
	s->delay = NULL;
}

/* What is left of it, in milliseconds. */
static uint64_t
time_left(const struct conn_delay *d)
{
	uint64_t gone = (uint64_t)(now_ns(CLOCK_MONOTONIC) -
	    d->question.since) / 1000000;

	return (gone < d->wait_ms ? d->wait_ms - gone : 0);
}

static void
on_end(void *ctx)
{
	struct conn_stub *s = ctx;
	struct conn *c = &s->conn;
	struct conn_delay *d = s->delay;
	enum stub_verdict verdict = d->verdict;
	const char *why = d->why;
	uint64_t left = time_left(d);

	if (c->ended)
		return;
	if (left > 0) {		/* the timer was early */
		timer_set(d->timer, (int64_t)left);
		return;
	}
	if (d->reply.len > 0 && c->reason == NULL) {
		conn_stub_record_replies(c, &d->question, d->reply.data,
		    &d->values, c->sent);
		conn_send(c, d->reply.data, d->reply.len);
	}
	conn_delay_free(s);
	if (verdict == STUB_CLOSE)
		conn_close(c, why != NULL ? why : "quit");
	conn_run(c, CONN_UP);
}

/* A copy that outlives the chunk. */
static void
keep_arg(struct arg *a, uint8_t data[DELAY_NAME_MAX])
{
	if (a->data == NULL)
		return;
	if (a->kept > DELAY_NAME_MAX)
		a->kept = DELAY_NAME_MAX;
	memcpy(data, a->data, a->kept);
	a->data = data;
}

int
conn_delay_reply(struct conn_stub *s, const struct conn_question *q,
    const struct stub_outcome *outcome, size_t from)
{
	struct worker *w = s->conn.worker;
	struct conn_delay *d;

	if ((d = calloc(1, sizeof(*d))) == NULL ||
	    (d->timer = timer_new(w->loop, on_end, s)) == NULL) {
		free(d);
		return (-1);
	}
	s->delay = d;
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
	if (d->reply.failed || d->values.failed)
		return (-1);
	return (outcome->verdict == STUB_HANG ? 0 :
	    timer_set(d->timer, (int64_t)time_left(d)));
}

bool
conn_delay_is_blocked(const struct conn_delay *d)
{
	return (d->blocked);
}

/* A client that has gone waits for nothing: what it sent is only read now. */
static void
on_watch(void *ctx)
{
	struct conn_stub *s = ctx;
	struct conn *c = &s->conn;

	if (c->ended)
		return;
	if (!leg_peer_is_gone(&c->client)) {
		timer_set(s->delay->watch, DELAY_WATCH);
		return;
	}
	c->decoding = false;
	conn_delay_free(s);
	conn_run(c, CONN_UP);
}

/*
 * Not by EV_CLOSED: libevent reports a reset as EV_READ and EV_WRITE, so an
 * event for EV_CLOSED alone would never run while epoll woke the loop for it
 * again and again.
 */
void
conn_delay_watch(struct conn_stub *s)
{
	struct conn_delay *d = s->delay;

	if (d == NULL || !d->blocked || d->watch != NULL)
		return;
	d->watch = timer_new(s->conn.worker->loop, on_watch, s);
	if (d->watch != NULL)
		timer_set(d->watch, DELAY_WATCH);
}
