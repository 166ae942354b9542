/* --answers: the notation in both protocols, rules that match, and what is
 * said about a file that is wrong. */
#include "config.h"

#include "stub/answers.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "format/notation.h"
#include "resp/glob.h"
#include "stub/literal.h"
#include "stub/stub.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1

/* The notation. */

/* Reads the text, and adds the reply in both protocols. */
static const char *
read_literal(const void *text, size_t len, struct bytes *resp2,
    struct bytes *resp3, size_t *at)
{
	struct literal l = { 0 };
	const char *wrong;

	/* What is read past the end shows. */
	uint8_t *copy = malloc(len > 0 ? len : 1);

	memcpy(copy, text, len);
	wrong = literal_read(&l, copy, len, at);
	free(copy);
	if (wrong == NULL) {
		literal_add(&l, 2, resp2, NULL);
		literal_add(&l, 3, resp3, NULL);
	}
	literal_free(&l);
	return (wrong);
}

static void
assert_bytes(const struct bytes *b, const void *want, size_t len)
{
	ck_assert(!b->failed);
	ck_assert_msg(b->len == len &&
	    (len == 0 || memcmp(b->data, want, len) == 0), "got %.*s",
	    (int)b->len, (const char *)b->data);
}

static const struct {
	const char *text;
	const char *resp2;	/* NULL: the same as resp3 */
	const char *resp3;
} values[] = {
	/* Statuses. */
	{ "OK", NULL, "+OK\r\n" },
	{ "  OK\t ", NULL, "+OK\r\n" },
	{ "OK\r", NULL, "+OK\r\n" },
	{ "Background saving started", NULL, "+Background saving started\r\n" },
	{ "a, b: c] {d} \"e\" 'f' # => g", NULL,
	    "+a, b: c] {d} \"e\" 'f' # => g\r\n" },
	{ "a \\\"b\\\\\\x01\\xfF", NULL, "+a \"b\\\x01\xff\r\n" },
	{ "a\\x20", NULL, "+a \r\n" },
	{ "\xc3\xa9", NULL, "+\xc3\xa9\r\n" },
	{ "1795404146.8 [0 127.0.0.1:3] \\\"SET\\\" \\\"k\\\"", NULL,
	    "+1795404146.8 [0 127.0.0.1:3] \"SET\" \"k\"\r\n" },
	{ "(status) OK", NULL, "+OK\r\n" },
	{ "(status)OK", NULL, "+OK\r\n" },
	{ "(status) \"\"", NULL, "+\r\n" },
	{ "(status) \"(nil)\"", NULL, "+(nil)\r\n" },
	{ "(status) \" a \"", NULL, "+ a \r\n" },

	/* Errors. */
	{ "(error) ERR unknown command 'foo', with args beginning with: 'a'",
	    NULL, "-ERR unknown command 'foo', with args beginning with: "
	    "'a'\r\n" },
	{ "(error) READONLY You can't write against a read only replica.",
	    NULL, "-READONLY You can't write against a read only "
	    "replica.\r\n" },
	{ "(error) \"ERR a \"", NULL, "-ERR a \r\n" },
	{ "(error) \"\"", NULL, "-\r\n" },
	{ "(error) ERR\\r\\nsyntax", "-ERR  syntax\r\n",
	    "!11\r\nERR\r\nsyntax\r\n" },

	/* Numbers. */
	{ "(integer) 42", NULL, ":42\r\n" },
	{ "(integer) 0", NULL, ":0\r\n" },
	{ "(integer) -1", NULL, ":-1\r\n" },
	{ "(integer) 9223372036854775807", NULL, ":9223372036854775807\r\n" },
	{ "(integer) -9223372036854775808", NULL,
	    ":-9223372036854775808\r\n" },
	{ "(double) 3.5", "$3\r\n3.5\r\n", ",3.5\r\n" },
	{ "(double) -1e+300", "$7\r\n-1e+300\r\n", ",-1e+300\r\n" },
	{ "(double) .5", "$2\r\n.5\r\n", ",.5\r\n" },
	{ "(double) 5.", "$2\r\n5.\r\n", ",5.\r\n" },
	{ "(double) 10", "$2\r\n10\r\n", ",10\r\n" },
	{ "(double) inf", "$3\r\ninf\r\n", ",inf\r\n" },
	{ "(double) -inf", "$4\r\n-inf\r\n", ",-inf\r\n" },
	{ "(double) nan", "$3\r\nnan\r\n", ",nan\r\n" },
	{ "(double) -nan", "$4\r\n-nan\r\n", ",-nan\r\n" },
	{ "(bignum) -34928903284092385093248509438509438",
	    "$36\r\n-34928903284092385093248509438509438\r\n",
	    "(-34928903284092385093248509438509438\r\n" },

	/* The rest of the scalars. */
	{ "(nil)", "$-1\r\n", "_\r\n" },
	{ "(true)", ":1\r\n", "#t\r\n" },
	{ "(false)", ":0\r\n", "#f\r\n" },
	{ "\"bob\"", NULL, "$3\r\nbob\r\n" },
	{ "\"\"", NULL, "$0\r\n\r\n" },
	{ "\"a, b] # => \"", NULL, "$11\r\na, b] # => \r\n" },
	{ "\"\\n\\r\\t\\a\\b\\\\\\\"\\x41\\xg\\q\"", NULL,
	    "$11\r\n\n\r\t\a\b\\\"Axgq\r\n" },
	{ "(verbatim) \"txt:Some string\"", "$11\r\nSome string\r\n",
	    "=15\r\ntxt:Some string\r\n" },
	{ "(verbatim) \"mkd:\"", "$0\r\n\r\n", "=4\r\nmkd:\r\n" },

	/* Aggregates. */
	{ "[]", NULL, "*0\r\n" },
	{ "[ ]", NULL, "*0\r\n" },
	{ "[a, \"b\",(integer) 1 , [(nil)]]",
	    "*4\r\n+a\r\n$1\r\nb\r\n:1\r\n*1\r\n$-1\r\n",
	    "*4\r\n+a\r\n$1\r\nb\r\n:1\r\n*1\r\n_\r\n" },
	{ "[(error) ERR no, OK]", NULL, "*2\r\n-ERR no\r\n+OK\r\n" },
	{ "[(error) \"ERR a, b\", (status) \"x: y\"]", NULL,
	    "*2\r\n-ERR a, b\r\n+x: y\r\n" },
	{ "{}", "*0\r\n", "%0\r\n" },
	{ "{a: \"1\", \"b\": \"2\"}",
	    "*4\r\n+a\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2\r\n",
	    "%2\r\n+a\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2\r\n" },
	{ "{(integer) 1:{[]:(true)}}",
	    "*2\r\n:1\r\n*2\r\n*0\r\n:1\r\n",
	    "%1\r\n:1\r\n%1\r\n*0\r\n#t\r\n" },
	{ "~[a, (true)]", "*2\r\n+a\r\n:1\r\n", "~2\r\n+a\r\n#t\r\n" },

	/* Attributes. */
	{ "|{ttl: (integer) 9} \"a\"", "$1\r\na\r\n",
	    "|1\r\n+ttl\r\n:9\r\n$1\r\na\r\n" },
	{ "|{} |{a: b} OK", "+OK\r\n", "|0\r\n|1\r\n+a\r\n+b\r\n+OK\r\n" },
	{ "[|{a: [b]} x, y]", "*2\r\n+x\r\n+y\r\n",
	    "*2\r\n|1\r\n+a\r\n*1\r\n+b\r\n+x\r\n+y\r\n" },
	{ "{|{a: b} k: |{c: d} v}", "*2\r\n+k\r\n+v\r\n",
	    "%1\r\n|1\r\n+a\r\n+b\r\n+k\r\n|1\r\n+c\r\n+d\r\n+v\r\n" },
	{ "|{|{a: b} c: d} e", "+e\r\n",
	    "|1\r\n|1\r\n+a\r\n+b\r\n+c\r\n+d\r\n+e\r\n" },

	/* Pushes. */
	{ ">[message, x]", "*2\r\n+message\r\n+x\r\n",
	    ">2\r\n+message\r\n+x\r\n" },
	{ ">[]", "*0\r\n", ">0\r\n" },
	{ ">[\"invalidate\", [\"x\"]] \"value\"", "$5\r\nvalue\r\n",
	    ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nx\r\n$5\r\nvalue\r\n" },
	{ ">[a] >[b] OK", "+OK\r\n", ">1\r\n+a\r\n>1\r\n+b\r\n+OK\r\n" },
	{ ">[a] >[b]", "*1\r\n+b\r\n", ">1\r\n+a\r\n>1\r\n+b\r\n" },
	{ ">[a] |{b: c} OK", "+OK\r\n",
	    ">1\r\n+a\r\n|1\r\n+b\r\n+c\r\n+OK\r\n" },
	{ "|{b: c} >[a]", "*1\r\n+a\r\n",
	    "|1\r\n+b\r\n+c\r\n>1\r\n+a\r\n" }
};

START_TEST(value_is_written_in_both_protocols)
{
	const char *resp3 = values[_i].resp3, *resp2 = values[_i].resp2;
	struct bytes two = { 0 }, three = { 0 };
	const char *wrong;
	size_t at;

	if (resp2 == NULL)
		resp2 = resp3;
	wrong = read_literal(values[_i].text, strlen(values[_i].text), &two,
	    &three, &at);
	ck_assert_msg(wrong == NULL, "%s", wrong);
	assert_bytes(&three, resp3, strlen(resp3));
	assert_bytes(&two, resp2, strlen(resp2));
	bytes_free(&two);
	bytes_free(&three);
}
END_TEST

START_TEST(value_may_hold_nul)
{
	static const char text[] = "[\"a\\x00b\", (status) \"\\x00\"]";
	static const char want[] = "*2\r\n$3\r\na\0b\r\n+\0\r\n";
	struct bytes two = { 0 }, three = { 0 };
	size_t at;

	ck_assert_ptr_null(read_literal(text, sizeof(text) - 1, &two, &three,
	    &at));
	assert_bytes(&two, want, sizeof(want) - 1);
	assert_bytes(&three, want, sizeof(want) - 1);
	bytes_free(&two);
	bytes_free(&three);
}
END_TEST

START_TEST(brackets_nest_128_deep)
{
	char text[2 * LITERAL_DEPTH_MAX + 3];
	struct bytes two = { 0 }, three = { 0 };
	const char *wrong;
	size_t at;

	memset(text, '[', LITERAL_DEPTH_MAX);
	memset(text + LITERAL_DEPTH_MAX, ']', LITERAL_DEPTH_MAX);
	ck_assert_ptr_null(read_literal(text, 2 * LITERAL_DEPTH_MAX, &two,
	    &three, &at));
	memset(text, '[', LITERAL_DEPTH_MAX + 1);
	memset(text + LITERAL_DEPTH_MAX + 1, ']', LITERAL_DEPTH_MAX + 1);
	wrong = read_literal(text, 2 * LITERAL_DEPTH_MAX + 2, &two, &three,
	    &at);
	ck_assert_ptr_nonnull(wrong);
	ck_assert_str_eq(wrong,
	    "brackets nest too deep; at most 128 can be open");
	ck_assert_uint_eq(at, LITERAL_DEPTH_MAX);
	bytes_free(&two);
	bytes_free(&three);
}
END_TEST

/* What the trace shows is read back. */

static void
assert_round_trip(const uint8_t *resp, size_t len, bool utf8)
{
	struct record_bytes in = { .data = resp, .len = len };
	struct bytes shown = { 0 }, two = { 0 }, back = { 0 };
	const char *wrong;
	size_t at = 0;

	notation_add(&shown, &in, SIZE_MAX, utf8);
	wrong = read_literal(shown.data, shown.len, &two, &back, &at);
	ck_assert_msg(wrong == NULL, "%.*s: at %zu: %s", (int)shown.len,
	    (const char *)shown.data, at, wrong);
	ck_assert_msg(back.len == len && memcmp(back.data, resp, len) == 0,
	    "%.*s", (int)shown.len, (const char *)shown.data);
	bytes_free(&shown);
	bytes_free(&two);
	bytes_free(&back);
}

/* All but those of several frames: the trace shows only the first. */
START_TEST(value_is_read_back)
{
	const char *resp = values[_i].resp3;

	if (resp[0] == '>' && strstr(values[_i].text, "] ") != NULL)
		return;
	assert_round_trip((const uint8_t *)resp, strlen(resp), false);
}
END_TEST

/* Texts that look like something else, alone and inside. */
static const char *const misleading[] = {
	"nil", "NULL", "Null", "nils", "true", "FALSE", "5", "-5", "5a",
	"-ERR x", "-", "+OK", "$3", "*1", "ERR x", "ERR", "error x", "errors",
	"Error: x", "drop", "drop it", "DROP", "RESET", "reset", "wait 5",
	"", " ", " a", "a ", "\ta", "a\t", "(nil)", "(error) x", "(", "\"a\"",
	"\"", "'a'", "[a]", "{a}", "~[a]", "~", "|{a: b} c", ">[a]", ">", "a]",
	"a}", "]", "}", ",", ":", "a, b", "a: b", "a:b", "a,b", "a[", "a{",
	"hang", "hang up", "hangs", "close", "close with OK", "closed",
	"after", "after 1s OK", "afters", "\\", "a\\", "\\n",
	"<redacted 1 byte>", "<", "...", "a... (2 more bytes)", "#t", "=> x",
	"\xc3\xa9", "\x80", "\x7f", "with", "OK", "ERR a \"b\" c"
};

START_TEST(misleading_text_is_read_back)
{
	static const char *const around[][2] = {
		{ "", "" }, { "*2\r\n", ":1\r\n" }, { "*2\r\n:1\r\n", "" },
		{ "%1\r\n", ":1\r\n" }, { "%1\r\n:1\r\n", "" },
		{ "|1\r\n+k\r\n", "+v\r\n" }, { "|1\r\n", ":1\r\n+v\r\n" },
		{ "|0\r\n", "" }, { "~1\r\n*1\r\n", "" }, { ">1\r\n", "" }
	};
	struct bytes resp = { 0 };
	size_t i;

	for (i = 0; i < 4 * sizeof(around) / sizeof(around[0]); i++) {
		bytes_truncate(&resp, 0);
		bytes_addf(&resp, "%s%c%s\r\n%s", around[i / 4][0],
		    "+-"[i % 2], misleading[_i], around[i / 4][1]);
		assert_round_trip(resp.data, resp.len, i % 4 >= 2);
	}
	bytes_free(&resp);
}
END_TEST

static uint32_t
next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return (*state);
}

