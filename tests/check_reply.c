/*
 * The tokenizer of replies, however the input is cut, and replies on one line.
 *
 * What it gives is written down as text: "*2[:(1)$(hi)]." is an array of an
 * integer and a string; the dot stands where a reply is done, a question mark
 * behind the type where its length was not said.
 */
#include "config.h"

#include "resp/reply.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "format/notation.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))

/* ck_assert() writes a record each time that it holds: too slow for each
 * byte. */
#define MUST(expr)							\
	do {								\
		if (!(expr))						\
			ck_abort_msg("%s", #expr);			\
	} while (0)

struct vector {
	const char *in;
	size_t len;
	const char *out;
	const char *rule;	/* that it breaks, or NULL */
	uint64_t at;		/* of the byte that broke it */
};

#define GOOD(in, out) { in, sizeof(in) - 1, out, NULL, 0 }
#define BAD(in, out, rule, at) { in, sizeof(in) - 1, out, rule, at }

static const struct vector vectors[] = {
	GOOD("", ""),
	/* Scalars of one line. */
	GOOD("+OK\r\n", "+(OK)."),
	GOOD("+\r\n", "+()."),
	GOOD("+two words, $5 *1\r\n", "+(two words, $5 *1)."),
	GOOD("-ERR x\r\n", "-(ERR x)."),
	GOOD(":1\r\n", ":(1)."),
	GOOD(":-9223372036854775808\r\n", ":(-9223372036854775808)."),
	GOOD("_\r\n", "_()."),
	GOOD(",3.141\r\n", ",(3.141)."),
	GOOD(",inf\r\n,-inf\r\n,nan\r\n,-nan\r\n,1e10\r\n",
	    ",(inf).,(-inf).,(nan).,(-nan).,(1e10)."),
	GOOD("#t\r\n#f\r\n", "#(t).#(f)."),
	GOOD("(3492890328409238509324850943850943825024385\r\n",
	    "((3492890328409238509324850943850943825024385)."),
	GOOD("+OK", "+(OK"),
	GOOD("+OK\r", "+(OK"),
	GOOD("+", ""),
	/* Strings. */
	GOOD("$2\r\nhi\r\n", "$(hi)."),
	GOOD("$0\r\n\r\n", "$()."),
	GOOD("$11\r\nhello world\r\n", "$(hello world)."),
	GOOD("$8\r\n\0\r\n\xff$1\r\n\r\n", "$(\\x00\\x0d\\x0a\\xff$1"
	    "\\x0d\\x0a)."),
	GOOD("!8\r\nERR a\r\nb\r\n", "!(ERR a\\x0d\\x0ab)."),
	GOOD("!0\r\n\r\n", "!()."),
	GOOD("=8\r\ntxt:text\r\n", "=(txt:text)."),
	GOOD("=4\r\nmkd:\r\n", "=(mkd:)."),
	GOOD("$2\r\nhi\r", "$(hi"),
	GOOD("$2\r\nhi", "$(hi"),
	GOOD("$2\r\nh", "$(h"),
	GOOD("$2\r\n", ""),
	GOOD("$2\r", ""),
	GOOD("$", ""),
	GOOD("$576460752303423488\r\nx", "$(x"),
	/* Nulls of RESP2. */
	GOOD("$-1\r\n", "_()."),
	GOOD("*-1\r\n", "_()."),
	GOOD("*3\r\n$-1\r\n*-1\r\n_\r\n", "*3[_()_()_()]."),
	/* Aggregates. */
	GOOD("*2\r\n:1\r\n$2\r\nhi\r\n", "*2[:(1)$(hi)]."),
	GOOD("*0\r\n", "*0[]."),
	GOOD("%0\r\n~0\r\n>0\r\n", "%0[].~0[].>0[]."),
	GOOD("%2\r\n+a\r\n:1\r\n+b\r\n:2\r\n", "%2[+(a):(1)+(b):(2)]."),
	GOOD("~3\r\n:1\r\n:2\r\n:3\r\n", "~3[:(1):(2):(3)]."),
	GOOD("*12\r\n" ":1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n"
	    ":1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n",
	    "*12[:(1):(1):(1):(1):(1):(1):(1):(1):(1):(1):(1):(1)]."),
	GOOD("*2\r\n*1\r\n+a\r\n*0\r\n", "*2[*1[+(a)]*0[]]."),
	GOOD("*1\r\n*1\r\n*1\r\n*0\r\n+b\r\n", "*1[*1[*1[*0[]]]].+(b)."),
	GOOD("*2\r\n%1\r\n*1\r\n:1\r\n~1\r\n:2\r\n$1\r\na\r\n",
	    "*2[%1[*1[:(1)]~1[:(2)]]$(a)]."),
	GOOD("*2\r\n%0\r\n~0\r\n:1\r\n", "*2[%0[]~0[]].:(1)."),
	GOOD("*2\r\n:1\r\n", "*2[:(1)"),
	GOOD("%1\r\n+a\r\n", "%1[+(a)"),
	GOOD("*1\r\n", "*1["),
	GOOD("*4294967294\r\n:1\r\n", "*4294967294[:(1)"),
	GOOD("%4294967294\r\n:1\r\n", "%4294967294[:(1)"),
	/* One after the other, pushes between them. */
	GOOD("+a\r\n$1\r\nb\r\n:3\r\n*0\r\n", "+(a).$(b).:(3).*0[]."),
	GOOD("+a\r\n>2\r\n+message\r\n*1\r\n:1\r\n+b\r\n",
	    "+(a).>2[+(message)*1[:(1)]].+(b)."),
	/* Strings in chunks. */
	GOOD("$?\r\n;4\r\nHell\r\n;6\r\no worl\r\n;1\r\nd\r\n;0\r\n",
	    "$?(Hello world)."),
	GOOD("$?\r\n;0\r\n", "$?()."),
	GOOD("$?\r\n;0\r\n$2\r\nhi\r\n:1\r\n", "$?().$(hi).:(1)."),
	GOOD("*2\r\n$?\r\n;2\r\n\r\n\r\n;0\r\n$2\r\nhi\r\n",
	    "*2[$?(\\x0d\\x0a)$(hi)]."),
	GOOD("*2\r\n$?\r\n;0\r\n*1\r\n$?\r\n;1\r\na\r\n;0\r\n+x\r\n",
	    "*2[$?()*1[$?(a)]].+(x)."),
	GOOD("$?\r\n;2\r\nhi\r\n", "$?(hi"),
	GOOD("$?\r\n;2\r\nhi\r\n;", "$?(hi"),
	GOOD("$?\r\n", ""),
	/* Aggregates that go on until a dot. */
	GOOD("*?\r\n:1\r\n:2\r\n.\r\n", "*?[:(1):(2)]."),
	GOOD("*?\r\n.\r\n", "*?[]."),
	GOOD("~?\r\n:1\r\n.\r\n", "~?[:(1)]."),
	GOOD("%?\r\n+a\r\n:1\r\n+b\r\n:2\r\n.\r\n",
	    "%?[+(a):(1)+(b):(2)]."),
	GOOD("*?\r\n*?\r\n.\r\n*?\r\n:1\r\n.\r\n.\r\n",
	    "*?[*?[]*?[:(1)]]."),
	GOOD("*2\r\n*?\r\n:1\r\n.\r\n:2\r\n:3\r\n",
	    "*2[*?[:(1)]:(2)].:(3)."),
	GOOD("*1\r\n*1\r\n*?\r\n.\r\n+a\r\n", "*1[*1[*?[]]].+(a)."),
	GOOD("*?\r\n*2\r\n:1\r\n*0\r\n*0\r\n.\r\n+a\r\n",
	    "*?[*2[:(1)*0[]]*0[]].+(a)."),
	GOOD("*?\r\n$?\r\n;1\r\n.\r\n;0\r\n.\r\n", "*?[$?(.)]."),
	GOOD("*?\r\n:1\r\n.\r", "*?[:(1)"),
	/* Attributes: they count neither as a reply nor as an element. */
	GOOD("|1\r\n+k\r\n+v\r\n+OK\r\n", "|1[+(k)+(v)]+(OK)."),
	GOOD("+a\r\n|1\r\n+k\r\n+v\r\n+b\r\n+c\r\n",
	    "+(a).|1[+(k)+(v)]+(b).+(c)."),
	GOOD("|0\r\n:1\r\n:2\r\n", "|0[]:(1).:(2)."),
	GOOD("|0\r\n|1\r\n+k\r\n*0\r\n*0\r\n", "|0[]|1[+(k)*0[]]*0[]."),
	GOOD("|2\r\n+a\r\n:1\r\n+b\r\n*2\r\n:1\r\n:2\r\n$-1\r\n",
	    "|2[+(a):(1)+(b)*2[:(1):(2)]]_()."),
	GOOD("*2\r\n:1\r\n|1\r\n+k\r\n+v\r\n:2\r\n+x\r\n",
	    "*2[:(1)|1[+(k)+(v)]:(2)].+(x)."),
	GOOD("*1\r\n|0\r\n|0\r\n:1\r\n:2\r\n", "*1[|0[]|0[]:(1)].:(2)."),
	GOOD("%1\r\n|0\r\n+k\r\n|0\r\n+v\r\n:2\r\n",
	    "%1[|0[]+(k)|0[]+(v)].:(2)."),
	GOOD("|1\r\n|1\r\n+a\r\n+b\r\n+k\r\n|0\r\n+v\r\n:1\r\n",
	    "|1[|1[+(a)+(b)]+(k)|0[]+(v)]:(1)."),
	GOOD("*?\r\n|1\r\n+k\r\n+v\r\n:1\r\n.\r\n",
	    "*?[|1[+(k)+(v)]:(1)]."),
	GOOD("*1\r\n|0\r\n$?\r\n;1\r\na\r\n;0\r\n", "*1[|0[]$?(a)]."),
	GOOD("|0\r\n>1\r\n:1\r\n", "|0[]>1[:(1)]."),
	GOOD("|0\r\n", "|0[]"),
	GOOD("|1\r\n+k\r\n+v\r\n", "|1[+(k)+(v)]"),
	GOOD("*1\r\n|0\r\n", "*1[|0[]"),
	/* Not RESP: types. */
	BAD("PONG\r\n", "", "not a type of reply", 0),
	BAD("\r\n", "", "not a type of reply", 0),
	BAD("\0", "", "not a type of reply", 0),
	BAD("\xff", "", "not a type of reply", 0),
	BAD(";4\r\nHell\r\n", "", "not a type of reply", 0),
	BAD("+OK\r\nx", "+(OK).", "not a type of reply", 5),
	BAD("*2\r\n:1\r\nx", "*2[:(1)", "not a type of reply", 8),
	BAD("$2\r\nhi\r\n\r\n", "$(hi).", "not a type of reply", 8),
	/* Not RESP: ends of lines and strings. */
	BAD("+OK\n", "+(OK", "a line without its CR", 3),
	BAD("+\n", "", "a line without its CR", 1),
	BAD(":1\n:2\r\n", ":(1", "a line without its CR", 2),
	BAD("+OK\rx", "+(OK", "CRLF is missing", 4),
	BAD("+OK\r\r\n", "+(OK", "CRLF is missing", 4),
	BAD("$2\r\nhi!\r\n", "$(hi", "CRLF is missing", 6),
	BAD("$2\r\nhi\n", "$(hi", "CRLF is missing", 6),
	BAD("$2\r\nhi\rx", "$(hi", "CRLF is missing", 7),
	BAD("$0\r\nx", "", "CRLF is missing", 4),
	BAD("*1\r\n$2\r\nhi+x\r\n", "*1[$(hi", "CRLF is missing", 10),
	BAD("*?\r\n.x", "*?[", "CRLF is missing", 5),
	BAD("*?\r\n.\rx", "*?[", "CRLF is missing", 6),
	BAD("$?\r\n;1\r\nax", "$?(a", "CRLF is missing", 9),
	BAD("$1\rx", "", "CR without its LF", 3),
	BAD("*1\rx", "", "CR without its LF", 3),
	BAD("$-1\rx", "", "CR without its LF", 4),
	BAD("$-5\rx", "", "CR without its LF", 4),
	/* Not RESP: lengths. */
	BAD("$\r\n", "", "not a length", 1),
	BAD("$\n", "", "not a length", 1),
	BAD("$-\r\n", "", "not a length", 2),
	BAD("$x\r\n", "", "not a length", 1),
	BAD("$1x\r\n", "", "not a length", 2),
	BAD("$1\n", "", "not a length", 2),
	BAD("$+1\r\n", "", "not a length", 1),
	BAD("$ 1\r\n", "", "not a length", 1),
	BAD("$1 \r\n", "", "not a length", 2),
	BAD("$--1\r\n", "", "not a length", 2),
	BAD("$1-\r\n", "", "not a length", 2),
	BAD("$/\r\n", "", "not a length", 1),
	BAD("$:\r\n", "", "not a length", 1),
	BAD("$\0\r\n", "", "not a length", 1),
	BAD("$576460752303423489\r\n", "", "not a length", 18),
	BAD("*4294967295\r\n", "", "not a length", 10),
	BAD("$99999999999999999999999\r\n", "", "not a length", 18),
	BAD("$?1\r\n", "", "not a length", 2),
	BAD("$1?\r\n", "", "not a length", 2),
	BAD("$??\r\n", "", "not a length", 2),
	BAD("$-?\r\n", "", "not a length", 2),
	BAD("$-2\r\n", "", "not a length", 1),
	BAD("*-2\r\n", "", "not a length", 1),
	BAD("$-10\r\n", "", "not a length", 1),
	BAD("%-1\r\n", "", "not a length", 1),
	BAD("~-1\r\n", "", "not a length", 1),
	BAD(">-1\r\n", "", "not a length", 1),
	BAD("|-1\r\n", "", "not a length", 1),
	BAD("!-1\r\n", "", "not a length", 1),
	BAD("=-1\r\n", "", "not a length", 1),
	BAD("$?\r\n;-1\r\n", "", "not a length", 5),
	BAD("$?\r\n;\r\n", "", "not a length", 5),
	BAD("$?\r\n;?\r\n", "", "not a length", 5),
	/* Not RESP: things out of place. */
	BAD("$?\r\nhi\r\n", "", "not a chunk of a streamed string", 4),
	BAD("$?\r\n.\r\n", "", "not a chunk of a streamed string", 4),
	BAD("$?\r\n;2\r\nhi\r\n$0\r\n", "$?(hi",
	    "not a chunk of a streamed string", 12),
	BAD(".\r\n", "", "an end without a stream", 0),
	BAD("*1\r\n.\r\n", "*1[", "an end without a stream", 4),
	BAD("*?\r\n*1\r\n.\r\n", "*?[*1[", "an end without a stream", 8),
	BAD("*?\r\n.\r\n.\r\n", "*?[].", "an end without a stream", 7),
	BAD(">1\r\n>0\r\n", ">1[", "a push inside a push", 4),
	/* A push is no element, wherever it stands. */
	GOOD("*1\r\n>0\r\n:1\r\n", "*1[<>:(1)]."),
	GOOD("*2\r\n:1\r\n>2\r\n+a\r\n*1\r\n_\r\n:2\r\n",
	    "*2[:(1)<>:(2)]."),
	GOOD("*?\r\n:1\r\n>0\r\n>0\r\n.\r\n", "*?[:(1)<><>]."),
	GOOD("|1\r\n>0\r\n:1\r\n*1\r\n>0\r\n+a\r\n+b\r\n",
	    "|1[<>:(1)*1[<>+(a)]]+(b).")
};

/* A tokenizer and what it has given. */
struct run {
	struct reply_tokenizer t;
	struct reply_tokenizer push;	/* inside t's reply */
	struct bytes out;
	size_t text;		/* where in out the open scalar's begins */
	int64_t count;		/* the scalar's, as first announced */
	uint64_t ended;		/* the offset behind the last reply */
	uint64_t steps;
	unsigned depth;
	bool open;		/* a scalar is */
	bool pushed;		/* a push is */
	bool bad;
};

static void
run_begin(struct run *r)
{
	*r = (struct run){ .bad = false };
	memset(&r->t, 0xa5, sizeof(r->t));
	reply_init(&r->t);
}

/* A type that says its length writes "$?" when it does not. */
static void
write_head(struct run *r, const struct reply_token *token)
{
	bool has_length = strchr("$!=*%~|>", (int)token->type) != NULL;

	bytes_addf(&r->out, "%c", (char)token->type);
	if (has_length && token->count < 0)
		bytes_add_string(&r->out, "?");
	else if (token->kind == REPLY_OPEN)
		bytes_addf(&r->out, "%jd", (intmax_t)token->count);
	bytes_add_string(&r->out, token->kind == REPLY_OPEN ? "[" : "(");
}

static void
run_take_piece(struct run *r, const struct reply_token *token)
{
	size_t i;

	MUST(token->first == !r->open);
	MUST((token->data == NULL) == (token->len == 0));
	if (token->first) {
		write_head(r, token);
		r->text = 0;
		r->count = token->count;
	}
	MUST(token->count == r->count);
	r->open = !token->last;
	r->text += token->len;
	for (i = 0; i < token->len; i++)
		bytes_addf(&r->out, token->data[i] < ' ' ||
		    token->data[i] > '~' ? "\\x%02x" : "%c", token->data[i]);
	if (!token->last)
		return;
	MUST(r->count < 0 || (uint64_t)r->count == r->text);
	bytes_add_string(&r->out, ")");
}

static void
run_take(struct run *r, const struct reply_token *token)
{
	bool complete = true;

	switch (token->kind) {
	case REPLY_PIECE:
		run_take_piece(r, token);
		complete = token->last;
		break;
	case REPLY_OPEN:
		MUST(!r->open);
		MUST(++r->depth <= REPLY_DEPTH_MAX);
		write_head(r, token);
		complete = false;
		break;
	case REPLY_CLOSE:
		MUST(!r->open);
		MUST(r->depth-- > 0);
		bytes_add_string(&r->out, "]");
		complete = token->type != REPLY_ATTRIBUTE;
		break;
	case REPLY_DEEP:
		bytes_add_string(&r->out, "...");
		complete = false;
		break;
	}
	MUST(token->done == (complete && r->depth == 0));
	if (!token->done)
		return;
	MUST(r->t.start == r->ended);
	r->ended = r->t.offset;
	bytes_add_string(&r->out, ".");
}

/* Once it is bad it takes nothing, says nothing else and stays as it is. */
static void
run_after_bad(struct run *r)
{
	static const uint8_t more[] = "\r\n+OK\r\n";
	struct reply_tokenizer before = r->t;
	struct reply_token token;
	const uint8_t *p = more;

	MUST(reply_next(&r->t, &p, p + sizeof(more) - 1, &token) == REPLY_BAD);
	MUST(reply_next(&r->t, &p, p, &token) == REPLY_BAD);
	MUST(p == more);
	MUST(r->t.offset == before.offset);
	MUST(r->t.bad_at == before.bad_at);
	MUST(r->t.bad_byte == before.bad_byte);
	MUST(r->t.rule == before.rule);
	r->bad = true;
}

/* The next token; a push inside is only counted. */
static enum reply_result
run_next(struct run *r, const uint8_t **p, const uint8_t *end,
    struct reply_token *token)
{
	enum reply_result result;
	const uint8_t *from;

	for (;;) {
		if (!r->pushed) {
			result = reply_next(&r->t, p, end, token);
			if (result != REPLY_PUSHED)
				return (result);
			MUST(**p == '>');
			r->pushed = true;
			reply_init(&r->push);
			r->push.offset = r->t.offset;
		}
		from = *p;
		do
			result = reply_next(&r->push, p, end, token);
		while (result == REPLY_OK && !token->done);
		reply_skip(&r->t, (uint64_t)(*p - from));
		if (result == REPLY_BAD) {
			r->t = r->push;
			r->pushed = false;
		}
		if (result != REPLY_OK)
			return (result);
		r->pushed = false;
		bytes_add_string(&r->out, "<>");
	}
}

/* The chunk is a block of its own, so that ASan sees a step beyond it. */
static void
run_feed(struct run *r, const char *in, size_t len)
{
	uint64_t offset = r->t.offset;
	uint8_t *chunk;
	const uint8_t *p;
	enum reply_result result;
	struct reply_token token;

	if (r->bad || len == 0)
		return;
	MUST((chunk = malloc(len)) != NULL);
	memcpy(chunk, in, len);
	p = chunk;
	while ((result = run_next(r, &p, chunk + len, &token)) == REPLY_OK) {
		MUST(p <= chunk + len);
		MUST(r->t.offset - offset == (size_t)(p - chunk));
		run_take(r, &token);
		MUST(++r->steps <= 3 * r->t.offset + 3);
	}
	MUST(r->t.offset - offset == (size_t)(p - chunk));
	if (result == REPLY_BAD)
		run_after_bad(r);
	else
		MUST(p == chunk + len);
	free(chunk);
}

static void
run_end(struct run *r)
{
	bytes_add(&r->out, "", 1);
	ck_assert(!r->out.failed);
}

static void
run_check(struct run *r, const struct vector *v)
{
	run_end(r);
	ck_assert_str_eq((char *)r->out.data, v->out);
	bytes_free(&r->out);
	ck_assert_int_eq(r->bad, v->rule != NULL);
	if (!r->bad)
		return;
	ck_assert_str_eq(r->t.rule, v->rule);
	ck_assert_uint_eq(r->t.bad_at, v->at);
	ck_assert_int_eq(r->t.bad_byte, (uint8_t)v->in[v->at]);
}

/* In pieces of that many bytes. */
static void
check_pieces(const struct vector *v, size_t piece)
{
	struct run r;
	size_t at, n;

	run_begin(&r);
	for (at = 0; at < v->len; at += n) {
		n = v->len - at < piece ? v->len - at : piece;
		run_feed(&r, v->in + at, n);
	}
	run_check(&r, v);
}

/* In two pieces; a copy of the tokenizer runs ahead over the second. */
static void
check_cut(const struct vector *v, size_t cut)
{
	struct run r, copy;

	run_begin(&r);
	run_feed(&r, v->in, cut);
	copy = r;
	copy.out = (struct bytes){ 0 };
	bytes_add(&copy.out, r.out.data, r.out.len);
	run_feed(&copy, v->in + cut, v->len - cut);
	run_check(&copy, v);
	run_feed(&r, v->in + cut, v->len - cut);
	run_check(&r, v);
}

START_TEST(vector_in_pieces)
{
	static const size_t pieces[] = { SIZE_MAX, 1, 2, 3 };
	int i;

	for (i = 0; i < COUNT(pieces); i++)
		check_pieces(&vectors[_i], pieces[i]);
}
END_TEST

START_TEST(vector_at_every_cut)
{
	size_t cut;

	for (cut = 0; cut <= vectors[_i].len; cut++)
		check_cut(&vectors[_i], cut);
}
END_TEST

/* Nesting: that many heads, then a value, then that many tails. */
static const struct {
	const char *head;
	int levels;
	const char *value;
	const char *tail;
	bool bad;
} nestings[] = {
	{ "*1\r\n", REPLY_DEPTH_MAX, ":1\r\n", "", false },
	{ "*1\r\n", REPLY_DEPTH_MAX + 1, ":1\r\n", "", false },
	{ "*1\r\n", REPLY_DEPTH_MAX, "*0\r\n", "", false },
	{ "*1\r\n", REPLY_DEPTH_MAX, "*2\r\n*0\r\n%0\r\n", "", false },
	{ "*1\r\n", REPLY_DEPTH_MAX - 1, "*0\r\n", "", false },
	{ "*1\r\n", 100000, "$2\r\nhi\r\n", "", false },
	{ "%1\r\n:1\r\n", 1000, "~2\r\n:1\r\n_\r\n", "", false },
	{ "*2\r\n", 1000, ":1\r\n", ":2\r\n", false },
	{ "~1\r\n", REPLY_DEPTH_MAX, "$2\r\nhi\r\n", "", false },
	{ "%1\r\n:1\r\n", REPLY_DEPTH_MAX, ":1\r\n", "", false },
	{ "%1\r\n:1\r\n", REPLY_DEPTH_MAX + 1, ":1\r\n", "", false },
	{ "*?\r\n", REPLY_DEPTH_MAX, "*1\r\n:1\r\n:2\r\n", ".\r\n", false },
	{ "*?\r\n", REPLY_DEPTH_MAX, ":1\r\n", ".\r\n", false },
	{ "*?\r\n", REPLY_DEPTH_MAX + 1, ":1\r\n", ".\r\n", true },
	{ "*2\r\n:1\r\n", REPLY_DEPTH_MAX, ":1\r\n", "", false },
	{ "*1\r\n", REPLY_DEPTH_MAX, "*?\r\n", "", true },
	{ "*1\r\n", REPLY_DEPTH_MAX + 1, ".\r\n", "", true },
	{ "|1\r\n+k\r\n", REPLY_DEPTH_MAX + 2, ":1\r\n", ":2\r\n", false },
	{ "*1\r\n|0\r\n", REPLY_DEPTH_MAX - 1, ":1\r\n", "", false },
	{ "*1\r\n|0\r\n", REPLY_DEPTH_MAX, ":1\r\n", "", false },
	{ "*1\r\n|1\r\n+a\r\n*1\r\n+b\r\n", 1000, ":1\r\n", "", false }
};

/* Adds one reply that is nested so. */
static void
add_nested(struct bytes *in, int i)
{
	int level;

	for (level = 0; level < nestings[i].levels; level++)
		bytes_add_string(in, nestings[i].head);
	bytes_add_string(in, nestings[i].value);
	for (level = 0; level < nestings[i].levels; level++)
		bytes_add_string(in, nestings[i].tail);
}

static void
check_nested(const struct bytes *in, size_t piece, bool bad)
{
	struct run r;
	size_t at, n;

	run_begin(&r);
	for (at = 0; at < in->len; at += n) {
		n = in->len - at < piece ? in->len - at : piece;
		run_feed(&r, (const char *)in->data + at, n);
	}
	ck_assert_int_eq(r.bad, bad);
	if (bad) {
		/* It is the type of what is nested too deep. */
		ck_assert_int_eq(r.t.bad_byte, in->data[r.t.bad_at]);
		ck_assert_ptr_nonnull(strchr("*.", r.t.bad_byte));
	} else {
		ck_assert_uint_eq(r.ended, in->len);
		ck_assert_uint_eq(r.depth, 0);
	}
	bytes_free(&r.out);
}

/* Twice, to see that the levels are free again. */
START_TEST(nesting_has_a_limit)
{
	struct bytes in = { 0 };

	add_nested(&in, _i);
	add_nested(&in, _i);
	check_nested(&in, SIZE_MAX, nestings[_i].bad);
	check_nested(&in, 1, nestings[_i].bad);
	check_nested(&in, 7, nestings[_i].bad);
	bytes_free(&in);
}
END_TEST

/* A header does not become right by being long. */
START_TEST(header_may_be_long_but_not_wrong)
{
	static const char *const tails[] = { "?\r\n;0\r\n", "-1\r\n", "x" };
	struct reply_tokenizer t;
	struct reply_token token;
	char in[1024];
	const uint8_t *p;
	int zeros;

	for (zeros = 1; zeros < 1000; zeros++) {
		in[0] = '$';
		memset(in + 1, '0', (size_t)zeros);
		strcpy(in + 1 + zeros, tails[_i]);
		p = (const uint8_t *)in;
		reply_init(&t);
		MUST(reply_next(&t, &p, p + strlen(in), &token) == REPLY_BAD);
	}
}
END_TEST

/* A string of 4 GiB comes out as it comes in, and is kept nowhere. */
START_TEST(huge_string_comes_in_pieces)
{
	static const char head[] = "*1\r\n$1073741824\r\n";
	static uint8_t chunk[1024 * 1024];
	struct reply_token token;
	struct run r;
	const uint8_t *p;
	int i;

	run_begin(&r);
	run_feed(&r, head, sizeof(head) - 1);
	for (i = 0; i < 1024; i++) {
		p = chunk;
		MUST(reply_next(&r.t, &p, chunk + sizeof(chunk), &token) ==
		    REPLY_OK);
		MUST(token.kind == REPLY_PIECE);
		MUST(token.data == chunk);
		MUST(token.len == sizeof(chunk));
		MUST(token.count == 1073741824);
		MUST(token.first == (i == 0));
		MUST(!token.last);
		MUST(p == chunk + sizeof(chunk));
	}
	p = (const uint8_t *)"\r\n";
	ck_assert_int_eq(reply_next(&r.t, &p, p + 2, &token), REPLY_OK);
	ck_assert(token.last);
	ck_assert(!token.done);
	ck_assert_int_eq(reply_next(&r.t, &p, p, &token), REPLY_OK);
	ck_assert_int_eq(token.kind, REPLY_CLOSE);
	ck_assert(token.done);
	ck_assert_uint_eq(r.t.offset, sizeof(head) - 1 + 1073741824 + 2);
	bytes_free(&r.out);
}
END_TEST

/* The same numbers each time. */
static uint32_t
next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return (*x);
}

