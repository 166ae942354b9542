#include "config.h"

#include "resp/glob.h"

#include "resp/args.h"

static uint8_t
fold_byte(uint8_t c, bool fold)
{
	return (fold && c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

/* The byte at *g, or the one behind a backslash; moves *g past it. */
static uint8_t
take_byte(const char **g, const char *end)
{
	if (**g == '\\' && *g + 1 < end)
		++*g;
	return ((uint8_t)*(*g)++);
}

/* Whether c is in the class behind the '[' at g, whose end goes to *after;
 * NULL goes there when it has none. */
static bool
class_has(const char *g, const char *end, uint8_t c, bool fold,
    const char **after)
{
	bool negated = false, found = false;
	uint8_t from, to, swap;

	if (++g < end && (*g == '^' || *g == '!')) {
		negated = true;
		g++;
	}
	while (g < end && *g != ']') {
		from = to = fold_byte(take_byte(&g, end), fold);
		if (g + 1 < end && *g == '-' && g[1] != ']') {
			g++;
			to = fold_byte(take_byte(&g, end), fold);
		}
		if (from > to) {
			swap = from;
			from = to;
			to = swap;
		}
		if (c >= from && c <= to)
			found = true;
	}
	*after = g < end ? g + 1 : NULL;
	return (found != negated);
}

/* Whether what is at *g, which is no star, matches c; moves *g past it then. */
static bool
match_one(const char **g, const char *end, uint8_t c, bool fold)
{
	const char *after = *g;
	bool matches;

	c = fold_byte(c, fold);
	if (*after == '[') {
		matches = class_has(after, end, c, fold, &after);
		if (after == NULL)	/* see glob_check() */
			return (false);
	} else if (*after == '?') {
		matches = true;
		after++;
	} else {
		matches = fold_byte(take_byte(&after, end), fold) == c;
	}
	if (matches)
		*g = after;
	return (matches);
}

const char *
glob_check(const char *glob, size_t globlen)
{
	const char *g = glob, *end = glob + globlen;

	while (g < end) {
		if (*g != '[') {
			take_byte(&g, end);
			continue;
		}
		class_has(g, end, 0, false, &g);
		if (g == NULL)
			return ("the closing ] is missing; "
			    "\\[ is the character itself");
	}
	return (NULL);
}

/* When it fails behind a star, that star takes one byte more; those before it
 * need not be tried again. */
bool
glob_match(const char *glob, size_t globlen, const uint8_t *data, size_t len,
    bool fold)
{
	const char *g = glob, *gend = glob + globlen, *star = NULL;
	size_t at = 0, mark = 0;

	while (at < len) {
		if (g < gend && *g == '*') {
			star = ++g;
			mark = at;
		} else if (g < gend && match_one(&g, gend, data[at], fold)) {
			at++;
		} else if (star != NULL) {
			g = star;
			at = ++mark;
		} else {
			return (false);
		}
	}
	while (g < gend && *g == '*')
		g++;
	return (g == gend);
}

static bool
ends_in_star(const char *glob, size_t globlen)
{
	const char *g = glob, *end = glob + globlen;
	bool star = false;

	while (g < end) {
		star = *g == '*';
		if (*g == '[') {
			class_has(g, end, 0, false, &g);
			if (g == NULL)
				return (false);
		} else {
			take_byte(&g, end);
		}
	}
	return (star);
}

bool
glob_match_arg(const char *glob, size_t globlen, const struct arg *a,
    bool fold)
{
	if (a->kept < a->size && !ends_in_star(glob, globlen))
		return (false);
	return (glob_match(glob, globlen, a->data, a->kept, fold));
}
