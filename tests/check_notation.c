/* Replies on one line: where things stand, and how much of them. */
#include "config.h"

#include "format/notation.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))

/* What is behind 64 KiB of a reply's strings is left out, and counted. */
START_TEST(reply_has_64_kib_of_strings)
{
	static uint8_t big[65535];
	struct bytes value = { 0 }, out = { 0 }, want = { 0 };
	struct record_bytes in = { .data = NULL };

	memset(big, 'a', sizeof(big));
	bytes_add_string(&value, "*3\r\n$65535\r\n");
	bytes_add(&value, big, sizeof(big));
	bytes_add_string(&value, "\r\n$3\r\naaa\r\n+aa\r\n");
	in.data = value.data;
	in.len = value.len;
	notation_add(&out, &in, sizeof(big), false);
	bytes_add_string(&want, "[\"");
	bytes_add(&want, big, sizeof(big));
	bytes_add_string(&want,
	    "\", \"a\"... (2 more bytes), ... (2 more bytes)]");
	ck_assert_uint_eq(out.len, want.len);
	ck_assert_mem_eq(out.data, want.data, want.len);
	bytes_free(&value);
	bytes_free(&out);
	bytes_free(&want);
}
END_TEST

/* Attributes stand before their value, wherever that is. */

static const struct {
	const char *value;
	const char *text;
} attributes[] = {
	{ "|1\r\n+a\r\n+b\r\n:2\r\n", "|{a: b} (integer) 2" },
	{ "|1\r\n+a\r\n+b\r\n|0\r\n:2\r\n", "|{a: b} |{} (integer) 2" },
	{ "*1\r\n|1\r\n+a\r\n+b\r\n:2\r\n", "[|{a: b} (integer) 2]" },
	{ "*2\r\n:1\r\n|1\r\n+a\r\n+b\r\n:2\r\n",
	    "[(integer) 1, |{a: b} (integer) 2]" },
	{ "*2\r\n|1\r\n+a\r\n+b\r\n:1\r\n:2\r\n",
	    "[|{a: b} (integer) 1, (integer) 2]" },
	{ "%1\r\n+k\r\n|1\r\n+a\r\n+b\r\n:2\r\n",
	    "{k: |{a: b} (integer) 2}" },
	{ "*2\r\n:1\r\n|1\r\n+a\r\n+b\r\n*1\r\n:2\r\n",
	    "[(integer) 1, |{a: b} [(integer) 2]]" }
};

START_TEST(attribute_is_before_its_value)
{
	struct record_bytes in = {
		.data = (const uint8_t *)attributes[_i].value,
		.len = strlen(attributes[_i].value),
	};
	struct bytes out = { 0 };

	notation_add(&out, &in, 100, false);
	bytes_add(&out, "", 1);
	ck_assert_str_eq((char *)out.data, attributes[_i].text);
	bytes_free(&out);
}
END_TEST

/* What is not, or not wholly, one reply: nothing of it is lost.  Numbers are
 * not cut, but the rest is, here to two bytes. */

static const struct {
	const char *value;
	const char *text;
} odd[] = {
	{ "", "\"\"" },
	{ "hello\r\n", "\"hello\\r\\n\"" },
	{ "+OK", "\"+OK\"" },
	{ "+OK\n", "\"+OK\\n\"" },
	{ "+OK\r\n:1\r\n", "OK \":1\\r\\n\"" },
	{ "$10\r\nabc", "\"$10\\r\\nabc\"" },
	{ "*2\r\n:1\r\n+a", "[(integer) 1 \"+a\"" },
	{ "%?\r\n+a\r\n.\r\n", "{a \".\\r\\n\"" },
	{ "*?\r\n|0\r\n.\r\n", "[|{}  \".\\r\\n\"" },
	{ "$?\r\n;1\r\na\r\n;2\r\nbc\r\n;0\r\n", "\"ab\"... (1 more byte)" },
	{ ":12345\r\n", "(integer) 12345" },
	{ ",1.25\r\n", "(double) 1.25" },
	{ "#t\r\n", "(true)" },
	{ "#x\r\n", "(boolean) x" },
	{ "#true\r\n", "(boolean) true" }
};

START_TEST(nothing_of_what_is_odd_is_lost)
{
	struct record_bytes in = {
		.data = (const uint8_t *)odd[_i].value,
		.len = strlen(odd[_i].value),
	};
	struct bytes out = { 0 };

	notation_add(&out, &in, 2, false);
	bytes_add(&out, "", 1);
	ck_assert_str_eq((char *)out.data, odd[_i].text);
	bytes_free(&out);
}
END_TEST

/* What would be read as something else stands in quotes (check_answers.c reads
 * it all back). */

