/*
 * json: what each record looks like, and that any bytes whatever make one line
 * of valid JSON, from which they can be had back.
 */
#include "config.h"

#include "format/format.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/json_string.h"
#include "format/json_value.h"
#include "format/notation.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))

/* What every line of these tests begins with. */
#define HEAD "{\"v\":1,\"time\":\"2026-11-23T11:00:01.000345Z\",\"conn\":7,"
static const struct timespec when = { 1795431601, 345999 };

/* One is enough, and it is too big for the stack of a test. */
static struct args args;

/* Fails when the bytes are not that string. */
static void
assert_is(struct bytes *out, const char *want)
{
	bytes_add(out, "", 1);
	ck_assert(!out->failed);
	ck_assert_str_eq((char *)out->data, want);
	bytes_free(out);
}

/*
 * A strict reader of JSON: RFC 8259, one value, no white space.
 */

#define DEPTH_MAX 128		/* where many readers of JSON stop */

struct reader {
	const uint8_t *p;
	const uint8_t *end;
	int depth;
	struct bytes string;	/* the last one, decoded */
};

/* Check notes down every assertion that holds: too slow for every byte. */
#define EXPECT(r, what)                                                        \
	do {                                                                   \
		if (!(what))                                                   \
			ck_abort_msg("not JSON: %s, %d bytes before the end",  \
			    #what, (int)((r)->end - (r)->p));                  \
	} while (0)

static bool
accept(struct reader *r, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(r->end - r->p) < len || memcmp(r->p, word, len) != 0)
		return (false);
	r->p += len;
	return (true);
}

/* One character of UTF-8, found by computing its number. */
static void
read_character(struct reader *r)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint8_t c = *r->p;
	uint32_t code;
	int len = c < 0x80 ? 1 : c < 0xc0 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	int i;

	EXPECT(r, len > 0 && c < 0xf8 && r->end - r->p >= len && c >= 0x20);
	code = len == 1 ? c : c & (0x7f >> len);
	for (i = 1; i < len; i++) {
		EXPECT(r, (r->p[i] & 0xc0) == 0x80);
		code = code << 6 | (r->p[i] & 0x3f);
	}
	EXPECT(r, code >= least[len] && code <= 0x10ffff);
	EXPECT(r, code < 0xd800 || code > 0xdfff);
	EXPECT(r, code < 0x7f || code > 0x9f);
	bytes_add(&r->string, r->p, (size_t)len);
	r->p += len;
}

/* HHHH */
static uint32_t
read_unit(struct reader *r)
{
	char hex[5] = "";

	EXPECT(r, r->end - r->p >= 4);
	memcpy(hex, r->p, 4);
	EXPECT(r, strspn(hex, "0123456789abcdefABCDEF") == 4);
	r->p += 4;
	return ((uint32_t)strtoul(hex, NULL, 16));
}

/* Writes the character in UTF-8, and returns its length. */
static size_t
encode_utf8(uint32_t code, uint8_t utf8[4])
{
	static const uint8_t heads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 :
	    code < 0x10000 ? 3 : 4, i;

	for (i = len - 1; i > 0; i--, code >>= 6)
		utf8[i] = (uint8_t)(0x80 | (code & 0x3f));
	utf8[0] = (uint8_t)(heads[len] | code);
	return (len);
}

static void
read_escape(struct reader *r)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";
	const char *letter;
	uint8_t utf8[4];
	uint32_t code, low;

	EXPECT(r, *r->p != '\0');
	if ((letter = strchr(letters, *r->p)) != NULL) {
		bytes_add(&r->string, &meanings[letter - letters], 1);
		r->p++;
		return;
	}
	EXPECT(r, accept(r, "u"));
	code = read_unit(r);
	EXPECT(r, code < ' ' || code > '~');
	EXPECT(r, code < 0xdc00 || code > 0xdfff);
	if (code >= 0xd800 && code <= 0xdbff) {
		EXPECT(r, accept(r, "\\u"));
		low = read_unit(r);
		EXPECT(r, low >= 0xdc00 && low <= 0xdfff);
		code = 0x10000 + ((code & 0x3ff) << 10 | (low & 0x3ff));
	}
	bytes_add(&r->string, utf8, encode_utf8(code, utf8));
}

static void
read_string(struct reader *r)
{
	r->string.len = 0;
	EXPECT(r, accept(r, "\""));
	while (!accept(r, "\"")) {
		EXPECT(r, r->p < r->end);
		if (accept(r, "\\"))
			read_escape(r);
		else
			read_character(r);
	}
}

static void
read_digits(struct reader *r)
{
	EXPECT(r, r->p < r->end && *r->p >= '0' && *r->p <= '9');
	while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
		r->p++;
}

static void
read_number(struct reader *r)
{
	accept(r, "-");
	if (!accept(r, "0"))
		read_digits(r);
	if (accept(r, "."))
		read_digits(r);
	if (accept(r, "e") || accept(r, "E")) {
		if (!accept(r, "+"))
			accept(r, "-");
		read_digits(r);
	}
}

static void
read_value(struct reader *r)
{
	const char *close;

	if (r->p < r->end && *r->p == '"') {
		read_string(r);
		return;
	}
	if (accept(r, "true") || accept(r, "false") || accept(r, "null"))
		return;
	if (!accept(r, "[") && !accept(r, "{")) {
		read_number(r);
		return;
	}
	close = r->p[-1] == '[' ? "]" : "}";
	EXPECT(r, ++r->depth <= DEPTH_MAX);
	if (!accept(r, close)) {
		do {
			if (*close == '}') {
				read_string(r);
				EXPECT(r, accept(r, ":"));
			}
			read_value(r);
		} while (accept(r, ","));
		EXPECT(r, accept(r, close));
	}
	r->depth--;
}

/* Fails when it is not one line of JSON. */
static void
assert_json_line(struct bytes *out)
{
	struct reader r = { .p = out->data, .end = out->data + out->len };

	ck_assert(!out->failed);
	read_value(&r);
	EXPECT(&r, accept(&r, "\n") && r.p == r.end);
	bytes_free(&r.string);
}

/* Strings */

static const struct {
	const char *bytes;
	bool utf8;
} encodings[] = {
	{ "", true },
	{ "a", true },
	{ "\x7f", true },
	{ "12345678\303\251", true },
	{ "1234567\303\251", true },
	{ "\303\251123456789", true },
	{ "\302\200", true },			/* U+0080 */
	{ "\337\277", true },			/* U+07FF */
	{ "\340\240\200", true },		/* U+0800 */
	{ "\355\237\277", true },		/* U+D7FF */
	{ "\356\200\200", true },		/* U+E000 */
	{ "\357\277\277", true },		/* U+FFFF */
	{ "\360\220\200\200", true },		/* U+10000 */
	{ "\364\217\277\277", true },		/* U+10FFFF */
	{ "\342\200\250\342\200\251", true },	/* U+2028, U+2029 */
	{ "\200", false },
	{ "12345678\200", false },
	{ "1234567\200", false },
	{ "\277", false },
	{ "\300\200", false },			/* too long for U+0000 */
	{ "\301\277", false },			/* for U+007F */
	{ "\340\237\277", false },		/* for U+07FF */
	{ "\360\217\277\277", false },		/* for U+FFFF */
	{ "\355\240\200", false },		/* U+D800 */
	{ "\355\277\277", false },		/* U+DFFF */
	{ "\364\220\200\200", false },		/* U+110000 */
	{ "\365\200\200\200", false },
	{ "\370\210\200\200\200", false },
	{ "\376", false },
	{ "\377", false },
	{ "\303", false },			/* cut off */
	{ "\342\202", false },
	{ "\360\237\230", false },
	{ "\303a", false },
	{ "\342\202a", false },
	{ "\360\237\230a", false },
	{ "\342a\254", false },
	{ "\303\251\251", false }
};

START_TEST(utf8_is_told_from_other_bytes)
{
	const char *bytes = encodings[_i].bytes;
	size_t len = strlen(bytes);

	ck_assert_int_eq(json_is_utf8((const uint8_t *)bytes, len),
	    encodings[_i].utf8);
	/* What is behind the end does not count. */
	if (encodings[_i].utf8 && len > 0 && bytes[len - 1] & 0x80)
		ck_assert(!json_is_utf8((const uint8_t *)bytes, len - 1));
}
END_TEST

