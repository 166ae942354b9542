/*
 * What server.c, the whole from start to end, server_loop.c, one of its event
 * loops, server_route.c, where it listens and what for, and server_summary.c
 * share.
 *
 * The loops share nothing but what struct server has: its options and answers,
 * which nobody changes, its counters, which are atomic, and the writer behind
 * their outputs.  The first one runs in the main thread, and has the signals.
 * What one has to tell another it posts (loop.h).
 */
#ifndef SERVER_SERVER_PRIVATE_H
#define SERVER_SERVER_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "conn/conn.h"
#include "net/listener.h"
#include "net/loop.h"
#include "server/server.h"
#include "sink/stats.h"

#define SERVER_STOP_SIGNALS 2
/* Descriptors of a loop besides its listeners: epoll's, two eventfds and a
 * timer. */
#define SERVER_LOOP_FDS 4

/* A route in one loop; only that loop's thread touches it. */
struct server_listener {
	struct server_route *route;
	struct server_loop *loop;
	struct listener *listener;	/* NULL: it does not listen */
	int fd;			/* to listen with; -1: the listener has it */
	struct loop_call open;
	struct loop_call close;
	LIST_ENTRY(server_listener) link;	/* in the loop's listeners */
};

/* A place to listen at, and what for.  It stays until the server ends, since
 * connections point to it. */
struct server_route {
	struct route route;
	struct server *server;
	struct address address;	/* with the port that was picked for port 0 */
	TAILQ_ENTRY(server_route) link;
	struct server_listener at[];	/* by loop */
};

/* Only its own thread touches it while that runs. */
struct server_loop {
	struct server *server;
	pthread_t thread;
	bool started;		/* the thread; never of the first loop */
	struct loop *loop;
	struct output *output;
	struct file file;
	struct trace trace;
	struct stats *stats;
	struct worker *worker;
	LIST_HEAD(, server_listener) listeners;
	struct event *output_event;
	/* What other loops ask of it: */
	struct loop_call stop;
	struct loop_call quit;
	struct loop_call summarize;
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
	struct worker_settings settings;
	struct answers *answers;
	struct stub_world *world;
	struct upstream_target upstream;	/* where --upstream says */
	TAILQ_HEAD(, server_route) routes;	/* the first loop's */
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
	atomic_bool stopping;	/* in order: the loops end by themselves */
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

/* A summary is wanted while the loops run: each hands in its part, and the last
 * one prints it. */
void server_summary_begin(struct server *);

/* The part of one, in its thread; called by loop_post(). */
void server_summary_add(void *loop);

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

/* Starts the thread of a loop that is not the first.  Returns -1 after logging
 * why. */
int server_loop_start(struct server_loop *);

/* Runs until the loop's end. */
void server_loop_run(struct server_loop *);

/* Its part of the orderly stop; again, it does nothing. */
void server_loop_stop(struct server_loop *);

/* Accepts while the trace has room for records. */
void server_loop_allow_accepting(struct server_loop *);

/* Frees its connections and listeners, whatever they were at; then, when this
 * is done for all loops, the rest. */
void server_loop_abandon(struct server_loop *);
void server_loop_free(struct server_loop *);

/* The listeners' callback; ctx is a struct server_listener. */
void server_loop_accept(void *ctx, int fd, const struct address *peer);

/* server_route.c */

/*
 * Listens at one address, in all loops, which may run already; this is for the
 * first loop's thread.  Returns NULL after logging why.
 */
struct server_route *server_route_open(struct server *, const struct address *,
    const struct route *);

/* Listens no more; its connections stay. */
void server_route_close(struct server_route *);

/* Ends one loop's part of all routes, in its thread. */
void server_route_leave(struct server_loop *);

void server_routes_free(struct server *);

/* Opens what --listen says.  Returns -1 after logging why, with the exit status
 * as in server_new(). */
int server_listen(struct server *, int *status);

/* Writes --port-file, if it is given.  Returns -1 after logging why. */
int server_write_port_file(const struct server *);

#endif