static void
add_random_text(struct bytes *out, uint32_t *state, bool line)
{
	static const char likely[] = "[]{}()<>|~,: \"'\\anx0-.#=+";
	size_t n = next_random(state) % 8;
	uint8_t c;

	while (n-- > 0) {
		c = (uint8_t)next_random(state);
		if (next_random(state) % 4 > 0)
			c = (uint8_t)likely[c % (sizeof(likely) - 1)];
		if (line && (c == '\r' || c == '\n'))
			c = ' ';
		bytes_add(out, &c, 1);
	}
}

static void
add_random_bulk(struct bytes *out, uint32_t *state, char type)
{
	struct bytes text = { 0 };

	if (type == '=')
		bytes_add_string(&text, "txt:");
	add_random_text(&text, state, false);
	if (type == '!')
		bytes_add_string(&text, "\r\n");
	bytes_addf(out, "%c%zu\r\n", type, text.len);
	if (text.len > 0)
		bytes_add(out, text.data, text.len);
	bytes_add_string(out, "\r\n");
	bytes_free(&text);
}

static void
add_random_value(struct bytes *out, uint32_t *state, int depth)
{
	static const char *const plain[] = { "_", "#t", "#f", ":1", ":-9223",
		",1.5e-7", ",-inf", "(-123456789012345678901" };
	uint32_t n = next_random(state) % 4;
	int kind = (int)(next_random(state) % (depth > 0 ? 16 : 9));

	if (kind < 4) {
		bytes_addf(out, "%c", "+-"[kind % 2]);
		add_random_text(out, state, true);
		bytes_add_string(out, "\r\n");
	} else if (kind < 7) {
		add_random_bulk(out, state, "$=!"[kind - 4]);
	} else if (kind < 9) {
		bytes_addf(out, "%s\r\n", plain[next_random(state) %
		    (uint32_t)COUNT(plain)]);
	} else if (kind < 15) {
		bytes_addf(out, "%c%u\r\n", "*%~*%|"[kind - 9], n);
		if (kind == 10 || kind >= 13)
			n *= 2;
		while (n-- > 0)
			add_random_value(out, state, depth - 1);
		if (kind == 14)
			add_random_value(out, state, depth - 1);
	} else {
		add_random_value(out, state, depth);
	}
}

