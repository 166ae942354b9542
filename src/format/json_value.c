#include "config.h"

#include "format/json_value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "format/json_string.h"

/* Integers up to here are the same in a reader that has only doubles. */
#define INTEGER_MAX ((uint64_t)1 << 53)
/* Longer ones are given as strings, lest strtod() needs a long buffer. */
#define DOUBLE_MAX 128
/* What stands in front of a verbatim string: "txt:". */
#define VERBATIM_HEAD 4
/* How many brackets one item opens at most: "[", then "{" and "[". */
#define BRACKETS_MAX 3

struct writer {
	struct bytes *out;
	unsigned depth;		/* brackets that are open */
	char closing[JSON_DEPTH_MAX + BRACKETS_MAX];	/* what closes them */
};

void
json_value_add_runs(struct bytes *out, struct value_bytes b)
{
	struct value_run run;
	bool first = true;

	bytes_add(out, "[", 1);
	while (value_next_run(&b, &run)) {
		if (!first)
			bytes_add(out, ",", 1);
		first = false;
		if (run.secret)
			json_add_redacted(out, run.len);
		else
			json_add_string(out, run.data, run.len);
	}
	bytes_add(out, "]", 1);
}

static const uint8_t *
start(const struct value_bytes *b)
{
	return (b->at < b->end ? b->in->data + b->at : NULL);
}

/* Adds a string that left_out more bytes belong to. */
static void
add_string(struct bytes *out, struct value_bytes b, uint64_t left_out)
{
	size_t len = b.end - b.at;

	if (!value_has_secrets(b)) {
		json_add_clipped(out, start(&b), len, len + left_out);
		return;
	}
	if (value_is_secret(b) && left_out == 0) {
		json_add_redacted(out, len);
		return;
	}
	bytes_add_string(out, "{\"parts\":");
	json_value_add_runs(out, b);
	if (left_out > 0) {
		bytes_add_string(out, ",\"bytes\":");
		bytes_add_uint(out, len + left_out);
	}
	bytes_add(out, "}", 1);
}

/* Adds {"KEY":STRING}. */
static void
add_keyed(struct bytes *out, const char *key, const struct value_item *item)
{
	bytes_add_string(out, "{\"");
	bytes_add_string(out, key);
	bytes_add_string(out, "\":");
	add_string(out, item->bytes, item->left_out);
	bytes_add(out, "}", 1);
}

/* Numbers */

static size_t
digits(const uint8_t *p, const uint8_t *end)
{
	const uint8_t *q = p;

	while (q < end && *q >= '0' && *q <= '9')
		q++;
	return ((size_t)(q - p));
}

/* The length of JSON's form of an integer there, or 0. */
static size_t
integer(const uint8_t *p, const uint8_t *end)
{
	const uint8_t *q = p < end && *p == '-' ? p + 1 : p;
	size_t n = digits(q, end);

	if (n == 0 || (n > 1 && *q == '0'))
		return (0);
	return ((size_t)(q - p) + n);
}

static bool
is_integer(const uint8_t *p, size_t len)
{
	return (integer(p, p + len) == len && (p[0] != '-' || p[1] != '0'));
}

static bool
is_small(const uint8_t *p, size_t len)
{
	uint64_t n = 0;
	size_t i;

	for (i = *p == '-'; i < len; i++)
		if ((n = n * 10 + (uint64_t)(p[i] - '0')) > INTEGER_MAX)
			return (false);
	return (true);
}

/* Whether JSON has that form for a number. */
static bool
is_number(const uint8_t *p, const uint8_t *end)
{
	size_t n;

	if ((n = integer(p, end)) == 0)
		return (false);
	p += n;
	if (p < end && *p == '.') {
		if ((n = digits(++p, end)) == 0)
			return (false);
		p += n;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		if (++p < end && (*p == '+' || *p == '-'))
			p++;
		if ((n = digits(p, end)) == 0)
			return (false);
		p += n;
	}
	return (p == end);
}

