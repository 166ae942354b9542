/*
 * FUNCTION and FCALL.  Nothing is run: the names of a library's functions are
 * those that its code registers by a literal, and they return nil.
 *
 * Of a library the world has, behind its name, the names of its functions, each
 * ending in NUL, an empty one, and the code.
 */
#include "config.h"

#include "stub/stub.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "stub/stub_call.h"

/* In all libraries: each FCALL looks through them, and each function that is
 * loaded. */
#define FUNCTIONS_MAX 250
#define NAME_MAX_BYTES 128

struct text {
	const char *p;
	const char *end;
};

/*
 * The code.
 */

static bool
is_blank(char c)
{
	return (c == ' ' || (c >= '\t' && c <= '\r'));
}

static void
skip_blanks(struct text *t)
{
	while (t->p < t->end && is_blank(*t->p))
		t->p++;
}

static bool
skip(struct text *t, char c)
{
	skip_blanks(t);
	if (t->p == t->end || *t->p != c)
		return (false);
	t->p++;
	return (true);
}

/* Goes on behind the word; false: it is not there. */
static bool
seek(struct text *t, const char *word)
{
	const char *found = memmem(t->p, (size_t)(t->end - t->p), word,
	    strlen(word));

	if (found != NULL)
		t->p = found + strlen(word);
	return (found != NULL);
}

static bool
is_name(const struct text *t)
{
	const char *p;

	for (p = t->p; p < t->end; p++)
		if (!isalnum((unsigned char)*p) && *p != '_')
			return (false);
	return (t->p < t->end && t->end - t->p <= NAME_MAX_BYTES);
}

/*
 * The next function that is registered by name, as in
 * register_function('f', ...) or register_function{function_name='f', ...}.
 */
static bool
next_function(struct text *code, struct text *name)
{
	char quote;

	while (seek(code, "register_function")) {
		skip(code, '(');
		if (skip(code, '{') && (!seek(code, "function_name") ||
		    !skip(code, '=')))
			continue;
		if (!skip(code, '"') && !skip(code, '\''))
			continue;
		quote = code->p[-1];
		name->p = code->p;
		name->end = memchr(name->p, quote,
		    (size_t)(code->end - name->p));
		if (name->end != NULL && is_name(name))
			return (true);
	}
	return (false);
}

/* The next word of the first line, which says what library this is. */
static bool
next_word(struct text *line, struct text *word)
{
	skip_blanks(line);
	word->p = line->p;
	while (line->p < line->end && !is_blank(*line->p))
		line->p++;
	word->end = line->p;
	return (word->p < word->end);
}

/* A text for %.*s, cut as all that is sent back in an error. */
#define TEXT(t)								\
	(int)((t)->end - (t)->p < STUB_SHOWN ? (t)->end - (t)->p :	\
	STUB_SHOWN), (t)->p

/* "#!lua name=mylib": the library's name, or an error. */
static bool
want_name(struct stub_call *c, struct text *code, struct text *name)
{
	static const char key[] = "name=";
	const size_t len = sizeof(key) - 1;
	const char *end = memchr(code->p, '\n',
	    (size_t)(code->end - code->p));
	struct text line = { code->p, end }, engine, word;

	if (end == NULL || !next_word(&line, &engine)) {
		stub_reply_error(c->reply, "ERR Invalid library metadata");
		return (false);
	}
	code->p = end + 1;
	engine.p += 2;		/* "#!" */
	*name = (struct text){ NULL, NULL };
	while (next_word(&line, &word)) {
		if ((size_t)(word.end - word.p) < len ||
		    strncasecmp(word.p, key, len) != 0) {
			stub_reply_errorf(c->reply, "ERR Invalid metadata "
			    "value given: %.*s", TEXT(&word));
			return (false);
		}
		if (name->p != NULL) {
			stub_reply_error(c->reply, "ERR Invalid metadata "
			    "value, name argument was given multiple times");
			return (false);
		}
		*name = (struct text){ word.p + len, word.end };
	}
	if (name->p == NULL)
		stub_reply_error(c->reply, "ERR Library name was not given");
	else if (!is_name(name))
		stub_reply_error(c->reply, "ERR Library names can only "
		    "contain letters, numbers, or underscores(_) and must be "
		    "at least one character long");
	else if (engine.end - engine.p != 3 ||
	    strncasecmp(engine.p, "lua", 3) != 0)
		stub_reply_errorf(c->reply, "ERR Engine '%.*s' not found",
		    TEXT(&engine));
	else
		return (true);
	return (false);
}

/*
 * The libraries.  The world is locked.
 */

static const char *
functions(const struct stub_fact *library)
{
	return ((const char *)library->value);
}

static const char *
next(const char *function)
{
	return (function + strlen(function) + 1);
}

static size_t
count(const char *function)
{
	size_t n;

	for (n = 0; *function != '\0'; function = next(function))
		n++;
	return (n);
}

static size_t
count_functions(const struct stub_world *world)
{
	const struct stub_fact *f = stub_world_first(world, STUB_LIBRARY);
	size_t n;

	for (n = 0; f != NULL; f = stub_world_next(f))
		n += count(functions(f));
	return (n);
}

