/*
 * A strict reader of JSON (RFC 8259), for what resptap writes: one value a
 * line, no white space, nothing but UTF-8.
 */
#ifndef FUZZ_JSON_H
#define FUZZ_JSON_H

#include "base/bytes.h"
#include "fuzz/fuzz.h"

/* How deep values nest; where many readers stop. */
#define JSON_DEPTH 128

/* Whether these bytes are one line that holds one value. */
bool json_is_line(const uint8_t *data, size_t len);

/* The value of a member of the object in a line that json_is_line().  False:
 * it has none of that name. */
bool json_member(const uint8_t *data, size_t len, const char *name,
    struct input *value);

/*
 * Adds the bytes that a value stands for: a string, {"base64": ...},
 * {"redacted": N} as N asterisks, or a list of such.  False: it is none.
 */
bool json_add_bytes(struct input value, struct bytes *out);

/* The same of a string in base64. */
bool json_add_decoded(struct input value, struct bytes *out);

#endif
