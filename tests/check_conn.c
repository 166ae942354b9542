/*
 * Connections: what a client gets, what the trace says of it, and how either
 * one that is slow holds the other up.
 */
#include "config.h"

#include "conn/conn.h"

#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/now.h"
#include "format/quote.h"
#include "rig.h"
#include "stub/answers.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))

#define BYTES (RECORD_BIT(RECORD_RECV) | RECORD_BIT(RECORD_SEND))
#define LIVES (RECORD_BIT(RECORD_OPEN) | RECORD_BIT(RECORD_CLOSE))

#define PING "PING\r\n"
#define PONG "+PONG\r\n"
#define PING_LEN (sizeof(PING) - 1)
#define PONG_LEN (sizeof(PONG) - 1)

static struct rig rig;
static int fds;

static void
setup(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	fds = scratch_fds();
}

/* After a test that went well nothing is left. */
static void
teardown(void)
{
	rig_stop(&rig);
	ck_assert_int_eq(scratch_fds(), fds);
}

static void
start(enum stub_mode reply)
{
	rig_init(&rig, reply);
	rig_start(&rig);
}

/* With only these records in the trace. */
static void
start_showing(enum stub_mode reply, unsigned events)
{
	rig_init(&rig, reply);
	rig.options.trace.events = events;
	rig_start(&rig);
}

/* With a trace that nobody reads yet. */
static void
start_unread(enum stub_mode reply, enum slow_policy policy)
{
	rig_init(&rig, reply);
	rig.options.trace.when_slow = policy;
	rig_use_fifo(&rig);
	rig_start(&rig);
}

/* The text, so many times; to be freed. */
static char *
repeat(const char *text, size_t n)
{
	size_t len = strlen(text), i;
	char *all = malloc(n * len + 1);

	ck_assert_ptr_nonnull(all);
	for (i = 0; i < n; i++)
		memcpy(all + i * len, text, len);
	all[n * len] = '\0';
	return (all);
}

static void
send_repeated(struct peer *p, const char *text, size_t n)
{
	char *all = repeat(text, n);

	peer_say(p, all);
	free(all);
}

/* It has got the text so many times, and then the other text. */
static void
assert_got_repeated(const struct peer *p, const char *text, size_t n,
    const char *then)
{
	char *all = repeat(text, n);
	size_t len = n * strlen(text);

	ck_assert_uint_eq(p->got.len, len + strlen(then));
	ck_assert_int_eq(memcmp(p->got.data, all, len), 0);
	ck_assert_int_eq(memcmp(p->got.data + len, then, strlen(then)), 0);
	free(all);
}

/* What stands behind the head in all lines that begin with it, up to the
 * closing quote or the end of the line; to be freed. */
static char *
collect(const char *trace, const char *head)
{
	char *all = malloc(strlen(trace) + 1);
	size_t n = strlen(head), len = 0;
	const char *end;

	ck_assert_ptr_nonnull(all);
	for (; *trace != '\0'; trace = end + 1) {
		end = strchr(trace, '\n');
		MUST(end != NULL);
		if (strncmp(trace, head, n) != 0)
			continue;
		memcpy(all + len, trace + n, (size_t)(end - trace) - n);
		len += (size_t)(end - trace) - n;
		if (head[n - 1] == '"')
			len--;
	}
	all[len] = '\0';
	return (all);
}

/* The lines that begin with the head say this, together. */
static void
assert_collected(const char *trace, const char *head, const char *want)
{
	char *have = collect(trace, head);

	ck_assert_msg(strcmp(have, want) == 0,
	    "%s: %zu bytes, %.100s; not %zu bytes, %.100s", head,
	    strlen(have), have, strlen(want), want);
	free(have);
}

/* The records with that head hold what the peer sent, so much of it. */
static void
assert_recorded(const char *trace, const char *head, const struct peer *p,
    size_t len)
{
	struct bytes want = { 0 };

	ck_assert_uint_le(len, p->out.len);
	quote_add(&want, p->out.data, len, false);
	bytes_add(&want, "", 1);
	assert_collected(trace, head, (char *)want.data);
	bytes_free(&want);
}

static void
assert_collected_repeated(const char *trace, const char *head,
    const char *text, size_t n)
{
	char *all = repeat(text, n);

	assert_collected(trace, head, all);
	free(all);
}

/* Dialogues */

#define OPEN "#1 open  unix:\n"
#define RECV(s) "#1 recv  \"" s "\"\n"
#define SEND(s) "#1 send  \"" s "\"\n"
#define CMD(s) "#1 cmd   " s "\n"
#define REPLY(s) "#1 reply " s "\n"
#define ERROR(s) "#1 error " s "\n"
#define CLOSE(s) "#1 close " s "\n"

