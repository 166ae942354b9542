#include "config.h"

#include "redis/redact.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "redis/command.h"
#include "redis/harmless.h"

#define COUNT(table) (sizeof(table) / sizeof(table[0]))

/* Where in a command an argument stands, as far as it matters. */
enum redact_place {
	PLACE_NAME,		/* a command's name */
	PLACE_ANY,		/* no rule is for it */
	PLACE_SECRET,		/* all arguments are */
	PLACE_ACL,
	PLACE_ACL_DRYRUN,
	PLACE_ACL_SETUSER,
	PLACE_CLUSTER,
	PLACE_COMMAND,
	PLACE_CONFIG,		/* and FT.CONFIG */
	PLACE_HELLO,
	PLACE_MIGRATE,
	PLACE_MODULE,
	PLACE_SENTINEL,
	PLACE_SETTINGS		/* names and values */
};

/* What a word makes of the place, and how many arguments behind it it hides.
 * Those of PLACE_NAME must be suspect to harmless.h. */
static const struct rule {
	uint8_t in;
	const char *word;	/* NULL: a setting's that is secret */
	uint8_t place;
	uint8_t hides;
} rules[] = {
	{ PLACE_NAME, "_ft.config", PLACE_CONFIG, 0 },
	{ PLACE_NAME, "acl", PLACE_ACL, 0 },
	{ PLACE_NAME, "auth", PLACE_SECRET, 0 },
	{ PLACE_NAME, "cluster", PLACE_CLUSTER, 0 },
	{ PLACE_NAME, "command", PLACE_COMMAND, 0 },
	{ PLACE_NAME, "config", PLACE_CONFIG, 0 },
	{ PLACE_NAME, "ft.config", PLACE_CONFIG, 0 },
	{ PLACE_NAME, "hello", PLACE_HELLO, 0 },
	{ PLACE_NAME, "migrate", PLACE_MIGRATE, 0 },
	{ PLACE_NAME, "module", PLACE_MODULE, 0 },
	{ PLACE_NAME, "search.clusterset", PLACE_SECRET, 0 },
	{ PLACE_NAME, "sentinel", PLACE_SENTINEL, 0 },
	{ PLACE_NAME, "timeseries.clusterset", PLACE_SECRET, 0 },
	{ PLACE_ACL, "dryrun", PLACE_ACL_DRYRUN, 0 },
	{ PLACE_ACL, "setuser", PLACE_ACL_SETUSER, 0 },
	{ PLACE_CLUSTER, "migrateslots", PLACE_MIGRATE, 0 },
	/* A command inside a command. */
	{ PLACE_COMMAND, "getkeys", PLACE_NAME, 0 },
	{ PLACE_COMMAND, "getkeysandflags", PLACE_NAME, 0 },
	{ PLACE_CONFIG, "set", PLACE_SETTINGS, 0 },
	{ PLACE_HELLO, "auth", PLACE_HELLO, 2 },
	{ PLACE_MIGRATE, "auth", PLACE_MIGRATE, 1 },
	{ PLACE_MIGRATE, "auth2", PLACE_MIGRATE, 2 },
	{ PLACE_MODULE, "load", PLACE_SETTINGS, 0 },
	{ PLACE_MODULE, "loadex", PLACE_SETTINGS, 0 },
	{ PLACE_SENTINEL, "config", PLACE_SETTINGS, 0 },
	{ PLACE_SENTINEL, "set", PLACE_SETTINGS, 0 },
	{ PLACE_SETTINGS, NULL, PLACE_SETTINGS, 1 },
};

/* Where recognition stands in one command; zeros where one begins, but for the
 * word, which has no length. */
struct redact_command {
	uint32_t index;		/* of the argument at hand; 0 is the name */
	uint8_t first_key;	/* REDACT_VALUES: which arguments are keys */
	uint8_t key_step;
	int8_t last_key;
	uint8_t place;		/* enum redact_place, of this argument */
	uint8_t hidden;		/* how many arguments from here on */
	bool secret;		/* the argument at hand */
	bool was_secret;	/* the one before */
	bool undecided;		/* of ACL SETUSER: blanks so far */
	uint8_t shown;		/* bytes of the last piece, of a URL's scheme */
	uint8_t len;		/* of word; more than fits: no word */
	char word[REDACT_WORD_MAX];
};

