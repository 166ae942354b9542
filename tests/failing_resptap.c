/*
 * Linked into resptap, this makes one of its requests for memory fail, or of
 * libevent's:
 *
 *     FAIL_AT=N           the Nth one; 0, or nothing: none
 *     FAIL_COUNT=FILE     at the end, how many there were goes there
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include <event2/event.h>

#include "failing.h"

static void __attribute__((constructor))
begin(void)
{
	const char *at = getenv("FAIL_AT");

	event_set_mem_functions(failing_malloc, failing_realloc, failing_free);
	failing_arm(at != NULL ? strtoul(at, NULL, 10) : 0);
}

static void __attribute__((destructor))
end(void)
{
	const char *file = getenv("FAIL_COUNT");
	unsigned long n = failing_requests();
	FILE *f;

	if (file == NULL || (f = fopen(file, "w")) == NULL)
		return;
	fprintf(f, "%lu\n", n);
	fclose(f);
}
