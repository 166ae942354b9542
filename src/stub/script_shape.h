/*
 * What a script gives back where there are no data, as far as that can be told
 * without running it.
 *
 * Clients go through the list that a script returns, and do not expect a nil.
 * So if the last "return" of its text makes a table, or names a variable that
 * is one, the script is taken to return that: empty, or with an element for
 * each that is written there.  Anything else is nil.
 */
#ifndef STUB_SCRIPT_SHAPE_H
#define STUB_SCRIPT_SHAPE_H

#include <stddef.h>

#include "base/bytes.h"

/* A longer script, in bytes, returns nil. */
#define SCRIPT_SHAPE_MAX (64 * 1024)

/* Adds it as RESP that has "_" for each nil, with nothing behind it: "_", or
 * "*2\r\n_*0\r\n".  A script of more than SCRIPT_SHAPE_MAX bytes is not
 * looked at. */
void script_shape(const char *script, size_t len, struct bytes *shape);

#endif
