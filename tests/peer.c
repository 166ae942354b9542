/*
 * A scripted client, or server, for the functional tests.
 *
 *     peer [OPTION...] ADDR STEP...
 *     peer --random=N,SEED >FILE
 *     peer --unescape[=DIR] [recv|send] <TRACE
 *
 * ADDR is HOST:PORT, [V6]:PORT or unix:PATH.  The steps run in order over one
 * connection, which is open when they start.
 *
 *     -l, --listen[=FILE]  listen on ADDR, where port 0 is any, and accept the
 *                          connections there; write the address to FILE, by
 *                          rename, once it listens
 *     -q, --backlog=N      so many may wait there to be accepted (default 128)
 *     -n CONNS             open so many connections first; each step runs on
 *                          all of them, one after another, before the next
 *     -c, --closed         open none: that is for a step
 *     -r ROUNDS            do the whole so often
 *     -t SECONDS           a step waits so long while nothing moves (20)
 *     -b BYTES             SO_RCVBUF, so that a peer that does not read is
 *                          full sooner
 *
 * Steps that send:
 *     send:BYTES           send BYTES
 *     drip:BYTES           one byte per write
 *     slice=N:BYTES        N bytes per write (at most 262144)
 *     repeat=N:BYTES       N times
 *     file[=N]:PATH        what the file holds, N times
 *     random:N,SEED        N pseudo-random bytes: those of --random=N,SEED,
 *                          for the next connections of -n of SEED+1, SEED+2 ...
 *     pieces:N[,SEED]      from here on send, repeat, file and random write N
 *                          bytes at a time (0: as many as go), with a SEED
 *                          random numbers of bytes from 1 to N
 *     stuff:BYTES          send BYTES again and again, reading nothing, until
 *                          the socket takes no more for 200 ms, or 256 MiB, or
 *                          the other side is gone; prints how many it took
 * that receive:
 *     expect:BYTES         exactly these bytes arrive next; with the arguments
 *     expect-repeat expect-file expect-random
 *                          of repeat, file and random: what these send
 *     read:N               N bytes arrive
 *     save[=N]:PATH        append N bytes to the file, or all that arrives
 *                          until end of file
 *     eof                  nothing arrives but the end of file
 *     gone                 end of file or a reset; what comes before is dropped
 *     lost                 a reset and no end of file
 * that do both:
 *     both                 the next two steps run at once: the first one of
 *                          those that send, but not stuff, in a process of its
 *                          own, and any that does not send
 * that end, begin and wait:
 *     shut                 shut down the writing side
 *     close                close; with unread bytes TCP makes a reset of it
 *     reset                close with a reset (a unix socket: just close)
 *     open                 connect or accept anew, closing what is open
 *     full                 wait until the other side can send no more: until
 *                          what is not received does not grow for 200 ms
 *     taken                wait until the other side's kernel has all that was
 *                          sent, so that a reset loses none of it
 *     await:PATH           wait until the file exists (once, not for each)
 *     touch:PATH           create the file (once)
 *
 * BYTES know \r \n \t \a \b \0 \\ \" \' and \xHH.  TCP_NODELAY is always set.
 * A step that sends (not stuff, nor in both) keeps what arrives meanwhile,
 * at most 64 MiB, for the steps that receive, so replies that are read later do
 * not stop it.  Exit status: 0 all steps succeeded; 1 one line on stderr names
 * the step, what was expected and what came; 2 usage error, before connecting.
 */
#include <sys/resource.h>

#include <errno.h>
#include <getopt.h>
#include <limits.h>
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
	bool closed;		/* to begin with */
	bool listens;
	const char *port_file;
	uint64_t backlog;
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
		if (!r->closed && (result = peer_open(p)) == -1)
			fprintf(stderr, "peer: connection %zu: expected %s %s, "
			    "got: %s\n", p->no, r->listens ? "a client of" :
			    "to connect to", r->to.name, strerror(errno));
	}
	for (size_t i = 0; i < r->nsteps && result == 0; i++)
		if (step_is_both(&r->steps[i])) {
			result = step_run_pair(&r->steps[i + 1], r->peers,
			    r->npeers);
			i += 2;
		} else
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

