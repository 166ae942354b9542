#include "config.h"

#include "stub/script_shape.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* Tables in tables, elements of one, and variables that are looked for. */
#define DEPTH_MAX 4
#define ELEMENTS_MAX 16
#define NAMES_MAX 8

/* A token of Lua: a name, or a byte of anything else; strings are '"', numbers
 * '0', the end is NUL. */
struct token {
	const char *p;
	size_t len;
	char kind;		/* 'a' for a name */
};

struct lexer {
	const char *p;
	const char *end;
	unsigned names;		/* variables that may still be looked for */
	const char *script;
};

static void
skip_to(struct lexer *l, const char *mark)
{
	const char *found = memmem(l->p, (size_t)(l->end - l->p), mark,
	    strlen(mark));

	l->p = found != NULL ? found + strlen(mark) : l->end;
}

static bool
looks_at(const struct lexer *l, const char *text)
{
	size_t len = strlen(text);

	return ((size_t)(l->end - l->p) >= len && memcmp(l->p, text, len) == 0);
}

static void
skip_blanks(struct lexer *l)
{
	for (;;) {
		while (l->p < l->end && isspace((unsigned char)*l->p))
			l->p++;
		if (looks_at(l, "--[["))
			skip_to(l, "]]");
		else if (looks_at(l, "--"))
			skip_to(l, "\n");
		else
			return;
	}
}

static void
skip_string(struct lexer *l)
{
	char quote = *l->p++;

	while (l->p < l->end && *l->p != quote)
		l->p += *l->p == '\\' && l->p + 1 < l->end ? 2 : 1;
	if (l->p < l->end)
		l->p++;
}

static bool
is_word(char c)
{
	return (isalnum((unsigned char)c) || c == '_');
}

static struct token
next(struct lexer *l)
{
	struct token t = { .kind = '\0' };

	skip_blanks(l);
	t.p = l->p;
	if (l->p == l->end)
		return (t);
	if (*l->p == '"' || *l->p == '\'' || looks_at(l, "[[")) {
		if (*l->p == '[')
			skip_to(l, "]]");
		else
			skip_string(l);
		t.kind = '"';
	} else if (is_word(*l->p)) {
		t.kind = isdigit((unsigned char)*l->p) ? '0' : 'a';
		while (l->p < l->end && is_word(*l->p))
			l->p++;
	} else {
		t.kind = *l->p++;
		/* Comparisons are no assignments. */
		if (strchr("=~<>", t.kind) != NULL && l->p < l->end &&
		    *l->p == '=') {
			t.kind = '?';
			l->p++;
		}
	}
	t.len = (size_t)(l->p - t.p);
	return (t);
}

static struct token
peek(const struct lexer *l)
{
	struct lexer copy = *l;

	return (next(&copy));
}

static bool
is(const struct token *t, const char *word)
{
	return (t->kind == 'a' && t->len == strlen(word) &&
	    memcmp(t->p, word, t->len) == 0);
}

/* Goes on behind the next comma outside brackets; false: the brackets around,
 * or all, end before it. */
static bool
skip_value(struct lexer *l)
{
	unsigned depth = 0;
	struct token t;

	for (;;) {
		t = peek(l);
		if (t.kind == '\0' || (depth == 0 && (t.kind == '}' ||
		    t.kind == ')' || t.kind == ']')))
			return (false);
		next(l);
		if (depth == 0 && (t.kind == ',' || t.kind == ';'))
			return (true);
		if (t.kind == '{' || t.kind == '(' || t.kind == '[')
			depth++;
		else if (t.kind == '}' || t.kind == ')' || t.kind == ']')
			depth--;
	}
}

/*
 * "a, b = x, {": behind a name, which is wanted or not; whether the wanted one
 * is given a table.
 */
static bool
is_given_table(struct lexer l, bool wanted, const struct token *name)
{
	unsigned at = 0, n;
	struct token t;

	for (n = 1; (t = next(&l)).kind == ','; n++) {
		t = next(&l);
		if (t.kind != 'a')
			return (false);
		if (!wanted && t.len == name->len &&
		    memcmp(t.p, name->p, t.len) == 0) {
			wanted = true;
			at = n;
		}
	}
	if (!wanted || t.kind != '=')
		return (false);
	while (at-- > 0)
		if (!skip_value(&l))
			return (false);
	return (peek(&l).kind == '{');
}

/* Whether the variable is given a table anywhere. */
static bool
is_table(const struct lexer *l, const struct token *name)
{
	struct lexer all = { .p = l->script, .end = l->end };
	struct token t, before = { .kind = '\0' };
	bool same;

	while ((t = next(&all)).kind != '\0') {
		same = t.kind == 'a' && t.len == name->len &&
		    memcmp(t.p, name->p, t.len) == 0;
		/* A list of names begins behind "local", or is one name. */
		if ((same || is(&before, "local")) && t.kind == 'a' &&
		    before.kind != '.' && before.kind != ',' &&
		    is_given_table(all, same, name))
			return (true);
		before = t;
	}
	return (false);
}

static bool
ends_value(const struct token *t)
{
	return (t->kind == '\0' || t->kind == ',' || t->kind == ';' ||
	    t->kind == '}' || is(t, "end") || is(t, "else") ||
	    is(t, "elseif") || is(t, "until"));
}

/* One without a key; others are no elements of an array. */
static bool
is_element(const struct lexer *l)
{
	struct lexer copy = *l;
	struct token t = next(&copy);

	return (t.kind != '[' && !(t.kind == 'a' && next(&copy).kind == '='));
}

static void add_value(struct lexer *, struct bytes *shape, unsigned depth);

static void
add_table(struct lexer *l, struct bytes *shape, unsigned depth)
{
	struct bytes elements = { 0 };
	struct lexer value;
	unsigned n = 0;

	while (n < ELEMENTS_MAX && peek(l).kind != '}' &&
	    peek(l).kind != '\0') {
		value = *l;
		if (is_element(l)) {
			add_value(&value, &elements, depth + 1);
			l->names = value.names;
			n++;
		}
		if (!skip_value(l))
			break;
	}
	bytes_addf(shape, "*%u\r\n", n);
	bytes_add(shape, elements.data, elements.len);
	shape->failed |= elements.failed;
	bytes_free(&elements);
}

static void
add_value(struct lexer *l, struct bytes *shape, unsigned depth)
{
	struct token t = next(l), behind;

	if (t.kind == '{' && depth < DEPTH_MAX) {
		add_table(l, shape, depth);
		return;
	}
	behind = peek(l);
	if (t.kind == 'a' && ends_value(&behind) && l->names > 0) {
		l->names--;
		if (is_table(l, &t)) {
			bytes_add_string(shape, "*0\r\n");
			return;
		}
	}
	bytes_add_string(shape, "_");
}

void
script_shape(const char *script, size_t len, struct bytes *shape)
{
	struct lexer l = { .p = script, .end = script + len,
	    .names = NAMES_MAX, .script = script };
	struct lexer last = { .p = l.end, .end = l.end };
	struct token t;

	if (len <= SCRIPT_SHAPE_MAX)
		while ((t = next(&l)).kind != '\0')
			if (is(&t, "return"))
				last = l;
	add_value(&last, shape, 0);
}
