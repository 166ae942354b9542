/*
 * The command line.
 *
 * Arguments are written as one string, cut at every space: "--format " ends in
 * an empty argument.
 */
#include "config.h"

#include "cmd/options.h"

#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/filter.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))

#define ARGS_MOST 64

static struct options o;
static struct bytes message;

static enum options_result
parse(const char *args, bool tty, bool no_color)
{
	static char text[2048];
	static char *argv[ARGS_MOST + 2];
	char *p = text;
	int argc = 0;

	argv[argc++] = p;
	p = stpcpy(p, "resptap") + 1;
	ck_assert_uint_lt(strlen(args), sizeof(text) - 16);
	strcpy(p, args);
	if (*args == '\0')
		p = NULL;
	while (p != NULL) {
		ck_assert_int_le(argc, ARGS_MOST);
		argv[argc++] = p;
		if ((p = strchr(p, ' ')) != NULL)
			*p++ = '\0';
	}
	argv[argc] = NULL;
	bytes_truncate(&message, 0);
	/* Whatever is not filled in shows. */
	memset(&o, 0x55, sizeof(o));
	errno = ERANGE;	/* a stale one must not count */
	return (options_parse(&o, argc, argv, tty, no_color, &message));
}

static const char *
said(void)
{
	/* The NUL is there, and it is the first. */
	ck_assert_ptr_nonnull(message.data);
	ck_assert_uint_lt(message.len, message.cap);
	ck_assert_uint_eq(strlen((const char *)message.data), message.len);
	return ((const char *)message.data);
}

