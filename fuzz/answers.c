/*
 * --answers: any text is read or refused in one line, and what it says to any
 * command is a reply.
 *
 * Input: options, the file, 0xff and '>', commands.
 */
#include "config.h"

#include "fuzz/fuzz.h"

#include "fuzz/reply_check.h"
#include "redis/command.h"
#include "resp/request.h"
#include "stub/answers.h"
#include "stub/stub.h"

#define FILE_NAME "FILE"

static struct args args;	/* too large for the stack */

/* "FILE:LINE:COLUMN: what is wrong", of a place that is there. */
static void
check_message(const struct bytes *message, const uint8_t *text, size_t len)
{
	const char *s = (const char *)message->data;
	size_t line = 0, column = 0, lines = 1, i;
	int n = 0;

	MUST(!message->failed && memchr(s, '\0', message->len + 1) != NULL);
	MUST(is_printable(message, false));
	MUST(sscanf(s, FILE_NAME ":%zu:%zu: %n", &line, &column, &n) == 2);
	MUST(n > 0 && s[n] != '\0');
	for (i = 0; i < len && lines < line; i++)
		lines += text[i] == '\n';
	MUST(lines == line && column >= 1 && column <= len - i + 1);
}

static void
match(const struct answers *answers, unsigned resp)
{
	struct stub_outcome outcome;
	struct bytes reply = { 0 };

	if (!answers_find(answers, &args, resp, &reply, NULL, &outcome)) {
		MUST(reply.len == 0);
		return;
	}
	must_be_replies(&reply, resp, resp == 3);
	if (outcome.verdict == STUB_HANG)
		MUST(reply.len == 0);
	else if (outcome.verdict == STUB_GO)
		MUST(reply.len > 0);
	bytes_free(&reply);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct input in = { data, data + len }, file;
	struct bytes message = { 0 };
	struct answers *answers;
	struct request r;
	uint8_t options = input_byte(&in), *text;

	file = input_part(&in, '>');
	len = (size_t)(file.end - file.p);
	text = chunk_new(file.p, len);
	answers = answers_parse(FILE_NAME, text, len, &message);
	if (answers == NULL)
		check_message(&message, text, len);
	else
		MUST(message.len == 0);
	free(text);

	args.clip = options & 1 ? 16 : 1024;
	request_init(&r);
	while (request_next(&r, &args, &in.p, in.end) == REQUEST_OK) {
		command_look_up(&args);
		if (args.total == 0)
			continue;
		match(answers, 2);
		match(answers, 3);
	}
	request_free(&r);
	answers_free(answers);
	bytes_free(&message);
	return (0);
}
