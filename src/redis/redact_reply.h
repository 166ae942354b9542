/*
 * Which bytes of replies are secret: passwords, where they come back.
 *
 *   CONFIG GET and its like
 *                   the value behind a name that redact_is_setting()
 *   ACL GETUSER     what stands behind passwords
 *   ACL LIST        a line's words that begin with # > < or !
 *   ACL GENPASS     all
 *   MONITOR         what redact.h says of the command in the line
 *   an error        to a command with secrets: from its first quote on, since
 *                   that may be one of them
 */
#ifndef REDIS_REDACT_REPLY_H
#define REDIS_REDACT_REPLY_H

#include "redis/redact.h"
#include "resp/reply.h"

/* What a reply may look like; a set of them. */
enum redact_shape {
	REDACT_CONFIG = 1 << 0,
	REDACT_ACL_USER = 1 << 1,
	REDACT_ACL_LIST = 1 << 2,
	REDACT_MONITOR = 1 << 3,
	REDACT_QUOTES = 1 << 4,
	REDACT_ANY = (1 << 5) - 1,	/* it is not known */
	REDACT_WHOLE = 1 << 5
};

/* One reply. */
struct redact_reply {
	uint8_t level;		/* enum redact_level */
	uint8_t shapes;		/* enum redact_shape */
	uint8_t depth;
	uint8_t hidden;		/* the depth that all is hidden below, + 1 */
	bool next;		/* the next value is secret */
	bool whole;		/* this scalar is */
	bool secret;		/* what is left of this word, or error, is */
	bool word_begins;	/* in a line of ACL LIST */
	uint8_t last;		/* the byte before, in a line of MONITOR */
	bool command;		/* its command has begun */
	uint8_t len;		/* of word; more than fits: no word */
	char word[REDACT_WORD_MAX];
	struct redact line;	/* MONITOR's command */
};

void redact_reply_init(struct redact_reply *, enum redact_level,
    unsigned shapes);

/* At the latest when a reply ends early, before all its tokens have come. */
void redact_reply_free(struct redact_reply *);

/* Adds to spans what of the reply's next token is secret; it lies in the
 * chunk. */
void redact_reply_token(struct redact_reply *, const struct reply_token *,
    const uint8_t *chunk, size_t len, struct spans *spans);

/*
 * Puts into spans what must not be shown of whole replies: with REDACT_VALUES
 * their strings; echo: also the secrets of commands that are sent back.
 */
void redact_replies(enum redact_level, bool echo, const uint8_t *data,
    size_t len, struct spans *spans);

#endif
