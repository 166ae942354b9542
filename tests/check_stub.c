/*
 * The stub: each mode's replies, byte for byte, and what they do to a
 * connection.  That they are Redis's is t_like_redis.sh's to say.
 */
#include "config.h"

#include "redis/command.h"
#include "resp/request.h"
#include "stub/stub.h"
#include "stub/stub_world.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))

#define CLIP 1024
#define ID 7			/* of the connection */

#define ECHO_MAX 1048576
#define TIME_US 1792222333000456
#define UPTIME_US 4000000

static struct args args;
static struct stub_outcome outcome;	/* of the last command */
static uint32_t kept_args;	/* how many of the last command's there were */
static struct session session;
static struct bytes values;	/* of the last command's reply */
static struct stub_world *world;
static enum compat played;	/* which server it is */

static void
setup(void)
{
	session_init(&session, ID);
	world = stub_world_new();
	ck_assert_ptr_nonnull(world);
	played = COMPAT_REDIS_7_0;
	outcome = (struct stub_outcome){ .verdict = STUB_GO };
}

static void
teardown(void)
{
	session_free(&session);
	bytes_free(&values);
	stub_world_free(world);
}

static uint64_t
fixed_clock(void)
{
	return (TIME_US);
}

static int64_t
fixed_uptime(void)
{
	return (UPTIME_US);
}

/* The values of a reply are all of it, one behind the other. */
static void
check_values(size_t len)
{
	const struct stub_value *v = (void *)values.data;
	size_t n = values.len / sizeof(*v), at = 0, i;

	for (i = 0; i < n; at = v[i++].end)
		ck_assert_uint_gt(v[i].end, at);
	ck_assert_uint_eq(at, len);
}

/*
 * Gives the stub each command of the input in turn, until one ends or stops
 * the connection, and returns the last verdict.
 */
static enum stub_verdict
answer(enum stub_mode mode, const void *in, size_t len, struct bytes *reply)
{
	const struct stub stub = { .mode = mode, .compat = played,
	    .world = world, .clock_us = fixed_clock,
	    .uptime_us = fixed_uptime };
	const uint8_t *p = in, *end = p + len;
	enum request_result result;
	struct request r;
	size_t from;

	/* What is not an argument may be anything. */
	memset(&args, 0xff, sizeof(args));
	args.clip = CLIP;
	args.keep = stub_keep(mode);
	request_init(&r);
	while ((result = request_next(&r, &args, &p, end)) == REQUEST_OK) {
		command_look_up(&args);
		kept_args = args.n;
		if (args.total == 0) {
			stub_skip_empty(&session);
			continue;
		}
		memset(&outcome, 0xff, sizeof(outcome));
		from = reply->len;
		stub_answer(&stub, &session, &args, reply, &values, &outcome);
		check_values(reply->len - from);
		if (outcome.verdict != STUB_GO)
			break;
	}
	ck_assert(result == REQUEST_MORE || outcome.verdict != STUB_GO);
	ck_assert(tokenizer_between(&r.tokenizer));
	request_free(&r);
	return (outcome.verdict);
}

static void
check_reply(struct bytes *reply, const char *expected, size_t len)
{
	size_t most = 2000;	/* that Check can print */

	ck_assert(!reply->failed);
	bytes_add(reply, "", 1);
	if (memchr(expected, '\0', len) == NULL && len < most &&
	    reply->len <= most)
		ck_assert_str_eq((char *)reply->data, expected);
	ck_assert_uint_eq(reply->len - 1, len);
	ck_assert(memcmp(reply->data, expected, len) == 0);
	bytes_free(reply);
}

#define HELLO(head, proto)						\
	head "$6\r\nserver\r\n$5\r\nredis\r\n"				\
	"$7\r\nversion\r\n$6\r\n7.0.15\r\n"				\
	"$5\r\nproto\r\n:" proto "\r\n"				\
	"$2\r\nid\r\n:7\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n"		\
	"$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n"
#define HELLO2 HELLO("*14\r\n", "2")
#define HELLO3 HELLO("%7\r\n", "3")
#define OK "+OK\r\n"
#define ARITY(name)							\
	"-ERR wrong number of arguments for '" name "' command\r\n"
#define BAD_NAME							\
	"-ERR Client names cannot contain spaces, newlines or special "	\
	"characters.\r\n"
#define BAD_OPTION(name)						\
	"-ERR Syntax error in HELLO option '" name "'\r\n"
#define NO_VERSION							\
	"-ERR Protocol version is not an integer or out of range\r\n"
#define NO_PROTO "-NOPROTO unsupported protocol version\r\n"
#define QUEUED "+QUEUED\r\n"
#define ABORTED								\
	"-EXECABORT Transaction discarded because of previous errors.\r\n"
#define NIL "$-1\r\n"
#define UNKNOWN(name, args)						\
	"-ERR unknown command '" name "', with args beginning with: "	\
	args "\r\n"
#define FRAME(type, what, name, n)					\
	type "3\r\n" what name ":" n "\r\n"
#define SUBSCRIBED(type, name, n)					\
	FRAME(type, "$9\r\nsubscribe\r\n", "$1\r\n" name "\r\n", n)
#define UNSUBSCRIBED(type, name, n)					\
	FRAME(type, "$11\r\nunsubscribe\r\n", "$1\r\n" name "\r\n", n)
#define NOT_SUBSCRIBED(name)						\
	"-ERR Can't execute '" name "': only (P|S)SUBSCRIBE / "		\
	"(P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this "	\
	"context\r\n"
#define NO_SCRIPT "-NOSCRIPT No matching script. Please use EVAL.\r\n"
#define NO_GROUP							\
	"-NOGROUP No such key 's' or consumer group 'g'\r\n"
#define SHA1_OF_RETURN_1 "e0e1f9fabfc9d4800c877a703b823ac0578ff8db"
#define NO_INTEGER "-ERR value is not an integer or out of range\r\n"

/* Commands in a row on one connection; the replies are those of Redis 7.0.15,
 * but for what it would need a password or its own data for. */
