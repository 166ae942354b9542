/*
 * What a value looks like: its type, and the first bytes of its first strings.
 * For pair.c's parts only.
 */
#ifndef REDIS_PAIR_FRAME_H
#define REDIS_PAIR_FRAME_H

#include "redis/pair_queue.h"
#include "resp/reply.h"

/* How many elements of a reply are noted. */
#define PAIR_STRINGS 3

/* A scalar: its first bytes. */
struct pair_string {
	uint64_t size;
	uint8_t type;
	uint8_t len;
	uint8_t data[PAIR_HASHED_MAX];
};

struct pair_frame {
	uint64_t offset;	/* in the stream */
	int64_t count;		/* of elements; -1: a stream of them */
	uint8_t byte;		/* its first; the type may be another */
	uint8_t type;		/* enum reply_type; 0: not known yet */
	uint8_t nstrings;	/* elements seen, up to PAIR_STRINGS */
	bool lines;		/* all of them are statuses */
	struct pair_string s[PAIR_STRINGS];	/* itself, or its elements */
	struct pair_string last;	/* its last line, in a debugger */
};

bool pair_frame_is_line(const struct pair_string *, const char *text);
bool pair_frame_is_text(const struct pair_string *, uint8_t type,
    const char *text);

/* Whether it is argument i of the command; what was not kept of one fits
 * all. */
bool pair_frame_is_argument(const struct pair_string *,
    const struct pair_entry *, uint32_t i);

/* A line of MONITOR: "1795404146.828533 [0 127.0.0.1:35974] ...". */
bool pair_frame_is_monitored(const struct pair_string *);
uint32_t pair_frame_number(const struct pair_string *);

bool pair_frame_is_status(const struct pair_frame *, const char *text);
bool pair_frame_is_error(const struct pair_frame *);
bool pair_frame_begins_with(const struct pair_frame *, const char *error);

/* The command that the value confirms, of an argument; PAIR_OTHER: none. */
enum pair_name pair_frame_confirms(const struct pair_frame *);

/* A message of a subscription, in RESP2. */
bool pair_frame_is_message(const struct pair_frame *);

/* The only protocol that has such a value; 0: both have it. */
uint8_t pair_frame_protocol(const struct pair_frame *);

#endif
