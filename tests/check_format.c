/*
 * Formats: golden files for what the eye should see, and what holds for any
 * bytes.
 *
 * With CHECK_FORMAT_WRITE=1 the golden files are written, not compared: then
 * read what changed.
 */
#include "config.h"

#include "format/format.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "format/quote.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))

/* 2026-11-23T11:00:01Z */
#define SECOND 1795431601

/* What one golden file holds, while it is written. */
struct sheet {
	const struct format *format;
	struct format_state state;
	struct timespec when;
	struct bytes out;
};

/* Every byte once, in order; main() fills it. */
static uint8_t every_byte[256];

/* One at a time is enough, and it is too big for the stack of a test. */
static struct args args;

static void
write_record(struct sheet *s, const struct record *r)
{
	struct record copy = *r;

	copy.when = s->when;
	s->format->write(&s->state, &copy, &s->out);
	ck_assert(!s->out.failed);
}

/* The golden files: opens, errors, closes */

#define NO_BYTE -1

static const struct record lives[] = {
	{ .event = RECORD_OPEN, .conn = 1,
	    .u.open = { "127.0.0.1:51514", "127.0.0.1:6379" } },
	{ .event = RECORD_OPEN, .conn = 2, .u.open = { "unix:", "unix:/s" } },
	{ .event = RECORD_OPEN, .conn = UINT64_MAX,
	    .u.open = { "unix:/tmp/a \"b\\\"\n\033[1m\177", "unix:/s" } },
	{ .event = RECORD_ERROR, .conn = 1, .u.error = { 4, 'f',
	    "invalid-bulk-mark", "Protocol error: expected '$', got 'f'" } },
	{ .event = RECORD_ERROR, .conn = 1, .u.error = { UINT64_MAX, '"',
	    "x", "a \"quoted\" word" } },
	{ .event = RECORD_ERROR, .conn = 1, .u.error = { 0, 0, "x", "" } },
	{ .event = RECORD_ERROR, .conn = 1, .u.error = { 1, 255, "x",
	    "got '\377', CR \r and LF \n" } },
	{ .event = RECORD_ERROR, .conn = 0, .u.error = { 0, NO_BYTE, "dropped",
	    "5 records dropped: the reader of the trace is slow" } },
	{ .event = RECORD_CLOSE, .conn = 1,
	    .u.close = { "eof", NULL, 46, 1, 5 } },
	{ .event = RECORD_CLOSE, .conn = 2,
	    .u.close = { "reset", "upstream", 0, 0, 0 } },
	{ .event = RECORD_CLOSE, .conn = 3,
	    .u.close = { "protocol error", NULL, 1, 2, 1 } },
	{ .event = RECORD_CLOSE, .conn = UINT64_MAX,
	    .u.close = { "shutdown", NULL, UINT64_MAX, UINT64_MAX,
	    UINT64_MAX } }
};

static void
write_lives(struct sheet *s)
{
	int i;

	for (i = 0; i < COUNT(lives); i++)
		write_record(s, &lives[i]);
}

/* Bytes, with and without secrets */

#define STREAM(s) .data = (const uint8_t *)(s), .len = sizeof(s) - 1
#define SPANS(...)                                                             \
	.secrets = (const struct span[]){ __VA_ARGS__ },                \
	.nsecrets = sizeof((const struct span[]){ __VA_ARGS__ }) /      \
	    sizeof(struct span)
#define AUTH STREAM("AUTH user pass\r\n")

static const struct record_bytes chunks[] = {
	{ STREAM("*1\r\n$4\r\nPING\r\n") },
	{ STREAM("") },
	{ STREAM("x"), .offset = 14 },
	{ .data = every_byte, .len = sizeof(every_byte), .offset = 15 },
	{ STREAM("sixteen bytes..."), .offset = 0xfffffffff0 },
	{ STREAM("seventeen bytes.."), .offset = 0xfffffff8 },
	{ AUTH, SPANS({ 0, 4 }) },
	{ AUTH, SPANS({ 5, 4 }) },
	{ AUTH, SPANS({ 10, 6 }) },
	{ AUTH, SPANS({ 0, 16 }) },
	{ AUTH, SPANS({ 5, 4 }, { 10, 4 }) },
	{ AUTH, SPANS({ 5, 4 }, { 9, 5 }) },
	{ AUTH, SPANS({ 0, 1 }, { 15, 1 }) },
	{ STREAM("*2\r\n$4\r\nAUTH\r\n$20\r\naaaabbbbccccddddeeee\r\n"),
	    SPANS({ 19, 20 }), .offset = 100 }
};

