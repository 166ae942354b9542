#include "config.h"

#include "resp/tokenizer.h"

#include <stdio.h>

#include "resp/escape.h"

/*
 *            '*'                 count > 0               '$'
 *   START ---------> COUNT -> COUNT_LF ---------> MARK -------> SIZE -> SIZE_LF
 *     |                            |               ^                       |
 *     | other          count <= 0  v  no args left |                       v
 *     v                           END <------- DATA_LF <-- DATA_CR <---- DATA
 *   BLANK <-> WORD <-> the quotes
 *     | LF
 *     v
 *    END
 *
 * A line that can no longer be right is judged only where Redis judges it: a
 * header after the byte behind its CR, an inline command at its LF.  Redis
 * looks for these with strchr(3), so that a NUL hides them and the line grows
 * until it is too long: FROZEN.
 */
enum state {
	START,
	COUNT,			/* after '*', up to CR */
	COUNT_LF,		/* the byte after that CR, whatever it is */
	MARK,			/* where '$' belongs */
	SIZE,
	SIZE_LF,
	DATA,
	DATA_CR,		/* two bytes after a bulk string, whatever */
	DATA_LF,
	BLANK,			/* inline, between arguments */
	WORD,			/* in an argument, outside quotes */
	DOUBLE,			/* inside "" */
	DOUBLE_ESCAPE,		/* after a backslash there */
	DOUBLE_HEX,		/* after \x */
	DOUBLE_HEX2,		/* after \x and a hex digit */
	DOUBLE_HELD,		/* that digit was none: it follows */
	SINGLE,			/* inside '' */
	SINGLE_ESCAPE,
	CLOSED,			/* after a closing quote */
	UNBALANCED,		/* quotes are wrong; on to the LF */
	FROZEN,			/* a NUL was in the line */
	FAILED
};

static const struct {
	const char *name;
	const char *text;
} rules[] = {
	[RULE_INLINE_SIZE] = { "too-big-inline",
	    "too big inline request" },
	[RULE_QUOTES] = { "unbalanced-quotes",
	    "unbalanced quotes in request" },
	[RULE_COUNT_SIZE] = { "too-big-count-string",
	    "too big mbulk count string" },
	[RULE_COUNT] = { "invalid-multibulk-length",
	    "invalid multibulk length" },
	[RULE_BULK_SIZE] = { "too-big-bulk-count-string",
	    "too big bulk count string" },
	[RULE_BULK_MARK] = { "expected-dollar",
	    "expected '$', got '?'" },
	[RULE_BULK] = { "invalid-bulk-length",
	    "invalid bulk length" },
};

/* What an escape stands for is not in the input: one static byte each. */
#define FOUR(n) (n), (n) + 1, (n) + 2, (n) + 3
#define SIXTEEN(n) FOUR(n), FOUR((n) + 4), FOUR((n) + 8), FOUR((n) + 12)
#define SIXTYFOUR(n)                                                           \
	SIXTEEN(n), SIXTEEN((n) + 16), SIXTEEN((n) + 32), SIXTEEN((n) + 48)
static const uint8_t all_bytes[256] = {
	SIXTYFOUR(0), SIXTYFOUR(64), SIXTYFOUR(128), SIXTYFOUR(192)
};

/* What a state's step comes to. */
enum step {
	STEP_GIVE,		/* *token is filled in */
	STEP_ON,		/* on with the state it is in now */
	STEP_MORE,
	STEP_BAD
};

void
tokenizer_init(struct tokenizer *t)
{
	*t = (struct tokenizer){ .state = START };
}

static bool
is_blank(uint8_t c)
{
	return (c == ' ' || (c >= '\t' && c <= '\r'));
}

static void
take(struct tokenizer *t, const uint8_t **p, size_t n)
{
	*p += n;
	t->offset += n;
	t->line += (uint32_t)n;
}

static enum step
begin_line(struct tokenizer *t, enum state state)
{
	t->state = (uint8_t)state;
	t->line = 0;
	t->number = 0;
	t->negative = false;
	t->bad = false;
	return (STEP_ON);
}

/*
 * From here on the line is wrong: remembers the byte, and the rule to raise
 * where Redis would see it.  The first fault counts.
 */
static void
blame(struct tokenizer *t, enum tokenizer_rule rule, uint64_t at, uint8_t byte)
{
	if (t->bad)
		return;
	t->bad = true;
	t->rule = (uint8_t)rule;
	t->bad_at = at;
	t->bad_byte = byte;
}

