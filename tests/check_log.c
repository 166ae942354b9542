/* Diagnostics, when stderr is a pipe, a socket or a terminal that takes
 * nothing. */
#include "config.h"

#include "base/log.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/bytes.h"

/* More than is kept. */
#define MESSAGES 4000
#define QUEUE_MAX (64 * 1024)

enum kind { PIPE, FIFO, SOCKET, TERMINAL, KINDS };

/* Our end of what stderr is. */
static int reader;

static void
open_fifo(int fd[2])
{
	char dir[] = "/tmp/resptap.XXXXXX", path[64];

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/fifo", dir);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	fd[0] = open(path, O_RDONLY | O_NONBLOCK);
	fd[1] = open(path, O_WRONLY);
	fcntl(fd[0], F_SETFL, 0);
	unlink(path);
	rmdir(dir);
}

static void
open_terminal(int fd[2])
{
	struct termios t;

	fd[0] = posix_openpt(O_RDWR | O_NOCTTY);
	ck_assert_int_ge(fd[0], 0);
	ck_assert(grantpt(fd[0]) == 0 && unlockpt(fd[0]) == 0);
	fd[1] = open(ptsname(fd[0]), O_RDWR | O_NOCTTY);
	ck_assert_int_eq(tcgetattr(fd[1], &t), 0);
	cfmakeraw(&t);
	ck_assert_int_eq(tcsetattr(fd[1], TCSANOW, &t), 0);
	ck_assert_int_eq(tcflow(fd[1], TCOOFF), 0);
}

/* Makes stderr one that takes nothing, and returns what it was. */
static int
open_full(enum kind kind)
{
	static const uint8_t zeros[4096];
	int fd[2] = { -1, -1 }, before = dup(STDERR_FILENO), flags;

	if (kind == PIPE)
		ck_assert_int_eq(pipe(fd), 0);
	else if (kind == FIFO)
		open_fifo(fd);
	else if (kind == SOCKET)
		ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	else
		open_terminal(fd);
	ck_assert_int_ge(fd[1], 0);
	reader = fd[0];
	flags = fcntl(fd[1], F_GETFL);
	if (kind != TERMINAL) {
		fcntl(fd[1], F_SETFL, flags | O_NONBLOCK);
		while (write(fd[1], zeros, sizeof(zeros)) > 0)
			;
		ck_assert_int_eq(errno, EAGAIN);
	}
	fcntl(fd[1], F_SETFL, flags);
	dup2(fd[1], STDERR_FILENO);
	close(fd[1]);
	return (before);
}

/* Lets it take something again, and reads up to the end of a message that
 * contains the text. */
static char *
read_until(const char *text)
{
	struct bytes in = { 0 };
	char piece[4096], *at;
	ssize_t n, i;

	if (isatty(STDERR_FILENO))
		tcflow(STDERR_FILENO, TCOON);
	for (;;) {
		n = read(reader, piece, sizeof(piece));
		ck_assert_int_gt(n, 0);
		for (i = 0; i < n; i++)
			if (piece[i] != '\0')
				bytes_add(&in, &piece[i], 1);
		bytes_add(&in, "", 1);
		if ((at = strstr((char *)in.data, text)) != NULL &&
		    strchr(at, '\n') != NULL)
			return ((char *)in.data);
		in.len--;
	}
}

static void
restore(int before)
{
	dup2(before, STDERR_FILENO);
	close(before);
	close(reader);
}

/* What was kept comes in order, then how many are lost, then what comes later;
 * no other program that has this stderr open finds it changed. */
START_TEST(what_nobody_reads_is_lost_and_counted)
{
	int before = open_full((enum kind)_i), flags, i, n, lost, end;
	char *text, *at;

	flags = fcntl(STDERR_FILENO, F_GETFL);
	for (i = 0; i < MESSAGES; i++)
		log_error("message %d of many", i);
	log_end();
	ck_assert_int_eq(fcntl(STDERR_FILENO, F_GETFL), flags);
	at = text = read_until(" lost");
	for (n = 0; sscanf(at, "resptap: message %d of many\n%n", &i, &end) ==
	    1; n++) {
		ck_assert_int_eq(i, n);
		at += end;
	}
	ck_assert_int_eq(sscanf(at, "resptap: %d messages lost: "
	    "nobody read stderr\n%n", &lost, &end), 1);
	ck_assert_str_eq(at + end, "");
	ck_assert_int_eq(n + lost, MESSAGES);
	ck_assert(at - text <= QUEUE_MAX && at - text > QUEUE_MAX - 32);
	free(text);

	log_error("afterwards");
	text = read_until("afterwards");
	ck_assert_str_eq(text, "resptap: afterwards\n");
	free(text);
	restore(before);
}
END_TEST

/* A text that is longer than what is kept is cut; nothing waits for it. */
START_TEST(long_text_is_cut)
{
	int before = open_full((enum kind)_i);
	struct bytes b = { 0 };
	char *text;

	while (b.len < 10 * QUEUE_MAX)
		bytes_add_string(&b, "0123456\n");
	log_text(&b);
	text = read_until(" lost");
	ck_assert_uint_ge(strlen(text), QUEUE_MAX);
	ck_assert_ptr_nonnull(strstr(text,
	    "resptap: 1 message lost: nobody read stderr\n"));
	free(text);
	bytes_free(&b);
	restore(before);
}
END_TEST

/* It is not an error either when nobody can read any more. */
START_TEST(reader_may_be_gone)
{
	int before = open_full((enum kind)_i);

	signal(SIGPIPE, SIG_IGN);
	log_error("kept");
	close(reader);
	log_error("gone");
	log_end();
	reader = -1;
	restore(before);
}
END_TEST

static Suite *
log_suite(void)
{
	Suite *s = suite_create("log");
	TCase *tc = tcase_create("log");

	tcase_add_loop_test(tc, what_nobody_reads_is_lost_and_counted, 0,
	    KINDS);
	tcase_add_loop_test(tc, long_text_is_cut, 0, KINDS);
	tcase_add_loop_test(tc, reader_may_be_gone, 0, KINDS);
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(log_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