/* The test vectors of RFC 4648, and the letters that are none. */
static const char *const base64[][2] = {
	{ "", "\"\"" },
	{ "f", "\"Zg==\"" },
	{ "fo", "\"Zm8=\"" },
	{ "foo", "\"Zm9v\"" },
	{ "foob", "\"Zm9vYg==\"" },
	{ "fooba", "\"Zm9vYmE=\"" },
	{ "foobar", "\"Zm9vYmFy\"" },
	{ "\373\377\277", "\"+/+/\"" },
	{ "\377\377\377\377", "\"/////w==\"" }
};

START_TEST(base64_is_rfc_4648s)
{
	const char *bytes = base64[_i][0];
	struct bytes out = { 0 };

	json_add_base64(&out, (const uint8_t *)bytes, strlen(bytes));
	assert_is(&out, base64[_i][1]);
}
END_TEST

START_TEST(escapes_are_those_of_json)
{
	struct bytes out = { 0 };
	uint8_t ascii[128];
	int i;

	for (i = 0; i < COUNT(ascii); i++)
		ascii[i] = (uint8_t)i;
	json_add_text(&out, ascii, sizeof(ascii));
	assert_is(&out, "\"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006"
	    "\\u0007\\b\\t\\n\\u000b\\f\\r\\u000e\\u000f\\u0010\\u0011\\u0012"
	    "\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019\\u001a\\u001b"
	    "\\u001c\\u001d\\u001e\\u001f !\\\"#$%&'()*+,-./0123456789:;<=>?@"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"
	    "\\u007f\"");
}
END_TEST

/* What a terminal or an editor obeys or hides, its neighbours that it shows,
 * and both ends of what is past U+FFFF. */
static const struct {
	const char *bytes;
	const char *json;	/* NULL: the same in quotes */
} characters[] = {
	{ "\302\200\302\205\302\233\302\237", "\\u0080\\u0085\\u009b\\u009f" },
	{ "\302\240\302\255x\302\256", "\302\240\\u00adx\302\256" },
	{ "\315\216\315\217\315\220", "\315\216\\u034f\315\220" },
	{ "\315\270", "\\u0378" },
	{ "\330\234", "\\u061c" },
	{ "\341\205\237", "\\u115f" },
	{ "\342\200\212\342\200\213\342\200\217\342\200\220",
	    "\342\200\212\\u200b\\u200f\342\200\220" },
	{ "\342\200\247\342\200\250\342\200\256\342\200\257",
	    "\342\200\247\\u2028\\u202e\342\200\257" },
	{ "\342\201\246\342\201\251\342\201\260",
	    "\\u2066\\u2069\342\201\260" },
	{ "\343\205\244\357\276\240", "\\u3164\\uffa0" },
	{ "\355\237\273\355\237\274\355\237\277",
	    "\355\237\273\\ud7fc\\ud7ff" },
	{ "\356\200\200\357\243\277\357\244\200",
	    "\\ue000\\uf8ff\357\244\200" },
	{ "\357\267\220\357\270\217\357\273\277",
	    "\\ufdd0\\ufe0f\\ufeff" },
	{ "\357\277\275\357\277\276\357\277\277",
	    "\357\277\275\\ufffe\\uffff" },
	{ "\360\220\200\200\360\220\200\214",
	    "\360\220\200\200\\ud800\\udc0c" },
	{ "\360\237\230\200", NULL },
	{ "\363\240\200\201\363\240\201\277\363\240\207\257",
	    "\\udb40\\udc01\\udb40\\udc7f\\udb40\\uddef" },
	{ "\363\260\200\200\364\217\277\277",
	    "\\udb80\\udc00\\udbff\\udfff" },
	{ "Gr\303\266\303\237e \344\270\255\346\226\207 o\314\210", NULL }
};

START_TEST(what_shows_itself_stays)
{
	const char *in = characters[_i].bytes, *want = characters[_i].json;
	struct bytes out = { 0 };
	char quoted[128];

	json_add_text(&out, (const uint8_t *)in, strlen(in));
	snprintf(quoted, sizeof(quoted), "\"%s\"", want != NULL ? want : in);
	assert_is(&out, quoted);
}
END_TEST

/* Each is read back from what was written of it, alone and among others;
 * check_quote shows that --utf8 leaves the same ones. */
START_TEST(every_character_comes_back)
{
	struct bytes in = { 0 }, out = { 0 };
	struct reader r = { .p = NULL };
	uint32_t code, from = (uint32_t)_i << 12;
	uint8_t utf8[4];

	for (code = from; code < from + 0x1000; code++) {
		if (code >= 0xd800 && code <= 0xdfff)
			continue;
		bytes_add(&in, utf8, encode_utf8(code, utf8));
		if (code % 7 == 0)
			bytes_add_string(&in, "some ASCII between\n");
	}
	json_add_text(&out, in.data, in.len);
	r.p = out.data;
	r.end = out.data + out.len;
	read_string(&r);
	ck_assert_ptr_eq(r.p, r.end);
	ck_assert_uint_eq(r.string.len, in.len);
	if (in.len > 0)
		ck_assert_mem_eq(r.string.data, in.data, in.len);
	bytes_free(&in);
	bytes_free(&out);
	bytes_free(&r.string);
}
END_TEST

/* Longer than what is escaped at a time. */
START_TEST(long_strings_stay_whole)
{
	static uint8_t text[20000];
	struct bytes out = { 0 };
	struct reader r;
	size_t i;

	for (i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i % 127);
	json_add_text(&out, text, sizeof(text));
	r = (struct reader){ .p = out.data, .end = out.data + out.len };
	read_string(&r);
	ck_assert_ptr_eq(r.p, r.end);
	ck_assert_uint_eq(r.string.len, sizeof(text));
	ck_assert_mem_eq(r.string.data, text, sizeof(text));
	bytes_free(&out);
	bytes_free(&r.string);
}
END_TEST

/* Records, each as its line */

#define WORD(s) CUT(s, sizeof(s) - 1)
#define CUT(s, size) { (const uint8_t *)(s), sizeof(s) - 1, size, false }
#define SECRET(s)                                                              \
	{ (const uint8_t *)(s), sizeof(s) - 1, sizeof(s) - 1, true }
#define STREAM(s) .data = (const uint8_t *)(s), .len = sizeof(s) - 1
#define SPANS(...)                                                             \
	.secrets = (const struct span[]){ __VA_ARGS__ },                \
	.nsecrets = sizeof((const struct span[]){ __VA_ARGS__ }) /      \
	    sizeof(struct span)
#define AUTH STREAM("AUTH user \377\377\r\n"), .offset = 9

static const struct arg names[] = {
	WORD("set"), WORD("\377"), CUT("se", 3), SECRET("pass")
};

#define SAID(n)                                                                \
	{                                                                      \
		.no = 1, .name = &names[n], .latency_us = 15,                  \
		.value = { STREAM("+OK\r\n"), .offset = 99 },                  \
	}

