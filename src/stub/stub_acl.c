/*
 * ACL: every user may do all, with any password.
 */
#include "config.h"

#include "stub/stub.h"

#include <string.h>

#include "stub/stub_call.h"

#define DEFAULT_USER "default"
#define RULES "on nopass ~* &* +@all"

/* The user that is there from the beginning. */
static bool
is_default(const struct arg *name)
{
	return (name->size == sizeof(DEFAULT_USER) - 1 &&
	    name->kept == name->size &&
	    memcmp(name->data, DEFAULT_USER, name->size) == 0);
}

static bool
is_known(struct stub_call *c, const struct arg *name)
{
	struct stub_world *world = c->stub->world;
	bool known;

	if (is_default(name))
		return (true);
	stub_world_lock(world);
	known = name->kept == name->size && stub_world_find(world, STUB_USER,
	    name->data, name->size) != NULL;
	stub_world_unlock(world);
	return (known);
}

void
stub_do_acl_cat(struct stub_call *c)
{
	static const char *const categories[] = { "keyspace", "read", "write",
	    "set", "sortedset", "list", "hash", "string", "bitmap",
	    "hyperloglog", "geo", "stream", "pubsub", "admin", "fast", "slow",
	    "blocking", "dangerous", "connection", "transaction",
	    "scripting" };
	const size_t n = sizeof(categories) / sizeof(categories[0]);
	const struct args *args = c->args;
	size_t i;

	if (args->total > 3) {
		stub_wrong_subcommand(c, "ACL");
		return;
	}
	if (args->total == 2)
		stub_reply_array(c->reply, n);
	for (i = 0; i < n; i++) {
		if (args->total == 2)
			stub_reply_string(c->reply, categories[i]);
		else if (arg_is(&args->v[2], categories[i]))
			break;
	}
	if (args->total == 2)
		return;
	/* Which commands are in it the command table does not say. */
	if (i < n)
		stub_reply_array(c->reply, 0);
	else
		stub_reply_errorf(c->reply, "ERR Unknown category '%.*s'",
		    STUB_TEXT(&args->v[2]));
}

void
stub_do_acl_getuser(struct stub_call *c)
{
	const uint8_t resp = c->session->resp;

	if (!is_known(c, &c->args->v[2])) {
		stub_reply_null(c->reply, resp);
		return;
	}
	stub_reply_map(c->reply, resp, 6);
	stub_reply_string(c->reply, "flags");
	stub_reply_set(c->reply, resp, 2);
	stub_reply_string(c->reply, "on");
	stub_reply_string(c->reply, "nopass");
	stub_reply_string(c->reply, "passwords");
	stub_reply_array(c->reply, 0);
	stub_reply_string(c->reply, "commands");
	stub_reply_string(c->reply, "+@all");
	stub_reply_string(c->reply, "keys");
	stub_reply_string(c->reply, "~*");
	stub_reply_string(c->reply, "channels");
	stub_reply_string(c->reply, "&*");
	stub_reply_string(c->reply, "selectors");
	stub_reply_array(c->reply, 0);
}

static void
add_user(struct stub_call *c, const void *name, size_t len, bool rules)
{
	struct bytes line = { 0 };

	if (rules)
		bytes_add_string(&line, "user ");
	bytes_add(&line, name, len);
	if (rules)
		bytes_add_string(&line, " " RULES);
	stub_reply_bulk(c->reply, line.data, line.len);
	c->reply->failed |= line.failed;
	bytes_free(&line);
}

/* LIST shows their rules too, USERS does not. */
void
stub_do_acl_list(struct stub_call *c)
{
	const bool rules = strcmp(c->command->name, "acl|list") == 0;
	struct stub_world *world = c->stub->world;
	const struct stub_fact *f;

	stub_world_lock(world);
	stub_reply_array(c->reply, 1 + stub_world_count(world, STUB_USER));
	add_user(c, DEFAULT_USER, strlen(DEFAULT_USER), rules);
	f = stub_world_first(world, STUB_USER);
	for (; f != NULL; f = stub_world_next(f))
		add_user(c, f->name, f->len, rules);
	stub_world_unlock(world);
}

/* Its rules are taken, and none is kept. */
void
stub_do_acl_setuser(struct stub_call *c)
{
	const struct arg *name = &c->args->v[2];
	const struct stub_fact user = { .name = name->data,
	    .len = name->kept };
	bool known = is_known(c, name);

	if (memchr(name->data, ' ', name->kept) != NULL ||
	    memchr(name->data, '\0', name->kept) != NULL) {
		stub_reply_error(c->reply, "ERR Usernames can't contain spaces "
		    "or null characters");
		return;
	}
	if (!known && name->kept == name->size) {
		stub_world_lock(c->stub->world);
		known = stub_world_put(c->stub->world, STUB_USER, &user) == 0;
		stub_world_unlock(c->stub->world);
	}
	if (known)
		stub_ok(c);
	else
		stub_no_room(c, "users");
}

void
stub_do_acl_deluser(struct stub_call *c)
{
	const struct args *args = c->args;
	int64_t n = 0;
	uint32_t i;

	for (i = 2; i < args->n; i++)
		if (is_default(&args->v[i])) {
			stub_reply_error(c->reply,
			    "ERR The 'default' user cannot be removed");
			return;
		}
	stub_world_lock(c->stub->world);
	for (i = 2; i < args->n; i++)
		n += stub_world_forget(c->stub->world, STUB_USER,
		    args->v[i].data, args->v[i].kept);
	stub_world_unlock(c->stub->world);
	stub_reply_integer(c->reply, n);
}

void
stub_do_acl_whoami(struct stub_call *c)
{
	stub_reply_string(c->reply, DEFAULT_USER);
}