static enum step
fail(struct tokenizer *t)
{
	t->state = FAILED;
	return (STEP_BAD);
}

/* The line is, or is bound to be, too long, which outranks other faults. */
static void
blame_size(struct tokenizer *t, uint8_t byte)
{
	enum tokenizer_rule rule = RULE_INLINE_SIZE;

	if (t->state == COUNT)
		rule = RULE_COUNT_SIZE;
	else if (t->state == MARK || t->state == SIZE)
		rule = RULE_BULK_SIZE;
	t->bad = false;
	blame(t, rule, t->offset, byte);
}

static enum step
give_piece(struct tokenizer *t, struct token *token, const uint8_t *data,
    size_t len, bool last)
{
	*token = (struct token){
		.kind = TOKEN_ARG,
		.first = !t->open,
		.last = last,
		.data = data,
		.len = len,
		.size = t->bulk,
	};
	t->open = !last;
	return (STEP_GIVE);
}

static enum step
give_end(struct tokenizer *t, struct token *token)
{
	t->state = START;
	*token = (struct token){ .kind = TOKEN_END };
	return (STEP_GIVE);
}

static enum step
step_start(struct tokenizer *t, const uint8_t **p)
{
	t->start = t->offset;
	t->bulk = 0;
	t->is_inline = **p != '*';
	if (t->is_inline)
		return (begin_line(t, BLANK));
	begin_line(t, COUNT);
	take(t, p, 1);
	return (STEP_ON);
}

static enum step
step_frozen(struct tokenizer *t, const uint8_t **p, const uint8_t *end)
{
	size_t room = TOKENIZER_LINE_MAX - t->line;
	size_t n = (size_t)(end - *p);

	take(t, p, n < room ? n : room);
	return (n <= room ? STEP_MORE : fail(t));
}

/*
 * One more byte of a header's number, as strict as Redis's string2ll(): no
 * plus sign, no leading zero, no -0, nothing past 64 bits.
 */
static void
take_digit(struct tokenizer *t, uint8_t c)
{
	uint64_t most = (uint64_t)INT64_MAX + t->negative;
	uint32_t at = t->line - 1;
	unsigned digit = (unsigned)c - '0';

	if (at == 0)
		t->held = c;
	if (at == 0 && c == '-')
		t->negative = true;
	else if (digit > 9 || (t->number == 0 && at > t->negative) ||
	    (digit == 0 && t->negative && t->number == 0) ||
	    t->number > (most - digit) / 10)
		blame(t, t->state == COUNT ? RULE_COUNT : RULE_BULK, t->offset,
		    c);
	else
		t->number = t->number * 10 + digit;
}

/* At the CR: out of range is blamed on the number's first byte. */
static void
check_number(struct tokenizer *t, enum tokenizer_rule rule, uint64_t most,
    bool may_be_negative)
{
	uint32_t len = t->line - 1;

	if (len == t->negative)
		blame(t, rule, t->offset, '\r');
	else if (t->negative ? !may_be_negative : t->number > most)
		blame(t, rule, t->offset - len, t->held);
}

/* COUNT, MARK and SIZE: a header up to and with its CR. */
static enum step
step_header(struct tokenizer *t, const uint8_t **p, const uint8_t *end)
{
	for (; *p < end; take(t, p, 1)) {
		uint8_t c = **p;

		if (c == '\0' || (t->line == TOKENIZER_LINE_MAX && c != '\r')) {
			blame_size(t, c);
			t->state = FROZEN;
			return (STEP_ON);
		}
		if (t->state == MARK && c != '$')
			blame(t, RULE_BULK_MARK, t->offset, c);
		if (c == '\r') {
			if (t->state == COUNT)
				check_number(t, RULE_COUNT, TOKENIZER_ARGS_MAX,
				    true);
			else
				check_number(t, RULE_BULK, TOKENIZER_BULK_MAX,
				    false);
			t->state = t->state == COUNT ? COUNT_LF : SIZE_LF;
			take(t, p, 1);
			return (STEP_ON);
		}
		if (t->state == MARK)
			t->state = SIZE;
		else if (!t->bad)
			take_digit(t, c);
	}
	return (STEP_MORE);
}

static enum step
step_count_end(struct tokenizer *t, const uint8_t **p, struct token *token)
{
	take(t, p, 1);
	if (t->bad)
		return (fail(t));
	if (t->negative || t->number == 0)
		return (give_end(t, token));
	t->args_left = (uint32_t)t->number;
	return (begin_line(t, MARK));
}