static const struct {
	const char *in;
	const char *out;
} talks[] = {
	{ "PING\r\n", "+PONG\r\n" },
	{ "ping\r\n", "+PONG\r\n" },
	{ "PiNg\r\n", "+PONG\r\n" },
	{ "*1\r\n$4\r\nPING\r\n", "+PONG\r\n" },
	{ "PING msg\r\n", "$3\r\nmsg\r\n" },
	{ "PING \"a\\r\\nb\"\r\n", "$4\r\na\r\nb\r\n" },
	{ "PING ''\r\n", "$0\r\n\r\n" },
	{ "PING a b\r\n", ARITY("ping") },
	{ "ECHO hi\r\n", "$2\r\nhi\r\n" },
	{ "echo ''\r\n", "$0\r\n\r\n" },
	{ "*2\r\n$4\r\nECHO\r\n$2\r\n\xff\n\r\n", "$2\r\n\xff\n\r\n" },
	{ "ECHO\r\n", ARITY("echo") },
	{ "ECHO a b\r\n", ARITY("echo") },
	{ "eChO a b\r\n", ARITY("echo") },
	{ "\r\n*0\r\nPING\r\n", "+PONG\r\n" },
	{ "PING\r\nECHO a\r\nPING b\r\n", "+PONG\r\n$1\r\na\r\n$1\r\nb\r\n" },
	/* AUTH: any password is welcome. */
	{ "AUTH pw\r\n", OK },
	{ "auth user pw\r\n", OK },
	{ "AUTH\r\n", ARITY("auth") },
	{ "AUTH a b c\r\n", "-ERR syntax error\r\n" },
	/* SELECT */
	{ "SELECT 0\r\n", OK },
	{ "select 15\r\n", OK },
	{ "SELECT abc\r\n", NO_INTEGER },
	{ "SELECT ''\r\n", NO_INTEGER },
	{ "SELECT 1x\r\n", NO_INTEGER },
	{ "SELECT +1\r\n", NO_INTEGER },
	{ "SELECT 007\r\n", NO_INTEGER },
	{ "SELECT \"1\\x00\"\r\n", NO_INTEGER },
	{ "SELECT -1\r\n", "-ERR DB index is out of range\r\n" },
	{ "SELECT\r\n", ARITY("select") },
	{ "SELECT 1 2\r\n", ARITY("select") },
	/* HELLO */
	{ "HELLO\r\n", HELLO2 },
	{ "HELLO 2\r\n", HELLO2 },
	{ "hello 3\r\n", HELLO3 },
	{ "HELLO 3\r\nHELLO\r\n", HELLO3 HELLO3 },
	{ "HELLO 3\r\nHELLO 2\r\nHELLO\r\n", HELLO3 HELLO2 HELLO2 },
	{ "HELLO 4\r\n", NO_PROTO },
	{ "HELLO 1\r\n", NO_PROTO },
	{ "HELLO 0\r\n", NO_PROTO },
	{ "HELLO -1\r\n", NO_PROTO },
	{ "HELLO 99999999\r\n", NO_PROTO },
	{ "HELLO abc\r\n", NO_VERSION },
	{ "HELLO ''\r\n", NO_VERSION },
	{ "HELLO 3x\r\n", NO_VERSION },
	{ "HELLO 03\r\n", NO_VERSION },
	{ "HELLO 4\r\nHELLO\r\n", NO_PROTO HELLO2 },
	{ "HELLO 3 AUTH u p\r\n", HELLO3 },
	{ "HELLO 3 auth u p setname bob\r\nCLIENT GETNAME\r\n",
	    HELLO3 "$3\r\nbob\r\n" },
	{ "HELLO 2 SETNAME bob AUTH u p\r\nCLIENT GETNAME\r\n",
	    HELLO2 "$3\r\nbob\r\n" },
	{ "HELLO 3 AUTH AUTH SETNAME\r\n", HELLO3 },
	{ "HELLO 3 SETNAME a SETNAME b\r\nCLIENT GETNAME\r\n",
	    HELLO3 "$1\r\nb\r\n" },
	{ "HELLO 2 SETNAME a\r\nHELLO 2 SETNAME ''\r\nCLIENT GETNAME\r\n",
	    HELLO2 HELLO2 "$-1\r\n" },
	{ "HELLO 3 foo\r\nHELLO\r\n", BAD_OPTION("foo") HELLO2 },
	{ "HELLO 3 AUTH u\r\n", BAD_OPTION("AUTH") },
	{ "HELLO 3 AUTH\r\n", BAD_OPTION("AUTH") },
	{ "HELLO 3 SETNAME\r\n", BAD_OPTION("SETNAME") },
	{ "HELLO 3 AUTH u p foo bar\r\n", BAD_OPTION("foo") },
	/* Redis has set the name before it sees what comes then. */
	{ "HELLO 3 SETNAME bob foo\r\nHELLO\r\nCLIENT GETNAME\r\n",
	    BAD_OPTION("foo") HELLO2 "$3\r\nbob\r\n" },
	{ "HELLO 3 SETNAME 'a b'\r\nHELLO\r\n", BAD_NAME HELLO2 },
	/* CLIENT */
	{ "CLIENT ID\r\n", ":7\r\n" },
	{ "client id\r\n", ":7\r\n" },
	{ "CLIENT GETNAME\r\n", "$-1\r\n" },
	{ "HELLO 3\r\nCLIENT GETNAME\r\n", HELLO3 "_\r\n" },
	{ "CLIENT SETNAME bob\r\nCLIENT GETNAME\r\n", OK "$3\r\nbob\r\n" },
	{ "CLIENT SETNAME bob\r\nCLIENT SETNAME al\r\nCLIENT GETNAME\r\n",
	    OK OK "$2\r\nal\r\n" },
	{ "CLIENT SETNAME bob\r\nCLIENT SETNAME ''\r\nCLIENT GETNAME\r\n",
	    OK OK "$-1\r\n" },
	{ "CLIENT SETNAME bob\r\nCLIENT SETNAME 'a b'\r\nCLIENT GETNAME\r\n",
	    OK BAD_NAME "$3\r\nbob\r\n" },
	{ "CLIENT NO-EVICT on\r\n", OK },
	{ "CLIENT\r\n", ARITY("client") },
	{ "CLIENT SETNAME\r\n", ARITY("client|setname") },
	{ "CLIENT SETNAME a b\r\n", ARITY("client|setname") },
	{ "CLIENT GETNAME a\r\n", ARITY("client|getname") },
	{ "CLIENT ID a\r\n", ARITY("client|id") },
	{ "CLIENT INFO\r\n", "$221\r\nid=7 addr= laddr= fd=0 name= age=0 "
	    "idle=0 flags=N db=0 sub=0 psub=0 ssub=0 multi=-1 qbuf=0 "
	    "qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 "
	    "omem=0 tot-mem=0 events=r cmd=client|info user=default "
	    "redir=-1 resp=2\n\r\n" },
	{ "CLIENT LIST ID 7 8\r\nCLIENT LIST ID 8\r\n", "$221\r\nid=7 addr= "
	    "laddr= fd=0 name= age=0 idle=0 flags=N db=0 sub=0 psub=0 ssub=0 "
	    "multi=-1 qbuf=0 qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 "
	    "obl=0 oll=0 omem=0 tot-mem=0 events=r cmd=client|list "
	    "user=default redir=-1 resp=2\n\r\n$0\r\n\r\n" },
	{ "CLIENT KILL ID 7\r\nCLIENT KILL ID 8 SKIPME no\r\n",
	    ":0\r\n:0\r\n" },
	{ "CLIENT MAINT_NOTIFICATIONS ON\r\n", "-ERR unknown subcommand "
	    "'MAINT_NOTIFICATIONS'. Try CLIENT HELP.\r\n" },
	{ "HELLO 3\r\nCLIENT TRACKINGINFO\r\n", HELLO3 "%3\r\n$5\r\nflags\r\n"
	    "~1\r\n$3\r\noff\r\n$8\r\nredirect\r\n:-1\r\n$8\r\nprefixes\r\n"
	    "*0\r\n" },
	{ "CLIENT TRACKING ON OPTIN NOLOOP\r\nCLIENT CACHING YES\r\n"
	    "CLIENT TRACKINGINFO\r\nRESET\r\nCLIENT GETREDIR\r\n", OK OK
	    "*6\r\n$5\r\nflags\r\n*4\r\n$2\r\non\r\n$5\r\noptin\r\n"
	    "$11\r\ncaching-yes\r\n$6\r\nnoloop\r\n$8\r\nredirect\r\n:0\r\n"
	    "$8\r\nprefixes\r\n*0\r\n+RESET\r\n:-1\r\n" },
	/* Unknown commands: cut at 128 bytes, and at NUL. */
	{ "foo\r\n", UNKNOWN("foo", "") },
	{ "foo a 'b c'\r\n", UNKNOWN("foo", "'a' 'b c' ") },
	{ "\"f\\no\\x00o\" \"\\r\\x00x\" \"\\xff\"\r\n",
	    UNKNOWN("f o", "' ' '\xff' ") },
	{ "\"\"\r\n", UNKNOWN("", "") },
	{ "\"PING\\x00\"\r\n", UNKNOWN("PING", "") },
	{ "PINGS\r\nPIN\r\n", UNKNOWN("PINGS", "") UNKNOWN("PIN", "") },
	{ "client|id\r\n", UNKNOWN("client|id", "") },
	{ "CLIENT foo bar\r\n",
	    "-ERR unknown subcommand 'foo'. Try CLIENT HELP.\r\n" },
	{ "SENTINEL masters\r\n", UNKNOWN("SENTINEL", "'masters' ") },
	{ "DEBUG SLEEP 0\r\n", "-ERR DEBUG command not allowed. If the "
	    "enable-debug-command option is set to \"local\", you can run it "
	    "from a local connection, otherwise you need to set this option "
	    "in the configuration file, and then restart the server.\r\n" },
	/* The server. */
	{ "TIME\r\n", "*2\r\n$10\r\n1792222333\r\n$3\r\n456\r\n" },
	{ "ROLE\r\n", "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n" },
	{ "CONFIG GET Save\r\n", "*2\r\n$4\r\nSave\r\n$0\r\n\r\n" },
	{ "HELLO 3\r\nCONFIG GET appendonl* data?ases nosuch*\r\n", HELLO3
	    "%2\r\n$10\r\nappendonly\r\n$2\r\nno\r\n$9\r\ndatabases\r\n"
	    "$2\r\n16\r\n" },
	{ "CONFIG GET nosuch\r\n", "*0\r\n" },
	{ "CONFIG SET maxmemory 1\r\nCONFIG SET nosuch 1\r\n", OK "-ERR "
	    "Unknown option or number of arguments for CONFIG SET - "
	    "'nosuch'\r\n" },
	{ "INFO cluster\r\nINFO KEYSPACE cluster x\r\n",
	    "$30\r\n# Cluster\r\ncluster_enabled:0\r\n\r\n"
	    "$44\r\n# Cluster\r\ncluster_enabled:0\r\n\r\n# Keyspace\r\n\r\n" },
	{ "HELLO 3\r\nINFO keyspace\r\n", HELLO3
	    "=16\r\ntxt:# Keyspace\r\n\r\n" },
	{ "MONITOR\r\nMONITOR\r\nPING\r\nGET a\r\nRESET\r\nMONITOR\r\n", OK
	    "+PONG\r\n-ERR Replica can't interact with the keyspace\r\n"
	    "+RESET\r\n" OK },
	{ "REPLCONF ACK 1\r\nREPLCONF GETACK *\r\nREPLCONF capa eof\r\n", OK },
	{ "COMMAND DOCS get\r\nCOMMAND COUNT\r\nCOMMAND GETKEYS mset a b c d"
	    "\r\n", "*0\r\n:240\r\n*2\r\n$1\r\na\r\n$1\r\nc\r\n" },
	{ "COMMAND INFO get nosuch\r\n", "*2\r\n*10\r\n$3\r\nget\r\n:2\r\n"
	    "*0\r\n:1\r\n:1\r\n:1\r\n*0\r\n*0\r\n*0\r\n*0\r\n" NIL },
	{ "PUBLISH a b\r\nPUBSUB NUMSUB a\r\nPUBSUB CHANNELS\r\n",
	    ":0\r\n*2\r\n$1\r\na\r\n:0\r\n*0\r\n" },
	{ "SCAN 0\r\nSCAN x\r\nSCAN 0 COUNT\r\nHSCAN k 0 COUNT\r\n",
	    "*2\r\n$1\r\n0\r\n*0\r\n-ERR invalid cursor\r\n"
	    "-ERR syntax error\r\n*2\r\n$1\r\n0\r\n*0\r\n" },
	{ "EXPIRE a x\r\nEXPIRE a 1\r\n", NO_INTEGER ":0\r\n" },
	/* Transactions. */
	{ "EXEC\r\nDISCARD\r\nMULTI\r\nEXEC\r\nEXEC\r\n", "-ERR EXEC without "
	    "MULTI\r\n-ERR DISCARD without MULTI\r\n" OK "*0\r\n"
	    "-ERR EXEC without MULTI\r\n" },
	{ "MULTI\r\nGET a\r\nECHO b\r\nMGET a b\r\nEXEC\r\nGET a\r\n",
	    OK QUEUED QUEUED QUEUED "*3\r\n" NIL "$1\r\nb\r\n*2\r\n" NIL NIL
	    NIL },
	{ "MULTI\r\nMULTI\r\nWATCH a\r\nEXEC\r\n", OK
	    "-ERR MULTI calls can not be nested\r\n"
	    "-ERR WATCH inside MULTI is not allowed\r\n*0\r\n" },
	{ "MULTI\r\nfoo\r\nGET a\r\nEXEC\r\nPING\r\n", OK UNKNOWN("foo", "")
	    QUEUED ABORTED "+PONG\r\n" },
	{ "MULTI\r\nget\r\nDISCARD\r\nMULTI\r\nSYNC\r\nEXEC\r\n",
	    OK ARITY("get") OK OK
	    "-ERR Command not allowed inside a transaction\r\n" ABORTED },
	{ "MULTI\r\nEXEC x\r\nEXEC\r\n", OK "-EXECABORT Transaction discarded "
	    "because of: wrong number of arguments for 'exec' command\r\n"
	    "-ERR EXEC without MULTI\r\n" },
	{ "MULTI\r\nHELLO 3\r\nGET a\r\nEXEC\r\n", OK QUEUED QUEUED "*2\r\n"
	    HELLO3 "_\r\n" },
	{ "MULTI\r\nHELLO 3\r\nCLIENT SETNAME x\r\nSUBSCRIBE a\r\nDISCARD\r\n"
	    "GET a\r\nCLIENT GETNAME\r\n", OK QUEUED QUEUED QUEUED OK NIL
	    NIL },
	{ "MULTI\r\nPING\r\nSUBSCRIBE a b\r\nPING\r\nEXEC\r\n",
	    OK QUEUED QUEUED QUEUED "*3\r\n+PONG\r\n" SUBSCRIBED("*", "a", "1")
	    SUBSCRIBED("*", "b", "2") "*2\r\n$4\r\npong\r\n$0\r\n\r\n" },
	{ "MULTI\r\nMONITOR\r\nSSUBSCRIBE a\r\nEXEC\r\n", OK QUEUED QUEUED
	    "*2\r\n-ERR MONITOR isn't allowed for DENY BLOCKING client\r\n"
	    "-ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client\r\n" },
	{ "MULTI\r\nBLPOP a 0\r\nXREAD BLOCK 0 STREAMS a 0\r\nWAIT 1 0\r\n"
	    "EXEC\r\n", OK QUEUED QUEUED QUEUED
	    "*3\r\n*-1\r\n*-1\r\n:0\r\n" },
	{ "MULTI\r\nRESET\r\nEXEC\r\n",
	    OK "+RESET\r\n-ERR EXEC without MULTI\r\n" },
	{ "MULTI\r\n\r\n*0\r\nPING\r\nEXEC\r\n", OK QUEUED "*1\r\n+PONG\r\n" },
	{ "WATCH a b\r\nUNWATCH\r\n", OK OK },
	/* Subscriptions. */
	{ "SUBSCRIBE a b a\r\nUNSUBSCRIBE a\r\nUNSUBSCRIBE c\r\nUNSUBSCRIBE"
	    "\r\nUNSUBSCRIBE\r\n", SUBSCRIBED("*", "a", "1")
	    SUBSCRIBED("*", "b", "2") SUBSCRIBED("*", "a", "2")
	    UNSUBSCRIBED("*", "a", "1") UNSUBSCRIBED("*", "c", "1")
	    UNSUBSCRIBED("*", "b", "0")
	    FRAME("*", "$11\r\nunsubscribe\r\n", NIL, "0") },
	{ "SUBSCRIBE a\r\nPSUBSCRIBE p\r\nSSUBSCRIBE s\r\nUNSUBSCRIBE\r\n"
	    "PUNSUBSCRIBE\r\nSUNSUBSCRIBE\r\n", SUBSCRIBED("*", "a", "1")
	    FRAME("*", "$10\r\npsubscribe\r\n", "$1\r\np\r\n", "2")
	    FRAME("*", "$10\r\nssubscribe\r\n", "$1\r\ns\r\n", "1")
	    UNSUBSCRIBED("*", "a", "1")
	    FRAME("*", "$12\r\npunsubscribe\r\n", "$1\r\np\r\n", "0")
	    FRAME("*", "$12\r\nsunsubscribe\r\n", "$1\r\ns\r\n", "0") },
	{ "HELLO 3\r\nSUBSCRIBE a\r\nPING\r\nGET a\r\nUNSUBSCRIBE\r\n"
	    "UNSUBSCRIBE\r\n", HELLO3 SUBSCRIBED(">", "a", "1")
	    "+PONG\r\n_\r\n" UNSUBSCRIBED(">", "a", "0")
	    FRAME(">", "$11\r\nunsubscribe\r\n", "_\r\n", "0") },
	{ "SUBSCRIBE a\r\nPING\r\nPING x\r\nGET a\r\nCLIENT ID\r\nfoo\r\nget"
	    "\r\nEXEC\r\nRESET\r\nGET a\r\n", SUBSCRIBED("*", "a", "1")
	    "*2\r\n$4\r\npong\r\n$0\r\n\r\n*2\r\n$4\r\npong\r\n$1\r\nx\r\n"
	    NOT_SUBSCRIBED("get") NOT_SUBSCRIBED("client|id")
	    UNKNOWN("foo", "") ARITY("get") "-EXECABORT Transaction "
	    "discarded because of: Can't execute 'exec': only (P|S)SUBSCRIBE "
	    "/ (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this "
	    "context\r\n+RESET\r\n" NIL },
	/* CLIENT REPLY. */
	{ "CLIENT REPLY OFF\r\nPING\r\nfoo\r\nCLIENT REPLY SKIP\r\nPING\r\n"
	    "CLIENT REPLY ON\r\nPING\r\n", OK "+PONG\r\n" },
	{ "CLIENT REPLY SKIP\r\nPING\r\nPING\r\n", "+PONG\r\n" },
	{ "CLIENT REPLY SKIP\r\n\r\nPING\r\n", "+PONG\r\n" },
	{ "CLIENT REPLY SKIP\r\n*0\r\nPING\r\n", "+PONG\r\n" },
	{ "CLIENT REPLY SKIP\r\nCLIENT REPLY SKIP\r\nPING\r\nPING\r\n",
	    "+PONG\r\n" },
	{ "CLIENT REPLY SKIP\r\nCLIENT REPLY ON\r\n", OK },
	{ "CLIENT REPLY SKIP\r\nCLIENT REPLY x\r\nPING\r\n", "+PONG\r\n" },
	{ "CLIENT REPLY SKIP\r\nRESET\r\nPING\r\n", "+PONG\r\n" },
	{ "CLIENT REPLY OFF\r\nRESET\r\nPING\r\n", "+RESET\r\n+PONG\r\n" },
	{ "CLIENT REPLY OFF\r\nSUBSCRIBE a\r\nPING\r\n",
	    SUBSCRIBED("*", "a", "1") },
	{ "MULTI\r\nCLIENT REPLY OFF\r\nPING\r\nEXEC\r\nPING\r\n",
	    OK QUEUED QUEUED "*2\r\n" },
	{ "MULTI\r\nCLIENT REPLY SKIP\r\nPING\r\nEXEC\r\nPING\r\nPING\r\n",
	    OK QUEUED QUEUED "*2\r\n+PONG\r\n+PONG\r\n" },
	{ "CLIENT REPLY OFF\r\nMULTI\r\nPING\r\nSUBSCRIBE a\r\nEXEC\r\n",
	    SUBSCRIBED("*", "a", "1") },
	/* Scripts: known by their SHA1 until they are forgotten. */
	{ "SCRIPT LOAD 'return 1'\r\nEVALSHA " SHA1_OF_RETURN_1 " 0\r\n"
	    "EVALSHA_RO " SHA1_OF_RETURN_1 " 1 a\r\nSCRIPT EXISTS "
	    SHA1_OF_RETURN_1 " x\r\nSCRIPT FLUSH\r\n"
	    "EVALSHA " SHA1_OF_RETURN_1 " 0\r\n", "$40\r\n"
	    SHA1_OF_RETURN_1 "\r\n" NIL NIL "*2\r\n:1\r\n:0\r\n" OK
	    NO_SCRIPT },
	{ "EVAL 'return 1' 0\r\n"
	    "EVALSHA E0E1F9FABFC9D4800C877A703B823AC0578FF8DB 0\r\n", NIL NIL },
	{ "EVAL 'return 1' x\r\nEVALSHA " SHA1_OF_RETURN_1 " 0\r\n",
	    NO_INTEGER NO_SCRIPT },
	{ "MULTI\r\nEVAL 'return 1' 0 a b c\r\nDISCARD\r\n"
	    "SCRIPT EXISTS " SHA1_OF_RETURN_1 "\r\nMULTI\r\n"
	    "EVAL 'return 1' 0 a b c\r\nEXEC\r\n"
	    "SCRIPT EXISTS " SHA1_OF_RETURN_1 "\r\n", OK QUEUED OK
	    "*1\r\n:0\r\n" OK QUEUED "*1\r\n" NIL "*1\r\n:1\r\n" },
	/* IDs of a stream's entries grow. */
	{ "XADD a * b c\r\nXADD a * b c\r\nXADD a MAXLEN ~ 10 * b c\r\n",
	    "$15\r\n1792222333000-0\r\n$15\r\n1792222333000-1\r\n"
	    "$15\r\n1792222333000-2\r\n" },
	{ "XADD a 5-* b c\r\nXADD a 5-* b c\r\nXADD a 0-* b c\r\n",
	    "$3\r\n5-0\r\n$3\r\n5-1\r\n$3\r\n0-1\r\n" },
	/* Groups of consumers, of a database. */
	{ "XGROUP CREATE s g 0\r\nSELECT 1\r\nXPENDING s g\r\nFLUSHDB\r\n"
	    "SELECT 0\r\nXPENDING s g\r\nFLUSHDB\r\nXPENDING s g\r\n",
	    OK OK NO_GROUP OK OK "*4\r\n:0\r\n$-1\r\n$-1\r\n*-1\r\n" OK
	    NO_GROUP },
	{ "XGROUP CREATE s g 0\r\nXREADGROUP GROUP g c STREAMS s >\r\n"
	    "XREADGROUP GROUP g c STREAMS s 0\r\nHELLO 3\r\n"
	    "XREADGROUP GROUP g c STREAMS s 0\r\n", OK "*-1\r\n"
	    "*1\r\n*2\r\n$1\r\ns\r\n*0\r\n" HELLO3
	    "%1\r\n$1\r\ns\r\n*0\r\n" },
	/* All others. */
	{ "SET a b\r\n", OK },
	{ "GET a\r\n", NIL },
	{ "PSYNC ? -1\r\n",
	    "-ERR resptap: there is no server here to do that\r\n" },
	{ "QUIT\r\n", OK }
};