static void
write_chunks(struct sheet *s)
{
	struct record r = { .event = RECORD_RECV, .conn = 1 };
	int i;

	for (i = 0; i < COUNT(chunks); i++) {
		r.u.bytes = chunks[i];
		write_record(s, &r);
	}
	r.event = RECORD_SEND;
	r.u.bytes = (struct record_bytes){ STREAM("+PONG\r\n") };
	write_record(s, &r);
}

/* Commands */

#define CUT(s, size) { (const uint8_t *)(s), sizeof(s) - 1, size, false }
#define WORD(s) CUT(s, sizeof(s) - 1)

static const struct command {
	uint64_t no;
	uint32_t total;		/* arguments that the client sent */
	uint32_t n;		/* of these here */
	struct arg v[3];
} commands[] = {
	{ 1, 3, 3, { WORD("set"), WORD("greeting"), WORD("hello world") } },
	{ 2, 1, 1, { WORD("ping") } },
	{ 3, 2, 2, { WORD(""), WORD("") } },
	{ 4, 2, 2, { WORD("echo"), { every_byte, 256, 256, false } } },
	{ 5, 2, 2, { WORD("echo"), CUT("aaaa", 536870912) } },
	{ 6, 3, 3, { CUT("aaa", 4), CUT("", 1), CUT("", 536870912) } },
	{ 7, 3, 2, { WORD("del"), WORD("a") } },
	{ 8, 2147483647, 2, { WORD("del"), CUT("a", 3) } },
	{ UINT64_MAX, 1, 0, { WORD("") } }
};

static void
write_command(struct sheet *s, const struct command *c)
{
	struct record r = { .event = RECORD_CMD, .conn = 1 };

	args.total = c->total;
	args.n = c->n;
	memcpy(args.v, c->v, sizeof(c->v));
	r.u.cmd.no = c->no;
	r.u.cmd.args = &args;
	write_record(s, &r);
}

static void
write_commands(struct sheet *s)
{
	int i;

	for (i = 0; i < COUNT(commands); i++)
		write_command(s, &commands[i]);
}

/* Replies */

static const struct arg names[] = {
	WORD("set"),
	WORD("CONFIG|get"),
	WORD("json.set"),
	WORD("x-y_2"),
	WORD(""),
	WORD("a b"),
	WORD("\"\\\r\n\377"),
	{ every_byte, 256, 256, false }
};

/* RESP2 and RESP3, each type of scalar and aggregate. */
static const char *const values[] = {
	"+OK\r\n",
	":-9223372036854775808\r\n",
	"$-1\r\n",
	"*-1\r\n",
	"_\r\n",
	",3.5\r\n",
	",-inf\r\n",
	"#t\r\n",
	"#f\r\n",
	"(3492890328409238509324850943850943825024385\r\n",
	"*0\r\n",
	"*3\r\n:1\r\n$1\r\na\r\n*2\r\n_\r\n*0\r\n",
	"%0\r\n",
	"%2\r\n+a\r\n:1\r\n$1\r\nb\r\n*1\r\n:2\r\n",
	"~2\r\n+a\r\n#t\r\n",
	"|1\r\n+ttl\r\n:9\r\n$1\r\na\r\n",
	">2\r\n+message\r\n+x\r\n",
	"*?\r\n:1\r\n:2\r\n.\r\n"
};

/* Where --clip makes a difference. */
static const char *const strings[] = {
	"+\r\n",
	"+a \"b\\\" \x01\xff c\r\n",
	"-ERR unknown command 'foo'\r\n",
	"-ERR a \"b\\\" \x01\xff c\r\n",
	"!11\r\nERR\r\nsyntax\r\n",
	"$0\r\n\r\n",
	"$4\r\nfour\r\n",
	"$5\r\nfive.\r\n",
	"$12\r\na \"b\\\"\r\n\x01\xff c\r\n",
	"=15\r\ntxt:Some string\r\n",
	"*2\r\n$5\r\nfive.\r\n$6\r\nsix...\r\n",
	"%1\r\n$5\r\nfive.\r\n*1\r\n$4\r\nfour\r\n",
	"$?\r\n;3\r\nabc\r\n;2\r\nde\r\n;0\r\n"
};

static void
write_reply(struct sheet *s, const struct arg *name, uint64_t latency_us,
    const char *value)
{
	struct record r = { .event = RECORD_REPLY, .conn = 1 };

	r.u.reply.no = 1;
	r.u.reply.name = name;
	r.u.reply.latency_us = latency_us;
	r.u.reply.value.data = (const uint8_t *)value;
	r.u.reply.value.len = strlen(value);
	write_record(s, &r);
}

static void
write_values(struct sheet *s)
{
	int i;

	for (i = 0; i < COUNT(names); i++)
		write_reply(s, &names[i], 15, "+OK\r\n");
	write_reply(s, &names[0], 0, "+OK\r\n");
	write_reply(s, &names[0], UINT64_MAX, "+OK\r\n");
	for (i = 0; i < COUNT(values); i++)
		write_reply(s, &names[0], 1, values[i]);
}

