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
 * these, and seldom to others.  No two of them are of one length. */
static inline bool
harmless_is_suspect(const uint8_t *name, size_t len)
{
	static const char begins[] = {
		[3] = 'a',	/* acl */
		[4] = 'a',	/* auth */
		[5] = 'h',	/* hello */
		[6] = 'c',	/* config */
		[7] = 'm',	/* migrate */
		[8] = 's'	/* sentinel */
	};

	return (len > 0 && len < sizeof(begins) &&
	    (*name | ('a' - 'A')) == begins[len]);
}

/*
 * p is where a command begins.  Returns the end of the last one that lies whole
 * before end, as have all from p on, and has no secrets; p, if the first is
 * none such.
 */
const uint8_t *harmless_pass(const uint8_t *p, const uint8_t *end);

#endif