START_TEST(redis_answers)
{
	struct bytes reply = { 0 };
	enum stub_verdict verdict;

	verdict = answer(STUB_REDIS, talks[_i].in, strlen(talks[_i].in),
	    &reply);
	check_reply(&reply, talks[_i].out, strlen(talks[_i].out));
	ck_assert_int_eq(verdict, strcmp(talks[_i].in, "QUIT\r\n") == 0 ?
	    STUB_CLOSE : STUB_GO);
}
END_TEST

/* Which commands there are, and what the server calls itself. */
static const struct {
	enum compat played;
	const char *in;
	const char *out;
} others[] = {
	{ COMPAT_REDIS_7_0, "CLIENT SETINFO LIB-NAME x\r\n",
	    "-ERR unknown subcommand 'SETINFO'. Try CLIENT HELP.\r\n" },
	{ COMPAT_REDIS_7_2, "CLIENT SETINFO LIB-NAME x\r\n", OK },
	{ COMPAT_VALKEY_7_2, "CLIENT SETINFO LIB-NAME x\r\n", OK },
	{ COMPAT_REDIS_7_0, "ZRANK k m WITHSCORE\r\n", ARITY("zrank") },
	{ COMPAT_REDIS_7_2, "ZRANK k m WITHSCORE\r\nZRANK k m\r\n",
	    "*-1\r\n$-1\r\n" },
	{ COMPAT_REDIS_7_2, "HTTL k FIELDS 1 f\r\n",
	    UNKNOWN("HTTL", "'k' 'FIELDS' '1' 'f' ") },
	{ COMPAT_REDIS_7_4, "HTTL k FIELDS 1 f\r\n", "*1\r\n:-2\r\n" },
	{ COMPAT_VALKEY_8_1, "HTTL k FIELDS 1 f\r\n",
	    UNKNOWN("HTTL", "'k' 'FIELDS' '1' 'f' ") },
	{ COMPAT_VALKEY_9_0, "HTTL k FIELDS 1 f\r\n", "*1\r\n:-2\r\n" },
	{ COMPAT_VALKEY_9_1, "DELEX k\r\n", UNKNOWN("DELEX", "'k' ") },
	{ COMPAT_REDIS_8_10, "DELIFEQ k v\r\n",
	    UNKNOWN("DELIFEQ", "'k' 'v' ") },
	{ COMPAT_REDIS_7_4, "JSON.GET k\r\n", UNKNOWN("JSON.GET", "'k' ") },
	{ COMPAT_REDIS_8_0, "JSON.GET k\r\n", NIL },
	{ COMPAT_REDIS_8_10, "SENTINEL masters\r\n",
	    UNKNOWN("SENTINEL", "'masters' ") },
	{ COMPAT_REDIS_8_10, "COMMAND INFO delifeq\r\n", "*1\r\n" NIL },
	{ COMPAT_REDIS_7_0, "COMMAND COUNT\r\n", ":240\r\n" },
	{ COMPAT_REDIS_7_0, "COMMAND GETKEYS msetex 1 k v\r\n",
	    "-ERR Invalid command specified\r\n" },
	{ COMPAT_REDIS_8_4, "COMMAND GETKEYS msetex 2 k v l w\r\n",
	    "*2\r\n$1\r\nk\r\n$1\r\nl\r\n" },
	{ COMPAT_REDIS_7_0, "COMMAND LIST FILTERBY PATTERN waitaof\r\n",
	    "*0\r\n" },
	{ COMPAT_REDIS_7_2, "COMMAND LIST FILTERBY PATTERN waitaof\r\n",
	    "*1\r\n$7\r\nwaitaof\r\n" },
	{ COMPAT_REDIS_8_10, "BACKUP HELP\r\n", "*8\r\n+BACKUP <subcommand> "
	    "[<arg> [value] [opt] ...]. Subcommands are:\r\n+ABORT\r\n"
	    "+CLEANUP\r\n+HELP\r\n+LIST\r\n+SEAL\r\n+START\r\n"
	    "+STATUS\r\n" },
	{ COMPAT_REDIS_7_0, "SCRIPT SHOW x\r\n",
	    "-ERR unknown subcommand 'SHOW'. Try SCRIPT HELP.\r\n" },
	{ COMPAT_VALKEY_8_0, "SCRIPT SHOW x\r\n", "-ERR resptap: there is no "
	    "server here to do that\r\n" },
};

