/*
 * A reply on one line: OK, (integer) 1, "str", (nil), [a, b], {k: v}.
 */
#ifndef TRACE_NOTATION_H
#define TRACE_NOTATION_H

#include <stdbool.h>

#include "bytes.h"

/* What of a record's strings is shown in all, in bytes. */
#define NOTATION_MAX (64 * 1024)

/*
 * Adds the reply whose RESP is at data: scalars as redis-cli prints them, at
 * most clip bytes of each string and NOTATION_MAX of all.  What is not, or not
 * wholly, RESP is shown as far as it is, then as bytes in quotes.
 */
void notation_add(struct bytes *out, const uint8_t *data, size_t len,
    size_t clip, bool utf8);

/* Adds a command's name: bare when it is a word, else quoted. */
void notation_add_name(struct bytes *out, const uint8_t *name, size_t len);

#endif
