#include "peer_conn.h"

#include <sys/time.h>
#include <sys/un.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INBOX_FIRST 65536

static const char *
parse_unix(struct peer_address *a, const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	if (*path == '\0')
		return ("no path");
	if (strlen(path) >= sizeof(un.sun_path))
		return ("the path is too long");
	strcpy(un.sun_path, path);
	memcpy(&a->addr, &un, sizeof(un));
	a->len = sizeof(un);
	return (NULL);
}

const char *
peer_address_parse(struct peer_address *a, const char *text)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV }, *ai;
	const char *host = text, *colon = strrchr(text, ':');
	char name[256];
	size_t n;
	int error;

	a->name = text;
	if (strncmp(text, "unix:", 5) == 0)
		return (parse_unix(a, text + 5));
	if (colon == NULL)
		return ("not HOST:PORT or unix:PATH");
	n = (size_t)(colon - text);
	if (n >= 2 && text[0] == '[' && text[n - 1] == ']') {
		host++;
		n -= 2;
	}
	if (n == 0 || n >= sizeof(name))
		return ("no host");
	memcpy(name, host, n);
	name[n] = '\0';
	if ((error = getaddrinfo(name, colon + 1, &hints, &ai)) != 0)
		return (gai_strerror(error));
	memcpy(&a->addr, ai->ai_addr, ai->ai_addrlen);
	a->len = ai->ai_addrlen;
	freeaddrinfo(ai);
	return (NULL);
}

/* The send time-out bounds a blocking connect too. */
static int
peer_prepare(int fd, const struct peer_address *to)
{
	struct timeval tv = { .tv_sec = to->timeout / 1000,
		.tv_usec = to->timeout % 1000 * 1000 };
	int one = 1;

	if (to->rcvbuf > 0 && setsockopt(fd, SOL_SOCKET, SO_RCVBUF,
	    &to->rcvbuf, sizeof(to->rcvbuf)) == -1)
		return (-1);
	if (to->addr.ss_family != AF_UNIX && setsockopt(fd, IPPROTO_TCP,
	    TCP_NODELAY, &one, sizeof(one)) == -1)
		return (-1);
	return (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv)));
}

/* 1, 0 when nothing happened in time, or -1. */
static int
wait_for(struct pollfd *pfd, int timeout)
{
	int n;

	while ((n = poll(pfd, 1, timeout)) == -1 && errno == EINTR)
		;
	return (n);
}

/* Once listening, so that whoever reads the file can connect. */
static int
write_port_file(const struct peer_address *a, const char *file)
{
	struct sockaddr_storage bound;
	socklen_t len = sizeof(bound);
	char host[NI_MAXHOST], port[NI_MAXSERV], temporary[PATH_MAX];
	FILE *f;

	if (snprintf(temporary, sizeof(temporary), "%s.new", file) >=
	    (int)sizeof(temporary)) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	if ((f = fopen(temporary, "we")) == NULL)
		return (-1);
	if (a->addr.ss_family == AF_UNIX)
		fprintf(f, "%s\n", a->name);
	else if (getsockname(a->listener, (struct sockaddr *)&bound, &len) ==
	    0 && getnameinfo((struct sockaddr *)&bound, len, host,
	    sizeof(host), port, sizeof(port), NI_NUMERICHOST |
	    NI_NUMERICSERV) == 0)
		fprintf(f, strchr(host, ':') ? "[%s]:%s\n" : "%s:%s\n", host,
		    port);
	if ((ferror(f) | fclose(f)) != 0)
		return (-1);
	return (rename(temporary, file));
}

