/*
 * What is remembered of the commands that wait for their replies, in the order
 * in which they came, in one block of memory that exists only as long.
 */
#ifndef RESP_PAIR_QUEUE_H
#define RESP_PAIR_QUEUE_H

#include <stddef.h>
#include <stdint.h>

/* What one connection's queue takes at most, in bytes. */
#define PAIR_QUEUE_MAX (4 * 1024 * 1024)

/* All zeros is a valid empty queue. */
struct pair_queue {
	uint8_t *data;
	size_t head;		/* of the first command in it */
	size_t tail;		/* behind the last */
	size_t cap;
};

#endif
