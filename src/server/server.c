#include "config.h"

#include "server/server_private.h"

#include <sys/resource.h>

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/log.h"
#include "stub/answers.h"
#include "stub/stub_world.h"

/* Descriptors that are not for clients: ours, and of clients being refused. */
#define SERVER_RESERVE 64
/* Replies that the stub keeps for a client that does not read, and for all of
 * them; in bytes. */
#define SERVER_UNREAD_EACH (64 * 1024 * 1024)
#define SERVER_UNREAD_ALL (256 * 1024 * 1024)
/* How long the trace may take to be written at the end, in seconds. */
#define SERVER_GRACE 5

static const int stop_signals[SERVER_STOP_SIGNALS] = { SIGINT, SIGTERM };

/* The stop */

static void
on_grace_end(evutil_socket_t fd, short what, void *arg)
{
	struct server *s = arg;

	(void)fd;
	(void)what;
	s->late = true;
	loop_break(s->loops->loop);
}

void
server_prepare_end(struct server *s)
{
	struct timeval grace = { .tv_sec = SERVER_GRACE };
	int i;

	/* A second one ends us at once.  SIGHUP still reopens. */
	for (i = 0; i < SERVER_STOP_SIGNALS; i++) {
		event_del(s->signals[i]);
		signal(stop_signals[i], SIG_DFL);
	}
	event_add(s->grace, &grace);
}

void
server_stop(struct server_loop *l)
{
	struct server *s = l->server;
	int i;

	if (atomic_exchange(&s->stopping, true))
		return;
	for (i = 0; i < s->nloops; i++)
		if (&s->loops[i] != l)
			loop_post(s->loops[i].loop, &s->loops[i].stop);
	server_loop_stop(l);
}

static void
on_stop_signal(evutil_socket_t signo, short what, void *arg)
{
	struct server *s = arg;

	(void)what;
	log_debug("%s: stopping", strsignal((int)signo));
	server_stop(s->loops);
}

static void
on_hangup(evutil_socket_t signo, short what, void *arg)
{
	struct server *s = arg;

	(void)signo;
	(void)what;
	output_flush(s->loops->output);
	output_reopen(s->loops->output);
}

static void
on_summary_signal(evutil_socket_t signo, short what, void *arg)
{
	struct server *s = arg;

	(void)signo;
	(void)what;
	server_summary_begin(s);
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
	rlim_t reserve = SERVER_RESERVE + (rlim_t)(s->nloops - 1) *
	    (SERVER_LOOP_FDS + (rlim_t)s->options->nlisten);

	most = most > 2 * reserve ? most - reserve : most / 2;
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

static struct event *
watch_signal(struct server *s, int signo, event_callback_fn callback)
{
	struct event *ev = evsignal_new(loop_base(s->loops->loop), signo,
	    callback, s);

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
	s->usr1 = watch_signal(s, SIGUSR1, on_summary_signal);
	s->grace = evtimer_new(loop_base(s->loops->loop), on_grace_end, s);
	if (s->grace == NULL || s->hangup == NULL || s->usr1 == NULL ||
	    s->signals[0] == NULL || s->signals[1] == NULL) {
		log_error("libevent cannot make its events");
		return (-1);
	}
	return (0);
}

static int
make_world(struct server *s)
{
	if ((s->world = stub_world_new()) == NULL) {
		log_error("out of memory");
		return (-1);
	}
	s->settings.stub.world = s->world;
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
	s->settings.stub.answers = s->answers;
	return (s->answers == NULL ? -1 : 0);
}

/* Where to relay to, if that is asked for. */
static int
find_upstream(struct server *s)
{
	const struct options *o = s->options;

	if (o->upstream == NULL)
		return (0);
	return (upstream_target_init(&s->upstream, o->upstream,
	    o->connect_timeout * INT64_C(1000)));
}

/* One that has nothing yet but its size. */
static struct server *
new_server(const struct options *options)
{
	size_t n = options->threads;
	struct server *s;
	int i;

	if ((s = calloc(1, sizeof(*s) + n * sizeof(s->loops[0]))) == NULL) {
		log_error("out of memory");
		return (NULL);
	}
	s->options = options;
	s->settings = (struct worker_settings){
		.stub = options->stub,
		.redact = options->redact,
		.clip = options->trace.looks.clip,
		.idle_timeout = options->idle_timeout,
		.unread_each = SERVER_UNREAD_EACH,
		.unread_all = SERVER_UNREAD_ALL / options->threads,
	};
	TAILQ_INIT(&s->routes);
	s->nloops = (int)n;
	pthread_mutex_init(&s->summary.lock, NULL);
	for (i = 0; i < s->nloops; i++) {
		s->loops[i].server = s;
	}
	return (s);
}

struct server *
server_new(const struct options *options, int *status)
{
	struct server *s;
	int i;

	*status = EXIT_FAILURE;
	if ((s = new_server(options)) == NULL)
		return (NULL);
	if (find_upstream(s) != 0 || make_world(s) != 0 ||
	    read_answers(s) != 0)
		goto fail;
	for (i = 0; i < s->nloops; i++)
		if (server_loop_open(&s->loops[i]) != 0)
			goto fail;
	limit_clients(s);
	if (server_listen(s, status) != 0)
		goto fail;
	/* Only now: until here a signal may end us as it likes. */
	if (make_events(s) != 0)
		goto fail;
	/* That it cannot be written is to be known now, not at the end. */
	if (server_summarize(s, false) != 0 || server_write_port_file(s) != 0)
		goto fail;
	return (s);

fail:
	server_free(s);
	return (NULL);
}

/* Runs the first loop here, and the others in their threads. */
static void
run_loops(struct server *s)
{
	bool started = true;
	int i;

	for (i = 1; i < s->nloops && started; i++)
		started = server_loop_start(&s->loops[i]) == 0;
	if (started)
		server_loop_run(s->loops);
	else
		s->status = EXIT_FAILURE;
	/* Whatever has ended the first one ends all. */
	for (i = 1; i < s->nloops; i++)
		loop_post(s->loops[i].loop, &s->loops[i].quit);
	for (i = 1; i < s->nloops; i++)
		if (s->loops[i].started)
			pthread_join(s->loops[i].thread, NULL);
}

int
server_run(struct server *s)
{
	run_loops(s);
	if (s->late) {
		log_error("the trace's reader is too slow, or its disk full: "
		    "%" PRIu64 " records are not written",
		    output_unwritten(s->loops->output));
		s->status = EXIT_FAILURE;
	}
	if (server_summarize(s, true) != 0)
		s->status = EXIT_FAILURE;
	return (s->status);
}

void
server_free(struct server *s)
{
	int i;

	if (s == NULL)
		return;
	for (i = 0; i < s->nloops; i++)
		server_loop_abandon(&s->loops[i]);
	for (i = 0; i < SERVER_STOP_SIGNALS; i++)
		if (s->signals[i] != NULL)
			event_free(s->signals[i]);
	if (s->hangup != NULL)
		event_free(s->hangup);
	if (s->usr1 != NULL)
		event_free(s->usr1);
	if (s->grace != NULL)
		event_free(s->grace);
	server_routes_free(s);
	for (i = 0; i < s->nloops; i++)
		server_loop_free(&s->loops[i]);
	upstream_target_free(&s->upstream);
	answers_free(s->answers);
	stub_world_free(s->world);
	stats_free(s->summary.stats);
	pthread_mutex_destroy(&s->summary.lock);
	free(s);
}
