#include "config.h"

#include "trace/trace.h"

#include <stdio.h>

#define NEVER_DROPPED                                                          \
	(RECORD_BIT(RECORD_OPEN) | RECORD_BIT(RECORD_CLOSE) |                  \
	    RECORD_BIT(RECORD_ERROR))

void
trace_init(struct trace *t, const struct trace_options *options,
    struct output *output)
{
	*t = (struct trace){ .options = options, .output = output };
	t->state.options = options->looks;
}

void
trace_add_sink(struct trace *t, struct trace_sink *sink)
{
	LIST_INSERT_HEAD(&t->sinks, sink, link);
}

void
trace_remove_sink(struct trace_sink *sink)
{
	LIST_REMOVE(sink, link);
}

static bool
sink_wants(const struct trace_sink *sink, unsigned events)
{
	return ((atomic_load_explicit(&sink->events, memory_order_acquire) &
	    events) != 0);
}

static bool
sinks_want(const struct trace *t, unsigned events)
{
	const struct trace_sink *sink;

	LIST_FOREACH (sink, &t->sinks, link)
		if (sink_wants(sink, events))
			return (true);
	return (false);
}

bool
trace_wants(const struct trace *t, unsigned events)
{
	return (trace_shows(t, events) || sinks_want(t, events));
}

bool
trace_shows(const struct trace *t, unsigned events)
{
	return ((t->options->events & events) != 0);
}

bool
trace_wants_peer(const struct trace *t)
{
	return (t->options->format->needs_peer ||
	    sinks_want(t, RECORD_BIT(RECORD_CMD)));
}

bool
trace_hides(const struct trace *t)
{
	return (!t->options->format->bare);
}

static void
lose(struct trace *t)
{
	t->lost++;
	t->lost_total++;
}

/* False: there is no memory for it, and none of it is in the batch. */
static inline bool
add_record(struct trace *t, const struct record *r)
{
	struct bytes *batch = output_batch(t->output);
	size_t before = batch->len;

	t->options->format->write(&t->state, r, batch);
	if (!batch->failed) {
		output_commit(t->output);
		return (true);
	}
	bytes_truncate(batch, before);
	return (false);
}

static inline void
write_record(struct trace *t, const struct record *r)
{
	if (add_record(t, r))
		return;
	/* Another batch may be large enough, or a small one do. */
	output_flush(t->output);
	if (!add_record(t, r))
		lose(t);
}

/* Says in the trace itself how many records are missing here. */
static void __attribute__((noinline))
write_lost(struct trace *t, struct timespec when)
{
	char text[80];
	struct record r = { .event = RECORD_ERROR, .when = when };

	snprintf(text, sizeof(text), "%llu record%s dropped: %s",
	    (unsigned long long)t->lost, t->lost == 1 ? "" : "s",
	    t->options->when_slow == SLOW_DROP ?
	    "the reader of the trace is slow" : "out of memory");
	r.u.error.byte = -1;
	r.u.error.rule = "dropped";
	r.u.error.text = text;
	t->lost = 0;
	write_record(t, &r);
}

/* Reading the clock takes as long as much of what sinks do. */
static bool
sinks_need_time(const struct trace *t, unsigned bit)
{
	const struct trace_sink *sink;

	LIST_FOREACH (sink, &t->sinks, link)
		if (!sink->timeless && sink_wants(sink, bit))
			return (true);
	return (false);
}

/* The output: what it cannot keep up with it misses. */
static void
put_out(struct trace *t, const struct record *r)
{
	if (t->options->when_slow == SLOW_DROP && output_full(t->output) &&
	    (RECORD_BIT(r->event) & NEVER_DROPPED) == 0) {
		lose(t);
		return;
	}
	if (t->lost > 0)
		write_lost(t, r->when);
	write_record(t, r);
}

uint8_t *
trace_place(struct trace *t, size_t size, uint8_t *chunk)
{
	struct bytes *batch = output_batch(t->output);
	uint8_t *place = NULL;

	if (t->options->format->bare && trace_shows(t, RECORD_BIT(RECORD_RECV)))
		place = bytes_reserve(batch, size);
	if (place != NULL)
		return (place);
	bytes_truncate(batch, batch->len);	/* nothing has failed yet */
	return (chunk);
}

void
trace_begin_turn(struct trace *t)
{
	t->turn = TRACE_NOT_READ;
}

void
trace_end_turn(struct trace *t)
{
	t->turn = TRACE_NO_TURN;
}

static struct timespec
time_of_turn(struct trace *t)
{
	if (t->turn != TRACE_READ)
		clock_gettime(CLOCK_REALTIME, &t->now);
	if (t->turn == TRACE_NOT_READ)
		t->turn = TRACE_READ;
	return (t->now);
}

void
trace_record(struct trace *t, struct record *r)
{
	struct trace_sink *sink, *next;
	unsigned bit = RECORD_BIT(r->event);
	bool shown = (t->options->events & bit) != 0 && !r->hidden;

	r->when = shown || sinks_need_time(t, bit) ? time_of_turn(t) :
	    (struct timespec){ 0, 0 };
	if (shown)
		put_out(t, r);
	for (sink = LIST_FIRST(&t->sinks); sink != NULL; sink = next) {
		next = LIST_NEXT(sink, link);
		if (sink_wants(sink, bit))
			sink->take(sink, r);
	}
}

void
trace_tell_lost(struct trace *t)
{
	struct timespec now;

	if (t->lost == 0)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	write_lost(t, now);
}

bool
trace_full(const struct trace *t)
{
	return (t->options->when_slow == SLOW_WAIT && output_full(t->output));
}

bool
trace_overfull(const struct trace *t)
{
	return (output_full(t->output) &&
	    (t->options->when_slow == SLOW_WAIT || output_overfull(t->output)));
}
