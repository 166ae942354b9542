/*
 * One accepted connection, from open to close.
 *
 *   leg -> flow -> take: record it -> conn_stub.c: decode, answer -> leg
 *
 *   leg -> flow -> take: forward, record -> upstream's leg    conn_relay.c
 *    ^                     `-> conn_observe.c: decode, pair        |
 *    `----- forward, record <- take <- flow <----------------------+
 *
 * A connection ends when its peer's stream has ended and everything for the
 * peer is sent; or when we decide to close it, with a reason: then what is
 * unsent goes out first, and what the kernel already holds of the peer is read
 * into the trace.
 */
#ifndef CONN_CONN_H
#define CONN_CONN_H

#include "conn/route.h"
#include "conn/worker.h"
#include "net/address.h"

/*
 * Takes over a descriptor that a listener of the route has accepted.  id is its
 * number, from 1.  Returns NULL, with the descriptor closed, when there is no
 * memory.
 */
struct conn *conn_open(struct worker *, const struct route *, uint64_t id,
    int fd, const struct address *peer);

/* It may stay: begins to serve it. */
void conn_start(struct conn *);

/* Answers Redis's refusal of one client too many, and closes. */
void conn_refuse(struct conn *);

/* Closes all as the process stops: nothing is waited for but the trace. */
void conn_shutdown_all(struct worker *);

/* Gives connections that wait for room in the trace their turn again, while
 * there is room. */
void conn_resume_waiting(struct worker *);

/* The callback of the worker's timer `again`: gives a turn to each connection
 * that has something to do though nothing happens to it, such as commands that
 * were held back. */
void conn_run_ready(void *worker);

/* Gives this worker's MONITORs what other workers' commands have brought. */
void conn_take_mail(void *worker);

/* The callback of the worker's timer `reap`: the one place where connections
 * are freed, never inside a callback of their own. */
void conn_reap(void *worker);

/* Frees all connections, whatever they were at, without a word: when the loop
 * has ended early. */
void conn_abandon_all(struct worker *);

#endif
