/*
 * A scripted client for the functional tests.
 *
 *     peer [-n CONNS] [-r ROUNDS] [-t SECONDS] [-b BYTES] ADDR STEP...
 *     peer --random=N,SEED >FILE
 *     peer --unescape[=DIR] [recv|send] <TRACE
 *
 * ADDR is HOST:PORT, [V6]:PORT or unix:PATH.  The steps run in order over one
 * connection, which is open when they start.  With -n CONNS, all connections
 * are opened first and each step runs on all of them, one after another,
 * before the next step.  With -r the whole is done ROUNDS times.  -t: how long
 * a step waits while nothing moves (default 20); -b: SO_RCVBUF, so that a peer
 * that does not read is full sooner.
 *
 *     send:BYTES         send BYTES
 *     drip:BYTES         send BYTES, one byte per write
 *     slice=N:BYTES      send BYTES, N bytes per write (at most 262144)
 *     repeat=N:BYTES     send BYTES, N times
 *     file:PATH          send what the file holds
 *     random:N,SEED      send N pseudo-random bytes: those of --random=N,SEED,
 *                        for the next connections of -n of SEED+1, SEED+2 ...
 *     pieces:N           from here on send, repeat, file and random write N
 *                        bytes at a time (0: as many as go)
 *     stuff:BYTES        send BYTES again and again, reading nothing, until
 *                        the socket takes no more for 200 ms, or 256 MiB, or
 *                        the other side is gone; prints how many bytes it took
 *     expect:BYTES       exactly these bytes arrive next
 *     read:N             N bytes arrive
 *     save:PATH          append to the file what arrives until end of file
 *     eof                nothing arrives but the end of file
 *     gone               end of file or a reset; what comes before is dropped
 *     taken              wait until the other side's kernel has all that was
 *                        sent, so that a reset loses none of it
 *     shut               shut down the writing side
 *     close              close; with unread bytes TCP makes a reset of it
 *     reset              close with a reset (a unix socket: just close)
 *     open               connect again, closing first what is open
 *     await:PATH         wait until the file exists (once, not per connection)
 *     touch:PATH         create the file (once)
 *
 * BYTES know \r \n \t \a \b \0 \\ \" \' and \xHH.  TCP_NODELAY is always set.
 * A step that sends (but not stuff) keeps what arrives meanwhile, at most
 * 64 MiB, for the steps that receive, so replies that are read later do not
 * stop it.  Exit status: 0 all steps succeeded; 1 one line on stderr names the
 * step, what was expected and what came; 2 usage error, before connecting.
 */
#include <sys/resource.h>

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peer_conn.h"
#include "peer_source.h"
#include "peer_step.h"
#include "untrace.h"

#define CONNS_MAX 1000000

struct run {
	struct peer_address to;
	struct peer *peers;
	uint64_t npeers;
	uint64_t rounds;
	struct step *steps;
	size_t nsteps;
};

/* 0 or -1: opens all, runs the steps, closes all. */
static int
run_round(struct run *r)
{
	struct peer *p;
	int result = 0;

	for (size_t i = 0; i < r->npeers && result == 0; i++) {
		p = &r->peers[i];
		*p = (struct peer){ .to = &r->to, .no = i + 1, .fd = -1,
			.piece = STEP_PIECE_MAX };
		if ((result = peer_open(p)) == -1)
			fprintf(stderr, "peer: connection %zu: expected to "
			    "connect to %s, got: %s\n", p->no, r->to.name,
			    strerror(errno));
	}
	for (size_t i = 0; i < r->nsteps && result == 0; i++)
		result = step_run(&r->steps[i], r->peers, r->npeers);
	for (size_t i = 0; i < r->npeers; i++)
		if (r->peers[i].to != NULL)
			peer_close(&r->peers[i]);
	return (result);
}

