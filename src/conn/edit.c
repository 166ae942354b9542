#include "config.h"

#include "conn/edit.h"

#include <assert.h>
#include <stdlib.h>

struct edit_out {
	const uint8_t *came;
	size_t len;
	size_t decided;		/* of it */
	struct bytes went;
	struct edit_change *changes;
	size_t nchanges;
	size_t cap;
	bool failed;
};

/* One direction. */
struct stream {
	struct bytes held;	/* the first `done` of them are decided */
	size_t done;
	uint64_t came;		/* bytes that have been decided on before */
	uint64_t went;		/* and those that took their place */
	struct edit_out out;
};

struct conn_edit {
	const struct edit *edit;
	void *state;
	struct stream streams[2];
	struct redact redact;
};

/* What an editor says */

void
edit_keep(struct edit_out *o, size_t n)
{
	assert(n <= o->len - o->decided);
	bytes_add(&o->went, o->came + o->decided, n);
	o->decided += n;
}

static void
add_change(struct edit_out *o, struct edit_change change)
{
	size_t cap = o->cap == 0 ? 4 : 2 * o->cap;
	struct edit_change *v;

	if (o->nchanges == o->cap) {
		v = realloc(o->changes, cap * sizeof(*v));
		if (v == NULL) {
			o->failed = true;
			return;
		}
		o->changes = v;
		o->cap = cap;
	}
	o->changes[o->nchanges++] = change;
}

void
edit_replace(struct edit_out *o, size_t n, const void *with, size_t len)
{
	assert(n <= o->len - o->decided);
	add_change(o, (struct edit_change){ o->decided, n, o->went.len, len });
	bytes_add(&o->went, with, len);
	o->decided += n;
}

/* The relay's side */

struct conn_edit *
conn_edit_new(const struct edit *edit)
{
	struct conn_edit *e;

	if ((e = calloc(1, sizeof(*e))) == NULL)
		return (NULL);
	e->edit = edit;
	redact_init(&e->redact);
	if (edit->size == 0 || (e->state = calloc(1, edit->size)) != NULL)
		return (e);
	free(e);
	return (NULL);
}

void
conn_edit_free(struct conn_edit *e)
{
	int i;

	if (e == NULL)
		return;
	if (e->edit->free != NULL)
		e->edit->free(e->state);
	for (i = 0; i < 2; i++) {
		bytes_free(&e->streams[i].held);
		bytes_free(&e->streams[i].out.went);
		free(e->streams[i].out.changes);
	}
	redact_free(&e->redact);
	free(e->state);
	free(e);
}

struct redact *
conn_edit_redact(struct conn_edit *e)
{
	return (&e->redact);
}

/* What is decided needs no holding any more. */
static void
forget_decided(struct stream *s)
{
	size_t left = s->held.len - s->done;

	if (left > 0 && s->done > 0)
		memmove(s->held.data, s->held.data + s->done, left);
	bytes_truncate(&s->held, left);
	if (left == 0)
		bytes_free(&s->held);
	s->done = 0;
}

int
conn_edit_take(struct conn_edit *e, enum edit_side side, const uint8_t *data,
    size_t len, bool end, struct edit_result *result)
{
	struct stream *s = &e->streams[side];
	struct edit_out *o = &s->out;
	bool held, all;

	forget_decided(s);
	held = s->held.len > 0;
	if (held)
		bytes_add(&s->held, data, len);
	o->came = held ? s->held.data : data;
	o->len = held ? s->held.len : len;
	o->decided = o->nchanges = 0;
	bytes_truncate(&o->went, 0);
	all = end || o->len >= EDIT_HELD_MAX;
	e->edit->look(e->state, side, o->came, o->len, all, o);
	if (all)
		edit_keep(o, o->len - o->decided);
	if (held)
		s->done = o->decided;
	else
		bytes_add(&s->held, data + o->decided, len - o->decided);
	*result = (struct edit_result){
		.came = o->came,
		.ncame = o->decided,
		.came_offset = s->came,
		.went = o->went.data,
		.nwent = o->went.len,
		.went_offset = s->went,
		.changes = o->changes,
		.nchanges = o->nchanges,
	};
	s->came += result->ncame;
	s->went += result->nwent;
	return (s->held.failed || o->went.failed || o->failed ? -1 : 0);
}

bool
conn_edit_holds(const struct conn_edit *e, enum edit_side side)
{
	return (e->streams[side].held.len > e->streams[side].done);
}

/* Bytes from `at` on that came, and went somewhere else. */
static void
move_spans(const struct spans *came, size_t at, size_t len, size_t to,
    const struct edit_result *r, struct spans *went)
{
	size_t i, from, end;

	for (i = 0; i < came->n; i++) {
		from = came->v[i].at;
		end = from + came->v[i].len;
		if (from < at)
			from = at;
		if (end > at + len)
			end = at + len;
		if (from < end)
			spans_add(went, to + from - at, end - from, r->nwent);
	}
}

void
conn_edit_spans(const struct edit_result *r, const struct spans *came,
    struct spans *went)
{
	const struct edit_change *c;
	size_t at = 0, to = 0, i;

	went->n = 0;
	if (came->n == 0)
		return;
	for (i = 0; i < r->nchanges; i++) {
		c = &r->changes[i];
		move_spans(came, at, c->came_at - at, to, r, went);
		if (spans_touch(came, c->came_at, c->came))
			spans_add(went, c->went_at, c->went, r->nwent);
		at = c->came_at + c->came;
		to = c->went_at + c->went;
	}
	move_spans(came, at, r->ncame - at, to, r, went);
}
