#include "config.h"

#include "sink/writer.h"

#include <sys/stat.h>
#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/thread.h"
#include "sink/output.h"

/* Buffers that have grown larger than this are not used again. */
#define OUTPUT_KEEP (4 * 1024 * 1024)
#define OUTPUT_SPARE 8
/* How often a full disk is tried again, and how long the writer is waited for
 * at the very end, in milliseconds. */
#define OUTPUT_RETRY 250

static const char *
writer_name(const struct writer *w)
{
	return (w->file != NULL ? w->file : "standard output");
}

/* Another user could have put it there, to have us fill it or to read what we
 * write: in /tmp anybody can.  Devices are nobody's. */
static bool
is_foreign(const struct stat *st)
{
	return ((S_ISREG(st->st_mode) || S_ISFIFO(st->st_mode)) &&
	    st->st_uid != geteuid());
}

/* Why a file that open(2) refused, or that is like this, is no output. */
static const char *
refusal(int error, const struct stat *st)
{
	mode_t type = st->st_mode;

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
	if (is_foreign(st))
		return ("belongs to another user; name a file of your own, or "
		    "run resptap as its owner");
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
	} else if (!is_foreign(&st) && (S_ISREG(st.st_mode) ||
	    S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode))) {
		/* Only the opening must not block: writing has its thread. */
		fcntl(fd, F_SETFL, O_APPEND);
		return (fd);
	}
	log_error("%s: %s", file, refusal(error, &st));
	if (fd >= 0)
		close(fd);
	return (-1);
}

/* Tells all producers; under the lock. */
static void
notify(const struct writer *w)
{
	const struct producer *p;
	uint64_t one = 1;
	ssize_t n;

	LIST_FOREACH (p, &w->producers, link) {
		n = write(p->notify, &one, sizeof(one));
		(void)n;	/* fails only when it is readable anyway */
	}
}

static void
batch_free(struct batch *b)
{
	if (b == NULL)
		return;
	bytes_free(&b->bytes);
	free(b);
}

/* Takes the last n bytes back, so that no record is torn; unless somebody else
 * has changed the file meanwhile. */
static void
take_back(int fd, size_t n)
{
	struct stat st;
	off_t at;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (at = lseek(fd, 0, SEEK_CUR)) < (off_t)n || st.st_size != at)
		return;
	if (ftruncate(fd, at - (off_t)n) != 0)
		log_error("a record is cut at the end of the file: %s",
		    strerror(errno));
}

/* The rest of the batch will never be written. */
static void
cut_behind_line(struct writer *w, const struct batch *b)
{
	size_t whole = b->written;

	if (!w->lines)
		return;
	while (whole > 0 && b->bytes.data[whole - 1] != '\n')
		whole--;
	take_back(w->fd, b->written - whole);
}

/* Switches to the file that output_reopen() has opened, if it has; the batch,
 * if there is one, goes there from its beginning. */
static void
switch_file(struct writer *w, struct batch *b)
{
	int old = -1;

	pthread_mutex_lock(&w->lock);
	if (w->next_fd >= 0) {
		old = w->fd;
		w->fd = w->next_fd;
		w->next_fd = -1;
		w->must_wait = false;
	}
	pthread_mutex_unlock(&w->lock);
	if (old < 0)
		return;
	/* What of it is in the old one is going to be in the new one. */
	if (b != NULL && b->written > 0) {
		take_back(old, b->written);
		b->written = 0;
	}
	close(old);
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
wait_for_room(struct writer *w)
{
	struct timespec until = after_retry(CLOCK_MONOTONIC);

	pthread_mutex_lock(&w->lock);
	if (w->next_fd < 0 && !w->quitting)
		pthread_cond_timedwait(&w->wake, &w->lock, &until);
	pthread_mutex_unlock(&w->lock);
}

/* What to do about a write that failed: true to try again. */
static bool
recover(struct writer *w, int error, bool *complained)
{
	struct pollfd p = { .fd = w->fd, .events = POLLOUT };

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
			log_error("%s: %s; waiting for room", writer_name(w),
			    strerror(error));
		*complained = true;
		wait_for_room(w);
		return (true);
	case EPIPE:
		log_error("%s: %s; the reader of the trace is gone",
		    writer_name(w), strerror(error));
		return (false);
	default:
		log_error("%s: %s", writer_name(w), strerror(error));
		return (false);
	}
}

