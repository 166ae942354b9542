#include "config.h"

#include "redis/pair_ahead.h"

#include "redis/pair_state.h"

/* A transaction ends; unless EXEC runs it, nothing in it has happened. */
static void
end_multi(struct pair_ahead *a, bool executed)
{
	if (!a->in_multi)
		return;
	a->in_multi = false;
	if (!executed)
		session_copy(a->session, &a->before);
	session_free(&a->before);
}

static void
begin_multi(struct pair_ahead *a)
{
	if (a->in_multi)
		return;
	a->in_multi = true;
	a->aborted = a->special = false;
	session_copy(&a->before, a->session);
}

/* Some were forgotten; what they did to a transaction is known. */
static void
pass_counted(struct pair_ahead *a, struct pair_entry *e)
{
	if (pair_queue_counted(e)->in_multi)
		begin_multi(a);
	else
		end_multi(a, true);
}

bool
pair_ahead_may_forget(const struct pair *p, const struct pair_entry *e)
{
	const struct pair_ahead *a = &p->ahead;

	bool muted = session_muted(a->session);

	/* One whose reply is skipped tells which that is. */
	if ((a->session->reply != SESSION_REPLY_ON &&
	    a->session->reply != SESSION_REPLY_OFF) ||
	    (a->in_multi && (a->special || muted)))
		return (false);
	switch (e->name) {
	case PAIR_EMPTY:
	case PAIR_ECHO:
	case PAIR_PING:
	case PAIR_WATCH:
		return (true);
	case PAIR_DISCARD:
	case PAIR_EXEC:
	case PAIR_MULTI:
		return (!muted);
	default:
		return (pair_queue_is_plain(e));
	}
}

/* What it changes while it is queued shows at once, though it happens later;
 * only replies are held back later. */
static void
enqueue(struct pair_ahead *a, const struct pair_entry *e)
{
	uint8_t reply = a->session->reply;

	a->special |= !pair_queue_is_plain(e);
	pair_state_change(a->session, e, false);
	a->session->reply = reply;
}

void
pair_ahead_request(struct pair *p, struct pair_entry *e)
{
	struct pair_ahead *a = &p->ahead;

	if (e->name == PAIR_COUNTED) {
		pass_counted(a, e);
		return;
	}
	if (a->in_multi && pair_state_is_queueable(e)) {
		enqueue(a, e);
	} else if (e->name == PAIR_MULTI) {
		begin_multi(a);
	} else if (e->name == PAIR_EXEC) {
		end_multi(a, !a->aborted && e->total == 1);
	} else if (e->name == PAIR_DISCARD) {
		end_multi(a, false);
	} else {
		if (e->name == PAIR_RESET)
			end_multi(a, false);
		pair_state_change(a->session, e, false);
	}
	session_command_done(a->session);
}

/* What EXEC is running, or will run of what is queued already: the entry
 * behind it is returned. */
static size_t
renew_queued(struct pair *p, size_t at, size_t end)
{
	struct pair_entry *e;

	for (; at < end; at += pair_queue_size(e)) {
		e = pair_queue_at(&p->queue, at);
		if (p->in_exec && e->name == PAIR_EXEC)
			return (at + pair_queue_size(e));
		if (!e->queued)
			continue;
		if (p->in_exec)
			pair_state_change(p->ahead.session, e, false);
		else
			enqueue(&p->ahead, e);
	}
	return (at);
}

void
pair_ahead_renew(struct pair *p)
{
	struct pair_ahead *a = &p->ahead;
	struct pair_entry *e;
	size_t at = p->queue.head;

	if (!a->stale || !pair_state_in_step(p))
		return;
	a->stale = false;
	end_multi(a, true);
	session_copy(a->session, &p->now);
	if (p->in_multi) {
		begin_multi(a);
		a->aborted = p->aborted;
		a->special = p->irregular;
		(void)renew_queued(p, p->queue.from, at);
	} else if (p->in_exec) {
		at = renew_queued(p, at, p->queue.tail);
	}
	for (; (e = pair_queue_at(&p->queue, at)) != NULL;
	    at += pair_queue_size(e))
		pair_ahead_request(p, e);
}

void
pair_ahead_free(struct pair *p)
{
	session_free(&p->ahead.before);
}
