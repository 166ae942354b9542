/*
 * The server: event loops, each in a thread of its own, their listeners,
 * signals, and the orderly stop.
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include "server/settings.h"

struct server;

/*
 * Opens the trace's output and the listeners, writes the port file.  Returns
 * NULL after logging one line that says why, with *status the exit status: 1,
 * or 2 when the options ask for what is not allowed.  The options must outlive
 * the server.
 */
struct server *server_new(const struct options *, int *status);

/*
 * Serves until a signal, --count or a failure of the output ends it, orderly.
 * Returns the exit status: 0, or 1 when part of the trace is not written.
 */
int server_run(struct server *);

void server_free(struct server *);

#endif
