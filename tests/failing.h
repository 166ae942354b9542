/*
 * Memory that runs out when a test says so.
 *
 * A program that is linked with $(failing_ldflags) of Makefile.am (--wrap)
 * takes its memory from here: what the program itself and libresptap.a ask for,
 * not what libraries do.  Any thread may ask.
 */
#ifndef FAILING_H
#define FAILING_H

#include <stdbool.h>
#include <stddef.h>

/* From here on the nth request fails, and no other; 0: none does. */
void failing_arm(unsigned long n);

/* How many requests there have been since then; whether one has failed. */
unsigned long failing_requests(void);
bool failing_has_failed(void);

/* Requests are not counted, and do not fail, while it is paused. */
void failing_pause(bool);

/* How many blocks are there that have not been given back. */
long failing_blocks(void);

/* For libraries that let one choose where they take memory from. */
void *failing_malloc(size_t);
void *failing_realloc(void *, size_t);
void failing_free(void *);

#endif
