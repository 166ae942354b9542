/*
 * One connection of the test peer: connects or is accepted, sends and receives,
 * each with a time-out that starts anew whenever something moves.
 *
 * Sending takes in what arrives meanwhile when there is no room, so that a
 * server that answers while we send does not wait for us for ever.  Receiving
 * gives those bytes first.
 */
#ifndef PEER_CONN_H
#define PEER_CONN_H

#include <sys/socket.h>
#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEER_INBOX_MAX (64 << 20)	/* kept while sending, bytes */

/* Where to connect or to listen, and how; the connections share it. */
struct peer_address {
	const char *name;	/* as typed; not copied */
	struct sockaddr_storage addr;
	socklen_t len;
	int timeout;		/* ms */
	int rcvbuf;		/* bytes; 0: the system's */
	int listener;		/* connections are accepted here; or -1 */
};

struct peer {
	const struct peer_address *to;
	size_t no;		/* from 1 */
	size_t piece;		/* bytes per write, for the steps */
	uint64_t sizes;		/* random, at most piece: source.h; 0: no */
	bool deaf;		/* sends only: another process receives */
	int fd;			/* -1: closed */
	bool ended;		/* what is in the inbox was the last */
	int error;		/* errno that ended it; 0: end of file */
	uint8_t *in;		/* the inbox: arrived while sending */
	size_t in_at, in_len, in_cap;
};

/*
 * Fills in name, addr and len from HOST:PORT, [V6]:PORT or unix:PATH.  Returns
 * NULL or what is wrong.
 */
const char *peer_address_parse(struct peer_address *, const char *text);

/*
 * Listens on the address, to which then the connections come, with so many in
 * its queue; writes HOST:PORT or unix:PATH to the file, if it is not NULL, by
 * rename.  Replaces a socket of the file system.  Returns 0 or -1 with errno.
 */
int peer_listen(struct peer_address *, int backlog, const char *file);

/*
 * All return -1 with errno on failure, ETIMEDOUT after the time-out.
 * peer_open and peer_close close what is open.
 */
int peer_open(struct peer *);
void peer_close(struct peer *);

/* Bytes received, at most len; 0 at the end of file. */
ssize_t peer_recv(struct peer *, void *buf, size_t len);

/* Sends all of it. */
int peer_send(struct peer *, const void *data, size_t len);

/*
 * Sends what the socket takes without waiting longer than wait ms and without
 * receiving anything.  Returns how many bytes, 0 when it was full or the other
 * side is gone.
 */
size_t peer_push(struct peer *, const void *data, size_t len, int wait);

/* Bytes that arrived while sending and are not received yet. */
size_t peer_unread(const struct peer *);

#endif
