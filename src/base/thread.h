/*
 * Threads: all but the first, which signals are left to.
 */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

#include <pthread.h>

/*
 * Starts a thread that no signal goes to.  Returns -1 after logging that `what`
 * cannot be started.
 */
int thread_start(pthread_t *, const char *what, void *(*run)(void *),
    void *arg);

#endif
