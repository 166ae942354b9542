/*
 * Streams.  Entries are not kept: XADD gives each an ID, and XREAD finds none.
 * Groups are: whoever makes one may wait in it, and in another one not.
 */
#include "config.h"

#include "stub/stub.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stub/stub_call.h"

/*
 * IDs.
 */

struct id {
	uint64_t ms;
	uint64_t seq;
};

/* Digits, which may have a plus sign in front. */
static bool
read_number(const uint8_t *p, const uint8_t *end, uint64_t *n)
{
	if (p < end && *p == '+')
		p++;
	*n = 0;
	if (p == end)
		return (false);
	for (; p < end; p++) {
		if (*p < '0' || *p > '9' || *n > (UINT64_MAX - (*p - '0')) / 10)
			return (false);
		*n = *n * 10 + (*p - '0');
	}
	return (true);
}

/* "5-1", or "5", which is 5-0; with `any` also "5-*", whose seq is given. */
static bool
read_id(const struct arg *a, struct id *id, bool *any)
{
	const uint8_t *p = a->data, *end = p + a->kept, *dash;

	id->seq = 0;
	if (a->kept < a->size || a->size == 0)
		return (false);
	dash = memchr(p, '-', a->size);
	if (!read_number(p, dash != NULL ? dash : end, &id->ms))
		return (false);
	if (dash == NULL)
		return (true);
	if (any != NULL && end - dash == 2 && dash[1] == '*') {
		*any = true;
		return (true);
	}
	return (read_number(dash + 1, end, &id->seq));
}

static bool
want_id(struct stub_call *c, const struct arg *a, struct id *id, bool *any)
{
	if (read_id(a, id, any))
		return (true);
	stub_reply_error(c->reply, "ERR Invalid stream ID specified as stream "
	    "command argument");
	return (false);
}

/*
 * XADD.
 */

struct xadd {
	uint32_t at;		/* of the ID */
	bool trims;
	bool about;		/* "~" */
	bool limited;
	bool no_make;		/* NOMKSTREAM */
};

static bool
is_char(const struct arg *a, char ch)
{
	return (a->size == 1 && *a->data == ch);
}

/* MAXLEN or MINID, and its number or ID; *i is left at that. */
static bool
trim_option(struct stub_call *c, struct xadd *x, uint32_t *i)
{
	const struct args *args = c->args;
	bool by_length = arg_is(&args->v[*i], "maxlen");
	struct id id;
	int64_t n;

	if (x->trims) {
		stub_reply_error(c->reply, "ERR syntax error, MAXLEN and "
		    "MINID options at the same time are not compatible");
		return (false);
	}
	x->trims = true;
	if (*i + 2 < args->n && (is_char(&args->v[*i + 1], '~') ||
	    is_char(&args->v[*i + 1], '=')))
		x->about = is_char(&args->v[++*i], '~');
	++*i;
	if (!by_length)
		return (want_id(c, &args->v[*i], &id, NULL));
	if (!stub_want_integer(c, &args->v[*i], &n))
		return (false);
	if (n < 0)
		stub_reply_error(c->reply,
		    "ERR The MAXLEN argument must be >= 0.");
	return (n >= 0);
}

/* The options in front of the ID.  false: an error is answered. */
static bool
xadd_options(struct stub_call *c, struct xadd *x)
{
	const struct args *args = c->args;
	int64_t n;
	uint32_t i;

	for (i = 2; i < args->n && !is_char(&args->v[i], '*'); i++) {
		const struct arg *a = &args->v[i];
		bool more = i + 1 < args->n;

		if (more && (arg_is(a, "maxlen") || arg_is(a, "minid"))) {
			if (!trim_option(c, x, &i))
				return (false);
		} else if (more && arg_is(a, "limit")) {
			x->limited = true;
			if (!stub_want_integer(c, &args->v[++i], &n))
				return (false);
			if (n < 0) {
				stub_reply_error(c->reply, "ERR The LIMIT "
				    "argument must be >= 0.");
				return (false);
			}
		} else if (arg_is(a, "nomkstream")) {
			x->no_make = true;
		} else {
			break;
		}
	}
	x->at = i;
	return (true);
}

/* What the entry's ID becomes; false: it may not be that, and an error is
 * answered. */
