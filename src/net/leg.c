/*
 *   readcb  --> readable: the connection calls leg_read() and prints
 *   writecb --> writable: there is room again
 *   eventcb --> connected, or the end: EOF or an error
 *
 * Two things are done beside the bufferevent, because they are worth it
 * (bench/README, "What a leg does beside libevent"): read_on() and write_now().
 */
#include "config.h"

#include "net/leg.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "net/loop.h"
#include "net/tcp.h"

/* Output below which `writable` is called, in bytes. */
#define LEG_LOW (256 * 1024)
/* What libevent writes in one turn; its own default is 16 KiB. */
#define LEG_WRITE (256 * 1024)
/* What libevent reads in one turn, in bytes; from 2.2 on it can be told to read
 * more. */
#ifdef HAVE_EVBUFFER_SET_MAX_READ
#define LEG_READ (128 * 1024)
#else
#define LEG_READ 4096
#endif

void
leg_init(struct leg *leg, const struct leg_events *events, void *ctx)
{
	*leg = (struct leg){ .events = events, .ctx = ctx };
}

static int
leg_fd(const struct leg *leg)
{
	return (leg->bev != NULL ? bufferevent_getfd(leg->bev) : -1);
}

static void
note_error(struct leg *leg, int error)
{
	if (leg->error == 0)
		leg->error = error;
}

/* What is unsent will never be sent. */
static void
end_writing(struct leg *leg, int error)
{
	struct evbuffer *output = bufferevent_get_output(leg->bev);

	note_error(leg, error);
	leg->write_ended = true;
	bufferevent_disable(leg->bev, EV_WRITE);
	/* Only the bufferevent itself may take from its output, it says. */
	evbuffer_unfreeze(output, 1);
	evbuffer_drain(output, evbuffer_get_length(output));
}

static void
end_reading(struct leg *leg)
{
	leg->read_ended = true;
	leg_pause(leg);
}

static void
shut_now(struct leg *leg)
{
	leg->write_ended = true;
	shutdown(leg_fd(leg), SHUT_WR);
}

static void
shut_when_sent(struct leg *leg)
{
	if (leg->shutting && !leg->write_ended && !leg->connecting &&
	    leg_unsent(leg) == 0)
		shut_now(leg);
}

/* What libevent tells */

static void
readcb(struct bufferevent *bev, void *arg)
{
	struct leg *leg = arg;

	(void)bev;
	leg->events->readable(leg->ctx);
}

static void
writecb(struct bufferevent *bev, void *arg)
{
	struct leg *leg = arg;

	(void)bev;
	/* A connect(2) that succeeds at once is told of here first; what it
	 * means comes with BEV_EVENT_CONNECTED. */
	if (leg->connecting)
		return;
	shut_when_sent(leg);
	leg->events->writable(leg->ctx);
}

/* The answer to connect(2). */
static void
end_connecting(struct leg *leg, short what, int error)
{
	/* Only a peer that was connected can reset, and may have sent bytes. */
	bool reset = error == ECONNRESET || error == EPIPE;

	if (!(what & BEV_EVENT_CONNECTED) && !reset) {
		note_error(leg, error);
		leg->events->readable(leg->ctx);
		return;
	}
	leg->connecting = false;
	if (!(what & BEV_EVENT_CONNECTED))
		end_writing(leg, error);
	if (!leg->paused && bufferevent_enable(leg->bev, EV_READ) != 0) {
		note_error(leg, ENOMEM);
		end_reading(leg);
	}
	shut_when_sent(leg);
	leg->events->writable(leg->ctx);
}

/* Where an end begins. */
static void
eventcb(struct bufferevent *bev, short what, void *arg)
{
	struct leg *leg = arg;
	int error = EVUTIL_SOCKET_ERROR();

	(void)bev;
	if (leg->connecting) {
		end_connecting(leg, what, error);
	} else if (what & BEV_EVENT_WRITING) {
		end_writing(leg, error);
		leg->events->writable(leg->ctx);
	} else {
		if (what & BEV_EVENT_ERROR)
			note_error(leg, error);
		end_reading(leg);
		leg->events->readable(leg->ctx);
	}
}

