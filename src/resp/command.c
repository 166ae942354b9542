#include "config.h"

#include "resp/command.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table[0]))

/* Flags, as the rows write them. */
#define BLOCKS COMMAND_BLOCKS
#define NO_MULTI COMMAND_NO_MULTI
#define IN_SUBSCRIBED COMMAND_IN_SUBSCRIBED
#define CONTAINER COMMAND_CONTAINER
#define VARIES COMMAND_VARIES
#define MOVABLE COMMAND_MOVABLE_KEYS
#define COUNT_1 (MOVABLE | COMMAND_COUNT_1)
#define COUNT_2 (MOVABLE | COMMAND_COUNT_2)
#define STREAMS (MOVABLE | COMMAND_STREAMS)
#define STORE (MOVABLE | COMMAND_STORE)
#define MIGRATE (MOVABLE | COMMAND_MIGRATE)

/*
 * Sorted by name, as strcmp(3) does it.  Name, arity, kind of reply; the first
 * key, the last one, the step; flags.
 *
 * A container's own reply is never asked for (but COMMAND's): its arity wants
 * a subcommand.  Where the kind is not what Redis 7.0.15 answered when it was
 * empty, a comment above the row says so, but for :1 that became :0 and for
 * lists of what is built in that became empty.
 */
static const struct command commands[] = {
	{ "acl", -2, COMMAND_OWN, 0, 0, 0, CONTAINER },
	{ "acl|cat", -2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	{ "acl|deluser", -3, COMMAND_ZERO, 0, 0, 0, 0 },
	{ "acl|dryrun", -4, COMMAND_OK, 0, 0, 0, 0 },
	/* 64 hex digits. */
	{ "acl|genpass", -2, COMMAND_EMPTY_STRING, 0, 0, 0, 0 },
	{ "acl|getuser", 3, COMMAND_NIL, 0, 0, 0, 0 },
	{ "acl|help", 2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	{ "acl|list", 2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	/* An error without an ACL file; so is SAVE. */
	{ "acl|load", 2, COMMAND_OK, 0, 0, 0, 0 },
	{ "acl|log", -2, COMMAND_EMPTY_ARRAY, 0, 0, 0, VARIES },
	{ "acl|save", 2, COMMAND_OK, 0, 0, 0, 0 },
	{ "acl|setuser", -3, COMMAND_OK, 0, 0, 0, 0 },
	{ "acl|users", 2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	{ "acl|whoami", 2, COMMAND_OWN, 0, 0, 0, 0 },
	{ "append", 3, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "asking", 1, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "auth", -2, COMMAND_OWN, 0, 0, 0, 0 },
	/* "+Background append only file rewriting started". */
	{ "bgrewriteaof", 1, COMMAND_OK, 0, 0, 0, 0 },
	/* "+Background saving started". */
	{ "bgsave", -1, COMMAND_OK, 0, 0, 0, 0 },
	{ "bitcount", -2, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "bitfield", -2, COMMAND_OWN, 1, 1, 1, 0 },
	{ "bitfield_ro", -2, COMMAND_OWN, 1, 1, 1, 0 },
	{ "bitop", -4, COMMAND_ZERO, 2, -1, 1, 0 },
	{ "bitpos", -3, COMMAND_MINUS_ONE, 1, 1, 1, VARIES },
	/* When its time is up; inside MULTI it is $-1, as for BRPOPLPUSH. */
	{ "blmove", 6, COMMAND_NIL_ARRAY, 1, 2, 1, BLOCKS },
	{ "blmpop", -5, COMMAND_NIL_ARRAY, 0, 0, 0, BLOCKS | COUNT_2 },
	{ "blpop", -3, COMMAND_NIL_ARRAY, 1, -2, 1, BLOCKS },
	{ "brpop", -3, COMMAND_NIL_ARRAY, 1, -2, 1, BLOCKS },
	{ "brpoplpush", 4, COMMAND_NIL_ARRAY, 1, 2, 1, BLOCKS },
	{ "bzmpop", -5, COMMAND_NIL_ARRAY, 0, 0, 0, BLOCKS | COUNT_2 },
	{ "bzpopmax", -3, COMMAND_NIL_ARRAY, 1, -2, 1, BLOCKS },
	{ "bzpopmin", -3, COMMAND_NIL_ARRAY, 1, -2, 1, BLOCKS },
	{ "client", -2, COMMAND_OWN, 0, 0, 0, CONTAINER },
	/* An error unless the client tracks. */
	{ "client|caching", 3, COMMAND_OK, 0, 0, 0, 0 },
	{ "client|getname", 2, COMMAND_OWN, 0, 0, 0, 0 },
	{ "client|getredir", 2, COMMAND_MINUS_ONE, 0, 0, 0, 0 },
	{ "client|help", 2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	{ "client|id", 2, COMMAND_OWN, 0, 0, 0, 0 },
	{ "client|info", 2, COMMAND_OWN, 0, 0, 0, 0 },
	{ "client|kill", -3, COMMAND_ZERO, 0, 0, 0, 0 },
	{ "client|list", -2, COMMAND_OWN, 0, 0, 0, 0 },
	{ "client|no-evict", 3, COMMAND_OK, 0, 0, 0, 0 },
	{ "client|pause", -3, COMMAND_OK, 0, 0, 0, 0 },
	{ "client|reply", 3, COMMAND_OWN, 0, 0, 0, 0 },
	{ "client|setname", 3, COMMAND_OWN, 0, 0, 0, 0 },
	{ "client|tracking", -3, COMMAND_OK, 0, 0, 0, 0 },
	{ "client|trackinginfo", 2, COMMAND_OWN, 0, 0, 0, 0 },
	{ "client|unblock", -3, COMMAND_ZERO, 0, 0, 0, 0 },
	{ "client|unpause", 2, COMMAND_OK, 0, 0, 0, 0 },
	{ "cluster", -2, COMMAND_OWN, 0, 0, 0, CONTAINER },
	{ "cluster|addslots", -3, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|addslotsrange", -4, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|bumpepoch", 2, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|count-failure-reports", 3, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|countkeysinslot", 3, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|delslots", -3, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|delslotsrange", -4, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|failover", -2, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|flushslots", 2, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|forget", 3, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|getkeysinslot", 4, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|help", 2, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|info", 2, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|keyslot", 3, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|links", 2, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|meet", -4, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|myid", 2, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|nodes", 2, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|replicas", 3, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|replicate", 3, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|reset", -2, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|saveconfig", 2, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|set-config-epoch", 3, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|setslot", -4, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|shards", 2, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|slaves", 3, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "cluster|slots", 2, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "command", -1, COMMAND_OWN, 0, 0, 0, CONTAINER },
	{ "command|count", 2, COMMAND_OWN, 0, 0, 0, 0 },
	{ "command|docs", -2, COMMAND_OWN, 0, 0, 0, 0 },
	{ "command|getkeys", -4, COMMAND_OWN, 0, 0, 0, 0 },
	{ "command|getkeysandflags", -4, COMMAND_OWN, 0, 0, 0, 0 },
	{ "command|help", 2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	{ "command|info", -2, COMMAND_OWN, 0, 0, 0, 0 },
	{ "command|list", -2, COMMAND_OWN, 0, 0, 0, 0 },
	{ "config", -2, COMMAND_OWN, 0, 0, 0, CONTAINER },
	{ "config|get", -3, COMMAND_OWN, 0, 0, 0, 0 },
	{ "config|help", 2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	{ "config|resetstat", 2, COMMAND_OK, 0, 0, 0, 0 },
	/* An error without a configuration file. */
	{ "config|rewrite", 2, COMMAND_OK, 0, 0, 0, 0 },
	{ "config|set", -4, COMMAND_OK, 0, 0, 0, 0 },
	{ "copy", -3, COMMAND_ZERO, 1, 2, 1, 0 },
	{ "dbsize", 1, COMMAND_ZERO, 0, 0, 0, 0 },
	{ "debug", -2, COMMAND_OWN, 0, 0, 0, 0 },
	/* :-1; so is DECRBY. */
	{ "decr", 2, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "decrby", 3, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "del", -2, COMMAND_ZERO, 1, -1, 1, 0 },
	{ "discard", 1, COMMAND_OWN, 0, 0, 0, 0 },
	{ "dump", 2, COMMAND_NIL, 1, 1, 1, 0 },
	{ "echo", 2, COMMAND_OWN, 0, 0, 0, 0 },
	/* What the script returns; a script without "return" gives this. */
	{ "eval", -3, COMMAND_NIL, 0, 0, 0, COUNT_2 },
	{ "eval_ro", -3, COMMAND_NIL, 0, 0, 0, COUNT_2 },
	{ "evalsha", -3, COMMAND_NO_SCRIPT, 0, 0, 0, COUNT_2 },
	{ "evalsha_ro", -3, COMMAND_NO_SCRIPT, 0, 0, 0, COUNT_2 },
	{ "exec", 1, COMMAND_OWN, 0, 0, 0, 0 },
	{ "exists", -2, COMMAND_ZERO, 1, -1, 1, 0 },
	{ "expire", -3, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "expireat", -3, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "expiretime", 2, COMMAND_MINUS_TWO, 1, 1, 1, 0 },
	/* An error: it needs replicas. */
	{ "failover", -1, COMMAND_REFUSED, 0, 0, 0, 0 },
	{ "fcall", -3, COMMAND_NO_FUNCTION, 0, 0, 0, COUNT_2 },
	{ "fcall_ro", -3, COMMAND_NO_FUNCTION, 0, 0, 0, COUNT_2 },
	{ "flushall", -1, COMMAND_OK, 0, 0, 0, 0 },
	{ "flushdb", -1, COMMAND_OK, 0, 0, 0, 0 },
	{ "function", -2, COMMAND_OWN, 0, 0, 0, CONTAINER },
	/* An error: there is none. */
	{ "function|delete", 3, COMMAND_OK, 0, 0, 0, 0 },
	/* A payload of 10 bytes. */
	{ "function|dump", 2, COMMAND_EMPTY_STRING, 0, 0, 0, 0 },
	{ "function|flush", -2, COMMAND_OK, 0, 0, 0, 0 },
	{ "function|help", 2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	{ "function|kill", 2, COMMAND_NOT_BUSY, 0, 0, 0, 0 },
	{ "function|list", -2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	/* The library's name. */
	{ "function|load", -3, COMMAND_EMPTY_STRING, 0, 0, 0, 0 },
	/* An error, unless the payload is right; so is RESTORE. */
	{ "function|restore", -3, COMMAND_OK, 0, 0, 0, 0 },
	/* A map with two entries. */
	{ "function|stats", 2, COMMAND_EMPTY_MAP, 0, 0, 0, 0 },
	{ "geoadd", -5, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "geodist", -4, COMMAND_NIL, 1, 1, 1, 0 },
	{ "geohash", -2, COMMAND_NIL_EACH, 1, 1, 1, 0 },
	{ "geopos", -2, COMMAND_NIL_ARRAY_EACH, 1, 1, 1, 0 },
	{ "georadius", -6, COMMAND_EMPTY_ARRAY, 1, 1, 1, STORE },
	{ "georadius_ro", -6, COMMAND_EMPTY_ARRAY, 1, 1, 1, 0 },
	{ "georadiusbymember", -5, COMMAND_EMPTY_ARRAY, 1, 1, 1, STORE },
	{ "georadiusbymember_ro", -5, COMMAND_EMPTY_ARRAY, 1, 1, 1, 0 },
	{ "geosearch", -7, COMMAND_EMPTY_ARRAY, 1, 1, 1, 0 },
	{ "geosearchstore", -8, COMMAND_ZERO, 1, 2, 1, 0 },
	{ "get", 2, COMMAND_NIL, 1, 1, 1, 0 },
	{ "getbit", 3, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "getdel", 2, COMMAND_NIL, 1, 1, 1, 0 },
	{ "getex", -2, COMMAND_NIL, 1, 1, 1, 0 },
	{ "getrange", 4, COMMAND_EMPTY_STRING, 1, 1, 1, 0 },
	{ "getset", 3, COMMAND_NIL, 1, 1, 1, 0 },
	{ "hdel", -3, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "hello", -1, COMMAND_OWN, 0, 0, 0, 0 },
	{ "hexists", 3, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "hget", 3, COMMAND_NIL, 1, 1, 1, 0 },
	{ "hgetall", 2, COMMAND_EMPTY_MAP, 1, 1, 1, 0 },
	{ "hincrby", 4, COMMAND_ZERO, 1, 1, 1, 0 },
	/* The new value; so are INCRBYFLOAT and ZINCRBY. */
	{ "hincrbyfloat", 4, COMMAND_ZERO_STRING, 1, 1, 1, 0 },
	{ "hkeys", 2, COMMAND_EMPTY_ARRAY, 1, 1, 1, 0 },
	{ "hlen", 2, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "hmget", -3, COMMAND_NIL_EACH, 1, 1, 1, 0 },
	{ "hmset", -4, COMMAND_OK, 1, 1, 1, 0 },
	{ "hrandfield", -2, COMMAND_NIL, 1, 1, 1, VARIES },
	{ "hscan", -3, COMMAND_SCAN, 1, 1, 1, 0 },
	{ "hset", -4, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "hsetnx", 4, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "hstrlen", 3, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "hvals", 2, COMMAND_EMPTY_ARRAY, 1, 1, 1, 0 },
	{ "incr", 2, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "incrby", 3, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "incrbyfloat", 3, COMMAND_ZERO_STRING, 1, 1, 1, 0 },
	{ "info", -1, COMMAND_OWN, 0, 0, 0, 0 },
	{ "keys", 2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	/* Seconds since 1970. */
	{ "lastsave", 1, COMMAND_ZERO, 0, 0, 0, 0 },
	{ "latency", -2, COMMAND_OWN, 0, 0, 0, CONTAINER },
	/* A text; so are LOLWUT and MEMORY DOCTOR. */
	{ "latency|doctor", 2, COMMAND_TEXT, 0, 0, 0, 0 },
	/* An error: no samples. */
	{ "latency|graph", 3, COMMAND_TEXT, 0, 0, 0, 0 },
	{ "latency|help", 2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	{ "latency|histogram", -2, COMMAND_EMPTY_MAP, 0, 0, 0, 0 },
	{ "latency|history", 3, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	{ "latency|latest", 2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	{ "latency|reset", -2, COMMAND_ZERO, 0, 0, 0, 0 },
	{ "lcs", -3, COMMAND_EMPTY_STRING, 1, 2, 1, VARIES },
	{ "lindex", 3, COMMAND_NIL, 1, 1, 1, 0 },
	{ "linsert", 5, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "llen", 2, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "lmove", 5, COMMAND_NIL, 1, 2, 1, 0 },
	{ "lmpop", -4, COMMAND_NIL_ARRAY, 0, 0, 0, COUNT_1 },
	{ "lolwut", -1, COMMAND_TEXT, 0, 0, 0, 0 },
	{ "lpop", -2, COMMAND_NIL, 1, 1, 1, VARIES },
	{ "lpos", -3, COMMAND_NIL, 1, 1, 1, VARIES },
	{ "lpush", -3, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "lpushx", -3, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "lrange", 4, COMMAND_EMPTY_ARRAY, 1, 1, 1, 0 },
	{ "lrem", 4, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "lset", 4, COMMAND_NO_SUCH_KEY, 1, 1, 1, 0 },
	{ "ltrim", 4, COMMAND_OK, 1, 1, 1, 0 },
	{ "memory", -2, COMMAND_OWN, 0, 0, 0, CONTAINER },
	{ "memory|doctor", 2, COMMAND_TEXT, 0, 0, 0, 0 },
	{ "memory|help", 2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	{ "memory|malloc-stats", 2, COMMAND_TEXT, 0, 0, 0, 0 },
	{ "memory|purge", 2, COMMAND_OK, 0, 0, 0, 0 },
	/* A map of numbers. */
	{ "memory|stats", 2, COMMAND_EMPTY_MAP, 0, 0, 0, 0 },
	{ "memory|usage", -3, COMMAND_NIL, 2, 2, 1, 0 },
	{ "mget", -2, COMMAND_NIL_EACH_KEY, 1, -1, 1, 0 },
	{ "migrate", -6, COMMAND_NO_KEY, 3, 3, 1, MIGRATE },
	{ "module", -2, COMMAND_OWN, 0, 0, 0, CONTAINER },
	{ "module|help", 2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	{ "module|list", 2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	/* An error with the default settings; so are LOADEX and UNLOAD. */
	{ "module|load", -3, COMMAND_REFUSED, 0, 0, 0, 0 },
	{ "module|loadex", -3, COMMAND_REFUSED, 0, 0, 0, 0 },
	{ "module|unload", 3, COMMAND_REFUSED, 0, 0, 0, 0 },
	{ "monitor", 1, COMMAND_OWN, 0, 0, 0, 0 },
	{ "move", 3, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "mset", -3, COMMAND_OK, 1, -1, 2, 0 },
	{ "msetnx", -3, COMMAND_ZERO, 1, -1, 2, 0 },
	{ "multi", 1, COMMAND_OWN, 0, 0, 0, 0 },
	{ "object", -2, COMMAND_OWN, 0, 0, 0, CONTAINER },
	{ "object|encoding", 3, COMMAND_NIL, 2, 2, 1, 0 },
	{ "object|freq", 3, COMMAND_NIL, 2, 2, 1, 0 },
	{ "object|help", 2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	{ "object|idletime", 3, COMMAND_NIL, 2, 2, 1, 0 },
	{ "object|refcount", 3, COMMAND_NIL, 2, 2, 1, 0 },
	{ "persist", 2, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "pexpire", -3, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "pexpireat", -3, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "pexpiretime", 2, COMMAND_MINUS_TWO, 1, 1, 1, 0 },
	{ "pfadd", -2, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "pfcount", -2, COMMAND_ZERO, 1, -1, 1, 0 },
	/* An error of its own: the key does not exist. */
	{ "pfdebug", 3, COMMAND_REFUSED, 2, 2, 1, 0 },
	{ "pfmerge", -2, COMMAND_OK, 1, -1, 1, 0 },
	{ "pfselftest", 1, COMMAND_OK, 0, 0, 0, 0 },
	{ "ping", -1, COMMAND_OWN, 0, 0, 0, IN_SUBSCRIBED },
	{ "psetex", 4, COMMAND_OK, 1, 1, 1, 0 },
	{ "psubscribe", -2, COMMAND_OWN, 0, 0, 0, IN_SUBSCRIBED },
	/* The whole data set, then a stream of writes; so is SYNC. */
	{ "psync", -3, COMMAND_REFUSED, 0, 0, 0, NO_MULTI },
	{ "pttl", 2, COMMAND_MINUS_TWO, 1, 1, 1, 0 },
	{ "publish", 3, COMMAND_ZERO, 0, 0, 0, 0 },
	{ "pubsub", -2, COMMAND_OWN, 0, 0, 0, CONTAINER },
	{ "pubsub|channels", -2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	{ "pubsub|help", 2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	{ "pubsub|numpat", 2, COMMAND_ZERO, 0, 0, 0, 0 },
	{ "pubsub|numsub", -2, COMMAND_OWN, 0, 0, 0, 0 },
	{ "pubsub|shardchannels", -2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	{ "pubsub|shardnumsub", -2, COMMAND_OWN, 0, 0, 0, 0 },
	{ "punsubscribe", -1, COMMAND_OWN, 0, 0, 0, IN_SUBSCRIBED },
	{ "quit", -1, COMMAND_OWN, 0, 0, 0, IN_SUBSCRIBED },
	{ "randomkey", 1, COMMAND_NIL, 0, 0, 0, 0 },
	{ "readonly", 1, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "readwrite", 1, COMMAND_NO_CLUSTER, 0, 0, 0, 0 },
	{ "rename", 3, COMMAND_NO_SUCH_KEY, 1, 2, 1, 0 },
	{ "renamenx", 3, COMMAND_NO_SUCH_KEY, 1, 2, 1, 0 },
	{ "replconf", -1, COMMAND_OWN, 0, 0, 0, 0 },
	{ "replicaof", 3, COMMAND_OK, 0, 0, 0, 0 },
	{ "reset", 1, COMMAND_OWN, 0, 0, 0, IN_SUBSCRIBED },
	{ "restore", -4, COMMAND_OK, 1, 1, 1, 0 },
	{ "restore-asking", -4, COMMAND_OK, 1, 1, 1, 0 },
	{ "role", 1, COMMAND_OWN, 0, 0, 0, 0 },
	{ "rpop", -2, COMMAND_NIL, 1, 1, 1, VARIES },
	{ "rpoplpush", 3, COMMAND_NIL, 1, 2, 1, 0 },
	{ "rpush", -3, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "rpushx", -3, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "sadd", -3, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "save", 1, COMMAND_OK, 0, 0, 0, NO_MULTI },
	{ "scan", -2, COMMAND_SCAN, 0, 0, 0, 0 },
	{ "scard", 2, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "script", -2, COMMAND_OWN, 0, 0, 0, CONTAINER },
	{ "script|debug", 3, COMMAND_OK, 0, 0, 0, 0 },
	{ "script|exists", -3, COMMAND_ZERO_EACH, 0, 0, 0, 0 },
	{ "script|flush", -2, COMMAND_OK, 0, 0, 0, 0 },
	{ "script|help", 2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	{ "script|kill", 2, COMMAND_NOT_BUSY, 0, 0, 0, 0 },
	/* 40 hex digits: the SHA1 sum of the script. */
	{ "script|load", 3, COMMAND_OWN, 0, 0, 0, 0 },
	{ "sdiff", -2, COMMAND_EMPTY_SET, 1, -1, 1, 0 },
	{ "sdiffstore", -3, COMMAND_ZERO, 1, -1, 1, 0 },
	{ "select", 2, COMMAND_OWN, 0, 0, 0, 0 },
	{ "set", -3, COMMAND_OK, 1, 1, 1, VARIES },
	{ "setbit", 4, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "setex", 4, COMMAND_OK, 1, 1, 1, 0 },
	{ "setnx", 3, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "setrange", 4, COMMAND_ZERO, 1, 1, 1, 0 },
	/* Nothing, when it works: the server is gone. */
	{ "shutdown", -1, COMMAND_REFUSED, 0, 0, 0, NO_MULTI },
	{ "sinter", -2, COMMAND_EMPTY_SET, 1, -1, 1, 0 },
	{ "sintercard", -3, COMMAND_ZERO, 0, 0, 0, COUNT_1 },
	{ "sinterstore", -3, COMMAND_ZERO, 1, -1, 1, 0 },
	{ "sismember", 3, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "slaveof", 3, COMMAND_OK, 0, 0, 0, 0 },
	{ "slowlog", -2, COMMAND_OWN, 0, 0, 0, CONTAINER },
	{ "slowlog|get", -2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	{ "slowlog|help", 2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	{ "slowlog|len", 2, COMMAND_ZERO, 0, 0, 0, 0 },
	{ "slowlog|reset", 2, COMMAND_OK, 0, 0, 0, 0 },
	{ "smembers", 2, COMMAND_EMPTY_SET, 1, 1, 1, 0 },
	{ "smismember", -3, COMMAND_ZERO_EACH, 1, 1, 1, 0 },
	{ "smove", 4, COMMAND_ZERO, 1, 2, 1, 0 },
	{ "sort", -2, COMMAND_EMPTY_ARRAY, 1, 1, 1, STORE },
	{ "sort_ro", -2, COMMAND_EMPTY_ARRAY, 1, 1, 1, MOVABLE },
	{ "spop", -2, COMMAND_NIL, 1, 1, 1, VARIES },
	{ "spublish", 3, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "srandmember", -2, COMMAND_NIL, 1, 1, 1, VARIES },
	{ "srem", -3, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "sscan", -3, COMMAND_SCAN, 1, 1, 1, 0 },
	{ "ssubscribe", -2, COMMAND_OWN, 1, -1, 1, IN_SUBSCRIBED },
	{ "strlen", 2, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "subscribe", -2, COMMAND_OWN, 0, 0, 0, IN_SUBSCRIBED },
	{ "substr", 4, COMMAND_EMPTY_STRING, 1, 1, 1, 0 },
	{ "sunion", -2, COMMAND_EMPTY_SET, 1, -1, 1, 0 },
	{ "sunionstore", -3, COMMAND_ZERO, 1, -1, 1, 0 },
	{ "sunsubscribe", -1, COMMAND_OWN, 1, -1, 1, IN_SUBSCRIBED },
	{ "swapdb", 3, COMMAND_OK, 0, 0, 0, 0 },
	{ "sync", 1, COMMAND_REFUSED, 0, 0, 0, NO_MULTI },
	{ "time", 1, COMMAND_OWN, 0, 0, 0, 0 },
	{ "touch", -2, COMMAND_ZERO, 1, -1, 1, 0 },
	{ "ttl", 2, COMMAND_MINUS_TWO, 1, 1, 1, 0 },
	{ "type", 2, COMMAND_NONE_TYPE, 1, 1, 1, 0 },
	{ "unlink", -2, COMMAND_ZERO, 1, -1, 1, 0 },
	{ "unsubscribe", -1, COMMAND_OWN, 0, 0, 0, IN_SUBSCRIBED },
	{ "unwatch", 1, COMMAND_OWN, 0, 0, 0, 0 },
	{ "wait", 3, COMMAND_ZERO, 0, 0, 0, BLOCKS },
	{ "watch", -2, COMMAND_OWN, 1, -1, 1, 0 },
	{ "xack", -4, COMMAND_ZERO, 1, 1, 1, 0 },
	/* The entry's ID, made from the clock. */
	{ "xadd", -5, COMMAND_STREAM_ID, 1, 1, 1, VARIES },
	/* -NOGROUP; so are XCLAIM, XPENDING and XREADGROUP. */
	{ "xautoclaim", -6, COMMAND_AUTOCLAIM, 1, 1, 1, 0 },
	{ "xclaim", -6, COMMAND_EMPTY_ARRAY, 1, 1, 1, 0 },
	{ "xdel", -3, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "xgroup", -2, COMMAND_OWN, 0, 0, 0, CONTAINER },
	/* An error without MKSTREAM; so are the other XGROUPs. */
	{ "xgroup|create", -5, COMMAND_OK, 2, 2, 1, 0 },
	{ "xgroup|createconsumer", 5, COMMAND_ZERO, 2, 2, 1, 0 },
	{ "xgroup|delconsumer", 5, COMMAND_ZERO, 2, 2, 1, 0 },
	{ "xgroup|destroy", 4, COMMAND_ZERO, 2, 2, 1, 0 },
	{ "xgroup|help", 2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	{ "xgroup|setid", -5, COMMAND_OK, 2, 2, 1, 0 },
	{ "xinfo", -2, COMMAND_OWN, 0, 0, 0, CONTAINER },
	{ "xinfo|consumers", 4, COMMAND_NO_SUCH_KEY, 2, 2, 1, 0 },
	{ "xinfo|groups", 3, COMMAND_NO_SUCH_KEY, 2, 2, 1, 0 },
	{ "xinfo|help", 2, COMMAND_EMPTY_ARRAY, 0, 0, 0, 0 },
	{ "xinfo|stream", -3, COMMAND_NO_SUCH_KEY, 2, 2, 1, 0 },
	{ "xlen", 2, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "xpending", -3, COMMAND_PENDING, 1, 1, 1, VARIES },
	{ "xrange", -4, COMMAND_EMPTY_ARRAY, 1, 1, 1, 0 },
	{ "xread", -4, COMMAND_NIL_ARRAY, 0, 0, 0, BLOCKS | STREAMS },
	{ "xreadgroup", -7, COMMAND_NIL_ARRAY, 0, 0, 0, BLOCKS | STREAMS },
	{ "xrevrange", -4, COMMAND_EMPTY_ARRAY, 1, 1, 1, 0 },
	{ "xsetid", -3, COMMAND_NO_SUCH_KEY, 1, 1, 1, 0 },
	{ "xtrim", -4, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "zadd", -4, COMMAND_ZERO, 1, 1, 1, VARIES },
	{ "zcard", 2, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "zcount", 4, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "zdiff", -3, COMMAND_EMPTY_ARRAY, 0, 0, 0, COUNT_1 },
	{ "zdiffstore", -4, COMMAND_ZERO, 1, 1, 1, COUNT_2 },
	{ "zincrby", 4, COMMAND_DOUBLE, 1, 1, 1, 0 },
	{ "zinter", -3, COMMAND_EMPTY_ARRAY, 0, 0, 0, COUNT_1 },
	{ "zintercard", -3, COMMAND_ZERO, 0, 0, 0, COUNT_1 },
	{ "zinterstore", -4, COMMAND_ZERO, 1, 1, 1, COUNT_2 },
	{ "zlexcount", 4, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "zmpop", -4, COMMAND_NIL_ARRAY, 0, 0, 0, COUNT_1 },
	{ "zmscore", -3, COMMAND_NIL_EACH, 1, 1, 1, 0 },
	{ "zpopmax", -2, COMMAND_EMPTY_ARRAY, 1, 1, 1, 0 },
	{ "zpopmin", -2, COMMAND_EMPTY_ARRAY, 1, 1, 1, 0 },
	{ "zrandmember", -2, COMMAND_NIL, 1, 1, 1, VARIES },
	{ "zrange", -4, COMMAND_EMPTY_ARRAY, 1, 1, 1, 0 },
	{ "zrangebylex", -4, COMMAND_EMPTY_ARRAY, 1, 1, 1, 0 },
	{ "zrangebyscore", -4, COMMAND_EMPTY_ARRAY, 1, 1, 1, 0 },
	{ "zrangestore", -5, COMMAND_ZERO, 1, 2, 1, 0 },
	{ "zrank", 3, COMMAND_NIL, 1, 1, 1, 0 },
	{ "zrem", -3, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "zremrangebylex", 4, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "zremrangebyrank", 4, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "zremrangebyscore", 4, COMMAND_ZERO, 1, 1, 1, 0 },
	{ "zrevrange", -4, COMMAND_EMPTY_ARRAY, 1, 1, 1, 0 },
	{ "zrevrangebylex", -4, COMMAND_EMPTY_ARRAY, 1, 1, 1, 0 },
	{ "zrevrangebyscore", -4, COMMAND_EMPTY_ARRAY, 1, 1, 1, 0 },
	{ "zrevrank", 3, COMMAND_NIL, 1, 1, 1, 0 },
	{ "zscan", -3, COMMAND_SCAN, 1, 1, 1, 0 },
	{ "zscore", 3, COMMAND_NIL, 1, 1, 1, 0 },
	{ "zunion", -3, COMMAND_EMPTY_ARRAY, 0, 0, 0, COUNT_1 },
	{ "zunionstore", -4, COMMAND_ZERO, 1, 1, 1, COUNT_2 },
};

/* More than the longest name, "cluster|count-failure-reports". */
#define NAME_SIZE 40

/* Adds the argument to the name at p, in lower case.  Returns false if it can
 * be no command's name: too long, or with a byte that has a meaning here. */
static bool
add_name(char *p, const char *end, const struct arg *a)
{
	uint32_t i;
	uint8_t c;

	if (a->kept < a->size || a->size >= (size_t)(end - p))
		return (false);
	for (i = 0; i < a->size; i++) {
		c = a->data[i];
		if (c == '\0' || c == '|')
			return (false);
		*p++ = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
	}
	*p = '\0';
	return (true);
}

static int
compare(const void *name, const void *row)
{
	return (strcmp(name, ((const struct command *)row)->name));
}

static const struct command *
find(const char *name)
{
	return (bsearch(name, commands, COUNT(commands), sizeof(commands[0]),
	    compare));
}

const struct command *
command_find(const struct arg *name)
{
	char lower[NAME_SIZE];

	if (!add_name(lower, lower + sizeof(lower), name))
		return (NULL);
	return (find(lower));
}

const struct command *
command_find_sub(const struct command *container, const struct arg *name)
{
	char lower[NAME_SIZE];
	size_t len = strlen(container->name);

	memcpy(lower, container->name, len);
	lower[len++] = '|';
	if (!add_name(lower + len, lower + sizeof(lower), name))
		return (NULL);
	return (find(lower));
}

const struct command *
command_of(const struct args *args)
{
	const struct command *c = command_find(&args->v[0]), *sub;

	if (c == NULL || !(c->flags & CONTAINER) || args->n < 2)
		return (c);
	sub = command_find_sub(c, &args->v[1]);
	return (sub != NULL ? sub : c);
}

const struct command *
command_at(size_t i)
{
	return (i < COUNT(commands) ? &commands[i] : NULL);
}

size_t
command_index(const struct command *c)
{
	return ((size_t)(c - commands));
}

bool
command_arity_ok(const struct command *c, uint32_t total)
{
	if (c->arity < 0)
		return (total >= (uint32_t)-c->arity);
	return (total == (uint32_t)c->arity);
}
