/*
 * COMMAND, out of the command table: flags, categories and documentation are
 * not in it.
 */
#include "config.h"

#include "stub/stub.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/stub_call.h"

/* A command that the server has which we play, and no subcommand. */
static bool
is_listed(const struct stub_call *c, const struct command *command)
{
	return (strchr(command->name, '|') == NULL &&
	    compat_has(c->stub->compat, command));
}

static size_t
count_commands(const struct stub_call *c)
{
	const struct command *command;
	size_t i, n = 0;

	for (i = 0; (command = command_at(i)) != NULL; i++)
		n += is_listed(c, command);
	return (n);
}

const struct command *
stub_next_sub(const struct stub_call *c, const struct command *container,
    const struct command *sub)
{
	size_t len = strlen(container->name);

	if (!(container->flags & COMMAND_CONTAINER))
		return (NULL);
	do {
		sub = command_at(command_index(sub) + 1);
		if (sub == NULL ||
		    strncmp(sub->name, container->name, len) != 0 ||
		    sub->name[len] != '|')
			return (NULL);
	} while (!compat_has(c->stub->compat, sub));
	return (sub);
}

static size_t
count_subs(const struct stub_call *c, const struct command *container)
{
	const struct command *sub = container;
	size_t n = 0;

	while ((sub = stub_next_sub(c, container, sub)) != NULL)
		n++;
	return (n);
}

/* What COMMAND INFO tells of one, without its subcommands. */
static void
add_info(struct stub_call *c, const struct command *command, size_t nsubs)
{
	const uint8_t resp = c->session->resp;
	const bool movable = command->flags & COMMAND_MOVABLE_KEYS;

	stub_reply_array(c->reply, 10);
	stub_reply_string(c->reply, command->name);
	stub_reply_integer(c->reply, command->arity);
	stub_reply_set(c->reply, resp, movable ? 1 : 0);
	if (movable)
		stub_reply_status(c->reply, "movablekeys");
	stub_reply_integer(c->reply, command->first_key);
	stub_reply_integer(c->reply, command->last_key);
	stub_reply_integer(c->reply, command->key_step);
	stub_reply_set(c->reply, resp, 0);	/* ACL categories */
	stub_reply_set(c->reply, resp, 0);	/* tips */
	stub_reply_set(c->reply, resp, 0);	/* specifications of keys */
	stub_reply_array(c->reply, nsubs);
}

static void
add_info_of_all(struct stub_call *c, const struct command *command)
{
	const struct command *sub = command;

	add_info(c, command, count_subs(c, command));
	while ((sub = stub_next_sub(c, command, sub)) != NULL)
		add_info(c, sub, 0);
}

void
stub_do_command(struct stub_call *c)
{
	const struct command *command;
	size_t i;

	stub_reply_array(c->reply, count_commands(c));
	for (i = 0; (command = command_at(i)) != NULL; i++)
		if (is_listed(c, command))
			add_info_of_all(c, command);
}

void
stub_do_command_count(struct stub_call *c)
{
	stub_reply_integer(c->reply, (int64_t)count_commands(c));
}

/* "get", or "config|get". */
static const struct command *
find_named(const struct stub_call *c, const struct arg *name)
{
	const struct command *command;
	size_t i;

	for (i = 0; (command = command_at(i)) != NULL; i++)
		if (arg_is(name, command->name) &&
		    compat_has(c->stub->compat, command))
			return (command);
	return (NULL);
}

/* A command may be named again and again, so there is a limit. */
#define INFO_REPLY_MAX (1024 * 1024)

void
stub_do_command_info(struct stub_call *c)
{
	const struct command *command;
	size_t from = c->reply->len;
	uint32_t i;

	if (c->args->total == 2) {
		stub_do_command(c);
		return;
	}
	stub_reply_array(c->reply, c->args->n - 2);
	for (i = 2; i < c->args->n; i++) {
		command = c->reply->len - from < INFO_REPLY_MAX ?
		    find_named(c, &c->args->v[i]) : NULL;
		if (command != NULL)
			add_info_of_all(c, command);
		else
			stub_reply_null(c->reply, c->session->resp);
	}
}

