/*
 * Which reply answers which request, however the replies are cut.
 *
 * A case is a list of steps: ">PING" is a command (inline; ">" a blank line),
 * "<+PONG|" bytes of the server with | for CRLF and & for |, "!" says that the
 * client broke the protocol.  What comes of them is one line of text:
 *
 *   1:PING +PONG|      the last reply to command 1
 *   1.SUBSCRIBE ...    not the last one
 *   push ...  ? ...    a push; a value that answers nothing that is known
 *   !out-of-step@7     an error, and where
 *
 * Secret bytes of values are shown as asterisks, and no case may let through
 * the word s3cret, neither in a value nor in what is shown of the chunks.
 */
#include "config.h"

#include "redis/command.h"
#include "redis/pair.h"
#include "resp/request.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "format/json_value.h"
#include "format/notation.h"
#include "redis/pair_reading.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))
#define STEPS_MAX 40
#define CANARY "s3cret"

/* ck_assert() is too slow for each byte. */
#define MUST(expr)							\
	do {								\
		if (!(expr))						\
			ck_abort_msg("%s", #expr);			\
	} while (0)

static struct args args;	/* too large for the stack */

/* One connection that is played. */
struct play {
	struct pair pair;
	struct pair_options options;
	struct session session;
	struct request request;
	struct pair_scratch scratch;
	uint64_t no;
	struct bytes out;	/* the answers */
	struct bytes seen;	/* the chunks, without secrets */
};

static void
play_init(struct play *y, enum redact_level level)
{
	*y = (struct play){ .options = { .clip = 100, .redact = level,
		.keys = true } };
	args.clip = 100;
	session_init(&y->session, 1);
	request_init(&y->request);
	pair_init(&y->pair, &y->session, &y->options);
	ck_assert_int_eq(pair_scratch_init(&y->scratch), 0);
}

static void
play_free(struct play *y)
{
	pair_free(&y->pair);
	pair_scratch_free(&y->scratch);
	request_free(&y->request);
	session_free(&y->session);
	bytes_free(&y->out);
	bytes_free(&y->seen);
}

static void
play_requests(struct play *y, const uint8_t *data, size_t len)
{
	const uint8_t *p = data;
	struct pair_question q;

	while (request_next(&y->request, &args, &p, data + len) ==
	    REQUEST_OK) {
		command_look_up(&args);
		q = (struct pair_question){ .bytes = args.bytes,
			.chosen = 0xf };
		if (args.total > 0) {
			redact_args(&args, y->options.redact);
			q.no = ++y->no;
			q.since = (int64_t)(1000 + q.no);
		}
		pair_request(&y->pair, &args, &q);
	}
}

static void
add_masked(struct bytes *out, const uint8_t *data, size_t len,
    const struct span *secrets, size_t n)
{
	size_t i, span = 0;

	for (i = 0; i < len; i++) {
		while (span < n && secrets[span].at + secrets[span].len <= i)
			span++;
		if (span < n && secrets[span].at <= i)
			bytes_add(out, "*", 1);
		else if (data[i] == '\r')
			bytes_add(out, "|", 1);
		else if (data[i] != '\n')
			bytes_add(out, &data[i], 1);
	}
}

static void
add_value(struct bytes *out, const struct pair_value *v)
{
	add_masked(out, v->data, v->len, v->secrets, v->nsecrets);
	if (v->left_out > 0)
		bytes_addf(out, "+%llu", (unsigned long long)v->left_out);
}

static void
add_answer(struct bytes *out, const struct pair_answer *a)
{
	const struct pair_question *q = &a->question;

	if (out->len > 0)
		bytes_add(out, " ", 1);
	switch (a->kind) {
	case PAIR_REPLY:
		MUST(q->since == (int64_t)(1000 + q->no) && q->bytes > 0 &&
		    q->chosen == 0xf);
		bytes_addf(out, "%llu%c", (unsigned long long)q->no,
		    a->last ? ':' : '.');
		bytes_add(out, q->name.data, q->name.kept);
		bytes_add(out, " ", 1);
		break;
	case PAIR_PUSH:
		bytes_add_string(out, "push ");
		break;
	case PAIR_UNPAIRED:
		bytes_add_string(out, "? ");
		break;
	case PAIR_ERROR:
		bytes_addf(out, "!%s@%llu", a->error.rule,
		    (unsigned long long)a->error.offset);
		MUST(a->error.text != NULL);
		return;
	}
	add_value(out, &a->value);
}

/* Each chunk is a block of its own: what is read outside of it is found. */
static void
play_chunk(struct play *y, const uint8_t *data, size_t len)
{
	uint8_t *chunk = malloc(len);
	size_t i;

	ck_assert_ptr_nonnull(chunk);
	memcpy(chunk, data, len);
	pair_feed(&y->pair, &y->scratch, chunk, len);
	add_masked(&y->seen, chunk, len, y->scratch.spans.v,
	    y->scratch.spans.n);
	for (i = 0; i < y->scratch.nanswers; i++)
		add_answer(&y->out, &y->scratch.answers[i]);
	pair_fed(&y->pair, &y->scratch);
	free(chunk);
}

/* Replies in pieces of `size`, or cut once behind `cut` bytes. */
static void
play_replies(struct play *y, const struct bytes *b, size_t size, size_t cut)
{
	size_t at, n;

	for (at = 0; at < b->len; at += n) {
		n = size;
		if (at < cut && cut < b->len)
			n = cut - at;
		if (n > b->len - at)
			n = b->len - at;
		play_chunk(y, b->data + at, n);
	}
}

static void
add_text(struct bytes *b, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '|')
			bytes_add(b, "\r\n", 2);
		else if (*text == '&')
			bytes_add(b, "|", 1);
		else
			bytes_add(b, text, 1);
	}
}

static void
play_step(struct play *y, const char *step, size_t size, size_t cut)
{
	struct bytes b = { 0 };

	add_text(&b, step + 1);
	switch (*step) {
	case '>':
		bytes_add(&b, "\r\n", 2);
		play_requests(y, b.data, b.len);
		break;
	case '<':
		play_replies(y, &b, size, cut);
		break;
	default:
		pair_break(&y->pair);
	}
	bytes_free(&b);
}

struct vector {
	enum redact_level level;
	const char *out;
	const char *steps[STEPS_MAX];
};

static void
play(const struct vector *v, size_t size, size_t cut)
{
	struct play y;
	int i;

	play_init(&y, v->level);
	for (i = 0; v->steps[i] != NULL; i++)
		play_step(&y, v->steps[i], size, cut);
	bytes_add(&y.out, "", 1);
	bytes_add(&y.seen, "", 1);
	if (strcmp((char *)y.out.data, v->out) != 0)
		ck_abort_msg("size %zu, cut %zu: %s\ninstead of %s", size, cut,
		    (char *)y.out.data, v->out);
	if (v->level != REDACT_NONE)
		ck_assert_ptr_null(strstr((char *)y.seen.data, CANARY));
	/* Nothing is left when nothing is in flight. */
	if (y.pair.queue.head == y.pair.queue.tail && !y.pair.in_multi)
		ck_assert_ptr_null(y.pair.queue.data);
	play_free(&y);
}

#define CASE(out, ...) { REDACT_SECRETS, out, { __VA_ARGS__, NULL } }

