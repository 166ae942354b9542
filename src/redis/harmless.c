#include "config.h"

#include "redis/harmless.h"

#include <string.h>
#include <strings.h>

#include "resp/whole.h"

size_t
harmless_scheme(const uint8_t *text, size_t len)
{
	static const char *const schemes[] = { "redis://", "rediss://",
	    "valkey://", "valkeys://" };
	size_t i, n;

	if (len < strlen(schemes[0]) || ((*text | ('a' - 'A')) != 'r' &&
	    (*text | ('a' - 'A')) != 'v'))
		return (0);
	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		n = strlen(schemes[i]);
		if (len >= n && strncasecmp((const char *)text, schemes[i],
		    n) == 0)
			return (n);
	}
	return (0);
}

/* Inline commands */

/* The length of the name at p: up to a blank, or another control, which no name
 * of ours has. */
static inline size_t
name_length(const uint8_t *p, const uint8_t *end)
{
	size_t n = 0;

	while (p + n < end && p[n] > ' ')
		n++;
	return (n);
}

/* Whether the line has a byte that makes its words mean something else than
 * themselves: a quote, the byte that ends a line for Redis too, or the slash of
 * a URL. */
static inline bool
has_marks(const uint8_t *line, size_t len)
{
	const uint8_t *end = line + len, *slash = line;

	if (memchr(line, '"', len) != NULL || memchr(line, '\'', len) != NULL ||
	    memchr(line, '\0', len) != NULL)
		return (true);
	while ((slash = memchr(slash, '/', (size_t)(end - slash))) != NULL) {
		if (slash > line && slash[-1] == ':' && slash + 1 < end &&
		    slash[1] == '/')
			return (true);
		slash++;
	}
	return (false);
}

/* Behind the line is its LF, and the input goes on to end. */
static inline bool
line_is_harmless(const uint8_t *line, const uint8_t *lf, const uint8_t *end)
{
	size_t len = (size_t)(lf - line);

	if (len > TOKENIZER_LINE_MAX || has_marks(line, len))
		return (false);
	while (line < lf && (*line == ' ' || (*line >= '\t' && *line <= '\r')))
		line++;
	return (!harmless_is_suspect(line, name_length(line, end)));
}

/* Behind all harmless lines from p on; none begins with '*'. */
static const uint8_t *
pass_lines(const uint8_t *line, const uint8_t *end)
{
	const uint8_t *lf;

	do {
		lf = memchr(line, '\n', (size_t)(end - line));
		if (lf == NULL || !line_is_harmless(line, lf, end))
			return (line);
		line = lf + 1;
	} while (line < end && *line != '*');
	return (line);
}

/* Other commands */

/* On false *p is anywhere. */
static inline bool
pass_command(const uint8_t **p, const uint8_t *end)
{
	const uint8_t *data;
	uint32_t left, size, i;

	if (!whole_count(p, end, &left))
		return (false);
	for (i = 0; i < left; i++)
		if (!whole_arg(p, end, &data, &size) ||
		    (i == 0 ? harmless_is_suspect(data, size) :
		    harmless_is_url(data, size)))
			return (false);
	return (true);
}

const uint8_t *
harmless_pass(const uint8_t *p, const uint8_t *end)
{
	const uint8_t *q;

	while (p < end) {
		q = p;
		if (*p != '*')
			q = pass_lines(p, end);
		else if (!pass_command(&q, end))
			return (p);
		if (q == p)
			return (p);
		p = q;
	}
	return (p);
}
