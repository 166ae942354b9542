#include "config.h"

#include "redis/pair_state.h"

#include "redis/redact_reply.h"

bool
pair_state_is_queueable(const struct pair_entry *e)
{
	switch (e->name) {
	case PAIR_DISCARD:
	case PAIR_EXEC:
	case PAIR_MULTI:
	case PAIR_QUIT:
	case PAIR_RESET:
	case PAIR_WATCH:
		return (false);
	default:
		return (true);
	}
}

bool
pair_state_is_irregular(const struct pair_entry *e)
{
	switch (e->name) {
	case PAIR_HELLO:
	case PAIR_REPLCONF_ACK:
	case PAIR_REPLY_OFF:
	case PAIR_REPLY_ON:
	case PAIR_REPLY_SKIP:
		return (true);
	default:
		return (e->name >= PAIR_SUBSCRIBE);
	}
}

bool
pair_state_is_denied(const struct pair *p, const struct pair_entry *e)
{
	const struct command *row;

	if (p->now.resp != 2 || session_subscribed_all(&p->now) == 0 ||
	    p->in_exec)
		return (false);
	row = pair_queue_command(e);
	return (row != NULL && !(row->flags & COMMAND_IN_SUBSCRIBED));
}

/* The head is dealt with; a transaction's commands stay until EXEC. */
static void
pop(struct pair *p)
{
	p->queue.head += pair_queue_size(pair_state_head(p));
	p->answered = p->expected = 0;
	if (!p->in_multi && p->debug < PAIR_DEBUG_STOPPED)
		p->queue.from = p->queue.head;
}

void
pair_state_finish(struct pair *p)
{
	/* Inside EXEC, CLIENT REPLY SKIP goes on with the command behind. */
	if (!p->in_exec)
		session_command_done(&p->now);
	pop(p);
}

/* What commands do */

static void
begin_multi(struct pair *p)
{
	p->in_multi = p->retained = true;
	p->irregular = p->aborted = p->uncounted = false;
	p->queued = 0;
	p->secrets = 0;
	/* The head is MULTI itself. */
	p->queue.from = p->queue.head;
}

void
pair_state_enqueue(struct pair *p, struct pair_entry *e)
{
	e->queued = true;
	p->queued++;
	p->secrets |= e->secrets;
	p->irregular |= pair_state_is_irregular(e);
}

/* Nothing is known of the transaction that is open behind them. */
static void
begin_forgotten_multi(struct pair *p)
{
	p->in_multi = p->uncounted = true;
	p->retained = p->irregular = p->aborted = false;
	p->queued = 0;
	p->secrets = REDACT_ANY;
}

void
pair_state_count_down(struct pair *p, struct pair_entry *e)
{
	struct pair_counted *c = pair_queue_counted(e);

	if (--c->n > 0)
		return;
	p->in_multi = false;
	pair_state_finish(p);
	if (c->in_multi)
		begin_forgotten_multi(p);
}

void
pair_state_begin_exec(struct pair *p)
{
	p->in_multi = false;
	p->in_exec = true;
	p->queue.head = p->queue.from;
	p->answered = p->expected = 0;
}

static void
set_name(struct session *s, const struct pair_entry *e)
{
	const struct pair_more *more = pair_queue_more(e);

	if (more->has_text)
		(void)session_set_name(s, pair_queue_text(e), more->text_len);
}

/* HELLO may have failed, for its password or its name. */
static void
hello(struct session *s, const struct pair_entry *e, bool answered)
{
	uint32_t number = pair_queue_more(e)->number;

	if (number != 0 && number != s->resp)
		s->resp = answered ? (uint8_t)number : 0;
	set_name(s, e);
}

void
pair_state_change(struct session *s, const struct pair_entry *e, bool answered)
{
	switch (e->name) {
	case PAIR_HELLO:
		hello(s, e, answered);
		break;
	case PAIR_MONITOR:
		s->monitor = true;
		break;
	case PAIR_REPLY_OFF:
		s->reply = SESSION_REPLY_OFF;
		break;
	case PAIR_REPLY_ON:
		/* It does not take back a SKIP before it in EXEC. */
		if (s->reply != SESSION_REPLY_SKIP_NEXT)
			s->reply = SESSION_REPLY_ON;
		break;
	case PAIR_REPLY_SKIP:
		if (s->reply != SESSION_REPLY_OFF)
			s->reply = SESSION_REPLY_SKIP_NEXT;
		break;
	case PAIR_RESET:
		session_reset(s);
		break;
	case PAIR_SELECT:
		s->db = pair_queue_more(e)->number;
		break;
	case PAIR_SETNAME:
		set_name(s, e);
		break;
	default:
		break;
	}
}

