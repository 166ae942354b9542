#include "config.h"

#include "trace/output.h"

#include <sys/eventfd.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

/* Buffers that have grown larger than this are not used again. */
#define OUTPUT_KEEP (4 * 1024 * 1024)
#define OUTPUT_SPARE 8
/* How often a full disk is tried again, and how long the writer is waited for
 * at the very end, in milliseconds. */
#define OUTPUT_RETRY 250

struct batch {
	struct bytes bytes;
	uint64_t records;
	struct batch *next;
};

struct output {
	const char *file;	/* NULL: stdout */
	int notify;		/* eventfd */
	struct batch *current;	/* the loop's own */
	pthread_t writer;

	pthread_mutex_t lock;	/* for what follows */
	pthread_cond_t wake;	/* the writer has something to do */
	struct batch *head;	/* being written, while `writing` */
	struct batch **tail;
	struct batch *spare;
	int nspare;
	size_t queued;
	int fd;
	int next_fd;		/* to go on with; -1: none */
	bool waiting;		/* the writer waits for `wake` */
	bool finishing;
	bool quitting;		/* give up what cannot be written */

	atomic_bool full;
	atomic_bool overfull;
	atomic_bool failed;
	atomic_bool done;
};

static const char *
output_name(const struct output *o)
{
	return (o->file != NULL ? o->file : "standard output");
}

/* Why a file that open(2) refused, or that is of this type, is no output. */
static const char *
refusal(int error, mode_t type)
{
	if (error == ELOOP)
		return ("is a symbolic link; name the file itself");
	if (error == EISDIR || S_ISDIR(type))
		return ("is a directory; name a file in it");
	if (error == ENOENT)
		return ("No such directory; make it first");
	if (error == ENXIO)
		return ("is a FIFO or socket that nobody reads; "
		    "start its reader first");
	if (error != 0)
		return (strerror(error));
	return ("is neither a file, a FIFO nor a character device");
}

static int
open_file(const char *file)
{
	struct stat st;
	int fd, error = 0;

	fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW |
	    O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd < 0 || fstat(fd, &st) != 0) {
		error = errno;
		st.st_mode = 0;
	} else if (S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode) ||
	    S_ISCHR(st.st_mode)) {
		/* Only the opening must not block: writing has its thread. */
		fcntl(fd, F_SETFL, O_APPEND);
		return (fd);
	}
	log_error("%s: %s", file, refusal(error, st.st_mode));
	if (fd >= 0)
		close(fd);
	return (-1);
}

static void
notify(struct output *o)
{
	uint64_t one = 1;
	ssize_t n;

	n = write(o->notify, &one, sizeof(one));
	(void)n;	/* fails only when it is readable anyway */
}

static void
batch_free(struct batch *b)
{
	if (b == NULL)
		return;
	bytes_free(&b->bytes);
	free(b);
}

/*
 * Before the rest of a batch goes to another file: takes back what of it is in
 * this one, so that no record is torn; unless somebody else has changed the
 * file meanwhile.
 */
static void
take_back(int fd, size_t written)
{
	struct stat st;
	off_t at;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (at = lseek(fd, 0, SEEK_CUR)) < (off_t)written || st.st_size != at)
		return;
	if (ftruncate(fd, at - (off_t)written) != 0)
		log_error("a record is cut at the end of the old file: %s",
		    strerror(errno));
}

/* Switches to the file that output_reopen() has opened, if it has. */
static bool
switch_file(struct output *o, size_t written)
{
	int old = -1;

	pthread_mutex_lock(&o->lock);
	if (o->next_fd >= 0) {
		old = o->fd;
		o->fd = o->next_fd;
		o->next_fd = -1;
	}
	pthread_mutex_unlock(&o->lock);
	if (old < 0)
		return (false);
	if (written > 0)
		take_back(old, written);
	close(old);
	return (true);
}

/* The time a little later. */
static struct timespec
after_retry(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	t.tv_nsec += OUTPUT_RETRY * 1000000L;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return (t);
}

/* Waits a little, or until there is another file or an end to it. */
static void
wait_for_room(struct output *o)
{
	struct timespec until = after_retry(CLOCK_MONOTONIC);

	pthread_mutex_lock(&o->lock);
	if (o->next_fd < 0 && !o->quitting)
		pthread_cond_timedwait(&o->wake, &o->lock, &until);
	pthread_mutex_unlock(&o->lock);
}

