#include "config.h"

#include "redis/pair.h"

#include "redis/pair_ahead.h"
#include "redis/pair_match.h"
#include "redis/pair_reading.h"
#include "redis/pair_state.h"

void
pair_init(struct pair *p, struct session *session,
    const struct pair_options *options)
{
	*p = (struct pair){ .ahead.session = session, .options = options,
		.counts = true };
	session_init(&p->now, session->id);
}

size_t
pair_waiting(const struct pair *p)
{
	return (p->queue.tail - p->queue.head);
}

void
pair_free(struct pair *p)
{
	pair_reading_free(p->unfinished);
	pair_reading_free(p->outer);
	p->unfinished = p->outer = NULL;
	pair_queue_free(&p->queue);
	pair_ahead_free(p);
	session_free(&p->now);
}

bool
pair_listens(const struct pair *p)
{
	return (p->now.monitor || session_subscribed_all(&p->now) > 0);
}

/* Requests */

/* Out of step, a command is of use only behind one that may bring us back; once
 * there are no more values, none is. */
static void
forget_useless(struct pair *p)
{
	if (p->state == PAIR_OPAQUE)
		p->queue.from = p->queue.head = p->queue.tail;
	else
		pair_match_lose(p);
	pair_queue_trim(&p->queue);
}

void
pair_request(struct pair *p, const struct args *args,
    const struct pair_question *question)
{
	struct pair_entry *e;

	if (p->broken)
		return;
	e = pair_queue_add(&p->queue, args, question, p->options->keys);
	if (e == NULL && p->in_multi) {
		/* We can do without the commands of most transactions. */
		p->retained = false;
		p->queue.from = p->queue.head;
		e = pair_queue_add(&p->queue, args, question,
		    p->options->keys);
	}
	if (e == NULL) {
		if (pair_state_in_step(p))
			p->lost = "too many requests wait for replies";
		p->queue.from = p->queue.head = p->queue.tail;
	} else if (!pair_queue_is_plain(e) ||
	    p->ahead.session->reply != SESSION_REPLY_ON) {
		pair_ahead_request(p, e);
	}
	if (e == NULL || !pair_state_in_step(p)) {
		forget_useless(p);
		return;
	}
	if (pair_state_ordinary(p) != NULL)
		return;		/* as mostly: it gets a reply */
	pair_state_silent(p);
	pair_ahead_renew(p);
	pair_queue_trim(&p->queue);
}

void
pair_break(struct pair *p)
{
	p->broken = true;
}
