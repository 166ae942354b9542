/*
 * Mailboxes: what the MONITORs of one worker see of another's commands, when
 * that is nothing, and that nobody gets ahead of them.
 *
 * Two rigs stand for two workers; each loop runs only when a test says so, so
 * that it is known what has happened in which.
 */
#include "config.h"

#include "conn/mailbox.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "rig.h"

static struct side {
	struct rig rig;
	struct mailbox *mailbox;
	int told;		/* how often it was told of mail */
	bool deaf;		/* it does not look */
} here, there;

static void
on_mail(void *worker)
{
	struct side *side = worker == here.rig.worker ? &here : &there;

	side->told++;
	if (!side->deaf)
		conn_take_mail(worker);
}

static void
start_side(struct side *side, struct mailbox *beside)
{
	side->told = 0;
	side->deaf = false;
	rig_init(&side->rig, STUB_REDIS);
	rig_start(&side->rig);
	side->mailbox = mailbox_new(side->rig.worker, on_mail, beside);
	ck_assert_ptr_nonnull(side->mailbox);
}

static void
setup(void)
{
	start_side(&here, NULL);
	start_side(&there, here.mailbox);
}

static void
stop_side(struct side *side)
{
	mailbox_free(side->mailbox);
	side->rig.worker->mailbox = NULL;
	rig_stop(&side->rig);
}

static void
teardown(void)
{
	/* As in a server: first all connections, then what they refer to. */
	conn_abandon_all(here.rig.worker);
	conn_abandon_all(there.rig.worker);
	stop_side(&here);
	stop_side(&there);
}

/* A client that has said it, and got that reply. */
static struct peer *
client(struct side *side, const char *command, const char *reply)
{
	struct peer *p = peer_open(&side->rig);

	peer_say(p, command);
	peer_until_got(p, strlen(reply));
	peer_assert_got(p, reply);
	return (p);
}

/* It has got +OK, and then lines that end like that, each of one command. */
static void
assert_lines(const struct peer *p, const char *const ends[], size_t n)
{
	const char *line = (const char *)p->got.data, *end;
	const char *stop = line + p->got.len;
	size_t i, len;

	ck_assert_int_eq(strncmp(line, "+OK\r\n", 5), 0);
	line += 5;
	for (i = 0; i < n; i++, line = end + 2) {
		end = memmem(line, (size_t)(stop - line), "\r\n", 2);
		ck_assert_ptr_nonnull(end);
		len = strlen(ends[i]);
		ck_assert_int_eq(*line, '+');
		ck_assert_int_gt(end - line, (long)len);
		ck_assert_int_eq(strncmp(end - len, ends[i], len), 0);
	}
	ck_assert_ptr_eq(line, stop);
}

START_TEST(commands_of_others_are_seen)
{
	static const char *const seen[] = {
		"[0 unix:] \"SET\" \"k\" \"v\"",
		"[0 unix:] \"AUTH\" \"(redacted)\"",
	};
	struct peer *m = client(&here, "MONITOR\r\n", "+OK\r\n");
	struct peer *second = client(&here, "MONITOR\r\n", "+OK\r\n");
	struct peer *other;

	rig_settle(&here.rig);
	m->got.len = second->got.len = strlen("+OK\r\n");
	other = client(&there, "SET k v\r\n", "+OK\r\n");
	peer_say(other, "AUTH sesame\r\n");
	rig_settle(&there.rig);
	/* Its own thread has not run yet. */
	assert_lines(m, NULL, 0);
	rig_settle(&here.rig);
	assert_lines(m, seen, 2);
	assert_lines(second, seen, 2);
}
END_TEST

