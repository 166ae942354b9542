/*
 * Asks a server much and checks every answer.
 *
 *     ask HOST:PORT set|echo|ping CONNS PIPELINE COMMANDS [PID...]
 *
 * CONNS connections each send PIPELINE commands in one piece, wait for all the
 * replies and go on, until COMMANDS commands are sent; a tenth of that comes
 * before, unmeasured.  The commands, and the replies that must come back byte
 * for byte:
 *
 *     set      SET key:NNNNNNNNNNNN <32 bytes>     +OK
 *     echo     ECHO <32 bytes>                     the 32 bytes
 *     ping     PING                                +PONG
 *
 * Prints one line: `replies N seconds S own S p50 US p99 US cpu S...`: how
 * many, how long it took, its own CPU time, latencies (from the sending of a
 * batch to the read that completes a reply), and the CPU time of each process
 * PID with its threads and children.
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

#include "common.h"
#include "watch.h"

#define UNITS 4096		/* different commands, sent again and again */
#define UNIT_MAX 128		/* bytes of a command or reply */
#define PIPELINE_MAX 1024
#define CONNS_MAX 100000
#define COMMANDS_MAX (UINT64_C(1) << 40)
#define BUFFER 65536
#define EVENTS 64
#define LATENCIES (1 << 20)	/* us; what took longer counts as so long */

/*
 * Commands of one length, and their replies, of one length too.  After the
 * last the first PIPELINE_MAX follow again, so that a batch is one piece
 * wherever it begins.
 */
struct dialogue {
	uint8_t *commands, *replies;
	size_t command, reply;		/* bytes of each */
};

struct conn {
	int fd;
	uint32_t first;		/* unit of the batch */
	size_t got, due;	/* bytes of its replies */
	double since;		/* when it was sent */
};

struct ask {
	struct dialogue dialogue;
	uint64_t nconns, pipeline, commands;
	struct conn *conns;
	int epoll;
	uint64_t left;		/* commands to send */
	uint64_t busy;		/* connections with replies to come */
	uint64_t replies;
	uint32_t *latencies;	/* how many of so many us */
};

/* Writes one command and its reply, and says how long they are. */
static void
make_unit(struct dialogue *d, const char *kind, uint8_t *command,
    uint8_t *reply)
{
	char word[33] = "", text[UNIT_MAX];

	bench_printable((uint8_t *)word, 32);
	if (strcmp(kind, "set") == 0) {
		d->command = (size_t)snprintf(text, sizeof(text), "*3\r\n"
		    "$3\r\nSET\r\n$16\r\nkey:%012llu\r\n$32\r\n%s\r\n",
		    (unsigned long long)(bench_random() % 1000000000000),
		    word);
		memcpy(command, text, d->command);
		d->reply = (size_t)snprintf(text, sizeof(text), "+OK\r\n");
	} else if (strcmp(kind, "echo") == 0) {
		d->command = (size_t)snprintf(text, sizeof(text),
		    "*2\r\n$4\r\nECHO\r\n$32\r\n%s\r\n", word);
		memcpy(command, text, d->command);
		d->reply = (size_t)snprintf(text, sizeof(text),
		    "$32\r\n%s\r\n", word);
	} else {
		d->command = (size_t)snprintf(text, sizeof(text),
		    "*1\r\n$4\r\nPING\r\n");
		memcpy(command, text, d->command);
		d->reply = (size_t)snprintf(text, sizeof(text), "+PONG\r\n");
	}
	memcpy(reply, text, d->reply);
}

static void
make_dialogue(struct dialogue *d, const char *kind)
{
	size_t nbytes = (UNITS + PIPELINE_MAX) * UNIT_MAX;
	uint8_t *command, *reply;

	if ((command = d->commands = malloc(nbytes)) == NULL ||
	    (reply = d->replies = malloc(nbytes)) == NULL)
		bench_die("malloc", strerror(errno));
	for (int i = 0; i < UNITS; i++) {
		make_unit(d, kind, command, reply);
		command += d->command;
		reply += d->reply;
	}
	memcpy(command, d->commands, PIPELINE_MAX * d->command);
	memcpy(reply, d->replies, PIPELINE_MAX * d->reply);
}

static void
open_all(struct ask *a, const char *addr)
{
	struct bench_server server;
	struct timeval stall = { .tv_sec = BENCH_STALL / 1000 };
	struct epoll_event ev = { .events = EPOLLIN };
	struct conn *c;

	bench_look_up(&server, addr);
	for (uint64_t i = 0; i < a->nconns; i++) {
		c = &a->conns[i];
		c->fd = bench_connect(&server);
		c->first = (uint32_t)(bench_random() % UNITS);
		ev.data.ptr = c;
		if (setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &stall,
		    sizeof(stall)) == -1 ||
		    epoll_ctl(a->epoll, EPOLL_CTL_ADD, c->fd, &ev) == -1)
			bench_die("connection", strerror(errno));
	}
}