static const struct dialogue {
	enum stub_mode mode;
	bool closes;		/* we do, not the client */
	const char *input;
	const char *output;
	const char *trace;
} dialogues[] = {
	{ STUB_REDIS, false, "", "",
	    OPEN
	    CLOSE("eof; received 0 bytes, 0 commands; sent 0 bytes") },
	{ STUB_REDIS, false, PING, PONG,
	    OPEN RECV("PING\\r\\n")
	    CMD("1 \"PING\"") REPLY("1 PING 0us PONG")
	    SEND("+PONG\\r\\n")
	    CLOSE("eof; received 6 bytes, 1 command; sent 7 bytes") },
	{ STUB_REDIS, false,
	    "*1\r\n$4\r\nPING\r\n*2\r\n$4\r\nECHO\r\n$2\r\n\x01\xff\r\n",
	    PONG "$2\r\n\x01\xff\r\n",
	    OPEN
	    RECV("*1\\r\\n$4\\r\\nPING\\r\\n"
		"*2\\r\\n$4\\r\\nECHO\\r\\n$2\\r\\n\\x01\\xff\\r\\n")
	    CMD("1 \"PING\"") REPLY("1 PING 0us PONG")
	    CMD("2 \"ECHO\" \"\\x01\\xff\"")
	    REPLY("2 ECHO 0us \"\\x01\\xff\"")
	    SEND("+PONG\\r\\n$2\\r\\n\\x01\\xff\\r\\n")
	    CLOSE("eof; received 36 bytes, 2 commands; sent 15 bytes") },
	/* What is no command gets no number. */
	{ STUB_REDIS, false, "\r\n*0\r\n*-1\r\n" PING, PONG,
	    OPEN RECV("\\r\\n*0\\r\\n*-1\\r\\nPING\\r\\n")
	    CMD("1 \"PING\"") REPLY("1 PING 0us PONG")
	    SEND("+PONG\\r\\n")
	    CLOSE("eof; received 17 bytes, 1 command; sent 7 bytes") },
	/* Nor what is not complete. */
	{ STUB_REDIS, false, "*2\r\n$4\r\nECHO\r\n$2\r\nh", "",
	    OPEN RECV("*2\\r\\n$4\\r\\nECHO\\r\\n$2\\r\\nh")
	    CLOSE("eof; received 19 bytes, 0 commands; sent 0 bytes") },
	{ STUB_OK, false, "foo bar\r\n", "+OK\r\n",
	    OPEN RECV("foo bar\\r\\n")
	    CMD("1 \"foo\" \"bar\"") REPLY("1 foo 0us OK")
	    SEND("+OK\\r\\n")
	    CLOSE("eof; received 9 bytes, 1 command; sent 5 bytes") },
	{ STUB_ECHO, false, "foo bar\r\n", "*2\r\n$3\r\nfoo\r\n$3\r\nbar\r\n",
	    OPEN RECV("foo bar\\r\\n")
	    CMD("1 \"foo\" \"bar\"") REPLY("1 foo 0us [\"foo\", \"bar\"]")
	    SEND("*2\\r\\n$3\\r\\nfoo\\r\\n$3\\r\\nbar\\r\\n")
	    CLOSE("eof; received 9 bytes, 1 command; sent 22 bytes") },
	{ STUB_NONE, false, "foo bar\r\nquit\r\n", "",
	    OPEN RECV("foo bar\\r\\nquit\\r\\n")
	    CMD("1 \"foo\" \"bar\"") CMD("2 \"quit\"")
	    CLOSE("eof; received 15 bytes, 2 commands; sent 0 bytes") },
	/* A broken rule is answered by Redis only, and ends decoding. */
	{ STUB_REDIS, true, PING "*1\r\n$-1\r\n" PING,
	    PONG "-ERR Protocol error: invalid bulk length\r\n",
	    OPEN RECV("PING\\r\\n*1\\r\\n$-1\\r\\nPING\\r\\n")
	    CMD("1 \"PING\"") REPLY("1 PING 0us PONG")
	    ERROR("at 11 \"-\": Protocol error: invalid bulk length")
	    SEND("+PONG\\r\\n"
		"-ERR Protocol error: invalid bulk length\\r\\n")
	    CLOSE("protocol error; received 21 bytes, 1 command; "
		"sent 49 bytes") },
	{ STUB_OK, false, PING "*1\r\n$-1\r\n" PING, "+OK\r\n",
	    OPEN RECV("PING\\r\\n*1\\r\\n$-1\\r\\nPING\\r\\n")
	    CMD("1 \"PING\"") REPLY("1 PING 0us OK")
	    ERROR("at 11 \"-\": Protocol error: invalid bulk length")
	    SEND("+OK\\r\\n")
	    CLOSE("eof; received 21 bytes, 1 command; sent 5 bytes") },
	{ STUB_ECHO, false, "*1\r\n$-1\r\n*1\r\n$-1\r\n" PING, "",
	    OPEN RECV("*1\\r\\n$-1\\r\\n*1\\r\\n$-1\\r\\nPING\\r\\n")
	    ERROR("at 5 \"-\": Protocol error: invalid bulk length")
	    CLOSE("eof; received 24 bytes, 0 commands; sent 0 bytes") },
	{ STUB_NONE, false, "*1\r\n$-1\r\n*1\r\n$-1\r\n" PING, "",
	    OPEN RECV("*1\\r\\n$-1\\r\\n*1\\r\\n$-1\\r\\nPING\\r\\n")
	    ERROR("at 5 \"-\": Protocol error: invalid bulk length")
	    CLOSE("eof; received 24 bytes, 0 commands; sent 0 bytes") },
	/* What comes behind a QUIT is not answered. */
	{ STUB_REDIS, true, PING "QUIT\r\n" PING, PONG "+OK\r\n",
	    OPEN RECV("PING\\r\\nQUIT\\r\\nPING\\r\\n")
	    CMD("1 \"PING\"") REPLY("1 PING 0us PONG")
	    CMD("2 \"QUIT\"") REPLY("2 QUIT 0us OK")
	    SEND("+PONG\\r\\n+OK\\r\\n")
	    CLOSE("quit; received 18 bytes, 2 commands; sent 12 bytes") }
};

START_TEST(dialogue_is_traced)
{
	const struct dialogue *d = &dialogues[_i];
	struct peer *p;

	start(d->mode);
	p = peer_open(&rig);
	ck_assert_uint_eq(peer_push(p, d->input, strlen(d->input)),
	    strlen(d->input));
	if (!d->closes)
		peer_half_close(p);
	rig_until_freed(&rig, 1);
	peer_until_eof(p);
	peer_assert_got(p, d->output);
	ck_assert_str_eq(rig_trace(&rig), d->trace);
}
END_TEST

static bool
is_taken(void *ctx)
{
	return (peer_in_kernel(ctx) == 0);
}

static void
send_byte_by_byte(struct peer *p, const char *text)
{
	for (; *text != '\0'; text++) {
		ck_assert_uint_eq(peer_push(p, text, 1), 1);
		rig_until(&rig, is_taken, p);
	}
	peer_half_close(p);
	rig_until_freed(&rig, 1);
	peer_until_eof(p);
}

/* The trace without the lines about bytes; to be freed. */
static char *
without_bytes(const char *trace)
{
	char *rest = malloc(strlen(trace) + 1), *to = rest;
	const char *end;

	ck_assert_ptr_nonnull(rest);
	for (; *trace != '\0'; trace = end + 1) {
		end = strchr(trace, '\n');
		if (strncmp(trace, "#1 recv ", 8) == 0 ||
		    strncmp(trace, "#1 send ", 8) == 0)
			continue;
		memcpy(to, trace, (size_t)(end - trace) + 1);
		to += end - trace + 1;
	}
	*to = '\0';
	return (rest);
}

START_TEST(dialogue_may_come_byte_by_byte)
{
	const struct dialogue *d = &dialogues[_i];
	char *want;
	struct peer *p;

	start_showing(d->mode, RECORD_ALL & ~BYTES);
	p = peer_open(&rig);
	if (!d->closes) {
		send_byte_by_byte(p, d->input);
		peer_assert_got(p, d->output);
		want = without_bytes(d->trace);
		ck_assert_str_eq(rig_trace(&rig), want);
		free(want);
	}
}
END_TEST

