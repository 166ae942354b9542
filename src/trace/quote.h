/*
 * Bytes as printable text.
 */
#ifndef TRACE_QUOTE_H
#define TRACE_QUOTE_H

#include <stdbool.h>

#include "bytes.h"

/*
 * Adds the bytes as redis-cli and MONITOR write them (sds.c's sdscatrepr):
 * \" \\ \n \r \t \a \b, \xHH for what is not printable ASCII, the rest as it
 * is; without the quotes around.  With utf8, valid printable characters of
 * UTF-8 stay as they are too.
 */
void quote_add(struct bytes *out, const uint8_t *data, size_t len, bool utf8);

/* How much quote_put_string() may write of len bytes. */
#define QUOTE_STRING_MAX(len) ((len) * 4 + 2)

/* Writes the same with the quotes and returns where that ends. */
uint8_t *quote_put_string(uint8_t *to, const uint8_t *data, size_t len,
    bool utf8);

/* Adds it. */
void quote_add_string(struct bytes *out, const uint8_t *data, size_t len,
    bool utf8);

#endif
