/* --show: names and groups of records; --command, --key and --client. */
#include "config.h"

#include "trace/filter.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "redis/command.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))

#define OPEN RECORD_BIT(RECORD_OPEN)
#define RECV RECORD_BIT(RECORD_RECV)
#define SEND RECORD_BIT(RECORD_SEND)
#define EDIT RECORD_BIT(RECORD_EDIT)
#define CMD RECORD_BIT(RECORD_CMD)
#define REPLY RECORD_BIT(RECORD_REPLY)
#define PUSH RECORD_BIT(RECORD_PUSH)
#define ERROR RECORD_BIT(RECORD_ERROR)
#define CLOSE RECORD_BIT(RECORD_CLOSE)

static const struct {
	const char *list;
	unsigned events;
} lists[] = {
	{ "open", OPEN },
	{ "recv", RECV },
	{ "send", SEND },
	{ "cmd", CMD },
	{ "reply", REPLY },
	{ "push", PUSH },
	{ "error", ERROR },
	{ "close", CLOSE },
	{ "conns", OPEN | CLOSE },
	{ "edit", EDIT },
	{ "bytes", RECV | SEND | EDIT },
	{ "messages", CMD | REPLY | PUSH | ERROR },
	{ "all",
	    OPEN | RECV | SEND | EDIT | CMD | REPLY | PUSH | ERROR | CLOSE },
	{ "recv,cmd", RECV | CMD },
	{ "cmd,recv", RECV | CMD },
	{ "conns,messages", OPEN | CMD | REPLY | PUSH | ERROR | CLOSE },
	{ "bytes,recv,recv", RECV | SEND | EDIT },
	{ "close,all", RECORD_ALL }
};

START_TEST(list_is_read)
{
	const char *bad = NULL;
	int badlen = -1;

	ck_assert_uint_eq(filter_parse_events(lists[_i].list, &bad, &badlen),
	    lists[_i].events);
}
END_TEST

static const struct {
	const char *list;
	int at;			/* of the bad word */
	int len;
} refused[] = {
	{ "", 0, 0 },
	{ ",", 0, 0 },
	{ ",recv", 0, 0 },
	{ "recv,", 5, 0 },
	{ "recv,,send", 5, 0 },
	{ "foo", 0, 3 },
	{ "recv,foo", 5, 3 },
	{ "recv,foo,bar", 5, 3 },
	{ "foo,recv", 0, 3 },
	{ "rec", 0, 3 },
	{ "recvs", 0, 5 },
	{ "Recv", 0, 4 },
	{ "recv ,send", 0, 5 },
	{ "recv, send", 5, 5 },
	{ "recv;send", 0, 9 },
	{ "allx", 0, 4 },
	{ "al", 0, 2 },
	{ "none", 0, 4 }
};

START_TEST(bad_word_is_found)
{
	const char *bad = NULL;
	int badlen = -1;

	ck_assert_uint_eq(
	    filter_parse_events(refused[_i].list, &bad, &badlen), 0);
	ck_assert_ptr_eq(bad, refused[_i].list + refused[_i].at);
	ck_assert_int_eq(badlen, refused[_i].len);
}
END_TEST

/* Every event has a name, and the name means that event and no other. */
START_TEST(name_is_read_back)
{
	const char *name = filter_event_name((enum record_event)_i);
	const char *bad;
	int badlen;

	ck_assert_ptr_nonnull(name);
	ck_assert_uint_eq(filter_parse_events(name, &bad, &badlen),
	    RECORD_BIT(_i));
}
END_TEST

/* Commands and keys. */

static struct filter filter;
static struct args args;
static struct bytes message;

/* Words of the command; "_" stands for an empty argument. */
static void
set_command(const char *command)
{
	static char text[256];
	char *word;

	ck_assert_uint_lt(strlen(command), sizeof(text));
	strcpy(text, command);
	args.n = 0;
	for (word = strtok(text, " "); word != NULL;
	    word = strtok(NULL, " ")) {
		if (strcmp(word, "_") == 0)
			word = strchr(word, '\0');
		args.v[args.n].data = (const uint8_t *)word;
		args.v[args.n].kept = args.v[args.n].size =
		    (uint32_t)strlen(word);
		args.n++;
	}
	args.total = args.n;
	command_look_up(&args);
}

