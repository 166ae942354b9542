/*
 * Memory that runs out: a session is played again and again, each time with
 * another one of its requests for memory failing.
 *
 * Whatever fails, nothing crashes, nothing leaks, no secret is seen, no reply
 * is shown with a command that it does not answer, and where less comes out
 * than with memory, a caller was told.
 */
#include "config.h"

#include "failing.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/format.h"
#include "redis/command.h"
#include "redis/pair.h"
#include "redis/redact.h"
#include "redis/redact_reply.h"
#include "resp/request.h"
#include "sink/stats.h"
#include "stub/answers.h"
#include "stub/stub.h"
#include "stub/stub_world.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))
#define CANARY "s3cret"

/* ck_assert() takes memory itself. */
#define MUST(expr)							\
	do {								\
		if (!(expr)) {						\
			failing_pause(true);				\
			ck_abort_msg("%s (request %lu fails)", #expr,	\
			    failing_at);				\
		}							\
	} while (0)

static unsigned long failing_at;
static struct args args;	/* too large for the stack */

/* What comes of one session; fixed, so that it is not what fails. */
static struct transcript {
	char text[512 * 1024];
	size_t len;
	bool told;		/* a caller knows that something is missing */
} with_memory, without;

static void
note(struct transcript *t, const char *what, const uint8_t *data, size_t len)
{
	size_t n = strlen(what);

	MUST(t->len + n + len < sizeof(t->text));
	memcpy(t->text + t->len, what, n);
	if (len > 0)
		memcpy(t->text + t->len + n, data, len);
	t->len += n + len;
}

static bool
is_same(void)
{
	return (with_memory.len == without.len && memcmp(with_memory.text,
	    without.text, without.len) == 0);
}

/* A record in some formats; each may fail by itself. */
static void
note_record(struct transcript *t, struct record *r)
{
	static const char *const names[] = { "text", "json", "hex" };
	struct format_state state = { .options = { .time = TIME_NONE,
		.clip = 1024 } };
	struct bytes out = { 0 };
	int i;

	r->conn = 1;
	for (i = 0; i < COUNT(names); i++) {
		format_find(names[i])->write(&state, r, &out);
		if (out.failed)
			t->told = true;
		else
			note(t, "", out.data, out.len);
		/* Redaction does not depend on how much is shown. */
		if (out.len > 0)
			MUST(memmem(out.data, out.len, CANARY,
			    strlen(CANARY)) == NULL);
		bytes_truncate(&out, 0);
	}
	bytes_free(&out);
}

/* All of it is hidden if it is not known where the secrets are. */
static void
note_bytes(struct transcript *t, enum record_event event, const uint8_t *data,
    size_t len, const struct spans *spans)
{
	struct record r = { .event = event };

	r.u.bytes = (struct record_bytes){ .data = data, .len = len,
	    .secrets = spans->v, .nsecrets = spans->n };
	if (failing_has_failed() && spans->n == 1 && spans->v[0].len >= len)
		t->told = true;
	note_record(t, &r);
}

/* The stub */

static const char stub_requests[] =
	"*3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$6\r\n" CANARY "\r\n"
	"*7\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n"
	"$6\r\n" CANARY "\r\n$7\r\nSETNAME\r\n$2\r\nme\r\n"
	"SET scripted \"a value\"\r\nECHO hello\r\nCLIENT SETNAME other\r\n"
	"CONFIG SET requirepass " CANARY "\r\n"
	"ACL SETUSER u on >" CANARY " <" CANARY " #" CANARY " !" CANARY "\r\n"
	"INFO\r\nCOMMAND GETKEYS MSET a 1 b 2\r\nCLIENT LIST\r\n"
	"SUBSCRIBE a b c\r\nPSUBSCRIBE x*\r\nUNSUBSCRIBE\r\nPUNSUBSCRIBE\r\n"
	"MULTI\r\nSET a b\r\nGET scripted\r\nECHO x\r\nEXEC\r\n"
	"NOPE a b\r\nRESET\r\n*1\r\nbad\r\n";

static const char stub_rules[] =
	"SET scripted * => {a: [(integer) 1, (nil)], b: (double) 1.5}\n"
	"GET scripted => \"yes\"\n";

struct stub_play {
	struct stub stub;
	struct answers *answers;
	struct session session;
	struct request request;
	struct redact redact;
	struct spans spans;
	struct bytes reply;
};

