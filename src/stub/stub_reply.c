#include "config.h"

#include "stub/stub_reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void
add_line(struct bytes *out, char type, const char *text)
{
	bytes_add(out, &type, 1);
	bytes_add_string(out, text);
	bytes_add(out, "\r\n", 2);
}

/* A type byte and a number: the head of an aggregate, or of a string. */
static void
add_head(struct bytes *out, char type, size_t n)
{
	bytes_add(out, &type, 1);
	bytes_add_uint(out, n);
	bytes_add(out, "\r\n", 2);
}

void
stub_reply_status(struct bytes *out, const char *text)
{
	add_line(out, '+', text);
}

void
stub_reply_error(struct bytes *out, const char *text)
{
	add_line(out, '-', text);
}

void
stub_reply_errorf(struct bytes *out, const char *fmt, ...)
{
	char text[1024];	/* more than any of ours */
	char *p = text;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	while (*(p += strcspn(p, "\r\n")) != '\0')
		*p = ' ';
	add_line(out, '-', text);
}

void
stub_reply_integer(struct bytes *out, int64_t n)
{
	bytes_add(out, n < 0 ? ":-" : ":", n < 0 ? 2 : 1);
	bytes_add_uint(out, n < 0 ? -(uint64_t)n : (uint64_t)n);
	bytes_add(out, "\r\n", 2);
}

void
stub_reply_bulk(struct bytes *out, const void *data, size_t len)
{
	add_head(out, '$', len);
	bytes_add(out, data, len);
	bytes_add(out, "\r\n", 2);
}

void
stub_reply_string(struct bytes *out, const char *s)
{
	stub_reply_bulk(out, s, strlen(s));
}

void
stub_reply_null(struct bytes *out, uint8_t resp)
{
	bytes_add_string(out, resp == 3 ? "_\r\n" : "$-1\r\n");
}

void
stub_reply_null_array(struct bytes *out, uint8_t resp)
{
	bytes_add_string(out, resp == 3 ? "_\r\n" : "*-1\r\n");
}

void
stub_reply_array(struct bytes *out, size_t n)
{
	add_head(out, '*', n);
}

void
stub_reply_map(struct bytes *out, uint8_t resp, size_t n)
{
	if (resp == 3)
		add_head(out, '%', n);
	else
		add_head(out, '*', 2 * n);
}

void
stub_reply_set(struct bytes *out, uint8_t resp, size_t n)
{
	add_head(out, resp == 3 ? '~' : '*', n);
}

void
stub_reply_push(struct bytes *out, uint8_t resp, size_t n)
{
	add_head(out, resp == 3 ? '>' : '*', n);
}

void
stub_reply_text(struct bytes *out, uint8_t resp, const void *data, size_t len)
{
	if (resp != 3) {
		stub_reply_bulk(out, data, len);
		return;
	}
	add_head(out, '=', len + 4);
	bytes_add(out, "txt:", 4);
	bytes_add(out, data, len);
	bytes_add(out, "\r\n", 2);
}

/*
 * Kinds.
 */