/* Noise is made of these. */
static const char *const words[] = {
	"+", "-", ":", "_", ",", "#", "(", "$", "!", "=", "*", "%", "~", "|",
	">", ";", ".", "?", "1", "2", "\r\n", "\r\n", "\r", "\n", "x",
	"+OK\r\n", ":1\r\n", "$1\r\na\r\n", "$-1\r\n", "*1\r\n", "*2\r\n",
	"%1\r\n",
	"*?\r\n", "%?\r\n", "$?\r\n", ";0\r\n", ";1\r\nb\r\n", ".\r\n",
	"|1\r\n", "|0\r\n", "*0\r\n", "_\r\n", ">1\r\n"
};

static size_t
make_noise(char *noise, size_t size, uint32_t *x, int first)
{
	size_t len = 0;
	const char *word;

	for (;;) {
		word = words[first +
		    (int)(next_random(x) % (unsigned)(COUNT(words) - first))];
		if (len + strlen(word) >= size)
			return (len);
		strcpy(noise + len, word);
		len += strlen(word);
	}
}

/* Ends, and gives the same however it is cut. */
START_TEST(noise_ends)
{
	uint32_t x = 2463534242U + (uint32_t)_i;
	char noise[200];
	struct run whole, cut;
	size_t at, n, len;
	int i;

	for (i = 0; i < 5000; i++) {
		len = make_noise(noise, sizeof(noise), &x, _i);
		run_begin(&whole);
		run_feed(&whole, noise, len);
		run_end(&whole);
		run_begin(&cut);
		for (at = 0; at < len; at += n) {
			n = 1 + next_random(&x) % 20;
			if (n > len - at)
				n = len - at;
			run_feed(&cut, noise + at, n);
		}
		run_end(&cut);
		MUST(strcmp((char *)cut.out.data, (char *)whole.out.data) ==
		    0);
		MUST(cut.bad == whole.bad);
		MUST(cut.t.offset == whole.t.offset);
		MUST(cut.ended == whole.ended);
		if (cut.bad) {
			MUST(cut.t.rule == whole.t.rule);
			MUST(cut.t.bad_at == whole.t.bad_at);
			MUST(cut.t.bad_byte == whole.t.bad_byte);
		}
		bytes_free(&whole.out);
		bytes_free(&cut.out);
	}
}
END_TEST

