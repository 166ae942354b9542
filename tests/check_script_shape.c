/*
 * What a script returns, as far as its text tells.  That Redis returns the same
 * where it is a table is t_stub.sh's to say.
 */
#include "config.h"

#include "stub/script_shape.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))

static const struct {
	const char *script;
	const char *shape;
} shapes[] = {
	/* Nothing, scalars, and what is called. */
	{ "", "_" },
	{ "return", "_" },
	{ "return 1", "_" },
	{ "return 'a'", "_" },
	{ "return #KEYS", "_" },
	{ "redis.call('get', KEYS[1])", "_" },
	{ "return redis.call('get', KEYS[1])", "_" },
	{ "local a = redis.call('get', KEYS[1]) return a", "_" },
	{ "returned = {}", "_" },
	{ "return x.y", "_" },
	{ "local jobs = {} if jobs[1] then return jobs[1] end", "_" },
	{ "local a = {} return a == b", "_" },
	/* Tables. */
	{ "return {}", "*0\r\n" },
	{ "return { } -- none", "*0\r\n" },
	{ "return {1}", "*1\r\n_" },
	{ "return {1, 'a', {}, {x, {}}}", "*4\r\n__*0\r\n*2\r\n_*0\r\n" },
	{ "return {1, 2,}", "*2\r\n__" },
	{ "return {1; 2}", "*2\r\n__" },
	{ "return {f(1, 2), a[1], #t}", "*3\r\n___" },
	{ "return {a = 1, ['b'] = 2, 3}", "*1\r\n_" },
	{ "return {{{{{{}}}}}}", "*1\r\n*1\r\n*1\r\n*1\r\n_" },
	{ "return {}, 1", "*0\r\n" },
	{ "return {", "*0\r\n" },
	/* The last one counts; but not in strings and comments. */
	{ "if x then return {} end return 1", "_" },
	{ "if x then return 1 end return {}", "*0\r\n" },
	{ "if x then return {} else return {1} end", "*1\r\n_" },
	{ "return {} -- return 1", "*0\r\n" },
	{ "return {} --[[ return 1 \n ]]", "*0\r\n" },
	{ "local s = 'return 1' return {}", "*0\r\n" },
	{ "local s = \"\\\" return 1\" return {}", "*0\r\n" },
	{ "local s = [[ return 1 ]] return {}", "*0\r\n" },
	{ "return 'unfinished", "_" },
	{ "return {'unfinished", "*1\r\n_" },
	/* Variables. */
	{ "local a = {} return a", "*0\r\n" },
	{ "a = {1, 2} return a", "*0\r\n" },
	{ "local a = {} return {a, b, a}", "*3\r\n*0\r\n_*0\r\n" },
	{ "local a, b = f(1, 2), {} return b", "*0\r\n" },
	{ "local a, b = f(1, 2), {} return a", "_" },
	{ "local a, b = {}, f({}) return {a, b}", "*2\r\n*0\r\n_" },
	{ "local a if x then a = {} end return a", "*0\r\n" },
	{ "if a == {} then end return a", "_" },
	{ "x.a = {} return a", "_" },
	{ "local ab = {} return a", "_" },
	{ "local a, b, c = 1 return c", "_" },
	{ "if x then local a = {} return a end", "*0\r\n" }
};

START_TEST(shape_is_found)
{
	struct bytes shape = { 0 };

	script_shape(shapes[_i].script, strlen(shapes[_i].script), &shape);
	ck_assert(!shape.failed);
	bytes_add(&shape, "", 1);
	ck_assert_str_eq((char *)shape.data, shapes[_i].shape);
	bytes_free(&shape);
}
END_TEST

/* What a client sends may be any text: each beginning of these is one. */
START_TEST(any_beginning_has_a_shape)
{
	struct bytes shape = { 0 };
	size_t len, size = strlen(shapes[_i].script);
	char *copy;

	for (len = 0; len < size; len++) {
		ck_assert_ptr_nonnull(copy = malloc(len + 1));
		memcpy(copy, shapes[_i].script, len);
		script_shape(copy, len, &shape);
		ck_assert_uint_gt(shape.len, 0);
		bytes_free(&shape);
		free(copy);
	}
}
END_TEST

START_TEST(long_script_is_not_looked_at)
{
	static char script[SCRIPT_SHAPE_MAX + 1];
	struct bytes shape = { 0 };

	memset(script, ' ', sizeof(script));
	memcpy(script, "return {}", 9);
	script_shape(script, SCRIPT_SHAPE_MAX, &shape);
	script_shape(script, SCRIPT_SHAPE_MAX + 1, &shape);
	bytes_add(&shape, "", 1);
	ck_assert_str_eq((char *)shape.data, "*0\r\n_");
	bytes_free(&shape);
}
END_TEST

static Suite *
shape_suite(void)
{
	Suite *s = suite_create("script_shape");
	TCase *tc = tcase_create("script_shape");

	tcase_add_loop_test(tc, shape_is_found, 0, COUNT(shapes));
	tcase_add_loop_test(tc, any_beginning_has_a_shape, 0, COUNT(shapes));
	tcase_add_test(tc, long_script_is_not_looked_at);
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(shape_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