static bool
is_finite(const uint8_t *p, size_t len)
{
	char text[DOUBLE_MAX];

	if (len >= sizeof(text) || !is_number(p, p + len))
		return (false);
	memcpy(text, p, len);
	text[len] = '\0';
	return (isfinite(strtod(text, NULL)));
}

static void
add_integer(struct bytes *out, const struct value_item *item,
    const uint8_t *p, size_t len)
{
	if (p == NULL || !is_integer(p, len))
		add_keyed(out, "integer", item);
	else if (is_small(p, len))
		bytes_add(out, p, len);
	else
		add_keyed(out, "bignum", item);
}

static void
add_double(struct bytes *out, const struct value_item *item,
    const uint8_t *p, size_t len)
{
	if (p == NULL || !is_finite(p, len))
		add_keyed(out, "double", item);
	else
		bytes_add(out, p, len);
}

static void
add_boolean(struct bytes *out, const struct value_item *item,
    const uint8_t *p, size_t len)
{
	if (p != NULL && len == 1 && *p == 't')
		bytes_add_string(out, "true");
	else if (p != NULL && len == 1 && *p == 'f')
		bytes_add_string(out, "false");
	else
		add_keyed(out, "boolean", item);
}

/* Other scalars */

static bool
has_verbatim_head(const struct value_bytes *b)
{
	struct value_bytes head = *b;
	const uint8_t *p = start(b);

	if (b->end - b->at < VERBATIM_HEAD)
		return (false);
	head.end = b->at + VERBATIM_HEAD;
	return (!value_has_secrets(head) && p[VERBATIM_HEAD - 1] == ':' &&
	    json_is_utf8(p, VERBATIM_HEAD - 1));
}

static void
add_verbatim(struct bytes *out, const struct value_item *item)
{
	struct value_bytes b = item->bytes;

	bytes_add_string(out, "{\"verbatim\":");
	if (has_verbatim_head(&b)) {
		json_add_text(out, start(&b), VERBATIM_HEAD - 1);
		b.at += VERBATIM_HEAD;
	} else {
		bytes_add_string(out, "null");
	}
	bytes_add_string(out, ",\"text\":");
	add_string(out, b, item->left_out);
	bytes_add(out, "}", 1);
}

static void
add_null(struct bytes *out, const struct value_item *item)
{
	if (item->bytes.at == item->bytes.end && item->left_out == 0)
		bytes_add_string(out, "null");
	else
		add_keyed(out, "null", item);
}

static void
add_scalar(struct bytes *out, const struct value_item *item)
{
	const struct value_bytes *b = &item->bytes;
	bool whole = item->left_out == 0 && !value_has_secrets(*b);
	const uint8_t *p = whole ? start(b) : NULL;
	size_t len = b->end - b->at;

	switch (item->type) {
	case REPLY_NULL:
		add_null(out, item);
		break;
	case REPLY_INTEGER:
		add_integer(out, item, p, len);
		break;
	case REPLY_DOUBLE:
		add_double(out, item, p, len);
		break;
	case REPLY_BOOLEAN:
		add_boolean(out, item, p, len);
		break;
	case REPLY_BIGNUM:
		add_keyed(out, "bignum", item);
		break;
	case REPLY_ERROR:
	case REPLY_BLOB_ERROR:
		add_keyed(out, "error", item);
		break;
	case REPLY_VERBATIM:
		add_verbatim(out, item);
		break;
	default:
		add_string(out, *b, item->left_out);
	}
}

/* Aggregates */

static const char *
opening(enum reply_type type)
{
	switch (type) {
	case REPLY_MAP:
		return ("{\"map\":[");
	case REPLY_SET:
		return ("{\"set\":[");
	case REPLY_PUSH:
		return ("{\"push\":[");
	case REPLY_ATTRIBUTE:
		return ("{\"attribute\":[");
	default:
		return ("[");
	}
}

