/*
 * What the MONITORs of one worker are to see of the others' commands:
 *
 *   worker 2: trace -> sink -> line -+-> mailbox of worker 1 -> its MONITORs
 *                                    `-> mailbox of worker 3 -> its MONITORs
 *
 * A mailbox is a bounded queue with a lock; what is put into it is told to its
 * worker by loop_post(), and only that worker's thread touches the clients.
 * While no other worker has MONITORs, the sink wants nothing, and nothing here
 * is paid for.
 *
 * But for mailbox_new() and mailbox_free(), which come before and after the
 * threads, a worker calls all with its own mailbox.  NULL is the mailbox of a
 * worker that is alone: then nothing happens.
 */
#ifndef CONN_MAILBOX_H
#define CONN_MAILBOX_H

#include "conn/worker.h"

struct mailbox;

/*
 * Gives the worker a mailbox beside those of the others: that of any of them,
 * NULL for the first.  take, which is conn_take_mail(), is called with the
 * worker in its thread when there is mail, or room in another mailbox.  Returns
 * NULL after logging it when there is no memory.
 */
struct mailbox *mailbox_new(struct worker *, worker_fn take,
    struct mailbox *beside);

/* The worker has one MONITOR more, or less. */
void mailbox_subscribe(struct mailbox *);
void mailbox_unsubscribe(struct mailbox *);

/* Moves what has come to lines, which is empty: as MONITOR sends it. */
void mailbox_take(struct mailbox *, struct bytes *lines);

/* How much waits for MONITORs in that mailbox of the others that has most, in
 * bytes.  Once FLOW_HIGH is reached, whatever brings it down wakes all. */
size_t mailbox_backlog(const struct mailbox *);

/* When all loops have ended, and no MONITOR is left. */
void mailbox_free(struct mailbox *);

#endif
