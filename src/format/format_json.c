/*
 * json: one record a line, an object.
 *
 *   {"v":1,"time":"2026-11-23T11:00:01.000345Z","conn":1,"event":"recv",
 *    "offset":0,"bytes":14,"data":"*1\r\n$4\r\nPING\r\n"}
 */
#include "config.h"

#include "format/format.h"

#include <string.h>

#include "format/json_string.h"
#include "format/json_value.h"
#include "format/value.h"
#include "trace/filter.h"

#define JSON_VERSION "1"

/* A member's key; all but the first of an object have a comma in front. */
static void
add_key(struct bytes *out, const char *key)
{
	size_t len = strlen(key);
	uint8_t *o = bytes_reserve(out, len + 4);

	if (o == NULL)
		return;
	memcpy(o, ",\"", 2);
	memcpy(o + 2, key, len);
	memcpy(o + 2 + len, "\":", 2);
	out->len += len + 4;
}

static void
add_uint(struct bytes *out, const char *key, uint64_t n)
{
	add_key(out, key);
	bytes_add_uint(out, n);
}

static void
add_string(struct bytes *out, const char *key, const char *s)
{
	add_key(out, key);
	json_add_string(out, (const uint8_t *)s, strlen(s));
}

static void
add_head(struct format_state *state, const struct record *r, struct bytes *out)
{
	bytes_add_string(out, "{\"v\":" JSON_VERSION ",\"time\":\"");
	clock_add_iso(&state->clock, r->when, out);
	bytes_add(out, "\"", 1);
	add_uint(out, "conn", r->conn);
	add_string(out, "event", filter_event_name(r->event));
	if (r->client != NULL)
		add_string(out, "client", r->client);
	if (r->upstream != NULL)
		add_string(out, "upstream", r->upstream);
}

static void
add_bytes(const struct format_options *o, const struct record_bytes *b,
    struct bytes *out)
{
	size_t len = format_snap(o, b);
	struct value_bytes shown = { b, 0, len, 0 };

	add_uint(out, "offset", b->offset);
	add_uint(out, "bytes", b->len);
	if (value_has_secrets(shown)) {
		add_key(out, "data");
		json_value_add_runs(out, shown);
	} else if (json_is_utf8(b->data, len)) {
		add_key(out, "data");
		json_add_text(out, b->data, len);
	} else {
		add_key(out, "data_base64");
		json_add_base64(out, b->data, len);
	}
	if (len < b->len)
		add_uint(out, "left_out", b->len - len);
}

/* The same as an object of its own. */
static void
add_part(const struct format_options *o, const char *key,
    const struct record_bytes *b, struct bytes *out)
{
	size_t at;

	add_key(out, key);
	at = out->len;
	add_bytes(o, b, out);
	if (!out->failed)
		out->data[at] = '{';	/* the first member's comma */
	bytes_add(out, "}", 1);
}

static void
add_arg(const struct format_options *o, const struct arg *a, size_t *room,
    struct bytes *out)
{
	if (a->secret)
		json_add_redacted(out, a->size);
	else
		json_add_clipped(out, a->data,
		    value_arg_shown(a, o->clip, room), a->size);
}

static void
add_command(const struct format_options *o, const struct record *r,
    struct bytes *out)
{
	const struct args *args = r->u.cmd.args;
	size_t room = VALUE_SHOWN_MAX;
	uint32_t i;

	add_uint(out, "no", r->u.cmd.no);
	add_key(out, "args");
	bytes_add(out, "[", 1);
	for (i = 0; i < args->n && room > 0; i++) {
		if (i > 0)
			bytes_add(out, ",", 1);
		add_arg(o, &args->v[i], &room, out);
	}
	bytes_add(out, "]", 1);
	add_uint(out, "offset", r->u.cmd.offset);
	add_uint(out, "bytes", r->u.cmd.bytes);
	if (i < args->total)
		add_uint(out, "left_out", args->total - i);
}

static void
add_reply(const struct format_options *o, const struct record *r,
    struct bytes *out)
{
	const struct record_bytes *value = &r->u.reply.value;
	size_t room = VALUE_SHOWN_MAX;

	if (r->u.reply.name != NULL) {
		add_uint(out, "no", r->u.reply.no);
		add_key(out, "name");
		add_arg(o, r->u.reply.name, &room, out);
		add_uint(out, "latency_us", r->u.reply.latency_us);
	}
	add_key(out, "value");
	json_value_add(out, value, o->clip);
	add_uint(out, "offset", value->offset);
	add_uint(out, "bytes", value->len + value->left_out);
}

static void
add_error(const struct record *r, struct bytes *out)
{
	add_uint(out, "offset", r->u.error.offset);
	if (r->u.error.byte >= 0)
		add_uint(out, "byte", (uint8_t)r->u.error.byte);
	add_string(out, "rule", r->u.error.rule);
	add_string(out, "text", r->u.error.text);
}

static void
add_close(const struct record *r, struct bytes *out)
{
	add_string(out, "reason", r->u.close.reason);
	if (r->u.close.side != NULL)
		add_string(out, "side", r->u.close.side);
	add_uint(out, "received", r->u.close.received);
	add_uint(out, "commands", r->u.close.commands);
	add_uint(out, "sent", r->u.close.sent);
}

void
format_json(struct format_state *state, const struct record *r,
    struct bytes *out)
{
	const struct format_options *o = &state->options;

	add_head(state, r, out);
	switch (r->event) {
	case RECORD_OPEN:
		add_string(out, "peer", r->u.open.peer);
		add_string(out, "local", r->u.open.local);
		break;
	case RECORD_RECV:
	case RECORD_SEND:
		add_bytes(o, &r->u.bytes, out);
		break;
	case RECORD_EDIT:
		add_string(out, "side", r->u.edit.side);
		add_part(o, "came", &r->u.edit.came, out);
		add_part(o, "went", &r->u.edit.went, out);
		break;
	case RECORD_CMD:
		add_command(o, r, out);
		break;
	case RECORD_REPLY:
		add_reply(o, r, out);
		break;
	case RECORD_PUSH:
		add_key(out, "value");
		json_value_add(out, &r->u.bytes, o->clip);
		break;
	case RECORD_ERROR:
		add_error(r, out);
		break;
	case RECORD_CLOSE:
		add_close(r, out);
		break;
	case RECORD_EVENTS:
		break;
	}
	bytes_add(out, "}\n", 2);
}