static void
answer(struct stub_play *y, struct transcript *t)
{
	static const char no_memory[] = "resptap: out of memory";
	struct record r = { .event = RECORD_CMD };
	struct stub_outcome outcome;

	command_look_up(&args);
	redact_args(&args, REDACT_SECRETS);
	r.u.cmd.args = &args;
	r.u.cmd.peer = "unix:";
	note_record(t, &r);
	bytes_truncate(&y->reply, 0);
	stub_answer(&y->stub, &y->session, &args, &y->reply, NULL, &outcome);
	if (y->reply.failed) {
		t->told = true;
		return;
	}
	if (y->reply.len == 0)
		return;
	if (memmem(y->reply.data, y->reply.len, no_memory,
	    strlen(no_memory)) != NULL)
		t->told = true;
	redact_replies(REDACT_SECRETS, false, y->reply.data, y->reply.len,
	    &y->spans);
	note_bytes(t, RECORD_SEND, y->reply.data, y->reply.len, &y->spans);
}

/* Returns whether the connection goes on. */
static bool
take_requests(struct stub_play *y, struct transcript *t, const uint8_t *data,
    size_t len)
{
	const uint8_t *p = data;
	enum request_result result;

	redact_requests(&y->redact, REDACT_SECRETS, data, len, &y->spans);
	note_bytes(t, RECORD_RECV, data, len, &y->spans);
	while ((result = request_next(&y->request, &args, &p, data + len)) ==
	    REQUEST_OK)
		answer(y, t);
	if (result == REQUEST_NOMEM)
		t->told = true;
	if (result == REQUEST_BAD)
		note(t, "bad", NULL, 0);
	return (result == REQUEST_MORE);
}

/* In chunks of that many bytes. */
static void
play_stub(struct transcript *t, size_t piece)
{
	const uint8_t *data = (const uint8_t *)stub_requests;
	size_t len = sizeof(stub_requests) - 1, at, n;
	struct stub_play y = { .stub = { .mode = STUB_REDIS } };
	struct bytes message = { 0 };

	args.keep = stub_keep(STUB_REDIS);
	y.answers = answers_parse("rules", (const uint8_t *)stub_rules,
	    sizeof(stub_rules) - 1, &message);
	y.stub.answers = y.answers;
	y.stub.world = stub_world_new();
	session_init(&y.session, 1);
	request_init(&y.request);
	redact_init(&y.redact);
	if (y.answers == NULL || y.stub.world == NULL ||
	    spans_init(&y.spans) == -1) {
		t->told = true;		/* resptap does not start */
		goto out;
	}
	for (at = 0; at < len; at += n) {
		n = len - at < piece ? len - at : piece;
		if (!take_requests(&y, t, data + at, n))
			break;
	}
out:
	redact_free(&y.redact);
	request_free(&y.request);
	session_free(&y.session);
	spans_free(&y.spans);
	bytes_free(&y.reply);
	bytes_free(&message);
	answers_free(y.answers);
	stub_world_free(y.stub.world);
}

/* The relay */

/* What the client sends, and the server behind it, in turn. */
static const char *const relay_steps[] = {
	"GET a\r\nGET b\r\n", "$5\r\nhello\r\n$-1\r\n",
	"CONFIG GET *\r\nACL LIST\r\n", "*4\r\n$11\r\nrequirepass\r\n"
	"$6\r\n" CANARY "\r\n$1\r\na\r\n$1\r\nb\r\n*1\r\n$19\r\n"
	"user u on #" CANARY " x\r\n",
	"HELLO 3 AUTH u " CANARY " SETNAME me\r\n",
	"%2\r\n+proto\r\n:3\r\n+server\r\n+redis\r\n",
	"SUBSCRIBE a b\r\n", ">3\r\n+subscribe\r\n+a\r\n:1\r\n"
	">3\r\n+subscribe\r\n+b\r\n:2\r\n>3\r\n+message\r\n+a\r\n+hi\r\n",
	"MULTI\r\nSET a b\r\nCLIENT SETNAME you\r\nSELECT 3\r\nEXEC\r\n",
	"+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n+OK\r\n+OK\r\n+OK\r\n",
	"LRANGE a 0 -1\r\nPING\r\n", "*3\r\n$40\r\n"
	"0123456789012345678901234567890123456789\r\n$40\r\n"
	"0123456789012345678901234567890123456789\r\n:1\r\n+PONG\r\n",
	"PING\r\nECHO 0123456789abcdef\r\n", "-ERR x\r\n"
	"$16\r\n0123456789abcdef\r\n",
	"MONITOR\r\n", "+OK\r\n+1.5 [0 x:1] \"AUTH\" \"" CANARY "\"\r\n"
};

struct relay_play {
	struct pair pair;
	struct pair_options options;
	struct session session;
	struct request request;
	struct pair_scratch scratch;
	struct stats *stats;
	uint64_t no;
};

/* Which command each reply was shown with: none, or the right one.  The place
 * of a reply is its offset in the stream. */
static uint64_t answered[1024];

