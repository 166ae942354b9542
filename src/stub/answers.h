/*
 * Scripted replies: --answers=FILE.  One rule a line, the first that matches
 * wins; blank lines and those that begin with # mean nothing.
 *
 *   GET user:* => "bob"                    PATTERN => REPLY, see literal.h
 *   PING => after 200ms PONG               ms or s; before any of these
 *   QUIT => close with OK                  the reply, then the connection ends
 *   SHUTDOWN => close                      without a reply
 *   BLPOP * => hang                        no reply, and nothing more, ever
 *   * => (nil)
 *
 * A pattern is words, each a glob (glob.h) that must match the whole argument
 * in its place; arguments behind the last word may be anything.  "..." and
 * '...' as in redis-cli let a word hold blanks and other bytes; what they say
 * is a glob too.  Names match in any case, and so does the subcommand behind
 * the name of a command that has some, such as CLIENT; all else matches as it
 * is written.  An argument that is only partly kept (see args_keep_fn) matches
 * only a word that ends in "*" and matches the part: never wrongly, but a rule
 * may be passed over.
 */
#ifndef STUB_ANSWERS_H
#define STUB_ANSWERS_H

#include <stdbool.h>

#include "base/bytes.h"
#include "resp/args.h"

struct answers;
struct stub_outcome;

/*
 * Reads the rules.  Returns NULL when there is no such file, or anything in it
 * is wrong; then one line is in message, NUL-terminated, without program name
 * or newline: "FILE: why" or "FILE:LINE:COLUMN: what; the cure", counted in
 * bytes from 1.
 */
struct answers *answers_read(const char *file, struct bytes *message);

/* The same from memory; file is for the message.  Pure. */
struct answers *answers_parse(const char *file, const uint8_t *text,
    size_t len, struct bytes *message);

/*
 * Adds the reply to a command of at least one argument, in that protocol (2 or
 * 3), and to values (NULL: nobody asks) where its values end; fills in the
 * outcome.  False, with nothing changed: no rule matches, (answers may be NULL)
 * and the stub answers by itself.  Any thread may call it.
 */
bool answers_find(const struct answers *, const struct args *, unsigned resp,
    struct bytes *reply, struct bytes *values, struct stub_outcome *);

void answers_free(struct answers *);

#endif
