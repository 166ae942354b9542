/*
 * Commands on data that do more than to find none: cursors and waiting.
 */
#include "config.h"

#include "stub/stub.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "stub/stub_call.h"

/*
 * SCAN and its family.
 */

/* As strtoul(3) reads it, but without white space before it or anything behind
 * it; so an empty one is 0, and -1 is fine. */
static bool
cursor_ok(const struct arg *a)
{
	char text[64], *end;

	if (a->size >= sizeof(text) || memchr(a->data, '\0', a->size) != NULL)
		return (false);
	memcpy(text, a->data, a->size);
	text[a->size] = '\0';
	if (text[0] == ' ' || (text[0] >= '\t' && text[0] <= '\r'))
		return (false);
	errno = 0;
	(void)strtoul(text, &end, 10);
	return (*end == '\0' && errno != ERANGE);
}

static bool
scan_options(struct stub_call *c, uint32_t i)
{
	const struct args *args = c->args;
	int64_t n;

	for (; i < args->n; i += 2) {
		if (i + 1 == args->n) {
			stub_syntax_error(c);
			return (false);
		}
		if (arg_is(&args->v[i], "count")) {
			if (!stub_want_integer(c, &args->v[i + 1], &n))
				return (false);
			if (n >= 1)
				continue;
		} else if (arg_is(&args->v[i], "match") ||
		    arg_is(&args->v[i], "type")) {
			continue;
		}
		stub_syntax_error(c);
		return (false);
	}
	return (true);
}

void
stub_do_scan(struct stub_call *c)
{
	/* Of a key that is not there Redis does not look at the options. */
	bool keyed = strcmp(c->command->name, "scan") != 0;
	const struct arg *cursor = &c->args->v[keyed ? 2 : 1];

	if (!cursor_ok(cursor))
		stub_reply_error(c->reply, "ERR invalid cursor");
	else if (keyed || scan_options(c, 2))
		stub_reply_kind(c->reply, c->session->resp, COMMAND_SCAN, 0);
}

/*
 * Waiting.
 */

/* A wait that nobody sees the end of; also far below what a clock can take. */
#define FOR_EVER_MS (INT64_C(1) << 53)

void
stub_block(struct stub_call *c, int64_t ms)
{
	if (!c->in_exec && (ms == 0 || ms >= FOR_EVER_MS)) {
		c->outcome->verdict = STUB_HANG;
		return;
	}
	c->outcome->blocked = !c->in_exec;
	if (!c->in_exec)
		c->outcome->wait_ms += (uint64_t)ms;
	stub_run_kind(c);
}

/* A timeout in seconds, as strtold(3) reads it; in milliseconds. */
static bool
want_seconds(struct stub_call *c, const struct arg *a, int64_t *ms)
{
	char text[256], *end;
	long double seconds;

	if (a->size == 0 || a->size >= sizeof(text) || a->kept < a->size)
		goto bad;
	memcpy(text, a->data, a->size);
	text[a->size] = '\0';
	if (text[0] == ' ' || (text[0] >= '\t' && text[0] <= '\r'))
		goto bad;
	errno = 0;
	seconds = strtold(text, &end);
	if (end != text + a->size || errno == ERANGE || isnan(seconds))
		goto bad;
	seconds *= 1000;
	/* What does not fit turns negative in Redis, too. */
	if (seconds <= -1 || seconds >= 9223372036854775807.0L) {
		stub_reply_error(c->reply, "ERR timeout is negative");
		return (false);
	}
	*ms = (int64_t)seconds;
	if ((long double)*ms < seconds)
		(*ms)++;
	return (true);

bad:
	stub_reply_error(c->reply,
	    "ERR timeout is not a float or out of range");
	return (false);
}

/* BLPOP and all whose timeout comes last. */
void
stub_do_blpop(struct stub_call *c)
{
	int64_t ms;

	if (want_seconds(c, &c->args->v[c->args->n - 1], &ms))
		stub_block(c, ms);
}

