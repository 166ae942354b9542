#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "peer_verb.h"

#define STUFF_MAX (256 << 20)

static uint8_t buffer[STEP_PIECE_MAX];

/* How many bytes the next write takes: piece, or what the step pieces said. */
static size_t
next_piece(struct peer *p, size_t piece)
{
	if (piece != 0 || p->sizes == 0)
		return (piece != 0 ? piece : p->piece);
	return (source_number(&p->sizes) % p->piece + 1);
}

static int
send_source(struct peer *p, const struct step *s, size_t piece)
{
	struct source src;
	size_t cap = sizeof(buffer), at, k, left;
	ssize_t n;
	int result = 0;

	if (step_source(&src, p, s) == -1)
		return (-1);
	cap -= cap % (piece != 0 ? piece : p->piece);
	while (result == 0 && (n = source_read(&src, buffer, cap)) != 0) {
		if (n == -1) {
			result = step_fail(p, s, "could not read: %s",
			    strerror(errno));
			break;
		}
		for (at = 0; at < (size_t)n && result == 0; at += k) {
			left = (size_t)n - at;
			k = next_piece(p, piece);
			k = k < left ? k : left;
			if (peer_send(p, buffer + at, k) == -1)
				result = step_fail(p, s, "expected to send, "
				    "got: %s (%zu bytes arrived are unread)",
				    strerror(errno), peer_unread(p));
		}
	}
	step_unsource(&src);
	return (result);
}

int
step_send(struct peer *p, const struct step *s)
{
	return (send_source(p, s, 0));
}

int
step_drip(struct peer *p, const struct step *s)
{
	return (send_source(p, s, 1));
}

int
step_slice(struct peer *p, const struct step *s)
{
	return (send_source(p, s, s->n));
}

int
step_pieces(struct peer *p, const struct step *s)
{
	p->piece = s->n;
	p->sizes = s->has_seed ? source_seed(s->seed + p->no - 1) : 0;
	return (0);
}

int
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
		    STILL)) == 0)
			break;
		at += n;
		taken += n;
	}
	printf("%zu\n", taken);
	fflush(stdout);
	return (0);
}
