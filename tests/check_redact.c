/*
 * Secrets: found in every spelling of a command, however the input is cut, and
 * nothing else is taken for one.
 *
 * A command is written down as words: in "HELLO 3 AUTH <u> <p>" the words in
 * <> are secret by their place, and in "ACL SETUSER u {>p}" those in {} by
 * their first byte; a URL is in [].  Each is tried as an array and as inline
 * commands with all kinds of quotes, between other commands.
 *
 * Where the spelling itself matters there is a stream, and below it what is to
 * be seen of it: a byte that is hidden stands there as '*', one that may be
 * hidden or not as '?'.
 */
#include "config.h"

#include "redis/redact.h"
#include "resp/request.h"

#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "redis/harmless.h"
#include "redis/redact_reply.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))
#define IN(in) in, sizeof(in) - 1

/* What a failure shows on either side of the byte, in bytes. */
#define SHOWN 60

/* ck_assert() writes a record each time that it holds: too slow for each
 * byte. */
#define MUST(expr)							\
	do {								\
		if (!(expr))						\
			ck_abort_msg("%s", #expr);			\
	} while (0)

static struct args args;
static struct spans spans;

static void
set_up(void)
{
	args.clip = 1024;
	args.keep = NULL;
	ck_assert_int_eq(spans_init(&spans), 0);
}

static void
tear_down(void)
{
	spans_free(&spans);
	ck_assert_ptr_null(spans.v);
	spans_free(&spans);
}

/* What is seen of a stream */

/* The spans must be in order, disjoint, not empty and inside the chunk. */
static void
black_out(uint8_t *chunk, size_t len)
{
	size_t i, end = 0;

	for (i = 0; i < spans.n; i++) {
		MUST(spans.v[i].len > 0);
		MUST(i == 0 || spans.v[i].at > end);
		MUST(spans.v[i].at < len);
		MUST(spans.v[i].len <= len - spans.v[i].at);
		end = spans.v[i].at + spans.v[i].len;
		memset(chunk + spans.v[i].at, '*', spans.v[i].len);
	}
}

/*
 * Gives it a chunk that is a block of its own, so that ASan sees who looks
 * beyond it, and puts what is seen of it into seen.
 */
static void
feed(struct redact *r, enum redact_level level, const uint8_t *in, size_t len,
    uint8_t *seen)
{
	uint8_t *chunk = calloc(1, len);

	MUST(chunk != NULL || len == 0);
	if (len > 0)
		memcpy(chunk, in, len);
	redact_requests(r, level, chunk, len, &spans);
	if (len > 0) {
		MUST(memcmp(chunk, in, len) == 0);
		black_out(chunk, len);
		memcpy(seen, chunk, len);
	}
	free(chunk);
}

/* Around that byte. */
static void
show(const char *what, const uint8_t *data, size_t len, size_t at)
{
	size_t i = at > SHOWN ? at - SHOWN : 0;

	if (len > at + SHOWN)
		len = at + SHOWN;
	printf("%s: ", what);
	for (; i < len; i++)
		printf(data[i] < ' ' || data[i] > '~' ? "\\x%02x" : "%c",
		    data[i]);
	printf("\n");
}

/* Compares what is seen with what is to be. */
static void
compare(const struct bytes *in, const struct bytes *out, const uint8_t *seen,
    const char *how, size_t n)
{
	size_t i;

	for (i = 0; i < in->len; i++)
		if (seen[i] != out->data[i] && (out->data[i] != '?' ||
		    (seen[i] != '*' && seen[i] != in->data[i])))
			break;
	if (i == in->len)
		return;
	show("input", in->data, in->len, i);
	show("expected", out->data, out->len, i);
	show("actual", seen, in->len, i);
	ck_abort_msg("%s at byte %zu, %s %zu", seen[i] == '*' ?
	    "too much is hidden" : "a secret is seen", i, how, n);
}

/* Whole and in pieces of that size, or in two at every cut. */
static void
check_pieces(enum redact_level level, const struct bytes *in,
    const struct bytes *out, size_t piece)
{
	uint8_t *seen = malloc(in->len + 1);
	struct redact r;
	size_t at, n;

	MUST(seen != NULL);
	redact_init(&r);
	for (at = 0; at < in->len; at += n) {
		n = in->len - at < piece ? in->len - at : piece;
		feed(&r, level, in->data + at, n, seen + at);
	}
	redact_free(&r);
	compare(in, out, seen, "in pieces of", piece);
	free(seen);
}

static void
check_cuts(enum redact_level level, const struct bytes *in,
    const struct bytes *out)
{
	uint8_t *seen = malloc(in->len + 1);
	struct redact r;
	size_t cut;

	MUST(seen != NULL);
	for (cut = 0; cut <= in->len; cut++) {
		redact_init(&r);
		feed(&r, level, in->data, cut, seen);
		feed(&r, level, in->data + cut, in->len - cut, seen + cut);
		redact_free(&r);
		compare(in, out, seen, "cut at", cut);
	}
	free(seen);
}

/* redact_args() must say the same, of whatever argument lies in the stream. */
static void
check_args(enum redact_level level, const struct bytes *in,
    const struct bytes *out)
{
	const uint8_t *p = in->data, *data;
	struct request r;
	uint32_t i, k;

	request_init(&r);
	while (request_next(&r, &args, &p, in->data + in->len) == REQUEST_OK) {
		redact_args(&args, level);
		for (i = 0; i < args.n; i++) {
			data = args.v[i].data;
			if (data < in->data || data >= in->data + in->len)
				continue;
			for (k = 0; k < args.v[i].kept; k++) {
				const uint8_t *seen = out->data +
				    (data - in->data) + k;

				if (*seen == '?' || data[k] == '*')
					continue;
				MUST(args.v[i].secret == (*seen == '*'));
			}
		}
	}
	request_free(&r);
}

static void
check(enum redact_level level, const struct bytes *in, const struct bytes *out)
{
	MUST(!in->failed && !out->failed && in->len == out->len);
	check_pieces(level, in, out, SIZE_MAX);
	check_pieces(level, in, out, 1);
	check_pieces(level, in, out, 2);
	check_pieces(level, in, out, 7);
	check_cuts(level, in, out);
	check_args(level, in, out);
	check_pieces(REDACT_NONE, in, in, SIZE_MAX);
	check_pieces(REDACT_NONE, in, in, 1);
	check_args(REDACT_NONE, in, in);
}

/* Words */

struct word {
	const char *text;
	size_t len;
	char mark;		/* '<', '{', '[' or NUL: not secret */
};

/* Returns what follows the word, or NULL when there is none. */
static const char *
next_word(const char *s, struct word *w)
{
	while (*s == ' ')
		s++;
	if (*s == '\0')
		return (NULL);
	w->mark = *s == '<' || *s == '{' || *s == '[' ? *s : '\0';
	if (w->mark != '\0')
		s++;
	w->text = s;
	w->len = strcspn(s, w->mark == '<' ? ">" : w->mark == '{' ? "}" :
	    w->mark == '[' ? "]" : " ");
	return (s + w->len + (w->mark != '\0'));
}

enum style {
	ARRAY,
	PLAIN,
	PLAIN_LF,		/* the line ends without a CR */
	DOUBLE,			/* "word" */
	SINGLE,			/* 'word' */
	HEX,			/* "\x77\x6f\x72\x64" */
	MIDDLE,			/* w"ord" */
	MIDDLE_SINGLE,		/* w'ord' */
	WIDE,			/* blanks before, between and behind */
	STYLES
};

enum spelling {
	AS_IS,
	LOWER,
	UPPER,
	MIXED,
	SPELLINGS
};

/* How much of it may be seen, as it is no secret yet: what stands before the
 * first byte that makes it one. */
static size_t
opening_of(const struct word *w)
{
	if (w->mark == '{')
		return (strspn(w->text, " (") + 1);
	return (w->mark == '[' ? strcspn(w->text, "/") + 2 : 0);
}

/* Both what is sent and what is seen of it. */
struct text {
	struct bytes in;
	struct bytes out;
};

static void
add(struct text *t, const char *s, size_t len, char seen_as)
{
	size_t i;

	bytes_add(&t->in, s, len);
	for (i = 0; i < len; i++)
		bytes_add(&t->out, seen_as != '\0' ? &seen_as : s + i, 1);
}

static void
add_string(struct text *t, const char *s)
{
	add(t, s, strlen(s), '\0');
}

static char
spell(char c, size_t i, enum spelling spelling)
{
	if (spelling == UPPER || (spelling == MIXED && i % 2 == 0))
		return ((char)toupper((unsigned char)c));
	if (spelling == LOWER || spelling == MIXED)
		return ((char)tolower((unsigned char)c));
	return (c);
}

/* One word of an inline command. */
static void
add_inline(struct text *t, const struct word *w, enum style style,
    enum spelling spelling)
{
	char mark = w->mark != '\0' ? '*' : '\0';
	size_t opening = opening_of(w);
	char quote[2] = { style == SINGLE || style == MIDDLE_SINGLE ? '\'' :
	    '"' };
	bool quoted = style != PLAIN && style != PLAIN_LF && style != WIDE;
	size_t i, from = style == MIDDLE || style == MIDDLE_SINGLE;
	char text[8];

	if (memchr(w->text, ' ', w->len) != NULL || w->len == 0) {
		quoted = true;
		from = 0;
	} else if (w->len <= from) {
		quoted = false;
	}
	for (i = 0; i < w->len || i == 0; i++) {
		if (quoted && i == from)
			add(t, quote, 1, i < opening ? '?' : mark);
		if (w->len == 0)
			break;
		text[0] = spell(w->text[i], i, spelling);
		text[1] = '\0';
		if (style == HEX)
			snprintf(text, sizeof(text), "\\x%02x",
			    (unsigned)(unsigned char)text[0] & 0xff);
		add(t, text, strlen(text), i + (style != HEX &&
		    w->mark == '{') < opening ? '?' : mark);
	}
	if (quoted)
		add(t, quote, 1, mark);
}

static void
add_bulk(struct text *t, const struct word *w, enum spelling spelling)
{
	char head[32];
	char c;
	size_t i;

	snprintf(head, sizeof(head), "$%zu\r\n", w->len);
	add_string(t, head);
	for (i = 0; i < w->len; i++) {
		c = spell(w->text[i], i, spelling);
		add(t, &c, 1, i + (w->mark == '{') < opening_of(w) ? '?' :
		    w->mark != '\0' ? '*' : '\0');
	}
	add_string(t, "\r\n");
}

static void
add_command(struct text *t, const char *words, enum style style,
    enum spelling spelling)
{
	struct word w;
	const char *s;
	char head[32];
	unsigned n = 0;

	for (s = words; (s = next_word(s, &w)) != NULL;)
		n++;
	snprintf(head, sizeof(head), "*%u\r\n", n);
	add_string(t, style == ARRAY ? head : style == WIDE ? " \t " : "");
	n = 0;
	for (s = words; (s = next_word(s, &w)) != NULL; n++) {
		if (style == ARRAY) {
			add_bulk(t, &w, spelling);
			continue;
		}
		if (n > 0)
			add_string(t, style == WIDE ? "  \t" : " ");
		add_inline(t, &w, style, spelling);
	}
	if (style != ARRAY)
		add_string(t, style == PLAIN_LF ? "\n" : style == WIDE ?
		    " \t \r\n" : "\r\n");
}

static void
check_words(enum redact_level level, const char *words)
{
	struct text t = { { 0 }, { 0 } };
	int style, spelling;

	for (style = 0; style < STYLES; style++)
		for (spelling = 0; spelling < SPELLINGS; spelling++) {
			bytes_truncate(&t.in, 0);
			bytes_truncate(&t.out, 0);
			add_command(&t, "MULTI", ARRAY, AS_IS);
			add_command(&t, "DEL auth", PLAIN, AS_IS);
			add_command(&t, words, (enum style)style,
			    (enum spelling)spelling);
			add_command(&t, "DEL auth", ARRAY, AS_IS);
			add_command(&t, words, (enum style)style,
			    (enum spelling)spelling);
			add_command(&t, "EXEC", PLAIN, AS_IS);
			check(level, &t.in, &t.out);
		}
	bytes_free(&t.in);
	bytes_free(&t.out);
}

static const char *const secrets[] = {
	"AUTH <p>",
	"AUTH <user> <secret>",
	"AUTH <one> <two> <three> <four>",
	"AUTH <>",
	"AUTH <u> <>",
	"AUTH <> <p>",
	"AUTH <auth>",
	"AUTH <hello> <auth>",
	"AUTH <a secret word>",
	"AUTH <  >",
	"AUTH <it is longer than any word that is looked for>",
	"AUTH",

	"HELLO 3 AUTH <user> <secret>",
	"HELLO 2 AUTH <user> <secret> SETNAME me",
	"HELLO 3 SETNAME me AUTH <user> <secret>",
	"HELLO 3 AUTH <user> <secret> AUTH <user> <other>",
	"HELLO 3 AUTH <user>",
	"HELLO 3 AUTH",
	"HELLO 3 AUTH <> <>",
	"HELLO 3 AUTH <setname> <secret> SETNAME me",
	"HELLO 3 AUTH <user> <secret> more of it",
	"HELLO AUTH <user> <secret>",
	"HELLO 3 no such option AUTH <user> <secret>",
	"HELLO 3 SETNAME AUTH <AUTH> <user> <secret>",
	"HELLO 3 SETNAME me",
	"HELLO 3",
	"HELLO",

	"ACL SETUSER me {>secret}",
	"ACL SETUSER me on {>secret} ~* +@all",
	"ACL SETUSER me {<secret} {>secret} {#0123abcd} {!0123abcd}",
	"ACL SETUSER me {>} {<} {#} {!}",
	"ACL SETUSER me {>a secret} off",
	"ACL SETUSER me {>>} {<>}",
	"ACL SETUSER me on nopass ~k* %R~k &c +get -set allkeys (+get)",
	"ACL SETUSER me reset",
	"ACL SETUSER {>me} {>secret}",
	"ACL SETUSER me  ",
	"ACL SETUSER",
	"ACL no-such SETUSER me {>secret}",
	"ACL",

	"CONFIG SET requirepass <secret>",
	"CONFIG SET masterauth <secret>",
	"CONFIG SET masteruser <secret>",
	"CONFIG SET tls-key-file-pass <secret>",
	"CONFIG SET tls-client-key-file-pass <secret>",
	"CONFIG SET requirepass <>",
	"CONFIG SET requirepass <hunter2> masterauth <another>",
	"CONFIG SET maxmemory 1 requirepass <hunter2> hz 10",
	"CONFIG SET no-such requirepass <secret>",
	"CONFIG SET requirepass <hunter2> and more",
	"CONFIG SET maxmemory-policy requirepass <requirepass> <secret>",
	"CONFIG SET requirepass",
	"CONFIG SET maxmemory 100mb",
	"CONFIG SET",

	"MIGRATE host 6379 key 0 1000 AUTH <secret>",
	"MIGRATE host 6379 key 0 1000 COPY REPLACE AUTH <secret>",
	"MIGRATE host 6379 k 0 1000 AUTH2 <user> <secret> KEYS a b",
	"MIGRATE host 6379 k 0 1000 AUTH <secret> AUTH2 <user> <other>",
	"MIGRATE host 6379 k 0 1000 no such AUTH2 <user> <secret>",
	"MIGRATE host 6379 k 0 1000 AUTH2 <user>",
	"MIGRATE AUTH <secret>",
	"MIGRATE host 6379 k 0 1000 KEYS a b",

	"SENTINEL SET mymaster auth-pass <secret>",
	"SENTINEL SET m auth-user me auth-pass <hunter2> quorum 2",
	"SENTINEL SET auth-pass <auth-pass> <secret>",
	"SENTINEL SET auth-pass <secret>",
	"SENTINEL SET m auth-pass",
	"SENTINEL CONFIG SET sentinel-pass <secret>",
	"SENTINEL CONFIG SET announce-ip 1.2.3.4 sentinel-pass <secret>",
	"SENTINEL GET-MASTER-ADDR-BY-NAME m",

	/* By their kind. */
	"CONFIG SET primaryauth <hunter2> primaryuser <me>",
	"CONFIG SET search-some-password <x> bf-token <y> hz 1",
	"CONFIG SET module.secret <x> a.passwd <y> TLS-PASS <z>",
	"CONFIG SET old-requirepass-2 <x>",
	("CONFIG SET a-name-that-is-longer-than-all-that-are-known-of-any-"
	    "server-or-module <x>"),
	"FT.CONFIG SET OSS_GLOBAL_PASSWORD <x>",
	"_FT.CONFIG SET OSS_GLOBAL_PASSWORD <x>",
	"SENTINEL SET m auth-pass <x> auth-user u",
	"SENTINEL CONFIG SET sentinel-pass <x>",
	"MODULE LOADEX /x.so CONFIG hz 1 CONFIG x.password <y> ARGS a b",
	"MODULE LOADEX /x.so ARGS PASSWORD <y> b",
	"MODULE LOAD /x.so AUTH <y> b",
	"CLUSTER MIGRATESLOTS SLOTSRANGE 0 1 NODE n AUTH <p>",
	"CLUSTER MIGRATESLOTS SLOTSRANGE 0 1 NODE n AUTH2 <u> <p>",
	"SEARCH.CLUSTERSET <MYID> <1> <ADDR> <p@h:1>",
	"TIMESERIES.CLUSTERSET <MYID> <1>",
	/* A command inside a command. */
	"COMMAND GETKEYS AUTH <p>",
	"COMMAND GETKEYSANDFLAGS HELLO 3 AUTH <u> <p>",
	"COMMAND GETKEYS CONFIG SET requirepass <p>",
	"COMMAND GETKEYS MIGRATE h 1 k 0 1 AUTH2 <u> <p>",
	"COMMAND GETKEYS COMMAND GETKEYS AUTH <p>",
	"COMMAND GETKEYS ACL SETUSER u {>p}",
	"ACL DRYRUN me AUTH <p>",
	"ACL DRYRUN me ACL SETUSER u {>p}",
	"ACL DRYRUN AUTH AUTH <p>",
	/* Wrong, and no less secret. */
	"ACL SETUSER u {( >p} {(>p} {((#0} (~k) ( ()",
	/* URLs: the scheme may be seen. */
	"SET k [redis://u:p@h:1/2]",
	"GET [REDISS://u:p@h]",
	"MSET a 1 b [valkey://:p@h] c redis:x",
	"MSET a [valkeys://h] b 2",
	"ECHO [redis://]",
};

/* What looks like a secret and is none. */
static const char *const others[] = {
	"GET auth",
	"SET auth x",
	"SET requirepass x",
	"HSET h auth x password x",
	"MSET auth a hello b requirepass c",
	"ECHO AUTH x",
	"PING auth",
	"PUBLISH auth-pass x",
	"SET k >x",
	"SET k #x EX 10",
	"AUTHS x",
	"AUT x",
	"XAUTH x",
	"NAUTH x",
	"HELLOS 3 AUTH u p",
	"GET AUTH2 u p",
	"CLIENT SETNAME auth",
	"CLIENT SET requirepass x",
	"CONFIG GET requirepass",
	"CONFIG GET requirepass masterauth",
	"CONFIG RESETSTAT requirepass x",
	"CONFIG SET requirepas x",
	"CONFIG SET tls-client-key-file-passe x",
	"CONFIG SET tls-client-key-file x",
	"CONFIG SETS requirepass x",
	"ACL GETUSER me",
	"ACL GETUSER >me",
	"ACL DELUSER #me",
	"ACL SETUSERS me >x",
	"ACL DRYRUN auth GET auth",
	"ACL DRYRUN AUTH",
	"COMMAND GETKEYS",
	"COMMAND GETKEYS GET auth",
	"COMMAND INFO auth x",
	"COMMAND DOCS auth x",
	"CLUSTER MIGRATESLOTS SLOTSRANGE 0 1 NODE x",
	"CLUSTER MEET auth x",
	"MODULE UNLOAD auth x",
	"MODULE LOAD /x.so 1 2",
	"MODULE LOADEX /x.so CONFIG hz 1 ARGS a b",
	"CONFIG SET search-threads 1 authors x passwords y",
	"FT.CONFIG GET OSS_GLOBAL_PASSWORD",
	"SET k redis:queue:1",
	"SET k redis:/x",
	"SET rediss: x",
	"SET k http://u:p@h",
	"SET k valkeyss://u:p@h",
	"SET k a redis",
	"ACL WHOAMI",
	"MIGRATE host 6379 k 0 1000 AUTH3 u p",
	"SENTINEL GET m auth-pass x",
	"SENTINEL SET m auth-passes x",
	"EVAL AUTH 0 x",
	"MULTI",
	"RESET"
};

/* With REDACT_VALUES. */
static const char *const values[] = {
	"GET key",
	"SET key <value> <EX> <10>",
	"SET key <>",
	"MSET a <1> b <2> c",
	"DEL a b c",
	"HSET key <field> <value>",
	"LPUSH list <a> <b>",
	"BLPOP list <0>",
	"RENAME a b",
	"RENAME a b <c>",
	"PING <text>",
	"ECHO <text>",
	"PUBLISH <channel> <text>",
	"AUTH <user> <secret>",
	"HELLO <3> <AUTH> <user> <secret>",
	"CONFIG SET <maxmemory> <1>",
	"CONFIG GET <requirepass>",
	"ACL SETUSER <me> <on> <>",
	"CLIENT SETNAME <me>",
	"SENTINEL SET <m> <auth-pass> <secret>",
	"NO-SUCH-COMMAND <a> <b>",
	"it-is-longer-than-any-word-that-is-looked-for <a> <b>",
	"GET",
	"MULTI"
};

START_TEST(secret_is_hidden)
{
	check_words(REDACT_SECRETS, secrets[_i]);
}
END_TEST

START_TEST(other_is_seen)
{
	check_words(REDACT_SECRETS, others[_i]);
}
END_TEST

START_TEST(value_is_hidden)
{
	check_words(REDACT_VALUES, values[_i]);
}
END_TEST

/* Scripts: what is a value is hidden, whether or not keys are seen. */
START_TEST(script_is_hidden)
{
	static const char in[] = "EVAL script 1 key value\r\n";
	static const char out[] = "EVAL ****** ? ??? *****\r\n";
	struct bytes i = { 0 }, o = { 0 };

	bytes_add_string(&i, in);
	bytes_add_string(&o, out);
	check(REDACT_VALUES, &i, &o);
	bytes_free(&i);
	bytes_free(&o);
}
END_TEST

/* Streams */

static const struct {
	const char *in;
	size_t len;
	const char *out;
	size_t out_len;
} streams[] = {
	{ IN(""), IN("") },
	{ IN("\r\n*0\r\n*-1\r\n\nAUTH x\r\n\r\n"),
	  IN("\r\n*0\r\n*-1\r\n\nAUTH *\r\n\r\n") },
	{ IN("AUTH a\nAUTH b c\r\n*2\r\n$4\r\nAUTH\r\n$1\r\nd\r\nGET e\n"),
	  IN("AUTH *\nAUTH * *\r\n*2\r\n$4\r\nAUTH\r\n$1\r\n*\r\nGET e\n") },
	/* What Redis takes for a blank before a word. */
	{ IN(" \t\r\v\fAUTH a\nGET b\n"), IN(" \t\r\v\fAUTH *\nGET b\n") },
	{ IN("AUTH\v a\n"), IN("AUTH\v a\n") },
	{ IN("AU\"TH\" a\n"), IN("AU\"TH\" *\n") },
	/* Unfinished. */
	{ IN("AUTH"), IN("AUTH") },
	{ IN("AUTH "), IN("AUTH ") },
	{ IN("AUTH sec"), IN("AUTH ***") },
	{ IN("AUTH \"a b"), IN("AUTH ****") },
	{ IN("AUTH 'a b"), IN("AUTH ****") },
	{ IN("AUTH a\r"), IN("AUTH *\r") },
	{ IN("*2\r\n$4\r\nAUTH\r\n$9\r\nsec"),
	  IN("*2\r\n$4\r\nAUTH\r\n$9\r\n***") },
	/* Blanks: inside quotes they are part of the secret. */
	{ IN("AUTH \"  a  b  \"   \r\n"), IN("AUTH **********   \r\n") },
	{ IN("AUTH '\ta \t b\t'\t\r\n"), IN("AUTH *********\t\r\n") },
	{ IN("AUTH \"a\rb\r\" 'c\r' \r\nGET x\r\n"),
	  IN("AUTH ****** **** \r\nGET x\r\n") },
	{ IN("AUTH \"a\\x20 b\\n \"\r\n"), IN("AUTH ************\r\n") },
	{ IN("AUTH a\" b \"\r\n"), IN("AUTH ******\r\n") },
	{ IN("AUTH a' b '\r\n"), IN("AUTH ******\r\n") },
	{ IN("AUTH a\rb\r\n"), IN("AUTH *?*\r\n") },
	{ IN("AUTH \v\fa\v\fb \v\r\n"), IN("AUTH ??**** ?\r\n") },
	/* Escapes. */
	{ IN("AUTH \"\\x\" \"\\x4\" \"\\x4g\" \"\\xg\"\r\n"),
	  IN("AUTH **** ***** ****** *****\r\n") },
	{ IN("AUTH \"\\\\\" \"\\\"\" \"\\n\\q\" '\\'' '\\n' '\"'\r\n"),
	  IN("AUTH **** **** ****** **** **** ***\r\n") },
	{ IN("AUTH \\x41 a\\\"b\" \\'c'\r\n"),
	  IN("AUTH **** ***** ****\r\n") },
	{ IN("\"\\x41U\"TH\r\n"), IN("\"\\x41U\"TH\r\n") },
	{ IN("a\"ut\\x48\" x\n'AUTH' y\n\"AUTH\" z\n"),
	  IN("a\"ut\\x48\" *\n'AUTH' *\n\"AUTH\" *\n") },
	{ IN("CONFIG SET require\"pass\" x hz 1\r\n"),
	  IN("CONFIG SET require\"pass\" * hz 1\r\n") },
	{ IN("ACL SETUSER u >\"a b\" '>c d' \"<\"\r\n"),
	  IN("ACL SETUSER u ****** ?***** ?**\r\n") },
	/* Other bytes. */
	{ IN("*2\r\n$4\r\nAUTH\r\n$4\r\n\0\r\n\xff\r\nGET a\r\n"),
	  IN("*2\r\n$4\r\nAUTH\r\n$4\r\n****\r\nGET a\r\n") },
	{ IN("*2\r\n$5\r\nAUTH\0\r\n$1\r\nx\r\n"),
	  IN("*2\r\n$5\r\nAUTH\0\r\n$1\r\nx\r\n") },
	{ IN("AUTH \xc3\xa9\x80\xff\r\n"), IN("AUTH ****\r\n") },
	/* To Redis there is no line's end behind a NUL. */
	{ IN("AUTH se\0cret\r\nGET x\r\n"),
	  IN("AUTH *******?????????") },
	{ IN("AUTH \0x y\r\n"), IN("AUTH ?*?*??") },
	{ IN("AUTH \"a\0b c\r\n"), IN("AUTH ****?*??") },
	{ IN("CONFIG SET requirepass a\0b\r\n"),
	  IN("CONFIG SET requirepass ***??") },
	{ IN("GET a\0AUTH x\r\n"), IN("GET a\0AUTH x\r\n") },
	/* Protocol errors: what is known to be a secret is hidden up to the
	 * byte that ends decoding; then all is seen. */
	{ IN("AUTH \"a\"b c\r\nAUTH x\r\n"),
	  IN("AUTH ****?*?\nAUTH x\r\n") },
	{ IN("AUTH a \"b\r\nAUTH x\r\n"), IN("AUTH * **?\nAUTH x\r\n") },
	{ IN("AUTH 'it's it\nAUTH x\n"), IN("AUTH *****?**\nAUTH x\n") },
	{ IN("AUTH \"a\\\nAUTH x\n"), IN("AUTH ***\nAUTH x\n") },
	{ IN("AUTH \"a\\x4\nAUTH x\n"), IN("AUTH *****\nAUTH x\n") },
	{ IN("CONFIG SET requirepass \"a\"bcd\r\nAUTH x\n"),
	  IN("CONFIG SET requirepass ******?\nAUTH x\n") },
	{ IN("CONFIG SET requirepass 'it's'\nAUTH x\n"),
	  IN("CONFIG SET requirepass ******\nAUTH x\n") },
	{ IN("HELLO 3 AUTH u \"a\"bcd\n"), IN("HELLO 3 AUTH * ******\n") },
	{ IN("ACL SETUSER u '>a'bcd\n"), IN("ACL SETUSER u ?******\n") },
	{ IN("GET \"a\"b AUTH c\nAUTH x\n"),
	  IN("GET \"a\"b AUTH c\nAUTH x\n") },
	{ IN("*3\r\n$4\r\nAUTH\r\n$1\r\na\r\n:secret\r\nAUTH x\r\n"),
	  IN("*3\r\n$4\r\nAUTH\r\n$1\r\n*\r\n:secret\r\nAUTH x\r\n") },
	{ IN("*2\r\n$4\r\nAUTH\r\n$3\r\nsecret\r\nAUTH x\r\n"),
	  IN("*2\r\n$4\r\nAUTH\r\n$3\r\n***ret\r\nAUTH *\r\n") },
	{ IN("*2\r\n$4\r\nAUTH\r\n$-1\r\nsecret\r\n"),
	  IN("*2\r\n$4\r\nAUTH\r\n$-1\r\nsecret\r\n") },
	{ IN("*x\r\nAUTH x\r\n"), IN("*x\r\nAUTH x\r\n") }
};

START_TEST(stream_is_seen_so)
{
	struct bytes in = { 0 }, out = { 0 };

	MUST(bytes_reserve(&in, 1) != NULL);	/* one of them is empty */
	bytes_add(&in, streams[_i].in, streams[_i].len);
	bytes_add(&out, streams[_i].out, streams[_i].out_len);
	check(REDACT_SECRETS, &in, &out);
	bytes_free(&in);
	bytes_free(&out);
}
END_TEST

/* Sizes */

static void
add_many(struct text *t, const char *s, size_t len, size_t n, char seen_as)
{
	while (n-- > 0)
		add(t, s, len, seen_as);
}

static const size_t pieces[] = { SIZE_MAX, 65536, 4096, 1021 };

START_TEST(huge_secret_is_hidden)
{
	struct text t = { { 0 }, { 0 } };
	int i;

	add_string(&t, "*3\r\n$4\r\nAUTH\r\n$1048576\r\n");
	add_many(&t, "a", 1, 1024 * 1024, '*');
	add_string(&t, "\r\n$1\r\n");
	add(&t, "b", 1, '*');
	add_string(&t, "\r\nGET a\r\n");
	add_string(&t, "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$300000\r\n");
	add_many(&t, "AUTH\r\n", 6, 50000, '\0');
	add_string(&t, "\r\nAUTH ");
	add_many(&t, "c", 1, 60000, '*');
	add_string(&t, "\r\nAUTH ");
	add_many(&t, "\"", 1, 1, '*');
	add_many(&t, "\\x64 ", 5, 13000, '*');
	add_many(&t, "\"", 1, 1, '*');
	add_string(&t, "\r\nGET e\r\n");
	ck_assert(!t.in.failed && !t.out.failed);
	for (i = 0; i < COUNT(pieces); i++)
		check_pieces(REDACT_SECRETS, &t.in, &t.out, pieces[i]);
	bytes_free(&t.in);
	bytes_free(&t.out);
}
END_TEST

/* A line too long is a violation at 64 KiB; what was a secret there is one up
 * to the line's end. */
START_TEST(endless_line_is_hidden)
{
	struct text t = { { 0 }, { 0 } };
	int i;

	add_string(&t, "AUTH ");
	add_many(&t, "c", 1, TOKENIZER_LINE_MAX - 5, '*');
	add_many(&t, "c", 1, 100000, '*');
	add(&t, "\r", 1, '?');
	add_string(&t, "\nAUTH x\r\n");
	for (i = 0; i < COUNT(pieces); i++)
		check_pieces(REDACT_SECRETS, &t.in, &t.out, pieces[i]);
	check_pieces(REDACT_SECRETS, &t.in, &t.out, 1);
	bytes_free(&t.in);
	bytes_free(&t.out);
}
END_TEST

START_TEST(many_secrets_in_a_chunk)
{
	struct text t = { { 0 }, { 0 } };
	int i;

	for (i = 0; i < 10000; i++)
		add_command(&t, i % 3 == 0 ? "AUTH <a> <b>" : i % 3 == 1 ?
		    "CONFIG SET requirepass <c> hz 1" : "GET auth",
		    (enum style)(i % STYLES), AS_IS);
	ck_assert(!t.in.failed && !t.out.failed);
	for (i = 0; i < COUNT(pieces); i++)
		check_pieces(REDACT_SECRETS, &t.in, &t.out, pieces[i]);
	redact_requests(&(struct redact){ 0 }, REDACT_SECRETS, t.in.data, 0,
	    &spans);
	ck_assert_uint_eq(spans.n, 0);
	bytes_free(&t.in);
	bytes_free(&t.out);
}
END_TEST

/*
 * Whole commands without secrets are passed over in a shorter way than those
 * that come byte by byte: the same must be hidden whatever is wrong with them.
 */
static const char good[] = "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n*2\r\n$4\r\nAUTH\r\n"
    "$10\r\n0123456789\r\n*1\r\n$3\r\nACL\r\n*3\r\n$3\r\nSET\r\n"
    "$4\r\nauth\r\n$4\r\nAUTH\r\nget p\n \rx\n\r\n*2\r\n$4\r\nAUTH\r\n"
    "$1\r\np\r\n"
    /* Sizes that are those of the command before, and some that are not. */
    "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$10\r\nauth  auth\r\n"
    "*3\r\n$3\r\nSET\r\n$1\r\nl\r\n$10\r\nAUTH  AUTH\r\n"
    "*3\r\n$3\r\nSET\r\n$2\r\nkk\r\n$1\r\nv\r\n"
    "*6\r\n$3\r\nDEL\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"
    "$1\r\nd\r\n$1\r\ne\r\n"
    "*2\r\n$4\r\nAUTH\r\n$1\r\np\r\n"
    /* Lines of more than a block. */
    "get a word and another one, authentic\n   acl setuser a b c d\n"
    "set auth word\nget one-and-twenty-bytes\n*2\r\n$4\r\nAUTH\r\n"
    "$1\r\np\r\nget the last one\n*2\r\n$3\r\nGET\r\n$14\r\n"
    "redis://u:p@hh\r\nget x redis://u:p@h\nget user:1:2\n"
    "*3\r\n$3\r\nSET\r\n$12\r\nrediss://:p@\r\n$1\r\nx\r\n";

static void
must_hide_the_same(const struct bytes *in)
{
	struct bytes out = { 0 };
	struct redact r;
	size_t at;

	ck_assert_ptr_nonnull(bytes_reserve(&out, in->len));
	redact_init(&r);
	for (at = 0; at < in->len; at++)
		feed(&r, REDACT_SECRETS, in->data + at, 1, out.data + at);
	redact_free(&r);
	check_pieces(REDACT_SECRETS, in, &out, SIZE_MAX);
	bytes_free(&out);
}

START_TEST(short_way_hides_the_same)
{
	static const char wrong[] = "\0\r\n\v +-0123459*$'\"\\Axas\xff";
	struct bytes in = { 0 };
	size_t i;

	for (i = 0; i < sizeof(wrong) - 1; i++) {
		bytes_truncate(&in, 0);
		bytes_add(&in, good, sizeof(good) - 1);
		in.data[_i] = (uint8_t)wrong[i];
		must_hide_the_same(&in);
	}
	bytes_free(&in);
}
END_TEST

/* Behind a line that is too long nothing is a command. */
/* harmless.h knows by heart how the names begin that redact.c has rules for. */
START_TEST(short_way_suspects_all_rules)
{
	uint8_t upper[REDACT_WORD_MAX];
	struct bytes in = { 0 };
	const char *name;
	size_t i, k, len;

	for (i = 0; (name = redact_command_at(i)) != NULL; i++) {
		len = strlen(name);
		for (k = 0; k < len; k++)
			upper[k] = (uint8_t)toupper((uint8_t)name[k]);
		ck_assert_msg(harmless_is_suspect((const uint8_t *)name, len) &&
		    harmless_is_suspect(upper, len), "%s", name);
		/* As the first of a line, and of an array. */
		bytes_truncate(&in, 0);
		bytes_addf(&in, "%s x\r\n*1\r\n$%zu\r\n%s\r\n", name, len,
		    name);
		ck_assert_ptr_eq(harmless_pass(in.data, in.data + in.len),
		    in.data);
		k = len + 4;
		ck_assert_ptr_eq(harmless_pass(in.data + k, in.data + in.len),
		    in.data + k);
	}
	ck_assert_uint_ge(i, 13);
	bytes_free(&in);
}
END_TEST

START_TEST(short_way_ends_at_a_long_line)
{
	struct bytes in = { 0 };
	size_t len;

	for (len = TOKENIZER_LINE_MAX - 2; len < TOKENIZER_LINE_MAX + 3;
	    len++) {
		bytes_truncate(&in, 0);
		ck_assert_ptr_nonnull(bytes_reserve(&in, len));
		memset(in.data, 'x', len);
		in.len = len;
		bytes_add_string(&in, "\nAUTH secret\n");
		must_hide_the_same(&in);
	}
	bytes_free(&in);
}
END_TEST

/* No size is taken for that of the command before. */
START_TEST(sizes_are_not_mixed_up)
{
	static const int sizes[] = { 1, 10, 1, 100, 1000, 100, 10, 99, 999, 0 };
	struct bytes in = { 0 };
	size_t n;
	int i;

	for (n = 0; n < (size_t)COUNT(sizes); n++) {
		bytes_addf(&in, "*2\r\n$3\r\nGET\r\n$%d\r\n", sizes[n]);
		for (i = 0; i < sizes[n]; i++)
			bytes_add(&in, &"auth x\n"[i % 7], 1);
		bytes_add_string(&in, "\r\n");
	}
	ck_assert(!in.failed);
	check_pieces(REDACT_SECRETS, &in, &in, SIZE_MAX);
	bytes_free(&in);
}
END_TEST

/* Without memory for what it is in the middle of it shows nothing any more. */
START_TEST(lost_place_hides_all)
{
	struct redact r = { .lost = true };
	uint8_t seen[] = "GET a\r\n";

	feed(&r, REDACT_SECRETS, seen, 7, seen);
	ck_assert_str_eq((char *)seen, "*******");
	feed(&r, REDACT_SECRETS, seen, 2, seen);
	ck_assert(r.lost);
}
END_TEST

/* Two connections share the spans, as those of a worker do, and nothing
 * else. */
START_TEST(connections_take_turns)
{
	static const char a[] = "AUTH 'a b' c\r\nGET d\r\n";
	static const char b[] = "GET ef 'h i' j\r\nAUTH k\r\n";
	uint8_t seen_a[sizeof(a)] = "", seen_b[sizeof(b)] = "";
	struct redact ra, rb;
	size_t i;

	redact_init(&ra);
	redact_init(&rb);
	for (i = 0; i < sizeof(a) - 1 || i < sizeof(b) - 1; i++) {
		if (i < sizeof(a) - 1)
			feed(&ra, REDACT_SECRETS, (const uint8_t *)a + i, 1,
			    seen_a + i);
		if (i < sizeof(b) - 1)
			feed(&rb, REDACT_SECRETS, (const uint8_t *)b + i, 1,
			    seen_b + i);
	}
	/* Both ended behind a command: nothing is left to free. */
	ck_assert_ptr_null(ra.open);
	ck_assert_ptr_null(rb.open);
	ck_assert_str_eq((char *)seen_a, "AUTH ***** *\r\nGET d\r\n");
	ck_assert_str_eq((char *)seen_b, "GET ef 'h i' j\r\nAUTH *\r\n");
}
END_TEST

/* Replies */

static const struct {
	enum redact_level level;
	bool echo;
	const char *in;
	const char *out;
} replies[] = {
	{ REDACT_SECRETS, false, "+OK\r\n$5\r\nhello\r\n",
	  "+OK\r\n$5\r\nhello\r\n" },
	{ REDACT_SECRETS, false, "*2\r\n$4\r\nAUTH\r\n$1\r\nx\r\n",
	  "*2\r\n$4\r\nAUTH\r\n$1\r\nx\r\n" },
	{ REDACT_SECRETS, true, "*2\r\n$4\r\nAUTH\r\n$1\r\nx\r\n",
	  "*2\r\n$4\r\nAUTH\r\n$1\r\n*\r\n" },
	{ REDACT_SECRETS, true, "*1\r\n$4\r\nPING\r\n*4\r\n$6\r\nconfig\r\n"
	  "$3\r\nset\r\n$11\r\nrequirepass\r\n$2\r\nxy\r\n*2\r\n$3\r\nGET\r\n"
	  "$4\r\nauth\r\n*2\r\n$4\r\nauth\r\n$1\r\nx\r\n",
	  "*1\r\n$4\r\nPING\r\n*4\r\n$6\r\nconfig\r\n"
	  "$3\r\nset\r\n$11\r\nrequirepass\r\n$2\r\n**\r\n*2\r\n$3\r\nGET\r\n"
	  "$4\r\nauth\r\n*2\r\n$4\r\nauth\r\n$1\r\n*\r\n" },
	{ REDACT_SECRETS, true,
	  "-ERR resptap: the command is too long to be sent back\r\n"
	  "*2\r\n$4\r\nAUTH\r\n$1\r\nx\r\n",
	  "-ERR resptap: the command is too long to be sent back\r\n"
	  "*2\r\n$4\r\nAUTH\r\n$1\r\n*\r\n" },
	{ REDACT_NONE, true, "*2\r\n$4\r\nAUTH\r\n$1\r\nx\r\n",
	  "*2\r\n$4\r\nAUTH\r\n$1\r\nx\r\n" },
	{ REDACT_NONE, false, "$5\r\nhello\r\n", "$5\r\nhello\r\n" },
	{ REDACT_VALUES, false, "", "" },
	{ REDACT_VALUES, false, "+OK\r\n:1\r\n_\r\n#t\r\n$-1\r\n*-1\r\n*0\r\n",
	  "+OK\r\n:1\r\n_\r\n#t\r\n$-1\r\n*-1\r\n*0\r\n" },
	{ REDACT_VALUES, false, "$5\r\nhello\r\n$0\r\n\r\n$2\r\n\r\n\r\n",
	  "$5\r\n*****\r\n$0\r\n\r\n$2\r\n**\r\n" },
	{ REDACT_VALUES, false,
	  "*2\r\n$1\r\na\r\n*2\r\n:1\r\n$2\r\nbc\r\n%1\r\n$1\r\nk\r\n,1.5\r\n",
	  "*2\r\n$1\r\n*\r\n*2\r\n:1\r\n$2\r\n**\r\n%1\r\n$1\r\n*\r\n,***\r\n"
	},
	{ REDACT_VALUES, false, "~1\r\n(123\r\n=8\r\ntxt:abcd\r\n",
	  "~1\r\n(***\r\n=8\r\n*" "*******\r\n" },
	{ REDACT_VALUES, false, ">2\r\n$7\r\nmessage\r\n$1\r\nx\r\n+OK\r\n",
	  ">2\r\n$7\r\n*******\r\n$1\r\n*\r\n+OK\r\n" },
	{ REDACT_VALUES, false, "-ERR syntax error\r\n$1\r\na\r\n",
	  "-ERR syntax error\r\n$1\r\n*\r\n" },
	/* An error may quote what the client sent. */
	{ REDACT_VALUES, false, "-ERR unknown command 'F', with args "
	  "beginning with: 'it's' 'x' \r\n$1\r\na\r\n",
	  "-ERR unknown command ????????????????"
	  "????????????????****???*??\r\n$1\r\n*\r\n" },
	{ REDACT_VALUES, true, "*2\r\n$4\r\nAUTH\r\n$1\r\nx\r\n+OK\r\n",
	  "*2\r\n$4\r\n????\r\n$1\r\n*\r\n+OK\r\n" }
};

START_TEST(reply_is_seen_so)
{
	struct bytes in = { 0 }, out = { 0 };
	uint8_t *seen;

	bytes_add_string(&in, replies[_i].in);
	bytes_add_string(&out, replies[_i].out);
	ck_assert_uint_eq(in.len, out.len);
	seen = malloc(in.len + 1);
	ck_assert_ptr_nonnull(seen);
	if (in.len > 0)
		memcpy(seen, in.data, in.len);
	redact_replies(replies[_i].level, replies[_i].echo, seen, in.len,
	    &spans);
	black_out(seen, in.len);
	compare(&in, &out, seen, "reply", (size_t)_i);
	free(seen);
	bytes_free(&in);
	bytes_free(&out);
}
END_TEST

static Suite *
redact_suite(void)
{
	Suite *s = suite_create("redact");
	TCase *tc = tcase_create("redact");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, secret_is_hidden, 0, COUNT(secrets));
	tcase_add_loop_test(tc, other_is_seen, 0, COUNT(others));
	tcase_add_loop_test(tc, value_is_hidden, 0, COUNT(values));
	tcase_add_test(tc, script_is_hidden);
	tcase_add_loop_test(tc, stream_is_seen_so, 0, COUNT(streams));
	tcase_add_test(tc, huge_secret_is_hidden);
	tcase_add_test(tc, endless_line_is_hidden);
	tcase_add_test(tc, many_secrets_in_a_chunk);
	tcase_add_loop_test(tc, short_way_hides_the_same, 0,
	    COUNT(good) - 1);
	tcase_add_test(tc, sizes_are_not_mixed_up);
	tcase_add_test(tc, short_way_suspects_all_rules);
	tcase_add_test(tc, short_way_ends_at_a_long_line);
	tcase_add_test(tc, lost_place_hides_all);
	tcase_add_test(tc, connections_take_turns);
	tcase_add_loop_test(tc, reply_is_seen_so, 0, COUNT(replies));
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(redact_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
