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

/* The same with the quotes. */
void quote_add_string(struct bytes *out, const uint8_t *data, size_t len,
    bool utf8);

/* How much these two write of len bytes, at most. */
#define QUOTE_MAX(len) ((len) * 4 + 2)

/* Write what those two add, and return where it ends. */
uint8_t *quote_put(uint8_t *to, const uint8_t *data, size_t len, bool utf8);
uint8_t *quote_put_string(uint8_t *to, const uint8_t *data, size_t len,
    bool utf8);

#endif
