#include "config.h"

#include "rig.h"

#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <check.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stub/stub_world.h"

/* So many turns of the loop without a move: then nothing moves. */
#define STILL 100
/* What a peer sends or reads at a time, in bytes. */
#define PIECE 65536

/* Peers */

static void
on_peer_readable(evutil_socket_t fd, short what, void *arg)
{
	struct peer *p = arg;
	uint8_t *to = bytes_reserve(&p->got, PIECE);
	ssize_t n;

	(void)what;
	MUST(to != NULL);
	n = recv(fd, to, PIECE, MSG_DONTWAIT);
	if (n > 0) {
		p->got.len += (size_t)n;
		return;
	}
	if (n < 0 && errno == EAGAIN)
		return;
	p->eof = n == 0;
	p->error = n < 0 ? errno : 0;
	event_del(p->readable);
}

static void
on_peer_writable(evutil_socket_t fd, short what, void *arg)
{
	struct peer *p = arg;
	size_t left = p->out.len - p->sent;
	ssize_t n;

	(void)what;
	n = send(fd, p->out.data + p->sent, left < PIECE ? left : PIECE,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0)
		p->sent += (size_t)n;
	if (p->sent < p->out.len)
		return;
	event_del(p->writable);
	if (p->half_close)
		shutdown(fd, SHUT_WR);
}

static struct peer *
add_peer(struct rig *r, int fd, int conn_fd, const struct address *address)
{
	struct peer *p = &r->peers[r->npeers++];

	ck_assert_int_le(r->npeers, RIG_PEERS);
	*p = (struct peer){ .rig = r, .fd = fd, .conn_fd = conn_fd };
	p->readable = event_new(r->base, fd, EV_READ | EV_PERSIST,
	    on_peer_readable, p);
	p->writable = event_new(r->base, fd, EV_WRITE | EV_PERSIST,
	    on_peer_writable, p);
	event_add(p->readable, NULL);
	p->conn = conn_open(r->worker, &r->route, (uint64_t)r->npeers, conn_fd,
	    address);
	ck_assert_ptr_nonnull(p->conn);
	if (r->refusing)
		conn_refuse(p->conn);
	else
		conn_start(p->conn);
	return (p);
}

struct peer *
peer_open(struct rig *r)
{
	struct address none = { .sa.ss_family = AF_UNIX,
		.len = sizeof(sa_family_t) };
	int fds[2];

	ck_assert_int_eq(socketpair(AF_UNIX,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
	return (add_peer(r, fds[0], fds[1], &none));
}

struct peer *
peer_open_tcp(struct rig *r)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct address address = { .len = sizeof(in) };
	int listener, fd, conn_fd;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&in, sizeof(in)), 0);
	ck_assert_int_eq(listen(listener, 1), 0);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&in,
	    &address.len), 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	address.len = sizeof(address.sa);
	conn_fd = accept4(listener, (struct sockaddr *)&address.sa,
	    &address.len, SOCK_NONBLOCK | SOCK_CLOEXEC);
	ck_assert_int_ge(conn_fd, 0);
	close(listener);
	return (add_peer(r, fd, conn_fd, &address));
}

void
peer_send(struct peer *p, const void *data, size_t len)
{
	bytes_add(&p->out, data, len);
	ck_assert(!p->out.failed);
	event_add(p->writable, NULL);
}

void
peer_say(struct peer *p, const char *text)
{
	peer_send(p, text, strlen(text));
}

void
peer_half_close(struct peer *p)
{
	p->half_close = true;
	if (p->sent == p->out.len)
		shutdown(p->fd, SHUT_WR);
}

size_t
peer_push(struct peer *p, const void *data, size_t len)
{
	const uint8_t *bytes = data;
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = send(p->fd, bytes + done, len - done,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	bytes_add(&p->out, data, done);
	p->sent += done;
	return (done);
}

void
peer_read(struct peer *p, bool on)
{
	if (on)
		event_add(p->readable, NULL);
	else
		event_del(p->readable);
}

void
peer_close(struct peer *p)
{
	if (p->fd < 0)
		return;
	event_free(p->readable);
	event_free(p->writable);
	close(p->fd);
	p->fd = -1;
}

void
peer_reset(struct peer *p)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };

	ck_assert_int_eq(setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &linger,
	    sizeof(linger)), 0);
	peer_close(p);
}

size_t
peer_in_kernel(const struct peer *p)
{
	int n;

	ck_assert_int_eq(ioctl(p->conn_fd, FIONREAD, &n), 0);
	return ((size_t)n);
}