static enum step
step_size_end(struct tokenizer *t, const uint8_t **p, struct token *token)
{
	take(t, p, 1);
	if (t->bad)
		return (fail(t));
	t->bulk = t->bulk_left = (uint32_t)t->number;
	if (t->bulk > 0) {
		t->state = DATA;
		return (STEP_ON);
	}
	t->state = DATA_CR;
	return (give_piece(t, token, all_bytes, 0, true));
}

static enum step
step_data(struct tokenizer *t, const uint8_t **p, const uint8_t *end,
    struct token *token)
{
	const uint8_t *data = *p;
	size_t n = (size_t)(end - data);

	if (n > t->bulk_left)
		n = t->bulk_left;
	t->bulk_left -= (uint32_t)n;
	take(t, p, n);
	if (t->bulk_left == 0)
		t->state = DATA_CR;
	return (give_piece(t, token, data, n, t->bulk_left == 0));
}

static enum step
step_data_end(struct tokenizer *t, const uint8_t **p, struct token *token)
{
	take(t, p, 1);
	if (t->state == DATA_CR) {
		t->state = DATA_LF;
		return (STEP_ON);
	}
	if (--t->args_left == 0)
		return (give_end(t, token));
	return (begin_line(t, MARK));
}

/* Whether the byte stands for itself in that state of an inline command. */
static bool
is_plain(enum state state, uint8_t c)
{
	switch (c) {
	case '\0':
	case '\n':
		return (false);
	case ' ':
	case '\t':
	case '\r':
		return (state != WORD);
	case '"':
		return (state == SINGLE);
	case '\'':
		return (state == DOUBLE);
	case '\\':
		return (state == WORD);
	default:
		return (true);
	}
}

/* A run of bytes that stand for themselves; at least the first one does. */
static enum step
give_run(struct tokenizer *t, const uint8_t **p, const uint8_t *end,
    struct token *token)
{
	const uint8_t *data = *p, *q = data + 1;
	size_t room = TOKENIZER_LINE_MAX - t->line;
	bool last;

	if ((size_t)(end - data) > room)
		end = data + room;
	while (q < end && is_plain(t->state, *q))
		q++;
	take(t, p, (size_t)(q - data));
	last = t->state == WORD && q < end && is_blank(*q);
	if (last)
		t->state = BLANK;
	return (give_piece(t, token, data, (size_t)(q - data), last));
}

static enum step
give_byte(struct tokenizer *t, struct token *token, uint8_t c,
    enum state state)
{
	t->state = (uint8_t)state;
	return (give_piece(t, token, &all_bytes[c], 1, false));
}

static enum step
close_quote(struct tokenizer *t, const uint8_t **p, struct token *token)
{
	take(t, p, 1);
	t->state = CLOSED;
	return (give_piece(t, token, all_bytes, 0, true));
}

static enum step
step_word(struct tokenizer *t, const uint8_t **p, const uint8_t *end,
    struct token *token)
{
	uint8_t c = **p;

	if (is_plain(WORD, c))
		return (give_run(t, p, end, token));
	if (c == '"' || c == '\'') {
		t->state = c == '"' ? DOUBLE : SINGLE;
		take(t, p, 1);
		return (STEP_ON);
	}
	t->state = BLANK;
	return (give_piece(t, token, all_bytes, 0, true));
}

static enum step
step_double(struct tokenizer *t, const uint8_t **p, const uint8_t *end,
    struct token *token)
{
	uint8_t c = **p;

	switch (t->state) {
	case DOUBLE:
		if (c == '"')
			return (close_quote(t, p, token));
		if (c != '\\')
			return (give_run(t, p, end, token));
		t->state = DOUBLE_ESCAPE;
		take(t, p, 1);
		return (STEP_ON);
	case DOUBLE_ESCAPE:
		take(t, p, 1);
		if (c != 'x')
			return (give_byte(t, token, escape_meaning(c), DOUBLE));
		t->state = DOUBLE_HEX;
		return (STEP_ON);
	case DOUBLE_HEX:
		if (escape_hex(c) < 0)	/* \x is an x */
			return (give_byte(t, token, 'x', DOUBLE));
		t->held = c;
		t->state = DOUBLE_HEX2;
		take(t, p, 1);
		return (STEP_ON);
	case DOUBLE_HEX2:
		if (escape_hex(c) < 0)	/* \x4 is x4 */
			return (give_byte(t, token, 'x', DOUBLE_HELD));
		take(t, p, 1);
		c = (uint8_t)(escape_hex(t->held) << 4 | escape_hex(c));
		return (give_byte(t, token, c, DOUBLE));
	default:		/* DOUBLE_HELD */
		return (give_byte(t, token, t->held, DOUBLE));
	}
}

