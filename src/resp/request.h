/*
 * Whole commands out of the tokenizer's pieces.
 *
 * A command that lies in one chunk of input is handed over in place: its
 * arguments point into the chunk.  What of an unfinished command must outlive
 * the chunk is saved, clipped, in a buffer that exists only so long.
 */
#ifndef RESP_REQUEST_H
#define RESP_REQUEST_H

#include "bytes.h"
#include "resp/tokenizer.h"

struct command;

/* What is kept of one command in all, in bytes, with 8 for each argument's
 * head; more only if it is sent back. */
#define ARGS_KEEP (64 * 1024)
/* Of how many arguments anything is kept. */
#define ARGS_MAX 16384

struct arg {
	const uint8_t *data;
	uint32_t kept;		/* bytes at data */
	uint32_t size;		/* bytes that the client sent: >= kept */
	bool secret;		/* not to be shown; see redact.h */
};

/*
 * Says of a command with that name (NULL: not known yet) up to which size its
 * arguments are to be kept whole, because they are sent back; 0: none is.
 */
typedef size_t (*args_keep_fn)(const struct arg *name);

/*
 * The arguments of one command.  One of these serves all connections of a
 * worker in turn; the caller fills in clip and keep, once.
 */
struct args {
	size_t clip;		/* what is kept of an argument, in bytes */
	args_keep_fn keep;	/* NULL: nothing is sent back */
	uint32_t total;		/* arguments that the client sent */
	uint32_t n;		/* of these in v */
	uint32_t nsaved;	/* of these in the connection's buffer */
	size_t kept;		/* bytes, of all */
	uint64_t offset;	/* of the command's first byte in the stream */
	uint64_t bytes;		/* that it takes there */
	const struct command *command;	/* see command.h; NULL: unknown */
	const struct command *sub;	/* of its subcommand; NULL: none such */
	struct arg v[ARGS_MAX];
};

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

/* Whether the argument is the word, which is in lower case, in any case. */
bool arg_is(const struct arg *, const char *word);

#endif
