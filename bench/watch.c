#include "watch.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common.h"

#define SETTLE_STEP 50000	/* us */
#define SETTLE_MAX 200		/* steps */
#define IDLE .04		/* of the time: as good as no work */

bool
watch_parse(struct watch *w, int n, char **ids)
{
	if (n > WATCH_MAX)
		return (false);
	for (; n > 0; n--, ids++, w->n++)
		if (!bench_number(*ids, INT32_MAX, &w->pid[w->n]))
			return (false);
	return (true);
}

/* The kernel's own count in nanoseconds where it has one; else ticks. */
static double
thread_cpu(uint64_t pid, const char *thread)
{
	char path[300];
	uint64_t ns, user, sys;
	double seconds = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/task/%s/schedstat",
	    pid, thread);
	if ((f = fopen(path, "r")) != NULL) {
		if (fscanf(f, "%" SCNu64, &ns) == 1)
			seconds = (double)ns / 1e9;
		fclose(f);
		return (seconds);
	}
	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/task/%s/stat", pid,
	    thread);
	if ((f = fopen(path, "r")) != NULL) {
		if (fscanf(f, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u "
		    "%*u %*u %*u %" SCNu64 " %" SCNu64, &user, &sys) == 2)
			seconds = (double)(user + sys) /
			    (double)sysconf(_SC_CLK_TCK);
		fclose(f);
	}
	return (seconds);
}

static double cpu(uint64_t pid);

static double
children_cpu(uint64_t pid, const char *thread)
{
	char path[300];
	double seconds = 0;
	uint64_t child;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/task/%s/children",
	    pid, thread);
	if ((f = fopen(path, "r")) == NULL)
		return (0);
	while (fscanf(f, "%" SCNu64, &child) == 1)
		seconds += cpu(child);
	fclose(f);
	return (seconds);
}

static double
cpu(uint64_t pid)
{
	char path[64];
	double seconds = 0;
	struct dirent *thread;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/task", pid);
	if ((dir = opendir(path)) == NULL)
		return (0);
	while ((thread = readdir(dir)) != NULL)
		if (isdigit((unsigned char)thread->d_name[0]))
			seconds += thread_cpu(pid, thread->d_name) +
			    children_cpu(pid, thread->d_name);
	closedir(dir);
	return (seconds);
}

/* smaps_rollup counts pages; what status says may be late by many. */
static uint64_t
memory(uint64_t pid)
{
	char path[64], line[256];
	uint64_t kb = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%" PRIu64 "/smaps_rollup", pid);
	if ((f = fopen(path, "r")) == NULL)
		bench_die(path, strerror(errno));
	while (kb == 0 && fgets(line, sizeof(line), f) != NULL)
		sscanf(line, "Rss: %" SCNu64, &kb);
	fclose(f);
	return (kb * 1024);
}

void
watch_start(struct watch *w)
{
	for (size_t i = 0; i < w->n; i++) {
		w->cpu[i] = cpu(w->pid[i]);
		w->memory[i] = memory(w->pid[i]);
	}
}

static double
total_cpu(const struct watch *w)
{
	double seconds = 0;

	for (size_t i = 0; i < w->n; i++)
		seconds += cpu(w->pid[i]);
	return (seconds);
}

void
watch_settle(const struct watch *w)
{
	double was = total_cpu(w), is;

	for (int i = 0; i < SETTLE_MAX; i++, was = is) {
		usleep(SETTLE_STEP);
		is = total_cpu(w);
		if (is - was < IDLE * SETTLE_STEP / 1e6)
			return;
	}
}

void
watch_print_cpu(const struct watch *w)
{
	watch_settle(w);
	printf(" cpu");
	for (size_t i = 0; i < w->n; i++)
		printf(" %.6f", cpu(w->pid[i]) - w->cpu[i]);
}

void
watch_print_memory(const struct watch *w)
{
	watch_settle(w);
	printf(" memory");
	for (size_t i = 0; i < w->n; i++)
		printf(" %" PRId64,
		    (int64_t)(memory(w->pid[i]) - w->memory[i]));
}