START_TEST(each_byte_is_recorded)
{
	const struct dialogue *d = &dialogues[_i];

	rig_init(&rig, d->mode);
	rig.options.trace.format = format_find("raw");
	rig.options.trace.events = RECORD_BIT(RECORD_RECV);
	rig_start(&rig);
	if (!d->closes) {
		send_byte_by_byte(peer_open(&rig), d->input);
		ck_assert_str_eq(rig_trace(&rig), d->input);
	}
}
END_TEST

/* One connection's error is nothing to another one. */
START_TEST(error_disturbs_nobody_else)
{
	struct peer *good, *bad;

	start_showing(STUB_REDIS, LIVES);
	good = peer_open(&rig);
	bad = peer_open(&rig);
	peer_say(good, "*2\r\n$4\r\nECHO\r\n$4\r\nab");
	peer_until_sent(good);
	peer_say(bad, "*1\r\nx\r\n");
	peer_until_eof(bad);
	peer_say(good, "cd\r\n");
	peer_until_got(good, 10);
	peer_assert_got(good, "$4\r\nabcd\r\n");
	peer_assert_got(bad,
	    "-ERR Protocol error: expected '$', got 'x'\r\n");
	rig_until_freed(&rig, 1);
	peer_half_close(good);
	rig_until_freed(&rig, 2);
	ck_assert_uint_eq(rig.worker->nconns, 0);
	ck_assert_uint_eq(rig.worker->totals.conns, 2);
	ck_assert_uint_eq(rig.worker->totals.commands, 1);
	ck_assert_uint_eq(rig.worker->totals.received, 24 + 7);
	ck_assert_uint_eq(rig.worker->totals.sent, 10 + 44);
}
END_TEST

START_TEST(tcp_peer_has_an_address)
{
	struct peer *p;
	int port = 0, end = 0;
	const char *trace;

	start(STUB_REDIS);
	p = peer_open_tcp(&rig);
	peer_say(p, PING);
	peer_until_got(p, PONG_LEN);
	peer_half_close(p);
	peer_until_eof(p);
	rig_until_freed(&rig, 1);
	trace = rig_trace(&rig);
	sscanf(trace, "#1 open  127.0.0.1:%d\n#1 recv%n", &port, &end);
	ck_assert_int_gt(port, 0);
	ck_assert_int_gt(end, 0);
}
END_TEST

/* An argument of the largest size that is sent back, in many pieces. */
START_TEST(large_argument_comes_back)
{
	const size_t size = STUB_ECHO_MAX;
	char *arg = repeat("0123456789abcdef", size / 16);
	char *want = malloc(size + 32);
	struct peer *p;

	start_showing(STUB_REDIS, LIVES);
	p = peer_open(&rig);
	sprintf(want, "*2\r\n$4\r\nECHO\r\n$%zu\r\n", size);
	peer_say(p, want);
	peer_send(p, arg, size);
	peer_say(p, "\r\n");
	peer_half_close(p);
	peer_until_eof(p);
	sprintf(want, "$%zu\r\n%s\r\n", size, arg);
	peer_assert_got(p, want);
	rig_until_freed(&rig, 1);
	free(arg);
	free(want);
}
END_TEST

/* Clients that do not read */

/* Replies that the sockets do not hold are sent before the end. */
START_TEST(half_close_waits_for_replies)
{
	const size_t n = 50000;
	struct peer *p;

	start_showing(STUB_REDIS, LIVES);
	p = peer_open(&rig);
	peer_read(p, false);
	send_repeated(p, PING, n);
	peer_half_close(p);
	rig_settle(&rig);
	ck_assert_uint_eq(p->sent, n * PING_LEN);
	ck_assert_int_eq(rig.freed, 0);
	peer_read(p, true);
	peer_until_eof(p);
	assert_got_repeated(p, PONG, n, "");
	rig_until_freed(&rig, 1);
	ck_assert_str_eq(rig_trace(&rig), OPEN CLOSE("eof; "
	    "received 300000 bytes, 50000 commands; sent 350000 bytes"));
}
END_TEST

/* How many bytes stand in the socket that the peer does not read. */
static size_t
unread(const struct peer *p)
{
	int n;

	ck_assert_int_eq(ioctl(p->fd, FIONREAD, &n), 0);
	return ((size_t)n);
}

START_TEST(reading_stops_while_the_client_does_not)
{
	const size_t n = 400000;
	size_t taken, unsent;
	struct peer *p, *other;

	start_showing(STUB_REDIS, LIVES);
	p = peer_open(&rig);
	peer_read(p, false);
	send_repeated(p, PING, n);
	rig_settle(&rig);
	taken = p->sent - peer_in_kernel(p);
	unsent = taken / PING_LEN * PONG_LEN - unread(p);
	ck_assert_uint_ge(unsent, FLOW_HIGH / 2);
	ck_assert_uint_le(unsent, FLOW_HIGH + 2 * FLOW_CHUNK);
	/* That holds nobody else up. */
	other = peer_open(&rig);
	peer_say(other, PING);
	peer_until_got(other, PONG_LEN);
	peer_read(p, true);
	peer_half_close(p);
	peer_until_eof(p);
	assert_got_repeated(p, PONG, n, "");
	rig_until_freed(&rig, 1);
}
END_TEST

/* Small commands may have large replies: those stop it in mid-chunk. */
START_TEST(replies_do_not_pile_up)
{
	const size_t n = 20000;
	struct peer *p;
	size_t each;

	start_showing(STUB_REDIS, LIVES);
	p = peer_open(&rig);
	peer_say(p, "HELLO 3\r\n");
	rig_until(&rig, is_taken, p);
	rig_settle(&rig);
	each = p->got.len;
	ck_assert_uint_gt(each, 100);
	peer_read(p, false);
	send_repeated(p, "HELLO 3\r\n", n);
	rig_settle(&rig);
	ck_assert_uint_le(rig.worker->totals.sent - p->got.len - unread(p),
	    FLOW_HIGH + each);
	peer_read(p, true);
	peer_until_got(p, (n + 1) * each);
	peer_half_close(p);
	peer_until_eof(p);
	ck_assert_uint_eq(p->got.len, (n + 1) * each);
	rig_until_freed(&rig, 1);
}
END_TEST

/* Then it goes, without having read. */
START_TEST(unread_replies_are_given_up)
{
	const char *want = OPEN CLOSE("reset; "
	    "received 300000 bytes, 50000 commands; sent 350000 bytes");
	struct peer *p;

	start_showing(STUB_REDIS, LIVES);
	p = peer_open(&rig);
	peer_read(p, false);
	send_repeated(p, PING, 50000);
	rig_settle(&rig);
	ck_assert_uint_eq(p->sent, 50000 * PING_LEN);
	peer_close(p);
	rig_until_freed(&rig, 1);
	ck_assert_str_eq(rig_trace(&rig), want);
}
END_TEST

