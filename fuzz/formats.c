/*
 * Records in every format: printable, valid, and turned back where nothing is
 * left out.
 *
 * Input: event, options, cuts, bytes.  Every other cut is secret.
 */
#include "config.h"

#include "fuzz/fuzz.h"

#include "format/format.h"
#include "format/value.h"
#include "fuzz/json.h"
#include "redis/command.h"
#include "resp/request.h"
#include "tests/untrace.h"

#define CONN 7

static struct args args;	/* too large for the stack */

/* What the input asks for. */
struct job {
	struct format_options options;
	struct record record;
	struct spans secrets;
};

static void
write_record(const struct job *job, const char *format, struct bytes *out)
{
	struct format_state state = { .options = job->options };

	bytes_truncate(out, 0);
	format_find(format)->write(&state, &job->record, out);
	MUST(!out->failed);
}

/* The bytes as a reader of the trace has them. */
static void
blacken(const struct record_bytes *b, struct bytes *out)
{
	size_t i;

	bytes_truncate(out, 0);
	bytes_add(out, b->data, b->len);
	for (i = 0; i < b->nsecrets; i++)
		memset(out->data + b->secrets[i].at, '*', b->secrets[i].len);
}

/* Turning back */

static void
check_text_back(const struct job *job, struct bytes *line)
{
	const char *event = job->record.event == RECORD_RECV ? "recv" : "send";
	struct bytes want = { 0 }, back = { 0 };
	const char *wrong;
	char *body, *data;
	uint64_t conn = 0;
	size_t len;
	FILE *f;

	bytes_add(line, "", 1);
	MUST((body = untrace_body((char *)line->data, event, &conn)) != NULL);
	MUST(conn == CONN);
	MUST((f = open_memstream(&data, &len)) != NULL);
	wrong = untrace_write(body, f);
	fclose(f);
	MUST(wrong == NULL);
	bytes_add(&back, data, len);
	free(data);
	blacken(&job->record.u.bytes, &want);
	must_be_same("text, turned back", &want, &back);
	bytes_free(&want);
	bytes_free(&back);
}

static void
check_json_back(const struct job *job, const struct bytes *line)
{
	struct bytes want = { 0 }, back = { 0 };
	struct input value;

	if (json_member(line->data, line->len, "data", &value)) {
		MUST(json_add_bytes(value, &back));
	} else {
		MUST(json_member(line->data, line->len, "data_base64",
		    &value));
		MUST(json_add_decoded(value, &back));
	}
	blacken(&job->record.u.bytes, &want);
	must_be_same("json, turned back", &want, &back);
	bytes_free(&want);
	bytes_free(&back);
}

/* What text shows of a command can be pasted into redis-cli: as an inline
 * command it has the same arguments. */
static void
check_pasted(const struct bytes *line)
{
	static struct args back;
	const uint8_t *p, *end = line->data + line->len;
	struct request r;
	uint32_t i;

	back.clip = SIZE_MAX;
	if ((p = memchr(line->data, '"', line->len)) == NULL)
		return;
	request_init(&r);
	MUST(request_next(&r, &back, &p, end) == REQUEST_OK);
	MUST(p == end && back.total == args.total);
	for (i = 0; i < args.n; i++) {
		MUST(back.v[i].size == args.v[i].size);
		MUST(args.v[i].size == 0 || memcmp(back.v[i].data,
		    args.v[i].data, args.v[i].size) == 0);
	}
	request_free(&r);
}

static bool
is_complete(void)
{
	uint32_t i;

	for (i = 0; i < args.n; i++)
		if (args.v[i].kept < args.v[i].size)
			return (false);
	return (args.n == args.total && args.kept < VALUE_SHOWN_MAX / 8);
}

/* All formats of one record */

static bool
is_bytes(const struct job *job)
{
	return (job->record.event == RECORD_RECV ||
	    job->record.event == RECORD_SEND);
}

static bool
is_plain(const struct job *job)
{
	return (!job->options.utf8 && !job->options.color);
}

static void
check_text(const struct job *job)
{
	struct bytes out = { 0 };

	write_record(job, "text", &out);
	MUST(memchr(out.data, '\n', out.len) == out.data + out.len - 1);
	MUST(!is_plain(job) || is_printable(&out, true));
	if (is_bytes(job) && !job->options.color && job->options.snaplen == 0)
		check_text_back(job, &out);
	else if (job->record.event == RECORD_CMD && is_plain(job) &&
	    is_complete())
		check_pasted(&out);
	bytes_free(&out);
}

