#include "config.h"

#include "server/server_private.h"

#include <sys/eventfd.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/thread.h"
#include "conn/conn.h"
#include "conn/mailbox.h"

/* One for signals, one below for all else. */
#define SERVER_PRIORITIES 2

/* The stop */

static void
finish_when_empty(struct server_loop *l)
{
	if (!l->stopping || l->finishing || l->worker->nconns > 0)
		return;
	l->finishing = true;
	trace_tell_lost(&l->trace);
	output_finish(l->output);
}

static void
free_listeners(struct server_loop *l)
{
	while (l->nlisteners > 0)
		listener_free(l->listeners[--l->nlisteners]);
}

void
server_loop_stop(struct server_loop *l)
{
	if (l->stopping)
		return;
	l->stopping = true;
	if (l == l->server->loops)
		server_prepare_end(l->server);
	free_listeners(l);
	conn_shutdown_all(l->worker);
	finish_when_empty(l);
}

/* Clients */

static void
allow_accepting(struct server_loop *l)
{
	bool allowed = !trace_overfull(&l->trace);
	int i;

	for (i = 0; i < l->nlisteners; i++)
		listener_allow(l->listeners[i], allowed);
}

void
server_loop_accept(void *ctx, int fd, const struct address *peer)
{
	struct server_loop *l = ctx;
	struct server *s = l->server;
	bool full = atomic_fetch_add(&s->nclients, 1) >= s->max_clients;
	uint64_t id = atomic_fetch_add(&s->accepted, 1) + 1;
	struct conn *c;

	if ((c = conn_open(l->worker, id, fd, peer)) == NULL) {
		atomic_fetch_sub(&s->nclients, 1);
		return;
	}
	if (full)
		conn_refuse(c);
	else
		conn_start(c);
	allow_accepting(l);
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
		event_base_loopbreak(l->base);
	} else if (output_done(l->output)) {
		event_base_loopbreak(l->base);
	} else {
		if (!output_full(l->output))
			trace_tell_lost(&l->trace);
		allow_accepting(l);
		conn_resume_waiting(l->worker);
		worker_flush_soon(l->worker);
	}
}

static void
on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct server_loop *l = arg;
	eventfd_t count;

	(void)what;
	eventfd_read(fd, &count);
	if (l->server->quitting) {
		event_base_loopbreak(l->base);
		return;
	}
	conn_take_mail(l->worker);
	server_summary_add(l);
	if (l->server->stopping)
		server_loop_stop(l);
}

void
server_loop_wake(const struct server_loop *l)
{
	eventfd_write(l->wake, 1);
}

/* The start */

static void
log_libevent(int severity, const char *message)
{
	if (severity >= EVENT_LOG_WARN)
		log_error("libevent: %s", message);
	else
		log_debug("libevent: %s", message);
}

static int
make_base(struct server_loop *l)
{
	const char *method;

	event_set_log_callback(log_libevent);
	if ((l->base = event_base_new()) == NULL) {
		log_error("libevent cannot make an event loop");
		return (-1);
	}
	method = event_base_get_method(l->base);
	if (strncmp(method, "epoll", strlen("epoll")) != 0) {
		log_error("libevent chose %s, resptap needs epoll; is an "
		    "EVENT_NO* variable set?", method);
		return (-1);
	}
	return (event_base_priority_init(l->base, SERVER_PRIORITIES));
}

static int
make_events(struct server_loop *l)
{
	if ((l->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) < 0) {
		log_error("eventfd: %s", strerror(errno));
		return (-1);
	}
	l->woken = event_new(l->base, l->wake, EV_READ | EV_PERSIST, on_wake,
	    l);
	l->output_event = event_new(l->base, output_fd(l->output),
	    EV_READ | EV_PERSIST, on_output, l);
	if (l->woken == NULL || event_add(l->woken, NULL) != 0 ||
	    l->output_event == NULL || event_add(l->output_event, NULL) != 0) {
		log_error("libevent cannot make its events");
		return (-1);
	}
	return (0);
}

int
server_loop_open(struct server_loop *l)
{
	struct server *s = l->server;
	struct server_loop *first = s->loops;

	if (make_base(l) != 0)
		return (-1);
	l->output = l == first ? output_open(s->options->trace.file,
	    !s->options->trace.format->bare) :
	    output_share(first->output);
	if (l->output == NULL)
		return (-1);
	trace_init(&l->trace, &s->options->trace, l->output);
	if ((l->stats = stats_new()) == NULL) {
		log_error("out of memory");
		return (-1);
	}
	/* With --quiet nobody will look at it, unless it goes to a file. */
	if (s->options->verbose >= 0 || s->options->summary != NULL)
		trace_add_sink(&l->trace, stats_sink(l->stats));
	l->worker = worker_new(s->options, l->base, &l->trace, conn_reap,
	    conn_run_ready);
	if (l->worker == NULL || make_events(l) != 0)
		return (-1);
	l->worker->on_free = on_conn_gone;
	l->worker->ctx = l;
	if (s->nloops > 1 && mailbox_new(l->worker, l->wake,
	    first->worker->mailbox) == NULL)
		return (-1);
	return (0);
}

void
server_loop_run(struct server_loop *l)
{
	if (event_base_dispatch(l->base) == 0)
		return;
	log_error("the event loop failed");
	l->server->status = EXIT_FAILURE;
	l->server->quitting = true;
	server_loop_wake(l->server->loops);
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
	free_listeners(l);
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
	if (l->woken != NULL)
		event_free(l->woken);
	if (l->wake >= 0)
		close(l->wake);
	output_free(l->output);
	stats_free(l->stats);
	if (l->base != NULL)
		event_base_free(l->base);
}
