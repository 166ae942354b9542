/*
 * HELP of each container: its subcommands, out of the command table.
 */
#include "config.h"

#include "stub/stub.h"

#include <ctype.h>
#include <string.h>

#include "stub/stub_call.h"

/* Adds a line: the subcommand's name and as many arguments as it wants. */
static void
add_usage(struct bytes *out, const struct command *command)
{
	const char *name = strchr(command->name, '|') + 1;
	int n = command->arity < 0 ? -command->arity : command->arity;

	bytes_add_string(out, "+");
	for (; *name != '\0'; name++) {
		char upper = (char)toupper((unsigned char)*name);

		bytes_add(out, &upper, 1);
	}
	for (n -= 2; n > 0; n--)
		bytes_add_string(out, " <arg>");
	if (command->arity < 0)
		bytes_add_string(out, " [<arg> ...]");
	bytes_add_string(out, "\r\n");
}

void
stub_do_help(struct stub_call *c)
{
	const struct command *container = c->args->command, *sub;
	char name[16];
	size_t i, n = 0;

	for (i = 0; container->name[i] != '\0' && i < sizeof(name) - 1; i++)
		name[i] = (char)toupper((unsigned char)container->name[i]);
	name[i] = '\0';
	for (sub = container; (sub = stub_next_sub(c, container, sub)) != NULL;)
		n++;
	stub_reply_array(c->reply, n + 1);
	bytes_addf(c->reply, "+%s <subcommand> [<arg> [value] [opt] ...]. "
	    "Subcommands are:\r\n", name);
	for (sub = container; (sub = stub_next_sub(c, container, sub)) != NULL;)
		add_usage(c->reply, sub);
}
