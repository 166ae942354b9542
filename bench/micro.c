/*
 * What decoding and formatting cost by themselves, without sockets.
 *
 *     micro [NAME [DATA]]
 *
 * Runs each row, or those whose name begins so, or the one of that name and
 * data, over the same chunk again and again, and prints GB (10^9 bytes) of
 * input a second and nanoseconds for each command, reply, line or chunk.  The
 * memory copy of a chunk is the limit: what looks at each byte and writes it
 * cannot be faster.
 * With ROUNDS in the environment it runs each row that often and does not look
 * at the clock, for callgrind.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "format/format.h"
#include "redis/command.h"
#include "redis/pair.h"
#include "redis/redact.h"
#include "resp/reply.h"
#include "resp/request.h"
#include "stub/stub.h"
#include "stub/stub_world.h"

#define CHUNK 65536
#define LEAST 20000000		/* ns that a measurement takes at least */
#define BEST_OF 7
#define TURN 16			/* records that have one time */

/* A chunk of whole commands or replies, and what is made of it. */
struct data {
	const char *name;
	const char *unit;	/* ############: its number */
	const char *reply;	/* the data that answers it; NULL: none */
	size_t len;
	size_t units;
	uint8_t bytes[CHUNK];
};

static struct data data[] = {
	{ .name = "set", .unit = "*3\r\n$3\r\nSET\r\n"
	    "$16\r\nkey:############\r\n$32\r\n"
	    "abcdefghijklmnopqrstuvwxyz012345\r\n", .reply = "ok" },
	{ .name = "get", .unit = "*2\r\n$3\r\nGET\r\n"
	    "$16\r\nkey:############\r\n", .reply = "bulk" },
	{ .name = "set4k" },
	{ .name = "ping", .unit = "*1\r\n$4\r\nPING\r\n" },
	{ .name = "inline", .unit = "SET key:############ hello\r\n" },
	{ .name = "auth", .unit = "*2\r\n$4\r\nAUTH\r\n"
	    "$12\r\n############\r\n" },
	{ .name = "ok", .unit = "+OK\r\n" },
	{ .name = "bulk", .unit = "$32\r\nabcdefghijklmnopqrst"
	    "############\r\n" },
	{ .name = "text", .unit = "GET / HTTP/1.1, a line of text "
	    "that says ############, not short\n" },
	{ .name = "utf8", .unit = "Gr\303\266\303\237e, "
	    "\320\277\321\200\320\270\320\262\320\265\321\202, "
	    "\344\270\255\346\226\207 ############\n" },
	{ .name = "random" },
};

static struct args args;
static struct spans spans;
static uint8_t copied[CHUNK];
static struct bytes out;
static struct format_state state;

static struct data *
data_find(const char *name)
{
	struct data *d = data;

	while (strcmp(d->name, name) != 0)
		d++;
	return (d);
}

static void
fill_random(struct data *d)
{
	uint64_t x = 0x9e3779b97f4a7c15;

	for (; d->len < CHUNK; d->len++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		d->bytes[d->len] = (uint8_t)(x >> 32);
	}
	d->units = 1;
}

/* Writes the data's unit of that number and returns its length. */
static size_t
make_unit(const struct data *d, char *to, size_t size)
{
	static char value[4097];
	char number[13], *at;

	if (d->unit == NULL) {
		memset(value, 'v', sizeof(value) - 1);
		return ((size_t)snprintf(to, size, "*3\r\n$3\r\nSET\r\n"
		    "$6\r\n%06zu\r\n$4096\r\n%s\r\n", d->units, value));
	}
	snprintf(to, size, "%s", d->unit);
	snprintf(number, sizeof(number), "%012zu", d->units);
	if ((at = strchr(to, '#')) != NULL)
		memcpy(at, number, strlen(number));
	return (strlen(to));
}

