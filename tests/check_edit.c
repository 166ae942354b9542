/*
 * An editor between a client and a server: what it holds, what it changes, and
 * how that is recorded; a relay whose server is the test itself.
 *
 * The editor here decides line by line: it replaces "foo" with "quux", leaves
 * out a line "drop", and keeps the rest.
 */
#include "config.h"

#include "conn/edit.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"

static struct rig rig;
static int fds;
static int server;		/* the upstream's end */
static struct peer *client;
static int nfreed;		/* states of the editor */

static void
edit_line(const uint8_t *line, size_t len, struct edit_out *out)
{
	const uint8_t *foo = memmem(line, len, "foo", 3);

	if (len >= 4 && memcmp(line, "drop", 4) == 0) {
		edit_replace(out, len, NULL, 0);
	} else if (foo != NULL) {
		edit_keep(out, (size_t)(foo - line));
		edit_replace(out, 3, "quux", 4);
		edit_keep(out, len - (size_t)(foo - line) - 3);
	} else {
		edit_keep(out, len);
	}
}

static void
look(void *state, enum edit_side side, const uint8_t *data, size_t len,
    bool all, struct edit_out *out)
{
	size_t *looked = state;
	const uint8_t *newline;

	(void)side;
	(void)all;
	(*looked)++;
	while ((newline = memchr(data, '\n', len)) != NULL) {
		newline++;
		edit_line(data, (size_t)(newline - data), out);
		len -= (size_t)(newline - data);
		data = newline;
	}
}

static void
free_state(void *state)
{
	ck_assert_uint_gt(*(size_t *)state, 0);
	nfreed++;
}

static const struct edit editor = { sizeof(size_t), look, free_state };

static void
setup(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct address a = { .len = sizeof(a.sa) };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	static char text[ADDRESS_TEXT_MAX];

	signal(SIGPIPE, SIG_IGN);
	nfreed = 0;
	fds = scratch_fds();
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&in, sizeof(in)), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&a.sa,
	    &a.len), 0);
	rig_init(&rig, STUB_REDIS);
	rig.options.upstream = address_text(&a, text);
	rig.options.connect_timeout = SCRATCH_PATIENCE / 1000;
	rig.route.edit = &editor;
	rig_start(&rig);
	client = peer_open(&rig);
	server = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	ck_assert_int_ge(server, 0);
	close(listener);
}

static void
teardown(void)
{
	close(server);
	rig_stop(&rig);
	ck_assert_int_eq(nfreed, 1);
	ck_assert_int_eq(scratch_fds(), fds - 1);
}

