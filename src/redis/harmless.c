#include "config.h"

#include "redis/harmless.h"

#include <string.h>
#include <strings.h>

#include "resp/line.h"
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
 * of ours has.  Counting it bit by bit would be a guess for the processor, and
 * in text mostly a wrong one. */
static inline size_t
name_length(const uint8_t *p, const uint8_t *end)
{
	size_t n = 0;

	if (end - p >= LINE_BLOCK)
		n = (size_t)__builtin_ctz(line_blanks(p) | 1U << LINE_BLOCK);
	if (n > 0 && n < LINE_BLOCK)
		return (n);
	while (p + n < end && p[n] > ' ')
		n++;
	return (n);
}

/* A line without marks, whose words mean themselves.  Behind it is its LF, and
 * the input goes on to end. */
static inline bool
line_is_harmless(const uint8_t *line, const uint8_t *lf, const uint8_t *end)
{
	if (lf - line > TOKENIZER_LINE_MAX)
		return (false);
	while (line < lf && (*line == ' ' || (*line >= '\t' && *line <= '\r')))
		line++;
	return (!harmless_is_suspect(line, name_length(line, end)));
}

/* A slash that is not part of "://". */
static inline bool
slash_is_harmless(const uint8_t *line, const uint8_t *p, const uint8_t *end)
{
	return (*p == '/' && (p == line || p[-1] != ':' || end - p < 2 ||
	    p[1] != '/'));
}

/* Behind all harmless lines from p on; none begins with '*'. */
static const uint8_t *
pass_lines(const uint8_t *line, const uint8_t *end)
{
	const uint8_t *p = line, *mark;
	uint64_t marks;

	for (; end - p >= LINE_GROUP; p += LINE_GROUP) {
		marks = line_group_marks(p);
		for (; marks != 0; marks &= marks - 1) {
			mark = p + __builtin_ctzll(marks);
			if (*mark != '\n') {
				if (slash_is_harmless(line, mark, end))
					continue;
				return (line);
			}
			if (!line_is_harmless(line, mark, end))
				return (line);
			line = mark + 1;
			if (line == end || *line == '*')
				return (line);
		}
	}
	for (; p < end; p++) {
		if (!line_is_mark(*p) || slash_is_harmless(line, p, end))
			continue;
		if (*p != '\n' || !line_is_harmless(line, p, end))
			return (line);
		line = p + 1;
		if (line == end || *line == '*')
			return (line);
	}
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
