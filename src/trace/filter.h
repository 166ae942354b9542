/*
 * Which records are shown: --show, and --command, --key and --client.
 *
 * The last three take lists of globs (resp/glob.h) with commas between; a
 * comma in a glob is "\,".  A glob with "!" in front excludes; "\!" begins one
 * with that character.  A list chooses what at least one of its globs matches,
 * or everything when all of them exclude, without what one excludes.  An
 * argument that is kept in part matches only what glob_match_arg() says.
 */
#ifndef TRACE_FILTER_H
#define TRACE_FILTER_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/cidr.h"
#include "trace/record.h"

/* In one list, however often its option was given. */
#define FILTER_GLOBS_MAX 64

struct filter_glob {
	const char *text;	/* without the "!"; points into the list */
	size_t len;
	bool excludes;
	bool is_cidr;		/* and no glob */
	struct cidr cidr;
};

struct filter_list {
	struct filter_glob v[FILTER_GLOBS_MAX];
	size_t n;		/* 0: the list chooses everything */
	bool chooses;		/* not all of them exclude */
};

/* All zeros chooses everything. */
struct filter {
	struct filter_list commands;
	struct filter_list keys;
	struct filter_list clients;
};

/* "open", "recv", …; a static string. */
const char *filter_event_name(enum record_event);

/*
 * Reads a list such as "recv,cmd" or "conns,messages": event names, the groups
 * conns, bytes and messages, and all.  Returns the set of events, or 0 with the
 * word that is none of these in *bad (its length in *badlen; it points into
 * list).  An empty list or an empty word is such a word too.
 */
unsigned filter_parse_events(const char *list, const char **bad, int *badlen);

/*
 * Add a list to the filter, which then points into it.  Return -1 with what is
 * wrong and the cure added to the message, after the glob at fault if there are
 * several.
 *
 * commands: a glob matches, in any case, a command's name, or name|subcommand
 *     of one that has subcommands.
 * keys: matches if it matches any of a command's keys; of a command that is not
 *     known, the first argument is taken for one.
 * clients: an address or ADDRESS/BITS matches a peer's IP address (a v4-mapped
 *     one counts as IPv4); all else is a glob of the peer's text, such as
 *     "127.0.0.1:51514" or "unix:", or of the client's name.
 */
int filter_add_commands(struct filter *, const char *list,
    struct bytes *message);
int filter_add_keys(struct filter *, const char *list, struct bytes *message);
int filter_add_clients(struct filter *, const char *list,
    struct bytes *message);

/* Whether commands are chosen at all: then recv and send, which are no
 * commands, are only in the way. */
bool filter_has_commands(const struct filter *);

/* Whether cmd and reply of that command (of at least one argument) are shown.
 * Allocates nothing; any thread may call it. */
bool filter_command(const struct filter *, const struct args *);

/* Whether the records of a connection are shown; peer as address_text() writes
 * it, name NULL: none.  Both only change when the name does. */
bool filter_client(const struct filter *, const char *peer, const char *name);

#endif