static bool
xadd_id(struct stub_call *c, const struct arg *a, struct id *id)
{
	bool own = is_char(a, '*'), any = false;
	uint64_t now = 0;

	if (!own && !want_id(c, a, id, &any))
		return (false);
	if (own || any) {
		if (c->stub->clock_us != NULL)
			now = c->stub->clock_us() / 1000;
		stub_world_lock(c->stub->world);
		id->seq = stub_world_next_id(c->stub->world, own,
		    own ? now : id->ms, &id->ms);
		stub_world_unlock(c->stub->world);
	} else if (id->ms == 0 && id->seq == 0) {
		stub_reply_error(c->reply, "ERR The ID specified in XADD must "
		    "be greater than 0-0");
		return (false);
	}
	return (true);
}

void
stub_do_xadd(struct stub_call *c)
{
	const struct args *args = c->args;
	struct xadd x = { 0 };
	struct id id;
	char text[2 * BYTES_UINT_MAX + 2];

	if (!xadd_options(c, &x))
		return;
	if (x.limited && !x.trims) {
		stub_reply_error(c->reply, "ERR syntax error, LIMIT cannot be "
		    "used without specifying a trimming strategy");
	} else if (x.limited && !x.about) {
		stub_reply_error(c->reply, "ERR syntax error, LIMIT cannot be "
		    "used without the special ~ option");
	} else if (x.at + 2 >= args->total || (args->total - x.at) % 2 == 0) {
		stub_reply_error(c->reply, "ERR wrong number of arguments for "
		    "'xadd' command");
	} else if (x.at >= args->n) {
		stub_reply_error(c->reply, "ERR " STUB_TOO_LONG);
	} else if (xadd_id(c, &args->v[x.at], &id)) {
		if (x.no_make) {
			stub_reply_null(c->reply, c->session->resp);
			return;
		}
		snprintf(text, sizeof(text), "%" PRIu64 "-%" PRIu64, id.ms,
		    id.seq);
		stub_reply_string(c->reply, text);
	}
}

/*
 * Groups.  In the world a stream has for a name its database, the length of its
 * key, and the key; a group has its stream's and its own.
 */

/* The name of the stream, or with a group of that; false: not all of it is
 * there. */
static bool
name_it(struct bytes *name, const struct session *s, const struct arg *key,
    const struct arg *group)
{
	bytes_add(name, &s->db, sizeof(s->db));
	bytes_add(name, &key->size, sizeof(key->size));
	bytes_add(name, key->data, key->kept);
	if (group != NULL)
		bytes_add(name, group->data, group->kept);
	return (!name->failed && key->kept == key->size &&
	    (group == NULL || group->kept == group->size));
}

static bool
is_known(struct stub_call *c, const struct arg *key, const struct arg *group)
{
	struct stub_world *world = c->stub->world;
	struct bytes name = { 0 };
	bool known = false;

	if (name_it(&name, c->session, key, group)) {
		stub_world_lock(world);
		known = stub_world_find(world, group != NULL ? STUB_GROUP :
		    STUB_STREAM, name.data, name.len) != NULL;
		stub_world_unlock(world);
	}
	bytes_free(&name);
	return (known);
}

static bool
make_group(struct stub_call *c, const struct arg *key, const struct arg *group)
{
	struct stub_world *world = c->stub->world;
	struct stub_fact fact = { 0 };
	struct bytes name = { 0 };
	bool made = false;

	if (name_it(&name, c->session, key, group)) {
		fact.name = name.data;
		fact.len = name.len;
		stub_world_lock(world);
		made = stub_world_put(world, STUB_GROUP, &fact) == 0;
		fact.len -= group->kept;
		made = made && stub_world_put(world, STUB_STREAM, &fact) == 0;
		stub_world_unlock(world);
	}
	bytes_free(&name);
	return (made);
}

static bool
forget_group(struct stub_call *c, const struct arg *key,
    const struct arg *group)
{
	struct stub_world *world = c->stub->world;
	struct bytes name = { 0 };
	bool known = false;

	if (name_it(&name, c->session, key, group)) {
		stub_world_lock(world);
		known = stub_world_forget(world, STUB_GROUP, name.data,
		    name.len);
		stub_world_unlock(world);
	}
	bytes_free(&name);
	return (known);
}

/* The group of XPENDING and its like; without it an error. */
static bool
want_group(struct stub_call *c, const struct arg *key, const struct arg *group,
    const char *where)
{
	if (is_known(c, key, group))
		return (true);
	stub_reply_errorf(c->reply, "NOGROUP No such key '%.*s' or consumer "
	    "group '%.*s'%s", STUB_TEXT(key), STUB_TEXT(group), where);
	return (false);
}