/* Opening */

/* The descriptor stays the caller's until leg_close(): libevent would close it
 * only in the loop's next turn. */
static int
make_bufferevent(struct leg *leg, struct loop *loop, int fd)
{
	leg->bev = bufferevent_socket_new(loop_base(loop), fd, 0);
	if (leg->bev == NULL)
		return (-1);
	bufferevent_setwatermark(leg->bev, EV_WRITE, LEG_LOW, 0);
	bufferevent_set_max_single_write(leg->bev, LEG_WRITE);
#ifdef HAVE_EVBUFFER_SET_MAX_READ
	bufferevent_set_max_single_read(leg->bev, LEG_READ);
	evbuffer_set_max_read(bufferevent_get_input(leg->bev), LEG_READ);
#endif
	return (0);
}

int
leg_open(struct leg *leg, struct loop *loop, int fd)
{
	if (make_bufferevent(leg, loop, fd) != 0)
		return (-1);
	bufferevent_setcb(leg->bev, readcb, writecb, eventcb, leg);
	if (bufferevent_enable(leg->bev, EV_READ) == 0)
		return (0);
	bufferevent_setfd(leg->bev, -1);
	leg_close(leg);
	return (-1);
}

int
leg_await(struct leg *leg, struct loop *loop)
{
	leg->connecting = true;
	return (make_bufferevent(leg, loop, -1));
}

static void
close_descriptor(struct leg *leg)
{
	int fd = leg_fd(leg);

	if (fd < 0)
		return;
	bufferevent_setfd(leg->bev, -1);
	close(fd);
}