static void
write_strings(struct sheet *s)
{
	int i;

	for (i = 0; i < COUNT(strings); i++)
		write_reply(s, &names[0], 1, strings[i]);
}

/* What must not be shown, in commands, replies and pushes. */

#define HIDDEN(s) { (const uint8_t *)(s), sizeof(s) - 1, sizeof(s) - 1, true }

static const struct command secret_commands[] = {
	{ 1, 2, 2, { WORD("AUTH"), HIDDEN("pass") } },
	{ 2, 3, 3, { WORD("AUTH"), HIDDEN("u"), HIDDEN("pass") } },
	{ 3, 3, 3, { HIDDEN("AUTH"), WORD("hello"), WORD("") } },
	{ 4, 3, 3, { WORD("a"), HIDDEN(""), WORD("b") } },
	{ 5, 3, 2, { WORD("AUTH"),
	    { (const uint8_t *)"pass", 4, 536870912, true } } }
};

#define CONFIG "*2\r\n$11\r\nrequirepass\r\n$8\r\npassword\r\n"

static const struct record_bytes secret_values[] = {
	{ STREAM(CONFIG) },
	{ STREAM(CONFIG), SPANS({ 26, 8 }) },
	{ STREAM(CONFIG), SPANS({ 9, 11 }, { 26, 8 }) },
	{ STREAM(CONFIG), SPANS({ 26, 4 }) },
	{ STREAM(CONFIG), SPANS({ 27, 6 }) },
	{ STREAM(CONFIG), SPANS({ 31, 3 }) },
	{ STREAM("+password\r\n"), SPANS({ 1, 8 }) },
	{ STREAM("-ERR password\r\n"), SPANS({ 5, 8 }) },
	{ STREAM("=12\r\ntxt:password\r\n"), SPANS({ 9, 8 }) }
};

static void
write_secrets(struct sheet *s)
{
	struct record r = { .event = RECORD_REPLY, .conn = 1 };
	int i;

	for (i = 0; i < COUNT(secret_commands); i++)
		write_command(s, &secret_commands[i]);
	write_reply(s, &secret_commands[2].v[0], 1, "+OK\r\n");
	r.u.reply.no = 1;
	r.u.reply.name = &names[0];
	r.u.reply.latency_us = 1;
	for (i = 0; i < COUNT(secret_values); i++) {
		r.u.reply.value = secret_values[i];
		write_record(s, &r);
	}
	r.event = RECORD_PUSH;
	for (i = 0; i < 2; i++) {
		r.u.bytes = secret_values[i];
		write_record(s, &r);
	}
}

/* Times: within a second, over its end, and the clock set back. */

static const struct timespec moments[] = {
	{ SECOND, 123000 },
	{ SECOND, 345999 },
	{ SECOND, 999999999 },
	{ SECOND + 1, 0 },
	{ SECOND + 1, 999 },
	{ SECOND - 1, 500000000 },
	{ SECOND - 1, 499999000 },
	{ SECOND + 86400, 0 },
	{ SECOND + 86400, 1000 }
};

static void
write_moments(struct sheet *s)
{
	int i;

	for (i = 0; i < COUNT(moments); i++) {
		s->when = moments[i];
		write_record(s, &lives[0]);
	}
}

/* One record of each event. */
static void
write_one_of_each(struct sheet *s)
{
	struct record r = { .event = RECORD_RECV, .conn = 1 };

	s->when = moments[0];
	write_record(s, &lives[0]);
	r.u.bytes = chunks[0];
	write_record(s, &r);
	r.event = RECORD_SEND;
	write_record(s, &r);
	write_command(s, &commands[0]);
	write_reply(s, &names[0], 15, "+OK\r\n");
	r.event = RECORD_PUSH;
	r.u.bytes = (struct record_bytes){ STREAM(">2\r\n+message\r\n:1\r\n") };
	write_record(s, &r);
	write_record(s, &lives[3]);
	write_record(s, &lives[8]);
}

/* Characters, where --utf8 makes a difference. */
#define MIXED "caf\303\251 \"\342\202\254\" \360\237\230\200 \377 \303("

static void
write_characters(struct sheet *s)
{
	static const struct command c = { 1, 2, 2,
		{ WORD("set"), WORD(MIXED) } };
	struct record r = { .event = RECORD_OPEN, .conn = 1 };

	r.u.open.peer = "unix:/" MIXED;
	write_record(s, &r);
	r.event = RECORD_RECV;
	r.u.bytes = (struct record_bytes){ STREAM(MIXED), SPANS({ 4, 5 }) };
	write_record(s, &r);
	write_command(s, &c);
	write_reply(s, &c.v[0], 15, "+" MIXED "\r\n");
	write_reply(s, &c.v[0], 15, "$21\r\n" MIXED "\r\n");
}

