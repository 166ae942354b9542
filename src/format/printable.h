/*
 * Which characters of UTF-8 may be written as they are: those that show
 * themselves, and nothing that a terminal or an editor obeys or hides.
 */
#ifndef FORMAT_PRINTABLE_H
#define FORMAT_PRINTABLE_H

#include <stddef.h>
#include <stdint.h>

/*
 * The length of the character that begins with the byte above 127 at p, and
 * its number in *c; 0 if it is not UTF-8: the shortest forms only, no
 * surrogates, nothing past U+10FFFF.
 */
size_t printable_read(const uint8_t *p, size_t len, uint32_t *c);

/*
 * How many bytes at p are characters above ASCII that may stay, one after the
 * other.  *near remembers where the last one was found, because the next one
 * is mostly of the same script: 0 at first.
 */
size_t printable_run(const uint8_t *p, size_t len, unsigned *near);

#endif