/* Runs the loop until exactly that has come to the server. */
static void
server_gets(const char *want)
{
	int64_t deadline = scratch_deadline();
	char got[1000];
	size_t len = 0;
	ssize_t n;

	while (len < strlen(want)) {
		MUST(scratch_left(deadline) > 0);
		event_base_loop(rig.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
		n = recv(server, got + len, sizeof(got) - len, 0);
		if (n > 0)
			len += (size_t)n;
	}
	rig_settle(&rig);
	ck_assert_int_le(recv(server, got + len, 1, 0), 0);
	ck_assert_uint_eq(len, strlen(want));
	ck_assert_int_eq(memcmp(got, want, len), 0);
}

static void
server_says(const char *text)
{
	ck_assert_int_eq(send(server, text, strlen(text), MSG_NOSIGNAL),
	    strlen(text));
	rig_settle(&rig);
}

static void
trace_has(const char *line)
{
	const char *trace = rig_trace(&rig);

	ck_assert_msg(strstr(trace, line) != NULL, "not there: %s\nin:\n%s",
	    line, trace);
}

START_TEST(requests_are_changed)
{
	peer_say(client, "GET foo\r\nGET a\r\ndrop\r\n");
	server_gets("GET quux\r\nGET a\r\n");
	server_says("$-1\r\n$1\r\nx\r\n");
	peer_assert_got(client, "$-1\r\n$1\r\nx\r\n");
	trace_has("#1 recv  \"GET foo\\r\\nGET a\\r\\ndrop\\r\\n\"\n");
	trace_has("#1 edit  request \"foo\" -> \"quux\"\n");
	trace_has("#1 edit  request \"drop\\r\\n\" -> \"\"\n");
	trace_has("#1 cmd   1 \"GET\" \"foo\"\n");
	trace_has("#1 reply 1 GET 0us (nil)\n");
	trace_has("#1 reply 2 GET 0us \"x\"\n");
}
END_TEST

/* What is understood is what came; what is sent is what went. */
START_TEST(replies_are_changed)
{
	peer_say(client, "GET a\r\nPING\r\n");
	server_gets("GET a\r\nPING\r\n");
	server_says("$3\r\nfoo\r\n+PONG\r\n");
	peer_assert_got(client, "$3\r\nquux\r\n+PONG\r\n");
	trace_has("#1 edit  reply \"foo\" -> \"quux\"\n");
	trace_has("#1 send  \"$3\\r\\nquux\\r\\n+PONG\\r\\n\"\n");
	trace_has("#1 reply 1 GET 0us \"foo\"\n");
	trace_has("#1 reply 2 PING 0us PONG\n");
}
END_TEST

/* A line waits for its end, in both directions, and then goes on. */
START_TEST(undecided_bytes_wait)
{
	peer_say(client, "PING\r\nGET fo");
	server_gets("PING\r\n");
	peer_say(client, "o");
	rig_settle(&rig);
	peer_say(client, "\r\n");
	server_gets("GET quux\r\n");
	server_says("+PON");
	ck_assert_uint_eq(client->got.len, 0);
	server_says("G\r\n$-");
	peer_assert_got(client, "+PONG\r\n");
	server_says("1\r\n");
	peer_assert_got(client, "+PONG\r\n$-1\r\n");
	trace_has("#1 reply 1 PING 0us PONG\n");
	trace_has("#1 reply 2 GET 0us (nil)\n");
	trace_has("#1 edit  request \"foo\" -> \"quux\"\n");
}
END_TEST

/* At the end of a stream what is held goes on as it is. */
START_TEST(ends_let_everything_go)
{
	peer_say(client, "PING\r\nfoo");
	server_gets("PING\r\n");
	peer_half_close(client);
	server_gets("foo");
	server_says("+PONG\r\n+fo");
	shutdown(server, SHUT_WR);
	rig_until_freed(&rig, 1);
	peer_until_eof(client);
	peer_assert_got(client, "+PONG\r\n+fo");
	trace_has("#1 send  \"+fo\"\n");
	trace_has("#1 close client eof; received 9 bytes, 1 command; "
	    "sent 10 bytes\n");
}
END_TEST

/* Past the bound nothing is held any more. */
START_TEST(holding_is_bounded)
{
	size_t len = EDIT_HELD_MAX + 1024, sent = 0, got = 0;
	int64_t deadline = scratch_deadline();
	char *much = malloc(len);
	uint8_t piece[65536];
	ssize_t n;

	ck_assert_ptr_nonnull(much);
	memset(much, 'x', len);
	while (got < len) {
		MUST(scratch_left(deadline) > 0);
		sent += peer_push(client, much + sent, len - sent);
		event_base_loop(rig.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
		while ((n = recv(server, piece, sizeof(piece), 0)) > 0)
			got += (size_t)n;
		MUST(got == 0 || sent >= EDIT_HELD_MAX);
		/* The rest is held until the end. */
		if (got >= EDIT_HELD_MAX)
			peer_half_close(client);
	}
	ck_assert_uint_eq(got, len);
	free(much);
}
END_TEST

/* A secret stays one, whatever takes its place. */
START_TEST(secrets_stay_hidden)
{
	peer_say(client, "AUTH foo\r\nCONFIG GET requirepass\r\n");
	server_gets("AUTH quux\r\nCONFIG GET requirepass\r\n");
	server_says("+OK\r\n*2\r\n$11\r\nrequirepass\r\n$3\r\nfoo\r\n");
	peer_until_got(client, 37);
	trace_has("#1 edit  request <redacted 3 bytes> -> "
	    "<redacted 4 bytes>\n");
	trace_has("#1 edit  reply <redacted 3 bytes> -> <redacted 4 bytes>\n");
	ck_assert_ptr_null(strstr((const char *)rig.text.data, "foo"));
	ck_assert_ptr_null(strstr((const char *)rig.text.data, "quux"));
}
END_TEST

static Suite *
edit_suite(void)
{
	Suite *s = suite_create("edit");
	TCase *tc = tcase_create("editor");

	tcase_add_unchecked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 3 * SCRATCH_PATIENCE / 1000);
	tcase_add_test(tc, requests_are_changed);
	tcase_add_test(tc, replies_are_changed);
	tcase_add_test(tc, undecided_bytes_wait);
	tcase_add_test(tc, ends_let_everything_go);
	tcase_add_test(tc, holding_is_bounded);
	tcase_add_test(tc, secrets_stay_hidden);
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(edit_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