static void
fill(struct data *d)
{
	static char unit[8192];
	size_t n;

	if (strcmp(d->name, "random") == 0) {
		fill_random(d);
		return;
	}
	for (;; d->units++) {
		n = make_unit(d, unit, sizeof(unit));
		if (d->len + n > CHUNK)
			return;
		memcpy(d->bytes + d->len, unit, n);
		d->len += n;
	}
}

/* What is measured: each takes a chunk whole. */

static void
copy(const struct data *d)
{
	memcpy(copied, d->bytes, d->len);
	/* It must not be left out because nobody reads it. */
	__asm__ volatile("" : : "r"(copied) : "memory");
}

static void
tokenize(const struct data *d)
{
	const uint8_t *p = d->bytes, *end = p + d->len;
	struct tokenizer t;
	struct token token;

	tokenizer_init(&t);
	while (tokenizer_next(&t, &p, end, &token) == TOKENIZER_OK)
		;
}

static void
tokenize_replies(const struct data *d)
{
	const uint8_t *p = d->bytes, *end = p + d->len;
	struct reply_tokenizer t;
	struct reply_token token;

	reply_init(&t);
	while (reply_next(&t, &p, end, &token) == REPLY_OK)
		;
}

static void
request(const struct data *d)
{
	const uint8_t *p = d->bytes, *end = p + d->len;
	struct request r;

	request_init(&r);
	while (request_next(&r, &args, &p, end) == REQUEST_OK)
		command_look_up(&args);
	request_free(&r);
}

static void
request_redact(const struct data *d)
{
	const uint8_t *p = d->bytes, *end = p + d->len;
	struct request r;

	request_init(&r);
	while (request_next(&r, &args, &p, end) == REQUEST_OK)
		redact_args(&args, REDACT_SECRETS);
	request_free(&r);
}

static void
stub(const struct data *d)
{
	static struct stub redis = { .mode = STUB_REDIS };
	const uint8_t *p = d->bytes, *end = p + d->len;
	struct stub_outcome outcome;
	struct session session;
	struct request r;

	if (redis.world == NULL && (redis.world = stub_world_new()) == NULL)
		abort();
	request_init(&r);
	session_init(&session, 1);
	bytes_truncate(&out, 0);
	while (request_next(&r, &args, &p, end) == REQUEST_OK) {
		command_look_up(&args);
		stub_answer(&redis, &session, &args, &out, NULL, &outcome);
	}
	session_free(&session);
	request_free(&r);
}

static void
redact(const struct data *d)
{
	struct redact r;

	redact_init(&r);
	redact_requests(&r, REDACT_SECRETS, d->bytes, d->len, &spans);
	redact_free(&r);
}

static void
redact_values(const struct data *d)
{
	struct redact r;

	redact_init(&r);
	redact_requests(&r, REDACT_VALUES, d->bytes, d->len, &spans);
	redact_free(&r);
}

static void
write_recv(const struct data *d, const char *format)
{
	struct record r = { .event = RECORD_RECV, .conn = 1,
		.when = { 1700000000, 123456789 } };

	redact(d);
	r.u.bytes.data = d->bytes;
	r.u.bytes.len = d->len;
	r.u.bytes.secrets = spans.v;
	r.u.bytes.nsecrets = spans.n;
	bytes_truncate(&out, 0);
	format_find(format)->write(&state, &r, &out);
}

static void
write_commands(const struct data *d, const char *name)
{
	const uint8_t *p = d->bytes, *end = p + d->len;
	const struct format *format = format_find(name);
	struct request request;
	struct record r = { .event = RECORD_CMD, .conn = 1,
		.when = { 1700000000, 123456789 } };

	r.u.cmd.args = &args;
	r.u.cmd.peer = "127.0.0.1:51514";
	bytes_truncate(&out, 0);
	request_init(&request);
	while (request_next(&request, &args, &p, end) == REQUEST_OK) {
		redact_args(&args, REDACT_SECRETS);
		if (r.u.cmd.no++ % TURN == 0)
			r.when.tv_nsec += 1000;
		r.u.cmd.offset = args.offset;
		r.u.cmd.bytes = args.bytes;
		format->write(&state, &r, &out);
	}
	request_free(&request);
}

