/*
 * What the parts of the stub share: reading arguments, and the replies that
 * more than one of them gives.
 */
#include "config.h"

#include "stub/stub_call.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool
stub_integer(const struct arg *a, int64_t *n)
{
	const uint8_t *p = a->data, *end = p + a->kept;
	uint64_t most = INT64_MAX, u = 0;
	bool negative;

	if (a->kept < a->size || a->size == 0 || a->size > 20)
		return (false);
	negative = *p == '-';
	if (negative) {
		most++;
		p++;
	}
	if (p == end || (*p == '0' && (negative || p + 1 < end)))
		return (false);
	for (; p < end; p++) {
		if (*p < '0' || *p > '9' || u > (most - (*p - '0')) / 10)
			return (false);
		u = u * 10 + (*p - '0');
	}
	*n = negative ? (int64_t)-u : (int64_t)u;
	return (true);
}

bool
stub_want_integer(struct stub_call *c, const struct arg *a, int64_t *n)
{
	if (stub_integer(a, n))
		return (true);
	stub_bad_integer(c);
	return (false);
}

bool
stub_set_name(struct stub_call *c, const struct arg *a)
{
	if (a->kept < a->size)
		stub_reply_errorf(c->reply, "ERR resptap: a name of %u bytes "
		    "is too long", a->size);
	else if (session_set_name(c->session, a->data, a->size) == 0)
		return (true);
	else if (errno == ENOMEM)
		stub_out_of_memory(c);
	else
		stub_reply_error(c->reply, "ERR Client names cannot contain "
		    "spaces, newlines or special characters.");
	return (false);
}

void
stub_echo(struct stub_call *c, const struct arg *a)
{
	if (a->kept < a->size)
		stub_reply_errorf(c->reply, "ERR resptap: an argument of %u "
		    "bytes is too long to be sent back; the limit is %d",
		    a->size, STUB_ECHO_MAX);
	else
		stub_reply_bulk(c->reply, a->data, a->size);
}

void
stub_syntax_error(struct stub_call *c)
{
	stub_reply_error(c->reply, "ERR syntax error");
}

void
stub_bad_integer(struct stub_call *c)
{
	stub_reply_error(c->reply,
	    "ERR value is not an integer or out of range");
}

void
stub_out_of_memory(struct stub_call *c)
{
	stub_reply_error(c->reply, "ERR resptap: out of memory");
}

void
stub_ok(struct stub_call *c)
{
	stub_reply_status(c->reply, "OK");
}

const struct stub_row *
stub_row_find(const struct stub_row *rows, size_t n,
    const struct command *command)
{
	size_t i, low = 0;
	int order;

	while (low < n) {
		i = (low + n) / 2;
		order = strcmp(command->name, rows[i].name);
		if (order == 0)
			return (&rows[i]);
		if (order < 0)
			n = i;
		else
			low = i + 1;
	}
	return (NULL);
}

bool
stub_row_fits(const struct stub_row *row, const struct args *args)
{
	return (args->n == args->total || (row->few && args->n >= 3));
}

void
stub_reject(struct stub_call *c, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (c->command != NULL && strcmp(c->command->name, "exec") == 0) {
		stub_discard(c->session);
		stub_reply_errorf(c->reply, "EXECABORT Transaction discarded "
		    "because of: %s", text);
		return;
	}
	session_multi_abort(c->session);
	stub_reply_errorf(c->reply, "ERR %s", text);
}
