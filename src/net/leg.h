/*
 * One side of a connection: a bufferevent.
 *
 *   leg {     connecting            nobody has answered yet; output waits
 *             read_ended            libevent has met the end: EOF or an error
 *             write_ended           nothing can or will go out any more
 *   }
 *
 * The end of reading is what ends a leg: after an error of writing the kernel
 * may still hold bytes of the peer, so reading goes on until these are in the
 * trace and the end shows there too.
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
struct loop;

/* What happens to a leg; each may be called from the loop only, never from
 * inside a leg_ function. */
struct leg_events {
	void (*readable)(void *ctx);	/* bytes, or the end, are there */
	void (*writable)(void *ctx);	/* connected; or output went out, or
					 * never will */
};

struct leg {
	struct bufferevent *bev;	/* NULL: closed */
	int error;		/* the first errno; 0: none */
	const struct leg_events *events;
	void *ctx;
	bool connecting;
	bool paused;
	bool more;		/* the kernel may have bytes that libevent does
				 * not tell of before its next turn */
	bool read_ended;
	bool write_ended;
	bool shutting;		/* leg_shut() waits for what is unsent */
};

/* A leg without a socket, closed. */
void leg_init(struct leg *, const struct leg_events *, void *ctx);

/* The address of the peer, and of our end. */
void leg_peer(const struct leg *, struct address *);
void leg_local(const struct leg *, struct address *);

/* Takes the connected descriptor over, which tcp_prepare() has prepared, and
 * begins to read.  Returns -1 when there is no memory; then the descriptor
 * stays the caller's. */
int leg_open(struct leg *, struct loop *, int fd);

/* A leg that is to be connected: what is written to it waits.  Returns -1 when
 * there is no memory. */
int leg_await(struct leg *, struct loop *);

/*
 * Connects a leg that waits for it, and begins to read when that is done.
 * Until then `connecting` is set; `writable` says that it is done.  When it
 * failed, `readable` is called, with `error` and still `connecting` set; when
 * it fails at once this returns -1, with errno set.  Then another address may
 * be tried, which what waits will go to, or leg_fail() called.
 */
int leg_connect(struct leg *, const struct address *);

/* It will never be connected. */
void leg_fail(struct leg *, int error);

/*
 * Reads at most size bytes into buf.  Returns how many; fewer than size means
 * that there are no more for now.
 */
size_t leg_read(struct leg *, uint8_t *buf, size_t size);

/* Whether all that the peer sent is read, and its end met. */
bool leg_ended(const struct leg *);

/* How many bytes are there that leg_read() would give; and how many of them
 * libevent has read already, so that nothing will tell of them again. */
size_t leg_unread(const struct leg *);
size_t leg_buffered(const struct leg *);

/* Whether the peer sends no more, though not all may be read, and whether that
 * is because of an error; for a leg that is paused, which sees nothing of it by
 * itself. */
bool leg_peer_is_gone(const struct leg *);
bool leg_is_broken(const struct leg *);

/* Bytes to the peer, in order; they are copied. */
void leg_write(struct leg *, const uint8_t *data, size_t len);

/* How many bytes the kernel has not taken yet; 0 after an error. */
size_t leg_unsent(const struct leg *);

/* How many bytes the kernel has taken and the peer's has not; 0 where the
 * system does not tell. */
size_t leg_in_flight(const struct leg *);

/* Nothing more is written: the peer sees the end behind what is unsent. */
void leg_shut(struct leg *);

/* Calls readable no more, or again; what has come stays where it is, and is
 * not told of when the leg goes on: ask leg_read().  Harmless when it is so
 * already. */
void leg_pause(struct leg *);
void leg_resume(struct leg *);

/* Closes the descriptor; harmless when it is closed. */
void leg_close(struct leg *);

/* The same, but the peer sees a reset instead of an end; what it has not got
 * yet is lost. */
void leg_reset(struct leg *);

#endif