static const struct vector vectors[] = {
	/* One request, one reply; in order; pipelined. */
	CASE("1:PING +PONG|", ">PING", "<+PONG|"),
	CASE("1:get $1|a| 2:GET $-1| 3:incr :1| 4:x -ERR x|",
	    ">get a", ">GET b", ">incr a", ">x", "<$1|a|$-1|:1|-ERR x|"),
	CASE("1:a *2|:1|*1|$1|x| 2:b +OK|", ">a", "<*2|:1|*1|$1|x|", ">b",
	    "<+OK|"),
	CASE("1:a |1|+k|+v|+OK| 2:b *1||0|:1|", ">a", ">b",
	    "<&1|+k|+v|+OK|*1|&0|:1|"),
	/* Empty commands. */
	CASE("1:PING +PONG| 2:a +b|", ">", ">PING", ">", ">", ">a",
	    "<+PONG|+b|"),
	/* Forms that are known. */
	CASE("1:PING $1|a| 2:ECHO $2|hi| 3:PING -ERR x|", ">PING a",
	    ">ECHO hi", ">PING a b", "<$1|a|$2|hi|-ERR x|"),
	CASE("!out-of-step@0 ? $1|b|", ">PING a", "<$1|b|"),
	CASE("!out-of-step@0 ? $2|ho|", ">ECHO hi", "<$2|ho|"),
	CASE("!out-of-step@0 ? +OK|", ">PING", "<+OK|"),
	CASE("!out-of-step@0 ? :1|", ">SELECT 1", "<:1|"),
	CASE("!out-of-step@0 ? +QUEUED|", ">GET a", "<+QUEUED|"),
	/* Nothing was asked. */
	CASE("!out-of-step@0 ? +OK| ? :1|", "<+OK|:1|"),
	CASE("1:a +b| !out-of-step@4 ? +OK|", ">a", "<+b|+OK|"),
	CASE("!unasked@0 ? -ERR max number of clients reached| 1:PING +PONG|",
	    "<-ERR max number of clients reached|", ">PING", "<+PONG|"),
	CASE("1:PING -ERR max number of clients reached|", ">PING",
	    "<-ERR max number of clients reached|"),
	CASE("!unasked@0 ? -DENIED Redis is running in protected mode|",
	    "<-DENIED Redis is running in protected mode|"),
	CASE("!unasked@0 ? -ERR Protocol error: x| 1:PING +PONG|",
	    "<-ERR Protocol error: x|", ">PING", "<+PONG|"),
	CASE("1:a :1| ? -ERR Protocol error: invalid bulk length|", ">a", "!",
	    "<:1|-ERR Protocol error: invalid bulk length|"),
	CASE("1:a -ERR Protocol error: unauthenticated bulk length|", ">a b",
	    "<-ERR Protocol error: unauthenticated bulk length|"),
	/* Scripts and modules say anything. */
	CASE("1:PING +PONG| 2:EVAL -ERR Protocol error: x| 3:ECHO $1|a|",
	    ">PING", ">EVAL x 0", ">ECHO a",
	    "<+PONG|-ERR Protocol error: x|$1|a|"),
	CASE("1:EVAL -ERR max number of clients reached| 2:EVAL -DENIED x| "
	    "3:PING +PONG|", ">EVAL x 0", ">EVAL x 0", ">PING",
	    "<-ERR max number of clients reached|-DENIED x|+PONG|"),
	CASE("1:EVAL +QUEUED| 2:evalsha_ro +QUEUED| 3:FCALL +QUEUED| "
	    "4:mod.x +QUEUED| 5:PING +PONG| !out-of-step@43 ? +QUEUED|",
	    ">EVAL x 0", ">evalsha_ro x 0", ">FCALL x 0", ">mod.x", ">PING",
	    ">GET a", "<+QUEUED|+QUEUED|+QUEUED|+QUEUED|+PONG|+QUEUED|"),
	CASE("1:MULTI +OK| 2:EVAL +QUEUED| 3:EXEC *1|+QUEUED| 4:a :1|",
	    ">MULTI", ">EVAL x 0", ">EXEC", ">a",
	    "<+OK|+QUEUED|*1|+QUEUED|:1|"),
	CASE("1:MULTI +OK| 2:EVAL +QUEUED| 3:SUBSCRIBE +QUEUED| 4:EXEC *2| "
	    "2:EVAL +QUEUED| 3:SUBSCRIBE *3|$9|subscribe|$1|a|:1|",
	    ">MULTI", ">EVAL x 0", ">SUBSCRIBE a", ">EXEC",
	    "<+OK|+QUEUED|+QUEUED|*2|+QUEUED|*3|$9|subscribe|$1|a|:1|"),
	CASE("1:MONITOR +OK| push +1.5 [0 lua] \"x\"| 2:EVAL +1 fish|",
	    ">MONITOR", ">EVAL x 0", "<+OK|+1.5 [0 lua] \"x\"|+1 fish|"),
	/* A script that is debugged. */
	CASE("1:SCRIPT +OK| 2.EVAL *2|+* Stopped at 1|+-> 1| "
	    "3:s *1|+* Stopped at 2| 4:p *0| 5:c *2|+<debug> a|+<endsession>| "
	    "2:EVAL *1|:1|", ">SCRIPT DEBUG YES", ">EVAL x 0", ">s", ">p",
	    ">c", "<+OK|*2|+* Stopped at 1|+-> 1|*1|+* Stopped at 2|*0|"
	    "*2|+<debug> a|+<endsession>|*1|:1|"),
	CASE("1:SCRIPT +OK| 2.EVAL *1|+<endsession>| 2:EVAL -ERR x|",
	    ">SCRIPT DEBUG SYNC", ">EVAL x 0",
	    "<+OK|*1|+<endsession>|-ERR x|"),
	CASE("1:SCRIPT +OK| 2:PING +PONG| 3:EVAL -ERR x| 4:SCRIPT +OK| "
	    "5:EVAL *1|+a|", ">SCRIPT DEBUG YES", ">PING", ">EVAL x",
	    ">SCRIPT DEBUG NO", ">EVAL x 0", "<+OK|+PONG|-ERR x|+OK|*1|+a|"),
	CASE("!out-of-step@0 ? *1|+* Stopped at 1|", ">SCRIPT DEBUG YES",
	    ">EVAL x 0", "<*1|+* Stopped at 1|"),
	CASE("1:SCRIPT +OK| 2.EVAL *1|+* Stopped| !out-of-step@21 ? :1|",
	    ">SCRIPT DEBUG YES", ">EVAL x 0", ">s",
	    "<+OK|*1|+* Stopped|:1|"),
	CASE("1:SCRIPT +OK| 2:MULTI +OK| 3:EVAL +QUEUED| "
	    "!out-of-step@19 ? *1|+* Stopped|", ">SCRIPT DEBUG YES", ">MULTI",
	    ">EVAL x 0", ">EXEC", "<+OK|+OK|+QUEUED|*1|+* Stopped|"),
	CASE("1:a :1| ? :2|", ">a", "!", ">b", "<:1|:2|"),
	/* Transactions. */
	CASE("1:MULTI +OK| 2:SET +QUEUED| 3:GET +QUEUED| "
	    "4:EXEC *2|+OK|$1|b| 5:PING +PONG|",
	    ">MULTI", ">SET a b", ">GET a", ">EXEC", ">PING",
	    "<+OK|+QUEUED|+QUEUED|*2|+OK|$1|b|+PONG|"),
	CASE("1:MULTI +OK| 2:EXEC *0| 3:EXEC -ERR x| 4:DISCARD -ERR x|",
	    ">MULTI", ">EXEC", ">EXEC", ">DISCARD",
	    "<+OK|*0|-ERR x|-ERR x|"),
	CASE("1:MULTI +OK| 2:SET -ERR x| 3:MULTI -ERR x| 4:WATCH -ERR x| "
	    "5:EXEC -EXECABORT x| 6:PING +PONG|",
	    ">MULTI", ">SET", ">MULTI", ">WATCH a", ">EXEC", ">PING",
	    "<+OK|-ERR x|-ERR x|-ERR x|-EXECABORT x|+PONG|"),
	CASE("1:MULTI +OK| 2:EXEC -EXECABORT x| 3:PING +PONG|", ">MULTI",
	    ">EXEC a", ">PING", "<+OK|-EXECABORT x|+PONG|"),
	CASE("1:WATCH +OK| 2:MULTI +OK| 3:a +QUEUED| 4:EXEC *-1| 5:b _|",
	    ">WATCH a", ">MULTI", ">a", ">EXEC", ">b",
	    "<+OK|+OK|+QUEUED|*-1|_|"),
	CASE("1:MULTI +OK| 2:PING +QUEUED| 3:DISCARD +OK| 4:PING +PONG|",
	    ">MULTI", ">PING", ">DISCARD", ">PING",
	    "<+OK|+QUEUED|+OK|+PONG|"),
	CASE("1:MULTI +OK| 2:DISCARD -ERR x| 3:PING +QUEUED| 4:QUIT +OK|",
	    ">MULTI", ">DISCARD a", ">PING", ">QUIT",
	    "<+OK|-ERR x|+QUEUED|+OK|"),
	CASE("1:MULTI +OK| 2:a +QUEUED| 3:RESET +RESET| 4:PING +PONG|",
	    ">MULTI", ">a", ">RESET", ">PING", "<+OK|+QUEUED|+RESET|+PONG|"),
	CASE("1:MULTI +OK| !out-of-step@5 ? +OK|", ">MULTI", ">a",
	    "<+OK|+OK|"),
	CASE("1:MULTI +OK| 2:a +QUEUED| !out-of-step@14 ? *2|:1|:2|",
	    ">MULTI", ">a", ">EXEC", "<+OK|+QUEUED|*2|:1|:2|"),
	CASE("!out-of-step@0 ? *0|", ">EXEC", "<*0|"),
	/* ... whose commands have more, or fewer, replies than one. */
	CASE("1:MULTI +OK| 2:SUBSCRIBE +QUEUED| 3:PING +QUEUED| 4:EXEC *2| "
	    "2.SUBSCRIBE *3|$9|subscribe|$1|a|:1| "
	    "2:SUBSCRIBE *3|$9|subscribe|$1|b|:2| "
	    "3:PING *2|$4|pong|$0|| 5:PING *2|$4|pong|$1|x|",
	    ">MULTI", ">SUBSCRIBE a b", ">PING", ">EXEC", ">PING x",
	    "<+OK|+QUEUED|+QUEUED|*2|*3|$9|subscribe|$1|a|:1|"
	    "*3|$9|subscribe|$1|b|:2|*2|$4|pong|$0||*2|$4|pong|$1|x|"),
	CASE("1:MULTI +OK| 2:a +QUEUED| 3:CLIENT +QUEUED| 4:b +QUEUED| "
	    "5:EXEC *3| 2:a :1| 7:CLIENT +OK| 8:c :3|",
	    ">MULTI", ">a", ">CLIENT REPLY OFF", ">b", ">EXEC", ">d",
	    ">CLIENT REPLY ON", ">c",
	    "<+OK|+QUEUED|+QUEUED|+QUEUED|*3|:1|+OK|:3|"),
	CASE("1:MULTI +OK| 2:CLIENT +QUEUED| 3:b +QUEUED| 4:EXEC *2| "
	    "3:b :1| 6:c :2|",
	    ">MULTI", ">CLIENT REPLY SKIP", ">b", ">EXEC", ">x", ">c",
	    "<+OK|+QUEUED|+QUEUED|*2|:1|:2|"),
	CASE("1:MULTI +OK| 2:HELLO +QUEUED| 3:x +QUEUED| 4:y -ERR y| "
	    "5:SUBSCRIBE +QUEUED| 6:EXEC *3| 2:HELLO %1|+proto|:3| 3:x _| "
	    "push >2|+a|+b| 5:SUBSCRIBE >3|$9|subscribe|$1|a|:1| 7:z #t|",
	    ">MULTI", ">HELLO 3", ">x", ">y", ">SUBSCRIBE a", ">", ">EXEC",
	    ">z", "<+OK|+QUEUED|+QUEUED|-ERR y|+QUEUED|*3|%1|+proto|:3|_|"
	    ">2|+a|+b|>3|$9|subscribe|$1|a|:1|#t|"),
	CASE("1:MULTI +OK| 2:REPLCONF +QUEUED| 3:a +QUEUED| 4:EXEC *2| 3:a :1|"
	    " 5:b :2|", ">MULTI", ">REPLCONF ACK 1", ">a", ">EXEC", ">b",
	    "<+OK|+QUEUED|+QUEUED|*2|:1|:2|"),
	CASE("1:MULTI +OK| 2:CLIENT +QUEUED| 3:CLIENT +QUEUED| "
	    "4:EXEC *2| 3:CLIENT +OK| 6:c :2|", ">MULTI",
	    ">CLIENT REPLY SKIP", ">CLIENT REPLY ON", ">EXEC", ">x", ">c",
	    "<+OK|+QUEUED|+QUEUED|*2|+OK|:2|"),
	/* SUBSCRIBE and its family. */
	CASE("1.SUBSCRIBE *3|$9|subscribe|$1|a|:1| "
	    "1:SUBSCRIBE *3|$9|subscribe|$1|b|:2| "
	    "push *3|$7|message|$1|a|$2|hi| 2:PING *2|$4|pong|$0|| "
	    "3:UNSUBSCRIBE *3|$11|unsubscribe|$1|a|:1|",
	    ">SUBSCRIBE a b", ">PING", ">UNSUBSCRIBE a",
	    "<*3|$9|subscribe|$1|a|:1|*3|$9|subscribe|$1|b|:2|"
	    "*3|$7|message|$1|a|$2|hi|*2|$4|pong|$0||"
	    "*3|$11|unsubscribe|$1|a|:1|"),
	CASE("1:PSUBSCRIBE *3|$10|psubscribe|$2|a*|:1| "
	    "push *4|$8|pmessage|$2|a*|$2|ab|$1|x| 2:GET -ERR Can't| "
	    "3:PUNSUBSCRIBE *3|$12|punsubscribe|$2|a*|:0| 4:x *3|:1|:2|:3|",
	    ">PSUBSCRIBE a*", ">GET a", ">PUNSUBSCRIBE", ">x",
	    "<*3|$10|psubscribe|$2|a*|:1|"
	    "*4|$8|pmessage|$2|a*|$2|ab|$1|x|-ERR Can't|"
	    "*3|$12|punsubscribe|$2|a*|:0|*3|:1|:2|:3|"),
	CASE("1:UNSUBSCRIBE *3|$11|unsubscribe|$-1|:0| 2:PING +PONG|",
	    ">UNSUBSCRIBE", ">PING",
	    "<*3|$11|unsubscribe|$-1|:0|+PONG|"),
	CASE("1.SUBSCRIBE *3|$9|subscribe|$1|a|:1| "
	    "1:SUBSCRIBE *3|$9|subscribe|$1|b|:2| "
	    "2:PSUBSCRIBE *3|$10|psubscribe|$1|c|:3| "
	    "3.UNSUBSCRIBE *3|$11|unsubscribe|$1|b|:2| "
	    "3:UNSUBSCRIBE *3|$11|unsubscribe|$1|a|:1| "
	    "4:UNSUBSCRIBE *3|$11|unsubscribe|$-1|:1|",
	    ">SUBSCRIBE a b", ">PSUBSCRIBE c", ">UNSUBSCRIBE", ">UNSUBSCRIBE",
	    "<*3|$9|subscribe|$1|a|:1|*3|$9|subscribe|$1|b|:2|"
	    "*3|$10|psubscribe|$1|c|:3|*3|$11|unsubscribe|$1|b|:2|"
	    "*3|$11|unsubscribe|$1|a|:1|*3|$11|unsubscribe|$-1|:1|"),
	CASE("1.SUBSCRIBE *3|$9|subscribe|$1|a|:1| "
	    "1:SUBSCRIBE *3|$9|subscribe|$1|a|:1| "
	    "2:SSUBSCRIBE *3|$10|ssubscribe|$1|a|:1| "
	    "push *3|$8|smessage|$1|a|$1|x| "
	    "push *3|$12|sunsubscribe|$1|a|:0| "
	    "3:SUNSUBSCRIBE *3|$12|sunsubscribe|$-1|:0|",
	    ">SUBSCRIBE a a", ">SSUBSCRIBE a",
	    "<*3|$9|subscribe|$1|a|:1|*3|$9|subscribe|$1|a|:1|"
	    "*3|$10|ssubscribe|$1|a|:1|*3|$8|smessage|$1|a|$1|x|"
	    "*3|$12|sunsubscribe|$1|a|:0|", ">SUNSUBSCRIBE",
	    "<*3|$12|sunsubscribe|$-1|:0|"),
	/* Nobody knows whether the server has said that of itself; the next
	 * reply that only one command can have shows it. */
	CASE("1:SSUBSCRIBE *3|$10|ssubscribe|$1|a|:1| "
	    "2:SUNSUBSCRIBE *3|$12|sunsubscribe|$1|a|:0| "
	    "!out-of-step@66 ? -CLUSTERDOWN x| ? -CLUSTERDOWN x| ? +PONG|",
	    ">SSUBSCRIBE a", ">SUNSUBSCRIBE a", ">GET foo", ">SET foo 1",
	    ">PING", "<*3|$10|ssubscribe|$1|a|:1|*3|$12|sunsubscribe|$1|a|:0|"
	    "-CLUSTERDOWN x|-CLUSTERDOWN x|+PONG|"),
	CASE("1:SSUBSCRIBE *3|$10|ssubscribe|$1|a|:1| "
	    "2:SUNSUBSCRIBE *3|$12|sunsubscribe|$1|a|:0| 3:GET $-1| "
	    "4:GET -WRONGTYPE x|", ">SSUBSCRIBE a", ">SUNSUBSCRIBE a",
	    ">GET foo", ">GET foo", "<*3|$10|ssubscribe|$1|a|:1|"
	    "*3|$12|sunsubscribe|$1|a|:0|$-1|-WRONGTYPE x|"),
	CASE("1:SSUBSCRIBE *3|$10|ssubscribe|$1|a|:1| "
	    "2:SUNSUBSCRIBE *3|$12|sunsubscribe|$1|a|:0| "
	    "push *3|$12|sunsubscribe|$1|a|:0| 3:GET $-1| 4:GET -ERR x|",
	    ">SSUBSCRIBE a", ">SUNSUBSCRIBE a", ">GET foo", ">GET foo",
	    "<*3|$10|ssubscribe|$1|a|:1|*3|$12|sunsubscribe|$1|a|:0|"
	    "*3|$12|sunsubscribe|$1|a|:0|$-1|-ERR x|"),
	CASE("1:HELLO %0| 2.SSUBSCRIBE >3|$10|ssubscribe|$1|a|:1| "
	    "2:SSUBSCRIBE >3|$10|ssubscribe|$1|b|:2| "
	    "3:SUNSUBSCRIBE >3|$12|sunsubscribe|$1|a|:1| "
	    "4:SUNSUBSCRIBE >3|$12|sunsubscribe|$1|b|:0| "
	    "!out-of-step@136 ? -MOVED x|", ">HELLO 3", ">SSUBSCRIBE a b",
	    ">SUNSUBSCRIBE a", ">SUNSUBSCRIBE b", ">GET foo",
	    "<%0|>3|$10|ssubscribe|$1|a|:1|>3|$10|ssubscribe|$1|b|:2|"
	    ">3|$12|sunsubscribe|$1|a|:1|>3|$12|sunsubscribe|$1|b|:0|"
	    "-MOVED x|"),
	/* Not subscribed, it can only be the answer. */
	CASE("1:SUNSUBSCRIBE *3|$12|sunsubscribe|$1|a|:0| 2:GET -ERR x|",
	    ">SUNSUBSCRIBE a", ">GET a",
	    "<*3|$12|sunsubscribe|$1|a|:0|-ERR x|"),
	CASE("1:SUBSCRIBE -NOPERM x| 2:SUBSCRIBE -ERR x| 3:PING +PONG|",
	    ">SUBSCRIBE a b", ">SUBSCRIBE", ">PING",
	    "<-NOPERM x|-ERR x|+PONG|"),
	CASE("!out-of-step@0 ? *3|$9|subscribe|$1|b|:1|", ">SUBSCRIBE a",
	    "<*3|$9|subscribe|$1|b|:1|"),
	CASE("!out-of-step@0 ? *3|$9|subscribe|$1|a|:2|", ">SUBSCRIBE a",
	    "<*3|$9|subscribe|$1|a|:2|"),
	CASE("!out-of-step@0 ? >3|$9|subscribe|$1|a|:1|", ">GET a",
	    "<>3|$9|subscribe|$1|a|:1|"),
	/* Not subscribed: an array like any other. */
	CASE("1:LRANGE *3|$7|message|$1|a|$1|b|", ">LRANGE a 0 -1",
	    "<*3|$7|message|$1|a|$1|b|"),
	/* RESP3: pushes may stand anywhere. */
	CASE("1:HELLO %1|+proto|:3| 2:SUBSCRIBE >3|$9|subscribe|$1|a|:1| "
	    "push >3|$7|message|$1|a|$1|x| 3:PING +PONG| "
	    "push >2|$10|invalidate|*1|$1|k| 4:LRANGE *1|$1|a| "
	    "5:UNSUBSCRIBE >3|$11|unsubscribe|$1|a|:0| push >1|+x|",
	    ">HELLO 3", ">SUBSCRIBE a", ">PING", ">LRANGE a 0 -1",
	    ">UNSUBSCRIBE",
	    "<%1|+proto|:3|>3|$9|subscribe|$1|a|:1|"
	    ">3|$7|message|$1|a|$1|x|+PONG|>2|$10|invalidate|*1|$1|k|"
	    "*1|$1|a|>3|$11|unsubscribe|$1|a|:0|>1|+x|"),
	/* ... even inside another reply, which is shown without them. */
	CASE("1:HELLO %0| 2:SUBSCRIBE >3|$9|subscribe|$1|c|:1| 3:MULTI +OK| "
	    "4:PUBLISH +QUEUED| push >3|$7|message|$1|c|$1|y| 5:EXEC *1|:1| "
	    "6:GET $-1|", ">HELLO 3", ">SUBSCRIBE c", ">MULTI",
	    ">PUBLISH c y", ">EXEC", ">GET a",
	    "<%0|>3|$9|subscribe|$1|c|:1|+OK|+QUEUED|*1|>3|$7|message|$1|c|"
	    "$1|y|:1|$-1|"),
	CASE("1:HELLO %0| push >2|$10|invalidate|*1|$1|b| push >1|+x| "
	    "2:MGET *2|$1|1|*1|$3|abc| push >0| 3:GET *1|:1| 4:PING +PONG|",
	    ">HELLO 3", ">MGET a b", ">GET a", ">PING",
	    "<%0|*2|$1|1|>2|$10|invalidate|*1|$1|b|*1|>1|+x|$3|abc|"
	    "*1|>0|:1|+PONG|"),
	CASE("1:HELLO %0| push >1|:1| 2:a |1|+k|*1|+v|:2| 3:b %1|+k|*?|.|",
	    ">HELLO 3", ">a", ">b", "<%0|&1|+k|*1|>1|:1|+v|:2|%1|+k|*?|.|"),
	CASE("1:HELLO %0| !bad-reply@12", ">HELLO 3", ">a", ">b",
	    "<%0|*1|>1|>0|:1|:2|"),
	CASE("1:HELLO %0| push >0| !bad-reply@12", ">HELLO 3", ">a", ">b",
	    "<%0|*1|>0|x:1|:2|"),
	CASE("!out-of-step@0 ? +OK| push >0| ? *2|:1|:2|", "<+OK|",
	    "<*2|:1|>0|:2|"),
	/* Tracking, redirected to RESP2. */
	CASE("1:SUBSCRIBE *3|$9|subscribe|$20|__redis__:invalidate|:1| "
	    "push *3|$7|message|$20|__redis__:invalidate|*1|$1|k| "
	    "push *3|$7|message|$20|__redis__:invalidate|*-1|",
	    ">SUBSCRIBE __redis__:invalidate",
	    "<*3|$9|subscribe|$20|__redis__:invalidate|:1|"
	    "*3|$7|message|$20|__redis__:invalidate|*1|$1|k|"
	    "*3|$7|message|$20|__redis__:invalidate|*-1|"),
	/* HELLO. */
	CASE("1:HELLO -NOPROTO x| 2:HELLO -WRONGPASS x| 3:HELLO *1|+x| "
	    "4:HELLO *0|", ">HELLO 4", ">HELLO 3 AUTH a b", ">HELLO",
	    ">HELLO 2", "<-NOPROTO x|-WRONGPASS x|*1|+x|*0|"),
	CASE("!out-of-step@0 ? *0|", ">HELLO 3", "<*0|"),
	CASE("1:HELLO %0| 2:RESET +RESET| 3:HELLO *0| "
	    "!out-of-step@16 ? %0|", ">HELLO 3", ">RESET", ">HELLO",
	    ">HELLO", "<%0|+RESET|*0|%0|"),
	/* CLIENT REPLY. */
	CASE("3:CLIENT +OK| 4:PING +PONG|", ">CLIENT REPLY OFF", ">PING",
	    ">CLIENT REPLY ON", ">PING", "<+OK|+PONG|"),
	CASE("3:a :1|", ">CLIENT REPLY SKIP", ">x", ">a", "<:1|"),
	CASE("2:a :1|", ">CLIENT REPLY SKIP", ">", ">a", "<:1|"),
	CASE("2:CLIENT +OK| 3:a :1|", ">CLIENT REPLY SKIP",
	    ">CLIENT REPLY ON", ">a", "<+OK|:1|"),
	CASE("1:CLIENT -ERR x| 2:CLIENT -ERR x| 3:CLIENT -ERR x|",
	    ">CLIENT REPLY", ">CLIENT REPLY x", ">CLIENT REPLY OFF x",
	    "<-ERR x|-ERR x|-ERR x|"),
	CASE("2:SUBSCRIBE *3|$9|subscribe|$1|a|:1| 3:RESET +RESET| 4:a :1|",
	    ">CLIENT REPLY OFF", ">SUBSCRIBE a", ">RESET", ">a",
	    "<*3|$9|subscribe|$1|a|:1|+RESET|:1|"),
	CASE("3:a :1|", ">CLIENT REPLY SKIP", ">RESET", ">a", "<:1|"),
	CASE("3:SUBSCRIBE *3|$9|subscribe|$1|a|:1| 6:RESET +RESET|",
	    ">CLIENT REPLY OFF", ">x", ">SUBSCRIBE a", ">CLIENT REPLY ON",
	    ">HELLO 3", ">RESET", "<*3|$9|subscribe|$1|a|:1|+RESET|"),
	CASE("4:CLIENT +OK| 6:a :1|", ">CLIENT REPLY OFF", ">MULTI", ">GET x",
	    ">CLIENT REPLY ON", ">EXEC", ">a", "<+OK|:1|"),
	CASE("4:SUBSCRIBE *3|$9|subscribe|$1|a|:1|", ">CLIENT REPLY OFF",
	    ">MULTI", ">SSUBSCRIBE a", ">SUBSCRIBE a", ">EXEC",
	    "<*3|$9|subscribe|$1|a|:1|"),
	/* Muted, with no subscription, Redis confirms and Valkey does not. */
	CASE("2:UNSUBSCRIBE *3|$11|unsubscribe|$1|x|:0| 3:PING +PONG| "
	    "4:GET -ERR x|", ">CLIENT REPLY SKIP", ">UNSUBSCRIBE x", ">PING",
	    ">GET a", "<*3|$11|unsubscribe|$1|x|:0|+PONG|-ERR x|"),
	CASE("3:PING +PONG| 4:GET -ERR x|", ">CLIENT REPLY SKIP",
	    ">UNSUBSCRIBE x", ">PING", ">GET a", "<+PONG|-ERR x|"),
	CASE("3:GET -ERR x|", ">CLIENT REPLY SKIP", ">PUNSUBSCRIBE", ">GET a",
	    "<-ERR x|"),
	CASE("5:CLIENT +OK| 6:a :1|", ">CLIENT REPLY OFF", ">UNSUBSCRIBE x y",
	    ">GET a", ">SUNSUBSCRIBE", ">CLIENT REPLY ON", ">a", "<+OK|:1|"),
	CASE("2.UNSUBSCRIBE *3|$11|unsubscribe|$1|x|:0| "
	    "2:UNSUBSCRIBE *3|$11|unsubscribe|$1|y|:0| "
	    "4:SUNSUBSCRIBE *3|$12|sunsubscribe|$-1|:0| 5:CLIENT +OK|",
	    ">CLIENT REPLY OFF", ">UNSUBSCRIBE x y", ">GET a",
	    ">SUNSUBSCRIBE", ">CLIENT REPLY ON",
	    "<*3|$11|unsubscribe|$1|x|:0|*3|$11|unsubscribe|$1|y|:0|"
	    "*3|$12|sunsubscribe|$-1|:0|+OK|"),
	/* Whose that is shows only what no confirmation can be. */
	CASE("2:UNSUBSCRIBE *3|$11|unsubscribe|$1|x|:0| !out-of-step@33 "
	    "? -ERR x|", ">CLIENT REPLY SKIP", ">UNSUBSCRIBE x",
	    ">UNSUBSCRIBE x", ">GET a", "<*3|$11|unsubscribe|$1|x|:0|-ERR x|"),
	/* A HELLO whose reply is held back may have failed: what follows shows
	 * the protocol. */
	CASE("3:CLIENT +OK| 4:SUBSCRIBE *3|$9|subscribe|$1|a|:1| "
	    "5:PING *2|$4|pong|$0||", ">CLIENT REPLY OFF", ">HELLO 3 AUTH a b",
	    ">CLIENT REPLY ON", ">SUBSCRIBE a", ">PING",
	    "<+OK|*3|$9|subscribe|$1|a|:1|*2|$4|pong|$0||"),
	CASE("3:CLIENT +OK| 4:SUBSCRIBE >3|$9|subscribe|$1|a|:1| 5:PING +PONG|",
	    ">CLIENT REPLY OFF", ">HELLO 3 AUTH a b", ">CLIENT REPLY ON",
	    ">SUBSCRIBE a", ">PING", "<+OK|>3|$9|subscribe|$1|a|:1|+PONG|"),
	CASE("3:HELLO *0| 4:a $-1| !out-of-step@9 ? >3|$9|subscribe|$1|a|:1|",
	    ">CLIENT REPLY SKIP", ">HELLO 3 AUTH a b", ">HELLO", ">a",
	    ">SUBSCRIBE a", "<*0|$-1|>3|$9|subscribe|$1|a|:1|"),
	CASE("3:HELLO %0| 4:SUBSCRIBE >3|$9|subscribe|$1|a|:1| "
	    "push >3|$7|message|$1|a|$1|b|", ">CLIENT REPLY SKIP",
	    ">HELLO 3 AUTH a b", ">HELLO", ">SUBSCRIBE a",
	    "<%0|>3|$9|subscribe|$1|a|:1|>3|$7|message|$1|a|$1|b|"),
	CASE("3:a _| 4:SUBSCRIBE >3|$9|subscribe|$1|a|:1|",
	    ">CLIENT REPLY SKIP", ">HELLO 3 AUTH a b", ">a", ">SUBSCRIBE a",
	    "<_|>3|$9|subscribe|$1|a|:1|"),
	/* No reply at all. */
	CASE("3:REPLCONF +OK| 4:PING +PONG|", ">REPLCONF ACK 1",
	    ">REPLCONF GETACK *", ">REPLCONF capa eof", ">PING",
	    "<+OK|+PONG|"),
	/* MONITOR. */
	CASE("1:MONITOR +OK| push +1795404146.82 [0 a:1] \"SET\" \"k\"| "
	    "3:PING +PONG| push +1795404146.83 [0 a:1] \"PING\"| "
	    "4:RESET +RESET| 5:x +1795|",
	    ">MONITOR", ">MONITOR", ">PING", ">RESET", ">x",
	    "<+OK|+1795404146.82 [0 a:1] \"SET\" \"k\"|+PONG|"
	    "+1795404146.83 [0 a:1] \"PING\"|+RESET|+1795|"),
	CASE("1:MONITOR +OK| push +1795.1 [0 a:1] \"x\"| 2:x +a|", ">MONITOR",
	    ">x", "<+OK|+1795.1 [0 a:1] \"x\"|+a|"),
	/* SYNC: what comes then is no reply. */
	CASE("1:REPLCONF +OK| !opaque@5", ">REPLCONF capa eof", ">SYNC",
	    "<+OK|", "<$173|REDIS0010", ">PING", "<|||+PONG|"),
	CASE("!opaque@0", ">PSYNC ? -1", "<+FULLRESYNC abc 0|"),
	CASE("1:a :1| !opaque@4", ">a", ">SYNC", "<:1|", "<\n\n$5|"),
	CASE("1:PSYNC -NOMASTERLINK x| 2:PING +PONG|", ">PSYNC ? -1",
	    ">PING", "<-NOMASTERLINK x|+PONG|"),
	CASE("1:MULTI +OK| 2:SYNC -ERR x| 3:EXEC -EXECABORT|", ">MULTI",
	    ">SYNC", ">EXEC", "<+OK|-ERR x|-EXECABORT|"),
	/* What is no RESP is told once, and nothing is looked for behind. */
	CASE("1:a :1| !bad-reply@4", ">a", ">b", "<:1|x+OK|:2|"),
	CASE("!bad-reply@13", ">a", ">b", "<*2|:1|$1|ab|:2|"),
	CASE("!out-of-step@0 ? +OK|", "<+OK|x|:2|"),
	/* Back in step. */
	CASE("!out-of-step@0 ? +OK| ? :1| 2:RESET +RESET| 3:PING +PONG|",
	    "<+OK|", ">a", ">RESET", ">PING", "<:1|+RESET|+PONG|"),
	CASE("!out-of-step@0 ? :5| ? :1| 2:ECHO $16|0123456789abcdef| "
	    "3:PING +PONG|", ">PING", ">ECHO 0123456789abcdef", ">PING",
	    "<:5|:1|$16|0123456789abcdef|+PONG|"),
	/* A short one, or one of two, proves nothing. */
	CASE("!out-of-step@0 ? :5| ? $1|a|", ">PING", ">ECHO a",
	    "<:5|$1|a|"),
	CASE("!out-of-step@0 ? :5| ? $16|0123456789abcdef| "
	    "? $16|0123456789abcdef|", ">PING", ">ECHO 0123456789abcdef",
	    ">ECHO 0123456789abcdef",
	    "<:5|$16|0123456789abcdef|$16|0123456789abcdef|"),
	CASE("!out-of-step@0 ? :5| push >1|+x| ? *0| 2:RESET +RESET| "
	    "!out-of-step@24 ? :1|", ">PING", ">RESET",
	    "<:5|>1|+x|*0|+RESET|:1|"),
};

