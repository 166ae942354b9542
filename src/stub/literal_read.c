#include "config.h"

#include "stub/literal.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "resp/bare.h"
#include "resp/escape.h"

/*
 *          "[", "{" ...
 *        +--------------> OPENED -- "]" --+
 *        |                  |             |
 *        +------ WANTED <---+             v
 *                  |  ^                BEHIND -> the end
 *                  |  +-- "," ":" -----/  ^
 *                  +---- a scalar --------+
 *
 * There is no recursion: the brackets that are open are a stack of their own.
 */
enum state {
	WANTED,			/* a value */
	OPENED,			/* a value, or the bracket closes at once */
	BEHIND			/* a value is complete */
};

struct reader {
	const uint8_t *p;	/* the next byte */
	const uint8_t *end;
	const char *wrong;	/* NULL: nothing so far */
	const uint8_t *wrong_at;
	struct literal *literal;
	enum reply_type last;	/* the value completed outside of brackets */
	unsigned depth;
	size_t stack[LITERAL_DEPTH_MAX];	/* open aggregates, as nodes */
};

static const char no_memory[] = "out of memory; use a shorter file";

static bool
fail(struct reader *r, const char *wrong, const uint8_t *at)
{
	if (r->wrong == NULL) {
		r->wrong = wrong;
		r->wrong_at = at;
	}
	return (false);
}

static bool
is_blank(uint8_t c)
{
	return (c == ' ' || c == '\t' || c == '\r');
}

static void
skip_blanks(struct reader *r)
{
	while (r->p < r->end && is_blank(*r->p))
		r->p++;
}

static bool
next_is(const struct reader *r, char c)
{
	return (r->p < r->end && *r->p == (uint8_t)c);
}

/* The aggregate that the next value is in; NULL: none. */
static struct literal_node *
parent(struct reader *r)
{
	return (r->depth == 0 ? NULL :
	    &r->literal->nodes[r->stack[r->depth - 1]]);
}

static bool
has_keys(enum reply_type type)
{
	return (type == REPLY_MAP || type == REPLY_ATTRIBUTE);
}

static struct literal_node *
add_node(struct reader *r, enum reply_type type)
{
	struct literal *l = r->literal;
	size_t cap = l->cap < 8 ? 8 : l->cap * 2;
	struct literal_node *nodes;

	if (l->n == l->cap) {
		nodes = reallocarray(l->nodes, cap, sizeof(*nodes));
		if (nodes == NULL) {
			fail(r, no_memory, r->p);
			return (NULL);
		}
		l->nodes = nodes;
		l->cap = cap;
	}
	l->nodes[l->n] = (struct literal_node){ .type = type,
	    .at = l->text.len, .end = l->n + 1 };
	return (&l->nodes[l->n++]);
}

/* The value whose first node that is ends here; an attribute is none. */
static enum state
complete(struct reader *r, const struct literal_node *node)
{
	if (node->type == REPLY_ATTRIBUTE)
		return (WANTED);
	if (r->depth > 0)
		parent(r)->values++;
	else
		r->last = node->type;
	return (BEHIND);
}

/* Text */

/* Adds one byte of text, which an escape may stand for. */
static bool
read_byte(struct reader *r)
{
	uint8_t c = *r->p++;
	int high, low;

	if (c == '\\') {
		if (r->p == r->end)
			return (fail(r, "nothing follows the backslash; "
			    "a backslash itself is \\\\", r->p - 1));
		c = *r->p++;
		if (c == 'x' && r->end - r->p >= 2 &&
		    (high = escape_hex(r->p[0])) >= 0 &&
		    (low = escape_hex(r->p[1])) >= 0) {
			c = (uint8_t)(high * 16 + low);
			r->p += 2;
		} else {
			c = escape_meaning(c);
		}
	}
	bytes_add(&r->literal->text, &c, 1);
	return (true);
}

static bool
read_quoted(struct reader *r, struct literal_node *node)
{
	const uint8_t *open = r->p++;

	while (r->p < r->end && *r->p != '"')
		if (!read_byte(r))
			return (false);
	if (r->p == r->end)
		return (fail(r, "the closing quote is missing; "
		    "a quote inside a string is \\\"", open));
	r->p++;
	node->len = r->literal->text.len - node->at;
	return (true);
}

