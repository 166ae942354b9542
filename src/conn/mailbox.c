#include "config.h"

#include "conn/mailbox.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"
#include "format/monitor.h"
#include "net/loop.h"
#include "net/timer.h"

struct mailbox {
	struct sink sink;	/* of the worker's trace */
	struct worker *worker;
	struct mailbox *next;	/* all of them, in a ring */
	struct loop_call take;	/* in the worker's thread */
	struct bytes line;	/* on its way to the others */

	pthread_mutex_t lock;	/* for what follows */
	struct bytes lines;
	int addressees;		/* of the others: those with MONITORs */
	/* Changed under the lock, looked at without. */
	atomic_uint monitors;	/* of this worker */
	atomic_size_t backlog;	/* what `lines` will be for all of them */
};

static void
wake(struct mailbox *m)
{
	loop_post(m->worker->loop, &m->take);
}

static void
wake_others(struct mailbox *m)
{
	struct mailbox *other;

	for (other = m->next; other != m; other = other->next)
		wake(other);
}

/* Under the lock. */
static void
weigh(struct mailbox *m)
{
	m->backlog = m->lines.len * m->monitors;
}

static void
put(struct mailbox *m, const struct bytes *line)
{
	bool first;

	if (m->monitors == 0)
		return;
	pthread_mutex_lock(&m->lock);
	first = m->monitors > 0 && m->lines.len == 0;
	if (m->monitors > 0)
		bytes_add(&m->lines, line->data, line->len);
	weigh(m);
	pthread_mutex_unlock(&m->lock);
	if (first)
		wake(m);
}

static void
on_command(struct sink *sink, const struct record *r)
{
	struct mailbox *m = (struct mailbox *)sink, *other;
	struct worker *w = m->worker;

	/* Somebody began to monitor when this record was being made. */
	if (r->u.cmd.peer == NULL)
		return;
	bytes_truncate(&m->line, 0);
	monitor_reply(&m->line, r, w->args.clip);
	for (other = m->next; other != m; other = other->next)
		put(other, &m->line);
	if (mailbox_backlog(m) >= FLOW_HIGH) {
		w->monitored = FLOW_HIGH;
		timer_set(w->again, 0);
	}
}

struct mailbox *
mailbox_new(struct worker *w, worker_fn take, struct mailbox *beside)
{
	struct mailbox *m;

	if ((m = calloc(1, sizeof(*m))) == NULL) {
		log_error("out of memory");
		return (NULL);
	}
	m->worker = w;
	m->take.fn = take;
	m->take.ctx = w;
	m->next = m;
	if (beside != NULL) {
		m->next = beside->next;
		beside->next = m;
	}
	pthread_mutex_init(&m->lock, NULL);
	m->sink.needs_peer = true;
	m->sink.take = on_command;
	m->sink.redact = worker_redact_for_clients(w);
	trace_add_sink(w->trace, &m->sink, NULL);
	w->mailbox = m;
	return (m);
}

/* One more or less of the others has MONITORs. */
static void
address(struct mailbox *m, int more)
{
	pthread_mutex_lock(&m->lock);
	m->addressees += more;
	m->sink.events = m->addressees > 0 ? RECORD_BIT(RECORD_CMD) : 0;
	pthread_mutex_unlock(&m->lock);
}

void
mailbox_subscribe(struct mailbox *m)
{
	struct mailbox *other;

	if (m == NULL)
		return;
	pthread_mutex_lock(&m->lock);
	m->monitors++;
	weigh(m);
	pthread_mutex_unlock(&m->lock);
	if (m->monitors > 1)
		return;
	for (other = m->next; other != m; other = other->next)
		address(other, 1);
}

void
mailbox_unsubscribe(struct mailbox *m)
{
	struct mailbox *other;

	if (m == NULL)
		return;
	pthread_mutex_lock(&m->lock);
	m->monitors--;
	if (m->monitors == 0)
		bytes_free(&m->lines);
	weigh(m);
	pthread_mutex_unlock(&m->lock);
	wake_others(m);
	if (m->monitors > 0)
		return;
	for (other = m->next; other != m; other = other->next)
		address(other, -1);
}

void
mailbox_take(struct mailbox *m, struct bytes *lines)
{
	bool was_full;

	if (m == NULL)
		return;
	pthread_mutex_lock(&m->lock);
	*lines = m->lines;
	m->lines = (struct bytes){ 0 };
	was_full = m->backlog >= FLOW_HIGH;
	weigh(m);
	pthread_mutex_unlock(&m->lock);
	if (was_full)
		wake_others(m);
}

size_t
mailbox_backlog(const struct mailbox *m)
{
	const struct mailbox *other;
	size_t most = 0, n;

	if (m == NULL)
		return (0);
	for (other = m->next; other != m; other = other->next)
		if ((n = other->backlog) > most)
			most = n;
	return (most);
}

void
mailbox_free(struct mailbox *m)
{
	if (m == NULL)
		return;
	loop_unpost(m->worker->loop, &m->take);
	pthread_mutex_destroy(&m->lock);
	bytes_free(&m->lines);
	bytes_free(&m->line);
	free(m);
}