START_TEST(whole_and_byte_by_byte)
{
	play(&vectors[_i], SIZE_MAX, 0);
	play(&vectors[_i], 1, 0);
	play(&vectors[_i], 3, 0);
}
END_TEST

START_TEST(at_every_cut)
{
	size_t cut, longest = 0;
	int i;

	for (i = 0; vectors[_i].steps[i] != NULL; i++)
		if (strlen(vectors[_i].steps[i]) > longest)
			longest = strlen(vectors[_i].steps[i]);
	for (cut = 1; cut < 2 * longest; cut++)
		play(&vectors[_i], SIZE_MAX, cut);
}
END_TEST

/* Secrets. */

#define AT(level, out, ...) { level, out, { __VA_ARGS__, NULL } }

static const struct vector secrets[] = {
	CASE("1:CONFIG *4|$11|requirepass|$6|******|$4|save|$0||",
	    ">CONFIG GET *",
	    "<*4|$11|requirepass|$6|s3cret|$4|save|$0||"),
	CASE("1:HELLO %0| 2:CONFIG %2|$10|masterauth|$6|******|$1|a|$1|b|",
	    ">HELLO 3", ">CONFIG GET *",
	    "<%0|%2|$10|masterauth|$6|s3cret|$1|a|$1|b|"),
	CASE("1:config *6|$24|tls-client-key-file-pass|$6|******|"
	    "$17|tls-key-file-pass|$6|******|$10|masteruser|$6|******|",
	    ">config get a", "<*6|$24|tls-client-key-file-pass|$6|s3cret|"
	    "$17|tls-key-file-pass|$6|s3cret|$10|masteruser|$6|s3cret|"),
	CASE("1:GET $11|requirepass| 2:HGETALL *2|$11|requirepass|$1|x|",
	    ">GET a", ">HGETALL a",
	    "<$11|requirepass|*2|$11|requirepass|$1|x|"),
	CASE("1:ACL *4|$5|flags|*1|$2|on|$9|passwords|*2|$3|***|$6|******|",
	    ">ACL GETUSER a", "<*4|$5|flags|*1|$2|on|$9|passwords|"
	    "*2|$3|abc|$6|s3cret|"),
	CASE("1:ACL *2|$28|user a on ******* ~#x ******|$12|user b ** ~*|",
	    ">ACL LIST", "<*2|$28|user a on #s3cret ~#x >s3cre|"
	    "$12|user b >x ~*|"),
	CASE("1:MULTI +OK| 2:CONFIG +QUEUED| 3:EXEC *1|*2|$11|requirepass|"
	    "$6|******|", ">MULTI", ">CONFIG GET *", ">EXEC",
	    "<+OK|+QUEUED|*1|*2|$11|requirepass|$6|s3cret|"),
	/* Nobody knows what it answers. */
	CASE("!out-of-step@0 ? +OK| ? *2|$11|requirepass|$6|******|", "<+OK|",
	    "<*2|$11|requirepass|$6|s3cret|"),
	/* A command that may have had no reply is before it. */
	CASE("3:CONFIG *2|$11|requirepass|$6|******|", ">CLIENT REPLY SKIP",
	    ">UNSUBSCRIBE x", ">CONFIG GET *",
	    "<*2|$11|requirepass|$6|s3cret|"),
	/* A push between the word and its secret. */
	CASE("1:HELLO %0| push >1|+x| 2:CONFIG %1|$11|requirepass|$6|******|",
	    ">HELLO 3", ">CONFIG GET *",
	    "<%0|%1|$11|requirepass|>1|+x|$6|s3cret|"),
	/* By their kind. */
	CASE("1:CONFIG *4|$20|search-some-password|$6|******|$8|bf-token|"
	    "$6|******|", ">CONFIG GET *",
	    "<*4|$20|search-some-password|$6|s3cret|$8|bf-token|$6|s3cret|"),
	CASE("1:SENTINEL %1|$13|sentinel-pass|$6|******|",
	    ">SENTINEL CONFIG GET *", "<%1|$13|sentinel-pass|$6|s3cret|"),
	CASE("1:FT.CONFIG *1|*2|$19|OSS_GLOBAL_PASSWORD|$6|******|",
	    ">FT.CONFIG GET *", "<*1|*2|$19|OSS_GLOBAL_PASSWORD|$6|s3cret|"),
	CASE("1:MODULE *1|*2|$4|args|*2|$8|PASSWORD|$6|******|",
	    ">MODULE LIST", "<*1|*2|$4|args|*2|$8|PASSWORD|$6|s3cret|"),
	CASE("1:ACL $6|******| 2:ACL -ERR x|", ">ACL GENPASS", ">ACL GENPASS x",
	    "<$6|s3cret|-ERR x|"),
	CASE("1:MULTI +OK| 2:ACL +QUEUED| 3:EXEC *1|$6|******|", ">MULTI",
	    ">ACL GENPASS", ">EXEC", "<+OK|+QUEUED|*1|$6|s3cret|"),
	/* Errors that quote what they answer. */
	CASE("1:CONFIG -ERR unknown command *******************| 2:GET -ERR "
	    "'x'|", ">CONFIG SET requirepass s3cret", ">GET x",
	    "<-ERR unknown command 'CONFIG', 's3cret' |-ERR 'x'|"),
	CASE("1:AUTH +OK| 2:ACL -ERR modifier *********|",
	    ">AUTH s3cret", ">ACL SETUSER u >s3cret",
	    "<+OK|-ERR modifier '>s3cret'|"),
	CASE("1:MULTI +OK| 2:CONFIG -ERR *********| 3:GET -ERR 'x'| "
	    "4:EXEC -EXECABORT 'x'|",
	    ">MULTI", ">CONFIG SET requirepass s3cret",
	    ">GET", ">EXEC", "<+OK|-ERR 's3cret' |-ERR 'x'|-EXECABORT 'x'|"),
	CASE("1:MULTI +OK| 2:CONFIG +QUEUED| 3:EXEC *1|-ERR ********|",
	    ">MULTI", ">CONFIG SET requirepass s3cret", ">EXEC",
	    "<+OK|+QUEUED|*1|-ERR 's3cret'|"),
	CASE("1:SET -ERR x ********************|",
	    ">SET k redis://u:s3cret@h", "<-ERR x 'redis://u:s3cret@h'|"),
	AT(REDACT_NONE, "1:CONFIG *2|$11|requirepass|$6|s3cret|",
	    ">CONFIG GET *", "<*2|$11|requirepass|$6|s3cret|"),
	AT(REDACT_VALUES, "1:GET $6|******| 2:LRANGE *2|$1|*|:1| "
	    "3:x -ERR unknown ********| 4:PING +PONG|", ">GET a",
	    ">LRANGE a 0 1", ">x", ">PING",
	    "<$6|s3cret|*2|$1|a|:1|-ERR unknown 's3cret'|+PONG|"),
};

