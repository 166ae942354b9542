/*
 * What clients send: commands are the same however the bytes are cut, secrets
 * too, and each short way says what the long one says.
 *
 * Input: options, cuts, bytes.
 */
#include "config.h"

#include "fuzz/fuzz.h"

#include "redis/harmless.h"
#include "redis/redact.h"
#include "resp/request.h"
#include "resp/whole.h"

static struct args args;	/* too large for the stack */

static size_t
keep_much(const struct arg *name)
{
	return (name != NULL && arg_is(name, "echo") ? 64 : 0);
}

/* Tokens */

/* Returns whether there may be more. */
static bool
write_tokens(struct tokenizer *t, const uint8_t *p, const uint8_t *end,
    struct bytes *out)
{
	struct token token;
	enum tokenizer_result result;
	char text[TOKENIZER_ERROR_MAX];

	while ((result = tokenizer_next(t, &p, end, &token)) == TOKENIZER_OK) {
		if (token.kind == TOKEN_END) {
			bytes_addf(out, "end %ju-%ju\n", (uintmax_t)t->start,
			    (uintmax_t)t->offset);
			continue;
		}
		if (token.first)
			bytes_add_string(out, "[");
		bytes_add(out, token.data, token.len);
		if (token.last)
			bytes_add_string(out, "]");
	}
	if (result == TOKENIZER_MORE) {
		MUST(p == end);
		return (true);
	}
	tokenizer_error(t, text);
	bytes_addf(out, "bad %s %ju: %s", tokenizer_rule_name(t),
	    (uintmax_t)t->bad_at, text);
	MUST(tokenizer_next(t, &p, end, &token) == TOKENIZER_BAD);
	return (false);
}

static void
tokenize(struct input in, struct cuts cuts, struct bytes *out)
{
	struct tokenizer t;
	bool more = true;
	uint8_t *chunk;
	size_t n;

	tokenizer_init(&t);
	for (; more && in.p < in.end; in.p += n) {
		n = cuts_next(&cuts, (size_t)(in.end - in.p));
		chunk = chunk_new(in.p, n);
		more = write_tokens(&t, chunk, chunk + n, out);
		free(chunk);
	}
}

/* Commands */

static void
write_command(struct bytes *out)
{
	uint32_t i;

	MUST(args.n <= args.total && args.n <= ARGS_MAX);
	MUST(args.kept <= ARGS_KEEP || args.keep != NULL);
	bytes_addf(out, "%ju+%ju", (uintmax_t)args.offset,
	    (uintmax_t)args.bytes);
	for (i = 0; i < args.n; i++) {
		MUST(args.v[i].kept <= args.v[i].size);
		bytes_addf(out, " %u/", args.v[i].size);
		bytes_add(out, args.v[i].data, args.v[i].kept);
	}
	bytes_addf(out, " of %u\n", args.total);
}

static void
read_commands(struct input in, struct cuts cuts, struct bytes *out)
{
	struct request r;
	enum request_result result = REQUEST_MORE;
	const uint8_t *p;
	uint8_t *chunk;
	size_t n;

	request_init(&r);
	for (; in.p < in.end && result == REQUEST_MORE; in.p += n) {
		n = cuts_next(&cuts, (size_t)(in.end - in.p));
		p = chunk = chunk_new(in.p, n);
		while ((result = request_next(&r, &args, &p, chunk + n)) ==
		    REQUEST_OK)
			write_command(out);
		free(chunk);
	}
	MUST(result == REQUEST_MORE || result == REQUEST_BAD);
	if (result == REQUEST_BAD)
		bytes_addf(out, "bad %ju", (uintmax_t)r.tokenizer.bad_at);
	request_free(&r);
}

/* A command that the short way takes is what the tokenizer makes of it. */
static void
check_whole(const uint8_t *p, const uint8_t *end)
{
	const uint8_t *q = p, *from = p, *data;
	struct tokenizer t;
	struct token token;
	uint32_t n, size, i;

	if (!whole_count(&q, end, &n))
		return;
	tokenizer_init(&t);
	for (i = 0; i < n; i++) {
		if (!whole_arg(&q, end, &data, &size))
			return;
		MUST(tokenizer_next(&t, &p, end, &token) == TOKENIZER_OK);
		MUST(token.kind == TOKEN_ARG && token.first && token.last);
		MUST(token.len == size && (size == 0 || token.data == data));
	}
	MUST(tokenizer_next(&t, &p, end, &token) == TOKENIZER_OK);
	MUST(token.kind == TOKEN_END && p == q);
	whole_done(&t, (size_t)(q - from));
	MUST(tokenizer_between(&t));
}

/* Secrets */

