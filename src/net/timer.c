#include "config.h"

#include "net/timer.h"

#include <sys/timerfd.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/event_struct.h>

#include "net/loop.h"

struct timer {
	struct event event;
	timer_fn fn;
	void *ctx;
	int fd;			/* a timerfd; -1: the event is a timer */
	bool set;
};

static void
on_event(evutil_socket_t fd, short what, void *arg)
{
	struct timer *t = arg;
	uint64_t times;

	(void)what;
	/* It may have been stopped or set anew since epoll told of it. */
	if (t->fd >= 0 && read(fd, &times, sizeof(times)) != sizeof(times))
		return;
	t->set = false;
	t->fn(t->ctx);
}

static struct timer *
new_timer(struct loop *loop, int fd, timer_fn fn, void *ctx)
{
	struct timer *t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (NULL);
	t->fn = fn;
	t->ctx = ctx;
	t->fd = fd;
	event_assign(&t->event, loop_base(loop), fd,
	    fd >= 0 ? EV_READ | EV_PERSIST : 0, on_event, t);
	return (t);
}

struct timer *
timer_new(struct loop *loop, timer_fn fn, void *ctx)
{
	return (new_timer(loop, -1, fn, ctx));
}

struct timer *
timer_new_fd(struct loop *loop, timer_fn fn, void *ctx)
{
	struct timer *t = NULL;
	int fd;

	fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (fd < 0)
		return (NULL);
	if ((t = new_timer(loop, fd, fn, ctx)) != NULL &&
	    event_add(&t->event, NULL) == 0)
		return (t);
	free(t);
	close(fd);
	errno = ENOMEM;
	return (NULL);
}

static void
set_fd(int fd, int64_t ms)
{
	struct itimerspec when = {
		.it_value.tv_sec = (time_t)(ms / 1000),
		.it_value.tv_nsec = (long)(ms % 1000) * 1000000,
	};

	timerfd_settime(fd, 0, &when, NULL);
}

int
timer_set(struct timer *t, int64_t ms)
{
	struct timeval after = {
		.tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000 * 1000),
	};

	if (t->fd >= 0)
		set_fd(t->fd, ms);
	else if (event_add(&t->event, &after) != 0) {
		if (ms > 0)
			return (-1);
		event_active(&t->event, EV_TIMEOUT, 0);	/* cannot fail */
	}
	t->set = true;
	return (0);
}

bool
timer_is_set(const struct timer *t)
{
	return (t->set);
}

void
timer_stop(struct timer *t)
{
	if (t->fd >= 0)
		set_fd(t->fd, 0);
	else
		event_del(&t->event);
	t->set = false;
}

void
timer_free(struct timer *t)
{
	if (t == NULL)
		return;
	event_del(&t->event);
	if (t->fd >= 0)
		close(t->fd);
	free(t);
}
