/*
 * One side of a connection: a socket with its output.
 *
 *   leg {     connecting            nobody has answered yet; output waits
 *             read_ended            what came is at its end: EOF or an error
 *             write_ended           nothing can or will go out any more
 *   }
 *
 * The end of reading is what ends a leg: after an error of writing the kernel
 * may still hold bytes of the peer, so reading goes on until these are in the
 * trace and the end shows there too.
 *
 * It is events and a buffer of libevent's, and no bufferevent: that reads 4 KiB
 * at a wake-up, with an ioctl before, into memory of its own, and an idle one
 * is twice as large (doc/design.md has the figures).
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

struct evbuffer;
struct event;
struct event_base;

/* What happens to a leg; each may be called from the loop only, never from
 * inside a leg_ function. */
struct leg_events {
	void (*readable)(void *ctx);	/* bytes, or the end, are there */
	void (*writable)(void *ctx);	/* connected; or output went out, or
					 * never will */
};

struct leg {
	int fd;			/* -1: closed */
	int error;		/* the first errno; 0: none */
	struct event *reading;	/* NULL: closed */
	struct event *writing;	/* NULL: everything went out so far */
	struct evbuffer *unsent;	/* NULL: nothing */
	const struct leg_events *events;
	void *ctx;
	int64_t stamp;		/* when the last byte read came, by the clock
				 * of the day, in ns; 0: not known */
	int64_t ahead;		/* of that clock before the monotonic one, when
				 * it was looked at last; in ns */
	bool dated;		/* by leg_date() */
	bool connecting;
	bool paused;
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
int leg_open(struct leg *, struct event_base *, int fd);

/*
 * Connects, and begins to read when that is done.  Until then `connecting` is
 * set, and what is written waits; `writable` says that it is done.  When it
 * failed, `readable` is called, with `error` and still `connecting` set; when
 * it fails at once this returns -1, with errno set.  Then another address may
 * be tried, which what waits will go to, or leg_fail() called.
 */
int leg_connect(struct leg *, struct event_base *, const struct address *);

/* It will never be connected. */
void leg_fail(struct leg *, int error);

/*
 * Reads at most size bytes into buf.  Returns how many; fewer than size means
 * that there are no more for now.  At the end returns 0 and read_ended is set.
 */
size_t leg_read(struct leg *, uint8_t *buf, size_t size);

/* From now on the kernel notes when bytes come.  A unix socket does not. */
void leg_date(struct leg *);

/*
 * When the last of the bytes that leg_read() gave came: in nanoseconds of
 * CLOCK_MONOTONIC, never later than now.  Now, where that is not known: for
 * bytes from before leg_date(), or when the clock of the day was set meanwhile,
 * since the kernel dates by it (SO_TIMESTAMPNS in socket(7)).
 */
int64_t leg_arrived(struct leg *);

/* How many bytes the kernel holds that leg_read() would give. */
size_t leg_unread(const struct leg *);

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

/* Calls readable no more, or again; what has come stays where it is.  Harmless
 * when it is so already. */
void leg_pause(struct leg *);
void leg_resume(struct leg *);

/* Closes the descriptor; harmless when it is closed. */
void leg_close(struct leg *);

/* The same, but the peer sees a reset instead of an end; what it has not got
 * yet is lost. */
void leg_reset(struct leg *);

#endif