static const struct {
	struct record record;
	size_t snaplen;
	const char *line;	/* behind the head */
} lines[] = {
	{ { .event = RECORD_OPEN,
	    .u.open = { "127.0.0.1:51514", "unix:/tmp/\"a\"" } }, 0,
	    "\"event\":\"open\",\"peer\":\"127.0.0.1:51514\","
	    "\"local\":\"unix:/tmp/\\\"a\\\"\"}\n" },
	{ { .event = RECORD_OPEN, .u.open = { "unix:\377", "unix:" } }, 0,
	    "\"event\":\"open\",\"peer\":{\"base64\":\"dW5peDr/\"},"
	    "\"local\":\"unix:\"}\n" },
	{ { .event = RECORD_OPEN, .client = "app\n",
	    .u.open = { "unix:", "unix:" } }, 0,
	    "\"event\":\"open\",\"client\":\"app\\n\",\"peer\":\"unix:\","
	    "\"local\":\"unix:\"}\n" },
	{ { .event = RECORD_OPEN, .client = "\377",
	    .u.open = { "", "" } }, 0,
	    "\"event\":\"open\",\"client\":{\"base64\":\"/w==\"},"
	    "\"peer\":\"\",\"local\":\"\"}\n" },

	{ { .event = RECORD_RECV, .u.bytes = { STREAM("PING\r\n") } }, 0,
	    "\"event\":\"recv\",\"offset\":0,\"bytes\":6,"
	    "\"data\":\"PING\\r\\n\"}\n" },
	{ { .event = RECORD_SEND,
	    .u.bytes = { STREAM("+PONG\r\n"), .offset = UINT64_MAX } }, 0,
	    "\"event\":\"send\",\"offset\":18446744073709551615,\"bytes\":7,"
	    "\"data\":\"+PONG\\r\\n\"}\n" },
	{ { .event = RECORD_RECV, .u.bytes = { .data = NULL } }, 0,
	    "\"event\":\"recv\",\"offset\":0,\"bytes\":0,\"data\":\"\"}\n" },
	{ { .event = RECORD_RECV, .u.bytes = { STREAM("caf\303\251") } }, 0,
	    "\"event\":\"recv\",\"offset\":0,\"bytes\":5,"
	    "\"data\":\"caf\303\251\"}\n" },
	{ { .event = RECORD_RECV, .u.bytes = { STREAM("caf\303\251") } }, 4,
	    "\"event\":\"recv\",\"offset\":0,\"bytes\":5,"
	    "\"data_base64\":\"Y2Fmww==\",\"left_out\":1}\n" },
	{ { .event = RECORD_RECV, .u.bytes = { STREAM("a\377") } }, 1,
	    "\"event\":\"recv\",\"offset\":0,\"bytes\":2,"
	    "\"data\":\"a\",\"left_out\":1}\n" },
	{ { .event = RECORD_RECV, .u.bytes = { STREAM("a\377") } }, 2,
	    "\"event\":\"recv\",\"offset\":0,\"bytes\":2,"
	    "\"data_base64\":\"Yf8=\"}\n" },
	{ { .event = RECORD_RECV, .u.bytes = { AUTH, SPANS({ 5, 4 }) } }, 0,
	    "\"event\":\"recv\",\"offset\":9,\"bytes\":14,\"data\":[\"AUTH \","
	    "{\"redacted\":4},{\"base64\":\"IP//DQo=\"}]}\n" },
	{ { .event = RECORD_RECV, .u.bytes = { AUTH,
	    SPANS({ 5, 4 }, { 10, 2 }) } }, 0,
	    "\"event\":\"recv\",\"offset\":9,\"bytes\":14,\"data\":[\"AUTH \","
	    "{\"redacted\":4},\" \",{\"redacted\":2},\"\\r\\n\"]}\n" },
	{ { .event = RECORD_RECV, .u.bytes = { AUTH,
	    SPANS({ 0, 5 }, { 5, 9 }) } }, 0,
	    "\"event\":\"recv\",\"offset\":9,\"bytes\":14,\"data\":["
	    "{\"redacted\":5},{\"redacted\":9}]}\n" },
	{ { .event = RECORD_RECV, .u.bytes = { AUTH, SPANS({ 5, 4 }) } }, 7,
	    "\"event\":\"recv\",\"offset\":9,\"bytes\":14,\"data\":[\"AUTH \","
	    "{\"redacted\":2}],\"left_out\":7}\n" },
	{ { .event = RECORD_RECV, .u.bytes = { AUTH, SPANS({ 5, 4 }) } }, 5,
	    "\"event\":\"recv\",\"offset\":9,\"bytes\":14,\"data\":\"AUTH \","
	    "\"left_out\":9}\n" },

	{ { .event = RECORD_REPLY, .u.reply = SAID(0) }, 0,
	    "\"event\":\"reply\",\"no\":1,\"name\":\"set\",\"latency_us\":15,"
	    "\"value\":\"OK\",\"offset\":99,\"bytes\":5}\n" },
	{ { .event = RECORD_REPLY, .client = "a", .u.reply = SAID(1) }, 0,
	    "\"event\":\"reply\",\"client\":\"a\",\"no\":1,"
	    "\"name\":{\"base64\":\"/w==\"},\"latency_us\":15,"
	    "\"value\":\"OK\",\"offset\":99,\"bytes\":5}\n" },
	{ { .event = RECORD_REPLY, .u.reply = SAID(2) }, 0,
	    "\"event\":\"reply\",\"no\":1,"
	    "\"name\":{\"text\":\"se\",\"bytes\":3},\"latency_us\":15,"
	    "\"value\":\"OK\",\"offset\":99,\"bytes\":5}\n" },
	{ { .event = RECORD_REPLY, .u.reply = SAID(3) }, 0,
	    "\"event\":\"reply\",\"no\":1,\"name\":{\"redacted\":4},"
	    "\"latency_us\":15,\"value\":\"OK\",\"offset\":99,\"bytes\":5}\n" },
	{ { .event = RECORD_REPLY, .u.reply = {
	    .value = { STREAM("+OK\r\n"), .offset = 99 } } }, 0,
	    "\"event\":\"reply\",\"value\":\"OK\",\"offset\":99,"
	    "\"bytes\":5}\n" },
	{ { .event = RECORD_PUSH,
	    .u.bytes = { STREAM(">2\r\n+message\r\n+x\r\n") } }, 0,
	    "\"event\":\"push\",\"value\":{\"push\":[\"message\",\"x\"]}}\n" },

	{ { .event = RECORD_ERROR, .u.error = { 4, 'f', "rule", "a \"b\"" } },
	    0, "\"event\":\"error\",\"offset\":4,\"byte\":102,"
	    "\"rule\":\"rule\",\"text\":\"a \\\"b\\\"\"}\n" },
	{ { .event = RECORD_ERROR, .u.error = { 0, 255, "x", "got '\377'" } },
	    0, "\"event\":\"error\",\"offset\":0,\"byte\":255,"
	    "\"rule\":\"x\",\"text\":{\"base64\":\"Z290ICf/Jw==\"}}\n" },
	{ { .event = RECORD_ERROR, .u.error = { 0, 0, "x", "" } },
	    0, "\"event\":\"error\",\"offset\":0,\"byte\":0,"
	    "\"rule\":\"x\",\"text\":\"\"}\n" },
	{ { .event = RECORD_ERROR, .u.error = { 0, -1, "dropped", "5" } },
	    0, "\"event\":\"error\",\"offset\":0,"
	    "\"rule\":\"dropped\",\"text\":\"5\"}\n" },

	{ { .event = RECORD_CLOSE,
	    .u.close = { "eof", NULL, 46, UINT64_MAX, 5 } }, 0,
	    "\"event\":\"close\",\"reason\":\"eof\",\"received\":46,"
	    "\"commands\":18446744073709551615,\"sent\":5}\n" },
	{ { .event = RECORD_CLOSE, .upstream = "127.0.0.1:6379",
	    .u.close = { "reset", "upstream", 1, 2, 3 } }, 0,
	    "\"event\":\"close\",\"upstream\":\"127.0.0.1:6379\","
	    "\"reason\":\"reset\",\"side\":\"upstream\",\"received\":1,"
	    "\"commands\":2,\"sent\":3}\n" }
};

START_TEST(record_is_a_line)
{
	struct format_state state = { .options.clip = 1024 };
	struct record r = lines[_i].record;
	struct bytes out = { 0 }, want = { 0 };

	state.options.snaplen = lines[_i].snaplen;
	r.conn = 7;
	r.when = when;
	format_json(&state, &r, &out);
	assert_json_line(&out);
	bytes_add_string(&want, HEAD);
	bytes_add_string(&want, lines[_i].line);
	bytes_add(&want, "", 1);
	assert_is(&out, (char *)want.data);
	bytes_free(&want);
}
END_TEST

/* The times of different records, whatever --time says. */
START_TEST(time_is_utc)
{
	struct format_state state = { .options.time = TIME_DELTA };
	struct record r = { .event = RECORD_CLOSE, .u.close.reason = "eof" };
	struct bytes out = { 0 };

	r.when.tv_nsec = 999999999;
	format_json(&state, &r, &out);
	r.when.tv_sec = 86400 * 365;
	format_json(&state, &r, &out);
	bytes_add(&out, "", 1);
	ck_assert_ptr_nonnull(strstr((char *)out.data,
	    "\"1970-01-01T00:00:00.999999Z\""));
	ck_assert_ptr_nonnull(strstr((char *)out.data,
	    "\"1971-01-01T00:00:00.999999Z\""));
	bytes_free(&out);
}
END_TEST

/* Commands */

