/*
 * The steps: a table of verbs, what each takes, and the function that runs it.
 */
#include "peer_step.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "peer_source.h"

#define STUFF_MAX (256 << 20)
#define STUFF_WAIT 200		/* ms without room: it is full */
#define AWAIT_PAUSE 5		/* ms between two looks */
#define EXTRA 256		/* bytes shown beyond those expected */

enum takes { NOTHING, BYTES, N_BYTES, NUMBER, PATH, N_SEED };
#define ONCE 1			/* not for each connection */
#define CLOSED 2		/* may run on a closed connection */
#define NOT_EMPTY 4		/* BYTES must be some */
#define PIECE 8			/* N is bytes per write */

struct verb {
	const char *name;
	enum takes takes;
	int flags;
	int (*run)(struct peer *, const struct step *);
};

struct quote {
	char text[1200];
};

static uint8_t buffer[STEP_PIECE_MAX];

/* The bytes for a message: on one line, and not too many. */
static const char *
quote(struct quote *q, const void *data, size_t len)
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

/* Always -1, after the one line that says why. */
static int __attribute__((format(printf, 3, 4)))
step_fail(const struct peer *p, const struct step *s, const char *fmt, ...)
{
	struct quote q;
	va_list ap;
	size_t len = strlen(s->word);

	fflush(stdout);
	fprintf(stderr, "peer: step %zu %s, connection %zu: ", s->no,
	    quote(&q, s->word, len < 60 ? len : 60), p->no);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return (-1);
}

/* How receiving ended; n is what peer_recv returned. */
static const char *
ending(ssize_t n)
{
	if (n == 0)
		return ("end of file");
	return (errno == ETIMEDOUT ? "no more in time" : strerror(errno));
}

static int
send_source(struct peer *p, const struct step *s, struct source *src,
    size_t piece)
{
	size_t cap = sizeof(buffer) - sizeof(buffer) % piece, at, k;
	ssize_t n;

	while ((n = source_read(src, buffer, cap)) > 0)
		for (at = 0; at < (size_t)n; at += k) {
			k = piece < (size_t)n - at ? piece : (size_t)n - at;
			if (peer_send(p, buffer + at, k) == -1)
				return (step_fail(p, s, "expected to send, "
				    "got: %s (%zu bytes arrived are unread)",
				    strerror(errno), peer_unread(p)));
		}
	if (n == -1)
		return (step_fail(p, s, "could not read: %s",
		    strerror(errno)));
	return (0);
}

static int
send_bytes(struct peer *p, const struct step *s, uint64_t times, size_t piece)
{
	struct source src;

	source_repeat(&src, s->bytes, s->len, times);
	return (send_source(p, s, &src, piece));
}

static int
step_send(struct peer *p, const struct step *s)
{
	return (send_bytes(p, s, 1, p->piece));
}

static int
step_drip(struct peer *p, const struct step *s)
{
	return (send_bytes(p, s, 1, 1));
}

static int
step_slice(struct peer *p, const struct step *s)
{
	return (send_bytes(p, s, 1, s->n));
}

static int
step_repeat(struct peer *p, const struct step *s)
{
	return (send_bytes(p, s, s->n, p->piece));
}

static int
step_file(struct peer *p, const struct step *s)
{
	struct source src;
	int fd, result;

	if ((fd = open(s->path, O_RDONLY | O_CLOEXEC)) == -1)
		return (step_fail(p, s, "%s", strerror(errno)));
	source_file(&src, fd);
	result = send_source(p, s, &src, p->piece);
	close(fd);
	return (result);
}

static int
step_random(struct peer *p, const struct step *s)
{
	struct source src;

	source_random(&src, s->n, s->seed + p->no - 1);
	return (send_source(p, s, &src, p->piece));
}

static int
step_pieces(struct peer *p, const struct step *s)
{
	p->piece = s->n;
	return (0);
}

