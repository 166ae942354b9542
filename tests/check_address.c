/* Addresses: every form, every refusal, and back into text. */
#include "config.h"

#include "net/address.h"

#include <sys/un.h>

#include <check.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))

#define PATH_MOST 107
#define HOST_MOST 253

typedef int (*getaddrinfo_fn)(const char *, const char *,
    const struct addrinfo *, struct addrinfo **);

/*
 * Stands before the C library's, for two names whose answers must not depend on
 * this machine: many.test has several addresses, some of them twice, and
 * broken.test none just now.
 */
int
getaddrinfo(const char *restrict node, const char *restrict service,
    const struct addrinfo *restrict hints, struct addrinfo **restrict res)
{
	static const char *const many[] = {
		"127.0.0.1", "127.0.0.1", "::1", "127.0.0.2", "::1"
	};
	getaddrinfo_fn real =
	    (getaddrinfo_fn)dlsym(RTLD_NEXT, "getaddrinfo");
	int error = 0, i;

	/* What is no name must never be asked of a name server. */
	if (strchr(node, ':') != NULL)
		ck_assert(hints->ai_flags & AI_NUMERICHOST);
	if (strcmp(node, "broken.test") == 0)
		return (EAI_AGAIN);
	if (strcmp(node, "many.test") != 0)
		return (real(node, service, hints, res));
	for (i = 0; error == 0 && i < COUNT(many); i++) {
		error = real(many[i], service, hints, res);
		while (error == 0 && *res != NULL)
			res = &(*res)->ai_next;
	}
	return (error);
}

static const struct {
	const char *text;
	const char *canonical;	/* what address_text() makes of it */
	int family;
	bool local;
} forms[] = {
	{ "6379", "127.0.0.1:6379", AF_INET, true },
	{ "0", "127.0.0.1:0", AF_INET, true },
	{ "65535", "127.0.0.1:65535", AF_INET, true },
	{ "06379", "127.0.0.1:6379", AF_INET, true },
	{ "000000000000000000006379", "127.0.0.1:6379", AF_INET, true },
	{ "127.0.0.1:6379", "127.0.0.1:6379", AF_INET, true },
	{ "127.255.255.254:1", "127.255.255.254:1", AF_INET, true },
	{ "126.255.255.255:1", "126.255.255.255:1", AF_INET, false },
	{ "128.0.0.1:1", "128.0.0.1:1", AF_INET, false },
	{ "0.0.0.0:0", "0.0.0.0:0", AF_INET, false },
	{ "192.0.2.1:65535", "192.0.2.1:65535", AF_INET, false },
	{ "1.0.0.127:80", "1.0.0.127:80", AF_INET, false },
	{ "[::1]:6379", "[::1]:6379", AF_INET6, true },
	{ "[0:0:0:0:0:0:0:1]:6379", "[::1]:6379", AF_INET6, true },
	{ "[::]:0", "[::]:0", AF_INET6, false },
	{ "[::2]:1", "[::2]:1", AF_INET6, false },
	{ "[2001:DB8::1]:1", "[2001:db8::1]:1", AF_INET6, false },
	{ "[::ffff:127.0.0.1]:1", "[::ffff:127.0.0.1]:1", AF_INET6, true },
	{ "[::ffff:127.9.9.9]:1", "[::ffff:127.9.9.9]:1", AF_INET6, true },
	{ "[::ffff:192.0.2.1]:1", "[::ffff:192.0.2.1]:1", AF_INET6, false },
	{ "[::127.0.0.1]:1", "[::127.0.0.1]:1", AF_INET6, false },
	{ "[1111:2222:3333:4444:5555:6666:7777:8888]:65535",
	    "[1111:2222:3333:4444:5555:6666:7777:8888]:65535", AF_INET6,
	    false },
	{ "[fe80::1%lo]:6379", "[fe80::1%lo]:6379", AF_INET6, false },
	{ "unix:/run/r.sock", "unix:/run/r.sock", AF_UNIX, true },
	{ "unix:r", "unix:r", AF_UNIX, true },
	{ "unix:6379", "unix:6379", AF_UNIX, true },
	{ "unix:a b:c\n\xff", "unix:a b:c\n\xff", AF_UNIX, true },
	{ "unix:unix:", "unix:unix:", AF_UNIX, true }
};

