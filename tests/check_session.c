/* Sessions: names, replies that are skipped, and what piles up. */
#include "config.h"

#include "redis/session.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))

static struct session session;

static void
setup(void)
{
	session_init(&session, 7);
}

static void
teardown(void)
{
	session_free(&session);
}

static int
subscribe(enum session_channels kind, const char *name)
{
	return (session_subscribe(&session, kind, (const uint8_t *)name,
	    strlen(name)));
}

static void
unsubscribe(enum session_channels kind, const char *name)
{
	session_unsubscribe(&session, kind, (const uint8_t *)name,
	    strlen(name));
}

static int
set_name(const char *name)
{
	return (session_set_name(&session, (const uint8_t *)name,
	    strlen(name)));
}

static void
ck_is_new(void)
{
	ck_assert_uint_eq(session.id, 7);
	ck_assert_ptr_null(session.name);
	ck_assert_ptr_null(session.multi);
	ck_assert_ptr_null(session.subscriptions);
	ck_assert_uint_eq(session.db, 0);
	ck_assert_int_eq(session.resp, 2);
	ck_assert_int_eq(session.reply, SESSION_REPLY_ON);
	ck_assert_int_eq(session.tracking, 0);
	ck_assert(!session.monitor);
}

START_TEST(new_session)
{
	ck_is_new();
	ck_assert(!session_muted(&session));
	ck_assert_uint_eq(session_subscribed_all(&session), 0);
	session_multi_abort(&session);		/* outside of one: nothing */
	ck_is_new();
}
END_TEST

START_TEST(name_is_set_and_taken_away)
{
	ck_assert_int_eq(set_name("bob"), 0);
	ck_assert_str_eq(session.name, "bob");
	ck_assert_int_eq(set_name("a b"), -1);
	ck_assert_int_eq(set_name("\x7f"), -1);
	ck_assert_int_eq(session_set_name(&session, (const uint8_t *)"\0", 1),
	    -1);
	ck_assert_str_eq(session.name, "bob");
	ck_assert_int_eq(set_name(""), 0);
	ck_assert_ptr_null(session.name);
}
END_TEST

START_TEST(reset_leaves_nothing_but_the_id)
{
	ck_assert_int_eq(set_name("bob"), 0);
	ck_assert_int_eq(session_multi_start(&session), 0);
	ck_assert_int_eq(session_multi_add(&session, "x", 1), 0);
	ck_assert_int_eq(subscribe(SESSION_CHANNELS, "a"), 0);
	ck_assert_int_eq(subscribe(SESSION_SHARDS, "a"), 0);
	session.db = 3;
	session.resp = 3;
	session.reply = SESSION_REPLY_OFF;
	session.tracking = SESSION_TRACKING;
	session.monitor = true;
	session_reset(&session);
	ck_is_new();
}
END_TEST

/* CLIENT REPLY, then each command in turn: '-' is muted, '+' is not. */
static const struct {
	enum session_reply reply;
	const char *muted;
} replies[] = {
	{ SESSION_REPLY_ON, "+++" },
	{ SESSION_REPLY_OFF, "---" },
	{ SESSION_REPLY_SKIP_NEXT, "+-++" },
	{ SESSION_REPLY_SKIP, "-++" }
};

START_TEST(replies_are_muted)
{
	const char *p;

	session.reply = (uint8_t)replies[_i].reply;
	for (p = replies[_i].muted; *p != '\0'; p++) {
		ck_assert_int_eq(session_muted(&session), *p == '-');
		session_command_done(&session);
	}
}
END_TEST

/* RESET under SKIP is skipped too; the next one is not. */
START_TEST(reset_is_skipped)
{
	session.reply = SESSION_REPLY_SKIP;
	session_reset(&session);
	ck_assert(session_muted(&session));
	session_command_done(&session);
	ck_is_new();
}
END_TEST

START_TEST(transaction_is_queued_and_taken)
{
	struct session_multi *m;

	ck_assert_int_eq(session_multi_start(&session), 0);
	ck_assert_int_eq(session_multi_add(&session, "ab", 2), 0);
	ck_assert_int_eq(session_multi_add(&session, "c", 1), 0);
	m = session_multi_take(&session);
	ck_assert_ptr_nonnull(m);
	ck_assert_ptr_null(session.multi);
	ck_assert_uint_eq(m->n, 2);
	ck_assert_uint_eq(m->queue.len, 3);
	ck_assert(memcmp(m->queue.data, "abc", 3) == 0);
	ck_assert(!m->aborted);
	session_multi_free(m);
	ck_assert_ptr_null(session_multi_take(&session));
	session_multi_free(NULL);
}
END_TEST