static const struct {
	size_t clip;
	uint32_t total;
	uint32_t n;
	struct arg v[3];
	const char *args;
	const char *end;
} commands[] = {
	{ 1024, 2, 2, { WORD("set"), WORD("") }, "\"set\",\"\"", "" },
	{ 1024, 1, 1, { WORD("\303\251\"\r\n") }, "\"\303\251\\\"\\r\\n\"",
	    "" },
	{ 1024, 1, 1, { WORD("\303") }, "{\"base64\":\"ww==\"}", "" },
	{ 1024, 1, 1, { CUT("aaaa", 536870912) },
	    "{\"text\":\"aaaa\",\"bytes\":536870912}", "" },
	{ 1024, 1, 1, { CUT("", 1) }, "{\"text\":\"\",\"bytes\":1}", "" },
	{ 4, 2, 2, { WORD("four"), WORD("five5") },
	    "\"four\",{\"text\":\"five\",\"bytes\":5}", "" },
	{ 4, 1, 1, { WORD("caf\303\251") },
	    "{\"base64\":\"Y2Fmww==\",\"bytes\":5}", "" },
	{ 4, 2, 2, { WORD("auth"), SECRET("secret") },
	    "\"auth\",{\"redacted\":6}", "" },
	{ 4, 2, 2, { WORD("auth"), SECRET("") },
	    "\"auth\",{\"redacted\":0}", "" },
	{ 4, 2147483647, 1, { WORD("del") }, "\"del\"",
	    ",\"left_out\":2147483646" },
	{ 4, 1, 0, { WORD("") }, "", ",\"left_out\":1" }
};

START_TEST(command_is_a_line)
{
	struct format_state state = { .options.clip = commands[_i].clip };
	struct record r = { .event = RECORD_CMD, .conn = 7, .when = when };
	struct bytes out = { 0 }, want = { 0 };

	args.total = commands[_i].total;
	args.n = commands[_i].n;
	memcpy(args.v, commands[_i].v, sizeof(commands[_i].v));
	r.u.cmd.no = 3;
	r.u.cmd.args = &args;
	r.u.cmd.offset = 20;
	r.u.cmd.bytes = 14;
	format_json(&state, &r, &out);
	assert_json_line(&out);
	bytes_addf(&want, HEAD "\"event\":\"cmd\",\"no\":3,\"args\":[%s],"
	    "\"offset\":20,\"bytes\":14%s}\n", commands[_i].args,
	    commands[_i].end);
	bytes_add(&want, "", 1);
	assert_is(&out, (char *)want.data);
	bytes_free(&want);
}
END_TEST

/* What is behind 64 KiB of a record's strings is left out, and counted. */
START_TEST(command_has_64_kib_of_strings)
{
	static uint8_t big[65530];
	struct format_state state = { .options.clip = sizeof(big) };
	struct record r = { .event = RECORD_CMD, .u.cmd.args = &args };
	struct bytes out = { 0 };

	memset(big, 'a', sizeof(big));
	args.total = args.n = 4;
	args.v[0] = (struct arg){ big, sizeof(big), sizeof(big), false };
	args.v[1] = (struct arg)SECRET("as long as you like");
	args.v[2] = (struct arg)WORD("1234567");
	args.v[3] = (struct arg)WORD("8");
	format_json(&state, &r, &out);
	assert_json_line(&out);
	bytes_add(&out, "", 1);
	ck_assert_ptr_nonnull(strstr((char *)out.data, "aaa\","
	    "{\"redacted\":19},{\"text\":\"123456\",\"bytes\":7}],"));
	ck_assert_ptr_nonnull(strstr((char *)out.data, ",\"left_out\":1}"));
	bytes_free(&out);
}
END_TEST

/* Replies: what each type of RESP is, with up to so many bytes of a string. */