void
stub_do_blmove(struct stub_call *c)
{
	const struct args *args = c->args;
	uint32_t i;

	for (i = 3; i <= 4; i++)
		if (!arg_is(&args->v[i], "left") &&
		    !arg_is(&args->v[i], "right")) {
			stub_syntax_error(c);
			return;
		}
	stub_do_blpop(c);
}

/* BLMOVEM source destination LEFT|RIGHT LEFT|RIGHT timeout ... */
void
stub_do_blmovem(struct stub_call *c)
{
	int64_t ms;

	if (want_seconds(c, &c->args->v[5], &ms))
		stub_block(c, ms);
}

/* BLMPOP timeout numkeys key ... LEFT|RIGHT [COUNT n]; BZMPOP has MIN|MAX. */
void
stub_do_bmpop(struct stub_call *c)
{
	const bool list = c->command->name[1] == 'l';
	const struct args *args = c->args;
	int64_t n, count = 1, ms;
	uint32_t where;

	if (!stub_integer(&args->v[2], &n) || n < 1) {
		stub_reply_error(c->reply,
		    "ERR numkeys should be greater than 0");
		return;
	}
	where = n < args->n ? (uint32_t)n + 3 : args->n;
	if (where >= args->n ||
	    !(arg_is(&args->v[where], list ? "left" : "min") ||
	    arg_is(&args->v[where], list ? "right" : "max")) ||
	    (where + 1 < args->n && (where + 3 != args->n ||
	    !arg_is(&args->v[where + 1], "count")))) {
		stub_syntax_error(c);
	} else if (where + 1 < args->n &&
	    (!stub_integer(&args->v[where + 2], &count) || count < 1)) {
		stub_reply_error(c->reply,
		    "ERR count should be greater than 0");
	} else if (want_seconds(c, &args->v[1], &ms)) {
		stub_block(c, ms);
	}
}

/* WAIT numreplicas timeout: there are none. */
void
stub_do_wait(struct stub_call *c)
{
	int64_t replicas, ms;

	if (!stub_want_integer(c, &c->args->v[1], &replicas) ||
	    !stub_want_millis(c, &c->args->v[2], &ms))
		return;
	if (replicas <= 0)
		stub_reply_integer(c->reply, 0);
	else
		stub_block(c, ms);
}

/* WAITAOF numlocal numreplicas timeout: there is no such file either. */
void
stub_do_waitaof(struct stub_call *c)
{
	int64_t local, replicas, ms;

	if (!stub_want_integer(c, &c->args->v[1], &local) ||
	    !stub_want_integer(c, &c->args->v[2], &replicas) ||
	    !stub_want_millis(c, &c->args->v[3], &ms))
		return;
	if (local > 0)
		stub_reply_error(c->reply, "ERR WAITAOF cannot be used when "
		    "numlocal is set but appendonly is disabled.");
	else if (replicas <= 0)
		stub_run_kind(c);
	else
		stub_block(c, ms);
}

/* TS.READ key timestamp [BLOCK ms min_count] [MAX_COUNT n] */
void
stub_do_ts_read(struct stub_call *c)
{
	const struct args *args = c->args;
	int64_t ms;

	if (args->n < 5 || !arg_is(&args->v[3], "block"))
		stub_run_kind(c);
	else if (stub_want_millis(c, &args->v[4], &ms))
		stub_block(c, ms);
}

/*
 * A number that is wrong is what tests of a client's errors send.
 */

void
stub_do_number(struct stub_call *c)
{
	int64_t n;

	if (stub_want_integer(c, &c->args->v[2], &n))
		stub_run_kind(c);
}

/* BITFIELD key [GET type offset | SET ... | INCRBY ...] ...: a 0 for each GET
 * and INCRBY, and the old value of SET, which is 0 too. */
void
stub_do_bitfield(struct stub_call *c)
{
	const struct args *args = c->args;
	uint32_t i, n = 0;

	for (i = 2; i < args->n; i++)
		n += arg_is(&args->v[i], "get") || arg_is(&args->v[i], "set") ||
		    arg_is(&args->v[i], "incrby");
	stub_reply_array(c->reply, n);
	while (n-- > 0)
		stub_reply_integer(c->reply, 0);
}
