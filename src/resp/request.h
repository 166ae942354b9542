/*
 * Whole commands out of the tokenizer's pieces.
 *
 * A command that lies in one chunk of input is handed over in place: its
 * arguments point into the chunk.  What of an unfinished command must outlive
 * the chunk is saved, clipped, in a buffer that exists only so long.
 */
#ifndef RESP_REQUEST_H
#define RESP_REQUEST_H

#include "resp/args.h"
#include "resp/tokenizer.h"

/* One connection's place in its stream of requests. */
struct request {
	struct tokenizer tokenizer;
	struct request_saved *saved;	/* NULL: nothing is */
};

enum request_result {
	REQUEST_OK,		/* args holds a whole command */
	REQUEST_MORE,		/* the chunk is used up */
	REQUEST_BAD,		/* see tokenizer_error() */
	REQUEST_NOMEM		/* the connection cannot go on */
};

void request_init(struct request *);

/*
 * Takes the next command from *p on, at most up to end, and moves *p past it.
 * On REQUEST_OK args is valid, and points into the chunk, until the next call
 * for this request or request_free(); a command without arguments (a blank
 * line, "*0") has total 0.  After REQUEST_OK or REQUEST_MORE the chunk may go.
 */
enum request_result request_next(struct request *, struct args *,
    const uint8_t **p, const uint8_t *end);

/* Gives back what is saved: behind a command, or at the end of all. */
void request_free(struct request *);

#endif
