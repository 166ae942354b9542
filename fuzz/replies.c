/*
 * What servers send, and whose it is: tokens, answers and secrets are the same
 * however the bytes are cut.
 *
 * Input: options, cuts, then parts, of the client and of the server in turn.
 * Behind 0xff and '<' the server's begins, behind 0xff and '>' the client's.
 */
#include "config.h"

#include "fuzz/fuzz.h"

#include "format/json_value.h"
#include "format/notation.h"
#include "redis/command.h"
#include "redis/pair.h"
#include "resp/request.h"

static struct args args;	/* too large for the stack */

/* Tokens */

static void
write_token(const struct reply_token *token, struct bytes *out)
{
	switch (token->kind) {
	case REPLY_PIECE:
		if (token->first)
			bytes_addf(out, "%c(", token->type);
		bytes_add(out, token->data, token->len);
		if (token->last)
			bytes_add_string(out, ")");
		break;
	case REPLY_OPEN:
		bytes_addf(out, "%c%jd[", token->type, (intmax_t)token->count);
		break;
	case REPLY_CLOSE:
		bytes_add_string(out, "]");
		break;
	case REPLY_DEEP:
		bytes_add_string(out, "deep");
		break;
	}
	if (token->done)
		bytes_add_string(out, "\n");
}

static void
tokenize(struct input in, struct cuts cuts, struct bytes *out)
{
	struct reply_tokenizer t;
	struct reply_token token;
	enum reply_result result = REPLY_MORE;
	const uint8_t *p;
	uint8_t *chunk;
	size_t n;

	reply_init(&t);
	for (; in.p < in.end && result == REPLY_MORE; in.p += n) {
		n = cuts_next(&cuts, (size_t)(in.end - in.p));
		p = chunk = chunk_new(in.p, n);
		while ((result = reply_next(&t, &p, chunk + n, &token)) ==
		    REPLY_OK)
			write_token(&token, out);
		MUST(result == REPLY_BAD || result == REPLY_PUSHED ||
		    p == chunk + n);
		free(chunk);
	}
	if (result == REPLY_PUSHED)	/* pair_feed() reads those */
		bytes_addf(out, "pushed at %ju", (uintmax_t)t.offset);
	if (result == REPLY_BAD)
		bytes_addf(out, "bad %ju %02x %s", (uintmax_t)t.bad_at,
		    t.bad_byte, t.rule);
}

/* The short way for a scalar says what the tokenizer says. */
static void
check_scalar(const uint8_t *p, const uint8_t *end)
{
	struct reply_scalar s;
	struct reply_tokenizer t;
	struct reply_token token;
	const uint8_t *to;

	if (p == end || (to = reply_scalar(&s, p, end)) == NULL)
		return;
	reply_init(&t);
	do {
		MUST(reply_next(&t, &p, end, &token) == REPLY_OK);
		MUST(token.kind == REPLY_PIECE && token.type == s.type);
		MUST(token.len <= s.len);
		MUST(token.len == 0 || token.data == s.data);
		if (token.len > 0)
			s.data += token.len;
		s.len -= token.len;
	} while (!token.done);
	MUST(s.len == 0 && p == to);
}

static void
check_tokens(struct input in, struct cuts cuts)
{
	struct bytes whole = { 0 }, cut = { 0 };

	tokenize(in, CUTS_NONE, &whole);
	tokenize(in, cuts, &cut);
	must_be_same("tokens", &whole, &cut);
	check_scalar(in.p, in.end);
	bytes_free(&whole);
	bytes_free(&cut);
}

/* A connection that is played */

struct play {
	struct pair pair;
	struct pair_options options;
	struct session session;
	struct request request;
	struct pair_scratch scratch;
	bool bad;		/* the client broke the protocol */
	uint64_t no;
	struct bytes answers;
	struct bytes seen;	/* what the server sent, without secrets */
};

static void
play_init(struct play *y, uint8_t options)
{
	*y = (struct play){ .options = {
		.clip = options & 4 ? 8 : 1024,
		.redact = (enum redact_level)(options % 3),
		.keys = true,
	} };
	session_init(&y->session, 1);
	request_init(&y->request);
	pair_init(&y->pair, &y->session, &y->options);
	MUST(pair_scratch_init(&y->scratch) == 0);
}

static void
play_free(struct play *y)
{
	/* Nothing is kept when nothing is in flight. */
	if (y->pair.queue.head == y->pair.queue.tail && !y->pair.in_multi)
		MUST(y->pair.queue.data == NULL);
	pair_free(&y->pair);
	pair_scratch_free(&y->scratch);
	request_free(&y->request);
	session_free(&y->session);
	bytes_free(&y->answers);
	bytes_free(&y->seen);
}

