#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "peer_verb.h"

int
step_shut(struct peer *p, const struct step *s)
{
	if (shutdown(p->fd, SHUT_WR) == -1)
		return (step_fail(p, s, "%s", strerror(errno)));
	return (0);
}

int
step_close(struct peer *p, const struct step *s)
{
	(void)s;
	peer_close(p);
	return (0);
}

int
step_reset(struct peer *p, const struct step *s)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	if (setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)) == -1)
		return (step_fail(p, s, "%s", strerror(errno)));
	peer_close(p);
	return (0);
}

/* It cannot be known, only seen, that the other side sends no more. */
int
step_full(struct peer *p, const struct step *s)
{
	int before = -1, unread = 0, waited = 0;

	while (ioctl(p->fd, FIONREAD, &unread) == 0 &&
	    (unread == 0 || unread != before) && waited < p->to->timeout) {
		before = unread;
		waited += STILL + poll(NULL, 0, STILL);
	}
	if (unread != before)
		return (step_fail(p, s, "expected it to stop, got: %d bytes "
		    "that become more", unread));
	return (0);
}

/* What the other side's kernel has not acknowledged is lost by a reset. */
int
step_taken(struct peer *p, const struct step *s)
{
	int left = 1, waited = 0;

	while (ioctl(p->fd, SIOCOUTQ, &left) == 0 && left > 0 &&
	    waited < p->to->timeout)
		waited += AWAIT_PAUSE + poll(NULL, 0, AWAIT_PAUSE);
	if (left > 0)
		return (step_fail(p, s, "expected all to be taken, got: "
		    "%d bytes are left", left));
	return (0);
}

int
step_open(struct peer *p, const struct step *s)
{
	if (peer_open(p) == -1)
		return (step_fail(p, s, "expected %s %s, got: %s",
		    p->to->listener == -1 ? "to connect to" : "a client of",
		    p->to->name, strerror(errno)));
	return (0);
}

int
step_await(struct peer *p, const struct step *s)
{
	struct timespec now;
	int64_t end = 0, ms;

	while (access(s->path, F_OK) == -1) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		ms = now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
		if (end == 0)
			end = ms + p->to->timeout;
		if (ms >= end)
			return (step_fail(p, s, "expected the file, got: %s",
			    strerror(ENOENT)));
		poll(NULL, 0, AWAIT_PAUSE);
	}
	return (0);
}

int
step_touch(struct peer *p, const struct step *s)
{
	int fd = open(s->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	if (fd == -1)
		return (step_fail(p, s, "%s", strerror(errno)));
	close(fd);
	return (0);
}
