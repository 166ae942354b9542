#include "config.h"

#include "net/server.h"

#include <sys/resource.h>

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "log.h"
#include "net/address.h"
#include "net/conn.h"
#include "net/listener.h"
#include "net/worker.h"
#include "stub/answers.h"
#include "trace/stats.h"

/* Names that --listen gives may stand for several addresses each. */
#define SERVER_LISTENERS 32
/* Descriptors that are not for clients: ours, and of clients being refused. */
#define SERVER_RESERVE 64
/* How long the trace may take to be written at the end, in seconds. */
#define SERVER_GRACE 5

/* One for the flush, one for all else, one above for signals. */
#define SERVER_PRIORITIES 3

#define SERVER_STOP_SIGNALS 2
static const int stop_signals[SERVER_STOP_SIGNALS] = { SIGINT, SIGTERM };

struct server {
	const struct options *options;
	struct event_base *base;
	struct output *output;
	struct trace trace;
	struct stats *stats;
	struct worker *worker;
	struct answers *answers;
	struct listener *listeners[SERVER_LISTENERS];
	int nlisteners;
	struct event *output_event;
	struct event *signals[SERVER_STOP_SIGNALS];
	struct event *hangup;
	struct event *summary;
	struct event *grace;
	uint64_t accepted;
	uint64_t closed;
	uint32_t max_clients;
	int status;
	bool stopping;
	bool finishing;
};

/* The stop */

static void
finish_when_empty(struct server *s)
{
	if (!s->stopping || s->finishing || s->worker->nconns > 0)
		return;
	s->finishing = true;
	trace_finish(&s->trace);
	output_finish(s->output);
}

static void
on_grace_end(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;

	(void)fd;
	(void)what;
	log_error("the trace's reader is too slow, or its disk full: "
	    "%" PRIu64 " records are not written", output_unwritten(s->output));
	s->status = EXIT_FAILURE;
	event_base_loopbreak(s->base);
}

static void
stop(struct server *s)
{
	struct timeval grace = { .tv_sec = SERVER_GRACE };
	int i;

	if (s->stopping)
		return;
	s->stopping = true;
	/* A second one ends us at once.  SIGHUP still reopens. */
	for (i = 0; i < SERVER_STOP_SIGNALS; i++) {
		event_del(s->signals[i]);
		signal(stop_signals[i], SIG_DFL);
	}
	for (i = 0; i < s->nlisteners; i++)
		listener_free(s->listeners[i]);
	s->nlisteners = 0;
	event_add(s->grace, &grace);
	conn_shutdown_all(s->worker);
	finish_when_empty(s);
}

static void
on_stop_signal(evutil_socket_t signo, short what, void *arg)
{
	(void)what;
	log_debug("%s: stopping", strsignal((int)signo));
	stop(arg);
}

static void
on_hangup(evutil_socket_t signo, short what, void *arg)
{
	struct server *s = arg;

	(void)signo;
	(void)what;
	output_flush(s->output);
	output_reopen(s->output);
}

/* Files */

/* Returns -1 after logging why it cannot be written. */
static int
save(const struct bytes *b, const char *option, const char *file, mode_t mode)
{
	if (bytes_save(b, file, mode) == 0)
		return (0);
	log_error("%s=%s: %s", option, file, errno == EEXIST ?
	    "is not a regular file; name another" : strerror(errno));
	return (-1);
}

/* The summary */

/* Returns -1 after logging why it cannot be written. */
static int
summarize(const struct server *s)
{
	const struct totals *t = &s->worker->totals;
	const struct stats_totals totals = { t->conns, t->commands,
	    t->received, t->sent, s->trace.lost_total };
	const char *file = s->options->summary;
	struct bytes out = { 0 };
	int result = 0;

	if (file == NULL) {
		stats_text(s->stats, &totals, &out);
		log_text(&out);
	} else {
		stats_json(s->stats, &totals, &out);
		/* It has the names of keys: as private as the trace. */
		result = save(&out, "--summary", file, 0600);
	}
	bytes_free(&out);
	return (result);
}

static void
on_summary_signal(evutil_socket_t signo, short what, void *arg)
{
	(void)signo;
	(void)what;
	summarize(arg);
}

/* Whether there is one without being asked: a stub's line of totals says
 * enough. */
static bool
summarizes(const struct options *options)
{
	return (options->summary != NULL);
}

static int
make_stats(struct server *s)
{
	if ((s->stats = stats_new()) == NULL) {
		log_error("out of memory");
		return (-1);
	}
	trace_add_sink(&s->trace, stats_sink(s->stats));
	return (0);
}

/* Clients */

