#include "config.h"

#include "net/leg.h"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

/* What a bufferevent reads at a wake-up, whatever is there; in bytes. */
#define LEG_GULP 4096
/* Output below which `writable` is called, in bytes. */
#define LEG_LOW (256 * 1024)

static void
on_read(struct bufferevent *bev, void *arg)
{
	struct leg *leg = arg;

	(void)bev;
	leg->events->readable(leg->ctx);
}

static void
on_write(struct bufferevent *bev, void *arg)
{
	struct leg *leg = arg;

	(void)bev;
	leg->events->writable(leg->ctx);
}

static void
note_error(struct leg *leg, int error)
{
	if (leg->error == 0)
		leg->error = error;
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct leg *leg = arg;

	(void)bev;
	if (what & BEV_EVENT_ERROR)
		note_error(leg, EVUTIL_SOCKET_ERROR());
	if (what & BEV_EVENT_READING) {
		leg->read_ended = true;
		leg->events->readable(leg->ctx);
	} else if (what & BEV_EVENT_WRITING) {
		leg->write_ended = true;
		leg->events->writable(leg->ctx);
	}
}

int
leg_open(struct leg *leg, struct event_base *base, int fd,
    const struct leg_events *events, void *ctx)
{
	*leg = (struct leg){ .events = events, .ctx = ctx };
	leg->bev = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (leg->bev == NULL)
		return (-1);
	bufferevent_setcb(leg->bev, on_read, on_write, on_event, leg);
	bufferevent_setwatermark(leg->bev, EV_WRITE, LEG_LOW, 0);
	if (bufferevent_enable(leg->bev, EV_READ) == 0)
		return (0);
	bufferevent_setfd(leg->bev, -1);
	leg_close(leg);
	return (-1);
}

void
leg_peer(const struct leg *leg, struct address *peer)
{
	*peer = (struct address){ .len = sizeof(peer->sa) };
	if (getpeername(bufferevent_getfd(leg->bev),
	    (struct sockaddr *)&peer->sa, &peer->len) != 0)
		peer->len = 0;
}

/* Goes on from the socket.  What this finds of an end, libevent will not see
 * any more. */
static size_t
read_on(struct leg *leg, uint8_t *buf, size_t size)
{
	ssize_t n;

	do
		n = recv(bufferevent_getfd(leg->bev), buf, size, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return ((size_t)n);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return (0);
	if (n < 0)
		note_error(leg, errno);
	leg->read_ended = true;
	leg_pause(leg);
	return (0);
}

size_t
leg_read(struct leg *leg, uint8_t *buf, size_t size)
{
	size_t n;

	n = bufferevent_read(leg->bev, buf, size);
	if (n < size && (n == 0 || n >= LEG_GULP) && !leg->read_ended)
		n += read_on(leg, buf + n, size - n);
	return (n);
}

size_t
leg_unread(const struct leg *leg)
{
	int n = 0;

	if (ioctl(bufferevent_getfd(leg->bev), FIONREAD, &n) != 0 || n < 0)
		n = 0;
	return ((size_t)n +
	    evbuffer_get_length(bufferevent_get_input(leg->bev)));
}

bool
leg_peer_is_gone(const struct leg *leg)
{
	struct pollfd p = {
		.fd = bufferevent_getfd(leg->bev), .events = POLLRDHUP
	};

	return (poll(&p, 1, 0) > 0);
}

/* With nothing queued, most replies fit into the socket: that saves waiting
 * for the loop to say so. */
static size_t
write_now(struct leg *leg, const uint8_t *data, size_t len)
{
	ssize_t n;

	do
		n = send(bufferevent_getfd(leg->bev), data, len,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return ((size_t)n);
	if (errno != EAGAIN && errno != EWOULDBLOCK) {
		note_error(leg, errno);
		leg->write_ended = true;
	}
	return (0);
}

void
leg_write(struct leg *leg, const uint8_t *data, size_t len)
{
	size_t n = 0;

	if (leg->write_ended || len == 0)
		return;
	if (leg_unsent(leg) == 0)
		n = write_now(leg, data, len);
	if (n == len || leg->write_ended)
		return;
	if (bufferevent_write(leg->bev, data + n, len - n) != 0) {
		note_error(leg, ENOMEM);
		leg->write_ended = true;
	}
}

size_t
leg_unsent(const struct leg *leg)
{
	if (leg->write_ended)
		return (0);
	return (evbuffer_get_length(bufferevent_get_output(leg->bev)));
}

void
leg_pause(struct leg *leg)
{
	if (leg->paused)
		return;
	leg->paused = true;
	bufferevent_disable(leg->bev, EV_READ);
}

void
leg_resume(struct leg *leg)
{
	if (!leg->paused || leg->read_ended)
		return;
	leg->paused = false;
	if (bufferevent_enable(leg->bev, EV_READ) != 0) {
		note_error(leg, ENOMEM);
		leg->read_ended = true;
	}
}

void
leg_close(struct leg *leg)
{
	if (leg->bev == NULL)
		return;
	bufferevent_free(leg->bev);
	leg->bev = NULL;
}