START_TEST(form_is_understood)
{
	char text[ADDRESS_TEXT_MAX];
	struct address a, again;
	const char *why;

	ck_assert_ptr_null(address_check(forms[_i].text));
	ck_assert_int_eq(address_resolve(forms[_i].text, &a, 1, &why), 1);
	ck_assert_int_eq(a.sa.ss_family, forms[_i].family);
	ck_assert_int_eq(address_is_local(&a), forms[_i].local);
	ck_assert_ptr_eq(address_text(&a, text), text);
	ck_assert_str_eq(text, forms[_i].canonical);

	ck_assert_int_eq(address_resolve(text, &again, 1, &why), 1);
	ck_assert_uint_eq(again.len, a.len);
	ck_assert_mem_eq(&again.sa, &a.sa, a.len);
}
END_TEST

static const struct {
	const char *to;
	const char *at;
	bool reaches;
} ways[] = {
	{ "127.0.0.1:6379", "127.0.0.1:6379", true },
	{ "127.0.0.1:6379", "127.0.0.1:6380", false },
	{ "127.0.0.1:6379", "127.0.0.2:6379", false },
	{ "127.0.0.1:6379", "0.0.0.0:6379", true },
	{ "127.0.0.1:6379", "0.0.0.0:6380", false },
	{ "127.0.0.1:6379", "[::]:6379", false },
	{ "0.0.0.0:6379", "0.0.0.0:6379", true },
	{ "192.0.2.1:6379", "0.0.0.0:6379", false },
	{ "192.0.2.1:6379", "192.0.2.1:6379", true },
	{ "[::1]:6379", "[::1]:6379", true },
	{ "[::1]:6379", "[::]:6379", true },
	{ "[::1]:6379", "[::]:6380", false },
	{ "[::1]:6379", "0.0.0.0:6379", false },
	{ "[2001:db8::1]:6379", "[::]:6379", false },
	{ "unix:/a", "unix:/a", true },
	{ "unix:/a", "unix:/b", false },
	{ "unix:/a", "0.0.0.0:6379", false }
};

START_TEST(reaches_where_it_leads)
{
	struct address to, at;
	const char *why;

	ck_assert_int_eq(address_resolve(ways[_i].to, &to, 1, &why), 1);
	ck_assert_int_eq(address_resolve(ways[_i].at, &at, 1, &why), 1);
	ck_assert_int_eq(address_reaches(&to, &at), ways[_i].reaches);
	to.len = 0;		/* a name */
	ck_assert(!address_reaches(&to, &at));
}
END_TEST

/* Of these only the form can be tested: what they mean depends on where. */
static const char *const names[] = {
	"localhost:6379",
	"redis.example.org:6379",
	"my_host-1:0",
	"LOCALHOST:65535",
	"unix.example:1",
	"[fe80::1%eth0]:6379",
	"[fe80::1%a:b]:6379"
};

START_TEST(name_is_taken)
{
	ck_assert_ptr_null(address_check(names[_i]));
}
END_TEST

#define NOT_FORM "an address is [HOST:]PORT, [V6]:PORT or unix:PATH"
#define NOT_PORT "a port is a number from 0 to 65535"
#define NO_HOST \
	"a host must stand before the colon; 0.0.0.0 and [::] are all addresses"
#define NOT_HOST "a host name has only letters, digits, '-', '.' and '_'"
#define BARE_V6 "an IPv6 address needs brackets: [V6]:PORT"
#define NO_BRACKET "the closing ] is missing: [V6]:PORT"
#define NOT_V6 "only an IPv6 address stands in brackets: [V6]:PORT"
#define V6_ALONE "a port must follow the brackets: [V6]:PORT"
#define NO_PATH "a path must follow unix:"
#define LONG_PATH "the path of a unix socket has at most 107 bytes"
#define LONG_HOST "a host name has at most 253 bytes"

