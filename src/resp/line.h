/*
 * Where the plain part of an inline command's line ends: at the line feed, if
 * its words mean themselves.  Sixteen bytes at a time where the processor has
 * SSE2; the tests compare that with the plain way.
 */
#ifndef RESP_LINE_H
#define RESP_LINE_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* The end of a line, quotes, and the byte that ends a line for Redis too. */
static inline bool
line_is_stop(uint8_t c)
{
	return (c == '\n' || c == '"' || c == '\'' || c == '\0');
}

/* The first such byte, or end. */
static inline const uint8_t *
line_stop_plain(const uint8_t *p, const uint8_t *end)
{
	while (p < end && !line_is_stop(*p))
		p++;
	return (p);
}

static inline const uint8_t *
line_stop(const uint8_t *p, const uint8_t *end)
{
#ifdef __SSE2__
	__m128i v, ends, quotes;
	unsigned mask;

	for (; end - p >= 16; p += 16) {
		v = _mm_loadu_si128((const __m128i *)p);
		ends = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n')),
		    _mm_cmpeq_epi8(v, _mm_setzero_si128()));
		quotes = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
		    _mm_cmpeq_epi8(v, _mm_set1_epi8('\'')));
		mask = (unsigned)_mm_movemask_epi8(_mm_or_si128(ends, quotes));
		if (mask != 0)
			return (p + __builtin_ctz(mask));
	}
#endif
	return (line_stop_plain(p, end));
}

#endif