/* A command that a chunk may end in. */
struct redact_open {
	struct tokenizer tokenizer;
	struct redact_command command;
	bool rest;		/* up to the line's end: it broke in a secret */
};

/* Settings */

static bool
ends_in(const char *name, size_t len, const char *end)
{
	size_t n = strlen(end);

	return (len >= n && strncasecmp(name + len - n, end, n) == 0);
}

bool
redact_is_setting(const char *name, size_t len)
{
	static const char *const ends[] = { "auth", "pass", "passwd",
	    "password", "secret", "token" };
	static const char *const names[] = { "masteruser", "primaryuser" };
	static const char held[] = "requirepass";
	size_t i;

	for (i = 0; i < COUNT(ends); i++)
		if (ends_in(name, len, ends[i]))
			return (true);
	for (i = 0; i < COUNT(names); i++)
		if (len == strlen(names[i]) && ends_in(name, len, names[i]))
			return (true);
	for (i = sizeof(held) - 1; i <= len; i++)
		if (ends_in(name, i, held))
			return (true);
	return (false);
}

const char *
redact_command_at(size_t i)
{
	return (i < COUNT(rules) && rules[i].in == PLACE_NAME ?
	    rules[i].word : NULL);
}

/* Recognition within one command */

static void
begin_command(struct redact_command *c)
{
	memset(c, 0, offsetof(struct redact_command, word));
}

static bool
is_key(const struct redact_command *c)
{
	return (c->first_key > 0 && c->index >= c->first_key &&
	    (c->last_key < 0 || c->index <= (uint32_t)c->last_key) &&
	    (c->index - c->first_key) % c->key_step == 0);
}

/* Whether the argument that comes next, or is open, is secret whatever it
 * begins with. */
static bool
is_hidden(const struct redact_command *c, enum redact_level level)
{
	if (c->index == 0)
		return (false);
	if (level == REDACT_VALUES)
		return (!is_key(c));
	return (c->place == PLACE_SECRET || c->hidden > 0);
}

static void
begin_argument(struct redact_command *c, enum redact_level level)
{
	c->len = 0;
	c->was_secret = false;
	c->secret = is_hidden(c, level);
	c->undecided = c->place == PLACE_ACL_SETUSER;
}

/* A password, or a hash, is what begins so; blanks and parentheses before it
 * make it an error, which is no less secret. */
static bool
is_password(struct redact_command *c, const uint8_t *data, size_t len)
{
	while (len > 0 && memchr(" \t\r\n(", *data, 5) != NULL) {
		data++;
		len--;
	}
	if (len == 0)
		return (false);
	c->undecided = false;
	return (memchr("><#!", *data, 4) != NULL);
}

/* The first bytes of an argument, as many as fit. */
static void
add_to_word(struct redact_command *c, const uint8_t *data, size_t len)
{
	size_t n;

	if (len == 0 || c->len > REDACT_WORD_MAX)
		return;
	n = REDACT_WORD_MAX - c->len;
	if (n > len)
		n = len;
	memcpy(c->word + c->len, data, n);
	c->len = (uint8_t)(len > n ? REDACT_WORD_MAX + 1 : c->len + n);
}

/* With REDACT_VALUES keys are shown, and subcommands: notes where they are. */
static void
find_keys(struct redact_command *c, uint32_t size)
{
	const struct arg name = { .data = (const uint8_t *)c->word,
		.kept = c->len, .size = size };
	const struct command *known = command_find(&name);

	if (known == NULL)
		return;
	if (known->flags & COMMAND_CONTAINER) {
		c->first_key = c->last_key = c->key_step = 1;
		return;
	}
	if (known->key_step == 0)
		return;
	c->first_key = known->first_key;
	/* Which argument is the last but one is not known in time. */
	c->last_key = known->last_key < -1 ? (int8_t)known->first_key :
	    known->last_key;
	c->key_step = known->key_step;
}

