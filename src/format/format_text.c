/*
 * text: one record a line, TIME #CONN EVENT BODY.
 */
#include "config.h"

#include "format/format.h"

#include <string.h>

#include "format/notation.h"
#include "format/quote.h"

static void
add_bytes(const struct format_options *o, const struct record_bytes *b,
    struct bytes *out)
{
	size_t len = format_snap(o, b);

	notation_add_bytes(out, (struct value_bytes){ b, 0, len, 0 }, o->utf8);
	if (len < b->len)
		notation_add_more(out, b->len - len, "byte");
}

static inline void
add_no(uint64_t no, struct bytes *out)
{
	uint8_t *p = bytes_reserve(out, BYTES_UINT_MAX);

	if (p != NULL)
		out->len = (size_t)(bytes_put_uint(p, no) - out->data);
}

static void
add_arg(const struct format_options *o, const struct arg *a, size_t *room,
    struct bytes *out)
{
	uint8_t *p = bytes_reserve(out, 3 + QUOTE_SHORT_ROOM);
	size_t n;

	if (p == NULL)
		return;
	*p++ = ' ';
	out->len++;
	if (a->secret) {
		notation_add_redacted(out, a->size);
		return;
	}
	n = value_arg_shown(a, o->clip, room);
	if (n <= QUOTE_SHORT) {
		*p++ = '"';
		p = quote_put_short(p, a->data, n, o->utf8);
		*p++ = '"';
		out->len = (size_t)(p - out->data);
	} else {
		quote_add_string(out, a->data, n, o->utf8);
	}
	if (n < a->size)
		notation_add_more(out, a->size - n, "byte");
}

static void
add_args(const struct format_options *o, const struct args *args,
    struct bytes *out)
{
	size_t room = VALUE_SHOWN_MAX;
	uint32_t i;

	for (i = 0; i < args->n && room > 0; i++)
		add_arg(o, &args->v[i], &room, out);
	if (i < args->total) {
		bytes_add(out, " ", 1);
		notation_add_more(out, args->total - i, "argument");
	}
}

/* The command's name may be as secret as its arguments; that of one that is
 * known is a word. */
static void
add_name(const struct format_options *o, const struct arg *name, bool known,
    struct bytes *out)
{
	size_t len = name->kept < o->clip ? name->kept : o->clip;

	if (name->secret)
		notation_add_redacted(out, name->size);
	else if (known && len > 0)
		bytes_add(out, name->data, len);
	else
		notation_add_name(out, name->data, len);
}

/* With the spaces around it. */
static void
add_latency(uint64_t us, struct bytes *out)
{
	uint8_t *p = bytes_reserve(out, BYTES_UINT_MAX + 4);

	if (p == NULL)
		return;
	*p++ = ' ';
	p = bytes_put_uint(p, us);
	memcpy(p, "us ", 3);
	out->len = (size_t)(p + 3 - out->data);
}

static void
add_reply(const struct format_options *o, const struct record *r,
    struct bytes *out)
{
	if (r->u.reply.name == NULL) {
		bytes_add_string(out, "? ");
	} else {
		add_no(r->u.reply.no, out);
		bytes_add(out, " ", 1);
		add_name(o, r->u.reply.name, r->u.reply.command != NULL, out);
		add_latency(r->u.reply.latency_us, out);
	}
	notation_add(out, &r->u.reply.value, o->clip, o->utf8);
}

static void
add_error(const struct record *r, struct bytes *out)
{
	uint8_t byte = (uint8_t)r->u.error.byte;
	const char *text = r->u.error.text;

	if (r->u.error.byte >= 0) {
		bytes_add_string(out, "at ");
		bytes_add_uint(out, r->u.error.offset);
		bytes_add(out, " ", 1);
		quote_add_string(out, &byte, 1, false);
		bytes_add_string(out, ": ");
	}
	quote_add(out, (const uint8_t *)text, strlen(text), false);
}

static void
add_close(const struct record *r, struct bytes *out)
{
	if (r->u.close.side != NULL) {
		bytes_add_string(out, r->u.close.side);
		bytes_add(out, " ", 1);
	}
	bytes_add_string(out, r->u.close.reason);
	bytes_add_string(out, "; received ");
	notation_add_count(out, r->u.close.received, "byte");
	bytes_add_string(out, ", ");
	notation_add_count(out, r->u.close.commands, "command");
	bytes_add_string(out, "; sent ");
	notation_add_count(out, r->u.close.sent, "byte");
}

void
format_text(struct format_state *state, const struct record *r,
    struct bytes *out)
{
	const struct format_options *o = &state->options;

	format_head(state, r, out);
	switch (r->event) {
	case RECORD_OPEN:
		quote_add(out, (const uint8_t *)r->u.open.peer,
		    strlen(r->u.open.peer), o->utf8);
		break;
	case RECORD_RECV:
	case RECORD_SEND:
		add_bytes(o, &r->u.bytes, out);
		break;
	case RECORD_EDIT:
		bytes_add_string(out, r->u.edit.side);
		bytes_add(out, " ", 1);
		add_bytes(o, &r->u.edit.came, out);
		bytes_add_string(out, " -> ");
		add_bytes(o, &r->u.edit.went, out);
		break;
	case RECORD_CMD:
		add_no(r->u.cmd.no, out);
		add_args(o, r->u.cmd.args, out);
		break;
	case RECORD_REPLY:
		add_reply(o, r, out);
		break;
	case RECORD_ERROR:
		add_error(r, out);
		break;
	case RECORD_CLOSE:
		add_close(r, out);
		break;
	case RECORD_PUSH:
		notation_add(out, &r->u.bytes, o->clip, o->utf8);
		break;
	case RECORD_EVENTS:
		break;
	}
	bytes_add(out, "\n", 1);
}