/* Replies on one line. */

static const struct {
	const char *in;
	size_t len;
	size_t clip;
	const char *line;
} lines[] = {
#define IN(in) in, sizeof(in) - 1
	{ IN("+OK\r\n"), 100, "OK" },
	{ IN("+\r\n"), 100, "(status) \"\"" },
	{ IN("+a\tb\xff\r\n"), 100, "a\\tb\\xff" },
	{ IN("-ERR no\r\n"), 100, "(error) ERR no" },
	{ IN(":1\r\n"), 100, "(integer) 1" },
	{ IN(":-42\r\n"), 100, "(integer) -42" },
	{ IN("$3\r\nstr\r\n"), 100, "\"str\"" },
	{ IN("$0\r\n\r\n"), 100, "\"\"" },
	{ IN("$9\r\na\"\\\r\n\0\x7f\xe9\x01\r\n"), 100,
	    "\"a\\\"\\\\\\r\\n\\x00\\x7f\\xe9\\x01\"" },
	{ IN("$-1\r\n"), 100, "(nil)" },
	{ IN("*-1\r\n"), 100, "(nil)" },
	{ IN("_\r\n"), 100, "(nil)" },
	{ IN(",3.5\r\n"), 100, "(double) 3.5" },
	{ IN(",inf\r\n"), 100, "(double) inf" },
	{ IN("#t\r\n"), 100, "(true)" },
	{ IN("#f\r\n"), 100, "(false)" },
	{ IN("(12345678901234567890\r\n"), 100,
	    "(bignum) 12345678901234567890" },
	{ IN("!8\r\nERR\r\nbad\r\n"), 100, "(error) ERR\\r\\nbad" },
	{ IN("=8\r\ntxt:text\r\n"), 100, "(verbatim) \"txt:text\"" },
	{ IN("*0\r\n"), 100, "[]" },
	{ IN("*2\r\n:1\r\n$2\r\nhi\r\n"), 100, "[(integer) 1, \"hi\"]" },
	{ IN("*3\r\n*0\r\n*1\r\n*1\r\n+a\r\n+b\r\n"), 100, "[[], [[a]], b]" },
	{ IN("%0\r\n"), 100, "{}" },
	{ IN("%2\r\n+a\r\n:1\r\n+b\r\n_\r\n"), 100,
	    "{a: (integer) 1, b: (nil)}" },
	{ IN("%1\r\n*1\r\n+a\r\n%1\r\n+b\r\n#t\r\n"), 100,
	    "{[a]: {b: (true)}}" },
	{ IN("~2\r\n+a\r\n+b\r\n"), 100, "~[a, b]" },
	{ IN(">2\r\n+a\r\n*0\r\n"), 100, ">[a, []]" },
	{ IN("|1\r\n+k\r\n+v\r\n+OK\r\n"), 100, "|{k: v} OK" },
	{ IN("$?\r\n;2\r\nHe\r\n;3\r\nllo\r\n;0\r\n"), 100, "\"Hello\"" },
	{ IN("$?\r\n;0\r\n"), 100, "\"\"" },
	{ IN("*?\r\n:1\r\n+a\r\n.\r\n"), 100, "[(integer) 1, a]" },
	{ IN("%?\r\n+a\r\n+b\r\n+c\r\n+d\r\n.\r\n"), 100, "{a: b, c: d}" },
	/* Clipped: each string for itself. */
	{ IN("$5\r\nhello\r\n"), 5, "\"hello\"" },
	{ IN("$5\r\nhello\r\n"), 4, "\"hell\"... (1 more byte)" },
	{ IN("$5\r\nhello\r\n"), 3, "\"hel\"... (2 more bytes)" },
	{ IN("$5\r\nhello\r\n"), 0, "\"\"... (5 more bytes)" },
	{ IN("+hello\r\n"), 3, "hel... (2 more bytes)" },
	{ IN("-ERR no\r\n"), 3, "(error) ERR... (3 more bytes)" },
	{ IN("*2\r\n$3\r\nabc\r\n$3\r\ndef\r\n"), 2,
	    "[\"ab\"... (1 more byte), \"de\"... (1 more byte)]" },
	{ IN("$?\r\n;2\r\nHe\r\n;3\r\nllo\r\n;0\r\n"), 3,
	    "\"Hel\"... (2 more bytes)" },
	/* Not, or not wholly, RESP. */
	{ IN("*2\r\n:1\r\nx\xff\r\n"), 100, "[(integer) 1 \"x\\xff\\r\\n\"" }
#undef IN
};

