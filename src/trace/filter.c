#include "config.h"

#include "trace/filter.h"

#include <assert.h>
#include <string.h>

#include "redis/command.h"
#include "resp/glob.h"

/* Longer names of a command and its subcommand have only the former. */
#define FILTER_NAME_MAX 128

static const char *const filter_names[RECORD_EVENTS] = {
	[RECORD_OPEN] = "open",
	[RECORD_RECV] = "recv",
	[RECORD_SEND] = "send",
	[RECORD_EDIT] = "edit",
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
	{ "bytes", RECORD_BIT(RECORD_RECV) | RECORD_BIT(RECORD_SEND) |
	    RECORD_BIT(RECORD_EDIT) },
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

/* Lists */

static const char *
check_glob(struct filter_glob *g)
{
	return (glob_check(g->text, g->len));
}

/* Up to the comma that no backslash is before, or the end. */
static size_t
word_len(const char *list)
{
	size_t len = 0;

	while (list[len] != '\0' && list[len] != ',')
		len += list[len] == '\\' && list[len + 1] != '\0' ? 2 : 1;
	return (len);
}

/* Adds the glob, or several made from it, if check finds nothing wrong. */
static const char *
add_glob(struct filter_list *l, const char *text, size_t len,
    const char *(*check)(struct filter_glob *))
{
	struct filter_glob g = { .text = text, .len = len };
	const char *wrong;

	if (*text == '!') {
		g.excludes = true;
		g.text++;
		g.len--;
	}
	if (g.len == 0)
		return ("a glob is missing; * matches everything");
	if (l->n == FILTER_GLOBS_MAX)
		return ("one too many; at most 64 globs can be given");
	if ((wrong = check(&g)) != NULL)
		return (wrong);
	if (!g.excludes)
		l->chooses = true;
	l->v[l->n++] = g;
	return (NULL);
}

static int
add_list(struct filter_list *l, const char *list,
    const char *(*check)(struct filter_glob *), struct bytes *message)
{
	const char *word, *wrong;
	size_t len;

	for (word = list;; word += len + 1) {
		len = word_len(word);
		if ((wrong = add_glob(l, word, len, check)) != NULL) {
			if (len > 0 && len < strlen(list))
				bytes_addf(message, "%.*s: ", (int)len, word);
			bytes_add_string(message, wrong);
			return (-1);
		}
		if (word[len] == '\0')
			return (0);
	}
}

static bool
choose(const struct filter_list *l,
    bool (*matches)(const struct filter_glob *, const void *ctx),
    const void *ctx)
{
	bool chosen = !l->chooses;
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (chosen && !l->v[i].excludes)
			continue;
		if (!matches(&l->v[i], ctx))
			continue;
		if (l->v[i].excludes)
			return (false);
		chosen = true;
	}
	return (chosen);
}

/* Commands and keys */

int
filter_add_commands(struct filter *f, const char *list, struct bytes *message)
{
	return (add_list(&f->commands, list, check_glob, message));
}

int
filter_add_keys(struct filter *f, const char *list, struct bytes *message)
{
	return (add_list(&f->keys, list, check_glob, message));
}

bool
filter_has_commands(const struct filter *f)
{
	return (f->commands.n > 0 || f->keys.n > 0);
}

/* What globs are compared with. */
struct command_names {
	const struct arg *name;
	size_t fulllen;		/* 0: it has no subcommand */
	uint8_t full[FILTER_NAME_MAX];	/* "client|setname" */
};

static void
find_names(struct command_names *names, const struct args *args,
    const struct command *command)
{
	const struct arg *name = &args->v[0], *sub = &args->v[1];
	size_t len = name->size;

	names->name = name;
	names->fulllen = 0;
	if (command == NULL || !(command->flags & COMMAND_CONTAINER) ||
	    args->n < 2 || sub->kept < sub->size ||
	    len + 1 + sub->size > sizeof(names->full))
		return;
	memcpy(names->full, name->data, len);
	names->full[len++] = '|';
	if (sub->size > 0)
		memcpy(names->full + len, sub->data, sub->size);
	names->fulllen = len + sub->size;
}

static bool
matches_name(const struct filter_glob *g, const void *ctx)
{
	const struct command_names *names = ctx;

	return (glob_match_arg(g->text, g->len, names->name, true) ||
	    (names->fulllen > 0 &&
	    glob_match(g->text, g->len, names->full, names->fulllen, true)));
}