START_TEST(any_value_is_read_back)
{
	struct bytes resp = { 0 };
	uint32_t state = (uint32_t)_i + 1;
	int i;

	for (i = 0; i < 1000; i++) {
		bytes_truncate(&resp, 0);
		add_random_value(&resp, &state, 3);
		assert_round_trip(resp.data, resp.len, i % 2 == 0);
	}
	bytes_free(&resp);
}
END_TEST

/* Any bytes at all are read or refused, and never past their end. */
START_TEST(any_text_is_read_or_refused)
{
	struct bytes text = { 0 }, two = { 0 }, three = { 0 };
	uint32_t state = (uint32_t)_i + 1;
	struct answers *a;
	size_t at;
	int i;

	for (i = 0; i < 2000; i++) {
		bytes_truncate(&text, 0);
		bytes_truncate(&two, 0);
		bytes_truncate(&three, 0);
		while (next_random(&state) % 4 > 0)
			add_random_text(&text, &state, true);
		at = 0;
		if (read_literal(text.data != NULL ? text.data :
		    (const uint8_t *)"", text.len, &two, &three, &at) != NULL)
			ck_assert_uint_le(at, text.len);
		bytes_truncate(&two, 0);
		if ((a = answers_parse("f", text.data, text.len, &two)) ==
		    NULL)
			ck_assert_uint_gt(two.len, 0);
		answers_free(a);
	}
	bytes_free(&text);
	bytes_free(&two);
	bytes_free(&three);
}
END_TEST

