#include "common.h"

#include <sys/resource.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PORTS 16384		/* connections from one address */

void
bench_die(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
	    why);
	exit(1);
}

bool
bench_number(const char *text, uint64_t max, uint64_t *n)
{
	char *end;

	errno = 0;
	*n = strtoull(text, &end, 10);
	return (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0 &&
	    *n > 0 && *n <= max);
}

double
bench_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ((double)ts.tv_sec + (double)ts.tv_nsec / 1e9);
}

uint64_t
bench_random(void)
{
	static uint64_t x = 0x9e3779b97f4a7c15;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (x);
}

void
bench_printable(uint8_t *to, size_t n)
{
	static const char set[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .";

	while (n-- > 0)
		*to++ = (uint8_t)set[bench_random() >> 32 & 63];
}

void
bench_raise_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

void
bench_look_up(struct bench_server *s, const char *addr)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICSERV }, *ai;
	const char *colon = strrchr(addr, ':');
	char host[256];
	int error;

	if (colon == NULL || (size_t)(colon - addr) >= sizeof(host))
		bench_die(addr, "not HOST:PORT");
	memcpy(host, addr, (size_t)(colon - addr));
	host[colon - addr] = '\0';
	if ((error = getaddrinfo(host, colon + 1, &hints, &ai)) != 0)
		bench_die(addr, gai_strerror(error));
	memcpy(&s->addr, ai->ai_addr, ai->ai_addrlen);
	s->len = ai->ai_addrlen;
	freeaddrinfo(ai);
}

/* The port is chosen by connect(), which knows what is free for this peer. */
static void
choose_source(int fd)
{
	static uint32_t made;
	uint32_t nth = (uint32_t)getpid() * 16 + made++ / PORTS;
	struct sockaddr_in from = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 0x10000 +
		    nth % 0xfe0000) };
	int on = 1;

	if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on,
	    sizeof(on)) == -1 ||
	    bind(fd, (struct sockaddr *)&from, sizeof(from)) == -1)
		bench_die("bind", strerror(errno));
}

int
bench_connect(const struct bench_server *s)
{
	const struct sockaddr_in *in = (const void *)&s->addr;
	int fd = socket(s->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	if (fd == -1)
		bench_die("socket", strerror(errno));
	if (in->sin_family == AF_INET &&
	    in->sin_addr.s_addr == htonl(INADDR_LOOPBACK))
		choose_source(fd);
	if (connect(fd, (const struct sockaddr *)&s->addr, s->len) == -1)
		bench_die("connect", strerror(errno));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return (fd);
}
