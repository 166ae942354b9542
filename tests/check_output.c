/*
 * The output: where it may go, a reader that stalls or is gone, a disk that is
 * full, another file in mid-stream, and several outputs to one file.
 */
#include "config.h"

#include "sink/output.h"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scratch.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))

/* The smallest that Linux makes a pipe. */
#define PIPE_SIZE 4096

/* What was committed in this test. */
static struct bytes sent;
static uint64_t nsent;

/* The trace's file, and where it is moved to. */
static char path[SCRATCH_PATH];
static char old_path[SCRATCH_PATH];

static void
setup(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	scratch_path(path, "trace");
	scratch_path(old_path, "trace.1");
	scratch_log_start();
}

static void
teardown(void)
{
	scratch_log_stop();
	bytes_free(&sent);
}

/* Waiting */

/* Waits for what output_fd() tells of: it must become readable. */
static void
wait_told(struct output *o, bool (*is)(struct output *))
{
	struct pollfd p = { .fd = output_fd(o), .events = POLLIN };
	int64_t deadline = scratch_deadline();

	do {
		MUST(poll(&p, 1, scratch_left(deadline)) == 1);
		output_seen(o);
	} while (!is(o));
}

static bool
is_done(struct output *o)
{
	return (output_done(o));
}

static bool
has_failed(struct output *o)
{
	return (output_failed(o));
}

static bool
is_not_full(struct output *o)
{
	return (!output_full(o));
}

static bool
is_not_overfull(struct output *o)
{
	return (!output_overfull(o));
}

/* Waits for what nobody tells of. */
static void
wait_written(struct output *o, uint64_t left)
{
	int64_t deadline = scratch_deadline();

	while (output_unwritten(o) > left) {
		scratch_left(deadline);
		poll(NULL, 0, 1);
	}
	MUST(output_unwritten(o) == left);
}

static void
wait_fds(int n)
{
	int64_t deadline = scratch_deadline();
	int have;

	/* The writer opens one more for a moment when it logs something. */
	while ((have = scratch_fds()) > n) {
		scratch_left(deadline);
		poll(NULL, 0, 1);
	}
	MUST(have == n);
}

/* Records */

/* One record of that size, like no other. */
static void
commit(struct output *o, size_t size)
{
	struct bytes record = { 0 };

	bytes_addf(&record, "record %llu ", (unsigned long long)nsent++);
	while (record.len < size)
		bytes_addf(&record, "%zu-", record.len);
	record.data[size - 1] = '\n';
	bytes_add(output_batch(o), record.data, size);
	bytes_add(&sent, record.data, size);
	output_commit(o);
	bytes_free(&record);
}

static void
commit_batch(struct output *o, int n, size_t size)
{
	for (; n > 0; n--)
		commit(o, size);
	output_flush(o);
}

static void
finish(struct output *o)
{
	output_finish(o);
	wait_told(o, is_done);
	ck_assert(!output_failed(o));
	ck_assert_uint_eq(output_unwritten(o), 0);
	output_free(o);
}

static void
assert_same(const struct bytes *have, const uint8_t *want, size_t len)
{
	MUST(have->len == len);
	MUST(len == 0 || memcmp(have->data, want, len) == 0);
}

/* The file holds what was committed from there on, so many bytes. */
static void
assert_file(const char *file, size_t from, size_t len)
{
	struct bytes have = { 0 };

	scratch_read(file, &have);
	assert_same(&have, len > 0 ? sent.data + from : NULL, len);
	bytes_free(&have);
}

static struct output *
open_output(const char *file)
{
	struct output *o = output_open(file, true);

	ck_assert_msg(o != NULL, "%s", scratch_log());
	ck_assert(!output_full(o));
	ck_assert(!output_overfull(o));
	ck_assert(!output_failed(o));
	ck_assert(!output_done(o));
	ck_assert_uint_eq(output_unwritten(o), 0);
	return (o);
}

/* Makes the path a FIFO, and returns its end for reading. */
static int
make_fifo(void)
{
	int fd;

	ck_assert_int_eq(mkfifo(path, 0600), 0);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE), PIPE_SIZE);
	return (fd);
}

/* Reads until there are so many bytes, and no more than these, at most `most`
 * at a time. */