static const char *
closing(enum reply_type type)
{
	switch (type) {
	case REPLY_MAP:
	case REPLY_SET:
	case REPLY_PUSH:
		return ("]}");
	case REPLY_ATTRIBUTE:
		return ("],\"value\":");
	default:
		return ("]");
	}
}

static bool
is_key(const struct value_item *item)
{
	return (value_has_keys(item->parent) && item->index % 2 == 0);
}

/* Adds what holds values together, and notes its brackets. */
static void
add_frame(struct writer *w, const char *frame)
{
	const char *p;

	bytes_add_string(w->out, frame);
	for (p = frame; *p != '\0'; p++) {
		if (*p == '[' || *p == '{')
			w->closing[w->depth++] = *p == '[' ? ']' : '}';
		else if (*p == ']' || *p == '}')
			w->depth--;
	}
}

/* What stands in front of a value; behind an attribute, that is done. */
static void
begin_value(struct writer *w, const struct value_item *item)
{
	if (item->attributes > 0)
		return;
	if (item->index > 0)
		add_frame(w, ",");
	if (is_key(item))
		add_frame(w, "[");
}

static void
end_value(struct writer *w, const struct value_item *item)
{
	uint64_t i;

	for (i = 0; i < item->attributes; i++)
		add_frame(w, "}");
	if (value_has_keys(item->parent) && !is_key(item))
		add_frame(w, "]");
}

static void
add_item(struct writer *w, const struct value_item *item)
{
	if (item->kind != VALUE_CLOSE)
		begin_value(w, item);
	switch (item->kind) {
	case VALUE_SCALAR:
		add_scalar(w->out, item);
		break;
	case VALUE_OPEN:
		add_frame(w, opening(item->type));
		return;
	case VALUE_CLOSE:
		add_frame(w, closing(item->type));
		if (item->type == REPLY_ATTRIBUTE)
			return;
		break;
	}
	end_value(w, item);
}

/* The rest is too much: it is counted where it would begin. */
static void
add_left_out(struct writer *w, const struct value_item *item)
{
	begin_value(w, item);
	bytes_add_string(w->out, "{\"left_out\":");
	bytes_add_uint(w->out, item->left_out);
	bytes_add(w->out, "}", 1);
	while (w->depth > 0)
		bytes_add(w->out, &w->closing[--w->depth], 1);
}

static void
add_opaque(struct bytes *out, const struct record_bytes *in, size_t clip)
{
	struct value whole;
	struct value_bytes b;
	uint64_t left_out;

	value_init(&whole, in, clip);
	left_out = value_rest(&whole, &b);
	bytes_add_string(out, "{\"opaque\":");
	add_string(out, b, left_out);
	bytes_add(out, "}", 1);
	value_free(&whole);
}

/* Item by item. */
static void
add_items(struct bytes *out, const struct record_bytes *in, size_t clip)
{
	struct value v;
	struct value_item item;
	enum value_result result;
	struct writer w = { .out = out };
	size_t before = out->len;

	value_init(&v, in, clip);
	while ((result = value_next(&v, &item)) == VALUE_OK &&
	    w.depth <= JSON_DEPTH_MAX)
		add_item(&w, &item);
	if (result == VALUE_CUT) {
		add_left_out(&w, &item);
	} else if (result != VALUE_END && !out->failed) {
		/* Half a value would be no JSON. */
		bytes_truncate(out, before);
		add_opaque(out, in, clip);
	}
	value_free(&v);
}

/* One that stands alone, and is all there. */
static void
add_lone_scalar(struct bytes *out, const struct record_bytes *in,
    const struct reply_scalar *s)
{
	size_t at = s->data != NULL ? (size_t)(s->data - in->data) : 0;

	add_scalar(out, &(struct value_item){ .kind = VALUE_SCALAR,
	    .type = s->type, .bytes = { in, at, at + s->len, 0 } });
}

void
json_value_add(struct bytes *out, const struct record_bytes *in, size_t clip)
{
	struct reply_scalar s;

	if (value_scalar(in, clip, &s))
		add_lone_scalar(out, in, &s);
	else
		add_items(out, in, clip);
}
