/*
 * A client that has sent MONITOR: a sink of its worker's trace.
 *
 *   cmd record -> lines -> the connection's next turn -> the client
 *
 * What other workers' clients send comes through the mailbox (mailbox.h).
 */
#include "config.h"

#include "conn/conn_private.h"

#include <stdlib.h>

#include "conn/mailbox.h"
#include "format/monitor.h"
#include "net/timer.h"

struct conn_monitor {
	struct sink sink;
	struct conn *conn;
	struct bytes lines;	/* not sent yet */
	LIST_ENTRY(conn_monitor) link;	/* in the worker's monitors */
};

/* Lines are gathered and sent in the next turn of the loop: one for each
 * command and monitor would hold up the client whose command it is. */
static void
on_command(struct sink *sink, const struct record *r)
{
	struct conn_monitor *m = (struct conn_monitor *)sink;
	struct conn *c = m->conn;
	size_t before = m->lines.len;

	/* Its own commands follow their replies; see conn_stub.c. */
	if (r->conn == c->session.id || c->reason != NULL || c->ended)
		return;
	monitor_reply(&m->lines, r, c->worker->args.clip);
	c->worker->monitored += m->lines.len - before;
	conn_run_soon(c);
}

void
conn_take_mail(void *ctx)
{
	struct worker *w = ctx;
	struct conn_monitor *m;
	struct bytes lines = { 0 };

	mailbox_take(w->mailbox, &lines);
	LIST_FOREACH (m, &w->monitors, link) {
		if (m->conn->reason != NULL || m->conn->ended)
			continue;
		bytes_add(&m->lines, lines.data, lines.len);
		m->lines.failed |= lines.failed;
		conn_run_soon(m->conn);
	}
	bytes_free(&lines);
	/* There may be room again in others' mailboxes. */
	timer_set(w->again, 0);
}

/* Redis gives one up by the limits of its output buffers: nothing else here is
 * allowed to grow. */
void
conn_monitor_send(struct conn_stub *s)
{
	struct conn *c = &s->conn;
	struct bytes *lines;

	if (s->monitor == NULL)
		return;
	lines = &s->monitor->lines;
	if (lines->failed || leg_unsent(&c->client) >= FLOW_HIGH) {
		conn_close(c, "monitor too slow");
		c->hurry = true;
	} else if (c->reason == NULL) {
		conn_send(c, lines->data, lines->len);
	}
	bytes_free(lines);
}

int
conn_monitor_start(struct conn_stub *s)
{
	struct worker *w = s->conn.worker;
	struct conn_monitor *m;

	if ((m = calloc(1, sizeof(*m))) == NULL)
		return (-1);
	m->sink.events = RECORD_BIT(RECORD_CMD);
	m->sink.needs_peer = true;
	m->sink.redact = worker_redact_for_clients(w);
	m->sink.take = on_command;
	m->conn = &s->conn;
	trace_add_sink(w->trace, &m->sink, NULL);
	LIST_INSERT_HEAD(&w->monitors, m, link);
	mailbox_subscribe(w->mailbox);
	s->monitor = m;
	return (0);
}

void
conn_monitor_stop(struct conn_stub *s)
{
	struct worker *w = s->conn.worker;

	if (s->monitor == NULL)
		return;
	trace_remove_sink(&s->monitor->sink);
	LIST_REMOVE(s->monitor, link);
	mailbox_unsubscribe(w->mailbox);
	bytes_free(&s->monitor->lines);
	free(s->monitor);
	s->monitor = NULL;
}
