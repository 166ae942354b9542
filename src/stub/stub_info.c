/*
 * INFO: what a server says when nothing has happened yet.  What only its
 * machine would know is 0.
 */
#include "config.h"

#include "stub/stub.h"

#include <string.h>

#include "stub/stub_call.h"

/* Which requests a section belongs to, besides its own name. */
enum {
	BY_DEFAULT = 1 << 0,	/* none, or "default" */
	BY_ALL = 1 << 1,	/* "all" */
	BY_EVERYTHING = 1 << 2
};

#define COMMON (BY_DEFAULT | BY_ALL | BY_EVERYTHING)

static const struct section {
	const char *name;
	int by;
	const char *text;
} sections[] = {
	{ "server", COMMON,	/* behind which server it is */
	    "redis_git_sha1:00000000\r\n"
	    "redis_git_dirty:0\r\n"
	    "redis_build_id:0\r\n"
	    "redis_mode:standalone\r\n"
	    "os:Linux\r\n"
	    "arch_bits:64\r\n"
	    "monotonic_clock:POSIX clock_gettime\r\n"
	    "multiplexing_api:epoll\r\n"
	    "atomicvar_api:c11-builtin\r\n"
	    "process_id:1\r\n"
	    "process_supervised:no\r\n"
	    "run_id:0000000000000000000000000000000000000000\r\n"
	    "tcp_port:6379\r\n"
	    "server_time_usec:0\r\n"
	    "uptime_in_seconds:0\r\n"
	    "uptime_in_days:0\r\n"
	    "hz:10\r\n"
	    "configured_hz:10\r\n"
	    "lru_clock:0\r\n"
	    "executable:resptap\r\n"
	    "config_file:\r\n"
	    "io_threads_active:0\r\n" },
	{ "clients", COMMON, "# Clients\r\n"
	    "connected_clients:1\r\n"
	    "cluster_connections:0\r\n"
	    "maxclients:10000\r\n"
	    "client_recent_max_input_buffer:0\r\n"
	    "client_recent_max_output_buffer:0\r\n"
	    "blocked_clients:0\r\n"
	    "tracking_clients:0\r\n"
	    "clients_in_timeout_table:0\r\n" },
	{ "memory", COMMON, "# Memory\r\n"
	    "used_memory:0\r\n"
	    "used_memory_human:0B\r\n"
	    "used_memory_rss:0\r\n"
	    "used_memory_rss_human:0B\r\n"
	    "used_memory_peak:0\r\n"
	    "used_memory_peak_human:0B\r\n"
	    "used_memory_peak_perc:0.00%\r\n"
	    "used_memory_lua:0\r\n"
	    "used_memory_lua_human:0B\r\n"
	    "maxmemory:0\r\n"
	    "maxmemory_human:0B\r\n"
	    "maxmemory_policy:noeviction\r\n"
	    "mem_fragmentation_ratio:1.00\r\n"
	    "mem_fragmentation_bytes:0\r\n"
	    "mem_allocator:libc\r\n"
	    "active_defrag_running:0\r\n"
	    "lazyfree_pending_objects:0\r\n"
	    "lazyfreed_objects:0\r\n" },
	{ "persistence", COMMON, "# Persistence\r\n"
	    "loading:0\r\n"
	    "async_loading:0\r\n"
	    "rdb_changes_since_last_save:0\r\n"
	    "rdb_bgsave_in_progress:0\r\n"
	    "rdb_last_save_time:0\r\n"
	    "rdb_last_bgsave_status:ok\r\n"
	    "rdb_last_bgsave_time_sec:-1\r\n"
	    "rdb_current_bgsave_time_sec:-1\r\n"
	    "aof_enabled:0\r\n"
	    "aof_rewrite_in_progress:0\r\n"
	    "aof_rewrite_scheduled:0\r\n"
	    "aof_last_rewrite_time_sec:-1\r\n"
	    "aof_current_rewrite_time_sec:-1\r\n"
	    "aof_last_bgrewrite_status:ok\r\n"
	    "aof_last_write_status:ok\r\n" },
	{ "stats", COMMON, "# Stats\r\n"
	    "total_connections_received:1\r\n"
	    "total_commands_processed:0\r\n"
	    "instantaneous_ops_per_sec:0\r\n"
	    "total_net_input_bytes:0\r\n"
	    "total_net_output_bytes:0\r\n"
	    "instantaneous_input_kbps:0.00\r\n"
	    "instantaneous_output_kbps:0.00\r\n"
	    "rejected_connections:0\r\n"
	    "sync_full:0\r\n"
	    "sync_partial_ok:0\r\n"
	    "sync_partial_err:0\r\n"
	    "expired_keys:0\r\n"
	    "evicted_keys:0\r\n"
	    "keyspace_hits:0\r\n"
	    "keyspace_misses:0\r\n"
	    "pubsub_channels:0\r\n"
	    "pubsub_patterns:0\r\n"
	    "latest_fork_usec:0\r\n"
	    "total_forks:0\r\n"
	    "total_error_replies:0\r\n" },
	{ "replication", COMMON, "# Replication\r\n"
	    "role:master\r\n"
	    "connected_slaves:0\r\n"
	    "master_failover_state:no-failover\r\n"
	    "master_replid:0000000000000000000000000000000000000000\r\n"
	    "master_replid2:0000000000000000000000000000000000000000\r\n"
	    "master_repl_offset:0\r\n"
	    "second_repl_offset:-1\r\n"
	    "repl_backlog_active:0\r\n"
	    "repl_backlog_size:1048576\r\n"
	    "repl_backlog_first_byte_offset:0\r\n"
	    "repl_backlog_histlen:0\r\n" },
	{ "cpu", COMMON, "# CPU\r\n"
	    "used_cpu_sys:0.000000\r\n"
	    "used_cpu_user:0.000000\r\n"
	    "used_cpu_sys_children:0.000000\r\n"
	    "used_cpu_user_children:0.000000\r\n"
	    "used_cpu_sys_main_thread:0.000000\r\n"
	    "used_cpu_user_main_thread:0.000000\r\n" },
	{ "modules", BY_DEFAULT | BY_EVERYTHING, "# Modules\r\n" },
	{ "commandstats", BY_ALL | BY_EVERYTHING, "# Commandstats\r\n" },
	{ "errorstats", COMMON, "# Errorstats\r\n" },
	{ "latencystats", BY_ALL | BY_EVERYTHING, "# Latencystats\r\n" },
	{ "cluster", COMMON, "# Cluster\r\n"
	    "cluster_enabled:0\r\n" },
	{ "keyspace", COMMON, "# Keyspace\r\n" },
};

