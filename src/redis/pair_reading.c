#include "config.h"

#include "redis/pair_reading.h"

#include <stdlib.h>
#include <string.h>

#include "redis/pair_state.h"

static void
begin_frame(struct pair_frame *frame, uint8_t byte)
{
	size_t i;

	frame->count = -1;
	frame->byte = byte;
	frame->type = 0;
	frame->nstrings = 0;
	frame->lines = true;
	frame->last.size = frame->last.len = 0;
	for (i = 0; i < PAIR_STRINGS; i++) {
		frame->s[i].size = 0;
		frame->s[i].type = frame->s[i].len = 0;
	}
}

static void
note_text(struct pair_string *s, const uint8_t *data, size_t len)
{
	size_t n = sizeof(s->data) - s->len;

	s->size += len;
	if (n > len)
		n = len;
	if (n > 0)
		memcpy(s->data + s->len, data, n);
	s->len += (uint8_t)n;
}

/* An element of the value itself begins. */
static void
note_element(struct pair *p, struct pair_reading *r, uint8_t type)
{
	if (r->frame.nstrings <= PAIR_STRINGS)
		r->frame.nstrings++;
	r->frame.lines &= type == REPLY_STATUS;
	r->frame.last.size = r->frame.last.len = 0;
	if (r->in_exec)
		pair_state_element(p, &r->element, type);
}

static void
note_piece(struct pair *p, struct pair_reading *r,
    const struct reply_token *token, unsigned depth)
{
	struct pair_string *s = &r->frame.s[0];

	if (depth > 1)
		return;
	if (depth == 0) {
		r->frame.type = (uint8_t)token->type;
	} else {
		if (token->first)
			note_element(p, r, (uint8_t)token->type);
		if (p->debug != PAIR_DEBUG_OFF)
			note_text(&r->frame.last, token->data, token->len);
		if (r->frame.nstrings > PAIR_STRINGS)
			return;
		s += r->frame.nstrings - 1;
	}
	s->type = (uint8_t)token->type;
	note_text(s, token->data, token->len);
}

static void
note_open(struct pair *p, struct pair_reading *r,
    const struct reply_token *token, unsigned depth)
{
	if (depth == 1)
		note_element(p, r, (uint8_t)token->type);
	if (depth > 0)
		return;
	r->frame.type = (uint8_t)token->type;
	r->frame.count = token->count;
	if (token->type != REPLY_ARRAY ||
	    token->count != (int64_t)p->queued)
		r->in_exec = false;
}

void
pair_reading_note(struct pair_reading *r, struct pair *p,
    const struct reply_token *token)
{
	unsigned depth = r->tokenizer.depth - (token->kind == REPLY_OPEN);

	if (r->attribute > 0) {
		if (token->kind == REPLY_CLOSE && depth + 1 == r->attribute)
			r->attribute = 0;
		return;
	}
	if (token->kind == REPLY_PIECE)
		note_piece(p, r, token, depth);
	else if (token->kind == REPLY_OPEN && token->type == REPLY_ATTRIBUTE)
		r->attribute = (uint8_t)(depth + 1);
	else if (token->kind == REPLY_OPEN)
		note_open(p, r, token, depth);
}

void
pair_reading_begin(struct pair_reading *r, const struct pair *p, uint8_t byte,
    uint64_t offset)
{
	bool exec = pair_match_is_exec(p);

	begin_frame(&r->frame, byte);
	r->frame.offset = offset;
	r->apart = 0;
	r->element = SIZE_MAX;
	r->attribute = 0;
	r->header_only = exec && p->irregular;
	r->in_exec = exec && !p->irregular;
	reply_init(&r->tokenizer);
	r->tokenizer.offset = offset;
}

void
pair_reading_free(struct pair_reading *r)
{
	if (r == NULL)
		return;
	redact_reply_free(&r->redact);
	reply_keep_free(&r->keep);
	free(r);
}

const uint8_t *
pair_frame_scalar(struct pair_frame *frame, const uint8_t *from,
    const uint8_t *end)
{
	struct reply_scalar scalar;
	const uint8_t *to = reply_scalar(&scalar, from, end);

	if (to == NULL)
		return (NULL);
	begin_frame(frame, *from);
	frame->type = frame->s[0].type = (uint8_t)scalar.type;
	note_text(&frame->s[0], scalar.data, scalar.len);
	return (to);
}
