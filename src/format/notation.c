#include "config.h"

#include "format/notation.h"

#include <ctype.h>
#include <string.h>

#include "format/quote.h"
#include "resp/bare.h"

void
notation_add_count(struct bytes *out, uint64_t n, const char *what)
{
	bytes_add_uint(out, n);
	bytes_add(out, " ", 1);
	bytes_add_string(out, what);
	if (n != 1)
		bytes_add(out, "s", 1);
}

void
notation_add_redacted(struct bytes *out, uint64_t n)
{
	bytes_add_string(out, "<redacted ");
	notation_add_count(out, n, "byte");
	bytes_add(out, ">", 1);
}

void
notation_add_more(struct bytes *out, uint64_t n, const char *what)
{
	bytes_add_string(out, "... (");
	bytes_add_uint(out, n);
	bytes_add_string(out, " more ");
	bytes_add_string(out, what);
	bytes_add_string(out, n == 1 ? ")" : "s)");
}

static inline void
add_text(struct bytes *out, const uint8_t *text, size_t len, bool quotes,
    bool utf8)
{
	uint8_t *p;

	if (len > QUOTE_SHORT) {
		if (quotes)
			quote_add_string(out, text, len, utf8);
		else
			quote_add(out, text, len, utf8);
		return;
	}
	if ((p = bytes_reserve(out, QUOTE_SHORT_ROOM + 2)) == NULL)
		return;
	if (quotes)
		*p++ = '"';
	p = quote_put_short(p, text, len, utf8);
	if (quotes)
		*p++ = '"';
	out->len = (size_t)(p - out->data);
}

/* The runs of the bytes, with spaces between. */
static void
add_runs(struct bytes *out, struct value_bytes b, bool quotes, bool utf8)
{
	struct value_run run;
	bool first = true;

	while (value_next_run(&b, &run)) {
		if (!first)
			bytes_add(out, " ", 1);
		first = false;
		if (run.secret)
			notation_add_redacted(out, run.len);
		else
			add_text(out, run.data, run.len, quotes, utf8);
	}
	if (first && quotes)
		bytes_add(out, "\"\"", 2);
}

void
notation_add_bytes(struct bytes *out, struct value_bytes b, bool utf8)
{
	add_runs(out, b, true, utf8);
}

void
notation_add_name(struct bytes *out, const uint8_t *name, size_t len)
{
	bool word = len > 0;
	size_t i;

	for (i = 0; i < len; i++)
		if (!isalnum(name[i]) && memchr("._|-", name[i], 4) == NULL)
			word = false;
	if (word)
		bytes_add(out, name, len);
	else
		quote_add_string(out, name, len, false);
}

/* The brackets that an aggregate stands in. */
static const char *
opening(enum reply_type type)
{
	switch (type) {
	case REPLY_MAP:
		return ("{");
	case REPLY_SET:
		return ("~[");
	case REPLY_ATTRIBUTE:
		return ("|{");
	case REPLY_PUSH:
		return (">[");
	default:
		return ("[");
	}
}

static const char *
closing(enum reply_type type)
{
	switch (type) {
	case REPLY_MAP:
		return ("}");
	case REPLY_ATTRIBUTE:
		return ("} ");
	default:
		return ("]");
	}
}

/* What redis-cli puts before a value of that type. */
static const char *
prefix(enum reply_type type, bool quotes)
{
	switch (type) {
	case REPLY_STATUS:
		return (quotes ? "(status) " : "");
	case REPLY_ERROR:
	case REPLY_BLOB_ERROR:
		return ("(error) ");
	case REPLY_INTEGER:
		return ("(integer) ");
	case REPLY_DOUBLE:
		return ("(double) ");
	case REPLY_BIGNUM:
		return ("(bignum) ");
	case REPLY_BOOLEAN:
		return ("(boolean) ");
	case REPLY_VERBATIM:
		return ("(verbatim) ");
	default:
		return ("");
	}
}

/* What stands between the value before and the one that begins now. */
static void
add_separator(struct bytes *out, const struct value_item *item)
{
	if (item->index == 0 || item->attributes > 0)
		return;
	bytes_add_string(out, value_has_keys(item->parent) &&
	    item->index % 2 == 1 ? ": " : ", ");
}

/* What --answers takes for more than text where a reply begins. */
static bool
is_verdict(const uint8_t *text, size_t len)
{
	static const char *const words[] = { "after", "close", "hang" };
	size_t i, n;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (text[0] != words[i][0])
			continue;
		n = strlen(words[i]);
		if (len >= n && memcmp(text, words[i], n) == 0 &&
		    (len == n || text[n] == ' '))
			return (true);
	}
	return (false);
}