static int
step_stuff(struct peer *p, const struct step *s)
{
	struct source src;
	size_t taken = 0, at = 0, n;
	ssize_t have = 0;

	source_repeat(&src, s->bytes, s->len, UINT64_MAX / s->len);
	while (taken < STUFF_MAX) {
		if (at == (size_t)have) {
			have = source_read(&src, buffer, sizeof(buffer));
			at = 0;
		}
		if ((n = peer_push(p, buffer + at, (size_t)have - at,
		    STUFF_WAIT)) == 0)
			break;
		at += n;
		taken += n;
	}
	printf("%zu\n", taken);
	fflush(stdout);
	return (0);
}

/* What did arrive is at most len bytes; looks for a little more to show. */
static int
expect_fail(struct peer *p, const struct step *s, uint8_t *got, size_t len,
    const char *end)
{
	struct quote want, came;
	ssize_t n;
	size_t same = 0;

	while (same < len && got[same] == s->bytes[same])
		same++;
	if (end == NULL && (n = recv(p->fd, got + len, EXTRA, 0)) > 0)
		len += (size_t)n;
	return (step_fail(p, s, "expected %s, got %s%s%s; byte %zu differs",
	    quote(&want, s->bytes, s->len), quote(&came, got, len),
	    end == NULL ? "" : ", then ", end == NULL ? "" : end, same + 1));
}

static int
step_expect(struct peer *p, const struct step *s)
{
	uint8_t *got = malloc(s->len + EXTRA);
	const char *end = NULL;
	size_t len = 0;
	ssize_t n;
	int result = 0;

	if (got == NULL)
		return (step_fail(p, s, "%s", strerror(errno)));
	while (result == 0 && len < s->len) {
		if ((n = peer_recv(p, got + len, s->len - len)) > 0)
			len += (size_t)n;
		else
			end = ending(n);
		if (end != NULL || memcmp(got, s->bytes, len) != 0)
			result = expect_fail(p, s, got, len, end);
	}
	free(got);
	return (result);
}

static int
step_read(struct peer *p, const struct step *s)
{
	uint64_t left = s->n;
	ssize_t n;

	while (left > 0) {
		n = peer_recv(p, buffer,
		    left < sizeof(buffer) ? left : sizeof(buffer));
		if (n <= 0)
			return (step_fail(p, s, "expected %llu bytes, got "
			    "%llu, then %s", (unsigned long long)s->n,
			    (unsigned long long)(s->n - left), ending(n)));
		left -= (uint64_t)n;
	}
	return (0);
}

static int
step_save(struct peer *p, const struct step *s)
{
	FILE *f = fopen(s->path, "ae");
	ssize_t n;
	int result = 0;

	if (f == NULL)
		return (step_fail(p, s, "%s", strerror(errno)));
	while ((n = peer_recv(p, buffer, sizeof(buffer))) > 0)
		fwrite(buffer, 1, (size_t)n, f);
	if (n == -1)
		result = step_fail(p, s, "expected the end of file, got: %s",
		    ending(n));
	if ((ferror(f) | fclose(f)) != 0 && result == 0)
		result = step_fail(p, s, "could not write");
	return (result);
}

static int
step_eof(struct peer *p, const struct step *s)
{
	struct quote q;
	ssize_t n = peer_recv(p, buffer, EXTRA);

	if (n > 0)
		return (step_fail(p, s, "expected the end of file, got %s",
		    quote(&q, buffer, (size_t)n)));
	if (n == -1)
		return (step_fail(p, s, "expected the end of file, got: %s",
		    ending(n)));
	return (0);
}

static int
step_gone(struct peer *p, const struct step *s)
{
	ssize_t n;

	while ((n = peer_recv(p, buffer, sizeof(buffer))) > 0)
		;
	if (n == -1 && errno != ECONNRESET && errno != EPIPE)
		return (step_fail(p, s, "expected the end of file or a reset, "
		    "got: %s", ending(n)));
	return (0);
}

static int
step_shut(struct peer *p, const struct step *s)
{
	if (shutdown(p->fd, SHUT_WR) == -1)
		return (step_fail(p, s, "%s", strerror(errno)));
	return (0);
}

static int
step_close(struct peer *p, const struct step *s)
{
	(void)s;
	peer_close(p);
	return (0);
}

