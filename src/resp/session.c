#include "config.h"

#include "resp/session.h"

#include <stdlib.h>
#include <string.h>

void
session_init(struct session *s, uint64_t id)
{
	*s = (struct session){ .id = id, .resp = 2 };
}

int
session_set_name(struct session *s, const uint8_t *name, size_t len)
{
	char *copy = NULL;
	size_t i;

	for (i = 0; i < len; i++)
		if (name[i] < '!' || name[i] > '~')
			return (-1);
	if (len > 0 && (copy = strndup((const char *)name, len)) == NULL)
		return (-1);
	free(s->name);
	s->name = copy;
	return (0);
}

void
session_free(struct session *s)
{
	free(s->name);
	s->name = NULL;
}