/* What to do about a write that failed: true to try again. */
static bool
recover(struct output *o, int error, bool *complained)
{
	struct pollfd p = { .fd = o->fd, .events = POLLOUT };

	switch (error) {
	case EINTR:
		return (true);
	case EAGAIN:
		poll(&p, 1, OUTPUT_RETRY);
		return (true);
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		if (!*complained)
			log_error("%s: %s; waiting for room", output_name(o),
			    strerror(error));
		*complained = true;
		wait_for_room(o);
		return (true);
	case EPIPE:
		log_error("%s: %s; the reader of the trace is gone",
		    output_name(o), strerror(error));
		return (false);
	default:
		log_error("%s: %s", output_name(o), strerror(error));
		return (false);
	}
}

/* Writes the batch whole.  False: it is impossible, or time is up. */
static bool
write_batch(struct output *o, const struct bytes *b)
{
	size_t at = 0;
	bool complained = false, quitting;
	ssize_t n;

	while (at < b->len) {
		n = write(o->fd, b->data + at, b->len - at);
		if (n > 0) {
			at += (size_t)n;
			continue;
		}
		if (!recover(o, n == 0 ? ENOSPC : errno, &complained))
			return (false);
		if (switch_file(o, at))
			at = 0;
		pthread_mutex_lock(&o->lock);
		quitting = o->quitting;
		pthread_mutex_unlock(&o->lock);
		if (quitting)
			return (false);
	}
	if (complained)
		log_error("%s: there is room again", output_name(o));
	return (true);
}

/* The head of the queue is written: on to the next one. */
static void
drop_head(struct output *o)
{
	struct batch *b = o->head;

	o->head = b->next;
	if (o->head == NULL)
		o->tail = &o->head;
	o->queued -= b->bytes.len;
	if (o->nspare < OUTPUT_SPARE && b->bytes.cap <= OUTPUT_KEEP) {
		b->next = o->spare;
		o->spare = b;
		o->nspare++;
	} else {
		batch_free(b);
	}
	if (o->overfull && o->queued <= OUTPUT_HIGH) {
		o->overfull = false;
		notify(o);
	}
	if (o->full && o->queued <= OUTPUT_LOW) {
		o->full = false;
		notify(o);
	}
}

static void *
writer_main(void *arg)
{
	struct output *o = arg;
	const struct batch *b;
	bool ok = true;

	pthread_mutex_lock(&o->lock);
	while (ok) {
		while (o->head == NULL && !o->finishing && o->next_fd < 0) {
			o->waiting = true;
			pthread_cond_wait(&o->wake, &o->lock);
			o->waiting = false;
		}
		if ((b = o->head) == NULL && o->next_fd < 0)
			break;
		pthread_mutex_unlock(&o->lock);
		switch_file(o, 0);
		if (b != NULL)
			ok = write_batch(o, &b->bytes);
		pthread_mutex_lock(&o->lock);
		if (ok && b != NULL)
			drop_head(o);
	}
	pthread_mutex_unlock(&o->lock);
	o->failed = !ok;
	o->done = true;
	notify(o);
	return (NULL);
}

/* Signals are the loop's. */
static int
start_writer(struct output *o)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&o->writer, NULL, writer_main, o);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error != 0)
		log_error("cannot start the writer: %s", strerror(error));
	return (error == 0 ? 0 : -1);
}

static void
init_wake(pthread_cond_t *wake)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(wake, &attr);
	pthread_condattr_destroy(&attr);
}

struct output *
output_open(const char *file)
{
	struct output *o;

	if ((o = calloc(1, sizeof(*o))) == NULL ||
	    (o->current = calloc(1, sizeof(*o->current))) == NULL) {
		log_error("out of memory");
		goto no_memory;
	}
	o->file = file;
	o->tail = &o->head;
	o->next_fd = -1;
	o->fd = file != NULL ? open_file(file) : STDOUT_FILENO;
	if (o->fd < 0)
		goto no_memory;
	if ((o->notify = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) < 0) {
		log_error("eventfd: %s", strerror(errno));
		goto no_eventfd;
	}
	pthread_mutex_init(&o->lock, NULL);
	init_wake(&o->wake);
	if (start_writer(o) == 0)
		return (o);
	pthread_cond_destroy(&o->wake);
	pthread_mutex_destroy(&o->lock);
	close(o->notify);
no_eventfd:
	if (file != NULL)
		close(o->fd);
no_memory:
	if (o != NULL)
		free(o->current);
	free(o);
	return (NULL);
}

