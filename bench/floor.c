/*
 * The floor: the least that any program with this job must do.
 *
 *     floor PORTFILE N [BUFFER]
 *
 * Listens on 127.0.0.1, port 0, writes "127.0.0.1:PORT" to PORTFILE (by
 * rename), writes what it reads from any connection to stdout, and exits when
 * N connections have closed, with one line on stderr: `cpu USER SYS bytes N`
 * (seconds).  A bare level-triggered epoll loop, one read of at most BUFFER
 * bytes (default 65536) per wake-up, no libevent: what resptap needs more than
 * this is the price of what it does.  The size matters: long reads let TCP's
 * window grow, which spares the receiver packets and acknowledgements, so that
 * 4 MiB costs a third of 64 KiB when there are many connections.
 */
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"

#define BUFFER_DEFAULT 65536
#define BUFFER_MAX (64 << 20)
#define EVENTS 64

struct floor {
	uint8_t *buf;
	size_t cap;
	uint64_t bytes;		/* read */
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

static void
accept_all(int epoll, int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL,
	    SOCK_NONBLOCK | SOCK_CLOEXEC)) != -1)
		watch(epoll, fd);
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

/* Passes on what one wake-up brings.  Returns 1 when the connection closed. */
static uint64_t
copy(struct floor *f, int fd)
{
	ssize_t n = read(fd, f->buf, f->cap);

	if (n > 0) {
		write_all(f->buf, (size_t)n);
		f->bytes += (uint64_t)n;
		return (0);
	}
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return (0);
	close(fd);
	return (1);
}

static void
serve(struct floor *f, int listener, uint64_t conns)
{
	struct epoll_event evs[EVENTS];
	uint64_t closed = 0;
	int epoll = epoll_create1(EPOLL_CLOEXEC), n;

	if (epoll == -1)
		die("epoll_create1");
	watch(epoll, listener);
	while (closed < conns) {
		n = epoll_wait(epoll, evs, EVENTS, -1);
		if (n == -1 && errno != EINTR)
			die("epoll_wait");
		for (int i = 0; i < n; i++) {
			if (evs[i].data.fd == listener)
				accept_all(epoll, listener);
			else
				closed += copy(f, evs[i].data.fd);
		}
	}
	close(epoll);
}

static double
seconds(struct timeval tv)
{
	return ((double)tv.tv_sec + (double)tv.tv_usec / 1e6);
}

int
main(int argc, char **argv)
{
	struct floor f = { 0 };
	struct rusage used;
	uint64_t conns, cap = BUFFER_DEFAULT;
	uint16_t port;
	int listener;

	if (argc < 3 || argc > 4 ||
	    !bench_number(argv[2], INT64_MAX, &conns) ||
	    (argc == 4 && !bench_number(argv[3], BUFFER_MAX, &cap))) {
		fputs("usage: floor PORTFILE N [BUFFER]\n", stderr);
		return (2);
	}
	f.cap = cap;
	if ((f.buf = malloc(f.cap)) == NULL)
		die("malloc");
	listener = listen_anywhere(&port);
	write_port(argv[1], port);
	serve(&f, listener, conns);
	getrusage(RUSAGE_SELF, &used);
	fprintf(stderr, "cpu %.6f %.6f bytes %llu\n", seconds(used.ru_utime),
	    seconds(used.ru_stime), (unsigned long long)f.bytes);
	close(listener);
	free(f.buf);
	return (0);
}