static void
read_until(int fd, struct bytes *have, size_t len, size_t most)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t deadline = scratch_deadline();
	uint8_t *to;
	size_t size;
	ssize_t n;

	while (have->len < len) {
		poll(&p, 1, scratch_left(deadline));
		size = len - have->len < most ? len - have->len : most;
		to = bytes_reserve(have, size);
		MUST(to != NULL);
		n = read(fd, to, size);
		MUST(n != 0);
		if (n > 0)
			have->len += (size_t)n;
	}
}

/* Where it may go */

START_TEST(file_is_private)
{
	struct output *o;
	struct stat st;

	umask(0);
	o = open_output(path);
	commit_batch(o, 3, 100);
	finish(o);
	assert_file(path, 0, sent.len);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert(S_ISREG(st.st_mode));
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_str_eq(scratch_log(), "");
}
END_TEST

START_TEST(file_is_appended_to)
{
	struct output *o = open_output(path);
	struct stat st;

	commit_batch(o, 3, 100);
	finish(o);
	chmod(path, 0644);
	o = open_output(path);
	commit_batch(o, 3, 100);
	finish(o);
	assert_file(path, 0, sent.len);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0644);
}
END_TEST

/* Another writer's lines are not written over. */
START_TEST(file_is_shared)
{
	struct output *o = open_output(path), *other = open_output(path);

	commit_batch(o, 1, 100);
	wait_written(o, 0);
	commit_batch(other, 1, 100);
	wait_written(other, 0);
	commit_batch(o, 1, 100);
	finish(o);
	finish(other);
	assert_file(path, 0, sent.len);
}
END_TEST

