/*
 * A value as text and back: what notation shows of a reply that was written
 * from a literal is read back as the same bytes.
 *
 * Input: options, then a literal, or a reply whose notation may be one.
 */
#include "config.h"

#include "fuzz/fuzz.h"

#include "format/notation.h"
#include "fuzz/reply_check.h"
#include "stub/literal.h"
#include "stub/stub_value.h"

static bool utf8;

static void
show(const struct bytes *resp, struct bytes *text)
{
	const struct record_bytes in = { .data = resp->data,
	    .len = resp->len };

	bytes_truncate(text, 0);
	notation_add(text, &in, SIZE_MAX, utf8);
	MUST(!text->failed);
}

/* Reads a literal into both protocols; false: it is none. */
static bool
read_literal(const uint8_t *data, size_t len, struct bytes resp[2])
{
	struct literal l = { 0 };
	struct bytes values = { 0 };
	uint8_t *text = chunk_new(data, len);
	const char *wrong;
	size_t at = 0;
	int i;

	wrong = literal_read(&l, text, len, &at);
	MUST(wrong == NULL || at <= len);
	for (i = 0; i < 2 && wrong == NULL; i++) {
		bytes_truncate(&resp[i], 0);
		literal_add(&l, (unsigned)i + 2, &resp[i], &values);
		MUST(must_be_replies(&resp[i], (unsigned)i + 2, i == 1) ==
		    values.len / sizeof(struct stub_value));
		bytes_free(&values);
	}
	literal_free(&l);
	free(text);
	return (wrong == NULL);
}

/* Several frames, such as a push before a reply, are shown one by one. */
static void
check_back(const struct bytes *resp, unsigned protocol)
{
	struct bytes text = { 0 }, back[2] = { { 0 }, { 0 } };

	if (must_be_replies(resp, protocol, protocol == 3) == 1) {
		show(resp, &text);
		MUST(is_printable(&text, false) || utf8);
		MUST(read_literal(text.data, text.len, back));
		must_be_same("what is read back", resp, &back[protocol - 2]);
	}
	bytes_free(&text);
	bytes_free(&back[0]);
	bytes_free(&back[1]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct input in = { data, data + len };
	struct bytes resp[2] = { { 0 }, { 0 } }, text = { 0 };
	uint8_t options = input_byte(&in);

	utf8 = options & 1;
	bytes_add(&text, in.p, (size_t)(in.end - in.p));
	if ((options & 2) && text.len > 0) {
		bytes_add(&resp[0], text.data, text.len);
		show(&resp[0], &text);
	}
	if (text.len > 0 && read_literal(text.data, text.len, resp)) {
		check_back(&resp[0], 2);
		check_back(&resp[1], 3);
	}
	bytes_free(&resp[0]);
	bytes_free(&resp[1]);
	bytes_free(&text);
	return (0);
}
