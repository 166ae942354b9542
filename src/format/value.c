#include "config.h"

#include "format/value.h"

/* A scalar while its pieces come in. */
struct scalar {
	const uint8_t *data;	/* NULL: nothing yet, or it is in joined */
	size_t len;
	uint64_t size;		/* bytes so far, also those not in joined */
	bool joined;
};

bool
value_has_keys(uint8_t type)
{
	return (type == REPLY_MAP || type == REPLY_ATTRIBUTE);
}

void
value_init(struct value *v, const struct record_bytes *in, size_t clip)
{
	v->in = in;
	v->at = v->gap = 0;
	v->passed = 0;
	v->clip = clip;
	reply_measure_init(&v->measure, clip);
	v->room = VALUE_SHOWN_MAX;
	v->span = 0;
	v->done = v->bad = false;
	v->depth = 0;
	v->stack[0] = (struct value_place){ 0 };
	reply_init(&v->tokenizer);
	v->joined = (struct bytes){ 0 };
}

void
value_free(struct value *v)
{
	bytes_free(&v->joined);
}

/* Runs */

static size_t
span_end(const struct span *s)
{
	return (s->at + s->len);
}

bool
value_next_run(struct value_bytes *b, struct value_run *run)
{
	const struct span *s = b->in->secrets;
	size_t end = b->end;

	if (b->at >= b->end)
		return (false);
	while (b->span < b->in->nsecrets && span_end(&s[b->span]) <= b->at)
		b->span++;
	run->secret = false;
	if (b->span < b->in->nsecrets) {
		run->secret = s[b->span].at <= b->at;
		end = run->secret ? span_end(&s[b->span]) : s[b->span].at;
		if (end > b->end)
			end = b->end;
	}
	run->data = b->in->data + b->at;
	run->len = end - b->at;
	b->at = end;
	return (true);
}

bool
value_has_secrets(struct value_bytes b)
{
	struct value_run run;

	if (b.in->nsecrets == 0)
		return (false);
	while (value_next_run(&b, &run))
		if (run.secret)
			return (true);
	return (false);
}

bool
value_is_secret(struct value_bytes b)
{
	struct value_run run = { .secret = false };

	while (value_next_run(&b, &run))
		if (!run.secret)
			return (false);
	return (run.secret);
}

/* Scalars */

static struct value_bytes
range(const struct value *v, const uint8_t *data, size_t len)
{
	size_t at = data != NULL ? (size_t)(data - v->in->data) : 0;

	return ((struct value_bytes){ v->in, at, at + len, v->span });
}

static void
join(struct value *v, const uint8_t *data, size_t len)
{
	if (value_has_secrets(range(v, data, len)))
		v->joined_secret.len = SIZE_MAX;
	bytes_add(&v->joined, data, len);
}

/* The first len bytes of a piece are kept.  One that follows the one before
 * in memory too needs no copy. */
static void
add_piece(struct value *v, struct scalar *s, const struct reply_token *token,
    size_t len)
{
	s->size += token->len;
	if (len == 0)
		return;
	if (s->data == NULL && !s->joined) {
		s->data = token->data;
		s->len = len;
		return;
	}
	if (!s->joined && s->data + s->len == token->data) {
		s->len += len;
		return;
	}
	if (!s->joined) {
		v->joined_secret = (struct span){ 0, 0 };
		bytes_truncate(&v->joined, 0);
		join(v, s->data, s->len);
		s->joined = true;
	}
	join(v, token->data, len);
}

/* All of it is secret or nothing: where in the chunks that was is lost. */
static struct value_bytes
joined(struct value *v)
{
	v->joined_in = (struct record_bytes){
		.data = v->joined.data,
		.len = v->joined.len,
		.secrets = &v->joined_secret,
		.nsecrets = v->joined_secret.len > 0 ? 1 : 0,
	};
	return ((struct value_bytes){ &v->joined_in, 0, v->joined.len, 0 });
}

static bool
is_number(enum reply_type type)
{
	return (type == REPLY_INTEGER || type == REPLY_DOUBLE ||
	    type == REPLY_BIGNUM || type == REPLY_BOOLEAN);
}

/* The same for a scalar that is secret as far as it is kept: its whole length
 * is told, including what is not there. */
static struct value_bytes
hidden(struct value *v, uint64_t size)
{
	v->joined_secret = (struct span){ 0, SIZE_MAX };
	v->joined_in = (struct record_bytes){
		.data = v->in->data,
		.len = (size_t)size,
		.secrets = &v->joined_secret,
		.nsecrets = 1,
	};
	return ((struct value_bytes){ &v->joined_in, 0, (size_t)size, 0 });
}

/*
 * How many of the bytes are shown.  A part of a number would be another
 * number.
 */
static size_t
clip(struct value *v, enum reply_type type, uint64_t size)
{
	bool whole = is_number(type) && size <= VALUE_NUMBER_MAX;
	size_t n = v->clip;

	if (n > v->room)
		n = v->room;
	if (whole)
		n = v->room < size ? 0 : (size_t)size;
	if (n > size)
		n = (size_t)size;
	v->room -= n;
	return (n);
}

static bool
end_scalar(struct value *v, const struct scalar *s, enum reply_type type,
    struct value_item *item)
{
	struct value_bytes *b = &item->bytes;
	size_t n;

	*b = s->joined ? joined(v) : range(v, s->data, s->len);
	item->left_out = 0;
	if (v->joined.failed)
		return (false);
	if (value_is_secret(*b)) {
		*b = hidden(v, s->size);
		return (true);
	}
	n = clip(v, type, s->size);
	b->end = b->at + n;
	item->left_out = s->size - n;
	return (true);
}

/* Items */