static void
recv_text(const struct data *d)
{
	write_recv(d, "text");
}

static void
recv_utf8(const struct data *d)
{
	state.options.utf8 = true;
	write_recv(d, "text");
	state.options.utf8 = false;
}

static void
recv_hex(const struct data *d)
{
	write_recv(d, "hex");
}

static void
recv_raw(const struct data *d)
{
	write_recv(d, "raw");
}

static void
recv_json(const struct data *d)
{
	write_recv(d, "json");
}

static void
cmd_text(const struct data *d)
{
	write_commands(d, "text");
}

static void
cmd_json(const struct data *d)
{
	write_commands(d, "json");
}

static void
cmd_monitor(const struct data *d)
{
	write_commands(d, "monitor");
}

/* Commands and replies in turn, so many at a time, without decoding the
 * commands: all are the first one. */
static void
pair(const struct data *d, size_t pipeline)
{
	static const struct pair_options options = { .clip = 1024,
		.keys = true };
	const struct data *replies = data_find(d->reply);
	size_t len = replies->len / replies->units * pipeline, i, n;
	const uint8_t *p = d->bytes;
	struct pair_question question = { .no = 0 };
	struct pair_scratch scratch;
	struct session session;
	struct request r;
	struct pair pair;

	if (pair_scratch_init(&scratch) != 0)
		return;
	request_init(&r);
	request_next(&r, &args, &p, p + d->len);
	session_init(&session, 1);
	pair_init(&pair, &session, &options);
	for (i = 0; i + pipeline <= d->units; i += pipeline) {
		for (n = 0; n < pipeline; n++) {
			question.no++;
			pair_request(&pair, &args, &question);
		}
		pair_feed(&pair, &scratch, replies->bytes, len);
		pair_fed(&pair, &scratch);
	}
	pair_free(&pair);
	session_free(&session);
	request_free(&r);
	pair_scratch_free(&scratch);
}

static void
pair_1(const struct data *d)
{
	pair(d, 1);
}

static void
pair_16(const struct data *d)
{
	pair(d, 16);
}

static void
write_replies(const struct data *d, const char *name)
{
	static const struct arg get = { .data = (const uint8_t *)"GET",
		.kept = 3, .size = 3 };
	const struct format *format = format_find(name);
	size_t len = d->len / d->units, i;
	struct record r = { .event = RECORD_REPLY, .conn = 1,
		.when = { 1700000000, 123456789 } };

	r.u.reply.name = &get;
	r.u.reply.command = command_find(&get);
	r.u.reply.latency_us = 123;
	r.u.reply.value.len = len;
	bytes_truncate(&out, 0);
	for (i = 0; i < d->units; i++) {
		if (r.u.reply.no++ % TURN == 0)
			r.when.tv_nsec += 1000;
		r.u.reply.value.data = d->bytes + i * len;
		r.u.reply.value.offset = i * len;
		format->write(&state, &r, &out);
	}
}

static void
reply_text(const struct data *d)
{
	write_replies(d, "text");
}

static void
reply_json(const struct data *d)
{
	write_replies(d, "json");
}

static void
clock_read(const struct data *d)
{
	struct timespec now;
	size_t i;

	for (i = 0; i < d->units; i++)
		clock_gettime(CLOCK_REALTIME, &now);
}

