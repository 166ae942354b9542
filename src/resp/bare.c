#include "config.h"

#include "resp/bare.h"

#include <string.h>
#include <strings.h>

#define OR_STATUS "; a status that begins so is (status) \"...\""

/* What somebody writes who means something else: values in any case, verdicts
 * as those are, in small letters (RESET is a status). */
static const struct word {
	const char *text;
	bool alone;		/* it is all of the text */
	bool verdict;		/* and nothing that a value could be */
	const char *why;
} words[] = {
	{ "nil", true, false, "null is (nil)" OR_STATUS },
	{ "null", true, false, "null is (nil)" OR_STATUS },
	{ "true", true, false, "a boolean is (true)" OR_STATUS },
	{ "false", true, false, "a boolean is (false)" OR_STATUS },
	{ "err", false, false, "an error is (error) ERR text" OR_STATUS },
	{ "error", false, false, "an error is (error) ERR text" OR_STATUS },
	{ "drop", false, true, "to end the connection write close" OR_STATUS },
	{ "reset", false, true, "to end the connection write close" OR_STATUS },
	{ "disconnect", false, true,
	    "to end the connection write close" OR_STATUS },
	{ "delay", false, true, "to wait write after 200ms REPLY" OR_STATUS },
	{ "sleep", false, true, "to wait write after 200ms REPLY" OR_STATUS },
	{ "wait", false, true, "to wait write after 200ms REPLY" OR_STATUS }
};

static bool
begins_with(const uint8_t *text, size_t len, const struct word *w)
{
	int (*compare)(const char *, const char *, size_t) =
	    w->verdict ? strncmp : strncasecmp;
	size_t n = strlen(w->text);

	return (len >= n && compare((const char *)text, w->text, n) == 0 &&
	    (len == n || (!w->alone && text[n] == ' ')));
}

static bool
is_number(const uint8_t *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (text[i] < '0' || text[i] > '9')
			return (false);
	return (len > 0);
}

const char *
bare_misleads(const uint8_t *text, size_t len, bool inside)
{
	size_t i;

	if (len == 0)
		return (NULL);
	/* OK, PONG, QUEUED: mostly it is one of these. */
	if (memchr("+-$*0123456789nNtTfFeEdDrRsSwW", *text, 30) == NULL)
		return (NULL);
	switch (*text) {
	case '-':
		return (is_number(text + 1, len - 1) ?
		    "an integer is (integer) -1" OR_STATUS :
		    "an error is (error) ERR text" OR_STATUS);
	case '+': case '$': case '*':
		return ("a value is not written as in RESP: write OK, "
		    "\"bulk\", [a, b]" OR_STATUS);
	default:
		break;
	}
	if (is_number(text, len))
		return ("an integer is (integer) 1, a bulk string \"1\""
		    OR_STATUS);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!(inside && words[i].verdict) &&
		    begins_with(text, len, &words[i]))
			return (words[i].why);
	return (NULL);
}
