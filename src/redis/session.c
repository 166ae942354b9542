#include "config.h"

#include "redis/session.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

/* A node of the trees. */
struct channel {
	size_t len;
	const uint8_t *data;	/* behind it, or of who looks for it */
};

/* The names, as trees of libc's tsearch(3). */
struct session_subscriptions {
	void *tree[SESSION_KINDS];
	size_t bytes;		/* of all names */
};

void
session_init(struct session *s, uint64_t id)
{
	*s = (struct session){ .id = id, .resp = 2 };
}

static void
forget_subscriptions(struct session *s)
{
	int kind;
	size_t len;

	for (kind = 0; kind < SESSION_KINDS; kind++)
		while (s->subscriptions != NULL && s->subscribed[kind] > 0)
			free(session_unsubscribe_any(s,
			    (enum session_channels)kind, &len));
	memset(s->subscribed, 0, sizeof(s->subscribed));
}

void
session_free(struct session *s)
{
	free(s->name);
	s->name = NULL;
	session_multi_free(session_multi_take(s));
	forget_subscriptions(s);
}

void
session_reset(struct session *s)
{
	uint64_t id = s->id;
	size_t *total = s->total;
	bool skip = s->reply == SESSION_REPLY_SKIP;

	session_free(s);
	session_init(s, id);
	s->total = total;
	if (skip)
		s->reply = SESSION_REPLY_SKIP;
}

void
session_copy(struct session *s, const struct session *from)
{
	struct session copy = *from;

	if (from->name != NULL)
		copy.name = strdup(from->name);
	copy.id = s->id;
	copy.multi = NULL;
	copy.subscriptions = NULL;
	session_free(s);
	*s = copy;
}

int
session_set_name(struct session *s, const uint8_t *name, size_t len)
{
	char *copy = NULL;
	size_t i;

	for (i = 0; i < len; i++)
		if (name[i] < '!' || name[i] > '~') {
			errno = EINVAL;
			return (-1);
		}
	if (len > 0 && (copy = strndup((const char *)name, len)) == NULL)
		return (-1);
	free(s->name);
	s->name = copy;
	return (0);
}

bool
session_muted(const struct session *s)
{
	return (s->reply == SESSION_REPLY_OFF ||
	    s->reply == SESSION_REPLY_SKIP);
}

void
session_command_done(struct session *s)
{
	if (s->reply == SESSION_REPLY_SKIP)
		s->reply = SESSION_REPLY_ON;
	else if (s->reply == SESSION_REPLY_SKIP_NEXT)
		s->reply = SESSION_REPLY_SKIP;
}

/* Transactions */

int
session_multi_start(struct session *s)
{
	if ((s->multi = calloc(1, sizeof(*s->multi))) == NULL)
		return (-1);
	s->multi->total = s->total;
	return (0);
}

static bool
has_room(const struct session_multi *m, size_t len)
{
	return (m->n < SESSION_QUEUE_MAX &&
	    len <= SESSION_QUEUE_BYTES - m->queue.len &&
	    (m->total == NULL || len <= SESSION_QUEUES_BYTES - *m->total));
}

static void
empty_queue(struct session_multi *m)
{
	if (m->total != NULL)
		*m->total -= m->queue.len;
	bytes_free(&m->queue);
}

int
session_multi_add(struct session *s, const void *data, size_t len)
{
	struct session_multi *m = s->multi;
	int error = ENOSPC;

	if (m->aborted)
		return (0);
	if (has_room(m, len)) {
		bytes_add(&m->queue, data, len);
		if (!m->queue.failed) {
			if (m->total != NULL)
				*m->total += len;
			m->n++;
			return (0);
		}
		error = ENOMEM;
	}
	session_multi_abort(s);
	errno = error;
	return (-1);
}

void
session_multi_abort(struct session *s)
{
	if (s->multi == NULL)
		return;
	s->multi->aborted = true;
	empty_queue(s->multi);
}

struct session_multi *
session_multi_take(struct session *s)
{
	struct session_multi *m = s->multi;

	s->multi = NULL;
	return (m);
}

void
session_multi_free(struct session_multi *m)
{
	if (m == NULL)
		return;
	empty_queue(m);
	free(m);
}

/* Subscriptions */

static int
compare(const void *a, const void *b)
{
	const struct channel *x = a, *y = b;

	if (x->len != y->len)
		return (x->len < y->len ? -1 : 1);
	return (x->len > 0 ? memcmp(x->data, y->data, x->len) : 0);
}

/* Takes a channel that the tree holds out of it. */
static void
take_out(struct session *s, enum session_channels kind, struct channel *c)
{
	struct session_subscriptions *all = s->subscriptions;

	tdelete(c, &all->tree[kind], compare);
	all->bytes -= c->len;
	s->subscribed[kind]--;
	if (session_subscribed_all(s) > 0)
		return;
	free(all);
	s->subscriptions = NULL;
}

static struct channel *
channel_new(const uint8_t *name, size_t len)
{
	struct channel *c;

	if ((c = malloc(sizeof(*c) + len)) == NULL)
		return (NULL);
	if (len > 0)
		memcpy(c + 1, name, len);
	c->data = (const uint8_t *)(c + 1);
	c->len = len;
	return (c);
}

int
session_subscribe(struct session *s, enum session_channels kind,
    const uint8_t *name, size_t len)
{
	struct session_subscriptions *all = s->subscriptions;
	struct channel key = { len, name }, *c;

	if (all != NULL && tfind(&key, &all->tree[kind], compare) != NULL)
		return (0);
	if (session_subscribed_all(s) >= SESSION_SUBSCRIPTIONS_MAX ||
	    len > SESSION_SUBSCRIPTIONS_BYTES - (all ? all->bytes : 0)) {
		errno = ENOSPC;
		return (-1);
	}
	if ((c = channel_new(name, len)) == NULL)
		return (-1);
	if (all == NULL && (all = calloc(1, sizeof(*all))) == NULL)
		goto no_memory;
	s->subscriptions = all;
	if (tsearch(c, &all->tree[kind], compare) == NULL)
		goto no_memory;
	all->bytes += len;
	s->subscribed[kind]++;
	return (0);

no_memory:
	free(c);
	if (s->subscriptions != NULL && session_subscribed_all(s) == 0) {
		free(s->subscriptions);
		s->subscriptions = NULL;
	}
	errno = ENOMEM;
	return (-1);
}

void
session_unsubscribe(struct session *s, enum session_channels kind,
    const uint8_t *name, size_t len)
{
	struct channel key = { len, name }, *c;
	void *found;

	if (s->subscriptions == NULL || (found = tfind(&key,
	    &s->subscriptions->tree[kind], compare)) == NULL)
		return;
	c = *(struct channel **)found;
	take_out(s, kind, c);
	free(c);
}

uint8_t *
session_unsubscribe_any(struct session *s, enum session_channels kind,
    size_t *len)
{
	struct channel *c;

	if (session_subscribed(s, kind) == 0)
		return (NULL);
	/* A node begins with its key: POSIX promises it. */
	c = *(struct channel **)s->subscriptions->tree[kind];
	take_out(s, kind, c);
	*len = c->len;
	return (memmove(c, c + 1, c->len));
}
