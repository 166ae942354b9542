/*
 * monitor: commands as Redis's MONITOR prints them, and nothing else.
 */
#include "config.h"

#include "format/format.h"

#include "format/monitor.h"

void
format_monitor(struct format_state *state, const struct record *r,
    struct bytes *out)
{
	if (r->event != RECORD_CMD)
		return;
	monitor_line(out, r, state->options.clip);
	bytes_add(out, "\n", 1);
}