/* Whether bare text ends here. */
static bool
bare_ends(struct reader *r)
{
	const struct literal_node *in = parent(r);
	bool is_key = in != NULL && has_keys(in->type) && in->values % 2 == 0;

	switch (*r->p) {
	case ',':
	case ']':
	case '}':
		return (in != NULL);
	case ':':
		return (is_key);
	default:
		return (false);
	}
}

static bool
read_bare(struct reader *r, struct literal_node *node)
{
	size_t len = 0;		/* without blanks at its end */
	bool blank;

	while (r->p < r->end && !bare_ends(r)) {
		if (r->depth > 0 && memchr("[{:\"", *r->p, 4) != NULL)
			return (fail(r, "inside brackets, text that holds any "
			    "of , : \" [ ] { } stands in quotes: "
			    "\"bulk\", (status) \"text\", (error) \"text\"",
			    r->p));
		blank = is_blank(*r->p);
		if (!read_byte(r))
			return (false);
		if (!blank)
			len = r->literal->text.len - node->at;
	}
	if (!r->literal->text.failed)
		bytes_truncate(&r->literal->text, node->at + len);
	node->len = len;
	return (true);
}

/* Numbers */

static size_t
count_digits(const char *s)
{
	return (strspn(s, "0123456789"));
}

static bool
is_integer(const char *s)
{
	const char *digits = s + (*s == '-');
	size_t n = count_digits(digits);

	if (n == 0 || digits[n] != '\0' || (*digits == '0' && n > 1) ||
	    strcmp(s, "-0") == 0)
		return (false);
	errno = 0;
	strtoll(s, NULL, 10);
	return (errno == 0);
}

static bool
is_bignum(const char *s)
{
	size_t n = count_digits(s += *s == '-');

	return (n > 0 && s[n] == '\0');
}

static bool
is_double(const char *s)
{
	size_t n, decimals = 0;

	s += *s == '-' || *s == '+';
	if (strcmp(s, "inf") == 0 || strcmp(s, "nan") == 0)
		return (true);
	s += n = count_digits(s);
	if (*s == '.')
		s += 1 + (decimals = count_digits(s + 1));
	if (n + decimals == 0)
		return (false);
	if (*s == 'e' || *s == 'E') {
		s++;
		s += *s == '-' || *s == '+';
		s += n = count_digits(s);
		if (n == 0)
			return (false);
	}
	return (*s == '\0');
}

/* Scalars */

static bool
read_number(struct reader *r, struct literal_node *node,
    bool (*is_one)(const char *), const char *wrong)
{
	const uint8_t *at = r->p;
	const char *s;

	if (!read_bare(r, node))
		return (false);
	bytes_add(&r->literal->text, "", 1);
	if (r->literal->text.failed)
		return (fail(r, no_memory, at));
	s = (const char *)r->literal->text.data + node->at;
	if (strlen(s) != node->len || !is_one(s))
		return (fail(r, wrong, at));
	return (true);
}

static bool
read_integer(struct reader *r, struct literal_node *node)
{
	return (read_number(r, node, is_integer, "not an integer of 64 bits; "
	    "write (integer) 42, or (bignum) for a larger one"));
}

static bool
read_double(struct reader *r, struct literal_node *node)
{
	return (read_number(r, node, is_double, "not a number; "
	    "write (double) 1.5, inf, -inf or nan"));
}

static bool
read_bignum(struct reader *r, struct literal_node *node)
{
	return (read_number(r, node, is_bignum, "not a whole number; "
	    "write (bignum) 12345678901234567890"));
}

static bool
read_text(struct reader *r, struct literal_node *node, const char *missing)
{
	const uint8_t *at = r->p;

	if (next_is(r, '"'))
		return (read_quoted(r, node));
	if (!read_bare(r, node))
		return (false);
	return (node->len > 0 || fail(r, missing, at));
}

static bool
read_error(struct reader *r, struct literal_node *node)
{
	return (read_text(r, node, "the text of the error is missing; "
	    "write (error) ERR text"));
}