/* Before it closes, all that came before the QUIT is answered; what comes
 * meanwhile is recorded. */
START_TEST(quit_waits_for_replies)
{
	const size_t n = 50000;
	struct peer *p;

	start_showing(STUB_REDIS, LIVES);
	p = peer_open(&rig);
	peer_read(p, false);
	send_repeated(p, PING, n);
	peer_say(p, "QUIT\r\n");
	rig_settle(&rig);
	ck_assert_uint_eq(p->sent, n * PING_LEN + 6);
	ck_assert_uint_eq(peer_push(p, PING, PING_LEN), PING_LEN);
	rig_settle(&rig);
	ck_assert_int_eq(rig.freed, 0);
	peer_read(p, true);
	peer_until_eof(p);
	assert_got_repeated(p, PONG, n, "+OK\r\n");
	rig_until_freed(&rig, 1);
	ck_assert_str_eq(rig_trace(&rig), OPEN CLOSE("quit; "
	    "received 300012 bytes, 50001 commands; sent 350005 bytes"));
}
END_TEST

/* Replies that come later */

/* What stands behind a command that waits is answered behind it. */
START_TEST(late_reply_keeps_its_place)
{
	struct peer *p;

	start(STUB_REDIS);
	p = peer_open(&rig);
	peer_push(p, "BLPOP k 0.01\r\n" PING, 14 + PING_LEN);
	peer_until_got(p, 5 + PONG_LEN);
	peer_assert_got(p, "*-1\r\n" PONG);
	peer_half_close(p);
	rig_until_freed(&rig, 1);
	ck_assert_str_eq(rig_trace(&rig), OPEN
	    RECV("BLPOP k 0.01\\r\\nPING\\r\\n")
	    CMD("1 \"BLPOP\" \"k\" \"0.01\"")
	    REPLY("1 BLPOP 0us (nil)") SEND("*-1\\r\\n")
	    CMD("2 \"PING\"") REPLY("2 PING 0us PONG") SEND("+PONG\\r\\n")
	    CLOSE("eof; received 20 bytes, 2 commands; sent 12 bytes"));
}
END_TEST

static void
ignore(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	(void)ctx;
}

/* A loop that never rests sees libevent's clock tick, which is behind. */
START_TEST(late_reply_is_not_early)
{
	struct peer *p;
	struct event *busy;
	int64_t since;
	size_t i;

	start(STUB_REDIS);
	p = peer_open(&rig);
	busy = event_new(rig.base, -1, 0, ignore, NULL);
	for (i = 1; i <= 8; i++) {
		since = now_ns(CLOCK_MONOTONIC);
		peer_say(p, "BLPOP k 0.01\r\n");
		while (p->got.len < i * 5) {
			event_active(busy, EV_TIMEOUT, 0);
			event_base_loop(rig.base, EVLOOP_ONCE);
		}
		ck_assert_int_ge(now_ns(CLOCK_MONOTONIC) - since, 10000000);
	}
	event_free(busy);
}
END_TEST

/* As many bytes as we like behind it: they wait, and none is lost. */
START_TEST(late_reply_holds_others_back)
{
	struct peer *p;

	start_showing(STUB_REDIS, LIVES | RECORD_BIT(RECORD_RECV));
	p = peer_open(&rig);
	peer_say(p, "BLPOP k 0.1\r\n");
	send_repeated(p, PING, 50000);
	peer_until_got(p, 5 + 50000 * PONG_LEN);
	peer_half_close(p);
	rig_until_freed(&rig, 1);
	assert_recorded(rig_trace(&rig), "#1 recv  \"", p, p->out.len);
}
END_TEST

/* Answers that wait, close or never come; whoever says that says no more. */
static const char script[] =
    "SLOW => after 50ms OK\n"
    "SLOWBYE => after 50ms close with OK\n"
    "BYE => close with OK\n"
    "GONE => close\n"
    "SLOWGONE => after 50ms close\n"
    "NEVER => hang\n";

static const struct {
	const char *input;
	const char *output;
	const char *end;
} scripted[] = {
	/* The end of what the client sends does not end what it gets. */
	{ "SLOW\r\n" PING, "+OK\r\n" PONG,
	    "eof; received 12 bytes, 2 commands; sent 12 bytes" },
	{ "SLOW\r\nSLOW\r\nSLOW\r\n", "+OK\r\n+OK\r\n+OK\r\n",
	    "eof; received 18 bytes, 3 commands; sent 15 bytes" },
	{ "SLOW\r\nBYE\r\n" PING, "+OK\r\n+OK\r\n",
	    "scripted; received 17 bytes, 2 commands; sent 10 bytes" },
	{ "SLOWBYE\r\n" PING, "+OK\r\n",
	    "scripted; received 15 bytes, 1 command; sent 5 bytes" },
	{ PING "GONE\r\n" PING, PONG,
	    "scripted; received 18 bytes, 2 commands; sent 7 bytes" },
	{ PING "SLOWGONE\r\n" PING, PONG,
	    "scripted; received 22 bytes, 2 commands; sent 7 bytes" },
	{ PING "NEVER\r\n" PING, PONG,
	    "eof; received 19 bytes, 2 commands; sent 7 bytes" }
};

START_TEST(scripted_answer_is_given)
{
	struct bytes message = { 0 };
	struct answers *answers;
	struct peer *p;

	start_showing(STUB_REDIS, LIVES);
	answers = answers_parse("script", (const uint8_t *)script,
	    sizeof(script) - 1, &message);
	ck_assert_msg(answers != NULL, "%s", (char *)message.data);
	rig.worker->stub.answers = answers;
	p = peer_open(&rig);
	peer_push(p, scripted[_i].input, strlen(scripted[_i].input));
	peer_half_close(p);
	peer_until_eof(p);
	peer_assert_got(p, scripted[_i].output);
	rig_until_freed(&rig, 1);
	assert_collected(rig_trace(&rig), "#1 close ", scripted[_i].end);
	rig.worker->stub.answers = NULL;
	answers_free(answers);
	bytes_free(&message);
}
END_TEST

START_TEST(blocked_client_may_go)
{
	struct peer *p;

	start_showing(STUB_REDIS, LIVES);
	p = peer_open(&rig);
	peer_push(p, "BLPOP k 0\r\n" PING, 11 + PING_LEN);
	rig_until(&rig, is_taken, p);
	rig_settle(&rig);
	ck_assert_int_eq(rig.freed, 0);
	peer_close(p);
	rig_until_freed(&rig, 1);
	ck_assert_str_eq(rig_trace(&rig), OPEN
	    CLOSE("eof; received 17 bytes, 1 command; sent 0 bytes"));
}
END_TEST

