#include "config.h"

#include "format/quote_wide.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define WITH_AVX2 __attribute__((target("avx2,popcnt")))

/*
 * How eight bytes make room for backslashes: for each set of them that need one
 * (bit i is byte i) the order in which all are written, where 8 is a backslash.
 * Set 00000101 is 8 0 1 8 2 3 4 5 6 7.
 */
#define PUT0(byte) byte,
#define PUT1(byte) 8, byte,
#define ORDER(h, g, f, e, d, c, b, a)                                          \
	{                                                                      \
		PUT##a(0) PUT##b(1) PUT##c(2) PUT##d(3)                        \
		PUT##e(4) PUT##f(5) PUT##g(6) PUT##h(7)                        \
	}
#define ORDER2(h, g, f, e, d, c, b)                                            \
	ORDER(h, g, f, e, d, c, b, 0), ORDER(h, g, f, e, d, c, b, 1)
#define ORDER4(h, g, f, e, d, c)                                               \
	ORDER2(h, g, f, e, d, c, 0), ORDER2(h, g, f, e, d, c, 1)
#define ORDER8(h, g, f, e, d)                                                  \
	ORDER4(h, g, f, e, d, 0), ORDER4(h, g, f, e, d, 1)
#define ORDER16(h, g, f, e) ORDER8(h, g, f, e, 0), ORDER8(h, g, f, e, 1)
#define ORDER32(h, g, f) ORDER16(h, g, f, 0), ORDER16(h, g, f, 1)
#define ORDER64(h, g) ORDER32(h, g, 0), ORDER32(h, g, 1)

static const uint8_t orders[256][16] = {
	ORDER64(0, 0), ORDER64(0, 1), ORDER64(1, 0), ORDER64(1, 1)
};

bool
quote_wide_can(void)
{
	return (__builtin_cpu_supports("avx2") &&
	    __builtin_cpu_supports("popcnt"));
}

/* Where c stands. */
WITH_AVX2 static inline __m256i
find(__m256i v, char c)
{
	return (_mm256_cmpeq_epi8(v, _mm256_set1_epi8(c)));
}

/* The letters of \a \b \t \n \r, and 0 for all other bytes. */
WITH_AVX2 static inline __m256i
letters_of(__m256i v)
{
	const __m256i letters = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 0,
	    0, 0, 0, 0, 0, 'a', 'b', 't', 'n', 0, 0, 'r', 0, 0));

	/* Only its low half counts as an index, and only below 128, where this
	 * leaves none but 0 to 15. */
	return (_mm256_shuffle_epi8(letters,
	    _mm256_adds_epu8(v, _mm256_set1_epi8(128 - 16))));
}

/* Writes the first eight bytes of v, backslashes in front of those of the set;
 * the others of v are backslashes. */
WITH_AVX2 static inline uint8_t *
put_eight(uint8_t *o, __m128i v, unsigned set)
{
	const __m128i *order = (const __m128i *)orders[set];

	_mm_storeu_si128((__m128i *)o,
	    _mm_shuffle_epi8(v, _mm_loadu_si128(order)));
	return (o + 8 + __builtin_popcount(set));
}

/* A shuffle moves bytes within sixteen: it gets eight, and backslashes. */
WITH_AVX2 static inline uint8_t *
put_all(uint8_t *o, __m256i v, unsigned set)
{
	const __m256i backslashes = _mm256_set1_epi8('\\');
	__m256i even = _mm256_unpacklo_epi64(v, backslashes);
	__m256i odd = _mm256_unpackhi_epi64(v, backslashes);

	o = put_eight(o, _mm256_castsi256_si128(even), set & 0xff);
	o = put_eight(o, _mm256_castsi256_si128(odd), set >> 8 & 0xff);
	o = put_eight(o, _mm256_extracti128_si256(even, 1), set >> 16 & 0xff);
	return (put_eight(o, _mm256_extracti128_si256(odd, 1), set >> 24));
}

WITH_AVX2 uint8_t *
quote_wide(uint8_t *o, const uint8_t **p, const uint8_t *end)
{
	const uint8_t *q = *p;

	for (; end - q >= QUOTE_WIDE; q += QUOTE_WIDE) {
		__m256i v = _mm256_loadu_si256((const __m256i *)q);
		/* As signed numbers those above 127 are below a space too. */
		__m256i low = _mm256_cmpgt_epi8(_mm256_set1_epi8(' '), v);
		__m256i same = _mm256_or_si256(find(v, '"'), find(v, '\\'));
		__m256i all = _mm256_or_si256(same,
		    _mm256_or_si256(low, find(v, 0x7f)));
		__m256i letters;
		unsigned set = (unsigned)_mm256_movemask_epi8(all);

		if (set == 0) {
			_mm256_storeu_si256((__m256i *)o, v);
			o += QUOTE_WIDE;
			continue;
		}
		letters = letters_of(v);
		/* Is each of all `same`, or is there a letter for it? */
		if (!_mm256_testc_si256(_mm256_or_si256(same,
		    _mm256_cmpgt_epi8(letters, _mm256_setzero_si256())), all))
			break;
		o = put_all(o, _mm256_or_si256(_mm256_andnot_si256(low, v),
		    letters), set);
	}
	*p = q;
	return (o);
}

#else

bool
quote_wide_can(void)
{
	return (false);
}

uint8_t *
quote_wide(uint8_t *o, const uint8_t **p, const uint8_t *end)
{
	(void)p;
	(void)end;
	return (o);
}

#endif
