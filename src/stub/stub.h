/*
 * Replies without a server.  Pure: a command goes in, the reply's bytes and a
 * verdict come out; nothing here knows of sockets or clocks.
 */
#ifndef STUB_STUB_H
#define STUB_STUB_H

#include "bytes.h"
#include "resp/request.h"
#include "resp/session.h"

enum stub_mode {
	STUB_REDIS,		/* as Redis would, of an empty world */
	STUB_OK,		/* +OK to each command */
	STUB_ECHO,		/* the command itself, as an array */
	STUB_NONE		/* nothing: a sink */
};

enum stub_verdict {
	STUB_GO,		/* send the reply, go on */
	STUB_CLOSE		/* send the reply, then close */
};

/* The longest argument that is sent back, in bytes; with --reply=echo all of
 * a command's arguments together. */
#define STUB_ECHO_MAX (1024 * 1024)

/* How much of each command the answers of that mode need: see args_keep_fn. */
args_keep_fn stub_keep(enum stub_mode);

/*
 * Adds the reply to a command of at least one argument to reply, and changes
 * the session as the command does.  The reply is one RESP value, or nothing.
 */
enum stub_verdict stub_answer(enum stub_mode, struct session *,
    const struct args *, struct bytes *reply);

/* Adds the reply to a violation of the protocol: "-ERR TEXT\r\n". */
void stub_refuse(const char *text, struct bytes *reply);

#endif