static bool
read_status(struct reader *r, struct literal_node *node)
{
	const uint8_t *at = r->p, *text;

	if (!read_text(r, node, "the text of the status is missing; "
	    "write (status) \"text\""))
		return (false);
	if (r->literal->text.failed)
		return (fail(r, no_memory, at));
	if (node->len == 0)
		return (true);
	text = r->literal->text.data + node->at;
	if (memchr(text, '\r', node->len) != NULL ||
	    memchr(text, '\n', node->len) != NULL)
		return (fail(r, "a status cannot hold a line break; "
		    "write a bulk string, \"text\"", at));
	return (true);
}

static bool
read_verbatim(struct reader *r, struct literal_node *node)
{
	static const char wrong[] = "a verbatim string is three characters of "
	    "format, a colon and text; write (verbatim) \"txt:text\"";
	const uint8_t *at = r->p;

	if (!next_is(r, '"'))
		return (fail(r, wrong, at));
	if (!read_quoted(r, node))
		return (false);
	if (r->literal->text.failed)
		return (fail(r, no_memory, at));
	if (node->len < 4 || r->literal->text.data[node->at + 3] != ':')
		return (fail(r, wrong, at));
	return (true);
}

static const struct tag {
	const char *name;
	enum reply_type type;
	/* What follows; NULL: nothing. */
	bool (*read)(struct reader *, struct literal_node *);
} tags[] = {
	{ "(integer)", REPLY_INTEGER, read_integer },
	{ "(error)", REPLY_ERROR, read_error },
	{ "(nil)", REPLY_NULL, NULL },
	{ "(status)", REPLY_STATUS, read_status },
	{ "(double)", REPLY_DOUBLE, read_double },
	{ "(true)", REPLY_BOOLEAN, NULL },
	{ "(false)", REPLY_BOOLEAN, NULL },
	{ "(bignum)", REPLY_BIGNUM, read_bignum },
	{ "(verbatim)", REPLY_VERBATIM, read_verbatim }
};

static bool
read_tagged(struct reader *r)
{
	const struct tag *tag;
	struct literal_node *node;
	size_t i, len;

	for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		tag = &tags[i];
		len = strlen(tag->name);
		if ((size_t)(r->end - r->p) < len ||
		    memcmp(r->p, tag->name, len) != 0)
			continue;
		if ((node = add_node(r, tag->type)) == NULL)
			return (false);
		r->p += len;
		if (tag->read == NULL) {
			node->values = tag->name[1] == 't';
			return (true);
		}
		skip_blanks(r);
		return (tag->read(r, node));
	}
	return (fail(r, "unknown type; choose (integer), (error), (nil), "
	    "(status), (double), (true), (false), (bignum) or (verbatim)",
	    r->p));
}

/* What is a status only because nothing says otherwise should look like one. */
static bool
means_status(struct reader *r, const struct literal_node *node,
    const uint8_t *at)
{
	const char *why = bare_misleads(r->literal->text.data + node->at,
	    node->len, r->depth > 0);

	return (why == NULL || fail(r, why, at));
}

static bool
read_scalar(struct reader *r)
{
	struct literal_node *node;
	const uint8_t *at = r->p;

	if (next_is(r, '('))
		return (read_tagged(r));
	if (next_is(r, '"'))
		return ((node = add_node(r, REPLY_BULK)) != NULL &&
		    read_quoted(r, node));
	if (memchr("'<>|~", *r->p, 5) != NULL)
		return (fail(r, "no value begins so; text stands in quotes: "
		    "\"bulk\", (status) \"text\"", at));
	if (memchr("]},:", *r->p, 4) != NULL)
		return (fail(r, "a value is missing before this", at));
	return ((node = add_node(r, REPLY_STATUS)) != NULL &&
	    read_status(r, node) && means_status(r, node, at));
}

/* Aggregates */

/* The type of the aggregate that begins here, with the length of what stands
 * for that in *len; 0: none does. */
static uint8_t
opening(const struct reader *r, size_t *len)
{
	uint8_t c = *r->p;
	uint8_t next = r->p + 1 < r->end ? r->p[1] : '\0';

	*len = c == '[' || c == '{' ? 1 : 2;
	if (c == '[')
		return (REPLY_ARRAY);
	if (c == '{')
		return (REPLY_MAP);
	if ((c == '~' && next == '[') || (c == '>' && next == '[') ||
	    (c == '|' && next == '{'))
		return (c);
	return (0);
}