static void
check_json(const struct job *job)
{
	struct bytes out = { 0 };

	write_record(job, "json", &out);
	MUST(json_is_line(out.data, out.len));
	if (is_bytes(job) && job->options.snaplen == 0)
		check_json_back(job, &out);
	bytes_free(&out);
}

static void
check_others(const struct job *job)
{
	const struct record_bytes *b = &job->record.u.bytes;
	struct bytes out = { 0 };

	write_record(job, "hex", &out);
	MUST(!is_plain(job) || is_printable(&out, true));
	MUST(out.data[out.len - 1] == '\n');
	if (is_bytes(job)) {
		write_record(job, "raw", &out);
		MUST(out.len == b->len || job->options.snaplen > 0);
		MUST(out.len == 0 || memcmp(out.data, b->data, out.len) == 0);
	}
	if (job->record.event == RECORD_CMD) {
		write_record(job, "monitor", &out);
		MUST(is_printable(&out, true));
		MUST(memchr(out.data, '\n', out.len) ==
		    out.data + out.len - 1);
	}
	bytes_free(&out);
}

static void
check_formats(const struct job *job)
{
	check_text(job);
	check_json(job);
	check_others(job);
}

/* Records */

static void
check_commands(struct job *job, const uint8_t *p, const uint8_t *end)
{
	struct record *r = &job->record;
	struct request request;

	args.clip = job->options.clip;
	request_init(&request);
	while (request_next(&request, &args, &p, end) == REQUEST_OK) {
		command_look_up(&args);
		r->u.cmd.no++;
		r->u.cmd.args = &args;
		r->u.cmd.peer = "127.0.0.1:1";
		check_formats(job);
	}
	request_free(&request);
}

static void
set_bytes(struct job *job, struct record_bytes *b, const uint8_t *data,
    size_t len)
{
	*b = (struct record_bytes){ .data = data, .len = len,
	    .secrets = job->secrets.v, .nsecrets = job->secrets.n };
}

/* A string of C's, of any bytes but NUL; to be freed. */
static char *
string_of(const uint8_t *data, size_t len)
{
	char *s = malloc(len + 1);

	MUST(s != NULL);
	memcpy(s, data, len);
	s[len] = '\0';
	return (s);
}

static void
check_record(struct job *job, const uint8_t *data, size_t len)
{
	static const uint8_t get[] = "GET";
	const struct arg name = { get, 3, 3, false };
	struct record *r = &job->record;
	char *text = NULL;

	switch (r->event) {
	case RECORD_RECV:
	case RECORD_SEND:
	case RECORD_PUSH:
		set_bytes(job, &r->u.bytes, data, len);
		break;
	case RECORD_CMD:
		check_commands(job, data, data + len);
		return;
	case RECORD_REPLY:
		r->u.reply.name = &name;
		set_bytes(job, &r->u.reply.value, data, len);
		break;
	case RECORD_OPEN:
		r->u.open.peer = text = string_of(data, len);
		r->u.open.local = "unix:/s";
		break;
	default:
		r->event = RECORD_ERROR;
		r->u.error.byte = len > 0 ? *data : -1;
		r->u.error.rule = "rule";
		r->u.error.text = text = string_of(data, len);
		break;
	}
	check_formats(job);
	free(text);
}

static void
take_options(struct job *job, struct input *in)
{
	uint8_t options;

	job->record.event = (enum record_event)(input_byte(in) %
	    RECORD_EVENTS);
	job->record.conn = CONN;
	options = input_byte(in);
	job->options.time = (enum time_style)(options % 5);
	job->options.utf8 = options & 8;
	job->options.color = options & 16;
	job->options.snaplen = options & 32 ? 5 : 0;
	job->options.clip = options & 64 ? 5 : 1024;
	if (options & 128)
		job->record.client = "a client";
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct input in = { data, data + len };
	struct job job = { .record = { .event = RECORD_OPEN } };
	struct cuts cuts;
	size_t at, n;
	uint8_t *chunk;
	bool secret = false;

	MUST(spans_init(&job.secrets) == 0);
	take_options(&job, &in);
	cuts_take(&cuts, &in);
	len = (size_t)(in.end - in.p);
	for (at = 0; cuts.n > 0 && at < len; at += n, secret = !secret) {
		n = cuts_next(&cuts, len - at);
		if (secret)
			spans_add(&job.secrets, at, n, len);
	}
	chunk = chunk_new(in.p, len);
	check_record(&job, chunk, len);
	free(chunk);
	spans_free(&job.secrets);
	return (0);
}