START_TEST(server_is_played)
{
	struct bytes reply = { 0 };

	played = others[_i].played;
	answer(STUB_REDIS, others[_i].in, strlen(others[_i].in), &reply);
	check_reply(&reply, others[_i].out, strlen(others[_i].out));
}
END_TEST

/* HELLO and INFO. */
START_TEST(server_says_which_it_is)
{
	static const char in[] = "HELLO\r\nINFO server\r\n";
	static const struct {
		enum compat played;
		const char *const has[3];
	} says[] = {
		{ COMPAT_REDIS_7_0, { "$6\r\n7.0.15\r\n",
		    "redis_version:7.0.15\r\n", "$5\r\nredis\r\n" } },
		{ COMPAT_REDIS_8_10, { "$6\r\n8.10.0\r\n",
		    "redis_version:8.10.0\r\n", "$5\r\nredis\r\n" } },
		{ COMPAT_VALKEY_9_0, { "$6\r\nvalkey\r\n",
		    "redis_version:7.2.4\r\nserver_name:valkey\r\n",
		    "valkey_version:9.0.0\r\n" } },
	};
	struct bytes reply = { 0 };
	size_t i;

	played = says[_i].played;
	answer(STUB_REDIS, in, strlen(in), &reply);
	bytes_add(&reply, "", 1);
	for (i = 0; i < 3; i++)
		ck_assert_msg(strstr((char *)reply.data, says[_i].has[i]) !=
		    NULL, "%s is not in %s", says[_i].has[i],
		    (char *)reply.data);
	bytes_free(&reply);
}
END_TEST

/* Of a container only those subcommands are told that the server has. */
START_TEST(container_has_the_servers_subcommands)
{
	static const char in[] = "COMMAND INFO client\r\nCLIENT HELP\r\n";
	struct bytes reply = { 0 };

	played = _i == 0 ? COMPAT_REDIS_7_0 : COMPAT_REDIS_7_2;
	answer(STUB_REDIS, in, strlen(in), &reply);
	bytes_add(&reply, "", 1);
	ck_assert_ptr_nonnull(strstr((char *)reply.data, "client|unpause"));
	ck_assert_ptr_nonnull(strstr((char *)reply.data, _i == 0 ?
	    "*16\r\n*10\r\n" : "*18\r\n*10\r\n"));
	ck_assert_int_eq(strstr((char *)reply.data, "client|setinfo") != NULL,
	    _i == 1);
	ck_assert_ptr_nonnull(strstr((char *)reply.data, "\r\n+UNPAUSE\r\n"));
	ck_assert_ptr_nonnull(strstr((char *)reply.data, _i == 0 ?
	    "*17\r\n+CLIENT" : "*19\r\n+CLIENT"));
	ck_assert_int_eq(strstr((char *)reply.data, "\r\n+SETINFO ") != NULL,
	    _i == 1);
	bytes_free(&reply);
}
END_TEST

