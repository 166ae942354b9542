#include "config.h"

#include "conn/worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/now.h"
#include "net/timer.h"

/* Arguments are kept so far at least, whatever --clip says, because the stub
 * answers by them; in bytes. */
#define WORKER_CLIP_LEAST 1024

/* How long records of a burst may wait for others to be written with them: a
 * person sees no difference; in milliseconds. */
#define WORKER_GATHER 2

static void
on_flush(void *ctx)
{
	struct worker *w = ctx;

	output_flush(w->output);
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

static int
make_timers(struct worker *w, worker_fn reap, worker_fn again)
{
	w->reap = timer_new(w->loop, reap, w);
	w->again = timer_new(w->loop, again, w);
	/* It runs nearly all the time. */
	w->flush = timer_new_fd(w->loop, on_flush, w);
	if (w->reap != NULL && w->again != NULL && w->flush != NULL)
		return (0);
	log_error("cannot make a timer: %s", strerror(errno));
	return (-1);
}

struct worker *
worker_new(const struct worker_settings *settings, struct loop *loop,
    struct trace *trace, struct output *output, worker_fn reap,
    worker_fn again)
{
	struct worker *w;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		goto no_memory;
	w->loop = loop;
	w->settings = settings;
	w->stub = settings->stub;
	w->stub.clock_us = time_of_day;
	w->stub.uptime_us = uptime;
	w->trace = trace;
	w->output = output;
	TAILQ_INIT(&w->conns);
	TAILQ_INIT(&w->ended);
	TAILQ_INIT(&w->waiting);
	TAILQ_INIT(&w->ready);
	w->args.clip = settings->clip;
	if (w->args.clip < WORKER_CLIP_LEAST)
		w->args.clip = WORKER_CLIP_LEAST;
	w->args.keep = stub_keep(w->stub.mode);
	w->pairing.clip = settings->clip;
	w->pairing.redact = settings->redact;
	w->pairing.keys = true;
	/* The replies are pointed into, even where there are none yet. */
	if (spans_init(&w->spans) != 0 || pair_scratch_init(&w->scratch) != 0 ||
	    bytes_reserve(&w->replies, 1) == NULL)
		goto no_memory;
	if (make_timers(w, reap, again) == 0)
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
	int64_t now;

	if (!output_pending(w->output) || timer_is_set(w->flush))
		return;
	now = now_ns(CLOCK_MONOTONIC_COARSE);
	if (now == w->flushed)
		timer_set(w->flush, WORKER_GATHER);
	else
		output_flush(w->output);
	w->flushed = now;
}

enum redact_level
worker_redact_for_clients(const struct worker *w)
{
	enum redact_level level = w->settings->redact;

	return (level == REDACT_NONE ? REDACT_SECRETS : level);
}

void
worker_free(struct worker *w)
{
	if (w == NULL)
		return;
	timer_free(w->reap);
	timer_free(w->again);
	timer_free(w->flush);
	bytes_free(&w->replies);
	bytes_free(&w->values);
	spans_free(&w->spans);
	pair_scratch_free(&w->scratch);
	free(w);
}
