/*
 * What tests of files and of logging need: a directory of their own, and what
 * is written on stderr.
 */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define SCRATCH_PATH 128

/* How long a test waits for what must come, in milliseconds: only a test that
 * fails takes so long. */
#define SCRATCH_PATIENCE 20000

/* Unchecked fixtures: the directory of all tests of a program. */
void scratch_make(void);
void scratch_remove(void);

/* The path of a file in a directory of this process alone; returns path. */
const char *scratch_path(char path[SCRATCH_PATH], const char *name);

/* Checked fixtures: from one to the other stderr is kept. */
void scratch_log_start(void);
void scratch_log_stop(void);

/* What was written on stderr so far. */
const char *scratch_log(void);

/* Waits until that is on stderr. */
void scratch_log_wait(const char *text);

/* Adds what the file holds. */
void scratch_read(const char *path, struct bytes *out);

/*
 * Asserts without a word when all is well, as ck_assert() does not: Check
 * keeps its words in a file, which must not grow while a test has limited how
 * long files may be.  When something is wrong the limit is lifted first.
 */
#define MUST(ok) scratch_must(ok, #ok, __FILE__, __LINE__)
void scratch_must(bool ok, const char *what, const char *file, int line);
void scratch_limit_files(uint64_t size);

/* How many descriptors are open. */
int scratch_fds(void);

/* The time when patience ends, and how much is left of it in milliseconds;
 * fails when there is none. */
int64_t scratch_deadline(void);
int scratch_left(int64_t deadline);

/* Whether the descriptor is readable now. */
bool scratch_readable(int fd);

#endif
