#include "config.h"

#include "fuzz/fuzz.h"

uint8_t
input_byte(struct input *in)
{
	return (in->p < in->end ? *in->p++ : 0);
}

struct input
input_part(struct input *in, char mark)
{
	struct input part = *in;
	const uint8_t *p;

	for (p = in->p; p < in->end; p++)
		if (*p == 0xff && in->end - p > 1 && p[1] == (uint8_t)mark) {
			part.end = p;
			in->p = p + 2;
			return (part);
		}
	in->p = in->end;
	return (part);
}

void
cuts_take(struct cuts *c, struct input *in)
{
	uint8_t i;

	c->n = input_byte(in) % 8;
	c->next = 0;
	for (i = 0; i < c->n; i++)
		c->size[i] = input_byte(in);
}

size_t
cuts_next(struct cuts *c, size_t left)
{
	size_t size;

	if (c->n == 0)
		return (left);
	size = (size_t)c->size[c->next] + 1;
	c->next = (uint8_t)((c->next + 1) % c->n);
	return (size < left ? size : left);
}

uint8_t *
chunk_new(const uint8_t *data, size_t len)
{
	uint8_t *chunk = malloc(len > 0 ? len : 1);

	MUST(chunk != NULL);
	if (len > 0)
		memcpy(chunk, data, len);
	return (chunk);
}

static void
show(const char *what, const struct bytes *b)
{
	size_t i;

	fprintf(stderr, "%s: ", what);
	for (i = 0; i < b->len; i++)
		fprintf(stderr, b->data[i] < ' ' || b->data[i] > '~' ?
		    "\\x%02x" : "%c", b->data[i]);
	fprintf(stderr, "\n");
}

void
must_be_same(const char *what, const struct bytes *a, const struct bytes *b)
{
	MUST(!a->failed && !b->failed);
	if (a->len == b->len && (a->len == 0 ||
	    memcmp(a->data, b->data, a->len) == 0))
		return;
	fprintf(stderr, "these differ: %s\n", what);
	show("one", a);
	show("other", b);
	abort();
}

bool
is_printable(const struct bytes *b, bool lines)
{
	size_t i;

	for (i = 0; i < b->len; i++)
		if ((b->data[i] < ' ' || b->data[i] > '~') &&
		    !(lines && b->data[i] == '\n'))
			return (false);
	return (true);
}
