/*
 * A command's row by its name: a hash table with open addressing.
 *
 *   "GET"               ->  hash from 0             -> "get"
 *   "SETNAME" of CLIENT ->  hash from client's row  -> "client|setname"
 */
#include "config.h"

#include "redis/command.h"

#include <assert.h>
#include <string.h>

/* No name of a command or a subcommand is longer. */
#define WORD_MAX 32

/* A power of two, and more than twice as many as there are rows. */
#define SLOTS 2048

/* 2^64 divided by the golden ratio: a product with it spreads what differs
 * over the upper bits. */
#define SPREAD UINT64_C(0x9e3779b97f4a7c15)

/* What tells 'a' from 'A', in each byte. */
#define CASE_BITS UINT64_C(0x2020202020202020)

_Static_assert(SLOTS > 2 * COMMAND_ROWS, "few slots are full");

static struct slot {
	const struct command *row;	/* NULL: free */
	const struct command *container;	/* NULL: it is no subcommand */
	const char *word;	/* its own part of row->name */
	uint64_t lower;		/* pack() of it, and in upper case: clients */
	uint64_t upper;		/* seldom mix them */
	uint32_t len;
} slots[SLOTS];

/* Up to eight bytes of a known length as one number; of more, their first four
 * and their last. */
static inline uint64_t
pack(const uint8_t *p, size_t len)
{
	uint16_t two, last_two;
	uint32_t four, last_four;

	if (len >= sizeof(four)) {
		memcpy(&four, p, sizeof(four));
		memcpy(&last_four, p + len - sizeof(four), sizeof(four));
		return ((uint64_t)last_four << 32 | four);
	}
	if (len >= sizeof(two)) {
		memcpy(&two, p, sizeof(two));
		memcpy(&last_two, p + len - sizeof(two), sizeof(two));
		return ((uint64_t)last_two << 32 | two);
	}
	return (len > 0 ? *p : 0);
}

/* Where the search for the name begins. */
static inline size_t
hash_of(const struct command *container, const struct arg *name,
    uint64_t packed)
{
	uint64_t hash = name->kept;

	if (container != NULL)
		hash += (uint64_t)command_index(container) << 8;
	/* The bit that is lost tells upper from lower case. */
	return ((hash ^ (packed | CASE_BITS)) * SPREAD >> 32);
}

/* The slot of the name, or the free one where it belongs. */
static struct slot *
find(const struct command *container, const struct arg *name)
{
	size_t i = hash_of(container, name, pack(name->data, name->kept));
	struct slot *s;

	for (;; i++) {
		s = &slots[i % SLOTS];
		if (s->row == NULL || (s->container == container &&
		    arg_is(name, s->word)))
			return (s);
	}
}

static const struct command * __attribute__((noinline))
find_row(const struct command *container, const struct arg *name)
{
	return (find(container, name)->row);
}

/* Its row; mostly the first slot has it, and it has eight bytes at most. */
static inline const struct command *
row_of(const struct command *container, const struct arg *name)
{
	uint64_t packed = pack(name->data, name->kept);
	const struct slot *s = &slots[hash_of(container, name, packed) % SLOTS];

	if (s->container == container && s->len == name->kept &&
	    s->len <= sizeof(packed) && name->kept == name->size &&
	    (packed == s->upper || packed == s->lower))
		return (s->row);
	return (find_row(container, name));
}

static struct arg
arg_of(const char *text, size_t len)
{
	return ((struct arg){ .data = (const uint8_t *)text,
	    .kept = (uint32_t)len, .size = (uint32_t)len });
}

static uint64_t
pack_upper(const char *word)
{
	uint8_t upper[WORD_MAX];
	size_t len = strlen(word), i;

	assert(len <= sizeof(upper));
	for (i = 0; i < len; i++)
		upper[i] = (uint8_t)(word[i] >= 'a' && word[i] <= 'z' ?
		    word[i] - ('a' - 'A') : word[i]);
	return (pack(upper, len));
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
		*s = (struct slot){ row, container, word,
			pack(name.data, name.size), pack_upper(word),
			name.size };
	}
}

const struct command *
command_find(const struct arg *name)
{
	return (row_of(NULL, name));
}

const struct command *
command_find_sub(const struct command *container, const struct arg *name)
{
	return (row_of(container, name));
}

void
command_look_up(struct args *args)
{
	const struct command *c = NULL;

	if (args->n > 0)
		c = row_of(NULL, &args->v[0]);
	args->command = c;
	args->sub = NULL;
	if (c != NULL && (c->flags & COMMAND_CONTAINER) && args->n > 1)
		args->sub = command_find_sub(c, &args->v[1]);
}
