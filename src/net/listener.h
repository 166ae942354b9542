/*
 * A listening socket, and the restraint that accepting needs: a storm of
 * connections must not starve those that are there, and when descriptors run
 * out, accepting pauses instead of spinning.
 */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include "net/address.h"

struct event_base;
struct listener;

/* Takes over an accepted descriptor: non-blocking, close-on-exec. */
typedef void (*listener_accept_fn)(void *ctx, int fd,
    const struct address *peer);

/*
 * Binds and listens.  A unix socket that nobody listens on any more is
 * replaced; one of ours is removed again by listener_free().  Returns NULL
 * after logging why.
 */
struct listener *listener_open(struct event_base *, const struct address *,
    listener_accept_fn, void *ctx);

/*
 * A socket that listens at the same address, for a listener in another loop;
 * the kernel gives each connection to one of those that share.  Nobody but us
 * may share: a second resptap is refused as ever.  Returns -1 after logging
 * why.
 */
int listener_share(const struct listener *);

/* Takes over such a socket, which is bound to that address.  Returns NULL, with
 * the socket closed, after logging why. */
struct listener *listener_adopt(struct event_base *, int fd,
    const struct address *, listener_accept_fn, void *ctx);

/* The bound address, with the port that was picked for port 0. */
const struct address *listener_address(const struct listener *);

/* Accepts no more, or again. */
void listener_allow(struct listener *, bool);

void listener_free(struct listener *);

#endif
