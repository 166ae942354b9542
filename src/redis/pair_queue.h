/*
 * What is remembered of the commands that wait for their replies, in the order
 * in which they came, in one block of memory that exists only as long.
 *
 *          from            head                    tail
 *   data:  | MULTI GET EXEC | PING SUBSCRIBE GET    |
 *
 * Those before the head are answered.  They stay while EXEC may have to be
 * answered command by command, and until the answers that point into them are
 * dealt with.
 */
#ifndef REDIS_PAIR_QUEUE_H
#define REDIS_PAIR_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "redis/command.h"

/* What one connection's queue takes at most, in bytes; at most three quarters
 * of it are commands, so that moving them is cheap. */
#define PAIR_QUEUE_MAX (4 * 1024 * 1024)

/* The bytes that count when arguments are compared, besides their length. */
#define PAIR_HASHED_MAX 64

/* What a command is to who pairs; one whose arguments the server is bound to
 * refuse is PAIR_OTHER. */
enum pair_name {
	/* One request, one reply: */
	PAIR_OTHER,
	PAIR_CODE,		/* runs a user's code: answers anything */
	PAIR_EVAL,		/* the same, and may be debugged */
	/* And what is special: */
	PAIR_COUNTED,		/* many, which are not remembered */
	PAIR_EMPTY,		/* a blank line: no reply */
	PAIR_DISCARD,
	PAIR_ECHO,
	PAIR_EXEC,
	PAIR_HELLO,
	PAIR_MONITOR,
	PAIR_MULTI,
	PAIR_PING,
	PAIR_QUIT,
	PAIR_REPLCONF_ACK,	/* and GETACK: no reply */
	PAIR_REPLY_OFF,		/* CLIENT REPLY */
	PAIR_REPLY_ON,
	PAIR_REPLY_SKIP,
	PAIR_RESET,
	PAIR_SCRIPT_DEBUG,
	PAIR_SELECT,
	PAIR_SETNAME,		/* CLIENT SETNAME */
	PAIR_SYNC,		/* and PSYNC */
	PAIR_WATCH,
	/* A reply for each argument: */
	PAIR_SUBSCRIBE,
	PAIR_PSUBSCRIBE,
	PAIR_SSUBSCRIBE,
	PAIR_UNSUBSCRIBE,
	PAIR_PUNSUBSCRIBE,
	PAIR_SUNSUBSCRIBE
};

/*
 * A command, in as few bytes as most need: 40 with a name of four letters and
 * no key.  Behind it stand struct pair_more if it has one, its name, key and
 * text, and at the end its hashes.
 */
struct pair_entry {
	uint64_t no;
	int64_t since;
	uint64_t bytes;
	uint32_t total;		/* arguments, with the name */
	uint16_t words;		/* of all this, of eight bytes */
	uint16_t row : 12;	/* command_index(); COMMAND_ROWS: not known */
	uint16_t chosen : 4;	/* as the question's */
	uint8_t name : 5;	/* enum pair_name */
	bool has_key : 1;
	bool has_more : 1;
	bool queued : 1;	/* EXEC will run it */
	uint8_t name_len;
	uint8_t key_len;
	uint8_t secrets : 6;	/* enum redact_shape: what its reply may be */
	uint8_t rest[];
};

/* What few commands have. */
struct pair_more {
	uint32_t name_size;	/* that the client sent */
	uint32_t key_size;
	uint32_t number;	/* of SELECT, HELLO; ECHO's size; whether
				 * SCRIPT DEBUG is not NO */
	uint16_t nhashes;	/* of those behind the name */
	uint16_t text_len;	/* the name that it gives the client */
	bool key_secret;
	bool has_text;
};

/*
 * PAIR_COUNTED: commands between two others.  Only their number is kept: each
 * has one reply.
 */
struct pair_counted {
	uint64_t n;		/* to be answered */
	bool told;
	bool in_multi;		/* a transaction is open behind them */
	char text[56];		/* what is told */
};

/* All zeros is a valid empty queue. */
struct pair_queue {
	uint8_t *data;
	size_t from;
	size_t head;
	size_t tail;
	size_t cap;
	size_t counted;		/* where the last PAIR_COUNTED ends */
};

struct pair_question;

/*
 * Makes an entry of the command; it is the last one.  Returns NULL when there
 * is no room or no memory.  Other entries may move.
 */
struct pair_entry *pair_queue_add(struct pair_queue *, const struct args *,
    const struct pair_question *, bool keys);

/*
 * Past this much, ordinary commands are only to be counted, until no more than
 * PAIR_QUEUE_AGAIN wait; what is left of the room is for those that change what
 * replies are.
 */
#define PAIR_QUEUE_FULL (PAIR_QUEUE_MAX / 16 * 11)
#define PAIR_QUEUE_AGAIN (PAIR_QUEUE_MAX / 4)

/* Whether the last entry, which has just been added, is one too many. */
bool pair_queue_is_full(const struct pair_queue *, const struct pair_entry *);

/* Takes the last entry back. */
void pair_queue_take_back(struct pair_queue *, const struct pair_entry *);

/* What counts at the end of the queue, made if need be; NULL: no room. */
struct pair_counted *pair_queue_count(struct pair_queue *);

/* What a PAIR_COUNTED entry is. */
struct pair_counted *pair_queue_counted(struct pair_entry *);

/* The entry at a place from `from` up to tail; NULL at tail. */
static inline struct pair_entry *
pair_queue_at(const struct pair_queue *q, size_t at)
{
	return (at < q->tail ? (struct pair_entry *)(void *)(q->data + at) :
	    NULL);
}

static inline size_t
pair_queue_size(const struct pair_entry *e)
{
	return (e->words * sizeof(uint64_t));
}

/* Whether it is one request with one reply, and changes nothing else. */
static inline bool
pair_queue_is_plain(const struct pair_entry *e)
{
	return (e->name <= PAIR_EVAL);
}

/* Its row; NULL: it is not known. */
static inline const struct command *
pair_queue_command(const struct pair_entry *e)
{
	return (command_at(e->row));
}

/* What an entry says of its command. */
const struct pair_more *pair_queue_more(const struct pair_entry *);
void pair_queue_question(const struct pair_entry *, struct pair_question *);
const uint64_t *pair_queue_hashes(const struct pair_entry *);
const uint8_t *pair_queue_text(const struct pair_entry *);

/* The hash of a string of size bytes; its first len bytes are at data.  When
 * they are too few it is 0, which fits any other. */
uint64_t pair_queue_hash(const uint8_t *data, size_t len, uint64_t size);

/* Gives memory back when nothing is in it. */
void pair_queue_trim(struct pair_queue *);
void pair_queue_free(struct pair_queue *);

#endif