/* The sections of the golden files */

#define TEXT 1
#define HEX 2
#define RAW 4

static const struct section {
	unsigned files;
	const char *title;
	struct format_options options;
	void (*write)(struct sheet *);
} sections[] = {
	{ TEXT | HEX | RAW, "open, error, close",
	    { TIME_NONE, 0, 1024, false, false }, write_lives },
	{ TEXT | HEX | RAW, "recv, send",
	    { TIME_NONE, 0, 1024, false, false }, write_chunks },
	{ TEXT, "cmd", { TIME_NONE, 0, 1024, false, false }, write_commands },
	{ TEXT, "reply", { TIME_NONE, 0, 1024, false, false }, write_values },
	{ TEXT, "reply, strings",
	    { TIME_NONE, 0, 1024, false, false }, write_strings },
	{ TEXT, "secrets",
	    { TIME_NONE, 0, 1024, false, false }, write_secrets },
	{ TEXT, "--clip=4, secrets",
	    { TIME_NONE, 0, 4, false, false }, write_secrets },
	{ TEXT | HEX | RAW, "one of each",
	    { TIME_CLOCK, 0, 1024, false, false }, write_one_of_each },
	{ TEXT | HEX | RAW, "color",
	    { TIME_CLOCK, 0, 1024, true, false }, write_one_of_each },
	{ TEXT | HEX | RAW, "--snaplen=1",
	    { TIME_NONE, 1, 1024, false, false }, write_chunks },
	{ TEXT | HEX, "--snaplen=7",
	    { TIME_NONE, 7, 1024, false, false }, write_chunks },
	{ TEXT | HEX, "--snaplen=16",
	    { TIME_NONE, 16, 1024, false, false }, write_chunks },
	{ TEXT, "--snaplen=1 --clip=4, cmd",
	    { TIME_NONE, 1, 4, false, false }, write_commands },
	{ TEXT, "--clip=4, reply, strings",
	    { TIME_NONE, 0, 4, false, false }, write_strings },
	{ TEXT, "--clip=0, cmd",
	    { TIME_NONE, 0, 0, false, false }, write_commands },
	{ TEXT | HEX, "without --utf8",
	    { TIME_NONE, 0, 1024, false, false }, write_characters },
	{ TEXT | HEX, "--utf8",
	    { TIME_NONE, 0, 1024, false, true }, write_characters },
	{ TEXT | HEX, "--time=clock",
	    { TIME_CLOCK, 0, 1024, false, false }, write_moments },
	{ TEXT, "--time=iso",
	    { TIME_ISO, 0, 1024, false, false }, write_moments },
	{ TEXT, "--time=epoch",
	    { TIME_EPOCH, 0, 1024, false, false }, write_moments },
	{ TEXT, "--time=delta",
	    { TIME_DELTA, 0, 1024, false, false }, write_moments },
	{ TEXT, "--time=none",
	    { TIME_NONE, 0, 1024, false, false }, write_moments }
};

static const struct golden {
	unsigned file;
	const char *format;
} goldens[] = {
	{ TEXT, "text" },
	{ HEX, "hex" },
	{ RAW, "raw" }
};

static void
write_sections(struct sheet *s, unsigned file)
{
	int i;

	for (i = 0; i < COUNT(sections); i++) {
		if ((sections[i].files & file) == 0)
			continue;
		bytes_addf(&s->out, "# %s\n", sections[i].title);
		memset(&s->state, 0, sizeof(s->state));
		s->state.options = sections[i].options;
		sections[i].write(s);
		bytes_add(&s->out, "\n", 1);
	}
}

static FILE *
open_golden(const char *format, const char *mode)
{
	const char *dir = getenv("srcdir");
	struct bytes path = { 0 };
	FILE *f;

	bytes_addf(&path, "%s/tests/data/format_%s.golden",
	    dir != NULL ? dir : ".", format);
	bytes_add(&path, "", 1);
	ck_assert(!path.failed);
	f = fopen((const char *)path.data, mode);
	ck_assert_msg(f != NULL, "%s: cannot be opened", path.data);
	bytes_free(&path);
	return (f);
}

static void
read_golden(const char *format, struct bytes *out)
{
	FILE *f = open_golden(format, "r");
	uint8_t *p;
	size_t n;

	do {
		p = bytes_reserve(out, BUFSIZ);
		ck_assert_ptr_nonnull(p);
		n = fread(p, 1, BUFSIZ, f);
		out->len += n;
	} while (n > 0);
	fclose(f);
}