/* Even if it has sent more than is read meanwhile. */
START_TEST(blocked_client_may_break_off)
{
	struct peer *p;

	start_showing(STUB_REDIS, LIVES);
	p = peer_open_tcp(&rig);
	peer_say(p, "BLPOP k 0\r\n");
	send_repeated(p, PING, 20000);
	peer_until_sent(p);
	rig_settle(&rig);
	peer_reset(p);
	rig_until_freed(&rig, 1);
}
END_TEST

/* A close record is the last one of its connection, also if that is a MONITOR
 * and a command comes in the same turn of the loop. */
START_TEST(nothing_follows_a_close)
{
	struct peer *monitor, *p;
	const char *trace, *end;

	start(STUB_REDIS);
	monitor = peer_open(&rig);
	p = peer_open(&rig);
	peer_say(monitor, "MONITOR\r\n");
	peer_until_got(monitor, 5);
	rig_settle(&rig);
	peer_half_close(monitor);
	peer_push(p, PING, PING_LEN);
	peer_until_got(p, PONG_LEN);
	rig_until_freed(&rig, 1);
	peer_half_close(p);
	rig_until_freed(&rig, 2);
	trace = rig_trace(&rig);
	end = strstr(trace, "#1 close ");
	ck_assert_ptr_nonnull(end);
	ck_assert_msg(strstr(end + 1, "#1 ") == NULL, "%s", trace);
}
END_TEST

/* Resets */

/* Letters that tell the place, in text as they are. */
static char *
letters(size_t n)
{
	char *all = malloc(n + 1);
	size_t i;

	ck_assert_ptr_nonnull(all);
	for (i = 0; i < n; i++)
		all[i] = (char)('a' + i % 26 * (i / 26 % 5 + 1) % 26);
	all[n] = '\0';
	return (all);
}

START_TEST(reset_loses_nothing)
{
	char *all = letters(200000), want[100];
	const char *trace;
	struct peer *p;
	size_t n;

	start_showing(STUB_NONE, LIVES | BYTES);
	p = peer_open_tcp(&rig);
	ck_assert_uint_gt(peer_push(p, all, 200000), 0);
	peer_reset(p);
	n = peer_in_kernel(p);
	ck_assert_uint_gt(n, 20000);
	rig_until_freed(&rig, 1);
	trace = rig_trace(&rig);
	all[n] = '\0';
	assert_collected(trace, "#1 recv  \"", all);
	snprintf(want, sizeof(want), "reset; received %zu bytes, 0 commands; "
	    "sent 0 bytes", n);
	assert_collected(trace, "#1 close ", want);
	free(all);
}
END_TEST

static bool
has_come(void *ctx)
{
	return (peer_in_kernel(ctx) == 1000 * PING_LEN);
}

/* The peer closes with our replies unread: that is a reset, too. */
START_TEST(reset_by_unread_replies_loses_nothing)
{
	char *more = repeat(PING, 1000);
	const char *trace;
	struct peer *p;

	start_showing(STUB_REDIS, LIVES | BYTES);
	p = peer_open_tcp(&rig);
	peer_read(p, false);
	send_repeated(p, PING, 9000);
	peer_until_sent(p);
	rig_until(&rig, is_taken, p);
	rig_settle(&rig);
	ck_assert_uint_eq(peer_push(p, more, 6000), 6000);
	while (!has_come(p))
		;
	peer_close(p);
	rig_until_freed(&rig, 1);
	trace = rig_trace(&rig);
	assert_collected_repeated(trace, "#1 recv  \"", "PING\\r\\n", 10000);
	assert_collected(trace, "#1 close ", "reset; received 60000 bytes, "
	    "10000 commands; sent 70000 bytes");
	free(more);
}
END_TEST

/* Replies to nobody took a minute, in which nobody else was served. */
START_TEST(gone_client_gets_no_answers)
{
	static const char command[] = "COMMAND\r\n";
	char *all = repeat(command, 2000);
	struct peer *p;

	start_showing(STUB_REDIS, LIVES);
	p = peer_open_tcp(&rig);
	ck_assert_uint_eq(peer_push(p, all, strlen(all)), strlen(all));
	peer_reset(p);
	rig_until_freed(&rig, 1);
	ck_assert_uint_eq(rig.worker->totals.commands, 2000);
	ck_assert_uint_le(rig.worker->totals.sent, 2 * FLOW_HIGH);
	free(all);
}
END_TEST

/* Nor does it keep its commands from being shown, though there are more than
 * one turn executes. */
START_TEST(gone_clients_commands_are_shown)
{
	const size_t n = 9000;
	char *many = repeat(PING, n);
	struct peer *p;

	start_showing(STUB_REDIS, LIVES);
	p = peer_open_tcp(&rig);
	ck_assert_uint_eq(peer_push(p, many, n * PING_LEN), n * PING_LEN);
	while (peer_in_kernel(p) < n * PING_LEN)
		;
	peer_reset(p);
	rig_until_freed(&rig, 1);
	ck_assert_uint_eq(rig.worker->totals.commands, n);
	free(many);
}
END_TEST

