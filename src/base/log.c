#include "config.h"

#include "base/log.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/now.h"
#include "base/thread.h"

#define LOG_LINE_MAX 1024
/* What waits for a reader of stderr, and at the end how long, in
 * milliseconds. */
#define LOG_QUEUE_MAX (64 * 1024)
#define LOG_END_WAIT 250

static int verbosity;

/* What stderr has not taken yet.  Everything goes through here, so that lines
 * of several threads do not mix. */
static struct {
	pthread_mutex_t lock;
	uint8_t data[LOG_QUEUE_MAX];
	size_t len;
	uint64_t lost;		/* messages, since it was full */
	bool draining;		/* there is a thread that waits for room */
} queue = { .lock = PTHREAD_MUTEX_INITIALIZER };

void
log_set_verbosity(int v)
{
	verbosity = v;
}

/*
 * Writes to a pipe or a terminal without waiting.  O_NONBLOCK would be set for
 * everybody who shares it, so it is opened anew; where that is not allowed, one
 * write to a pipe that has room at all waits for nobody, unless another process
 * fills it right now.
 */
static ssize_t
write_stream(const void *data, size_t len)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };
	ssize_t n;
	int fd, error;

	fd = open("/proc/self/fd/2",
	    O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd >= 0) {
		n = write(fd, data, len);
		error = errno;
		close(fd);
		errno = error;
		return (n);
	}
	if (poll(&p, 1, 0) == 0) {
		errno = EAGAIN;
		return (-1);
	}
	return (write(STDERR_FILENO, data, len < PIPE_BUF ? len : PIPE_BUF));
}

/* Returns how many of the bytes are done with: none if nobody reads now, all if
 * there is nobody left to tell. */
static size_t
write_now(const void *data, size_t len)
{
	struct stat st;
	ssize_t n;

	if (fstat(STDERR_FILENO, &st) != 0)
		return (len);
	do {
		if (S_ISSOCK(st.st_mode))
			n = send(STDERR_FILENO, data, len,
			    MSG_DONTWAIT | MSG_NOSIGNAL);
		else if (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode))
			n = write_stream(data, len);
		else
			n = write(STDERR_FILENO, data, len);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return (errno == EAGAIN ? 0 : len);
	return ((size_t)n);
}

/* Writes of the queue what can be written.  Under the lock. */
static void
drain(void)
{
	size_t n;

	while (queue.len > 0) {
		if ((n = write_now(queue.data, queue.len)) == 0)
			return;
		queue.len -= n;
		memmove(queue.data, queue.data + n, queue.len);
		if (queue.len == 0 && queue.lost > 0) {
			queue.len = (size_t)snprintf((char *)queue.data,
			    sizeof(queue.data), "resptap: %" PRIu64
			    " message%s lost: nobody read stderr\n",
			    queue.lost, queue.lost == 1 ? "" : "s");
			queue.lost = 0;
		}
	}
}

/* Once one is lost, all are until there is a reader again: that is one gap, and
 * one message that tells it.  Under the lock. */
static void
add(const uint8_t *text, size_t len)
{
	size_t room, n;

	for (; len > 0; text += n, len -= n) {
		room = sizeof(queue.data) - queue.len;
		if (queue.lost > 0 || (len > room && queue.len > 0)) {
			queue.lost++;
			return;
		}
		n = len < room ? len : room;
		memcpy(queue.data + queue.len, text, n);
		queue.len += n;
		drain();
	}
}

static void
await_room(int milliseconds)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };

	poll(&p, 1, milliseconds);
}

static void *
drain_main(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&queue.lock);
	while (drain(), queue.len > 0) {
		pthread_mutex_unlock(&queue.lock);
		await_room(-1);
		pthread_mutex_lock(&queue.lock);
	}
	queue.draining = false;
	pthread_mutex_unlock(&queue.lock);
	return (NULL);
}

/* Without a thread the next message tries again. */
static void
start_draining(void)
{
	pthread_t thread;

	if (thread_start(&thread, "a thread for stderr", drain_main,
	    NULL) == 0) {
		pthread_detach(thread);
		return;
	}
	pthread_mutex_lock(&queue.lock);
	queue.draining = false;
	pthread_mutex_unlock(&queue.lock);
}

static void
put(const struct bytes *text)
{
	bool start;

	pthread_mutex_lock(&queue.lock);
	drain();
	add(text->data, text->len);
	start = queue.len > 0 && !queue.draining;
	if (start)
		queue.draining = true;
	pthread_mutex_unlock(&queue.lock);
	if (start)
		start_draining();
}

void
log_end(void)
{
	int64_t until = now_ns(CLOCK_MONOTONIC) + LOG_END_WAIT * 1000000;
	int64_t left;

	pthread_mutex_lock(&queue.lock);
	while (drain(), queue.len > 0 &&
	    (left = until - now_ns(CLOCK_MONOTONIC)) > 0)
		await_room((int)(left / 1000000) + 1);
	pthread_mutex_unlock(&queue.lock);
}

static void __attribute__((format(printf, 1, 0)))
log_line(const char *fmt, va_list ap)
{
	char text[LOG_LINE_MAX];
	struct bytes line = { 0 };
	const char *p;

	vsnprintf(text, sizeof(text), fmt, ap);
	bytes_add_string(&line, "resptap: ");
	for (p = text; *p != '\0'; p++) {
		if (*p >= ' ' && *p <= '~')
			bytes_add(&line, p, 1);
		else
			bytes_addf(&line, "\\x%02x", (unsigned char)*p);
	}
	bytes_add(&line, "\n", 1);
	put(&line);
	bytes_free(&line);
}

void
log_text(const struct bytes *text)
{
	put(text);
}

void
log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	if (verbosity < 0)
		return;
	va_start(ap, fmt);
	log_line(fmt, ap);
	va_end(ap);
}

void
log_debug(const char *fmt, ...)
{
	va_list ap;

	if (verbosity < 1)
		return;
	va_start(ap, fmt);
	log_line(fmt, ap);
	va_end(ap);
}
