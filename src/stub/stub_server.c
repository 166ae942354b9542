/*
 * The server itself: CONFIG, ROLE, TIME, MONITOR, and the like.
 */
#include "config.h"

#include "stub/stub.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "stub/stub_call.h"

/*
 * CONFIG.
 */

/* What clients are known to ask for, as a Redis 7.0 without a configuration
 * answers; sorted by name. */
static const struct setting {
	const char *name;
	const char *value;
} settings[] = {
	{ "activerehashing", "yes" },
	{ "appendfilename", "appendonly.aof" },
	{ "appendfsync", "everysec" },
	{ "appendonly", "no" },
	{ "bind", "127.0.0.1 -::1" },
	{ "client-query-buffer-limit", "1073741824" },
	{ "cluster-enabled", "no" },
	{ "databases", "16" },
	{ "dbfilename", "dump.rdb" },
	{ "dir", "/" },
	{ "hash-max-listpack-entries", "512" },
	{ "hash-max-listpack-value", "64" },
	{ "hz", "10" },
	{ "io-threads", "1" },
	{ "latency-monitor-threshold", "0" },
	{ "lazyfree-lazy-expire", "no" },
	{ "lfu-decay-time", "1" },
	{ "list-max-listpack-size", "-2" },
	{ "loglevel", "notice" },
	{ "masterauth", "" },
	{ "maxclients", "10000" },
	{ "maxmemory", "0" },
	{ "maxmemory-policy", "noeviction" },
	{ "maxmemory-samples", "5" },
	{ "min-replicas-max-lag", "10" },
	{ "min-replicas-to-write", "0" },
	{ "notify-keyspace-events", "" },
	{ "port", "6379" },
	{ "protected-mode", "yes" },
	{ "proto-max-bulk-len", "536870912" },
	{ "repl-backlog-size", "1048576" },
	{ "repl-timeout", "60" },
	{ "replica-priority", "100" },
	{ "replica-read-only", "yes" },
	{ "replica-serve-stale-data", "yes" },
	{ "requirepass", "" },
	{ "save", "" },
	{ "slave-priority", "100" },
	{ "slave-read-only", "yes" },
	{ "slave-serve-stale-data", "yes" },
	{ "slowlog-log-slower-than", "10000" },
	{ "slowlog-max-len", "128" },
	{ "stream-node-max-entries", "100" },
	{ "supervised", "no" },
	{ "tcp-backlog", "511" },
	{ "tcp-keepalive", "300" },
	{ "timeout", "0" },
	{ "unixsocket", "" },
	{ "zset-max-listpack-entries", "128" },
	{ "zset-max-listpack-value", "64" },
};

#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

/* The longest pattern of CONFIG GET that is looked at. */
#define PATTERN_MAX 128

/* Which pattern asks for it, or NULL. */
static const struct arg *
asked_by(const struct args *args, const char *name)
{
	char pattern[PATTERN_MAX];
	const struct arg *a;
	uint32_t i;

	for (i = 2; i < args->n; i++) {
		a = &args->v[i];
		if (a->size >= sizeof(pattern))
			continue;
		snprintf(pattern, sizeof(pattern), "%.*s", (int)a->size,
		    (const char *)a->data);
		if (fnmatch(pattern, name, FNM_CASEFOLD) == 0)
			return (a);
	}
	return (NULL);
}

static bool
is_listed(const char *name)
{
	size_t i;

	for (i = 0; i < SETTINGS; i++)
		if (strcmp(settings[i].name, name) == 0)
			return (true);
	return (false);
}

/* What CONFIG SET has made of it; NULL: nothing. */
static const struct stub_fact *
find_set(const struct stub_world *world, const char *name)
{
	return (stub_world_find(world, STUB_SETTING, name, strlen(name) + 1));
}

/* Adds it, if it is asked for; reply NULL: only says whether.  Redis names a
 * setting as the client did, unless that is a pattern. */
static bool
add_setting(struct stub_call *c, struct bytes *reply, const char *name,
    const char *value)
{
	const struct arg *asked = asked_by(c->args, name);
	const struct stub_fact *set;

	if (asked == NULL || reply == NULL)
		return (asked != NULL);
	if (arg_is(asked, name))
		stub_echo(c, asked);
	else
		stub_reply_string(reply, name);
	if ((set = find_set(c->stub->world, name)) != NULL)
		stub_reply_bulk(reply, set->value, set->value_len);
	else
		stub_reply_string(reply, value);
	return (true);
}

/* The settings that are listed, then others that have been set. */
static size_t
add_settings(struct stub_call *c, struct bytes *reply)
{
	const struct stub_fact *f;
	size_t i, n = 0;

	for (i = 0; i < SETTINGS; i++)
		n += add_setting(c, reply, settings[i].name,
		    settings[i].value);
	f = stub_world_first(c->stub->world, STUB_SETTING);
	for (; f != NULL; f = stub_world_next(f))
		if (!is_listed((const char *)f->name))
			n += add_setting(c, reply, (const char *)f->name, "");
	return (n);
}

