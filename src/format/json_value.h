/*
 * Replies as JSON.
 *
 *   status, bulk      "text", {"base64": "..."}
 *     cut             {"text": "...", "bytes": N}, or "base64" and "bytes"
 *     secret          {"redacted": N}
 *     partly secret   {"parts": ["text", {"redacted": N}, ...]}, "bytes" if cut
 *   error             {"error": STRING}
 *   integer           a number; past 2^53 {"bignum": STRING}
 *   big number        {"bignum": STRING}
 *   double            a number; inf and nan {"double": STRING}
 *   boolean, null     true, false, null
 *   verbatim          {"verbatim": "txt", "text": STRING}
 *   array, set, push  [...], {"set": [...]}, {"push": [...]}
 *   map               {"map": [[KEY, VALUE], ...]}
 *   attribute         {"attribute": [[KEY, VALUE], ...], "value": VALUE}
 *   no reply          {"opaque": STRING}, all of it
 *   too long          {"left_out": N} in place of its last N bytes
 *
 * Where the protocol's own text is no value, "007" for an integer, it is given
 * as a string below the type's name: {"integer": "007"}, "double", "boolean",
 * "null".  A verbatim string without its three letters has null for them.
 */
#ifndef FORMAT_JSON_VALUE_H
#define FORMAT_JSON_VALUE_H

#include "base/bytes.h"
#include "format/value.h"

/* How deep brackets nest in a value, at most; what would be deeper is opaque.
 * Many readers of JSON stop at 128. */
#define JSON_DEPTH_MAX 100

/*
 * Adds the reply whose RESP is in the record; at most clip bytes of each
 * string and VALUE_SHOWN_MAX of all.
 */
void json_value_add(struct bytes *out, const struct record_bytes *,
    size_t clip);

/* Adds the runs of the bytes: ["text", {"redacted":N}, {"base64":"..."}]. */
void json_value_add_runs(struct bytes *out, struct value_bytes);

#endif
