/*
 * The time column: --time.
 */
#ifndef TRACE_CLOCK_H
#define TRACE_CLOCK_H

#include <time.h>

#include "base/bytes.h"

enum time_style {
	TIME_CLOCK,		/* 12:00:01.000123, local time */
	TIME_ISO,		/* 2026-11-23T11:00:01.000123Z */
	TIME_EPOCH,		/* 1795431601.000123 */
	TIME_DELTA,		/* +0.000123 since the record before */
	TIME_NONE
};

/* What a column remembers from one record to the next; zeros at first. */
struct clock {
	struct timespec last;
	time_t second;		/* the one that `text` spells out, */
	long nsec;		/* with the microseconds of that */
	char text[32];
	size_t len;		/* without these */
};

/* The longest that clock_put() writes. */
#define CLOCK_MAX 40

/* Writes the time in that style and a space, nothing for TIME_NONE, and returns
 * where that ends.  What is behind it, up to CLOCK_MAX, may be anything. */
uint8_t *clock_put(struct clock *, enum time_style, struct timespec when,
    uint8_t *to);

/* Adds the same. */
void clock_add(struct clock *, enum time_style, struct timespec when,
    struct bytes *out);

/* Adds what it does for TIME_ISO, without the space; all calls for one clock
 * are of one style. */
void clock_add_iso(struct clock *, struct timespec when, struct bytes *out);

#endif