static void differs(struct bytes *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

static void
differs(struct bytes *out, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	bytes_addf(out, "%s%s", out->len > 0 ? " " : "", text);
}

static void
describe_events(struct bytes *out, unsigned events)
{
	int i;

	differs(out, "events");
	for (i = 0; i < RECORD_EVENTS; i++)
		if (events & RECORD_BIT(i))
			bytes_addf(out, ",%s",
			    filter_event_name((enum record_event)i));
}

static void
describe_list(struct bytes *out, const char *name, const struct filter_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		differs(out, "%s=%s%.*s", name, l->v[i].excludes ? "!" : "",
		    (int)l->v[i].len, l->v[i].text);
}

static void
describe_trace(struct bytes *out, const struct trace_options *t)
{
	if (t->format != format_find("text"))
		differs(out, "format=%s", t->format->name);
	if (t->events != RECORD_ALL)
		describe_events(out, t->events);
	if (t->looks.time != TIME_CLOCK)
		differs(out, "time=%d", (int)t->looks.time);
	if (t->looks.snaplen != 0)
		differs(out, "snaplen=%zu", t->looks.snaplen);
	if (t->looks.clip != 1024)
		differs(out, "clip=%zu", t->looks.clip);
	if (t->looks.color)
		differs(out, "color");
	if (t->looks.utf8)
		differs(out, "utf8");
	if (t->file != NULL)
		differs(out, "file=%s", t->file);
	if (t->when_slow != SLOW_WAIT)
		differs(out, "slow=%d", (int)t->when_slow);
}

/* Everything in o that is not the default. */
static const char *
describe(void)
{
	static struct bytes out;
	int i;

	bytes_truncate(&out, 0);
	if (o.nlisten != 1 || strcmp(o.listen[0], "127.0.0.1:6379") != 0)
		for (i = 0; i < o.nlisten; i++)
			differs(&out, "listen=%s", o.listen[i]);
	if (o.port_file != NULL)
		differs(&out, "port-file=%s", o.port_file);
	if (o.summary != NULL)
		differs(&out, "summary=%s", o.summary);
	if (o.allow_remote)
		differs(&out, "remote");
	if (o.listening.peers.n > 0)
		differs(&out, "allow=%zu", o.listening.peers.n);
	if (o.listening.unix_mode != 0)
		differs(&out, "unix-mode=%" PRIo32, o.listening.unix_mode);
	if (o.stub.mode != STUB_REDIS)
		differs(&out, "reply=%d", (int)o.stub.mode);
	if (o.stub.compat != COMPAT_DEFAULT)
		differs(&out, "compat=%d", (int)o.stub.compat);
	if (o.answers != NULL)
		differs(&out, "answers=%s", o.answers);
	describe_list(&out, "command", &o.filter.commands);
	describe_list(&out, "key", &o.filter.keys);
	describe_list(&out, "client", &o.filter.clients);
	describe_trace(&out, &o.trace);
	if (o.threads != 1)
		differs(&out, "threads=%" PRIu32, o.threads);
	if (o.max_clients != 0)
		differs(&out, "max-clients=%" PRIu32, o.max_clients);
	if (o.idle_timeout != 0)
		differs(&out, "idle-timeout=%" PRIu32, o.idle_timeout);
	if (o.count != 0)
		differs(&out, "count=%" PRIu64, o.count);
	if (o.verbose != 0)
		differs(&out, "verbose=%d", o.verbose);
	bytes_add(&out, "", 1);
	ck_assert(!out.failed);
	return ((const char *)out.data);
}

START_TEST(defaults_are_as_documented)
{
	ck_assert_int_eq(parse("", false, false), OPTIONS_RUN);
	ck_assert_int_eq(o.nlisten, 1);
	ck_assert_str_eq(o.listen[0], "127.0.0.1:6379");
	ck_assert_ptr_null(o.port_file);
	ck_assert(!o.allow_remote);
	ck_assert_int_eq(o.stub.mode, STUB_REDIS);
	ck_assert_ptr_null(o.answers);
	ck_assert_uint_eq(o.filter.commands.n, 0);
	ck_assert_uint_eq(o.filter.keys.n, 0);
	ck_assert_uint_eq(o.filter.clients.n, 0);
	ck_assert_ptr_eq(o.trace.format, format_find("text"));
	ck_assert_uint_eq(o.trace.events, RECORD_ALL);
	ck_assert_int_eq(o.trace.looks.time, TIME_CLOCK);
	ck_assert_uint_eq(o.trace.looks.snaplen, 0);
	ck_assert_uint_eq(o.trace.looks.clip, 1024);
	ck_assert(!o.trace.looks.color);
	ck_assert(!o.trace.looks.utf8);
	ck_assert_ptr_null(o.trace.file);
	ck_assert_int_eq(o.trace.when_slow, SLOW_WAIT);
	ck_assert_uint_eq(o.threads, 1);
	ck_assert_uint_eq(o.max_clients, 0);
	ck_assert_uint_eq(o.idle_timeout, 0);
	ck_assert_uint_eq(o.count, 0);
	ck_assert_int_eq(o.verbose, 0);
	ck_assert_uint_eq(message.len, 0);
}
END_TEST

static const struct {
	const char *args;
	const char *meaning;	/* what differs from the defaults */
} understood[] = {
	{ "", "" },
	{ "--", "" },

	{ "--listen=7000", "listen=7000" },
	{ "--listen 7000", "listen=7000" },
	{ "-l 7000", "listen=7000" },
	{ "-l7000", "listen=7000" },
	{ "--li=7000", "listen=7000" },
	{ "-l 0 -l [::1]:0 --listen unix:/s",
	    "listen=0 listen=[::1]:0 listen=unix:/s" },
	{ "-l 7000 -l 7000", "listen=7000 listen=7000" },
	{ "-l localhost:1", "listen=localhost:1" },
	{ "-l 0.0.0.0:1", "listen=0.0.0.0:1" },
	{ "--port-file=/p", "port-file=/p" },
	{ "--port-file /p", "port-file=/p" },
	{ "--port-file=/p --port-file=/q", "port-file=/q" },
	{ "--port-file=-", "port-file=-" },
	{ "--summary=/s", "summary=/s" },
	{ "--summary /s", "summary=/s" },
	{ "--summary=/s --summary=/t", "summary=/t" },
	{ "--allow-remote", "remote" },
	{ "--allow-r", "remote" },
	{ "--allow=10.0.0.0/8,::1 --allow 1.2.3.4", "allow=3" },
	{ "--unix-mode=0660", "unix-mode=660" },
	{ "--unix-mode=777", "unix-mode=777" },

	{ "--reply=redis", "" },
	{ "--reply=ok", "reply=1" },
	{ "--reply=echo", "reply=2" },
	{ "--reply=none", "reply=3" },
	{ "--compat=redis-7.0", "compat=0" },
	{ "--compat=redis-8.10", "" },
	{ "--compat=valkey-9.1", "compat=13" },
	{ "--reply none --reply redis", "" },

	{ "--format=text", "" },
	{ "--format=hex", "format=hex" },
	{ "-f hex", "format=hex" },
	{ "-fhex", "format=hex" },
	{ "--format=raw", "format=raw events,recv" },
	{ "--format=json", "format=json" },
	{ "-f monitor", "format=monitor events,cmd" },
	{ "-f raw -f text", "" },

	{ "--show=all", "" },
	{ "--show=cmd", "events,cmd" },
	{ "-s cmd", "events,cmd" },
	{ "-scmd", "events,cmd" },
	{ "--show=cmd,reply -s conns", "events,open,close" },
	{ "-s bytes", "events,recv,send,edit" },
	{ "-s messages", "events,cmd,reply,push,error" },
	{ "-f hex -s recv", "format=hex events,recv" },
	{ "-f raw -s recv", "format=raw events,recv" },
	{ "-f raw -s send", "format=raw events,send" },
	{ "-s send -f raw", "format=raw events,send" },
	{ "-f raw -s send,cmd,conns", "format=raw events,send" },
	{ "-f raw -s cmd -s recv", "format=raw events,recv" },
	{ "-f raw -s cmd -f text", "events,cmd" },
	{ "-f json -s recv,send", "format=json events,recv,send" },
	{ "-f monitor -s all", "format=monitor events,cmd" },

	{ "--answers=/a", "answers=/a" },
	{ "--answers /a --answers=/b", "answers=/b" },
	{ "--command=get",
	    "command=get events,open,cmd,reply,push,error,close" },
	{ "--command=get,!set --command d*",
	    "command=get command=!set command=d* "
	    "events,open,cmd,reply,push,error,close" },
	{ "--key=a\\,b",
	    "key=a\\,b events,open,cmd,reply,push,error,close" },
	{ "--key=a -s recv,cmd", "key=a events,recv,cmd" },
	{ "-s all --command=get", "command=get" },
	{ "-s bytes --key=a", "key=a events,recv,send,edit" },
	{ "-f raw -s recv --key=a", "key=a format=raw events,recv" },
	{ "-f raw --client=::1", "client=::1 format=raw events,recv" },
	{ "--client=10.0.0.0/8,!a* --client=unix:*",
	    "client=10.0.0.0/8 client=!a* client=unix:*" },

	{ "--output=/o", "file=/o" },
	{ "-o /o", "file=/o" },
	{ "-o/o", "file=/o" },
	{ "-o ./-", "file=./-" },
	{ "-o -", "" },
	{ "-o /o -o -", "" },
	{ "-o --quiet", "file=--quiet" },

	{ "--time=clock", "" },
	{ "--time=iso", "time=1" },
	{ "--time=epoch", "time=2" },
	{ "--time=delta", "time=3" },
	{ "--time=none", "time=4" },

	{ "--snaplen=0", "" },
	{ "--snaplen=1", "snaplen=1" },
	{ "--snaplen=4294967295", "snaplen=4294967295" },
	{ "--snaplen=010", "snaplen=10" },
	{ "--clip=1", "clip=1" },
	{ "--clip=4294967295", "clip=4294967295" },

	{ "--color=always", "color" },
	{ "--color=never", "" },
	{ "--color=auto", "" },
	{ "--utf8", "utf8" },

	{ "--when-slow=wait", "" },
	{ "--when-slow=drop", "slow=1" },

	{ "--threads=1", "" },
	{ "--threads=2", "threads=2" },
	{ "--threads=64", "threads=64" },
	{ "--max-clients=0", "" },
	{ "--max-clients=1", "max-clients=1" },
	{ "--max-clients=4294967295", "max-clients=4294967295" },
	{ "--idle-timeout=0", "" },
	{ "--idle-timeout=60", "idle-timeout=60" },
	{ "--idle-timeout=4294967295", "idle-timeout=4294967295" },
	{ "--count=0", "" },
	{ "--count=3", "count=3" },
	{ "-c 3", "count=3" },
	{ "-c3", "count=3" },
	{ "-c 18446744073709551615", "count=18446744073709551615" },

	{ "--quiet", "verbose=-1" },
	{ "-q", "verbose=-1" },
	{ "-qq", "verbose=-1" },
	{ "--verbose", "verbose=1" },
	{ "-v", "verbose=1" },
	{ "-vv -v", "verbose=3" },
	{ "-q -v", "verbose=1" },
	{ "-v -q", "verbose=-1" },
	{ "-qfhex", "format=hex verbose=-1" },
	{ "-vc 2", "count=2 verbose=1" }
};

START_TEST(arguments_are_understood)
{
	ck_assert_int_eq(parse(understood[_i].args, false, false),
	    OPTIONS_RUN);
	ck_assert_str_eq(describe(), understood[_i].meaning);
	ck_assert_uint_eq(message.len, 0);
}
END_TEST

static const struct {
	const char *args;
	bool tty;
	bool no_color;
	bool color;
} colors[] = {
	{ "", false, false, false },
	{ "", true, false, true },
	{ "", false, true, false },
	{ "", true, true, false },
	{ "--color=auto", true, false, true },
	{ "--color=auto", true, true, false },
	{ "-o /o", true, false, false },
	{ "-o -", true, false, true },
	{ "-o /o --color=auto", true, false, false },
	{ "--color=always", false, false, true },
	{ "--color=always", true, true, true },
	{ "--color=always -o /o", false, true, true },
	{ "--color=never", true, false, false },
	{ "--color=always --color=never", true, false, false }
};

START_TEST(colors_are_decided)
{
	ck_assert_int_eq(
	    parse(colors[_i].args, colors[_i].tty, colors[_i].no_color),
	    OPTIONS_RUN);
	ck_assert_int_eq(o.trace.looks.color, colors[_i].color);
}
END_TEST

static const struct {
	const char *args;
	enum options_result result;
} results[] = {
	{ "--help", OPTIONS_HELP },
	{ "-h", OPTIONS_HELP },
	{ "--he", OPTIONS_HELP },
	{ "-qh", OPTIONS_HELP },
	{ "--version", OPTIONS_VERSION },
	{ "-V", OPTIONS_VERSION },
	{ "--vers", OPTIONS_VERSION },
	{ "--help --version", OPTIONS_HELP },
	{ "--version --help", OPTIONS_VERSION },
	{ "--help --bogus", OPTIONS_HELP },
	{ "--bogus --help", OPTIONS_USAGE },
	{ "operand --help", OPTIONS_HELP },
	{ "-f raw -s cmd --help", OPTIONS_HELP }
};

START_TEST(first_of_its_kind_decides)
{
	ck_assert_int_eq(parse(results[_i].args, false, false),
	    results[_i].result);
}
END_TEST

#define HINT "; see resptap --help"
#define RECORDS \
	"; choose open, recv, send, cmd, reply, push, error, close, " \
	"conns, bytes, messages or all"
#define NO_MODE "not a mode; write 0660 for owner and group, 0600 or 0666"
#define TO_U32 "out of range; choose 0 to 4294967295 "
#define TO_U64 "out of range; choose 0 to 18446744073709551615 "
#define SERVERS \
	"choose redis-7.0, redis-7.2, redis-7.4, redis-8.0, redis-8.2, " \
	"redis-8.4, redis-8.6, redis-8.8, redis-8.10, " \
	"valkey-7.2, valkey-8.0, valkey-8.1, valkey-9.0 or valkey-9.1"
#define NO_FORMAT "unknown format; choose text, hex, raw, json or monitor"
#define RAW_CANNOT \
	"raw cannot write that; choose --show=recv or --show=send"
#define RAW_ONE_WAY \
	"raw writes one direction: choose --show=recv or --show=send"

static const struct {
	const char *args;
	const char *message;
} refused[] = {
	/* Options. */
	{ "--bogus", "--bogus: unknown option" HINT },
	{ "--bogus=1", "--bogus=1: unknown option" HINT },
	{ "--listens", "--listens: unknown option" HINT },
	{ "--=1", "--=1: unknown option" HINT },
	{ "---", "---: unknown option" HINT },
	{ "-z", "-z: unknown option" HINT },
	{ "-zq", "-z: unknown option" HINT },
	{ "-qz", "-z: unknown option" HINT },
	{ "-:", "-:: unknown option" HINT },
	{ "-?", "-?: unknown option" HINT },
	{ "-\xc3\xa9", "-\xc3: unknown option" HINT },
	{ "-listen=1 -x", "-listen=1: an address is [HOST:]PORT, [V6]:PORT "
	    "or unix:PATH" },
	{ "--co", "--co: may be --color, --command, --compat, "
	    "--connect-timeout or --count" HINT },
	{ "--cou=1 --co=1",
	    "--co=1: may be --color, --command, --compat, "
	    "--connect-timeout or --count"
	    HINT },
	{ "--c", "--c: may be --client, --clip, --color, --command, "
	    "--compat, --connect-timeout or --count" HINT },
	{ "--s=all", "--s=all: may be --show, --snaplen or --summary" HINT },
	{ "--ver", "--ver: may be --verbose or --version" HINT },
	{ "--listen", "--listen: needs an argument" HINT },
	{ "--liste", "--liste: needs an argument" HINT },
	{ "-l", "-l: needs an argument" HINT },
	{ "-ql", "-l: needs an argument" HINT },
	{ "--port-file", "--port-file: needs an argument" HINT },
	{ "--port 7000", "--port 7000: listen there with --listen=7000" },
	{ "-p7000", "-p7000: listen there with --listen=7000" },
	{ "--summary", "--summary: needs an argument" HINT },
	{ "--reply", "--reply: needs an argument" HINT },
	{ "--format", "--format: needs an argument" HINT },
	{ "-f", "-f: needs an argument" HINT },
	{ "--show", "--show: needs an argument" HINT },
	{ "-s", "-s: needs an argument" HINT },
	{ "--answers", "--answers: needs an argument" HINT },
	{ "--command", "--command: needs an argument" HINT },
	{ "--key", "--key: needs an argument" HINT },
	{ "--client", "--client: needs an argument" HINT },
	{ "--output", "--output: needs an argument" HINT },
	{ "-o", "-o: needs an argument" HINT },
	{ "--time", "--time: needs an argument" HINT },
	{ "--snaplen", "--snaplen: needs an argument" HINT },
	{ "--clip", "--clip: needs an argument" HINT },
	{ "--color", "--color: needs an argument" HINT },
	{ "--when-slow", "--when-slow: needs an argument" HINT },
	{ "--threads", "--threads: needs an argument" HINT },
	{ "--max-clients", "--max-clients: needs an argument" HINT },
	{ "--idle-timeout", "--idle-timeout: needs an argument" HINT },
	{ "--count", "--count: needs an argument" HINT },
	{ "-c", "-c: needs an argument" HINT },
	{ "--allow-remote=1", "--allow-remote=1: takes no argument" HINT },
	{ "--utf8=", "--utf8=: takes no argument" HINT },
	{ "--quiet=1", "--quiet=1: takes no argument" HINT },
	{ "--verbose=1", "--verbose=1: takes no argument" HINT },
	{ "--help=1", "--help=1: takes no argument" HINT },
	{ "--versio=1", "--versio=1: takes no argument" HINT },

	/* Operands. */
	{ "foo", "foo: unexpected argument" HINT },
	{ "foo -q", "foo: unexpected argument" HINT },
	{ "-q -- --verbose", "--verbose: unexpected argument" HINT },
	{ "-", "-: unexpected argument" HINT },
	{ "-q ", ": unexpected argument" HINT },
	{ "6379", "6379: unexpected argument; an address goes with "
	    "--listen=6379" HINT },
	{ "unix:/s", "unix:/s: unexpected argument; an address goes with "
	    "--listen=unix:/s" HINT },

	/* Listening. */
	{ "--listen=::1:6379", "--listen=::1:6379: "
	    "an IPv6 address needs brackets: [V6]:PORT" },
	{ "-l 65536", "-l 65536: a port is a number from 0 to 65535" },
	{ "--listen=", "--listen=: an address is [HOST:]PORT, [V6]:PORT or "
	    "unix:PATH" },
	{ "-lunix:", "-lunix:: a path must follow unix:" },
	{ "--allow=", "--allow=: not an address; "
	    "write 10.0.0.0/8, fe80::/10 or ::1" },
	{ "--allow=::1,localhost", "--allow=::1,localhost: localhost: "
	    "not an address; write 10.0.0.0/8, fe80::/10 or ::1" },
	{ "--allow=10.0.0.0/33", "--allow=10.0.0.0/33: an IPv4 address has 0 "
	    "to 32 bits; write 10.0.0.0/8" },
	{ "--allow ::1/x,::2", "--allow ::1/x,::2: ::1/x: an IPv6 address has "
	    "0 to 128 bits; write fe80::/10" },
	{ "--unix-mode=", "--unix-mode=: " NO_MODE },
	{ "--unix-mode=0", "--unix-mode=0: " NO_MODE },
	{ "--unix-mode=000", "--unix-mode=000: " NO_MODE },
	{ "--unix-mode=0888", "--unix-mode=0888: " NO_MODE },
	{ "--unix-mode=1777", "--unix-mode=1777: " NO_MODE },
	{ "--unix-mode=00660", "--unix-mode=00660: " NO_MODE },
	{ "--unix-mode=u+rw", "--unix-mode=u+rw: " NO_MODE },
	{ "--port-file=", "--port-file=: a file name is missing" },
	{ "--summary=", "--summary=: a file name is missing" },
	{ "--summary=-", "--summary=-: name a file; SIGUSR1 prints the summary "
	    "on stderr" },
	{ "--summary -", "--summary -: name a file; SIGUSR1 prints the summary "
	    "on stderr" },

	/* Words. */
	{ "--reply=ko", "--reply=ko: unknown reply mode; "
	    "choose redis, ok, echo or none" },
	{ "--reply=", "--reply=: unknown reply mode; "
	    "choose redis, ok, echo or none" },
	{ "--reply=o", "--reply=o: unknown reply mode; "
	    "choose redis, ok, echo or none" },
	{ "--reply=OK", "--reply=OK: unknown reply mode; "
	    "choose redis, ok, echo or none" },
	{ "--compat=redis", "--compat=redis: unknown server; " SERVERS },
	{ "--compat=valkey-9", "--compat=valkey-9: unknown server; " SERVERS },
	{ "--format=jsn", "--format=jsn: " NO_FORMAT },
	{ "--format jsn", "--format jsn: " NO_FORMAT },
	{ "--form jsn", "--form jsn: " NO_FORMAT },
	{ "-f jsn", "-f jsn: " NO_FORMAT },
	{ "-fjsn", "-fjsn: " NO_FORMAT },
	{ "-qf jsn", "-qf jsn: " NO_FORMAT },
	{ "x -f jsn", "-f jsn: " NO_FORMAT },
	{ "--format ", "--format : " NO_FORMAT },
	{ "-f \033[m", "-f \033[m: " NO_FORMAT },
	{ "--time=now", "--time=now: unknown time style; "
	    "choose clock, iso, epoch, delta or none" },
	{ "--color=yes", "--color=yes: unknown value; "
	    "choose auto, always or never" },
	{ "--when-slow=die", "--when-slow=die: unknown policy; "
	    "choose wait or drop" },

	/* Records. */
	{ "--show=recv,foo", "--show=recv,foo: unknown record foo" RECORDS },
	{ "--show=foo,bar", "--show=foo,bar: unknown record foo" RECORDS },
	{ "-s recv,", "-s recv,: a name is missing" RECORDS },
	{ "--show=", "--show=: a name is missing" RECORDS },
	{ "-f raw --show=cmd", "--show=cmd: " RAW_CANNOT },
	{ "-s conns,messages -f raw", "-s conns,messages: " RAW_CANNOT },
	{ "-f raw -s recv,send", "-s recv,send: " RAW_ONE_WAY },
	{ "-f raw --show all", "--show all: " RAW_ONE_WAY },
	{ "--show=bytes -o /o -f raw", "--show=bytes: " RAW_ONE_WAY },
	{ "-f monitor -s conns,bytes", "-s conns,bytes: "
	    "monitor cannot write that; choose --show=cmd" },
	{ "--output=", "--output=: a file name is missing" },
	{ "--answers=", "--answers=: a file name is missing" },
	{ "--command=", "--command=: a glob is missing; "
	    "* matches everything" },
	{ "--command get,", "--command get,: a glob is missing; "
	    "* matches everything" },
	{ "--key=a[b", "--key=a[b: the closing ] is missing; "
	    "\\[ is the character itself" },
	{ "--key=x,a[b,y", "--key=x,a[b,y: a[b: the closing ] is missing; "
	    "\\[ is the character itself" },
	{ "--client=a,10.0.0.0/33", "--client=a,10.0.0.0/33: 10.0.0.0/33: "
	    "an IPv4 address has 0 to 32 bits; write 10.0.0.0/8" },
	{ "--client 10.0.0/8", "--client 10.0.0/8: not an address; "
	    "write 10.0.0.0/8, fe80::/10, ::1 or a glob" },
	{ "-f raw --command=get", "--command=get: " RAW_CANNOT },
	{ "--key a -f raw --client=b", "--key a: " RAW_CANNOT },

	/* Numbers. */
	{ "--snaplen=12k", "--snaplen=12k: not a number of bytes" },
	{ "--snaplen=", "--snaplen=: not a number of bytes" },
	{ "--snaplen=-1", "--snaplen=-1: not a number of bytes" },
	{ "--snaplen=+1", "--snaplen=+1: not a number of bytes" },
	{ "--snaplen=\t1", "--snaplen=\t1: not a number of bytes" },
	{ "--snaplen=1.5", "--snaplen=1.5: not a number of bytes" },
	{ "--snaplen=0x10", "--snaplen=0x10: not a number of bytes" },
	{ "--snaplen 4294967296", "--snaplen 4294967296: " TO_U32 "bytes" },
	{ "--clip=x", "--clip=x: not a number of bytes" },
	{ "--clip=0", "--clip=0: out of range; choose 1 to 4294967295 bytes" },
	{ "--clip=4294967296", "--clip=4294967296: out of range; "
	    "choose 1 to 4294967295 bytes" },
	{ "--threads=all", "--threads=all: not a number of threads" },
	{ "--threads=0", "--threads=0: out of range; choose 1 to 64 threads" },
	{ "--threads=65",
	    "--threads=65: out of range; choose 1 to 64 threads" },
	{ "--max-clients=many", "--max-clients=many: not a number of clients" },
	{ "--max-clients=4294967296",
	    "--max-clients=4294967296: " TO_U32 "clients" },
	{ "--idle-timeout=1m", "--idle-timeout=1m: not a number of seconds" },
	{ "--idle-timeout=4294967296",
	    "--idle-timeout=4294967296: " TO_U32 "seconds" },
	{ "-c one", "-c one: not a number of connections" },
	{ "-c -1", "-c -1: not a number of connections" },
	{ "--count=18446744073709551616",
	    "--count=18446744073709551616: " TO_U64 "connections" },
	{ "--snaplen=99999999999999999999",
	    "--snaplen=99999999999999999999: " TO_U32 "bytes" },

	/* Of several errors the first is told. */
	{ "-f jsn -s foo", "-f jsn: " NO_FORMAT },
	{ "foo -z", "-z: unknown option" HINT },
	{ "foo -f raw -s cmd", "foo: unexpected argument" HINT },

	/* What later versions may have is not there yet. */
	{ "--upstream=", "--upstream=: an address is [HOST:]PORT, "
	    "HOST, [V6]:PORT, unix:PATH or redis://HOST[:PORT]" },
	{ "-u 0", "-u 0: nothing can be connected to on port 0" },
	{ "-u rediss://h", "-u rediss://h: TLS is not spoken here; "
	    "put a TLS tunnel in between" },
	{ "-u redis://u:p@h", "-u redis://u:p@h: the relay does not "
	    "authenticate, the client does: leave out user and password" },
	{ "-u redis://h/2", "-u redis://h/2: the relay selects no "
	    "database, the client does: leave it out" },
	{ "-u 1 --reply=ok", "--reply=ok: with --upstream the server there "
	    "answers; leave one out" },
	{ "--answers=f -u 1", "--answers=f: with --upstream the server there "
	    "answers; leave one out" },
	{ "--connect-timeout=0", "--connect-timeout=0: out of range; "
	    "choose 1 to 4294967295 seconds" },
	{ "-w f", "-w: unknown option" HINT },
	{ "-r f", "-r: unknown option" HINT },
	{ "--redact=all", "--redact=all: unknown level; choose secrets, "
	    "values or none" },
	{ "--thread-count=2", "--thread-count=2: unknown option" HINT }
};

START_TEST(refusal_names_argument_and_cure)
{
	ck_assert_int_eq(parse(refused[_i].args, false, false), OPTIONS_USAGE);
	ck_assert_str_eq(said(), refused[_i].message);
}
END_TEST

/* getopt keeps its place in static variables. */
START_TEST(parse_forgets_the_one_before)
{
	ck_assert_int_eq(parse("-zq", false, false), OPTIONS_USAGE);
	ck_assert_int_eq(parse("-f hex", false, false), OPTIONS_RUN);
	ck_assert_str_eq(describe(), "format=hex");
	ck_assert_int_eq(parse("x y -q", false, false), OPTIONS_USAGE);
	ck_assert_int_eq(parse("-v", false, false), OPTIONS_RUN);
	ck_assert_str_eq(describe(), "verbose=1");
	ck_assert_int_eq(parse("-hq", false, false), OPTIONS_HELP);
	ck_assert_int_eq(parse("", false, false), OPTIONS_RUN);
	ck_assert_str_eq(describe(), "");
}
END_TEST

START_TEST(no_program_name_is_needed)
{
	char *argv[] = { NULL };

	ck_assert_int_eq(options_parse(&o, 0, argv, false, false, &message),
	    OPTIONS_RUN);
	ck_assert_str_eq(describe(), "");
}
END_TEST

START_TEST(listeners_have_a_limit)
{
	char args[512] = "-l0";
	int i;

	for (i = 1; i < OPTIONS_LISTEN_MAX; i++)
		sprintf(args + strlen(args), " -l%d", i);
	ck_assert_int_eq(parse(args, false, false), OPTIONS_RUN);
	ck_assert_int_eq(o.nlisten, OPTIONS_LISTEN_MAX);
	ck_assert_str_eq(o.listen[OPTIONS_LISTEN_MAX - 1], "15");

	strcat(args, " --listen=99");
	ck_assert_int_eq(parse(args, false, false), OPTIONS_USAGE);
	ck_assert_str_eq(said(), "--listen=99: one too many; "
	    "at most 16 addresses can be given");
}
END_TEST

/* In the order of the help. */
static const char *const documented[] = {
	"  -l, --listen=ADDR ",
	"      --port-file=FILE ",
	"      --allow=CIDR,... ",
	"      --allow-remote ",
	"      --unix-mode=OCTAL ",
	"      --threads=N ",
	"  -u, --upstream=ADDR ",
	"      --connect-timeout=SECONDS\n",
	"      --reply=MODE ",
	"      --compat=SERVER ",
	"      --answers=FILE ",
	"  -f, --format=FORMAT ",
	"  -s, --show=LIST ",
	"      --command=GLOB,... ",
	"      --key=GLOB,... ",
	"      --client=GLOB,... ",
	"  -o, --output=FILE ",
	"      --time=STYLE ",
	"      --snaplen=N ",
	"      --clip=N ",
	"      --redact=LEVEL ",
	"      --color=WHEN ",
	"      --utf8 ",
	"      --when-slow=POLICY ",
	"      --summary=FILE ",
	"      --max-clients=N ",
	"      --idle-timeout=SECONDS\n",
	"  -c, --count=N ",
	"  -q, --quiet ",
	"  -v, --verbose ",
	"  -h, --help ",
	"  -V, --version "
};

START_TEST(help_has_every_option_once)
{
	const char *at = options_help(), *option;
	int i, n = 0;

	for (i = 0; i < COUNT(documented); i++) {
		at = strstr(at, documented[i]);
		ck_assert_msg(at != NULL && at[-1] == '\n', "%s",
		    documented[i]);
	}
	option = options_help();
	while ((option = strstr(option, "--")) != NULL) {
		option += 2;
		n++;
	}
	ck_assert_int_eq(n, COUNT(documented));
}
END_TEST

START_TEST(help_fits_a_terminal)
{
	const char *p = options_help();
	size_t len;

	for (; *p != '\0'; p += len + 1) {
		len = strcspn(p, "\n");
		ck_assert_msg(p[len] == '\n' && len <= 80 &&
		    (len == 0 || p[len - 1] != ' '), "%.*s", (int)len, p);
		ck_assert(memchr(p, '\t', len) == NULL);
	}
}
END_TEST

static Suite *
options_suite(void)
{
	Suite *s = suite_create("options");
	TCase *tc = tcase_create("options");

	tcase_add_test(tc, defaults_are_as_documented);
	tcase_add_loop_test(tc, arguments_are_understood, 0,
	    COUNT(understood));
	tcase_add_loop_test(tc, colors_are_decided, 0, COUNT(colors));
	tcase_add_loop_test(tc, first_of_its_kind_decides, 0, COUNT(results));
	tcase_add_loop_test(tc, refusal_names_argument_and_cure, 0,
	    COUNT(refused));
	tcase_add_test(tc, parse_forgets_the_one_before);
	tcase_add_test(tc, no_program_name_is_needed);
	tcase_add_test(tc, listeners_have_a_limit);
	tcase_add_test(tc, help_has_every_option_once);
	tcase_add_test(tc, help_fits_a_terminal);
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(options_suite());
	int failed;

	/* It would end the options at the first operand. */
	unsetenv("POSIXLY_CORRECT");
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
