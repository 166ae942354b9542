/*
 * What server.c, the whole from start to end, server_loop.c, one of its event
 * loops, server_listen.c, the addresses, and server_summary.c share.
 *
 * The loops share nothing but what struct server has: its options and answers,
 * which nobody changes, its counters, which are atomic, and the writer behind
 * their outputs.  The first one runs in the main thread, and has the signals.
 */
#ifndef SERVER_SERVER_PRIVATE_H
#define SERVER_SERVER_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "conn/worker.h"
#include "net/listener.h"
#include "server/server.h"
#include "sink/stats.h"

#define SERVER_STOP_SIGNALS 2
/* Names that --listen gives may stand for several addresses each. */
#define SERVER_LISTENERS 32
/* Descriptors of a loop besides its listeners: epoll's, two eventfds and a
 * timer. */
#define SERVER_LOOP_FDS 4

/* Only its own thread touches it while that runs. */
struct server_loop {
	struct server *server;
	pthread_t thread;
	bool started;		/* the thread; never of the first loop */
	struct event_base *base;
	struct output *output;
	struct trace trace;
	struct stats *stats;
	struct worker *worker;
	struct listener *listeners[SERVER_LISTENERS];
	int nlisteners;
	struct event *output_event;
	struct event *woken;
	int wake;		/* an eventfd; any thread may write to it */
	unsigned round;		/* of the summary that it handed in last */
	bool stopping;
	bool finishing;
};

/* The summary that is being gathered. */
struct server_summary {
	pthread_mutex_t lock;	/* for the rest */
	struct stats *stats;
	struct stats_totals totals;
	int missing;		/* loops that have not handed in theirs */
};

struct server {
	const struct options *options;
	struct answers *answers;
	struct stub_world *world;
	uint32_t max_clients;
	struct event *signals[SERVER_STOP_SIGNALS];
	struct event *hangup;
	struct event *usr1;
	struct event *grace;
	struct server_summary summary;
	bool late;		/* the grace is over */
	/* Of all loops. */
	atomic_ullong accepted;
	atomic_ullong closed;
	atomic_uint nclients;	/* not freed yet */
	atomic_int status;
	atomic_uint round;	/* of the summary: a new one is wanted */
	atomic_bool stopping;	/* in order: the loops end by themselves */
	atomic_bool quitting;	/* at once */
	int nloops;
	struct server_loop loops[];
};

/* server.c */

/* Begins the orderly stop, in the loop where its cause is found and from there
 * in the others; again, it does nothing. */
void server_stop(struct server_loop *);

/* What the stop means for the process, in the first loop. */
void server_prepare_end(struct server *);

/* server_summary.c */

/* A summary is wanted while the loops run: each has to hand in its part, which
 * is to be called in its thread.  The last one prints it. */
void server_summary_begin(struct server *);
void server_summary_add(struct server_loop *);

/* The summary while no loop runs: of nothing, to see whether its file can be
 * written, or with the line of totals at the end.  Returns -1 after logging why
 * it cannot be written, or that there was no memory for part of the trace. */
int server_summarize(const struct server *, bool at_end);

/* Replaces a file that an option names.  Returns -1 after logging why not. */
int server_save(const struct bytes *, const char *option, const char *file,
    mode_t mode);

/* server_loop.c */

/* Fills in a loop that has only its server, after those before it.  Returns -1
 * after logging why. */
int server_loop_open(struct server_loop *);

/* Has it look at what has changed in its server; from any thread. */
void server_loop_wake(const struct server_loop *);

/* Starts the thread of a loop that is not the first.  Returns -1 after logging
 * why. */
int server_loop_start(struct server_loop *);

/* Runs until the loop's end. */
void server_loop_run(struct server_loop *);

/* Its part of the orderly stop; again, it does nothing. */
void server_loop_stop(struct server_loop *);

/* Frees its connections and listeners, whatever they were at; then, when this
 * is done for all loops, the rest. */
void server_loop_abandon(struct server_loop *);
void server_loop_free(struct server_loop *);

/* The listeners' callback; the loop is its ctx. */
void server_loop_accept(void *ctx, int fd, const struct address *peer);

/* server_listen.c */

/* Opens the listeners of all loops.  Returns -1 after logging why, with the
 * exit status as in server_new(). */
int server_listen(struct server *, int *status);

/* Writes --port-file, if it is given.  Returns -1 after logging why. */
int server_write_port_file(const struct server *);

#endif
