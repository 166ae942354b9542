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

	if (r->event != RECORD_RECV && r->event != RECORD_SEND)
		return;
	bytes_add(out, b->data, format_snap(&state->options, b));
}