/* Files that are wrong. */

#define MISSING_REPLY \
	"a reply is missing; write a value such as OK, \"text\" or (nil)"
#define NO_ARROW "=> and a reply are missing; write PATTERN => REPLY"
#define BAD_TIME "not a time; write after 200ms or after 5s, at most 86400s"
#define IN_BRACKETS \
	"inside brackets, text that holds any of , : \" [ ] { } stands in " \
	"quotes: \"bulk\", (status) \"text\", (error) \"text\""
#define NO_VALUE \
	"no value begins so; text stands in quotes: \"bulk\", " \
	"(status) \"text\""
#define NOT_INTEGER \
	"not an integer of 64 bits; write (integer) 42, or (bignum) for a " \
	"larger one"
#define NOT_DOUBLE "not a number; write (double) 1.5, inf, -inf or nan"
#define NOT_BIGNUM "not a whole number; write (bignum) 12345678901234567890"
#define VERBATIM \
	"a verbatim string is three characters of format, a colon and text; " \
	"write (verbatim) \"txt:text\""
#define MORE \
	"nothing may follow the value; a reply is one value, several go in " \
	"brackets: [a, b]"
#define NO_CLASS_END "the closing ] is missing; \\[ is the character itself"
#define NO_QUOTE "the closing quote is missing; a quote itself is \"\\\"\""
#define NO_BULK_QUOTE \
	"the closing quote is missing; a quote inside a string is \\\""
#define NOT_A_TYPE \
	"unknown type; choose (integer), (error), (nil), (status), " \
	"(double), (true), (false), (bignum) or (verbatim)"
#define OR_STATUS "; a status that begins so is (status) \"...\""
#define CUT \
	"this value was cut when it was shown; show it whole with a larger " \
	"--clip"

