#include "config.h"

#include "net/leg.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/event.h>

#include "base/now.h"
#include "net/tcp.h"

/* Output below which `writable` is called, in bytes. */
#define LEG_LOW (256 * 1024)
/* By how much two clocks, read one after the other, may seem to drift apart
 * though none was set; in nanoseconds. */
#define LEG_CLOCKS_APART 1000000

void
leg_init(struct leg *leg, const struct leg_events *events, void *ctx)
{
	*leg = (struct leg){ .fd = -1, .events = events, .ctx = ctx };
}

static void
note_error(struct leg *leg, int error)
{
	if (leg->error == 0)
		leg->error = error;
}

static void
drop_unsent(struct leg *leg)
{
	if (leg->unsent != NULL)
		evbuffer_free(leg->unsent);
	leg->unsent = NULL;
}

/* What is unsent will never be sent. */
static void
end_writing(struct leg *leg, int error)
{
	note_error(leg, error);
	leg->write_ended = true;
	drop_unsent(leg);
	if (leg->writing != NULL)
		event_del(leg->writing);
}

static void
end_reading(struct leg *leg)
{
	leg->read_ended = true;
	leg_pause(leg);
}

/* Opening */

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct leg *leg = arg;

	(void)fd;
	(void)what;
	leg->events->readable(leg->ctx);
}

int
leg_open(struct leg *leg, struct event_base *base, int fd)
{
	leg->reading = event_new(base, fd, EV_READ | EV_PERSIST, on_readable,
	    leg);
	if (leg->reading == NULL || event_add(leg->reading, NULL) != 0) {
		leg_close(leg);
		return (-1);
	}
	leg->fd = fd;
	return (0);
}

static void on_writable(evutil_socket_t, short, void *);

/* Has on_writable() called as soon as the socket takes bytes. */
static int
await_writable(struct leg *leg)
{
	if (leg->writing == NULL)
		leg->writing = event_new(event_get_base(leg->reading), leg->fd,
		    EV_WRITE | EV_PERSIST, on_writable, leg);
	if (leg->writing == NULL)
		return (-1);
	return (event_add(leg->writing, NULL));
}

/* All but what is unsent, which may go another way. */
static void
close_descriptor(struct leg *leg)
{
	if (leg->reading != NULL)
		event_free(leg->reading);
	if (leg->writing != NULL)
		event_free(leg->writing);
	if (leg->fd >= 0)
		close(leg->fd);
	leg->reading = leg->writing = NULL;
	leg->fd = -1;
}

int
leg_connect(struct leg *leg, struct event_base *base,
    const struct address *to)
{
	int error;

	close_descriptor(leg);
	leg->error = 0;
	leg->connecting = true;
	leg->read_ended = leg->write_ended = false;
	leg->fd = socket(to->sa.ss_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (leg->fd < 0)
		return (-1);
	tcp_prepare(leg->fd);
	if (connect(leg->fd, (const struct sockaddr *)&to->sa, to->len) == 0 ||
	    errno == EINPROGRESS) {
		leg->reading = event_new(base, leg->fd, EV_READ | EV_PERSIST,
		    on_readable, leg);
		if (leg->reading != NULL && await_writable(leg) == 0)
			return (0);
		errno = ENOMEM;
	}
	error = errno;
	close_descriptor(leg);
	errno = error;
	return (-1);
}

void
leg_peer(const struct leg *leg, struct address *peer)
{
	*peer = (struct address){ .len = sizeof(peer->sa) };
	if (getpeername(leg->fd, (struct sockaddr *)&peer->sa, &peer->len) != 0)
		peer->len = 0;
}

void
leg_local(const struct leg *leg, struct address *local)
{
	*local = (struct address){ .len = sizeof(local->sa) };
	if (getsockname(leg->fd, (struct sockaddr *)&local->sa,
	    &local->len) != 0)
		local->len = 0;
}

/* Reading */

void
leg_date(struct leg *leg)
{
	int on = 1, domain = AF_UNIX;
	socklen_t len = sizeof(domain);

	/* There recvmsg(2) would take the descriptors that a peer may pass
	 * with its bytes; recv(2) has the kernel close them. */
	getsockopt(leg->fd, SOL_SOCKET, SO_DOMAIN, &domain, &len);
	leg->dated = domain != AF_UNIX && setsockopt(leg->fd, SOL_SOCKET,
	    SO_TIMESTAMPNS, &on, sizeof(on)) == 0;
	leg->ahead = now_ns(CLOCK_REALTIME) - now_ns(CLOCK_MONOTONIC);
}

/* What recv(2) does, and notes when the last byte came. */
static ssize_t
receive_dated(struct leg *leg, uint8_t *buf, size_t size)
{
	struct timespec when = { 0 };
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(sizeof(when))];
	} control;
	struct iovec to = { .iov_base = buf, .iov_len = size };
	struct msghdr message = {
		.msg_iov = &to,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	ssize_t n;

	if ((n = recvmsg(leg->fd, &message, 0)) <= 0)
		return (n);
	c = CMSG_FIRSTHDR(&message);
	if (c != NULL && c->cmsg_level == SOL_SOCKET &&
	    c->cmsg_type == SCM_TIMESTAMPNS)
		memcpy(&when, CMSG_DATA(c), sizeof(when));
	leg->stamp = when.tv_sec * INT64_C(1000000000) + when.tv_nsec;
	return (n);
}

int64_t
leg_arrived(struct leg *leg)
{
	int64_t now = now_ns(CLOCK_MONOTONIC), ahead, then;
	bool set;

	if (leg->stamp == 0)
		return (now);
	ahead = now_ns(CLOCK_REALTIME) - now;
	set = llabs(ahead - leg->ahead) > LEG_CLOCKS_APART;
	leg->ahead = ahead;
	then = leg->stamp - ahead;
	return (set || then > now ? now : then);
}

