/*
 * How a record is written.  A format is one function; format_find() knows them
 * all, and a new one is a file format_NAME.c and a line there.
 */
#ifndef FORMAT_FORMAT_H
#define FORMAT_FORMAT_H

#include <stdbool.h>

#include "base/bytes.h"
#include "trace/clock.h"
#include "trace/record.h"

/* What the user chose about the looks of the trace. */
struct format_options {
	enum time_style time;
	size_t snaplen;		/* of a recv or send, in bytes; 0: no limit */
	size_t clip;		/* of a string in cmd and reply, in bytes */
	bool color;		/* text and hex: mark events with colours */
	bool utf8;		/* leave printable UTF-8 unescaped */
};

/* "TIME #CONN ": records of one turn have the same, if they are of one
 * connection. */
struct format_head {
	struct timespec when;
	uint64_t conn;
	size_t len;		/* of text; 0: there is none yet */
	char text[64];
};

/* What a format remembers from one record to the next. */
struct format_state {
	struct format_options options;
	struct clock clock;
	struct format_head head;	/* of the line before */
};

struct format {
	const char *name;
	unsigned shows;		/* the events that --show leaves to it */
	unsigned can;		/* the events that it can write */
	bool bare;		/* bytes of one direction, never redacted */
	bool needs_peer;	/* of a cmd record */
	/* Adds the record to out: whole lines, or for raw bare bytes. */
	void (*write)(struct format_state *, const struct record *,
	    struct bytes *out);
};

void format_text(struct format_state *, const struct record *, struct bytes *);
void format_hex(struct format_state *, const struct record *, struct bytes *);
void format_raw(struct format_state *, const struct record *, struct bytes *);
void format_json(struct format_state *, const struct record *, struct bytes *);
void format_monitor(struct format_state *, const struct record *,
    struct bytes *);

/* Adds "TIME #CONN EVENT ", what a line of text or hex begins with. */
void format_head(struct format_state *, const struct record *, struct bytes *);

/* How many of the record's bytes --snaplen lets through. */
size_t format_snap(const struct format_options *, const struct record_bytes *);

/* The format of that name, or NULL. */
const struct format *format_find(const char *name);

/* For a message. */
#define FORMAT_NAMES "text, hex, raw, json or monitor"

#endif