static const struct {
	const char *text;
	const char *message;	/* behind "f:" */
} refused[] = {
	/* Rules. */
	{ "GET", "1:4: " NO_ARROW },
	{ "GET x", "1:6: " NO_ARROW },
	{ "GET x =", "1:8: " NO_ARROW },
	{ "GET x =>y", "1:10: " NO_ARROW },
	{ "GET=>OK", "1:8: " NO_ARROW },
	{ "GET \"=> OK", "1:5: " NO_QUOTE },
	{ "=> OK", "1:1: a pattern is missing before =>; "
	    "* matches every command" },
	{ "  => OK", "1:3: a pattern is missing before =>; "
	    "* matches every command" },
	{ "GET 'a", "1:5: " NO_QUOTE },
	{ "GET a\"b => OK", "1:6: " NO_QUOTE },
	{ "GET \"a\\\" => OK", "1:5: " NO_QUOTE },
	{ "GET \"a\"b => OK", "1:8: a blank must follow the closing quote" },
	{ "GET [a => OK", "1:5: " NO_CLASS_END },
	{ "GET x\"[\" => OK", "1:5: " NO_CLASS_END },
	{ "GET =>", "1:7: " MISSING_REPLY },
	{ "GET => ", "1:7: " MISSING_REPLY },
	{ "GET =>\r\n", "1:7: " MISSING_REPLY },
	{ "GET => close with", "1:18: " MISSING_REPLY },
	{ "GET => close the door", "1:14: close stands alone, or before "
	    "with and a reply; a status is (status) \"close ...\"" },
	{ "GET => nil", "1:8: null is (nil)" OR_STATUS },
	{ "GET => after 5ms NULL", "1:18: null is (nil)" OR_STATUS },
	{ "GET => [a, nil]", "1:12: null is (nil)" OR_STATUS },
	{ "GET => close with true", "1:19: a boolean is (true)" OR_STATUS },
	{ "GET => 5", "1:8: an integer is (integer) 1, a bulk string \"1\""
	    OR_STATUS },
	{ "GET => -1", "1:8: an integer is (integer) -1" OR_STATUS },
	{ "GET => -ERR x", "1:8: an error is (error) ERR text" OR_STATUS },
	{ "GET => ERR x", "1:8: an error is (error) ERR text" OR_STATUS },
	{ "GET => error ERR x", "1:8: an error is (error) ERR text"
	    OR_STATUS },
	{ "GET => +OK", "1:8: a value is not written as in RESP: write OK, "
	    "\"bulk\", [a, b]" OR_STATUS },
	{ "GET => drop", "1:8: to end the connection write close"
	    OR_STATUS },
	{ "GET => wait 5s OK", "1:8: to wait write after 200ms REPLY"
	    OR_STATUS },
	{ "GET => hang up", "1:13: nothing may follow hang; a status is "
	    "(status) \"hang ...\"" },
	{ "GET => after", "1:13: " BAD_TIME },
	{ "GET => after OK", "1:14: " BAD_TIME },
	{ "GET => after 200 OK", "1:14: " BAD_TIME },
	{ "GET => after 200m OK", "1:14: " BAD_TIME },
	{ "GET => after 1.5s OK", "1:14: " BAD_TIME },
	{ "GET => after -1s OK", "1:14: " BAD_TIME },
	{ "GET => after 200msOK", "1:14: " BAD_TIME },
	{ "GET => after 86401s OK", "1:14: " BAD_TIME },
	{ "GET => after 86400001ms OK", "1:14: " BAD_TIME },
	{ "GET => after 99999999999999999999s OK", "1:14: " BAD_TIME },
	{ "GET => after 1s", "1:16: " MISSING_REPLY },

	/* Which line. */
	{ "# x\n\nGET => OK\n  SET\n", "4:6: " NO_ARROW },
	{ "GET => OK\r\nSET\r\n", "2:4: " NO_ARROW },
	{ "GET => [\nSET", "1:9: the closing ] is missing" },

	/* Values. */
	{ "x => 'a'", "1:6: " NO_VALUE },
	{ "x => <redacted 6 bytes>", "1:6: " NO_VALUE },
	{ "x => ~a", "1:6: " NO_VALUE },
	{ "x => |a", "1:6: " NO_VALUE },
	{ "x => ~", "1:6: " NO_VALUE },
	{ "x => > [a]", "1:6: " NO_VALUE },
	{ "x => (int) 1", "1:6: " NOT_A_TYPE },
	{ "x => (", "1:6: " NOT_A_TYPE },
	{ "x => (integer", "1:6: " NOT_A_TYPE },
	{ "x => (Integer) 1", "1:6: " NOT_A_TYPE },
	{ "x => ]", "1:6: a value is missing before this" },
	{ "x => , a", "1:6: a value is missing before this" },
	{ "x => (nil) x", "1:12: " MORE },
	{ "x => \"a\" \"b\"", "1:10: " MORE },
	{ "x => [a] b", "1:10: " MORE },
	{ "x => [a]]", "1:9: " MORE },
	{ "x => >[a] OK\\", "1:13: nothing follows the backslash; "
	    "a backslash itself is \\\\" },
	{ "x => >[a] \"b\" c", "1:15: " MORE },
	{ "x => \"aaaa\"... (5 more bytes)", "1:12: " CUT },
	{ "x => [\"a\", \"b\"... (5 more bytes)]", "1:15: " CUT },
	{ "x => \"abc", "1:6: " NO_BULK_QUOTE },
	{ "x => \"abc\\\"", "1:6: " NO_BULK_QUOTE },
	{ "x => \"abc\\", "1:10: nothing follows the backslash; "
	    "a backslash itself is \\\\" },
	{ "x => abc\\", "1:9: nothing follows the backslash; "
	    "a backslash itself is \\\\" },
	{ "x => a\\nb", "1:6: a status cannot hold a line break; "
	    "write a bulk string, \"text\"" },
	{ "x => (status) \"\\r\"", "1:15: a status cannot hold a line break; "
	    "write a bulk string, \"text\"" },
	{ "x => (status)", "1:14: the text of the status is missing; "
	    "write (status) \"text\"" },
	{ "x => (error)", "1:13: the text of the error is missing; "
	    "write (error) ERR text" },
	{ "x => [(error) , a]", "1:15: the text of the error is missing; "
	    "write (error) ERR text" },
	{ "x => (integer)", "1:15: " NOT_INTEGER },
	{ "x => (integer) x", "1:16: " NOT_INTEGER },
	{ "x => (integer) \"1\"", "1:16: " NOT_INTEGER },
	{ "x => (integer) +1", "1:16: " NOT_INTEGER },
	{ "x => (integer) -0", "1:16: " NOT_INTEGER },
	{ "x => (integer) 01", "1:16: " NOT_INTEGER },
	{ "x => (integer) 1 2", "1:16: " NOT_INTEGER },
	{ "x => (integer) 1\\x00", "1:16: " NOT_INTEGER },
	{ "x => (integer) 9223372036854775808", "1:16: " NOT_INTEGER },
	{ "x => [(integer) a]", "1:17: " NOT_INTEGER },
	{ "x => (double) .", "1:15: " NOT_DOUBLE },
	{ "x => (double) 1e", "1:15: " NOT_DOUBLE },
	{ "x => (double) 1,5", "1:15: " NOT_DOUBLE },
	{ "x => (double) 0x1p3", "1:15: " NOT_DOUBLE },
	{ "x => (bignum) 1.0", "1:15: " NOT_BIGNUM },
	{ "x => (bignum) -", "1:15: " NOT_BIGNUM },
	{ "x => (verbatim) text", "1:17: " VERBATIM },
	{ "x => (verbatim) \"txt\"", "1:17: " VERBATIM },
	{ "x => (verbatim) \"text:a\"", "1:17: " VERBATIM },

	/* Aggregates. */
	{ "x => [", "1:7: the closing ] is missing" },
	{ "x => [a", "1:8: the closing ] is missing" },
	{ "x => [a,", "1:9: the closing ] is missing" },
	{ "x => {", "1:7: the closing } is missing" },
	{ "x => {a: b, ", "1:12: the closing } is missing" },
	{ "x => {a: b", "1:11: the closing } is missing" },
	{ "x => [a}", "1:8: the bracket that is open here is a [; "
	    "close it with ]" },
	{ "x => {a: b]", "1:11: the bracket that is open here is a {; "
	    "close it with }" },
	{ "x => {]", "1:7: the bracket that is open here is a {; "
	    "close it with }" },
	{ "x => {a}", "1:8: a colon and a value must follow the key: "
	    "{k: v}" },
	{ "x => {a, b}", "1:8: a colon and a value must follow the key: "
	    "{k: v}" },
	{ "x => {\"a\" b}", "1:11: a colon and a value must follow the key: "
	    "{k: v}" },
	{ "x => {a: }", "1:10: a value is missing before this" },
	{ "x => [a, ]", "1:10: a value is missing before this" },
	{ "x => [, a]", "1:7: a value is missing before this" },
	{ "x => [\"a\" \"b\"]", "1:11: a comma or the closing bracket is "
	    "missing" },
	{ "x => [a: b]", "1:8: " IN_BRACKETS },
	{ "x => {a: b: c}", "1:11: " IN_BRACKETS },
	{ "x => [a [b]]", "1:9: " IN_BRACKETS },
	{ "x => [a \"b\"]", "1:9: " IN_BRACKETS },
	{ "x => [>[a]]", "1:7: a push cannot stand inside brackets; "
	    "write it in front of the reply, or an array" },
	{ "x => |{a: b}", "1:13: a value must follow an attribute: "
	    "|{k: v} value" },
	{ "x => [|{a: b}]", "1:14: a value is missing before this" },
	{ "x => |{a} b", "1:9: a colon and a value must follow the key: "
	    "{k: v}" }
};

