/* --time: what each style writes, and what it remembers. */
#include "config.h"

#include "trace/clock.h"

#include <check.h>
#include <stdlib.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))

/* 2026-11-23T11:00:01Z */
#define SECOND 1795431601

static void
assert_time(struct clock *c, enum time_style style, struct timespec when,
    const char *want)
{
	struct bytes out = { 0 };

	clock_add(c, style, when, &out);
	bytes_add(&out, "", 1);
	ck_assert_str_eq((char *)out.data, want);
	bytes_free(&out);
}

static const struct {
	struct timespec before;
	struct timespec when;
	const char *delta;
} deltas[] = {
	{ { 0, 0 }, { SECOND, 5000 }, "+0.000000 " },
	{ { SECOND, 5000 }, { SECOND, 5000 }, "+0.000000 " },
	{ { SECOND, 5000 }, { SECOND, 6000 }, "+0.000001 " },
	{ { SECOND, 999999000 }, { SECOND + 1, 0 }, "+0.000001 " },
	{ { SECOND, 999999000 }, { SECOND + 1, 1000 }, "+0.000002 " },
	{ { SECOND, 1000 }, { SECOND + 1, 0 }, "+0.999999 " },
	{ { SECOND, 0 }, { SECOND + 10, 20000 }, "+10.000020 " },
	{ { SECOND, 6000 }, { SECOND, 5000 }, "-0.000001 " },
	{ { SECOND + 1, 0 }, { SECOND, 999999000 }, "-0.000001 " },
	{ { SECOND + 1, 0 }, { SECOND, 1000 }, "-0.999999 " },
	{ { SECOND, 0 }, { SECOND - 86400, 500000000 }, "-86399.500000 " },
	{ { SECOND - 86400, 0 }, { SECOND, 0 }, "+86400.000000 " }
};

START_TEST(delta_is_since_the_record_before)
{
	struct clock c = { 0 };

	if (deltas[_i].before.tv_sec != 0)
		assert_time(&c, TIME_DELTA, deltas[_i].before, "+0.000000 ");
	assert_time(&c, TIME_DELTA, deltas[_i].when, deltas[_i].delta);
	assert_time(&c, TIME_DELTA, deltas[_i].when, "+0.000000 ");
}
END_TEST

START_TEST(clock_is_local_iso_is_not)
{
	struct timespec when = { SECOND, 9000 };
	struct clock local = { 0 }, iso = { 0 };

	setenv("TZ", "XYZ-5:30", 1);
	tzset();
	assert_time(&local, TIME_CLOCK, when, "16:30:01.000009 ");
	assert_time(&iso, TIME_ISO, when, "2026-11-23T11:00:01.000009Z ");
	when.tv_sec += 13 * 3600;
	assert_time(&local, TIME_CLOCK, when, "05:30:01.000009 ");
	assert_time(&iso, TIME_ISO, when, "2026-11-24T00:00:01.000009Z ");
	when.tv_sec -= 13 * 3600;
	assert_time(&local, TIME_CLOCK, when, "16:30:01.000009 ");
	assert_time(&iso, TIME_ISO, when, "2026-11-23T11:00:01.000009Z ");
}
END_TEST

static Suite *
clock_suite(void)
{
	Suite *s = suite_create("clock");
	TCase *tc = tcase_create("clock");

	tcase_add_loop_test(tc, delta_is_since_the_record_before, 0,
	    COUNT(deltas));
	tcase_add_test(tc, clock_is_local_iso_is_not);
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(clock_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
