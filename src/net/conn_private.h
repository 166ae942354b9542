/*
 * What conn.c, a connection's life, and conn_stub.c, what it says, share.
 */
#ifndef NET_CONN_PRIVATE_H
#define NET_CONN_PRIVATE_H

#include "net/conn.h"

struct conn {
	TAILQ_ENTRY(conn) link;		/* in the worker's conns, then ended */
	TAILQ_ENTRY(conn) queue_link;	/* in `queue` */
	struct conn_list *queue;	/* the worker's waiting or ready; NULL:
					 * what happens to it wakes it */
	struct worker *worker;
	struct leg client;
	struct event *timer;	/* idle, then lingering; NULL: neither */
	const char *reason;	/* why we close it; NULL: we do not */
	char *peer;		/* its address as text; NULL: not asked for */
	uint64_t received;
	uint64_t sent;
	size_t drain;		/* bytes to read before the close */
	int64_t active;		/* when bytes moved last; see now_ms() */
	bool lingering;		/* the timer is for its close */
	bool hurry;		/* close without sending what is unsent */
	bool draining;
	bool ended;

	bool hidden;		/* --client did not choose it */
	bool decoding;		/* commands are made of its bytes */
	uint64_t commands;
	struct redact redact;	/* has seen all that is received */
	struct request request;	/* has seen all but what is held */
	struct session session;
	struct bytes *held;	/* not decoded yet; NULL: nothing */
	struct conn_delay *delay;	/* of a reply; NULL: none */
	struct conn_monitor *monitor;	/* NULL: it is none */
};

/* conn.c */

/* Fills in whose record it is, and traces it, hidden if it says so or the
 * connection is. */
void conn_trace(struct conn *, struct record *);

/* Records bytes for the client, and sends them. */
void conn_send(struct conn *, const uint8_t *data, size_t len);

/* Looks anew whether --client chooses it. */
void conn_choose(struct conn *);

/* Its address as text, as MONITOR shows it. */
const char *conn_peer(struct conn *);

/* Has it run again: when the trace has room, or in the loop's next turn. */
void conn_wait_for_trace(struct conn *);
void conn_run_soon(struct conn *);

/* Decides to close it, unless that is decided: from now on nothing that comes
 * is understood.  It ends when conn_run() finds that it may. */
void conn_close(struct conn *, const char *reason);

/* Does whatever can be done now: read, execute, end. */
void conn_run(struct conn *);

/* conn_stub.c */

/* How many bytes conn_stub_take() takes now. */
size_t conn_stub_room(const struct conn *);

/* Decodes and answers what the client sent, or keeps it for later. */
void conn_stub_take(struct conn *, const uint8_t *data, size_t len);

/* Sends what MONITOR has gathered, and goes on with what was kept, as far as it
 * may now. */
void conn_stub_resume(struct conn *);

/* Whether commands are kept that nothing but their turn is missing to. */
bool conn_stub_has_work(const struct conn *);

/* No more can be taken while a reply is awaited: from now on looks whether the
 * client is still there. */
void conn_stub_watch(struct conn *);

/* Whether the client only listens: MONITOR, or a subscription. */
bool conn_stub_listens(const struct conn *);

/* Whether the client still has something to expect, if it is sent nothing
 * more: a reply that is due later. */
bool conn_stub_owes(const struct conn *);

void conn_stub_free(struct conn *);

#endif
