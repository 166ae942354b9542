/*
 * Whether bytes are replies, for what resptap itself sends.
 */
#ifndef FUZZ_REPLY_CHECK_H
#define FUZZ_REPLY_CHECK_H

#include "fuzz/fuzz.h"

/* Aborts unless the bytes are whole values of RESP2, or if resp is 3 of RESP3,
 * and pushes are among them only if allowed.  Returns how many there are. */
size_t must_be_replies(const struct bytes *, unsigned resp, bool pushes);

#endif
