/*
 * Names of hosts: getaddrinfo(3) in a thread, so that no loop waits for it.
 *
 *   loop 1: lookup_ask() --.
 *   loop 1: lookup_ask() ---> one getaddrinfo() for all -> loop_post() -> fn()
 *   loop 2: lookup_ask() --'
 *
 * A lookup is one name.  Those that ask while an answer is being looked for
 * share it; it is not kept for later ones.
 */
#ifndef NET_LOOKUP_H
#define NET_LOOKUP_H

#include "net/address.h"

/* How many addresses of a name are used. */
#define LOOKUP_ADDRESSES 8

struct lookup;
struct lookup_request;
struct loop;

/* What came of it: n addresses, or 0 and why (a static string). */
typedef void (*lookup_fn)(void *ctx, const struct address *found, size_t n,
    const char *why);

/* host and port are as in struct address_parts.  Returns NULL when there is no
 * memory. */
struct lookup *lookup_new(const char *host, const char *port);

/* No request may be open.  A getaddrinfo() that still runs is left alone. */
void lookup_free(struct lookup *);

/*
 * Calls fn in the loop's thread, later.  Any thread may ask.  Returns NULL when
 * there is no memory, or no thread; else the request, which is open until fn is
 * called or it is taken back.
 */
struct lookup_request *lookup_ask(struct lookup *, struct loop *, lookup_fn,
    void *ctx);

/* In the loop's thread. */
void lookup_cancel(struct lookup_request *);

#endif
