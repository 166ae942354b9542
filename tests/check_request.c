/*
 * Whole commands: the same however the input is cut, and bounded.
 *
 * A command is written down as text: "0-24[ECHO][he+3]" takes the bytes 0 to 23
 * of the stream and has two arguments, of the second one 3 more bytes than
 * these; "(7 more)" arguments may follow.
 */
#include "config.h"

#include "base/bytes.h"
#include "resp/request.h"

#include <sys/resource.h>

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))

#define MIB (1024 * 1024)

/* What the keep functions of the tests allow. */
#define KEEP_SMALL 16
#define KEEP_BIG MIB

/* ck_assert() writes a record each time that it holds: too slow for each
 * byte. */
#define MUST(expr)							\
	do {								\
		if (!(expr))						\
			ck_abort_msg("%s", #expr);			\
	} while (0)

static struct args args;

static size_t
keep_small_echo(const struct arg *name)
{
	return (name != NULL && arg_is(name, "echo") ? KEEP_SMALL : 0);
}

static size_t
keep_big_echo(const struct arg *name)
{
	return (name != NULL && arg_is(name, "echo") ? KEEP_BIG : 0);
}

static size_t
keep_everything(const struct arg *name)
{
	(void)name;
	return (KEEP_BIG);
}

static void
write_arg(struct bytes *out, const struct arg *a)
{
	uint32_t i;

	MUST(a->kept <= a->size);
	bytes_add_string(out, "[");
	if (a->kept > 100 && memcmp(a->data, a->data + 1, a->kept - 1) == 0)
		bytes_addf(out, "%u of %c", a->kept, a->data[0]);
	else for (i = 0; i < a->kept; i++)
		bytes_addf(out, a->data[i] < ' ' || a->data[i] > '~' ?
		    "\\x%02x" : "%c", a->data[i]);
	if (a->kept < a->size)
		bytes_addf(out, "+%u", a->size - a->kept);
	bytes_add_string(out, "]");
}

static void
write_command(struct bytes *out)
{
	size_t sum = 0;
	uint32_t i;

	MUST(args.n <= ARGS_MAX);
	MUST(args.n <= args.total);
	MUST(args.n > 0 || args.total == 0);
	bytes_addf(out, "%ju-%ju", (uintmax_t)args.offset,
	    (uintmax_t)(args.offset + args.bytes));
	for (i = 0; i < args.n; i++) {
		write_arg(out, &args.v[i]);
		sum += args.v[i].kept;
	}
	MUST(sum <= args.kept);
	MUST(args.keep != NULL || args.kept <= ARGS_KEEP);
	if (args.n < args.total)
		bytes_addf(out, "(%u more)", args.total - args.n);
	bytes_add_string(out, " ");
}

/*
 * Gives it a chunk that is a block of its own and goes afterwards, so that ASan
 * sees who looks beyond or at it later.
 */
static void
feed(struct request *r, const char *in, size_t len, struct bytes *out)
{
	uint8_t *chunk = malloc(len);
	const uint8_t *p = chunk;
	enum request_result result;

	MUST(chunk != NULL || len == 0);
	if (len > 0)
		memcpy(chunk, in, len);
	while ((result = request_next(r, &args, &p, chunk + len)) ==
	    REQUEST_OK)
		write_command(out);
	if (result == REQUEST_MORE) {
		MUST(p == chunk + len);
		if (tokenizer_between(&r->tokenizer))
			MUST(r->saved == NULL);
	} else {
		MUST(result == REQUEST_BAD);
		MUST(request_next(r, &args, &p, chunk + len) == REQUEST_BAD);
		bytes_addf(out, "!%s", tokenizer_rule_name(&r->tokenizer));
	}
	free(chunk);
}

static void
finish(struct request *r, struct bytes *out)
{
	request_free(r);
	ck_assert_ptr_null(r->saved);
	request_free(r);
	bytes_add(out, "", 1);
	ck_assert(!out->failed);
}

/* What comes of the input in pieces of that size; to be freed. */
static char *
in_pieces(const char *in, size_t len, size_t piece)
{
	struct request r;
	struct bytes out = { 0 };
	size_t at, n;

	request_init(&r);
	for (at = 0; at < len && (out.len == 0 ||
	    memchr(out.data, '!', out.len) == NULL); at += n) {
		n = len - at < piece ? len - at : piece;
		feed(&r, in + at, n, &out);
	}
	finish(&r, &out);
	return ((char *)out.data);
}

static char *
in_two(const char *in, size_t len, size_t cut)
{
	struct request r;
	struct bytes out = { 0 };

	request_init(&r);
	feed(&r, in, cut, &out);
	if (out.len == 0 || memchr(out.data, '!', out.len) == NULL)
		feed(&r, in + cut, len - cut, &out);
	finish(&r, &out);
	return ((char *)out.data);
}

static void
check_and_free(char *out, const char *expected)
{
	ck_assert_str_eq(out, expected);
	free(out);
}

#define ARRAY(name, size, arg)						\
	"*2\r\n$4\r\n" name "\r\n$" size "\r\n" arg "\r\n"
#define IN(in) in, sizeof(in) - 1

static const struct {
	const char *in;
	size_t len;
	size_t clip;
	args_keep_fn keep;
	const char *out;
} vectors[] = {
	{ IN("*1\r\n$4\r\nPING\r\n"), 1024, NULL, "0-14[PING] " },
	{ IN(ARRAY("ECHO", "2", "hi")), 1024, NULL, "0-22[ECHO][hi] " },
	{ IN(ARRAY("ECHO", "0", "")), 1024, NULL, "0-20[ECHO][] " },
	{ IN("ECHO hi\r\n"), 1024, NULL, "0-9[ECHO][hi] " },
	{ IN("ECHO hi\n"), 1024, NULL, "0-8[ECHO][hi] " },
	{ IN("  ECHO   hi  \r\n"), 1024, NULL, "0-15[ECHO][hi] " },
	{ IN("e\"c h\"  'o \\'p' \"\" \"\\x41\\n\\\"b\"\r\n"), 1024, NULL,
	    "0-32[ec h][o 'p][][A\\x0a\"b] " },
	{ IN("*3\r\n$1\r\n\0\r\n$2\r\n\r\n\r\n$1\r\n\xff\r\n"), 1024, NULL,
	    "0-26[\\x00][\\x0d\\x0a][\\xff] " },
	{ IN("*4\r\n$1\r\na\r\n$0\r\n\r\n$0\r\n\r\n$3\r\nbcd\r\n"), 1024, NULL,
	    "0-32[a][][][bcd] " },
	/* Commands without arguments. */
	{ IN("\r\n"), 1024, NULL, "0-2 " },
	{ IN("\n \n*0\r\n*-1\r\nPING\n"), 1024, NULL,
	    "0-1 1-3 3-7 7-12 12-17[PING] " },
	/* Several in one chunk. */
	{ IN("PING\r\n" ARRAY("ECHO", "2", "hi") "\r\nGET a\n"), 1024, NULL,
	    "0-6[PING] 6-28[ECHO][hi] 28-30 30-36[GET][a] " },
	{ IN("a\nb\nc\nd\ne\nf\ng\nh\n"), 1024, NULL, "0-2[a] 2-4[b] "
	    "4-6[c] 6-8[d] 8-10[e] 10-12[f] 12-14[g] 14-16[h] " },
	/* Not what a client writes, but what Redis takes. */
	{ IN("*1\rx$4\rxPINGxx*1\r\n$1\r\na\r\n"), 1024, NULL,
	    "0-14[PING] 14-25[a] " },
	{ IN("*1\r\n$1\r\na\r\r*1\r\n$1\r\na\n\n\n*0\r\n"), 1024, NULL,
	    "0-11[a] 11-22[a] 22-23 23-27 " },
	{ IN("*01\r\n$1\r\na\r\n"), 1024, NULL,
	    "!invalid-multibulk-length" },
	{ IN("*1\r\n$01\r\na\r\n"), 1024, NULL, "!invalid-bulk-length" },
	{ IN("*1\r\n$\r\na\r\n"), 1024, NULL, "!invalid-bulk-length" },
	{ IN("*4294967297\r\n$1\r\na\r\n"), 1024, NULL,
	    "!invalid-multibulk-length" },
	{ IN("*1\r\n$4294967297\r\na\r\n"), 1024, NULL,
	    "!invalid-bulk-length" },
	/* Unfinished and broken ones. */
	{ IN(""), 1024, NULL, "" },
	{ IN("PING\n*2\r\n$4\r\nECHO\r\n$2\r\nhi\r"), 1024, NULL,
	    "0-5[PING] " },
	{ IN("GET \"a"), 1024, NULL, "" },
	{ IN("PING\n*2\r\n$4\r\nECHO\r\n$-1\r\nPING\n"), 1024, NULL,
	    "0-5[PING] !invalid-bulk-length" },
	{ IN("PING\nGET a 'b\nPING\n"), 1024, NULL,
	    "0-5[PING] !unbalanced-quotes" },
	/* Clipped. */
	{ IN(ARRAY("ECHO", "4", "abcd")), 4, NULL, "0-24[ECHO][abcd] " },
	{ IN(ARRAY("ECHO", "5", "abcde")), 4, NULL, "0-25[ECHO][abcd+1] " },
	{ IN("*3\r\n$6\r\nabcdef\r\n$1\r\ng\r\n$6\r\nhijklm\r\n"), 3, NULL,
	    "0-35[abc+3][g][hij+3] " },
	{ IN("abcdef g hijklm\n"), 3, NULL, "0-16[abc+3][g][hij+3] " },
	{ IN("\"a\\x41b\"c'd\n"), 3, NULL, "!unbalanced-quotes" },
	{ IN("a\"\\x41b\\tcd\" 'e\\'f\\'g'\n"), 3, NULL,
	    "0-23[aAb+3][e'f+2] " },
	{ IN(ARRAY("ECHO", "2", "hi")), 0, NULL, "0-22[+4][+2] " },
	{ IN(ARRAY("ECHO", "0", "")), 0, NULL, "0-20[+4][] " },
	/* Kept whole, because it is sent back. */
	{ IN(ARRAY("ECHO", "16", "0123456789abcdef")), 4, keep_small_echo,
	    "0-37[ECHO][0123456789abcdef] " },
	{ IN(ARRAY("eChO", "16", "0123456789abcdef")), 4, keep_small_echo,
	    "0-37[eChO][0123456789abcdef] " },
	{ IN("echo 0123456789abcdef\n"), 4, keep_small_echo,
	    "0-22[echo][0123456789abcdef] " },
	{ IN(ARRAY("ECHO", "17", "0123456789abcdefg")), 4, keep_small_echo,
	    "0-38[ECHO][0123+13] " },
	{ IN(ARRAY("PING", "16", "0123456789abcdef")), 4, keep_small_echo,
	    "0-37[PING][0123+12] " },
	{ IN("*2\r\n$5\r\nECHOS\r\n$6\r\nabcdef\r\n"), 4, keep_small_echo,
	    "0-27[ECHO+1][abcd+2] " },
	{ IN("*1\r\n$6\r\necho  \r\n"), 4, keep_small_echo,
	    "0-16[echo+2] " },
	/* It says what is kept at least. */
	{ IN(ARRAY("ECHO", "17", "0123456789abcdefg")), 17, keep_small_echo,
	    "0-38[ECHO][0123456789abcdefg] " },
	{ IN(ARRAY("ECHO", "18", "0123456789abcdefgh")), 17, keep_small_echo,
	    "0-39[ECHO][0123456789abcdefg+1] " },
	{ IN("*3\r\n$4\r\nECHO\r\n$9\r\nabcdefghi\r\n$9\r\njklmnopqr\r\n"), 4,
	    keep_everything, "0-44[ECHO][abcdefghi][jklmnopqr] " }
};

START_TEST(vector_in_pieces)
{
	static const size_t pieces[] = { SIZE_MAX, 1, 2, 3 };
	int i;

	args.clip = vectors[_i].clip;
	args.keep = vectors[_i].keep;
	for (i = 0; i < COUNT(pieces); i++)
		check_and_free(in_pieces(vectors[_i].in, vectors[_i].len,
		    pieces[i]), vectors[_i].out);
}
END_TEST

START_TEST(vector_at_every_cut)
{
	size_t cut;

	args.clip = vectors[_i].clip;
	args.keep = vectors[_i].keep;
	for (cut = 0; cut <= vectors[_i].len; cut++)
		check_and_free(in_two(vectors[_i].in, vectors[_i].len, cut),
		    vectors[_i].out);
}
END_TEST

/*
 * A command that lies whole in a chunk is read in a shorter way than one that
 * comes byte by byte: both must come to the same whatever is wrong with it.
 */
static const char good[] = "*3\r\n$3\r\nSET\r\n$10\r\n0123456789\r\n$0\r\n\r\n"
    "*1\r\n$4\r\nPING\r\n*2\r\n$4\r\nECHO\r\n$1\r\na\r\n";

START_TEST(short_way_leads_to_the_same)
{
	static const char wrong[] = "\0\r\n +-0123459*$'\"\\x\xff";
	char in[sizeof(good)], *slow, *fast;
	int i;

	args.clip = 6;
	args.keep = keep_small_echo;
	for (i = 0; i < COUNT(wrong) - 1; i++) {
		memcpy(in, good, sizeof(in));
		in[_i] = wrong[i];
		slow = in_pieces(in, sizeof(in) - 1, 1);
		fast = in_pieces(in, sizeof(in) - 1, SIZE_MAX);
		ck_assert_msg(strcmp(slow, fast) == 0,
		    "byte %d is %#x: %s, not %s", _i, wrong[i], fast, slow);
		free(slow);
		free(fast);
	}
}
END_TEST

/* Two connections share the args, as those of a worker do. */
START_TEST(connections_take_turns)
{
	static const char a[] = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nvalue\r\n";
	static const char b[] = "MSET 'a b' \"c\\x41\" efgh ij k\r\nx\r\n";
	struct request ra, rb;
	struct bytes outa = { 0 }, outb = { 0 };
	size_t i;

	args.clip = 4;
	args.keep = NULL;
	request_init(&ra);
	request_init(&rb);
	for (i = 0; i < sizeof(a) || i < sizeof(b); i++) {
		if (i < sizeof(a) - 1)
			feed(&ra, a + i, 1, &outa);
		if (i < sizeof(b) - 1)
			feed(&rb, b + i, 1, &outb);
	}
	finish(&ra, &outa);
	finish(&rb, &outb);
	check_and_free((char *)outa.data, "0-31[SET][k][valu+1] ");
	check_and_free((char *)outb.data,
	    "0-30[MSET][a b][cA][efgh][ij][k] 30-33[x] ");
}
END_TEST

/* What lies in one chunk is handed over in place: nothing is copied. */
static const struct {
	const char *in;
	uint32_t n;
	int at[4];		/* where each argument lies */
} in_place[] = {
	{ "*1\r\n$4\r\nPING\r\n", 1, { 8 } },
	{ "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$2\r\nbc\r\n", 3, { 8, 17, 24 } },
	{ "SET  a bc\r\n", 3, { 0, 5, 7 } },
	{ "SET\ta bc\n", 3, { 0, 4, 6 } }
};

START_TEST(arguments_stay_in_place)
{
	const uint8_t *in = (const uint8_t *)in_place[_i].in, *p = in;
	struct request r;
	uint32_t i;

	args.clip = 1024;
	args.keep = NULL;
	request_init(&r);
	ck_assert_int_eq(request_next(&r, &args, &p,
	    in + strlen(in_place[_i].in)), REQUEST_OK);
	ck_assert_uint_eq(args.n, in_place[_i].n);
	ck_assert_uint_eq(args.total, args.n);
	for (i = 0; i < args.n; i++)
		ck_assert_ptr_eq(args.v[i].data, in + in_place[_i].at[i]);
	ck_assert_ptr_null(r.saved);
	ck_assert_uint_eq(p - in, strlen(in_place[_i].in));
	request_free(&r);
}
END_TEST

/* Adds an array of that many arguments, of that size each; the first one is the
 * name. */
static void
add_array(struct bytes *in, const char *name, uint32_t total, size_t size)
{
	uint8_t *p;
	uint32_t i;

	bytes_addf(in, "*%u\r\n$%zu\r\n%s\r\n", total, strlen(name), name);
	for (i = 1; i < total; i++) {
		bytes_addf(in, "$%zu\r\n", size);
		ck_assert_ptr_nonnull(p = bytes_reserve(in, size));
		memset(p, 'a' + (int)(i % 26), size);
		in->len += size;
		bytes_add_string(in, "\r\n");
	}
}

/* Feeds the input and leaves its one command in args. */
static void
read_one(struct request *r, const struct bytes *in, size_t piece)
{
	const uint8_t *p;
	size_t at, n = 0;
	enum request_result result = REQUEST_MORE;

	request_init(r);
	for (at = 0; at < in->len; at += n) {
		MUST(result == REQUEST_MORE);
		n = in->len - at < piece ? in->len - at : piece;
		p = in->data + at;
		result = request_next(r, &args, &p, p + n);
		MUST(p == in->data + at + n);
	}
	ck_assert_int_eq(result, REQUEST_OK);
	ck_assert_uint_eq(args.offset, 0);
	ck_assert_uint_eq(args.bytes, in->len);
}

/* Commands that are too long to be kept. */
static const struct {
	const char *name;
	args_keep_fn keep;
	size_t clip;
	uint32_t total;
	size_t size;		/* of each argument after the name */
	uint32_t least;		/* how many at least, and at most, ... */
	uint32_t most;		/* ... something is kept of */
} excesses[] = {
	{ "MSET", NULL, 1024, 100000, 1, 5000, ARGS_MAX },
	{ "MSET", NULL, 1024, 100000, 0, 5000, ARGS_MAX },
	{ "MSET", NULL, 0, 100000, 5, 5000, ARGS_MAX },
	{ "MSET", NULL, 1024, 1000, 4096, 60, 65 },
	{ "MSET", NULL, 100000, 3, 100000, 2, 2 },
	{ "MSET", NULL, 1024, 10, 100000, 10, 10 },
	{ "MSET", NULL, 1024, 60, 1024, 60, 60 },
	{ "MSET", keep_big_echo, 1024, 100000, 1, 5000, ARGS_MAX },
	{ "ECHO", keep_big_echo, 1024, 20000, 1, ARGS_MAX, ARGS_MAX },
	{ "MSET", keep_everything, 1024, 20000, 1, ARGS_MAX, ARGS_MAX },
	{ "MSET", keep_everything, 1024, 20, 100000, 10, 13 }
};

START_TEST(excess_is_left_out)
{
	static const size_t pieces[] = { SIZE_MAX, 65536, 4096, 1021 };
	struct bytes in = { 0 };
	struct request r;
	uint32_t i, n[COUNT(pieces)];
	size_t kept[COUNT(pieces)];
	int p;

	args.clip = excesses[_i].clip;
	args.keep = excesses[_i].keep;
	add_array(&in, excesses[_i].name, excesses[_i].total,
	    excesses[_i].size);
	for (p = 0; p < COUNT(pieces); p++) {
		read_one(&r, &in, pieces[p]);
		n[p] = args.n;
		kept[p] = args.kept;
		ck_assert_uint_eq(args.total, excesses[_i].total);
		ck_assert_uint_ge(args.n, excesses[_i].least);
		ck_assert_uint_le(args.n, excesses[_i].most);
		ck_assert_uint_le(args.kept, excesses[_i].keep == NULL ?
		    ARGS_KEEP : KEEP_BIG + KEEP_BIG / 4);
		for (i = 1; i < args.n; i++) {
			const struct arg *a = &args.v[i];

			MUST(a->size == excesses[_i].size);
			MUST(a->kept <= a->size);
			if (a->kept == 0)
				continue;
			MUST(a->data[0] == 'a' + i % 26);
			MUST(a->data[a->kept - 1] == 'a' + i % 26);
		}
		ck_assert_uint_eq(n[p], n[0]);
		ck_assert_uint_eq(kept[p], kept[0]);
		request_free(&r);
	}
	bytes_free(&in);
}
END_TEST

/* What is sent back is kept whole up to the very limit. */
static const struct {
	const char *name;
	args_keep_fn keep;
	size_t size;
	size_t kept;
} backs[] = {
	{ "ECHO", keep_big_echo, 1000, 1000 },
	{ "ECHO", keep_big_echo, ARGS_KEEP, ARGS_KEEP },
	{ "ECHO", keep_big_echo, 2 * ARGS_KEEP, 2 * ARGS_KEEP },
	{ "ECHO", keep_big_echo, KEEP_BIG - 100, KEEP_BIG - 100 },
	{ "ECHO", keep_big_echo, KEEP_BIG - 1, KEEP_BIG - 1 },
	{ "ECHO", keep_big_echo, KEEP_BIG, KEEP_BIG },
	{ "ECHO", keep_big_echo, KEEP_BIG + 1, 10 },
	{ "ECHO", keep_big_echo, 20 * KEEP_BIG, 10 },
	{ "PING", keep_big_echo, KEEP_BIG, 10 },
	{ "ECHO", NULL, KEEP_BIG, 10 },
	{ "PING", keep_everything, KEEP_BIG - 100, KEEP_BIG - 100 },
	{ "PING", keep_everything, KEEP_BIG + 1, 10 }
};

START_TEST(what_is_sent_back_is_whole)
{
	static const size_t pieces[] = { SIZE_MAX, 65536, 1021 };
	struct bytes in = { 0 };
	struct request r;
	uint32_t i;
	int p;

	args.clip = 10;
	args.keep = backs[_i].keep;
	add_array(&in, backs[_i].name, 2, backs[_i].size);
	for (p = 0; p < COUNT(pieces); p++) {
		read_one(&r, &in, pieces[p]);
		ck_assert_uint_eq(args.total, 2);
		ck_assert_uint_eq(args.n, 2);
		ck_assert_uint_eq(args.v[1].size, backs[_i].size);
		ck_assert_uint_eq(args.v[1].kept, backs[_i].kept);
		for (i = 0; i < args.v[1].kept; i++)
			MUST(args.v[1].data[i] == 'b');
		request_free(&r);
	}
	bytes_free(&in);
}
END_TEST

static long
memory(void)
{
	struct rusage usage;

	ck_assert_int_eq(getrusage(RUSAGE_SELF, &usage), 0);
	return (usage.ru_maxrss);	/* KiB */
}

static args_keep_fn const keeps[] = { NULL, keep_big_echo, keep_everything };

/* Of 512 MiB only the beginning is kept, and memory does not grow. */
START_TEST(huge_argument_takes_no_memory)
{
	static const char head[] = "*3\r\n$4\r\nECHO\r\n$536870912\r\n";
	static uint8_t chunk[64 * 1024];
	struct request r;
	struct bytes out = { 0 };
	const uint8_t *p;
	long before;
	int i;

	args.clip = 10;
	args.keep = keeps[_i];
	memset(chunk, 'x', sizeof(chunk));
	request_init(&r);
	feed(&r, head, sizeof(head) - 1, &out);
	before = memory();
	for (i = 0; i < TOKENIZER_BULK_MAX / (int)sizeof(chunk); i++) {
		p = chunk;
		MUST(request_next(&r, &args, &p, chunk + sizeof(chunk)) ==
		    REQUEST_MORE);
	}
	ck_assert_int_lt(memory() - before, 16 * 1024);
	feed(&r, "\r\n$2\r\nhi\r\nPING\r\n", 16, &out);
	ck_assert_ptr_null(r.saved);
	finish(&r, &out);
	check_and_free((char *)out.data, "0-536870948"
	    "[ECHO][xxxxxxxxxx+536870902][hi] 536870948-536870954[PING] ");
}
END_TEST

/* A count alone asks for no memory. */
START_TEST(declared_count_takes_no_memory)
{
	static const char in[] = "*2147483647\r\n$4\r\nMSET\r\n$536870912\r\nx";
	struct request *r;
	struct bytes out = { 0 };
	long before = memory();
	int i, n = 1000;

	args.clip = 1024;
	args.keep = NULL;
	ck_assert_ptr_nonnull(r = calloc((size_t)n, sizeof(*r)));
	for (i = 0; i < n; i++) {
		request_init(&r[i]);
		feed(&r[i], in, sizeof(in) - 1, &out);
	}
	ck_assert_int_lt(memory() - before, 16 * 1024);
	for (i = 0; i < n; i++)
		request_free(&r[i]);
	ck_assert_uint_eq(out.len, 0);
	free(r);
}
END_TEST

static const struct {
	const char *arg;
	uint32_t kept;
	uint32_t size;
	const char *word;
	bool is;
} words[] = {
	{ "echo", 4, 4, "echo", true },
	{ "ECHO", 4, 4, "echo", true },
	{ "eChO", 4, 4, "echo", true },
	{ "echo", 4, 5, "echo", false },
	{ "echo", 3, 4, "echo", false },
	{ "echo", 3, 3, "echo", false },
	{ "echos", 5, 5, "echo", false },
	{ "echx", 4, 4, "echo", false },
	{ "ech\0", 4, 4, "ech", false },
	{ "ech\0", 4, 4, "echo", false },
	{ "", 0, 0, "echo", false },
	{ "", 0, 0, "", true },
	{ "", 0, 4, "", false }
};

START_TEST(argument_is_the_word)
{
	struct arg a = {
		.data = (const uint8_t *)words[_i].arg,
		.kept = words[_i].kept,
		.size = words[_i].size
	};

	ck_assert_int_eq(arg_is(&a, words[_i].word), words[_i].is);
}
END_TEST

static Suite *
request_suite(void)
{
	Suite *s = suite_create("request");
	TCase *tc = tcase_create("request");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, vector_in_pieces, 0, COUNT(vectors));
	tcase_add_loop_test(tc, vector_at_every_cut, 0, COUNT(vectors));
	tcase_add_loop_test(tc, short_way_leads_to_the_same, 0,
	    COUNT(good) - 1);
	tcase_add_test(tc, connections_take_turns);
	tcase_add_loop_test(tc, arguments_stay_in_place, 0, COUNT(in_place));
	tcase_add_loop_test(tc, excess_is_left_out, 0, COUNT(excesses));
	tcase_add_loop_test(tc, what_is_sent_back_is_whole, 0, COUNT(backs));
	tcase_add_loop_test(tc, huge_argument_takes_no_memory, 0,
	    COUNT(keeps));
	tcase_add_test(tc, declared_count_takes_no_memory);
	tcase_add_loop_test(tc, argument_is_the_word, 0, COUNT(words));
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(request_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
