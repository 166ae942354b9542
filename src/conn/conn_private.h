/*
 * What the parts of a connection share: conn.c, its life; conn_record.c, what
 * is shown of it; and the two services: conn_stub.c with conn_monitor.c, a
 * client that is answered here; conn_relay.c, one that is served upstream, with
 * conn_observe.c, what is understood of that.
 */
#ifndef CONN_CONN_PRIVATE_H
#define CONN_CONN_PRIVATE_H

#include "conn/conn.h"
#include "conn/edit.h"
#include "redis/pair.h"
#include "resp/request.h"

/* How a client is served; a service has a struct of its own, which begins with
 * struct conn. */
struct conn_service {
	size_t size;		/* of that struct */
	/* Begins, in a struct of zeros but for its conn.  Returns -1 when there
	 * is no memory. */
	int (*open)(struct conn *);
	/* Reads and does what can be done now, in these directions. */
	void (*run)(struct conn *, unsigned directions);
	/* Ends the connection if its time has come. */
	void (*settle)(struct conn *);
	/* Whether nothing moves, and that is not the client's fault. */
	bool (*rests)(const struct conn *);
	/* What it has; also if it was never opened. */
	void (*free)(struct conn *);
};

const struct conn_service *conn_stub(void);
const struct conn_service *conn_relay(void);

struct conn {
	TAILQ_ENTRY(conn) link;		/* in the worker's conns, then ended */
	TAILQ_ENTRY(conn) queue_link;	/* in `queue` */
	struct conn_list *queue;	/* the worker's waiting or ready; NULL:
					 * what happens to it wakes it */
	struct worker *worker;
	const struct route *route;
	const struct conn_service *service;
	struct leg client;
	struct timer *timer;	/* idle, then lingering; NULL: neither */
	const char *reason;	/* why we close it; NULL: we do not */
	char *peer;		/* its address as text; NULL: not asked for */
	uint64_t received;
	uint64_t sent;
	uint64_t commands;
	size_t drain;		/* bytes to read before the close */
	int64_t active;		/* when bytes moved last; see conn_now_ms() */
	uint32_t left;		/* unsent when the timer was set */
	uint8_t chosen;		/* by which filters */
	uint8_t lingering;	/* enum conn_lingering */
	bool hurry;		/* close without sending what is unsent */
	bool ended;
	bool decoding;		/* commands are made of its bytes */
	struct redact redact;	/* has seen all that is received */
	struct request request;	/* has seen all but what is held */
	struct session session;
};

/* What a connection's timer is for. */
enum conn_lingering {
	CONN_STAYS,		/* idleness */
	CONN_HAS_ENDED,		/* its stream has ended, and it does not read */
	CONN_CLOSES		/* its close */
};

/* Answered here. */
struct conn_stub {
	struct conn conn;
	uint32_t unread;	/* its part of the worker's */
	bool stalled;		/* it was told of */
	struct bytes *held;	/* not decoded yet; NULL: nothing */
	struct conn_delay *delay;	/* of a reply; NULL: none */
	struct conn_monitor *monitor;	/* NULL: it is none */
};

/* Served upstream. */
struct conn_relay {
	struct conn conn;
	struct upstream up;
	struct conn_edit *edit;	/* NULL: what comes goes on */
	struct timer *timer;	/* looks at it again; NULL: not needed yet */
	const char *side;	/* whose stream ended first; NULL: none */
	const char *reason;	/* and why */
	struct leg *reset;	/* to be reset, not closed; NULL: none */
	int64_t give_up;	/* when nothing is waited for any more
				 * (conn_now_ms()); 0: nothing is */
	size_t drain;		/* as the connection's, of upstream */
	size_t unsent;		/* to both, when that was looked at last */
	struct pair pair;
	bool resetting;		/* one side is broken, the other is to be */
	bool observed;		/* its replies are paired with commands */
	bool held_back;		/* the client is not read: its commands wait
				 * for replies */
	bool impatient;		/* and none comes: it is read all the same */
	uint64_t held_at;	/* bytes sent when that was looked at last */
};

static inline struct conn_stub *
conn_as_stub(const struct conn *c)
{
	return ((struct conn_stub *)(uintptr_t)c);
}

static inline struct conn_relay *
conn_as_relay(const struct conn *c)
{
	return ((struct conn_relay *)(uintptr_t)c);
}