static enum step
step_single(struct tokenizer *t, const uint8_t **p, const uint8_t *end,
    struct token *token)
{
	uint8_t c = **p;

	if (t->state == SINGLE_ESCAPE) {
		if (c != '\'')
			return (give_byte(t, token, '\\', SINGLE));
		take(t, p, 1);
		return (give_byte(t, token, c, SINGLE));
	}
	if (c == '\'')
		return (close_quote(t, p, token));
	if (c != '\\')
		return (give_run(t, p, end, token));
	t->state = SINGLE_ESCAPE;
	take(t, p, 1);
	return (STEP_ON);
}

/* At the LF of an inline command. */
static enum step
step_inline_end(struct tokenizer *t, const uint8_t **p, struct token *token)
{
	switch (t->state) {
	case WORD:
		t->state = BLANK;
		return (give_piece(t, token, all_bytes, 0, true));
	case BLANK:
	case CLOSED:
		take(t, p, 1);
		return (give_end(t, token));
	default:
		blame(t, RULE_QUOTES, t->offset, '\n');
		return (fail(t));
	}
}

static enum step
step_inline(struct tokenizer *t, const uint8_t **p, const uint8_t *end,
    struct token *token)
{
	uint8_t c = **p;

	if (c == '\n')
		return (step_inline_end(t, p, token));
	if (c == '\0' || t->line == TOKENIZER_LINE_MAX) {
		blame_size(t, c);
		t->state = FROZEN;
		return (STEP_ON);
	}
	switch (t->state) {
	case BLANK:
		if (is_blank(c))
			take(t, p, 1);
		else
			t->state = WORD;
		return (STEP_ON);
	case WORD:
		return (step_word(t, p, end, token));
	case SINGLE:
	case SINGLE_ESCAPE:
		return (step_single(t, p, end, token));
	case CLOSED:
		t->state = BLANK;
		if (!is_blank(c)) {
			blame(t, RULE_QUOTES, t->offset, c);
			t->state = UNBALANCED;
		}
		return (STEP_ON);
	case UNBALANCED:
		take(t, p, 1);
		return (STEP_ON);
	default:
		return (step_double(t, p, end, token));
	}
}

static enum step
step(struct tokenizer *t, const uint8_t **p, const uint8_t *end,
    struct token *token)
{
	switch (t->state) {
	case START:
		return (step_start(t, p));
	case COUNT:
	case MARK:
	case SIZE:
		return (step_header(t, p, end));
	case COUNT_LF:
		return (step_count_end(t, p, token));
	case SIZE_LF:
		return (step_size_end(t, p, token));
	case DATA:
		return (step_data(t, p, end, token));
	case DATA_CR:
	case DATA_LF:
		return (step_data_end(t, p, token));
	case FROZEN:
		return (step_frozen(t, p, end));
	case FAILED:
		return (STEP_BAD);
	default:
		return (step_inline(t, p, end, token));
	}
}

enum tokenizer_result
tokenizer_next(struct tokenizer *t, const uint8_t **p, const uint8_t *end,
    struct token *token)
{
	while (*p < end) {
		switch (step(t, p, end, token)) {
		case STEP_GIVE:
			return (TOKENIZER_OK);
		case STEP_BAD:
			return (TOKENIZER_BAD);
		case STEP_ON:
		case STEP_MORE:
			break;
		}
	}
	return (t->state == FAILED ? TOKENIZER_BAD : TOKENIZER_MORE);
}

bool
tokenizer_between(const struct tokenizer *t)
{
	return (t->state == START);
}

bool
tokenizer_in_word(const struct tokenizer *t)
{
	return (t->state >= WORD && t->state <= FROZEN && t->state != CLOSED);
}

void
tokenizer_error(const struct tokenizer *t, char text[TOKENIZER_ERROR_MAX])
{
	uint8_t c = t->bad_byte;

	if (t->rule == RULE_BULK_MARK)
		/* Redis writes CR and LF as spaces, lest they end the reply. */
		snprintf(text, TOKENIZER_ERROR_MAX,
		    "Protocol error: expected '$', got '%c'",
		    c == '\r' || c == '\n' ? ' ' : c);
	else
		snprintf(text, TOKENIZER_ERROR_MAX, "Protocol error: %s",
		    rules[t->rule].text);
}

const char *
tokenizer_rule_name(const struct tokenizer *t)
{
	return (rules[t->rule].name);
}
