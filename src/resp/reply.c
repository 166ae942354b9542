#include "config.h"

#include "resp/reply.h"

#include <string.h>

/*
 *            line types                         +-> CR expected -> LF
 *   VALUE ------------------> LINE -------------+
 *     |      length types              > 0
 *     +---------------------> LENGTH -------> DATA -> DATA_CR -> DATA_LF
 *                               |                                  |
 *                               | aggregates: a level is pushed    |
 *     ^                         v                                  v
 *     +---------------- one value less on every level that it completes
 */
enum state {
	VALUE,			/* a type byte is next */
	LINE,			/* text up to CR */
	LINE_LF,
	LENGTH,			/* a number or ? up to CR */
	LENGTH_LF,
	DATA,
	DATA_CR,
	DATA_LF,
	CHUNK,			/* ';' of a streamed string is next */
	END_CR,			/* behind the '.' of a streamed aggregate */
	END_LF,
	CLOSING,		/* levels that are complete are popped */
	FAILED
};

#define REPLY_STREAMED UINT64_MAX

/* Elements, and bytes: nobody sends so many, and twice that many are counted
 * without an overflow. */
#define REPLY_COUNT_MAX ((uint64_t)INT32_MAX * 2)
#define REPLY_BYTES_MAX ((uint64_t)1 << 59)

enum step {
	STEP_GIVE,
	STEP_ON,
	STEP_MORE,
	STEP_PUSHED,
	STEP_BAD
};

void
reply_init(struct reply_tokenizer *t)
{
	t->offset = t->start = t->deep = 0;
	t->state = VALUE;
	t->depth = 0;
	t->begun = t->open = t->streamed = false;
}

static void
take(struct reply_tokenizer *t, const uint8_t **p, size_t n)
{
	*p += n;
	t->offset += n;
}

/* What is wrong is a byte that was taken so many bytes ago; 0: not yet. */
static enum step
fail_back(struct reply_tokenizer *t, const char *rule, uint8_t byte,
    uint64_t back)
{
	t->state = FAILED;
	t->rule = rule;
	t->bad_at = t->offset - back;
	t->bad_byte = byte;
	return (STEP_BAD);
}

static enum step
fail(struct reply_tokenizer *t, const char *rule, uint8_t byte)
{
	return (fail_back(t, rule, byte, 0));
}

/*
 * A value is complete: it counts in the aggregate that it stands in, except an
 * attribute.  Returns whether the reply is complete with it.
 */
static bool
end_value(struct reply_tokenizer *t, enum reply_type type)
{
	struct reply_level *level;

	t->state = VALUE;
	if (type == REPLY_ATTRIBUTE)
		return (false);
	if (t->depth == 0) {
		t->begun = false;
		return (true);
	}
	if (t->deep > 0 && --t->deep > 0)
		return (false);
	level = &t->stack[t->depth - 1];
	if (level->left != REPLY_STREAMED)
		level->left--;
	if (level->left == 0)
		t->state = CLOSING;
	return (false);
}

static enum step
give_piece(struct reply_tokenizer *t, struct reply_token *token,
    const uint8_t *data, size_t len, bool last)
{
	bool line = t->state == LINE || t->state == LINE_LF;

	*token = (struct reply_token){
		.kind = REPLY_PIECE,
		.type = t->type,
		.first = !t->open,
		.last = last,
		.data = data,
		.len = len,
		.count = line || t->streamed ? -1 : (int64_t)t->number,
	};
	t->open = !last;
	if (last) {
		t->streamed = false;
		token->done = end_value(t, t->type);
	}
	return (STEP_GIVE);
}

/* An aggregate is complete. */
static enum step
give_close(struct reply_tokenizer *t, struct reply_token *token)
{
	enum reply_type type = t->stack[--t->depth].type;

	*token = (struct reply_token){ .kind = REPLY_CLOSE, .type = type };
	token->done = end_value(t, type);
	return (STEP_GIVE);
}

/*
 * There is no level for the aggregate: its values are added to those that are
 * outstanding, until none is.  The first one is outstanding itself; an
 * attribute is not a value, so with the first one that behind it is meant.
 */
static enum step
open_deep(struct reply_tokenizer *t, struct reply_token *token, uint64_t values)
{
	bool first = t->deep == 0;

	if (t->streamed)
		return (fail_back(t, "a stream nested too deep", t->type,
		    strlen("*") + t->line + strlen("\r\n")));
	if (first)
		t->deep = 1;
	t->deep += values;
	(void)end_value(t, t->type);
	*token = (struct reply_token){ .kind = REPLY_DEEP, .type = t->type };
	return (first ? STEP_GIVE : STEP_ON);
}

