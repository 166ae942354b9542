#include "config.h"

#include "redis/redact.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "redis/command.h"
#include "redis/harmless.h"

/* The commands that may carry secrets, a subcommand's behind its command's. */
enum redact_name {
	NAME_OPEN,		/* the name is not complete */
	NAME_OTHER,
	NAME_ACL,
	NAME_ACL_SETUSER,
	NAME_AUTH,
	NAME_CONFIG,
	NAME_CONFIG_SET,
	NAME_HELLO,
	NAME_MIGRATE,
	NAME_SENTINEL,
	NAME_SENTINEL_CONFIG,
	NAME_SENTINEL_SET
};

/* A word, in a command, and what it makes of it or of what follows. */
static const struct rule {
	enum redact_name in;
	const char *word;
	enum redact_name name;	/* NAME_OPEN: it stays as it is */
	uint8_t hides;		/* arguments behind the word */
} rules[] = {
	{ NAME_OPEN, "acl", NAME_ACL, 0 },
	{ NAME_OPEN, "auth", NAME_AUTH, 0 },
	{ NAME_OPEN, "config", NAME_CONFIG, 0 },
	{ NAME_OPEN, "hello", NAME_HELLO, 0 },
	{ NAME_OPEN, "migrate", NAME_MIGRATE, 0 },
	{ NAME_OPEN, "sentinel", NAME_SENTINEL, 0 },
	{ NAME_ACL, "setuser", NAME_ACL_SETUSER, 0 },
	{ NAME_CONFIG, "set", NAME_CONFIG_SET, 0 },
	{ NAME_CONFIG_SET, "masterauth", NAME_OPEN, 1 },
	{ NAME_CONFIG_SET, "masteruser", NAME_OPEN, 1 },
	{ NAME_CONFIG_SET, "requirepass", NAME_OPEN, 1 },
	{ NAME_CONFIG_SET, "tls-client-key-file-pass", NAME_OPEN, 1 },
	{ NAME_CONFIG_SET, "tls-key-file-pass", NAME_OPEN, 1 },
	{ NAME_HELLO, "auth", NAME_OPEN, 2 },
	{ NAME_MIGRATE, "auth", NAME_OPEN, 1 },
	{ NAME_MIGRATE, "auth2", NAME_OPEN, 2 },
	{ NAME_SENTINEL, "config", NAME_SENTINEL_CONFIG, 0 },
	{ NAME_SENTINEL, "set", NAME_SENTINEL_SET, 0 },
	{ NAME_SENTINEL_CONFIG, "sentinel-pass", NAME_OPEN, 1 },
	{ NAME_SENTINEL_SET, "auth-pass", NAME_OPEN, 1 },
};

/* Where recognition stands in one command; zeros where one begins. */
struct redact_command {
	uint32_t index;		/* of the argument at hand; 0 is the name */
	uint8_t first_key;	/* REDACT_VALUES: which arguments are keys */
	uint8_t key_step;
	int8_t last_key;
	uint8_t name;		/* enum redact_name: what is known so far */
	uint8_t hidden;		/* how many arguments from here on */
	bool secret;		/* the argument at hand */
	bool was_secret;	/* the one before */
	uint8_t len;		/* of word; more than fits: no word */
	char word[REDACT_WORD_MAX];
};

/* A command that a chunk may end in. */
struct redact_open {
	struct tokenizer tokenizer;
	struct redact_command command;
};

/* Recognition within one command */

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
	return (c->name == NAME_AUTH || c->hidden > 0);
}

static void
begin_argument(struct redact_command *c, enum redact_level level,
    const uint8_t *data, size_t len)
{
	c->len = 0;
	c->was_secret = false;
	c->secret = is_hidden(c, level) ||
	    (c->name == NAME_ACL_SETUSER && c->index >= 2 && len > 0 &&
	    memchr("><#!", *data, 4) != NULL);
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

static void
end_argument(struct redact_command *c, enum redact_level level)
{
	enum redact_name before = c->name;
	size_t i;

	/* A secret that looks like a rule's word may be that word, behind
	 * another such that was none. */
	if (c->hidden > 0)
		c->hidden--;
	if (c->len <= REDACT_WORD_MAX && before != NAME_OTHER)
		for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
			const struct rule *r = &rules[i];

			if (r->in != before || strlen(r->word) != c->len ||
			    strncasecmp(r->word, c->word, c->len) != 0)
				continue;
			if (c->hidden < r->hides)
				c->hidden = r->hides;
			if (r->name != NAME_OPEN)
				c->name = (uint8_t)r->name;
			break;
		}
	if (c->index == 0) {
		if (c->name == NAME_OPEN)
			c->name = NAME_OTHER;
		if (level == REDACT_VALUES && c->len <= REDACT_WORD_MAX)
			find_keys(c, c->len);
	}
	c->index++;
	c->was_secret = c->secret;
	c->secret = false;
}

/* A piece of an argument; returns whether it is secret. */
static bool
take_piece(struct redact_command *c, enum redact_level level,
    const uint8_t *data, size_t len, bool first, bool last)
{
	bool secret;

	if (first)
		begin_argument(c, level, data, len);
	if (c->len + len <= REDACT_WORD_MAX) {
		memcpy(c->word + c->len, data, len);
		c->len += (uint8_t)len;
	} else {
		c->len = REDACT_WORD_MAX + 1;
	}
	secret = c->secret;
	if (last)
		end_argument(c, level);
	return (secret);
}

static void __attribute__((noinline))
mark_secrets(struct args *args, enum redact_level level)
{
	struct redact_command c = { 0 };
	uint32_t i;

	for (i = 0; i < args->n; i++) {
		struct arg *a = &args->v[i];

		a->secret = take_piece(&c, level, a->data, a->kept, true,
		    true);
	}
}

void
redact_args(struct args *args, enum redact_level level)
{
	if (level == REDACT_NONE || args->n == 0 || (level == REDACT_SECRETS &&
	    !harmless_is_suspect(args->v[0].data, args->v[0].kept)))
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
 * to end, and hides what is secret.  Returns whether a command ended.
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
			*c = (struct redact_command){ 0 };
			return (true);
		}
		if (result == TOKENIZER_OK)
			hidden = take_piece(c, level, token.data, token.len,
			    token.first, token.last);
		else if (t->bad && c->was_secret)
			hidden = true;
		if (!hidden)
			continue;
		if (t->is_inline)
			hide_inline(spans, data, len, from, *p, begun,
			    !tokenizer_in_word(t));
		else if (result == TOKENIZER_OK)
			spans_add(spans, (size_t)(token.data - data),
			    token.len, len);
	} while (result == TOKENIZER_OK);
	return (false);
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
		o = (struct redact_open){ 0 };
		tokenizer_init(&o.tokenizer);
	} else {
		o = *r->open;
	}
	while (hide_command(&o, level, data, &p, end, spans))
		if (level == REDACT_SECRETS)
			p = harmless_pass(p, end);
	keep_open(r, &o);
}
