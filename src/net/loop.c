#include "config.h"

#include "net/loop.h"

#include <sys/eventfd.h>

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/log.h"

/* One for signals, one below for all else. */
#define LOOP_PRIORITIES 2

struct loop {
	struct event_base *base;
	struct event *woken;
	int wake;		/* an eventfd; any thread may write to it */
	pthread_mutex_t lock;	/* for the queue */
	struct loop_call *first;
	struct loop_call **end;
};

static void
log_libevent(int severity, const char *message)
{
	if (severity >= EVENT_LOG_WARN)
		log_error("libevent: %s", message);
	else
		log_debug("libevent: %s", message);
}

static struct event_base *
make_base(void)
{
	struct event_base *base;
	const char *method;

	event_set_log_callback(log_libevent);
	if ((base = event_base_new()) == NULL) {
		log_error("libevent cannot make an event loop");
		return (NULL);
	}
	method = event_base_get_method(base);
	if (strncmp(method, "epoll", strlen("epoll")) == 0 &&
	    event_base_priority_init(base, LOOP_PRIORITIES) == 0)
		return (base);
	log_error("libevent chose %s, resptap needs epoll; is an EVENT_NO* "
	    "variable set?", method);
	event_base_free(base);
	return (NULL);
}

/* Calls from other threads */

/* Under the lock. */
static void
take_out(struct loop *l, struct loop_call *call)
{
	*call->where = call->next;
	if (call->next != NULL)
		call->next->where = call->where;
	else
		l->end = call->where;
	call->where = NULL;
}

/* Each turn makes one call of those that wait: a thread that posts again and
 * again does not keep the loop from its descriptors. */
static void
on_wake(evutil_socket_t fd, short what, void *arg)
{
	struct loop *l = arg;
	struct loop_call *call;
	eventfd_t count;

	(void)what;
	eventfd_read(fd, &count);
	pthread_mutex_lock(&l->lock);
	if ((call = l->first) != NULL)
		take_out(l, call);
	if (l->first != NULL)
		eventfd_write(fd, 1);
	pthread_mutex_unlock(&l->lock);
	if (call != NULL)
		call->fn(call->ctx);
}

void
loop_post(struct loop *l, struct loop_call *call)
{
	bool was_empty;

	pthread_mutex_lock(&l->lock);
	was_empty = l->first == NULL;
	if (call->where == NULL) {
		call->next = NULL;
		call->where = l->end;
		*l->end = call;
		l->end = &call->next;
	}
	pthread_mutex_unlock(&l->lock);
	if (was_empty)
		eventfd_write(l->wake, 1);
}

void
loop_unpost(struct loop *l, struct loop_call *call)
{
	pthread_mutex_lock(&l->lock);
	if (call->where != NULL)
		take_out(l, call);
	pthread_mutex_unlock(&l->lock);
}

/* Life */

struct loop *
loop_new(void)
{
	struct loop *l;

	if ((l = calloc(1, sizeof(*l))) == NULL) {
		log_error("out of memory");
		return (NULL);
	}
	pthread_mutex_init(&l->lock, NULL);
	l->end = &l->first;
	if ((l->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) < 0) {
		log_error("eventfd: %s", strerror(errno));
		goto fail;
	}
	if ((l->base = make_base()) == NULL)
		goto fail;
	l->woken = event_new(l->base, l->wake, EV_READ | EV_PERSIST, on_wake,
	    l);
	if (l->woken != NULL && event_add(l->woken, NULL) == 0)
		return (l);
	log_error("libevent cannot make its events");
fail:
	loop_free(l);
	return (NULL);
}

void
loop_free(struct loop *l)
{
	if (l == NULL)
		return;
	if (l->woken != NULL)
		event_free(l->woken);
	if (l->wake >= 0)
		close(l->wake);
	if (l->base != NULL)
		event_base_free(l->base);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

struct event_base *
loop_base(const struct loop *l)
{
	return (l->base);
}

int
loop_run(struct loop *l)
{
	if (event_base_dispatch(l->base) == 0)
		return (0);
	log_error("the event loop failed");
	return (-1);
}

void
loop_break(struct loop *l)
{
	event_base_loopbreak(l->base);
}