START_TEST(secrets_are_hidden)
{
	size_t cut;

	play(&secrets[_i], SIZE_MAX, 0);
	play(&secrets[_i], 1, 0);
	for (cut = 1; cut < 120; cut++)
		play(&secrets[_i], SIZE_MAX, cut);
}
END_TEST

/* MONITOR's lines: the word is hidden in each cut, quotes too. */
START_TEST(monitor_has_no_secrets)
{
	static const struct vector v = { REDACT_SECRETS, NULL, {
	    ">MONITOR", "<+OK|+1.5 [0 a:1] \"AUTH\" \"s3cret\"|"
	    "+1.6 [0 a:1] \"config\" \"set\" \"requirepass\" \"s3cret\"|"
	    "+1.7 [0 a:1] \"set\" \"a\" \"b\"|", NULL } };
	struct play y;
	size_t cut;

	for (cut = 0; cut < strlen(v.steps[1]) + 5; cut++) {
		play_init(&y, v.level);
		play_step(&y, v.steps[0], SIZE_MAX, 0);
		play_step(&y, v.steps[1], cut == 0 ? 1 : SIZE_MAX, cut);
		bytes_add(&y.out, "", 1);
		bytes_add(&y.seen, "", 1);
		ck_assert_ptr_null(strstr((char *)y.seen.data, CANARY));
		ck_assert_ptr_null(strstr((char *)y.out.data, CANARY));
		ck_assert_ptr_nonnull(strstr((char *)y.out.data,
		    "\"set\" \"a\" \"b\""));
		ck_assert_ptr_nonnull(strstr((char *)y.seen.data,
		    "\"set\" \"requirepass\""));
		play_free(&y);
	}
}
END_TEST

