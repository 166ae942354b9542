/*
 * Where to listen or to connect: "[HOST:]PORT", "[V6]:PORT", "unix:PATH".
 */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* The longest text of an address, with its NUL. */
#define ADDRESS_TEXT_MAX 128

struct address {
	struct sockaddr_storage sa;
	socklen_t len;
};

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
 * Writes "127.0.0.1:6379", "[::1]:6379", "unix:/path", or for a unix socket
 * without a name (a client's usually) "unix:", and returns text.
 */
const char *address_text(const struct address *, char text[ADDRESS_TEXT_MAX]);

#endif
