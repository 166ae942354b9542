/*
 * Between the parts of the stub: one command being answered.
 *
 *   stub.c             which command it is, and whether it may run now
 *   stub_multi.c       MULTI, EXEC, DISCARD, WATCH
 *   stub_connection.c  HELLO, AUTH, SELECT, PING, ...
 *   stub_client.c      CLIENT
 *   stub_pubsub.c      SUBSCRIBE, PUBSUB, ...
 *   stub_server.c      CONFIG, ROLE, TIME, MONITOR, ...
 *   stub_info.c        INFO
 *   stub_command.c     COMMAND
 *   stub_data.c        SCAN, the blocking ones, scripts, ...
 */
#ifndef STUB_STUB_CALL_H
#define STUB_STUB_CALL_H

#include "redis/command.h"
#include "stub/stub.h"
#include "stub/stub_reply.h"

struct stub_call {
	const struct stub *stub;
	struct session *session;
	const struct args *args;
	const struct command *command;	/* the subcommand, if it has one */
	struct bytes *reply;
	struct stub_outcome *outcome;
	bool in_exec;
	bool unmuted;	/* the handler has seen to CLIENT REPLY OFF itself */
};

struct stub_row {
	const char *name;	/* as in the command table */
	/* Adds the reply.  Arity is right, and args->n is args->total. */
	void (*answer)(struct stub_call *);
	bool few;		/* args->n may be less, but for the first 3 */
};

/* Finds the command in rows that are sorted by name; NULL: it has none. */
const struct stub_row *stub_row_find(const struct stub_row *, size_t n,
    const struct command *);

/* The same in each part's own rows. */
const struct stub_row *stub_multi_row(const struct command *);
const struct stub_row *stub_connection_row(const struct command *);
const struct stub_row *stub_client_row(const struct command *);
const struct stub_row *stub_pubsub_row(const struct command *);
const struct stub_row *stub_server_row(const struct command *);
const struct stub_row *stub_command_row(const struct command *);
const struct stub_row *stub_data_row(const struct command *);

/* And in all of them; NULL: its kind of reply is all there is. */
const struct stub_row *stub_row(const struct command *);

/* Whether of its arguments enough is kept. */
bool stub_row_fits(const struct stub_row *, const struct args *);
#define STUB_TOO_LONG "resptap: the arguments are too many, or too long"

/* Runs a command that may run now: by its row, or by its kind. */
void stub_run(struct stub_call *);
void stub_run_kind(struct stub_call *);

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

/* INFO. */
void stub_info(struct stub_call *);

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

/* Sets the client's name, or answers an error. */
bool stub_set_name(struct stub_call *, const struct arg *);

/* Sends an argument back, if it was kept whole for that. */
void stub_echo(struct stub_call *, const struct arg *);

/* Redis's texts that more than one command answers. */
void stub_syntax_error(struct stub_call *);
void stub_bad_integer(struct stub_call *);
void stub_ok(struct stub_call *);

#endif
