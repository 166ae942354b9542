/*
 * One side of a connection: a socket with its output.
 *
 *             read_ended            what came is at its end: EOF or an error
 *   leg {
 *             write_ended           nothing can or will go out any more
 *
 * The end of reading is what ends a leg: after an
 * error of writing the kernel may still hold bytes of the peer, so reading
 * goes on until these are in the trace and the end shows there too.
 *
 * Only a leg touches the descriptor.  A caller must not take it for a TCP
 * socket: it has bytes, ends, and an error.
 */
#ifndef NET_LEG_H
#define NET_LEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/address.h"

struct bufferevent;
struct event_base;

/* What happens to a leg; each may be called from the loop only, never from
 * inside a leg_ function. */
struct leg_events {
	void (*readable)(void *ctx);	/* bytes, or the end, are there */
	void (*writable)(void *ctx);	/* output went out, or never will */
};

struct leg {
	struct bufferevent *bev;	/* NULL: closed */
	const struct leg_events *events;
	void *ctx;
	int error;		/* the first errno; 0: none */
	bool paused;
	bool read_ended;
	bool write_ended;
};

/* The peer's address. */
void leg_peer(const struct leg *, struct address *);

/* Takes the connected descriptor over and begins to read.  Returns -1 when
 * there is no memory; then the descriptor stays the caller's. */
int leg_open(struct leg *, struct event_base *, int fd,
    const struct leg_events *, void *ctx);

/*
 * Reads at most size bytes into buf: what has come, in one piece where it can.
 * Returns how many; fewer than size means that there are no more for now.  At
 * the end returns 0 and read_ended is set.
 */
size_t leg_read(struct leg *, uint8_t *buf, size_t size);

/* How many bytes the kernel holds that leg_read() would give. */
size_t leg_unread(const struct leg *);

/* Whether the peer sends no more, though not all may be read; for a leg that
 * is paused, which sees nothing of that by itself. */
bool leg_peer_is_gone(const struct leg *);

/* Bytes to the peer, in order; they are copied. */
void leg_write(struct leg *, const uint8_t *data, size_t len);

/* How many bytes the kernel has not taken yet; 0 after an error. */
size_t leg_unsent(const struct leg *);

/* Calls readable no more, or again; what has come stays where it is.  Harmless
 * when it is so already. */
void leg_pause(struct leg *);
void leg_resume(struct leg *);

/* Closes the descriptor; harmless when it is closed. */
void leg_close(struct leg *);

#endif
