/*
 * Where to listen or to connect: "[HOST:]PORT", "[V6]:PORT", "unix:PATH" or
 * "unix:///PATH"; and only to connect, "HOST", "[V6]" and
 * "redis://HOST[:PORT][/0]".
 */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* The longest text of an address, with its NUL. */
#define ADDRESS_TEXT_MAX 128
/* The longest host name, as DNS has it. */
#define ADDRESS_HOST_MAX 253

struct address {
	struct sockaddr_storage sa;
	socklen_t len;
};

/* What a text says, taken apart. */
struct address_parts {
	const char *path;	/* of a unix socket; NULL: host and port */
	char host[ADDRESS_HOST_MAX + 1];
	char port[sizeof("65535")];
	bool v6;		/* the host stood in brackets */
};

/*
 * Takes apart where to connect to.  Returns NULL, or what is wrong with the
 * text: a static string.  Looks nothing up.
 */
const char *address_split_upstream(const char *text, struct address_parts *);

/* The address, if no name has to be looked up for it; else returns -1, with its
 * len 0. */
int address_of_parts(const struct address_parts *, struct address *);

/*
 * Whether text has the form of an address.  Returns NULL, or why not: a static
 * string.  Looks nothing up.
 */
const char *address_check(const char *text);

/*
 * Finds the socket addresses that text names; a PORT alone is one on
 * 127.0.0.1, a host name may be several.  Blocks while a name is looked up.
 * Fills at most max places of found and returns how many, or -1 with the
 * reason in *why (a static string).
 */
int address_resolve(const char *text, struct address *found, size_t max,
    const char **why);

/* Whether only this machine can reach it: a loopback address or a unix
 * socket. */
bool address_is_local(const struct address *);

/*
 * Whether who connects to the first gets to a socket that is bound to the
 * second.  False too for an address that is one of this machine's, if the
 * socket is bound to all of them: only loopback is known to be.
 */
bool address_reaches(const struct address *to, const struct address *at);

/*
 * Writes "127.0.0.1:6379", "[::1]:6379", "unix:/path", or for a unix socket
 * without a name (a client's usually) "unix:", and returns text.
 */
const char *address_text(const struct address *, char text[ADDRESS_TEXT_MAX]);

#endif
