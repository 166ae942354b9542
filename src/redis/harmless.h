/*
 * Passing over commands that surely have no secrets: all that is known of them
 * is where they end.  Most commands are such, and what they cost here each byte
 * costs that is received.
 */
#ifndef REDIS_HARMLESS_H
#define REDIS_HARMLESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether it may be the name of a command with secrets: says yes to all of
 * these, and seldom to others. */
static inline bool
harmless_is_suspect(const uint8_t *name, size_t len)
{
#define LETTER(c) (1u << ((c) & 31))
	static const uint32_t begins[] = {
		[3] = LETTER('a'),	/* acl */
		[4] = LETTER('a'),	/* auth */
		[5] = LETTER('h'),	/* hello */
		[6] = LETTER('c') | LETTER('m'),	/* config module */
		[7] = LETTER('c') | LETTER('m'),	/* cluster command
							 * migrate */
		[8] = LETTER('s'),	/* sentinel */
		[9] = LETTER('f'),	/* ft.config */
		[10] = LETTER('_'),	/* _ft.config */
		[17] = LETTER('s'),	/* search.clusterset */
		[21] = LETTER('t')	/* timeseries.clusterset */
	};
#undef LETTER

	return (len > 0 && len < sizeof(begins) / sizeof(begins[0]) &&
	    (begins[len] >> (*name & 31) & 1));
}

/* How long the scheme is, "redis://" or another that servers have, with which
 * the text begins; 0: with none. */
size_t harmless_scheme(const uint8_t *text, size_t len);

/* Whether a whole argument has something behind such a scheme. */
static inline bool
harmless_is_url(const uint8_t *data, size_t len)
{
	/* "redis" or "valke": two letters tell most others apart. */
	return (len > sizeof("redis://") - 1 &&
	    ((data[0] & 31) == ('r' & 31) ? (data[4] & 31) == ('s' & 31) :
	    (data[0] & 31) == ('v' & 31) && (data[4] & 31) == ('e' & 31)) &&
	    harmless_scheme(data, len) > 0);
}

/*
 * p is where a command begins.  Returns the end of the last one that lies whole
 * before end, as have all from p on, and has no secrets; p, if the first is
 * none such.
 */
const uint8_t *harmless_pass(const uint8_t *p, const uint8_t *end);

#endif
