#include "config.h"

#include "failing.h"

#include <errno.h>
#include <search.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* The linker's names: __wrap_X is what is called as X, __real_X is X. */
void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void *__real_reallocarray(void *, size_t, size_t);
char *__real_strdup(const char *);
char *__real_strndup(const char *, size_t);
void *__real_tsearch(const void *, void **,
    int (*)(const void *, const void *));
void __real_free(void *);

void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_realloc(void *, size_t);
void *__wrap_reallocarray(void *, size_t, size_t);
char *__wrap_strdup(const char *);
char *__wrap_strndup(const char *, size_t);
void *__wrap_tsearch(const void *, void **,
    int (*)(const void *, const void *));
void __wrap_free(void *);

static atomic_ulong requests, fails_at;
static atomic_long blocks;
static atomic_bool paused;

void
failing_arm(unsigned long n)
{
	requests = 0;
	fails_at = n;
}

unsigned long
failing_requests(void)
{
	return (requests);
}

bool
failing_has_failed(void)
{
	return (fails_at > 0 && requests >= fails_at);
}

void
failing_pause(bool pause)
{
	paused = pause;
}

long
failing_blocks(void)
{
	return (blocks);
}

/* Whether this is the request that fails. */
static bool
fails(void)
{
	if (paused || ++requests != fails_at)
		return (false);
	errno = ENOMEM;
	return (true);
}

static void *
given(void *block)
{
	if (block != NULL)
		blocks++;
	return (block);
}

void *
__wrap_malloc(size_t n)
{
	return (fails() ? NULL : given(__real_malloc(n)));
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return (fails() ? NULL : given(__real_calloc(n, size)));
}

void *
__wrap_realloc(void *block, size_t n)
{
	if (fails())
		return (NULL);
	return (block != NULL ? __real_realloc(block, n) :
	    given(__real_malloc(n)));
}

void *
__wrap_reallocarray(void *block, size_t n, size_t size)
{
	if (fails())
		return (NULL);
	return (block != NULL ? __real_reallocarray(block, n, size) :
	    given(__real_reallocarray(NULL, n, size)));
}

char *
__wrap_strdup(const char *s)
{
	return (fails() ? NULL : given(__real_strdup(s)));
}

char *
__wrap_strndup(const char *s, size_t n)
{
	return (fails() ? NULL : given(__real_strndup(s, n)));
}

/* Its nodes are libc's own to give back. */
void *
__wrap_tsearch(const void *key, void **root,
    int (*compare)(const void *, const void *))
{
	return (fails() ? NULL : __real_tsearch(key, root, compare));
}

void
__wrap_free(void *block)
{
	if (block != NULL)
		blocks--;
	__real_free(block);
}

void *
failing_malloc(size_t n)
{
	return (__wrap_malloc(n));
}

void *
failing_realloc(void *block, size_t n)
{
	return (__wrap_realloc(block, n));
}

void
failing_free(void *block)
{
	__wrap_free(block);
}
