#include "config.h"

#include "base/thread.h"

#include <signal.h>
#include <string.h>

#include "base/log.h"

int
thread_start(pthread_t *thread, const char *what, void *(*run)(void *),
    void *arg)
{
	sigset_t all, before;
	int error;

	/* A thread has from its beginning what its maker blocks. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(thread, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error != 0)
		log_error("cannot start %s: %s", what, strerror(error));
	return (error == 0 ? 0 : -1);
}
