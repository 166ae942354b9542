#include "config.h"

#include "trace/trace.h"

#include <assert.h>

void
trace_init(struct trace *t)
{
	*t = (struct trace){ .nfilters = 1 };	/* the one for all */
}

/* Sinks */

/* How much each level hides. */
static int
strictness(enum redact_level level)
{
	switch (level) {
	case REDACT_NONE:
		return (0);
	case REDACT_SECRETS:
		return (1);
	case REDACT_VALUES:
		break;
	}
	return (2);
}

static unsigned
bit_of_filter(struct trace *t, const struct filter *filter)
{
	unsigned i;

	for (i = 0; i < t->nfilters; i++)
		if (t->filters[i] == filter)
			return (1u << i);
	assert(t->nfilters < TRACE_FILTERS);
	t->filters[t->nfilters++] = filter;
	t->chooses_clients |= filter->clients.n > 0;
	t->chooses_commands |= filter_has_commands(filter);
	return (1u << i);
}

void
trace_add_sink(struct trace *t, struct sink *sink, const struct filter *filter)
{
	struct sink *after = NULL, *other;

	sink->filter = bit_of_filter(t, filter);
	if (sink->room != NULL)
		LIST_INSERT_HEAD(&t->narrow, sink, narrow_link);
	LIST_FOREACH (other, &t->sinks, link)
		if (strictness(other->redact) < strictness(sink->redact))
			after = other;
	if (after != NULL)
		LIST_INSERT_AFTER(after, sink, link);
	else
		LIST_INSERT_HEAD(&t->sinks, sink, link);
}

void
trace_remove_sink(struct sink *sink)
{
	LIST_REMOVE(sink, link);
	if (sink->room != NULL)
		LIST_REMOVE(sink, narrow_link);
}

/* What they want */

static bool
sink_wants(const struct sink *sink, unsigned events)
{
	return ((atomic_load_explicit(&sink->events, memory_order_acquire) &
	    events) != 0);
}

bool
trace_wants(const struct trace *t, unsigned events)
{
	const struct sink *sink;

	LIST_FOREACH (sink, &t->sinks, link)
		if (sink_wants(sink, events))
			return (true);
	return (false);
}

bool
trace_must_have(const struct trace *t, unsigned events)
{
	const struct sink *sink;

	LIST_FOREACH (sink, &t->sinks, link)
		if (!sink->lazy && sink_wants(sink, events))
			return (true);
	return (false);
}

bool
trace_wants_peer(const struct trace *t)
{
	const struct sink *sink;

	LIST_FOREACH (sink, &t->sinks, link)
		if (sink->needs_peer && sink_wants(sink,
		    RECORD_BIT(RECORD_CMD)))
			return (true);
	return (false);
}

enum redact_level
trace_redact(const struct trace *t, unsigned events)
{
	enum redact_level level = REDACT_NONE;
	const struct sink *sink;

	LIST_FOREACH (sink, &t->sinks, link)
		if (sink_wants(sink, events))
			level = sink->redact;	/* the last hides most */
	return (level);
}

bool
trace_reveals(const struct trace *t, unsigned events)
{
	const struct sink *sink;

	LIST_FOREACH (sink, &t->sinks, link)
		if (sink_wants(sink, events))
			return (sink->redact == REDACT_NONE);
	return (false);
}

/* Which records they want */

unsigned
trace_choose_client(const struct trace *t, const char *peer, const char *name)
{
	unsigned chosen = 0, i;

	for (i = 0; i < t->nfilters; i++)
		if (t->filters[i] == NULL ||
		    filter_client(t->filters[i], peer, name))
			chosen |= 1u << i;
	return (chosen);
}

unsigned
trace_choose_command(const struct trace *t, const struct args *args)
{
	unsigned chosen = 0, i;

	if (!t->chooses_commands)
		return (TRACE_CHOSEN);
	for (i = 0; i < t->nfilters; i++)
		if (t->filters[i] == NULL ||
		    filter_command(t->filters[i], args))
			chosen |= 1u << i;
	return (chosen);
}

/* Records */

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

/* The secrets of a command are marked for the first sink that must not see
 * them; those that may have had theirs. */
static void
hide_from(const struct sink *sink, struct record *r)
{
	if (r->event != RECORD_CMD || sink->redact == r->u.cmd.marked)
		return;
	r->u.cmd.marked = sink->redact;
	redact_args(r->u.cmd.args, sink->redact);
}

void
trace_record(struct trace *t, struct record *r)
{
	struct sink *sink, *next;
	unsigned bit = RECORD_BIT(r->event);
	bool timed = false;

	r->when = (struct timespec){ 0, 0 };
	for (sink = LIST_FIRST(&t->sinks); sink != NULL; sink = next) {
		next = LIST_NEXT(sink, link);
		if (!sink_wants(sink, bit) || !(r->chosen & sink->filter))
			continue;
		/* Reading the clock takes as long as much of what sinks do. */
		if (!timed && !sink->timeless) {
			r->when = time_of_turn(t);
			timed = true;
		}
		hide_from(sink, r);
		sink->take(sink, r);
	}
}

/* Room */

static enum sink_room
room(const struct trace *t)
{
	const struct sink *sink;
	enum sink_room worst = SINK_OPEN, of_one;

	LIST_FOREACH (sink, &t->narrow, narrow_link)
		if ((of_one = sink->room(sink)) > worst)
			worst = of_one;
	return (worst);
}

bool
trace_full(const struct trace *t)
{
	return (room(t) == SINK_NO_BYTES);
}

bool
trace_overfull(const struct trace *t)
{
	return (room(t) != SINK_OPEN);
}
