/*
 * A command's row by its name: a hash table with open addressing.
 *
 *   "GET"               ->  hash from 0             -> "get"
 *   "SETNAME" of CLIENT ->  hash from client's row  -> "client|setname"
 */
#include "config.h"

#include "resp/command.h"

#include <assert.h>
#include <string.h>

/* A power of two, and more than twice as many as there are rows. */
#define SLOTS 1024

_Static_assert(SLOTS > 2 * COMMAND_ROWS, "few slots are full");

static struct slot {
	const struct command *row;	/* NULL: free */
	const struct command *container;	/* NULL: it is no subcommand */
	const char *word;	/* its own part of row->name */
} slots[SLOTS];

/* The slot of the name, or the free one where it belongs. */
static struct slot *
find(const struct command *container, const struct arg *name)
{
	uint32_t hash = 0;
	struct slot *s;
	size_t i;

	if (container != NULL)
		hash = (uint32_t)command_index(container);
	/* FNV-1a; the bit that is lost tells upper from lower case. */
	for (i = 0; i < name->kept; i++)
		hash = (hash ^ (name->data[i] | ('a' - 'A'))) * 16777619;
	for (i = hash ^ hash >> 16;; i++) {
		s = &slots[i % SLOTS];
		if (s->row == NULL || (s->container == container &&
		    arg_is(name, s->word)))
			return (s);
	}
}

static struct arg
arg_of(const char *text, size_t len)
{
	return ((struct arg){ .data = (const uint8_t *)text,
	    .kept = (uint32_t)len, .size = (uint32_t)len });
}

/* Before main(), so that no look-up has to ask whether it is done, and no
 * thread can be in the middle of it. */
static void __attribute__((constructor))
fill(void)
{
	const struct command *row, *container;
	const char *word, *bar;
	struct slot *s;
	struct arg name;
	size_t i;

	for (i = 0; (row = command_at(i)) != NULL; i++) {
		container = NULL;
		word = row->name;
		if ((bar = strchr(word, '|')) != NULL) {
			/* Rows are sorted: the container's is there. */
			name = arg_of(word, (size_t)(bar - word));
			container = command_find(&name);
			assert(container != NULL);
			word = bar + 1;
		}
		name = arg_of(word, strlen(word));
		s = find(container, &name);
		*s = (struct slot){ row, container, word };
	}
}

const struct command *
command_find(const struct arg *name)
{
	return (find(NULL, name)->row);
}

const struct command *
command_find_sub(const struct command *container, const struct arg *name)
{
	return (find(container, name)->row);
}

void
command_look_up(struct args *args)
{
	args->command = args->sub = NULL;
	if (args->n == 0)
		return;
	args->command = command_find(&args->v[0]);
	if (args->command != NULL && args->n > 1 &&
	    (args->command->flags & COMMAND_CONTAINER))
		args->sub = command_find_sub(args->command, &args->v[1]);
}