void
stub_do_command_docs(struct stub_call *c)
{
	stub_reply_map(c->reply, c->session->resp, 0);
}

/* COMMAND LIST [FILTERBY MODULE|ACLCAT|PATTERN x] */
void
stub_do_command_list(struct stub_call *c)
{
	const struct args *args = c->args;
	const struct command *command;
	char pattern[STUB_SHOWN] = "*";
	size_t i, n;
	int pass;

	if (args->total == 5 && arg_is(&args->v[2], "filterby") &&
	    arg_is(&args->v[3], "pattern") &&
	    args->v[4].size < sizeof(pattern)) {
		snprintf(pattern, sizeof(pattern), "%.*s",
		    STUB_TEXT(&args->v[4]));
	} else if (args->total == 5 && arg_is(&args->v[2], "filterby") &&
	    (arg_is(&args->v[3], "module") || arg_is(&args->v[3], "aclcat"))) {
		stub_reply_array(c->reply, 0);
		return;
	} else if (args->total != 2) {
		stub_syntax_error(c);
		return;
	}
	for (pass = 0, n = 0; pass < 2; pass++) {
		if (pass == 1)
			stub_reply_array(c->reply, n);
		for (i = 0; (command = command_at(i)) != NULL; i++) {
			if (!is_listed(c, command) || fnmatch(pattern,
			    command->name, FNM_CASEFOLD) != 0)
				continue;
			if (pass == 0)
				n++;
			else
				stub_reply_string(c->reply, command->name);
		}
	}
}

/* The command that GETKEYS' arguments are. */
static const struct command *
find_inner(struct stub_call *c, struct args *inner)
{
	const struct args *args = c->args;
	const struct command *command;

	inner->total = args->total - 2;
	inner->n = args->n - 2;
	memcpy(inner->v, args->v + 2, inner->n * sizeof(inner->v[0]));
	command = command_find(&inner->v[0]);
	if (command != NULL && (command->flags & COMMAND_CONTAINER) &&
	    inner->n > 1)
		command = command_find_sub(command, &inner->v[1]);
	if (command == NULL || !compat_has(c->stub->compat, command))
		stub_reply_error(c->reply, "ERR Invalid command specified");
	else if (command->first_key == 0 &&
	    !(command->flags & COMMAND_MOVABLE_KEYS))
		stub_reply_error(c->reply,
		    "ERR The command has no key arguments");
	else if (!compat_arity_ok(c->stub->compat, command, inner->total))
		stub_reply_error(c->reply, "ERR Invalid number of arguments "
		    "specified for command");
	else
		return (command);
	return (NULL);
}

static void
add_keys(struct stub_call *c, const struct args *inner,
    const struct command *command)
{
	const bool flags = strcmp(c->command->name, "command|getkeys") != 0;
	struct command_keys keys;
	uint32_t i, n = 0;

	command_find_keys(command, inner, &keys);
	for (i = 0; i < inner->n; i++)
		n += command_keys_has(&keys, i);
	stub_reply_array(c->reply, n);
	for (i = 0; i < inner->n; i++) {
		if (!command_keys_has(&keys, i))
			continue;
		if (flags)
			stub_reply_array(c->reply, 2);
		stub_echo(c, &inner->v[i]);
		if (flags)
			stub_reply_set(c->reply, c->session->resp, 0);
	}
}

void
stub_do_command_getkeys(struct stub_call *c)
{
	const struct command *command;
	struct args *inner;

	if ((inner = malloc(sizeof(*inner))) == NULL) {
		stub_out_of_memory(c);
		return;
	}
	if ((command = find_inner(c, inner)) != NULL)
		add_keys(c, inner, command);
	free(inner);
}