/* Kinds that are the same bytes whatever the arguments. */
static const struct fixed {
	const char *resp2;
	const char *resp3;	/* NULL: the same */
} fixed[] = {
	[COMMAND_OK] = { "+OK\r\n", NULL },
	[COMMAND_NONE_TYPE] = { "+none\r\n", NULL },
	[COMMAND_NO_KEY] = { "+NOKEY\r\n", NULL },
	[COMMAND_ZERO] = { ":0\r\n", NULL },
	[COMMAND_MINUS_ONE] = { ":-1\r\n", NULL },
	[COMMAND_MINUS_TWO] = { ":-2\r\n", NULL },
	[COMMAND_FALSE] = { ":0\r\n", "#f\r\n" },
	[COMMAND_DOUBLE] = { "$1\r\n0\r\n", ",0\r\n" },
	[COMMAND_ZERO_STRING] = { "$1\r\n0\r\n", NULL },
	[COMMAND_EMPTY_STRING] = { "$0\r\n\r\n", NULL },
	[COMMAND_TEXT] = { "$0\r\n\r\n", "=4\r\ntxt:\r\n" },
	[COMMAND_NIL] = { "$-1\r\n", "_\r\n" },
	[COMMAND_NIL_ARRAY] = { "*-1\r\n", "_\r\n" },
	[COMMAND_EMPTY_ARRAY] = { "*0\r\n", NULL },
	[COMMAND_EMPTY_MAP] = { "*0\r\n", "%0\r\n" },
	[COMMAND_EMPTY_SET] = { "*0\r\n", "~0\r\n" },
	[COMMAND_TWO_ZEROS] = { "*2\r\n:0\r\n:0\r\n", NULL },
	[COMMAND_SCAN] = { "*2\r\n$1\r\n0\r\n*0\r\n", NULL },
	[COMMAND_MATCHES] = {
	    "*4\r\n$7\r\nmatches\r\n*0\r\n$3\r\nlen\r\n:0\r\n",
	    "%2\r\n$7\r\nmatches\r\n*0\r\n$3\r\nlen\r\n:0\r\n" },
	[COMMAND_PENDING] = { "*4\r\n:0\r\n$-1\r\n$-1\r\n*-1\r\n",
	    "*4\r\n:0\r\n_\r\n_\r\n_\r\n" },
	[COMMAND_AUTOCLAIM] = { "*3\r\n$3\r\n0-0\r\n*0\r\n*0\r\n", NULL },
	[COMMAND_NO_MATCHES] = { "*1\r\n:0\r\n",
	    "%5\r\n$10\r\nattributes\r\n*0\r\n$6\r\nformat\r\n"
	    "$6\r\nSTRING\r\n$7\r\nresults\r\n*0\r\n"
	    "$13\r\ntotal_results\r\n:0\r\n$7\r\nwarning\r\n*0\r\n" },
	[COMMAND_NO_SUCH_KEY] = { "-ERR no such key\r\n", NULL },
	[COMMAND_NO_CLUSTER] = { "-ERR This instance has cluster support "
	    "disabled\r\n", NULL },
	[COMMAND_NOT_BUSY] = { "-NOTBUSY No scripts in execution right "
	    "now.\r\n", NULL },
	[COMMAND_NO_DOCUMENT] = { "-ERR could not perform this operation on a "
	    "key that doesn't exist\r\n", NULL },
	[COMMAND_NO_INDEX] = { "-ERR no such index\r\n", NULL },
	[COMMAND_NO_SERIES] = { "-ERR TSDB: the key does not exist\r\n", NULL },
	[COMMAND_NO_VECTORS] = { "-ERR key does not exist\r\n", NULL },
	[COMMAND_NO_DIGEST] = { "-ERR T-Digest: key does not exist\r\n", NULL },
	[COMMAND_NO_CMS] = { "-CMS: key does not exist\r\n", NULL },
	[COMMAND_NO_TOPK] = { "-TopK: key does not exist\r\n", NULL },
	[COMMAND_NOT_FOUND] = { "-ERR not found\r\n", NULL },
	/* Nobody has written its own yet. */
	[COMMAND_OWN] = { "+OK\r\n", NULL },
	[COMMAND_REFUSED] = { "-ERR resptap: there is no server here to do "
	    "that\r\n", NULL },
};

/* What the arrays consist of that have an element for each argument. */
static enum command_reply
element_of(enum command_reply kind)
{
	switch (kind) {
	case COMMAND_NIL_EACH_KEY:
	case COMMAND_NIL_EACH:
	case COMMAND_NIL_EACH_PAIR:
	case COMMAND_NIL_EACH_FIELD:
		return (COMMAND_NIL);
	case COMMAND_NIL_ARRAY_EACH:
		return (COMMAND_NIL_ARRAY);
	case COMMAND_FALSE_EACH:
	case COMMAND_FALSE_EACH_ITEM:
		return (COMMAND_FALSE);
	case COMMAND_ZERO_EACH:
	case COMMAND_ZERO_EACH_PAIR:
	case COMMAND_ZERO_EACH_TRIPLE:
		return (COMMAND_ZERO);
	case COMMAND_MINUS_ONE_EACH_ID:
		return (COMMAND_MINUS_ONE);
	case COMMAND_MINUS_TWO_EACH_FIELD:
		return (COMMAND_MINUS_TWO);
	default:
		return (kind);
	}
}

static void
add_fixed(struct bytes *out, uint8_t resp, enum command_reply kind)
{
	const struct fixed *f = &fixed[kind];

	bytes_add_string(out, resp == 3 && f->resp3 != NULL ? f->resp3 :
	    f->resp2);
}

/* A client may send millions of arguments in little room, so there is a
 * limit. */
void
stub_reply_kind(struct bytes *out, uint8_t resp, enum command_reply kind,
    uint32_t n)
{
	enum command_reply element = element_of(kind);

	if (element == kind) {
		add_fixed(out, resp, kind);
		return;
	}
	if (n > ARGS_MAX) {
		stub_reply_errorf(out, "ERR resptap: %u elements are too many "
		    "for a reply; the limit is %d", n, ARGS_MAX);
		return;
	}
	stub_reply_array(out, n);
	while (n-- > 0)
		add_fixed(out, resp, element);
}
