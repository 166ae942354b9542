/*
 * The command line.  Pure: reads argv and answers; prints nothing, never exits.
 */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include <stdbool.h>

#include "base/bytes.h"
#include "server/settings.h"

enum options_result {
	OPTIONS_RUN,
	OPTIONS_HELP,		/* --help was asked for */
	OPTIONS_VERSION,
	OPTIONS_USAGE		/* a usage error; its line is in message */
};

/*
 * Fills o from the arguments.  On OPTIONS_USAGE message holds one line that
 * names the argument and the cure, without program name or newline; message
 * is NUL-terminated.  Strings in o point into argv.  tty: whether
 * stdout is a terminal, no_color: whether NO_COLOR is set and not empty; both
 * decide --color=auto.
 */
enum options_result options_parse(struct options *o, int argc, char **argv,
    bool tty, bool no_color, struct bytes *message);

/* What --help prints. */
const char *options_help(void);

#endif