/* Nor does the stop, while some are held. */
START_TEST(shutdown_shows_all_commands)
{
	const size_t n = 20000;		/* more than is held */
	char *many = repeat(PING, n);
	struct peer *p;

	start_showing(STUB_REDIS, LIVES);
	p = peer_open(&rig);
	ck_assert_uint_eq(peer_push(p, many, n * PING_LEN), n * PING_LEN);
	while (peer_in_kernel(p) < n * PING_LEN)
		;
	event_base_loop(rig.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	ck_assert_uint_lt(rig.worker->totals.commands, n);
	conn_shutdown_all(rig.worker);
	rig_until_freed(&rig, 1);
	ck_assert_uint_eq(rig.worker->totals.commands, n);
	free(many);
}
END_TEST

/* QUIT is the last command, also when its client has not waited for replies. */
START_TEST(gone_client_may_quit)
{
	static const char last[] = "QUIT\r\nPING\r\n";
	char *all = repeat("COMMAND\r\n", 2000);
	struct peer *p;

	start_showing(_i == 0 ? STUB_REDIS : STUB_ECHO, LIVES);
	p = peer_open_tcp(&rig);
	ck_assert_uint_eq(peer_push(p, all, strlen(all)), strlen(all));
	ck_assert_uint_eq(peer_push(p, last, strlen(last)), strlen(last));
	peer_reset(p);
	rig_until_freed(&rig, 1);
	ck_assert_uint_eq(rig.worker->totals.commands, _i == 0 ? 2001 : 2002);
	free(all);
}
END_TEST

/* A trace that nobody reads */

#define MANY 200000
/* What one PING becomes in the trace: recv, cmd, reply and send. */
#define LEAST_PER_PING 60
#define MOST_PER_PING 90

static bool
trace_is_full(void *ctx)
{
	(void)ctx;
	return (trace_full(&rig.trace));
}

/* Has the first client send until the trace is full. */
static struct peer *
fill_trace(void)
{
	struct peer *p = peer_open(&rig);

	send_repeated(p, PING, MANY);
	rig_until(&rig, trace_is_full, NULL);
	rig_settle(&rig);
	ck_assert(trace_full(&rig.trace));
	return (p);
}

/* All that connections 1 and 2 said and got. */
static void
assert_nothing_lost(const char *trace)
{
	struct bytes cmds = { 0 }, replies = { 0 };
	int i;

	for (i = 1; i <= MANY; i++) {
		bytes_addf(&cmds, "%d \"PING\"", i);
		bytes_addf(&replies, "%d PING 0us PONG", i);
	}
	bytes_add(&cmds, "", 1);
	bytes_add(&replies, "", 1);
	assert_collected_repeated(trace, "#1 recv  \"", "PING\\r\\n", MANY);
	assert_collected_repeated(trace, "#1 send  \"", "+PONG\\r\\n", MANY);
	assert_collected(trace, "#1 cmd   ", (char *)cmds.data);
	assert_collected(trace, "#1 reply ", (char *)replies.data);
	assert_collected(trace, "#2 recv  \"", "PING\\r\\n");
	assert_collected(trace, "#2 send  \"", "+PONG\\r\\n");
	bytes_free(&cmds);
	bytes_free(&replies);
}

START_TEST(full_trace_stops_all)
{
	struct peer *p, *other;
	const char *trace;
	size_t taken;

	start_unread(STUB_REDIS, SLOW_WAIT);
	p = fill_trace();
	taken = p->sent - peer_in_kernel(p);
	ck_assert_uint_ge(taken, OUTPUT_HIGH / MOST_PER_PING * PING_LEN);
	ck_assert_uint_le(taken,
	    OUTPUT_HIGH / LEAST_PER_PING * PING_LEN + FLOW_CHUNK);
	other = peer_open(&rig);
	peer_say(other, PING);
	rig_settle(&rig);
	ck_assert_uint_eq(other->sent, PING_LEN);
	ck_assert_uint_eq(other->got.len, 0);
	ck_assert_uint_eq(p->sent - peer_in_kernel(p), taken);

	rig_read_trace(&rig, true);
	peer_until_got(other, PONG_LEN);
	peer_until_got(p, MANY * PONG_LEN);
	ck_assert(TAILQ_EMPTY(&rig.worker->waiting));
	peer_half_close(p);
	peer_half_close(other);
	rig_until_freed(&rig, 2);
	trace = rig_trace(&rig);
	assert_nothing_lost(trace);
	assert_collected(trace, "#1 close ", "eof; received 1200000 bytes, "
	    "200000 commands; sent 1400000 bytes");
	assert_collected(trace, "#2 close ",
	    "eof; received 6 bytes, 1 command; sent 7 bytes");
}
END_TEST

/* The end of a client that is waiting is seen, in its place. */
START_TEST(client_may_go_while_the_trace_is_full)
{
	struct peer *p;

	start_unread(STUB_REDIS, SLOW_WAIT);
	fill_trace();
	p = peer_open(&rig);
	peer_push(p, PING, PING_LEN);
	peer_close(p);
	p = peer_open(&rig);
	peer_close(p);
	rig_settle(&rig);
	rig_read_trace(&rig, true);
	rig_until_freed(&rig, 2);
	peer_until_got(&rig.peers[0], MANY * PONG_LEN);
	peer_half_close(&rig.peers[0]);
	rig_until_freed(&rig, 3);
	assert_nothing_lost(rig_trace(&rig));
}
END_TEST

/* With the other policy nobody waits, and what is lost is said. */
START_TEST(records_may_be_dropped_instead)
{
	unsigned long long lost = 0;
	const char *trace, *p;
	struct peer *peer;

	start_unread(STUB_REDIS, SLOW_DROP);
	peer = peer_open(&rig);
	send_repeated(peer, PING, MANY);
	peer_half_close(peer);
	peer_until_eof(peer);
	assert_got_repeated(peer, PONG, MANY, "");
	rig_until_freed(&rig, 1);
	ck_assert_uint_gt(rig.file.lost_total, 0);
	trace = rig_trace(&rig);
	p = strstr(trace, "#0 error ");
	ck_assert_ptr_nonnull(p);
	sscanf(p, "#0 error %llu records dropped: the reader of the trace is "
	    "slow\n", &lost);
	ck_assert_uint_eq(lost, rig.file.lost_total);
	assert_collected(trace, "#1 open  ", "unix:");
	assert_collected(trace, "#1 close ", "eof; received 1200000 bytes, "
	    "200000 commands; sent 1400000 bytes");
}
END_TEST

/* One client too many */

#define REFUSAL "-ERR max number of clients reached\r\n"

START_TEST(client_is_refused)
{
	struct peer *p;

	start(STUB_REDIS);
	rig.refusing = true;
	p = peer_open(&rig);
	peer_until_eof(p);
	peer_assert_got(p, REFUSAL);
	rig_until_freed(&rig, 1);
	ck_assert_str_eq(rig_trace(&rig), OPEN
	    SEND("-ERR max number of clients reached\\r\\n")
	    CLOSE("max clients; received 0 bytes, 0 commands; sent 36 bytes"));
}
END_TEST

/* What the client has sent already is recorded, and it can read the reply. */
START_TEST(refused_client_has_sent)
{
	struct peer *p;

	start(STUB_REDIS);
	p = peer_open_tcp(&rig);
	peer_push(p, PING, PING_LEN);
	rig_until(&rig, is_taken, p);
	ck_assert_uint_eq(p->sent, PING_LEN);
	peer_until_got(p, PONG_LEN);
	peer_push(p, PING, PING_LEN);
	while (peer_in_kernel(p) < PING_LEN)
		;
	conn_refuse(p->conn);
	peer_until_eof(p);
	peer_assert_got(p, PONG REFUSAL);
	rig_until_freed(&rig, 1);
	assert_collected(rig_trace(&rig), "#1 recv  \"",
	    "PING\\r\\nPING\\r\\n");
}
END_TEST

/* The stop */

/* What stands in the kernel is recorded, and answered. */
START_TEST(shutdown_reads_what_is_there)
{
	struct peer *p, *idle;

	start(STUB_REDIS);
	p = peer_open(&rig);
	idle = peer_open(&rig);
	peer_push(p, PING PING "*1\r\n", 2 * PING_LEN + 4);
	conn_shutdown_all(rig.worker);
	ck_assert(TAILQ_EMPTY(&rig.worker->conns));
	rig_until_freed(&rig, 2);
	peer_until_eof(p);
	peer_until_eof(idle);
	peer_assert_got(p, PONG PONG);
	peer_assert_got(idle, "");
	ck_assert_str_eq(rig_trace(&rig), OPEN
	    "#2 open  unix:\n"
	    RECV("PING\\r\\nPING\\r\\n*1\\r\\n")
	    CMD("1 \"PING\"") REPLY("1 PING 0us PONG")
	    CMD("2 \"PING\"") REPLY("2 PING 0us PONG")
	    SEND("+PONG\\r\\n+PONG\\r\\n")
	    CLOSE("shutdown; received 16 bytes, 2 commands; sent 14 bytes")
	    "#2 close shutdown; received 0 bytes, 0 commands; sent 0 bytes\n");
}
END_TEST

/* More than libevent reads at a time; a QUIT in it ends decoding. */
START_TEST(shutdown_reads_all_that_is_there)
{
	char *all = repeat(PING, 20000);
	struct peer *p;
	size_t n;

	start_showing(STUB_REDIS, LIVES | RECORD_BIT(RECORD_RECV));
	p = peer_open(&rig);
	peer_push(p, "QUIT\r\n", 6);
	n = peer_push(p, all, 20000 * PING_LEN);
	ck_assert_uint_gt(n, 20000);
	conn_shutdown_all(rig.worker);
	rig_until_freed(&rig, 1);
	peer_until_eof(p);
	peer_assert_got(p, "+OK\r\n");
	ck_assert_uint_eq(rig.worker->totals.received, 6 + n);
	ck_assert_uint_eq(rig.worker->totals.commands, 1);
	free(all);
}
END_TEST

/* A client that does not read is not waited for. */
START_TEST(shutdown_waits_for_no_client)
{
	struct peer *p;

	start_showing(STUB_REDIS, LIVES);
	p = peer_open(&rig);
	peer_read(p, false);
	send_repeated(p, PING, 50000);
	rig_settle(&rig);
	conn_shutdown_all(rig.worker);
	rig_until_freed(&rig, 1);
	ck_assert_str_eq(rig_trace(&rig), OPEN CLOSE("shutdown; "
	    "received 300000 bytes, 50000 commands; sent 350000 bytes"));
}
END_TEST

/* The trace is waited for. */
START_TEST(shutdown_waits_for_the_trace)
{
	struct peer *p, *other;
	const char *trace;
	size_t all;

	start_unread(STUB_REDIS, SLOW_WAIT);
	p = fill_trace();
	other = peer_open(&rig);
	/* Some of its bytes are with libevent, some in the kernel still. */
	peer_push(other, PING, PING_LEN);
	rig_settle(&rig);
	peer_push(other, PING PING, 2 * PING_LEN);
	all = p->sent;
	event_del(p->writable);
	conn_shutdown_all(rig.worker);
	rig_settle(&rig);
	ck_assert_int_eq(rig.freed, 0);
	rig_read_trace(&rig, true);
	rig_until_freed(&rig, 2);
	ck_assert_uint_eq(rig.worker->totals.received, all + 3 * PING_LEN);
	trace = rig_trace(&rig);
	assert_recorded(trace, "#1 recv  \"", p, all);
	assert_recorded(trace, "#2 recv  \"", other, 3 * PING_LEN);
	peer_until_eof(other);
	peer_assert_got(other, PONG PONG PONG);
}
END_TEST

/* Whatever connections are at, they can be freed; teardown() looks for what is
 * left, and the leak checkers. */
START_TEST(all_can_be_abandoned)
{
	struct peer *p;

	start_unread(STUB_REDIS, SLOW_WAIT);
	rig.options.idle_timeout = 3600;
	p = peer_open(&rig);			/* has unread replies */
	peer_read(p, false);
	send_repeated(p, PING, 40000);
	p = peer_open(&rig);			/* is in mid-command */
	peer_say(p, "*2\r\n$4\r\nECHO\r\n$100\r\nab");
	p = peer_open(&rig);			/* has a name */
	peer_say(p, "CLIENT SETNAME me\r\n");
	rig_settle(&rig);
	fill_trace();				/* waits for the trace */
	rig.refusing = true;
	p = peer_open(&rig);			/* is ended, not freed */
	ck_assert(!TAILQ_EMPTY(&rig.worker->ended));
	ck_assert(!TAILQ_EMPTY(&rig.worker->waiting));
	rig.refusing = false;
	p = peer_open(&rig);			/* has gone */
	peer_close(p);
	peer_open(&rig);
	ck_assert_int_eq(rig.freed, 0);
}
END_TEST

/* Idle clients */

static int64_t
milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

static void
start_idling(void)
{
	rig_init(&rig, STUB_REDIS);
	rig.options.idle_timeout = 1;
	rig_start(&rig);
}

START_TEST(idle_client_is_closed)
{
	struct peer *p;

	start_idling();
	p = peer_open(&rig);
	peer_until_eof(p);
	rig_until_freed(&rig, 1);
	ck_assert_str_eq(rig_trace(&rig), OPEN
	    CLOSE("idle; received 0 bytes, 0 commands; sent 0 bytes"));
}
END_TEST

/* One that does not read its replies is as idle. */
START_TEST(idle_reader_is_closed)
{
	struct peer *p;

	start_idling();
	p = peer_open(&rig);
	peer_read(p, false);
	send_repeated(p, PING, 50000);
	rig_until_freed(&rig, 1);
	assert_collected(rig_trace(&rig), "#1 close ", "idle; "
	    "received 300000 bytes, 50000 commands; sent 350000 bytes");
}
END_TEST

static void
on_time_to_ping(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	peer_say(arg, PING);
}

/*
 * The time counts from the last byte.  A slow machine can only make it longer,
 * so this asserts how long it is at least; a tick of the clock is granted.
 */
START_TEST(busy_client_is_not_closed)
{
	struct timeval soon = { .tv_usec = 200000 };
	struct event *timer;
	struct peer *p;
	int64_t then;

	start_idling();
	p = peer_open(&rig);
	timer = evtimer_new(rig.base, on_time_to_ping, p);
	event_add(timer, &soon);
	peer_until_got(p, PONG_LEN);
	then = milliseconds();
	peer_until_eof(p);
	ck_assert_int_ge(milliseconds() - then, 950);
	rig_until_freed(&rig, 1);
	event_free(timer);
}
END_TEST

static void
on_time_to_read(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	ck_assert_int_eq(rig.freed, 0);
	*(bool *)arg = true;
	rig_read_trace(&rig, true);
}

static bool
is_true(void *ctx)
{
	return (*(bool *)ctx);
}

/* Our own trace stops it: that is not its fault. */
START_TEST(waiting_client_is_not_idle)
{
	struct timeval later = { .tv_sec = 2, .tv_usec = 100000 };
	struct event *timer;
	bool read = false;
	struct peer *p;

	rig_init(&rig, STUB_REDIS);
	rig.options.idle_timeout = 1;
	rig_use_fifo(&rig);
	rig_start(&rig);
	p = fill_trace();
	timer = evtimer_new(rig.base, on_time_to_read, &read);
	event_add(timer, &later);
	rig_until(&rig, is_true, &read);
	peer_until_got(p, MANY * PONG_LEN);
	peer_half_close(p);
	rig_until_freed(&rig, 1);
	event_free(timer);
}
END_TEST

/* Relays.  The server's end is the test's own: it accepts, and that is all. */

static int
listen_upstream(char text[ADDRESS_TEXT_MAX])
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct address a = { .len = sizeof(a.sa) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a.sa, &a.len), 0);
	address_text(&a, text);
	return (fd);
}

