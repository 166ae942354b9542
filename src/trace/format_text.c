/*
 * text: one record a line, TIME #CONN EVENT BODY.
 */
#include "config.h"

#include "trace/format.h"

#include <string.h>

#include "trace/notation.h"
#include "trace/quote.h"

static void
add_count(struct bytes *out, uint64_t n, const char *what)
{
	bytes_add_uint(out, n);
	bytes_add(out, " ", 1);
	bytes_add_string(out, what);
	if (n != 1)
		bytes_add(out, "s", 1);
}

static void
add_more(struct bytes *out, uint64_t n, const char *what)
{
	bytes_add_string(out, "... (");
	bytes_add_uint(out, n);
	bytes_add_string(out, " more ");
	bytes_add_string(out, what);
	bytes_add_string(out, n == 1 ? ")" : "s)");
}

static void
add_quoted(struct bytes *out, const uint8_t *data, size_t len, bool utf8)
{
	bytes_add(out, "\"", 1);
	quote_add(out, data, len, utf8);
	bytes_add(out, "\"", 1);
}

/*
 * The bytes in quotes, what is secret outside them: "AUTH " <redacted 6 bytes>
 * "\r\n".
 */
static void
add_bytes(const struct format_options *o, const struct record_bytes *b,
    struct bytes *out)
{
	size_t len = format_snap(o, b), at = 0, i, n;

	for (i = 0; i < b->nsecrets && b->secrets[i].at < len; i++) {
		const struct record_span *s = &b->secrets[i];

		if (s->at > at) {
			add_quoted(out, b->data + at, s->at - at, o->utf8);
			bytes_add(out, " ", 1);
		}
		n = s->len < len - s->at ? s->len : len - s->at;
		bytes_add_string(out, "<redacted ");
		add_count(out, n, "byte");
		bytes_add_string(out, ">");
		at = s->at + n;
		if (at < len)
			bytes_add(out, " ", 1);
	}
	if (at < len || b->nsecrets == 0)
		add_quoted(out, b->data + at, len - at, o->utf8);
	if (len < b->len)
		add_more(out, b->len - len, "byte");
}

static void
add_args(const struct format_options *o, const struct args *args,
    struct bytes *out)
{
	size_t room = NOTATION_MAX, n;
	uint32_t i;

	for (i = 0; i < args->n && room > 0; i++) {
		const struct arg *a = &args->v[i];

		n = a->kept < o->clip ? a->kept : o->clip;
		if (n > room)
			n = room;
		room -= n;
		bytes_add(out, " ", 1);
		add_quoted(out, a->data, n, o->utf8);
		if (n < a->size)
			add_more(out, a->size - n, "byte");
	}
	if (i < args->total) {
		bytes_add(out, " ", 1);
		add_more(out, args->total - i, "argument");
	}
}

static void
add_reply(const struct format_options *o, const struct record *r,
    struct bytes *out)
{
	const struct arg *name = r->u.reply.name;

	bytes_add_uint(out, r->u.reply.no);
	bytes_add(out, " ", 1);
	notation_add_name(out, name->data,
	    name->kept < o->clip ? name->kept : o->clip);
	bytes_add(out, " ", 1);
	bytes_add_uint(out, r->u.reply.latency_us);
	bytes_add_string(out, "us ");
	notation_add(out, r->u.reply.value.data, r->u.reply.value.len, o->clip,
	    o->utf8);
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
		add_quoted(out, &byte, 1, false);
		bytes_add_string(out, ": ");
	}
	quote_add(out, (const uint8_t *)text, strlen(text), false);
}

static void
add_close(const struct record *r, struct bytes *out)
{
	bytes_add_string(out, r->u.close.reason);
	bytes_add_string(out, "; received ");
	add_count(out, r->u.close.received, "byte");
	bytes_add_string(out, ", ");
	add_count(out, r->u.close.commands, "command");
	bytes_add_string(out, "; sent ");
	add_count(out, r->u.close.sent, "byte");
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
	case RECORD_CMD:
		bytes_add_uint(out, r->u.cmd.no);
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
	case RECORD_EVENTS:
		break;
	}
	bytes_add(out, "\n", 1);
}
