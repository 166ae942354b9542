/*
 * A server whose routes come and go while its loops run: two threads, each with
 * a listener of its own for each route.
 */
#include "config.h"

#include "server/server_private.h"

#include <sys/socket.h>

#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/options.h"
#include "scratch.h"

static struct server *server;
static pthread_t thread;

/* Something that the first loop's thread does for a test, and then says so. */
struct errand {
	struct loop_call call;
	struct address address;
	struct server_route *route;
	atomic_bool done;
};

static void *
run(void *arg)
{
	ck_assert_int_eq(server_run(arg), 0);
	return (NULL);
}

static void
setup(void)
{
	static char name[] = "resptap", listen[] = "--listen=0";
	static char threads[] = "--threads=2", quiet[] = "-q", output[] = "-o";
	static char path[SCRATCH_PATH];
	static char *argv[] = { name, listen, threads, quiet, output, path,
		NULL };
	static struct options options;
	struct bytes message = { 0 };
	int status;

	scratch_path(path, "trace");
	ck_assert_int_eq(options_parse(&options, 6, argv, false, false,
	    &message), OPTIONS_RUN);
	bytes_free(&message);
	ck_assert_ptr_nonnull(server = server_new(&options, &status));
	ck_assert_int_eq(pthread_create(&thread, NULL, run, server), 0);
}

static void
teardown(void)
{
	kill(getpid(), SIGTERM);
	pthread_join(thread, NULL);
	server_free(server);
}

static void
send_on(struct errand *e, void (*fn)(void *))
{
	int64_t deadline = scratch_deadline();

	e->call.fn = fn;
	e->call.ctx = e;
	e->done = false;
	loop_post(server->loops[0].loop, &e->call);
	while (!e->done)
		MUST(scratch_left(deadline) > 0);
}

static void
on_open(void *ctx)
{
	struct errand *e = ctx;
	struct route stub = { .upstream = NULL };

	e->route = server_route_open(server, &e->address, &stub);
	e->done = true;
}

static void
on_close(void *ctx)
{
	struct errand *e = ctx;

	server_route_close(e->route);
	e->done = true;
}

/* Whether somebody answers there. */
static bool
answers(const struct address *to)
{
	int fd = socket(to->sa.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char reply[8];
	bool result;

	if (connect(fd, (const struct sockaddr *)&to->sa, to->len) != 0) {
		close(fd);
		return (false);
	}
	result = send(fd, "PING\r\n", 6, MSG_NOSIGNAL) == 6 &&
	    recv(fd, reply, 7, MSG_WAITALL) == 7 &&
	    memcmp(reply, "+PONG\r\n", 7) == 0;
	close(fd);
	return (result);
}

static void
open_and_close(struct errand *e)
{
	int64_t deadline = scratch_deadline();
	int i;

	send_on(e, on_open);
	ck_assert_ptr_nonnull(e->route);
	/* So often that each loop has some. */
	for (i = 0; i < 50; i++)
		ck_assert(answers(&e->route->address));
	ck_assert(answers(&TAILQ_FIRST(&server->routes)->address));
	send_on(e, on_close);
	while (answers(&e->route->address))
		MUST(scratch_left(deadline) > 0);
	ck_assert(answers(&TAILQ_FIRST(&server->routes)->address));
}

START_TEST(routes_come_and_go)
{
	struct address found[1];
	struct errand first = { 0 }, second = { 0 };
	const char *why;

	ck_assert_int_eq(address_resolve("127.0.0.1:0", found, 1, &why), 1);
	first.address = found[0];
	open_and_close(&first);
	/* The same port is free again, in all loops. */
	second.address = first.route->address;
	open_and_close(&second);
}
END_TEST

START_TEST(unix_routes_come_and_go)
{
	char path[SCRATCH_PATH];
	struct address_parts parts = { .path = scratch_path(path, "socket") };
	struct errand e = { 0 };

	ck_assert_int_eq(address_of_parts(&parts, &e.address), 0);
	open_and_close(&e);
	ck_assert_int_ne(access(path, F_OK), 0);
	open_and_close(&e);
}
END_TEST

/* A route that cannot be opened leaves the others as they are. */
START_TEST(routes_may_be_refused)
{
	struct errand e = { .address =
	    TAILQ_FIRST(&server->routes)->address };

	send_on(&e, on_open);
	ck_assert_ptr_null(e.route);
	ck_assert(answers(&e.address));
}
END_TEST

static Suite *
server_suite(void)
{
	Suite *s = suite_create("server");
	TCase *tc = tcase_create("routes");

	tcase_add_unchecked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 3 * SCRATCH_PATIENCE / 1000);
	tcase_add_test(tc, routes_come_and_go);
	tcase_add_test(tc, unix_routes_come_and_go);
	tcase_add_test(tc, routes_may_be_refused);
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(server_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
