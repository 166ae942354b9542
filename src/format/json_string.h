/*
 * Bytes as strings of JSON.
 *
 * JSON holds characters, not bytes: what is not UTF-8 has to be told in
 * base64, and how that is told apart is the caller's business.
 */
#ifndef FORMAT_JSON_STRING_H
#define FORMAT_JSON_STRING_H

#include <stdbool.h>

#include "base/bytes.h"

/* Whether the bytes are UTF-8: the shortest forms only, no surrogates, nothing
 * past U+10FFFF. */
bool json_is_utf8(const uint8_t *data, size_t len);

/* Adds the bytes, which are UTF-8, in quotes; escapes what JSON wants to be
 * escaped and what is not printable (format/printable.h), and only that. */
void json_add_text(struct bytes *out, const uint8_t *data, size_t len);

/* Adds them in base64 (RFC 4648, padded), in quotes. */
void json_add_base64(struct bytes *out, const uint8_t *data, size_t len);

/* Adds "text", or {"base64":"..."} when they are not UTF-8. */
void json_add_string(struct bytes *out, const uint8_t *data, size_t len);

/*
 * Adds the first len bytes of a string of size: as json_add_string() does when
 * that is all of it, else {"text":"...","bytes":SIZE} or
 * {"base64":"...","bytes":SIZE}.
 */
void json_add_clipped(struct bytes *out, const uint8_t *data, size_t len,
    uint64_t size);

/* Adds {"redacted":N}. */
void json_add_redacted(struct bytes *out, uint64_t n);

#endif