static int
step_reset(struct peer *p, const struct step *s)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	if (setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)) == -1)
		return (step_fail(p, s, "%s", strerror(errno)));
	peer_close(p);
	return (0);
}

/* What the other side's kernel has not acknowledged is lost by a reset. */
static int
step_taken(struct peer *p, const struct step *s)
{
	int left = 1, waited = 0;

	while (ioctl(p->fd, SIOCOUTQ, &left) == 0 && left > 0 &&
	    waited < p->to->timeout)
		waited += AWAIT_PAUSE + poll(NULL, 0, AWAIT_PAUSE);
	if (left > 0)
		return (step_fail(p, s, "expected all to be taken, got: "
		    "%d bytes are left", left));
	return (0);
}

static int
step_open(struct peer *p, const struct step *s)
{
	if (peer_open(p) == -1)
		return (step_fail(p, s, "expected to connect to %s, got: %s",
		    p->to->name, strerror(errno)));
	return (0);
}

static int
step_await(struct peer *p, const struct step *s)
{
	struct timespec now;
	int64_t end = 0, ms;

	while (access(s->path, F_OK) == -1) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		ms = now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
		if (end == 0)
			end = ms + p->to->timeout;
		if (ms >= end)
			return (step_fail(p, s, "expected the file, got: %s",
			    strerror(ENOENT)));
		poll(NULL, 0, AWAIT_PAUSE);
	}
	return (0);
}

static int
step_touch(struct peer *p, const struct step *s)
{
	int fd = open(s->path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	if (fd == -1)
		return (step_fail(p, s, "%s", strerror(errno)));
	close(fd);
	return (0);
}

static const struct verb verbs[] = {
	{ "send", BYTES, 0, step_send },
	{ "drip", BYTES, 0, step_drip },
	{ "slice", N_BYTES, PIECE, step_slice },
	{ "repeat", N_BYTES, NOT_EMPTY, step_repeat },
	{ "file", PATH, 0, step_file },
	{ "random", N_SEED, 0, step_random },
	{ "pieces", NUMBER, PIECE | CLOSED, step_pieces },
	{ "stuff", BYTES, NOT_EMPTY, step_stuff },
	{ "expect", BYTES, 0, step_expect },
	{ "read", NUMBER, 0, step_read },
	{ "save", PATH, 0, step_save },
	{ "eof", NOTHING, 0, step_eof },
	{ "gone", NOTHING, 0, step_gone },
	{ "taken", NOTHING, 0, step_taken },
	{ "shut", NOTHING, 0, step_shut },
	{ "close", NOTHING, 0, step_close },
	{ "reset", NOTHING, 0, step_reset },
	{ "open", NOTHING, CLOSED, step_open },
	{ "await", PATH, ONCE | CLOSED, step_await },
	{ "touch", PATH, ONCE | CLOSED, step_touch },
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

/* p: behind the verb's name. */
static int
parse_argument(struct step *s, const char *p)
{
	enum takes takes = s->verb->takes;
	uint64_t max = INT64_MAX >> 20;	/* times the bytes of a word fits */

	if (s->verb->flags & PIECE)
		max = STEP_PIECE_MAX;
	if (takes == NOTHING)
		return (*p == '\0' ? 0 : -1);
	if (*p++ != (takes == N_BYTES ? '=' : ':'))
		return (-1);
	s->path = p;
	if (takes == PATH)
		return (*p == '\0' ? -1 : 0);
	if (takes == NUMBER)
		return (parse_number(&p, '\0', max, &s->n));
	if (takes == N_SEED) {
		if (parse_number(&p, ',', INT64_MAX, &s->n) == -1)
			return (-1);
		return (parse_number(&p, '\0', INT64_MAX, &s->seed));
	}
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
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strlen(verbs[i].name) == n &&
		    memcmp(verbs[i].name, word, n) == 0)
			s->verb = &verbs[i];
	if (s->verb == NULL || parse_argument(s, word + n) == -1)
		return (-1);
	if (s->verb->flags & PIECE && s->n == 0)
		s->n = STEP_PIECE_MAX;
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
