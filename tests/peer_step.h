/*
 * One step of a peer's script: the words that the head of peer.c lists.
 */
#ifndef PEER_STEP_H
#define PEER_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "peer_conn.h"

#define STEP_PIECE_MAX 262144	/* bytes per write; peer.piece, 1 to this */

/* Filled in by step_parse; `no` is the caller's, for messages. */
struct step {
	const struct verb *verb;
	const char *word;	/* as typed; not copied */
	const char *path;
	size_t no;		/* from 1 */
	uint64_t n, seed;
	bool has_seed;
	uint64_t times;		/* the bytes, or the file */
	uint8_t *bytes;
	size_t len;
};

/* 0, or -1 when the word is not a step.  step_free frees it in both cases. */
int step_parse(struct step *, const char *word);
void step_free(struct step *);

/*
 * Runs the step on each of the peers in turn.  Returns 0, or -1 after one line
 * on stderr.
 */
int step_run(const struct step *, struct peer *, size_t npeers);

/*
 * Whether the step is `both`, which runs the two behind it at once: these must
 * be there, the first one of those that send and the second one that does not.
 */
bool step_is_both(const struct step *);
bool step_is_pair(const struct step *, const struct step *);
int step_run_pair(const struct step *, struct peer *, size_t npeers);

/*
 * Reads a decimal number up to max that is followed by the byte `end`, and
 * moves *p behind that.  Returns 0 or -1.
 */
int parse_number(const char **p, char end, uint64_t max, uint64_t *n);

#endif