/* What the session learns, also of commands that still wait. */

static const struct {
	const char *steps[STEPS_MAX];
	const char *name;	/* NULL: none */
	uint32_t db;
	uint8_t resp;
	bool muted;
} states[] = {
	{ { ">SELECT 3", "<+OK|", NULL }, NULL, 3, 2, false },
	{ { ">SELECT 3", "<-ERR x|", NULL }, NULL, 0, 2, false },
	{ { ">SELECT 3", NULL }, NULL, 3, 2, false },
	{ { ">SELECT 3", ">SELECT 4", ">SELECT 5", "<+OK|-ERR x|", NULL },
	    NULL, 5, 2, false },
	{ { ">SELECT 3", ">SELECT 4", ">GET a", "<+OK|-ERR x|", NULL },
	    NULL, 3, 2, false },
	{ { ">SELECT 3", ">RESET", NULL }, NULL, 0, 2, false },
	{ { ">CLIENT SETNAME a", ">HELLO 2 SETNAME b", NULL }, "b", 0, 2,
	    false },
	{ { ">CLIENT SETNAME a", ">HELLO 2 SETNAME b", "<+OK|-ERR x|", NULL },
	    "a", 0, 2, false },
	/* In a transaction commands find what those before them in it make. */
	{ { ">SELECT 1", ">MULTI", ">SELECT 2", NULL }, NULL, 2, 2, false },
	{ { ">SELECT 1", ">MULTI", ">SELECT 2", ">EXEC", NULL }, NULL, 2, 2,
	    false },
	{ { ">SELECT 1", ">MULTI", ">SELECT 2", ">DISCARD", NULL }, NULL, 1, 2,
	    false },
	{ { ">SELECT 1", ">MULTI", ">SELECT 2", ">RESET", NULL }, NULL, 0, 2,
	    false },
	{ { ">SELECT 1", ">MULTI", ">SELECT 2", ">EXEC a", NULL }, NULL, 1, 2,
	    false },
	{ { ">SELECT 1", ">MULTI", ">SELECT 2", ">GET a", ">EXEC",
	    "<+OK|+OK|+QUEUED|-ERR x|", NULL }, NULL, 1, 2, false },
	{ { ">SELECT 1", ">MULTI", ">SELECT 2", ">GET a", ">EXEC", ">SELECT 5",
	    "<+OK|+OK|+QUEUED|+QUEUED|*-1|", NULL }, NULL, 5, 2, false },
	{ { ">SELECT 1", ">MULTI", ">SELECT 2", ">GET a", ">EXEC", ">GET b",
	    "<+OK|+OK|+QUEUED|+QUEUED|*-1|", NULL }, NULL, 1, 2, false },
	{ { ">SELECT 1", ">MULTI", ">SELECT 2", ">SELECT 99", "<-ERR x|+OK|",
	    "<+QUEUED|", NULL }, NULL, 99, 2, false },
	{ { ">MULTI", ">SELECT 2", ">SUBSCRIBE a", ">SELECT 3", ">EXEC",
	    ">GET a", "<+OK|+QUEUED|+QUEUED|+QUEUED|*3|+OK|",
	    "<*3|$9|subscribe|$1|a|:1|-ERR x|", NULL }, NULL, 2, 2, false },
	{ { ">MULTI", ">SELECT 2", ">SUBSCRIBE a", ">SELECT 3", ">EXEC",
	    ">GET a", "<+OK|+QUEUED|+QUEUED|+QUEUED|*3|-ERR x|", NULL },
	    NULL, 3, 2, false },
	/* Also when replies are not understood. */
	{ { "<+x|", ">SELECT 3", NULL }, NULL, 3, 2, false },
	{ { ">a", "<x", ">SELECT 3", NULL }, NULL, 3, 2, false },
	{ { ">a", ">SELECT 3", "<x", NULL }, NULL, 3, 2, false },
	{ { "<+x|", ">SELECT 3", ">RESET", ">SELECT 4", "<+OK|+RESET|", NULL },
	    NULL, 4, 2, false },
	{ { ">SELECT 1", ">x", ">SELECT 3", ">ECHO 0123456789abcdef",
	    ">SELECT 4", "<:1|:1|:1|$16|0123456789abcdef|-ERR x|", NULL },
	    NULL, 3, 2, false },
	{ { ">HELLO 3 AUTH a b SETNAME me", "<%0|", NULL }, "me", 0, 3,
	    false },
	{ { ">HELLO 3 SETNAME me", "<-ERR x|", NULL }, NULL, 0, 2, false },
	{ { ">CLIENT SETNAME me", "<+OK|", NULL }, "me", 0, 2, false },
	{ { ">CLIENT SETNAME me", ">CLIENT SETNAME \"\"", "<+OK|+OK|", NULL },
	    NULL, 0, 2, false },
	{ { ">MULTI", ">SELECT 2", ">SELECT 99", ">CLIENT SETNAME me",
	    ">EXEC", "<+OK|+QUEUED|+QUEUED|+QUEUED|*3|+OK|-ERR x|+OK|", NULL },
	    "me", 2, 2, false },
	{ { ">HELLO 3", ">SELECT 2", ">RESET", "<%0|+OK|+RESET|", NULL },
	    NULL, 0, 2, false },
	{ { ">CLIENT REPLY OFF", ">SELECT 2", ">SELECT x", ">HELLO 4",
	    ">HELLO 3", NULL }, NULL, 2, 0, true },
	{ { ">CLIENT REPLY OFF", ">MULTI", ">SELECT 2", ">EXEC", NULL },
	    NULL, 2, 2, true },
	{ { ">CLIENT REPLY OFF", ">MULTI", ">GET", ">MULTI", ">SELECT 2",
	    ">EXEC", NULL }, NULL, 0, 2, true },
	{ { ">CLIENT REPLY OFF", ">HELLO 3 SETNAME \"a b\"",
	    ">HELLO 3 x", NULL }, NULL, 0, 2, true },
};