/* More than the relay takes while nobody takes it. */
static void
send_much(int server)
{
	char *much = repeat(PONG, 1000000);
	size_t len = 1000000 * PONG_LEN, sent = 0, still = 0;
	ssize_t n;

	while (sent < len && still < 100) {
		n = send(server, much + sent, len - sent,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		sent += n > 0 ? (size_t)n : 0;
		still = n > 0 ? 0 : still + 1;
		event_base_loop(rig.base, EVLOOP_NONBLOCK);
	}
	ck_assert_uint_lt(sent, len);
	free(much);
}

/* A client of a relay is idle too when it has nothing more to say, or does not
 * read what the server says. */
START_TEST(idle_client_of_a_relay_is_closed)
{
	char text[ADDRESS_TEXT_MAX];
	int listener = listen_upstream(text), server;
	struct peer *p;

	rig_init(&rig, STUB_REDIS);
	rig.options.idle_timeout = 1;
	rig.options.upstream = text;
	rig.options.connect_timeout = SCRATCH_PATIENCE / 1000;
	rig_start(&rig);
	p = peer_open(&rig);
	server = accept(listener, NULL, NULL);
	if (_i == 0) {
		peer_half_close(p);
	} else {
		peer_read(p, false);
		send_much(server);
	}
	rig_until_freed(&rig, 1);
	ck_assert_ptr_nonnull(strstr(rig_trace(&rig), "#1 close idle; "));
	close(server);
	close(listener);
}
END_TEST

static TCase *
add_case(Suite *s, const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_add_unchecked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 3 * SCRATCH_PATIENCE / 1000);
	suite_add_tcase(s, tc);
	return (tc);
}

