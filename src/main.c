#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/options.h"
#include "server/server.h"

#define EXIT_USAGE 2

/*
 * The descriptors 0 to 2 must be what their names say: a socket that got one
 * of them would receive the trace, or our messages.
 */
static int
check_standard_descriptors(void)
{
	int fd;

	if (fcntl(STDOUT_FILENO, F_GETFD) < 0) {
		log_error("standard output: %s; redirect it, or use "
		    "--output=FILE", strerror(errno));
		return (-1);
	}
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
	return (0);
}

/* What is printed for --help and --version has been asked for: it goes to
 * stdout, and must get there. */
static int
print(const char *text)
{
	if (fputs(text, stdout) < 0 || fflush(stdout) != 0) {
		log_error("standard output: %s", strerror(errno));
		return (EXIT_FAILURE);
	}
	return (EXIT_SUCCESS);
}

static int
serve(const struct options *options)
{
	struct server *server;
	int status;

	log_set_verbosity(options->verbose);
	if ((server = server_new(options, &status)) == NULL)
		return (status);
	status = server_run(server);
	server_free(server);
	return (status);
}

int
main(int argc, char **argv)
{
	const char *no_color = getenv("NO_COLOR");
	struct bytes message = { 0 };
	struct options options;
	int status;

	if (check_standard_descriptors() != 0)
		return (EXIT_FAILURE);
	switch (options_parse(&options, argc, argv, isatty(STDOUT_FILENO),
	    no_color != NULL && *no_color != '\0', &message)) {
	case OPTIONS_RUN:
		status = serve(&options);
		break;
	case OPTIONS_HELP:
		status = print(options_help());
		break;
	case OPTIONS_VERSION:
		status = print(PACKAGE_STRING "\n");
		break;
	case OPTIONS_USAGE:
	default:
		log_error("%s", message.failed ? "out of memory" :
		    (const char *)message.data);
		status = EXIT_USAGE;
		break;
	}
	bytes_free(&message);
	log_end();
	return (status);
}
