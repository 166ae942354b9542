/*
 * What the server sends: value by value, each with its answer.
 */
#include "config.h"

#include "redis/pair.h"

#include <stdlib.h>
#include <string.h>

#include "redis/pair_ahead.h"
#include "redis/pair_match.h"
#include "redis/pair_reading.h"
#include "redis/pair_state.h"
#include "redis/redact_reply.h"

#define ANSWERS_LEAST 16

/* A chunk being fed. */
struct feed {
	struct pair *pair;
	struct pair_scratch *scratch;
	const uint8_t *data;
	const uint8_t *end;
};

static inline void
free_read(struct pair_scratch *s)
{
	struct pair_reading *r;

	while ((r = s->read) != NULL) {
		s->read = r->next;
		pair_reading_free(r);
	}
}

int
pair_scratch_init(struct pair_scratch *s)
{
	*s = (struct pair_scratch){ .cap = ANSWERS_LEAST };
	s->answers = calloc(s->cap, sizeof(*s->answers));
	s->reading = calloc(1, sizeof(*s->reading));
	if (spans_init(&s->spans) == -1 || s->answers == NULL ||
	    s->reading == NULL) {
		pair_scratch_free(s);
		return (-1);
	}
	return (0);
}

void
pair_scratch_free(struct pair_scratch *s)
{
	free(s->answers);
	pair_reading_free(s->reading);
	free_read(s);
	spans_free(&s->spans);
	free(s->secrets);
	*s = (struct pair_scratch){ .answers = NULL };
}

static int __attribute__((noinline))
grow_answers(struct pair_scratch *s)
{
	struct pair_answer *v;

	v = realloc(s->answers, 2 * s->cap * sizeof(*v));
	if (v == NULL)
		return (-1);
	s->answers = v;
	s->cap *= 2;
	return (0);
}

/* NULL: no memory; then this one is missing. */
static inline struct pair_answer *
add_answer(struct pair_scratch *s, enum pair_kind kind)
{
	struct pair_answer *v;

	if (s->nanswers == s->cap && grow_answers(s) == -1)
		return (NULL);
	v = &s->answers[s->nanswers++];
	v->kind = kind;
	v->last = false;
	v->value = (struct pair_value){ .data = NULL };
	return (v);
}

static void
add_error(struct pair_scratch *s, const struct pair_error *error)
{
	struct pair_answer *a = add_answer(s, PAIR_ERROR);

	if (a != NULL)
		a->error = *error;
}

/* A span more in the vector, which may move: until the end of the chunk a
 * value knows only how many are its own. */
static int
add_secret(struct pair_scratch *s, struct span span)
{
	size_t cap = s->secrets_cap == 0 ? ANSWERS_LEAST : 2 * s->secrets_cap;
	struct span *v;

	if (s->nsecrets == s->secrets_cap) {
		if ((v = realloc(s->secrets, cap * sizeof(*v))) == NULL)
			return (-1);
		s->secrets = v;
		s->secrets_cap = cap;
	}
	s->secrets[s->nsecrets++] = span;
	return (0);
}

/* What is secret in a value that stands from `from` up to `to` in the chunk. */
static void
copy_secrets(struct pair_scratch *s, size_t from, size_t to,
    struct pair_value *value)
{
	static const struct span all = { 0, SIZE_MAX };
	const struct spans *in = &s->spans;
	size_t i = in->n, at, end;

	while (i > 0 && in->v[i - 1].at + in->v[i - 1].len > from)
		i--;
	for (; i < in->n && in->v[i].at < to; i++) {
		at = in->v[i].at < from ? from : in->v[i].at;
		end = in->v[i].at + in->v[i].len;
		if (end > to)
			end = to;
		if (add_secret(s, (struct span){ at - from,
		    end - at }) == -1) {
			s->nsecrets -= value->nsecrets;
			value->secrets = &all;
			value->nsecrets = 1;
			return;
		}
		value->nsecrets++;
	}
}

