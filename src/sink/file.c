#include "config.h"

#include "sink/file.h"

#include <inttypes.h>
#include <stdio.h>

#define NEVER_DROPPED                                                          \
	(RECORD_BIT(RECORD_OPEN) | RECORD_BIT(RECORD_CLOSE) |                  \
	    RECORD_BIT(RECORD_ERROR))

static void
lose(struct file *f)
{
	f->lost++;
	f->lost_total++;
}

/* False: there is no memory for it, and none of it is in the batch. */
static inline bool
add_record(struct file *f, const struct record *r)
{
	struct bytes *batch = output_batch(f->output);
	size_t before = batch->len;

	f->options->format->write(&f->state, r, batch);
	if (!batch->failed) {
		output_commit(f->output);
		return (true);
	}
	bytes_truncate(batch, before);
	return (false);
}

static inline void
write_record(struct file *f, const struct record *r)
{
	if (add_record(f, r))
		return;
	/* Another batch may be large enough, or a small one do. */
	output_flush(f->output);
	if (!add_record(f, r))
		lose(f);
}

/* Says in the trace itself how many records are missing here. */
static void __attribute__((noinline))
write_lost(struct file *f, struct timespec when)
{
	char text[80];
	struct record r = { .event = RECORD_ERROR, .when = when };

	snprintf(text, sizeof(text), "%" PRIu64 " record%s dropped: %s",
	    f->lost, f->lost == 1 ? "" : "s",
	    f->options->when_slow == SLOW_DROP ?
	    "the reader of the trace is slow" : "out of memory");
	r.u.error.byte = -1;
	r.u.error.rule = "dropped";
	r.u.error.text = text;
	f->lost = 0;
	write_record(f, &r);
}

static void
take(struct sink *sink, const struct record *r)
{
	struct file *f = (struct file *)sink;

	if (f->options->when_slow == SLOW_DROP && output_full(f->output) &&
	    (RECORD_BIT(r->event) & NEVER_DROPPED) == 0) {
		lose(f);
		return;
	}
	if (f->lost > 0)
		write_lost(f, r->when);
	write_record(f, r);
}

static enum sink_room
room(const struct sink *sink)
{
	const struct file *f = (const struct file *)sink;

	if (!output_full(f->output))
		return (SINK_OPEN);
	if (f->options->when_slow == SLOW_WAIT)
		return (SINK_NO_BYTES);
	return (output_overfull(f->output) ? SINK_NO_CLIENTS : SINK_OPEN);
}

void
file_init(struct file *f, const struct trace_options *options,
    struct output *output, enum redact_level level)
{
	*f = (struct file){
		.sink = {
			.events = options->events,
			.needs_peer = options->format->needs_peer,
			.redact = options->format->bare ? REDACT_NONE : level,
			.take = take,
			.room = room,
		},
		.options = options,
		.output = output,
		.state.options = options->looks,
	};
}

void
file_tell_lost(struct file *f)
{
	struct timespec now;

	if (f->lost == 0)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	write_lost(f, now);
}
