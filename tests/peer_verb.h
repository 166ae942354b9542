/*
 * What the steps are made of, for the files that make them: peer_send.c (what
 * sends), peer_take.c (what receives), peer_life.c (what opens, ends, waits)
 * and peer_step.c, which knows their names.
 */
#ifndef PEER_VERB_H
#define PEER_VERB_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "peer_conn.h"
#include "peer_source.h"
#include "peer_step.h"

#define AWAIT_PAUSE 5		/* ms between two looks */
#define STILL 200		/* ms without a change: it has come to a stop */

struct quote {
	char text[1200];
};

/* The bytes for a message: on one line, and not too many. */
const char *step_quote(struct quote *, const void *data, size_t len);

/* Always -1, after the one line that says why. */
int step_fail(const struct peer *, const struct step *, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Makes a source of what the step says.  Returns 0, or -1 after a line that
 * says why; step_unsource ends it.
 */
int step_source(struct source *, const struct peer *, const struct step *);
void step_unsource(struct source *);

/*
 * One function for each verb, as the head of peer.c has it: 0, or -1 after
 * step_fail.
 */
int step_send(struct peer *, const struct step *);
int step_drip(struct peer *, const struct step *);
int step_slice(struct peer *, const struct step *);
int step_pieces(struct peer *, const struct step *);
int step_stuff(struct peer *, const struct step *);

int step_expect(struct peer *, const struct step *);
int step_expect_source(struct peer *, const struct step *);
int step_read(struct peer *, const struct step *);
int step_save(struct peer *, const struct step *);
int step_eof(struct peer *, const struct step *);
int step_gone(struct peer *, const struct step *);
int step_lost(struct peer *, const struct step *);

int step_full(struct peer *, const struct step *);
int step_taken(struct peer *, const struct step *);
int step_shut(struct peer *, const struct step *);
int step_close(struct peer *, const struct step *);
int step_reset(struct peer *, const struct step *);
int step_open(struct peer *, const struct step *);
int step_await(struct peer *, const struct step *);
int step_touch(struct peer *, const struct step *);

#endif
