#include "config.h"

#include "base/spans.h"

#include <stdlib.h>

#define SPANS_FIRST 16		/* how many at first; it grows */

void
spans_add(struct spans *spans, size_t at, size_t len,
    size_t chunk)
{
	struct span *v, *last;
	size_t cap = 2 * spans->cap;

	if (len == 0)
		return;
	if (spans->n > 0) {
		last = &spans->v[spans->n - 1];
		if (last->at + last->len >= at) {
			if (at + len > last->at + last->len)
				last->len = at + len - last->at;
			return;
		}
	}
	if (spans->n == spans->cap) {
		if ((v = realloc(spans->v, cap * sizeof(*v))) == NULL) {
			spans->n = 1;
			spans->v[0] = (struct span){ 0, chunk };
			return;
		}
		spans->v = v;
		spans->cap = cap;
	}
	spans->v[spans->n++] = (struct span){ at, len };
}

int
spans_init(struct spans *spans)
{
	*spans = (struct spans){ .cap = SPANS_FIRST };
	spans->v = calloc(SPANS_FIRST, sizeof(*spans->v));
	return (spans->v == NULL ? -1 : 0);
}

void
spans_free(struct spans *spans)
{
	free(spans->v);
	*spans = (struct spans){ 0 };
}

bool
spans_touch(const struct spans *spans, size_t at, size_t len)
{
	const struct span *v = spans->v;
	size_t i;

	for (i = 0; i < spans->n; i++)
		if (v[i].at < at + len && v[i].at + v[i].len > at)
			return (true);
	return (false);
}
