#include "config.h"

#include "net/address.h"

#include <sys/un.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define ADDRESS_UNIX "unix:"
#define ADDRESS_PATH_MAX 107	/* its text is in address_split_path() too */

_Static_assert(
    sizeof(((struct sockaddr_un *)NULL)->sun_path) == ADDRESS_PATH_MAX + 1,
    "the limit that users are told is the system's");
_Static_assert(sizeof(ADDRESS_UNIX) + ADDRESS_PATH_MAX + 1 <= ADDRESS_TEXT_MAX,
    "every path has a text");

#define DIGITS "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

#define ADDRESS_REDIS "redis://"
#define ADDRESS_REDIS_PORT "6379"

static const char *
address_split_path(const char *path, struct address_parts *parts)
{
	/* A client's URL has the path behind two more slashes. */
	if (strncmp(path, "//", 2) == 0) {
		path += 2;
		if (*path != '/')
			return ("a path must follow unix://, as in "
			    "unix:///tmp/socket");
		if (strchr(path, '?') != NULL)
			return ("the settings behind ? are the client's: "
			    "leave them out");
	}
	if (*path == '\0')
		return ("a path must follow unix:");
	if (strlen(path) > ADDRESS_PATH_MAX)
		return ("the path of a unix socket has at most 107 bytes");
	parts->path = path;
	return (NULL);
}

static const char *
address_split_port(const char *port, struct address_parts *parts)
{
	unsigned n = 0;
	const char *p;

	for (p = port; *p >= '0' && *p <= '9' && n <= UINT16_MAX; p++)
		n = n * 10 + (unsigned)(*p - '0');
	if (p == port || *p != '\0' || n > UINT16_MAX)
		return ("a port is a number from 0 to 65535");
	snprintf(parts->port, sizeof(parts->port), "%u", n);
	return (NULL);
}

static void
address_copy_host(struct address_parts *parts, const char *host, size_t len)
{
	memcpy(parts->host, host, len);
	parts->host[len] = '\0';
}

/* "fe80::1%eth0" is one too: link-local addresses mean nothing without. */
static bool
address_is_v6(const char *text, size_t len)
{
	char v6[INET6_ADDRSTRLEN];
	struct in6_addr in6;
	const char *zone = memchr(text, '%', len);
	size_t zonelen;

	if (zone != NULL) {
		zonelen = len - (size_t)(zone + 1 - text);
		if (zonelen == 0 || zonelen >= IF_NAMESIZE)
			return (false);
		len = (size_t)(zone - text);
	}
	if (len >= sizeof(v6))
		return (false);
	memcpy(v6, text, len);
	v6[len] = '\0';
	return (inet_pton(AF_INET6, v6, &in6) == 1);
}

static const char *
address_split_v6(const char *text, struct address_parts *parts)
{
	const char *end = strchr(text, ']');
	size_t len;

	if (end == NULL)
		return ("the closing ] is missing: [V6]:PORT");
	len = (size_t)(end - text);
	if (!address_is_v6(text, len))
		return ("only an IPv6 address stands in brackets: [V6]:PORT");
	if (end[1] != ':')
		return ("a port must follow the brackets: [V6]:PORT");
	parts->v6 = true;
	address_copy_host(parts, text, len);
	return (address_split_port(end + 2, parts));
}

static const char *
address_split_host(const char *text, const char *colon,
    struct address_parts *parts)
{
	size_t len = (size_t)(colon - text);

	if (len == 0 || (len == 1 && *text == '*'))
		return ("a host must stand before the colon; "
		    "0.0.0.0 and [::] are all addresses");
	if (len > ADDRESS_HOST_MAX)
		return ("a host name has at most 253 bytes");
	if (strspn(text, DIGITS LETTERS "-._") != len)
		return ("a host name has only letters, digits, '-', '.' "
		    "and '_'");
	address_copy_host(parts, text, len);
	return (address_split_port(colon + 1, parts));
}

static const char address_forms[] =
    "an address is [HOST:]PORT, [V6]:PORT or unix:PATH";

/* Nothing of parts points into the text. */
static const char *
address_split_inet(const char *text, struct address_parts *parts)
{
	const char *colon = strchr(text, ':'), *last = strrchr(text, ':');

	if (*text == '[')
		return (address_split_v6(text + 1, parts));
	if (colon == NULL) {
		if (*text == '\0' || text[strspn(text, DIGITS)] != '\0')
			return (address_forms);
		address_copy_host(parts, "127.0.0.1", strlen("127.0.0.1"));
		return (address_split_port(text, parts));
	}
	if (colon == last)
		return (address_split_host(text, colon, parts));
	/* "::1:6379" is an address as a whole, "1:2:3:4:5:6:7:8:6379" up to
	 * its last colon. */
	if (address_is_v6(text, strlen(text)) ||
	    address_is_v6(text, (size_t)(last - text)))
		return ("an IPv6 address needs brackets: [V6]:PORT");
	return (address_forms);
}

