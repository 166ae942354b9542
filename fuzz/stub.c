/*
 * The stub: whatever a client sends, what it gets is whole replies of its
 * protocol, pushes only where they may be, and nothing grows past its bound.
 *
 * Input: options, the commands' bytes.
 */
#include "config.h"

#include "fuzz/fuzz.h"

#include "fuzz/reply_check.h"
#include "redis/command.h"
#include "redis/redact.h"
#include "resp/request.h"
#include "stub/answers.h"
#include "stub/stub.h"
#include "stub/stub_value.h"
#include "stub/stub_world.h"

/* What one command may get: 1 MiB, which one value may overrun, and for each
 * byte that it has itself so much more. */
#define REPLY_MAX (1024 * 1024 + 64 * 1024)
#define REPLY_GROWTH 16
/* And EXEC for each command that it did not execute. */
#define EXEC_GROWTH 32

static const char rules[] =
	"GET scripted => \"it is\"\n"
	"GET map => {a: [(integer) 1, (nil)], b: (double) 1.5}\n"
	"SET * => after 1s OK\n"
	"BYE => close with bye\n"
	"HANG => hang\n";

static struct args args;	/* too large for the stack */

struct play {
	struct stub stub;
	struct session session;
	struct request request;
	struct bytes reply;
	struct bytes values;	/* struct stub_value, of the reply */
	uint32_t queued;	/* commands that EXEC is going to run */
	bool irregular;		/* EXEC's array may not be what it says */
};

static bool
ends_with(const struct arg *a, const char *word)
{
	struct arg end = *a;
	size_t len = strlen(word);

	if (a->kept < len || a->kept != a->size)
		return (false);
	end.data += a->kept - len;
	end.kept = end.size = (uint32_t)len;
	return (arg_is(&end, word));
}

/* What a transaction runs may have more than one reply, or none. */
static void
note_queued(struct play *y)
{
	const struct arg *name = &args.v[0];

	if (y->session.multi == NULL)
		y->irregular = false;
	else if (ends_with(name, "subscribe") || (arg_is(name, "client") &&
	    args.total > 1 && arg_is(&args.v[1], "reply")))
		y->irregular = true;
}

static void
check_reply(const struct play *y, uint8_t resp_before)
{
	const struct arg *name = &args.v[0];
	bool exec = arg_is(name, "exec"), three;

	MUST(!y->reply.failed);
	MUST(y->reply.len <= REPLY_MAX + REPLY_GROWTH * args.bytes +
	    (exec ? EXEC_GROWTH * y->queued : 0));
	if (exec && y->irregular)
		return;
	three = resp_before == 3 || y->session.resp == 3;
	must_be_replies(&y->reply, three ? 3 : 2, three &&
	    ends_with(name, "subscribe"));
}

/* They end one behind the other, the last one with the reply. */
static void
check_values(const struct play *y)
{
	const struct stub_value *v = (const void *)y->values.data;
	size_t n = y->values.len / sizeof(*v), at = 0, i;

	for (i = 0; i < n; i++) {
		MUST(v[i].end > at);
		at = v[i].end;
	}
	MUST(at == y->reply.len);
}

static void
check_session(const struct session *s)
{
	MUST(s->resp == 2 || s->resp == 3);
	MUST(session_subscribed_all(s) <= SESSION_SUBSCRIPTIONS_MAX);
	if (s->multi == NULL)
		return;
	MUST(s->multi->n <= SESSION_QUEUE_MAX);
	MUST(s->multi->queue.len <= SESSION_QUEUE_BYTES);
}

/* Returns whether the connection goes on. */
static bool
answer(struct play *y)
{
	struct stub_outcome outcome = { .verdict = STUB_HANG };
	uint8_t resp = y->session.resp;
	bool muted = session_muted(&y->session);

	command_look_up(&args);
	if (args.total == 0) {
		stub_skip_empty(&y->session);
		return (true);
	}
	redact_args(&args, REDACT_SECRETS);
	note_queued(y);
	y->queued = y->session.multi != NULL ? y->session.multi->n : 0;
	bytes_truncate(&y->reply, 0);
	stub_answer(&y->stub, &y->session, &args, &y->reply, &y->values,
	    &outcome);
	check_reply(y, resp);
	check_values(y);
	check_session(&y->session);
	if (outcome.verdict == STUB_HANG)
		MUST(y->reply.len == 0 || muted || arg_is(&args.v[0], "exec"));
	if (y->stub.mode == STUB_NONE)
		MUST(y->reply.len == 0 || outcome.why != NULL);
	return (outcome.verdict == STUB_GO);
}

static void
refuse(struct play *y)
{
	char text[TOKENIZER_ERROR_MAX];

	tokenizer_error(&y->request.tokenizer, text);
	bytes_truncate(&y->reply, 0);
	if (stub_refuse(&y->session, text, &y->reply))
		MUST(must_be_replies(&y->reply, 2, false) == 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct input in = { data, data + len };
	enum request_result result;
	uint8_t options = input_byte(&in);
	struct play y = { .stub = { .mode = (enum stub_mode)(options % 4),
		.compat = (enum compat)(options / 8 % COMPAT_WORLDS) } };
	struct bytes message = { 0 };
	struct answers *answers = NULL;

	if (options & 4) {
		answers = answers_parse("rules", (const uint8_t *)rules,
		    sizeof(rules) - 1, &message);
		MUST(answers != NULL);
	}
	y.stub.answers = answers;
	y.stub.world = stub_world_new();
	MUST(y.stub.world != NULL);
	args.clip = 1024;
	args.keep = stub_keep(y.stub.mode);
	session_init(&y.session, 1);
	request_init(&y.request);
	while ((result = request_next(&y.request, &args, &in.p, in.end)) ==
	    REQUEST_OK)
		if (!answer(&y))
			break;
	if (result == REQUEST_BAD)
		refuse(&y);
	request_free(&y.request);
	session_free(&y.session);
	bytes_free(&y.reply);
	bytes_free(&y.values);
	stub_world_free(y.stub.world);
	answers_free(answers);
	return (0);
}
