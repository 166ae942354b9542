/*
 * A record: one thing that happened, to whom, and when.
 *
 * Records are built on the stack where the thing happens, point into whatever
 * buffer holds the bytes, and are dead when trace_record() returns.
 */
#ifndef TRACE_RECORD_H
#define TRACE_RECORD_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/spans.h"
#include "redis/redact.h"
#include "resp/args.h"
#include "resp/reply_keep.h"

struct command;

enum record_event {
	RECORD_OPEN,
	RECORD_RECV,
	RECORD_SEND,
	RECORD_EDIT,
	RECORD_CMD,
	RECORD_REPLY,
	RECORD_PUSH,
	RECORD_ERROR,
	RECORD_CLOSE,
	RECORD_EVENTS		/* how many there are */
};

/* An event as a member of a set of events. */
#define RECORD_BIT(event) (1u << (event))
#define RECORD_ALL (RECORD_BIT(RECORD_EVENTS) - 1)

/* Bytes as they stand in the stream. */
struct record_bytes {
	const uint8_t *data;
	size_t len;
	uint64_t offset;	/* of data[0] in this direction's stream */
	const struct span *secrets;	/* in order, disjoint */
	size_t nsecrets;
	/* A reply that was not kept whole (resp/reply_keep.h): */
	const struct reply_gap *gaps;
	size_t ngaps;
	uint64_t left_out;	/* bytes in gaps, and behind data */
};

struct record {
	enum record_event event;
	uint64_t conn;		/* from 1; 0 is resptap itself */
	struct timespec when;	/* wall clock; trace_record() fills it in;
				 * zeros if only timeless sinks see it */
	const char *client;	/* the name that it gave itself; NULL: none */
	const char *upstream;	/* the server's address; NULL: there is none */
	unsigned chosen;	/* by which filters, as bits (trace.h) */
	union {
		struct {
			const char *peer;
			const char *local;
		} open;
		struct record_bytes bytes;	/* recv, send; a push, whole */
		struct {
			const char *side;	/* "request" or "reply" */
			struct record_bytes came;
			struct record_bytes went;	/* in its place */
		} edit;
		struct {
			uint64_t no;	/* counts the connection's commands */
			struct args *args;
			enum redact_level marked;	/* secrets, so far */
			const char *peer;	/* for monitor lines only */
			uint32_t db;		/* that SELECT chose */
			uint64_t offset;
			uint64_t bytes;
		} cmd;
		struct {
			uint64_t no;	/* of the command it answers */
			const struct arg *name;	/* of it; NULL: it is not known
						 * which that is */
			uint64_t latency_us;
			struct record_bytes value;	/* the whole reply */
			const struct command *command;	/* its row, or its
						 * subcommand's; NULL:
						 * unknown */
			const struct arg *key;	/* its first; NULL: none */
			uint64_t request_bytes;	/* that it took */
			bool last;	/* no other value answers it */
		} reply;
		struct {
			uint64_t offset;	/* of the byte at fault */
			int byte;	/* that byte; -1: there is none */
			const char *rule;	/* one word, for programs */
			const char *text;	/* may hold any byte */
		} error;
		struct {
			const char *reason;
			const char *side;	/* of a relay, that ended
						 * first; NULL: neither */
			uint64_t received;	/* bytes */
			uint64_t commands;
			uint64_t sent;		/* bytes */
		} close;
	} u;
};

#endif
