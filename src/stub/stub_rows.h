/*
 * The commands with an answer of their own: the one list of them, sorted by
 * name.
 *
 *   ROW(name in the command table, handler without its stub_do_, few)
 *
 * A handler adds the reply.  Arity is right, and args->n is args->total; of a
 * row that is `few` args->n may be less, but for the first 3 arguments.
 */
#ifndef STUB_STUB_ROWS_H
#define STUB_STUB_ROWS_H

#define STUB_ROWS(ROW) \
	ROW("acl|whoami", acl_whoami, false) \
	ROW("auth", auth, true) \
	ROW("bitfield", bitfield, false) \
	ROW("bitfield_ro", bitfield, false) \
	ROW("blmove", blmove, false) \
	ROW("blmpop", bmpop, false) \
	ROW("blpop", blpop, false) \
	ROW("brpop", blpop, false) \
	ROW("brpoplpush", blpop, false) \
	ROW("bzmpop", bmpop, false) \
	ROW("bzpopmax", blpop, false) \
	ROW("bzpopmin", blpop, false) \
	ROW("client|caching", client_caching, false) \
	ROW("client|getname", client_getname, false) \
	ROW("client|getredir", client_getredir, false) \
	ROW("client|id", client_id, false) \
	ROW("client|info", client_info, false) \
	ROW("client|kill", client_kill, false) \
	ROW("client|list", client_list, false) \
	ROW("client|no-evict", client_no_evict, false) \
	ROW("client|pause", client_pause, false) \
	ROW("client|reply", client_reply, false) \
	ROW("client|setname", client_setname, false) \
	ROW("client|tracking", client_tracking, false) \
	ROW("client|trackinginfo", client_trackinginfo, false) \
	ROW("client|unblock", client_unblock, false) \
	ROW("command", command, false) \
	ROW("command|count", command_count, false) \
	ROW("command|docs", command_docs, false) \
	ROW("command|getkeys", command_getkeys, false) \
	ROW("command|getkeysandflags", command_getkeys, false) \
	ROW("command|info", command_info, false) \
	ROW("command|list", command_list, false) \
	ROW("config|get", config_get, false) \
	ROW("config|rewrite", config_rewrite, false) \
	ROW("config|set", config_set, false) \
	ROW("decrby", number, false) \
	ROW("discard", discard, false) \
	ROW("echo", echo, false) \
	ROW("eval", eval, true) \
	ROW("eval_ro", eval, true) \
	ROW("evalsha", evalsha, true) \
	ROW("evalsha_ro", evalsha, true) \
	ROW("exec", exec, false) \
	ROW("expire", number, false) \
	ROW("expireat", number, false) \
	ROW("hello", hello, false) \
	ROW("hscan", scan, false) \
	ROW("incrby", number, false) \
	ROW("info", info, false) \
	ROW("monitor", monitor, false) \
	ROW("multi", multi, false) \
	ROW("pexpire", number, false) \
	ROW("pexpireat", number, false) \
	ROW("ping", ping, true) \
	ROW("psetex", number, false) \
	ROW("psubscribe", psubscribe, false) \
	ROW("pubsub|channels", pubsub_channels, false) \
	ROW("pubsub|numsub", pubsub_numsub, false) \
	ROW("pubsub|shardchannels", pubsub_channels, false) \
	ROW("pubsub|shardnumsub", pubsub_numsub, false) \
	ROW("punsubscribe", punsubscribe, false) \
	ROW("quit", quit, false) \
	ROW("replconf", replconf, false) \
	ROW("reset", reset, false) \
	ROW("role", role, false) \
	ROW("scan", scan, false) \
	ROW("script|debug", script_debug, false) \
	ROW("script|exists", script_exists, false) \
	ROW("script|flush", script_flush, false) \
	ROW("script|load", script_load, false) \
	ROW("select", select, false) \
	ROW("setex", number, false) \
	ROW("sscan", scan, false) \
	ROW("ssubscribe", ssubscribe, false) \
	ROW("subscribe", subscribe, false) \
	ROW("sunsubscribe", sunsubscribe, false) \
	ROW("time", time, false) \
	ROW("unsubscribe", unsubscribe, false) \
	ROW("wait", wait, false) \
	ROW("watch", watch, true) \
	ROW("xread", xread, false) \
	ROW("xreadgroup", xread, false) \
	ROW("zscan", scan, false)

struct stub_call;

#define STUB_ROWS_DECLARE(name, handler, few) \
	void stub_do_##handler(struct stub_call *);
STUB_ROWS(STUB_ROWS_DECLARE)
#undef STUB_ROWS_DECLARE

#endif
