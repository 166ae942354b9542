#include "config.h"

#include "net/lookup.h"

#include <sys/queue.h>

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/thread.h"
#include "net/loop.h"

struct answer {
	struct address found[LOOKUP_ADDRESSES];
	size_t n;
	const char *why;	/* there are none; NULL: there are */
};

struct lookup_request {
	struct lookup *lookup;
	struct loop *loop;
	struct loop_call call;
	lookup_fn fn;
	void *ctx;
	struct answer answer;
	bool waiting;		/* under the lock: in the lookup's list */
	LIST_ENTRY(lookup_request) link;
};

struct lookup {
	char host[ADDRESS_HOST_MAX + 1];
	char port[sizeof("65535")];
	pthread_mutex_t lock;	/* for what follows */
	LIST_HEAD(, lookup_request) requests;
	bool running;		/* the thread */
	bool unwanted;		/* the thread frees it */
};

static void
destroy(struct lookup *l)
{
	pthread_mutex_destroy(&l->lock);
	free(l);
}

/* The thread */

static void
take_found(struct answer *a, const struct addrinfo *ai)
{
	struct address *to;

	for (; ai != NULL && a->n < LOOKUP_ADDRESSES; ai = ai->ai_next) {
		to = &a->found[a->n++];
		memcpy(&to->sa, ai->ai_addr, ai->ai_addrlen);
		to->len = ai->ai_addrlen;
	}
}

static void
look_up(const struct lookup *l, struct answer *a)
{
	static const struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_protocol = IPPROTO_TCP,
	};
	struct addrinfo *list = NULL;
	int error;

	error = getaddrinfo(l->host, l->port, &hints, &list);
	if (error == EAI_SYSTEM)
		a->why = strerror(errno);
	else if (error != 0)
		a->why = gai_strerror(error);
	else
		take_found(a, list);
	if (list != NULL)
		freeaddrinfo(list);
}

static void *
run(void *arg)
{
	struct lookup *l = arg;
	struct lookup_request *r;
	struct answer answer = { .n = 0 };
	bool unwanted;

	look_up(l, &answer);
	pthread_mutex_lock(&l->lock);
	while ((r = LIST_FIRST(&l->requests)) != NULL) {
		LIST_REMOVE(r, link);
		r->waiting = false;
		r->answer = answer;
		loop_post(r->loop, &r->call);
	}
	l->running = false;
	unwanted = l->unwanted;
	pthread_mutex_unlock(&l->lock);
	if (unwanted)
		destroy(l);
	return (NULL);
}

/* The loops */

struct lookup *
lookup_new(const char *host, const char *port)
{
	struct lookup *l;

	if ((l = calloc(1, sizeof(*l))) == NULL)
		return (NULL);
	strncpy(l->host, host, sizeof(l->host) - 1);
	strncpy(l->port, port, sizeof(l->port) - 1);
	pthread_mutex_init(&l->lock, NULL);
	LIST_INIT(&l->requests);
	return (l);
}

void
lookup_free(struct lookup *l)
{
	bool running;

	if (l == NULL)
		return;
	pthread_mutex_lock(&l->lock);
	running = l->running;
	l->unwanted = true;
	pthread_mutex_unlock(&l->lock);
	if (!running)
		destroy(l);
}

static void
on_answer(void *ctx)
{
	struct lookup_request *r = ctx;

	r->fn(r->ctx, r->answer.found, r->answer.n, r->answer.why);
	free(r);
}

/* Under the lock. */
static int
start_thread(struct lookup *l)
{
	pthread_t thread;

	if (l->running)
		return (0);
	if (thread_start(&thread, "a lookup of names", run, l) != 0)
		return (-1);
	pthread_detach(thread);
	l->running = true;
	return (0);
}

struct lookup_request *
lookup_ask(struct lookup *l, struct loop *loop, lookup_fn fn, void *ctx)
{
	struct lookup_request *r;
	int result;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (NULL);
	*r = (struct lookup_request){ .lookup = l, .loop = loop, .fn = fn,
		.ctx = ctx, .call = { .fn = on_answer, .ctx = r } };
	pthread_mutex_lock(&l->lock);
	if ((result = start_thread(l)) == 0) {
		LIST_INSERT_HEAD(&l->requests, r, link);
		r->waiting = true;
	}
	pthread_mutex_unlock(&l->lock);
	if (result == 0)
		return (r);
	free(r);
	return (NULL);
}

void
lookup_cancel(struct lookup_request *r)
{
	struct lookup *l = r->lookup;

	pthread_mutex_lock(&l->lock);
	if (r->waiting)
		LIST_REMOVE(r, link);
	pthread_mutex_unlock(&l->lock);
	loop_unpost(r->loop, &r->call);
	free(r);
}
