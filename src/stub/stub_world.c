#include "config.h"

#include "stub/stub_world.h"

#include <sys/queue.h>

#include <errno.h>
#include <pthread.h>
#include <search.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* A fact in its two places: in the order of their coming, and by name. */
struct node {
	struct stub_fact fact;	/* first: the tree compares facts */
	TAILQ_ENTRY(node) link;
	uint8_t bytes[];	/* its name, then its value */
};

TAILQ_HEAD(node_list, node);

struct stub_world {
	pthread_mutex_t lock;
	struct known {
		struct node_list list;
		void *tree;
		size_t n;
		size_t bytes;
	} known[STUB_KINDS];
	struct last_id {
		uint64_t ms;
		uint64_t seq;
	} last[2];		/* of XADD ms-*, and of XADD * */
	struct stub_pause pause;
	atomic_bool paused;	/* pause.until is not 0 */
};

struct stub_world *
stub_world_new(void)
{
	struct stub_world *w;
	int kind;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (NULL);
	pthread_mutex_init(&w->lock, NULL);
	for (kind = 0; kind < STUB_KINDS; kind++)
		TAILQ_INIT(&w->known[kind].list);
	return (w);
}

void
stub_world_free(struct stub_world *w)
{
	int kind;

	if (w == NULL)
		return;
	for (kind = 0; kind < STUB_KINDS; kind++)
		stub_world_forget_all(w, (enum stub_kind)kind);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

void
stub_world_lock(struct stub_world *w)
{
	pthread_mutex_lock(&w->lock);
}

void
stub_world_unlock(struct stub_world *w)
{
	pthread_mutex_unlock(&w->lock);
}

static int
compare(const void *a, const void *b)
{
	const struct stub_fact *x = a, *y = b;

	if (x->len != y->len)
		return (x->len < y->len ? -1 : 1);
	return (x->len == 0 ? 0 : memcmp(x->name, y->name, x->len));
}

static struct node *
find(const struct known *k, const void *name, size_t len)
{
	const struct stub_fact key = { .name = name, .len = len };
	void *found = tfind(&key, &k->tree, compare);

	/* A node of the tree begins with its key: POSIX promises it. */
	return (found != NULL ? *(struct node **)found : NULL);
}

static size_t
size_of(const struct stub_fact *f)
{
	return (f->len + f->value_len);
}

static void
forget(struct known *k, struct node *node)
{
	tdelete(node, &k->tree, compare);
	TAILQ_REMOVE(&k->list, node, link);
	k->n--;
	k->bytes -= size_of(&node->fact);
	free(node);
}

static struct node *
new_node(const struct stub_fact *f)
{
	struct node *node;

	if ((node = malloc(sizeof(*node) + size_of(f))) == NULL)
		return (NULL);
	node->fact = *f;
	node->fact.name = node->bytes;
	node->fact.value = node->bytes + f->len;
	if (f->len > 0)
		memcpy(node->bytes, f->name, f->len);
	if (f->value_len > 0)
		memcpy(node->bytes + f->len, f->value, f->value_len);
	return (node);
}

/* Puts the node into the tree, in place of one of that name. */
static int
plant(struct known *k, struct node *node, struct node *old)
{
	struct node **at;

	if ((at = tsearch(node, &k->tree, compare)) == NULL) {
		errno = ENOMEM;
		return (-1);
	}
	if (old == NULL)
		return (0);
	*at = node;
	TAILQ_REMOVE(&k->list, old, link);
	k->n--;
	k->bytes -= size_of(&old->fact);
	free(old);
	return (0);
}

int
stub_world_put(struct stub_world *w, enum stub_kind kind,
    const struct stub_fact *f)
{
	struct known *k = &w->known[kind];
	struct node *old = find(k, f->name, f->len), *node;
	size_t bytes = k->bytes - (old != NULL ? size_of(&old->fact) : 0);

	if ((old == NULL && k->n == STUB_FACTS_MAX) ||
	    size_of(f) > STUB_FACTS_BYTES - bytes) {
		errno = ENOSPC;
		return (-1);
	}
	if ((node = new_node(f)) == NULL)
		return (-1);
	if (plant(k, node, old) != 0) {
		free(node);
		return (-1);
	}
	TAILQ_INSERT_TAIL(&k->list, node, link);
	k->n++;
	k->bytes += size_of(f);
	return (0);
}

const struct stub_fact *
stub_world_find(const struct stub_world *w, enum stub_kind kind,
    const void *name, size_t len)
{
	struct node *node = find(&w->known[kind], name, len);

	return (node != NULL ? &node->fact : NULL);
}

const struct stub_fact *
stub_world_first(const struct stub_world *w, enum stub_kind kind)
{
	struct node *node = TAILQ_FIRST(&w->known[kind].list);

	return (node != NULL ? &node->fact : NULL);
}

const struct stub_fact *
stub_world_next(const struct stub_fact *f)
{
	struct node *node = TAILQ_NEXT((const struct node *)f, link);

	return (node != NULL ? &node->fact : NULL);
}

size_t
stub_world_count(const struct stub_world *w, enum stub_kind kind)
{
	return (w->known[kind].n);
}

bool
stub_world_forget(struct stub_world *w, enum stub_kind kind, const void *name,
    size_t len)
{
	struct node *node = find(&w->known[kind], name, len);

	if (node == NULL)
		return (false);
	forget(&w->known[kind], node);
	return (true);
}

void
stub_world_forget_all(struct stub_world *w, enum stub_kind kind)
{
	struct known *k = &w->known[kind];
	struct node *node;

	while ((node = TAILQ_FIRST(&k->list)) != NULL)
		forget(k, node);
}

uint64_t
stub_world_next_id(struct stub_world *w, bool own, uint64_t now, uint64_t *ms)
{
	struct last_id *last = &w->last[own];

	/* The clock may have been set back; and 0-0 is no ID. */
	if (own ? now > last->ms : now != last->ms)
		*last = (struct last_id){ now, now == 0 };
	else
		last->seq++;
	*ms = last->ms;
	return (last->seq);
}

void
stub_world_set_pause(struct stub_world *w, const struct stub_pause *pause)
{
	w->pause = *pause;
	atomic_store(&w->paused, pause->until != 0);
}

const struct stub_pause *
stub_world_pause(const struct stub_world *w)
{
	return (&w->pause);
}

bool
stub_world_is_paused(const struct stub_world *w)
{
	return (atomic_load_explicit(&w->paused, memory_order_relaxed));
}
