/* Lines as Redis's MONITOR prints them, and how they differ from these. */
#include "config.h"

#include "format/monitor.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "format/format.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))

#define TIME "1339518083.107412 "
static const struct timespec when = { 1339518083, 107412999 };

/* One is enough, and it is too big for the stack of a test. */
static struct args args;

#define WORD(s) CUT(s, sizeof(s) - 1)
#define CUT(s, size) { (const uint8_t *)(s), sizeof(s) - 1, size, false }
#define SECRET(s)                                                              \
	{ (const uint8_t *)(s), sizeof(s) - 1, sizeof(s) - 1, true }

static const struct {
	const char *peer;
	uint32_t db;
	size_t clip;
	uint32_t total;
	uint32_t n;
	struct arg v[3];
	const char *line;
} lines[] = {
	{ "127.0.0.1:60866", 0, 99, 2, 2, { WORD("keys"), WORD("*") },
	    TIME "[0 127.0.0.1:60866] \"keys\" \"*\"" },
	{ "[::1]:1", 15, 99, 1, 1, { WORD("PING") },
	    TIME "[15 [::1]:1] \"PING\"" },
	{ "unix:/\303\251\n\033b", UINT32_MAX, 99, 1, 1, { WORD("") },
	    TIME "[4294967295 unix:/\\xc3\\xa9\\n\\x1bb] \"\"" },
	{ "p", 0, 99, 2, 2,
	    { WORD("a\"b\\c\n\r\t\a\b"), WORD("\0\303\251\x7f~\377 ") },
	    TIME "[0 p] \"a\\\"b\\\\c\\n\\r\\t\\a\\b\" "
	    "\"\\x00\\xc3\\xa9\\x7f~\\xff \"" },
	{ "p", 0, 3, 3, 3, { WORD("auth"), SECRET("user"), SECRET("") },
	    TIME "[0 p] \"aut\"... (1 more byte) \"(redacted)\" "
	    "\"(redacted)\"" },
	{ "p", 0, 3, 2, 2, { WORD("abc"), CUT("abc", 536870912) },
	    TIME "[0 p] \"abc\" \"abc\"... (536870909 more bytes)" },
	{ "p", 0, 99, 2, 1, { WORD("del") },
	    TIME "[0 p] \"del\" ... (1 more argument)" },
	{ "p", 0, 99, 2147483647, 0, { WORD("") },
	    TIME "[0 p] ... (2147483647 more arguments)" }
};

static void
fill_record(struct record *r, int i)
{
	args.total = lines[i].total;
	args.n = lines[i].n;
	memcpy(args.v, lines[i].v, sizeof(lines[i].v));
	*r = (struct record){ .event = RECORD_CMD, .conn = 1, .when = when };
	r->u.cmd.args = &args;
	r->u.cmd.peer = lines[i].peer;
	r->u.cmd.db = lines[i].db;
}

START_TEST(command_is_a_line_of_monitor)
{
	struct bytes out = { 0 };
	struct record r;

	fill_record(&r, _i);
	monitor_line(&out, &r, lines[_i].clip);
	bytes_add(&out, "", 1);
	ck_assert_str_eq((char *)out.data, lines[_i].line);
	bytes_free(&out);
}
END_TEST

/* The same with a newline, whatever --time and --utf8 say; other records are
 * none. */
START_TEST(format_has_commands_only)
{
	struct format_state state = {
		.options = { TIME_CLOCK, 1, 3, true, true }
	};
	const struct format *f = format_find("monitor");
	struct bytes out = { 0 };
	struct record r = { .event = RECORD_ERROR };

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(f->shows, RECORD_BIT(RECORD_CMD));
	ck_assert_uint_eq(f->can, RECORD_BIT(RECORD_CMD));
	f->write(&state, &r, &out);
	ck_assert_uint_eq(out.len, 0);
	fill_record(&r, 3);
	f->write(&state, &r, &out);
	bytes_add(&out, "", 1);
	ck_assert_str_eq((char *)out.data, TIME "[0 p] "
	    "\"a\\\"b\"... (7 more bytes) \"\\x00\\xc3\\xa9\"... "
	    "(4 more bytes)\n");
	bytes_free(&out);
}
END_TEST

/* What is behind 64 KiB of a record's strings is left out, and counted. */
START_TEST(line_has_64_kib_of_strings)
{
	static uint8_t big[65530];
	struct bytes out = { 0 };
	struct record r = { .event = RECORD_CMD, .u.cmd.args = &args };

	memset(big, 'a', sizeof(big));
	r.u.cmd.peer = "p";
	args.total = args.n = 4;
	args.v[0] = (struct arg){ big, sizeof(big), sizeof(big), false };
	args.v[1] = (struct arg)SECRET("as long as you like");
	args.v[2] = (struct arg)WORD("1234567");
	args.v[3] = (struct arg)WORD("8");
	monitor_line(&out, &r, SIZE_MAX);
	bytes_add(&out, "", 1);
	ck_assert_ptr_nonnull(strstr((char *)out.data, "aaa\" "
	    "\"(redacted)\" \"123456\"... (1 more byte) "
	    "... (1 more argument)"));
	bytes_free(&out);
}
END_TEST

static Suite *
monitor_suite(void)
{
	Suite *s = suite_create("monitor");
	TCase *tc = tcase_create("monitor");

	tcase_add_loop_test(tc, command_is_a_line_of_monitor, 0,
	    COUNT(lines));
	tcase_add_test(tc, format_has_commands_only);
	tcase_add_test(tc, line_has_64_kib_of_strings);
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(monitor_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
