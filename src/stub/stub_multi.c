/*
 * Transactions.
 *
 * What is queued is the least that EXEC needs: of most commands their kind of
 * reply, which is 8 bytes; of the few that have a row the arguments; of
 * scripted ones the reply.  So EXEC finds the session as it then is, as in
 * Redis: HELLO 3, SUBSCRIBE and CLIENT REPLY OFF count from the next command
 * in the queue on.
 *
 *   entry | entry command n arg bytes arg bytes | entry wait bytes | ...
 */
#include "config.h"

#include "stub/stub.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stub/stub_call.h"

/* Commands of a few bytes may have replies of kilobytes, and EXEC's reply is
 * one piece: past this many bytes the rest of it are errors. */
#define EXEC_REPLY_MAX (1024 * 1024)

enum what {
	ENTRY_KIND,
	ENTRY_COMMAND,
	ENTRY_REPLY
};

struct entry {
	uint32_t n;		/* arguments, in all; REPLY: bytes */
	uint8_t what;
	uint8_t value;		/* KIND: of reply; REPLY: enum stub_verdict */
};

/* An argument in the queue: then its bytes. */
struct head {
	uint32_t kept;
	uint32_t size;
	bool secret;
};

/* Queuing */

static void
queue(struct stub_call *c, const struct bytes *packed)
{
	if (packed->failed) {
		session_multi_abort(c->session);
		stub_out_of_memory(c);
	} else if (session_multi_add(c->session, packed->data, packed->len) ==
	    0) {
		/* Redis says so in a doomed transaction too. */
		stub_reply_status(c->reply, "QUEUED");
	} else if (errno == ENOMEM) {
		stub_out_of_memory(c);
	} else {
		stub_reply_errorf(c->reply, "ERR resptap: the transaction is "
		    "too long; the limits are %d commands and %d bytes, and "
		    "%d bytes for all clients of a thread", SESSION_QUEUE_MAX,
		    SESSION_QUEUE_BYTES, SESSION_QUEUES_BYTES);
	}
}

/* Of all arguments those that the row looks at. */
static void
pack_args(struct bytes *packed, const struct args *args, uint32_t first)
{
	uint32_t i, n = first != 0 && first < args->n ? first : args->n;

	bytes_add(packed, &n, sizeof(n));
	for (i = 0; i < n; i++) {
		const struct arg *a = &args->v[i];
		struct head head = { a->kept, a->size, a->secret };

		bytes_add(packed, &head, sizeof(head));
		bytes_add(packed, a->data, a->kept);
	}
}

void
stub_queue(struct stub_call *c)
{
	const struct stub_row *row = stub_row(c->command);
	struct entry entry = { .n = c->args->total };
	struct bytes packed = { 0 };
	enum command_reply kind;

	if (row == NULL) {
		kind = command_reply(c->command, c->args);
		entry.what = ENTRY_KIND;
		entry.value = (uint8_t)kind;
		entry.n = command_elements(kind, c->args);
		bytes_add(&packed, &entry, sizeof(entry));
	} else if (!stub_row_fits(row, c->args)) {
		stub_reject(c, "%s", STUB_TOO_LONG);
		return;
	} else {
		entry.what = ENTRY_COMMAND;
		bytes_add(&packed, &entry, sizeof(entry));
		bytes_add(&packed, &c->command, sizeof(c->command));
		pack_args(&packed, c->args, row->first);
	}
	queue(c, &packed);
	if (stub_writes(c->command))
		c->session->multi->writes = true;
	bytes_free(&packed);
}

void
stub_queue_reply(struct stub_call *c, const struct bytes *reply,
    const struct stub_outcome *outcome)
{
	struct entry entry = { .n = (uint32_t)reply->len, .what = ENTRY_REPLY,
	    .value = (uint8_t)outcome->verdict };
	struct bytes packed = { .failed = reply->failed };

	bytes_add(&packed, &entry, sizeof(entry));
	bytes_add(&packed, &outcome->wait_ms, sizeof(outcome->wait_ms));
	bytes_add(&packed, reply->data, reply->len);
	queue(c, &packed);
	bytes_free(&packed);
}

/* Executing */

static void
take(void *to, const uint8_t **p, size_t n)
{
	memcpy(to, *p, n);
	*p += n;
}