static void
allow_accepting(struct server *s)
{
	bool allowed = !trace_overfull(&s->trace);
	int i;

	for (i = 0; i < s->nlisteners; i++)
		listener_allow(s->listeners[i], allowed);
}

static void
on_accept(void *ctx, int fd, const struct address *peer)
{
	struct server *s = ctx;
	bool full = s->worker->nconns >= s->max_clients;
	struct conn *c;

	if ((c = conn_open(s->worker, s->accepted + 1, fd, peer)) == NULL)
		return;
	s->accepted++;
	if (full)
		conn_refuse(c);
	else
		conn_start(c);
	allow_accepting(s);
}

static void
on_conn_gone(void *ctx)
{
	struct server *s = ctx;

	s->closed++;
	if (s->closed == s->options->count)
		stop(s);
	finish_when_empty(s);
}

static void
on_output(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;

	(void)fd;
	(void)what;
	output_seen(s->output);
	if (output_failed(s->output)) {
		s->status = EXIT_FAILURE;
		event_base_loopbreak(s->base);
	} else if (output_done(s->output)) {
		event_base_loopbreak(s->base);
	} else {
		allow_accepting(s);
		conn_resume_waiting(s->worker);
	}
}

/* The start */

/* Returns how many descriptors the process may have. */
static rlim_t
raise_descriptor_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return (FD_SETSIZE);
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		getrlimit(RLIMIT_NOFILE, &limit);
	return (limit.rlim_cur);
}

static void
limit_clients(struct server *s)
{
	rlim_t most = raise_descriptor_limit();

	most = most > 2 * SERVER_RESERVE ? most - SERVER_RESERVE : most / 2;
	if (s->options->upstream != NULL)
		most /= 2;	/* each has two */
	if (most > UINT32_MAX)
		most = UINT32_MAX;
	s->max_clients = s->options->max_clients;
	if (s->max_clients == 0)
		s->max_clients = (uint32_t)most;
	else if (s->max_clients > most)
		log_info("--max-clients=%" PRIu32 " needs more descriptors "
		    "than the limit allows; raise ulimit -n", s->max_clients);
}

static void
log_libevent(int severity, const char *message)
{
	if (severity >= EVENT_LOG_WARN)
		log_error("libevent: %s", message);
	else
		log_debug("libevent: %s", message);
}

static int
make_base(struct server *s)
{
	const char *method;

	event_set_log_callback(log_libevent);
	if ((s->base = event_base_new()) == NULL) {
		log_error("libevent cannot make an event loop");
		return (-1);
	}
	method = event_base_get_method(s->base);
	if (strncmp(method, "epoll", strlen("epoll")) != 0) {
		log_error("libevent chose %s, resptap needs epoll; is an "
		    "EVENT_NO* variable set?", method);
		return (-1);
	}
	return (event_base_priority_init(s->base, SERVER_PRIORITIES));
}

static int
listen_on(struct server *s, const char *text, int *status)
{
	struct address found[8];
	char where[ADDRESS_TEXT_MAX];
	struct listener *l;
	const char *why;
	int i, n;

	n = address_resolve(text, found, 8, &why);
	if (n < 0) {
		log_error("--listen=%s: %s", text, why);
		return (-1);
	}
	for (i = 0; i < n; i++) {
		if (!s->options->allow_remote && !address_is_local(&found[i])) {
			log_error("--listen=%s: others could read what your "
			    "clients send; add --allow-remote if they may",
			    text);
			*status = 2;
			return (-1);
		}
		if (s->nlisteners == SERVER_LISTENERS) {
			log_error("--listen=%s: too many addresses; %d is the "
			    "most", text, SERVER_LISTENERS);
			return (-1);
		}
		l = listener_open(s->base, &found[i], on_accept, s);
		if (l == NULL)
			return (-1);
		s->listeners[s->nlisteners++] = l;
		log_info("listening on %s",
		    address_text(listener_address(l), where));
	}
	return (0);
}

static int
write_port_file(const struct server *s)
{
	const char *file = s->options->port_file;
	char text[ADDRESS_TEXT_MAX];
	struct bytes lines = { 0 };
	int i, result;

	if (file == NULL)
		return (0);
	for (i = 0; i < s->nlisteners; i++)
		bytes_addf(&lines, "%s\n",
		    address_text(listener_address(s->listeners[i]), text));
	result = save(&lines, "--port-file", file, 0666);
	bytes_free(&lines);
	return (result);
}

static struct event *
watch_signal(struct server *s, int signo, event_callback_fn callback)
{
	struct event *ev = evsignal_new(s->base, signo, callback, s);

	if (ev == NULL)
		return (NULL);
	event_priority_set(ev, 0);
	if (event_add(ev, NULL) == 0)
		return (ev);
	event_free(ev);
	return (NULL);
}