static void
play_requests(struct play *y, struct input in)
{
	enum request_result result = REQUEST_MORE;
	struct pair_question q;

	while (!y->bad && (result = request_next(&y->request, &args, &in.p,
	    in.end)) == REQUEST_OK) {
		command_look_up(&args);
		redact_args(&args, y->options.redact);
		q = (struct pair_question){ .bytes = args.bytes };
		if (args.total > 0)
			q.no = ++y->no;
		pair_request(&y->pair, &args, &q);
	}
	if (result != REQUEST_BAD || y->bad)
		return;
	pair_break(&y->pair);
	y->bad = true;
}

static void
write_value(const struct play *y, const struct pair_value *v,
    struct bytes *out)
{
	const struct record_bytes in = { .data = v->data, .len = v->len,
	    .offset = v->offset, .secrets = v->secrets,
	    .nsecrets = v->nsecrets, .gaps = v->gaps, .ngaps = v->ngaps,
	    .left_out = v->left_out };

	bytes_addf(out, "%ju+%ju ", (uintmax_t)v->offset,
	    (uintmax_t)(v->len + v->left_out));
	notation_add(out, &in, y->options.clip, false);
	bytes_add_string(out, " ");
	json_value_add(out, &in, y->options.clip);
}

static void
write_answer(const struct play *y, const struct pair_answer *a,
    struct bytes *out)
{
	static const char *const kinds[] = { "reply ", "push ", "? ",
		"error " };
	const struct pair_question *q = &a->question;

	bytes_add_string(out, kinds[a->kind]);
	if (a->kind == PAIR_ERROR) {
		bytes_addf(out, "%ju %d %s %s\n", (uintmax_t)a->error.offset,
		    a->error.byte, a->error.rule, a->error.text);
		return;
	}
	if (a->kind == PAIR_REPLY) {
		MUST(q->no > 0 && q->no <= y->no);
		MUST(q->name.kept <= PAIR_NAME_MAX);
		bytes_addf(out, "%ju%s ", (uintmax_t)q->no,
		    a->last ? "" : " (more)");
		bytes_add(out, q->name.data, q->name.kept);
		if (q->key.data != NULL)
			bytes_add(out, q->key.data, q->key.kept);
		bytes_add_string(out, " ");
	}
	write_value(y, &a->value, out);
	bytes_add_string(out, "\n");
}

static void
play_chunk(struct play *y, const uint8_t *data, size_t len)
{
	uint8_t *chunk = chunk_new(data, len);
	size_t i, end = 0;

	pair_feed(&y->pair, &y->scratch, chunk, len);
	for (i = 0; i < y->scratch.nanswers; i++)
		write_answer(y, &y->scratch.answers[i], &y->answers);
	pair_fed(&y->pair, &y->scratch);
	for (i = 0; i < y->scratch.spans.n; i++) {
		const struct span *s = &y->scratch.spans.v[i];

		MUST(s->len > 0 && (i == 0 || s->at > end));
		MUST(s->at < len && s->len <= len - s->at);
		end = s->at + s->len;
		memset(chunk + s->at, '*', s->len);
	}
	bytes_add(&y->seen, chunk, len);
	free(chunk);
}

static void
play_replies(struct play *y, struct input in, struct cuts cuts)
{
	size_t n;

	for (; in.p < in.end; in.p += n) {
		n = cuts_next(&cuts, (size_t)(in.end - in.p));
		play_chunk(y, in.p, n);
	}
}

/* Parts of the client and of the server in turn, until the input ends. */
static void
play(struct play *y, struct input in, struct cuts cuts, uint8_t options)
{
	struct input part;

	play_init(y, options);
	while (in.p < in.end) {
		part = input_part(&in, '<');
		play_requests(y, part);
		part = input_part(&in, '>');
		play_replies(y, part, cuts);
	}
	bytes_addf(&y->answers, "resp %u db %u name %s reply %u monitor %d",
	    y->session.resp, y->session.db,
	    y->session.name != NULL ? y->session.name : "-", y->session.reply,
	    y->session.monitor);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct input in = { data, data + len }, server;
	struct play whole, cut;
	uint8_t options = input_byte(&in);
	struct cuts cuts;

	cuts_take(&cuts, &in);
	args.clip = 1024;
	server = in;
	input_part(&server, '<');
	server = input_part(&server, '>');
	check_tokens(server, cuts);

	play(&whole, in, CUTS_NONE, options);
	play(&cut, in, cuts, options);
	must_be_same("answers", &whole.answers, &cut.answers);
	must_be_same("secrets", &whole.seen, &cut.seen);
	play_free(&cut);
	play(&cut, in, CUTS_BYTEWISE, options);
	must_be_same("answers, byte by byte", &whole.answers, &cut.answers);
	must_be_same("secrets, byte by byte", &whole.seen, &cut.seen);
	play_free(&cut);
	play_free(&whole);
	return (0);
}
