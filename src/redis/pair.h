/*
 * Which reply answers which request, for whoever sees both go by.
 *
 *   pair_request()  the client's commands, in order     }   REPLY, PUSH,
 *   pair_feed()     what the server sends, cut anywhere  }-> UNPAIRED, ERROR
 *
 * Not every request has one reply: SUBSCRIBE has many, CLIENT REPLY OFF none,
 * and pushes come in between.  What a request gets is decided when its turn
 * comes, since only then have the replies before it told what the connection
 * is: its protocol, its subscriptions, its transaction.  When requests and
 * replies do not fit each other one ERROR says so, and what follows is
 * UNPAIRED until a RESET or an ECHO shows again where they are.  Nothing is
 * guessed.
 */
#ifndef REDIS_PAIR_H
#define REDIS_PAIR_H

#include "redis/command.h"
#include "redis/pair_queue.h"
#include "redis/redact.h"
#include "redis/session.h"
#include "resp/reply_keep.h"

/* What is kept of the name of a command, and of its first key. */
#define PAIR_NAME_MAX 64

struct pair_options {
	size_t clip;		/* what is shown of each string, in bytes */
	enum redact_level redact;
	bool keys;		/* whether the first key is kept */
};

/* A command.  The first four are the caller's, the rest is found here. */
struct pair_question {
	uint64_t no;		/* from 1; 0 for an empty one */
	int64_t since;		/* when it came: monotonic nanoseconds */
	uint64_t bytes;		/* that it took in the stream */
	uint8_t chosen;		/* by which filters (trace.h); 4 bits */
	struct arg name;	/* at most PAIR_NAME_MAX bytes of it */
	struct arg key;		/* the same; data is NULL: none */
	const struct command *command;	/* its subcommand's, if it has one;
					 * NULL: not known */
};

enum pair_kind {
	PAIR_REPLY,		/* answers the question */
	PAIR_PUSH,		/* answers none, and is not meant to */
	PAIR_UNPAIRED,		/* a value whose command is not known */
	PAIR_ERROR		/* why what follows is unpaired */
};

/* A value's RESP, which lies in the chunk, or in what was kept of it. */
struct pair_value {
	const uint8_t *data;
	size_t len;
	uint64_t offset;	/* of its first byte in the stream */
	uint64_t left_out;	/* its other bytes: in gaps, and behind data */
	const struct reply_gap *gaps;
	size_t ngaps;
	const struct span *secrets;	/* in data */
	size_t nsecrets;
};

struct pair_error {
	uint64_t offset;	/* of the byte, or value, at fault */
	int byte;		/* that byte; -1: there is none */
	const char *rule;	/* "out-of-step", "opaque", "bad-reply",
				 * "unasked", "forgotten" */
	const char *text;	/* what is wrong; the rule is static, this may
				 * be the pair's */
};

struct pair_answer {
	enum pair_kind kind;
	bool last;		/* REPLY: its command gets no more */
	struct pair_question question;	/* REPLY */
	struct pair_value value;	/* all but ERROR */
	struct pair_error error;	/* ERROR */
};

struct pair_reading;

/* One of these serves all connections of a worker in turn. */
struct pair_scratch {
	struct pair_answer *answers;	/* of the chunk, in order */
	size_t nanswers;
	struct spans spans;	/* what of the chunk is secret */
	/* The rest is pair.c's own. */
	size_t cap;
	struct span *secrets;	/* of the answers' values */
	size_t nsecrets;
	size_t secrets_cap;
	struct pair_reading *reading;	/* a value that began in this chunk */
	struct pair_reading *read;	/* those that are done but were kept */
};

/* SCRIPT DEBUG */
enum pair_debug {
	PAIR_DEBUG_OFF,
	PAIR_DEBUG_ON,
	PAIR_DEBUG_STOPPED,	/* commands are the debugger's */
	PAIR_DEBUG_ENDED	/* the script's own reply is next */
};

enum pair_state {
	PAIR_IN_STEP,
	PAIR_CAREFUL,		/* the same, but each reply is to be judged */
	PAIR_OUT_OF_STEP,
	PAIR_OPAQUE		/* no values any more */
};

/* See pair_ahead.h. */
struct pair_ahead {
	struct session *session;	/* the caller's */
	struct session before;	/* the same without the transaction */
	bool in_multi;
	bool aborted;		/* EXEC is going to fail */
	bool special;		/* not all in it are ordinary */
	bool stale;
};

/* One connection.  Initialise with pair_init(). */
struct pair {
	struct session now;	/* what replies have confirmed */
	struct pair_ahead ahead;
	const struct pair_options *options;
	struct pair_queue queue;
	struct pair_reading *unfinished;	/* NULL: between values */
	struct pair_reading *outer;	/* the value around this push */
	uint64_t offset;	/* in the stream of replies */
	const char *lost;	/* why we got out of step, to be told yet */
	uint32_t answered;	/* values that the head has got */
	uint32_t expected;	/* of how many; 0: not known yet */
	uint32_t queued;	/* commands in the transaction */
	uint8_t secrets;	/* of those: enum redact_shape */
	uint8_t state;		/* enum pair_state */
	uint8_t debug;		/* enum pair_debug; from STOPPED on, EVAL is
				 * the first one in the queue */
	bool doubt;		/* a confirmation may not have been the answer
				 * that it was taken for */
	bool in_multi;
	bool in_exec;		/* the queued ones are answered one by one */
	bool aborted;		/* EXEC is going to fail */
	bool irregular;		/* one queued has not just one value */
	bool retained;		/* the queued ones are in the queue */
	bool uncounted;		/* how many are queued is not known */
	bool broken;		/* no more requests will come */
	bool counts;		/* the numbers of subscriptions are true */
	bool blind;		/* no memory for a value: where secrets are
				 * is not known any more, all is one */
};

/* Returns -1 when there is no memory. */
int pair_scratch_init(struct pair_scratch *);
void pair_scratch_free(struct pair_scratch *);

/*
 * Begins a connection.  The session must be new; its db and name will be what
 * the next command finds when the server executes it.  Session and options must
 * stay.
 */
void pair_init(struct pair *, struct session *, const struct pair_options *);
void pair_free(struct pair *);

/*
 * A whole command came from the client, an empty one (total 0) too.  Of it
 * that much is kept as the reply will need.
 */
void pair_request(struct pair *, const struct args *,
    const struct pair_question *);

/* How much is remembered of commands without a reply, in bytes; past
 * PAIR_QUEUE_FULL most are only counted. */
size_t pair_waiting(const struct pair *);

/* Whether the client only listens: MONITOR, or a subscription. */
bool pair_listens(const struct pair *);

/* The client broke the protocol: no more commands will come. */
void pair_break(struct pair *);

/*
 * Takes the next chunk of what the server sends.  The scratch then holds its
 * answers and its secrets, until pair_fed(); they point into the chunk and the
 * pair, so nothing else may be done with either in between.
 */
void pair_feed(struct pair *, struct pair_scratch *, const uint8_t *data,
    size_t len);

/* The answers are dealt with. */
void pair_fed(struct pair *, struct pair_scratch *);

#endif
