/*
 * Scripts are not run: they return nil, or the empty tables that script_shape.h
 * finds.  Those that have been seen, in EVAL or SCRIPT LOAD, are known by their
 * SHA1, and what they return with it.
 */
#include "config.h"

#include "stub/stub.h"

#include <openssl/evp.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "stub/script_shape.h"
#include "stub/stub_call.h"

#define SHA1_BYTES 20
#define SHA1_DIGITS (2 * SHA1_BYTES)

/* The script's SHA1 in lower case; false: there is no memory, or not all of
 * the script is there. */
static bool
digest(const struct arg *script, char digits[SHA1_DIGITS + 1])
{
	uint8_t sum[SHA1_BYTES];
	size_t i;

	if (script->kept < script->size || EVP_Digest(script->data,
	    script->size, sum, NULL, EVP_sha1(), NULL) != 1)
		return (false);
	for (i = 0; i < sizeof(sum); i++)
		snprintf(digits + 2 * i, 3, "%02x", sum[i]);
	return (true);
}

/* A script's shape as the reply. */
static void
add_shape(struct stub_call *c, const uint8_t *shape, size_t len)
{
	const uint8_t *null;

	while (len > 0 && (null = memchr(shape, '_', len)) != NULL) {
		bytes_add(c->reply, shape, (size_t)(null - shape));
		stub_reply_null(c->reply, c->session->resp);
		len -= (size_t)(null + 1 - shape);
		shape = null + 1;
	}
	bytes_add(c->reply, shape, len);
}

/* Has the world know the script from now on; false: it cannot.  With `run`
 * also adds what it returns. */
static bool
take(struct stub_call *c, const struct arg *script, bool run)
{
	struct stub_world *world = c->stub->world;
	char digits[SHA1_DIGITS + 1];
	struct stub_fact fact = { .name = (const uint8_t *)digits,
	    .len = SHA1_DIGITS };
	const struct stub_fact *known;
	struct bytes shape = { 0 };
	bool hashed = digest(script, digits), remembered = false;

	stub_world_lock(world);
	known = hashed ? stub_world_find(world, STUB_SCRIPT, digits,
	    SHA1_DIGITS) : NULL;
	if (known == NULL) {
		script_shape((const char *)script->data, script->size, &shape);
		fact.value = shape.data;
		fact.value_len = shape.len;
		remembered = hashed && !shape.failed &&
		    stub_world_put(world, STUB_SCRIPT, &fact) == 0;
		known = &fact;
	} else {
		remembered = true;
	}
	if (run)
		add_shape(c, known->value, known->value_len);
	else if (remembered)
		stub_reply_string(c->reply, digits);
	c->reply->failed |= shape.failed;
	stub_world_unlock(world);
	bytes_free(&shape);
	return (remembered);
}

/* The SHA1 in lower case; false: it is none. */
static bool
read_digits(const struct arg *sha1, char digits[SHA1_DIGITS])
{
	size_t i;

	if (sha1->size != SHA1_DIGITS || sha1->kept < sha1->size)
		return (false);
	for (i = 0; i < SHA1_DIGITS; i++)
		digits[i] = (char)tolower(sha1->data[i]);
	return (true);
}

/* Whether the script is known; with `run` adds what it returns. */
static bool
find(struct stub_call *c, const struct arg *sha1, bool run)
{
	struct stub_world *world = c->stub->world;
	const struct stub_fact *known;
	char digits[SHA1_DIGITS];

	if (!read_digits(sha1, digits))
		return (false);
	stub_world_lock(world);
	known = stub_world_find(world, STUB_SCRIPT, digits, SHA1_DIGITS);
	if (known != NULL && run)
		add_shape(c, known->value, known->value_len);
	stub_world_unlock(world);
	return (known != NULL);
}

bool
stub_want_keys(struct stub_call *c, int64_t keys)
{
	if (keys > (int64_t)c->args->total - 3)
		stub_reply_error(c->reply, "ERR Number of keys can't be "
		    "greater than number of args");
	else if (keys < 0)
		stub_reply_error(c->reply,
		    "ERR Number of keys can't be negative");
	else
		return (true);
	return (false);
}

/* A script that is too long to be kept, or one too many, is run, but EVALSHA
 * does not know it: a client has to be ready for that. */
void
stub_do_eval(struct stub_call *c)
{
	int64_t keys;

	if (!stub_want_integer(c, &c->args->v[2], &keys) ||
	    !stub_want_keys(c, keys))
		return;
	take(c, &c->args->v[1], true);
}

void
stub_do_evalsha(struct stub_call *c)
{
	const struct arg *sha1 = &c->args->v[1];
	int64_t keys;

	if (sha1->size == SHA1_DIGITS &&
	    (!stub_want_integer(c, &c->args->v[2], &keys) ||
	    !stub_want_keys(c, keys)))
		return;
	if (!find(c, sha1, true))
		stub_reply_error(c->reply,
		    "NOSCRIPT No matching script. Please use EVAL.");
}

void
stub_do_script_load(struct stub_call *c)
{
	const struct arg *script = &c->args->v[2];

	if (script->kept < script->size)
		stub_reply_errorf(c->reply, "ERR resptap: a script of %u bytes "
		    "is too long; the limit is %d", script->size,
		    STUB_ECHO_MAX);
	else if (!take(c, script, false))
		stub_no_room(c, "scripts (SCRIPT FLUSH forgets them)");
}

void
stub_do_script_exists(struct stub_call *c)
{
	uint32_t i;

	stub_reply_array(c->reply, c->args->n - 2);
	for (i = 2; i < c->args->n; i++)
		stub_reply_integer(c->reply, find(c, &c->args->v[i], false));
}

bool
stub_is_flush(const struct args *args)
{
	return (args->total == 2 || (args->total == 3 &&
	    (arg_is(&args->v[2], "async") || arg_is(&args->v[2], "sync"))));
}

void
stub_do_script_flush(struct stub_call *c)
{
	if (stub_is_flush(c->args)) {
		stub_world_lock(c->stub->world);
		stub_world_forget_all(c->stub->world, STUB_SCRIPT);
		stub_world_unlock(c->stub->world);
		stub_ok(c);
	} else {
		stub_reply_error(c->reply, "ERR SCRIPT FLUSH only support "
		    "SYNC|ASYNC option");
	}
}

void
stub_do_script_debug(struct stub_call *c)
{
	const struct arg *mode = &c->args->v[2];

	if (arg_is(mode, "yes") || arg_is(mode, "sync") || arg_is(mode, "no"))
		stub_ok(c);
	else
		stub_reply_error(c->reply, "ERR Use SCRIPT DEBUG YES/SYNC/NO");
}