/* A command of each kind of reply, in RESP2 and RESP3. */
static const struct {
	const char *in;
	const char *resp2;
	const char *resp3;
} kinds[] = {
	{ "FLUSHALL\r\n", OK, OK },
	{ "BF.ADD k a\r\n", ":0\r\n", "#f\r\n" },
	{ "BF.MADD k a b\r\n", "*2\r\n:0\r\n:0\r\n",
	    "*2\r\n#f\r\n#f\r\n" },
	{ "BF.INSERT k ITEMS a\r\n", "*1\r\n:0\r\n", "*1\r\n#f\r\n" },
	{ "HGETEX k FIELDS 2 a b\r\n", "*2\r\n" NIL NIL,
	    "*2\r\n_\r\n_\r\n" },
	{ "HEXPIRE k 1 FIELDS 2 a b\r\n", "*2\r\n:-2\r\n:-2\r\n",
	    "*2\r\n:-2\r\n:-2\r\n" },
	{ "XDELEX k IDS 1 1-1\r\n", "*1\r\n:-1\r\n", "*1\r\n:-1\r\n" },
	{ "TOPK.INCRBY k a 1\r\n", "*1\r\n" NIL, "*1\r\n_\r\n" },
	{ "CMS.INCRBY k a 1 b 1\r\n", "*2\r\n:0\r\n:0\r\n",
	    "*2\r\n:0\r\n:0\r\n" },
	{ "TS.MADD k 1 2\r\n", "*1\r\n:0\r\n", "*1\r\n:0\r\n" },
	{ "FT.SEARCH i *\r\n", "*1\r\n:0\r\n",
	    "%5\r\n$10\r\nattributes\r\n*0\r\n$6\r\nformat\r\n"
	    "$6\r\nSTRING\r\n$7\r\nresults\r\n*0\r\n"
	    "$13\r\ntotal_results\r\n:0\r\n$7\r\nwarning\r\n*0\r\n" },
	{ "TYPE a\r\n", "+none\r\n", "+none\r\n" },
	{ "MIGRATE a 1 b 0 1\r\n", "+NOKEY\r\n", "+NOKEY\r\n" },
	{ "DEL a\r\n", ":0\r\n", ":0\r\n" },
	{ "OBJECT ENCODING a\r\n", NIL, "_\r\n" },
	{ "BITPOS a 1\r\n", ":-1\r\n", ":-1\r\n" },
	{ "TTL a\r\n", ":-2\r\n", ":-2\r\n" },
	{ "ZINCRBY a 1 b\r\n", "$1\r\n0\r\n", ",0\r\n" },
	{ "GETRANGE a 0 1\r\n", "$0\r\n\r\n", "$0\r\n\r\n" },
	{ "MEMORY DOCTOR\r\n", "$0\r\n\r\n", "=4\r\ntxt:\r\n" },
	{ "XADD a 5-1 b c\r\n", "$3\r\n5-1\r\n", "$3\r\n5-1\r\n" },
	{ "GET a\r\n", NIL, "_\r\n" },
	{ "LPOP a 1\r\n", "*-1\r\n", "_\r\n" },
	{ "LRANGE a 0 -1\r\n", "*0\r\n", "*0\r\n" },
	{ "HGETALL a\r\n", "*0\r\n", "%0\r\n" },
	{ "SMEMBERS a\r\n", "*0\r\n", "~0\r\n" },
	{ "MGET a b\r\n", "*2\r\n$-1\r\n$-1\r\n", "*2\r\n_\r\n_\r\n" },
	{ "HMGET a b\r\n", "*1\r\n$-1\r\n", "*1\r\n_\r\n" },
	{ "GEOPOS a b\r\n", "*1\r\n*-1\r\n", "*1\r\n_\r\n" },
	{ "GEOPOS a\r\n", "*0\r\n", "*0\r\n" },
	{ "SMISMEMBER a b c\r\n", "*2\r\n:0\r\n:0\r\n", "*2\r\n:0\r\n:0\r\n" },
	{ "SCAN 0\r\n", "*2\r\n$1\r\n0\r\n*0\r\n", "*2\r\n$1\r\n0\r\n*0\r\n" },
	{ "LCS a b IDX\r\n", "*4\r\n$7\r\nmatches\r\n*0\r\n$3\r\nlen\r\n:0\r\n",
	    "%2\r\n$7\r\nmatches\r\n*0\r\n$3\r\nlen\r\n:0\r\n" },
	{ "RENAME a b\r\n", "-ERR no such key\r\n", "-ERR no such key\r\n" },
	{ "READONLY\r\n", "-ERR This instance has cluster support disabled\r\n",
	    "-ERR This instance has cluster support disabled\r\n" },
	{ "EVALSHA a 0\r\n",
	    "-NOSCRIPT No matching script. Please use EVAL.\r\n",
	    "-NOSCRIPT No matching script. Please use EVAL.\r\n" },
	{ "FCALL a 0\r\n", "-ERR Function not found\r\n",
	    "-ERR Function not found\r\n" },
	{ "SCRIPT KILL\r\n",
	    "-NOTBUSY No scripts in execution right now.\r\n",
	    "-NOTBUSY No scripts in execution right now.\r\n" },
	{ "EVAL x 0\r\n", NIL, "_\r\n" },
	{ "BITFIELD a GET u8 0 SET u8 0 1\r\n", "*2\r\n:0\r\n:0\r\n",
	    "*2\r\n:0\r\n:0\r\n" },
	{ "BLPOP a 1\r\n", "*-1\r\n", "_\r\n" },
	{ "XREAD STREAMS a 0\r\n", "*-1\r\n", "_\r\n" }
};

START_TEST(kind_in_both_versions)
{
	struct bytes reply = { 0 };
	const char *in = kinds[_i].in;

	played = COMPAT_DEFAULT;
	answer(STUB_REDIS, in, strlen(in), &reply);
	check_reply(&reply, kinds[_i].resp2, strlen(kinds[_i].resp2));
	session.resp = 3;
	answer(STUB_REDIS, in, strlen(in), &reply);
	check_reply(&reply, kinds[_i].resp3, strlen(kinds[_i].resp3));
	answer(STUB_REDIS, "MULTI\r\n", 7, &reply);
	answer(STUB_REDIS, in, strlen(in), &reply);
	bytes_free(&reply);
	answer(STUB_REDIS, "EXEC\r\n", 6, &reply);
	ck_assert_int_eq(memcmp(reply.data, "*1\r\n", 4), 0);
	ck_assert_uint_eq(reply.len, 4 + strlen(kinds[_i].resp3));
	ck_assert_int_eq(memcmp(reply.data + 4, kinds[_i].resp3,
	    reply.len - 4), 0);
	bytes_free(&reply);
}
END_TEST

/* What becomes of the connection; and when. */
static const struct {
	const char *in;
	const char *out;
	enum stub_verdict verdict;
	uint64_t wait_ms;
	bool blocked;
} ends[] = {
	{ "PING\r\n", "+PONG\r\n", STUB_GO, 0, false },
	{ "quit a b\r\nPING\r\n", OK, STUB_CLOSE, 0, false },
	{ "MULTI\r\nQUIT\r\n", OK OK, STUB_CLOSE, 0, false },
	{ "SUBSCRIBE a\r\nQUIT\r\n", SUBSCRIBED("*", "a", "1") OK, STUB_CLOSE,
	    0, false },
	{ "CLIENT REPLY OFF\r\nQUIT\r\nRESET\r\n", "", STUB_HANG, 0, false },
	{ "CLIENT REPLY SKIP\r\nQUIT\r\n", "", STUB_HANG, 0, false },
	{ "POST / HTTP/1.1\r\nPING\r\n", "", STUB_CLOSE, 0, false },
	{ "host: x\r\n", "", STUB_CLOSE, 0, false },
	{ "CLIENT REPLY OFF\r\nPOST\r\n", "", STUB_CLOSE, 0, false },
	{ "MULTI\r\npost\r\n", OK, STUB_CLOSE, 0, false },
	{ "CLIENT KILL ID 7 SKIPME no\r\n", ":1\r\n", STUB_CLOSE, 0, false },
	{ "CLIENT KILL TYPE normal SKIPME no\r\n", ":1\r\n",
	    STUB_CLOSE, 0, false },
	{ "BLPOP a 1.5\r\n", "*-1\r\n", STUB_GO, 1500, true },
	{ "BLPOP a b c 0.0001\r\n", "*-1\r\n", STUB_GO, 1, true },
	{ "BLPOP a 0x10\r\n", "*-1\r\n", STUB_GO, 16000, true },
	{ "BLPOP a 0\r\nPING\r\n", "", STUB_HANG, 0, false },
	{ "BLPOP a -0.0001\r\n", "", STUB_HANG, 0, false },
	{ "BLPOP a 9e15\r\n", "", STUB_HANG, 0, false },
	{ "BLPOP a 1e16\r\n", "-ERR timeout is negative\r\n",
	    STUB_GO, 0, false },
	{ "BLPOP a -1\r\n", "-ERR timeout is negative\r\n", STUB_GO, 0, false },
	{ "BLPOP a nan\r\n", "-ERR timeout is not a float or out of range\r\n",
	    STUB_GO, 0, false },
	{ "BLPOP a ''\r\n", "-ERR timeout is not a float or out of range\r\n",
	    STUB_GO, 0, false },
	{ "BRPOPLPUSH a b 2\r\n", "*-1\r\n", STUB_GO, 2000, true },
	{ "BLMOVE a b LEFT RIGHT 2\r\n", "*-1\r\n", STUB_GO, 2000, true },
	{ "BLMOVE a b LEFT x 2\r\n", "-ERR syntax error\r\n",
	    STUB_GO, 0, false },
	{ "BLMPOP 2 1 a LEFT\r\n", "*-1\r\n", STUB_GO, 2000, true },
	{ "BZMPOP 2 2 a b MAX COUNT 3\r\n", "*-1\r\n", STUB_GO, 2000, true },
	{ "BZMPOP 2 2 a MAX\r\n", "-ERR syntax error\r\n", STUB_GO, 0, false },
	{ "BZMPOP 2 2147483647 a MAX\r\n", "-ERR syntax error\r\n", STUB_GO,
	    0, false },
	{ "WAIT 1 300\r\n", ":0\r\n", STUB_GO, 300, true },
	{ "WAIT 0 300\r\n", ":0\r\n", STUB_GO, 0, false },
	{ "WAIT 1 0\r\n", "", STUB_HANG, 0, false },
	{ "WAITAOF 0 1 300\r\n", "*2\r\n:0\r\n:0\r\n", STUB_GO, 300, true },
	{ "WAITAOF 0 0 300\r\n", "*2\r\n:0\r\n:0\r\n", STUB_GO, 0, false },
	{ "WAITAOF 1 0 300\r\n", "-ERR WAITAOF cannot be used when numlocal "
	    "is set but appendonly is disabled.\r\n", STUB_GO, 0, false },
	{ "BLMOVEM a b LEFT RIGHT 0.3 COUNT 1 BULK\r\n", "*-1\r\n", STUB_GO,
	    300, true },
	{ "TS.READ a 0 BLOCK 300 1\r\n", "*0\r\n", STUB_GO, 300, true },
	{ "TS.READ a 0 MAX_COUNT 3\r\n", "*0\r\n", STUB_GO, 0, false },
	{ "XREAD BLOCK 20 STREAMS a $\r\n", "*-1\r\n", STUB_GO, 20, true },
	{ "XREAD COUNT 1 STREAMS a 0\r\n", "*-1\r\n", STUB_GO, 0, false },
	{ "XREAD BLOCK 0 STREAMS a $\r\n", "", STUB_HANG, 0, false },
	{ "XGROUP CREATE a g 0\r\n"
	    "XREADGROUP GROUP g c BLOCK 20 STREAMS a >\r\n", OK "*-1\r\n",
	    STUB_GO, 20, true },
	{ "XREADGROUP COUNT 1 BLOCK 20 STREAMS a >\r\n",
	    "-ERR Missing GROUP option for XREADGROUP\r\n", STUB_GO, 0, false },
	{ "MULTI\r\nBLPOP a 1\r\nEXEC\r\n", OK QUEUED "*1\r\n*-1\r\n", STUB_GO,
	    0, false },
	/* CLIENT PAUSE: what comes behind it waits too, but for errors. */
	{ "CLIENT PAUSE 300\r\n", OK, STUB_GO, 0, false },
	{ "CLIENT PAUSE 300\r\nPING\r\n", OK "+PONG\r\n", STUB_GO, 300, true },
	{ "CLIENT PAUSE 300 ALL\r\nMULTI\r\nGET a\r\n", OK OK QUEUED, STUB_GO,
	    300, true },
	{ "CLIENT PAUSE 300\r\nGET\r\n", OK ARITY("get"), STUB_GO, 0, false },
	{ "CLIENT PAUSE 300\r\nBLPOP a 1.5\r\n", OK "*-1\r\n", STUB_GO, 1800,
	    true },
	{ "CLIENT PAUSE 300\r\nQUIT\r\n", OK OK, STUB_CLOSE, 300, true },
	{ "CLIENT PAUSE 300\r\nCLIENT PAUSE 50\r\nPING\r\n", OK OK "+PONG\r\n",
	    STUB_GO, 350, true },
	{ "CLIENT PAUSE 300 WRITE\r\nGET a\r\n", OK NIL, STUB_GO, 0, false },
	{ "CLIENT PAUSE 300 WRITE\r\nSET a b\r\n", OK OK, STUB_GO, 300, true },
	{ "CLIENT PAUSE 300 WRITE\r\nCLIENT PAUSE 50 WRITE\r\nDEL a\r\n",
	    OK OK ":0\r\n", STUB_GO, 300, true },
	{ "CLIENT PAUSE 50 WRITE\r\nCLIENT PAUSE 30 ALL\r\nGET a\r\n",
	    OK OK NIL, STUB_GO, 50, true },
	{ "CLIENT PAUSE 300 WRITE\r\nCLIENT UNPAUSE\r\nSET a b\r\n", OK OK OK,
	    STUB_GO, 0, false },
	{ "CLIENT PAUSE 300 WRITE\r\nMULTI\r\nGET a\r\nEXEC\r\n", OK OK QUEUED
	    "*1\r\n" NIL, STUB_GO, 0, false },
	{ "MULTI\r\nEVAL x 0\r\nCLIENT PAUSE 300 WRITE\r\nEXEC\r\n", OK QUEUED
	    QUEUED "*2\r\n" NIL OK, STUB_GO, 0, false },
	{ "CLIENT PAUSE 300 WRITE\r\nMULTI\r\nZUNIONSTORE a 1 b\r\n", OK OK
	    QUEUED, STUB_GO, 300, true }
};

