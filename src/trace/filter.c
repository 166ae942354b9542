#include "config.h"

#include "trace/filter.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

static const char *const filter_names[RECORD_EVENTS] = {
	[RECORD_OPEN] = "open",
	[RECORD_RECV] = "recv",
	[RECORD_SEND] = "send",
	[RECORD_CMD] = "cmd",
	[RECORD_REPLY] = "reply",
	[RECORD_PUSH] = "push",
	[RECORD_ERROR] = "error",
	[RECORD_CLOSE] = "close"
};

static const struct filter_group {
	const char *name;
	unsigned events;
} filter_groups[] = {
	{ "conns", RECORD_BIT(RECORD_OPEN) | RECORD_BIT(RECORD_CLOSE) },
	{ "bytes", RECORD_BIT(RECORD_RECV) | RECORD_BIT(RECORD_SEND) },
	{ "messages", RECORD_BIT(RECORD_CMD) | RECORD_BIT(RECORD_REPLY) |
	    RECORD_BIT(RECORD_PUSH) | RECORD_BIT(RECORD_ERROR) },
	{ "all", RECORD_ALL }
};

#define FILTER_GROUPS (sizeof(filter_groups) / sizeof(filter_groups[0]))

const char *
filter_event_name(enum record_event event)
{
	assert(event < RECORD_EVENTS);
	return (filter_names[event]);
}

static bool
filter_is(const char *name, const char *word, size_t len)
{
	return (strlen(name) == len && memcmp(name, word, len) == 0);
}

/* The events that one word of the list stands for; 0: it is no such word. */
static unsigned
filter_word(const char *word, size_t len)
{
	size_t i;

	for (i = 0; i < RECORD_EVENTS; i++)
		if (filter_is(filter_names[i], word, len))
			return (RECORD_BIT(i));
	for (i = 0; i < FILTER_GROUPS; i++)
		if (filter_is(filter_groups[i].name, word, len))
			return (filter_groups[i].events);
	return (0);
}

unsigned
filter_parse_events(const char *list, const char **bad, int *badlen)
{
	unsigned events = 0, some;
	size_t len;

	for (;; list += len + 1) {
		len = strcspn(list, ",");
		if ((some = filter_word(list, len)) == 0) {
			*bad = list;
			*badlen = (int)len;
			return (0);
		}
		events |= some;
		if (list[len] == '\0')
			return (events);
	}
}