START_TEST(aborted_transaction_keeps_nothing)
{
	ck_assert_int_eq(session_multi_start(&session), 0);
	ck_assert_int_eq(session_multi_add(&session, "ab", 2), 0);
	session_multi_abort(&session);
	ck_assert(session.multi->aborted);
	ck_assert_int_eq(session_multi_add(&session, "ab", 2), 0);
	ck_assert_uint_eq(session.multi->queue.cap, 0);
}
END_TEST

START_TEST(transaction_is_bounded)
{
	char *big = calloc(1, SESSION_QUEUE_BYTES + 1);
	int i;

	ck_assert_ptr_nonnull(big);
	ck_assert_int_eq(session_multi_start(&session), 0);
	for (i = 0; i < SESSION_QUEUE_MAX; i++)
		if (session_multi_add(&session, "x", 1) != 0)
			ck_abort_msg("command %d is refused", i);
	ck_assert(!session.multi->aborted);
	ck_assert_int_eq(session_multi_add(&session, "x", 1), -1);
	ck_assert(session.multi->aborted);
	ck_assert_uint_eq(session.multi->queue.cap, 0);
	session_multi_free(session_multi_take(&session));

	ck_assert_int_eq(session_multi_start(&session), 0);
	ck_assert_int_eq(session_multi_add(&session, big,
	    SESSION_QUEUE_BYTES), 0);
	ck_assert_int_eq(session_multi_add(&session, big, 1), -1);
	session_multi_free(session_multi_take(&session));

	ck_assert_int_eq(session_multi_start(&session), 0);
	ck_assert_int_eq(session_multi_add(&session, big,
	    SESSION_QUEUE_BYTES + 1), -1);
	free(big);
}
END_TEST

/* Of all sessions that count together; whatever ends a transaction gives its
 * share back. */
START_TEST(transactions_are_bounded_together)
{
	enum { OTHERS = SESSION_QUEUES_BYTES / SESSION_QUEUE_BYTES };
	static struct session others[OTHERS];
	char *big = calloc(1, SESSION_QUEUE_BYTES);
	size_t total = 0, i;

	ck_assert_ptr_nonnull(big);
	session.total = &total;
	for (i = 0; i < OTHERS; i++) {
		session_init(&others[i], i);
		others[i].total = &total;
		ck_assert_int_eq(session_multi_start(&others[i]), 0);
		ck_assert_int_eq(session_multi_add(&others[i], big,
		    SESSION_QUEUE_BYTES), 0);
	}
	ck_assert_uint_eq(total, SESSION_QUEUES_BYTES);
	ck_assert_int_eq(session_multi_start(&session), 0);
	ck_assert_int_eq(session_multi_add(&session, big, 1), -1);
	ck_assert(session.multi->aborted);
	ck_assert_uint_eq(total, SESSION_QUEUES_BYTES);

	session_multi_abort(&others[0]);
	session_multi_abort(&others[0]);
	ck_assert_uint_eq(total, SESSION_QUEUES_BYTES - SESSION_QUEUE_BYTES);
	session_reset(&session);
	ck_assert_ptr_eq(session.total, &total);
	ck_assert_int_eq(session_multi_start(&session), 0);
	ck_assert_int_eq(session_multi_add(&session, big, 1), 0);
	session_multi_free(session_multi_take(&session));
	for (i = 0; i < OTHERS; i++)
		session_free(&others[i]);
	ck_assert_uint_eq(total, 0);
	free(big);
}
END_TEST