START_TEST(verdict_and_wait)
{
	struct bytes reply = { 0 };

	played = COMPAT_DEFAULT;
	answer(STUB_REDIS, ends[_i].in, strlen(ends[_i].in), &reply);
	check_reply(&reply, ends[_i].out, strlen(ends[_i].out));
	ck_assert_int_eq(outcome.verdict, ends[_i].verdict);
	ck_assert_uint_eq(outcome.wait_ms, ends[_i].wait_ms);
	ck_assert_int_eq(outcome.blocked, ends[_i].blocked);
}
END_TEST

/* How many values the last command is answered by. */
static const struct {
	const char *in;
	size_t values;
} parts[] = {
	{ "PING\r\n", 1 },
	{ "SUBSCRIBE a b c\r\n", 3 },
	{ "HELLO 3\r\nSUBSCRIBE a b c\r\nUNSUBSCRIBE\r\n", 3 },
	{ "UNSUBSCRIBE\r\n", 1 },
	{ "CLIENT REPLY OFF\r\nPING\r\n", 0 },
	{ "CLIENT REPLY OFF\r\nSUBSCRIBE a b\r\n", 2 },
	/* EXEC's reply is one, whatever its bytes look like. */
	{ "MULTI\r\nPING\r\nSUBSCRIBE a b\r\nEXEC\r\n", 1 },
	{ "HELLO 3\r\nMULTI\r\nPING\r\nSUBSCRIBE a\r\nEXEC\r\n", 1 },
	{ "MULTI\r\nPING\r\nCLIENT REPLY OFF\r\nPING\r\nEXEC\r\n", 1 },
	{ "CLIENT REPLY OFF\r\nMULTI\r\nPING\r\nEXEC\r\n", 0 }
};

START_TEST(values_of_a_reply_are_told)
{
	const struct stub_value *v;
	struct bytes reply = { 0 };
	size_t n, i;

	answer(STUB_REDIS, parts[_i].in, strlen(parts[_i].in), &reply);
	v = (void *)values.data;
	n = values.len / sizeof(*v);
	ck_assert_uint_eq(n, parts[_i].values);
	for (i = 0; i < n; i++)
		ck_assert(!v[i].push);
	bytes_free(&reply);
}
END_TEST

/* Adds to in the same command n times. */
static void
repeat(struct bytes *in, const char *command, int n)
{
	bytes_free(in);
	while (n-- > 0)
		bytes_add_string(in, command);
	ck_assert(!in->failed);
}

#define TRANSACTION_TOO_LONG						\
	"-ERR resptap: the transaction is too long; the limits are "	\
	"100000 commands and 1048576 bytes, and 67108864 bytes for "	\
	"all clients of a thread\r\n"

START_TEST(transaction_of_too_many_commands)
{
	struct bytes in = { 0 }, reply = { 0 };

	answer(STUB_REDIS, "MULTI\r\n", 7, &reply);
	repeat(&in, "GET a\r\n", SESSION_QUEUE_MAX);
	answer(STUB_REDIS, in.data, in.len, &reply);
	ck_assert_uint_eq(reply.len, 5 + SESSION_QUEUE_MAX * strlen(QUEUED));
	bytes_free(&reply);
	answer(STUB_REDIS, "GET a\r\n", 7, &reply);
	check_reply(&reply, TRANSACTION_TOO_LONG,
	    strlen(TRANSACTION_TOO_LONG));
	answer(STUB_REDIS, "GET a\r\nEXEC\r\n", 13, &reply);
	check_reply(&reply, QUEUED ABORTED, strlen(QUEUED ABORTED));
	bytes_free(&in);
}
END_TEST

START_TEST(transaction_of_too_many_bytes)
{
	struct bytes in = { 0 }, reply = { 0 };
	int i;

	bytes_addf(&in, "*2\r\n$4\r\nECHO\r\n$100000\r\n%0100000d\r\n", 1);
	answer(STUB_REDIS, "MULTI\r\n", 7, &reply);
	for (i = 0; i < 10; i++)
		answer(STUB_REDIS, in.data, in.len, &reply);
	bytes_free(&reply);
	answer(STUB_REDIS, in.data, in.len, &reply);
	check_reply(&reply, TRANSACTION_TOO_LONG,
	    strlen(TRANSACTION_TOO_LONG));
	answer(STUB_REDIS, "EXEC\r\nPING\r\n", 12, &reply);
	check_reply(&reply, ABORTED "+PONG\r\n", strlen(ABORTED "+PONG\r\n"));
	bytes_free(&in);
}
END_TEST

/* Small commands may have long replies: EXEC's is bounded all the same, and
 * has as many elements as it says. */
START_TEST(replies_of_a_transaction_are_bounded)
{
	struct bytes in = { 0 }, reply = { 0 };
	const uint8_t *p;
	size_t n = 0;

	answer(STUB_REDIS, "MULTI\r\n", 7, &reply);
	repeat(&in, "COMMAND\r\n", 10000);
	answer(STUB_REDIS, in.data, in.len, &reply);
	bytes_free(&reply);
	answer(STUB_REDIS, "EXEC\r\n", 6, &reply);
	ck_assert_int_eq(memcmp(reply.data, "*10000\r\n", 8), 0);
	ck_assert_uint_lt(reply.len, 3 * ECHO_MAX);
	for (p = reply.data; (p = memmem(p, reply.len -
	    (size_t)(p - reply.data), "\r\n*240\r\n", 8)) != NULL; p++)
		n++;
	for (p = reply.data; (p = memmem(p, reply.len -
	    (size_t)(p - reply.data), "\r\n-ERR ", 7)) != NULL; p++)
		n++;
	ck_assert_uint_eq(n, 10000);
	bytes_free(&in);
	bytes_free(&reply);
}
END_TEST

#define SCRIPT_TOO_LONG							\
	"-ERR resptap: a script of 1048577 bytes is too long; the "	\
	"limit is 1048576\r\n"

/* One that is too long to be known by its SHA1 is run all the same, but not
 * loaded. */
START_TEST(long_script_is_hashed_or_refused)
{
	struct bytes in = { 0 }, reply = { 0 };
	char load[64];

	bytes_addf(&in, "*3\r\n$6\r\nSCRIPT\r\n$4\r\nLOAD\r\n"
	    "$%d\r\n%0*d\r\n",
	    STUB_ECHO_MAX, STUB_ECHO_MAX, 1);
	answer(STUB_REDIS, in.data, in.len, &reply);
	ck_assert_uint_eq(reply.len, 47);
	snprintf(load, sizeof(load), "EVALSHA %.40s 0\r\n", reply.data + 5);
	bytes_free(&reply);
	answer(STUB_REDIS, load, strlen(load), &reply);
	check_reply(&reply, NIL, strlen(NIL));
	bytes_free(&in);
	bytes_addf(&in, "*3\r\n$6\r\nSCRIPT\r\n$4\r\nLOAD\r\n"
	    "$%d\r\n%0*d\r\n",
	    STUB_ECHO_MAX + 1, STUB_ECHO_MAX + 1, 1);
	answer(STUB_REDIS, in.data, in.len, &reply);
	check_reply(&reply, SCRIPT_TOO_LONG, strlen(SCRIPT_TOO_LONG));
	bytes_free(&in);
}
END_TEST

/* What is remembered for all connections is bounded; one script too many is
 * refused, and those before it are known all the same. */
