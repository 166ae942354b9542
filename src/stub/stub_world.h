/*
 * What a stub has answered and is bound by: the scripts whose SHA1 it gave out,
 * the libraries of functions, the groups of streams' consumers, the settings
 * and users that were accepted, the ID of the last entry of a stream, and until
 * when CLIENT PAUSE holds.  Data is not in it: a stub takes every write and
 * keeps none.
 *
 * One world serves all connections of a server, in all its threads: but for
 * making and freeing it, and for stub_world_is_paused(), it is to be locked.
 * It is bounded: of each kind it holds STUB_FACTS_MAX facts, and
 * STUB_FACTS_BYTES of them; what would be more is refused, and what has been
 * answered stays true.
 */
#ifndef STUB_STUB_WORLD_H
#define STUB_STUB_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STUB_FACTS_MAX 10000
#define STUB_FACTS_BYTES (1024 * 1024)

enum stub_kind {
	STUB_SCRIPT,		/* by its SHA1 */
	STUB_LIBRARY,		/* of functions; see stub_function.c */
	STUB_USER,		/* of ACL SETUSER */
	STUB_SETTING,		/* of CONFIG SET: its name in lower case, with
				 * the NUL, and its value */
	STUB_STREAM,		/* that a group was made in, and */
	STUB_GROUP,		/* that group; see stub_stream.c */
	STUB_KINDS
};

/* A fact: its name, and what else is known of it. */
struct stub_fact {
	const uint8_t *name;
	size_t len;
	const uint8_t *value;
	size_t value_len;
};

/* CLIENT PAUSE. */
struct stub_pause {
	int64_t until;		/* of the stub's uptime_us() */
	bool writes_only;
};

struct stub_world;

/* Returns NULL when there is no memory. */
struct stub_world *stub_world_new(void);
void stub_world_free(struct stub_world *);

void stub_world_lock(struct stub_world *);
void stub_world_unlock(struct stub_world *);

/*
 * Remembers it, a copy, in place of one of that name.  Returns -1, with nothing
 * changed, and errno: ENOSPC when there are too many, or they are too long,
 * ENOMEM.
 */
int stub_world_put(struct stub_world *, enum stub_kind,
    const struct stub_fact *);

/* NULL: it is not known.  Valid until something is changed. */
const struct stub_fact *stub_world_find(const struct stub_world *,
    enum stub_kind, const void *name, size_t len);

/* The one that was remembered first, and the one after it; NULL: none. */
const struct stub_fact *stub_world_first(const struct stub_world *,
    enum stub_kind);
const struct stub_fact *stub_world_next(const struct stub_fact *);

size_t stub_world_count(const struct stub_world *, enum stub_kind);

/* Forgets it; false: it was not known. */
bool stub_world_forget(struct stub_world *, enum stub_kind, const void *name,
    size_t len);
void stub_world_forget_all(struct stub_world *, enum stub_kind);

/*
 * The ID of the next entry of any stream, greater than all before: of XADD *,
 * at that time (own) or later, or of XADD ms-*.  Puts into *ms the first half
 * of the ID, and returns the second.
 */
uint64_t stub_world_next_id(struct stub_world *, bool own, uint64_t now,
    uint64_t *ms);

void stub_world_set_pause(struct stub_world *, const struct stub_pause *);
const struct stub_pause *stub_world_pause(const struct stub_world *);

/* Whether there is one, or was: without the lock, since each command asks. */
bool stub_world_is_paused(const struct stub_world *);

#endif