START_TEST(refusal_names_line_and_column)
{
	const char *text = refused[_i].text;
	struct bytes message = { 0 };

	ck_assert_ptr_null(answers_parse("f", (const uint8_t *)text,
	    strlen(text), &message));
	ck_assert_uint_eq(message.data[message.len], '\0');
	ck_assert_str_eq((char *)message.data + 2, refused[_i].message);
	bytes_free(&message);
}
END_TEST

/* Rules that match. */

static struct args args;

/* The words of the command; "_" stands for an empty argument. */
static void
set_command(const char *command)
{
	static char text[256];
	char *word;

	ck_assert_uint_lt(strlen(command), sizeof(text));
	strcpy(text, command);
	args.n = 0;
	for (word = strtok(text, " "); word != NULL;
	    word = strtok(NULL, " ")) {
		if (strcmp(word, "_") == 0)
			word = strchr(word, '\0');
		args.v[args.n].data = (const uint8_t *)word;
		args.v[args.n].kept = args.v[args.n].size =
		    (uint32_t)strlen(word);
		args.n++;
	}
	args.total = args.n;
}

static struct answers *
parse(const char *text)
{
	struct bytes message = { 0 };
	struct answers *a;

	a = answers_parse("f", (const uint8_t *)text, strlen(text), &message);
	ck_assert_msg(a != NULL, "%s", (const char *)message.data);
	ck_assert_uint_eq(message.len, 0);
	return (a);
}

static const struct {
	const char *pattern;
	const char *command;
	bool matches;
} patterns[] = {
	{ "*", "get", true },
	{ "*", "_", true },
	{ "GET", "get", true },
	{ "get", "GET", true },
	{ "GET", "get x", true },
	{ "GET", "gets", false },
	{ "GET", "ge", false },
	{ "GET x", "get x", true },
	{ "GET x", "get X", false },
	{ "GET x", "get", false },
	{ "GET x", "get x y", true },
	{ "GET x y", "get x", false },
	{ "GET *", "get", false },
	{ "GET *", "get _", true },
	{ "GET \"\"", "get _", true },
	{ "GET \"\"", "get x", false },
	{ "GET ''", "get _", true },
	{ "G?T", "get", true },
	{ "[GS]ET x", "set x 1", true },
	{ "[GS]ET x", "pet x", false },
	{ "GET user:*", "get user:1", true },
	{ "GET user:*", "get user:", true },
	{ "GET user:*", "get users", false },
	{ "GET user:*", "get User:1", false },
	{ "GET \\*", "get *", true },
	{ "GET \\*", "get x", false },
	{ "GET \"a\\x20\"", "get a", false },
	{ "GET \"\\x61\"", "get a", true },
	{ "GET 'a\\'b'", "get a'b", true },
	{ "GET \"a\\\"b\"", "get a\"b", true },
	{ "GET a\"b\"", "get ab", true },
	{ "GET \"a*\"", "get abc", true },
	{ "GET \"=>\"", "get =>", true },
	{ "GET #", "get #", true },
	{ "CLIENT ID", "client id", true },
	{ "client id", "CLIENT ID", true },
	{ "CLIENT SETNAME a", "client setname A", false },
	{ "config get *", "CONFIG GET save", true },
	{ "ECHO hi", "echo HI", false },
	{ "  GET\t x ", "get x", true }
};

START_TEST(pattern_matches)
{
	struct bytes rules = { 0 }, reply = { 0 };
	struct stub_outcome outcome = { 0 };
	struct answers *a;

	bytes_addf(&rules, "%s => OK", patterns[_i].pattern);
	bytes_add(&rules, "", 1);
	a = parse((const char *)rules.data);
	set_command(patterns[_i].command);
	ck_assert_int_eq(answers_find(a, &args, 2, &reply, NULL, &outcome),
	    patterns[_i].matches);
	ck_assert_uint_eq(reply.len, patterns[_i].matches ? 5 : 0);
	answers_free(a);
	bytes_free(&rules);
	bytes_free(&reply);
}
END_TEST

static const char script[] =
	"# The script that the manual shows.\n"
	"\n"
	"GET user:admin => (error) NOPERM no\n"
	"GET user:* => \"bob\"\r\n"
	"INCR * => (integer) 42\n"
	"SET readonly:* => (error) READONLY You can't write\n"
	"SUBSCRIBE => hang\n"
	"  PING x => after 2s close\n"
	"PING => after 200ms PONG\n"
	"QUIT => close\n"
	"SHUTDOWN => after 0ms close with (error) ERR a\n"
	"HGETALL x => {a: \"1\", \"b\": (double) 2}\n"
	"EVAL \"return 1\" 0 => [(true)]\n"
	"GE? => (nil)";

