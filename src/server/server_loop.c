#include "config.h"

#include "server/server_private.h"

#include <stdlib.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/thread.h"
#include "conn/mailbox.h"

/* The stop */

static void
finish_when_empty(struct server_loop *l)
{
	if (!l->stopping || l->finishing || l->worker->nconns > 0)
		return;
	l->finishing = true;
	file_tell_lost(&l->file);
	output_finish(l->output);
}

void
server_loop_stop(struct server_loop *l)
{
	if (l->stopping)
		return;
	l->stopping = true;
	if (l == l->server->loops)
		server_prepare_end(l->server);
	server_route_leave(l);
	conn_shutdown_all(l->worker);
	finish_when_empty(l);
}

/* Clients */

void
server_loop_allow_accepting(struct server_loop *l)
{
	bool allowed = !trace_overfull(&l->trace);
	struct server_listener *at;

	LIST_FOREACH (at, &l->listeners, link)
		listener_allow(at->listener, allowed);
}

void
server_loop_accept(void *ctx, int fd, const struct address *peer)
{
	struct server_listener *at = ctx;
	struct server_loop *l = at->loop;
	struct server *s = l->server;
	bool full = atomic_fetch_add(&s->nclients, 1) >= s->max_clients;
	uint64_t id = atomic_fetch_add(&s->accepted, 1) + 1;
	struct conn *c;

	c = conn_open(l->worker, &at->route->route, id, fd, peer);
	if (c == NULL) {
		atomic_fetch_sub(&s->nclients, 1);
		return;
	}
	if (full)
		conn_refuse(c);
	else
		conn_start(c);
	server_loop_allow_accepting(l);
}

static void
on_conn_gone(void *ctx)
{
	struct server_loop *l = ctx;
	struct server *s = l->server;

	atomic_fetch_sub(&s->nclients, 1);
	if (atomic_fetch_add(&s->closed, 1) + 1 == s->options->count)
		server_stop(l);
	finish_when_empty(l);
}

/* News */

static void
on_output(evutil_socket_t fd, short what, void *arg)
{
	struct server_loop *l = arg;

	(void)fd;
	(void)what;
	output_seen(l->output);
	if (output_failed(l->output)) {
		l->server->status = EXIT_FAILURE;
		loop_break(l->loop);
	} else if (output_done(l->output)) {
		loop_break(l->loop);
	} else {
		if (!output_full(l->output))
			file_tell_lost(&l->file);
		server_loop_allow_accepting(l);
		conn_resume_waiting(l->worker);
		worker_flush_soon(l->worker);
	}
}

static void
on_stop(void *ctx)
{
	server_loop_stop(ctx);
}

static void
on_quit(void *ctx)
{
	struct server_loop *l = ctx;

	loop_break(l->loop);
}

/* The start */

static int
make_event(struct server_loop *l)
{
	l->output_event = event_new(loop_base(l->loop), output_fd(l->output),
	    EV_READ | EV_PERSIST, on_output, l);
	if (l->output_event != NULL && event_add(l->output_event, NULL) == 0)
		return (0);
	log_error("libevent cannot make its events");
	return (-1);
}

/* Whoever sees its records. */
static int
make_sinks(struct server_loop *l)
{
	const struct options *o = l->server->options;
	struct server_loop *first = l->server->loops;

	l->output = l == first ?
	    output_open(o->trace.file, !o->trace.format->bare) :
	    output_share(first->output);
	if (l->output == NULL)
		return (-1);
	trace_init(&l->trace);
	file_init(&l->file, &o->trace, l->output, o->redact);
	trace_add_sink(&l->trace, &l->file.sink, &o->filter);
	if ((l->stats = stats_new()) == NULL) {
		log_error("out of memory");
		return (-1);
	}
	/* With --quiet nobody will look at it, unless it goes to a file. */
	if (o->verbose >= 0 || o->summary != NULL) {
		stats_sink(l->stats)->redact = o->redact;
		trace_add_sink(&l->trace, stats_sink(l->stats), NULL);
	}
	return (0);
}

int
server_loop_open(struct server_loop *l)
{
	struct server *s = l->server;
	struct server_loop *first = s->loops;

	l->stop = (struct loop_call){ .fn = on_stop, .ctx = l };
	l->quit = (struct loop_call){ .fn = on_quit, .ctx = l };
	l->summarize = (struct loop_call){ .fn = server_summary_add, .ctx = l };
	if ((l->loop = loop_new()) == NULL || make_sinks(l) != 0)
		return (-1);
	l->worker = worker_new(&s->settings, l->loop, &l->trace, l->output,
	    conn_reap, conn_run_ready);
	if (l->worker == NULL || make_event(l) != 0)
		return (-1);
	l->worker->on_free = on_conn_gone;
	l->worker->ctx = l;
	if (s->nloops > 1 && mailbox_new(l->worker, conn_take_mail,
	    first->worker->mailbox) == NULL)
		return (-1);
	return (0);
}

void
server_loop_run(struct server_loop *l)
{
	if (loop_run(l->loop) == 0)
		return;
	l->server->status = EXIT_FAILURE;
	loop_post(l->server->loops->loop, &l->server->loops->quit);
}

static void *
run_thread(void *arg)
{
	server_loop_run(arg);
	return (NULL);
}

int
server_loop_start(struct server_loop *l)
{
	if (thread_start(&l->thread, "a thread", run_thread, l) != 0)
		return (-1);
	l->started = true;
	return (0);
}

/* The end */

void
server_loop_abandon(struct server_loop *l)
{
	server_route_leave(l);
	if (l->worker != NULL)
		conn_abandon_all(l->worker);
}

void
server_loop_free(struct server_loop *l)
{
	if (l->worker != NULL)
		mailbox_free(l->worker->mailbox);
	worker_free(l->worker);
	if (l->output_event != NULL)
		event_free(l->output_event);
	output_free(l->output);
	stats_free(l->stats);
	loop_free(l->loop);
}
