/*
 * The session of the clients, with hiredis.
 *
 *	hiredis ADDRESS PROTOCOL
 *
 * ADDRESS is a port of 127.0.0.1 or the path of a unix socket; PROTOCOL is 2,
 * 3 or - for what the library does by itself.  Prints a line for each step:
 * its name and the type of what came back.  Exit status 77: this library
 * cannot do that.
 */

#include <sys/time.h>
#include <stdio.h>
#include <stdlib.h>

#include <hiredis.h>

static const char *
type_name(int type)
{
	switch (type) {
	case REDIS_REPLY_STATUS:
		return ("status");
	case REDIS_REPLY_ERROR:
		return ("error");
	case REDIS_REPLY_INTEGER:
		return ("integer");
	case REDIS_REPLY_STRING:
		return ("string");
	case REDIS_REPLY_NIL:
		return ("nil");
	case REDIS_REPLY_ARRAY:
		return ("array");
#if HIREDIS_MAJOR >= 1
	case REDIS_REPLY_MAP:
		return ("map");
	case REDIS_REPLY_SET:
		return ("set");
	case REDIS_REPLY_PUSH:
		return ("push");
	case REDIS_REPLY_DOUBLE:
		return ("double");
	case REDIS_REPLY_VERB:
		return ("verbatim");
#endif
	default:
		return ("another type");
	}
}

static void
print_shape(const redisReply *reply)
{
	size_t i;

	fputs(type_name(reply->type), stdout);
	if (reply->elements == 0)
		return;
	for (i = 0; i < reply->elements; i++) {
		fputs(i == 0 ? " [" : ", ", stdout);
		print_shape(reply->element[i]);
	}
	putchar(']');
}

/* Prints what came back as the step name; ends when that is a failure. */
static void
step(redisContext *c, const char *name, redisReply *reply)
{
	if (reply == NULL) {
		fprintf(stderr, "%s: %s\n", name, c->errstr);
		exit(1);
	}
	printf("%s\t", name);
	print_shape(reply);
	putchar('\n');
	freeReplyObject(reply);
}

/* Reads another reply. */
static void
step_next(redisContext *c, const char *name)
{
	void *reply = NULL;

	if (redisGetReply(c, &reply) != REDIS_OK)
		reply = NULL;
	step(c, name, reply);
}

/* The server must close the connection. */
static void
expect_end(redisContext *c)
{
	void *reply = NULL;

	if (redisGetReply(c, &reply) == REDIS_OK || c->err != REDIS_ERR_EOF) {
		fprintf(stderr, "no end after QUIT: %s\n", c->errstr);
		exit(1);
	}
}

static redisContext *
open_connection(const char *address, const char *protocol)
{
	const struct timeval timeout = { 20, 0 };
	redisContext *c;

	c = address[0] == '/' ? redisConnectUnix(address) :
	    redisConnect("127.0.0.1", atoi(address));
	if (c == NULL || c->err) {
		fprintf(stderr, "%s: %s\n", address,
		    c == NULL ? "out of memory" : c->errstr);
		exit(1);
	}
#if HIREDIS_MAJOR >= 1
	/* By default it takes the confirmations of SUBSCRIBE for itself. */
	redisSetPushCallback(c, NULL);
#endif
	redisSetTimeout(c, timeout);
	if (protocol[0] != '-')
		step(c, "hello", redisCommand(c, "HELLO %s", protocol));
	return (c);
}

static void
session(redisContext *c)
{
	step(c, "echo", redisCommand(c, "ECHO begin"));
	step(c, "ping", redisCommand(c, "PING"));
	step(c, "set", redisCommand(c, "SET %s %b", "k", "v", (size_t)1));
	step(c, "get", redisCommand(c, "GET none"));
	step(c, "incrby", redisCommand(c, "INCRBY n 2"));
	step(c, "sismember", redisCommand(c, "SISMEMBER none m"));
	step(c, "mget", redisCommand(c, "MGET none nil"));
	step(c, "lrange", redisCommand(c, "LRANGE none 0 -1"));
	step(c, "hgetall", redisCommand(c, "HGETALL none"));
	step(c, "config get", redisCommand(c, "CONFIG GET save"));
	step(c, "smembers", redisCommand(c, "SMEMBERS none"));
	step(c, "zscore", redisCommand(c, "ZSCORE none m"));
	step(c, "zincrby", redisCommand(c, "ZINCRBY z 1.5 m"));
	step(c, "scan", redisCommand(c, "SCAN 0 MATCH none*"));
	step(c, "blpop", redisCommand(c, "BLPOP none 0.1"));
	step(c, "info", redisCommand(c, "INFO server"));
	step(c, "client setname", redisCommand(c, "CLIENT SETNAME tester"));
	step(c, "client getname", redisCommand(c, "CLIENT GETNAME"));
	step(c, "client id", redisCommand(c, "CLIENT ID"));
	step(c, "client info", redisCommand(c, "CLIENT INFO"));
	step(c, "auth", redisCommand(c, "AUTH default secret"));
	step(c, "select", redisCommand(c, "SELECT 3"));

	redisAppendCommand(c, "SET p v");
	redisAppendCommand(c, "GET none");
	redisAppendCommand(c, "INCRBY m 2");
	step_next(c, "pipelined set");
	step_next(c, "pipelined get");
	step_next(c, "pipelined incrby");

	step(c, "multi", redisCommand(c, "MULTI"));
	step(c, "set", redisCommand(c, "SET t v"));
	step(c, "get", redisCommand(c, "GET none"));
	step(c, "hgetall", redisCommand(c, "HGETALL none"));
	step(c, "exec", redisCommand(c, "EXEC"));
	step(c, "error", redisCommand(c, "NOSUCH a"));
	step(c, "echo", redisCommand(c, "ECHO end"));
}

static void
listen_and_stop(redisContext *c)
{
	step(c, "auth", redisCommand(c, "AUTH default secret"));
	step(c, "client setname", redisCommand(c, "CLIENT SETNAME listener"));
	step(c, "select", redisCommand(c, "SELECT 2"));
	step(c, "subscribe", redisCommand(c, "SUBSCRIBE ch1 ch2"));
	step_next(c, "subscribe");
	step(c, "unsubscribe", redisCommand(c, "UNSUBSCRIBE ch1 ch2"));
	step_next(c, "unsubscribe");
}

int
main(int argc, char *argv[])
{
	redisContext *main_one, *listener;

	if (argc != 3)
		return (2);
	if (HIREDIS_MAJOR < 1 && argv[2][0] == '3')
		return (77);
	fprintf(stderr, "hiredis %d.%d.%d\n", HIREDIS_MAJOR, HIREDIS_MINOR,
	    HIREDIS_PATCH);
	main_one = open_connection(argv[1], argv[2]);
	session(main_one);
	listener = open_connection(argv[1], argv[2]);
	listen_and_stop(listener);
	redisFree(listener);
	step(main_one, "quit", redisCommand(main_one, "QUIT"));
	expect_end(main_one);
	redisFree(main_one);
	return (0);
}