void
peer_assert_got(const struct peer *p, const char *want)
{
	ck_assert_uint_eq(p->got.len, strlen(want));
	if (p->got.len > 0)
		ck_assert_int_eq(memcmp(p->got.data, want, p->got.len), 0);
}

/* The loop */

static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	struct rig *r = arg;

	(void)fd;
	(void)what;
	output_flush(r->output);
	ck_abort_msg("waited in vain");
}

void
rig_until(struct rig *r, bool (*is)(void *), void *ctx)
{
	struct timeval patience = { .tv_sec = SCRATCH_PATIENCE / 1000 };

	event_add(r->deadline, &patience);
	while (!is(ctx))
		MUST(event_base_loop(r->base, EVLOOP_ONCE) == 0);
	event_del(r->deadline);
}

/* What grows when anything moves. */
static size_t
moved(const struct rig *r)
{
	size_t n = r->text.len + (size_t)r->freed;
	int i;

	for (i = 0; i < r->npeers; i++)
		n += r->peers[i].sent + r->peers[i].got.len +
		    r->peers[i].eof;
	return (n);
}

void
rig_settle(struct rig *r)
{
	size_t before = moved(r);
	int still;

	for (still = 0; still < STILL; still++) {
		event_base_loop(r->base, EVLOOP_NONBLOCK);
		if (moved(r) != before) {
			before = moved(r);
			still = 0;
		}
	}
}

struct wait {
	const struct rig *rig;
	const struct peer *peer;
	size_t n;
};

static bool
are_freed(void *ctx)
{
	const struct wait *w = ctx;

	return ((size_t)w->rig->freed >= w->n);
}

void
rig_until_freed(struct rig *r, int n)
{
	struct wait w = { .rig = r, .n = (size_t)n };

	rig_until(r, are_freed, &w);
	ck_assert_int_eq(r->freed, n);
}

static bool
is_sent(void *ctx)
{
	const struct wait *w = ctx;

	return (w->peer->sent == w->peer->out.len);
}

void
peer_until_sent(struct peer *p)
{
	struct wait w = { .peer = p };

	rig_until(p->rig, is_sent, &w);
}

static bool
has_got(void *ctx)
{
	const struct wait *w = ctx;

	return (w->peer->got.len >= w->n);
}

void
peer_until_got(struct peer *p, size_t len)
{
	struct wait w = { .peer = p, .n = len };

	rig_until(p->rig, has_got, &w);
}

static bool
has_eof(void *ctx)
{
	const struct wait *w = ctx;

	MUST(w->peer->error == 0);
	return (w->peer->eof);
}

void
peer_until_eof(struct peer *p)
{
	struct wait w = { .peer = p };

	rig_until(p->rig, has_eof, &w);
}

/* The trace */

static void
on_output(evutil_socket_t fd, short what, void *arg)
{
	struct rig *r = arg;

	(void)fd;
	(void)what;
	output_seen(r->output);
	if (r->worker != NULL)
		conn_resume_waiting(r->worker);
}

static void
on_trace_readable(evutil_socket_t fd, short what, void *arg)
{
	struct rig *r = arg;
	uint8_t *to = bytes_reserve(&r->text, PIECE);
	ssize_t n;

	(void)what;
	MUST(to != NULL);
	n = read(fd, to, PIECE);
	if (n > 0)
		r->text.len += (size_t)n;
}