static const struct {
	const char *text;
	const char *why;
} refused[] = {
	{ "", NOT_FORM },
	{ "localhost", NOT_FORM },
	{ "127.0.0.1", NOT_FORM },
	{ "/run/r.sock", NOT_FORM },
	{ "-1", NOT_FORM },
	{ "+1", NOT_FORM },
	{ " 1", NOT_FORM },
	{ "1 ", NOT_FORM },
	{ "0x10", NOT_FORM },
	{ "6379x", NOT_FORM },
	{ "unix", NOT_FORM },
	{ "65536", NOT_PORT },
	{ "655350", NOT_PORT },
	{ "4294967296", NOT_PORT },
	{ "18446744073709551616", NOT_PORT },
	{ "localhost:", NOT_PORT },
	{ "localhost:redis", NOT_PORT },
	{ "localhost:65536", NOT_PORT },
	{ "localhost:4294973675", NOT_PORT },
	{ "localhost:-1", NOT_PORT },
	{ "localhost:+1", NOT_PORT },
	{ "localhost: 1", NOT_PORT },
	{ "localhost:1 ", NOT_PORT },
	{ "localhost:1\n", NOT_PORT },
	{ "localhost:0x10", NOT_PORT },
	{ "Unix:/run/r.sock", NOT_PORT },
	{ ":", NO_HOST },
	{ ":6379", NO_HOST },
	{ "*:6379", NO_HOST },
	{ "**:6379", NOT_HOST },
	{ "local host:6379", NOT_HOST },
	{ "localhost\n:6379", NOT_HOST },
	{ "caf\xc3\xa9:6379", NOT_HOST },
	{ "a/b:6379", NOT_HOST },
	{ "x[::1]:6379", NOT_FORM },
	{ "::", BARE_V6 },
	{ "::1", BARE_V6 },
	{ "::1:6379", BARE_V6 },
	{ "2001:db8::1:6379", BARE_V6 },
	{ "1:2:3:4:5:6:7:8", BARE_V6 },
	{ "1:2:3:4:5:6:7:8:6379", BARE_V6 },
	{ "::ffff:127.0.0.1:6379", BARE_V6 },
	{ "fe80::1%eth0:6379", BARE_V6 },
	{ "localhost:6379:", NOT_FORM },
	{ "127.0.0.1:1:2", NOT_FORM },
	{ "redis://localhost:6379", "redis:// goes with --upstream; listen at "
	    "[HOST:]PORT, [V6]:PORT or unix:PATH" },
	{ "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa", NOT_FORM },
	{ "[", NO_BRACKET },
	{ "[::1", NO_BRACKET },
	{ "[::1:6379", NO_BRACKET },
	{ "[]:6379", NOT_V6 },
	{ "[localhost]:6379", NOT_V6 },
	{ "[127.0.0.1]:6379", NOT_V6 },
	{ "[:::1]:6379", NOT_V6 },
	{ "[fe80::1%]:6379", NOT_V6 },
	{ "[fe80::1%0123456789abcdef]:6379", NOT_V6 },
	{ "[1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa]:1", NOT_V6 },
	{ "[%lo]:6379", NOT_V6 },
	{ "[::1]", V6_ALONE },
	{ "[::1]6379", V6_ALONE },
	{ "[::1]]:6379", V6_ALONE },
	{ "[::1]:", NOT_PORT },
	{ "[::1]:65536", NOT_PORT },
	{ "[::1]:x", NOT_PORT },
	{ "[::1]::1", NOT_PORT },
	{ "unix:", NO_PATH }
};

START_TEST(refusal_says_why)
{
	struct address a;
	const char *why = NULL;

	ck_assert_pstr_eq(address_check(refused[_i].text), refused[_i].why);
	ck_assert_int_eq(address_resolve(refused[_i].text, &a, 1, &why), -1);
	ck_assert_pstr_eq(why, refused[_i].why);
}
END_TEST

/* Writes the prefix, n times 'x', and the suffix. */
static const char *
stretch(char *text, const char *prefix, size_t n, const char *suffix)
{
	char *p = stpcpy(text, prefix);

	memset(p, 'x', n);
	strcpy(p + n, suffix);
	return (text);
}

START_TEST(path_has_a_limit)
{
	char path[512], text[ADDRESS_TEXT_MAX];
	struct address a;
	const char *why;

	stretch(path, "unix:", PATH_MOST, "");
	ck_assert_ptr_null(address_check(path));
	ck_assert_int_eq(address_resolve(path, &a, 1, &why), 1);
	ck_assert_uint_eq(a.len, sizeof(struct sockaddr_un));
	ck_assert_str_eq(address_text(&a, text), path);

	stretch(path, "unix:", PATH_MOST + 1, "");
	ck_assert_pstr_eq(address_check(path), LONG_PATH);
	ck_assert_int_eq(address_resolve(path, &a, 1, &why), -1);
}
END_TEST

