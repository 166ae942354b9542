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
stub_want_millis(struct stub_call *c, const struct arg *a, int64_t *ms)
{
	if (!stub_integer(a, ms))
		stub_reply_error(c->reply, "ERR timeout is not an integer or "
		    "out of range");
	else if (*ms < 0)
		stub_reply_error(c->reply, "ERR timeout is negative");
	else
		return (true);
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
stub_wrong_subcommand(struct stub_call *c, const char *container)
{
	stub_reply_errorf(c->reply, "ERR unknown subcommand or wrong number of "
	    "arguments for '%.*s'. Try %s HELP.", STUB_TEXT(&c->args->v[1]),
	    container);
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
stub_no_room(struct stub_call *c, const char *what)
{
	if (errno == ENOMEM)
		stub_out_of_memory(c);
	else
		stub_reply_errorf(c->reply, "ERR resptap: too many %s, or too "
		    "long; the limits are %d, and %d bytes", what,
		    STUB_FACTS_MAX, STUB_FACTS_BYTES);
}

void
stub_ok(struct stub_call *c)
{
	stub_reply_status(c->reply, "OK");
}

bool
stub_row_fits(const struct stub_row *row, const struct args *args)
{
	uint32_t first = row->first;

	if (first == 0 || first > args->total)
		first = args->total;
	return (args->n >= first);
}

void
stub_end_value(struct stub_call *c)
{
	stub_value_add(c->values, c->reply->len - c->from, false);
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
