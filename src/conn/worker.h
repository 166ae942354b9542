/*
 * What the connections of one event loop share.  Only the loop's own thread
 * touches it.
 */
#ifndef CONN_WORKER_H
#define CONN_WORKER_H

#include <sys/queue.h>

#include "base/bytes.h"
#include "net/flow.h"
#include "redis/pair.h"
#include "sink/output.h"
#include "stub/stub.h"
#include "trace/trace.h"

struct conn;
struct conn_monitor;
struct loop;
struct mailbox;
struct timer;

TAILQ_HEAD(conn_list, conn);

/* What the user chose about connections. */
struct worker_settings {
	struct stub stub;
	enum redact_level redact;
	size_t clip;		/* what is shown of a string, in bytes */
	uint32_t idle_timeout;	/* seconds; 0: none */
	/* Replies kept for clients that do not read, in bytes: */
	size_t unread_each;	/* for one client */
	size_t unread_all;	/* for all; past it each has FLOW_HIGH */
};

struct totals {
	uint64_t conns;
	uint64_t commands;
	uint64_t received;	/* bytes */
	uint64_t sent;		/* bytes */
	uint64_t stalled;	/* connections that were not read, because they
				 * did not read their replies */
};

/* What a connection has done since its turn began: past a bound, the rest waits
 * until others have had theirs. */
struct turn {
	unsigned commands;	/* executed */
	size_t replied;		/* bytes of replies made */
};

struct worker {
	struct loop *loop;
	const struct worker_settings *settings;
	struct stub stub;
	struct pair_options pairing;
	struct trace *trace;
	struct output *output;		/* the trace's file */
	struct conn_list conns;		/* that live */
	struct conn_list ended;		/* that are freed in a moment */
	struct conn_list waiting;	/* of conns: for room in the trace */
	struct conn_list ready;		/* of conns: for their next turn */
	uint32_t nconns;		/* in conns and ended */
	struct totals totals;
	size_t unread;			/* replies that the stub keeps */
	struct timer *reap;		/* frees the ended ones */
	struct timer *again;		/* runs the ready ones */
	struct timer *flush;		/* hands the trace's batch over */
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
	struct turn turn;
	struct args args;
	struct bytes replies;
	struct bytes values;	/* struct stub_value, of the last reply */
	struct spans spans;
	struct spans no_spans;	/* always empty */
	struct pair_scratch scratch;
	int64_t came;		/* when the chunk did; now_ns(), monotonic */
	uint8_t chunk[FLOW_CHUNK];
};

/* The callback of a timer of the worker's, which is its argument. */
typedef void (*worker_fn)(void *worker);

/*
 * reap and again are the callbacks of these timers: conn_reap() and
 * conn_run_ready() of conn.h.  The trace's file has that output.  Returns NULL,
 * after logging it, when there is no memory.
 */
struct worker *worker_new(const struct worker_settings *, struct loop *,
    struct trace *, struct output *, worker_fn reap, worker_fn again);

/* Has the records so far handed to the writer: at once after a pause, so that a
 * line is seen when it is made; of a burst in a moment, with what follows. */
void worker_flush_soon(struct worker *);

/* What is hidden from clients: what they can ask for is always redacted. */
enum redact_level worker_redact_for_clients(const struct worker *);

/* After the last connection is freed. */
void worker_free(struct worker *);

#endif