START_TEST(host_has_a_limit)
{
	char text[512];

	ck_assert_ptr_null(address_check(stretch(text, "", HOST_MOST, ":1")));
	ck_assert_pstr_eq(
	    address_check(stretch(text, "", HOST_MOST + 1, ":1")), LONG_HOST);
	ck_assert_pstr_eq(
	    address_check(stretch(text, "[", HOST_MOST + 1, "]:1")), NOT_V6);
	ck_assert_pstr_eq(
	    address_check(stretch(text, "[fe80::1%", HOST_MOST, "]:1")),
	    NOT_V6);
}
END_TEST

static const char *const many_texts[] = {
	"127.0.0.1:7", "[::1]:7", "127.0.0.2:7"
};

/* Each address once, in the resolver's order, and never more than max. */
START_TEST(name_has_several_addresses)
{
	struct address found[8];
	char text[ADDRESS_TEXT_MAX];
	const char *why;
	size_t max = (size_t)_i;
	int n, i, expected = _i;

	if (expected > COUNT(many_texts))
		expected = COUNT(many_texts);
	memset(found, 0, sizeof(found));
	n = address_resolve("many.test:7", found, max, &why);
	ck_assert_int_eq(n, expected);
	for (i = 0; i < n; i++)
		ck_assert_str_eq(address_text(&found[i], text), many_texts[i]);
	for (; i < COUNT(found); i++)
		ck_assert_uint_eq(found[i].len, 0);
}
END_TEST

START_TEST(path_leaves_no_room_alone)
{
	const char *why;

	ck_assert_int_eq(address_resolve("unix:/x", NULL, 0, &why), 0);
}
END_TEST

static const struct {
	const char *text;
	int error;
} unknown[] = {
	{ "broken.test:1", EAI_AGAIN },
	{ "[fe80::1%no-such-if]:1", EAI_NONAME }
};

START_TEST(resolver_says_why)
{
	struct address a;
	const char *why = NULL;

	ck_assert_ptr_null(address_check(unknown[_i].text));
	ck_assert_int_eq(address_resolve(unknown[_i].text, &a, 1, &why), -1);
	ck_assert_pstr_eq(why, gai_strerror(unknown[_i].error));
}
END_TEST

#define UNIX_BASE offsetof(struct sockaddr_un, sun_path)

/* The bytes of sun_path as the kernel may give them. */
static const struct {
	const char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	size_t len;		/* of the address, without the family */
	const char *text;
} unix_names[] = {
	{ "", 0, "unix:" },
	{ "", 1, "unix:" },
	{ "", 108, "unix:" },
	{ "/x", 2, "unix:/x" },
	{ "/x", 3, "unix:/x" },
	{ "/x", 108, "unix:/x" },
	{ "/x\0y", 5, "unix:/x" },
	{ "\0name", 5, "unix:@name" },
	{ "\0a\0b", 4, "unix:@a@b" },
	{ "\0name", 3, "unix:@na" }
};

START_TEST(unix_name_has_a_text)
{
	struct address a = { .sa.ss_family = AF_UNIX };
	struct sockaddr_un *un = (struct sockaddr_un *)&a.sa;
	char text[ADDRESS_TEXT_MAX];

	memcpy(un->sun_path, unix_names[_i].path, sizeof(un->sun_path));
	a.len = (socklen_t)(UNIX_BASE + unix_names[_i].len);
	ck_assert_str_eq(address_text(&a, text), unix_names[_i].text);
	ck_assert(address_is_local(&a));
}
END_TEST

START_TEST(unix_name_may_lack_its_nul)
{
	struct address a;
	char text[ADDRESS_TEXT_MAX], expected[ADDRESS_TEXT_MAX];

	stretch(expected, "unix:", sizeof(struct sockaddr_un) - UNIX_BASE, "");
	memset(&a, 'x', sizeof(a));
	a.sa.ss_family = AF_UNIX;
	a.len = sizeof(struct sockaddr_un);
	ck_assert_str_eq(address_text(&a, text), expected);
	a.len = sizeof(a.sa);
	ck_assert_str_eq(address_text(&a, text), expected);
	a.len = 0;
	ck_assert_str_eq(address_text(&a, text), "unix:");
}
END_TEST

