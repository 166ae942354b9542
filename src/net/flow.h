/*
 * One direction: what comes in at one leg, on its way to the other one.  In
 * the stub both are the client's.
 *
 *   from -- chunk --> take() -- whatever it writes --> to
 *
 * Back-pressure: nothing is read while `to` has much unsent, or while the
 * trace has no room for it.
 */
#ifndef NET_FLOW_H
#define NET_FLOW_H

#include "net/leg.h"
#include "trace/trace.h"

/* No reading while `to` has so much unsent; in bytes. */
#define FLOW_HIGH (512 * 1024)
/* What is read at a time, at most. */
#define FLOW_CHUNK (1024 * 1024)
/* How many chunks are read before others have their turn. */
#define FLOW_TURN 2

enum flow_state {
	FLOW_OPEN,		/* waiting for bytes, or for its next turn */
	FLOW_TO_FULL,		/* stopped until `to` is writable */
	FLOW_TAKER_FULL,	/* stopped until take() has room */
	FLOW_TRACE_FULL,	/* stopped until the trace has room */
	FLOW_ENDED		/* all is read */
};

/* Takes what was read, all of it. */
typedef void (*flow_take_fn)(void *ctx, const uint8_t *data, size_t len);

struct flow {
	struct leg *from;
	struct leg *to;
	struct trace *trace;
	uint8_t *chunk;		/* FLOW_CHUNK bytes, may be shared */
	bool for_trace;		/* take() only records what was read */
	/* How many bytes may be taken now; 0: none until flow_run() is called
	 * again. */
	size_t (*room)(void *ctx);
	flow_take_fn take;
	void *ctx;
};

/*
 * Reads and hands on what may be read now.  Stops the leg's events when it may
 * not, and starts them again when it may: call it whenever that can have
 * changed.
 */
enum flow_state flow_run(const struct flow *);

#endif