void
rig_use_fifo(struct rig *r)
{
	ck_assert_int_eq(mkfifo(r->path, 0600), 0);
	r->fifo = open(r->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ck_assert_int_ge(r->fifo, 0);
	fcntl(r->fifo, F_SETPIPE_SZ, 4096);
}

void
rig_read_trace(struct rig *r, bool on)
{
	if (on)
		event_add(r->reader, NULL);
	else
		event_del(r->reader);
}

static bool
is_written(void *ctx)
{
	const struct rig *r = ctx;

	return (output_done(r->output));
}

/* Puts "0us" for "15us" into a line, if it is a reply record.  Returns how long
 * it is then. */
static size_t
forget_latency(char *line, size_t len)
{
	char *us, *digits;

	if (memmem(line, len, " reply ", 7) == NULL ||
	    (us = memmem(line, len, "us ", 3)) == NULL)
		return (len);
	for (digits = us; isdigit((unsigned char)digits[-1]); digits--)
		;
	*digits++ = '0';
	memmove(digits, us, (size_t)(line + len - us));
	return (len - (size_t)(us - digits));
}

static void
forget_latencies(struct bytes *b)
{
	char *from = (char *)b->data, *to = from;
	char *end = from + b->len, *newline;
	size_t len;

	for (; from < end; from += len) {
		newline = memchr(from, '\n', (size_t)(end - from));
		len = (size_t)((newline != NULL ? newline + 1 : end) - from);
		memmove(to, from, len);
		to += forget_latency(to, len);
	}
	b->len = (size_t)(to - (char *)b->data);
}

const char *
rig_trace(struct rig *r)
{
	output_finish(r->output);
	if (r->fifo >= 0)
		rig_read_trace(r, true);
	rig_until(r, is_written, r);
	if (r->fifo >= 0) {
		while (scratch_readable(r->fifo))
			on_trace_readable(r->fifo, EV_READ, r);
	} else {
		scratch_read(r->path, &r->text);
	}
	forget_latencies(&r->text);
	bytes_add(&r->text, "", 1);
	ck_assert(!r->text.failed);
	return ((const char *)r->text.data);
}

/* Life */

void
rig_init(struct rig *r, enum stub_mode reply)
{
	memset(r, 0, sizeof(*r));
	r->fifo = -1;
	r->options.stub.mode = reply;
	r->options.trace.format = format_find("text");
	r->options.trace.events = RECORD_ALL;
	r->options.trace.looks.time = TIME_NONE;
	r->options.trace.looks.clip = 1024;
	r->options.trace.when_slow = SLOW_WAIT;
	r->options.trace.file = scratch_path(r->path, "trace");
}

static void
on_conn_gone(void *ctx)
{
	struct rig *r = ctx;

	r->freed++;
}

void
rig_start(struct rig *r)
{
	r->loop = loop_new();
	ck_assert_ptr_nonnull(r->loop);
	r->base = loop_base(r->loop);
	r->settings.stub = r->options.stub;
	r->settings.redact = r->options.redact;
	r->settings.clip = r->options.trace.looks.clip;
	r->settings.idle_timeout = r->options.idle_timeout;
	if (r->settings.unread_each == 0)
		r->settings.unread_each = r->settings.unread_all = FLOW_HIGH;
	r->output = output_open(r->path, true);
	ck_assert_ptr_nonnull(r->output);
	trace_init(&r->trace);
	file_init(&r->file, &r->options.trace, r->output, r->options.redact);
	trace_add_sink(&r->trace, &r->file.sink, &r->options.filter);
	r->worker = worker_new(&r->settings, r->loop, &r->trace, r->output,
	    conn_reap, conn_run_ready);
	ck_assert_ptr_nonnull(r->worker);
	r->worker->stub.world = stub_world_new();
	ck_assert_ptr_nonnull(r->worker->stub.world);
	r->worker->on_free = on_conn_gone;
	r->worker->ctx = r;
	r->output_event = event_new(r->base, output_fd(r->output),
	    EV_READ | EV_PERSIST, on_output, r);
	event_add(r->output_event, NULL);
	if (r->options.upstream != NULL) {
		ck_assert_int_eq(upstream_target_init(&r->upstream,
		    r->options.upstream,
		    r->options.connect_timeout * INT64_C(1000)), 0);
		r->route.upstream = &r->upstream;
	}
	r->deadline = evtimer_new(r->base, on_deadline, r);
	if (r->fifo >= 0)
		r->reader = event_new(r->base, r->fifo, EV_READ | EV_PERSIST,
		    on_trace_readable, r);
}

static void
end_output(struct rig *r)
{
	output_finish(r->output);
	if (r->fifo >= 0)
		rig_read_trace(r, true);
	rig_until(r, is_written, r);
	output_free(r->output);
}

void
rig_stop(struct rig *r)
{
	int i;

	conn_abandon_all(r->worker);
	stub_world_free(r->worker->stub.world);
	worker_free(r->worker);
	r->worker = NULL;
	for (i = 0; i < r->npeers; i++) {
		peer_close(&r->peers[i]);
		bytes_free(&r->peers[i].out);
		bytes_free(&r->peers[i].got);
	}
	end_output(r);
	event_free(r->output_event);
	event_free(r->deadline);
	if (r->fifo >= 0) {
		event_free(r->reader);
		close(r->fifo);
	}
	loop_free(r->loop);
	upstream_target_free(&r->upstream);
	bytes_free(&r->text);
}