/* The socket blocks in send(): a batch is small beside its buffers. */
static void
conn_send(struct ask *a, struct conn *c)
{
	const struct dialogue *d = &a->dialogue;
	uint64_t n = a->left < a->pipeline ? a->left : a->pipeline;
	const uint8_t *data = d->commands + c->first * d->command;
	size_t len = n * d->command;
	ssize_t sent;

	c->got = 0;
	c->due = n * d->reply;
	c->since = bench_now();
	a->left -= n;
	while (len > 0) {
		sent = send(c->fd, data, len, MSG_NOSIGNAL);
		if (sent == -1 && errno != EINTR)
			bench_die("send", strerror(errno));
		if (sent > 0) {
			data += sent;
			len -= (size_t)sent;
		}
	}
}

static void
wrong_reply(const uint8_t *data, size_t len)
{
	char text[81];
	size_t n = len < sizeof(text) - 1 ? len : sizeof(text) - 1;

	for (size_t i = 0; i < n; i++)
		text[i] = (char)(data[i] < ' ' || data[i] > '~' ? '.' :
		    data[i]);
	text[n] = '\0';
	bench_die("wrong reply", text);
}

/* n more bytes of replies are here. */
static void
conn_count(struct ask *a, struct conn *c, size_t n)
{
	size_t reply = a->dialogue.reply;
	size_t replies = (c->got + n) / reply - c->got / reply;
	double us = (bench_now() - c->since) * 1e6;

	a->latencies[us < LATENCIES ? (size_t)us : LATENCIES - 1] +=
	    (uint32_t)replies;
	a->replies += replies;
	c->got += n;
}

static void
conn_read(struct ask *a, struct conn *c)
{
	static uint8_t buf[BUFFER];
	const struct dialogue *d = &a->dialogue;
	ssize_t n = recv(c->fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		bench_die("recv", n == 0 ? "the server has closed" :
		    strerror(errno));
	if ((size_t)n > c->due - c->got || memcmp(buf,
	    d->replies + c->first * d->reply + c->got, (size_t)n) != 0)
		wrong_reply(buf, (size_t)n);
	conn_count(a, c, (size_t)n);
	if (c->got < c->due)
		return;
	c->first = (c->first + (uint32_t)(c->due / d->reply)) % UNITS;
	c->got = c->due = 0;
	if (a->left > 0)
		conn_send(a, c);
	else
		a->busy--;
}

/* Sends so many commands and takes their replies. */
static void
run(struct ask *a, uint64_t commands)
{
	struct epoll_event evs[EVENTS];
	int n;

	a->left = commands;
	a->replies = 0;
	for (uint64_t i = 0; i < a->nconns && a->left > 0; i++, a->busy++)
		conn_send(a, &a->conns[i]);
	while (a->busy > 0) {
		n = epoll_wait(a->epoll, evs, EVENTS, BENCH_STALL);
		if (n == 0)
			bench_die("epoll_wait", "nothing moves");
		if (n == -1 && errno != EINTR)
			bench_die("epoll_wait", strerror(errno));
		for (int i = 0; i < n; i++)
			conn_read(a, evs[i].data.ptr);
	}
	if (a->replies != commands)
		bench_die("replies", "not as many as commands");
}

/* The latency in us that so many percent of the replies did not exceed. */
static uint32_t
percentile(const struct ask *a, uint64_t percent)
{
	uint64_t rank = (a->replies * percent + 99) / 100, seen = 0;
	uint32_t us = 0;

	while ((seen += a->latencies[us]) < rank)
		us++;
	return (us);
}

static bool
parse(struct ask *a, struct watch *w, int argc, char **argv)
{
	return (argc >= 6 && (strcmp(argv[2], "set") == 0 ||
	    strcmp(argv[2], "echo") == 0 || strcmp(argv[2], "ping") == 0) &&
	    bench_number(argv[3], CONNS_MAX, &a->nconns) &&
	    bench_number(argv[4], PIPELINE_MAX, &a->pipeline) &&
	    bench_number(argv[5], COMMANDS_MAX, &a->commands) &&
	    watch_parse(w, argc - 6, argv + 6));
}

int
main(int argc, char **argv)
{
	struct ask a = { 0 };
	struct watch watch = { 0 };
	double start;
	clock_t own;

	if (!parse(&a, &watch, argc, argv)) {
		fputs("usage: ask HOST:PORT set|echo|ping CONNS PIPELINE "
		    "COMMANDS [PID...]\n", stderr);
		return (2);
	}
	bench_raise_files();
	make_dialogue(&a.dialogue, argv[2]);
	a.conns = calloc(a.nconns, sizeof(*a.conns));
	a.latencies = calloc(LATENCIES, sizeof(*a.latencies));
	a.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (a.conns == NULL || a.latencies == NULL || a.epoll == -1)
		bench_die("start", strerror(errno));
	open_all(&a, argv[1]);

	run(&a, a.commands / 10 + 1);
	memset(a.latencies, 0, LATENCIES * sizeof(*a.latencies));
	watch_start(&watch);
	own = clock();
	start = bench_now();
	run(&a, a.commands);
	printf("replies %llu seconds %.6f own %.6f p50 %u p99 %u",
	    (unsigned long long)a.replies, bench_now() - start,
	    (double)(clock() - own) / CLOCKS_PER_SEC, percentile(&a, 50),
	    percentile(&a, 99));
	watch_print_cpu(&watch);
	putchar('\n');

	free(a.conns);
	free(a.latencies);
	free(a.dialogue.commands);
	free(a.dialogue.replies);
	return (0);
}