START_TEST(session_is_what_will_be)
{
	struct play y;
	int i;

	play_init(&y, REDACT_SECRETS);
	for (i = 0; states[_i].steps[i] != NULL; i++)
		play_step(&y, states[_i].steps[i], 2, 0);
	ck_assert_pstr_eq(y.session.name, states[_i].name);
	ck_assert_uint_eq(y.session.db, states[_i].db);
	ck_assert_uint_eq(y.pair.now.resp, states[_i].resp);
	ck_assert_int_eq(session_muted(&y.session), states[_i].muted);
	play_free(&y);
}
END_TEST

/* A name in the table of specials that is not one of a command's drops it. */
START_TEST(specials_are_known)
{
	static const struct {
		const char *command;
		int name;
		int secrets;
	} specials[] = {
		{ ">ACL GETUSER a", PAIR_OTHER, REDACT_ACL_USER },
		{ ">ACL LIST", PAIR_OTHER, REDACT_ACL_LIST },
		{ ">CLIENT REPLY OFF", PAIR_REPLY_OFF, 0 },
		{ ">CLIENT SETNAME a", PAIR_SETNAME, 0 },
		{ ">CONFIG GET a", PAIR_OTHER, REDACT_CONFIG },
		{ ">DISCARD", PAIR_DISCARD, 0 }, { ">ECHO a", PAIR_ECHO, 0 },
		{ ">EVAL a 0", PAIR_EVAL, 0 }, { ">EVAL_RO a 0", PAIR_EVAL, 0 },
		{ ">EVALSHA a 0", PAIR_CODE, 0 },
		{ ">EVALSHA_RO a 0", PAIR_CODE, 0 },
		{ ">EXEC", PAIR_EXEC, 0 }, { ">FCALL a 0", PAIR_CODE, 0 },
		{ ">FCALL_RO a 0", PAIR_CODE, 0 }, { ">HELLO", PAIR_HELLO, 0 },
		{ ">MONITOR", PAIR_MONITOR, 0 }, { ">MULTI", PAIR_MULTI, 0 },
		{ ">PING", PAIR_PING, 0 },
		{ ">PSUBSCRIBE a", PAIR_PSUBSCRIBE, 0 },
		{ ">PSYNC a 0", PAIR_SYNC, 0 },
		{ ">PUNSUBSCRIBE", PAIR_PUNSUBSCRIBE, 0 },
		{ ">QUIT", PAIR_QUIT, 0 },
		{ ">REPLCONF ACK 1", PAIR_REPLCONF_ACK, 0 },
		{ ">RESET", PAIR_RESET, 0 },
		{ ">SCRIPT DEBUG NO", PAIR_SCRIPT_DEBUG, 0 },
		{ ">SELECT 1", PAIR_SELECT, 0 },
		{ ">SSUBSCRIBE a", PAIR_SSUBSCRIBE, 0 },
		{ ">SUBSCRIBE a", PAIR_SUBSCRIBE, 0 },
		{ ">SUNSUBSCRIBE", PAIR_SUNSUBSCRIBE, 0 },
		{ ">SYNC", PAIR_SYNC, 0 },
		{ ">UNSUBSCRIBE", PAIR_UNSUBSCRIBE, 0 },
		{ ">WATCH a", PAIR_WATCH, 0 },
	};
	const struct pair_entry *e;
	struct play y;
	int i;

	for (i = 0; i < COUNT(specials); i++) {
		play_init(&y, REDACT_SECRETS);
		play_step(&y, ">a", 1, 0);
		play_step(&y, specials[i].command, 1, 0);
		e = pair_queue_at(&y.pair.queue, y.pair.queue.head);
		e = pair_queue_at(&y.pair.queue, pair_queue_size(e));
		ck_assert_ptr_nonnull(e);
		ck_assert_int_eq(e->name, specials[i].name);
		ck_assert_int_eq(e->secrets, specials[i].secrets);
		play_free(&y);
	}
}
END_TEST

START_TEST(question_knows_its_command)
{
	struct play y;
	const struct pair_question *q;

	play_init(&y, REDACT_SECRETS);
	play_step(&y, ">set greeting hello", 1, 0);
	play_step(&y, ">client setname a", 1, 0);
	play_step(&y, ">FOO a", 1, 0);
	pair_feed(&y.pair, &y.scratch, (const uint8_t *)"+OK\r\n+OK\r\n-E\r\n",
	    14);
	ck_assert_uint_eq(y.scratch.nanswers, 3);
	q = &y.scratch.answers[0].question;
	ck_assert_str_eq(q->command->name, "set");
	ck_assert_uint_eq(q->key.kept, 8);
	ck_assert_mem_eq(q->key.data, "greeting", 8);
	ck_assert_uint_eq(q->bytes, 20);
	ck_assert_str_eq(y.scratch.answers[1].question.command->name,
	    "client|setname");
	ck_assert_ptr_null(y.scratch.answers[1].question.key.data);
	ck_assert_ptr_null(y.scratch.answers[2].question.command);
	pair_fed(&y.pair, &y.scratch);
	play_free(&y);
}
END_TEST

/* Of a name too no more is kept than the user wants to see. */
START_TEST(question_has_a_clipped_name)
{
	struct play y;
	const struct pair_question *q;

	play_init(&y, REDACT_SECRETS);
	args.clip = 2;
	play_step(&y, ">PING", 1, 0);
	pair_feed(&y.pair, &y.scratch, (const uint8_t *)"+PONG\r\n", 7);
	ck_assert_uint_eq(y.scratch.nanswers, 1);
	q = &y.scratch.answers[0].question;
	ck_assert_uint_eq(q->name.kept, 2);
	ck_assert_mem_eq(q->name.data, "PI", 2);
	ck_assert_uint_eq(q->name.size, 4);
	pair_fed(&y.pair, &y.scratch);
	play_free(&y);
}
END_TEST

/* Replies that are kept look like those that come at once. */

static uint32_t
next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return (*state >> 8);
}

/*
 * Ordinary replies that come whole need no rules, in pieces they are judged by
 * them: any conversation must look the same.  Most of these make sense.
 */
static const char *const talk[] = {
	">GET a", "<$1|a|", ">SET a b", "<+OK|", ">INCR a", "<:1|", ">x",
	"<-ERR x|", ">GET a", "<$-1|", ">LRANGE a 0 1", "<*1|:1|", ">PING",
	"<+PONG|", ">MULTI", "<+OK|", ">GET a", "<+QUEUED|", ">EXEC",
	"<*1|$1|a|", ">CLIENT REPLY SKIP", ">GET b", ">SUBSCRIBE a",
	"<*3|$9|subscribe|$1|a|:1|", ">MONITOR", "<+OK|", "<+1 [0 a:1] \"x\"|",
	">RESET", "<+RESET|", ">CONFIG GET *", "<*2|$11|requirepass|$6|s3cret|",
	">", ">CLIENT REPLY OFF", ">GET c", ">CLIENT REPLY ON", "<+OK|",
	">HELLO 3", "<%0|", ">SSUBSCRIBE c", "<>3|$10|ssubscribe|$1|c|:1|",
	">SUNSUBSCRIBE c", "<>3|$12|sunsubscribe|$1|c|:0|", ">GET a",
	"<-ERR x|",
	">MGET a b", "<*2|:1|>2|+a|*1|_|:2|", ">EVAL x 0", "<+QUEUED|",
	">CLIENT REPLY SKIP", ">HELLO 2 AUTH a b", ">PING", "<+PONG|",
	">CLIENT REPLY SKIP", ">UNSUBSCRIBE x", ">PING", "<+PONG|",
	"<*3|$11|unsubscribe|$1|x|:0|", ">SELECT 4", "<+OK|", ">SELECT 99",
	"<-ERR x|", ">SCRIPT DEBUG YES", "<+OK|", ">EVAL x 0", "<*1|+a|", ">s",
	"<*1|+<endsession>|", "<:1|", "<-DENIED x|",
	">ECHO 0123456789abcdef", "<$16|0123456789abcdef|",
};

static void
converse(struct play *y, uint32_t random, size_t size, enum redact_level level)
{
	size_t i, at = 0;

	play_init(y, level);
	for (i = 0; i < 40; i++) {
		at = next_random(&random) % 4 > 0 ? (at + 1) % COUNT(talk) :
		    next_random(&random) % COUNT(talk);
		play_step(y, talk[at], size, 0);
	}
	bytes_add(&y->out, "", 1);
	bytes_add(&y->seen, "", 1);
}

START_TEST(short_way_leads_to_the_same)
{
	struct play whole, pieces;

	converse(&whole, (uint32_t)_i, SIZE_MAX, (enum redact_level)(_i % 3));
	converse(&pieces, (uint32_t)_i, 1, (enum redact_level)(_i % 3));
	ck_assert_str_eq((char *)whole.out.data, (char *)pieces.out.data);
	ck_assert_str_eq((char *)whole.seen.data, (char *)pieces.seen.data);
	ck_assert_uint_eq(whole.session.db, pieces.session.db);
	ck_assert_uint_eq(whole.pair.now.resp, pieces.pair.now.resp);
	play_free(&whole);
	play_free(&pieces);
}
END_TEST

