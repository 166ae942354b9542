#include "config.h"

#include "scratch.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char top[SCRATCH_PATH / 2];

static int log_pipe = -1;	/* the end to read from */
static int real_stderr = -1;
static char log_text[16384];
static size_t log_len;

void
scratch_make(void)
{
	const char *tmp = getenv("TMPDIR");
	int n;

	n = snprintf(top, sizeof(top), "%s/scratch.XXXXXX",
	    tmp != NULL ? tmp : "/tmp");
	MUST(n < (int)sizeof(top));
	MUST(mkdtemp(top) != NULL);
}

void
scratch_limit_files(uint64_t size)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = size < limit.rlim_max ? size : limit.rlim_max;
	setrlimit(RLIMIT_FSIZE, &limit);
}

void
scratch_must(bool ok, const char *what, const char *file, int line)
{
	if (ok)
		return;
	scratch_limit_files(RLIM_INFINITY);
	ck_abort_msg("%s:%d: not %s; the log: %s", file, line, what,
	    log_pipe >= 0 ? scratch_log() : "");
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return (remove(path));
}

void
scratch_remove(void)
{
	nftw(top, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *
scratch_path(char path[SCRATCH_PATH], const char *name)
{
	char dir[SCRATCH_PATH - 32];
	int n;

	snprintf(dir, sizeof(dir), "%s/%d", top, (int)getpid());
	mkdir(dir, 0700);
	n = snprintf(path, SCRATCH_PATH, "%s/%s", dir, name);
	MUST(n < SCRATCH_PATH);
	return (path);
}

void
scratch_log_start(void)
{
	int fds[2];

	MUST(pipe2(fds, O_CLOEXEC) == 0);
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	real_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	MUST(real_stderr >= 0);
	MUST(dup2(fds[1], STDERR_FILENO) >= 0);
	close(fds[1]);
	log_pipe = fds[0];
	log_len = 0;
}

void
scratch_log_stop(void)
{
	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	close(log_pipe);
	log_pipe = -1;
}

const char *
scratch_log(void)
{
	ssize_t n;

	for (;;) {
		n = read(log_pipe, log_text + log_len,
		    sizeof(log_text) - 1 - log_len);
		if (n <= 0)
			break;
		log_len += (size_t)n;
	}
	log_text[log_len] = '\0';
	return (log_text);
}

void
scratch_log_wait(const char *text)
{
	struct pollfd p = { .fd = log_pipe, .events = POLLIN };
	int64_t deadline = scratch_deadline();

	while (strstr(scratch_log(), text) == NULL)
		poll(&p, 1, scratch_left(deadline));
}

void
scratch_read(const char *path, struct bytes *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t *p;
	ssize_t n;

	MUST(fd >= 0);
	do {
		p = bytes_reserve(out, BUFSIZ);
		MUST(p != NULL);
		n = read(fd, p, BUFSIZ);
		MUST(n >= 0);
		out->len += (size_t)n;
	} while (n > 0);
	close(fd);
}

int
scratch_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	MUST(dir != NULL);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return (n);
}

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return ((int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

int64_t
scratch_deadline(void)
{
	return (now() + SCRATCH_PATIENCE);
}

int
scratch_left(int64_t deadline)
{
	int64_t left = deadline - now();

	MUST(left > 0);
	return ((int)left);
}

bool
scratch_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return (poll(&p, 1, 0) == 1 && (p.revents & POLLIN) != 0);
}