static void
point_at_secrets(struct pair_scratch *s)
{
	struct pair_value *v;
	size_t i, at = 0;

	if (s->nsecrets == 0)
		return;
	for (i = 0; i < s->nanswers; i++) {
		v = &s->answers[i].value;
		if (v->nsecrets == 0 || v->secrets != NULL)
			continue;
		v->secrets = s->secrets + at;
		at += v->nsecrets;
	}
}

/* Stops searching for a value; answers may still point into the queue. */
static void
stop(struct pair *p)
{
	pair_ahead_renew(p);	/* for the last time */
	p->state = PAIR_OPAQUE;
	p->queue.from = p->queue.head = p->queue.tail;
	pair_reading_free(p->outer);
	p->outer = NULL;
}

static void
out_of_step(struct feed *f, uint64_t offset, const char *why)
{
	add_error(f->scratch, &(struct pair_error){ offset, -1, "out-of-step",
	    why });
	pair_ahead_renew(f->pair);
	pair_match_lose(f->pair);
}

static enum pair_verdict
judge(struct feed *f, const struct pair_frame *frame,
    struct pair_entry **entry)
{
	struct pair *p = f->pair;
	enum pair_verdict verdict;
	const char *why;

	if (pair_state_in_step(p)) {
		verdict = pair_match(p, frame, entry, &why);
		if (verdict == MATCH_UNASKED || verdict == MATCH_FORGOTTEN) {
			add_error(f->scratch, &(struct pair_error){
			    frame->offset, -1, verdict == MATCH_UNASKED ?
			    "unasked" : "forgotten", why });
			return (MATCH_UNPAIRED);
		}
		if (verdict != MATCH_LOST)
			return (verdict);
		out_of_step(f, frame->offset, why);
	}
	return (pair_match_again(p, frame, entry));
}

static struct pair_answer *
answer(struct feed *f, const struct pair_frame *frame)
{
	struct pair_entry *entry = NULL;
	struct pair_answer *a;
	enum pair_verdict verdict = f->pair->outer != NULL ?
	    pair_match_inside(f->pair, frame) : judge(f, frame, &entry);

	a = add_answer(f->scratch, verdict == MATCH_PUSH ? PAIR_PUSH :
	    verdict == MATCH_UNPAIRED ? PAIR_UNPAIRED : PAIR_REPLY);
	if (a == NULL)
		return (NULL);
	a->value.offset = frame->offset;
	if (a->kind == PAIR_REPLY) {
		a->last = verdict == MATCH_LAST;
		pair_queue_question(entry, &a->question);
	}
	return (a);
}

/* A value that lies in the chunk. */
static void
answer_in_place(struct feed *f, const struct pair_frame *frame,
    const uint8_t *from, const uint8_t *to)
{
	struct pair_answer *a = answer(f, frame);

	if (a == NULL)
		return;
	a->value.data = from;
	a->value.len = (size_t)(to - from);
	if (f->scratch->spans.n > 0)
		copy_secrets(f->scratch, (size_t)(from - f->data),
		    (size_t)(to - f->data), &a->value);
}

/* A value that came in several chunks. */
static void
answer_kept(struct feed *f, struct pair_reading *r)
{
	struct pair_answer *a = answer(f, &r->frame);
	const struct reply_keep *k = &r->keep;

	f->pair->unfinished = NULL;
	r->next = f->scratch->read;
	f->scratch->read = r;
	if (a == NULL)
		return;
	a->value.data = k->data.data;
	a->value.len = k->data.len;
	a->value.left_out = r->tokenizer.offset - r->frame.offset -
	    r->apart - k->data.len;
	a->value.gaps = k->gaps;
	a->value.ngaps = k->ngaps;
	a->value.secrets = k->secrets.v;
	a->value.nsecrets = k->secrets.n;
}

/* Values */

static uint64_t
offset(const struct feed *f, const uint8_t *at)
{
	return (f->pair->offset + (uint64_t)(at - f->data));
}