/* The line that begins there, as text, for a message. */
static const char *
line_at(const struct bytes *b, size_t at, struct bytes *text)
{
	const uint8_t *end;

	if (at >= b->len)
		return ("(the end)");
	end = memchr(b->data + at, '\n', b->len - at);
	quote_add(text, b->data + at, end != NULL ?
	    (size_t)(end - b->data) - at : b->len - at, false);
	bytes_add(text, "", 1);
	return ((const char *)text->data);
}

/* Fails with the first line that is not the same. */
static void
compare(const char *what, const struct bytes *have, const struct bytes *want)
{
	struct bytes text[2] = { { 0 } };
	size_t i, line = 0;
	int no = 1;

	for (i = 0; i < have->len && i < want->len; i++) {
		if (have->data[i] != want->data[i])
			break;
		if (have->data[i] == '\n') {
			line = i + 1;
			no++;
		}
	}
	if (i == have->len && i == want->len)
		return;
	ck_abort_msg("%s, line %d:\nwritten: %s\ngolden:  %s", what, no,
	    line_at(have, line, &text[0]), line_at(want, line, &text[1]));
}

START_TEST(golden_file)
{
	const struct golden *g = &goldens[_i];
	struct sheet s = { .format = format_find(g->format) };
	struct bytes want = { 0 };
	FILE *f;

	ck_assert_ptr_nonnull(s.format);
	write_sections(&s, g->file);
	if (getenv("CHECK_FORMAT_WRITE") != NULL) {
		f = open_golden(g->format, "w");
		ck_assert_uint_eq(fwrite(s.out.data, 1, s.out.len, f),
		    s.out.len);
		ck_assert_int_eq(fclose(f), 0);
	} else {
		read_golden(g->format, &want);
		compare(g->format, &s.out, &want);
	}
	bytes_free(&s.out);
	bytes_free(&want);
}
END_TEST

/* Which formats there are */

START_TEST(formats_are_found)
{
	const unsigned bytes =
	    RECORD_BIT(RECORD_RECV) | RECORD_BIT(RECORD_SEND);
	const struct format *f = format_find(goldens[_i].format);

	ck_assert_ptr_nonnull(f);
	ck_assert_str_eq(f->name, goldens[_i].format);
	if (goldens[_i].file == RAW) {
		ck_assert_uint_eq(f->shows, RECORD_BIT(RECORD_RECV));
		ck_assert_uint_eq(f->can, bytes);
	} else {
		ck_assert_uint_eq(f->shows, RECORD_ALL);
		ck_assert_uint_eq(f->can, RECORD_ALL);
	}
}
END_TEST

START_TEST(others_are_not)
{
	ck_assert_ptr_null(format_find(""));
	ck_assert_ptr_null(format_find("Text"));
	ck_assert_ptr_null(format_find("tex"));
	ck_assert_ptr_null(format_find("texts"));
}
END_TEST

/* Any bytes */

#define ROUNDS 200
#define RANDOM_MAX 1000

/* Numbers that look random: the same ones each time. */
static uint32_t
next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return (*state >> 8);
}

/* Random bytes; odd ones are more frequent than elsewhere. */
static size_t
random_bytes(uint32_t *state, uint8_t *data, size_t most)
{
	static const uint8_t odd[] =
	    "\"\\\n\r\t\a\b\0 <>.~\x7f\x80\xc3\xa9\xff";
	size_t len = next_random(state) % most, i;

	for (i = 0; i < len; i++) {
		if (next_random(state) % 2 == 0)
			data[i] = (uint8_t)next_random(state);
		else
			data[i] = odd[next_random(state) % (sizeof(odd) - 1)];
	}
	return (len);
}

/* Spans in order, disjoint, none of them empty. */
static size_t
random_spans(uint32_t *state, size_t len, struct span *spans,
    size_t most)
{
	size_t n = 0, at = 0, left;

	while (n < most && at < len) {
		at += next_random(state) % 40;
		if (at >= len)
			break;
		left = len - at;
		spans[n].at = at;
		spans[n].len = next_random(state) % 30 + 1;
		if (spans[n].len > left)
			spans[n].len = left;
		at += spans[n++].len;
	}
	return (n);
}

static void
assert_one_line(const struct bytes *b)
{
	size_t i;

	ck_assert_uint_gt(b->len, 0);
	for (i = 0; i < b->len - 1; i++)
		if (b->data[i] < ' ' || b->data[i] > '~')
			ck_abort_msg("byte %d at %zu", b->data[i], i);
	ck_assert_int_eq(b->data[b->len - 1], '\n');
}

static int
hex_value(uint8_t c)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = c != '\0' ? strchr(digits, c) : NULL;

	if (p == NULL)
		ck_abort_msg("'%c' is no hex digit", c);
	return ((int)(p - digits));
}