static void
set_place(const struct value *v, struct value_item *item)
{
	const struct value_place *p = &v->stack[v->depth];

	item->parent = p->type;
	item->index = p->values;
	item->attributes = p->attributes;
}

static void
end_value(struct value *v, enum reply_type type)
{
	struct value_place *p = &v->stack[v->depth];

	if (type == REPLY_ATTRIBUTE) {
		p->attributes++;
		return;
	}
	p->attributes = 0;
	p->values++;
}

/* A streamed aggregate may end where the tokenizer cannot know that something
 * is missing. */
static bool
is_complete(const struct value *v)
{
	const struct value_place *p = &v->stack[v->depth];

	return (p->attributes == 0 &&
	    !(value_has_keys(p->type) && p->values % 2 == 1));
}

/* Returns false when the item is not to be had. */
static bool
take_token(struct value *v, const struct scalar *s,
    const struct reply_token *token, struct value_item *item)
{
	item->type = token->type;
	switch (token->kind) {
	case REPLY_PIECE:
		item->kind = VALUE_SCALAR;
		set_place(v, item);
		if (!token->last)
			return (true);
		if (!end_scalar(v, s, token->type, item))
			return (false);
		end_value(v, token->type);
		return (true);
	case REPLY_OPEN:
		item->kind = VALUE_OPEN;
		set_place(v, item);
		v->stack[++v->depth] = (struct value_place){
			.type = (uint8_t)token->type };
		return (true);
	case REPLY_CLOSE:
		if (!is_complete(v))
			return (false);
		item->kind = VALUE_CLOSE;
		v->depth--;
		set_place(v, item);
		end_value(v, token->type);
		return (true);
	case REPLY_DEEP:
		break;
	}
	return (false);
}

/* Secrets that end before the next item are of no more use. */
static void
pass(struct value *v, size_t at)
{
	v->at = at;
	v->passed = v->tokenizer.offset;
	while (v->span < v->in->nsecrets &&
	    span_end(&v->in->secrets[v->span]) <= at)
		v->span++;
}

static uint64_t
total(const struct value *v)
{
	return (v->in->len + v->in->left_out);
}

/* The next token, which may stand behind a gap; and its bytes for the scalar
 * at hand. */
static enum reply_result
next_token(struct value *v, struct scalar *s, const uint8_t **p,
    struct reply_token *token)
{
	const struct record_bytes *in = v->in;
	const uint8_t *from, *end;
	enum reply_result result;
	bool gap;
	size_t left;

	for (;;) {
		from = *p;
		gap = v->gap < in->ngaps;
		end = in->data + (gap ? in->gaps[v->gap].at : in->len);
		result = reply_next(&v->tokenizer, p, end, token);
		left = reply_measure_take(&v->measure, from, *p,
		    result == REPLY_OK ? token : NULL);
		if (result == REPLY_OK && token->kind == REPLY_PIECE)
			add_piece(v, s, token, token->len - left);
		if (result != REPLY_MORE || !gap)
			return (result);
		reply_skip(&v->tokenizer, in->gaps[v->gap].n);
		reply_measure_skip(&v->measure, in->gaps[v->gap].n);
		s->size += in->gaps[v->gap++].n;
	}
}

static enum value_result
cut(const struct value *v, struct value_item *item)
{
	set_place(v, item);
	item->left_out = total(v) - v->passed;
	return (VALUE_CUT);
}

enum value_result
value_next(struct value *v, struct value_item *item)
{
	const uint8_t *p;
	struct scalar s = { 0 };
	struct reply_token token;
	enum reply_result result;

	if (v->done && !v->bad && v->at == v->in->len)
		return (VALUE_END);
	if (v->done || total(v) == 0)
		v->bad = true;
	if (v->bad)
		return (VALUE_BAD);
	p = v->in->data + v->at;
	do {
		result = next_token(v, &s, &p, &token);
		if (!reply_measure_fits(&v->measure) ||
		    (result == REPLY_MORE && v->tokenizer.offset < total(v)) ||
		    (result == REPLY_OK && token.kind == REPLY_DEEP))
			return (cut(v, item));
		if (result != REPLY_OK || !take_token(v, &s, &token, item)) {
			v->bad = true;
			return (VALUE_BAD);
		}
	} while (token.kind == REPLY_PIECE && !token.last);
	v->done = token.done;
	pass(v, (size_t)(p - v->in->data));
	return (VALUE_OK);
}

/* Where, behind the last item, the first byte that is not kept would be. */
static size_t
first_gap(const struct value *v)
{
	const uint8_t *p = v->in->data, *end, *from;
	struct reply_tokenizer t;
	struct reply_token token;
	struct reply_measure m;
	size_t i, left;

	for (i = 0; i < v->in->ngaps; i++)
		if (v->in->gaps[i].at > v->at)
			return (v->in->gaps[i].at);
	if (v->in->left_out > 0 || v->in->len == 0)
		return (v->in->len);
	end = p + v->in->len;
	reply_init(&t);
	reply_measure_init(&m, v->clip);
	while (from = p, reply_next(&t, &p, end, &token) == REPLY_OK) {
		left = reply_measure_take(&m, from, p, &token);
		if (left > 0 && p > v->in->data + v->at)
			return ((size_t)(token.data - v->in->data) +
			    token.len - left);
	}
	return (v->in->len);
}

uint64_t
value_rest(const struct value *v, struct value_bytes *rest)
{
	size_t len = first_gap(v) - v->at;

	if (len > VALUE_SHOWN_MAX)
		len = VALUE_SHOWN_MAX;
	*rest = (struct value_bytes){ v->in, v->at, v->at + len, v->span };
	return (total(v) - v->passed - len);
}