static bool
rule_applies(const struct rule *r, const struct redact_command *c)
{
	if (r->in != c->place)
		return (false);
	/* A longer name than any we know may be a secret's. */
	if (r->word == NULL)
		return (c->len > REDACT_WORD_MAX ||
		    redact_is_setting(c->word, c->len));
	return (strlen(r->word) == c->len &&
	    strncasecmp(r->word, c->word, c->len) == 0);
}

/* Where the next argument stands, and whether it is hidden. */
static void
apply_rules(struct redact_command *c)
{
	size_t i;

	for (i = 0; i < COUNT(rules); i++) {
		if (!rule_applies(&rules[i], c))
			continue;
		/* A secret that looks like a rule's word may be that word,
		 * behind another such that was none. */
		if (c->hidden < rules[i].hides)
			c->hidden = rules[i].hides;
		c->place = rules[i].place;
		return;
	}
	if (c->place == PLACE_NAME)
		c->place = PLACE_ANY;
	else if (c->place == PLACE_ACL_DRYRUN)	/* that was the user */
		c->place = PLACE_NAME;
}

static void
end_argument(struct redact_command *c, enum redact_level level)
{
	if (c->hidden > 0)
		c->hidden--;
	if (c->place != PLACE_ANY && c->place != PLACE_SECRET)
		apply_rules(c);
	if (c->index == 0 && level == REDACT_VALUES &&
	    c->len <= REDACT_WORD_MAX)
		find_keys(c, c->len);
	c->index++;
	c->was_secret = c->secret;
	c->secret = false;
}

/* What stands behind its scheme is secret in a URL. */
static void
find_url(struct redact_command *c, const uint8_t *data, size_t len)
{
	size_t had = c->len, scheme;

	add_to_word(c, data, len);
	scheme = harmless_scheme((const uint8_t *)c->word,
	    c->len < REDACT_WORD_MAX ? c->len : REDACT_WORD_MAX);
	if (scheme == 0)
		return;
	c->secret = true;
	if (scheme > had)
		c->shown = (uint8_t)(scheme - had);
}

/* A piece of an argument; returns whether it is secret, but for the first bytes
 * of it that c->shown says. */
static bool
take_piece(struct redact_command *c, enum redact_level level,
    const uint8_t *data, size_t len, bool first, bool last)
{
	bool secret;

	if (first)
		begin_argument(c, level);
	if (c->undecided && is_password(c, data, len))
		c->secret = true;
	c->shown = 0;
	if (c->secret)
		add_to_word(c, data, len);
	else
		find_url(c, data, len);
	secret = c->secret;
	if (last)
		end_argument(c, level);
	return (secret);
}

static void __attribute__((noinline))
mark_secrets(struct args *args, enum redact_level level)
{
	struct redact_command c;
	uint32_t i;

	begin_command(&c);
	for (i = 0; i < args->n; i++) {
		struct arg *a = &args->v[i];

		a->secret = take_piece(&c, level, a->data, a->kept, true,
		    true);
		args->secret |= a->secret;
	}
}

/* None of the commands with secrets, and no URL among the arguments. */
static inline bool
args_are_harmless(const struct args *args)
{
	uint32_t i;

	if (harmless_is_suspect(args->v[0].data, args->v[0].kept))
		return (false);
	for (i = 1; i < args->n; i++)
		if (harmless_is_url(args->v[i].data, args->v[i].kept))
			return (false);
	return (true);
}

void
redact_args(struct args *args, enum redact_level level)
{
	args->secret = false;
	if (level == REDACT_NONE || args->n == 0 ||
	    (level == REDACT_SECRETS && args_are_harmless(args)))
		return;
	mark_secrets(args, level);
}

void
redact_init(struct redact *r)
{
	*r = (struct redact){ 0 };
}

void
redact_free(struct redact *r)
{
	free(r->open);
	redact_init(r);
}

/*
 * An inline command's quotes and escapes are no part of its arguments, yet
 * they spell the secret: all that the tokenizer took for it is hidden, up to
 * the end of the line; blanks only where they are part of it.
 */