static void
bad_reply(struct feed *f, struct pair_reading *r)
{
	const struct reply_tokenizer *t = &r->tokenizer;

	if (pair_state_in_step(f->pair))
		add_error(f->scratch, &(struct pair_error){ t->bad_at,
		    t->bad_byte, "bad-reply", t->rule });
	if (r == f->pair->unfinished) {
		f->pair->unfinished = NULL;
		pair_reading_free(r);
	}
	stop(f->pair);
}

enum progress {
	READ_DONE,
	READ_MORE,
	READ_PUSH,		/* one interrupts the value */
	READ_BAD
};

/* Takes the value's tokens from *p on. */
static enum progress
read_value(struct feed *f, struct pair_reading *r, const uint8_t **p)
{
	const struct reply_chunk chunk = { f->data,
		(size_t)(f->end - f->data), &f->scratch->spans };
	bool kept = r == f->pair->unfinished;
	enum reply_result result;
	struct reply_token token;
	const uint8_t *from;

	for (;;) {
		from = *p;
		result = reply_next(&r->tokenizer, p, f->end, &token);
		if (result == REPLY_BAD)
			return (READ_BAD);
		if (result == REPLY_OK) {
			pair_reading_note(r, f->pair, &token);
			redact_reply_token(&r->redact, &token, chunk.data,
			    chunk.len, &f->scratch->spans);
		}
		if (kept)
			reply_keep_take(&r->keep, &chunk, from, *p,
			    result == REPLY_OK ? &token : NULL);
		if (result == REPLY_MORE)
			return (READ_MORE);
		if (result == REPLY_PUSHED)
			return (READ_PUSH);
		if (token.done || (r->header_only &&
		    r->frame.type == REPLY_ARRAY))
			return (READ_DONE);
	}
}

/* The value goes on in the next chunk, or behind a push: what there is of it is
 * kept, in a second go. */
static void
keep_value(struct feed *f, const uint8_t *p)
{
	const struct reply_chunk chunk = { f->data,
		(size_t)(f->end - f->data), &f->scratch->spans };
	struct pair_reading *r = malloc(sizeof(*r));
	enum reply_result result;
	struct reply_token token;
	const uint8_t *from;

	if (r == NULL) {
		out_of_step(f, offset(f, p), "no memory");
		stop(f->pair);
		f->pair->blind = true;
		return;
	}
	*r = *f->scratch->reading;
	redact_init(&f->scratch->reading->redact.line);	/* it is r's now */
	f->pair->unfinished = r;
	reply_keep_init(&r->keep, f->pair->options->clip);
	reply_init(&r->tokenizer);
	r->tokenizer.offset = r->frame.offset;
	do {
		from = p;
		result = reply_next(&r->tokenizer, &p, f->end, &token);
		reply_keep_take(&r->keep, &chunk, from, p,
		    result == REPLY_OK ? &token : NULL);
	} while (result == REPLY_OK);
}

/* The value ends here; if it is a push inside another one, that goes on. */
static void
resume_outer(struct feed *f, const uint8_t *at)
{
	struct pair *p = f->pair;
	struct pair_reading *r = p->outer;
	uint64_t n;

	if (r == NULL || p->unfinished != NULL)
		return;
	n = offset(f, at) - r->tokenizer.offset;
	reply_skip(&r->tokenizer, n);
	r->apart += n;
	p->unfinished = r;
	p->outer = NULL;
}

static const uint8_t *
begin_value(struct feed *f, const uint8_t *from, unsigned secrets)
{
	struct pair *p = f->pair;
	struct pair_reading *r = f->scratch->reading;
	const uint8_t *to = from;

	pair_reading_begin(r, p, *from, offset(f, from));
	redact_reply_free(&r->redact);
	redact_reply_init(&r->redact, p->options->redact, secrets);
	switch (read_value(f, r, &to)) {
	case READ_DONE:
		answer_in_place(f, &r->frame, from, to);
		resume_outer(f, to);
		break;
	case READ_MORE:
	case READ_PUSH:
		keep_value(f, from);
		break;
	case READ_BAD:
		bad_reply(f, r);
		break;
	}
	return (to);
}