/* The short way, if it is one, comes to what the tokens say. */
static bool
check_scalar(const uint8_t *from, const uint8_t *end)
{
	struct reply_scalar s;
	struct reply_tokenizer t;
	struct reply_token token;
	const uint8_t *to = reply_scalar(&s, from, end), *p = from;
	size_t len = 0;

	if (to == NULL)
		return (false);
	reply_init(&t);
	do {
		MUST(reply_next(&t, &p, to, &token) == REPLY_OK);
		MUST(token.kind == REPLY_PIECE && token.type == s.type);
		MUST(len + token.len <= s.len);
		if (token.len > 0)
			MUST(memcmp(s.data + len, token.data, token.len) == 0);
		len += token.len;
	} while (!token.last);
	MUST(token.done && p == to && len == s.len);
	return (true);
}

START_TEST(scalar_is_its_tokens)
{
	const struct vector *v = &vectors[_i];
	uint8_t *copy;
	size_t len;

	for (len = 1; len <= v->len; len++) {
		/* One byte too many is beyond the block. */
		copy = malloc(len);
		memcpy(copy, v->in, len);
		check_scalar(copy, copy + len);
		free(copy);
	}
}
END_TEST

START_TEST(scalars_go_the_short_way)
{
	static const char *const in[] = { "+OK\r\n", "+\r\n", "-ERR x\r\n",
		":-1\r\n", "$0\r\n\r\n", "$3\r\na\r\n\r\n", "$-1\r\n" };
	const uint8_t *from = (const uint8_t *)in[_i];

	ck_assert(check_scalar(from, from + strlen(in[_i])));
}
END_TEST

