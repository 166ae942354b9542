/*
 * Where the values of a reply end.  A reply is mostly one value; SUBSCRIBE's is
 * one for each channel, and a scripted one may have pushes in front.  EXEC's is
 * one, though what it brings about may not be the elements that its header
 * announces (a push, or nothing, as Redis 7.0 has it): its bytes alone do not
 * tell where it ends.
 */
#ifndef STUB_STUB_VALUE_H
#define STUB_STUB_VALUE_H

#include <stdbool.h>

#include "base/bytes.h"

struct stub_value {
	size_t end;		/* behind its last byte; from the reply's first
				 * byte on */
	bool push;		/* it answers nothing */
};

/* Adds one to those of the reply; values NULL: nobody asks for them. */
static inline void
stub_value_add(struct bytes *values, size_t end, bool push)
{
	const struct stub_value v = { .end = end, .push = push };

	if (values != NULL)
		bytes_add(values, &v, sizeof(v));
}

#endif