static void
hide_inline(struct spans *spans, const uint8_t *data, size_t len,
    const uint8_t *from, const uint8_t *to, bool begun, bool ended)
{
	while (!begun && from < to && (*from == ' ' || *from == '\t'))
		from++;
	while (ended && to > from && (to[-1] == '\n' || to[-1] == '\r'))
		to--;
	spans_add(spans, (size_t)(from - data), (size_t)(to - from),
	    len);
}

/*
 * Goes on token by token, to the end of the command or of the chunk, from data
 * to end, and hides what is secret.  Returns whether a command ended.  Where a
 * line breaks in a secret, *p stays there.
 */
static bool
hide_command(struct redact_open *o, enum redact_level level,
    const uint8_t *data, const uint8_t **p, const uint8_t *end,
    struct spans *spans)
{
	size_t len = (size_t)(end - data);
	struct tokenizer *t = &o->tokenizer;
	struct redact_command *c = &o->command;
	enum tokenizer_result result;
	struct token token;
	const uint8_t *from;
	bool hidden, begun;

	do {
		from = *p;
		hidden = c->secret || is_hidden(c, level);
		begun = tokenizer_in_word(t);
		result = tokenizer_next(t, p, end, &token);
		if (result == TOKENIZER_OK && token.kind == TOKEN_END) {
			begin_command(c);
			return (true);
		}
		if (result == TOKENIZER_OK)
			hidden = take_piece(c, level, token.data, token.len,
			    token.first, token.last);
		else if (t->bad && c->was_secret)
			hidden = true;
		if (!hidden)
			continue;
		if (result == TOKENIZER_BAD && t->is_inline) {
			o->rest = true;
			*p = from;
			return (false);
		}
		/* A word without quotes stands in the line as it is. */
		if (result == TOKENIZER_OK && c->shown > 0 &&
		    token.data >= from && token.data < *p)
			from = token.data + c->shown;
		if (t->is_inline)
			hide_inline(spans, data, len, from, *p, begun,
			    !tokenizer_in_word(t));
		else if (result == TOKENIZER_OK)
			spans_add(spans, (size_t)(token.data - data) +
			    c->shown, token.len - c->shown, len);
	} while (result == TOKENIZER_OK);
	return (false);
}

/* What is left of a line that broke in a secret; behind it nothing is known to
 * be one. */
static void
hide_rest(struct redact_open *o, const uint8_t *data, const uint8_t *p,
    const uint8_t *end, struct spans *spans)
{
	const uint8_t *lf = memchr(p, '\n', (size_t)(end - p));

	if (lf != NULL) {
		o->rest = false;
		begin_command(&o->command);
	}
	hide_inline(spans, data, (size_t)(end - data), p, lf != NULL ? lf :
	    end, true, lf != NULL);
}

/* Remembers the command in which the chunk ended, if it did. */
static void
keep_open(struct redact *r, const struct redact_open *o)
{
	if (tokenizer_between(&o->tokenizer)) {
		redact_free(r);
		return;
	}
	if (r->open == NULL)
		r->open = malloc(sizeof(*r->open));
	if (r->open != NULL)
		*r->open = *o;
	r->lost = r->open == NULL;
}

void
redact_requests(struct redact *r, enum redact_level level,
    const uint8_t *data, size_t len, struct spans *spans)
{
	const uint8_t *p = data, *end = data + len;
	struct redact_open o;
	bool between = r->open == NULL;

	spans->n = 0;
	if (level == REDACT_NONE)
		return;
	if (r->lost) {
		spans_add(spans, 0, len, len);
		return;
	}
	if (between && level == REDACT_SECRETS)
		p = harmless_pass(p, end);
	if (p == end)
		return;
	if (between) {
		tokenizer_init(&o.tokenizer);
		begin_command(&o.command);
		o.rest = false;
	} else {
		o = *r->open;
	}
	while (!o.rest && hide_command(&o, level, data, &p, end, spans))
		if (level == REDACT_SECRETS)
			p = harmless_pass(p, end);
	if (o.rest && p < end)
		hide_rest(&o, data, p, end, spans);
	keep_open(r, &o);
}