/* Whether a status or error, were it bare, could be read as something else. */
static bool
is_misleading(enum reply_type type, bool inside, const uint8_t *text,
    size_t len)
{
	size_t i;

	if (len == 0)
		return (true);
	if (text[0] == ' ' || text[len - 1] == ' ' || text[0] == '"')
		return (true);
	if (type == REPLY_STATUS && bare_misleads(text, len, inside) != NULL)
		return (true);
	/* Most begin with a capital letter, which says nothing. */
	if (type == REPLY_STATUS && (text[0] < 'A' || text[0] > 'Z') &&
	    (memchr("'([{<|~>]},:", text[0], 12) != NULL ||
	    (!inside && is_verdict(text, len))))
		return (true);
	for (i = 0; inside && i < len; i++)
		if (memchr("[]{},:", text[i], 6) != NULL)
			return (true);
	return (false);
}

static bool
in_quotes(enum reply_type type, bool inside, const uint8_t *text, size_t len)
{
	switch (type) {
	case REPLY_BULK:
	case REPLY_VERBATIM:
		return (true);
	case REPLY_STATUS:
	case REPLY_ERROR:
	case REPLY_BLOB_ERROR:
		return (is_misleading(type, inside, text, len));
	default:
		return (false);
	}
}

/* A scalar that is all there, in an aggregate or not. */
static void
add_whole(struct bytes *out, enum reply_type type, bool inside,
    const uint8_t *text, size_t len, bool utf8)
{
	bool quotes = in_quotes(type, inside, text, len);

	if (type == REPLY_NULL) {
		bytes_add_string(out, "(nil)");
		return;
	}
	if (type == REPLY_BOOLEAN && len == 1 && (*text == 't' ||
	    *text == 'f')) {
		bytes_add_string(out, *text == 't' ? "(true)" : "(false)");
		return;
	}
	if (type != REPLY_BULK && (type != REPLY_STATUS || quotes))
		bytes_add_string(out, prefix(type, quotes));
	add_text(out, text, len, quotes, utf8);
}

/* A string with a part that is secret or left out cannot be read back, so it
 * may look like anything. */
static void
add_scalar(struct bytes *out, const struct value_item *item, bool utf8)
{
	const struct value_bytes *b = &item->bytes;
	bool quotes;

	if (item->left_out == 0 && !value_has_secrets(*b)) {
		add_whole(out, item->type, item->parent != 0,
		    b->in->data + b->at, b->end - b->at, utf8);
		return;
	}
	quotes = item->type == REPLY_BULK || item->type == REPLY_VERBATIM;
	bytes_add_string(out, prefix(item->type, quotes));
	add_runs(out, *b, quotes, utf8);
	if (item->left_out > 0)
		notation_add_more(out, item->left_out, "byte");
}

static void
add_item(struct bytes *out, const struct value_item *item, bool utf8)
{
	if (item->kind != VALUE_CLOSE)
		add_separator(out, item);
	switch (item->kind) {
	case VALUE_SCALAR:
		add_scalar(out, item, utf8);
		break;
	case VALUE_OPEN:
		bytes_add_string(out, opening(item->type));
		break;
	case VALUE_CLOSE:
		bytes_add_string(out, closing(item->type));
		break;
	}
}

/* Item by item. */
static void
add_items(struct bytes *out, const struct record_bytes *in, size_t clip,
    bool utf8)
{
	struct value v;
	struct value_item item;
	struct value_bytes rest;
	enum value_result result;
	uint64_t left_out;

	value_init(&v, in, clip);
	while ((result = value_next(&v, &item)) == VALUE_OK)
		add_item(out, &item, utf8);
	if (result == VALUE_BAD) {
		left_out = value_rest(&v, &rest);
		if (v.at > 0)
			bytes_add(out, " ", 1);
		notation_add_bytes(out, rest, utf8);
		if (left_out > 0)
			notation_add_more(out, left_out, "byte");
	} else if (result == VALUE_CUT) {
		add_separator(out, &item);
		notation_add_more(out, item.left_out, "byte");
	}
	value_free(&v);
}

void
notation_add(struct bytes *out, const struct record_bytes *in, size_t clip,
    bool utf8)
{
	struct reply_scalar s;

	if (value_scalar(in, clip, &s))
		add_whole(out, s.type, false, s.data, s.len, utf8);
	else
		add_items(out, in, clip, utf8);
}
