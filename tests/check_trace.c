/*
 * A trace and its sinks: each has its own events, filter and secrets, and may
 * be full.
 */
#include "config.h"

#include "trace/trace.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "redis/command.h"
#include "resp/request.h"

/* A sink that notes what it sees. */
struct seen {
	struct sink sink;
	char log[256];		/* a letter for each event; secrets as * */
	enum sink_room room;
};

static struct trace trace;
static struct args args;
static struct request request;

static void
take(struct sink *sink, const struct record *r)
{
	struct seen *s = (struct seen *)sink;
	size_t at = strlen(s->log), i;

	s->log[at++] = "orsxmypec"[r->event];
	if (r->event == RECORD_CMD)
		for (i = 1; i < r->u.cmd.args->n; i++)
			s->log[at++] = r->u.cmd.args->v[i].secret ? '*' :
			    (char)r->u.cmd.args->v[i].data[0];
	s->log[at++] = ' ';
	s->log[at] = '\0';
}

static enum sink_room
room(const struct sink *sink)
{
	return (((const struct seen *)sink)->room);
}

static void
add(struct seen *s, unsigned events, enum redact_level redact,
    const struct filter *filter)
{
	*s = (struct seen){ .sink = { .events = events, .redact = redact,
		.take = take, .room = room } };
	trace_add_sink(&trace, &s->sink, filter);
}

static void
happens(enum record_event event)
{
	struct record r = { .event = event, .conn = 1,
		.chosen = TRACE_CHOSEN };

	trace_record(&trace, &r);
}

static void
says(const char *line)
{
	const uint8_t *p = (const uint8_t *)line;
	struct record r = { .event = RECORD_CMD, .conn = 1 };

	args.clip = 100;
	ck_assert_int_eq(request_next(&request, &args, &p, p + strlen(line)),
	    REQUEST_OK);
	command_look_up(&args);
	r.chosen = trace_choose_command(&trace, &args);
	r.u.cmd.args = &args;
	r.u.cmd.marked = REDACT_NONE;
	trace_record(&trace, &r);
}

static void
setup(void)
{
	trace_init(&trace);
	request_init(&request);
}

START_TEST(sinks_see_what_they_want)
{
	struct seen all, some;

	add(&all, RECORD_ALL, REDACT_SECRETS, NULL);
	add(&some, RECORD_BIT(RECORD_OPEN) | RECORD_BIT(RECORD_CLOSE),
	    REDACT_SECRETS, NULL);
	happens(RECORD_OPEN);
	happens(RECORD_ERROR);
	happens(RECORD_CLOSE);
	ck_assert_str_eq(all.log, "o e c ");
	ck_assert_str_eq(some.log, "o c ");
	ck_assert(trace_wants(&trace, RECORD_BIT(RECORD_ERROR)));
	trace_remove_sink(&all.sink);
	ck_assert(!trace_wants(&trace, RECORD_BIT(RECORD_ERROR)));
	ck_assert(trace_wants(&trace, RECORD_ALL));
}
END_TEST

/* In whatever order they came: what one hides is not hidden from others. */
START_TEST(each_hides_its_own)
{
	struct seen bare, secrets, values, bare_too;

	add(&values, RECORD_ALL, REDACT_VALUES, NULL);
	add(&bare, RECORD_ALL, REDACT_NONE, NULL);
	add(&secrets, RECORD_ALL, REDACT_SECRETS, NULL);
	add(&bare_too, RECORD_ALL, REDACT_NONE, NULL);
	says("AUTH pw\n");
	says("SET key value\n");
	ck_assert_str_eq(bare.log, "mp mkv ");
	ck_assert_str_eq(bare_too.log, "mp mkv ");
	ck_assert_str_eq(secrets.log, "m* mkv ");
	ck_assert_str_eq(values.log, "m* mk* ");
	ck_assert_int_eq(trace_redact(&trace, RECORD_ALL), REDACT_VALUES);
	trace_remove_sink(&values.sink);
	ck_assert_int_eq(trace_redact(&trace, RECORD_ALL), REDACT_SECRETS);
	trace_remove_sink(&secrets.sink);
	ck_assert_int_eq(trace_redact(&trace, RECORD_ALL), REDACT_NONE);
}
END_TEST

START_TEST(each_has_its_filter)
{
	struct filter gets = { 0 }, keys = { 0 }, clients = { 0 };
	struct seen all, getting, keyed, of_one;
	struct bytes message = { 0 };

	ck_assert_int_eq(filter_add_commands(&gets, "get", &message), 0);
	ck_assert_int_eq(filter_add_keys(&keys, "a*", &message), 0);
	ck_assert_int_eq(filter_add_clients(&clients, "me", &message), 0);
	add(&all, RECORD_ALL, REDACT_NONE, NULL);
	ck_assert(!trace.chooses_clients);
	add(&getting, RECORD_ALL, REDACT_NONE, &gets);
	add(&keyed, RECORD_ALL, REDACT_NONE, &keys);
	says("GET abc\n");
	says("SET abc 1\n");
	says("GET def\n");
	says("SET def 1\n");
	ck_assert_str_eq(all.log, "ma ma1 md md1 ");
	ck_assert_str_eq(getting.log, "ma md ");
	ck_assert_str_eq(keyed.log, "ma ma1 ");

	add(&of_one, RECORD_ALL, REDACT_NONE, &clients);
	ck_assert(trace.chooses_clients);
	ck_assert_uint_eq(trace_choose_client(&trace, "unix:", "me"),
	    all.sink.filter | getting.sink.filter | keyed.sink.filter |
	    of_one.sink.filter);
	ck_assert_uint_eq(trace_choose_client(&trace, "unix:", "you"),
	    all.sink.filter | getting.sink.filter | keyed.sink.filter);
	bytes_free(&message);
}
END_TEST

START_TEST(the_worst_decides_on_room)
{
	struct seen one, other;

	add(&one, 0, REDACT_NONE, NULL);
	add(&other, 0, REDACT_NONE, NULL);
	ck_assert(!trace_full(&trace) && !trace_overfull(&trace));
	other.room = SINK_NO_CLIENTS;
	ck_assert(!trace_full(&trace) && trace_overfull(&trace));
	one.room = SINK_NO_BYTES;
	ck_assert(trace_full(&trace) && trace_overfull(&trace));
	trace_remove_sink(&one.sink);
	ck_assert(!trace_full(&trace));
	other.room = SINK_OPEN;
	ck_assert(!trace_overfull(&trace));
}
END_TEST

START_TEST(lazy_sinks_are_no_reason_to_decode)
{
	struct seen lazy, other;

	add(&lazy, RECORD_BIT(RECORD_REPLY), REDACT_NONE, NULL);
	lazy.sink.lazy = true;
	add(&other, RECORD_BIT(RECORD_OPEN), REDACT_NONE, NULL);
	ck_assert(trace_wants(&trace, RECORD_BIT(RECORD_REPLY)));
	ck_assert(!trace_must_have(&trace, RECORD_BIT(RECORD_REPLY)));
	other.sink.events = RECORD_BIT(RECORD_REPLY);
	ck_assert(trace_must_have(&trace, RECORD_BIT(RECORD_REPLY)));
}
END_TEST

static Suite *
trace_suite(void)
{
	Suite *s = suite_create("trace");
	TCase *tc = tcase_create("sinks");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, sinks_see_what_they_want);
	tcase_add_test(tc, each_hides_its_own);
	tcase_add_test(tc, each_has_its_filter);
	tcase_add_test(tc, the_worst_decides_on_room);
	tcase_add_test(tc, lazy_sinks_are_no_reason_to_decode);
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(trace_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