static const struct {
	const char *command;
	const char *resp2;	/* NULL: no rule */
	const char *resp3;
	enum stub_verdict verdict;
	uint64_t wait_ms;
} answers[] = {
	{ "get user:admin", "-NOPERM no\r\n", "-NOPERM no\r\n", STUB_GO, 0 },
	{ "get user:bob", "$3\r\nbob\r\n", "$3\r\nbob\r\n", STUB_GO, 0 },
	{ "incr x", ":42\r\n", ":42\r\n", STUB_GO, 0 },
	{ "incr", NULL, NULL, STUB_GO, 0 },
	{ "set readonly:a 1", "-READONLY You can't write\r\n",
	    "-READONLY You can't write\r\n", STUB_GO, 0 },
	{ "set a 1", NULL, NULL, STUB_GO, 0 },
	{ "subscribe a b", "", "", STUB_HANG, 0 },
	{ "ping", "+PONG\r\n", "+PONG\r\n", STUB_GO, 200 },
	{ "ping x", "", "", STUB_CLOSE, 2000 },
	{ "ping y", "+PONG\r\n", "+PONG\r\n", STUB_GO, 200 },
	{ "quit", "", "", STUB_CLOSE, 0 },
	{ "shutdown nosave", "-ERR a\r\n", "-ERR a\r\n", STUB_CLOSE, 0 },
	{ "hgetall x", "*4\r\n+a\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2\r\n",
	    "%2\r\n+a\r\n$1\r\n1\r\n$1\r\nb\r\n,2\r\n", STUB_GO, 0 },
	{ "get x", "$-1\r\n", "_\r\n", STUB_GO, 0 },
	{ "hgetall y", NULL, NULL, STUB_GO, 0 }
};

START_TEST(first_rule_answers)
{
	struct answers *a = parse(script);
	const char *want;
	unsigned resp;

	set_command(answers[_i].command);
	for (resp = 2; resp <= 3; resp++) {
		struct stub_outcome outcome = { .wait_ms = 7 };
		struct bytes reply = { 0 };

		want = resp == 2 ? answers[_i].resp2 : answers[_i].resp3;
		bytes_add_string(&reply, "+before\r\n");
		ck_assert_int_eq(answers_find(a, &args, resp, &reply, NULL,
		    &outcome), want != NULL);
		ck_assert_uint_eq(outcome.wait_ms,
		    want != NULL ? answers[_i].wait_ms : 7);
		ck_assert_int_eq(outcome.verdict, answers[_i].verdict);
		bytes_add(&reply, "", 1);
		ck_assert_str_eq((char *)reply.data + strlen("+before\r\n"),
		    want != NULL ? want : "");
		bytes_free(&reply);
	}
	answers_free(a);
}
END_TEST

/* Where the values of a reply end, and which of them are pushes: "-" is one,
 * "=" is none, as many as there are bytes. */
static const struct {
	const char *reply;
	const char *command;
	const char *resp2;
	const char *resp3;
} parts[] = {
	{ "OK", "get a", "=====", "=====" },
	{ ">[a] OK", "get a", "=====", "--------=====" },
	{ ">[a] >[] |{k: v} [b, [c]]", "get a", "================",
	    "------------" "============" "================" },
	{ ">[a]", "get a", "========", "--------" },
	{ ">[a] >[b]", "ssubscribe a", "========", "========" "========" },
	{ "[]", "get a", "====", "====" },
	{ "close", "get a", "", "" }
};

START_TEST(values_of_a_reply_are_told)
{
	struct bytes rules = { 0 };
	struct answers *a;
	unsigned resp;
	size_t at, i;

	bytes_addf(&rules, "* => %s", parts[_i].reply);
	bytes_add(&rules, "", 1);
	a = parse((const char *)rules.data);
	set_command(parts[_i].command);
	for (resp = 2; resp <= 3; resp++) {
		const char *want = resp == 2 ? parts[_i].resp2 :
		    parts[_i].resp3;
		struct bytes reply = { 0 }, ends = { 0 }, got = { 0 };
		struct stub_outcome outcome;
		const struct stub_value *v;

		ck_assert(answers_find(a, &args, resp, &reply, &ends,
		    &outcome));
		v = (void *)ends.data;
		for (at = i = 0; i < ends.len / sizeof(*v); at = v[i++].end)
			while (at++ < v[i].end)
				bytes_add(&got, v[i].push ? "-" : "=", 1);
		ck_assert_uint_eq(got.len, reply.len);
		bytes_add(&got, "", 1);
		ck_assert_str_eq((char *)got.data, want);
		bytes_free(&reply);
		bytes_free(&ends);
		bytes_free(&got);
	}
	answers_free(a);
	bytes_free(&rules);
}
END_TEST

START_TEST(words_in_quotes_hold_blanks)
{
	struct answers *a = parse(script);
	struct stub_outcome outcome = { 0 };
	struct bytes reply = { 0 };

	set_command("eval x 0");
	ck_assert(!answers_find(a, &args, 3, &reply, NULL, &outcome));
	args.v[1].data = (const uint8_t *)"return 1";
	args.v[1].kept = args.v[1].size = 8;
	ck_assert(answers_find(a, &args, 3, &reply, NULL, &outcome));
	assert_bytes(&reply, "*1\r\n#t\r\n", 8);
	bytes_free(&reply);
	answers_free(a);
}
END_TEST

/* Of what is not kept only what is certain matches. */
static const struct {
	const char *pattern;
	bool matches;
} clipped[] = {
	{ "SET key:*", true },
	{ "SET key:1", false },
	{ "SET key:?", false },
	{ "SET *1", false },
	{ "SET *:1*", true },
	{ "SET key:1\\*", false },
	{ "SET key:1[*]", false },
	{ "SET other*", false },
	{ "SET", true },
	{ "SET * x", false },	/* nothing of that argument is kept */
	{ "SET * *", true },
	{ "SET * ?*", false },
	{ "SET * * *", false }
};

START_TEST(clipped_argument_matches_only_surely)
{
	struct bytes rules = { 0 }, reply = { 0 };
	struct stub_outcome outcome = { 0 };
	struct answers *a;

	bytes_addf(&rules, "%s => OK", clipped[_i].pattern);
	bytes_add(&rules, "", 1);
	a = parse((const char *)rules.data);
	set_command("set key:1");
	args.v[1].size = 1000;
	args.total = 3;
	ck_assert_int_eq(answers_find(a, &args, 2, &reply, NULL, &outcome),
	    clipped[_i].matches);
	answers_free(a);
	bytes_free(&rules);
	bytes_free(&reply);
}
END_TEST