static enum step
give_open(struct reply_tokenizer *t, struct reply_token *token)
{
	uint64_t values = t->number;

	if (t->type == REPLY_MAP || t->type == REPLY_ATTRIBUTE)
		values *= 2;
	if (t->depth == REPLY_DEPTH_MAX)
		return (open_deep(t, token, values));
	t->stack[t->depth++] = (struct reply_level){
		t->streamed ? REPLY_STREAMED : values, t->type };
	*token = (struct reply_token){
		.kind = REPLY_OPEN,
		.type = t->type,
		.count = t->streamed ? -1 : (int64_t)t->number,
	};
	t->state = values == 0 && !t->streamed ? CLOSING : VALUE;
	t->streamed = false;
	return (STEP_GIVE);
}

static enum step
step_value(struct reply_tokenizer *t, const uint8_t **p)
{
	uint8_t c = **p;
	bool streamed_level = t->depth > 0 && t->deep == 0 &&
	    t->stack[t->depth - 1].left == REPLY_STREAMED;

	if (c == '>' && t->depth > 0 && t->stack[0].type != REPLY_PUSH)
		return (STEP_PUSHED);
	if (!t->begun)
		t->start = t->offset;
	t->begun = true;
	t->number = 0;
	t->line = 0;
	t->negative = t->streamed = false;
	if (c == '>' && t->depth > 0)
		return (fail(t, "a push inside a push", c));
	switch (c) {
	case '+': case '-': case ':': case '_': case ',': case '#': case '(':
		t->state = LINE;
		break;
	case '$': case '!': case '=': case '*': case '%': case '~': case '|':
	case '>':
		t->state = LENGTH;
		break;
	case '.':
		if (!streamed_level)
			return (fail(t, "an end without a stream", c));
		t->state = END_CR;
		break;
	default:
		return (fail(t, "not a type of reply", c));
	}
	t->type = c;
	take(t, p, 1);
	return (STEP_ON);
}

static enum step
step_line(struct reply_tokenizer *t, const uint8_t **p, const uint8_t *end,
    struct reply_token *token)
{
	const uint8_t *data = *p, *q = data;

	while (q < end && *q != '\r' && *q != '\n')
		q++;
	take(t, p, (size_t)(q - data));
	if (q == end)
		return (give_piece(t, token, data, (size_t)(q - data), false));
	if (*q == '\n' && q == data)
		return (fail(t, "a line without its CR", *q));
	if (*q == '\r') {
		take(t, p, 1);
		t->state = LINE_LF;
	}
	if (q == data)
		return (STEP_ON);
	return (give_piece(t, token, data, (size_t)(q - data), false));
}

static uint64_t
length_max(uint8_t type)
{
	return (type == REPLY_BULK || type == REPLY_BLOB_ERROR ||
	    type == REPLY_VERBATIM || type == ';' ? REPLY_BYTES_MAX :
	    REPLY_COUNT_MAX);
}

static enum step
step_length(struct reply_tokenizer *t, const uint8_t **p, const uint8_t *end)
{
	for (; *p < end; take(t, p, 1), t->line++) {
		uint8_t c = **p;
		unsigned digit = (unsigned)c - '0';

		if (c == '\r' && t->line > (t->negative ? 1 : 0)) {
			t->state = LENGTH_LF;
			take(t, p, 1);
			return (STEP_ON);
		}
		if (t->line == 0 && c == '-')
			t->negative = true;
		else if (t->line == 0 && c == '?' && t->type != ';')
			t->streamed = true;
		else if (digit > 9 || t->streamed ||
		    (t->number = t->number * 10 + digit) >
		    length_max(t->type))
			return (fail(t, "not a length", c));
	}
	return (STEP_MORE);
}

/* The header is complete: a string or an aggregate begins. */
static enum step
step_length_end(struct reply_tokenizer *t, const uint8_t **p,
    struct reply_token *token)
{
	bool null = t->negative && t->number == 1 &&
	    (t->type == REPLY_BULK || t->type == REPLY_ARRAY);

	if (**p != '\n')
		return (fail(t, "CR without its LF", **p));
	if (t->negative && !null)
		return (fail_back(t, "not a length", '-', t->line + 1u));
	take(t, p, 1);
	if (null) {
		t->type = REPLY_NULL;
		t->number = 0;
		return (give_piece(t, token, NULL, 0, true));
	}
	switch (t->type) {
	case REPLY_BULK:
	case REPLY_BLOB_ERROR:
	case REPLY_VERBATIM:
		t->bulk_left = t->number;
		t->state = t->streamed ? CHUNK :
		    t->number > 0 ? DATA : DATA_CR;
		return (STEP_ON);
	case ';':		/* a chunk; the one of no bytes is the last */
		t->type = REPLY_BULK;
		t->bulk_left = t->number;
		t->streamed = true;
		if (t->number == 0)
			return (give_piece(t, token, NULL, 0, true));
		t->state = DATA;
		return (STEP_ON);
	default:
		return (give_open(t, token));
	}
}

static enum step
step_data(struct reply_tokenizer *t, const uint8_t **p, const uint8_t *end,
    struct reply_token *token)
{
	const uint8_t *data = *p;
	size_t n = (size_t)(end - data);