int
peer_listen(struct peer_address *a, int backlog, const char *file)
{
	const struct sockaddr_un *un = (const struct sockaddr_un *)&a->addr;
	int one = 1;

	a->listener = socket(a->addr.ss_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (a->listener == -1)
		return (-1);
	if (a->addr.ss_family == AF_UNIX)
		unlink(un->sun_path);
	if (peer_prepare(a->listener, a) == -1 ||
	    setsockopt(a->listener, SOL_SOCKET, SO_REUSEADDR, &one,
	    sizeof(one)) == -1 || bind(a->listener,
	    (const struct sockaddr *)&a->addr, a->len) == -1 ||
	    listen(a->listener, backlog) == -1)
		return (-1);
	return (file == NULL ? 0 : write_port_file(a, file));
}

/* The options are the listener's. */
static int
peer_accept(struct peer *p)
{
	struct pollfd pfd = { .fd = p->to->listener, .events = POLLIN };
	int ready;

	for (;;) {
		p->fd = accept4(pfd.fd, NULL, NULL,
		    SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (p->fd != -1)
			return (0);
		if (errno != EAGAIN)
			return (-1);
		if ((ready = wait_for(&pfd, p->to->timeout)) == 0)
			errno = ETIMEDOUT;
		if (ready < 1)
			return (-1);
	}
}

int
peer_open(struct peer *p)
{
	const struct peer_address *to = p->to;
	int saved;

	peer_close(p);
	if (to->listener != -1)
		return (peer_accept(p));
	p->fd = socket(to->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (p->fd == -1)
		return (-1);
	if (peer_prepare(p->fd, to) == 0 &&
	    connect(p->fd, (const struct sockaddr *)&to->addr, to->len) == 0 &&
	    fcntl(p->fd, F_SETFL, O_NONBLOCK) == 0)
		return (0);
	/* What a blocking connect says after the send time-out. */
	saved = errno == EINPROGRESS || errno == EAGAIN ? ETIMEDOUT : errno;
	peer_close(p);
	errno = saved;
	return (-1);
}

static void
inbox_empty(struct peer *p)
{
	free(p->in);
	p->in = NULL;
	p->in_at = p->in_len = p->in_cap = 0;
}

void
peer_close(struct peer *p)
{
	inbox_empty(p);
	p->ended = false;
	if (p->fd != -1)
		close(p->fd);
	p->fd = -1;
}

static int
inbox_fill(struct peer *p)
{
	size_t cap;
	ssize_t n;
	uint8_t *in;

	if (p->in_len == p->in_cap) {
		cap = p->in_cap == 0 ? INBOX_FIRST : p->in_cap * 2;
		if ((in = realloc(p->in, cap)) == NULL)
			return (-1);
		p->in = in;
		p->in_cap = cap;
	}
	n = recv(p->fd, p->in + p->in_len, p->in_cap - p->in_len, 0);
	if (n > 0)
		p->in_len += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		p->ended = true;
		p->error = n == 0 ? 0 : errno;
	}
	return (0);
}

/* Waits until there is room to send, taking in what arrives. */
static int
wait_for_room(struct peer *p)
{
	struct pollfd pfd = { .fd = p->fd, .events = POLLOUT };
	int n;

	if (!p->deaf && !p->ended && p->in_len < PEER_INBOX_MAX)
		pfd.events |= POLLIN;
	if ((n = wait_for(&pfd, p->to->timeout)) == 0)
		errno = ETIMEDOUT;
	if (n < 1)
		return (-1);
	return (pfd.revents & pfd.events & POLLIN ? inbox_fill(p) : 0);
}

int
peer_send(struct peer *p, const void *data, size_t len)
{
	const uint8_t *from = data;
	ssize_t n;

	while (len > 0) {
		n = send(p->fd, from, len, MSG_NOSIGNAL);
		if (n >= 0) {
			from += n;
			len -= (size_t)n;
		} else if (errno != EINTR &&
		    (errno != EAGAIN || wait_for_room(p) == -1))
			return (-1);
	}
	return (0);
}

size_t
peer_push(struct peer *p, const void *data, size_t len, int wait)
{
	struct pollfd pfd = { .fd = p->fd, .events = POLLOUT };
	ssize_t n;

	while ((n = send(p->fd, data, len, MSG_NOSIGNAL)) == -1)
		if (errno != EINTR && (errno != EAGAIN ||
		    wait_for(&pfd, wait) < 1))
			return (0);
	return ((size_t)n);
}

ssize_t
peer_recv(struct peer *p, void *buf, size_t len)
{
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
	size_t had = peer_unread(p);
	ssize_t n;
	int ready;

	if (had > 0) {
		len = len < had ? len : had;
		memcpy(buf, p->in + p->in_at, len);
		p->in_at += len;
		if (p->in_at == p->in_len)
			inbox_empty(p);
		return ((ssize_t)len);
	}
	if (p->ended) {
		errno = p->error;
		return (p->error == 0 ? 0 : -1);
	}
	while ((n = recv(p->fd, buf, len, 0)) == -1) {
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			break;
		if ((ready = wait_for(&pfd, p->to->timeout)) == 0)
			errno = ETIMEDOUT;
		if (ready < 1)
			break;
	}
	return (n);
}

size_t
peer_unread(const struct peer *p)
{
	return (p->in_len - p->in_at);
}
