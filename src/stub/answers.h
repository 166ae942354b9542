/*
 * Replies that the user has scripted.
 */
#ifndef STUB_ANSWERS_H
#define STUB_ANSWERS_H

#include "stub/stub.h"

struct answers;

/*
 * Adds the scripted reply to a command, in that version of the protocol, and
 * sets the outcome.  Returns false, with nothing changed, when there is none;
 * answers may be NULL.
 */
bool answers_find(const struct answers *, const struct args *, uint8_t resp,
    struct bytes *reply, struct stub_outcome *);

#endif