static void
unpack_args(struct args *args, const uint8_t **p, uint32_t total)
{
	struct head head;
	uint32_t n;

	take(&n, p, sizeof(n));
	for (args->n = 0; args->n < n; args->n++) {
		take(&head, p, sizeof(head));
		args->v[args->n] = (struct arg){ *p, head.kept, head.size,
		    head.secret };
		*p += head.kept;
	}
	args->total = total;
}

static void
execute_command(struct stub_call *exec, struct args *args, const uint8_t **p,
    uint32_t total)
{
	struct stub_call c = *exec;

	take(&c.command, p, sizeof(c.command));
	unpack_args(args, p, total);
	c.args = args;
	c.values = NULL;
	c.in_exec = true;
	c.unmuted = false;
	stub_run(&c);
	exec->unmuted = c.unmuted;
}

static void
execute_reply(struct stub_call *exec, const struct entry *entry,
    const uint8_t **p)
{
	uint64_t wait;

	take(&wait, p, sizeof(wait));
	bytes_add(exec->reply, *p, entry->n);
	*p += entry->n;
	exec->outcome->wait_ms += wait;
	if (entry->value > exec->outcome->verdict)
		exec->outcome->verdict = (enum stub_verdict)entry->value;
}

/* Adds the reply to the next entry, if it is to be seen. */
static void
execute_entry(struct stub_call *exec, struct args *args, const uint8_t **p)
{
	size_t from = exec->reply->len;
	struct entry entry;

	take(&entry, p, sizeof(entry));
	exec->unmuted = false;
	switch (entry.what) {
	case ENTRY_KIND:
		stub_reply_kind(exec->reply, exec->session->resp,
		    (enum command_reply)entry.value, entry.n);
		break;
	case ENTRY_COMMAND:
		execute_command(exec, args, p, entry.n);
		break;
	case ENTRY_REPLY:
		execute_reply(exec, &entry, p);
		break;
	}
	if (session_muted(exec->session) && !exec->unmuted &&
	    !exec->reply->failed)
		bytes_truncate(exec->reply, from);
}

/* So many are not executed.  Only the first says why: there may be a hundred
 * thousand. */
static void
refuse_rest(struct bytes *reply, uint32_t n)
{
	stub_reply_error(reply, "ERR resptap: not executed, the replies before "
	    "it are too long");
	while (--n > 0)
		stub_reply_error(reply, "ERR not executed");
}

static void
execute_all(struct stub_call *c, const struct session_multi *multi,
    struct args *args)
{
	const uint8_t *p = multi->queue.data;
	size_t from = c->reply->len;
	uint32_t n;

	if (!session_muted(c->session))
		stub_reply_array(c->reply, multi->n);
	for (n = multi->n; n > 0 && c->reply->len - from < EXEC_REPLY_MAX; n--)
		execute_entry(c, args, &p);
	if (n > 0 && !session_muted(c->session))
		refuse_rest(c->reply, n);
	c->unmuted = true;
}

void
stub_do_exec(struct stub_call *c)
{
	struct session_multi *multi = session_multi_take(c->session);
	struct args *args = NULL;

	if (multi == NULL)
		stub_reply_error(c->reply, "ERR EXEC without MULTI");
	else if (multi->aborted)
		stub_reply_error(c->reply, "EXECABORT Transaction discarded "
		    "because of previous errors.");
	else if ((args = malloc(sizeof(*args))) == NULL)
		stub_out_of_memory(c);
	else
		execute_all(c, multi, args);
	free(args);
	session_multi_free(multi);
}

/* The others */

void
stub_do_multi(struct stub_call *c)
{
	if (c->session->multi != NULL)
		stub_reply_error(c->reply,
		    "ERR MULTI calls can not be nested");
	else if (session_multi_start(c->session) != 0)
		stub_out_of_memory(c);
	else
		stub_ok(c);
}

void
stub_discard(struct session *s)
{
	session_multi_free(session_multi_take(s));
}

void
stub_do_discard(struct stub_call *c)
{
	if (c->session->multi == NULL) {
		stub_reply_error(c->reply, "ERR DISCARD without MULTI");
		return;
	}
	stub_discard(c->session);
	stub_ok(c);
}

void
stub_do_watch(struct stub_call *c)
{
	if (c->session->multi != NULL)
		stub_reply_error(c->reply,
		    "ERR WATCH inside MULTI is not allowed");
	else
		stub_ok(c);
}
