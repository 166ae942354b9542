/*
 * Which bytes are secret: passwords in the commands that carry them.
 *
 * They are found by their shape, not by what the server makes of them, so a
 * password in a command that fails is found too:
 *
 *   AUTH              all arguments
 *   HELLO             the two behind AUTH
 *   ACL SETUSER       those that begin with > < # or !
 *   CONFIG SET, FT.CONFIG SET, SENTINEL SET, SENTINEL CONFIG, MODULE LOAD,
 *   MODULE LOADEX     the one behind a setting's name that is secret, see
 *                     redact_is_setting()
 *   MIGRATE, CLUSTER MIGRATESLOTS
 *                     the one behind AUTH, the two behind AUTH2
 *   SEARCH.CLUSTERSET, TIMESERIES.CLUSTERSET
 *                     all arguments
 *   COMMAND GETKEYS, COMMAND GETKEYSANDFLAGS, ACL DRYRUN user
 *                     what the command that follows says
 *   any               one that begins with redis://, rediss://, valkey:// or
 *                     valkeys://: a URL has its password in it
 */
#ifndef REDIS_REDACT_H
#define REDIS_REDACT_H

#include "base/spans.h"
#include "resp/args.h"
#include "resp/tokenizer.h"

enum redact_level {
	REDACT_SECRETS,
	REDACT_VALUES,		/* all but names of commands, and keys */
	REDACT_NONE
};

/* The longest word that a rule looks for, or a setting's name. */
#define REDACT_WORD_MAX 64

/* One direction of one connection: nothing but a pointer while no command is
 * unfinished. */
struct redact {
	struct redact_open *open;	/* the unfinished one; NULL: none */
	bool lost;		/* no memory for it: all is secret for good */
};

void redact_init(struct redact *);
void redact_free(struct redact *);

/*
 * Runs over the next chunk of requests, which may end anywhere, and puts into
 * spans what is secret in it.  Without memory for them that is all of it.  The
 * level is the same for all chunks.
 */
void redact_requests(struct redact *, enum redact_level, const uint8_t *data,
    size_t len, struct spans *spans);

/* Marks the arguments that are secret of a command just read, and the command
 * if it has any. */
void redact_args(struct args *, enum redact_level);

/*
 * Whether a setting of that name is secret: it ends in auth, pass, passwd,
 * password, secret or token, holds requirepass, or is masteruser or
 * primaryuser, in any case.
 */
bool redact_is_setting(const char *name, size_t len);

/* The names of the commands that have rules, for a test that harmless.h
 * suspects them all; NULL past the last. */
const char *redact_command_at(size_t i);

#endif
