/*
 * What connections cost that say little.
 *
 *     conns HOST:PORT hold CONNS SECONDS [PID...]
 *     conns HOST:PORT churn CONNS TIMES [PID...]
 *
 * hold opens CONNS connections, has one PING answered on each, leaves them idle
 * for SECONDS, and prints `open CONNS memory BYTES...`: how much the resident
 * memory of each process PID has grown.  A hundred other connections come and
 * go before, so that what a server needs only once does not count.
 *
 * churn opens TIMES connections, at most CONNS at a time, each of which only
 * half-closes and waits for the server's end of file, and prints `closed TIMES
 * seconds S own S cpu S...`: its own CPU time, then that of each PID.
 */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common.h"
#include "watch.h"

#define CONNS_MAX 100000
#define TIMES_MAX 10000000
#define SECONDS_MAX 3600
#define WARM_UP 100		/* connections */
#define AT_A_TIME 64		/* that wait for an answer */
#define EVENTS 64

static void
ask(int fd)
{
	static const char command[] = "*1\r\n$4\r\nPING\r\n";

	if (send(fd, command, sizeof(command) - 1, MSG_NOSIGNAL) !=
	    (ssize_t)sizeof(command) - 1)
		bench_die("send", strerror(errno));
}

static void
hear(int fd)
{
	char reply[7];

	errno = 0;
	if (recv(fd, reply, sizeof(reply), MSG_WAITALL) !=
	    (ssize_t)sizeof(reply))
		bench_die("recv", errno == 0 ? "the server has closed" :
		    strerror(errno));
	if (memcmp(reply, "+PONG\r\n", sizeof(reply)) != 0)
		bench_die("PING", "not answered with PONG");
}

/* Some at a time: to wait for each alone would take long. */
static void
open_all(const struct bench_server *server, int *fds, uint64_t n)
{
	struct timeval stall = { .tv_sec = BENCH_STALL / 1000 };
	uint64_t heard = 0;

	for (uint64_t i = 0; i < n; i++) {
		fds[i] = bench_connect(server);
		if (setsockopt(fds[i], SOL_SOCKET, SO_RCVTIMEO, &stall,
		    sizeof(stall)) == -1)
			bench_die("setsockopt", strerror(errno));
		ask(fds[i]);
		while (i + 1 == n ? heard < n : heard + AT_A_TIME <= i)
			hear(fds[heard++]);
	}
}

static void
close_all(const int *fds, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		close(fds[i]);
}

static void
hold(const struct bench_server *server, uint64_t nconns, uint64_t seconds,
    struct watch *w)
{
	uint64_t most = nconns > WARM_UP ? nconns : WARM_UP;
	int *fds = calloc(most, sizeof(*fds));

	if (fds == NULL)
		bench_die("calloc", strerror(errno));
	open_all(server, fds, WARM_UP);
	close_all(fds, WARM_UP);
	watch_settle(w);	/* the server has seen the ends */
	watch_start(w);
	open_all(server, fds, nconns);
	sleep((unsigned)seconds);
	printf("open %llu", (unsigned long long)nconns);
	watch_print_memory(w);
	putchar('\n');
	close_all(fds, nconns);
	free(fds);
}

/* One that asks for its end at once. */
static void
begin(const struct bench_server *server, int epoll)
{
	struct epoll_event ev = { .events = EPOLLIN };

	ev.data.fd = bench_connect(server);
	if (shutdown(ev.data.fd, SHUT_WR) == -1 ||
	    epoll_ctl(epoll, EPOLL_CTL_ADD, ev.data.fd, &ev) == -1)
		bench_die("connection", strerror(errno));
}

static void
end(int fd)
{
	char byte;
	ssize_t n = recv(fd, &byte, sizeof(byte), 0);

	if (n != 0)
		bench_die("recv", n > 0 ? "the server says something" :
		    strerror(errno));
	close(fd);
}

static void
churn_all(const struct bench_server *server, int epoll, uint64_t nconns,
    uint64_t times)
{
	struct epoll_event evs[EVENTS];
	uint64_t begun = 0, ended = 0;
	int n;

	while (ended < times) {
		for (; begun < times && begun - ended < nconns; begun++)
			begin(server, epoll);
		n = epoll_wait(epoll, evs, EVENTS, BENCH_STALL);
		if (n == 0)
			bench_die("epoll_wait", "nothing moves");
		if (n == -1 && errno != EINTR)
			bench_die("epoll_wait", strerror(errno));
		for (int i = 0; i < n; i++, ended++)
			end(evs[i].data.fd);
	}
}

static void
churn(const struct bench_server *server, uint64_t nconns, uint64_t times,
    struct watch *w)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	double start;
	clock_t own;

	if (epoll == -1)
		bench_die("epoll_create1", strerror(errno));
	churn_all(server, epoll, nconns, times / 10 + 1);
	watch_start(w);
	start = bench_now();
	own = clock();
	churn_all(server, epoll, nconns, times);
	printf("closed %llu seconds %.6f", (unsigned long long)times,
	    bench_now() - start);
	printf(" own %.6f", (double)(clock() - own) / CLOCKS_PER_SEC);
	watch_print_cpu(w);
	putchar('\n');
	close(epoll);
}

int
main(int argc, char **argv)
{
	struct watch watch = { 0 };
	struct bench_server server;
	uint64_t nconns, n;
	bool holds = argc > 2 && strcmp(argv[2], "hold") == 0;

	if (argc < 5 || (!holds && strcmp(argv[2], "churn") != 0) ||
	    !bench_number(argv[3], CONNS_MAX, &nconns) ||
	    !bench_number(argv[4], holds ? SECONDS_MAX : TIMES_MAX, &n) ||
	    !watch_parse(&watch, argc - 5, argv + 5)) {
		fputs("usage: conns HOST:PORT hold CONNS SECONDS [PID...]\n"
		    "       conns HOST:PORT churn CONNS TIMES [PID...]\n",
		    stderr);
		return (2);
	}
	bench_raise_files();
	bench_look_up(&server, argv[1]);
	if (holds)
		hold(&server, nconns, n, &watch);
	else
		churn(&server, nconns, n, &watch);
	return (0);
}
