/*
 * Sixteen bytes at a time: which of them may not stay as they are in a string.
 *
 * The question has a plain answer, byte by byte, and where the processor has
 * SSE2 one that asks for all at once; the tests compare them.  Bit i of the
 * answer is about byte i.
 */
#ifndef FORMAT_BLOCK_H
#define FORMAT_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define BLOCK_SIZE 16

/* What is not printable ASCII, and \ and ". */
static inline bool
block_is_quoted(uint8_t c)
{
	return (c < ' ' || c > '~' || c == '"' || c == '\\');
}

static inline unsigned
block_ask(const uint8_t p[BLOCK_SIZE], bool (*is)(uint8_t))
{
	unsigned mask = 0, i;

	for (i = 0; i < BLOCK_SIZE; i++)
		mask |= (unsigned)is(p[i]) << i;
	return (mask);
}

#ifdef __SSE2__
static inline unsigned
block_quoted(const uint8_t p[BLOCK_SIZE])
{
	__m128i v = _mm_loadu_si128((const __m128i *)p);
	/* As signed numbers the bytes above 127 are below a space too. */
	__m128i odd = _mm_cmplt_epi8(v, _mm_set1_epi8(' '));

	odd = _mm_or_si128(odd, _mm_cmpeq_epi8(v, _mm_set1_epi8(0x7f)));
	odd = _mm_or_si128(odd, _mm_cmpeq_epi8(v, _mm_set1_epi8('"')));
	odd = _mm_or_si128(odd, _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
	return ((unsigned)_mm_movemask_epi8(odd));
}
#else
static inline unsigned
block_quoted(const uint8_t p[BLOCK_SIZE])
{
	return (block_ask(p, block_is_quoted));
}
#endif

/* Whether more than four bits are set: then looking for each costs more than
 * it saves. */
static inline bool
block_is_dense(unsigned mask)
{
	mask &= mask - 1;
	mask &= mask - 1;
	mask &= mask - 1;
	mask &= mask - 1;
	return (mask != 0);
}

#endif
