/*
 * Things on one line of printable characters, as text shows them: a reply is
 * OK, (integer) 1, "str", (nil), [a, b], {k: v}.
 *
 * --answers reads it back (stub/literal.h): a status or an error that would be
 * taken for something else stands in quotes: (status) "(nil)", (error) "a ".
 */
#ifndef FORMAT_NOTATION_H
#define FORMAT_NOTATION_H

#include <stdbool.h>

#include "base/bytes.h"
#include "format/value.h"

/*
 * Adds the reply whose RESP is in the record: scalars as redis-cli prints
 * them, at most clip bytes of each string and VALUE_SHOWN_MAX of all.  Of a
 * long one the end is left out: [a, b, ... (100 more bytes).  What is not, or
 * not wholly, one reply is shown as far as it is, then as bytes in quotes.
 */
void notation_add(struct bytes *out, const struct record_bytes *, size_t clip,
    bool utf8);

/* Adds a command's name: bare when it is a word, else quoted. */
void notation_add_name(struct bytes *out, const uint8_t *name, size_t len);

/* Adds the bytes in quotes, what is secret outside them: "AUTH " <redacted 6
 * bytes> "\r\n". */
void notation_add_bytes(struct bytes *out, struct value_bytes, bool utf8);

/* Adds "1 byte", "2 bytes". */
void notation_add_count(struct bytes *out, uint64_t n, const char *what);

/* Adds "<redacted 2 bytes>". */
void notation_add_redacted(struct bytes *out, uint64_t n);

/* Adds "... (2 more bytes)". */
void notation_add_more(struct bytes *out, uint64_t n, const char *what);

#endif