/* Takes one character of a string in quotes from *p on. */
static uint8_t
unescape(const uint8_t **p)
{
	static const char letters[] = "nrtab\"\\";
	static const char meanings[] = "\n\r\t\a\b\"\\";
	const char *letter;
	uint8_t c = *(*p)++;

	if (c != '\\')
		return (c);
	c = *(*p)++;
	if (c == 'x') {
		c = (uint8_t)(hex_value((*p)[0]) << 4 | hex_value((*p)[1]));
		*p += 2;
		return (c);
	}
	letter = c != '\0' ? strchr(letters, c) : NULL;
	if (letter == NULL)
		ck_abort_msg("\\%c is no escape", c);
	return ((uint8_t)meanings[letter - letters]);
}

/* Turns the body of a recv record back into its bytes; what was redacted
 * becomes asterisks. */
static void
read_body(const uint8_t *p, struct bytes *out)
{
	static const char mark[] = "<redacted ";
	unsigned long n;
	char *end;
	uint8_t c;

	for (; *p != '\n'; p += *p == ' ') {
		if (*p == '"') {
			for (p++; *p != '"'; bytes_add(out, &c, 1))
				c = unescape(&p);
			p++;
			continue;
		}
		ck_assert_int_eq(memcmp(p, mark, sizeof(mark) - 1), 0);
		n = strtoul((const char *)p + sizeof(mark) - 1, &end, 10);
		ck_assert_uint_gt(n, 0);
		p = (const uint8_t *)strchr(end, '>') + 1;
		while (n-- > 0)
			bytes_add(out, "*", 1);
	}
}

/* A recv record of random bytes and secrets. */
struct sample {
	uint8_t data[RANDOM_MAX];
	uint8_t shown[RANDOM_MAX];	/* asterisks for what is secret */
	struct span spans[8];
	struct record record;
};

static void
make_sample(struct sample *x, int seed)
{
	uint32_t state = (uint32_t)seed;
	struct record_bytes *b = &x->record.u.bytes;
	size_t i;

	memset(x, 0, sizeof(*x));
	x->record.event = RECORD_RECV;
	x->record.conn = 1;
	b->data = x->data;
	b->len = random_bytes(&state, x->data, sizeof(x->data));
	b->offset = (uint64_t)next_random(&state) << (seed % 40);
	b->secrets = x->spans;
	if (seed % 2 == 1)
		b->nsecrets = random_spans(&state, b->len, x->spans,
		    sizeof(x->spans) / sizeof(x->spans[0]));
	memcpy(x->shown, x->data, b->len);
	for (i = 0; i < b->nsecrets; i++)
		memset(x->shown + x->spans[i].at, '*', x->spans[i].len);
}

START_TEST(text_can_be_read_back)
{
	static const char head[] = "#1 recv  ";
	struct format_state state = { .options.time = TIME_NONE };
	struct bytes out = { 0 }, back = { 0 };
	struct sample x;

	make_sample(&x, _i);
	format_text(&state, &x.record, &out);
	assert_one_line(&out);
	ck_assert_int_eq(memcmp(out.data, head, sizeof(head) - 1), 0);
	read_body(out.data + sizeof(head) - 1, &back);
	ck_assert_uint_eq(back.len, x.record.u.bytes.len);
	if (back.len > 0)
		ck_assert_mem_eq(back.data, x.shown, back.len);
	bytes_free(&out);
	bytes_free(&back);
}
END_TEST

/* One row as hexdump -C writes it; a secret is an asterisk in shown, and no
 * asterisk in data. */
static void
add_dump_row(struct bytes *out, uint64_t offset, const uint8_t *shown,
    const uint8_t *data, size_t len)
{
	size_t i;

	bytes_addf(out, "%08llx ", (unsigned long long)offset);
	for (i = 0; i < 16; i++) {
		bytes_add_string(out, i == 8 ? "  " : " ");
		if (i >= len)
			bytes_add_string(out, "  ");
		else if (shown[i] == '*' && data[i] != '*')
			bytes_add_string(out, "**");
		else
			bytes_addf(out, "%02x", shown[i]);
	}
	bytes_add_string(out, "  |");
	for (i = 0; i < len; i++)
		bytes_addf(out, "%c",
		    shown[i] >= 0x20 && shown[i] <= 0x7e ? shown[i] : '.');
	bytes_add_string(out, "|\n");
}

