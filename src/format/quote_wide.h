/*
 * Quoting thirty-two bytes at a time, for what most bytes are: plain, or one
 * that becomes a backslash and a letter.
 *
 * It needs AVX2, which is asked for when the program runs.  quote.c, which says
 * what quoting is, does all else and knows how to do without; the tests compare
 * both with bytes quoted one by one.
 */
#ifndef FORMAT_QUOTE_WIDE_H
#define FORMAT_QUOTE_WIDE_H

#include <stdbool.h>
#include <stdint.h>

#define QUOTE_WIDE 32

/* Whether this processor can. */
bool quote_wide_can(void);

/*
 * Quotes bytes from *p on and moves *p behind them; stops in front of the first
 * QUOTE_WIDE bytes that contain one that becomes \xHH, or when fewer are left.
 * Returns the end of what it wrote to o.  It may write behind that, as far as
 * four times the bytes from *p to end reach.
 */
uint8_t *quote_wide(uint8_t *o, const uint8_t **p, const uint8_t *end);

#endif
