/*
 * Something that a loop does later, once.
 */
#ifndef NET_TIMER_H
#define NET_TIMER_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct timer;

typedef void (*timer_fn)(void *ctx);

/* Returns NULL when there is no memory. */
struct timer *timer_new(struct loop *, timer_fn, void *ctx);

/*
 * The same, with a descriptor of its own (a timerfd).  While one of libevent's
 * timers runs, each epoll_wait(2) has a timeout, and each time that it waits
 * the kernel programs its clock, which in a virtual machine was a quarter of
 * the cost of printing raw bytes.  So this is for what runs nearly all the
 * time.  Returns NULL, with errno set, also when there is no descriptor.
 */
struct timer *timer_new_fd(struct loop *, timer_fn, void *ctx);

/*
 * Calls fn after so many milliseconds, instead of when it was set to before.
 * 0: in the loop's next turn, behind what its descriptors bring.  libevent's
 * clock has ticks: the call may come a few milliseconds early.  Returns -1 when
 * there is no memory, which 0 needs none of: then fn is never called.
 */
int timer_set(struct timer *, int64_t ms);

/* Whether it is set and has not called fn yet. */
bool timer_is_set(const struct timer *);

/* Harmless when it is not set. */
void timer_stop(struct timer *);

/* timer_free(NULL) does nothing. */
void timer_free(struct timer *);

#endif
