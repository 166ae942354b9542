/*
 * What other processes cost, read from /proc: the CPU time of all their
 * threads and of their children, and the memory that they have.
 */
#ifndef BENCH_WATCH_H
#define BENCH_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WATCH_MAX 8

struct watch {
	size_t n;
	uint64_t pid[WATCH_MAX];
	double cpu[WATCH_MAX];		/* seconds, at watch_start() */
	uint64_t memory[WATCH_MAX];	/* resident bytes, then */
};

/* Takes the ids of n processes.  Returns false if there is anything else. */
bool watch_parse(struct watch *, int n, char **ids);

/* From now on. */
void watch_start(struct watch *);

/* Waits until none of the processes works any more, at most 10 s. */
void watch_settle(const struct watch *);

/*
 * Settles, as what they have to write may come after the last reply.  Then
 * prints, on stdout, " cpu" and the seconds, or " memory" and the bytes, that
 * each has taken since.
 */
void watch_print_cpu(const struct watch *);
void watch_print_memory(const struct watch *);

#endif
