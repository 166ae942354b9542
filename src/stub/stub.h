/*
 * Replies without a server.  A command goes in, the reply's bytes and a verdict
 * come out; nothing here knows of sockets or clocks.  What one answer has to do
 * with another one is the session's, and the world's (stub_world.h).
 */
#ifndef STUB_STUB_H
#define STUB_STUB_H

#include "base/bytes.h"
#include "redis/compat.h"
#include "redis/session.h"
#include "resp/args.h"
#include "stub/stub_value.h"

struct answers;
struct stub_world;

enum stub_mode {
	STUB_REDIS,		/* as Redis or Valkey would, if empty */
	STUB_OK,		/* +OK to each command */
	STUB_ECHO,		/* the command itself, as an array */
	STUB_NONE		/* nothing: a sink */
};

/* What the user chose, and what all connections share. */
struct stub {
	enum stub_mode mode;
	enum compat compat;	/* STUB_REDIS: which one */
	const struct answers *answers;	/* --answers; NULL: none */
	struct stub_world *world;	/* see stub_world.h; NULL will do only
					 * in the other modes */
	uint64_t (*clock_us)(void);	/* time of day, in microseconds since
					 * 1970, for TIME; NULL: it is 0 */
	int64_t (*uptime_us)(void);	/* monotonic, for CLIENT PAUSE; NULL:
					 * nothing is paused */
};

enum stub_verdict {
	STUB_GO,		/* send the reply, go on */
	STUB_CLOSE,		/* send the reply, then close */
	STUB_HANG		/* no reply, and no further command, ever */
};

struct stub_outcome {
	enum stub_verdict verdict;
	const char *why;	/* STUB_CLOSE: in a word, static; NULL: QUIT */
	uint64_t wait_ms;	/* before the reply is sent, or the close made,
				 * and the next command looked at */
	bool blocked;		/* a blocking command waits: the client's EOF
				 * ends that */
};

/* The longest argument that is sent back, or script that is known, in bytes;
 * with --reply=echo all of a command's arguments together. */
#define STUB_ECHO_MAX (1024 * 1024)

/* How much of each command the answers of that mode need: see args_keep_fn. */
args_keep_fn stub_keep(enum stub_mode);

/*
 * Adds the reply to a command of at least one argument to reply, and changes
 * the session as the command does; sets all of the outcome.  A reply is one
 * RESP value, or several (SUBSCRIBE), or nothing (CLIENT REPLY OFF); values,
 * if it is not NULL, then holds a struct stub_value of each, in order, and
 * nothing else.  It is the caller's to stop when replies pile up: a command of
 * 8 bytes may get 35 KB, EXEC 1 MiB and one reply more, and then 19 bytes for
 * each command that it does not execute.  Without memory reply->failed is set.
 *
 * No argument may be kept shorter than 1024 bytes, whatever the clip.
 */
void stub_answer(const struct stub *, struct session *, const struct args *,
    struct bytes *reply, struct bytes *values, struct stub_outcome *);

/* The same for a client that is gone: there is no reply, and only QUIT comes to
 * something, because what is behind it is no command any more. */
void stub_answer_nobody(const struct stub *, const struct args *,
    struct stub_outcome *);

/* A command without arguments (a blank line, "*0") gets no reply, but counts
 * for CLIENT REPLY SKIP. */
void stub_skip_empty(struct session *);

/*
 * Adds the reply to a violation of the protocol, "-ERR TEXT\r\n", and returns
 * whether to close: with CLIENT REPLY OFF or SKIP Redis does neither.
 */
bool stub_refuse(struct session *, const char *text, struct bytes *reply);

#endif
