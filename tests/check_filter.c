/* --show: names and groups of records. */
#include "config.h"

#include "trace/filter.h"

#include <check.h>
#include <stdlib.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))

#define OPEN RECORD_BIT(RECORD_OPEN)
#define RECV RECORD_BIT(RECORD_RECV)
#define SEND RECORD_BIT(RECORD_SEND)
#define CMD RECORD_BIT(RECORD_CMD)
#define REPLY RECORD_BIT(RECORD_REPLY)
#define PUSH RECORD_BIT(RECORD_PUSH)
#define ERROR RECORD_BIT(RECORD_ERROR)
#define CLOSE RECORD_BIT(RECORD_CLOSE)

static const struct {
	const char *list;
	unsigned events;
} lists[] = {
	{ "open", OPEN },
	{ "recv", RECV },
	{ "send", SEND },
	{ "cmd", CMD },
	{ "reply", REPLY },
	{ "push", PUSH },
	{ "error", ERROR },
	{ "close", CLOSE },
	{ "conns", OPEN | CLOSE },
	{ "bytes", RECV | SEND },
	{ "messages", CMD | REPLY | PUSH | ERROR },
	{ "all",
	    OPEN | RECV | SEND | CMD | REPLY | PUSH | ERROR | CLOSE },
	{ "recv,cmd", RECV | CMD },
	{ "cmd,recv", RECV | CMD },
	{ "conns,messages", OPEN | CMD | REPLY | PUSH | ERROR | CLOSE },
	{ "bytes,recv,recv", RECV | SEND },
	{ "close,all", RECORD_ALL }
};

START_TEST(list_is_read)
{
	const char *bad = NULL;
	int badlen = -1;

	ck_assert_uint_eq(filter_parse_events(lists[_i].list, &bad, &badlen),
	    lists[_i].events);
}
END_TEST

static const struct {
	const char *list;
	int at;			/* of the bad word */
	int len;
} refused[] = {
	{ "", 0, 0 },
	{ ",", 0, 0 },
	{ ",recv", 0, 0 },
	{ "recv,", 5, 0 },
	{ "recv,,send", 5, 0 },
	{ "foo", 0, 3 },
	{ "recv,foo", 5, 3 },
	{ "recv,foo,bar", 5, 3 },
	{ "foo,recv", 0, 3 },
	{ "rec", 0, 3 },
	{ "recvs", 0, 5 },
	{ "Recv", 0, 4 },
	{ "recv ,send", 0, 5 },
	{ "recv, send", 5, 5 },
	{ "recv;send", 0, 9 },
	{ "allx", 0, 4 },
	{ "al", 0, 2 },
	{ "none", 0, 4 }
};

START_TEST(bad_word_is_found)
{
	const char *bad = NULL;
	int badlen = -1;

	ck_assert_uint_eq(
	    filter_parse_events(refused[_i].list, &bad, &badlen), 0);
	ck_assert_ptr_eq(bad, refused[_i].list + refused[_i].at);
	ck_assert_int_eq(badlen, refused[_i].len);
}
END_TEST

/* Every event has a name, and the name means that event and no other. */
START_TEST(name_is_read_back)
{
	const char *name = filter_event_name((enum record_event)_i);
	const char *bad;
	int badlen;

	ck_assert_ptr_nonnull(name);
	ck_assert_uint_eq(filter_parse_events(name, &bad, &badlen),
	    RECORD_BIT(_i));
}
END_TEST

static Suite *
filter_suite(void)
{
	Suite *s = suite_create("filter");
	TCase *tc = tcase_create("filter");

	tcase_add_loop_test(tc, list_is_read, 0, COUNT(lists));
	tcase_add_loop_test(tc, bad_word_is_found, 0, COUNT(refused));
	tcase_add_loop_test(tc, name_is_read_back, 0, RECORD_EVENTS);
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(filter_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
