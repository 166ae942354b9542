#include "config.h"

#include "net/flow.h"

static enum flow_state
obstacle(const struct flow *f, size_t room)
{
	if (leg_unsent(f->to) >= FLOW_HIGH)
		return (FLOW_TO_FULL);
	if (room == 0)
		return (FLOW_TAKER_FULL);
	if (trace_full(f->trace))
		return (FLOW_TRACE_FULL);
	return (FLOW_OPEN);
}

enum flow_state
flow_run(const struct flow *f)
{
	enum flow_state state;
	uint8_t *chunk = f->chunk;
	size_t n, room;
	int turn;

	for (turn = 0;; turn++) {
		room = f->room(f->ctx);
		if ((state = obstacle(f, room)) != FLOW_OPEN) {
			leg_pause(f->from);
			return (state);
		}
		if (turn == FLOW_TURN)
			break;
		if (room > FLOW_CHUNK)
			room = FLOW_CHUNK;
		trace_begin_turn(f->trace);
		if (f->for_trace)
			chunk = trace_place(f->trace, room, f->chunk);
		if ((n = leg_read(f->from, chunk, room)) > 0)
			f->take(f->ctx, chunk, n);
		if (f->from->read_ended)
			return (FLOW_ENDED);
		/* Nothing more is there; but what it had may have been too
		 * much. */
		if (n < room)
			turn = FLOW_TURN - 1;
	}
	leg_resume(f->from);
	return (FLOW_OPEN);
}
