#include "config.h"

#include "sink/top_keys.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* 2^64 divided by the golden ratio: a product with it spreads what differs
 * over all bits. */
#define SPREAD UINT64_C(0x9e3779b97f4a7c15)

void
short_arg_set(struct short_arg *s, const struct arg *a)
{
	s->size = a->size;
	s->kept = (uint8_t)(a->kept < SHORT_ARG ? a->kept : SHORT_ARG);
	memcpy(s->data, a->data, s->kept);
}

static struct arg
as_arg(const struct short_arg *s)
{
	return ((struct arg){ s->data, s->kept, s->size, false });
}

static uint64_t
mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * SPREAD;
	return (hash ^ hash >> 32);
}

/* Keys that are made to collide cost a walk over the table, at most. */
static uint64_t
hash_of(const struct arg *key)
{
	const uint8_t *p = key->data;
	size_t left = key->kept;
	uint64_t hash = key->size, word = 0;

	for (; left > sizeof(word); p += sizeof(word), left -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		hash = mix(hash, word);
	}
	/* The last eight bytes; some may have been in already. */
	if (key->kept >= sizeof(word))
		memcpy(&word, p + left - sizeof(word), sizeof(word));
	else
		for (; left > 0; left--)
			word = word << 8 | *p++;
	return (mix(hash, word));
}

/* Where the table has the key, or would have it: then that is 0. */
static uint16_t *
find_slot(struct top_keys *t, const struct arg *key, uint64_t hash)
{
	size_t i = hash % TOP_KEYS_SLOTS;
	const struct top_key *k;

	for (; t->slots[i] != 0; i = (i + 1) % TOP_KEYS_SLOTS) {
		k = &t->v[t->slots[i] - 1];
		if (k->hash == hash && k->key.size == key->size &&
		    k->key.kept == key->kept &&
		    memcmp(k->key.data, key->data, key->kept) == 0)
			break;
	}
	return (&t->slots[i]);
}

/* The one that would stand at place i if they were sorted: C. A. R. Hoare's
 * FIND.  Changes their order. */
static uint64_t
select_at(uint64_t *v, ptrdiff_t n, ptrdiff_t at)
{
	ptrdiff_t left = 0, right = n - 1, i, j;
	uint64_t pivot, swap;

	while (left < right) {
		pivot = v[at];
		i = left;
		j = right;
		while (i <= j) {
			while (v[i] < pivot)
				i++;
			while (v[j] > pivot)
				j--;
			if (i > j)
				break;
			swap = v[i];
			v[i++] = v[j];
			v[j--] = swap;
		}
		if (j < at)
			left = i;
		if (i > at)
			right = j;
	}
	return (v[at]);
}

/* The half with least goes, at once: one by one, each would be searched for. */
static void
make_room(struct top_keys *t)
{
	uint64_t bytes[TOP_KEYS];
	struct arg key;
	uint32_t i, n = 0;

	if (t->n < TOP_KEYS)
		return;
	for (i = 0; i < TOP_KEYS; i++)
		bytes[i] = t->v[i].bytes;
	t->floor = select_at(bytes, TOP_KEYS, TOP_KEYS / 2 - 1);
	memset(t->slots, 0, sizeof(t->slots));
	for (i = 0; i < TOP_KEYS; i++) {
		if (t->v[i].bytes <= t->floor)
			continue;
		if (n < i)
			t->v[n] = t->v[i];
		key = as_arg(&t->v[n].key);
		*find_slot(t, &key, t->v[n].hash) = (uint16_t)(n + 1);
		n++;
	}
	t->n = n;
}

/* There is room for it, and that slot is where it belongs. */
static void
insert(struct top_keys *t, uint16_t *slot, const struct arg *key,
    const struct top_key *as)
{
	struct top_key *k = &t->v[t->n++];

	*slot = (uint16_t)t->n;
	k->bytes = as->bytes;
	k->over = as->over;
	k->hash = as->hash;
	short_arg_set(&k->key, key);
}

void
top_keys_add(struct top_keys *t, const struct arg *key, uint64_t bytes)
{
	struct arg a = *key;
	struct top_key new;
	uint16_t *slot;

	if (a.kept > SHORT_ARG)
		a.kept = SHORT_ARG;
	new.hash = hash_of(&a);
	slot = find_slot(t, &a, new.hash);
	if (*slot != 0) {
		t->v[*slot - 1].bytes += bytes;
		return;
	}
	if (t->n == TOP_KEYS) {
		make_room(t);
		slot = find_slot(t, &a, new.hash);
	}
	new.bytes = t->floor + bytes;
	new.over = t->floor;
	insert(t, slot, &a, &new);
}

/*
 * What only one of both knows may have moved as much as the other one's floor
 * without being known there.
 */
void
top_keys_merge(struct top_keys *t, const struct top_keys *from)
{
	bool known[TOP_KEYS] = { false };
	uint64_t before = t->floor;
	struct top_key new;
	struct arg key;
	uint16_t slot;
	uint32_t i;

	for (i = 0; i < t->n; i++) {
		t->v[i].bytes += from->floor;
		t->v[i].over += from->floor;
	}
	t->floor += from->floor;
	for (i = 0; i < from->n; i++) {
		key = as_arg(&from->v[i].key);
		if ((slot = *find_slot(t, &key, from->v[i].hash)) == 0)
			continue;
		known[i] = true;
		t->v[slot - 1].bytes += from->v[i].bytes - from->floor;
		t->v[slot - 1].over += from->v[i].over;
		t->v[slot - 1].over -= from->floor;
	}
	for (i = 0; i < from->n; i++) {
		if (known[i])
			continue;
		new = from->v[i];
		new.bytes += before;
		new.over += before;
		make_room(t);
		key = as_arg(&from->v[i].key);
		if (new.bytes > t->floor)
			insert(t, find_slot(t, &key, new.hash), &key, &new);
	}
}

size_t
top_keys_list(const struct top_keys *t, const struct top_key **list, size_t n)
{
	size_t listed = 0, at;
	uint32_t i;

	for (i = 0; i < t->n; i++) {
		for (at = listed; at > 0; at--)
			if (list[at - 1]->bytes >= t->v[i].bytes)
				break;
		if (at == n)
			continue;
		if (listed < n)
			listed++;
		memmove(&list[at + 1], &list[at],
		    (listed - at - 1) * sizeof(*list));
		list[at] = &t->v[i];
	}
	return (listed);
}
