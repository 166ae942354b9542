#include "config.h"

#include "resp/reply_keep.h"

#include <stdlib.h>

#define GAPS_LEAST 16

void
reply_measure_init(struct reply_measure *m, size_t clip)
{
	*m = (struct reply_measure){ .keep = clip };
	if (m->keep > REPLY_SHOWN_MAX)
		m->keep = REPLY_SHOWN_MAX;
	if (m->keep < REPLY_SCALAR_MIN)
		m->keep = REPLY_SCALAR_MIN;
}

static void
pass(struct reply_measure *m, size_t len)
{
	if (len == 0)
		return;
	m->kept += len;
	m->gap = false;
}

void
reply_measure_skip(struct reply_measure *m, uint64_t n)
{
	m->scalar += n;
	if (!m->gap)
		m->kept += sizeof(struct reply_gap);
	m->gap = true;
}

size_t
reply_measure_take(struct reply_measure *m, const uint8_t *from,
    const uint8_t *to, const struct reply_token *token)
{
	size_t n;

	if (token != NULL && token->first)
		m->scalar = 0;
	if (token == NULL || token->len == 0) {
		pass(m, (size_t)(to - from));
		return (0);
	}
	n = m->scalar < m->keep ? (size_t)(m->keep - m->scalar) : 0;
	if (n > token->len)
		n = token->len;
	m->scalar += n;
	pass(m, (size_t)(token->data - from) + n);
	if (n < token->len)
		reply_measure_skip(m, token->len - n);
	pass(m, (size_t)(to - token->data) - token->len);
	return (token->len - n);
}

bool
reply_measure_fits(const struct reply_measure *m)
{
	return (m->kept <= REPLY_KEEP);
}

void
reply_keep_init(struct reply_keep *k, size_t clip)
{
	*k = (struct reply_keep){ .full = false };
	reply_measure_init(&k->measure, clip);
}

void
reply_keep_free(struct reply_keep *k)
{
	bytes_free(&k->data);
	spans_free(&k->secrets);
	free(k->gaps);
	k->gaps = NULL;
	k->ngaps = k->gaps_cap = 0;
}

static size_t
room(const struct reply_keep *k)
{
	size_t used = k->data.len + k->ngaps * sizeof(*k->gaps);

	return (used < REPLY_KEEP ? REPLY_KEEP - used : 0);
}

/* The secrets of bytes from..to of the chunk, which begin at `at` in data. */
static void
keep_secrets(struct reply_keep *k, const struct spans *in, size_t from,
    size_t to, size_t at)
{
	size_t i = in->n, begin, end;

	while (i > 0 && in->v[i - 1].at + in->v[i - 1].len > from)
		i--;
	for (; i < in->n && in->v[i].at < to; i++) {
		begin = in->v[i].at < from ? from : in->v[i].at;
		end = in->v[i].at + in->v[i].len;
		if (end > to)
			end = to;
		if (k->secrets.v == NULL &&
		    spans_init(&k->secrets) == -1) {
			k->full = true;
			bytes_truncate(&k->data, at);
			return;
		}
		spans_add(&k->secrets, at + begin - from, end - begin,
		    REPLY_KEEP);
	}
}

static void
keep_bytes(struct reply_keep *k, const struct reply_chunk *chunk,
    const uint8_t *from, const uint8_t *to)
{
	size_t len = (size_t)(to - from), at = k->data.len;

	if (k->full || len == 0)
		return;
	if (len > room(k)) {
		len = room(k);
		k->full = true;
	}
	bytes_add(&k->data, from, len);
	if (k->data.failed) {
		k->full = true;
		return;
	}
	if (chunk->secrets->n > 0)
		keep_secrets(k, chunk->secrets, (size_t)(from - chunk->data),
		    (size_t)(from - chunk->data) + len, at);
}

static void
keep_gap(struct reply_keep *k, uint64_t n)
{
	size_t cap = k->gaps_cap == 0 ? GAPS_LEAST : 2 * k->gaps_cap;
	struct reply_gap *v;

	if (k->full || n == 0)
		return;
	if (k->ngaps > 0 && k->gaps[k->ngaps - 1].at == k->data.len) {
		k->gaps[k->ngaps - 1].n += n;
		return;
	}
	if (room(k) < sizeof(*v)) {
		k->full = true;
		return;
	}
	if (k->ngaps == k->gaps_cap) {
		if ((v = realloc(k->gaps, cap * sizeof(*v))) == NULL) {
			k->full = true;
			return;
		}
		k->gaps = v;
		k->gaps_cap = cap;
	}
	k->gaps[k->ngaps++] = (struct reply_gap){ k->data.len, n };
}

void
reply_keep_take(struct reply_keep *k, const struct reply_chunk *chunk,
    const uint8_t *from, const uint8_t *to, const struct reply_token *token)
{
	size_t left;
	const uint8_t *behind;

	if (k->full)
		return;
	left = reply_measure_take(&k->measure, from, to, token);
	if (left == 0) {
		keep_bytes(k, chunk, from, to);
		return;
	}
	behind = token->data + token->len;
	keep_bytes(k, chunk, from, behind - left);
	keep_gap(k, left);
	keep_bytes(k, chunk, behind, to);
}