/* Returns NULL, or what is wrong with the text. */
static const char *
address_split(const char *text, struct address_parts *parts)
{
	memset(parts, 0, sizeof(*parts));
	if (strncmp(text, ADDRESS_UNIX, strlen(ADDRESS_UNIX)) == 0)
		return (address_split_path(text + strlen(ADDRESS_UNIX), parts));
	if (strncmp(text, ADDRESS_REDIS, strlen(ADDRESS_REDIS)) == 0)
		return ("redis:// goes with --upstream; "
		    "listen at [HOST:]PORT, [V6]:PORT or unix:PATH");
	return (address_split_inet(text, parts));
}

/* HOST[:PORT] or [V6][:PORT]; a server's port may be left out. */
static const char *
address_split_server(const char *text, size_t len, struct address_parts *parts)
{
	char copy[ADDRESS_HOST_MAX + sizeof("[]:65535" ADDRESS_REDIS_PORT)];

	if (len + sizeof(ADDRESS_REDIS_PORT) >= sizeof(copy))
		return ("a host name has at most 253 bytes");
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (*copy == '[' ? copy[len - 1] == ']' : strchr(copy, ':') == NULL)
		strcpy(copy + len, ":" ADDRESS_REDIS_PORT);
	return (address_split_inet(copy, parts));
}

/* "redis://HOST[:PORT][/[0]]": what of a client's URL says where the server
 * is. */
static const char *
address_split_url(const char *url, struct address_parts *parts)
{
	size_t len = strcspn(url, "/?");
	const char *end = url + len, *query = strchr(url, '?');

	if (memchr(url, '@', len) != NULL)
		return ("the relay does not authenticate, the client does: "
		    "leave out user and password");
	if (query != NULL)
		return ("the settings behind ? are the client's: leave them "
		    "out");
	if (*end == '/' && end[1] != '\0' && strcmp(end, "/0") != 0)
		return ("the relay selects no database, the client does: "
		    "leave it out");
	return (address_split_server(url, len, parts));
}

/* A host alone is one too. */
static bool
address_is_host(const char *text)
{
	return (*text == '[' ? text[strlen(text) - 1] == ']' :
	    *text != '\0' && strchr(text, ':') == NULL &&
	    text[strspn(text, DIGITS)] != '\0');
}

const char *
address_split_upstream(const char *text, struct address_parts *parts)
{
	const char *wrong;

	memset(parts, 0, sizeof(*parts));
	if (strncmp(text, "rediss://", strlen("rediss://")) == 0)
		return ("TLS is not spoken here; put a TLS tunnel in between");
	if (strncmp(text, ADDRESS_REDIS, strlen(ADDRESS_REDIS)) == 0)
		wrong = address_split_url(text + strlen(ADDRESS_REDIS), parts);
	else if (address_is_host(text))
		wrong = address_split_server(text, strlen(text), parts);
	else
		wrong = address_split(text, parts);
	if (wrong == address_forms)
		return ("an address is [HOST:]PORT, HOST, [V6]:PORT, unix:PATH "
		    "or redis://HOST[:PORT]");
	if (wrong == NULL && parts->path == NULL &&
	    strcmp(parts->port, "0") == 0)
		return ("nothing can be connected to on port 0");
	return (wrong);
}

const char *
address_check(const char *text)
{
	struct address_parts parts;

	return (address_split(text, &parts));
}

static void
address_set_path(struct address *a, const char *path)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&a->sa;
	size_t size = strlen(path) + 1;

	memset(a, 0, sizeof(*a));
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, size);
	a->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
}

static bool
address_is_among(const struct address *a, const struct address *found, size_t n)
{
	while (n-- > 0)
		if (found[n].len == a->len &&
		    memcmp(&found[n].sa, &a->sa, a->len) == 0)
			return (true);
	return (false);
}

static int
address_look_up(const struct address_parts *parts, struct address *found,
    size_t max, const char **why)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC,
	    .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV };
	struct addrinfo *list, *ai;
	struct address a;
	size_t n = 0;
	int error;

	if (parts->v6)
		hints.ai_flags |= AI_NUMERICHOST;
	error = getaddrinfo(parts->host, parts->port, &hints, &list);
	if (error != 0) {
		*why = gai_strerror(error);
		return (-1);
	}
	for (ai = list; ai != NULL && n < max; ai = ai->ai_next) {
		/* Zeros first: the spare bytes must compare equal. */
		memset(&a, 0, sizeof(a));
		memcpy(&a.sa, ai->ai_addr, ai->ai_addrlen);
		a.len = ai->ai_addrlen;
		if (!address_is_among(&a, found, n))
			found[n++] = a;
	}
	freeaddrinfo(list);
	return ((int)n);
}

