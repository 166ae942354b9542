#include "config.h"

#include "net/flow.h"

static enum flow_state
obstacle(const struct flow *f)
{
	if (leg_unsent(f->to) >= FLOW_HIGH)
		return (FLOW_TO_FULL);
	if (trace_full(f->trace))
		return (FLOW_TRACE_FULL);
	return (FLOW_OPEN);
}

enum flow_state
flow_run(const struct flow *f)
{
	enum flow_state state;
	size_t n;
	int turn;

	for (turn = 0; turn < FLOW_TURN; turn++) {
		if ((state = obstacle(f)) != FLOW_OPEN) {
			leg_pause(f->from);
			return (state);
		}
		n = leg_read(f->from, f->chunk, FLOW_CHUNK);
		if (n > 0 && !f->take(f->ctx, f->chunk, n))
			return (FLOW_OPEN);
		if (n < FLOW_CHUNK)
			break;
	}
	if (f->from->read_ended)
		return (FLOW_ENDED);
	leg_resume(f->from);
	return (FLOW_OPEN);
}