static const struct value_case {
	size_t clip;
	const char *resp;
	const char *json;
} values[] = {
	{ 99, "+OK\r\n", "\"OK\"" },
	{ 99, "+\r\n", "\"\"" },
	{ 99, "+\377\r\n", "{\"base64\":\"/w==\"}" },
	{ 99, "-ERR \"no\"\r\n", "{\"error\":\"ERR \\\"no\\\"\"}" },
	{ 99, "-\377\r\n", "{\"error\":{\"base64\":\"/w==\"}}" },
	{ 99, "!5\r\nSY\r\nN\r\n", "{\"error\":\"SY\\r\\nN\"}" },
	{ 99, "$5\r\na\r\nb\t\r\n", "\"a\\r\\nb\\t\"" },
	{ 99, "$0\r\n\r\n", "\"\"" },
	{ 99, "$?\r\n;2\r\nab\r\n;1\r\nc\r\n;0\r\n", "\"abc\"" },
	{ 99, "$?\r\n;0\r\n", "\"\"" },
	{ 99, "$?\r\n;1\r\n\303\r\n;1\r\n\251\r\n;0\r\n", "\"\303\251\"" },
	{ 99, "=7\r\ntxt:a\"b\r\n",
	    "{\"verbatim\":\"txt\",\"text\":\"a\\\"b\"}" },
	{ 99, "=4\r\nmkd:\r\n", "{\"verbatim\":\"mkd\",\"text\":\"\"}" },
	{ 99, "=3\r\ntxt\r\n", "{\"verbatim\":null,\"text\":\"txt\"}" },
	{ 99, "=5\r\ntxt.a\r\n", "{\"verbatim\":null,\"text\":\"txt.a\"}" },
	{ 99, "=5\r\nt\377t:a\r\n",
	    "{\"verbatim\":null,\"text\":{\"base64\":\"dP90OmE=\"}}" },
	{ 99, "=5\r\ntxt:\377\r\n",
	    "{\"verbatim\":\"txt\",\"text\":{\"base64\":\"/w==\"}}" },

	{ 99, ":0\r\n", "0" },
	{ 99, ":-1\r\n", "-1" },
	{ 99, ":9007199254740992\r\n", "9007199254740992" },
	{ 99, ":-9007199254740992\r\n", "-9007199254740992" },
	{ 99, ":9007199254740993\r\n", "{\"bignum\":\"9007199254740993\"}" },
	{ 99, ":-9007199254740993\r\n", "{\"bignum\":\"-9007199254740993\"}" },
	{ 99, ":18446744073709551617\r\n",
	    "{\"bignum\":\"18446744073709551617\"}" },
	{ 99, ":007\r\n", "{\"integer\":\"007\"}" },
	{ 99, ":00\r\n", "{\"integer\":\"00\"}" },
	{ 99, ":+5\r\n", "{\"integer\":\"+5\"}" },
	{ 99, ":-\r\n", "{\"integer\":\"-\"}" },
	{ 99, ":-0\r\n", "{\"integer\":\"-0\"}" },
	{ 99, ":-012\r\n", "{\"integer\":\"-012\"}" },
	{ 99, ":\r\n", "{\"integer\":\"\"}" },
	{ 99, ":1e\r\n", "{\"integer\":\"1e\"}" },
	{ 99, ":1e5\r\n", "{\"integer\":\"1e5\"}" },
	{ 99, ":\377\r\n", "{\"integer\":{\"base64\":\"/w==\"}}" },
	{ 99, "(12\r\n", "{\"bignum\":\"12\"}" },
	{ 99, "(3492890328409238509324850943850943825024385\r\n",
	    "{\"bignum\":\"3492890328409238509324850943850943825024385\"}" },
	{ 99, ",3.5\r\n", "3.5" },
	{ 99, ",10\r\n", "10" },
	{ 99, ",-0\r\n", "-0" },
	{ 99, ",0.10\r\n", "0.10" },
	{ 99, ",-1.5e+10\r\n", "-1.5e+10" },
	{ 99, ",1E5\r\n", "1E5" },
	{ 99, ",1.7976931348623157e+308\r\n", "1.7976931348623157e+308" },
	{ 99, ",1e309\r\n", "{\"double\":\"1e309\"}" },
	{ 99, ",-1e309\r\n", "{\"double\":\"-1e309\"}" },
	{ 99, ",inf\r\n", "{\"double\":\"inf\"}" },
	{ 99, ",-inf\r\n", "{\"double\":\"-inf\"}" },
	{ 99, ",nan\r\n", "{\"double\":\"nan\"}" },
	{ 99, ",1e\r\n", "{\"double\":\"1e\"}" },
	{ 99, ",1e+\r\n", "{\"double\":\"1e+\"}" },
	{ 99, ",.5\r\n", "{\"double\":\".5\"}" },
	{ 99, ",5.\r\n", "{\"double\":\"5.\"}" },
	{ 99, ",1.e5\r\n", "{\"double\":\"1.e5\"}" },
	{ 99, ",+1.5\r\n", "{\"double\":\"+1.5\"}" },
	{ 99, ",01.5\r\n", "{\"double\":\"01.5\"}" },
	{ 99, ",1 \r\n", "{\"double\":\"1 \"}" },
	{ 99, ",0x1p3\r\n", "{\"double\":\"0x1p3\"}" },
	{ 99, ",\r\n", "{\"double\":\"\"}" },
	{ 99, "#t\r\n", "true" },
	{ 99, "#f\r\n", "false" },
	{ 99, "#\r\n", "{\"boolean\":\"\"}" },
	{ 99, "#true\r\n", "{\"boolean\":\"true\"}" },
	{ 99, "#x\r\n", "{\"boolean\":\"x\"}" },
	{ 99, "_\r\n", "null" },
	{ 99, "_x\r\n", "{\"null\":\"x\"}" },
	{ 99, "$-1\r\n", "null" },
	{ 99, "*-1\r\n", "null" },

	{ 99, "*0\r\n", "[]" },
	{ 99, "*1\r\n*1\r\n*0\r\n", "[[[]]]" },
	{ 99, "*3\r\n:1\r\n$1\r\na\r\n*2\r\n_\r\n*0\r\n",
	    "[1,\"a\",[null,[]]]" },
	{ 99, "*?\r\n:1\r\n:2\r\n.\r\n", "[1,2]" },
	{ 99, "*?\r\n.\r\n", "[]" },
	{ 99, "~0\r\n", "{\"set\":[]}" },
	{ 99, "~2\r\n+a\r\n#t\r\n", "{\"set\":[\"a\",true]}" },
	{ 99, ">2\r\n+a\r\n:1\r\n", "{\"push\":[\"a\",1]}" },
	{ 99, "%0\r\n", "{\"map\":[]}" },
	{ 99, "%2\r\n+a\r\n:1\r\n+b\r\n*2\r\n:2\r\n:3\r\n",
	    "{\"map\":[[\"a\",1],[\"b\",[2,3]]]}" },
	{ 99, "%1\r\n%1\r\n+a\r\n+b\r\n%1\r\n+c\r\n+d\r\n",
	    "{\"map\":[[{\"map\":[[\"a\",\"b\"]]},"
	    "{\"map\":[[\"c\",\"d\"]]}]]}" },
	{ 99, "*2\r\n%1\r\n+a\r\n+b\r\n:1\r\n",
	    "[{\"map\":[[\"a\",\"b\"]]},1]" },
	{ 99, "%?\r\n+a\r\n:1\r\n.\r\n", "{\"map\":[[\"a\",1]]}" },

	{ 99, "|1\r\n+a\r\n+b\r\n:2\r\n",
	    "{\"attribute\":[[\"a\",\"b\"]],\"value\":2}" },
	{ 99, "|0\r\n*1\r\n:1\r\n", "{\"attribute\":[],\"value\":[1]}" },
	{ 99, "|1\r\n+a\r\n+b\r\n|0\r\n:2\r\n",
	    "{\"attribute\":[[\"a\",\"b\"]],\"value\":"
	    "{\"attribute\":[],\"value\":2}}" },
	{ 99, "*2\r\n:1\r\n|0\r\n:2\r\n",
	    "[1,{\"attribute\":[],\"value\":2}]" },
	{ 99, "*2\r\n|0\r\n:1\r\n:2\r\n",
	    "[{\"attribute\":[],\"value\":1},2]" },
	{ 99, "%2\r\n|0\r\n+k\r\n|0\r\n+v\r\n|0\r\n|0\r\n+l\r\n+w\r\n",
	    "{\"map\":[[{\"attribute\":[],\"value\":\"k\"},"
	    "{\"attribute\":[],\"value\":\"v\"}],"
	    "[{\"attribute\":[],\"value\":{\"attribute\":[],"
	    "\"value\":\"l\"}},\"w\"]]}" },
	{ 99, "|1\r\n|0\r\n+a\r\n+b\r\n:2\r\n",
	    "{\"attribute\":[[{\"attribute\":[],\"value\":\"a\"},"
	    "\"b\"]],\"value\":2}" },

	/* --clip */
	{ 4, "$4\r\nfour\r\n", "\"four\"" },
	{ 4, "$5\r\nfive.\r\n", "{\"text\":\"five\",\"bytes\":5}" },
	{ 4, "+five.\r\n", "{\"text\":\"five\",\"bytes\":5}" },
	{ 4, "-five.\r\n", "{\"error\":{\"text\":\"five\",\"bytes\":5}}" },
	{ 4, "$5\r\ncaf\303\251\r\n",
	    "{\"base64\":\"Y2Fmww==\",\"bytes\":5}" },
	{ 4, "$?\r\n;3\r\nfiv\r\n;2\r\ne.\r\n;0\r\n",
	    "{\"text\":\"five\",\"bytes\":5}" },
	{ 5, "=7\r\ntxt:abc\r\n",
	    "{\"verbatim\":\"txt\",\"text\":{\"text\":\"a\",\"bytes\":3}}" },
	{ 2, "=7\r\ntxt:abc\r\n",
	    "{\"verbatim\":null,\"text\":{\"text\":\"tx\",\"bytes\":7}}" },
	{ 1, ":12345\r\n", "12345" },
	{ 1, ",1.25\r\n", "1.25" },
	{ 1, "(12345\r\n", "{\"bignum\":\"12345\"}" },
	{ 0, "#t\r\n", "true" },
	{ 4, ":1234567890123456789012345678901234567890\r\n",
	    "{\"integer\":{\"text\":\"1234\",\"bytes\":40}}" },
	{ 4, ",1.34567890123456789012345678901234567890\r\n",
	    "{\"double\":{\"text\":\"1.34\",\"bytes\":40}}" },
	{ 4, "(3492890328409238509324850943850943825024385\r\n",
	    "{\"bignum\":{\"text\":\"3492\",\"bytes\":43}}" },

	/* Not, or not wholly, one reply */
	{ 99, "", "{\"opaque\":\"\"}" },
	{ 99, "hello\r\n", "{\"opaque\":\"hello\\r\\n\"}" },
	{ 99, "\377", "{\"opaque\":{\"base64\":\"/w==\"}}" },
	{ 1, "+OK", "{\"opaque\":\"+OK\"}" },
	{ 1, "+OK\n", "{\"opaque\":\"+OK\\n\"}" },
	{ 1, "+OK\r\n+OK\r\n", "{\"opaque\":\"+OK\\r\\n+OK\\r\\n\"}" },
	{ 1, "$10\r\nabc", "{\"opaque\":\"$10\\r\\nabc\"}" },
	{ 1, "*2\r\n%1\r\n+a\r\n",
	    "{\"opaque\":\"*2\\r\\n%1\\r\\n+a\\r\\n\"}" },
	{ 1, "*2\r\n:1\r\n", "{\"opaque\":\"*2\\r\\n:1\\r\\n\"}" },
	{ 1, "|0\r\n", "{\"opaque\":\"|0\\r\\n\"}" },
	{ 1, "%?\r\n+a\r\n.\r\n", "{\"opaque\":\"%?\\r\\n+a\\r\\n.\\r\\n\"}" },
	{ 1, "*?\r\n|0\r\n.\r\n", "{\"opaque\":\"*?\\r\\n|0\\r\\n.\\r\\n\"}" }
};

START_TEST(value_is_json)
{
	const struct value_case *c = &values[_i];
	struct record_bytes in = { .data = (const uint8_t *)c->resp };
	struct bytes out = { 0 };

	in.len = strlen(c->resp);
	json_value_add(&out, &in, c->clip);
	assert_is(&out, c->json);
}
END_TEST

/* Replies with secrets */

