#include "config.h"

#include "conn/worker.h"

#include <sys/timerfd.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/now.h"

/* Arguments are kept so far at least, whatever --clip says, because the stub
 * answers by them; in bytes. */
#define WORKER_CLIP_LEAST 1024

/* How long records of a burst may wait for others to be written with them: a
 * person sees no difference; in milliseconds. */
#define WORKER_GATHER 2

static void
on_flush(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	uint64_t times;

	(void)what;
	if (read(fd, &times, sizeof(times)) != sizeof(times))
		return;
	w->gathering = false;
	output_flush(w->trace->output);
}

/*
 * The timer is a descriptor: for one of the event loop's the kernel would set
 * its clock anew whenever the loop waits, which in a virtual machine was a
 * quarter of the cost of printing raw bytes.
 */
static int
make_flush(struct worker *w)
{
	w->gather = timerfd_create(CLOCK_MONOTONIC,
	    TFD_NONBLOCK | TFD_CLOEXEC);
	if (w->gather == -1) {
		log_error("timerfd: %s", strerror(errno));
		return (-1);
	}
	w->flush = event_new(w->base, w->gather, EV_READ | EV_PERSIST,
	    on_flush, w);
	if (w->flush != NULL && event_add(w->flush, NULL) == 0)
		return (0);
	log_error("out of memory");
	return (-1);
}

static uint64_t
time_of_day(void)
{
	return ((uint64_t)now_ns(CLOCK_REALTIME) / 1000);
}

static int64_t
uptime(void)
{
	return (now_ns(CLOCK_MONOTONIC) / 1000);
}

/* Where to relay to, if that is asked for. */
static int
find_upstream(struct worker *w)
{
	const struct options *o = w->options;

	if (o->upstream == NULL)
		return (0);
	if ((w->upstream = calloc(1, sizeof(*w->upstream))) == NULL) {
		log_error("out of memory");
		return (-1);
	}
	return (upstream_target_init(w->upstream, w->base, o->upstream,
	    o->connect_timeout * INT64_C(1000)));
}

struct worker *
worker_new(const struct options *options, struct event_base *base,
    struct trace *trace, worker_event_fn reap, worker_event_fn again)
{
	struct worker *w;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		goto no_memory;
	w->base = base;
	w->gather = -1;
	w->options = options;
	w->stub = options->stub;
	w->stub.clock_us = time_of_day;
	w->stub.uptime_us = uptime;
	w->trace = trace;
	TAILQ_INIT(&w->conns);
	TAILQ_INIT(&w->ended);
	TAILQ_INIT(&w->waiting);
	TAILQ_INIT(&w->ready);
	w->args.clip = options->trace.looks.clip;
	if (w->args.clip < WORKER_CLIP_LEAST)
		w->args.clip = WORKER_CLIP_LEAST;
	w->args.keep = stub_keep(w->stub.mode);
	w->pairing.clip = options->trace.looks.clip;
	w->pairing.redact = options->redact;
	w->pairing.keys = true;
	/* The replies are pointed into, even where there are none yet. */
	if (spans_init(&w->spans) != 0 ||
	    pair_scratch_init(&w->scratch) != 0 ||
	    bytes_reserve(&w->replies, 1) == NULL)
		goto no_memory;
	w->reap = event_new(base, -1, 0, reap, w);
	w->again = event_new(base, -1, 0, again, w);
	if (w->reap == NULL || w->again == NULL)
		goto no_memory;
	if (make_flush(w) == 0 && find_upstream(w) == 0)
		return (w);
	worker_free(w);
	return (NULL);

no_memory:
	log_error("out of memory");
	worker_free(w);
	return (NULL);
}

void
worker_flush_soon(struct worker *w)
{
	static const struct itimerspec gather = {
		.it_value.tv_nsec = WORKER_GATHER * 1000000
	};
	int64_t now;

	if (!output_pending(w->trace->output) || w->gathering)
		return;
	now = now_ns(CLOCK_MONOTONIC_COARSE);
	if (now == w->flushed &&
	    timerfd_settime(w->gather, 0, &gather, NULL) == 0)
		w->gathering = true;
	else
		output_flush(w->trace->output);
	w->flushed = now;
}

void
worker_free(struct worker *w)
{
	if (w == NULL)
		return;
	if (w->reap != NULL)
		event_free(w->reap);
	if (w->again != NULL)
		event_free(w->again);
	if (w->flush != NULL)
		event_free(w->flush);
	if (w->gather != -1)
		close(w->gather);
	bytes_free(&w->replies);
	bytes_free(&w->values);
	spans_free(&w->spans);
	pair_scratch_free(&w->scratch);
	if (w->upstream != NULL)
		upstream_target_free(w->upstream);
	free(w->upstream);
	free(w);
}