static const struct {
	const char *commands;	/* NULL: not given */
	const char *keys;
	const char *command;
	bool shown;
} chosen[] = {
	{ NULL, NULL, "get x", true },

	/* Names. */
	{ "get", NULL, "GET x", true },
	{ "GET", NULL, "get x", true },
	{ "get", NULL, "set x 1", false },
	{ "get", NULL, "getex x", false },
	{ "get*", NULL, "getex x", true },
	{ "[gs]et", NULL, "set x 1", true },
	{ "get,set", NULL, "set x 1", true },
	{ "get,set", NULL, "del x", false },
	{ "*", NULL, "_", true },
	{ "?*", NULL, "_", false },
	{ "foo*", NULL, "foobar", true },
	{ "a\\,b", NULL, "a,b", true },
	{ "a\\,b", NULL, "a", false },
	{ "\\!a", NULL, "!a", true },
	{ "!get", NULL, "get x", false },
	{ "!get", NULL, "set x 1", true },
	{ "!get,!set", NULL, "set x 1", false },
	{ "!get,!set", NULL, "ping", true },
	{ "g*,!get", NULL, "getex x", true },
	{ "g*,!get", NULL, "get x", false },
	{ "!get,g*", NULL, "get x", false },
	{ "g*,!get", NULL, "ping", false },

	/* Subcommands. */
	{ "client", NULL, "client setname x", true },
	{ "client|setname", NULL, "CLIENT SETNAME x", true },
	{ "CLIENT|Set*", NULL, "client setinfo a b", true },
	{ "client|setname", NULL, "client id", false },
	{ "client|setname", NULL, "client", false },
	{ "client|new", NULL, "client new", true },
	{ "client|*", NULL, "client _", true },
	{ "*|get", NULL, "config get save", true },
	{ "*|get", NULL, "echo get", false },
	{ "get|x", NULL, "get x", false },
	{ "client,!client|setinfo", NULL, "client setinfo a b", false },
	{ "client,!client|setinfo", NULL, "client id", true },
	{ "!client", NULL, "client id", false },

	/* Keys. */
	{ NULL, "user:*", "get user:1", true },
	{ NULL, "user:*", "GET user:1", true },
	{ NULL, "user:*", "get User:1", false },
	{ NULL, "user:*", "set x user:1", false },
	{ NULL, "user:*", "echo user:1", false },
	{ NULL, "user:*", "unknown user:1", true },
	{ NULL, "user:*", "ping", false },
	{ NULL, "user:*", "get", false },
	{ NULL, "*", "get _", true },
	{ NULL, "*", "ping", false },
	{ NULL, "b", "mget a b c", true },
	{ NULL, "b", "mset a b c d", false },
	{ NULL, "c", "mset a b c d", true },
	{ NULL, "b", "object encoding b", true },
	{ NULL, "b", "object foo b", false },
	{ NULL, "b", "eval return 1 b x", true },
	{ NULL, "x", "eval return 1 b x", false },
	{ NULL, "s", "xread count 1 streams s 0", true },
	{ NULL, "d", "sort a by w store d", true },
	{ NULL, "a", "sort a by w store d", true },
	{ NULL, "w", "sort a by w store d", false },
	/* A guess, if there is no such command. */
	{ NULL, "a", "getx a b", true },
	{ NULL, "b", "getx a b", false },
	{ NULL, "a", "getx", false },
	{ NULL, "b", "client foo b", false },
	{ NULL, "!a", "getx a", false },
	{ NULL, "!a", "get a", false },
	{ NULL, "!a", "mget b a", false },
	{ NULL, "!a", "get b", true },
	{ NULL, "!a", "ping", true },
	{ NULL, "b,!a", "mget b a", false },
	{ NULL, "b,!a", "mget b c", true },

	/* Both. */
	{ "get", "a", "get a", true },
	{ "get", "a", "get b", false },
	{ "get", "a", "set a 1", false }
};

START_TEST(command_is_chosen)
{
	memset(&filter, 0, sizeof(filter));
	bytes_truncate(&message, 0);
	ck_assert(!filter_has_commands(&filter));
	if (chosen[_i].commands != NULL)
		ck_assert_int_eq(filter_add_commands(&filter,
		    chosen[_i].commands, &message), 0);
	if (chosen[_i].keys != NULL)
		ck_assert_int_eq(filter_add_keys(&filter, chosen[_i].keys,
		    &message), 0);
	ck_assert_uint_eq(message.len, 0);
	ck_assert_int_eq(filter_has_commands(&filter),
	    chosen[_i].commands != NULL || chosen[_i].keys != NULL);
	set_command(chosen[_i].command);
	ck_assert_int_eq(filter_command(&filter, &args), chosen[_i].shown);
}
END_TEST

/* A key that is kept in part is chosen only when the rest does not matter. */
START_TEST(clipped_key_is_chosen_only_surely)
{
	static const struct {
		const char *keys;
		bool shown;
	} cases[] = { { "user:*", true }, { "user:1", false },
		{ "*1", false }, { "!user:*", false }, { "!user:1", true } };
	int i;

	for (i = 0; i < COUNT(cases); i++) {
		memset(&filter, 0, sizeof(filter));
		ck_assert_int_eq(filter_add_keys(&filter, cases[i].keys,
		    &message), 0);
		set_command("get user:1");
		args.v[1].size = 100000;
		ck_assert_int_eq(filter_command(&filter, &args),
		    cases[i].shown);
	}
}
END_TEST

