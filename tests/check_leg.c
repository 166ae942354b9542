/*
 * A leg: bytes in one piece, connections, ends, errors, and output in order;
 * and a flow, which stops and goes on.
 */
#include "config.h"

#include "net/flow.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/bufferevent.h>
#include <event2/event.h>

#include "base/bytes.h"
#include "net/listener.h"
#include "net/loop.h"
#include "scratch.h"

static struct loop *loop;
static struct event_base *base;	/* the loop's */
static struct leg leg;
static int peer;		/* the other end of the socketpair */
static int fds;

/* What was called since last time. */
static int nreadable;
static int nwritable;

/* What a flow has handed on. */
static struct bytes taken;
static int ntaken;
static size_t room_left;

static uint8_t pattern[4 * FLOW_CHUNK];
static uint8_t buffer[4 * FLOW_CHUNK];

static void
on_readable(void *ctx)
{
	MUST(ctx == &leg);
	nreadable++;
}

static void
on_writable(void *ctx)
{
	MUST(ctx == &leg && !leg.connecting);
	nwritable++;
}

static const struct leg_events events = { on_readable, on_writable };

static void
setup(void)
{
	int pair[2], size = 1024 * 1024;
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < sizeof(pattern); i++)
		pattern[i] = (uint8_t)(i * 7 + i / 256);
	fds = scratch_fds();
	loop = loop_new();
	ck_assert_ptr_nonnull(loop);
	base = loop_base(loop);
	ck_assert_int_eq(socketpair(AF_UNIX,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	leg_init(&leg, &events, &leg);
	ck_assert_int_eq(leg_open(&leg, loop, pair[0]), 0);
	peer = pair[1];
}

static void
teardown(void)
{
	leg_close(&leg);
	leg_close(&leg);
	if (peer >= 0)
		close(peer);
	loop_free(loop);
	bytes_free(&taken);
	ck_assert_int_eq(scratch_fds(), fds);
}

static void
close_peer(void)
{
	close(peer);
	peer = -1;
}

static void
push(const void *data, size_t len)
{
	ck_assert_int_eq(send(peer, data, len, MSG_NOSIGNAL), len);
}

/* Runs the loop until so many calls of readable have been made. */
static void
until_readable(int n)
{
	int64_t deadline = scratch_deadline();

	while (nreadable < n) {
		MUST(scratch_left(deadline) > 0);
		event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	}
}

static void
turn_loop(void)
{
	int i;

	for (i = 0; i < 20; i++)
		event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

/* Runs the loop until libevent has met the end. */
static void
until_ended(void)
{
	int64_t deadline = scratch_deadline();

	while (!leg.read_ended) {
		MUST(scratch_left(deadline) > 0);
		event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	}
}

/* Reads what the peer can read now, behind what is in the buffer. */
static size_t
pull(size_t at)
{
	ssize_t n;

	while (at < sizeof(buffer) && (n = recv(peer, buffer + at,
	    sizeof(buffer) - at, MSG_DONTWAIT)) > 0)
		at += (size_t)n;
	return (at);
}

/* Reading */

static const size_t sizes[] = { 1, 100, 4095, 4096, 4097, 10000, 100000 };

#define SIZES ((int)(sizeof(sizes) / sizeof(sizes[0])))

START_TEST(bytes_come_in_one_piece)
{
	size_t size = sizes[_i];

	push(pattern, size);
	ck_assert_uint_eq(leg_unread(&leg), size);
	until_readable(1);
	ck_assert_uint_eq(leg_unread(&leg), size);
	ck_assert_uint_eq(leg_read(&leg, buffer, sizeof(buffer)), size);
	ck_assert_int_eq(memcmp(buffer, pattern, size), 0);
	ck_assert_uint_eq(leg_unread(&leg), 0);
	ck_assert_uint_eq(leg_read(&leg, buffer, sizeof(buffer)), 0);
	ck_assert(!leg.read_ended);
	ck_assert_int_eq(leg.error, 0);
}
END_TEST

START_TEST(bytes_come_in_small_pieces)
{
	size_t at = 0, n;

	push(pattern, 10000);
	until_readable(1);
	while ((n = leg_read(&leg, buffer + at, 777)) > 0) {
		ck_assert_uint_le(n, 777);
		at += n;
		ck_assert_uint_eq(leg_unread(&leg), 10000 - at);
	}
	ck_assert_uint_eq(at, 10000);
	ck_assert_int_eq(memcmp(buffer, pattern, at), 0);
}
END_TEST

/* From a leg that is paused, and without the loop having turned. */
START_TEST(bytes_can_be_fetched)
{
	leg_pause(&leg);
	push(pattern, 10000);
	ck_assert_uint_eq(leg_read(&leg, buffer, sizeof(buffer)), 10000);
	ck_assert_int_eq(memcmp(buffer, pattern, 10000), 0);
	ck_assert_int_eq(nreadable, 0);
}
END_TEST

START_TEST(end_comes_behind_the_bytes)
{
	size_t size = sizes[_i];

	push(pattern, size);
	shutdown(peer, SHUT_WR);
	until_readable(1);
	ck_assert_uint_eq(leg_read(&leg, buffer, sizeof(buffer)), size);
	until_ended();
	ck_assert_uint_eq(leg_read(&leg, buffer, sizeof(buffer)), 0);
	ck_assert(leg_ended(&leg));
	ck_assert(!leg.write_ended);
	ck_assert_int_eq(leg.error, 0);
	/* It still can write. */
	leg_write(&leg, pattern, 100);
	ck_assert_uint_eq(pull(0), 100);
	/* Nothing more is told of, nor does the loop spin. */
	nreadable = 0;
	leg_resume(&leg);
	turn_loop();
	ck_assert_int_eq(nreadable, 0);
}
END_TEST

START_TEST(pause_stops_events)
{
	leg_pause(&leg);
	push(pattern, 10000);
	turn_loop();
	ck_assert_int_eq(nreadable, 0);
	ck_assert_uint_eq(leg_unread(&leg), 10000);
	leg_resume(&leg);
	until_readable(1);
	leg_pause(&leg);
	nreadable = 0;
	turn_loop();
	ck_assert_int_eq(nreadable, 0);
	ck_assert_uint_eq(leg_unread(&leg), 10000);
	ck_assert_uint_eq(leg_read(&leg, buffer, sizeof(buffer)), 10000);
	ck_assert_int_eq(memcmp(buffer, pattern, 10000), 0);
}
END_TEST

/* Writing */

START_TEST(small_output_goes_out_at_once)
{
	leg_write(&leg, pattern, 0);
	leg_write(&leg, pattern, 100);
	ck_assert_uint_eq(leg_unsent(&leg), 0);
	ck_assert_uint_eq(pull(0), 100);
	ck_assert_int_eq(memcmp(buffer, pattern, 100), 0);
}
END_TEST

/* More than the socket holds, in many pieces, is sent in order; also what is
 * written when the socket has got room, but is not first in the queue. */
START_TEST(large_output_goes_out_in_order)
{
	int64_t deadline = scratch_deadline();
	size_t at, got = 0;

	for (at = 0; at < sizeof(pattern); at += 1024) {
		if (at == sizeof(pattern) / 2)
			got = pull(0);
		leg_write(&leg, pattern + at, 1024);
	}
	ck_assert_uint_gt(got, 0);
	ck_assert_uint_gt(leg_unsent(&leg), 0);
	ck_assert_int_eq(nwritable, 0);
	while (got < sizeof(pattern)) {
		MUST(scratch_left(deadline) > 0);
		got = pull(got);
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	ck_assert_int_eq(memcmp(buffer, pattern, sizeof(pattern)), 0);
	turn_loop();
	ck_assert_uint_eq(leg_unsent(&leg), 0);
	ck_assert_int_gt(nwritable, 0);
}
END_TEST

/* The peer is gone; what it sent before can be read still. */
START_TEST(output_may_be_impossible)
{
	push(pattern, 10000);
	close_peer();
	leg_write(&leg, pattern, 100);
	ck_assert(leg.write_ended);
	ck_assert_int_eq(leg.error, EPIPE);
	ck_assert_uint_eq(leg_unsent(&leg), 0);
	leg_write(&leg, pattern, 100);
	ck_assert_uint_eq(leg_unsent(&leg), 0);
	ck_assert(!leg.read_ended);
	until_readable(1);
	ck_assert_uint_eq(leg_read(&leg, buffer, sizeof(buffer)), 10000);
	ck_assert_int_eq(memcmp(buffer, pattern, 10000), 0);
	until_ended();
	ck_assert(leg_ended(&leg));
	ck_assert_int_eq(leg.error, EPIPE);
}
END_TEST

/* It goes while output waits: writable tells, and nothing is unsent. */
START_TEST(output_may_become_impossible)
{
	int64_t deadline = scratch_deadline();

	leg_pause(&leg);
	push(pattern, 10000);
	leg_write(&leg, pattern, sizeof(pattern));
	ck_assert_uint_gt(leg_unsent(&leg), 0);
	close_peer();
	while (!leg.write_ended) {
		MUST(scratch_left(deadline) > 0);
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	ck_assert_int_gt(nwritable, 0);
	ck_assert_int_ne(leg.error, 0);
	ck_assert_uint_eq(leg_unsent(&leg), 0);
	ck_assert_uint_eq(leg_read(&leg, buffer, sizeof(buffer)), 10000);
}
END_TEST

/* The peer went without reading: an error comes behind the bytes. */
START_TEST(reset_comes_behind_the_bytes)
{
	leg_write(&leg, pattern, 100);
	push(pattern, 10000);
	close_peer();
	until_readable(1);
	ck_assert_uint_eq(leg_read(&leg, buffer, sizeof(buffer)), 10000);
	ck_assert_int_eq(memcmp(buffer, pattern, 10000), 0);
	until_ended();
	ck_assert(leg_ended(&leg));
	ck_assert_int_eq(leg.error, ECONNRESET);
}
END_TEST

/* Connecting, over TCP */

/* A listener on a free port, and its address. */
static int
listen_somewhere(struct address *a)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	*a = (struct address){ .len = sizeof(a->sa) };
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a->sa, &a->len),
	    0);
	return (fd);
}

static const struct listener_rules everybody;

static void
keep_accepted(void *ctx, int fd, const struct address *from)
{
	int *accepted = ctx;

	(void)from;
	*accepted = fd;
}

/* Begins anew, with a leg that connects, and gives the other end of it. */
static void
connect_leg(void)
{
	struct address to;
	int listener = listen_somewhere(&to);

	leg_close(&leg);
	close_peer();
	leg_init(&leg, &events, &leg);
	ck_assert_int_eq(leg_await(&leg, loop), 0);
	ck_assert(leg.connecting);
	ck_assert_int_eq(leg_connect(&leg, &to), 0);
	ck_assert(leg.connecting);
	peer = accept(listener, NULL, NULL);
	ck_assert_int_ge(peer, 0);
	close(listener);
}

static void
until_writable(int n)
{
	int64_t deadline = scratch_deadline();

	while (nwritable < n) {
		MUST(scratch_left(deadline) > 0);
		event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	}
}

static void
pull_until(size_t len)
{
	int64_t deadline = scratch_deadline();
	size_t got = 0;

	while (got < len) {
		MUST(scratch_left(deadline) > 0);
		got = pull(got);
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	ck_assert_uint_eq(got, len);
	ck_assert_int_eq(memcmp(buffer, pattern, len), 0);
}

START_TEST(output_waits_for_the_connection)
{
	connect_leg();
	leg_write(&leg, pattern, 100);
	ck_assert_uint_eq(leg_unsent(&leg), 100);
	ck_assert_uint_eq(leg_read(&leg, buffer, 1), 0);
	ck_assert(!leg.read_ended);
	until_writable(1);
	ck_assert(!leg.connecting);
	ck_assert_uint_eq(leg_unsent(&leg), 0);
	pull_until(100);
	push(pattern, 100);
	until_readable(1);
	ck_assert_uint_eq(leg_read(&leg, buffer, sizeof(buffer)), 100);
}
END_TEST

/* That it is connected is told, also when not much has gone out yet. */
START_TEST(connection_is_told_of)
{
	connect_leg();
	leg_write(&leg, pattern, sizeof(pattern));
	leg_write(&leg, pattern, sizeof(pattern));
	leg_write(&leg, pattern, sizeof(pattern));
	until_writable(1);
	ck_assert(!leg.connecting);
	ck_assert_uint_gt(leg_unsent(&leg), FLOW_HIGH);
}
END_TEST

START_TEST(paused_leg_may_connect)
{
	connect_leg();
	leg_pause(&leg);
	push(pattern, 100);
	until_writable(1);
	turn_loop();
	ck_assert_int_eq(nreadable, 0);
	leg_resume(&leg);
	until_readable(1);
	ck_assert_uint_eq(leg_read(&leg, buffer, sizeof(buffer)), 100);
}
END_TEST

/* What waits goes to the next address, or nowhere. */
START_TEST(connection_may_be_refused)
{
	struct address nobody, somebody;
	int listener;

	close(listen_somewhere(&nobody));
	leg_close(&leg);
	close_peer();
	leg_init(&leg, &events, &leg);
	ck_assert_int_eq(leg_await(&leg, loop), 0);
	leg_write(&leg, pattern, 100);
	ck_assert_int_eq(leg_connect(&leg, &nobody), 0);
	until_readable(1);
	ck_assert(leg.connecting);
	ck_assert_int_eq(leg.error, ECONNREFUSED);
	turn_loop();
	ck_assert_int_eq(nreadable, 1);
	if (_i == 0) {
		leg_fail(&leg, ECONNREFUSED);
		ck_assert(!leg.connecting);
		ck_assert(leg.read_ended && leg.write_ended);
		ck_assert_uint_eq(leg_unsent(&leg), 0);
		leg_write(&leg, pattern, 100);
		leg_shut(&leg);
		leg_resume(&leg);
		ck_assert_uint_eq(leg_unsent(&leg), 0);
	} else {
		listener = listen_somewhere(&somebody);
		ck_assert_int_eq(leg_connect(&leg, &somebody), 0);
		ck_assert_int_eq(leg.error, 0);
		peer = accept(listener, NULL, NULL);
		close(listener);
		pull_until(100);
	}
	ck_assert_int_eq(nwritable > 0, _i);
}
END_TEST

START_TEST(connection_may_fail_at_once)
{
	struct address_parts parts = { .path = "/nowhere/at/all" };
	struct address nowhere;

	leg_close(&leg);
	leg_init(&leg, &events, &leg);
	ck_assert_int_eq(address_of_parts(&parts, &nowhere), 0);
	ck_assert_int_eq(leg_await(&leg, loop), 0);
	ck_assert_int_eq(leg_connect(&leg, &nowhere), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(bufferevent_getfd(leg.bev), -1);
	turn_loop();
	ck_assert_int_eq(nreadable, 0);
	leg_fail(&leg, ENOENT);
	ck_assert_int_eq(leg.error, ENOENT);
}
END_TEST

/* It was connected, and is reset before we look: that comes behind its
 * bytes. */
START_TEST(connection_may_be_reset_at_once)
{
	struct linger now = { .l_onoff = 1 };

	connect_leg();
	push(pattern, 100);
	setsockopt(peer, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close_peer();
	until_writable(1);
	ck_assert(!leg.connecting);
	until_readable(1);
	ck_assert_uint_eq(leg_read(&leg, buffer, sizeof(buffer)), 100);
	until_ended();
	ck_assert_uint_eq(leg_read(&leg, buffer, sizeof(buffer)), 0);
	ck_assert_int_eq(leg.error, ECONNRESET);
}
END_TEST

/* A unix socket is connected at once; libevent says so later, and tells of
 * writing first. */
START_TEST(connection_may_succeed_at_once)
{
	char path[SCRATCH_PATH];
	struct address_parts parts = { .path = scratch_path(path, "socket") };
	struct address to;
	struct listener *l;
	int accepted = -1;

	leg_close(&leg);
	close_peer();
	ck_assert_int_eq(address_of_parts(&parts, &to), 0);
	l = listener_open(base, &to, &everybody, keep_accepted, &accepted);
	ck_assert_ptr_nonnull(l);
	leg_init(&leg, &events, &leg);
	ck_assert_int_eq(leg_await(&leg, loop), 0);
	if (_i == 1)
		leg_write(&leg, pattern, 100);
	ck_assert_int_eq(leg_connect(&leg, &to), 0);
	ck_assert(leg.connecting);
	until_writable(1);
	ck_assert(!leg.connecting);
	while (accepted < 0)
		turn_loop();
	peer = accepted;
	pull_until(_i == 1 ? 100 : 0);
	push(pattern, 100);
	until_readable(1);
	ck_assert_uint_eq(leg_read(&leg, buffer, sizeof(buffer)), 100);
	listener_free(l);
}
END_TEST

/* Ends */

static bool
peer_sees_end(void)
{
	uint8_t byte;

	return (recv(peer, &byte, 1, MSG_DONTWAIT) == 0);
}

START_TEST(end_goes_behind_the_output)
{
	leg_write(&leg, pattern, sizeof(pattern));
	leg_shut(&leg);
	leg_shut(&leg);
	ck_assert(!leg.write_ended);
	leg_write(&leg, pattern, 1);
	pull_until(sizeof(pattern));
	turn_loop();
	ck_assert(leg.write_ended);
	ck_assert(peer_sees_end());
	/* It still can read. */
	push(pattern, 100);
	until_readable(1);
	ck_assert_uint_eq(leg_read(&leg, buffer, sizeof(buffer)), 100);
	ck_assert_int_eq(leg.error, 0);
}
END_TEST

START_TEST(end_goes_behind_the_connection)
{
	connect_leg();
	if (_i == 1)
		leg_write(&leg, pattern, 100);
	leg_shut(&leg);
	until_writable(1);
	ck_assert(leg.write_ended);
	if (_i == 1)
		pull_until(100);
	ck_assert(peer_sees_end());
}
END_TEST

START_TEST(reset_is_one)
{
	uint8_t byte;

	connect_leg();
	until_writable(1);
	leg_reset(&leg);
	ck_assert_ptr_null(leg.bev);
	leg_reset(&leg);
	ck_assert_int_eq(recv(peer, &byte, 1, 0), -1);
	ck_assert_int_eq(errno, ECONNRESET);
}
END_TEST

/* An end is no break; a reset is one, also when a write has found it first. */
START_TEST(break_is_seen)
{
	struct linger now = { .l_onoff = 1 };

	connect_leg();
	until_writable(1);
	ck_assert(!leg_is_broken(&leg));
	ck_assert(!leg_peer_is_gone(&leg));
	push(pattern, 100);
	shutdown(peer, SHUT_WR);
	ck_assert(!leg_is_broken(&leg));
	ck_assert(leg_peer_is_gone(&leg));
	setsockopt(peer, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close_peer();
	ck_assert(leg_is_broken(&leg));
	leg_write(&leg, pattern, 100);
	ck_assert(leg.write_ended);
	ck_assert(leg_is_broken(&leg));
	leg_pause(&leg);
	ck_assert_uint_eq(leg_read(&leg, buffer, sizeof(buffer)), 100);
	leg_close(&leg);
	ck_assert(!leg_peer_is_gone(&leg));
}
END_TEST

/* What a socket must have been told. */
static const struct {
	int level;
	int option;
	int value;
} prepared[] = {
	{ IPPROTO_TCP, TCP_NODELAY, 1 },
	{ SOL_SOCKET, SO_OOBINLINE, 1 },
	{ SOL_SOCKET, SO_KEEPALIVE, 1 },
	{ IPPROTO_TCP, TCP_KEEPIDLE, 300 },
};

static void
must_be_prepared(int fd)
{
	socklen_t len = sizeof(int);
	int value;
	size_t i;

	for (i = 0; i < sizeof(prepared) / sizeof(prepared[0]); i++) {
		ck_assert_int_eq(getsockopt(fd, prepared[i].level,
		    prepared[i].option, &value, &len), 0);
		ck_assert_int_eq(value, prepared[i].value);
	}
}

/* Also the one that was accepted, though no event says so. */
START_TEST(both_ends_are_prepared)
{
	struct address at = { .len = sizeof(struct sockaddr_in) };
	struct sockaddr_in *in = (struct sockaddr_in *)&at.sa;
	int64_t deadline = scratch_deadline();
	struct listener *l;
	int accepted = -1;

	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	l = listener_open(base, &at, &everybody, keep_accepted, &accepted);
	ck_assert_ptr_nonnull(l);
	leg_close(&leg);
	leg_init(&leg, &events, &leg);
	ck_assert_int_eq(leg_await(&leg, loop), 0);
	ck_assert_int_eq(leg_connect(&leg, listener_address(l)), 0);
	while (accepted < 0) {
		MUST(scratch_left(deadline) > 0);
		event_base_loop(base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
	}
	must_be_prepared(bufferevent_getfd(leg.bev));
	must_be_prepared(accepted);
	close(accepted);
	listener_free(l);
}
END_TEST

/* A client on this machine may pass descriptors with its bytes: not one may be
 * left with us, or we soon have no more for connections. */
START_TEST(descriptors_are_not_taken)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { .head = { .cmsg_len = CMSG_LEN(sizeof(int)),
		.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	struct iovec byte = { .iov_base = buffer, .iov_len = 1 };
	struct msghdr message = { .msg_iov = &byte, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control) };
	int before = scratch_fds();

	memcpy(CMSG_DATA(&control.head), &peer, sizeof(peer));
	ck_assert_int_eq(sendmsg(peer, &message, 0), 1);
	until_readable(1);
	ck_assert_uint_eq(leg_read(&leg, buffer, 1), 1);
	ck_assert_int_eq(scratch_fds(), before);
}
END_TEST

START_TEST(bytes_are_in_flight)
{
	int64_t deadline = scratch_deadline();

	connect_leg();
	until_writable(1);
	ck_assert_uint_eq(leg_in_flight(&leg), 0);
	while (leg_unsent(&leg) == 0)
		leg_write(&leg, pattern, sizeof(pattern));
	ck_assert_uint_gt(leg_in_flight(&leg), 0);
	while (leg_unsent(&leg) > 0 || leg_in_flight(&leg) > 0) {
		MUST(scratch_left(deadline) > 0);
		pull(0);
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	leg_close(&leg);
	ck_assert_uint_eq(leg_in_flight(&leg), 0);
}
END_TEST

/* Flows */

static enum flow_state
ask(void *ctx, size_t *room)
{
	MUST(ctx == &taken);
	*room = room_left;
	return (room_left > 0 ? FLOW_OPEN : FLOW_TAKER_FULL);
}

static void
take(void *ctx, const uint8_t *data, size_t len)
{
	MUST(ctx == &taken);
	MUST(len > 0 && len <= room_left);
	bytes_add(&taken, data, len);
	ntaken++;
}

/* A flow of the leg to itself, as the stub has it. */
static enum flow_state
run_flow(void)
{
	struct flow flow = {
		.from = &leg,
		.to = &leg,
		.high = FLOW_HIGH,
		.chunk = buffer,
		.ask = ask,
		.take = take,
		.ctx = &taken,
	};

	ntaken = 0;
	return (flow_run(&flow));
}

START_TEST(flow_hands_on)
{
	room_left = SIZE_MAX;
	ck_assert_int_eq(run_flow(), FLOW_OPEN);
	ck_assert_int_eq(ntaken, 0);
	push(pattern, 10000);
	until_readable(1);
	ck_assert_int_eq(run_flow(), FLOW_OPEN);
	ck_assert_int_eq(ntaken, 1);
	push(pattern + 10000, 10000);
	shutdown(peer, SHUT_WR);
	while (run_flow() != FLOW_ENDED)
		turn_loop();
	ck_assert_uint_eq(taken.len, 20000);
	ck_assert_int_eq(memcmp(taken.data, pattern, taken.len), 0);
	ck_assert_int_eq(run_flow(), FLOW_ENDED);
	ck_assert_int_eq(ntaken, 0);
}
END_TEST

/* It takes turns with others, however much there is. */
START_TEST(flow_has_its_turn)
{
	room_left = 1000;
	push(pattern, 1000 * FLOW_TURN + 1000);
	until_readable(1);
	/* libevent has read the rest, and will not tell of it. */
	ck_assert_int_eq(run_flow(), FLOW_MORE);
	ck_assert_int_eq(ntaken, FLOW_TURN);
	ck_assert_uint_eq(taken.len, 1000 * FLOW_TURN);
	turn_loop();
	ck_assert_int_eq(nreadable, 1);
	ck_assert_int_eq(run_flow(), FLOW_OPEN);
	ck_assert_uint_eq(taken.len, 1000 * FLOW_TURN + 1000);
	ck_assert_int_eq(memcmp(taken.data, pattern, taken.len), 0);
}
END_TEST

START_TEST(flow_stops_without_room)
{
	room_left = 0;
	push(pattern, 10000);
	ck_assert_int_eq(run_flow(), FLOW_TAKER_FULL);
	ck_assert_int_eq(ntaken, 0);
	turn_loop();
	ck_assert_int_eq(nreadable, 0);
	ck_assert_uint_eq(leg_unread(&leg), 10000);
	room_left = SIZE_MAX;
	ck_assert_int_eq(run_flow(), FLOW_OPEN);
	ck_assert_uint_eq(taken.len, 10000);
	push(pattern, 1);
	until_readable(1);
}
END_TEST

START_TEST(flow_stops_when_there_is_no_way)
{
	size_t got = 0;

	room_left = SIZE_MAX;
	push(pattern, 10000);
	leg_write(&leg, pattern, sizeof(pattern));
	ck_assert_uint_ge(leg_unsent(&leg), FLOW_HIGH);
	ck_assert_int_eq(run_flow(), FLOW_TO_FULL);
	ck_assert_int_eq(ntaken, 0);
	turn_loop();
	ck_assert_int_eq(nreadable, 0);
	while (got < sizeof(pattern)) {
		got = pull(got);
		event_base_loop(base, EVLOOP_NONBLOCK);
	}
	ck_assert_int_gt(nwritable, 0);
	ck_assert_int_eq(run_flow(), FLOW_OPEN);
	ck_assert_uint_eq(taken.len, 10000);
	/* Now it is told of bytes again. */
	push(pattern, 1);
	until_readable(1);
}
END_TEST

static Suite *
leg_suite(void)
{
	Suite *s = suite_create("leg");
	TCase *tc = tcase_create("leg");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 3 * SCRATCH_PATIENCE / 1000);
	tcase_add_loop_test(tc, bytes_come_in_one_piece, 0, SIZES);
	tcase_add_test(tc, bytes_come_in_small_pieces);
	tcase_add_test(tc, bytes_can_be_fetched);
	tcase_add_loop_test(tc, end_comes_behind_the_bytes, 0, SIZES);
	tcase_add_test(tc, pause_stops_events);
	tcase_add_test(tc, small_output_goes_out_at_once);
	tcase_add_test(tc, large_output_goes_out_in_order);
	tcase_add_test(tc, output_may_be_impossible);
	tcase_add_test(tc, output_may_become_impossible);
	tcase_add_test(tc, reset_comes_behind_the_bytes);
	tcase_add_test(tc, output_waits_for_the_connection);
	tcase_add_test(tc, connection_is_told_of);
	tcase_add_test(tc, paused_leg_may_connect);
	tcase_add_loop_test(tc, connection_may_be_refused, 0, 2);
	tcase_add_test(tc, connection_may_fail_at_once);
	tcase_add_test(tc, connection_may_be_reset_at_once);
	tcase_add_loop_test(tc, connection_may_succeed_at_once, 0, 2);
	tcase_add_test(tc, end_goes_behind_the_output);
	tcase_add_loop_test(tc, end_goes_behind_the_connection, 0, 2);
	tcase_add_test(tc, reset_is_one);
	tcase_add_test(tc, break_is_seen);
	tcase_add_test(tc, both_ends_are_prepared);
	tcase_add_test(tc, descriptors_are_not_taken);
	tcase_add_test(tc, bytes_are_in_flight);
	tcase_add_test(tc, flow_hands_on);
	tcase_add_test(tc, flow_has_its_turn);
	tcase_add_test(tc, flow_stops_without_room);
	tcase_add_test(tc, flow_stops_when_there_is_no_way);
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(leg_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
