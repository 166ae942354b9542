/*
 * An event loop: libevent's event_base on epoll, and a way into its thread.
 *
 *   any thread: loop_post() -> queue, eventfd -> the loop's thread: call->fn()
 *
 * A loop belongs to the thread that runs it.  Unless it says otherwise, a
 * function is for that thread, or for any before the loop runs.
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H

struct event_base;
struct loop;
struct loop_call;

/* Something to be done in a loop's thread.  Its owner fills in fn and ctx and
 * zeros the rest. */
struct loop_call {
	void (*fn)(void *ctx);
	void *ctx;
	struct loop_call *next;
	struct loop_call **where;	/* what points to it; NULL: not
					 * posted */
};

/* Returns NULL after logging why, also when libevent has chosen another backend
 * than epoll. */
struct loop *loop_new(void);
void loop_free(struct loop *);

struct event_base *loop_base(const struct loop *);

/* Runs until loop_break().  Returns -1, after logging it, when it failed. */
int loop_run(struct loop *);
void loop_break(struct loop *);

/*
 * Has call->fn(call->ctx) called in the loop's thread, in one of its next
 * turns; once, when it is posted again before.  Any thread may post.  It cannot
 * fail; the call must stay until it has been made or taken back.
 */
void loop_post(struct loop *, struct loop_call *);

/* Takes a call back; harmless when it is not posted. */
void loop_unpost(struct loop *, struct loop_call *);

#endif
