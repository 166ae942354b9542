/*
 * Sends much to a server on loopback, fast.
 *
 *     load HOST:PORT CONNS BYTES KIND [CHUNK]
 *
 * Opens CONNS connections, shares BYTES among them, writes as fast as the
 * server takes it, CHUNK bytes at a time (default 65536), then half-closes and
 * waits for the end of file; replies are read and thrown away.  KIND:
 *
 *     random   any bytes
 *     text     lines of 79 printable bytes
 *     set      RESP: SET key:NNNNNNNNNNNN <32 bytes>
 *     ping     RESP: PING
 *
 * Each connection sends whole lines or commands, so BYTES is rounded up a
 * little.  Prints `sent BYTES seconds S replies BYTES`; the clock runs from
 * the last connect to the last end of file.  A server that ends a connection
 * before it has read all, or does not move for a minute, is a failure.
 */
#include <sys/epoll.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"

#define DATA (4 << 20)		/* prepared once, sent again and again */
#define CHUNK_DEFAULT 65536
#define CHUNK_MAX (16 << 20)
#define CONNS_MAX 100000
#define BYTES_MAX (UINT64_C(1) << 50)
#define BUFFER 65536
#define EVENTS 64

struct conn {
	int fd;
	size_t at;		/* in the data */
	uint64_t left;		/* bytes to send */
};

struct load {
	const char *kind;
	uint64_t nconns, bytes, chunk;
	uint8_t *data;		/* len bytes, and the first chunk again */
	size_t len;
	size_t unit;		/* bytes of a line or command */
	struct conn *conns;
	uint64_t open;		/* connections */
	uint64_t sent, replies;	/* bytes */
	int epoll;
};

/* Writes one line or command and returns its length, the same for all. */
static size_t
make_unit(const char *kind, uint8_t *to)
{
	static const char ping[] = "*1\r\n$4\r\nPING\r\n";
	char head[64];
	uint64_t word;
	size_t n;

	if (strcmp(kind, "ping") == 0) {
		memcpy(to, ping, sizeof(ping) - 1);
		return (sizeof(ping) - 1);
	}
	if (strcmp(kind, "text") == 0) {
		bench_printable(to, 79);
		to[79] = '\n';
		return (80);
	}
	if (strcmp(kind, "set") == 0) {
		n = (size_t)snprintf(head, sizeof(head),
		    "*3\r\n$3\r\nSET\r\n$16\r\nkey:%012llu\r\n$32\r\n",
		    (unsigned long long)(bench_random() % 1000000000000));
		memcpy(to, head, n);
		bench_printable(to + n, 32);
		memcpy(to + n + 32, "\r\n", 2);
		return (n + 34);
	}
	word = bench_random();
	memcpy(to, &word, sizeof(word));
	return (sizeof(word));
}

/* A write may run over the end of the data: there the beginning follows. */
static void
prepare(struct load *l)
{
	if ((l->data = malloc(DATA + l->chunk)) == NULL)
		bench_die("malloc", strerror(errno));
	while (l->len < DATA - 256)
		l->len += l->unit = make_unit(l->kind, l->data + l->len);
	if (strcmp(l->kind, "random") == 0)
		l->unit = 1;
	for (size_t i = 0; i < l->chunk; i++)
		l->data[l->len + i] = l->data[i];
}

static void
open_all(struct load *l, const struct bench_server *server)
{
	uint64_t share = (l->bytes + l->nconns - 1) / l->nconns;
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT };
	struct conn *c;

	share = (share + l->unit - 1) / l->unit * l->unit;
	for (uint64_t i = 0; i < l->nconns; i++) {
		c = &l->conns[i];
		c->left = share;
		c->fd = bench_connect(server);
		if (fcntl(c->fd, F_SETFL, O_NONBLOCK) == -1)
			bench_die("fcntl", strerror(errno));
	}
	/* Only now: else the first would be far ahead of the last. */
	for (uint64_t i = 0; i < l->nconns; i++) {
		ev.data.ptr = &l->conns[i];
		if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->conns[i].fd, &ev) ==
		    -1)
			bench_die("epoll_ctl", strerror(errno));
	}
	l->open = l->nconns;
}

