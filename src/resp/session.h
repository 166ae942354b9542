/*
 * What a connection has become through the commands that it sent.
 */
#ifndef RESP_SESSION_H
#define RESP_SESSION_H

#include <stddef.h>
#include <stdint.h>

struct session {
	uint64_t id;		/* what CLIENT ID answers */
	char *name;		/* CLIENT SETNAME; NULL: none; owned */
	uint32_t db;		/* SELECT */
	uint8_t resp;		/* the protocol that replies are in */
};

/* A session as it is when a client has just connected. */
void session_init(struct session *, uint64_t id);

/*
 * Sets the client's name; an empty one takes it away.  Returns -1, with the
 * name unchanged, when a byte is outside '!'..'~' (Redis refuses those, for
 * CLIENT LIST's sake) or there is no memory.
 */
int session_set_name(struct session *, const uint8_t *name, size_t len);

void session_free(struct session *);

#endif