START_TEST(scripts_are_bounded)
{
	struct bytes in = { 0 }, reply = { 0 };
	int i;

	answer(STUB_REDIS, "SCRIPT LOAD 'return 1'\r\n", 24, &reply);
	for (i = 1; i < STUB_FACTS_MAX; i++)
		bytes_addf(&in, "EVAL %d 0\r\n", i);
	answer(STUB_REDIS, in.data, in.len, &reply);
	bytes_free(&reply);
	answer(STUB_REDIS, "SCRIPT LOAD x\r\n", 15, &reply);
	ck_assert_int_eq(memcmp(reply.data, "-ERR resptap: ", 14), 0);
	bytes_free(&reply);
	answer(STUB_REDIS, "EVAL x 0\r\nSCRIPT LOAD 'return 1'\r\n", 34,
	    &reply);
	check_reply(&reply, NIL "$40\r\n" SHA1_OF_RETURN_1 "\r\n", 52);
	answer(STUB_REDIS, "SCRIPT FLUSH\r\nSCRIPT LOAD 'return 1'\r\n", 38,
	    &reply);
	check_reply(&reply, OK "$40\r\n" SHA1_OF_RETURN_1 "\r\n", 52);
	bytes_free(&in);
}
END_TEST

/* Nor do those grow it that are not executed then. */
START_TEST(rest_of_a_transaction_is_bounded)
{
	static const char refused[] = "-ERR not executed\r\n";
	struct bytes in = { 0 }, reply = { 0 };
	size_t len;

	answer(STUB_REDIS, "MULTI\r\n", 7, &reply);
	repeat(&in, "COMMAND\r\n", 100);
	answer(STUB_REDIS, in.data, in.len, &reply);
	repeat(&in, "GET a\r\n", SESSION_QUEUE_MAX - 100);
	answer(STUB_REDIS, in.data, in.len, &reply);
	bytes_free(&reply);
	answer(STUB_REDIS, "EXEC\r\n", 6, &reply);
	len = strlen(refused);
	ck_assert_uint_lt(reply.len, ECHO_MAX + 64 * 1024 +
	    SESSION_QUEUE_MAX * len);
	ck_assert_int_eq(memcmp(reply.data + reply.len - len, refused, len), 0);
	bytes_free(&in);
	bytes_free(&reply);
}
END_TEST

START_TEST(subscriptions_are_bounded)
{
	struct bytes in = { 0 }, reply = { 0 };
	int i;

	for (i = 0; i < SESSION_SUBSCRIPTIONS_MAX; i++)
		bytes_addf(&in, "PSUBSCRIBE p%d\r\n", i);
	answer(STUB_REDIS, in.data, in.len, &reply);
	ck_assert_int_eq(memcmp(reply.data + reply.len - 8, ":10000\r\n", 8),
	    0);
	bytes_free(&reply);
	answer(STUB_REDIS, "SUBSCRIBE a\r\n", 13, &reply);
	ck_assert_int_eq(memcmp(reply.data, "-ERR resptap: ", 14), 0);
	bytes_free(&reply);
	answer(STUB_REDIS, "PUNSUBSCRIBE p1 x\r\nSUBSCRIBE a\r\n", 32, &reply);
	ck_assert_int_eq(memcmp(reply.data + reply.len - 8, ":10000\r\n", 8),
	    0);
	bytes_free(&reply);
	bytes_free(&in);
}
END_TEST

/* What a command changes in the session. */
static const struct {
	const char *in;
	uint32_t db;
	int resp;
	const char *name;
} changes[] = {
	{ "PING\r\n", 0, 2, NULL },
	{ "SELECT 3\r\n", 3, 2, NULL },
	{ "SELECT 3\r\nSELECT 10\r\n", 10, 2, NULL },
	{ "SELECT 3\r\nSELECT x\r\nSELECT 4 4\r\n", 3, 2, NULL },
	{ "HELLO 3\r\n", 0, 3, NULL },
	{ "HELLO 3\r\nHELLO 4\r\nHELLO x\r\nHELLO 2 x\r\n", 0, 3, NULL },
	{ "HELLO 3 SETNAME 'a b'\r\n", 0, 2, NULL },
	{ "HELLO 3 SETNAME bob x\r\n", 0, 2, "bob" },
	{ "HELLO 3 SETNAME bob\r\n", 0, 3, "bob" },
	{ "CLIENT SETNAME bob\r\nHELLO 3\r\n", 0, 3, "bob" },
	{ "CLIENT SETNAME bob\r\nCLIENT SETNAME '\xe4'\r\n", 0, 2, "bob" },
	{ "CLIENT SETNAME ''\r\n", 0, 2, NULL }
};

START_TEST(session_changes)
{
	struct bytes reply = { 0 };

	answer(STUB_REDIS, changes[_i].in, strlen(changes[_i].in), &reply);
	bytes_free(&reply);
	ck_assert_uint_eq(session.id, ID);
	ck_assert_uint_eq(session.db, changes[_i].db);
	ck_assert_int_eq(session.resp, changes[_i].resp);
	ck_assert_pstr_eq(session.name, changes[_i].name);
}
END_TEST

/* A client's name may have any byte of '!' to '~'. */
START_TEST(name_with_any_byte)
{
	char in[] = "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n$3\r\na?b\r\n";
	struct bytes reply = { 0 };
	bool good;
	int c;

	for (c = 0; c < 256; c++) {
		in[sizeof(in) - 5] = (char)c;
		answer(STUB_REDIS, in, sizeof(in) - 1, &reply);
		good = c >= '!' && c <= '~';
		check_reply(&reply, good ? OK : BAD_NAME,
		    strlen(good ? OK : BAD_NAME));
		if (good)
			ck_assert_int_eq(session.name[1], c);
		else if (session.name != NULL)
			ck_assert_int_ne(session.name[1], c);
	}
}
END_TEST

/* The modes that are no Redis. */
static const struct {
	enum stub_mode mode;
	const char *in;
	size_t len;
	const char *out;
	size_t outlen;
} modes[] = {
#define IO(in, out) in, sizeof(in) - 1, out, sizeof(out) - 1
	{ STUB_OK, IO("PING\r\n", OK) },
	{ STUB_OK, IO("ECHO a b c\r\n*1\r\n$0\r\n\r\n", OK OK) },
	{ STUB_OK, IO("QUIT\r\n", OK) },
	{ STUB_OK, IO("\r\n*0\r\n", "") },
	{ STUB_NONE, IO("PING\r\n", "") },
	{ STUB_NONE, IO("QUIT\r\nECHO a b c\r\n", "") },
	{ STUB_ECHO, IO("PING\r\n", "*1\r\n$4\r\nPING\r\n") },
	{ STUB_ECHO, IO("*1\r\n$4\r\nPING\r\n", "*1\r\n$4\r\nPING\r\n") },
	{ STUB_ECHO, IO("set 'a b' \"\" \"c\\x00\\r\\n\\xff\"\n",
	    "*4\r\n$3\r\nset\r\n$3\r\na b\r\n$0\r\n\r\n"
	    "$5\r\nc\0\r\n\xff\r\n") },
	{ STUB_ECHO, IO("*3\r\n$0\r\n\r\n$0\r\n\r\n$2\r\n\r\n\r\n",
	    "*3\r\n$0\r\n\r\n$0\r\n\r\n$2\r\n\r\n\r\n") },
	{ STUB_ECHO, IO("QUIT\r\nhello 3\r\n",
	    "*1\r\n$4\r\nQUIT\r\n*2\r\n$5\r\nhello\r\n$1\r\n3\r\n") }
#undef IO
};

START_TEST(mode_answers)
{
	struct bytes reply = { 0 };

	ck_assert_int_eq(answer(modes[_i].mode, modes[_i].in, modes[_i].len,
	    &reply), STUB_GO);
	check_reply(&reply, modes[_i].out, modes[_i].outlen);
	ck_assert_int_eq(session.resp, 2);
}
END_TEST

/* Adds an array, and a NUL: the name and then, n times, an argument of that
 * size. */
static void
add_array(struct bytes *in, const char *name, uint32_t n, size_t size)
{
	uint8_t *p;
	uint32_t i;

	bytes_addf(in, "*%u\r\n$%zu\r\n%s\r\n", n + 1, strlen(name), name);
	for (i = 0; i < n; i++) {
		bytes_addf(in, "$%zu\r\n", size);
		ck_assert_ptr_nonnull(p = bytes_reserve(in, size));
		memset(p, 'a' + (int)(i % 26), size);
		in->len += size;
		bytes_add_string(in, "\r\n");
	}
	bytes_add(in, "", 1);
	in->len--;
}

#define TOO_LONG(bytes)							\
	"-ERR resptap: an argument of " bytes " bytes is too long to "	\
	"be sent back; the limit is 1048576\r\n"
#define COMMAND_TOO_LONG						\
	"-ERR resptap: the command is too long to be sent back; the "	\
	"limit is 1048576 bytes\r\n"