START_TEST(hex_is_laid_out_as_hexdump_does)
{
	struct format_state state = { .options.time = TIME_NONE };
	struct bytes out = { 0 }, want = { 0 };
	const struct record_bytes *b;
	struct sample x;
	size_t i;

	make_sample(&x, _i);
	b = &x.record.u.bytes;
	/* Else the test could not tell it from a secret. */
	for (i = 0; i < b->len; i++)
		if (x.data[i] == '*')
			x.data[i] = x.shown[i] = '+';
	for (i = 0; i < b->nsecrets; i++)
		memset(x.shown + x.spans[i].at, '*', x.spans[i].len);
	bytes_addf(&want, "#1 recv  %zu byte%s\n", b->len,
	    b->len == 1 ? "" : "s");
	for (i = 0; i < b->len; i += 16)
		add_dump_row(&want, b->offset + i, x.shown + i, x.data + i,
		    b->len - i < 16 ? b->len - i : 16);
	format_hex(&state, &x.record, &out);
	compare("hex", &out, &want);
	bytes_free(&out);
	bytes_free(&want);
}
END_TEST

START_TEST(raw_is_the_bytes)
{
	struct format_state state = { .options.time = TIME_CLOCK };
	struct bytes out = { 0 };
	struct sample x;

	make_sample(&x, _i);
	state.options.snaplen = (size_t)_i;
	format_raw(&state, &x.record, &out);
	if (_i == 0 || x.record.u.bytes.len < (size_t)_i)
		ck_assert_uint_eq(out.len, x.record.u.bytes.len);
	else
		ck_assert_uint_eq(out.len, _i);
	if (out.len > 0)
		ck_assert_mem_eq(out.data, x.data, out.len);
	bytes_free(&out);
}
END_TEST

/* Any bytes in every other place of a record: text and hex write one line. */

static void
put_in_error(struct record *r, char *text, uint8_t byte)
{
	r->event = RECORD_ERROR;
	r->u.error.byte = byte;
	r->u.error.text = text;
}

static void
put_in_open(struct record *r, char *text, uint8_t byte)
{
	(void)byte;
	r->event = RECORD_OPEN;
	r->u.open.peer = r->u.open.local = text;
}

static void
put_in_cmd(struct record *r, char *text, uint8_t byte)
{
	r->event = RECORD_CMD;
	args.total = 3;
	args.n = 2;
	args.v[0].data = args.v[1].data = (uint8_t *)text;
	args.v[0].kept = args.v[0].size = (uint32_t)strlen(text);
	args.v[1].kept = (uint32_t)strlen(text);
	args.v[1].size = args.v[1].kept + byte;
	args.v[1].secret = byte % 4 == 0;
	r->u.cmd.args = &args;
}

/* With any first byte: a type of reply, or none. */
static void
put_in_reply(struct record *r, char *text, uint8_t byte)
{
	static const char types[] = "+-:$*_,#(!=%~|>";

	r->event = RECORD_REPLY;
	args.v[0].data = (uint8_t *)text;
	args.v[0].kept = args.v[0].size = (uint32_t)strlen(text);
	text[0] = types[byte % (sizeof(types) - 1)];
	r->u.reply.name = &args.v[0];
	r->u.reply.value.data = (uint8_t *)text;
	r->u.reply.value.len = strlen(text);
}

static void
put_in_push(struct record *r, char *text, uint8_t byte)
{
	(void)byte;
	text[0] = '>';
	r->event = RECORD_PUSH;
	r->u.bytes = (struct record_bytes){
		.data = (uint8_t *)text,
		.len = strlen(text),
	};
}

static void (*const places[])(struct record *, char *, uint8_t) = {
	put_in_error, put_in_open, put_in_cmd, put_in_reply, put_in_push
};

/* The text begins like a bulk string in half of the cases. */
static void
random_text(uint32_t *state, char *text, size_t size)
{
	size_t len = random_bytes(state, (uint8_t *)text, size - 6), i;

	for (i = 0; i < len; i++)
		if (text[i] == '\0')
			text[i] = '\n';
	text[len] = '\0';
	if (next_random(state) % 2 == 0) {
		memmove(text + 5, text, len + 1);
		memcpy(text, "$10\r\n", 5);
	}
}

START_TEST(any_byte_anywhere_makes_one_line)
{
	static const char *const formats[] = { "text", "hex" };
	struct sheet s = { .format = format_find(formats[_i % 2]) };
	struct record r;
	uint32_t state = (uint32_t)_i;
	char text[RANDOM_MAX];
	int i;

	s.state.options.clip = (size_t)(_i * 3);
	for (i = 0; i < COUNT(places); i++) {
		random_text(&state, text, sizeof(text));
		r = (struct record){ .conn = 1 };
		places[i](&r, text, (uint8_t)next_random(&state));
		s.out.len = 0;
		write_record(&s, &r);
		assert_one_line(&s.out);
	}
	bytes_free(&s.out);
}
END_TEST

/* What is behind 64 KiB of a record's strings is left out, and counted. */

static uint8_t big[70000];