START_TEST(reply_has_a_line)
{
	struct record_bytes value = {
		.data = (const uint8_t *)lines[_i].in,
		.len = lines[_i].len,
	};
	struct bytes out = { 0 };

	bytes_add_string(&out, "> ");
	notation_add(&out, &value, lines[_i].clip, false);
	bytes_add(&out, "", 1);
	ck_assert_str_eq((char *)out.data + 2, lines[_i].line);
	bytes_free(&out);
}
END_TEST

static Suite *
reply_suite(void)
{
	Suite *s = suite_create("reply");
	TCase *tc = tcase_create("reply");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, vector_in_pieces, 0, COUNT(vectors));
	tcase_add_loop_test(tc, vector_at_every_cut, 0, COUNT(vectors));
	tcase_add_loop_test(tc, nesting_has_a_limit, 0, COUNT(nestings));
	tcase_add_loop_test(tc, header_may_be_long_but_not_wrong, 0, 3);
	tcase_add_test(tc, huge_string_comes_in_pieces);
	tcase_add_loop_test(tc, noise_ends, 0, 30);
	tcase_add_loop_test(tc, scalar_is_its_tokens, 0, COUNT(vectors));
	tcase_add_loop_test(tc, scalars_go_the_short_way, 0, 7);
	tcase_add_loop_test(tc, reply_has_a_line, 0, COUNT(lines));
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(reply_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
