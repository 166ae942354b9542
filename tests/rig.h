/*
 * One worker with its trace, and peers that talk to it, all in one event loop:
 *
 *   peer -- socketpair or loopback TCP -- conn -> trace -> output -> file
 *
 * A test says what peers do, runs the loop until something is so, and looks at
 * what the peers got and at the trace.
 */
#ifndef RIG_H
#define RIG_H

#include <event2/event.h>

#include "cmd/options.h"
#include "conn/conn.h"
#include "net/loop.h"
#include "scratch.h"

#define RIG_PEERS 8

/* One client; zeros: none. */
struct peer {
	struct rig *rig;
	int fd;			/* -1: closed */
	int conn_fd;		/* the other end, to look at only */
	struct conn *conn;
	struct event *readable;
	struct event *writable;
	struct bytes out;	/* what it sends */
	size_t sent;		/* of it */
	bool half_close;	/* once all is sent */
	struct bytes got;
	bool eof;
	int error;		/* of reading */
};

struct rig {
	struct options options;	/* may be changed before rig_start() */
	struct worker_settings settings;	/* of the options */
	struct upstream_target upstream;	/* where the options say */
	struct route route;
	struct loop *loop;
	struct event_base *base;	/* the loop's */
	struct output *output;
	struct file file;
	struct trace trace;
	struct worker *worker;
	struct event *output_event;
	struct event *deadline;
	struct peer peers[RIG_PEERS];
	int npeers;
	bool refusing;		/* new connections are refused */
	int freed;		/* connections */
	int fifo;		/* the trace's reader; -1: it is a file */
	struct event *reader;
	struct bytes text;	/* what the reader read */
	char path[SCRATCH_PATH];
};

/* Options as of `resptap --reply=… --time=none`. */
void rig_init(struct rig *, enum stub_mode);

/* Makes the trace a FIFO, read only as rig_read_trace() says. */
void rig_use_fifo(struct rig *);
void rig_read_trace(struct rig *, bool);

void rig_start(struct rig *);

/* Frees all of it, also what still lives. */
void rig_stop(struct rig *);

/* Runs the loop until it is so; fails when that takes too long. */
void rig_until(struct rig *, bool (*is)(void *), void *ctx);

/* Runs the loop until nothing moves any more. */
void rig_settle(struct rig *);

/* Runs the loop until so many connections are gone. */
void rig_until_freed(struct rig *, int n);

/* The whole trace, each latency replaced with 0; ends the output. */
const char *rig_trace(struct rig *);

/* A new client: of a socketpair or of loopback TCP. */
struct peer *peer_open(struct rig *);
struct peer *peer_open_tcp(struct rig *);

/* Sends as the loop runs. */
void peer_send(struct peer *, const void *data, size_t len);
void peer_say(struct peer *, const char *);
/* Ends what it sends, behind all that. */
void peer_half_close(struct peer *);

/* Sends now as much as the sockets take; returns how much. */
size_t peer_push(struct peer *, const void *data, size_t len);

/* Whether it reads what comes, as it does at first. */
void peer_read(struct peer *, bool);

void peer_close(struct peer *);
/* Closes with a reset. */
void peer_reset(struct peer *);

/* Runs the loop until all is sent, so many bytes have come, the end has. */
void peer_until_sent(struct peer *);
void peer_until_got(struct peer *, size_t len);
void peer_until_eof(struct peer *);

/* How many bytes stand in the sockets on their way to the connection. */
size_t peer_in_kernel(const struct peer *);

/* Asserts that it has got this, and nothing else. */
void peer_assert_got(const struct peer *, const char *);

#endif
