/*
 * Sixteen bytes of inline commands at a time: where lines end, and where their
 * words may not mean themselves.  Where the processor has SSE2 it asks for all
 * at once; the tests compare that with the plain way.  Bit i of an answer is
 * about byte i.
 */
#ifndef RESP_LINE_H
#define RESP_LINE_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define LINE_BLOCK 16

/* The end of a line, quotes, the byte that ends a line for Redis too, and a
 * slash, since a URL has some. */
static inline bool
line_is_mark(uint8_t c)
{
	return (c == '\n' || c == '"' || c == '\'' || c == '\0' || c == '/');
}

static inline unsigned
line_marks_plain(const uint8_t p[LINE_BLOCK])
{
	unsigned marks = 0, i;

	for (i = 0; i < LINE_BLOCK; i++)
		marks |= (unsigned)line_is_mark(p[i]) << i;
	return (marks);
}

/* Which of them are such. */
static inline unsigned
line_marks(const uint8_t p[LINE_BLOCK])
{
#ifdef __SSE2__
	__m128i v = _mm_loadu_si128((const __m128i *)p);
	__m128i ends = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n')),
	    _mm_cmpeq_epi8(v, _mm_setzero_si128()));
	__m128i quotes = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')),
	    _mm_cmpeq_epi8(v, _mm_set1_epi8('\'')));
	__m128i marks = _mm_or_si128(_mm_or_si128(ends, quotes),
	    _mm_cmpeq_epi8(v, _mm_set1_epi8('/')));

	return ((unsigned)_mm_movemask_epi8(marks));
#else
	return (line_marks_plain(p));
#endif
}

/* The same of four blocks: all that can be counted at once. */
#define LINE_GROUP (4 * LINE_BLOCK)

static inline uint64_t
line_group_marks(const uint8_t p[LINE_GROUP])
{
	return (line_marks(p) | (uint64_t)line_marks(p + 16) << 16 |
	    (uint64_t)line_marks(p + 32) << 32 |
	    (uint64_t)line_marks(p + 48) << 48);
}

static inline unsigned
line_blanks_plain(const uint8_t p[LINE_BLOCK])
{
	unsigned blanks = 0, i;

	for (i = 0; i < LINE_BLOCK; i++)
		blanks |= (unsigned)(p[i] <= ' ') << i;
	return (blanks);
}

/* Which are blanks, or other controls. */
static inline unsigned
line_blanks(const uint8_t p[LINE_BLOCK])
{
#ifdef __SSE2__
	__m128i v = _mm_loadu_si128((const __m128i *)p);
	__m128i lesser = _mm_min_epu8(v, _mm_set1_epi8(' '));

	return ((unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, lesser)));
#else
	return (line_blanks_plain(p));
#endif
}

#endif