static void
make_symlink(void)
{
	close(open(old_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	ck_assert_int_eq(symlink(old_path, path), 0);
}

static void
make_dangling_symlink(void)
{
	ck_assert_int_eq(symlink(old_path, path), 0);
}

static void
make_directory(void)
{
	ck_assert_int_eq(mkdir(path, 0700), 0);
}

static void
make_unread_fifo(void)
{
	ck_assert_int_eq(mkfifo(path, 0600), 0);
}

static void
make_socket(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_uint_lt(strlen(path), sizeof(un.sun_path));
	strcpy(un.sun_path, path);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
	ck_assert_int_eq(listen(fd, 1), 0);
	close(fd);
}

static void
name_missing_directory(void)
{
	strcat(path, "/trace");
}

#define NO_READER                                                              \
	"is a FIFO or socket that nobody reads; start its reader first"

static const struct {
	void (*make)(void);
	const char *reason;
} refused[] = {
	{ make_symlink, "is a symbolic link; name the file itself" },
	{ make_dangling_symlink, "is a symbolic link; name the file itself" },
	{ make_directory, "is a directory; name a file in it" },
	{ make_unread_fifo, NO_READER },
	{ make_socket, NO_READER },
	{ name_missing_directory, "No such directory; make it first" }
};

START_TEST(others_are_refused)
{
	char want[2 * SCRATCH_PATH];
	struct stat before = { 0 }, after = { 0 };
	int fds;

	refused[_i].make();
	fds = scratch_fds();
	lstat(path, &before);
	ck_assert_ptr_null(output_open(path, true));
	lstat(path, &after);
	snprintf(want, sizeof(want), "resptap: %s: %s\n", path,
	    refused[_i].reason);
	ck_assert_str_eq(scratch_log(), want);
	ck_assert_int_eq(scratch_fds(), fds);
	ck_assert_uint_eq(before.st_ino, after.st_ino);
	ck_assert_uint_eq(before.st_mode, after.st_mode);
	if (refused[_i].make == make_dangling_symlink)
		ck_assert_int_ne(lstat(old_path, &after), 0);
}
END_TEST

START_TEST(null_device_is_fine)
{
	struct output *o = open_output("/dev/null");

	commit_batch(o, 1000, 100);
	finish(o);
	ck_assert_str_eq(scratch_log(), "");
}
END_TEST

START_TEST(fifo_with_reader_is_fine)
{
	int fd = make_fifo();
	struct output *o = open_output(path);
	struct bytes have = { 0 };

	commit_batch(o, 100, 100);
	read_until(fd, &have, sent.len, 1000);
	finish(o);
	ck_assert_int_eq(read(fd, path, 1), 0);
	assert_same(&have, sent.data, sent.len);
	bytes_free(&have);
	close(fd);
}
END_TEST

/* What goes there */

START_TEST(nothing_is_written_of_nothing)
{
	struct output *o = open_output(path);

	ck_assert(!output_pending(o));
	output_flush(o);
	ck_assert(!output_pending(o));
	finish(o);
	assert_file(path, 0, 0);
}
END_TEST

START_TEST(batch_waits_for_its_flush)
{
	struct output *o = open_output(path);

	commit(o, 100);
	ck_assert(output_pending(o));
	ck_assert_uint_eq(output_unwritten(o), 1);
	ck_assert_uint_eq(output_batch(o)->len, 100);
	output_flush(o);
	ck_assert(!output_pending(o));
	wait_written(o, 0);
	ck_assert_uint_eq(output_batch(o)->len, 0);
	assert_file(path, 0, 100);
	commit(o, OUTPUT_BATCH - 1);
	ck_assert(output_pending(o));
	commit(o, 20);
	ck_assert(!output_pending(o));
	wait_written(o, 0);
	assert_file(path, 0, sent.len);
	commit(o, 20);
	ck_assert(output_pending(o));
	finish(o);
	assert_file(path, 0, sent.len);
}
END_TEST

/* Of all sizes: some batches are used again, large ones are not. */
START_TEST(batches_stay_in_order)
{
	struct output *o = open_output(path);
	int i;

	for (i = 0; i < 2000; i++)
		commit(o, 20 + (size_t)(i * 7919 % 500));
	commit(o, 3 * 1024 * 1024);
	for (i = 0; i < 2000; i++) {
		commit(o, 20 + (size_t)(i * 7919 % 500));
		if (i % 7 == 0)
			output_flush(o);
		if (i % 70 == 0)
			wait_written(o, 0);
	}
	finish(o);
	assert_file(path, 0, sent.len);
}
END_TEST

START_TEST(end_closes_all)
{
	int fds = scratch_fds();
	struct output *o = open_output(path);

	commit_batch(o, 10, 100);
	finish(o);
	ck_assert_int_eq(scratch_fds(), fds);
	output_free(NULL);
}
END_TEST

/* The writer has nothing to do: output_free() need not leave it alone. */
START_TEST(idle_writer_is_ended)
{
	int fds = scratch_fds();
	struct output *o = open_output(path);

	if (_i == 1) {
		commit_batch(o, 10, 100);
		wait_written(o, 0);
	}
	output_free(o);
	ck_assert_int_eq(scratch_fds(), fds);
}
END_TEST

/* A reader that stalls */

/* Reads as much as can be read without the writer having written n batches
 * wholly: the last byte of these does not fit into the pipe. */
static void
read_batches(int fd, struct bytes *have, size_t n)
{
	read_until(fd, have, n * OUTPUT_BATCH - PIPE_SIZE - 1,
	    OUTPUT_BATCH);
}

START_TEST(stalled_reader_fills_the_queue)
{
	const size_t high = OUTPUT_HIGH / OUTPUT_BATCH;
	const size_t low = OUTPUT_LOW / OUTPUT_BATCH;
	int fd = make_fifo();
	struct output *o = open_output(path);
	struct bytes have = { 0 };

	commit_batch(o, (int)high - 1, OUTPUT_BATCH);
	ck_assert(!output_full(o));
	commit(o, OUTPUT_BATCH);
	ck_assert(output_full(o));
	commit_batch(o, (int)high - 1, OUTPUT_BATCH);
	ck_assert(!output_overfull(o));
	commit(o, OUTPUT_BATCH);
	ck_assert(output_overfull(o));
	ck_assert_uint_eq(output_unwritten(o), 2 * high);
	ck_assert(!scratch_readable(output_fd(o)));

	/* Down to the high mark: */
	read_batches(fd, &have, high);
	ck_assert(output_overfull(o));
	ck_assert(!scratch_readable(output_fd(o)));
	read_until(fd, &have, high * OUTPUT_BATCH, OUTPUT_BATCH);
	wait_told(o, is_not_overfull);
	/* Down to the low mark: */
	read_batches(fd, &have, 2 * high - low);
	ck_assert(output_full(o));
	ck_assert(!scratch_readable(output_fd(o)));
	read_until(fd, &have, (2 * high - low) * OUTPUT_BATCH, OUTPUT_BATCH);
	wait_told(o, is_not_full);
	read_until(fd, &have, sent.len, OUTPUT_BATCH);
	finish(o);
	assert_same(&have, sent.data, sent.len);
	ck_assert_str_eq(scratch_log(), "");
	bytes_free(&have);
	close(fd);
}
END_TEST

START_TEST(queue_fills_again)
{
	const int high = OUTPUT_HIGH / OUTPUT_BATCH;
	int fd = make_fifo(), round;
	struct output *o = open_output(path);
	struct bytes have = { 0 };

	for (round = 0; round < 3; round++) {
		commit_batch(o, high, OUTPUT_BATCH);
		ck_assert(output_full(o));
		read_until(fd, &have, sent.len, OUTPUT_BATCH);
		wait_told(o, is_not_full);
		wait_written(o, 0);
	}
	finish(o);
	assert_same(&have, sent.data, sent.len);
	bytes_free(&have);
	close(fd);
}
END_TEST

/* What is not handed over, is queued, or is being written. */
START_TEST(unwritten_records_are_counted)
{
	int fd = make_fifo();
	struct output *o = open_output(path);
	struct bytes have = { 0 };

	commit_batch(o, 7, 1000);
	commit_batch(o, 3, 2000);
	commit(o, 10000);
	commit(o, 10000);
	ck_assert_uint_eq(output_unwritten(o), 12);
	read_until(fd, &have, 7000, 1000);
	wait_written(o, 5);
	read_until(fd, &have, 13000, 1000);
	wait_written(o, 2);
	output_flush(o);
	ck_assert_uint_eq(output_unwritten(o), 2);
	read_until(fd, &have, sent.len, 1000);
	finish(o);
	assert_same(&have, sent.data, sent.len);
	bytes_free(&have);
	close(fd);
}
END_TEST

/* The process ends while the writer hangs in a write. */
START_TEST(hanging_writer_is_left_alone)
{
	static struct output *o;	/* or it would count as leaked */
	int fd = make_fifo();
	struct bytes have = { 0 };

	o = open_output(path);
	commit_batch(o, 1, 2 * PIPE_SIZE);
	read_until(fd, &have, 1, 1);
	output_free(o);
	read_until(fd, &have, sent.len, PIPE_SIZE);
	assert_same(&have, sent.data, sent.len);
	bytes_free(&have);
	close(fd);
}
END_TEST

/* Standard output, which somebody made non-blocking. */
/* Makes standard output a pipe, and returns its end for reading. */
static int
make_stdout(int flags)
{
	int fds[2];

	ck_assert_int_eq(pipe2(fds, flags | O_CLOEXEC), 0);
	ck_assert_int_eq(fcntl(fds[0], F_SETPIPE_SZ, PIPE_SIZE), PIPE_SIZE);
	fflush(stdout);
	ck_assert_int_ge(dup2(fds[1], STDOUT_FILENO), 0);
	close(fds[1]);
	return (fds[0]);
}

START_TEST(stdout_may_be_nonblocking)
{
	int fd = make_stdout(O_NONBLOCK);
	struct output *o = open_output(NULL);
	struct bytes have = { 0 };

	commit_batch(o, 100, 1000);
	output_reopen(o);
	read_until(fd, &have, sent.len / 2, 777);
	commit_batch(o, 1, 100000);
	read_until(fd, &have, sent.len, 777);
	finish(o);
	assert_same(&have, sent.data, sent.len);
	ck_assert_int_ge(fcntl(STDOUT_FILENO, F_GETFD), 0);
	ck_assert_str_eq(scratch_log(), "");
	bytes_free(&have);
	close(fd);
}
END_TEST

/* A pipe takes some batches at once, of others a part, and of others nothing:
 * none of them overtakes another. */
START_TEST(batches_stay_in_order_in_a_pipe)
{
	int fd = make_stdout(0);
	struct output *o = open_output(NULL);
	struct bytes have = { 0 };
	size_t i, left;

	for (i = 0; i < 1000; i++) {
		commit_batch(o, 1, 40 + i * 7919 % 5000);
		left = sent.len - have.len;
		read_until(fd, &have, have.len + i * 31 % (left + 1), 4096);
	}
	read_until(fd, &have, sent.len, 4096);
	finish(o);
	assert_same(&have, sent.data, sent.len);
	bytes_free(&have);
	close(fd);
}
END_TEST

/* A reader that is gone */

START_TEST(reader_may_be_gone)
{
	char want[2 * SCRATCH_PATH];
	int fd = make_fifo(), fds = scratch_fds() - 1;
	struct output *o = open_output(path);

	close(fd);
	commit_batch(o, 7, 100);
	wait_told(o, has_failed);
	commit_batch(o, 2, 100);
	commit(o, 100);
	ck_assert_uint_eq(output_unwritten(o), 10);
	snprintf(want, sizeof(want), "resptap: %s: Broken pipe; the reader of "
	    "the trace is gone\n", path);
	ck_assert_str_eq(scratch_log(), want);
	ck_assert(output_done(o));
	output_free(o);
	ck_assert_int_eq(scratch_fds(), fds);
}
END_TEST

/* In mid-batch, too. */
START_TEST(reader_may_go)
{
	int fd = make_fifo();
	struct output *o = open_output(path);
	struct bytes have = { 0 };

	commit_batch(o, 7, 100);
	read_until(fd, &have, 700, 100);
	wait_written(o, 0);
	commit_batch(o, 2, 100000);
	read_until(fd, &have, 5000, 100);
	close(fd);
	wait_told(o, has_failed);
	ck_assert_uint_eq(output_unwritten(o), 2);
	ck_assert(output_done(o));
	output_free(o);
	assert_same(&have, sent.data, 5000);
	bytes_free(&have);
}
END_TEST

/* A disk that is full */

#define FULL "File too large; waiting for room"
#define AGAIN "there is room again"

static void
assert_log(const char *first, const char *second)
{
	char want[4 * SCRATCH_PATH];
	int n;

	n = snprintf(want, sizeof(want), "resptap: %s: %s\n", path, first);
	if (second != NULL)
		snprintf(want + n, sizeof(want) - (size_t)n,
		    "resptap: %s: %s\n", path, second);
	MUST(strcmp(scratch_log(), want) == 0);
}

START_TEST(full_disk_is_waited_for)
{
	struct output *o = open_output(path);

	scratch_limit_files(10000);
	commit_batch(o, 300, 37);
	scratch_log_wait("waiting");
	assert_file(path, 0, 10000);
	commit_batch(o, 300, 37);
	MUST(output_unwritten(o) == 600);
	MUST(!output_failed(o));
	scratch_limit_files(20000);
	wait_written(o, 300);
	scratch_limit_files(RLIM_INFINITY);
	finish(o);
	assert_file(path, 0, sent.len);
	ck_assert_ptr_nonnull(strstr(scratch_log(), AGAIN));
}
END_TEST

/* Each stop is told of once, however often it is tried again. */
START_TEST(full_disk_is_told_of_once)
{
	struct output *o = open_output(path);

	scratch_limit_files(10000);
	commit_batch(o, 1, 10001);
	scratch_log_wait("waiting");
	assert_log(FULL, NULL);
	scratch_limit_files(RLIM_INFINITY);
	finish(o);
	assert_log(FULL, AGAIN);
	assert_file(path, 0, sent.len);
}
END_TEST

START_TEST(full_disk_fills_the_queue)
{
	struct output *o = open_output(path);

	scratch_limit_files(0);
	commit_batch(o, OUTPUT_HIGH / OUTPUT_BATCH, OUTPUT_BATCH);
	MUST(output_full(o));
	scratch_log_wait("waiting");
	assert_log(FULL, NULL);
	scratch_limit_files(RLIM_INFINITY);
	wait_told(o, is_not_full);
	finish(o);
	assert_file(path, 0, sent.len);
}
END_TEST

START_TEST(full_device_is_waited_for)
{
	static struct output *o;	/* or it might count as leaked */

	strcpy(path, "/dev/full");
	o = open_output(path);
	commit_batch(o, 7, 100);
	scratch_log_wait("waiting");
	assert_log("No space left on device; waiting for room", NULL);
	ck_assert(!output_failed(o));
	ck_assert_uint_eq(output_unwritten(o), 7);
	output_free(o);
}
END_TEST

/* Another file */

/* How much of what was committed the old file has: whole records. */
static size_t
old_part(void)
{
	struct stat st;

	ck_assert_int_eq(stat(old_path, &st), 0);
	ck_assert_int_le(st.st_size, (off_t)sent.len);
	if (st.st_size > 0)
		ck_assert_int_eq(sent.data[st.st_size - 1], '\n');
	return ((size_t)st.st_size);
}

static void
assert_both_files(void)
{
	size_t old = old_part();

	assert_file(old_path, 0, old);
	assert_file(path, old, sent.len - old);
}

START_TEST(moved_file_is_followed_by_another)
{
	int fds = scratch_fds();
	struct output *o = open_output(path);
	struct stat st;

	umask(0);
	commit_batch(o, 100, 100);
	wait_written(o, 0);
	ck_assert_int_eq(rename(path, old_path), 0);
	output_reopen(o);
	commit_batch(o, 100, 100);
	finish(o);
	ck_assert_uint_eq(old_part(), 10000);
	assert_both_files();
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(scratch_fds(), fds);
	ck_assert_str_eq(scratch_log(), "");
}
END_TEST

/* An idle writer changes files at once: the old one can be compressed. */
START_TEST(idle_writer_changes_files)
{
	struct output *o = open_output(path);
	int fds = scratch_fds();

	ck_assert_int_eq(rename(path, old_path), 0);
	output_reopen(o);
	wait_fds(fds);
	commit_batch(o, 1, 100);
	finish(o);
	assert_file(old_path, 0, 0);
	assert_file(path, 0, sent.len);
}
END_TEST

/* Again and again while it writes: nothing is lost, torn, or written twice. */
START_TEST(file_may_change_at_any_time)
{
	struct bytes all = { 0 };
	struct output *o = open_output(path);
	int fds = scratch_fds(), i;

	for (i = 0; i < 50; i++) {
		commit_batch(o, 20, 1000);
		scratch_path(old_path, "trace.");
		sprintf(old_path + strlen(old_path), "%d", i);
		ck_assert_int_eq(rename(path, old_path), 0);
		output_reopen(o);
	}
	commit_batch(o, 20, 1000);
	wait_written(o, 0);
	ck_assert_int_eq(scratch_fds(), fds);
	finish(o);
	for (i = 0; i < 50; i++) {
		scratch_path(old_path, "trace.");
		sprintf(old_path + strlen(old_path), "%d", i);
		scratch_read(old_path, &all);
		if (all.len > 0)
			ck_assert_int_eq(all.data[all.len - 1], '\n');
	}
	scratch_read(path, &all);
	assert_same(&all, sent.data, sent.len);
	bytes_free(&all);
}
END_TEST

/*
 * The disk gets full in mid-batch; then there is another file, on another disk
 * as it were.  Where the limit is, how much of it the old file keeps: the
 * batches are of 5000 bytes.
 */
static const struct {
	rlim_t limit;
	size_t kept;
} cuts[] = {
	{ 5000, 5000 },		/* between two batches */
	{ 5001, 5000 },
	{ 5250, 5000 },		/* in mid-record */
	{ 7500, 5000 },		/* between two records */
	{ 9999, 5000 },
	{ 10000, 10000 },
	{ 4999, 0 },
	{ 1, 0 },
	{ 0, 0 }
};

START_TEST(torn_batch_is_taken_back)
{
	struct output *o = open_output(path);
	int fds = scratch_fds();

	scratch_limit_files(cuts[_i].limit);
	commit_batch(o, 10, 500);
	commit_batch(o, 10, 500);
	commit_batch(o, 10, 500);
	scratch_log_wait("waiting");
	assert_file(path, 0, (size_t)cuts[_i].limit);
	MUST(rename(path, old_path) == 0);
	output_reopen(o);
	wait_fds(fds);
	scratch_limit_files(RLIM_INFINITY);
	finish(o);
	ck_assert_uint_eq(old_part(), cuts[_i].kept);
	assert_both_files();
}
END_TEST

/* There is room in the old file, just as there is another one. */
START_TEST(full_file_may_get_room)
{
	struct output *o = open_output(path);
	int fds = scratch_fds();

	scratch_limit_files(cuts[_i].limit);
	commit_batch(o, 10, 500);
	commit_batch(o, 10, 500);
	commit_batch(o, 10, 500);
	scratch_log_wait("waiting");
	MUST(rename(path, old_path) == 0);
	scratch_limit_files(RLIM_INFINITY);
	output_reopen(o);
	wait_fds(fds);
	finish(o);
	assert_both_files();
}
END_TEST

/* What was there before is not taken back. */
START_TEST(older_lines_are_kept)
{
	struct output *o = open_output(path);
	int fds;

	commit_batch(o, 3, 500);
	finish(o);
	o = open_output(path);
	fds = scratch_fds();
	scratch_limit_files(1600);
	commit_batch(o, 3, 500);
	scratch_log_wait("waiting");
	MUST(rename(path, old_path) == 0);
	output_reopen(o);
	wait_fds(fds);
	scratch_limit_files(RLIM_INFINITY);
	finish(o);
	ck_assert_uint_eq(old_part(), 1500);
	assert_both_files();
}
END_TEST

START_TEST(old_file_is_kept_if_need_be)
{
	int fds = scratch_fds();
	struct output *o = open_output(path);

	commit_batch(o, 10, 100);
	wait_written(o, 0);
	ck_assert_int_eq(rename(path, old_path), 0);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	output_reopen(o);
	assert_log("is a directory; name a file in it", NULL);
	commit_batch(o, 10, 100);
	finish(o);
	assert_file(old_path, 0, sent.len);
	ck_assert_int_eq(scratch_fds(), fds);
}
END_TEST

/* Several outputs to one file */

#define SHARING 4
#define SHARED_RECORDS 20000

/* One thread's part: records of many sizes, handed over now and then. */
static void *
produce(void *arg)
{
	struct output *o = arg;
	char text[300];
	unsigned i;
	int len;

	for (i = 0; i < SHARED_RECORDS; i++) {
		len = snprintf(text, sizeof(text), "%d %u %0*d\n",
		    output_fd(o), i, 1 + (int)(i % 211), 0);
		bytes_add(output_batch(o), text, (size_t)len);
		output_commit(o);
		if (i % 89 == 0)
			output_flush(o);
	}
	output_finish(o);
	return (NULL);
}

/* Each line is a record, and the next one of its output. */
static void
assert_produced(const struct bytes *have, struct output *const o[])
{
	const char *line = (const char *)have->data, *newline;
	const char *end = line + have->len;
	unsigned next[SHARING] = { 0 }, no;
	int fd, at, i;

	for (; line < end; line = newline + 1) {
		newline = memchr(line, '\n', (size_t)(end - line));
		MUST(newline != NULL);
		MUST(sscanf(line, "%d %u %n", &fd, &no, &at) == 2);
		for (i = 0; i < SHARING && output_fd(o[i]) != fd; i++)
			;
		MUST(i < SHARING && no == next[i]++);
		MUST(newline - line == at + 1 + (int)(no % 211));
	}
	for (i = 0; i < SHARING; i++)
		ck_assert_uint_eq(next[i], SHARED_RECORDS);
}

START_TEST(threads_share_a_file)
{
	struct output *o[SHARING] = { open_output(path) };
	pthread_t threads[SHARING];
	struct bytes have = { 0 };
	int i;

	for (i = 1; i < SHARING; i++)
		ck_assert_ptr_nonnull(o[i] = output_share(o[0]));
	for (i = 0; i < SHARING; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, produce,
		    o[i]), 0);
	for (i = 0; i < SHARING; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < SHARING; i++)
		wait_told(o[i], is_done);
	ck_assert_uint_eq(output_unwritten(o[0]), 0);
	scratch_read(path, &have);
	assert_produced(&have, o);
	for (i = 0; i < SHARING; i++)
		output_free(o[i]);
	bytes_free(&have);
	ck_assert_str_eq(scratch_log(), "");
}
END_TEST

/* All is done when all have finished, in whatever order, and whether an output
 * still exists or not. */
START_TEST(last_one_ends_all)
{
	int fds = scratch_fds();
	struct output *o = open_output(path), *other = output_share(o);
	struct output *third = output_share(o);

	commit(other, 100);
	output_finish(other);
	output_finish(other);
	commit(o, 100);
	wait_written(other, 1);
	ck_assert(!output_done(o) && !output_done(other));
	ck_assert(!scratch_readable(output_fd(other)));
	output_free(third);
	ck_assert_int_eq(scratch_fds(), fds + 3);
	output_finish(o);
	wait_told(o, is_done);
	wait_told(other, is_done);
	assert_file(path, 0, sent.len);
	output_free(o);
	output_free(other);
	ck_assert_int_eq(scratch_fds(), fds);
}
END_TEST

/* It is one queue, and each is told of it. */
START_TEST(all_wait_for_room)
{
	const int high = OUTPUT_HIGH / OUTPUT_BATCH;
	int fd = make_fifo();
	struct output *o = open_output(path), *other = output_share(o);
	struct bytes have = { 0 };

	commit_batch(o, high - 1, OUTPUT_BATCH);
	ck_assert(!output_full(other));
	commit(other, OUTPUT_BATCH);
	ck_assert(output_full(o) && output_full(other));
	ck_assert(!scratch_readable(output_fd(o)));
	ck_assert(!scratch_readable(output_fd(other)));
	read_until(fd, &have, sent.len, OUTPUT_BATCH);
	wait_told(o, is_not_full);
	wait_told(other, is_not_full);
	output_finish(other);
	finish(o);
	output_free(other);
	assert_same(&have, sent.data, sent.len);
	bytes_free(&have);
	close(fd);
}
END_TEST

START_TEST(all_learn_of_a_failure)
{
	int fd = make_fifo();
	struct output *o = open_output(path), *other = output_share(o);

	close(fd);
	commit_batch(other, 1, 100);
	wait_told(o, has_failed);
	wait_told(other, has_failed);
	ck_assert(output_done(o) && output_done(other));
	output_free(o);
	output_free(other);
}
END_TEST

static TCase *
add_case(Suite *s, const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_add_unchecked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 3 * SCRATCH_PATIENCE / 1000);
	suite_add_tcase(s, tc);
	return (tc);
}