int
leg_connect(struct leg *leg, const struct address *to)
{
	int fd, error;

	close_descriptor(leg);
	leg->error = 0;
	fd = socket(to->sa.ss_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return (-1);
	tcp_prepare(fd);
	bufferevent_setfd(leg->bev, fd);
	/* What fails at once is told by what is returned, not by eventcb. */
	bufferevent_setcb(leg->bev, NULL, NULL, NULL, NULL);
	error = bufferevent_socket_connect(leg->bev,
	    (const struct sockaddr *)&to->sa, (int)to->len) == 0 ? 0 : errno;
	bufferevent_setcb(leg->bev, readcb, writecb, eventcb, leg);
	/* A unix socket that nobody listens on is refused at once; libevent
	 * calls that a success, and only stops writing. */
	if (error == 0 && !(bufferevent_get_enabled(leg->bev) & EV_WRITE)) {
		error = ECONNREFUSED;
		bufferevent_enable(leg->bev, EV_WRITE);
	}
	if (error == 0)
		return (0);
	close_descriptor(leg);
	errno = error;
	return (-1);
}

void
leg_peer(const struct leg *leg, struct address *peer)
{
	*peer = (struct address){ .len = sizeof(peer->sa) };
	if (getpeername(leg_fd(leg), (struct sockaddr *)&peer->sa,
	    &peer->len) != 0)
		peer->len = 0;
}

void
leg_local(const struct leg *leg, struct address *local)
{
	*local = (struct address){ .len = sizeof(local->sa) };
	if (getsockname(leg_fd(leg), (struct sockaddr *)&local->sa,
	    &local->len) != 0)
		local->len = 0;
}

/* Reading */

/*
 * What the kernel has beside what libevent has read of it.  While reading is
 * enabled an end is left to libevent, which tells eventcb.
 */
static size_t
read_on(struct leg *leg, uint8_t *buf, size_t size)
{
	ssize_t n;

	do
		n = recv(leg_fd(leg), buf, size, 0);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return ((size_t)n);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return (0);
	if (n < 0)
		note_error(leg, errno);
	if (leg->paused)
		end_reading(leg);
	return (0);
}

size_t
leg_read(struct leg *leg, uint8_t *buf, size_t size)
{
	size_t n;

	if (leg->bev == NULL || leg->connecting)
		return (0);
	n = bufferevent_read(leg->bev, buf, size);
	if (n < size && !leg->read_ended &&
	    (n >= LEG_READ || leg->more || leg->paused))
		n += read_on(leg, buf + n, size - n);
	leg->more = n == size;
	return (n);
}

size_t
leg_buffered(const struct leg *leg)
{
	return (leg->bev == NULL ? 0 :
	    evbuffer_get_length(bufferevent_get_input(leg->bev)));
}

bool
leg_ended(const struct leg *leg)
{
	return (leg->read_ended && leg_buffered(leg) == 0);
}

size_t
leg_unread(const struct leg *leg)
{
	int fd = leg_fd(leg), n = 0;

	if (fd < 0 || ioctl(fd, FIONREAD, &n) != 0 || n < 0)
		n = 0;
	return (leg_buffered(leg) + (size_t)n);
}

static short
polled(const struct leg *leg, short events)
{
	struct pollfd p = { .fd = leg_fd(leg), .events = events };

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
	/* A call that failed has taken the kernel's error. */
	return (leg->error != 0 || (polled(leg, 0) & POLLERR) != 0);
}

void
leg_pause(struct leg *leg)
{
	if (leg->paused)
		return;
	leg->paused = true;
	if (leg->bev != NULL)
		bufferevent_disable(leg->bev, EV_READ);
}

void
leg_resume(struct leg *leg)
{
	if (!leg->paused || leg->read_ended)
		return;
	leg->paused = false;
	if (!leg->connecting && bufferevent_enable(leg->bev, EV_READ) != 0) {
		note_error(leg, ENOMEM);
		end_reading(leg);
	}
}

/* Writing */

/* With nothing queued, most replies fit into the socket: that saves waiting
 * for the loop to say so. */
static size_t
write_now(struct leg *leg, const uint8_t *data, size_t len)
{
	ssize_t n;

	do
		n = send(leg_fd(leg), data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return ((size_t)n);
	if (errno != EAGAIN && errno != EWOULDBLOCK)
		end_writing(leg, errno);
	return (0);
}

void
leg_write(struct leg *leg, const uint8_t *data, size_t len)
{
	size_t n = 0;

	if (leg->write_ended || leg->shutting || leg->bev == NULL || len == 0)
		return;
	if (!leg->connecting && leg_unsent(leg) == 0)
		n = write_now(leg, data, len);
	if (n == len || leg->write_ended)
		return;
	if (bufferevent_write(leg->bev, data + n, len - n) != 0)
		end_writing(leg, ENOMEM);
}

size_t
leg_unsent(const struct leg *leg)
{
	return (leg->bev == NULL ? 0 :
	    evbuffer_get_length(bufferevent_get_output(leg->bev)));
}

size_t
leg_in_flight(const struct leg *leg)
{
	int n = 0;

	if (ioctl(leg_fd(leg), SIOCOUTQ, &n) != 0 || n < 0)
		n = 0;
	return ((size_t)n);
}

void
leg_shut(struct leg *leg)
{
	leg->shutting = true;
	shut_when_sent(leg);
}

/* Closing */

void
leg_fail(struct leg *leg, int error)
{
	leg->connecting = false;
	if (leg->bev != NULL)
		end_writing(leg, error);
	note_error(leg, error);
	leg->write_ended = true;
	end_reading(leg);
}

void
leg_close(struct leg *leg)
{
	if (leg->bev == NULL)
		return;
	close_descriptor(leg);
	bufferevent_free(leg->bev);
	leg->bev = NULL;
}

void
leg_reset(struct leg *leg)
{
	struct linger now = { .l_onoff = 1 };
	int fd = leg_fd(leg);

	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	leg_close(leg);
}