static const struct {
	size_t clip;
	struct record_bytes in;
	const char *json;
	const char *text;	/* what notation makes of the same */
} secrets[] = {
	{ 99, { STREAM("$6\r\nsecret\r\n"), SPANS({ 4, 6 }) },
	    "{\"redacted\":6}", "<redacted 6 bytes>" },
	{ 2, { STREAM("$6\r\nsecret\r\n"), SPANS({ 4, 6 }) },
	    "{\"redacted\":6}", "<redacted 6 bytes>" },
	{ 99, { STREAM("+pw\r\n"), SPANS({ 1, 2 }) },
	    "{\"redacted\":2}", "<redacted 2 bytes>" },
	{ 99, { STREAM("-pw\r\n"), SPANS({ 1, 2 }) },
	    "{\"error\":{\"redacted\":2}}", "(error) <redacted 2 bytes>" },
	{ 99, { STREAM(":12\r\n"), SPANS({ 1, 2 }) },
	    "{\"integer\":{\"redacted\":2}}",
	    "(integer) <redacted 2 bytes>" },
	{ 99, { STREAM("#t\r\n"), SPANS({ 1, 1 }) },
	    "{\"boolean\":{\"redacted\":1}}", "(boolean) <redacted 1 byte>" },
	{ 99, { STREAM(",1.5\r\n"), SPANS({ 2, 1 }) },
	    "{\"double\":{\"parts\":[\"1\",{\"redacted\":1},\"5\"]}}",
	    "(double) 1 <redacted 1 byte> 5" },
	{ 99, { STREAM("$5\r\na pw\377\r\n"), SPANS({ 6, 2 }) },
	    "{\"parts\":[\"a \",{\"redacted\":2},{\"base64\":\"/w==\"}]}",
	    "\"a \" <redacted 2 bytes> \"\\xff\"" },
	{ 3, { STREAM("$5\r\na pw\377\r\n"), SPANS({ 6, 2 }) },
	    "{\"parts\":[\"a \",{\"redacted\":1}],\"bytes\":5}",
	    "\"a \" <redacted 1 byte>... (2 more bytes)" },
	{ 2, { STREAM("$5\r\na pw\377\r\n"), SPANS({ 6, 2 }) },
	    "{\"text\":\"a \",\"bytes\":5}", "\"a \"... (3 more bytes)" },
	{ 1, { STREAM("$5\r\npw...\r\n"), SPANS({ 4, 2 }) },
	    "{\"parts\":[{\"redacted\":1}],\"bytes\":5}",
	    "<redacted 1 byte>... (4 more bytes)" },
	{ 99, { STREAM("+to=pw\r\n"), SPANS({ 4, 2 }) },
	    "{\"parts\":[\"to=\",{\"redacted\":2}]}",
	    "to= <redacted 2 bytes>" },
	{ 99, { STREAM("=6\r\ntxt:pw\r\n"), SPANS({ 8, 2 }) },
	    "{\"verbatim\":\"txt\",\"text\":{\"redacted\":2}}",
	    "(verbatim) \"txt:\" <redacted 2 bytes>" },
	{ 99, { STREAM("=6\r\ntxt:pw\r\n"), SPANS({ 4, 6 }) },
	    "{\"verbatim\":null,\"text\":{\"redacted\":6}}",
	    "(verbatim) <redacted 6 bytes>" },
	/* Each string has its own. */
	{ 99, { STREAM("*4\r\n+a\r\n+b\r\n+c\r\n+d\r\n"),
	    SPANS({ 5, 1 }, { 9, 1 }, { 17, 1 }) },
	    "[{\"redacted\":1},{\"redacted\":1},\"c\",{\"redacted\":1}]",
	    "[<redacted 1 byte>, <redacted 1 byte>, c, <redacted 1 byte>]" },
	/* Over all of two. */
	{ 99, { STREAM("*3\r\n+a\r\n+b\r\n+c\r\n"), SPANS({ 5, 5 }) },
	    "[{\"redacted\":1},{\"redacted\":1},\"c\"]",
	    "[<redacted 1 byte>, <redacted 1 byte>, c]" },
	/* In chunks: all or nothing. */
	{ 99, { STREAM("$?\r\n;2\r\nab\r\n;2\r\npw\r\n;0\r\n"),
	    SPANS({ 16, 2 }) }, "{\"redacted\":4}", "<redacted 4 bytes>" },
	{ 99, { STREAM("$?\r\n;2\r\npw\r\n;2\r\nab\r\n;0\r\n"),
	    SPANS({ 9, 1 }) }, "{\"redacted\":4}", "<redacted 4 bytes>" },
	{ 1, { STREAM("$?\r\n;2\r\nab\r\n;2\r\npw\r\n;0\r\n"),
	    SPANS({ 16, 2 }) }, "{\"redacted\":4}", "<redacted 4 bytes>" },
	{ 99, { STREAM("*2\r\n$?\r\n;1\r\na\r\n;1\r\nb\r\n;0\r\n+pw\r\n"),
	    SPANS({ 27, 2 }) }, "[\"ab\",{\"redacted\":2}]",
	    "[\"ab\", <redacted 2 bytes>]" },
	/* What is no reply */
	{ 99, { STREAM("xpw\r\n"), SPANS({ 1, 2 }) },
	    "{\"opaque\":{\"parts\":[\"x\",{\"redacted\":2},\"\\r\\n\"]}}",
	    "\"x\" <redacted 2 bytes> \"\\r\\n\"" },
	{ 99, { STREAM("*2\r\n+pw\r\n+pw"), SPANS({ 5, 2 }, { 10, 2 }) },
	    "{\"opaque\":{\"parts\":[\"*2\\r\\n+\",{\"redacted\":2},"
	    "\"\\r\\n+\",{\"redacted\":2}]}}",
	    "[<redacted 2 bytes> \"+\" <redacted 2 bytes>" }
};

START_TEST(secret_bytes_are_not_shown)
{
	struct bytes out = { 0 };

	json_value_add(&out, &secrets[_i].in, secrets[_i].clip);
	assert_is(&out, secrets[_i].json);
	notation_add(&out, &secrets[_i].in, secrets[_i].clip, false);
	assert_is(&out, secrets[_i].text);
}
END_TEST

START_TEST(reply_has_64_kib_of_strings)
{
	static uint8_t big[65534];
	struct bytes value = { 0 }, out = { 0 };
	struct record_bytes in = { .data = NULL };

	memset(big, 'a', sizeof(big));
	bytes_add_string(&value, "*6\r\n$65534\r\n");
	bytes_add(&value, big, sizeof(big));
	bytes_add_string(&value,
	    "\r\n:12345\r\n:1\r\n$2\r\nbc\r\n#t\r\n$-1\r\n");
	in.data = value.data;
	in.len = value.len;
	json_value_add(&out, &in, sizeof(big));
	bytes_add(&out, "", 1);
	ck_assert_str_eq(strchr((char *)out.data, ','),
	    ",{\"integer\":{\"text\":\"\",\"bytes\":5}},1,"
	    "{\"text\":\"b\",\"bytes\":2},"
	    "{\"boolean\":{\"text\":\"\",\"bytes\":1}},null]");
	bytes_free(&value);
	bytes_free(&out);
}
END_TEST

START_TEST(opaque_has_64_kib_of_strings)
{
	struct bytes value = { 0 }, out = { 0 };
	struct record_bytes in = { .data = NULL };
	int i;

	for (i = 0; i < 65537; i++)
		bytes_add(&value, "a", 1);
	in.data = value.data;
	in.len = value.len;
	json_value_add(&out, &in, 1);
	bytes_add(&out, "", 1);
	ck_assert_ptr_nonnull(strstr((char *)out.data,
	    "a\",\"bytes\":65537}}"));
	ck_assert_uint_lt(out.len, 65537 + 40);
	bytes_free(&value);
	bytes_free(&out);
}
END_TEST

/* Of a string in chunks that is secret, all is counted. */
START_TEST(long_secret_in_chunks_is_counted)
{
	static uint8_t big[60000];
	struct span span = { 60030, 1 };
	struct bytes value = { 0 }, out = { 0 };
	struct record_bytes in = { .secrets = &span, .nsecrets = 1 };
	int i;

	memset(big, 'a', sizeof(big));
	bytes_add_string(&value, "$?\r\n");
	for (i = 0; i < 2; i++) {
		bytes_add_string(&value, ";60000\r\n");
		bytes_add(&value, big, sizeof(big));
		bytes_add_string(&value, "\r\n");
	}
	bytes_add_string(&value, ";0\r\n");
	in.data = value.data;
	in.len = value.len;
	json_value_add(&out, &in, sizeof(big) + 99);
	assert_is(&out, "{\"redacted\":120000}");
	bytes_free(&value);
}
END_TEST

/* Without bytes there need not be a place for them. */
START_TEST(nothing_is_opaque_too)
{
	struct record_bytes in = { .data = NULL };
	struct bytes out = { 0 };

	json_value_add(&out, &in, 99);
	notation_add(&out, &in, 99, false);
	assert_is(&out, "{\"opaque\":\"\"}\"\"");
}
END_TEST

/* What nests so deep that a reader of JSON might give up is opaque. */

static const struct {
	const char *level;
	int depth;
	bool opaque;
} depths[] = {
	{ "*1\r\n", 100, false },
	{ "*1\r\n", 101, true },
	{ "*1\r\n", 127, true },
	{ "*1\r\n", 129, true },
	{ "~1\r\n", 50, false },
	{ "~1\r\n", 51, true },
	{ "%1\r\n+k\r\n", 33, false },
	{ "%1\r\n+k\r\n", 34, true },
	{ "|0\r\n", 98, false },
	{ "|0\r\n", 100, true },
	{ "|0\r\n", 10000, true }
};