/* Puts an asterisk wherever a byte is hidden, in seen. */
static void
black_out(const struct spans *spans, size_t len, uint8_t *seen)
{
	size_t i, end = 0;

	for (i = 0; i < spans->n; i++) {
		const struct span *s = &spans->v[i];

		MUST(s->len > 0 && (i == 0 || s->at > end));
		MUST(s->at < len && s->len <= len - s->at);
		end = s->at + s->len;
		memset(seen + s->at, '*', s->len);
	}
}

static void
redact(enum redact_level level, struct input in, struct cuts cuts,
    struct bytes *seen)
{
	struct redact r;
	struct spans spans;
	uint8_t *chunk;
	size_t n;

	MUST(spans_init(&spans) == 0);
	redact_init(&r);
	for (; in.p < in.end; in.p += n) {
		n = cuts_next(&cuts, (size_t)(in.end - in.p));
		chunk = chunk_new(in.p, n);
		redact_requests(&r, level, chunk, n, &spans);
		MUST(memcmp(chunk, in.p, n) == 0);
		bytes_add(seen, chunk, n);
		black_out(&spans, n, seen->data + seen->len - n);
		free(chunk);
	}
	redact_free(&r);
	spans_free(&spans);
}

/*
 * What is hidden must not depend on cuts.  Only where an inline command has
 * bytes between its words, or around them, these may be hidden or not.
 */
static void
must_hide_the_same(struct input in, const struct bytes *a, struct bytes *b)
{
	size_t i;

	MUST(a->len == b->len);
	for (i = 0; i < a->len; i++)
		if (memchr(" \t\n\v\f\r\"'", in.p[i], 9) != NULL)
			b->data[i] = a->data[i];
	must_be_same("secrets", a, b);
}

/* An argument that the cmd record hides, and no other one, is hidden in the
 * stream; where it is quoted it does not lie there as it is. */
static void
check_args(enum redact_level level, struct input in, const struct bytes *seen)
{
	const uint8_t *p = in.p;
	struct request r;
	const struct arg *a;
	uint32_t i, k;

	request_init(&r);
	while (request_next(&r, &args, &p, in.end) == REQUEST_OK) {
		check_whole(in.p + args.offset, in.end);
		if (r.tokenizer.is_inline)
			continue;
		redact_args(&args, level);
		for (i = 0; i < args.n; i++) {
			a = &args.v[i];
			if (a->data < in.p || a->data >= in.end)
				continue;
			/* Of a URL the scheme is shown in the stream. */
			k = a->secret ? (uint32_t)harmless_scheme(a->data,
			    a->kept) : 0;
			for (; k < a->kept; k++)
				MUST(a->data[k] == '*' || a->secret ==
				    (seen->data[a->data - in.p + k] == '*'));
		}
	}
	request_free(&r);
}

/* Whatever is passed over as harmless has no secrets the long way either. */
static void
check_harmless(struct input in, const struct bytes *slow)
{
	const uint8_t *p = harmless_pass(in.p, in.end);
	size_t len = (size_t)(p - in.p);

	MUST(p >= in.p && p <= in.end);
	MUST(len == 0 || memcmp(slow->data, in.p, len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct input in = { data, data + len };
	struct bytes whole = { 0 }, cut = { 0 }, slow = { 0 };
	uint8_t options = input_byte(&in);
	enum redact_level level = (enum redact_level)(options % 3);
	struct cuts cuts;

	cuts_take(&cuts, &in);
	args.clip = options & 4 ? 16 : 1024;
	args.keep = options & 8 ? keep_much : NULL;

	tokenize(in, CUTS_NONE, &whole);
	tokenize(in, cuts, &cut);
	must_be_same("tokens", &whole, &cut);
	bytes_truncate(&whole, 0);
	bytes_truncate(&cut, 0);

	read_commands(in, CUTS_NONE, &whole);
	read_commands(in, cuts, &cut);
	read_commands(in, CUTS_BYTEWISE, &slow);
	must_be_same("commands", &whole, &cut);
	must_be_same("commands, byte by byte", &whole, &slow);
	bytes_truncate(&whole, 0);
	bytes_truncate(&cut, 0);
	bytes_truncate(&slow, 0);

	redact(level, in, CUTS_NONE, &whole);
	redact(level, in, cuts, &cut);
	redact(level, in, CUTS_BYTEWISE, &slow);
	check_args(level, in, &whole);
	if (level == REDACT_SECRETS)
		check_harmless(in, &slow);
	must_hide_the_same(in, &whole, &cut);
	must_hide_the_same(in, &whole, &slow);

	bytes_free(&whole);
	bytes_free(&cut);
	bytes_free(&slow);
	return (0);
}
