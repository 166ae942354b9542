/*
 * Between the parts of the stub: one command being answered.
 *
 *   stub.c             which command it is, and whether it may run now
 *   stub_rows.c        what has an answer of its own, and which
 *   stub_multi.c       MULTI, EXEC, DISCARD, WATCH
 *   stub_connection.c  HELLO, AUTH, SELECT, PING, ...
 *   stub_client.c      CLIENT, but for
 *   stub_pause.c       CLIENT PAUSE
 *   stub_pubsub.c      SUBSCRIBE, PUBSUB, ...
 *   stub_server.c      CONFIG, ROLE, TIME, MONITOR, ...
 *   stub_acl.c         ACL
 *   stub_info.c        INFO, MEMORY STATS
 *   stub_help.c        HELP of all containers
 *   stub_command.c     COMMAND
 *   stub_data.c        SCAN, the blocking ones, ...
 *   stub_script.c      EVAL, SCRIPT
 *   stub_function.c    FCALL, FUNCTION
 *   stub_stream.c      XADD, XREAD, XGROUP, ...
 */
#ifndef STUB_STUB_CALL_H
#define STUB_STUB_CALL_H

#include "redis/command.h"
#include "stub/stub.h"
#include "stub/stub_reply.h"
#include "stub/stub_rows.h"
#include "stub/stub_world.h"

struct stub_call {
	const struct stub *stub;
	struct session *session;
	const struct args *args;
	const struct command *command;	/* the subcommand, if it has one */
	struct bytes *reply;
	size_t from;		/* where it begins there */
	struct bytes *values;	/* NULL: nobody asks where its values end */
	struct stub_outcome *outcome;
	bool in_exec;
	bool unmuted;	/* the handler has seen to CLIENT REPLY OFF itself */
};

struct stub_row {
	const char *name;	/* as in the command table */
	void (*answer)(struct stub_call *);
	uint32_t first;		/* see stub_rows.h */
};

/* The command's row; NULL: its kind of reply is all there is. */
const struct stub_row *stub_row(const struct command *);

/* The container's next subcommand that the server has which we play, or the
 * first one if sub is the container; NULL: there is none. */
const struct command *stub_next_sub(const struct stub_call *,
    const struct command *container, const struct command *sub);

/* Whether of its arguments enough is kept. */
bool stub_row_fits(const struct stub_row *, const struct args *);
#define STUB_TOO_LONG "resptap: the arguments are too many, or too long"

/* Runs a command that may run now: by its row, or by its kind. */
void stub_run(struct stub_call *);
void stub_run_kind(struct stub_call *);

/* A value ends here, and another one may follow. */
void stub_end_value(struct stub_call *);

/* An error that says why the command may not run: it dooms a transaction.
 * Without its code, which is ERR. */
void stub_reject(struct stub_call *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts the command, or its scripted reply, into the transaction.  The reply
 * must not be one that CLIENT REPLY has cut off. */
void stub_queue(struct stub_call *);
void stub_queue_reply(struct stub_call *, const struct bytes *,
    const struct stub_outcome *);

/* EXEC failed before it began: forgets the transaction. */
void stub_discard(struct session *);

/* For a format's %.*s: an argument's text, as far as a message shows it; a
 * secret is not sent back. */
#define STUB_SHOWN 128
#define STUB_REDACTED "(redacted)"
#define STUB_TEXT(a)							\
	(int)((a)->secret ? sizeof(STUB_REDACTED) - 1 :			\
	    (a)->kept < STUB_SHOWN ? (a)->kept : STUB_SHOWN),		\
	    (a)->secret ? STUB_REDACTED : (const char *)(a)->data

/* The argument as Redis reads a whole number: no sign but '-', no space, no
 * leading zero.  Returns false when it is none. */
bool stub_integer(const struct arg *, int64_t *);

/* The same, but answers Redis's error. */
bool stub_want_integer(struct stub_call *, const struct arg *, int64_t *);

/* A timeout in milliseconds, or Redis's error. */
bool stub_want_millis(struct stub_call *, const struct arg *, int64_t *ms);

/* Whether Redis counts it among the commands that write. */
bool stub_writes(const struct command *);

/* Has the command wait until CLIENT PAUSE is over, if it must. */
void stub_wait_for_pause(struct stub_call *);

/* The command would block: nothing ever comes, so its time will be up, or, with
 * 0, never is. */
void stub_block(struct stub_call *, int64_t ms);

/* Whether a script or function may have so many keys, or answers Redis's
 * error. */
bool stub_want_keys(struct stub_call *, int64_t keys);

/* Whether these are SCRIPT FLUSH's or FUNCTION FLUSH's: [ASYNC|SYNC]. */
bool stub_is_flush(const struct args *);

/* Sets the client's name, or answers an error. */
bool stub_set_name(struct stub_call *, const struct arg *);

/* Sends an argument back, if it was kept whole for that. */
void stub_echo(struct stub_call *, const struct arg *);

/* It cannot be done for want of memory; Redis would have ended. */
void stub_out_of_memory(struct stub_call *);

/* The world takes no more of these ("scripts"), says stub_world_put() by
 * errno. */
void stub_no_room(struct stub_call *, const char *what);

/* Redis's texts that more than one command answers. */
void stub_syntax_error(struct stub_call *);
void stub_wrong_subcommand(struct stub_call *, const char *container);
void stub_bad_integer(struct stub_call *);
void stub_ok(struct stub_call *);

#endif