static void
grow_string(struct bytes *b, uint32_t *random)
{
	static const char text[] = "ab\r\n\xc3";
	size_t n = next_random(random) % 100, i;

	if (next_random(random) % 8 == 0)
		n *= 50;
	bytes_addf(b, "$%zu\r\n", n);
	for (i = 0; i < n; i++)
		bytes_add(b, &text[i % 5], 1);
	bytes_add_string(b, "\r\n");
}

static void
grow_chunks(struct bytes *b, uint32_t *random)
{
	unsigned i, n = next_random(random) % 5, k;

	bytes_add_string(b, "$?\r\n");
	for (i = 0; i < n; i++) {
		k = 1 + next_random(random) % 40;
		bytes_addf(b, ";%u\r\n%.*s\r\n", k, (int)k,
		    "0123456789012345678901234567890123456789");
	}
	bytes_add_string(b, ";0\r\n");
}

/* A scalar, or an aggregate of them that is `depth` deep at most. */
static void
grow(struct bytes *b, uint32_t *random, int depth)
{
	static const char *const opens[] = { "*", "%", "~" };
	unsigned type = next_random(random) % (depth > 0 ? 12 : 8), n, i;

	switch (type) {
	case 0:
		bytes_addf(b, ":%u\r\n", next_random(random));
		break;
	case 1:
		bytes_add_string(b, "$-1\r\n");
		break;
	case 2:
		bytes_addf(b, "+%.*s\r\n", (int)(next_random(random) % 60),
		    "------------------------------------------------------"
		    "------");
		break;
	case 3:
		grow_chunks(b, random);
		break;
	case 4:
		bytes_addf(b, "-ERR '%0*u'\r\n",
		    (int)(next_random(random) % 90), 1);
		break;
	case 5:
	case 6:
	case 7:
		grow_string(b, random);
		break;
	case 11:
		bytes_add_string(b, "|1\r\n+a\r\n");
		grow(b, random, 0);
		grow(b, random, depth - 1);
		break;
	default:
		n = next_random(random) % 30;
		bytes_addf(b, "%s%u\r\n", opens[type - 8], n);
		for (i = 0; i < n * (type == 9 ? 2 : 1); i++)
			grow(b, random, depth - 1);
	}
}

static struct record_bytes
record(const struct pair_value *v)
{
	return ((struct record_bytes){ .data = v->data, .len = v->len,
		.offset = v->offset, .secrets = v->secrets,
		.nsecrets = v->nsecrets, .gaps = v->gaps, .ngaps = v->ngaps,
		.left_out = v->left_out });
}

/* What text and JSON show of the reply, which comes in random pieces, or whole
 * if there is no randomness. */
static void
show(const struct bytes *reply, size_t clip, enum redact_level level,
    uint32_t *random, struct bytes *out)
{
	struct play y;
	struct record_bytes in;
	size_t at, n;

	play_init(&y, level);
	y.options.clip = clip;
	play_step(&y, ">GET a", 1, 0);
	for (at = 0; at < reply->len; at += n) {
		n = random == NULL ? reply->len :
		    1 + next_random(random) % (next_random(random) % 5 == 0 ?
		    5000 : 20);
		if (n > reply->len - at)
			n = reply->len - at;
		pair_feed(&y.pair, &y.scratch, reply->data + at, n);
		if (y.scratch.nanswers > 0) {
			MUST(y.scratch.nanswers == 1);
			in = record(&y.scratch.answers[0].value);
			MUST(in.len + in.left_out == reply->len);
			notation_add(out, &in, clip, false);
			json_value_add(out, &in, clip);
		}
		pair_fed(&y.pair, &y.scratch);
	}
	bytes_add(out, "", 1);
	play_free(&y);
}

static void
must_look_the_same(const struct bytes *reply, size_t clip,
    enum redact_level level, uint32_t *random)
{
	struct bytes whole = { 0 }, pieces = { 0 };

	show(reply, clip, level, NULL, &whole);
	show(reply, clip, level, random, &pieces);
	ck_assert_uint_gt(whole.len, 1);
	ck_assert_str_eq((char *)whole.data, (char *)pieces.data);
	bytes_free(&whole);
	bytes_free(&pieces);
}

START_TEST(kept_looks_like_whole)
{
	uint32_t random = (uint32_t)_i;
	struct bytes reply = { 0 };
	size_t clip = next_random(&random) % 120;
	enum redact_level level = _i % 2 == 0 ? REDACT_SECRETS :
	    REDACT_VALUES;

	grow(&reply, &random, 1 + _i % 4);
	must_look_the_same(&reply, clip, level, &random);
	bytes_free(&reply);
}
END_TEST

/* The bound, from both sides, and what stands there. */

static const struct {
	const char *head;
	const char *element;
	const char *text;	/* with which text ends */
	const char *json;
} longs[] = {
	{ "*50000\r\n", ":1\r\n",
	    ", (integer) 1, ... (68936 more bytes)",
	    ",1,{\"left_out\":68936}]" },
	{ "*20000\r\n", "$40\r\n0123456789012345678901234567890123456789\r\n",
	    ", \"\"... (40 more bytes), ... (828046 more bytes)",
	    ",{\"left_out\":828046}]" },
	{ "%25000\r\n", "*1\r\n_\r\n",
	    ": ... (218939 more bytes)", "{\"left_out\":218939}]]}" },
	{ "*?\r\n*1\r\n%40000\r\n", "_\r\n",
	    ": ... (108948 more bytes)", "{\"left_out\":108948}]]}]]" },
};

START_TEST(long_reply_ends)
{
	struct bytes reply = { 0 }, out = { 0 };
	struct record_bytes in = { .data = NULL };
	uint32_t random = 7;
	int i, n = atoi(strpbrk(longs[_i].head, "0123456789"));

	if (_i == 3)
		n = 80000;
	else if (_i == 2)
		n *= 2;
	bytes_add_string(&reply, longs[_i].head);
	for (i = 0; i < n; i++)
		bytes_add_string(&reply, longs[_i].element);
	if (_i == 3)
		bytes_add_string(&reply, ".\r\n");
	in.data = reply.data;
	in.len = reply.len;
	notation_add(&out, &in, 32, false);
	bytes_add(&out, "", 1);
	ck_assert_str_eq((char *)out.data + out.len - 1 -
	    strlen(longs[_i].text), longs[_i].text);
	bytes_truncate(&out, 0);
	json_value_add(&out, &in, 32);
	bytes_add(&out, "", 1);
	ck_assert_str_eq((char *)out.data + out.len - 1 -
	    strlen(longs[_i].json), longs[_i].json);
	must_look_the_same(&reply, 32, REDACT_SECRETS, &random);
	bytes_free(&reply);
	bytes_free(&out);
}
END_TEST

/* Memory. */

static size_t
memory(const struct pair *p)
{
	const struct pair_reading *r = p->unfinished;

	if (r == NULL)
		return (p->queue.cap);
	return (p->queue.cap + sizeof(*r) + r->keep.data.cap +
	    r->keep.secrets.cap * sizeof(*r->keep.secrets.v) +
	    r->keep.gaps_cap * sizeof(*r->keep.gaps));
}

static const struct {
	const char *head;
	const char *piece;	/* again and again */
	const char *tail;
	size_t bytes;		/* of the pieces, in all */
} larges[] = {
	{ "$536870912\r\n", "0123456789abcdef", "\r\n", 536870912 },
	{ "*10000000\r\n", ":1\r\n", "", 40000000 },
	{ "*1000000\r\n", "$33\r\n0123456789abcdef0123456789abcdefX\r\n", "",
	    40000000 },
	{ "$?\r\n", ";2\r\nab\r\n", ";0\r\n", 8000000 },
	{ "$", "0000000000000000", "1\r\na\r\n", 1000000 },
};

START_TEST(large_reply_takes_little_room)
{
	const char *piece = larges[_i].piece;
	size_t size = strlen(piece), n, at = 0, most = 0;
	struct bytes chunk = { 0 };
	struct play y;

	play_init(&y, REDACT_SECRETS);
	y.options.clip = 1024;
	while (chunk.len + size <= 64000)
		bytes_add(&chunk, piece, size);
	play_step(&y, ">GET a", 1, 0);
	play_step(&y, ">PING", 1, 0);
	pair_feed(&y.pair, &y.scratch, (const uint8_t *)larges[_i].head,
	    strlen(larges[_i].head));
	pair_fed(&y.pair, &y.scratch);
	for (; at < larges[_i].bytes; at += n) {
		n = larges[_i].bytes - at;
		if (n > chunk.len)
			n = chunk.len;
		pair_feed(&y.pair, &y.scratch, chunk.data, n);
		if (at + n < larges[_i].bytes)
			MUST(y.scratch.nanswers == 0);
		pair_fed(&y.pair, &y.scratch);
		if (memory(&y.pair) > most)
			most = memory(&y.pair);
	}
	ck_assert_uint_lt(most, 200 * 1024);
	pair_feed(&y.pair, &y.scratch, (const uint8_t *)larges[_i].tail,
	    strlen(larges[_i].tail));
	pair_fed(&y.pair, &y.scratch);
	play_step(&y, "<+PONG|", SIZE_MAX, 0);
	bytes_add(&y.out, "", 1);
	ck_assert_str_eq((char *)y.out.data, "2:PING +PONG|");
	ck_assert_uint_eq(memory(&y.pair), 0);
	bytes_free(&chunk);
	play_free(&y);
}
END_TEST

/* What is too deep to be shown is passed, and what follows is understood. */
START_TEST(deep_reply_ends)
{
	static const int depths[] = { 129, 3000, 50000 };
	struct bytes reply = { 0 }, out = { 0 };
	struct record_bytes in = { .data = NULL };
	uint32_t random = 1;
	struct play y;
	int i;

	for (i = 0; i < depths[_i]; i++)
		bytes_add_string(&reply, "*2\r\n$1\r\na\r\n");
	bytes_add_string(&reply, "*0\r\n");
	must_look_the_same(&reply, 32, REDACT_SECRETS, &random);
	must_look_the_same(&reply, 32, REDACT_VALUES, &random);
	in.data = reply.data;
	in.len = reply.len;
	notation_add(&out, &in, 32, false);
	bytes_add(&out, "", 1);
	ck_assert_ptr_nonnull(strstr((char *)out.data, "[\"a\", ["));
	ck_assert_ptr_nonnull(strstr((char *)out.data, " more bytes)"));
	play_init(&y, REDACT_SECRETS);
	play_step(&y, ">GET a", 1, 0);
	play_step(&y, ">PING", 1, 0);
	pair_feed(&y.pair, &y.scratch, reply.data, reply.len);
	ck_assert_uint_eq(y.scratch.nanswers, 1);
	ck_assert_int_eq(y.scratch.answers[0].kind, PAIR_REPLY);
	pair_fed(&y.pair, &y.scratch);
	play_step(&y, "<+PONG|", SIZE_MAX, 0);
	bytes_add(&y.out, "", 1);
	ck_assert_str_eq((char *)y.out.data, "2:PING +PONG|");
	play_free(&y);
	bytes_free(&reply);
	bytes_free(&out);
}
END_TEST

