/*
 * The records that a connection makes, whoever answers it.
 */
#include "config.h"

#include "conn/conn_private.h"

#include <sys/socket.h>

void
conn_trace(struct conn *c, struct record *r)
{
	r->conn = c->session.id;
	r->client = c->session.name;
	r->upstream = c->route->upstream != NULL ? c->route->upstream->text :
	    NULL;
	r->chosen &= c->chosen;
	trace_record(c->worker->trace, r);
}

void
conn_record_open(struct conn *c, const struct address *peer)
{
	struct record r = { .event = RECORD_OPEN, .chosen = TRACE_CHOSEN };
	char peer_text[ADDRESS_TEXT_MAX], local_text[ADDRESS_TEXT_MAX];
	struct address local;

	if (!trace_wants(c->worker->trace, RECORD_BIT(RECORD_OPEN)))
		return;
	leg_local(&c->client, &local);
	r.u.open.peer = address_text(peer, peer_text);
	r.u.open.local = address_text(&local, local_text);
	conn_trace(c, &r);
}

void
conn_record_close(struct conn *c, const char *reason, const char *side)
{
	struct record r = { .event = RECORD_CLOSE, .chosen = TRACE_CHOSEN };

	r.u.close.reason = reason;
	r.u.close.side = side;
	r.u.close.received = c->received;
	r.u.close.commands = c->commands;
	r.u.close.sent = c->sent;
	conn_trace(c, &r);
}

static void
record_bytes(struct conn *c, enum record_event event, const uint8_t *data,
    size_t len, const struct spans *spans)
{
	struct record r = { .event = event, .chosen = TRACE_CHOSEN };

	r.u.bytes.data = data;
	r.u.bytes.len = len;
	r.u.bytes.offset = event == RECORD_RECV ? c->received : c->sent;
	r.u.bytes.secrets = spans->v;
	r.u.bytes.nsecrets = spans->n;
	conn_trace(c, &r);
}

void
conn_record_received(struct conn *c, const uint8_t *data, size_t len)
{
	struct worker *w = c->worker;

	if (!trace_wants(w->trace, RECORD_BIT(RECORD_RECV)))
		return;
	redact_requests(&c->redact,
	    trace_redact(w->trace, RECORD_BIT(RECORD_RECV)), data, len,
	    &w->spans);
	record_bytes(c, RECORD_RECV, data, len, &w->spans);
}

void
conn_record_sent(struct conn *c, const uint8_t *data, size_t len,
    const struct spans *spans)
{
	if (trace_wants(c->worker->trace, RECORD_BIT(RECORD_SEND)))
		record_bytes(c, RECORD_SEND, data, len, spans);
}

void
conn_record_command(struct conn *c, struct args *args, unsigned chosen,
    struct record *r)
{
	struct trace *trace = c->worker->trace;
	enum redact_level level = c->worker->settings->redact;
	bool reveals;

	r->event = RECORD_CMD;
	r->chosen = chosen;
	r->u.cmd.no = c->commands;
	r->u.cmd.args = args;
	r->u.cmd.peer = trace_wants_peer(trace) ? conn_peer(c) : NULL;
	r->u.cmd.db = c->session.db;
	r->u.cmd.offset = args->offset;
	r->u.cmd.bytes = args->bytes;
	/* A sink that hides nothing sees it before anything is marked. */
	reveals = trace_reveals(trace, RECORD_BIT(RECORD_CMD));
	r->u.cmd.marked = reveals ? REDACT_NONE : level;
	if (!reveals)
		redact_args(args, level);
	if (trace_wants(trace, RECORD_BIT(RECORD_CMD)))
		conn_trace(c, r);
	if (reveals)
		redact_args(args, level);
}

/* Bytes of a change, which is shown as a whole, or hidden. */
static struct record_bytes
part_of(const uint8_t *data, size_t at, size_t len, uint64_t offset,
    const struct span *secret)
{
	return ((struct record_bytes){
		.data = data + at,
		.len = len,
		.offset = offset + at,
		.secrets = secret,
		.nsecrets = secret->len > 0,
	});
}

void
conn_record_edits(struct conn *c, enum edit_side side,
    const struct edit_result *e, const struct spans *secrets)
{
	struct record r = { .event = RECORD_EDIT };
	const struct edit_change *change;
	struct span of_came, of_went;
	size_t i;

	if (!trace_wants(c->worker->trace, RECORD_BIT(RECORD_EDIT)))
		return;
	r.u.edit.side = side == EDIT_REQUESTS ? "request" : "reply";
	for (i = 0; i < e->nchanges; i++) {
		change = &e->changes[i];
		of_came = of_went = (struct span){ 0, 0 };
		if (spans_touch(secrets, change->came_at, change->came)) {
			of_came.len = change->came;
			of_went.len = change->went;
		}
		r.chosen = TRACE_CHOSEN;
		r.u.edit.came = part_of(e->came, change->came_at,
		    change->came, e->came_offset, &of_came);
		r.u.edit.went = part_of(e->went, change->went_at,
		    change->went, e->went_offset, &of_went);
		conn_trace(c, &r);
	}
}

void
conn_record_violation(struct conn *c, char text[TOKENIZER_ERROR_MAX])
{
	const struct tokenizer *t = &c->request.tokenizer;
	struct record r = { .event = RECORD_ERROR, .chosen = TRACE_CHOSEN };

	tokenizer_error(t, text);
	r.u.error.offset = t->bad_at;
	r.u.error.byte = t->bad_byte;
	r.u.error.rule = tokenizer_rule_name(t);
	r.u.error.text = text;
	conn_trace(c, &r);
	c->decoding = false;
	request_free(&c->request);
}