/* The library that has that function; names are the same in any case. */
static const struct stub_fact *
find_function(const struct stub_world *world, const char *name, size_t len)
{
	const struct stub_fact *f = stub_world_first(world, STUB_LIBRARY);
	const char *p;

	for (; f != NULL; f = stub_world_next(f))
		for (p = functions(f); *p != '\0'; p = next(p))
			if (strlen(p) == len && strncasecmp(p, name, len) == 0)
				return (f);
	return (NULL);
}

/* Adds the names that the code registers; false: an error is answered, as one
 * of them belongs to a library that is not `same`. */
static bool
list_functions(struct stub_call *c, struct text code,
    const struct stub_fact *same, struct bytes *list)
{
	const struct stub_fact *other;
	struct text name;
	size_t n = 0;

	while (n++ <= FUNCTIONS_MAX && next_function(&code, &name)) {
		other = find_function(c->stub->world, name.p,
		    (size_t)(name.end - name.p));
		if (other != NULL && other != same) {
			stub_reply_errorf(c->reply, "ERR Function %.*s already "
			    "exists", TEXT(&name));
			return (false);
		}
		bytes_add(list, name.p, (size_t)(name.end - name.p));
		bytes_add(list, "", 1);
	}
	if (list->len > 0 || seek(&code, "register_function"))
		return (true);
	stub_reply_error(c->reply, "ERR No functions registered");
	return (false);
}

static void
load(struct stub_call *c, const struct arg *code, bool replace)
{
	struct stub_world *world = c->stub->world;
	struct text text = { (const char *)code->data,
	    (const char *)code->data + code->size }, name;
	const struct stub_fact *old;
	struct stub_fact library;
	struct bytes value = { 0 };
	size_t n;

	if (!want_name(c, &text, &name))
		return;
	library.name = (const uint8_t *)name.p;
	library.len = (size_t)(name.end - name.p);
	old = stub_world_find(world, STUB_LIBRARY, library.name, library.len);
	if (old != NULL && !replace) {
		stub_reply_errorf(c->reply, "ERR Library '%.*s' already "
		    "exists", TEXT(&name));
		return;
	}
	if (!list_functions(c, text, old, &value))
		goto end;
	bytes_add(&value, "", 1);
	n = count_functions(world) - (old != NULL ? count(functions(old)) : 0);
	bytes_add(&value, code->data, code->size);
	library.value = value.data;
	library.value_len = value.len;
	if (value.failed)
		stub_out_of_memory(c);
	else if (n + count((char *)value.data) > FUNCTIONS_MAX)
		stub_reply_errorf(c->reply, "ERR resptap: too many functions; "
		    "the limits are %d, and %d bytes of code", FUNCTIONS_MAX,
		    STUB_FACTS_BYTES);
	else if (stub_world_put(world, STUB_LIBRARY, &library) != 0)
		stub_no_room(c, "libraries");
	else
		stub_reply_bulk(c->reply, name.p, library.len);
end:
	bytes_free(&value);
}

/*
 * The commands.
 */

void
stub_do_function_load(struct stub_call *c)
{
	const struct args *args = c->args;
	const struct arg *code = &args->v[args->n - 1];
	bool replace = false;
	uint32_t i;

	for (i = 2; i + 1 < args->n; i++) {
		if (!arg_is(&args->v[i], "replace")) {
			stub_reply_errorf(c->reply, "ERR Unknown option "
			    "given: %.*s", STUB_TEXT(&args->v[i]));
			return;
		}
		replace = true;
	}
	if (code->kept < code->size) {
		stub_reply_errorf(c->reply, "ERR resptap: a library of %u "
		    "bytes is too long; the limit is %d", code->size,
		    STUB_ECHO_MAX);
	} else if (code->size < 2 || memcmp(code->data, "#!", 2) != 0) {
		stub_reply_error(c->reply, "ERR Missing library metadata");
	} else {
		stub_world_lock(c->stub->world);
		load(c, code, replace);
		stub_world_unlock(c->stub->world);
	}
}

static bool
delete(struct stub_call *c, const struct arg *name)
{
	bool known;

	stub_world_lock(c->stub->world);
	known = stub_world_forget(c->stub->world, STUB_LIBRARY, name->data,
	    name->kept);
	stub_world_unlock(c->stub->world);
	return (known);
}

void
stub_do_function_delete(struct stub_call *c)
{
	if (delete(c, &c->args->v[2]))
		stub_ok(c);
	else
		stub_reply_error(c->reply, "ERR Library not found");
}

void
stub_do_function_flush(struct stub_call *c)
{
	if (stub_is_flush(c->args)) {
		stub_world_lock(c->stub->world);
		stub_world_forget_all(c->stub->world, STUB_LIBRARY);
		stub_world_unlock(c->stub->world);
		stub_ok(c);
	} else if (c->args->total > 3) {
		stub_wrong_subcommand(c, "FUNCTION");
	} else {
		stub_reply_error(c->reply, "ERR FUNCTION FLUSH only supports "
		    "SYNC|ASYNC option");
	}
}

