#include "config.h"

#include "net/upstream.h"

#include <netinet/in.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/dns.h>
#include <event2/event.h>
#include <event2/util.h>

#include "base/log.h"

/* How many addresses of a name are tried. */
#define UPSTREAM_ADDRESSES 8
/* How often a unix socket is tried whose queue is full. */
#define UPSTREAM_RETRY 10	/* milliseconds */

/* Only while there is no connection yet; and until evdns has taken notice that
 * it is not wanted any more. */
struct upstream_search {
	struct upstream *upstream;	/* NULL: given up */
	bool opening;		/* inside upstream_open() */
	struct address found[UPSTREAM_ADDRESSES];
	size_t n;
	size_t next;		/* to be tried */
	struct evdns_getaddrinfo_request *lookup;	/* NULL: none */
	struct event *timer;
	struct event *retry;	/* NULL: not needed yet */
};

/* The target */

int
upstream_target_init(struct upstream_target *t, struct event_base *base,
    const char *text, int64_t timeout)
{
	*t = (struct upstream_target){ .base = base, .timeout = timeout };
	address_split_upstream(text, &t->parts);
	if (address_of_parts(&t->parts, &t->address) == 0) {
		address_text(&t->address, t->text);
		return (0);
	}
	snprintf(t->text, sizeof(t->text), "%s:%s", t->parts.host,
	    t->parts.port);
	t->dns = evdns_base_new(base, EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	if (t->dns == NULL) {
		log_error("--upstream=%s: names cannot be looked up; give an "
		    "address instead", text);
		return (-1);
	}
	/* What it does not find there, it says when a name is looked up. */
	evdns_base_resolv_conf_parse(t->dns, DNS_OPTIONS_ALL,
	    "/etc/resolv.conf");
	return (0);
}

void
upstream_target_free(struct upstream_target *t)
{
	if (t->dns != NULL)
		evdns_base_free(t->dns, 0);
	t->dns = NULL;
}

/* The search */

static void
end_search(struct upstream *u)
{
	struct upstream_search *search = u->search;

	if (search == NULL)
		return;
	u->search = NULL;
	search->upstream = NULL;
	event_free(search->timer);
	if (search->retry != NULL)
		event_free(search->retry);
	if (search->lookup != NULL)
		evdns_getaddrinfo_cancel(search->lookup);
	else
		free(search);
}

static void
fail(struct upstream *u, const char *problem, int error)
{
	end_search(u);
	u->problem = problem;
	leg_fail(&u->leg, error);
}

static void on_retry(evutil_socket_t, short, void *);

/* Tries the address again in a moment: of a unix socket there is no event that
 * would say when its queue has room. */
static bool
retry_soon(struct upstream *u)
{
	static const struct timeval moment = {
		.tv_usec = UPSTREAM_RETRY * 1000
	};
	struct upstream_search *search = u->search;

	if (search->retry == NULL)
		search->retry = evtimer_new(u->target->base, on_retry, u);
	if (search->retry == NULL || event_add(search->retry, &moment) != 0)
		return (false);
	search->next--;
	return (true);
}

static void
try_next(struct upstream *u)
{
	struct upstream_search *search = u->search;

	while (search->next < search->n) {
		if (leg_connect(&u->leg, u->target->base,
		    &search->found[search->next++]) == 0)
			return;
		if (errno == EAGAIN && retry_soon(u))
			return;
	}
	fail(u, strerror(errno), errno);
}

static void
on_retry(evutil_socket_t fd, short what, void *arg)
{
	struct upstream *u = arg;

	(void)fd;
	(void)what;
	try_next(u);
	if (u->problem != NULL)
		u->events->readable(u->ctx);
}

static void
on_readable(void *arg)
{
	struct upstream *u = arg;

	if (u->leg.connecting) {
		errno = u->leg.error;
		try_next(u);
		if (u->problem == NULL)
			return;
	}
	u->events->readable(u->ctx);
}

static void
on_writable(void *arg)
{
	struct upstream *u = arg;

	end_search(u);
	u->events->writable(u->ctx);
}

static const struct leg_events leg_events = { on_readable, on_writable };

static void
on_timeout(evutil_socket_t fd, short what, void *arg)
{
	struct upstream *u = arg;

	(void)fd;
	(void)what;
	fail(u, "connect timed out", ETIMEDOUT);
	u->events->readable(u->ctx);
}

static void
take_found(struct upstream_search *search, const struct evutil_addrinfo *ai)
{
	struct address *a;

	for (; ai != NULL && search->n < UPSTREAM_ADDRESSES; ai = ai->ai_next) {
		a = &search->found[search->n++];
		memcpy(&a->sa, ai->ai_addr, ai->ai_addrlen);
		a->len = (socklen_t)ai->ai_addrlen;
	}
}

/* Called before evdns_getaddrinfo() returns, or later; also when the lookup
 * was given up. */
static void
on_lookup(int error, struct evutil_addrinfo *list, void *arg)
{
	struct upstream_search *search = arg;
	struct upstream *u = search->upstream;
	bool opening = search->opening;

	search->lookup = NULL;
	take_found(search, list);
	if (list != NULL)
		evutil_freeaddrinfo(list);
	if (u == NULL) {
		free(search);
		return;
	}
	if (search->n > 0)
		try_next(u);
	else
		fail(u, evutil_gai_strerror(error), EHOSTUNREACH);
	if (u->problem != NULL && !opening)
		u->events->readable(u->ctx);
}

static void
look_up(struct upstream *u)
{
	const struct upstream_target *t = u->target;
	struct evutil_addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_protocol = IPPROTO_TCP,
	};
	struct evdns_getaddrinfo_request *lookup;

	u->search->opening = true;
	lookup = evdns_getaddrinfo(t->dns, t->parts.host, t->parts.port, &hints,
	    on_lookup, u->search);
	/* Where it has called on_lookup(), the search may be over. */
	if (lookup != NULL)
		u->search->lookup = lookup;
	if (u->search != NULL)
		u->search->opening = false;
}

void
upstream_open(struct upstream *u, const struct upstream_target *target,
    const struct leg_events *events, void *ctx)
{
	struct timeval tv = {
		.tv_sec = (time_t)(target->timeout / 1000),
		.tv_usec = (suseconds_t)(target->timeout % 1000 * 1000),
	};
	struct upstream_search *search;

	*u = (struct upstream){ .target = target, .events = events,
		.ctx = ctx };
	leg_init(&u->leg, &leg_events, u);
	u->leg.connecting = true;
	if ((search = calloc(1, sizeof(*search))) == NULL ||
	    (search->timer = evtimer_new(target->base, on_timeout, u)) ==
	    NULL) {
		free(search);
		fail(u, strerror(ENOMEM), ENOMEM);
		return;
	}
	u->search = search;
	search->upstream = u;
	event_add(search->timer, &tv);
	if (target->dns != NULL) {
		look_up(u);
		return;
	}
	search->found[search->n++] = target->address;
	try_next(u);
}

void
upstream_stop(struct upstream *u)
{
	end_search(u);
}