/* The same of XGROUP's. */
static bool
want_own_group(struct stub_call *c)
{
	const struct arg *key = &c->args->v[2], *group = &c->args->v[3];

	if (is_known(c, key, group))
		return (true);
	if (is_known(c, key, NULL))
		stub_reply_errorf(c->reply, "NOGROUP No such consumer group "
		    "'%.*s' for key name '%.*s'", STUB_TEXT(group),
		    STUB_TEXT(key));
	else
		stub_reply_error(c->reply, "ERR The XGROUP subcommand requires "
		    "the key to exist. Note that for CREATE you may want to "
		    "use the MKSTREAM option to create an empty stream "
		    "automatically.");
	return (false);
}

static bool
create_options(struct stub_call *c)
{
	const struct args *args = c->args;
	int64_t n;
	uint32_t i;

	for (i = 5; i < args->n; i++) {
		if (arg_is(&args->v[i], "mkstream"))
			continue;
		if (!arg_is(&args->v[i], "entriesread") || ++i == args->n) {
			stub_wrong_subcommand(c, "XGROUP");
			return (false);
		}
		if (!stub_want_integer(c, &args->v[i], &n))
			return (false);
		if (n < -1) {
			stub_reply_error(c->reply, "ERR value for ENTRIESREAD "
			    "must be positive or -1");
			return (false);
		}
	}
	return (true);
}

/* Also without MKSTREAM: XADD may have been told that there is a stream. */
void
stub_do_xgroup_create(struct stub_call *c)
{
	const struct arg *v = c->args->v;
	struct id id;

	if (!create_options(c) ||
	    (!is_char(&v[4], '$') && !want_id(c, &v[4], &id, NULL)))
		return;
	if (is_known(c, &v[2], &v[3]))
		stub_reply_error(c->reply,
		    "BUSYGROUP Consumer Group name already exists");
	else if (make_group(c, &v[2], &v[3]))
		stub_ok(c);
	else
		stub_no_room(c, "groups");
}

void
stub_do_xgroup_destroy(struct stub_call *c)
{
	const struct arg *key = &c->args->v[2];

	if (forget_group(c, key, &c->args->v[3]))
		stub_reply_integer(c->reply, 1);
	else if (is_known(c, key, NULL))
		stub_reply_integer(c->reply, 0);
	else
		(void)want_own_group(c);
}

/* SETID, CREATECONSUMER, DELCONSUMER. */
void
stub_do_xgroup_setid(struct stub_call *c)
{
	if (want_own_group(c))
		stub_run_kind(c);
}

/* XPENDING, XCLAIM, XAUTOCLAIM: nothing is pending. */
void
stub_do_xpending(struct stub_call *c)
{
	if (want_group(c, &c->args->v[1], &c->args->v[2], ""))
		stub_run_kind(c);
}

/* The streams or groups of that database; -1: of all. */
static void
forget_all(struct stub_world *world, enum stub_kind kind, int64_t db)
{
	const struct stub_fact *f, *next;
	uint32_t of;

	for (f = stub_world_first(world, kind); f != NULL; f = next) {
		next = stub_world_next(f);
		memcpy(&of, f->name, sizeof(of));
		if (db == -1 || of == db)
			stub_world_forget(world, kind, f->name, f->len);
	}
}

/* FLUSHALL and FLUSHDB: here is all that there is to forget. */
void
stub_do_flushall(struct stub_call *c)
{
	const bool all = strcmp(c->command->name, "flushall") == 0;
	const int64_t db = all ? INT64_C(-1) : (int64_t)c->session->db;
	const struct args *args = c->args;

	if (args->total > 2 || (args->total == 2 &&
	    !arg_is(&args->v[1], "async") && !arg_is(&args->v[1], "sync"))) {
		stub_syntax_error(c);
		return;
	}
	stub_world_lock(c->stub->world);
	forget_all(c->stub->world, STUB_STREAM, db);
	forget_all(c->stub->world, STUB_GROUP, db);
	stub_world_unlock(c->stub->world);
	stub_ok(c);
}

/*
 * XREAD, XREADGROUP.
 */

struct xread {
	uint32_t streams;	/* the first argument behind STREAMS */
	uint32_t group;		/* the group's name; 0: none */
	int64_t ms;		/* BLOCK; -1: none */
};

static bool
is_grouped(const struct stub_call *c)
{
	return (strcmp(c->command->name, "xreadgroup") == 0);
}