/* What the kernel itself calls a socket without a name, and one that it named
 * by itself. */
START_TEST(kernel_names_have_a_text)
{
	struct sockaddr_un any = { .sun_family = AF_UNIX };
	struct address a;
	char text[ADDRESS_TEXT_MAX];
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	ck_assert_int_ge(fd, 0);
	a.len = sizeof(a.sa);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a.sa, &a.len), 0);
	ck_assert_str_eq(address_text(&a, text), "unix:");

	ck_assert_int_eq(
	    bind(fd, (struct sockaddr *)&any, sizeof(sa_family_t)), 0);
	a.len = sizeof(a.sa);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&a.sa, &a.len), 0);
	address_text(&a, text);
	ck_assert_mem_eq(text, "unix:@", 6);
	ck_assert_uint_eq(strlen(text + 6), 5);
	close(fd);
}
END_TEST

START_TEST(other_families_have_a_text)
{
	struct address a = { .sa.ss_family = AF_UNSPEC };
	char text[ADDRESS_TEXT_MAX];

	ck_assert_str_eq(address_text(&a, text), "unknown");
	ck_assert(!address_is_local(&a));
	a.sa.ss_family = AF_INET;
	a.len = 1;
	ck_assert_str_eq(address_text(&a, text), "unknown");
}
END_TEST

/* Where to connect to: also as a URL.  A name has no address without being
 * looked up. */
static const struct {
	const char *text;
	const char *address;	/* "": a name */
	const char *host;
	const char *port;
} upstreams[] = {
	{ "6380", "127.0.0.1:6380", "127.0.0.1", "6380" },
	{ "[::1]:6380", "[::1]:6380", "::1", "6380" },
	{ "cache.test:6380", "", "cache.test", "6380" },
	{ "unix:/a/b", "unix:/a/b", "", "" },
	{ "redis://192.0.2.1", "192.0.2.1:6379", "192.0.2.1", "6379" },
	{ "redis://192.0.2.1:7/", "192.0.2.1:7", "192.0.2.1", "7" },
	{ "redis://[::1]", "[::1]:6379", "::1", "6379" },
	{ "redis://[::1]:7", "[::1]:7", "::1", "7" },
	{ "redis://cache.test/", "", "cache.test", "6379" },
	{ "localhost", "", "localhost", "6379" },
	{ "cache.test", "", "cache.test", "6379" },
	{ "192.0.2.1", "192.0.2.1:6379", "192.0.2.1", "6379" },
	{ "[::1]", "[::1]:6379", "::1", "6379" },
	{ "unix:///a/b", "unix:/a/b", "", "" },
	{ "redis://192.0.2.1:7/0", "192.0.2.1:7", "192.0.2.1", "7" },
	{ "redis://cache.test/0", "", "cache.test", "6379" },
	{ "redis://[::1]/0", "[::1]:6379", "::1", "6379" },
	/* A URL names no path: that is a host. */
	{ "redis://unix:7", "", "unix", "7" },
};

START_TEST(upstream_is_understood)
{
	struct address_parts parts;
	struct address a;
	char text[ADDRESS_TEXT_MAX];
	bool known = *upstreams[_i].address != '\0';

	ck_assert_pstr_eq(address_split_upstream(upstreams[_i].text, &parts),
	    NULL);
	ck_assert_str_eq(parts.host, upstreams[_i].host);
	ck_assert_str_eq(parts.port, upstreams[_i].port);
	ck_assert_int_eq(address_of_parts(&parts, &a), known ? 0 : -1);
	if (known)
		ck_assert_str_eq(address_text(&a, text), upstreams[_i].address);
	else
		ck_assert_uint_eq(a.len, 0);
}
END_TEST

#define NO_SERVER \
	"an address is [HOST:]PORT, HOST, [V6]:PORT, unix:PATH or " \
	"redis://HOST[:PORT]"
