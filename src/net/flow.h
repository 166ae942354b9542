/*
 * One direction: what comes in at one leg, on its way to the other one.  In
 * the stub both are the client's.
 *
 *   from -- chunk --> take() -- whatever it writes --> to
 *
 * Back-pressure: nothing is read while `to` has much unsent, or while whoever
 * takes has no room.
 */
#ifndef NET_FLOW_H
#define NET_FLOW_H

#include "net/leg.h"

/* What may be unsent where nothing asks for more; in bytes. */
#define FLOW_HIGH (512 * 1024)
/* What is read at a time, at most. */
#define FLOW_CHUNK (256 * 1024)
/* How many chunks are read before others have their turn. */
#define FLOW_TURN 2

enum flow_state {
	FLOW_OPEN,		/* waiting for bytes */
	FLOW_MORE,		/* there are more, for its next turn: libevent
				 * will not tell of them again */
	FLOW_TO_FULL,		/* stopped until `to` is writable */
	FLOW_TAKER_FULL,	/* stopped until take() has room */
	FLOW_TRACE_FULL,	/* stopped until what is read can be shown */
	FLOW_ENDED		/* all is read */
};

/* Takes what was read, all of it. */
typedef void (*flow_take_fn)(void *ctx, const uint8_t *data, size_t len);

struct flow {
	struct leg *from;
	struct leg *to;
	size_t high;		/* no reading while `to` has so much unsent */
	uint8_t *chunk;		/* FLOW_CHUNK bytes, may be shared */
	/* Asked before each read: FLOW_OPEN and how many bytes may be taken,
	 * or why none may until flow_run() is called again. */
	enum flow_state (*ask)(void *ctx, size_t *room);
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
