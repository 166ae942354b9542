#include "config.h"

#include "net/flow.h"

static enum flow_state
may_read(const struct flow *f, size_t *room)
{
	if (leg_unsent(f->to) >= f->high)
		return (FLOW_TO_FULL);
	return (f->ask(f->ctx, room));
}

enum flow_state
flow_run(const struct flow *f)
{
	enum flow_state state;
	size_t n, room;
	int turn;

	for (turn = 0;; turn++) {
		if ((state = may_read(f, &room)) != FLOW_OPEN) {
			leg_pause(f->from);
			return (state);
		}
		if (turn == FLOW_TURN)
			break;
		if (room > FLOW_CHUNK)
			room = FLOW_CHUNK;
		if ((n = leg_read(f->from, f->chunk, room)) > 0)
			f->take(f->ctx, f->chunk, n);
		if (leg_ended(f->from))
			return (FLOW_ENDED);
		/* Nothing more is there; but what it had may have been too
		 * much. */
		if (n < room)
			turn = FLOW_TURN - 1;
	}
	leg_resume(f->from);
	return (leg_buffered(f->from) > 0 ? FLOW_MORE : FLOW_OPEN);
}