/* Keys of which nothing is kept are not looked at. */
START_TEST(keys_past_what_is_kept_are_not_read)
{
	memset(&filter, 0, sizeof(filter));
	ck_assert_int_eq(filter_add_keys(&filter, "b", &message), 0);
	set_command("mget a");
	args.v[1].data = (const uint8_t *)"a";
	args.v[2].data = (const uint8_t *)"b";
	args.v[2].kept = args.v[2].size = 1;
	args.total = 1000000;
	ck_assert(!filter_command(&filter, &args));
}
END_TEST

START_TEST(lists_add_up)
{
	memset(&filter, 0, sizeof(filter));
	ck_assert_int_eq(filter_add_commands(&filter, "get", &message), 0);
	ck_assert_int_eq(filter_add_commands(&filter, "set", &message), 0);
	set_command("get x");
	ck_assert(filter_command(&filter, &args));
	set_command("set x 1");
	ck_assert(filter_command(&filter, &args));
	set_command("del x");
	ck_assert(!filter_command(&filter, &args));
}
END_TEST

/* Clients. */

static const struct {
	const char *clients;
	const char *peer;
	const char *name;
	bool shown;
} peers[] = {
	{ "127.0.0.1", "127.0.0.1:51514", NULL, true },
	{ "127.0.0.1", "127.0.0.2:51514", NULL, false },
	{ "127.0.0.1", "127.0.0.10:5", NULL, false },
	{ "127.0.0.0/8", "127.1.2.3:5", NULL, true },
	{ "127.0.0.0/8", "128.0.0.1:5", NULL, false },
	{ "127.1.2.3/8", "127.0.0.1:5", NULL, true },
	{ "10.0.0.0/9", "10.127.0.1:5", NULL, true },
	{ "10.0.0.0/9", "10.128.0.1:5", NULL, false },
	{ "10.0.0.0/31", "10.0.0.1:5", NULL, true },
	{ "10.0.0.0/31", "10.0.0.2:5", NULL, false },
	{ "0.0.0.0/0", "10.0.0.2:5", NULL, true },
	{ "0.0.0.0/0", "[::1]:5", NULL, false },
	{ "0.0.0.0/0", "unix:", NULL, false },
	{ "10.0.0.0/8", "[::ffff:10.1.2.3]:5", NULL, true },
	{ "::ffff:10.0.0.0/104", "10.1.2.3:5", NULL, true },
	{ "::1", "[::1]:5", NULL, true },
	{ "::1", "[::2]:5", NULL, false },
	{ "::1/128", "[::1]:5", NULL, true },
	{ "0:0::1", "[::1]:5", NULL, true },
	{ "::/0", "[2001:db8::1]:5", NULL, true },
	{ "::/0", "127.0.0.1:5", NULL, false },
	{ "fe80::/10", "[fe80::1%eth0]:5", NULL, true },
	{ "fe80::/10", "[fec0::1]:5", NULL, false },
	{ "fe80::1%eth1", "[fe80::1%eth0]:5", NULL, true },
	{ "2001:DB8::/32", "[2001:db8:1::]:5", NULL, true },

	{ "127.0.0.1:*", "127.0.0.1:51514", NULL, true },
	{ "127.0.0.1:5", "127.0.0.1:51514", NULL, false },
	{ "127.0.*:*", "127.0.3.1:51514", NULL, true },
	{ "*:51514", "127.0.0.1:51514", NULL, true },
	{ "\\[::1]:*", "[::1]:5", NULL, true },
	{ "unix:*", "unix:", NULL, true },
	{ "unix:*", "unix:/run/s", NULL, true },
	{ "unix:/run/*", "unix:/run/s", NULL, true },
	{ "unix:*", "127.0.0.1:5", NULL, false },

	{ "worker-*", "127.0.0.1:5", "worker-1", true },
	{ "worker-*", "127.0.0.1:5", "web-1", false },
	{ "worker-*", "127.0.0.1:5", NULL, false },
	{ "Worker", "127.0.0.1:5", "worker", false },
	{ "worker/1", "127.0.0.1:5", "worker/1", true },
	{ "abc/1", "127.0.0.1:5", "abc/1", true },
	{ "*", "127.0.0.1:5", NULL, true },
	{ "!worker-*", "127.0.0.1:5", "worker-1", false },
	{ "!worker-*", "127.0.0.1:5", "web-1", true },
	{ "!worker-*", "127.0.0.1:5", NULL, true },
	{ "!127.0.0.0/8", "127.0.0.1:5", NULL, false },
	{ "!127.0.0.0/8", "10.0.0.1:5", NULL, true },
	{ "127.0.0.0/8,!worker-*", "127.0.0.1:5", "worker-1", false },
	{ "127.0.0.0/8,!worker-*", "127.0.0.1:5", "web-1", true },
	{ "::1,web-*", "127.0.0.1:5", "web-1", true },
	{ "::1,web-*", "unknown", NULL, false },
	{ "::1", "[", NULL, false }
};

