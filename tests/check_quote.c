/* Bytes as printable text, and what UTF-8 may stay as it is. */
#include "config.h"

#include "format/quote.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/block.h"
#include "format/quote_wide.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))

static const struct {
	const char *bytes;
	const char *quoted;	/* NULL: the same */
} characters[] = {
	{ "a", NULL },
	{ "\xc2\xa1", NULL },				/* U+00A1 */
	{ "\xc3\xa9", NULL },				/* U+00E9 */
	{ "\xe2\x82\xac", NULL },			/* U+20AC */
	{ "\xe4\xb8\xad\xe6\x96\x87", NULL },		/* Chinese */
	{ "\xf0\x9f\x98\x80", NULL },			/* U+1F600 */
	{ "x\xc3\xa9y\xc3\xa9z", NULL },
	{ "\xc3\xa9\xff\xc3\xa9", "\xc3\xa9\\xff\xc3\xa9" },
	{ "\n\r\t\a\b\"\\\x1b\x7f", "\\n\\r\\t\\a\\b\\\"\\\\\\x1b\\x7f" },
	/* Not UTF-8: */
	{ "\x80", "\\x80" },
	{ "\xbf\xbf", "\\xbf\\xbf" },
	{ "\xc3(", "\\xc3(" },
	{ "\xc3\xc3\xa9", "\\xc3\xc3\xa9" },
	{ "\xe2\x82(", "\\xe2\\x82(" },
	{ "\xe2(\xac", "\\xe2(\\xac" },
	{ "\xf0\x9f\x98(", "\\xf0\\x9f\\x98(" },
	{ "\xfe\xff", "\\xfe\\xff" },
	/* Longer than need be: */
	{ "\xc0\x80", "\\xc0\\x80" },
	{ "\xc0\xaf", "\\xc0\\xaf" },
	{ "\xc1\xbf", "\\xc1\\xbf" },
	{ "\xe0\x80\xaf", "\\xe0\\x80\\xaf" },
	{ "\xe0\x9f\xbf", "\\xe0\\x9f\\xbf" },
	{ "\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf" },
	{ "\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf" },
	{ "\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80" },
	/* Surrogates, and what is past the last character: */
	{ "\xed\xa0\x80", "\\xed\\xa0\\x80" },
	{ "\xed\xbf\xbf", "\\xed\\xbf\\xbf" },
	{ "\xed\xa0\xbd\xed\xb8\x80", "\\xed\\xa0\\xbd\\xed\\xb8\\x80" },
	{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
	/* C1 controls, U+0080, U+0085, U+009B, U+009F: */
	{ "\xc2\x80", "\\xc2\\x80" },
	{ "\xc2\x85", "\\xc2\\x85" },
	{ "\xc2\x9b", "\\xc2\\x9b" },
	{ "\xc2\x9f", "\\xc2\\x9f" },
	/* The ends of a line and of a paragraph, U+2028 and U+2029: */
	{ "\xe2\x80\xa8", "\\xe2\\x80\\xa8" },
	{ "\xe2\x80\xa9", "\\xe2\\x80\\xa9" },
	/* All that turn the direction of writing: U+061C, U+200E, U+200F,
	 * U+202A to U+202E, U+2066 to U+2069; and their neighbours. */
	{ "\xd8\x9c", "\\xd8\\x9c" },
	{ "\xe2\x80\x8e", "\\xe2\\x80\\x8e" },
	{ "\xe2\x80\x8f", "\\xe2\\x80\\x8f" },
	{ "\xe2\x80\x90", NULL },
	{ "\xe2\x80\xaa", "\\xe2\\x80\\xaa" },
	{ "\xe2\x80\xab", "\\xe2\\x80\\xab" },
	{ "\xe2\x80\xac", "\\xe2\\x80\\xac" },
	{ "\xe2\x80\xad", "\\xe2\\x80\\xad" },
	{ "\xe2\x80\xae", "\\xe2\\x80\\xae" },
	{ "\xe2\x80\xb0", NULL },
	{ "\xe2\x81\xa6", "\\xe2\\x81\\xa6" },
	{ "\xe2\x81\xa7", "\\xe2\\x81\\xa7" },
	{ "\xe2\x81\xa8", "\\xe2\\x81\\xa8" },
	{ "\xe2\x81\xa9", "\\xe2\\x81\\xa9" },
	{ "\xe2\x81\xb0", NULL },
	/* What is not seen, or is not known: a soft hyphen, joiners, fillers,
	 * variation selectors, tags; unassigned, private, no characters. */
	{ "\xc2\xad", "\\xc2\\xad" },
	{ "\xcd\x8f", "\\xcd\\x8f" },
	{ "\xcc\x88", NULL },
	{ "\xe1\x85\x9f", "\\xe1\\x85\\x9f" },
	{ "\xe2\x80\x8a", NULL },
	{ "\xe2\x80\x8b", "\\xe2\\x80\\x8b" },
	{ "\xe2\x80\x8d", "\\xe2\\x80\\x8d" },
	{ "\xe2\x81\xa0", "\\xe2\\x81\\xa0" },
	{ "\xef\xb8\x8f", "\\xef\\xb8\\x8f" },
	{ "\xef\xbb\xbf", "\\xef\\xbb\\xbf" },
	{ "\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81" },
	{ "\xcd\xb8", "\\xcd\\xb8" },
	{ "\xee\x80\x80", "\\xee\\x80\\x80" },
	{ "\xef\xb7\x90", "\\xef\\xb7\\x90" },
	{ "\xef\xbf\xbd", NULL },
	{ "\xef\xbf\xbe", "\\xef\\xbf\\xbe" },
	{ "\xf0\x9f\xbf\xbf", "\\xf0\\x9f\\xbf\\xbf" },
	{ "\xf4\x8f\xbf\xbf", "\\xf4\\x8f\\xbf\\xbf" },
	/* Cut at the end: */
	{ "\xc3", "\\xc3" },
	{ "\xe2", "\\xe2" },
	{ "a\xe2\x82", "a\\xe2\\x82" },
	{ "\xf0\x9f\x98", "\\xf0\\x9f\\x98" }
};

START_TEST(utf8_stays_if_it_is_printable)
{
	const char *in = characters[_i].bytes, *want = characters[_i].quoted;
	struct bytes out = { 0 };

	quote_add(&out, (const uint8_t *)in, strlen(in), true);
	bytes_add(&out, "", 1);
	ck_assert_str_eq((char *)out.data, want != NULL ? want : in);
	bytes_free(&out);
}
END_TEST

/* The character goes on behind the end: what is there must not be looked at. */
START_TEST(utf8_is_cut_at_the_end)
{
	static const uint8_t euro[] = "\xe2\x82\xac";
	static const char want[] = "\\xe2\\x82";
	struct bytes out = { 0 };

	quote_add(&out, euro, 2, true);
	ck_assert_uint_eq(out.len, sizeof(want) - 1);
	ck_assert_mem_eq(out.data, want, out.len);
	bytes_free(&out);
}
END_TEST

/* As sds.c's sdscatrepr spells it. */
static void
spell(uint8_t c, char text[5])
{
	static const char odd[] = "\"\\\n\r\t\a\b";
	static const char letters[] = "\"\\nrtab";
	const char *p = c != '\0' ? strchr(odd, c) : NULL;

	if (p != NULL)
		snprintf(text, 5, "\\%c", letters[p - odd]);
	else if (c >= 0x20 && c <= 0x7e)
		snprintf(text, 5, "%c", c);
	else
		snprintf(text, 5, "\\x%02x", c);
}

/* No byte alone is a character of UTF-8 that would be left. */
START_TEST(byte_is_spelled_as_redis_cli_does)
{
	uint8_t c = (uint8_t)_i;
	struct bytes out = { 0 };
	char want[5];
	int utf8;

	spell(c, want);
	for (utf8 = 0; utf8 <= 1; utf8++) {
		bytes_truncate(&out, 0);
		quote_add(&out, &c, 1, utf8);
		bytes_add(&out, "", 1);
		ck_assert_str_eq((char *)out.data, want);
	}
	bytes_free(&out);
}
END_TEST

START_TEST(without_utf8_all_is_ascii)
{
	const char *in = characters[_i].bytes;
	struct bytes out = { 0 }, want = { 0 };
	char text[5];

	for (; *in != '\0'; in++) {
		spell((uint8_t)*in, text);
		bytes_add_string(&want, text);
	}
	in = characters[_i].bytes;
	quote_add(&out, (const uint8_t *)in, strlen(in), false);
	ck_assert_uint_eq(out.len, want.len);
	ck_assert_mem_eq(out.data, want.data, want.len);
	bytes_free(&out);
	bytes_free(&want);
}
END_TEST

/* It adds, and nothing to nothing. */
START_TEST(quoting_adds)
{
	struct bytes out = { 0 };

	quote_add(&out, (const uint8_t *)"a\n", 2, false);
	quote_add(&out, (const uint8_t *)"", 0, false);
	quote_add(&out, (const uint8_t *)"b", 1, true);
	ck_assert_uint_eq(out.len, 4);
	ck_assert_mem_eq(out.data, "a\\nb", 4);
	bytes_free(&out);
}
END_TEST

/* Runs are quoted many bytes at a time: wherever they begin and end, and
 * whatever ends them. */
START_TEST(runs_are_spelled_byte_by_byte)
{
	static const char *const between[] = { "\r\n", "\n", "\r", "\r\r\n",
		"\xff", "\"", "\\\\\\\\\\\\" };
	struct bytes in = { 0 }, out = { 0 }, want = { 0 };
	char text[5];
	size_t from, to;
	int run;

	for (run = 0; in.len < 16 * BLOCK_SIZE; run++) {
		bytes_add(&in, "abcdefghijklmnopqrstuvwxyz", (size_t)_i);
		bytes_add_string(&in, between[run % COUNT(between)]);
	}
	for (from = 0; from < 20; from++) {
		bytes_truncate(&want, 0);
		for (to = from; to <= in.len; to++) {
			/* Of its own, so that ASan sees who looks beyond. */
			uint8_t *copy = malloc(to - from);

			if (to > from) {
				memcpy(copy, in.data + from, to - from);
				spell(in.data[to - 1], text);
				bytes_add_string(&want, text);
			}
			bytes_truncate(&out, 0);
			quote_add(&out, copy, to - from, false);
			if (out.len != want.len || (out.len > 0 &&
			    memcmp(out.data, want.data, out.len) != 0))
				ck_abort_msg("bytes %zu to %zu", from, to);
			free(copy);
		}
	}
	bytes_free(&in);
	bytes_free(&out);
	bytes_free(&want);
}
END_TEST

/* What is asked of sixteen bytes at once is what is asked of each. */
START_TEST(block_is_its_bytes)
{
	static const uint8_t around[] = { 'a', '\0', '"', 0xff };
	uint8_t p[BLOCK_SIZE];
	size_t i, k;

	for (k = 0; k < sizeof(around); k++)
		for (i = 0; i < BLOCK_SIZE; i++) {
			memset(p, around[k], sizeof(p));
			p[i] = (uint8_t)_i;
			if (block_quoted(p) != block_ask(p, block_is_quoted))
				ck_abort_msg("%#x at %zu", _i, i);
		}
}
END_TEST

/* Of each length, with one byte that may be any. */
START_TEST(short_string_is_quoted_as_any)
{
	struct bytes want = { 0 };
	uint8_t in[QUOTE_SHORT], out[QUOTE_SHORT_ROOM], *copy, *end;
	size_t len, at;
	int utf8;

	memset(in, 'a', sizeof(in));
	for (len = 1; len <= sizeof(in); len++)
		for (at = 0; at < len; at++) {
			copy = malloc(len);
			memcpy(copy, in, len);
			copy[at] = (uint8_t)_i;
			for (utf8 = 0; utf8 <= 1; utf8++) {
				bytes_truncate(&want, 0);
				quote_add(&want, copy, len, utf8);
				end = quote_put_short(out, copy, len, utf8);
				if ((size_t)(end - out) != want.len ||
				    memcmp(out, want.data, want.len) != 0)
					ck_abort_msg("%zu of %zu", at, len);
			}
			free(copy);
		}
	bytes_free(&want);
}
END_TEST

/* What thirty-two bytes at once become is what each becomes, and \xHH stops
 * it. */
START_TEST(wide_is_its_bytes)
{
	static const char around[] = { 'a', '\n', '"', '~' };
	uint8_t in[QUOTE_WIDE + 1], out[4 * sizeof(in)], *end;
	const uint8_t *p;
	char want[sizeof(out)], text[5];
	size_t i, k, n;

	spell((uint8_t)_i, text);
	for (k = 0; quote_wide_can() && k < sizeof(around); k++)
		for (i = 0; i < QUOTE_WIDE; i++) {
			memset(in, around[k], sizeof(in));
			in[i] = (uint8_t)_i;
			p = in;
			end = quote_wide(out, &p, in + sizeof(in));
			if (strlen(text) == 4) {
				ck_assert_ptr_eq(p, in);
				ck_assert_ptr_eq(end, out);
				continue;
			}
			ck_assert_ptr_eq(p, in + QUOTE_WIDE);
			for (n = 0, want[0] = '\0'; n < QUOTE_WIDE; n++) {
				spell(in[n], text);
				strcat(want, text);
			}
			ck_assert_uint_eq(end - out, strlen(want));
			ck_assert_mem_eq(out, want, strlen(want));
			spell((uint8_t)_i, text);
		}
}
END_TEST

/* A long string is quoted piece by piece: no character is cut. */
START_TEST(pieces_cut_no_character)
{
	const char *c = characters[_i].bytes, *want = characters[_i].quoted;
	struct bytes in = { 0 }, out = { 0 };
	size_t n, before;

	if (want == NULL)
		want = c;
	for (n = 0; n < 128 * 1024; n++)
		bytes_add(&in, "a", 1);
	for (n = 0; n <= 8; n++) {
		/* Wherever a piece may end: at a power of two, above 4 KiB. */
		for (before = 4096; before < in.len; before *= 2) {
			bytes_truncate(&out, 0);
			memcpy(in.data + before - n, c, strlen(c));
			quote_add(&out, in.data, in.len, true);
			ck_assert_uint_eq(out.len,
			    in.len - strlen(c) + strlen(want));
			ck_assert_mem_eq(out.data + before - n, want,
			    strlen(want));
			memset(in.data + before - n, 'a', strlen(c));
		}
	}
	bytes_free(&in);
	bytes_free(&out);
}
END_TEST

static Suite *
quote_suite(void)
{
	Suite *s = suite_create("quote");
	TCase *tc = tcase_create("quote");

	tcase_add_loop_test(tc, utf8_stays_if_it_is_printable, 0,
	    COUNT(characters));
	tcase_add_test(tc, utf8_is_cut_at_the_end);
	tcase_add_loop_test(tc, wide_is_its_bytes, 0, 256);
	tcase_add_loop_test(tc, pieces_cut_no_character, 0, COUNT(characters));
	tcase_add_loop_test(tc, byte_is_spelled_as_redis_cli_does, 0, 256);
	tcase_add_loop_test(tc, without_utf8_all_is_ascii, 0,
	    COUNT(characters));
	tcase_add_test(tc, quoting_adds);
	tcase_add_loop_test(tc, runs_are_spelled_byte_by_byte, 0, 27);
	tcase_add_loop_test(tc, short_string_is_quoted_as_any, 0, 256);
	tcase_add_loop_test(tc, block_is_its_bytes, 0, 256);
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(quote_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