/* Writes the batch whole.  False: it is impossible, or time is up. */
static bool
write_batch(struct writer *w, struct batch *b)
{
	bool complained = false, quitting;
	ssize_t n;

	while (b->written < b->bytes.len) {
		n = write(w->fd, b->bytes.data + b->written,
		    b->bytes.len - b->written);
		if (n > 0) {
			b->written += (size_t)n;
			continue;
		}
		if (!recover(w, n == 0 ? ENOSPC : errno, &complained))
			return (false);
		switch_file(w, b);
		pthread_mutex_lock(&w->lock);
		quitting = w->quitting;
		pthread_mutex_unlock(&w->lock);
		if (quitting)
			return (false);
	}
	if (complained)
		log_error("%s: there is room again", writer_name(w));
	return (true);
}

static void
keep_spare(struct writer *w, struct batch *b)
{
	b->next = w->spare;
	w->spare = b;
	w->nspare++;
}

/* The head of the queue is written: on to the next one. */
static void
drop_head(struct writer *w)
{
	struct batch *b = w->head;

	w->head = b->next;
	if (w->head == NULL)
		w->tail = &w->head;
	w->queued -= b->bytes.len;
	if (w->nspare < OUTPUT_SPARE && b->bytes.cap <= OUTPUT_KEEP) {
		keep_spare(w, b);
	} else {
		batch_free(b);
	}
	if (w->overfull && w->queued <= OUTPUT_HIGH) {
		w->overfull = false;
		notify(w);
	}
	if (w->full && w->queued <= OUTPUT_LOW) {
		w->full = false;
		notify(w);
	}
}

