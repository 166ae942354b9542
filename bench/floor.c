/*
 * The floor: the least that any program with one of these jobs must do.
 *
 *     floor PORTFILE print N [BUFFER]
 *     floor PORTFILE answer
 *     floor PORTFILE relay HOST:PORT
 *
 * Listens on 127.0.0.1, port 0, and writes "127.0.0.1:PORT" to PORTFILE (by
 * rename).  A bare level-triggered epoll loop, one read of at most BUFFER bytes
 * (default 65536) per wake-up, no libevent: what resptap needs more than this
 * is the price of what it does.  Then it
 *
 *     prints   what it reads from any connection, and exits when N have closed
 *     answers  each read with +OK, as a server must that is asked one command
 *              at a time
 *     relays   what it reads to a connection of its own to HOST:PORT, and back
 *
 * The size matters: long reads let TCP's window grow, which spares the receiver
 * packets and acknowledgements, so that 4 MiB costs a third of 64 KiB when
 * there are many connections.
 */
#include <sys/epoll.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"

#define BUFFER_DEFAULT 65536
#define BUFFER_MAX (64 << 20)
#define EVENTS 64

#define FILES_MAX 65536

enum job {
	PRINT,
	ANSWER,
	RELAY
};

struct floor {
	enum job job;
	uint8_t *buf;
	size_t cap;
	uint64_t conns;		/* to print, before it exits */
	struct bench_server upstream;
	int peer[FILES_MAX];	/* of a relay, by descriptor */
	int epoll;
};

static void __attribute__((noreturn))
die(const char *what)
{
	bench_die(what, strerror(errno));
}

static void
watch(int epoll, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev) == -1)
		die("epoll_ctl");
}

static int
listen_anywhere(uint16_t *port)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&in, sizeof(in)) == -1 ||
	    listen(fd, SOMAXCONN) == -1 ||
	    getsockname(fd, (struct sockaddr *)&in, &len) == -1)
		die("listen");
	*port = ntohs(in.sin_port);
	return (fd);
}

/* By rename, so that who sees the file can read the whole line. */
static void
write_port(const char *path, uint16_t port)
{
	char tmp[PATH_MAX];
	FILE *f;

	if (snprintf(tmp, sizeof(tmp), "%s.tmp", path) >= (int)sizeof(tmp)) {
		errno = ENAMETOOLONG;
		die(path);
	}
	if ((f = fopen(tmp, "w")) == NULL ||
	    fprintf(f, "127.0.0.1:%u\n", port) < 0 || fclose(f) != 0 ||
	    rename(tmp, path) == -1)
		die(path);
}

/* Another one, to upstream, for that of a client. */
static void
connect_upstream(struct floor *f, int client)
{
	int fd = bench_connect(&f->upstream), on = 1;

	if (client >= FILES_MAX || fd >= FILES_MAX)
		bench_die("relay", "too many connections");
	if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == -1)
		die("upstream");
	f->peer[client] = fd;
	f->peer[fd] = client;
	watch(f->epoll, fd);
}

static void
accept_all(struct floor *f, int listener)
{
	int fd, on = 1;

	while ((fd = accept4(listener, NULL, NULL,
	    SOCK_NONBLOCK | SOCK_CLOEXEC)) != -1) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
		watch(f->epoll, fd);
		if (f->job == RELAY)
			connect_upstream(f, fd);
	}
	if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
		die("accept");
}

static void
write_all(const uint8_t *data, size_t len)
{
	ssize_t n;

	while (len > 0) {
		if ((n = write(STDOUT_FILENO, data, len)) >= 0) {
			data += n;
			len -= (size_t)n;
		} else if (errno != EINTR)
			die("stdout");
	}
}

/* The other side waits for it, so the socket has room. */
static void
send_all(int fd, const void *data, size_t len)
{
	ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

	if (n == -1 && errno != EPIPE && errno != ECONNRESET)
		die("send");
	if (n != -1 && (size_t)n < len)
		bench_die("send", "the socket is full");
}

static void
pass_on(struct floor *f, int fd, size_t len)
{
	static const char ok[] = "+OK\r\n";

	switch (f->job) {
	case PRINT:
		write_all(f->buf, len);
		break;
	case ANSWER:
		send_all(fd, ok, sizeof(ok) - 1);
		break;
	case RELAY:
		send_all(f->peer[fd], f->buf, len);
		break;
	}
}

/* An event of it may be in the same batch: then it has no peer any more. */
static void
close_peer(struct floor *f, int fd)
{
	close(f->peer[fd]);
	f->peer[f->peer[fd]] = -1;
}

/* Deals with what one wake-up brings.  Returns 1 when the connection closed. */
static uint64_t
take(struct floor *f, int fd)
{
	ssize_t n;

	if (f->peer[fd] == -1)
		return (0);
	if ((n = read(fd, f->buf, f->cap)) > 0) {
		pass_on(f, fd, (size_t)n);
		return (0);
	}
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return (0);
	if (f->job == RELAY)
		close_peer(f, fd);
	close(fd);
	return (1);
}

static void
serve(struct floor *f, int listener)
{
	struct epoll_event evs[EVENTS];
	uint64_t closed = 0;
	int n;

	if ((f->epoll = epoll_create1(EPOLL_CLOEXEC)) == -1)
		die("epoll_create1");
	watch(f->epoll, listener);
	while (f->job != PRINT || closed < f->conns) {
		n = epoll_wait(f->epoll, evs, EVENTS, -1);
		if (n == -1 && errno != EINTR)
			die("epoll_wait");
		for (int i = 0; i < n; i++) {
			if (evs[i].data.fd == listener)
				accept_all(f, listener);
			else
				closed += take(f, evs[i].data.fd);
		}
	}
	close(f->epoll);
}

static bool
read_arguments(struct floor *f, int argc, char **argv)
{
	uint64_t cap = BUFFER_DEFAULT;
	const char *job = argc >= 3 ? argv[2] : "";
	bool ok = false;

	if (strcmp(job, "print") == 0) {
		f->job = PRINT;
		ok = (argc == 4 || argc == 5) &&
		    bench_number(argv[3], INT64_MAX, &f->conns) &&
		    (argc == 4 || bench_number(argv[4], BUFFER_MAX, &cap));
	} else if (strcmp(job, "answer") == 0) {
		f->job = ANSWER;
		ok = argc == 3;
	} else if (strcmp(job, "relay") == 0 && argc == 4) {
		f->job = RELAY;
		bench_look_up(&f->upstream, argv[3]);
		ok = true;
	}
	f->cap = cap;
	return (ok);
}

int
main(int argc, char **argv)
{
	static struct floor f;
	uint16_t port;
	int listener;

	if (!read_arguments(&f, argc, argv)) {
		fputs("usage: floor PORTFILE print N [BUFFER]\n"
		    "       floor PORTFILE answer\n"
		    "       floor PORTFILE relay HOST:PORT\n", stderr);
		return (2);
	}
	bench_raise_files();
	if ((f.buf = malloc(f.cap)) == NULL)
		die("malloc");
	listener = listen_anywhere(&port);
	write_port(argv[1], port);
	serve(&f, listener);
	close(listener);
	free(f.buf);
	return (0);
}
