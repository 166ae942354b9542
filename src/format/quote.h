/*
 * Bytes as printable text.
 */
#ifndef FORMAT_QUOTE_H
#define FORMAT_QUOTE_H

#include <stdbool.h>

#include "base/bytes.h"

/*
 * Adds the bytes as redis-cli and MONITOR write them (sds.c's sdscatrepr):
 * \" \\ \n \r \t \a \b, \xHH for what is not printable ASCII, the rest as it
 * is; without the quotes around.  With utf8, valid printable characters of
 * UTF-8 stay as they are too.
 */
void quote_add(struct bytes *out, const uint8_t *data, size_t len, bool utf8);

/* The same with the quotes. */
void quote_add_string(struct bytes *out, const uint8_t *data, size_t len,
    bool utf8);

/* Most keys and values are so short; and the room that one may need. */
#define QUOTE_SHORT 32
#define QUOTE_SHORT_ROOM (4 * QUOTE_SHORT)

/* Writes what quote_add() adds of at most QUOTE_SHORT bytes, and returns where
 * that ends. */
uint8_t *quote_put_short(uint8_t *to, const uint8_t *data, size_t len,
    bool utf8);

#endif