static int
make_events(struct server *s)
{
	int i;

	/* A reader that is gone, and RLIMIT_FSIZE: errors of a write, both. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	for (i = 0; i < SERVER_STOP_SIGNALS; i++)
		s->signals[i] = watch_signal(s, stop_signals[i],
		    on_stop_signal);
	s->hangup = watch_signal(s, SIGHUP, on_hangup);
	s->summary = watch_signal(s, SIGUSR1, on_summary_signal);
	s->grace = evtimer_new(s->base, on_grace_end, s);
	s->output_event = event_new(s->base, output_fd(s->output),
	    EV_READ | EV_PERSIST, on_output, s);
	if (s->grace == NULL || s->output_event == NULL ||
	    event_add(s->output_event, NULL) != 0 || s->hangup == NULL ||
	    s->summary == NULL || s->signals[0] == NULL ||
	    s->signals[1] == NULL) {
		log_error("libevent cannot make its events");
		return (-1);
	}
	return (0);
}

static int
read_answers(struct server *s)
{
	struct bytes message = { 0 };

	if (s->options->answers == NULL)
		return (0);
	s->answers = answers_read(s->options->answers, &message);
	if (s->answers == NULL)
		log_error("%s", message.failed ? "out of memory" :
		    (const char *)message.data);
	bytes_free(&message);
	s->worker->stub.answers = s->answers;
	return (s->answers == NULL ? -1 : 0);
}

struct server *
server_new(const struct options *options, int *status)
{
	struct server *s;
	int i;

	*status = EXIT_FAILURE;
	if ((s = calloc(1, sizeof(*s))) == NULL) {
		log_error("out of memory");
		return (NULL);
	}
	s->options = options;
	if (make_base(s) != 0)
		goto fail;
	if ((s->output = output_open(options->trace.file)) == NULL)
		goto fail;
	trace_init(&s->trace, &options->trace, s->output);
	if (make_stats(s) != 0)
		goto fail;
	s->worker = worker_new(options, s->base, &s->trace, conn_reap,
	    conn_run_ready);
	if (s->worker == NULL || read_answers(s) != 0)
		goto fail;
	s->worker->on_free = on_conn_gone;
	s->worker->ctx = s;
	limit_clients(s);
	for (i = 0; i < options->nlisten; i++)
		if (listen_on(s, options->listen[i], status) != 0)
			goto fail;
	/* Only now: until here a signal may end us as it likes. */
	if (make_events(s) != 0)
		goto fail;
	/* That it cannot be written is to be known now, not at the end. */
	if (options->summary != NULL && summarize(s) != 0)
		goto fail;
	if (write_port_file(s) != 0)
		goto fail;
	return (s);

fail:
	server_free(s);
	return (NULL);
}

static void
log_summary(const struct server *s)
{
	const struct totals *t = &s->worker->totals;

	log_info("%" PRIu64 " connection%s, %" PRIu64 " command%s; received "
	    "%" PRIu64 " byte%s, sent %" PRIu64 " byte%s",
	    t->conns, t->conns == 1 ? "" : "s",
	    t->commands, t->commands == 1 ? "" : "s",
	    t->received, t->received == 1 ? "" : "s",
	    t->sent, t->sent == 1 ? "" : "s");
	if (s->trace.lost_total > 0)
		log_info("%" PRIu64 " record%s dropped: the reader of the "
		    "trace was slow", s->trace.lost_total,
		    s->trace.lost_total == 1 ? "" : "s");
}

int
server_run(struct server *s)
{
	if (event_base_dispatch(s->base) != 0) {
		log_error("the event loop failed");
		s->status = EXIT_FAILURE;
	}
	log_summary(s);
	if (summarizes(s->options) && summarize(s) != 0)
		s->status = EXIT_FAILURE;
	return (s->status);
}

void
server_free(struct server *s)
{
	int i;

	if (s == NULL)
		return;
	for (i = 0; i < s->nlisteners; i++)
		listener_free(s->listeners[i]);
	if (s->worker != NULL)
		conn_abandon_all(s->worker);
	worker_free(s->worker);
	answers_free(s->answers);
	for (i = 0; i < SERVER_STOP_SIGNALS; i++)
		if (s->signals[i] != NULL)
			event_free(s->signals[i]);
	if (s->hangup != NULL)
		event_free(s->hangup);
	if (s->summary != NULL)
		event_free(s->summary);
	if (s->output_event != NULL)
		event_free(s->output_event);
	if (s->grace != NULL)
		event_free(s->grace);
	stats_free(s->stats);
	output_free(s->output);
	if (s->base != NULL)
		event_base_free(s->base);
	free(s);
}
