#include "config.h"

#include "trace/notation.h"

#include <ctype.h>
#include <string.h>

#include "trace/quote.h"

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

static void
add_run(struct bytes *out, const uint8_t *data, size_t len, bool quotes,
    bool utf8)
{
	if (quotes)
		quote_add_string(out, data, len, utf8);
	else
		quote_add(out, data, len, utf8);
}

/* The runs of the bytes, with spaces between; mostly it is one. */
static void
add_runs(struct bytes *out, struct value_bytes b, bool quotes, bool utf8)
{
	struct value_run run;
	bool first = true;

	if (b.in->nsecrets == 0 && b.at < b.end) {
		add_run(out, b.in->data + b.at, b.end - b.at, quotes, utf8);
		return;
	}
	while (value_next_run(&b, &run)) {
		if (!first)
			bytes_add(out, " ", 1);
		first = false;
		if (run.secret)
			notation_add_redacted(out, run.len);
		else
			add_run(out, run.data, run.len, quotes, utf8);
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

/* How redis-cli spells a scalar that needs no bytes of its own, or NULL. */
static const char *
word(const struct value_item *item)
{
	const struct value_bytes *b = &item->bytes;

	if (item->type == REPLY_NULL)
		return ("(nil)");
	if (item->type != REPLY_BOOLEAN || b->end != b->at + 1 ||
	    item->left_out > 0 || value_has_secrets(*b))
		return (NULL);
	switch (b->in->data[b->at]) {
	case 't':
		return ("(true)");
	case 'f':
		return ("(false)");
	default:
		return (NULL);
	}
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
is_misleading(const struct value_item *item)
{
	const struct value_bytes *b = &item->bytes;
	size_t len = b->end - b->at, i;
	const uint8_t *text;

	if (item->left_out > 0 || value_has_secrets(*b))
		return (false);	/* it cannot be read back anyway */
	if (len == 0)
		return (true);
	text = b->in->data + b->at;
	if (text[0] == ' ' || text[len - 1] == ' ' || text[0] == '"')
		return (true);
	if (item->type == REPLY_STATUS &&
	    (memchr("'([{<|~>]},:", text[0], 12) != NULL ||
	    (item->parent == 0 && is_verdict(text, len))))
		return (true);
	for (i = 0; item->parent != 0 && i < len; i++)
		if (memchr("[]{},:", text[i], 6) != NULL)
			return (true);
	return (false);
}

static bool
in_quotes(const struct value_item *item)
{
	switch (item->type) {
	case REPLY_BULK:
	case REPLY_VERBATIM:
		return (true);
	case REPLY_STATUS:
	case REPLY_ERROR:
	case REPLY_BLOB_ERROR:
		return (is_misleading(item));
	default:
		return (false);
	}
}

static void
add_scalar(struct bytes *out, const struct value_item *item, bool utf8)
{
	const char *spelling = word(item);
	bool quotes = in_quotes(item);

	if (spelling != NULL) {
		bytes_add_string(out, spelling);
		return;
	}
	bytes_add_string(out, prefix(item->type, quotes));
	add_runs(out, item->bytes, quotes, utf8);
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
	struct value_item item;

	if (value_scalar(in, clip, &item))
		add_scalar(out, &item, utf8);
	else
		add_items(out, in, clip, utf8);
}