/* Returns the number of the first step that is none, or 0. */
static size_t
parse_steps(struct run *r, char **words, size_t nwords)
{
	struct step *s = r->steps;

	for (; r->nsteps < nwords; r->nsteps++) {
		s[r->nsteps].no = r->nsteps + 1;
		if (step_parse(&s[r->nsteps], words[r->nsteps]) == -1)
			return (r->nsteps + 1);
	}
	for (size_t i = 0; i < nwords; i++)
		if (step_is_both(&s[i]) && (i + 2 >= nwords ||
		    !step_is_pair(&s[i + 1], &s[i + 2])))
			return (i + 1);
	return (0);
}

/* Returns the exit status. */
static int
run_script(struct run *r, char **words, size_t nwords)
{
	size_t bad;
	int status = 1;

	if ((r->steps = calloc(nwords + 1, sizeof(*r->steps))) == NULL) {
		fprintf(stderr, "peer: %s\n", strerror(errno));
		return (1);
	}
	if ((bad = parse_steps(r, words, nwords)) != 0) {
		fprintf(stderr, "peer: step %zu: not a step: %s\n", bad,
		    words[bad - 1]);
		status = 2;
	} else if (r->listens && peer_listen(&r->to, (int)r->backlog,
	    r->port_file) == -1)
		fprintf(stderr, "peer: %s: cannot listen: %s\n", r->to.name,
		    strerror(errno));
	else
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
	fputs("usage: peer [-n CONNS] [-r ROUNDS] [-t SECONDS] [-b BYTES] [-c]"
	    " ADDR STEP...\n"
	    "       peer --listen[=FILE] [-q BACKLOG] [OPTION...] ADDR"
	    " STEP...\n"
	    "       peer --random=N,SEED >FILE\n"
	    "       peer --unescape[=DIR] [recv|send] <TRACE\n", stderr);
	return (2);
}

static int
start(struct run *r, int argc, char **argv)
{
	struct rlimit files;
	const char *error;

	if (argc < 1 || r->npeers == 0)
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

/* Takes one option of a script.  Returns 0, or -1 when it is none. */
static int
take_option(struct run *r, int c, const char *p)
{
	uint64_t n;

	switch (c) {
	case 'n':
		return (parse_number(&p, '\0', CONNS_MAX, &r->npeers));
	case 'r':
		return (parse_number(&p, '\0', INT64_MAX, &r->rounds));
	case 'q':
		return (parse_number(&p, '\0', INT_MAX, &r->backlog));
	case 't':
		if (parse_number(&p, '\0', 86400, &n) == -1)
			return (-1);
		r->to.timeout = (int)n * 1000;
		return (0);
	case 'b':
		if (parse_number(&p, '\0', 1 << 30, &n) == -1)
			return (-1);
		r->to.rcvbuf = (int)n;
		return (0);
	case 'c':
		r->closed = true;
		return (0);
	case 'l':
		r->listens = true;
		r->port_file = p;
		return (0);
	default:
		return (-1);
	}
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "backlog", required_argument, NULL, 'q' },
		{ "closed", no_argument, NULL, 'c' },
		{ "listen", optional_argument, NULL, 'l' },
		{ "random", required_argument, NULL, 'R' },
		{ "unescape", optional_argument, NULL, 'U' },
		{ NULL, 0, NULL, 0 }
	};
	struct run r = { .npeers = 1, .rounds = 1, .backlog = 128,
		.to = { .timeout = 20000, .listener = -1 } };
	uint64_t n, seed;
	const char *p;
	int c;

	while ((c = getopt_long(argc, argv, "+n:r:t:b:q:cl::", longs, NULL)) !=
	    -1) {
		p = optarg;
		if (c == 'R' && parse_number(&p, ',', INT64_MAX, &n) == 0 &&
		    parse_number(&p, '\0', INT64_MAX, &seed) == 0)
			return (write_random(n, seed));
		if (c == 'U')
			return (untrace(optarg, optind < argc ? argv[optind] :
			    "recv") == 0 ? 0 : 1);
		if (take_option(&r, c, p) == -1)
			return (usage());
	}
	return (start(&r, argc - optind, argv + optind));
}