START_TEST(client_is_chosen)
{
	memset(&filter, 0, sizeof(filter));
	bytes_truncate(&message, 0);
	ck_assert(filter_client(&filter, peers[_i].peer, peers[_i].name));
	ck_assert_int_eq(filter_add_clients(&filter, peers[_i].clients,
	    &message), 0);
	ck_assert(!filter_has_commands(&filter));
	ck_assert_int_eq(filter_client(&filter, peers[_i].peer,
	    peers[_i].name), peers[_i].shown);
}
END_TEST

/* Lists that are wrong. */

#define MISSING "a glob is missing; * matches everything"
#define NOT_AN_ADDRESS \
	"not an address; write 10.0.0.0/8, fe80::/10, ::1 or a glob"
#define BITS4 "an IPv4 address has 0 to 32 bits; write 10.0.0.0/8"
#define BITS6 "an IPv6 address has 0 to 128 bits; write fe80::/10"
#define CLASS "the closing ] is missing; \\[ is the character itself"
#define BRACKETS \
	"brackets are a choice of characters in a glob; " \
	"write ::1, or \\[::1]:*"

static const struct {
	const char *list;
	const char *message;
} bad_clients[] = {
	{ "", MISSING },
	{ "!", MISSING },
	{ "a,", MISSING },
	{ ",a", MISSING },
	{ "a,!,b", "!: " MISSING },
	{ "a[b", CLASS },
	{ "a,b[c,d", "b[c: " CLASS },
	{ "[a,b]", "[a: " CLASS },
	{ "10.0.0.0/33", BITS4 },
	{ "a,10.0.0.0/33", "10.0.0.0/33: " BITS4 },
	{ "!10.0.0.0/33", BITS4 },
	{ "10.0.0.0/", BITS4 },
	{ "10.0.0.0/x", BITS4 },
	{ "10.0.0.0/-1", BITS4 },
	{ "10.0.0.0/8/8", BITS4 },
	{ "10.0.0.0/99999999999", BITS4 },
	{ "10.0.0/8", NOT_AN_ADDRESS },
	{ "10.0.0.256/8", NOT_AN_ADDRESS },
	{ "fe80:::/10", NOT_AN_ADDRESS },
	{ "::/129", BITS6 },
	{ "[::1]:*", BRACKETS },
	{ "[::1]", BRACKETS }
};

START_TEST(bad_client_is_named)
{
	memset(&filter, 0, sizeof(filter));
	bytes_truncate(&message, 0);
	ck_assert_int_eq(filter_add_clients(&filter, bad_clients[_i].list,
	    &message), -1);
	bytes_add(&message, "", 1);
	ck_assert_str_eq((char *)message.data, bad_clients[_i].message);
}
END_TEST

START_TEST(globs_have_a_limit)
{
	int i;

	memset(&filter, 0, sizeof(filter));
	bytes_truncate(&message, 0);
	for (i = 0; i < FILTER_GLOBS_MAX; i++)
		ck_assert_int_eq(filter_add_keys(&filter, "a", &message), 0);
	ck_assert_int_eq(filter_add_keys(&filter, "a", &message), -1);
	bytes_add(&message, "", 1);
	ck_assert_str_eq((char *)message.data,
	    "one too many; at most 64 globs can be given");
	bytes_free(&message);
}
END_TEST

static Suite *
filter_suite(void)
{
	Suite *s = suite_create("filter");
	TCase *tc = tcase_create("filter");

	tcase_add_loop_test(tc, list_is_read, 0, COUNT(lists));
	tcase_add_loop_test(tc, bad_word_is_found, 0, COUNT(refused));
	tcase_add_loop_test(tc, name_is_read_back, 0, RECORD_EVENTS);
	tcase_add_loop_test(tc, command_is_chosen, 0, COUNT(chosen));
	tcase_add_test(tc, clipped_key_is_chosen_only_surely);
	tcase_add_test(tc, keys_past_what_is_kept_are_not_read);
	tcase_add_test(tc, lists_add_up);
	tcase_add_loop_test(tc, client_is_chosen, 0, COUNT(peers));
	tcase_add_loop_test(tc, bad_client_is_named, 0, COUNT(bad_clients));
	tcase_add_test(tc, globs_have_a_limit);
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(filter_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