static void *
writer_main(void *arg)
{
	struct writer *w = arg;
	struct batch *b;
	bool ok = true;

	pthread_mutex_lock(&w->lock);
	while (ok) {
		while (w->head == NULL && w->open > 0 && w->next_fd < 0) {
			w->waiting = true;
			pthread_cond_wait(&w->wake, &w->lock);
			w->waiting = false;
		}
		if ((b = w->head) == NULL && w->next_fd < 0)
			break;
		pthread_mutex_unlock(&w->lock);
		switch_file(w, b);
		if (b != NULL)
			ok = write_batch(w, b);
		if (!ok)
			cut_behind_line(w, b);
		pthread_mutex_lock(&w->lock);
		if (ok && b != NULL)
			drop_head(w);
	}
	w->failed = !ok;
	w->done = true;
	notify(w);
	pthread_mutex_unlock(&w->lock);
	return (NULL);
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

struct writer *
writer_open(const char *file, bool lines, struct producer *first)
{
	struct writer *w;

	if ((w = calloc(1, sizeof(*w))) == NULL) {
		log_error("out of memory");
		return (NULL);
	}
	w->file = file;
	w->lines = lines;
	w->tail = &w->head;
	w->next_fd = -1;
	w->fd = file != NULL ? open_file(file) : STDOUT_FILENO;
	if (w->fd < 0)
		goto no_file;
	LIST_INIT(&w->producers);
	pthread_mutex_init(&w->lock, NULL);
	init_wake(&w->wake);
	writer_add(w, first);
	if (thread_start(&w->thread, "the writer", writer_main, w) == 0)
		return (w);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	if (file != NULL)
		close(w->fd);
no_file:
	free(w);
	return (NULL);
}

void
writer_add(struct writer *w, struct producer *p)
{
	pthread_mutex_lock(&w->lock);
	LIST_INSERT_HEAD(&w->producers, p, link);
	w->open++;
	pthread_mutex_unlock(&w->lock);
}

/*
 * Writes the batch here and now if the file takes it without waiting, as pipes
 * and devices do, and no other stands before it: that spares waking the thread,
 * and the next batch finds this one's memory in the cache.  (Files of most file
 * systems, and named FIFOs, say that they cannot.)  Returns whether all of it
 * is written; the rest, and errors, are the thread's.  Under the lock.
 */
static bool
write_now(struct writer *w, struct batch *b)
{
#ifdef RWF_NOWAIT
	struct iovec v = { b->bytes.data, b->bytes.len };
	ssize_t n;

	if (w->must_wait || w->head != NULL || w->next_fd >= 0 || w->done)
		return (false);
	n = pwritev2(w->fd, &v, 1, -1, RWF_NOWAIT);
	if (n < 0)
		w->must_wait = errno != EAGAIN && errno != EINTR;
	else
		b->written = (size_t)n;
#else
	(void)w;
#endif
	return (b->written == b->bytes.len);
}

static void
empty(struct batch *b)
{
	b->records = 0;
	b->written = 0;
	bytes_truncate(&b->bytes, 0);
}

static void
append(struct writer *w, struct batch *b)
{
	b->next = NULL;
	*w->tail = b;
	w->tail = &b->next;
	w->queued += b->bytes.len;
	if (w->queued >= OUTPUT_HIGH)
		w->full = true;
	if (w->queued >= 2 * OUTPUT_HIGH)
		w->overfull = true;
}

void
writer_put(struct writer *w, struct producer *p)
{
	struct batch *next;
	bool waiting;

	pthread_mutex_lock(&w->lock);
	if (w->spare == NULL && (next = calloc(1, sizeof(*next))) != NULL)
		keep_spare(w, next);
	if ((next = w->spare) == NULL) {
		/* Then the batch goes on growing. */
		pthread_mutex_unlock(&w->lock);
		return;
	}
	if (write_now(w, p->current)) {
		pthread_mutex_unlock(&w->lock);
		empty(p->current);
		return;
	}
	w->spare = next->next;
	w->nspare--;
	append(w, p->current);
	waiting = w->waiting;
	pthread_mutex_unlock(&w->lock);
	if (waiting)
		pthread_cond_signal(&w->wake);
	empty(next);
	p->current = next;
}

void
writer_finish(struct writer *w, struct producer *p)
{
	pthread_mutex_lock(&w->lock);
	if (!p->finished)
		w->open--;
	p->finished = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
}

void
writer_reopen(struct writer *w)
{
	int fd;

	if (w->file == NULL || (fd = open_file(w->file)) < 0)
		return;
	pthread_mutex_lock(&w->lock);
	if (w->next_fd >= 0)
		close(w->next_fd);
	w->next_fd = fd;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
}

uint64_t
writer_unwritten(struct writer *w)
{
	const struct producer *p;
	const struct batch *b;
	uint64_t n = 0;

	pthread_mutex_lock(&w->lock);
	LIST_FOREACH (p, &w->producers, link)
		n += p->current->records;
	for (b = w->head; b != NULL; b = b->next)
		n += b->records;
	pthread_mutex_unlock(&w->lock);
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

/* Ends the thread, unless it hangs in a write; whether it has ended. */
static bool
end_thread(struct writer *w)
{
	struct timespec until;

	pthread_mutex_lock(&w->lock);
	w->quitting = true;
	w->open = 0;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	until = after_retry(CLOCK_REALTIME);
	return (pthread_timedjoin_np(w->thread, NULL, &until) == 0);
}

bool
writer_remove(struct writer *w, struct producer *p)
{
	writer_finish(w, p);
	if (LIST_NEXT(p, link) == NULL && LIST_FIRST(&w->producers) == p) {
		if (!end_thread(w))
			return (false);
		free_batches(w->head);
		free_batches(w->spare);
		pthread_cond_destroy(&w->wake);
		pthread_mutex_destroy(&w->lock);
		if (w->file != NULL)
			close(w->fd);
		free(w);
		return (true);
	}
	pthread_mutex_lock(&w->lock);
	LIST_REMOVE(p, link);
	pthread_mutex_unlock(&w->lock);
	return (true);
}
