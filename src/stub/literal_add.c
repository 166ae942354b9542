#include "config.h"

#include "stub/literal.h"

#include <inttypes.h>
#include <string.h>

#include "stub/stub_value.h"

#define CRLF "\r\n"
#define VERBATIM_FORMAT 4	/* "txt:" */

static void
add_line(struct bytes *out, enum reply_type type, const uint8_t *text,
    size_t len)
{
	bytes_addf(out, "%c", (char)type);
	bytes_add(out, text, len);
	bytes_add_string(out, CRLF);
}

static void
add_string(struct bytes *out, enum reply_type type, const uint8_t *text,
    size_t len)
{
	bytes_addf(out, "%c%zu" CRLF, (char)type, len);
	bytes_add(out, text, len);
	bytes_add_string(out, CRLF);
}

static bool
has_line_break(const uint8_t *text, size_t len)
{
	return (len > 0 && (memchr(text, '\r', len) != NULL ||
	    memchr(text, '\n', len) != NULL));
}

static void
add_error(struct bytes *out, unsigned resp, const uint8_t *text, size_t len)
{
	size_t from, i;

	if (!has_line_break(text, len)) {
		add_line(out, REPLY_ERROR, text, len);
		return;
	}
	if (resp == 3) {
		add_string(out, REPLY_BLOB_ERROR, text, len);
		return;
	}
	from = out->len;
	add_line(out, REPLY_ERROR, text, len);
	for (i = from; i < from + len + 1 && !out->failed; i++)
		if (out->data[i] == '\r' || out->data[i] == '\n')
			out->data[i] = ' ';
}

static void
add_scalar(struct bytes *out, unsigned resp, const struct literal_node *node,
    const uint8_t *text)
{
	size_t len = node->len;

	switch (node->type) {
	case REPLY_NULL:
		bytes_add_string(out, resp == 3 ? "_" CRLF : "$-1" CRLF);
		break;
	case REPLY_BOOLEAN:
		bytes_addf(out, "%s" CRLF, resp == 3 ?
		    (node->values ? "#t" : "#f") :
		    (node->values ? ":1" : ":0"));
		break;
	case REPLY_ERROR:
		add_error(out, resp, text, len);
		break;
	case REPLY_VERBATIM:
		if (resp == 3)
			add_string(out, REPLY_VERBATIM, text, len);
		else
			add_string(out, REPLY_BULK, text + VERBATIM_FORMAT,
			    len - VERBATIM_FORMAT);
		break;
	case REPLY_DOUBLE:
	case REPLY_BIGNUM:
		if (resp == 3)
			add_line(out, node->type, text, len);
		else
			add_string(out, REPLY_BULK, text, len);
		break;
	case REPLY_BULK:
		add_string(out, REPLY_BULK, text, len);
		break;
	default:		/* status, integer */
		add_line(out, node->type, text, len);
	}
}

static void
add_header(struct bytes *out, unsigned resp, const struct literal_node *node)
{
	uint64_t count = node->values;
	enum reply_type type = node->type;

	if (resp != 3)
		type = REPLY_ARRAY;
	else if (type == REPLY_MAP || type == REPLY_ATTRIBUTE)
		count /= 2;
	bytes_addf(out, "%c%" PRIu64 CRLF, (char)type, count);
}

/* RESP2 has no attributes, and a push only as the whole reply. */
static bool
is_left_out(const struct literal *l, const struct literal_node *node,
    unsigned resp)
{
	return (resp != 3 && (node->type == REPLY_ATTRIBUTE ||
	    (node->type == REPLY_PUSH && node->end < l->n)));
}

static void
add_node(const struct literal *l, const struct literal_node *node,
    unsigned resp, struct bytes *out)
{
	switch (node->type) {
	case REPLY_ARRAY:
	case REPLY_MAP:
	case REPLY_SET:
	case REPLY_ATTRIBUTE:
	case REPLY_PUSH:
		add_header(out, resp, node);
		break;
	default:
		add_scalar(out, resp, node, l->text.len > 0 ?
		    l->text.data + node->at : (const uint8_t *)"");
	}
}

void
literal_add(const struct literal *l, unsigned resp, struct bytes *out,
    struct bytes *values)
{
	const struct literal_node *top, *node;
	size_t from = out->len, i = 0;

	while (i < l->n) {
		top = &l->nodes[i];
		while (i < top->end) {
			node = &l->nodes[i++];
			if (is_left_out(l, node, resp))
				i = node->end;
			else
				add_node(l, node, resp, out);
		}
		/* An attribute belongs to the value behind it. */
		if (top->type != REPLY_ATTRIBUTE && !is_left_out(l, top, resp))
			stub_value_add(values, out->len - from,
			    resp == 3 && top->type == REPLY_PUSH);
	}
}
