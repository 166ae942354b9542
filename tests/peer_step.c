/*
 * The steps: a table of verbs, what each takes, and the function that runs it.
 */
#include "peer_step.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peer_source.h"
#include "peer_verb.h"

enum takes {
	NOTHING, BYTES, N_BYTES, N, N_SEED, N_MAYBE_SEED, PATH, MAYBE_N_PATH
};
#define ONCE 1			/* not for each connection */
#define CLOSED 2		/* may run on a closed connection */
#define NOT_EMPTY 4		/* BYTES must be some */
#define PIECE 8			/* N is bytes per write */
#define TIMES 16		/* N is how many times */
#define SENDS 32		/* may be the first of `both` */

struct verb {
	const char *name;
	enum takes takes;
	int flags;
	int (*run)(struct peer *, const struct step *);
};

const char *
step_quote(struct quote *q, const void *data, size_t len)
{
	const uint8_t *p = data;
	char *to = q->text, *end = to + sizeof(q->text) - 40;
	size_t i;

	*to++ = '"';
	for (i = 0; i < len && to < end; i++) {
		if (p[i] == '\r' || p[i] == '\n')
			to += sprintf(to, "\\%c", p[i] == '\r' ? 'r' : 'n');
		else if (p[i] >= ' ' && p[i] <= '~')
			*to++ = (char)p[i];
		else
			to += sprintf(to, "\\x%02x", p[i]);
	}
	if (i < len)
		sprintf(to, "\"... (%zu more bytes)", len - i);
	else
		strcpy(to, "\"");
	return (q->text);
}

int
step_fail(const struct peer *p, const struct step *s, const char *fmt, ...)
{
	struct quote q;
	va_list ap;
	size_t len = strlen(s->word);

	fflush(stdout);
	fprintf(stderr, "peer: step %zu %s, connection %zu: ", s->no,
	    step_quote(&q, s->word, len < 60 ? len : 60), p->no);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return (-1);
}

int
step_source(struct source *src, const struct peer *p, const struct step *s)
{
	enum takes takes = s->verb->takes;
	int fd;

	if (takes == N_SEED) {
		source_random(src, s->n, s->seed + p->no - 1);
	} else if (takes == BYTES || takes == N_BYTES) {
		source_repeat(src, s->bytes, s->len, s->times);
	} else {
		if ((fd = open(s->path, O_RDONLY | O_CLOEXEC)) == -1)
			return (step_fail(p, s, "%s", strerror(errno)));
		source_file(src, fd, s->times);
	}
	return (0);
}

void
step_unsource(struct source *src)
{
	if (src->fd != -1)
		close(src->fd);
}

static const struct verb verbs[] = {
	{ "send", BYTES, SENDS, step_send },
	{ "drip", BYTES, SENDS, step_drip },
	{ "slice", N_BYTES, SENDS | PIECE, step_slice },
	{ "repeat", N_BYTES, SENDS | TIMES | NOT_EMPTY, step_send },
	{ "file", MAYBE_N_PATH, SENDS | TIMES, step_send },
	{ "random", N_SEED, SENDS, step_send },
	{ "pieces", N_MAYBE_SEED, PIECE | CLOSED, step_pieces },
	{ "stuff", BYTES, NOT_EMPTY, step_stuff },
	{ "expect", BYTES, 0, step_expect },
	{ "expect-repeat", N_BYTES, TIMES | NOT_EMPTY, step_expect_source },
	{ "expect-file", MAYBE_N_PATH, TIMES, step_expect_source },
	{ "expect-random", N_SEED, 0, step_expect_source },
	{ "read", N, 0, step_read },
	{ "save", MAYBE_N_PATH, 0, step_save },
	{ "eof", NOTHING, 0, step_eof },
	{ "gone", NOTHING, 0, step_gone },
	{ "lost", NOTHING, 0, step_lost },
	{ "full", NOTHING, 0, step_full },
	{ "taken", NOTHING, 0, step_taken },
	{ "shut", NOTHING, 0, step_shut },
	{ "close", NOTHING, CLOSED, step_close },
	{ "reset", NOTHING, 0, step_reset },
	{ "open", NOTHING, CLOSED, step_open },
	{ "await", PATH, ONCE | CLOSED, step_await },
	{ "touch", PATH, ONCE | CLOSED, step_touch },
	{ "both", NOTHING, 0, NULL },
};

static int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *p = c == '\0' ? NULL : strchr(digits, c);

	return (p == NULL ? -1 : (int)(p - digits) % 16);
}

/* Fills in the step's bytes, which it allocates. */
static int
parse_bytes(struct step *s, const char *p)
{
	static const char names[] = "rntab0\\\"'";
	static const char values[] = "\r\n\t\a\b\0\\\"'";
	const char *name;
	uint8_t *to = malloc(strlen(p) + 1);

	if ((s->bytes = to) == NULL)
		return (-1);
	for (; *p != '\0'; p++) {
		if (*p != '\\') {
			*to++ = (uint8_t)*p;
		} else if (*++p == 'x') {
			if (hex_digit(p[1]) == -1 || hex_digit(p[2]) == -1)
				return (-1);
			*to++ = (uint8_t)(hex_digit(p[1]) << 4 |
			    hex_digit(p[2]));
			p += 2;
		} else {
			if (*p == '\0' || (name = strchr(names, *p)) == NULL)
				return (-1);
			*to++ = (uint8_t)values[name - names];
		}
	}
	s->len = (size_t)(to - s->bytes);
	return (s->len == 0 && s->verb->flags & NOT_EMPTY ? -1 : 0);
}

