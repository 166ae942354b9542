/*
 * A loop: calls from other threads, each made once, in order, and not before
 * what the loop's descriptors bring; timers; names that are looked up.
 */
#include "config.h"

#include "net/loop.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <check.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/now.h"
#include "net/lookup.h"
#include "net/timer.h"
#include "scratch.h"

static struct loop *loop;
static int fds;

/* What was called, as letters. */
static char called[64];
static size_t ncalled;

struct letter {
	struct loop_call call;
	char c;
};

static void
on_call(void *ctx)
{
	const struct letter *l = ctx;

	MUST(ncalled < sizeof(called) - 1);
	called[ncalled++] = l->c;
	called[ncalled] = '\0';
}

#define LETTER(name, spelt)                                                    \
	struct letter name = { { .fn = on_call, .ctx = &name }, spelt }

static void
setup(void)
{
	fds = scratch_fds();
	ncalled = 0;
	called[0] = '\0';
	loop = loop_new();
	ck_assert_ptr_nonnull(loop);
}

static void
teardown(void)
{
	loop_free(loop);
	ck_assert_int_eq(scratch_fds(), fds);
}

static void
turn(int n)
{
	for (; n > 0; n--)
		event_base_loop(loop_base(loop),
		    EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

static void
until_called(size_t n)
{
	int64_t deadline = scratch_deadline();

	while (ncalled < n) {
		MUST(scratch_left(deadline) > 0);
		turn(1);
	}
}

START_TEST(base_is_epolls)
{
	ck_assert_str_eq(event_base_get_method(loop_base(loop)), "epoll");
}
END_TEST

START_TEST(calls_are_made_in_order_and_once)
{
	LETTER(a, 'a');
	LETTER(b, 'b');
	LETTER(c, 'c');

	loop_post(loop, &a.call);
	loop_post(loop, &b.call);
	loop_post(loop, &a.call);
	loop_post(loop, &c.call);
	ck_assert_str_eq(called, "");
	turn(10);
	ck_assert_str_eq(called, "abc");
	loop_post(loop, &b.call);
	turn(10);
	ck_assert_str_eq(called, "abcb");
}
END_TEST

START_TEST(calls_can_be_taken_back)
{
	LETTER(a, 'a');
	LETTER(b, 'b');
	LETTER(c, 'c');

	loop_post(loop, &a.call);
	loop_post(loop, &b.call);
	loop_post(loop, &c.call);
	loop_unpost(loop, &c.call);
	loop_unpost(loop, &a.call);
	loop_unpost(loop, &a.call);
	turn(10);
	ck_assert_str_eq(called, "b");
	loop_post(loop, &c.call);
	turn(10);
	ck_assert_str_eq(called, "bc");
}
END_TEST

/* One that posts itself again and again does not keep the loop from others. */
static void
on_endless(void *ctx)
{
	struct loop_call *call = ctx;

	loop_post(loop, call);
}

START_TEST(calls_do_not_keep_the_loop)
{
	struct loop_call endless = { .fn = on_endless, .ctx = &endless };
	LETTER(a, 'a');
	struct timer *timer = timer_new(loop, on_call, &a);

	ck_assert_ptr_nonnull(timer);
	loop_post(loop, &endless);
	timer_set(timer, 0);
	turn(3);
	ck_assert_str_eq(called, "a");
	loop_unpost(loop, &endless);
	timer_free(timer);
}
END_TEST

/* Many threads post at once: no call is lost. */
#define POSTS 10000

static int made;

static void
on_count(void *ctx)
{
	int *left = ctx;

	made++;
	(*left)--;
}

static void *
post_many(void *arg)
{
	struct loop_call *calls = arg;
	int i;

	for (i = 0; i < POSTS; i++)
		loop_post(loop, &calls[i]);
	return (NULL);
}

START_TEST(threads_lose_no_call)
{
	enum { THREADS = 4 };
	static struct loop_call calls[THREADS][POSTS];
	int64_t deadline = scratch_deadline();
	pthread_t threads[THREADS];
	int i, k, left = THREADS * POSTS;

	made = 0;
	for (i = 0; i < THREADS; i++)
		for (k = 0; k < POSTS; k++)
			calls[i][k] = (struct loop_call){ .fn = on_count,
				.ctx = &left };
	for (i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, post_many,
		    calls[i]), 0);
	while (left > 0) {
		MUST(scratch_left(deadline) > 0);
		turn(1);
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	turn(10);
	ck_assert_int_eq(made, THREADS * POSTS);
}
END_TEST

START_TEST(timers_call_once)
{
	LETTER(a, 'a');
	LETTER(b, 'b');
	struct timer *plain = timer_new(loop, on_call, &a);
	struct timer *own = timer_new_fd(loop, on_call, &b);

	ck_assert_ptr_nonnull(plain);
	ck_assert_ptr_nonnull(own);
	ck_assert(!timer_is_set(plain) && !timer_is_set(own));
	timer_set(plain, 1);
	timer_set(own, 50);
	timer_set(own, 1);
	ck_assert(timer_is_set(plain) && timer_is_set(own));
	until_called(2);
	ck_assert(!timer_is_set(plain) && !timer_is_set(own));
	turn(10);
	ck_assert_uint_eq(ncalled, 2);
	timer_set(plain, 0);
	timer_set(own, 1);
	timer_stop(plain);
	timer_stop(own);
	ck_assert(!timer_is_set(plain) && !timer_is_set(own));
	turn(100);
	ck_assert_uint_eq(ncalled, 2);
	timer_free(plain);
	timer_free(own);
	timer_free(NULL);
}
END_TEST

/* Names */

struct asked {
	size_t n;
	const char *why;
	bool answered;
};

static void
on_lookup(void *ctx, const struct address *found, size_t n, const char *why)
{
	struct asked *a = ctx;

	MUST(n == 0 || found[0].len > 0);
	a->n = n;
	a->why = why;
	a->answered = true;
	ncalled++;
}

START_TEST(names_are_found)
{
	struct lookup *l = lookup_new("localhost", "6379");
	struct asked first = { 0 }, second = { 0 }, gone = { 0 };
	struct lookup_request *request;
	struct loop *other;

	ck_assert_ptr_nonnull(l);
	ck_assert_ptr_nonnull(lookup_ask(l, loop, on_lookup, &first));
	request = lookup_ask(l, loop, on_lookup, &gone);
	ck_assert_ptr_nonnull(request);
	ck_assert_ptr_nonnull(lookup_ask(l, loop, on_lookup, &second));
	ck_assert(!first.answered);
	lookup_cancel(request);
	until_called(2);
	ck_assert(first.answered && second.answered && !gone.answered);
	ck_assert_uint_gt(first.n, 0);
	ck_assert_uint_eq(first.n, second.n);
	/* One whose answer is on its way can be taken back too: the thread has
	 * posted both when the other loop has its own. */
	other = loop_new();
	ck_assert_ptr_nonnull(other);
	first.answered = false;
	request = lookup_ask(l, loop, on_lookup, &gone);
	ck_assert_ptr_nonnull(request);
	ck_assert_ptr_nonnull(lookup_ask(l, other, on_lookup, &first));
	while (!first.answered)
		event_base_loop(loop_base(other), EVLOOP_ONCE);
	lookup_cancel(request);
	turn(10);
	ck_assert(!gone.answered);
	loop_free(other);
	lookup_free(l);
}
END_TEST

START_TEST(names_may_be_unknown)
{
	struct lookup *l = lookup_new("no.such.name.invalid", "6379");
	struct asked asked = { 0 };

	ck_assert_ptr_nonnull(lookup_ask(l, loop, on_lookup, &asked));
	until_called(1);
	ck_assert_uint_eq(asked.n, 0);
	ck_assert_ptr_nonnull(asked.why);
	lookup_free(l);
	lookup_free(NULL);
}
END_TEST

static Suite *
loop_suite(void)
{
	Suite *s = suite_create("loop");
	TCase *tc = tcase_create("loop");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 3 * SCRATCH_PATIENCE / 1000);
	tcase_add_test(tc, base_is_epolls);
	tcase_add_test(tc, calls_are_made_in_order_and_once);
	tcase_add_test(tc, calls_can_be_taken_back);
	tcase_add_test(tc, calls_do_not_keep_the_loop);
	tcase_add_test(tc, threads_lose_no_call);
	tcase_add_test(tc, timers_call_once);
	tcase_add_test(tc, names_are_found);
	tcase_add_test(tc, names_may_be_unknown);
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(loop_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