START_TEST(nothing_is_wanted_without_monitors)
{
	struct peer *m;

	there.rig.file.sink.events = 0;
	ck_assert(!trace_wants(&there.rig.trace, RECORD_ALL));
	m = client(&here, "MONITOR\r\n", "+OK\r\n");
	ck_assert(trace_wants(&there.rig.trace, RECORD_BIT(RECORD_CMD)));
	ck_assert(trace_wants_peer(&there.rig.trace));
	ck_assert(!trace_wants(&there.rig.trace,
	    RECORD_ALL & ~RECORD_BIT(RECORD_CMD)));
	client(&here, "MONITOR\r\n", "+OK\r\n");
	peer_say(m, "RESET\r\n");
	rig_settle(&here.rig);
	ck_assert(trace_wants(&there.rig.trace, RECORD_BIT(RECORD_CMD)));
	peer_close(&here.rig.peers[1]);
	rig_until_freed(&here.rig, 1);
	ck_assert(!trace_wants(&there.rig.trace, RECORD_ALL));
	rig_settle(&here.rig);
	here.told = 0;
	client(&there, "PING\r\n", "+PONG\r\n");
	rig_settle(&here.rig);
	ck_assert_int_eq(here.told, 0);
}
END_TEST

/* What came for a monitor that is gone is not for the next one. */
START_TEST(mail_is_not_inherited)
{
	struct peer *m = client(&here, "MONITOR\r\n", "+OK\r\n");

	client(&there, "SET k v\r\n", "+OK\r\n");
	here.deaf = true;
	peer_say(m, "RESET\r\nMONITOR\r\n");
	rig_settle(&here.rig);
	ck_assert_int_gt(here.told, 0);
	here.deaf = false;
	conn_take_mail(here.rig.worker);
	rig_settle(&here.rig);
	peer_assert_got(m, "+OK\r\n+RESET\r\n+OK\r\n");
}
END_TEST

/* While the MONITORs' worker does not get to its mail, others stop executing,
 * and go on when it has. */
START_TEST(nobody_gets_ahead)
{
	const size_t commands = 20000, reply = strlen("+OK\r\n");
	struct peer *m = client(&here, "MONITOR\r\n", "+OK\r\n");
	struct peer *other = peer_open(&there.rig);
	size_t i, before, rounds = 0;

	for (i = 0; i < commands; i++)
		peer_say(other, "SET key 01234567890123456789\r\n");
	rig_settle(&there.rig);
	ck_assert_uint_lt(other->got.len, commands * reply / 2);
	ck_assert_uint_ge(mailbox_backlog(there.mailbox), FLOW_HIGH);
	ck_assert_uint_lt(mailbox_backlog(there.mailbox), FLOW_HIGH + 1000);
	ck_assert_uint_eq(mailbox_backlog(here.mailbox), 0);
	while (other->got.len < commands * reply) {
		before = other->got.len;
		rig_settle(&here.rig);
		rig_settle(&there.rig);
		ck_assert_uint_gt(other->got.len, before);
		rounds++;
	}
	ck_assert_uint_gt(rounds, 1);
	rig_settle(&here.rig);
	ck_assert(!m->eof);
	ck_assert_uint_gt(m->got.len, commands * strlen("+ [0 unix:] \"SET\" "
	    "\"key\" \"01234567890123456789\"\r\n"));
	ck_assert_uint_eq(m->got.data[m->got.len - 1], '\n');
}
END_TEST

/* Clients that wait for a MONITOR to get its mail do not wait for one that is
 * gone. */
START_TEST(gone_monitors_hold_up_nobody)
{
	const size_t commands = 20000;
	struct peer *m = client(&here, "MONITOR\r\n", "+OK\r\n");
	struct peer *other = peer_open(&there.rig);
	size_t i;

	for (i = 0; i < commands; i++)
		peer_say(other, "SET key 01234567890123456789\r\n");
	rig_settle(&there.rig);
	ck_assert_uint_ge(mailbox_backlog(there.mailbox), FLOW_HIGH);
	here.deaf = true;
	peer_close(m);
	rig_until_freed(&here.rig, 1);
	peer_until_got(other, commands * strlen("+OK\r\n"));
	ck_assert_uint_eq(mailbox_backlog(there.mailbox), 0);
}
END_TEST

static Suite *
mailbox_suite(void)
{
	Suite *s = suite_create("mailbox");
	TCase *tc = tcase_create("two workers");

	tcase_add_unchecked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, commands_of_others_are_seen);
	tcase_add_test(tc, nothing_is_wanted_without_monitors);
	tcase_add_test(tc, mail_is_not_inherited);
	tcase_add_test(tc, nobody_gets_ahead);
	tcase_add_test(tc, gone_monitors_hold_up_nobody);
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(mailbox_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
