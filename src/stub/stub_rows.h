/*
 * The commands with an answer of their own: the one list of them, sorted as the
 * command table is.
 *
 *   ROW(name in the command table, handler without its stub_do_, first)
 *
 * A handler adds the reply.  Arity is right, and args->n is args->total; if it
 * looks only at its `first` arguments (0: at all), args->n may be less, but not
 * less than these.
 */
#ifndef STUB_STUB_ROWS_H
#define STUB_STUB_ROWS_H

#define STUB_ROWS(ROW) \
	ROW("acl|cat", acl_cat, 0) \
	ROW("acl|deluser", acl_deluser, 0) \
	ROW("acl|getuser", acl_getuser, 0) \
	ROW("acl|help", help, 0) \
	ROW("acl|list", acl_list, 0) \
	ROW("acl|setuser", acl_setuser, 3) \
	ROW("acl|users", acl_list, 0) \
	ROW("acl|whoami", acl_whoami, 0) \
	ROW("auth", auth, 1) \
	ROW("backup|help", help, 0) \
	ROW("bitfield", bitfield, 0) \
	ROW("bitfield_ro", bitfield, 0) \
	ROW("blmove", blmove, 0) \
	ROW("blmovem", blmovem, 0) \
	ROW("blmpop", bmpop, 0) \
	ROW("blpop", blpop, 0) \
	ROW("brpop", blpop, 0) \
	ROW("brpoplpush", blpop, 0) \
	ROW("bzmpop", bmpop, 0) \
	ROW("bzpopmax", blpop, 0) \
	ROW("bzpopmin", blpop, 0) \
	ROW("client|caching", client_caching, 0) \
	ROW("client|getname", client_getname, 0) \
	ROW("client|getredir", client_getredir, 0) \
	ROW("client|help", help, 0) \
	ROW("client|id", client_id, 0) \
	ROW("client|info", client_info, 0) \
	ROW("client|kill", client_kill, 0) \
	ROW("client|list", client_list, 0) \
	ROW("client|no-evict", client_no_evict, 0) \
	ROW("client|pause", client_pause, 0) \
	ROW("client|reply", client_reply, 0) \
	ROW("client|setname", client_setname, 0) \
	ROW("client|tracking", client_tracking, 0) \
	ROW("client|trackinginfo", client_trackinginfo, 0) \
	ROW("client|unblock", client_unblock, 0) \
	ROW("client|unpause", client_unpause, 0) \
	ROW("command", command, 0) \
	ROW("command|count", command_count, 0) \
	ROW("command|docs", command_docs, 0) \
	ROW("command|getkeys", command_getkeys, 0) \
	ROW("command|getkeysandflags", command_getkeys, 0) \
	ROW("command|help", help, 0) \
	ROW("command|info", command_info, 0) \
	ROW("command|list", command_list, 0) \
	ROW("commandlog|help", help, 0) \
	ROW("config|get", config_get, 0) \
	ROW("config|help", help, 0) \
	ROW("config|rewrite", config_rewrite, 0) \
	ROW("config|set", config_set, 0) \
	ROW("decrby", number, 0) \
	ROW("discard", discard, 0) \
	ROW("echo", echo, 0) \
	ROW("eval", eval, 3) \
	ROW("eval_ro", eval, 3) \
	ROW("evalsha", evalsha, 3) \
	ROW("evalsha_ro", evalsha, 3) \
	ROW("exec", exec, 0) \
	ROW("expire", number, 0) \
	ROW("expireat", number, 0) \
	ROW("fcall", fcall, 3) \
	ROW("fcall_ro", fcall, 3) \
	ROW("flushall", flushall, 0) \
	ROW("flushdb", flushall, 0) \
	ROW("function|delete", function_delete, 0) \
	ROW("function|flush", function_flush, 0) \
	ROW("function|help", help, 0) \
	ROW("function|list", function_list, 0) \
	ROW("function|load", function_load, 0) \
	ROW("function|stats", function_stats, 0) \
	ROW("hello", hello, 0) \
	ROW("hotkeys|help", help, 0) \
	ROW("hscan", scan, 0) \
	ROW("incrby", number, 0) \
	ROW("info", info, 0) \
	ROW("latency|graph", latency_graph, 0) \
	ROW("latency|help", help, 0) \
	ROW("memory|help", help, 0) \
	ROW("memory|stats", memory_stats, 0) \
	ROW("module|help", help, 0) \
	ROW("monitor", monitor, 0) \
	ROW("multi", multi, 0) \
	ROW("object|help", help, 0) \
	ROW("pexpire", number, 0) \
	ROW("pexpireat", number, 0) \
	ROW("ping", ping, 2) \
	ROW("psetex", number, 0) \
	ROW("psubscribe", psubscribe, 0) \
	ROW("pubsub|channels", pubsub_channels, 0) \
	ROW("pubsub|help", help, 0) \
	ROW("pubsub|numsub", pubsub_numsub, 0) \
	ROW("pubsub|shardchannels", pubsub_channels, 0) \
	ROW("pubsub|shardnumsub", pubsub_numsub, 0) \
	ROW("punsubscribe", punsubscribe, 0) \
	ROW("quit", quit, 0) \
	ROW("replconf", replconf, 0) \
	ROW("reset", reset, 0) \
	ROW("role", role, 0) \
	ROW("scan", scan, 0) \
	ROW("script|debug", script_debug, 0) \
	ROW("script|exists", script_exists, 0) \
	ROW("script|flush", script_flush, 0) \
	ROW("script|help", help, 0) \
	ROW("script|load", script_load, 0) \
	ROW("select", select, 0) \
	ROW("setex", number, 0) \
	ROW("slowlog|help", help, 0) \
	ROW("sscan", scan, 0) \
	ROW("ssubscribe", ssubscribe, 0) \
	ROW("subscribe", subscribe, 0) \
	ROW("sunsubscribe", sunsubscribe, 0) \
	ROW("time", time, 0) \
	ROW("ts.read", ts_read, 0) \
	ROW("unsubscribe", unsubscribe, 0) \
	ROW("wait", wait, 0) \
	ROW("waitaof", waitaof, 0) \
	ROW("watch", watch, 1) \
	ROW("xadd", xadd, 12) \
	ROW("xautoclaim", xpending, 5) \
	ROW("xclaim", xpending, 5) \
	ROW("xgroup|create", xgroup_create, 0) \
	ROW("xgroup|createconsumer", xgroup_setid, 0) \
	ROW("xgroup|delconsumer", xgroup_setid, 0) \
	ROW("xgroup|destroy", xgroup_destroy, 0) \
	ROW("xgroup|help", help, 0) \
	ROW("xgroup|setid", xgroup_setid, 0) \
	ROW("xinfo|help", help, 0) \
	ROW("xpending", xpending, 0) \
	ROW("xread", xread, 0) \
	ROW("xreadgroup", xread, 0) \
	ROW("zscan", scan, 0)

struct stub_call;

#define STUB_ROWS_DECLARE(name, handler, first) \
	void stub_do_##handler(struct stub_call *);
STUB_ROWS(STUB_ROWS_DECLARE)
#undef STUB_ROWS_DECLARE

#endif