int
parse_number(const char **p, char end, uint64_t max, uint64_t *n)
{
	const char *start = *p;

	for (*n = 0; **p >= '0' && **p <= '9'; (*p)++) {
		if (*n > (max - (uint64_t)(**p - '0')) / 10)
			return (-1);
		*n = *n * 10 + (uint64_t)(**p - '0');
	}
	if (*p == start || **p != end)
		return (-1);
	if (end != '\0')
		(*p)++;
	return (0);
}

/* p: behind the `=` or the `:`. */
static int
parse_seed(struct step *s, const char *p)
{
	s->has_seed = true;
	return (parse_number(&p, '\0', INT64_MAX, &s->seed));
}

/* A path, which stands behind =N: or just behind the colon. */
static int
parse_path(struct step *s, const char *p, char before)
{
	bool has_n = s->verb->takes == MAYBE_N_PATH && before == '=';

	s->n = s->verb->flags & TIMES ? 1 : UINT64_MAX;
	if ((before == '=') != has_n ||
	    (has_n && parse_number(&p, ':', INT64_MAX, &s->n) == -1))
		return (-1);
	s->path = p;
	return (*p == '\0' ? -1 : 0);
}

/* p: behind the verb's name. */
static int
parse_argument(struct step *s, const char *p)
{
	enum takes takes = s->verb->takes;
	uint64_t max = INT64_MAX >> 20;	/* times the bytes of a word fits */
	char before = *p;

	if (s->verb->flags & PIECE)
		max = STEP_PIECE_MAX;
	if (takes == NOTHING)
		return (*p == '\0' ? 0 : -1);
	if (*p++ == '\0')
		return (-1);
	if (takes == PATH || takes == MAYBE_N_PATH)
		return (parse_path(s, p, before));
	if (before != (takes == N_BYTES ? '=' : ':'))
		return (-1);
	if (takes == N_SEED ||
	    (takes == N_MAYBE_SEED && strchr(p, ',') != NULL))
		return (parse_number(&p, ',', max, &s->n) == -1 ? -1 :
		    parse_seed(s, p));
	if (takes == N || takes == N_MAYBE_SEED)
		return (parse_number(&p, '\0', max, &s->n));
	if (takes == N_BYTES && parse_number(&p, ':', max, &s->n) == -1)
		return (-1);
	return (parse_bytes(s, p));
}

int
step_parse(struct step *s, const char *word)
{
	size_t n = strcspn(word, "=:");

	s->word = word;
	s->verb = NULL;
	s->bytes = NULL;
	s->has_seed = false;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strlen(verbs[i].name) == n &&
		    memcmp(verbs[i].name, word, n) == 0)
			s->verb = &verbs[i];
	if (s->verb == NULL || parse_argument(s, word + n) == -1)
		return (-1);
	if (s->verb->flags & PIECE && s->n == 0)
		s->n = STEP_PIECE_MAX;
	s->times = s->verb->flags & TIMES ? s->n : 1;
	return (0);
}

void
step_free(struct step *s)
{
	free(s->bytes);
	s->bytes = NULL;
}

int
step_run(const struct step *s, struct peer *peers, size_t npeers)
{
	struct peer *p;

	for (size_t i = 0; i < npeers; i++) {
		p = &peers[i];
		if (p->fd == -1 && !(s->verb->flags & CLOSED))
			return (step_fail(p, s,
			    "expected a connection, but it is closed"));
		if (s->verb->run(p, s) == -1)
			return (-1);
		if (s->verb->flags & ONCE)
			break;
	}
	return (0);
}

bool
step_is_both(const struct step *s)
{
	return (strcmp(s->verb->name, "both") == 0);
}

bool
step_is_pair(const struct step *s, const struct step *other)
{
	return (s->verb->flags & SENDS && !(other->verb->flags & SENDS) &&
	    !step_is_both(other));
}

/* The process that sends; it takes in nothing, which is the other's work. */
static pid_t
start_sending(const struct step *s, struct peer *p)
{
	pid_t pid;

	fflush(stdout);
	if ((pid = fork()) == -1)
		step_fail(p, s, "%s", strerror(errno));
	if (pid != 0)
		return (pid);
	p->deaf = true;
	_exit(step_run(s, p, 1) == 0 ? 0 : 1);
}

int
step_run_pair(const struct step *s, struct peer *peers, size_t npeers)
{
	pid_t *pids = calloc(npeers, sizeof(*pids));
	size_t n = 0;
	int result = -1, status;

	if (pids == NULL)
		return (step_fail(peers, s, "%s", strerror(errno)));
	while (n < npeers && (pids[n] = start_sending(s, &peers[n])) != -1)
		n++;
	if (n == npeers)
		result = step_run(s + 1, peers, npeers);
	for (size_t i = 0; i < n; i++) {
		if (result == -1)
			kill(pids[i], SIGKILL);
		while (waitpid(pids[i], &status, 0) == -1 && errno == EINTR)
			;
		if (status != 0)
			result = -1;
	}
	free(pids);
	return (result);
}