void
stub_do_function_stats(struct stub_call *c)
{
	struct stub_world *world = c->stub->world;
	const uint8_t resp = c->session->resp;

	stub_world_lock(world);
	stub_reply_map(c->reply, resp, 2);
	stub_reply_string(c->reply, "running_script");
	stub_reply_null(c->reply, resp);
	stub_reply_string(c->reply, "engines");
	stub_reply_map(c->reply, resp, 1);
	stub_reply_string(c->reply, "LUA");
	stub_reply_map(c->reply, resp, 2);
	stub_reply_string(c->reply, "libraries_count");
	stub_reply_integer(c->reply,
	    (int64_t)stub_world_count(world, STUB_LIBRARY));
	stub_reply_string(c->reply, "functions_count");
	stub_reply_integer(c->reply, (int64_t)count_functions(world));
	stub_world_unlock(world);
}

/* What FUNCTION LIST asks for. */
struct listing {
	const struct arg *pattern;	/* NULL: all */
	bool code;
};

static bool
want_listing(struct stub_call *c, struct listing *l)
{
	const struct args *args = c->args;
	uint32_t i;

	*l = (struct listing){ NULL, false };
	for (i = 2; i < args->n; i++) {
		if (!l->code && arg_is(&args->v[i], "withcode")) {
			l->code = true;
		} else if (l->pattern == NULL &&
		    arg_is(&args->v[i], "libraryname")) {
			if (++i == args->n) {
				stub_reply_error(c->reply, "ERR library name "
				    "argument was not given");
				return (false);
			}
			l->pattern = &args->v[i];
		} else {
			stub_reply_errorf(c->reply, "ERR Unknown argument "
			    "%.*s", STUB_TEXT(&args->v[i]));
			return (false);
		}
	}
	return (true);
}

static bool
is_listed(const struct stub_fact *f, const struct listing *l)
{
	char name[NAME_MAX_BYTES + 1], pattern[STUB_SHOWN + 1];

	if (l->pattern == NULL)
		return (true);
	if (l->pattern->size > STUB_SHOWN)
		return (false);
	snprintf(name, sizeof(name), "%.*s", (int)f->len,
	    (const char *)f->name);
	snprintf(pattern, sizeof(pattern), "%.*s", (int)l->pattern->kept,
	    (const char *)l->pattern->data);
	return (fnmatch(pattern, name, FNM_CASEFOLD) == 0);
}

static void
add_library(struct stub_call *c, const struct stub_fact *f, bool code)
{
	const uint8_t resp = c->session->resp;
	const char *p;

	stub_reply_map(c->reply, resp, code ? 4 : 3);
	stub_reply_string(c->reply, "library_name");
	stub_reply_bulk(c->reply, f->name, f->len);
	stub_reply_string(c->reply, "engine");
	stub_reply_string(c->reply, "LUA");
	stub_reply_string(c->reply, "functions");
	stub_reply_array(c->reply, count(functions(f)));
	for (p = functions(f); *p != '\0'; p = next(p)) {
		stub_reply_map(c->reply, resp, 3);
		stub_reply_string(c->reply, "name");
		stub_reply_string(c->reply, p);
		stub_reply_string(c->reply, "description");
		stub_reply_null(c->reply, resp);
		stub_reply_string(c->reply, "flags");
		stub_reply_set(c->reply, resp, 0);
	}
	if (code) {
		p++;
		stub_reply_string(c->reply, "library_code");
		stub_reply_bulk(c->reply, p, f->value_len -
		    (size_t)(p - functions(f)));
	}
}

void
stub_do_function_list(struct stub_call *c)
{
	struct stub_world *world = c->stub->world;
	const struct stub_fact *f;
	struct listing l;
	size_t n = 0;

	if (!want_listing(c, &l))
		return;
	stub_world_lock(world);
	f = stub_world_first(world, STUB_LIBRARY);
	for (; f != NULL; f = stub_world_next(f))
		n += is_listed(f, &l);
	stub_reply_array(c->reply, n);
	f = stub_world_first(world, STUB_LIBRARY);
	for (; f != NULL; f = stub_world_next(f))
		if (is_listed(f, &l))
			add_library(c, f, l.code);
	stub_world_unlock(world);
}

void
stub_do_fcall(struct stub_call *c)
{
	const struct arg *name = &c->args->v[1];
	int64_t keys;
	bool known;

	stub_world_lock(c->stub->world);
	known = name->kept == name->size && find_function(c->stub->world,
	    (const char *)name->data, name->size) != NULL;
	stub_world_unlock(c->stub->world);
	if (!known)
		stub_reply_error(c->reply, "ERR Function not found");
	else if (!stub_integer(&c->args->v[2], &keys))
		stub_reply_error(c->reply, "ERR Bad number of keys provided");
	else if (stub_want_keys(c, keys))
		stub_reply_null(c->reply, c->session->resp);
}
