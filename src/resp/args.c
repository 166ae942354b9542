#include "config.h"

#include "resp/args.h"

static uint8_t
lower(uint8_t c)
{
	return (c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool
arg_is(const struct arg *a, const char *word)
{
	uint32_t i;

	if (a->kept < a->size)
		return (false);
	for (i = 0; i < a->size; i++)
		if (word[i] == '\0' || lower(a->data[i]) != (uint8_t)word[i])
			return (false);
	return (word[i] == '\0');
}
