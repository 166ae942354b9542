/*
 * The writer: a file, a queue of batches in front of it, and the thread that
 * takes them from there.  Known to output.c only.
 *
 *   producer 1 --.
 *   producer 2 ---> lock: queue -> thread -> file
 *   producer 3 --'     `<- spare batches <-'
 *
 * A producer is a thread of its own; what happens it is told by its eventfd.
 * The functions may be called from any of them.
 */
#ifndef SINK_WRITER_H
#define SINK_WRITER_H

#include <sys/queue.h>

#include <pthread.h>
#include <stdatomic.h>

#include "base/bytes.h"

struct batch {
	struct bytes bytes;	/* whole records */
	uint64_t records;
	size_t written;		/* bytes of it, when not all could be */
	struct batch *next;
};

struct producer {
	int notify;		/* an eventfd; see output_fd() */
	struct batch *current;	/* its own thread's, until it is put */
	bool finished;
	LIST_ENTRY(producer) link;
};

struct writer {
	/* To look at without the lock; what they say is in output.h. */
	atomic_bool full;
	atomic_bool overfull;
	atomic_bool failed;
	atomic_bool done;

	const char *file;	/* NULL: stdout */
	bool lines;		/* records end in a newline */
	pthread_t thread;
	pthread_mutex_t lock;	/* for what follows */
	pthread_cond_t wake;	/* the thread has something to do */
	LIST_HEAD(, producer) producers;
	int open;		/* of them: those that have not finished */
	struct batch *head;	/* being written */
	struct batch **tail;
	struct batch *spare;
	int nspare;
	size_t queued;
	int fd;
	int next_fd;		/* to go on with; -1: none */
	bool must_wait;		/* this fd takes nothing without waiting */
	bool waiting;		/* the thread waits for `wake` */
	bool quitting;		/* give up what cannot be written */
};

/* Opens the file, as output_open() says, and starts the thread.  Returns NULL
 * after logging why. */
struct writer *writer_open(const char *file, bool lines,
    struct producer *first);

/* One producer more, before any has finished. */
void writer_add(struct writer *, struct producer *);

/*
 * One producer less.  With the last one the thread is ended and the writer
 * freed.  False: the thread hangs in a write; it is left alone with the writer
 * and that producer, which it may still look at.
 */
bool writer_remove(struct writer *, struct producer *);

/* Takes the producer's batch, and gives it an empty one, which may be the same;
 * without memory for that the batch stays as it is. */
void writer_put(struct writer *, struct producer *);

/* The producer puts no more; once none does and all is written, the thread
 * ends. */
void writer_finish(struct writer *, struct producer *);

void writer_reopen(struct writer *);

uint64_t writer_unwritten(struct writer *);

#endif