void
pair_state_apply(struct pair *p, const struct pair_entry *e, bool answered)
{
	switch (e->name) {
	case PAIR_DISCARD:
		p->in_multi = false;
		break;
	case PAIR_MULTI:
		if (!p->in_multi)
			begin_multi(p);
		break;
	case PAIR_RESET:
		p->counts = true;
		p->in_multi = p->in_exec = false;
		break;
	case PAIR_SCRIPT_DEBUG:
		p->debug = pair_queue_more(e)->number != 0 ? PAIR_DEBUG_ON :
		    PAIR_DEBUG_OFF;
		pair_state_settle(p);
		break;
	default:
		break;
	}
	pair_state_change(&p->now, e, answered);
}

void
pair_state_element(struct pair *p, size_t *at, uint8_t type)
{
	struct pair_entry *e;

	if (!p->retained)
		return;
	if (*at == SIZE_MAX)
		*at = 0;
	do {
		e = pair_queue_at(&p->queue, p->queue.from + *at);
		if (e == NULL || e->name == PAIR_EXEC)
			return;
		*at += pair_queue_size(e);
	} while (!e->queued);
	if (type != REPLY_ERROR && type != REPLY_BLOB_ERROR)
		pair_state_apply(p, e, type != 0);
}

/* Commands without a reply */

/* CLIENT REPLY OFF and SKIP hold back nearly all. */
static bool
is_muted(const struct pair *p, const struct pair_entry *e)
{
	if (!session_muted(&p->now))
		return (false);
	if ((p->in_multi && pair_state_is_queueable(e)) ||
	    pair_state_is_denied(p, e))
		return (true);
	if (e->name == PAIR_RESET)
		return (p->now.reply == SESSION_REPLY_SKIP);
	/* EXEC refuses it, and an error is held back. */
	if (e->name == PAIR_SSUBSCRIBE && p->in_exec)
		return (true);
	return (e->name < PAIR_SUBSCRIBE && e->name != PAIR_REPLY_ON);
}

static bool
is_silent(const struct pair *p, const struct pair_entry *e)
{
	if (e->name == PAIR_EMPTY || is_muted(p, e))
		return (true);
	if (pair_queue_is_plain(e))
		return (false);
	if ((p->in_multi && pair_state_is_queueable(e)) ||
	    pair_state_is_denied(p, e))
		return (false);
	switch (e->name) {
	case PAIR_REPLCONF_ACK:
	case PAIR_REPLY_OFF:
	case PAIR_REPLY_SKIP:
		return (true);
	case PAIR_MONITOR:
	case PAIR_SYNC:
		/* Who monitors is a kind of replica. */
		return (p->now.monitor && !p->in_exec);
	default:
		return (false);
	}
}

/* EXEC's reply was held back, but maybe not all of what it ran. */
static bool
assume_exec(struct pair *p, const struct pair_entry *e)
{
	size_t at = SIZE_MAX;
	uint64_t i;

	if (!p->in_multi)
		return (false);
	if (p->aborted || e->total != 1) {
		p->in_multi = false;
		return (false);
	}
	if (p->irregular && p->retained) {
		pair_state_begin_exec(p);
		return (true);
	}
	for (i = 0; i < p->queued && p->retained; i++)
		pair_state_element(p, &at, 0);
	p->in_multi = false;
	return (false);
}

/* Nothing says whether it worked, so it did; returns whether the head is
 * another one now. */
static bool
assume(struct pair *p, struct pair_entry *e)
{
	const struct command *row = pair_queue_command(e);

	if (e->name == PAIR_EMPTY)
		return (false);
	if (p->in_multi && pair_state_is_queueable(e)) {
		if (row != NULL && command_arity_ok(row, e->total))
			pair_state_enqueue(p, e);
		else
			p->aborted = p->ahead.stale = true;
	} else if (e->name == PAIR_EXEC) {
		return (assume_exec(p, e));
	} else if (!pair_state_is_denied(p, e)) {
		pair_state_apply(p, e, false);
	}
	return (false);
}

void
pair_state_silent(struct pair *p)
{
	struct pair_entry *e;

	while (pair_state_in_step(p) && p->debug < PAIR_DEBUG_STOPPED &&
	    (e = pair_state_head(p)) != NULL) {
		if (p->in_exec && !e->queued) {
			/* What EXEC ran is behind us, or was never its. */
			if (e->name == PAIR_EXEC) {
				p->in_exec = false;
				pair_state_finish(p);
			} else {
				pop(p);
			}
		} else if (!is_silent(p, e)) {
			return;
		} else if (!assume(p, e)) {
			pair_state_finish(p);
		}
	}
}