static Suite *
output_suite(void)
{
	Suite *s = suite_create("output");
	TCase *tc;

	tc = add_case(s, "places");
	tcase_add_test(tc, file_is_private);
	tcase_add_test(tc, file_is_appended_to);
	tcase_add_test(tc, file_is_shared);
	tcase_add_loop_test(tc, others_are_refused, 0, COUNT(refused));
	tcase_add_test(tc, null_device_is_fine);
	tcase_add_test(tc, fifo_with_reader_is_fine);
	tc = add_case(s, "batches");
	tcase_add_test(tc, nothing_is_written_of_nothing);
	tcase_add_test(tc, batch_waits_for_its_flush);
	tcase_add_test(tc, batches_stay_in_order);
	tcase_add_test(tc, end_closes_all);
	tcase_add_loop_test(tc, idle_writer_is_ended, 0, 2);
	tc = add_case(s, "readers");
	tcase_add_test(tc, stalled_reader_fills_the_queue);
	tcase_add_test(tc, queue_fills_again);
	tcase_add_test(tc, unwritten_records_are_counted);
	tcase_add_test(tc, hanging_writer_is_left_alone);
	tcase_add_test(tc, stdout_may_be_nonblocking);
	tcase_add_test(tc, batches_stay_in_order_in_a_pipe);
	tcase_add_test(tc, reader_may_be_gone);
	tcase_add_test(tc, reader_may_go);
	tc = add_case(s, "sharing");
	tcase_add_test(tc, threads_share_a_file);
	tcase_add_test(tc, last_one_ends_all);
	tcase_add_test(tc, all_wait_for_room);
	tcase_add_test(tc, all_learn_of_a_failure);
	tc = add_case(s, "full disk");
	tcase_add_test(tc, full_disk_is_waited_for);
	tcase_add_test(tc, full_disk_is_told_of_once);
	tcase_add_test(tc, full_disk_fills_the_queue);
	tcase_add_test(tc, full_device_is_waited_for);
	tc = add_case(s, "files");
	tcase_add_test(tc, moved_file_is_followed_by_another);
	tcase_add_test(tc, idle_writer_changes_files);
	tcase_add_test(tc, file_may_change_at_any_time);
	tcase_add_loop_test(tc, torn_batch_is_taken_back, 0, COUNT(cuts));
	tcase_add_loop_test(tc, full_file_may_get_room, 0, COUNT(cuts));
	tcase_add_test(tc, older_lines_are_kept);
	tcase_add_test(tc, old_file_is_kept_if_need_be);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(output_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