int
address_resolve(const char *text, struct address *found, size_t max,
    const char **why)
{
	struct address_parts parts;

	if ((*why = address_split(text, &parts)) != NULL)
		return (-1);
	if (parts.path == NULL)
		return (address_look_up(&parts, found, max, why));
	if (max == 0)
		return (0);
	address_set_path(found, parts.path);
	return (1);
}

int
address_of_parts(const struct address_parts *parts, struct address *a)
{
	struct address_parts numeric = *parts;
	const char *why;

	memset(a, 0, sizeof(*a));
	if (parts->path != NULL) {
		address_set_path(a, parts->path);
		return (0);
	}
	/* Brackets or not, it is looked up nowhere. */
	numeric.v6 = true;
	return (address_look_up(&numeric, a, 1, &why) == 1 ? 0 : -1);
}

bool
address_is_local(const struct address *a)
{
	const struct in6_addr *in6;

	switch (a->sa.ss_family) {
	case AF_UNIX:
		return (true);
	case AF_INET:
		return (ntohl(((const struct sockaddr_in *)&a->sa)
		    ->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET);
	case AF_INET6:
		in6 = &((const struct sockaddr_in6 *)&a->sa)->sin6_addr;
		return (IN6_IS_ADDR_LOOPBACK(in6) ||
		    (IN6_IS_ADDR_V4MAPPED(in6) &&
		    in6->s6_addr[12] == IN_LOOPBACKNET));
	default:
		return (false);
	}
}

/* Whether it is all addresses of this machine. */
static bool
address_is_any(const struct address *a)
{
	switch (a->sa.ss_family) {
	case AF_INET:
		return (((const struct sockaddr_in *)&a->sa)
		    ->sin_addr.s_addr == htonl(INADDR_ANY));
	case AF_INET6:
		return (IN6_IS_ADDR_UNSPECIFIED(
		    &((const struct sockaddr_in6 *)&a->sa)->sin6_addr));
	default:
		return (false);
	}
}

static in_port_t
address_port(const struct address *a)
{
	return (a->sa.ss_family == AF_INET ?
	    ((const struct sockaddr_in *)&a->sa)->sin_port :
	    ((const struct sockaddr_in6 *)&a->sa)->sin6_port);
}

bool
address_reaches(const struct address *to, const struct address *at)
{
	char text[2][ADDRESS_TEXT_MAX];

	if (to->len == 0 || to->sa.ss_family != at->sa.ss_family)
		return (false);
	if (address_is_any(at) &&
	    (address_is_local(to) || address_is_any(to)))
		return (address_port(to) == address_port(at));
	return (strcmp(address_text(to, text[0]),
	    address_text(at, text[1])) == 0);
}

/*
 * The length counts, not a NUL: the kernel may leave it out, and an abstract
 * name begins with one (written as '@', as lsof and ss do).
 */
static void
address_text_path(const struct address *a, char text[ADDRESS_TEXT_MAX])
{
	const struct sockaddr_un *un = (const struct sockaddr_un *)&a->sa;
	size_t len = a->len, i;
	char *p;

	if (len > sizeof(*un))
		len = sizeof(*un);
	len -= len < offsetof(struct sockaddr_un, sun_path) ? len :
	    offsetof(struct sockaddr_un, sun_path);
	if (len > 0 && un->sun_path[0] != '\0')
		len = strnlen(un->sun_path, len);
	while (len > 0 && un->sun_path[len - 1] == '\0')
		len--;
	p = stpcpy(text, ADDRESS_UNIX);
	for (i = 0; i < len; i++)
		*p++ = un->sun_path[i] == '\0' ? '@' : un->sun_path[i];
	*p = '\0';
}

const char *
address_text(const struct address *a, char text[ADDRESS_TEXT_MAX])
{
	char host[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];
	char port[sizeof("65535")];

	if (a->sa.ss_family == AF_UNIX)
		address_text_path(a, text);
	else if (getnameinfo((const struct sockaddr *)&a->sa, a->len, host,
	    sizeof(host), port, sizeof(port),
	    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		strcpy(text, "unknown");
	else if (a->sa.ss_family == AF_INET6)
		snprintf(text, ADDRESS_TEXT_MAX, "[%s]:%s", host, port);
	else
		snprintf(text, ADDRESS_TEXT_MAX, "%s:%s", host, port);
	return (text);
}
