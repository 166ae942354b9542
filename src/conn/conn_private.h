/*
 * What the parts of a connection share: conn.c, its life; conn_record.c, what
 * is shown of it; conn_stub.c, a client that is answered here; conn_relay.c,
 * one that is served upstream, and conn_observe.c, what is understood of that.
 */
#ifndef CONN_CONN_PRIVATE_H
#define CONN_CONN_PRIVATE_H

#include "conn/conn.h"
#include "redis/pair.h"
#include "resp/request.h"

struct conn {
	TAILQ_ENTRY(conn) link;		/* in the worker's conns, then ended */
	TAILQ_ENTRY(conn) queue_link;	/* in `queue` */
	struct conn_list *queue;	/* the worker's waiting or ready; NULL:
					 * what happens to it wakes it */
	struct worker *worker;
	struct leg client;
	struct conn_relay *relay;	/* NULL: it is answered here */
	struct event *timer;	/* idle, then lingering; NULL: neither */
	const char *reason;	/* why we close it; NULL: we do not */
	char *peer;		/* its address as text; NULL: not asked for */
	uint64_t received;
	uint64_t sent;
	size_t drain;		/* bytes to read before the close */
	int64_t active;		/* when bytes moved last; see conn_now_ms() */
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

/* The upstream side of a connection. */
struct conn_relay {
	struct upstream up;
	struct event *timer;	/* looks at it again; NULL: not needed yet */
	const char *side;	/* whose stream ended first; NULL: none */
	const char *reason;	/* and why */
	struct leg *reset;	/* to be reset, not closed; NULL: none */
	int64_t give_up;	/* when nothing is waited for any more
				 * (conn_now_ms()); 0: nothing is */
	size_t drain;		/* as the connection's, of upstream */
	struct pair pair;
	bool resetting;		/* one side is broken, the other is to be */
	bool observed;		/* its replies are paired with commands */
	bool held_back;		/* the client is not read: its commands wait
				 * for replies */
	bool impatient;		/* and none comes: it is read all the same */
	uint64_t held_at;	/* bytes sent when that was looked at last */
};

/* What may have changed for a connection: the directions to look at. */
#define CONN_UP 1		/* from the client */
#define CONN_DOWN 2		/* from upstream */
#define CONN_BOTH (CONN_UP | CONN_DOWN)

/* conn.c */

/* Monotonic, in milliseconds. */
int64_t conn_now_ms(void);

/* Sends bytes that are our own, not upstream's, and records them. */
void conn_send(struct conn *, const uint8_t *data, size_t len);

/* Looks anew whether --client chooses it. */
void conn_choose(struct conn *);

/* Its address as text, as MONITOR shows it. */
const char *conn_peer(struct conn *);

/* Notes that bytes have moved, for --idle-timeout. */
void conn_touch(struct conn *);

/* Has it run again: when the trace has room, or in the loop's next turn. */
void conn_wait_for_trace(struct conn *);
void conn_run_soon(struct conn *);

/* Decides to close it, unless that is decided: from now on nothing that comes
 * is understood.  It ends when conn_run() finds that it may. */
void conn_close(struct conn *, const char *reason);

/* It is over: records the close, and has it freed in a moment.  side: which leg
 * was the reason, "client" or "upstream"; NULL: there is only one, or none. */
void conn_end(struct conn *, const char *reason, const char *side);

/* Whether unsent bytes keep a connection that is being closed from ending; not
 * for ever, and not in a hurry. */
bool conn_lingers(struct conn *);

/* Why a leg whose reading has ended did so: "eof", "reset", or a text. */
const char *conn_end_reason(const struct leg *);

/* Does whatever can be done now in these directions: read, execute, end. */
void conn_run(struct conn *, unsigned directions);

/* What flow_run() gives: bytes of the client, recorded, counted. */
void conn_take(struct conn *, const uint8_t *data, size_t len);

/*
 * Reads what the kernel held of the leg when this was called first: a close
 * would lose it, and turn into a reset that may lose our last reply too.
 * *left is begun when it is SIZE_MAX.  False: the trace has no room; to be
 * called again.
 */
bool conn_drain(struct conn *, struct leg *, size_t *left, flow_take_fn take);

/* conn_record.c */

/* Fills in whose record it is, and traces it, hidden if it says so or the
 * connection is. */
void conn_trace(struct conn *, struct record *);

void conn_record_open(struct conn *, const struct address *peer);
void conn_record_close(struct conn *, const char *reason, const char *side);

/* Records what came before anything is made of it; only where secrets stand in
 * it must be known first. */
void conn_record_received(struct conn *, const uint8_t *data, size_t len);

/* The same of bytes for the client, of which these are secret. */
void conn_record_sent(struct conn *, const uint8_t *data, size_t len,
    const struct spans *);

/*
 * Marks the secrets of a command, and records it unless it is hidden; r is the
 * record, for MONITOR.
 */
void conn_record_command(struct conn *, struct args *, bool hidden,
    struct record *r);

/* The client broke a rule: its further bytes mean nothing.  The text is what
 * Redis answers. */
void conn_record_violation(struct conn *, char text[TOKENIZER_ERROR_MAX]);

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

/* conn_relay.c */

/* Connects upstream.  Returns -1 when there is no memory. */
int conn_relay_open(struct conn *);

/* Reads and forwards, in these directions, what may be. */
void conn_relay_run(struct conn *, unsigned directions);

/* Passes ends on, and ends the connection if its time has come. */
void conn_relay_settle(struct conn *);

/* Whether nothing moves because the client only listens, or is not read: the
 * server does not take what it says. */
bool conn_relay_rests(const struct conn *);

void conn_relay_free(struct conn *);

/* conn_observe.c */

void conn_observe_begin(struct conn *);

/* Bytes of this leg's are there: latencies are counted from when a request
 * came, up to now that the reply is read. */
void conn_observe_time(struct conn *, struct leg *);

/* Decodes and records what was forwarded to the server; the bytes are recorded
 * already. */
void conn_observe_requests(struct conn *, const uint8_t *data, size_t len);

/* Records bytes for the client, with the replies that end in them. */
void conn_observe_replies(struct conn *, const uint8_t *data, size_t len);

/* Whether the client only listens: MONITOR, or a subscription. */
bool conn_observe_listens(const struct conn *);

/* Whether so many commands wait for replies that no more should be read. */
bool conn_observe_lags(const struct conn *);

void conn_observe_end(struct conn *);

#endif