struct bytes *
output_batch(struct output *o)
{
	return (&o->current->bytes);
}

void
output_commit(struct output *o)
{
	o->current->records++;
	if (o->current->bytes.len >= OUTPUT_BATCH)
		output_flush(o);
}

bool
output_pending(const struct output *o)
{
	return (o->current->records > 0);
}

static void
append(struct output *o, struct batch *b)
{
	b->next = NULL;
	*o->tail = b;
	o->tail = &b->next;
	o->queued += b->bytes.len;
	if (o->queued >= OUTPUT_HIGH)
		o->full = true;
	if (o->queued >= 2 * OUTPUT_HIGH)
		o->overfull = true;
}

void
output_flush(struct output *o)
{
	struct batch *next;
	bool waiting;

	if (o->current->records == 0)
		return;
	pthread_mutex_lock(&o->lock);
	if ((next = o->spare) != NULL) {
		o->spare = next->next;
		o->nspare--;
	} else if ((next = calloc(1, sizeof(*next))) == NULL) {
		/* Then the batch goes on growing. */
		pthread_mutex_unlock(&o->lock);
		return;
	}
	append(o, o->current);
	waiting = o->waiting;
	pthread_mutex_unlock(&o->lock);
	if (waiting)
		pthread_cond_signal(&o->wake);
	next->records = 0;
	bytes_truncate(&next->bytes, 0);
	o->current = next;
}

bool
output_full(const struct output *o)
{
	return (o->full);
}

bool
output_overfull(const struct output *o)
{
	return (o->overfull);
}

int
output_fd(const struct output *o)
{
	return (o->notify);
}

void
output_seen(struct output *o)
{
	uint64_t count;
	ssize_t n;

	n = read(o->notify, &count, sizeof(count));
	(void)n;	/* nothing to read is fine */
}

bool
output_failed(const struct output *o)
{
	return (o->failed);
}

void
output_reopen(struct output *o)
{
	int fd;

	if (o->file == NULL || (fd = open_file(o->file)) < 0)
		return;
	pthread_mutex_lock(&o->lock);
	if (o->next_fd >= 0)
		close(o->next_fd);
	o->next_fd = fd;
	pthread_cond_signal(&o->wake);
	pthread_mutex_unlock(&o->lock);
}

void
output_finish(struct output *o)
{
	output_flush(o);
	pthread_mutex_lock(&o->lock);
	o->finishing = true;
	pthread_cond_signal(&o->wake);
	pthread_mutex_unlock(&o->lock);
}

bool
output_done(const struct output *o)
{
	return (o->done);
}

uint64_t
output_unwritten(struct output *o)
{
	const struct batch *b;
	uint64_t n;

	pthread_mutex_lock(&o->lock);
	n = o->current->records;
	for (b = o->head; b != NULL; b = b->next)
		n += b->records;
	pthread_mutex_unlock(&o->lock);
	return (n);
}

static void
free_batches(struct batch *b)
{
	struct batch *next;

	for (; b != NULL; b = next) {
		next = b->next;
		batch_free(b);
	}
}

void
output_free(struct output *o)
{
	struct timespec until;

	if (o == NULL)
		return;
	pthread_mutex_lock(&o->lock);
	o->finishing = o->quitting = true;
	pthread_cond_signal(&o->wake);
	pthread_mutex_unlock(&o->lock);
	until = after_retry(CLOCK_REALTIME);
	if (pthread_timedjoin_np(o->writer, NULL, &until) != 0)
		return;
	free_batches(o->head);
	free_batches(o->spare);
	batch_free(o->current);
	pthread_cond_destroy(&o->wake);
	pthread_mutex_destroy(&o->lock);
	close(o->notify);
	if (o->file != NULL)
		close(o->fd);
	free(o);
}
