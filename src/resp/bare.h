/*
 * Text of a status that stands without quotes, as the trace shows it and
 * --answers reads it: what looks like something else needs them.
 */
#ifndef RESP_BARE_H
#define RESP_BARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Returns NULL, or what the text would be taken for and how that is written: a
 * static string.  Inside: in brackets, where no verdict stands.
 */
const char *bare_misleads(const uint8_t *text, size_t len, bool inside);

#endif
