#include "config.h"

#include "net/upstream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "net/lookup.h"
#include "net/timer.h"

/* How often a unix socket is tried whose queue is full. */
#define UPSTREAM_RETRY 10	/* milliseconds */

/* Only while there is no connection yet. */
struct upstream_search {
	struct loop *loop;
	struct address found[LOOKUP_ADDRESSES];
	size_t n;
	size_t next;		/* to be tried */
	struct lookup_request *lookup;	/* NULL: none */
	struct timer *limit;
	struct timer *retry;	/* NULL: not needed yet */
};

/* The target */

int
upstream_target_init(struct upstream_target *t, const char *text,
    int64_t timeout)
{
	struct address_parts parts;

	*t = (struct upstream_target){ .timeout = timeout };
	address_split_upstream(text, &parts);
	if (address_of_parts(&parts, &t->address) == 0) {
		address_text(&t->address, t->text);
		return (0);
	}
	snprintf(t->text, sizeof(t->text), "%s:%s", parts.host, parts.port);
	if ((t->lookup = lookup_new(parts.host, parts.port)) != NULL)
		return (0);
	log_error("out of memory");
	return (-1);
}

void
upstream_target_free(struct upstream_target *t)
{
	lookup_free(t->lookup);
	t->lookup = NULL;
}

/* The search */

static void
end_search(struct upstream *u)
{
	struct upstream_search *search = u->search;

	if (search == NULL)
		return;
	u->search = NULL;
	timer_free(search->limit);
	timer_free(search->retry);
	if (search->lookup != NULL)
		lookup_cancel(search->lookup);
	free(search);
}

static void
fail(struct upstream *u, const char *problem, int error)
{
	end_search(u);
	u->problem = problem;
	leg_fail(&u->leg, error);
}

static void on_retry(void *);

/* Tries the address again in a moment: of a unix socket there is no event that
 * would say when its queue has room. */
static bool
retry_soon(struct upstream *u)
{
	struct upstream_search *search = u->search;

	if (search->retry == NULL)
		search->retry = timer_new(search->loop, on_retry, u);
	if (search->retry == NULL ||
	    timer_set(search->retry, UPSTREAM_RETRY) != 0)
		return (false);
	search->next--;
	return (true);
}

static void
try_next(struct upstream *u)
{
	struct upstream_search *search = u->search;

	while (search->next < search->n) {
		if (leg_connect(&u->leg, &search->found[search->next++]) == 0)
			return;
		if (errno == EAGAIN && retry_soon(u))
			return;
	}
	fail(u, strerror(errno), errno);
}

/* The same, and tells when that was the last one. */
static void
try_next_later(struct upstream *u)
{
	try_next(u);
	if (u->problem != NULL)
		u->events->readable(u->ctx);
}

static void
on_retry(void *ctx)
{
	try_next_later(ctx);
}

static void
on_readable(void *ctx)
{
	struct upstream *u = ctx;

	if (u->leg.connecting) {
		errno = u->leg.error;
		try_next_later(u);
	} else {
		u->events->readable(u->ctx);
	}
}

static void
on_writable(void *ctx)
{
	struct upstream *u = ctx;

	end_search(u);
	u->events->writable(u->ctx);
}

static const struct leg_events leg_events = { on_readable, on_writable };

static void
on_limit(void *ctx)
{
	struct upstream *u = ctx;

	fail(u, "connect timed out", ETIMEDOUT);
	u->events->readable(u->ctx);
}

static void
on_lookup(void *ctx, const struct address *found, size_t n, const char *why)
{
	struct upstream *u = ctx;
	struct upstream_search *search = u->search;

	search->lookup = NULL;
	memcpy(search->found, found, n * sizeof(*found));
	search->n = n;
	if (n > 0) {
		try_next_later(u);
		return;
	}
	fail(u, why, EHOSTUNREACH);
	u->events->readable(u->ctx);
}

/* Returns -1 when there is no memory for it. */
static int
begin_search(struct upstream *u, struct loop *loop)
{
	struct upstream_search *search;

	if ((search = calloc(1, sizeof(*search))) == NULL)
		return (-1);
	search->loop = loop;
	search->limit = timer_new(loop, on_limit, u);
	if (search->limit == NULL ||
	    timer_set(search->limit, u->target->timeout) != 0) {
		timer_free(search->limit);
		free(search);
		return (-1);
	}
	u->search = search;
	if (u->target->lookup == NULL)
		return (0);
	search->lookup = lookup_ask(u->target->lookup, loop, on_lookup, u);
	return (search->lookup != NULL ? 0 : -1);
}

void
upstream_open(struct upstream *u, struct loop *loop,
    const struct upstream_target *target, const struct leg_events *events,
    void *ctx)
{
	*u = (struct upstream){ .target = target, .events = events,
		.ctx = ctx };
	leg_init(&u->leg, &leg_events, u);
	if (leg_await(&u->leg, loop) != 0 || begin_search(u, loop) != 0) {
		fail(u, strerror(ENOMEM), ENOMEM);
	} else if (target->lookup == NULL) {
		u->search->found[u->search->n++] = target->address;
		try_next(u);
	}
}

void
upstream_stop(struct upstream *u)
{
	end_search(u);
}