static void
note_answer(struct relay_play *y, struct transcript *t,
    const struct pair_answer *a, bool first)
{
	const struct pair_question *q = &a->question;
	const struct pair_value *v = &a->value;
	struct record r = { .event = RECORD_REPLY };

	if (a->kind == PAIR_ERROR || a->kind == PAIR_UNPAIRED) {
		t->told |= a->kind == PAIR_ERROR;
		return;
	}
	MUST(v->offset < COUNT(answered));
	if (a->kind == PAIR_REPLY) {
		if (first)
			answered[v->offset] = q->no;
		MUST(answered[v->offset] == q->no);
		r.u.reply.no = q->no;
		r.u.reply.name = &q->name;
		r.u.reply.command = q->command;
		r.u.reply.key = q->key.data != NULL ? &q->key : NULL;
		r.u.reply.last = a->last;
	}
	r.u.reply.value = (struct record_bytes){ v->data, v->len, v->offset,
	    v->secrets, v->nsecrets, v->gaps, v->ngaps, v->left_out };
	note_record(t, &r);
	stats_add(y->stats, &r);
}

static bool
ask(struct relay_play *y, struct transcript *t, const char *text)
{
	const uint8_t *p = (const uint8_t *)text, *end = p + strlen(text);
	enum request_result result;
	struct pair_question q;

	while ((result = request_next(&y->request, &args, &p, end)) ==
	    REQUEST_OK) {
		command_look_up(&args);
		redact_args(&args, REDACT_SECRETS);
		q = (struct pair_question){ .no = ++y->no,
		    .bytes = args.bytes };
		pair_request(&y->pair, &args, &q);
	}
	if (result == REQUEST_NOMEM)
		t->told = true;		/* its connection ends */
	return (result == REQUEST_MORE);
}

static void
reply(struct relay_play *y, struct transcript *t, const char *text,
    size_t piece, bool first)
{
	const uint8_t *data = (const uint8_t *)text;
	size_t len = strlen(text), at, n, i;

	for (at = 0; at < len; at += n) {
		n = len - at < piece ? len - at : piece;
		pair_feed(&y->pair, &y->scratch, data + at, n);
		note_bytes(t, RECORD_SEND, data + at, n, &y->scratch.spans);
		for (i = 0; i < y->scratch.nanswers; i++)
			note_answer(y, t, &y->scratch.answers[i], first);
		pair_fed(&y->pair, &y->scratch);
	}
}

static void
play_relay(struct transcript *t, size_t piece, bool first)
{
	struct relay_play y = { .options = { .clip = 32, .keys = true } };
	int i;

	args.keep = NULL;
	session_init(&y.session, 1);
	request_init(&y.request);
	pair_init(&y.pair, &y.session, &y.options);
	if ((y.stats = stats_new()) == NULL ||
	    pair_scratch_init(&y.scratch) == -1) {
		t->told = true;		/* resptap does not start */
		goto out;
	}
	for (i = 0; i < COUNT(relay_steps); i += 2) {
		if (!ask(&y, t, relay_steps[i]))
			break;
		reply(&y, t, relay_steps[i + 1], piece, first);
	}
out:
	pair_free(&y.pair);
	pair_scratch_free(&y.scratch);
	request_free(&y.request);
	session_free(&y.session);
	stats_free(y.stats);
}

/* Chunks of these sizes: whole, and cut, where most is kept. */
static const size_t pieces[] = { 4096, 64, 7, 1 };

START_TEST(stub_without_memory)
{
	long blocks;

	with_memory.len = 0;
	failing_arm(0);
	play_stub(&with_memory, pieces[_i]);
	ck_assert(!with_memory.told);
	for (failing_at = 1;; failing_at++) {
		without.len = 0;
		without.told = false;
		failing_arm(failing_at);
		blocks = failing_blocks();
		play_stub(&without, pieces[_i]);
		MUST(failing_blocks() == blocks);
		if (!failing_has_failed())
			break;
		MUST(without.told || is_same());
	}
	ck_assert_uint_gt(failing_at, 20);
}
END_TEST

/* What is left out of a value, or of the answers, is for the records to tell;
 * here it is only seen that none is wrong. */
START_TEST(relay_without_memory)
{
	long blocks;

	with_memory.len = 0;
	failing_arm(0);
	play_relay(&with_memory, pieces[_i], true);
	for (failing_at = 1;; failing_at++) {
		without.len = 0;
		failing_arm(failing_at);
		blocks = failing_blocks();
		play_relay(&without, pieces[_i], false);
		MUST(failing_blocks() == blocks);
		if (!failing_has_failed())
			break;
	}
	ck_assert_uint_gt(failing_at, 20);
}
END_TEST

static void
tear_down(void)
{
	failing_arm(0);
	failing_pause(false);
}

int
main(void)
{
	Suite *s = suite_create("memory");
	TCase *tc = tcase_create("core");
	SRunner *runner;
	int failed;

	args.clip = 1024;
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, NULL, tear_down);
	tcase_add_loop_test(tc, stub_without_memory, 0, COUNT(pieces));
	tcase_add_loop_test(tc, relay_without_memory, 0, COUNT(pieces));
	suite_add_tcase(s, tc);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return (failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}
