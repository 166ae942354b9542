#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peer_verb.h"

#define EXTRA 256		/* bytes shown beyond those expected */
#define SHOWN 60		/* bytes shown from one that differs on */

static uint8_t buffer[STEP_PIECE_MAX];

/* How receiving ended; n is what peer_recv returned. */
static const char *
ending(ssize_t n)
{
	if (n == 0)
		return ("end of file");
	return (errno == ETIMEDOUT ? "no more in time" : strerror(errno));
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
	    step_quote(&want, s->bytes, s->len), step_quote(&came, got, len),
	    end == NULL ? "" : ", then ", end == NULL ? "" : end, same + 1));
}

int
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

/* What came, from the first byte on that is not the expected one. */
static int
differ(struct peer *p, const struct step *s, uint64_t before,
    const uint8_t *want, size_t len)
{
	struct quote q1, q2;
	size_t i = 0, n;

	while (buffer[i] == want[i])
		i++;
	n = len - i < SHOWN ? len - i : SHOWN;
	return (step_fail(p, s, "byte %llu differs: expected %s, got %s",
	    (unsigned long long)before + i + 1, step_quote(&q1, want + i, n),
	    step_quote(&q2, buffer + i, n)));
}

int
step_expect_source(struct peer *p, const struct step *s)
{
	static uint8_t want[STEP_PIECE_MAX];
	struct source src;
	uint64_t before = 0;
	size_t at;
	ssize_t len, n;
	int result = 0;

	if (step_source(&src, p, s) == -1)
		return (-1);
	while (result == 0 && (len = source_read(&src, want, sizeof(want))) > 0)
		for (at = 0; at < (size_t)len && result == 0; at += (size_t)n) {
			n = peer_recv(p, buffer, (size_t)len - at);
			if (n <= 0)
				result = step_fail(p, s, "expected more after "
				    "%llu bytes, got %s",
				    (unsigned long long)before, ending(n));
			else if (memcmp(buffer, want + at, (size_t)n) != 0)
				result = differ(p, s, before, want + at,
				    (size_t)n);
			before += n > 0 ? (uint64_t)n : 0;
		}
	step_unsource(&src);
	return (result);
}

int
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

int
step_save(struct peer *p, const struct step *s)
{
	FILE *f = fopen(s->path, "ae");
	uint64_t left = s->n;
	ssize_t n = 1;
	int result = 0;

	if (f == NULL)
		return (step_fail(p, s, "%s", strerror(errno)));
	while (left > 0 && (n = peer_recv(p, buffer,
	    left < sizeof(buffer) ? left : sizeof(buffer))) > 0) {
		fwrite(buffer, 1, (size_t)n, f);
		left -= (uint64_t)n;
	}
	if (n == -1 || (n == 0 && s->n != UINT64_MAX))
		result = step_fail(p, s, "expected %s, got: %s",
		    s->n == UINT64_MAX ? "the end of file" : "more bytes",
		    ending(n));
	if ((ferror(f) | fclose(f)) != 0 && result == 0)
		result = step_fail(p, s, "could not write");
	return (result);
}

int
step_eof(struct peer *p, const struct step *s)
{
	struct quote q;
	ssize_t n = peer_recv(p, buffer, EXTRA);

	if (n > 0)
		return (step_fail(p, s, "expected the end of file, got %s",
		    step_quote(&q, buffer, (size_t)n)));
	if (n == -1)
		return (step_fail(p, s, "expected the end of file, got: %s",
		    ending(n)));
	return (0);
}

int
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

int
step_lost(struct peer *p, const struct step *s)
{
	ssize_t n;

	while ((n = peer_recv(p, buffer, sizeof(buffer))) > 0)
		;
	if (n == 0 || errno != ECONNRESET)
		return (step_fail(p, s, "expected a reset, got: %s",
		    ending(n)));
	return (0);
}