/* GROUP or NOACK, which only one of the two commands has. */
static bool
group_option(struct stub_call *c, struct xread *x, uint32_t *i)
{
	bool group = arg_is(&c->args->v[*i], "group");

	if (!is_grouped(c)) {
		stub_reply_errorf(c->reply, "ERR The %s option is only "
		    "supported by XREADGROUP. You called XREAD instead.",
		    group ? "GROUP" : "NOACK");
		return (false);
	}
	if (group) {
		x->group = *i + 1;
		*i += 2;
	}
	return (true);
}

static bool
xread_options(struct stub_call *c, struct xread *x)
{
	const struct args *args = c->args;
	const struct arg *a;
	int64_t n;
	uint32_t i, left;

	for (i = 1; i < args->n; i++) {
		a = &args->v[i];
		left = args->n - i - 1;
		if (arg_is(a, "streams") && left > 0) {
			x->streams = i + 1;
			return (true);
		}
		if (arg_is(a, "block") && left > 0) {
			if (!stub_want_millis(c, &args->v[++i], &x->ms))
				return (false);
		} else if (arg_is(a, "count") && left > 0) {
			if (!stub_want_integer(c, &args->v[++i], &n))
				return (false);
		} else if ((arg_is(a, "group") && left > 1) ||
		    arg_is(a, "noack")) {
			if (!group_option(c, x, &i))
				return (false);
		} else {
			break;
		}
	}
	stub_syntax_error(c);
	return (false);
}

/* One of the streams: its group, and the ID from which it is to be read. */
static bool
want_stream(struct stub_call *c, const struct xread *x, const struct arg *key,
    const struct arg *id)
{
	struct id ignored;

	if (x->group != 0 && !want_group(c, key, &c->args->v[x->group],
	    " in XREADGROUP with GROUP option"))
		return (false);
	if (is_char(id, '>')) {
		if (!is_grouped(c))
			stub_reply_error(c->reply, "ERR The > ID can be "
			    "specified only when calling XREADGROUP using the "
			    "GROUP <group> <consumer> option.");
		return (is_grouped(c));
	}
	if (!is_char(id, '$'))
		return (want_id(c, id, &ignored, NULL));
	if (is_grouped(c))
		stub_reply_error(c->reply, "ERR The $ ID is meaningless in the "
		    "context of XREADGROUP: you want to read the history of "
		    "this consumer by specifying a proper ID, or use the > ID "
		    "to get new messages. The $ ID would just return an empty "
		    "result set.");
	return (!is_grouped(c));
}

/* What has an ID in a group is its history, which is there, and empty. */
static void
add_histories(struct stub_call *c, const struct arg *keys, uint32_t n,
    size_t histories)
{
	const uint8_t resp = c->session->resp;
	uint32_t i;

	if (resp == 3)
		stub_reply_map(c->reply, resp, histories);
	else
		stub_reply_array(c->reply, histories);
	for (i = 0; i < n; i++) {
		if (is_char(&keys[n + i], '>'))
			continue;
		if (resp != 3)
			stub_reply_array(c->reply, 2);
		stub_echo(c, &keys[i]);
		stub_reply_array(c->reply, 0);
	}
}

void
stub_do_xread(struct stub_call *c)
{
	struct xread x = { .ms = -1 };
	const struct arg *keys;
	size_t histories = 0;
	uint32_t i, n;

	if (!xread_options(c, &x))
		return;
	n = (c->args->n - x.streams) / 2;
	if ((c->args->n - x.streams) % 2 != 0) {
		stub_reply_errorf(c->reply, "ERR Unbalanced %s list of "
		    "streams: for each stream key an ID or '%c' must be "
		    "specified.", is_grouped(c) ? "XREADGROUP" : "XREAD",
		    is_grouped(c) ? '>' : '$');
		return;
	}
	if (is_grouped(c) && x.group == 0) {
		stub_reply_error(c->reply,
		    "ERR Missing GROUP option for XREADGROUP");
		return;
	}
	keys = &c->args->v[x.streams];
	for (i = 0; i < n; i++) {
		if (!want_stream(c, &x, &keys[i], &keys[n + i]))
			return;
		histories += is_grouped(c) && !is_char(&keys[n + i], '>');
	}
	if (histories > 0)
		add_histories(c, keys, n, histories);
	else if (x.ms >= 0)
		stub_block(c, x.ms);
	else
		stub_reply_null_array(c->reply, c->session->resp);
}