/* Returns the exit status. */
static int
run_rounds(struct run *r)
{
	int status = 0;

	if ((r->peers = calloc(r->npeers, sizeof(*r->peers))) == NULL) {
		fprintf(stderr, "peer: %s\n", strerror(errno));
		return (1);
	}
	for (; r->rounds > 0 && status == 0; r->rounds--)
		status = run_round(r) == 0 ? 0 : 1;
	free(r->peers);
	return (status);
}

/* Returns the exit status. */
static int
run_script(struct run *r, char **words, size_t nwords)
{
	int status = 0;

	if ((r->steps = calloc(nwords + 1, sizeof(*r->steps))) == NULL) {
		fprintf(stderr, "peer: %s\n", strerror(errno));
		return (1);
	}
	for (; r->nsteps < nwords && status == 0; r->nsteps++) {
		r->steps[r->nsteps].no = r->nsteps + 1;
		if (step_parse(&r->steps[r->nsteps], words[r->nsteps]) == 0)
			continue;
		fprintf(stderr, "peer: step %zu: not a step: %s\n",
		    r->nsteps + 1, words[r->nsteps]);
		status = 2;
	}
	if (status == 0)
		status = run_rounds(r);
	for (size_t i = 0; i < r->nsteps; i++)
		step_free(&r->steps[i]);
	free(r->steps);
	return (status);
}

/* --random: the stream that the step sends, to stdout. */
static int
write_random(uint64_t n, uint64_t seed)
{
	static uint8_t buffer[65536];
	struct source src;
	ssize_t len;

	source_random(&src, n, seed);
	while (!ferror(stdout) &&
	    (len = source_read(&src, buffer, sizeof(buffer))) > 0)
		fwrite(buffer, 1, (size_t)len, stdout);
	if ((fflush(stdout) | ferror(stdout)) == 0)
		return (0);
	fprintf(stderr, "peer: --random: %s\n", strerror(errno));
	return (1);
}

static int
usage(void)
{
	fputs("usage: peer [-n CONNS] [-r ROUNDS] [-t SECONDS] [-b BYTES] ADDR"
	    " STEP...\n       peer --random=N,SEED >FILE\n"
	    "       peer --unescape[=DIR] [recv|send] <TRACE\n", stderr);
	return (2);
}

static int
start(struct run *r, int argc, char **argv)
{
	struct rlimit files;
	const char *error;

	if (argc < 1)
		return (usage());
	if ((error = peer_address_parse(&r->to, argv[0])) != NULL) {
		fprintf(stderr, "peer: %s: %s\n", argv[0], error);
		return (2);
	}
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	return (run_script(r, argv + 1, (size_t)argc - 1));
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "random", required_argument, NULL, 'R' },
		{ "unescape", optional_argument, NULL, 'U' },
		{ NULL, 0, NULL, 0 }
	};
	struct run r = { .npeers = 1, .rounds = 1 };
	uint64_t n, seconds = 20, rcvbuf = 0, seed;
	const char *p;
	int c, bad = 0;

	while ((c = getopt_long(argc, argv, "+n:r:t:b:", longs, NULL)) != -1) {
		p = optarg;
		if (c == 'n')
			bad |= parse_number(&p, '\0', CONNS_MAX, &r.npeers);
		else if (c == 'r')
			bad |= parse_number(&p, '\0', INT64_MAX, &r.rounds);
		else if (c == 't')
			bad |= parse_number(&p, '\0', 86400, &seconds);
		else if (c == 'b')
			bad |= parse_number(&p, '\0', 1 << 30, &rcvbuf);
		else if (c == 'R' && parse_number(&p, ',', INT64_MAX, &n) ==
		    0 && parse_number(&p, '\0', INT64_MAX, &seed) == 0)
			return (write_random(n, seed));
		else if (c == 'U')
			return (untrace(optarg, optind < argc ? argv[optind] :
			    "recv") == 0 ? 0 : 1);
		else
			return (usage());
	}
	if (bad || r.npeers == 0)
		return (usage());
	r.to.timeout = (int)seconds * 1000;
	r.to.rcvbuf = (int)rcvbuf;
	return (start(&r, argc - optind, argv + optind));
}