START_TEST(depth_of_json_is_bounded)
{
	struct format_state state = { .options.clip = 9 };
	struct record r = { .event = RECORD_PUSH };
	struct bytes value = { 0 }, out = { 0 };
	int i;

	for (i = 0; i < depths[_i].depth; i++)
		bytes_add_string(&value, depths[_i].level);
	bytes_add_string(&value, "=5\r\ntxt:a\r\n");
	r.u.bytes.data = value.data;
	r.u.bytes.len = value.len;
	format_json(&state, &r, &out);
	assert_json_line(&out);
	bytes_add(&out, "", 1);
	ck_assert_int_eq(strstr((char *)out.data, "\"opaque\"") != NULL,
	    depths[_i].opaque);
	bytes_free(&value);
	bytes_free(&out);
}
END_TEST

/* Any bytes */

#define ROUNDS 300
#define RANDOM_MAX 4000

/* Numbers that look random: the same ones each time. */
static uint32_t
next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return (*state >> 8);
}

/* Ends with a NUL that does not count. */
static size_t
random_bytes(uint32_t *state, uint8_t *data, size_t most)
{
	static const uint8_t odd[] =
	    "\"\\\n\r\t\b\0 {}[]:,019-+.e$*%~|>#_(\x7f\x80\xc3\xa9\xff";
	size_t len = next_random(state) % most, i;
	uint32_t kind = next_random(state) % 3;

	for (i = 0; i < len; i++) {
		data[i] = odd[next_random(state) % (sizeof(odd) - 1)];
		if (kind == 0 || next_random(state) % 4 == 0)
			data[i] = (uint8_t)next_random(state);
		if (kind == 1)
			data[i] &= 0x7f;
	}
	data[len] = '\0';
	return (len);
}

/* Spans in order, disjoint, none of them empty. */
static size_t
random_spans(uint32_t *state, size_t len, struct span *spans,
    size_t most)
{
	size_t n = 0, at = 0;

	if (next_random(state) % 2 == 0)
		return (0);
	while (n < most) {
		at += next_random(state) % 400;
		if (at >= len)
			break;
		spans[n].at = at;
		spans[n].len = next_random(state) % 300 + 1;
		if (spans[n].len > len - at)
			spans[n].len = len - at;
		at += spans[n++].len;
	}
	return (n);
}

struct sample {
	uint8_t data[RANDOM_MAX + 1];
	char text[RANDOM_MAX + 1];	/* without NULs */
	size_t len;
	struct span spans[8];
	struct record_bytes bytes;
};

static void
make_sample(struct sample *x, uint32_t *state)
{
	size_t i;

	memset(x, 0, sizeof(*x));
	x->len = random_bytes(state, x->data, RANDOM_MAX);
	for (i = 0; i < x->len; i++)
		x->text[i] = (char)(x->data[i] != 0 ? x->data[i] : '\n');
	x->bytes.data = x->data;
	x->bytes.len = x->len;
	x->bytes.offset = next_random(state);
	x->bytes.secrets = x->spans;
	x->bytes.nsecrets = random_spans(state, x->len, x->spans,
	    sizeof(x->spans) / sizeof(x->spans[0]));
}

static void
fill_record(struct record *r, const struct sample *x)
{
	switch (r->event) {
	case RECORD_OPEN:
		r->u.open.peer = r->u.open.local = x->text;
		break;
	case RECORD_RECV:
	case RECORD_SEND:
	case RECORD_PUSH:
		r->u.bytes = x->bytes;
		break;
	case RECORD_EDIT:
		r->u.edit.side = x->text;
		r->u.edit.came = r->u.edit.went = x->bytes;
		break;
	case RECORD_CMD:
		r->u.cmd.args = &args;
		args.total = args.n + (uint32_t)x->len % 3;
		break;
	case RECORD_REPLY:
		r->u.reply.name = &args.v[0];
		r->u.reply.value = x->bytes;
		break;
	case RECORD_ERROR:
		r->u.error.byte = (int)(x->len % 300) - 1;
		r->u.error.rule = r->u.error.text = x->text;
		break;
	case RECORD_CLOSE:
	case RECORD_EVENTS:
		r->u.close.reason = x->text;
		break;
	}
}

/* All in all a megabyte through every event. */
START_TEST(any_bytes_anywhere_are_valid_json)
{
	struct format_state state = { .options.clip = 0 };
	uint32_t random = (uint32_t)_i;
	struct bytes out = { 0 };
	struct record r;
	struct sample x;
	unsigned i;

	for (i = 0; i < RECORD_EVENTS; i++) {
		make_sample(&x, &random);
		state.options.clip = next_random(&random) % RANDOM_MAX;
		state.options.snaplen = next_random(&random) % RANDOM_MAX;
		args.n = 2;
		args.v[0] = (struct arg){ x.data, (uint32_t)x.len,
			(uint32_t)x.len, false };
		args.v[1] = (struct arg){ x.data, (uint32_t)x.len,
			(uint32_t)x.len + 2, i % 2 == 0 };
		r = (struct record){ .event = (enum record_event)i,
			.when = when, .client = x.text };
		fill_record(&r, &x);
		out.len = 0;
		format_json(&state, &r, &out);
		assert_json_line(&out);
	}
	bytes_free(&out);
}
END_TEST

/* The bytes that a recv record tells, asterisks for those that are secret. */

static void
decode_base64(struct bytes *string)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i, n = 0;
	uint32_t bits = 0;

	ck_assert_uint_eq(string->len % 4, 0);
	for (i = 0; i < string->len && string->data[i] != '='; i++) {
		const char *c = strchr(letters, string->data[i]);

		if (c == NULL)
			ck_abort_msg("'%c' in base64", string->data[i]);
		bits = bits << 6 | (uint32_t)(c - letters);
		if (i % 4 > 0)
			string->data[n++] =
			    (uint8_t)(bits >> (6 - 2 * (i % 4)));
	}
	string->len = n;
}

static void
read_run(struct reader *r, struct bytes *back)
{
	const uint8_t *number;
	long n;

	if (accept(r, "{\"redacted\":")) {
		number = r->p;
		read_number(r);
		for (n = strtol((const char *)number, NULL, 10); n > 0; n--)
			bytes_add(back, "*", 1);
		EXPECT(r, accept(r, "}"));
		return;
	}
	if (accept(r, "{\"base64\":")) {
		read_string(r);
		decode_base64(&r->string);
		EXPECT(r, accept(r, "}"));
	} else {
		read_string(r);
	}
	bytes_add(back, r->string.data, r->string.len);
}

static void
read_data(struct reader *r, struct bytes *back)
{
	if (accept(r, "\"data_base64\":")) {
		read_string(r);
		decode_base64(&r->string);
		bytes_add(back, r->string.data, r->string.len);
		return;
	}
	EXPECT(r, accept(r, "\"data\":"));
	if (!accept(r, "[")) {
		read_run(r, back);
		return;
	}
	do
		read_run(r, back);
	while (accept(r, ","));
	EXPECT(r, accept(r, "]"));
}

START_TEST(bytes_can_be_had_back)
{
	struct format_state state = { .options.snaplen = 0 };
	struct record r = { .event = RECORD_RECV, .conn = 7, .when = when };
	struct bytes out = { 0 }, back = { 0 };
	uint32_t random = (uint32_t)_i;
	struct reader reader;
	struct sample x;
	size_t i;

	make_sample(&x, &random);
	r.u.bytes = x.bytes;
	format_json(&state, &r, &out);
	bytes_add(&out, "", 1);
	reader = (struct reader){
		.p = (uint8_t *)strstr((char *)out.data, "\"data"),
		.end = out.data + out.len - 1,
	};
	read_data(&reader, &back);
	EXPECT(&reader, accept(&reader, "}\n") && reader.p == reader.end);
	for (i = 0; i < x.bytes.nsecrets; i++)
		memset(x.data + x.spans[i].at, '*', x.spans[i].len);
	ck_assert_uint_eq(back.len, x.len);
	if (x.len > 0)
		ck_assert_mem_eq(back.data, x.data, x.len);
	bytes_free(&out);
	bytes_free(&back);
	bytes_free(&reader.string);
}
END_TEST

/* Replies grown at random: valid JSON, and the same whatever is secret. */

#define SPANS_MAX 4000