	if (n > t->bulk_left)
		n = (size_t)t->bulk_left;
	t->bulk_left -= n;
	take(t, p, n);
	if (t->bulk_left == 0)
		t->state = DATA_CR;
	/* The last piece waits for the CRLF, unless it comes at once. */
	if (t->bulk_left == 0 && !t->streamed && end - *p >= 2 &&
	    (*p)[0] == '\r' && (*p)[1] == '\n') {
		take(t, p, 2);
		return (give_piece(t, token, data, n, true));
	}
	return (give_piece(t, token, data, n, false));
}

static enum step
step_chunk(struct reply_tokenizer *t, const uint8_t **p)
{
	if (**p != ';')
		return (fail(t, "not a chunk of a streamed string", **p));
	take(t, p, 1);
	t->type = ';';
	t->state = LENGTH;
	t->number = 0;
	t->line = 0;
	t->streamed = false;
	return (STEP_ON);
}

/* One byte that must be CR or LF, and what comes behind it. */
static enum step
step_newline(struct reply_tokenizer *t, const uint8_t **p,
    struct reply_token *token)
{
	bool cr = t->state == DATA_CR || t->state == END_CR;

	if (**p != (cr ? '\r' : '\n'))
		return (fail(t, "CRLF is missing", **p));
	take(t, p, 1);
	switch (t->state) {
	case DATA_CR:
		t->state = DATA_LF;
		return (STEP_ON);
	case END_CR:
		t->state = END_LF;
		return (STEP_ON);
	case END_LF:
		return (give_close(t, token));
	case DATA_LF:
		if (t->streamed) {
			t->state = CHUNK;
			return (STEP_ON);
		}
		return (give_piece(t, token, NULL, 0, true));
	default:		/* LINE_LF */
		return (give_piece(t, token, NULL, 0, true));
	}
}

static enum step
step(struct reply_tokenizer *t, const uint8_t **p, const uint8_t *end,
    struct reply_token *token)
{
	if (t->state == CLOSING)
		return (give_close(t, token));
	if (t->state == FAILED)
		return (STEP_BAD);
	if (*p == end)
		return (STEP_MORE);
	switch (t->state) {
	case VALUE:
		return (step_value(t, p));
	case LINE:
		return (step_line(t, p, end, token));
	case LENGTH:
		return (step_length(t, p, end));
	case LENGTH_LF:
		return (step_length_end(t, p, token));
	case DATA:
		return (step_data(t, p, end, token));
	case CHUNK:
		return (step_chunk(t, p));
	default:
		return (step_newline(t, p, token));
	}
}

enum reply_result
reply_next(struct reply_tokenizer *t, const uint8_t **p, const uint8_t *end,
    struct reply_token *token)
{
	for (;;) {
		switch (step(t, p, end, token)) {
		case STEP_GIVE:
			return (REPLY_OK);
		case STEP_MORE:
			return (REPLY_MORE);
		case STEP_PUSHED:
			return (REPLY_PUSHED);
		case STEP_BAD:
			return (REPLY_BAD);
		case STEP_ON:
			break;
		}
	}
}

void
reply_skip(struct reply_tokenizer *t, uint64_t n)
{
	t->offset += n;
	if (t->state != DATA)
		return;
	t->bulk_left -= n;
	if (t->bulk_left == 0)
		t->state = DATA_CR;
}

/* Scalars in one go */

/* Text up to CR LF; returns what is behind it, or NULL. */
static const uint8_t *
whole_line(struct reply_scalar *s, const uint8_t *p, const uint8_t *end)
{
	s->data = p;
	while (p < end && *p != '\r' && *p != '\n')
		p++;
	if (end - p < 2 || p[0] != '\r' || p[1] != '\n')
		return (NULL);
	s->len = (size_t)(p - s->data);
	return (p + 2);
}

/* The same for a length, and so many bytes. */
static const uint8_t *
whole_bulk(struct reply_scalar *s, const uint8_t *p, const uint8_t *end)
{
	const uint8_t *digits = p;
	unsigned digit;
	size_t n = 0;

	for (; p < end && (digit = (unsigned)*p - '0') <= 9 &&
	    p - digits < 9; p++)
		n = n * 10 + digit;
	if (p == digits || end - p < 4 || p[0] != '\r' || p[1] != '\n')
		return (NULL);
	p += 2;
	if (n > (size_t)(end - p) - 2 || p[n] != '\r' || p[n + 1] != '\n')
		return (NULL);
	s->data = p;
	s->len = n;
	return (p + n + 2);
}

const uint8_t *
reply_scalar(struct reply_scalar *s, const uint8_t *from, const uint8_t *end)
{
	static const char null[] = "$-1\r\n";
	size_t len = strlen(null);

	s->type = *from;
	switch (*from) {
	case '+':
	case '-':
	case ':':
		return (whole_line(s, from + 1, end));
	case '$':
		if ((size_t)(end - from) < len || from[1] != '-')
			return (whole_bulk(s, from + 1, end));
		if (memcmp(from, null, len) != 0)
			return (NULL);
		*s = (struct reply_scalar){ REPLY_NULL, NULL, 0 };
		return (from + len);
	default:
		return (NULL);
	}
}