static void
add_heap(struct bytes *out, size_t shown, size_t size)
{
	bytes_add_string(out, " \"");
	bytes_add(out, big, shown);
	bytes_add_string(out, "\"");
	if (shown < size)
		bytes_addf(out, "... (%zu more bytes)", size - shown);
}

static const struct {
	uint32_t sizes[3];
	uint32_t shown[3];
	uint32_t n;		/* of the three */
	const char *end;
} heaps[] = {
	{ { 65536, 0, 0 }, { 65536 }, 1, " ... (2 more arguments)" },
	{ { 65535, 1, 1 }, { 65535, 1 }, 2, " ... (1 more argument)" },
	{ { 65535, 1, 0 }, { 65535, 1 }, 2, " ... (1 more argument)" },
	{ { 65534, 1, 1 }, { 65534, 1, 1 }, 3, "" },
	{ { 40000, 30000, 7 }, { 40000, 25536 }, 2, " ... (1 more argument)" },
	{ { 70000, 1, 1 }, { 65536 }, 1, " ... (2 more arguments)" }
};

START_TEST(record_has_64_kib_of_strings)
{
	struct format_state state = { .options.time = TIME_NONE };
	struct record r = { .event = RECORD_CMD, .conn = 1 };
	struct bytes out = { 0 }, want = { 0 };
	uint32_t i;

	memset(big, 'a', sizeof(big));
	state.options.clip = sizeof(big);
	args.total = args.n = 3;
	bytes_add_string(&want, "#1 cmd   1");
	for (i = 0; i < 3; i++) {
		args.v[i].data = big;
		args.v[i].kept = args.v[i].size = heaps[_i].sizes[i];
		if (i < heaps[_i].n)
			add_heap(&want, heaps[_i].shown[i], heaps[_i].sizes[i]);
	}
	bytes_addf(&want, "%s\n", heaps[_i].end);
	r.u.cmd.no = 1;
	r.u.cmd.args = &args;
	format_text(&state, &r, &out);
	compare("text", &out, &want);
	bytes_free(&out);
	bytes_free(&want);
}
END_TEST

/* A line begins as it would if there had been none before, whatever they have
 * in common. */
START_TEST(line_owes_nothing_to_the_one_before)
{
	static const struct timespec whens[] = { { 0, 0 }, { 1000, 0 },
		{ 1000, 1000 }, { 1001, 1000 }, { 1001, 1000 } };
	struct format_state used = { .options.time = (enum time_style)_i };
	struct format_state new;
	struct record r = { .event = RECORD_OPEN, .u.open.peer = "a" };
	struct bytes out = { 0 }, want = { 0 };
	int i;

	for (i = 0; i < 100; i++) {
		r.when = whens[i / 2 % COUNT(whens)];
		r.conn = i % 3 == 0 ? 123456 : 1;
		used.options.color = i % 7 < 3;
		new = (struct format_state){ .options = used.options };
		bytes_truncate(&out, 0);
		bytes_truncate(&want, 0);
		if (_i == TIME_DELTA && i > 0)
			new.clock.last = whens[(i - 1) / 2 % COUNT(whens)];
		format_text(&used, &r, &out);
		format_text(&new, &r, &want);
		compare("text", &out, &want);
	}
	bytes_free(&out);
	bytes_free(&want);
}
END_TEST

static Suite *
format_suite(void)
{
	Suite *s = suite_create("format");
	TCase *golden = tcase_create("golden");
	TCase *any = tcase_create("any bytes");
	TCase *parts = tcase_create("parts");

	tcase_add_loop_test(golden, golden_file, 0, COUNT(goldens));
	tcase_add_loop_test(golden, formats_are_found, 0, COUNT(goldens));
	tcase_add_test(golden, others_are_not);
	suite_add_tcase(s, golden);
	tcase_add_loop_test(any, text_can_be_read_back, 0, ROUNDS);
	tcase_add_loop_test(any, hex_is_laid_out_as_hexdump_does, 0, ROUNDS);
	tcase_add_loop_test(any, raw_is_the_bytes, 0, ROUNDS);
	tcase_add_loop_test(any, any_byte_anywhere_makes_one_line, 0, ROUNDS);
	suite_add_tcase(s, any);
	tcase_add_loop_test(parts, line_owes_nothing_to_the_one_before, 0,
	    TIME_NONE + 1);
	tcase_add_loop_test(parts, record_has_64_kib_of_strings, 0,
	    COUNT(heaps));
	suite_add_tcase(s, parts);
	return (s);
}

int
main(void)
{
	SRunner *sr;
	int failed, i;

	for (i = 0; i < COUNT(every_byte); i++)
		every_byte[i] = (uint8_t)i;
	setenv("TZ", "UTC", 1);
	tzset();
	sr = srunner_create(format_suite());
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
