#include "config.h"

#include "sink/histogram.h"

/* So many buckets share a width; twice as many have the least one. */
#define STEP_BITS 5
#define STEP (1u << STEP_BITS)
#define VALUE_MAX ((UINT64_C(1) << HISTOGRAM_BITS) - 1)

static unsigned
bucket_of(uint64_t value)
{
	unsigned shift;

	if (value > VALUE_MAX)
		value = VALUE_MAX;
	/* How far the highest bit stands beyond the first 2 * STEP values. */
	shift = 63 - (unsigned)__builtin_clzll(value | STEP) - STEP_BITS;
	return (shift * STEP + (unsigned)(value >> shift));
}

static uint64_t
middle_of(unsigned bucket)
{
	unsigned shift;

	if (bucket < 2 * STEP)
		return (bucket);
	shift = bucket / STEP - 1;
	return (((uint64_t)(bucket - shift * STEP) << shift) +
	    ((UINT64_C(1) << shift) - 1) / 2);
}

void
histogram_add(struct histogram *h, uint64_t value)
{
	h->n++;
	h->counts[bucket_of(value)]++;
	if (value > h->max)
		h->max = value;
}

void
histogram_merge(struct histogram *h, const struct histogram *from)
{
	unsigned i;

	h->n += from->n;
	for (i = 0; i < HISTOGRAM_BUCKETS; i++)
		h->counts[i] += from->counts[i];
	if (from->max > h->max)
		h->max = from->max;
}

uint64_t
histogram_percentile(const struct histogram *h, unsigned percent)
{
	uint64_t rank = (h->n * percent + 99) / 100, seen = 0, value;
	unsigned i;

	if (h->n == 0)
		return (0);
	for (i = 0; i < HISTOGRAM_BUCKETS - 1; i++)
		if ((seen += h->counts[i]) >= rank)
			break;
	value = middle_of(i);
	return (value < h->max ? value : h->max);
}