/* Sends a command n times, or reads such a reply, without a look at it. */

static void
flood(struct play *y, const char *command, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		play_requests(y, (const uint8_t *)command, strlen(command));
		MUST(memory(&y->pair) <= PAIR_QUEUE_MAX);
	}
}

/* Returns how many of them have a command; each must have the number that
 * follows. */
static uint64_t
drain(struct play *y, const char *reply, int n, uint64_t no)
{
	uint64_t paired = 0;
	size_t k;
	int i;

	for (i = 0; i < n; i++) {
		pair_feed(&y->pair, &y->scratch, (const uint8_t *)reply,
		    strlen(reply));
		for (k = 0; k < y->scratch.nanswers; k++) {
			struct pair_answer *a = &y->scratch.answers[k];

			if (a->kind == PAIR_ERROR) {
				bytes_addf(&y->out, "%s!%s %s",
				    y->out.len > 0 ? " " : "", a->error.rule,
				    a->error.text);
			} else if (a->kind == PAIR_REPLY) {
				MUST(no == 0 ||
				    a->question.no == no + (uint64_t)i);
				paired++;
			}
		}
		pair_fed(&y->pair, &y->scratch);
	}
	return (paired);
}

static void
check_out(struct play *y, const char *out)
{
	bytes_add(&y->out, "", 1);
	ck_assert_str_eq((char *)y->out.data, out);
}

/* Requests without an end: those that are remembered are paired, the rest is
 * counted, and it goes on behind them. */
START_TEST(queue_is_bounded)
{
	const int n = 100000;
	char told[100];
	uint64_t paired;
	struct play y;

	play_init(&y, REDACT_SECRETS);
	flood(&y, "SET a 1\r\n", n);
	play_step(&y, ">PING", 1, 0);
	paired = drain(&y, "+OK\r\n", n, 1);
	ck_assert_uint_gt(paired, (uint64_t)n / 2);
	ck_assert_uint_lt(paired, (uint64_t)n);
	play_step(&y, "<+PONG|", SIZE_MAX, 0);
	play_step(&y, ">GET a", SIZE_MAX, 0);
	play_step(&y, "<$1|1|", SIZE_MAX, 0);
	snprintf(told, sizeof(told), "!forgotten %d replies not shown with "
	    "their commands ? +PONG| %d:GET $1|1|", n + 1 - (int)paired, n + 2);
	check_out(&y, told);
	ck_assert_uint_eq(memory(&y.pair), 0);
	play_free(&y);
}
END_TEST

/* What changes the replies is remembered longer. */
START_TEST(special_commands_are_not_forgotten)
{
	const int n = 100000;
	uint64_t paired;
	struct play y;

	play_init(&y, REDACT_SECRETS);
	flood(&y, "SET a 1\r\n", n);
	play_step(&y, ">SELECT 3", 1, 0);
	play_step(&y, ">CLIENT REPLY OFF", 1, 0);
	flood(&y, "PING\r\n", n);
	flood(&y, "\r\n", n);
	play_step(&y, ">CLIENT REPLY ON", 1, 0);
	play_step(&y, ">CLIENT REPLY SKIP", 1, 0);
	flood(&y, "PING\r\n", 3);
	play_step(&y, ">SUBSCRIBE c d", 1, 0);
	play_step(&y, ">PING", 1, 0);
	ck_assert_uint_eq(y.session.db, 3);
	paired = drain(&y, "+OK\r\n", n, 1);
	ck_assert_uint_gt(paired, (uint64_t)n / 2);
	bytes_truncate(&y.out, 0);
	play_step(&y, "<+OK|+OK|+PONG|+PONG|*3|$9|subscribe|$1|c|:1|"
	    "*3|$9|subscribe|$1|d|:2|*2|$4|pong|$0||", SIZE_MAX, 0);
	check_out(&y, "100001:SELECT +OK| 200003:CLIENT +OK| "
	    "!forgotten@500010 ? +PONG| ? +PONG| "
	    "200008.SUBSCRIBE *3|$9|subscribe|$1|c|:1| "
	    "200008:SUBSCRIBE *3|$9|subscribe|$1|d|:2| "
	    "!forgotten@500084 ? *2|$4|pong|$0||");
	ck_assert_uint_eq(memory(&y.pair), 0);
	play_free(&y);
}
END_TEST

/* Transactions are forgotten like other commands, and known behind them. */
START_TEST(transactions_are_forgotten)
{
	const int n = 20000;
	struct play y;
	int i;

	play_init(&y, REDACT_SECRETS);
	for (i = 0; i < n; i++) {
		flood(&y, "MULTI\r\n", 1);
		flood(&y, "INCR a\r\n", 2);
		flood(&y, "EXEC\r\n", 1);
	}
	play_step(&y, ">MULTI", 1, 0);
	play_step(&y, ">CONFIG GET a", 1, 0);
	play_step(&y, ">CLIENT SETNAME a", 1, 0);
	play_step(&y, ">EXEC", 1, 0);
	play_step(&y, ">PING", 1, 0);
	for (i = 0; i < n; i++)
		drain(&y, "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n:1\r\n:2\r\n",
		    1, 0);
	ck_assert_int_eq(y.pair.state, PAIR_IN_STEP);
	bytes_truncate(&y.out, 0);
	play_step(&y, "<+OK|+QUEUED|+QUEUED|*2|*2|$11|requirepass|$6|s3cret|"
	    "+OK|+PONG|", SIZE_MAX, 0);
	play_step(&y, ">GET a", 1, 0);
	play_step(&y, "<:1|", SIZE_MAX, 0);
	check_out(&y, "? +OK| ? +QUEUED| 80003:CLIENT +QUEUED| "
	    "80004:EXEC *2|*2|$11|requirepass|$6|******|+OK| "
	    "!forgotten@700066 ? +PONG| 80006:GET :1|");
	ck_assert_uint_eq(memory(&y.pair), 0);
	play_free(&y);
}
END_TEST

/* There is no room even for what is special. */
START_TEST(queue_of_special_commands_is_bounded)
{
	struct play y;

	play_init(&y, REDACT_SECRETS);
	flood(&y, "SELECT 1\r\n", 100000);
	play_step(&y, ">RESET", 1, 0);
	play_step(&y, ">PING", 1, 0);
	play_step(&y, "<+OK|+RESET|+PONG|", SIZE_MAX, 0);
	check_out(&y, "!out-of-step@0 ? +OK| "
	    "100001:RESET +RESET| 100002:PING +PONG|");
	play_free(&y);
}
END_TEST

/* A transaction of any length, whose commands are not all remembered. */
START_TEST(transaction_may_be_long)
{
	const int n = 60000;
	struct bytes replies = { 0 };
	struct play y;
	int i;

	play_init(&y, REDACT_SECRETS);
	play_step(&y, ">MULTI", 1, 0);
	play_step(&y, "<+OK|", 1, 0);
	bytes_addf(&replies, "*%d\r\n", n);
	for (i = 0; i < n; i++) {
		play_requests(&y, (const uint8_t *)"PING\r\n", 6);
		pair_feed(&y.pair, &y.scratch, (const uint8_t *)"+QUEUED\r\n",
		    9);
		MUST(y.scratch.nanswers == 1 &&
		    y.scratch.answers[0].kind == PAIR_REPLY);
		pair_fed(&y.pair, &y.scratch);
		MUST(memory(&y.pair) <= PAIR_QUEUE_MAX);
		bytes_add_string(&replies, "+PONG\r\n");
	}
	play_step(&y, ">EXEC", 1, 0);
	pair_feed(&y.pair, &y.scratch, replies.data, replies.len);
	ck_assert_uint_eq(y.scratch.nanswers, 1);
	ck_assert_int_eq(y.scratch.answers[0].kind, PAIR_REPLY);
	ck_assert_uint_eq(y.scratch.answers[0].question.no, (uint64_t)n + 2);
	pair_fed(&y.pair, &y.scratch);
	ck_assert_uint_eq(memory(&y.pair), 0);
	bytes_free(&replies);
	play_free(&y);
}
END_TEST

/* Without replies nothing piles up. */
START_TEST(muted_commands_leave_at_once)
{
	struct play y;
	int i;

	play_init(&y, REDACT_SECRETS);
	for (i = 0; i < 100; i++) {
		play_step(&y, ">", 1, 0);
		play_step(&y, ">CLIENT REPLY SKIP", 1, 0);
		play_step(&y, ">GET a", 1, 0);
		play_step(&y, ">REPLCONF ACK 1", 1, 0);
		ck_assert_uint_eq(memory(&y.pair), 0);
	}
	play_step(&y, ">CLIENT REPLY OFF", 1, 0);
	play_step(&y, ">GET a", 1, 0);
	ck_assert_uint_eq(memory(&y.pair), 0);
	play_free(&y);
}
END_TEST

static Suite *
pair_suite(void)
{
	Suite *s = suite_create("pair");
	TCase *rules = tcase_create("rules"), *kept = tcase_create("kept");
	TCase *room = tcase_create("room");

	tcase_set_timeout(room, 60);
	tcase_set_timeout(kept, 60);
	tcase_add_loop_test(rules, whole_and_byte_by_byte, 0, COUNT(vectors));
	tcase_add_loop_test(rules, at_every_cut, 0, COUNT(vectors));
	tcase_add_loop_test(rules, secrets_are_hidden, 0, COUNT(secrets));
	tcase_add_test(rules, monitor_has_no_secrets);
	tcase_add_loop_test(rules, session_is_what_will_be, 0,
	    COUNT(states));
	tcase_add_test(rules, specials_are_known);
	tcase_add_test(rules, question_knows_its_command);
	tcase_add_test(rules, question_has_a_clipped_name);
	tcase_add_loop_test(rules, short_way_leads_to_the_same, 0, 600);
	suite_add_tcase(s, rules);
	tcase_add_loop_test(kept, kept_looks_like_whole, 0, 200);
	tcase_add_loop_test(kept, long_reply_ends, 0, COUNT(longs));
	suite_add_tcase(s, kept);
	tcase_add_loop_test(room, large_reply_takes_little_room, 0,
	    COUNT(larges));
	tcase_add_loop_test(room, deep_reply_ends, 0, 3);
	tcase_add_test(room, queue_is_bounded);
	tcase_add_test(room, special_commands_are_not_forgotten);
	tcase_add_test(room, transactions_are_forgotten);
	tcase_add_test(room, queue_of_special_commands_is_bounded);
	tcase_add_test(room, transaction_may_be_long);
	tcase_add_test(room, muted_commands_leave_at_once);
	suite_add_tcase(s, room);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(pair_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