static void
conn_write(struct load *l, struct conn *c)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };
	ssize_t n;

	n = send(c->fd, l->data + c->at,
	    c->left < l->chunk ? c->left : l->chunk, MSG_NOSIGNAL);
	if (n == -1 && errno != EAGAIN && errno != EINTR)
		bench_die("send", strerror(errno));
	if (n == -1)
		return;
	c->at = (c->at + (size_t)n) % l->len;
	c->left -= (uint64_t)n;
	l->sent += (uint64_t)n;
	if (c->left == 0 && (shutdown(c->fd, SHUT_WR) == -1 ||
	    epoll_ctl(l->epoll, EPOLL_CTL_MOD, c->fd, &ev) == -1))
		bench_die("shutdown", strerror(errno));
}

/* Returns false when the connection has ended. */
static bool
conn_read(struct load *l, struct conn *c)
{
	static uint8_t buf[BUFFER];
	ssize_t n = recv(c->fd, buf, sizeof(buf), 0);

	if (n == -1 && errno != EAGAIN && errno != EINTR)
		bench_die("recv", strerror(errno));
	if (n > 0)
		l->replies += (uint64_t)n;
	if (n != 0)
		return (true);
	if (c->left > 0)
		bench_die("recv", "the server ended before it had all");
	close(c->fd);
	l->open--;
	return (false);
}

static void
run(struct load *l)
{
	struct epoll_event evs[EVENTS];
	struct conn *c;
	int n;

	while (l->open > 0) {
		if ((n = epoll_wait(l->epoll, evs, EVENTS, BENCH_STALL)) == 0)
			bench_die("epoll_wait", "nothing moves");
		if (n == -1 && errno != EINTR)
			bench_die("epoll_wait", strerror(errno));
		for (int i = 0; i < n; i++) {
			c = evs[i].data.ptr;
			if (evs[i].events & ~(uint32_t)EPOLLOUT &&
			    !conn_read(l, c))
				continue;
			if (evs[i].events & EPOLLOUT && c->left > 0)
				conn_write(l, c);
		}
	}
}

static bool
parse(struct load *l, int argc, char **argv)
{
	static const char *const kinds[] = { "random", "text", "set", "ping" };

	if (argc < 5 || argc > 6 ||
	    !bench_number(argv[2], CONNS_MAX, &l->nconns) ||
	    !bench_number(argv[3], BYTES_MAX, &l->bytes))
		return (false);
	l->chunk = CHUNK_DEFAULT;
	if (argc == 6 && !bench_number(argv[5], CHUNK_MAX, &l->chunk))
		return (false);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(argv[4], kinds[i]) == 0)
			l->kind = kinds[i];
	return (l->kind != NULL);
}

int
main(int argc, char **argv)
{
	struct load l = { 0 };
	struct bench_server server;
	double start;

	if (!parse(&l, argc, argv)) {
		fputs("usage: load HOST:PORT CONNS BYTES "
		    "random|text|set|ping [CHUNK]\n", stderr);
		return (2);
	}
	bench_raise_files();
	bench_look_up(&server, argv[1]);
	prepare(&l);
	l.conns = calloc(l.nconns, sizeof(*l.conns));
	l.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l.conns == NULL || l.epoll == -1)
		bench_die("start", strerror(errno));
	open_all(&l, &server);
	start = bench_now();
	run(&l);
	printf("sent %llu seconds %.6f replies %llu\n",
	    (unsigned long long)l.sent, bench_now() - start,
	    (unsigned long long)l.replies);
	free(l.conns);
	free(l.data);
	close(l.epoll);
	return (0);
}
