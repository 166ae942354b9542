/*
 * The arguments of one command, as they are handed on: each points to what is
 * kept of it, and says how large it was.
 */
#ifndef RESP_ARGS_H
#define RESP_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
	bool secret;		/* one of them is; see redact.h */
	const struct command *command;	/* see command.h; NULL: unknown */
	const struct command *sub;	/* of its subcommand; NULL: none such */
	struct arg v[ARGS_MAX];
};

/* Whether the argument is the word, which is in lower case, in any case. */
bool arg_is(const struct arg *, const char *word);

#endif
