/*
 * What the connections of one event loop share.  Only the loop's own thread
 * touches it.
 */
#ifndef CONN_WORKER_H
#define CONN_WORKER_H

#include <sys/queue.h>

#include "base/bytes.h"
#include "cmd/options.h"
#include "net/flow.h"
#include "net/upstream.h"
#include "redis/pair.h"
#include "trace/trace.h"

struct conn;
struct conn_monitor;
struct event;
struct event_base;
struct mailbox;

TAILQ_HEAD(conn_list, conn);

struct totals {
	uint64_t conns;
	uint64_t commands;
	uint64_t received;	/* bytes */
	uint64_t sent;		/* bytes */
};

struct worker {
	struct event_base *base;
	const struct options *options;
	struct stub stub;
	struct upstream_target *upstream;	/* NULL: the stub answers */
	struct pair_options pairing;
	struct trace *trace;
	struct conn_list conns;		/* that live */
	struct conn_list ended;		/* that are freed in a moment */
	struct conn_list waiting;	/* of conns: for room in the trace */
	struct conn_list ready;		/* of conns: for their next turn */
	uint32_t nconns;		/* in conns and ended */
	struct totals totals;
	struct event *reap;		/* frees the ended ones */
	struct event *again;		/* runs the ready ones */
	struct event *flush;		/* hands the trace's batch over */
	int gather;			/* when: a timerfd */
	bool gathering;			/* it is running */
	int64_t flushed;		/* when that was done last: now_ns()
					 * of CLOCK_MONOTONIC_COARSE */
	void (*on_free)(void *ctx);	/* a connection is gone */
	void *ctx;
	LIST_HEAD(, conn_monitor) monitors;
	size_t monitored;		/* bytes for MONITORs in this turn */
	size_t queued;			/* in all transactions */
	struct mailbox *mailbox;	/* to and from other workers; NULL:
					 * there are none */
	/* For the one connection whose turn it is: */
	struct args args;
	struct bytes replies;
	struct spans spans;
	struct spans no_spans;	/* always empty */
	struct pair_scratch scratch;
	int64_t came;		/* when the chunk did; now_ns(), monotonic */
	uint8_t chunk[FLOW_CHUNK];
};

/* The callback of an event of the worker's, which is its argument. */
typedef void (*worker_event_fn)(int fd, short what, void *worker);

/*
 * reap and again are the callbacks of these events: conn_reap() and
 * conn_run_ready() of conn.h.  Returns NULL, after logging it, when there is no
 * memory.
 */
struct worker *worker_new(const struct options *, struct event_base *,
    struct trace *, worker_event_fn reap, worker_event_fn again);

/* Has the records so far handed to the writer: at once after a pause, so that a
 * line is seen when it is made; of a burst in a moment, with what follows. */
void worker_flush_soon(struct worker *);

/* After the last connection is freed. */
void worker_free(struct worker *);

#endif
