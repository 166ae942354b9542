/*
 * raw: the bytes of one direction, and nothing else.
 */
#include "config.h"

#include "format/format.h"

void
format_raw(struct format_state *state, const struct record *r,
    struct bytes *out)
{
	const struct record_bytes *b = &r->u.bytes;
	size_t len;

	if (r->event != RECORD_RECV && r->event != RECORD_SEND)
		return;
	len = format_snap(&state->options, b);
	if (out->data != NULL && b->data == out->data + out->len)
		out->len += len;	/* read to its place: trace_place() */
	else
		bytes_add(out, b->data, len);
}