size_t
leg_read(struct leg *leg, uint8_t *buf, size_t size)
{
	ssize_t n;

	if (leg->read_ended || leg->connecting)
		return (0);
	do
		n = leg->dated ? receive_dated(leg, buf, size) :
		    recv(leg->fd, buf, size, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return ((size_t)n);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return (0);
	if (n < 0)
		note_error(leg, errno);
	end_reading(leg);
	return (0);
}

size_t
leg_unread(const struct leg *leg)
{
	int n = 0;

	if (leg->fd < 0 || ioctl(leg->fd, FIONREAD, &n) != 0 || n < 0)
		n = 0;
	return ((size_t)n);
}

static short
polled(const struct leg *leg, short events)
{
	struct pollfd p = { .fd = leg->fd, .events = events };

	return (poll(&p, 1, 0) > 0 ? p.revents : 0);
}

bool
leg_peer_is_gone(const struct leg *leg)
{
	return (polled(leg, POLLRDHUP) != 0);
}

bool
leg_is_broken(const struct leg *leg)
{
	/* A write that failed has taken the kernel's error. */
	return (leg->error != 0 || (polled(leg, 0) & POLLERR) != 0);
}

void
leg_pause(struct leg *leg)
{
	if (leg->paused)
		return;
	leg->paused = true;
	if (leg->reading != NULL)
		event_del(leg->reading);
}

void
leg_resume(struct leg *leg)
{
	if (!leg->paused || leg->read_ended)
		return;
	leg->paused = false;
	if (!leg->connecting && event_add(leg->reading, NULL) != 0) {
		note_error(leg, ENOMEM);
		end_reading(leg);
	}
}

/* Writing */

static void
shut_now(struct leg *leg)
{
	leg->write_ended = true;
	shutdown(leg->fd, SHUT_WR);
}

/* Takes what the kernel said to connect(2). */
static void
end_connecting(struct leg *leg)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(leg->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		error = errno;
	/* Only who was connected can be reset, and may have sent bytes. */
	if (error == ECONNRESET || error == EPIPE) {
		note_error(leg, error);
		error = 0;
	}
	if (error == 0 && !leg->paused && event_add(leg->reading, NULL) != 0)
		error = ENOMEM;
	if (error != 0)
		note_error(leg, error);
	else
		leg->connecting = false;
}

static void
send_unsent(struct leg *leg)
{
	if (leg->unsent == NULL)
		return;
	if (evbuffer_write(leg->unsent, leg->fd) < 0 && errno != EAGAIN &&
	    errno != EINTR)
		end_writing(leg, errno);
	else if (evbuffer_get_length(leg->unsent) == 0)
		drop_unsent(leg);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct leg *leg = arg;
	bool news = leg->connecting;	/* to be told in any case */

	(void)fd;
	(void)what;
	if (leg->connecting)
		end_connecting(leg);
	if (leg->connecting) {
		event_del(leg->writing);
		leg->events->readable(leg->ctx);
		return;
	}
	send_unsent(leg);
	if (leg->unsent == NULL) {
		event_del(leg->writing);
		if (leg->shutting && !leg->write_ended)
			shut_now(leg);
	}
	if (news || leg_unsent(leg) <= LEG_LOW)
		leg->events->writable(leg->ctx);
}

/* With nothing queued, most replies fit into the socket: that saves waiting
 * for the loop to say so. */
static size_t
write_now(struct leg *leg, const uint8_t *data, size_t len)
{
	ssize_t n;

	do
		n = send(leg->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return ((size_t)n);
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		end_writing(leg, errno);
	return (0);
}

/* Behind what is unsent already. */
static int
keep_unsent(struct leg *leg, const uint8_t *data, size_t len)
{
	if (leg->unsent == NULL && (leg->unsent = evbuffer_new()) == NULL)
		return (-1);
	if (evbuffer_add(leg->unsent, data, len) != 0)
		return (-1);
	return (leg->connecting ? 0 : await_writable(leg));
}

void
leg_write(struct leg *leg, const uint8_t *data, size_t len)
{
	size_t n = 0;

	if (leg->write_ended || leg->shutting || len == 0)
		return;
	if (leg->unsent == NULL && !leg->connecting)
		n = write_now(leg, data, len);
	if (n == len || leg->write_ended)
		return;
	if (keep_unsent(leg, data + n, len - n) != 0)
		end_writing(leg, ENOMEM);
}

size_t
leg_unsent(const struct leg *leg)
{
	return (leg->unsent != NULL ? evbuffer_get_length(leg->unsent) : 0);
}

size_t
leg_in_flight(const struct leg *leg)
{
	int n = 0;

	if (ioctl(leg->fd, SIOCOUTQ, &n) != 0 || n < 0)
		n = 0;
	return ((size_t)n);
}

void
leg_shut(struct leg *leg)
{
	if (leg->shutting)
		return;
	leg->shutting = true;
	if (leg->unsent == NULL && !leg->connecting && !leg->write_ended)
		shut_now(leg);
}

/* Closing */

void
leg_fail(struct leg *leg, int error)
{
	leg->connecting = false;
	end_writing(leg, error);
	end_reading(leg);
}

void
leg_close(struct leg *leg)
{
	close_descriptor(leg);
	drop_unsent(leg);
}

void
leg_reset(struct leg *leg)
{
	struct linger now = { .l_onoff = 1 };

	if (leg->fd >= 0)
		setsockopt(leg->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	leg_close(leg);
}