static const uint8_t *
go_on(struct feed *f, const uint8_t *at)
{
	struct pair_reading *r = f->pair->unfinished;

	switch (read_value(f, r, &at)) {
	case READ_DONE:
		answer_kept(f, r);
		resume_outer(f, at);
		break;
	case READ_MORE:
		break;
	case READ_PUSH:
		f->pair->outer = r;
		f->pair->unfinished = NULL;
		return (begin_value(f, at, pair_match_secrets(f->pair)));
	case READ_BAD:
		bad_reply(f, r);
		break;
	}
	return (at);
}

/* Most replies are short, and need no tokens; NULL: this one does. */
static const uint8_t *
take_scalar(struct feed *f, const uint8_t *from)
{
	struct pair_frame *frame = &f->scratch->reading->frame;
	const uint8_t *to = pair_frame_scalar(frame, from, f->end);

	if (to != NULL) {
		frame->offset = offset(f, from);
		answer_in_place(f, frame, from, to);
	}
	return (to);
}

/* Whether any command may have such a reply: in a transaction QUEUED means
 * something, and errors may be the server's own. */
static inline bool
is_ordinary(const struct reply_scalar *s)
{
	return (s->type != REPLY_ERROR && (s->type != REPLY_STATUS ||
	    s->len != strlen("QUEUED") || memcmp(s->data, "QUEUED", s->len)));
}

/* The shortest way, for replies to ordinary commands: these need no rules.
 * Returns where the first one begins that may be none such. */
static const uint8_t *
take_ordinary(struct feed *f, const uint8_t *at)
{
	struct pair *p = f->pair;
	struct pair_entry *e;
	struct pair_answer *a;
	struct reply_scalar s;
	const uint8_t *to;

	if (p->options->redact == REDACT_VALUES)
		return (at);
	for (; at < f->end && (e = pair_state_ordinary(p)) != NULL; at = to) {
		to = reply_scalar(&s, at, f->end);
		if (to == NULL || !is_ordinary(&s) ||
		    (a = add_answer(f->scratch, PAIR_REPLY)) == NULL)
			break;
		a->last = true;
		a->value.data = at;
		a->value.len = (size_t)(to - at);
		a->value.offset = offset(f, at);
		pair_queue_question(e, &a->question);
		p->queue.head += pair_queue_size(e);
		p->queue.from = p->queue.head;
	}
	return (at);
}

static const uint8_t *
take_value(struct feed *f, const uint8_t *at)
{
	struct pair *p = f->pair;
	const uint8_t *to;
	unsigned secrets;

	if (p->unfinished != NULL)
		return (go_on(f, at));
	if ((to = take_ordinary(f, at)) > at)
		return (to);
	pair_state_silent(p);
	if (pair_match_is_sync(p, *at)) {
		add_error(f->scratch, &(struct pair_error){ offset(f, at), -1,
		    "opaque", "what answers SYNC is a stream of its own" });
		stop(p);
		return (f->end);
	}
	secrets = pair_match_secrets(p);
	if ((p->options->redact == REDACT_NONE ||
	    (p->options->redact == REDACT_SECRETS && secrets == 0)) &&
	    (to = take_scalar(f, at)) != NULL)
		return (to);
	return (begin_value(f, at, secrets));
}

void
pair_feed(struct pair *p, struct pair_scratch *s, const uint8_t *data,
    size_t len)
{
	struct feed f = { p, s, data, data + len };
	const uint8_t *at = data;

	s->nanswers = s->nsecrets = s->spans.n = 0;
	free_read(s);
	if (p->lost != NULL)
		out_of_step(&f, p->offset, p->lost);
	p->lost = NULL;
	while (at < f.end && p->state != PAIR_OPAQUE)
		at = take_value(&f, at);
	point_at_secrets(s);
	if (p->blind && p->options->redact != REDACT_NONE) {
		s->spans.n = 0;
		spans_add(&s->spans, 0, len, len);
	}
	p->offset += len;
}

void
pair_fed(struct pair *p, struct pair_scratch *s)
{
	free_read(s);
	s->nanswers = 0;
	pair_ahead_renew(p);
	pair_queue_trim(&p->queue);
}
