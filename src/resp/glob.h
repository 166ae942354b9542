/*
 * Globs as Redis has them (KEYS, PSUBSCRIBE), over bytes and without a locale:
 *
 *   *  any bytes     ?  any one byte     [a-z] one of these     [^a] none of
 *   these ([!a] too)     \c  the byte c itself
 *
 * Not fnmatch(3): arguments are not NUL-terminated and may hold NULs, and here
 * a match takes at most len * globlen steps.
 */
#ifndef RESP_GLOB_H
#define RESP_GLOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arg;

/* NULL, or what is wrong with the glob and the cure: a static string. */
const char *glob_check(const char *glob, size_t globlen);

/* Whether the glob matches all of the bytes; fold: letters in any case. */
bool glob_match(const char *glob, size_t globlen, const uint8_t *data,
    size_t len, bool fold);

/*
 * The same for an argument.  One that is only partly kept matches when it does
 * so whatever the rest is: that is, what is kept matches, and the glob ends in
 * an (unescaped) "*".  So a match is never wrong, though one may be missed.
 */
bool glob_match_arg(const char *glob, size_t globlen, const struct arg *,
    bool fold);

#endif