static Suite *
conn_suite(void)
{
	Suite *s = suite_create("conn");
	TCase *tc;

	tc = add_case(s, "dialogues");
	tcase_add_loop_test(tc, dialogue_is_traced, 0, COUNT(dialogues));
	tcase_add_loop_test(tc, dialogue_may_come_byte_by_byte, 0,
	    COUNT(dialogues));
	tcase_add_loop_test(tc, each_byte_is_recorded, 0, COUNT(dialogues));
	tcase_add_test(tc, error_disturbs_nobody_else);
	tcase_add_test(tc, tcp_peer_has_an_address);
	tcase_add_test(tc, large_argument_comes_back);
	tc = add_case(s, "slow clients");
	tcase_add_test(tc, half_close_waits_for_replies);
	tcase_add_test(tc, reading_stops_while_the_client_does_not);
	tcase_add_test(tc, replies_do_not_pile_up);
	tcase_add_test(tc, unread_replies_are_given_up);
	tcase_add_test(tc, quit_waits_for_replies);
	tc = add_case(s, "late replies");
	tcase_add_test(tc, late_reply_keeps_its_place);
	tcase_add_test(tc, late_reply_is_not_early);
	tcase_add_test(tc, late_reply_holds_others_back);
	tcase_add_loop_test(tc, scripted_answer_is_given, 0, COUNT(scripted));
	tcase_add_test(tc, blocked_client_may_go);
	tcase_add_test(tc, blocked_client_may_break_off);
	tcase_add_test(tc, nothing_follows_a_close);
	tc = add_case(s, "resets");
	tcase_add_test(tc, reset_loses_nothing);
	tcase_add_test(tc, reset_by_unread_replies_loses_nothing);
	tcase_add_test(tc, gone_client_gets_no_answers);
	tcase_add_test(tc, gone_clients_commands_are_shown);
	tcase_add_loop_test(tc, gone_client_may_quit, 0, 2);
	tc = add_case(s, "slow trace");
	tcase_add_test(tc, full_trace_stops_all);
	tcase_add_test(tc, client_may_go_while_the_trace_is_full);
	tcase_add_test(tc, records_may_be_dropped_instead);
	tc = add_case(s, "refusal");
	tcase_add_test(tc, client_is_refused);
	tcase_add_test(tc, refused_client_has_sent);
	tc = add_case(s, "shutdown");
	tcase_add_test(tc, shutdown_reads_what_is_there);
	tcase_add_test(tc, shutdown_reads_all_that_is_there);
	tcase_add_test(tc, shutdown_shows_all_commands);
	tcase_add_test(tc, shutdown_waits_for_no_client);
	tcase_add_test(tc, shutdown_waits_for_the_trace);
	tcase_add_test(tc, all_can_be_abandoned);
	tc = add_case(s, "idle");
	tcase_add_test(tc, idle_client_is_closed);
	tcase_add_test(tc, idle_reader_is_closed);
	tcase_add_test(tc, busy_client_is_not_closed);
	tcase_add_test(tc, waiting_client_is_not_idle);
	tcase_add_loop_test(tc, idle_client_of_a_relay_is_closed, 0, 2);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(conn_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