static const struct row {
	const char *name;
	void (*run)(const struct data *);
	const char *data;
} rows[] = {
	{ "memcpy", copy, "set" },
	{ "clock_gettime", clock_read, "set" },
	{ "tokenizer", tokenize, "set" },
	{ "tokenizer", tokenize, "set4k" },
	{ "tokenizer", tokenize, "ping" },
	{ "tokenizer", tokenize, "inline" },
	{ "reply tokenizer", tokenize_replies, "ok" },
	{ "reply tokenizer", tokenize_replies, "bulk" },
	{ "request", request, "set" },
	{ "request", request, "set4k" },
	{ "request", request, "ping" },
	{ "request", request, "inline" },
	{ "request", request, "get" },
	{ "request+args", request_redact, "set" },
	{ "stub", stub, "set" },
	{ "stub", stub, "ping" },
	{ "redact", redact, "set" },
	{ "redact", redact, "set4k" },
	{ "redact", redact, "ping" },
	{ "redact", redact, "inline" },
	{ "redact", redact, "auth" },
	{ "redact", redact, "random" },
	{ "redact values", redact_values, "set" },
	{ "cmd text", cmd_text, "set" },
	{ "cmd text", cmd_text, "get" },
	{ "cmd text", cmd_text, "set4k" },
	{ "cmd text", cmd_text, "ping" },
	{ "cmd json", cmd_json, "set" },
	{ "cmd monitor", cmd_monitor, "set" },
	{ "pair 1", pair_1, "set" },
	{ "pair 1", pair_1, "get" },
	{ "pair 16", pair_16, "set" },
	{ "pair 16", pair_16, "get" },
	{ "reply text", reply_text, "ok" },
	{ "reply text", reply_text, "bulk" },
	{ "reply json", reply_json, "ok" },
	{ "reply json", reply_json, "bulk" },
	{ "recv text", recv_text, "set" },
	{ "recv text", recv_text, "set4k" },
	{ "recv text", recv_text, "text" },
	{ "recv text", recv_text, "random" },
	{ "recv --utf8", recv_utf8, "utf8" },
	{ "recv json", recv_json, "set" },
	{ "recv json", recv_json, "text" },
	{ "recv json", recv_json, "utf8" },
	{ "recv json", recv_json, "random" },
	{ "recv hex", recv_hex, "random" },
	{ "recv raw", recv_raw, "random" }
};

static uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec);
}

/* Nanoseconds that the row needs for its chunk once: the best of some. */
static double
measure(const struct row *row, const struct data *d)
{
	uint64_t from, ns, rounds;
	double best = 0, one;
	int i;

	for (i = 0; i < BEST_OF; i++) {
		from = now_ns();
		for (rounds = 0, ns = 0; ns < LEAST; rounds++) {
			row->run(d);
			ns = now_ns() - from;
		}
		one = (double)ns / (double)rounds;
		if (i == 0 || one < best)
			best = one;
	}
	return (best);
}

int
main(int argc, char **argv)
{
	const char *only = argc > 1 ? argv[1] : "", *text = getenv("ROUNDS");
	int rounds = text != NULL ? atoi(text) : 0;
	const char *of = argc > 2 ? argv[2] : NULL;
	const struct row *row;
	struct data *d;
	double ns;
	size_t i;

	for (i = 0; i < sizeof(data) / sizeof(data[0]); i++)
		fill(&data[i]);
	args.clip = 1024;
	state.options.clip = 1024;
	if (spans_init(&spans) != 0)
		return (1);
	printf("%-16s %-7s %8s %9s\n", "what", "data", "GB/s", "ns each");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		row = &rows[i];
		d = data_find(row->data);
		if (of == NULL ? strncmp(row->name, only, strlen(only)) != 0 :
		    strcmp(row->name, only) != 0 || strcmp(row->data, of) != 0)
			continue;
		if (rounds > 0) {
			for (int n = 0; n < rounds; n++)
				row->run(d);
			continue;
		}
		ns = measure(row, d);
		printf("%-16s %-7s %8.3f %9.1f\n", row->name, d->name,
		    (double)d->len / ns, ns / (double)d->units);
	}
	spans_free(&spans);
	bytes_free(&out);
	return (0);
}