#define NO_SLASH "a path must follow unix://, as in unix:///tmp/socket"
#define NO_QUERY \
	"the settings behind ? are the client's: leave them out"
#define NO_DATABASE \
	"the relay selects no database, the client does: leave it out"
#define NO_LOGIN \
	"the relay does not authenticate, the client does: leave out user " \
	"and password"
#define PORT_0 "nothing can be connected to on port 0"

static const struct {
	const char *text;
	const char *why;
} no_upstreams[] = {
	{ "", NO_SERVER },
	{ "a:b:c", NO_SERVER },
	{ "[::1", "the closing ] is missing: [V6]:PORT" },
	{ "::1", "an IPv6 address needs brackets: [V6]:PORT" },
	{ "local host", NOT_HOST },
	{ "unix:", "a path must follow unix:" },
	{ "unix://", NO_SLASH },
	{ "unix://a/b", NO_SLASH },
	{ "unix:///a?db=1", NO_QUERY },
	{ "redis://cache.test?timeout=1", NO_QUERY },
	{ "redis://cache.test/0?timeout=1", NO_QUERY },
	{ "redis://cache.test/00", NO_DATABASE },
	{ "redis://cache.test/0/", NO_DATABASE },
	{ "redis://u:p@cache.test/1", NO_LOGIN },
	{ "0", PORT_0 },
	{ "cache.test:0", PORT_0 },
	{ "redis://cache.test:0", PORT_0 },
	{ "redis://", NO_HOST },
	{ "redis:///", NO_HOST },
	{ "redis://:7", NO_HOST },
	{ "redis://cache.test:", NOT_PORT },
	{ "redis://unix:path", NOT_PORT },
	{ "redis://::1", "an IPv6 address needs brackets: [V6]:PORT" },
	{ "redis://cache.test/1", NO_DATABASE },
	{ "redis://:p@cache.test", NO_LOGIN },
	{ "rediss://cache.test",
	    "TLS is not spoken here; put a TLS tunnel in between" },
};

START_TEST(upstream_is_refused)
{
	struct address_parts parts;

	ck_assert_pstr_eq(address_split_upstream(no_upstreams[_i].text, &parts),
	    no_upstreams[_i].why);
}
END_TEST

START_TEST(upstream_host_has_a_limit)
{
	static const char *const ends[] = { "", "/", ":1", ":65535/" };
	struct address_parts parts;
	char text[512];
	int i;

	for (i = 0; i < COUNT(ends); i++) {
		stretch(text, "redis://", HOST_MOST, ends[i]);
		ck_assert_pstr_eq(address_split_upstream(text, &parts), NULL);
		ck_assert_uint_eq(strlen(parts.host), HOST_MOST);
		stretch(text, "redis://", HOST_MOST + 1, ends[i]);
		ck_assert_pstr_eq(address_split_upstream(text, &parts),
		    LONG_HOST);
	}
}
END_TEST

static Suite *
address_suite(void)
{
	Suite *s = suite_create("address");
	TCase *tc = tcase_create("address");

	tcase_add_loop_test(tc, form_is_understood, 0, COUNT(forms));
	tcase_add_loop_test(tc, reaches_where_it_leads, 0, COUNT(ways));
	tcase_add_loop_test(tc, name_is_taken, 0, COUNT(names));
	tcase_add_loop_test(tc, refusal_says_why, 0, COUNT(refused));
	tcase_add_test(tc, path_has_a_limit);
	tcase_add_test(tc, host_has_a_limit);
	tcase_add_loop_test(tc, name_has_several_addresses, 0, 9);
	tcase_add_test(tc, path_leaves_no_room_alone);
	tcase_add_loop_test(tc, resolver_says_why, 0, COUNT(unknown));
	tcase_add_loop_test(tc, unix_name_has_a_text, 0, COUNT(unix_names));
	tcase_add_test(tc, unix_name_may_lack_its_nul);
	tcase_add_test(tc, kernel_names_have_a_text);
	tcase_add_test(tc, other_families_have_a_text);
	tcase_add_loop_test(tc, upstream_is_understood, 0, COUNT(upstreams));
	tcase_add_loop_test(tc, upstream_is_refused, 0, COUNT(no_upstreams));
	tcase_add_test(tc, upstream_host_has_a_limit);
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(address_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
