/*
 * A command as Redis's MONITOR tells of it:
 *
 *   1339518083.107412 [0 127.0.0.1:60866] "keys" "*"
 */
#ifndef FORMAT_MONITOR_H
#define FORMAT_MONITOR_H

#include "base/bytes.h"
#include "trace/record.h"

/*
 * Adds the cmd record's line, without its end.  Secrets are "(redacted)".  Of
 * each argument at most clip bytes are shown, and VALUE_SHOWN_MAX of all, which
 * MONITOR does not do: "abc"... (N more bytes), ... (N more arguments).
 */
void monitor_line(struct bytes *out, const struct record *, size_t clip);

/* The same as MONITOR sends it: a status reply. */
void monitor_reply(struct bytes *out, const struct record *, size_t clip);

#endif
