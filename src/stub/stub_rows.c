#include "config.h"

#include "stub/stub_rows.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#include "stub/stub_call.h"

static const struct stub_row rows[] = {
#define ROW(name, handler, first) { name, stub_do_##handler, first },
	STUB_ROWS(ROW)
#undef ROW
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* The row of each command, or NULL. */
static const struct stub_row *by_command[COMMAND_ROWS];

/* Both tables are sorted by name; a row of no command stops at the assert. */
static void
find_rows(void)
{
	const struct command *command;
	size_t i, n = 0;

	for (i = 0; (command = command_at(i)) != NULL && n < ROWS; i++)
		if (strcmp(command->name, rows[n].name) == 0)
			by_command[i] = &rows[n++];
	assert(n == ROWS);
}

const struct stub_row *
stub_row(const struct command *command)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, find_rows);
	return (by_command[command_index(command)]);
}