START_TEST(subscriptions_are_counted_by_kind)
{
	ck_assert_int_eq(subscribe(SESSION_CHANNELS, "a"), 0);
	ck_assert_int_eq(subscribe(SESSION_CHANNELS, "b"), 0);
	ck_assert_int_eq(subscribe(SESSION_CHANNELS, "a"), 0);
	ck_assert_int_eq(subscribe(SESSION_CHANNELS, ""), 0);
	ck_assert_int_eq(subscribe(SESSION_PATTERNS, "a"), 0);
	ck_assert_uint_eq(session_subscribed(&session, SESSION_CHANNELS), 3);
	ck_assert_uint_eq(session_subscribed(&session, SESSION_PATTERNS), 1);
	ck_assert_uint_eq(session_subscribed(&session, SESSION_SHARDS), 0);
	ck_assert_uint_eq(session_subscribed_all(&session), 4);
	unsubscribe(SESSION_CHANNELS, "c");
	unsubscribe(SESSION_SHARDS, "a");
	unsubscribe(SESSION_PATTERNS, "b");
	ck_assert_uint_eq(session_subscribed_all(&session), 4);
	unsubscribe(SESSION_CHANNELS, "a");
	unsubscribe(SESSION_CHANNELS, "");
	ck_assert_uint_eq(session_subscribed(&session, SESSION_CHANNELS), 1);
	unsubscribe(SESSION_PATTERNS, "a");
	unsubscribe(SESSION_CHANNELS, "b");
	ck_is_new();
}
END_TEST

/* Each name comes out once, whole, in whatever order. */
START_TEST(all_names_come_out)
{
	static const char *const names[] = { "", "a", "ab", "b", "\xff" };
	bool seen[COUNT(names)] = { false };
	uint8_t *name;
	size_t len = 0;
	int i, n = 0;

	for (i = 0; i < COUNT(names); i++)
		ck_assert_int_eq(subscribe(SESSION_SHARDS, names[i]), 0);
	while ((name = session_unsubscribe_any(&session, SESSION_SHARDS,
	    &len)) != NULL) {
		n++;
		for (i = 0; i < COUNT(names); i++)
			if (strlen(names[i]) == len &&
			    memcmp(names[i], name, len) == 0) {
				ck_assert(!seen[i]);
				seen[i] = true;
			}
		free(name);
	}
	ck_assert_int_eq(n, COUNT(names));
	for (i = 0; i < COUNT(names); i++)
		ck_assert(seen[i]);
	ck_is_new();
}
END_TEST

START_TEST(subscriptions_are_bounded)
{
	char name[16], *big = calloc(1, SESSION_SUBSCRIPTIONS_BYTES + 1);
	int i;

	ck_assert_ptr_nonnull(big);
	for (i = 0; i < SESSION_SUBSCRIPTIONS_MAX; i++) {
		snprintf(name, sizeof(name), "%d", i);
		if (subscribe((enum session_channels)(i % 3), name) != 0)
			ck_abort_msg("subscription %d is refused", i);
	}
	ck_assert_int_eq(subscribe(SESSION_CHANNELS, "x"), -1);
	ck_assert_int_eq(subscribe(SESSION_CHANNELS, "0"), 0);
	unsubscribe(SESSION_PATTERNS, "1");
	ck_assert_int_eq(subscribe(SESSION_CHANNELS, "x"), 0);
	session_reset(&session);

	ck_assert_int_eq(session_subscribe(&session, SESSION_CHANNELS,
	    (uint8_t *)big, SESSION_SUBSCRIPTIONS_BYTES + 1), -1);
	ck_is_new();
	ck_assert_int_eq(session_subscribe(&session, SESSION_CHANNELS,
	    (uint8_t *)big, SESSION_SUBSCRIPTIONS_BYTES), 0);
	ck_assert_int_eq(subscribe(SESSION_SHARDS, "x"), -1);
	ck_assert_int_eq(subscribe(SESSION_SHARDS, ""), 0);
	session_unsubscribe(&session, SESSION_CHANNELS, (uint8_t *)big,
	    SESSION_SUBSCRIPTIONS_BYTES);
	ck_assert_int_eq(subscribe(SESSION_SHARDS, "x"), 0);
	free(big);
}
END_TEST

static Suite *
session_suite(void)
{
	Suite *s = suite_create("session");
	TCase *tc = tcase_create("session");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, new_session);
	tcase_add_test(tc, name_is_set_and_taken_away);
	tcase_add_test(tc, reset_leaves_nothing_but_the_id);
	tcase_add_loop_test(tc, replies_are_muted, 0, COUNT(replies));
	tcase_add_test(tc, reset_is_skipped);
	tcase_add_test(tc, transaction_is_queued_and_taken);
	tcase_add_test(tc, aborted_transaction_keeps_nothing);
	tcase_add_test(tc, transaction_is_bounded);
	tcase_add_test(tc, transactions_are_bounded_together);
	tcase_add_test(tc, subscriptions_are_counted_by_kind);
	tcase_add_test(tc, all_names_come_out);
	tcase_add_test(tc, subscriptions_are_bounded);
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(session_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
