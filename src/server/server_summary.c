/*
 * The summary of all loops.  While they run, each hands in its part by itself:
 *
 *   SIGUSR1 -> first loop: loop_post() to each -> each loop: merge, one less
 *                                                 missing -> the last: print
 */
#include "config.h"

#include "server/server_private.h"

#include <sys/stat.h>

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "sink/stats.h"

static const char *
refusal(int error)
{
	switch (error) {
	case EEXIST:
		return ("is not a regular file; name another");
	case ENOENT:
		return ("No such directory; make it first");
	default:
		return (strerror(error));
	}
}

int
server_save(const struct bytes *b, const char *option, const char *file,
    mode_t mode)
{
	if (bytes_save(b, file, mode) == 0)
		return (0);
	log_error("%s=%s: %s", option, file, refusal(errno));
	return (-1);
}

/* Returns -1 after logging why it cannot be written. */
static int
publish(const struct server *s, const struct server_summary *sum)
{
	const char *file = s->options->summary;
	struct bytes out = { 0 };
	int result = 0;

	if (file == NULL) {
		stats_text(sum->stats, &sum->totals, &out);
		log_text(&out);
	} else {
		stats_json(sum->stats, &sum->totals, &out);
		/* It has the names of keys: as private as the trace. */
		result = server_save(&out, "--summary", file, 0600);
	}
	bytes_free(&out);
	return (result);
}

static void
add_loop(struct server_summary *sum, const struct server_loop *l)
{
	const struct totals *t = &l->worker->totals;

	stats_merge(sum->stats, l->stats);
	sum->totals.conns += t->conns;
	sum->totals.commands += t->commands;
	sum->totals.received += t->received;
	sum->totals.sent += t->sent;
	sum->totals.stalled += t->stalled;
	sum->totals.dropped += l->file.lost_total;
}

void
server_summary_begin(struct server *s)
{
	struct server_summary *sum = &s->summary;
	int i;

	pthread_mutex_lock(&sum->lock);
	/* One that is still being gathered will do. */
	if (sum->missing == 0 && (sum->stats = stats_new()) != NULL) {
		sum->totals = (struct stats_totals){ 0 };
		sum->missing = s->nloops;
		for (i = 0; i < s->nloops; i++)
			loop_post(s->loops[i].loop, &s->loops[i].summarize);
	}
	pthread_mutex_unlock(&sum->lock);
}

void
server_summary_add(void *ctx)
{
	struct server_loop *l = ctx;
	struct server *s = l->server;
	struct server_summary *sum = &s->summary;

	pthread_mutex_lock(&sum->lock);
	add_loop(sum, l);
	if (--sum->missing == 0) {
		publish(s, sum);
		stats_free(sum->stats);
		sum->stats = NULL;
	}
	pthread_mutex_unlock(&sum->lock);
}

static void
log_totals(const struct stats_totals *t)
{
	log_info("%" PRIu64 " connection%s, %" PRIu64 " command%s; received "
	    "%" PRIu64 " byte%s, sent %" PRIu64 " byte%s",
	    t->conns, t->conns == 1 ? "" : "s",
	    t->commands, t->commands == 1 ? "" : "s",
	    t->received, t->received == 1 ? "" : "s",
	    t->sent, t->sent == 1 ? "" : "s");
}

/* Returns -1 when none should have been. */
static int
log_dropped(uint64_t n, enum slow_policy policy)
{
	const char *s = n == 1 ? "" : "s";

	if (n == 0)
		return (0);
	if (policy == SLOW_DROP) {
		log_info("%" PRIu64 " record%s dropped: the reader of the "
		    "trace was slow", n, s);
		return (0);
	}
	log_error("%" PRIu64 " record%s dropped: out of memory", n, s);
	return (-1);
}

/* Whether there are tables without being asked: a stub's line of totals says
 * enough. */
static bool
is_wanted(const struct options *o)
{
	return (o->summary != NULL || (o->upstream != NULL && o->verbose >= 0));
}

int
server_summarize(const struct server *s, bool at_end)
{
	struct server_summary sum = { .stats = stats_new() };
	int i, result = 0;

	if (sum.stats == NULL) {
		log_error("out of memory");
		return (-1);
	}
	for (i = 0; i < s->nloops; i++)
		add_loop(&sum, &s->loops[i]);
	if (at_end) {
		log_totals(&sum.totals);
		result = log_dropped(sum.totals.dropped,
		    s->options->trace.when_slow);
	}
	if ((at_end ? is_wanted(s->options) : s->options->summary != NULL) &&
	    publish(s, &sum) != 0)
		result = -1;
	stats_free(sum.stats);
	return (result);
}