void
stub_do_config_get(struct stub_call *c)
{
	stub_world_lock(c->stub->world);
	stub_reply_map(c->reply, c->session->resp, add_settings(c, NULL));
	add_settings(c, c->reply);
	stub_world_unlock(c->stub->world);
}

/* Puts the name in lower case; names with a '-' may be ones that are only not
 * listed above.  false: it is none, and an error is answered. */
static bool
want_setting(struct stub_call *c, const struct arg *a, char name[PATTERN_MAX])
{
	size_t i;

	for (i = 0; i < a->kept && i < PATTERN_MAX - 1; i++)
		name[i] = (char)tolower(a->data[i]);
	name[i] = '\0';
	if (a->size == strlen(name) &&
	    (is_listed(name) || strchr(name, '-') != NULL))
		return (true);
	stub_reply_errorf(c->reply, "ERR Unknown option or number of arguments "
	    "for CONFIG SET - '%.*s'", STUB_TEXT(a));
	return (false);
}

/* A value that is secret is not sent back, so it is not kept either. */
static bool
remember(struct stub_call *c, const char *name, const struct arg *a)
{
	struct stub_fact fact = { .name = (const uint8_t *)name,
	    .len = strlen(name) + 1, .value = a->data,
	    .value_len = a->kept };

	if (a->secret) {
		fact.value = (const uint8_t *)STUB_REDACTED;
		fact.value_len = strlen(STUB_REDACTED);
	}
	return (stub_world_put(c->stub->world, STUB_SETTING, &fact) == 0);
}

/* CONFIG SET takes any value. */
void
stub_do_config_set(struct stub_call *c)
{
	const struct args *args = c->args;
	char name[PATTERN_MAX];
	bool known = true;
	uint32_t i;

	if (args->total % 2 != 0) {
		stub_syntax_error(c);
		return;
	}
	for (i = 2; i < args->n; i += 2)
		if (!want_setting(c, &args->v[i], name))
			return;
	stub_world_lock(c->stub->world);
	for (i = 2; i < args->n && known; i += 2)
		known = want_setting(c, &args->v[i], name) &&
		    remember(c, name, &args->v[i + 1]);
	stub_world_unlock(c->stub->world);
	if (known)
		stub_ok(c);
	else
		stub_no_room(c, "settings");
}

void
stub_do_config_rewrite(struct stub_call *c)
{
	stub_reply_error(c->reply,
	    "ERR The server is running without a config file");
}

/*
 * Others.
 */

void
stub_do_latency_graph(struct stub_call *c)
{
	stub_reply_errorf(c->reply, "ERR No samples available for event "
	    "'%.*s'", STUB_TEXT(&c->args->v[2]));
}

void
stub_do_monitor(struct stub_call *c)
{
	if (c->in_exec) {
		stub_reply_error(c->reply, "ERR MONITOR isn't allowed for "
		    "DENY BLOCKING client");
	} else if (!c->session->monitor) {
		c->session->monitor = true;
		stub_ok(c);
	}
}

/* A replica's side of replication; ACK and GETACK get no reply. */
void
stub_do_replconf(struct stub_call *c)
{
	static const char *const known[] = { "capa", "ip-address",
	    "listening-port", "rdb-filter-only", "rdb-only" };
	const struct args *args = c->args;
	uint32_t i;
	size_t k;

	if (args->total % 2 == 0) {
		stub_syntax_error(c);
		return;
	}
	for (i = 1; i < args->n; i += 2) {
		if (arg_is(&args->v[i], "ack") || arg_is(&args->v[i], "getack"))
			return;
		for (k = 0; k < sizeof(known) / sizeof(known[0]); k++)
			if (arg_is(&args->v[i], known[k]))
				break;
		if (k < sizeof(known) / sizeof(known[0]))
			continue;
		stub_reply_errorf(c->reply, "ERR Unrecognized REPLCONF "
		    "option: %.*s", STUB_TEXT(&args->v[i]));
		return;
	}
	stub_ok(c);
}

void
stub_do_role(struct stub_call *c)
{
	stub_reply_array(c->reply, 3);
	stub_reply_string(c->reply, "master");
	stub_reply_integer(c->reply, 0);
	stub_reply_array(c->reply, 0);
}

static void
add_number_string(struct bytes *out, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%ju", (uintmax_t)n);
	stub_reply_string(out, text);
}

void
stub_do_time(struct stub_call *c)
{
	uint64_t now = 0;

	if (c->stub->clock_us != NULL)
		now = c->stub->clock_us();
	stub_reply_array(c->reply, 2);
	add_number_string(c->reply, now / 1000000);
	add_number_string(c->reply, now % 1000000);
}
