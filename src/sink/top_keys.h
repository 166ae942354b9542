/*
 * The keys that moved most bytes, in bounded memory.
 *
 * At most TOP_KEYS of them are counted at a time.  When one more comes, the
 * half that has least goes at once, and what the largest of these had becomes
 * the floor: a key that comes in later starts with so much, since it may be
 * one that had to go.
 *
 *    bytes |#
 *          |##
 *          |####
 *          |######.....   - the floor: what is below it cannot be told apart
 *          +-----------
 *
 * So of each key is known that it moved at most `bytes`, and at least bytes -
 * over.  At most 2/TOP_KEYS of all bytes can be over, and a key that moved more
 * is always here.
 *
 * A key is known by its first SHORT_ARG bytes and its length.
 */
#ifndef SINK_TOP_KEYS_H
#define SINK_TOP_KEYS_H

#include <stdint.h>

#include "resp/args.h"

#define TOP_KEYS 1024
/* For each one two places in the table, so that look-ups are short. */
#define TOP_KEYS_SLOTS (2 * TOP_KEYS)

/* An argument that is kept, clipped. */
#define SHORT_ARG 64

struct short_arg {
	uint32_t size;		/* bytes that the client sent: >= kept */
	uint8_t kept;		/* bytes of data */
	uint8_t data[SHORT_ARG];
};

struct top_key {
	uint64_t bytes;
	uint64_t over;		/* of bytes: may be those of other keys */
	uint64_t hash;
	struct short_arg key;
};

/* Zeros at first; nothing to free. */
struct top_keys {
	uint64_t floor;
	uint32_t n;		/* of v */
	uint16_t slots[TOP_KEYS_SLOTS];	/* by hash: place in v plus one */
	struct top_key v[TOP_KEYS];
};

void short_arg_set(struct short_arg *, const struct arg *);

/* The key has moved so many bytes more. */
void top_keys_add(struct top_keys *, const struct arg *key, uint64_t bytes);

/* Adds what another one has counted. */
void top_keys_merge(struct top_keys *, const struct top_keys *from);

/* Points the n first of `list` at the keys with most bytes, in that order;
 * returns how many there are: at most n. */
size_t top_keys_list(const struct top_keys *, const struct top_key **list,
    size_t n);

#endif
