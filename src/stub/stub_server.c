/*
 * The server itself: CONFIG, ROLE, TIME, MONITOR, and the like.
 */
#include "config.h"

#include "stub/stub.h"

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
asked_by(const struct args *args, const struct setting *setting)
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
		if (fnmatch(pattern, setting->name, FNM_CASEFOLD) == 0)
			return (a);
	}
	return (NULL);
}

/* Redis names a setting as the client did, unless that is a pattern. */
void
stub_do_config_get(struct stub_call *c)
{
	const struct arg *asked[SETTINGS];
	size_t i, n = 0;

	for (i = 0; i < SETTINGS; i++)
		n += (asked[i] = asked_by(c->args, &settings[i])) != NULL;
	stub_reply_map(c->reply, c->session->resp, n);
	for (i = 0; i < SETTINGS; i++) {
		if (asked[i] == NULL)
			continue;
		if (arg_is(asked[i], settings[i].name))
			stub_echo(c, asked[i]);
		else
			stub_reply_string(c->reply, settings[i].name);
		stub_reply_string(c->reply, settings[i].value);
	}
}

/* CONFIG SET takes any value, and keeps none.  Names with a '-' may be ones
 * that are only not listed above. */
void
stub_do_config_set(struct stub_call *c)
{
	const struct args *args = c->args;
	uint32_t i;
	size_t k;

	if (args->total % 2 != 0) {
		stub_syntax_error(c);
		return;
	}
	for (i = 2; i < args->n; i += 2) {
		for (k = 0; k < SETTINGS; k++)
			if (arg_is(&args->v[i], settings[k].name))
				break;
		if (k < SETTINGS || memchr(args->v[i].data, '-',
		    args->v[i].kept) != NULL)
			continue;
		stub_reply_errorf(c->reply, "ERR Unknown option or number of "
		    "arguments for CONFIG SET - '%.*s'",
		    STUB_TEXT(&args->v[i]));
		return;
	}
	stub_ok(c);
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
stub_do_acl_whoami(struct stub_call *c)
{
	stub_reply_string(c->reply, "default");
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