static bool
is_asked(const struct section *section, const struct args *args)
{
	uint32_t i;

	if (args->total == 1)
		return (section->by & BY_DEFAULT);
	for (i = 1; i < args->n; i++)
		if (arg_is(&args->v[i], section->name) ||
		    (arg_is(&args->v[i], "default") &&
		    (section->by & BY_DEFAULT)) ||
		    (arg_is(&args->v[i], "all") && (section->by & BY_ALL)) ||
		    (arg_is(&args->v[i], "everything") &&
		    (section->by & BY_EVERYTHING)))
			return (true);
	return (false);
}

void
stub_do_info(struct stub_call *c)
{
	struct bytes text = { 0 };
	size_t i;

	for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		if (!is_asked(&sections[i], c->args))
			continue;
		if (text.len > 0)
			bytes_add(&text, "\r\n", 2);
		if (i == 0) {
			bytes_add_string(&text, "# Server\r\n");
			bytes_add_string(&text, compat_info(c->stub->compat));
		}
		bytes_add_string(&text, sections[i].text);
	}
	stub_reply_text(c->reply, c->session->resp, text.data, text.len);
	c->reply->failed |= text.failed;
	bytes_free(&text);
}

/* MEMORY STATS: of nothing.  A ratio is a number with a fraction. */
void
stub_do_memory_stats(struct stub_call *c)
{
	static const struct {
		const char *name;
		enum command_reply kind;
	} stats[] = {
		{ "peak.allocated", COMMAND_ZERO },
		{ "total.allocated", COMMAND_ZERO },
		{ "startup.allocated", COMMAND_ZERO },
		{ "replication.backlog", COMMAND_ZERO },
		{ "clients.slaves", COMMAND_ZERO },
		{ "clients.normal", COMMAND_ZERO },
		{ "cluster.links", COMMAND_ZERO },
		{ "aof.buffer", COMMAND_ZERO },
		{ "lua.caches", COMMAND_ZERO },
		{ "functions.caches", COMMAND_ZERO },
		{ "overhead.total", COMMAND_ZERO },
		{ "keys.count", COMMAND_ZERO },
		{ "keys.bytes-per-key", COMMAND_ZERO },
		{ "dataset.bytes", COMMAND_ZERO },
		{ "dataset.percentage", COMMAND_DOUBLE },
		{ "peak.percentage", COMMAND_DOUBLE },
		{ "allocator.allocated", COMMAND_ZERO },
		{ "allocator.active", COMMAND_ZERO },
		{ "allocator.resident", COMMAND_ZERO },
		{ "allocator-fragmentation.ratio", COMMAND_DOUBLE },
		{ "allocator-fragmentation.bytes", COMMAND_ZERO },
		{ "allocator-rss.ratio", COMMAND_DOUBLE },
		{ "allocator-rss.bytes", COMMAND_ZERO },
		{ "rss-overhead.ratio", COMMAND_DOUBLE },
		{ "rss-overhead.bytes", COMMAND_ZERO },
		{ "fragmentation", COMMAND_DOUBLE },
		{ "fragmentation.bytes", COMMAND_ZERO },
	};
	const size_t n = sizeof(stats) / sizeof(stats[0]);
	size_t i;

	stub_reply_map(c->reply, c->session->resp, n);
	for (i = 0; i < n; i++) {
		stub_reply_string(c->reply, stats[i].name);
		stub_reply_kind(c->reply, c->session->resp, stats[i].kind, 0);
	}
}