/* What may have changed for a connection: the directions to look at. */
#define CONN_UP 1		/* from the client */
#define CONN_DOWN 2		/* from upstream */
#define CONN_BOTH (CONN_UP | CONN_DOWN)

/* conn.c */

/* Monotonic, in milliseconds. */
int64_t conn_now_ms(void);

/* Sends bytes that are our own, not upstream's, and records them. */
void conn_send(struct conn *, const uint8_t *data, size_t len);

/* Looks anew which filters choose it. */
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

/* Its turn: does whatever can be done now in these directions: read, execute,
 * end. */
void conn_run(struct conn *, unsigned directions);

/* Whether its bytes may be taken, and their records made: what flow_run() asks,
 * beside how much room there is. */
enum flow_state conn_may_take(const struct conn *);

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

/* Fills in whose record it is, and traces it for the filters that have chosen
 * both it and the connection. */
void conn_trace(struct conn *, struct record *);

void conn_record_open(struct conn *, const struct address *peer);
void conn_record_close(struct conn *, const char *reason, const char *side);

/* Records what came before anything is made of it; only where secrets stand in
 * it must be known first. */
void conn_record_received(struct conn *, const uint8_t *data, size_t len);

/* The same for bytes to the client; these spans of them are secret. */
void conn_record_sent(struct conn *, const uint8_t *data, size_t len,
    const struct spans *);

/* Records a command and marks its secrets; r is the record, for MONITOR.
 * chosen: by which filters, of those that look at commands. */
void conn_record_command(struct conn *, struct args *, unsigned chosen,
    struct record *r);

/* Records what an editor has changed; these spans of the bytes are secret. */
void conn_record_edits(struct conn *, enum edit_side,
    const struct edit_result *, const struct spans *);

/* The client broke a rule: its further bytes mean nothing.  The text is what
 * Redis answers. */
void conn_record_violation(struct conn *, char text[TOKENIZER_ERROR_MAX]);

/* What a reply answers. */
struct conn_question {
	uint64_t no;		/* the command's */
	uint64_t bytes;		/* that it took */
	const struct command *command;	/* its row; NULL: unknown */
	struct arg name;
	struct arg key;		/* its first; data is NULL: none */
	int64_t since;	/* when it came; monotonic nanoseconds */
	unsigned chosen;	/* by which filters */
};

/* conn_monitor.c */

/* The client has sent MONITOR: from now on it sees what others send.  Returns
 * -1 when there is no memory. */
int conn_monitor_start(struct conn_stub *);

/* Sends what has been gathered.  One that does not read is given up. */
void conn_monitor_send(struct conn_stub *);

/* Harmless when it is none. */
void conn_monitor_stop(struct conn_stub *);

/* conn_delay.c */

/* Holds back the replies that stand in the worker's from there on, until
 * outcome's time has come; until then no command is executed.  Returns -1 when
 * there is no memory for it. */
int conn_delay_reply(struct conn_stub *, const struct conn_question *,
    const struct stub_outcome *, size_t from);

/* The bytes that are kept meanwhile are all that may be: from now on looks
 * whether the client is still there. */
void conn_delay_watch(struct conn_stub *);

/* Whether it is a blocking command's, which the client's end ends. */
bool conn_delay_is_blocked(const struct conn_delay *);

/* Harmless when there is none. */
void conn_delay_free(struct conn_stub *);

/* conn_stub.c */

/* Records the values (struct stub_value) that answer it; the first will stand
 * at that offset of what is sent. */
void conn_stub_record_replies(struct conn *, const struct conn_question *,
    const uint8_t *data, const struct bytes *values, uint64_t offset);

/* conn_observe.c */

void conn_observe_begin(struct conn *);

/* Bytes have been read: latencies are counted from now that a request is read
 * up to when its reply is. */
void conn_observe_time(struct conn *);

/* Decodes and records what was forwarded to the server; the bytes are recorded
 * already. */
void conn_observe_requests(struct conn *, const uint8_t *data, size_t len);

/* Records bytes that came for the client, with the replies that end in them;
 * and what went instead, if an editor has looked at them. */
void conn_observe_replies(struct conn *, const uint8_t *data, size_t len,
    const struct edit_result *);

/* Whether the client only listens: MONITOR, or a subscription. */
bool conn_observe_listens(const struct conn *);

/* Whether a command waits for its reply. */
bool conn_observe_waits(const struct conn *);

/* Whether so many commands wait for replies that no more should be read. */
bool conn_observe_lags(const struct conn *);

void conn_observe_end(struct conn *);

#endif
