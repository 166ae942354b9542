/*
 * What the programs of make bench share.
 */
#ifndef BENCH_COMMON_H
#define BENCH_COMMON_H

#include <sys/socket.h>

#include <stdbool.h>
#include <stdint.h>

#define BENCH_STALL 60000	/* ms without progress that are a failure */

/* Prints "PROGRAM: what: why" on stderr and exits with 1. */
void bench_die(const char *what, const char *why)
    __attribute__((noreturn));

/* Whether text is a number from 1 to max, which then is in *n. */
bool bench_number(const char *text, uint64_t max, uint64_t *n);

/* Seconds of the monotonic clock. */
double bench_now(void);

/* The next of a fixed series of noise. */
uint64_t bench_random(void);

/* Writes n letters and digits of that noise. */
void bench_printable(uint8_t *to, size_t n);

/* As many descriptors as the hard limit allows. */
void bench_raise_files(void);

struct bench_server {
	struct sockaddr_storage addr;
	socklen_t len;
};

/* Looks "HOST:PORT" up, or dies. */
void bench_look_up(struct bench_server *, const char *addr);

/*
 * Returns a connected, blocking socket, or dies.  To a server on 127.0.0.1
 * each process, and each 16,384 connections of one, come from an address of
 * their own in 127.0.0.0/8: closed connections keep their ports for a minute,
 * and those of one address would run out.
 */
int bench_connect(const struct bench_server *);

#endif
