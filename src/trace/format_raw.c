/*
 * raw: the bytes of one direction, and nothing else.
 */
#include "config.h"

#include "trace/format.h"

void
format_raw(struct format_state *state, const struct record *r,
    struct bytes *out)
{
	if (r->event == RECORD_RECV || r->event == RECORD_SEND)
		bytes_add(out, r->u.bytes.data,
		    format_snap(&state->options, &r->u.bytes));
}
