/*
 * A listening socket, and the restraint that accepting needs: a storm of
 * connections must not starve those that are there, and when descriptors run
 * out, accepting pauses instead of spinning.
 */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include <stdint.h>

#include "base/cidr.h"
#include "net/address.h"

struct event_base;
struct listener;

/* Takes over an accepted descriptor: non-blocking, close-on-exec. */
typedef void (*listener_accept_fn)(void *ctx, int fd,
    const struct address *peer);

/* What the user chose about listening. */
struct listener_rules {
	struct cidr_list peers;	/* who may connect by IP; empty: everybody */
	uint32_t unix_mode;	/* of a unix socket; 0: as the umask has it */
};

/*
 * Binds and listens, as the rules say, which must outlive the listener: a peer
 * that they leave out is closed at once, with one log line a second at most.  A
 * unix socket that nobody listens on any more is replaced; ours is removed
 * again by listener_free(), unless another file has taken its place.  Returns
 * NULL after logging why.
 */
struct listener *listener_open(struct event_base *, const struct address *,
    const struct listener_rules *, listener_accept_fn, void *ctx);

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
    const struct address *, const struct listener_rules *, listener_accept_fn,
    void *ctx);

/* The bound address, with the port that was picked for port 0. */
const struct address *listener_address(const struct listener *);

/* Accepts no more, or again. */
void listener_allow(struct listener *, bool);

void listener_free(struct listener *);

#endif
