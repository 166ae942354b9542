/*
 * What the connection will be once the server has executed all that it was
 * sent, as far as that can be told: every command that waits for its reply is
 * expected to succeed, and a transaction to be executed.  For pair.c only.
 *
 *   now      what replies have confirmed    -- SELECT 2, SET a 1 -->   ahead
 *
 * A reply that says otherwise makes it stale; it is then renewed from what is
 * confirmed and what still waits.
 */
#ifndef REDIS_PAIR_AHEAD_H
#define REDIS_PAIR_AHEAD_H

#include "redis/pair.h"

/* The command is the last one. */
void pair_ahead_request(struct pair *, struct pair_entry *);

/*
 * Whether the command, which is the last one, may be forgotten: it has one
 * reply, or none, whatever that says.
 */
bool pair_ahead_may_forget(const struct pair *, const struct pair_entry *);

/* Begins anew if it is stale. */
void pair_ahead_renew(struct pair *);

void pair_ahead_free(struct pair *);

#endif
