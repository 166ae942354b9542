/*
 * How often each value was seen, in fixed memory.
 *
 * Buckets are log-linear: up to 63 each value has its own; from there on every
 * power of two is cut into 32 of equal width.  A bucket stands for its middle,
 * which is at most 1/64 (1.6 %) off each value in it.
 *
 *    0 1 2 ... 63 | 64 66 68 ... 126 | 128 132 ... 252 | 256 264 ...
 *     width 1     |     width 2      |     width 4     |  width 8
 */
#ifndef SINK_HISTOGRAM_H
#define SINK_HISTOGRAM_H

#include <stdint.h>

/* Values of 2^37 and more are not told apart: in microseconds, 38 hours. */
#define HISTOGRAM_BITS 37
#define HISTOGRAM_BUCKETS (32 * (HISTOGRAM_BITS - 4))

/* Zeros at first. */
struct histogram {
	uint64_t n;		/* values */
	uint64_t max;		/* of them, exactly */
	uint64_t counts[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *, uint64_t value);
void histogram_merge(struct histogram *, const struct histogram *from);

/* The least value that at least so many percent of the values do not exceed;
 * 0 when there are none. */
uint64_t histogram_percentile(const struct histogram *, unsigned percent);

#endif