/* Long commands; out NULL: they are sent back. */
static const struct {
	enum stub_mode mode;
	const char *name;
	uint32_t n;
	size_t size;
	const char *out;
} longs[] = {
	{ STUB_REDIS, "ECHO", 1, CLIP + 1, NULL },
	{ STUB_REDIS, "ECHO", 1, 100000, NULL },
	{ STUB_REDIS, "ECHO", 1, STUB_ECHO_MAX - 1, NULL },
	{ STUB_REDIS, "echo", 1, STUB_ECHO_MAX, NULL },
	{ STUB_REDIS, "echo", 1, STUB_ECHO_MAX + 1, TOO_LONG("1048577") },
	{ STUB_REDIS, "ECHO", 1, 10000000, TOO_LONG("10000000") },
	{ STUB_REDIS, "PING", 1, CLIP + 1, NULL },
	{ STUB_REDIS, "ping", 1, STUB_ECHO_MAX, NULL },
	{ STUB_REDIS, "PING", 1, STUB_ECHO_MAX + 1, TOO_LONG("1048577") },
	{ STUB_REDIS, "ECHO", 2, STUB_ECHO_MAX, ARITY("echo") },
	{ STUB_REDIS, "PING", 100000, 1, ARITY("ping") },
	{ STUB_REDIS, "SET", 2, STUB_ECHO_MAX, OK },
	{ STUB_REDIS, "MSET", 100000, 1, OK },
	{ STUB_REDIS, "SELECT", 1, 100000, NO_INTEGER },
	{ STUB_REDIS, "HELLO", 1, 100000, NO_VERSION },
	{ STUB_REDIS, "AUTH", 2, 100000, OK },
	{ STUB_REDIS, "EVAL", 100000, 1, NO_INTEGER },
	{ STUB_REDIS, "WATCH", 100000, 1, OK },
	{ STUB_REDIS, "DEL", 100000, 1, ":0\r\n" },
	{ STUB_REDIS, "MGET", 100000, 1, "-ERR resptap: 100000 elements are "
	    "too many for a reply; the limit is 16384\r\n" },
	{ STUB_REDIS, "BLPOP", 100000, 1, "-ERR resptap: the arguments are "
	    "too many, or too long\r\n" },
	{ STUB_REDIS, "SUBSCRIBE", 1, 2000000, "-ERR resptap: too many "
	    "subscriptions; the limits are 10000, and 1048576 bytes\r\n" },
	{ STUB_OK, "ECHO", 1, 10000000, OK },
	{ STUB_ECHO, "SET", 2, CLIP + 1, NULL },
	{ STUB_ECHO, "MSET", 10, 100000, NULL },
	{ STUB_ECHO, "MSET", 10000, 1, NULL },
	{ STUB_ECHO, "SET", 1, STUB_ECHO_MAX - 3, NULL },
	{ STUB_ECHO, "SET", 1, STUB_ECHO_MAX - 2, COMMAND_TOO_LONG },
	{ STUB_ECHO, "SET", 1, STUB_ECHO_MAX + 1, COMMAND_TOO_LONG },
	{ STUB_ECHO, "SET", 2, STUB_ECHO_MAX / 2, COMMAND_TOO_LONG },
	{ STUB_ECHO, "MSET", 100000, 1, COMMAND_TOO_LONG },
	{ STUB_ECHO, "MSET", 100000, 0, COMMAND_TOO_LONG },
	{ STUB_ECHO, "MSET", 3, 10000000, COMMAND_TOO_LONG }
};

START_TEST(long_command_is_answered)
{
	struct bytes in = { 0 }, reply = { 0 };
	const char *out = longs[_i].out;
	size_t head;

	add_array(&in, longs[_i].name, longs[_i].n, longs[_i].size);
	answer(longs[_i].mode, in.data, in.len, &reply);
	if (out != NULL) {
		check_reply(&reply, out, strlen(out));
	} else if (longs[_i].mode == STUB_ECHO) {
		check_reply(&reply, (char *)in.data, in.len);
	} else {
		head = strlen("*2\r\n$4\r\nECHO\r\n");
		check_reply(&reply, (char *)in.data + head, in.len - head);
	}
	bytes_free(&in);
}
END_TEST

/* Adds HELLO 3 AUTH ... SETNAME bob, of 103 arguments. */
static void
add_long_hello(struct bytes *in, int pad)
{
	int i;

	bytes_add_string(in, "*103\r\n$5\r\nHELLO\r\n$1\r\n3\r\n");
	for (i = 0; i < 32; i++)
		bytes_addf(in, "$4\r\nAUTH\r\n$1000\r\n%01000d\r\n"
		    "$1000\r\n%01000d\r\n", 0, 0);
	bytes_addf(in, "$4\r\nAUTH\r\n$100\r\n%0100d\r\n$%d\r\n%0*d\r\n", 0,
	    pad, pad, 0);
	bytes_add_string(in, "$7\r\nSETNAME\r\n$3\r\nbob\r\n");
}

/*
 * SETNAME may be the last argument that something is kept of: what stands
 * behind it in args must not be taken for the name.
 */
START_TEST(hello_looks_at_nothing_that_is_left_out)
{
	struct bytes in = { 0 }, reply = { 0 };
	bool seen = false;
	int pad;

	for (pad = 440; pad < 500; pad++) {
		add_long_hello(&in, pad);
		answer(STUB_REDIS, in.data, in.len, &reply);
		if (kept_args == 102)
			seen = true;
		if (session.name != NULL)
			ck_assert_int_eq(strncmp(session.name, "bob",
			    strlen(session.name)), 0);
		session_free(&session);
		bytes_free(&in);
		bytes_free(&reply);
	}
	ck_assert(seen);
}
END_TEST

/* A name that is too long to be kept is not cut in silence. */
START_TEST(long_name_is_not_cut)
{
	struct bytes in = { 0 }, reply = { 0 };

	bytes_add_string(&in, "*3\r\n$6\r\nCLIENT\r\n$7\r\nSETNAME\r\n");
	bytes_addf(&in, "$%d\r\n%0*d\r\n", 2 * CLIP, 2 * CLIP, 1);
	answer(STUB_REDIS, in.data, in.len, &reply);
	if (reply.data[0] == '-')
		ck_assert_ptr_null(session.name);
	else
		ck_assert_uint_eq(strlen(session.name), 2 * CLIP);
	bytes_free(&in);
	bytes_free(&reply);
}
END_TEST

static const struct {
	const char *text;
	const char *out;
} refusals[] = {
	{ "Protocol error: invalid bulk length",
	    "-ERR Protocol error: invalid bulk length\r\n" },
	{ "Protocol error: expected '$', got '\xff'",
	    "-ERR Protocol error: expected '$', got '\xff'\r\n" },
	{ "max number of clients reached",
	    "-ERR max number of clients reached\r\n" }
};

START_TEST(refusal_is_an_error)
{
	struct bytes reply = { 0 };

	ck_assert(stub_refuse(&session, refusals[_i].text, &reply));
	check_reply(&reply, refusals[_i].out, strlen(refusals[_i].out));
}
END_TEST

/* While replies are off there is none, and the connection stays. */
START_TEST(refusal_may_be_silent)
{
	struct bytes reply = { 0 };

	answer(STUB_REDIS, "CLIENT REPLY SKIP\r\n", 19, &reply);
	ck_assert(!stub_refuse(&session, "x", &reply));
	answer(STUB_REDIS, "PING\r\nCLIENT REPLY OFF\r\n", 24, &reply);
	ck_assert(!stub_refuse(&session, "x", &reply));
	check_reply(&reply, "", 0);
}
END_TEST

/* A reply goes behind those that are there. */
START_TEST(reply_is_added)
{
	struct bytes reply = { 0 };

	bytes_add_string(&reply, "+before\r\n");
	answer(STUB_REDIS, "PING\r\n", 6, &reply);
	ck_assert(stub_refuse(&session, "x", &reply));
	check_reply(&reply, "+before\r\n+PONG\r\n-ERR x\r\n", 24);
}
END_TEST

static const struct {
	enum stub_mode mode;
	const char *name;	/* NULL: not known yet */
	size_t keep;
} keeps[] = {
	{ STUB_REDIS, NULL, 0 },
	{ STUB_REDIS, "ECHO", STUB_ECHO_MAX },
	{ STUB_REDIS, "ping", STUB_ECHO_MAX },
	{ STUB_REDIS, "eval", STUB_ECHO_MAX },
	{ STUB_REDIS, "SCRIPT", STUB_ECHO_MAX },
	{ STUB_REDIS, "GET", 0 },
	{ STUB_REDIS, "ECHOS", 0 },
	{ STUB_REDIS, "Subscribe", STUB_ECHO_MAX },
	{ STUB_REDIS, "PUNSUBSCRIBE", STUB_ECHO_MAX },
	{ STUB_ECHO, NULL, STUB_ECHO_MAX },
	{ STUB_ECHO, "GET", STUB_ECHO_MAX },
	{ STUB_OK, "ECHO", 0 },
	{ STUB_NONE, "ECHO", 0 }
};

START_TEST(mode_keeps_what_it_needs)
{
	const char *name = keeps[_i].name;
	args_keep_fn keep = stub_keep(keeps[_i].mode);
	struct arg a = { .data = (const uint8_t *)name };

	if (keep == NULL) {
		ck_assert_uint_eq(keeps[_i].keep, 0);
		return;
	}
	if (name != NULL)
		a.kept = a.size = (uint32_t)strlen(name);
	ck_assert_uint_eq(keep(name != NULL ? &a : NULL), keeps[_i].keep);
}
END_TEST

static Suite *
stub_suite(void)
{
	Suite *s = suite_create("stub");
	TCase *tc = tcase_create("stub");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, redis_answers, 0, COUNT(talks));
	tcase_add_loop_test(tc, server_is_played, 0, COUNT(others));
	tcase_add_loop_test(tc, server_says_which_it_is, 0, 3);
	tcase_add_loop_test(tc, container_has_the_servers_subcommands, 0, 2);
	tcase_add_loop_test(tc, kind_in_both_versions, 0, COUNT(kinds));
	tcase_add_loop_test(tc, verdict_and_wait, 0, COUNT(ends));
	tcase_add_loop_test(tc, values_of_a_reply_are_told, 0, COUNT(parts));
	tcase_add_test(tc, transaction_of_too_many_commands);
	tcase_add_test(tc, transaction_of_too_many_bytes);
	tcase_add_test(tc, replies_of_a_transaction_are_bounded);
	tcase_add_test(tc, long_script_is_hashed_or_refused);
	tcase_add_test(tc, scripts_are_bounded);
	tcase_add_test(tc, rest_of_a_transaction_is_bounded);
	tcase_add_test(tc, subscriptions_are_bounded);
	tcase_add_loop_test(tc, session_changes, 0, COUNT(changes));
	tcase_add_test(tc, name_with_any_byte);
	tcase_add_loop_test(tc, mode_answers, 0, COUNT(modes));
	tcase_add_loop_test(tc, long_command_is_answered, 0, COUNT(longs));
	tcase_add_test(tc, hello_looks_at_nothing_that_is_left_out);
	tcase_add_test(tc, long_name_is_not_cut);
	tcase_add_loop_test(tc, refusal_is_an_error, 0, COUNT(refusals));
	tcase_add_test(tc, refusal_may_be_silent);
	tcase_add_test(tc, reply_is_added);
	tcase_add_loop_test(tc, mode_keeps_what_it_needs, 0, COUNT(keeps));
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(stub_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
