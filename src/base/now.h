/*
 * What a clock shows, as one number.
 */
#ifndef BASE_NOW_H
#define BASE_NOW_H

#include <stdint.h>
#include <time.h>

/* In nanoseconds.  Linux has these clocks: it does not fail. */
static inline int64_t
now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (now.tv_sec * INT64_C(1000000000) + now.tv_nsec);
}

#endif