static const struct {
	const char *value;
	const char *text;
} quoted[] = {
	{ "+\r\n", "(status) \"\"" },
	{ "+(nil)\r\n", "(status) \"(nil)\"" },
	{ "+[a]\r\n", "(status) \"[a]\"" },
	{ "+a: b, [c]\r\n", "a: b, [c]" },
	{ "+hang\r\n", "(status) \"hang\"" },
	{ "+hangs\r\n", "hangs" },
	{ "+nil\r\n", "(status) \"nil\"" },
	{ "+NIL\r\n", "(status) \"NIL\"" },
	{ "+-ERR x\r\n", "(status) \"-ERR x\"" },
	{ "+ERR x\r\n", "(status) \"ERR x\"" },
	{ "+42\r\n", "(status) \"42\"" },
	{ "+drop\r\n", "(status) \"drop\"" },
	{ "+RESET\r\n", "RESET" },
	{ "+none\r\n", "none" },
	{ "*2\r\n+drop\r\n+nil\r\n", "[drop, (status) \"nil\"]" },
	{ "*1\r\n+hang\r\n", "[hang]" },
	{ "*2\r\n+a, b\r\n+c\r\n", "[(status) \"a, b\", c]" },
	{ "-ERR a: b, c\r\n", "(error) ERR a: b, c" },
	{ "-ERR a \r\n", "(error) \"ERR a \"" },
	{ "*1\r\n-ERR a: b\r\n", "[(error) \"ERR a: b\"]" },
	{ "%1\r\n+a:\r\n+b\r\n", "{(status) \"a:\": b}" }
};

START_TEST(misleading_text_is_quoted)
{
	struct record_bytes in = {
		.data = (const uint8_t *)quoted[_i].value,
		.len = strlen(quoted[_i].value),
	};
	struct bytes out = { 0 };

	notation_add(&out, &in, 100, false);
	bytes_add(&out, "", 1);
	ck_assert_str_eq((char *)out.data, quoted[_i].text);
	bytes_free(&out);
}
END_TEST

/* A scalar alone is written in a shorter way than one behind an attribute. */
static const char *const scalars[] = {
	"+OK\r\n", "+\r\n", "+ \r\n", "+after 1\r\n", "+hang\r\n",
	"+hangs\r\n", "+(nil)\r\n", "+Z, {a]\r\n", "+a \r\n", "+A \r\n",
	"+\"\r\n", "+\xff\r\n", "-ERR x 'y'\r\n", "-\r\n", "-after\r\n",
	"- x\r\n", ":0\r\n", ":-12\r\n", "$-1\r\n", "$0\r\n\r\n",
	"$1\r\n\n\r\n", "$5\r\n\"a\\\r\n\r\n", "_\r\n",
	"$16\r\n0123456789abcdef\r\n", "$17\r\n0123456789abcdef\xe9\r\n",
	"$33\r\n0123456789abcdef0123456789abcdef\n\r\n", "#t\r\n", "#f\r\n",
	",1.5\r\n", "(12345678901234567890\r\n", "=7\r\ntxt:a b\r\n",
	"!2\r\n a\r\n",
};

START_TEST(scalar_alone_looks_the_same)
{
	struct bytes both = { 0 }, alone = { 0 }, behind = { 0 };
	struct record_bytes in;
	size_t clip;

	bytes_addf(&both, "|0\r\n%s", scalars[_i]);
	for (clip = 0; clip < 40; clip++) {
		in = (struct record_bytes){ .data = both.data,
			.len = both.len };
		bytes_truncate(&behind, 0);
		notation_add(&behind, &in, clip, clip % 2);
		in.data += 4;
		in.len -= 4;
		bytes_truncate(&alone, 0);
		bytes_add_string(&alone, "|{} ");
		notation_add(&alone, &in, clip, clip % 2);
		ck_assert_uint_eq(alone.len, behind.len);
		ck_assert_mem_eq(alone.data, behind.data, alone.len);
	}
	bytes_free(&both);
	bytes_free(&alone);
	bytes_free(&behind);
}
END_TEST

static void
assert_number(uint64_t n)
{
	struct bytes out = { 0 };
	char want[32];

	snprintf(want, sizeof(want), "%llu", (unsigned long long)n);
	bytes_add_uint(&out, n);
	bytes_add(&out, "", 1);
	ck_assert_str_eq((char *)out.data, want);
	bytes_free(&out);
}

START_TEST(number_has_all_its_digits)
{
	uint64_t power = 1;
	int bit, i;

	for (i = 0; i < 20; i++, power *= 10) {
		assert_number(power - 1);
		assert_number(power);
		assert_number(power + power / 7);
	}
	for (bit = 0; bit < 64; bit++) {
		assert_number(UINT64_C(1) << bit);
		assert_number((UINT64_C(2) << bit) - 1);
	}
}
END_TEST

static Suite *
notation_suite(void)
{
	Suite *s = suite_create("notation");
	TCase *tc = tcase_create("notation");

	tcase_add_test(tc, reply_has_64_kib_of_strings);
	tcase_add_loop_test(tc, attribute_is_before_its_value, 0,
	    COUNT(attributes));
	tcase_add_loop_test(tc, misleading_text_is_quoted, 0, COUNT(quoted));
	tcase_add_loop_test(tc, nothing_of_what_is_odd_is_lost, 0, COUNT(odd));
	tcase_add_loop_test(tc, scalar_alone_looks_the_same, 0,
	    COUNT(scalars));
	tcase_add_test(tc, number_has_all_its_digits);
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(notation_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
