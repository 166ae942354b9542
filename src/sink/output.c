#include "config.h"

#include "sink/output.h"

#include <sys/eventfd.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "sink/writer.h"

struct output {
	struct producer producer;
	struct writer *writer;
};

/* One that has no writer yet. */
static struct output *
new_output(void)
{
	struct output *o;

	if ((o = calloc(1, sizeof(*o))) == NULL ||
	    (o->producer.current = calloc(1, sizeof(struct batch))) == NULL) {
		log_error("out of memory");
		free(o);
		return (NULL);
	}
	o->producer.notify = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (o->producer.notify >= 0)
		return (o);
	log_error("eventfd: %s", strerror(errno));
	free(o->producer.current);
	free(o);
	return (NULL);
}

/* Without its writer. */
static void
free_output(struct output *o)
{
	bytes_free(&o->producer.current->bytes);
	free(o->producer.current);
	close(o->producer.notify);
	free(o);
}

struct output *
output_open(const char *file, bool lines)
{
	struct output *o = new_output();

	if (o == NULL)
		return (NULL);
	if ((o->writer = writer_open(file, lines, &o->producer)) == NULL) {
		free_output(o);
		return (NULL);
	}
	return (o);
}

struct output *
output_share(const struct output *with)
{
	struct output *o = new_output();

	if (o == NULL)
		return (NULL);
	o->writer = with->writer;
	writer_add(o->writer, &o->producer);
	return (o);
}

struct bytes *
output_batch(struct output *o)
{
	return (&o->producer.current->bytes);
}

void
output_commit(struct output *o)
{
	o->producer.current->records++;
	if (o->producer.current->bytes.len >= OUTPUT_BATCH)
		output_flush(o);
}

bool
output_pending(const struct output *o)
{
	return (o->producer.current->records > 0);
}

void
output_flush(struct output *o)
{
	if (output_pending(o))
		writer_put(o->writer, &o->producer);
}

bool
output_full(const struct output *o)
{
	return (o->writer->full);
}

bool
output_overfull(const struct output *o)
{
	return (o->writer->overfull);
}

int
output_fd(const struct output *o)
{
	return (o->producer.notify);
}

void
output_seen(struct output *o)
{
	uint64_t count;
	ssize_t n;

	n = read(o->producer.notify, &count, sizeof(count));
	(void)n;	/* nothing to read is fine */
}

bool
output_failed(const struct output *o)
{
	return (o->writer->failed);
}

void
output_reopen(struct output *o)
{
	writer_reopen(o->writer);
}

void
output_finish(struct output *o)
{
	output_flush(o);
	writer_finish(o->writer, &o->producer);
}

bool
output_done(const struct output *o)
{
	return (o->writer->done);
}

uint64_t
output_unwritten(struct output *o)
{
	return (writer_unwritten(o->writer));
}

void
output_free(struct output *o)
{
	if (o != NULL && writer_remove(o->writer, &o->producer))
		free_output(o);
}
