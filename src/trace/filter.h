/*
 * Which records are shown: --show.
 */
#ifndef TRACE_FILTER_H
#define TRACE_FILTER_H

#include "trace/record.h"

/* "open", "recv", …; a static string. */
const char *filter_event_name(enum record_event);

/*
 * Reads a list such as "recv,cmd" or "conns,messages": event names, the groups
 * conns, bytes and messages, and all.  Returns the set of events, or 0 with the
 * word that is none of these in *bad (its length in *badlen; it points into
 * list).  An empty list or an empty word is such a word too.
 */
unsigned filter_parse_events(const char *list, const char **bad, int *badlen);

#endif