START_TEST(no_rules_are_rules)
{
	struct stub_outcome outcome = { 0 };
	struct bytes reply = { 0 };
	struct answers *a = answers_parse("f", NULL, 0, &reply);

	set_command("get x");
	ck_assert(!answers_find(a, &args, 2, &reply, NULL, &outcome));
	answers_free(a);
	answers_free(NULL);
	a = parse("# only\n\n  # comments\n \t\r\n");
	ck_assert(!answers_find(a, &args, 2, &reply, NULL, &outcome));
	answers_free(a);
	bytes_free(&reply);
}
END_TEST

START_TEST(file_that_cannot_be_read_is_named)
{
	struct bytes message = { 0 };

	ck_assert_ptr_null(answers_read("/nonexistent/rules", &message));
	ck_assert_str_eq((char *)message.data,
	    "--answers=/nonexistent/rules: No such file or directory");
	bytes_truncate(&message, 0);
	ck_assert_ptr_null(answers_read("/", &message));
	ck_assert_str_eq((char *)message.data, "--answers=/: Is a directory");
	bytes_truncate(&message, 0);
	ck_assert_ptr_null(answers_read("/dev/zero", &message));
	ck_assert_str_eq((char *)message.data,
	    "--answers=/dev/zero: more than 16 MiB; use a shorter file");
	bytes_free(&message);
}
END_TEST

/* A wait for nothing must not be left over by an empty file. */
START_TEST(file_is_read)
{
	struct bytes message = { 0 };
	struct answers *a = answers_read("/dev/null", &message);

	ck_assert_ptr_nonnull(a);
	ck_assert_uint_eq(message.len, 0);
	answers_free(a);
}
END_TEST

/* Globs. */

static const struct {
	const char *glob;
	const char *text;
	bool matches;
} globs[] = {
	{ "", "", true },
	{ "", "a", false },
	{ "a", "", false },
	{ "*", "", true },
	{ "**", "a", true },
	{ "?", "", false },
	{ "?", "a", true },
	{ "a*c", "abbc", true },
	{ "a*c", "abbcd", false },
	{ "*a*b", "xaxbxaxb", true },
	{ "*a*b*", "bbbb", false },
	{ "*ab", "aab", true },
	{ "*?b", "b", false },
	{ "a?", "ab", true },
	{ "[abc]", "b", true },
	{ "[abc]", "d", false },
	{ "[a-c]", "b", true },
	{ "[c-a]", "b", true },
	{ "[a-c]", "d", false },
	{ "[^a-c]", "d", true },
	{ "[^a-c]", "b", false },
	{ "[!a]", "b", true },
	{ "[!a]", "a", false },
	{ "[a-]", "-", true },
	{ "[\\]]", "]", true },
	{ "[\\^a]", "^", true },
	{ "[]", "a", false },
	{ "[]", "]", false },
	{ "[a]*", "abc", true },
	{ "\\?", "?", true },
	{ "\\?", "a", false },
	{ "\\\\", "\\", true },
	{ "a\\", "a\\", true },
	{ "\xff*", "\xff\x01", true },
	{ "[\x80-\xff]", "\x90", true }
};

START_TEST(glob_matches)
{
	const char *glob = globs[_i].glob, *text = globs[_i].text;

	ck_assert_ptr_null(glob_check(glob, strlen(glob)));
	ck_assert_int_eq(glob_match(glob, strlen(glob),
	    (const uint8_t *)text, strlen(text), false), globs[_i].matches);
	ck_assert_int_eq(glob_match(glob, strlen(glob),
	    (const uint8_t *)text, strlen(text), true), globs[_i].matches);
}
END_TEST

START_TEST(glob_folds)
{
	ck_assert(glob_match("aB[c-d]*", 8, BYTES("AbCx"), true));
	ck_assert(!glob_match("aB[c-d]*", 8, BYTES("AbCx"), false));
	ck_assert(glob_match("[A-C]", 5, BYTES("b"), true));
	ck_assert(glob_match("a*", 2, BYTES("a\0b"), false));
	ck_assert(glob_match("*", 1, NULL, 0, false));
}
END_TEST

/* Many stars take no more time than their number times the bytes. */
START_TEST(glob_takes_no_exponential_time)
{
	static uint8_t text[10000];
	static const char glob[] = "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b";

	memset(text, 'a', sizeof(text));
	ck_assert(!glob_match(glob, sizeof(glob) - 1, text, sizeof(text),
	    false));
}
END_TEST

static Suite *
answers_suite(void)
{
	Suite *s = suite_create("answers");
	TCase *tc = tcase_create("answers");

	tcase_add_loop_test(tc, value_is_written_in_both_protocols, 0,
	    COUNT(values));
	tcase_add_test(tc, value_may_hold_nul);
	tcase_add_test(tc, brackets_nest_128_deep);
	tcase_add_loop_test(tc, value_is_read_back, 0, COUNT(values));
	tcase_add_loop_test(tc, misleading_text_is_read_back, 0,
	    COUNT(misleading));
	tcase_add_loop_test(tc, any_value_is_read_back, 0, 10);
	tcase_add_loop_test(tc, any_text_is_read_or_refused, 0, 10);
	tcase_add_loop_test(tc, refusal_names_line_and_column, 0,
	    COUNT(refused));
	tcase_add_loop_test(tc, pattern_matches, 0, COUNT(patterns));
	tcase_add_loop_test(tc, first_rule_answers, 0, COUNT(answers));
	tcase_add_loop_test(tc, values_of_a_reply_are_told, 0, COUNT(parts));
	tcase_add_test(tc, words_in_quotes_hold_blanks);
	tcase_add_loop_test(tc, clipped_argument_matches_only_surely, 0,
	    COUNT(clipped));
	tcase_add_test(tc, no_rules_are_rules);
	tcase_add_test(tc, file_that_cannot_be_read_is_named);
	tcase_add_test(tc, file_is_read);
	tcase_add_loop_test(tc, glob_matches, 0, COUNT(globs));
	tcase_add_test(tc, glob_folds);
	tcase_add_test(tc, glob_takes_no_exponential_time);
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(answers_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
