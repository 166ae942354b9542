/*
 * Which bytes are secret: passwords in the commands that carry them.
 *
 * They are found by their shape, not by what the server makes of them, so a
 * password in a command that fails is found too:
 *
 *   AUTH              all arguments
 *   HELLO             the two behind AUTH
 *   ACL SETUSER       those that begin with > < # or !
 *   CONFIG SET        the one behind requirepass, masterauth, masteruser,
 *                     tls-key-file-pass, tls-client-key-file-pass
 *   MIGRATE           the one behind AUTH, the two behind AUTH2
 *   SENTINEL SET      the one behind auth-pass
 *   SENTINEL CONFIG   the one behind sentinel-pass
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

/* The longest word that a rule looks for. */
#define REDACT_WORD_MAX 24

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

/* Marks the arguments that are secret of a command just read. */
void redact_args(struct args *, enum redact_level);

#endif