struct tree {
	uint32_t random;
	struct bytes resp;
	struct span spans[SPANS_MAX];
	size_t nspans;
};

/* Some of the last n bytes are secret. */
static void
maybe_secret(struct tree *t, size_t n)
{
	size_t at;

	if (n == 0 || t->nspans == SPANS_MAX || next_random(&t->random) % 2)
		return;
	at = next_random(&t->random) % 2 ? 0 : next_random(&t->random) % n;
	t->spans[t->nspans++] = (struct span){
		t->resp.len - n + at,
		at == 0 && next_random(&t->random) % 2 ? n :
		    next_random(&t->random) % (n - at) + 1 };
}

static void
grow_line(struct tree *t, char type)
{
	static const char letters[] = "0123456789+-.etf\"\\\t\303\251\377 ";
	size_t n = next_random(&t->random) % 20, i;

	bytes_add(&t->resp, &type, 1);
	for (i = 0; i < n; i++)
		bytes_add(&t->resp, &letters[next_random(&t->random) %
		    (sizeof(letters) - 1)], 1);
	maybe_secret(t, n);
	bytes_add(&t->resp, "\r\n", 2);
}

static void
grow_bulk(struct tree *t, char type)
{
	uint8_t data[101];
	size_t n = random_bytes(&t->random, data, 100);

	bytes_addf(&t->resp, "%c%zu\r\n", type, n);
	bytes_add(&t->resp, data, n);
	maybe_secret(t, n);
	bytes_add(&t->resp, "\r\n", 2);
}

static void
grow_chunks(struct tree *t)
{
	uint32_t n = next_random(&t->random) % 4;

	bytes_add_string(&t->resp, "$?\r\n");
	while (n-- > 0) {
		bytes_add_string(&t->resp, ";3\r\na\303\251");
		maybe_secret(t, 3);
		bytes_add_string(&t->resp, "\r\n");
	}
	bytes_add_string(&t->resp, ";0\r\n");
}

static void
grow(struct tree *t, int depth)
{
	static const char types[] = "+-:,#_($$!=?****%%~|";
	char type = types[next_random(&t->random) % (sizeof(types) - 1)];
	bool streamed = next_random(&t->random) % 4 == 0;
	uint32_t n = next_random(&t->random) % 5, i;

	if (strchr("+-:,#_(", type) != NULL) {
		grow_line(t, type);
	} else if (strchr("$!=", type) != NULL) {
		grow_bulk(t, type);
	} else if (type == '?' || depth == 0) {
		grow_chunks(t);
	} else {
		if (streamed)
			bytes_addf(&t->resp, "%c?\r\n", type);
		else
			bytes_addf(&t->resp, "%c%u\r\n", type, n);
		n *= type == '%' || type == '|' ? 2 : 1;
		for (i = 0; i < n; i++)
			grow(t, depth - 1);
		if (streamed)
			bytes_add_string(&t->resp, ".\r\n");
		if (type == '|')
			grow(t, depth - 1);
	}
}

/* Other bytes for those that are secret. */
static void
change_secrets(struct tree *t)
{
	size_t i, j;

	for (i = 0; i < t->nspans; i++)
		for (j = 0; j < t->spans[i].len; j++)
			t->resp.data[t->spans[i].at + j] =
			    (uint8_t)(' ' + next_random(&t->random) % 224);
}

static void
write_twice(struct tree *t, const struct record_bytes *in, size_t clip)
{
	struct format_state state = { .options.clip = clip };
	struct record r = { .event = RECORD_PUSH, .u.bytes = *in };
	struct bytes json[2] = { { 0 } }, text[2] = { { 0 } };
	int i;

	for (i = 0; i < 2; i++) {
		format_json(&state, &r, &json[i]);
		assert_json_line(&json[i]);
		bytes_add(&json[i], "", 1);
		notation_add(&text[i], in, clip, false);
		bytes_add(&text[i], "", 1);
		change_secrets(t);
	}
	ck_assert_str_eq((char *)json[0].data, (char *)json[1].data);
	ck_assert_str_eq((char *)text[0].data, (char *)text[1].data);
	/* Such a tree is a reply: nothing about it is unclear. */
	if (in->len == t->resp.len)
		ck_assert_ptr_null(strstr((char *)json[0].data, "opaque"));
	for (i = 0; i < 2; i++) {
		bytes_free(&json[i]);
		bytes_free(&text[i]);
	}
}

START_TEST(any_reply_is_valid_json_without_its_secrets)
{
	static struct tree t;
	struct record_bytes in;

	t.random = (uint32_t)_i;
	t.resp = (struct bytes){ 0 };
	t.nspans = 0;
	grow(&t, 5);
	in = (struct record_bytes){ .data = t.resp.data, .len = t.resp.len,
		.secrets = t.spans, .nsecrets = t.nspans };
	write_twice(&t, &in, 1 + next_random(&t.random) % 100);
	/* Cut off */
	in.len = next_random(&t.random) % in.len;
	while (in.nsecrets > 0 && t.spans[in.nsecrets - 1].at +
	    t.spans[in.nsecrets - 1].len > in.len)
		in.nsecrets--;
	t.nspans = in.nsecrets;
	write_twice(&t, &in, 1 + next_random(&t.random) % 100);
	bytes_free(&t.resp);
}
END_TEST

/* As many secrets as strings: no slower than without. */
START_TEST(many_secrets_take_no_long_time)
{
	const int n = 26000;	/* that is about REPLY_KEEP */
	struct span *spans = calloc((size_t)n, sizeof(*spans));
	struct bytes value = { 0 }, out = { 0 };
	struct record_bytes in;
	int i;

	ck_assert_ptr_nonnull(spans);
	bytes_addf(&value, "*%d\r\n", n);
	for (i = 0; i < n; i++) {
		spans[i] = (struct span){ value.len + 1, 2 };
		bytes_add_string(&value, "+pw\r\n");
	}
	in = (struct record_bytes){ .data = value.data, .len = value.len,
		.secrets = spans, .nsecrets = (size_t)n };
	json_value_add(&out, &in, 99);
	ck_assert_uint_eq(out.len, (size_t)n * 15 + 1);
	out.len = 0;
	notation_add(&out, &in, 99, false);
	ck_assert_uint_eq(out.len, (size_t)n * 20);
	bytes_free(&value);
	bytes_free(&out);
	free(spans);
}
END_TEST

static Suite *
json_suite(void)
{
	Suite *s = suite_create("json");
	TCase *string = tcase_create("strings");
	TCase *record = tcase_create("records");
	TCase *value = tcase_create("values");
	TCase *any = tcase_create("any bytes");

	tcase_add_loop_test(string, what_shows_itself_stays, 0,
	    COUNT(characters));
	tcase_add_loop_test(string, every_character_comes_back, 0, 0x110);
	tcase_add_loop_test(string, utf8_is_told_from_other_bytes, 0,
	    COUNT(encodings));
	tcase_add_loop_test(string, base64_is_rfc_4648s, 0, COUNT(base64));
	tcase_add_test(string, escapes_are_those_of_json);
	tcase_add_test(string, long_strings_stay_whole);
	suite_add_tcase(s, string);
	tcase_add_loop_test(record, record_is_a_line, 0, COUNT(lines));
	tcase_add_test(record, time_is_utc);
	tcase_add_loop_test(record, command_is_a_line, 0, COUNT(commands));
	tcase_add_test(record, command_has_64_kib_of_strings);
	suite_add_tcase(s, record);
	tcase_add_loop_test(value, value_is_json, 0, COUNT(values));
	tcase_add_loop_test(value, secret_bytes_are_not_shown, 0,
	    COUNT(secrets));
	tcase_add_test(value, reply_has_64_kib_of_strings);
	tcase_add_test(value, opaque_has_64_kib_of_strings);
	tcase_add_test(value, long_secret_in_chunks_is_counted);
	tcase_add_test(value, nothing_is_opaque_too);
	tcase_add_loop_test(value, depth_of_json_is_bounded, 0,
	    COUNT(depths));
	suite_add_tcase(s, value);
	tcase_add_loop_test(any, any_bytes_anywhere_are_valid_json, 0,
	    ROUNDS);
	tcase_add_loop_test(any, bytes_can_be_had_back, 0, ROUNDS);
	tcase_add_loop_test(any, any_reply_is_valid_json_without_its_secrets,
	    0, ROUNDS);
	tcase_add_test(any, many_secrets_take_no_long_time);
	suite_add_tcase(s, any);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(json_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