static bool
open_aggregate(struct reader *r, enum reply_type type, size_t len)
{
	if (type == REPLY_PUSH && r->depth > 0)
		return (fail(r, "a push cannot stand inside brackets; "
		    "write it in front of the reply, or an array", r->p));
	if (r->depth == LITERAL_DEPTH_MAX)
		return (fail(r, "brackets nest too deep; "
		    "at most 128 can be open", r->p));
	if (add_node(r, type) == NULL)
		return (false);
	r->stack[r->depth++] = r->literal->n - 1;
	r->p += len;
	return (true);
}

static bool
is_closing(const struct reader *r)
{
	return (next_is(r, ']') || next_is(r, '}'));
}

static bool
close_aggregate(struct reader *r, enum state *state)
{
	struct literal_node *node = parent(r);
	bool keys = has_keys(node->type);

	if (!next_is(r, keys ? '}' : ']'))
		return (fail(r, keys ? "the bracket that is open here is a {; "
		    "close it with }" : "the bracket that is open here is a "
		    "[; close it with ]", r->p));
	r->p++;
	r->depth--;
	node->end = r->literal->n;
	*state = complete(r, node);
	return (true);
}

/* Values */

static bool
read_value(struct reader *r, enum state *state)
{
	size_t len, node = r->literal->n;
	uint8_t type;

	if (r->p == r->end && r->depth > 0)
		return (fail(r, has_keys(parent(r)->type) ?
		    "the closing } is missing" : "the closing ] is missing",
		    r->p));
	if (r->p == r->end)
		return (fail(r, r->literal->n > 0 ?
		    "a value must follow an attribute: |{k: v} value" :
		    "a reply is missing; write a value such as OK, "
		    "\"text\" or (nil)", r->p));
	if (*state == OPENED && is_closing(r))
		return (close_aggregate(r, state));
	if ((type = opening(r, &len)) != 0) {
		*state = OPENED;
		return (open_aggregate(r, type, len));
	}
	if (!read_scalar(r))
		return (false);
	*state = complete(r, &r->literal->nodes[node]);
	return (true);
}

/* What stands between values.  At the end of it all *state stays BEHIND. */
static bool
read_separator(struct reader *r, enum state *state)
{
	static const char more[] = "nothing may follow the value; a reply is "
	    "one value, several go in brackets: [a, b]";
	const struct literal_node *in = parent(r);

	if (in == NULL && r->p == r->end)
		return (true);
	if (r->end - r->p >= 3 &&
	    memcmp(r->p, "...", 3) == 0)
		return (fail(r, "this value was cut when it was shown; "
		    "show it whole with a larger --clip", r->p));
	if (in == NULL) {
		/* A push may stand before the reply. */
		*state = WANTED;
		return (r->last == REPLY_PUSH || fail(r, more, r->p));
	}
	if (r->p == r->end)
		return (read_value(r, state));	/* which says it */
	if (has_keys(in->type) && in->values % 2 == 1) {
		if (!next_is(r, ':'))
			return (fail(r, "a colon and a value must follow the "
			    "key: {k: v}", r->p));
	} else if (is_closing(r)) {
		return (close_aggregate(r, state));
	} else if (!next_is(r, ',')) {
		return (fail(r, "a comma or the closing bracket is missing",
		    r->p));
	}
	r->p++;
	*state = WANTED;
	return (true);
}

static bool
read_all(struct reader *r)
{
	enum state state = WANTED;

	for (;;) {
		skip_blanks(r);
		if (state == BEHIND && r->depth == 0 && r->p == r->end)
			return (true);
		if (!(state == BEHIND ? read_separator(r, &state) :
		    read_value(r, &state)))
			return (false);
	}
}

const char *
literal_read(struct literal *l, const uint8_t *text, size_t len,
    size_t *wrong_at)
{
	struct reader r = { .p = text, .end = text + len,
	    .literal = l };

	if (read_all(&r) && l->text.failed)
		fail(&r, no_memory, r.p);
	if (r.wrong != NULL)
		*wrong_at = (size_t)(r.wrong_at - text);
	return (r.wrong);
}

void
literal_free(struct literal *l)
{
	free(l->nodes);
	bytes_free(&l->text);
	*l = (struct literal){ 0 };
}