struct key_args {
	const struct args *args;
	struct command_keys keys;
};

static bool
matches_key(const struct filter_glob *g, const void *ctx)
{
	const struct key_args *k = ctx;
	const struct command_keys *keys = &k->keys;
	const struct args *args = k->args;
	uint32_t i;

	if (keys->also > 0 && keys->also < args->n &&
	    glob_match_arg(g->text, g->len, &args->v[keys->also], false))
		return (true);
	for (i = keys->first; i < keys->end && i < args->n; i += keys->step)
		if (glob_match_arg(g->text, g->len, &args->v[i], false))
			return (true);
	return (false);
}

/* At least one of both lists is not empty. */
static bool __attribute__((noinline))
choose_command(const struct filter *f, const struct args *args)
{
	const struct command *command = args->command;
	struct command_names names;
	struct key_args k = { .args = args };

	if (f->commands.n > 0) {
		find_names(&names, args, command);
		if (!choose(&f->commands, matches_name, &names))
			return (false);
	}
	if (f->keys.n == 0)
		return (true);
	if (command != NULL && (command->flags & COMMAND_CONTAINER) &&
	    args->n > 1)
		command = args->sub;
	if (command != NULL)
		command_find_keys(command, args, &k.keys);
	else if (args->command == NULL)		/* a guess */
		k.keys = (struct command_keys){ 1, 2, 1, 0 };
	return (choose(&f->keys, matches_key, &k));
}

bool
filter_command(const struct filter *f, const struct args *args)
{
	return (!filter_has_commands(f) || choose_command(f, args));
}

/* Clients */

/* Whether the text has no other characters than an address with its bits, and
 * some that only those have. */
static bool
looks_like_cidr(const char *text, size_t len)
{
	static const char known[] = "0123456789abcdefABCDEF.:/";
	size_t i;

	if (memchr(text, '.', len) == NULL && memchr(text, ':', len) == NULL)
		return (false);
	for (i = 0; i < len; i++)
		if (memchr(known, text[i], sizeof(known) - 1) == NULL)
			return (false);
	return (true);
}

static const char *
check_client(struct filter_glob *g)
{
	static const char wrong[] =
	    "not an address; write 10.0.0.0/8, fe80::/10, ::1 or a glob";
	uint8_t unused[CIDR_ADDRESS];
	const char *close, *bits;

	g->is_cidr = cidr_read(&g->cidr, g->text, g->len, &bits);
	if (g->is_cidr)
		return (bits);
	if (memchr(g->text, '/', g->len) != NULL &&
	    looks_like_cidr(g->text, g->len))
		return (wrong);
	close = memchr(g->text, ']', g->len);
	if (*g->text == '[' && close != NULL &&
	    memchr(g->text, ':', (size_t)(close - g->text)) != NULL &&
	    cidr_read_address(g->text + 1, (size_t)(close - g->text) - 1,
	    unused))
		return ("brackets are a choice of characters in a glob; "
		    "write ::1, or \\[::1]:*");
	return (glob_check(g->text, g->len));
}

int
filter_add_clients(struct filter *f, const char *list, struct bytes *message)
{
	return (add_list(&f->clients, list, check_client, message));
}

struct client {
	const char *peer;
	const char *name;	/* NULL: none */
	bool has_address;
	uint8_t address[CIDR_ADDRESS];
};

/* The host of "1.2.3.4:5" or "[::1]:5". */
static void
find_address(struct client *c)
{
	const char *host = c->peer, *end = strrchr(host, ':');

	c->has_address = false;
	if (end == NULL)
		return;
	if (*host == '[' && end[-1] == ']') {
		host++;
		end--;
	}
	c->has_address = cidr_read_address(host, (size_t)(end - host),
	    c->address);
}

static bool
matches_client(const struct filter_glob *g, const void *ctx)
{
	const struct client *c = ctx;

	if (g->is_cidr)
		return (c->has_address && cidr_has(&g->cidr, c->address));
	return (glob_match(g->text, g->len, (const uint8_t *)c->peer,
	    strlen(c->peer), false) || (c->name != NULL &&
	    glob_match(g->text, g->len, (const uint8_t *)c->name,
	    strlen(c->name), false)));
}

bool
filter_client(const struct filter *f, const char *peer, const char *name)
{
	struct client c = { .peer = peer, .name = name };

	if (f->clients.n == 0)
		return (true);
	find_address(&c);
	return (choose(&f->clients, matches_client, &c));
}
