/*
 * Routes: where the server listens, and what for.
 *
 *   server_route_open -> first loop: bind, listen
 *                          `-> loop_post -> other loops: share the address
 */
#include "config.h"

#include "server/server_private.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

/* One loop's part */

static void
leave(struct server_listener *at)
{
	if (at->listener == NULL)
		return;
	listener_free(at->listener);
	at->listener = NULL;
	LIST_REMOVE(at, link);
}

static int
enter(struct server_listener *at, struct listener *listener)
{
	if (listener == NULL)
		return (-1);
	at->listener = listener;
	LIST_INSERT_HEAD(&at->loop->listeners, at, link);
	server_loop_allow_accepting(at->loop);
	return (0);
}

/* Another loop than the first one, with the socket that it has been given. */
static int
join(struct server_listener *at)
{
	const struct server_route *r = at->route;
	int fd = at->fd;

	at->fd = -1;
	return (enter(at, listener_adopt(loop_base(at->loop->loop), fd,
	    &r->address, &r->server->options->listening, server_loop_accept,
	    at)));
}

static void
on_open(void *ctx)
{
	struct server_listener *at = ctx;

	if (!at->loop->stopping)
		join(at);
}

static void
on_close(void *ctx)
{
	leave(ctx);
}

void
server_route_leave(struct server_loop *l)
{
	struct server_listener *at;

	while ((at = LIST_FIRST(&l->listeners)) != NULL)
		leave(at);
}

/* All of it */

static struct server_route *
new_route(struct server *s, const struct address *address,
    const struct route *route)
{
	struct server_route *r;
	int i;

	r = calloc(1, sizeof(*r) + (size_t)s->nloops * sizeof(r->at[0]));
	if (r == NULL) {
		log_error("out of memory");
		return (NULL);
	}
	r->route = *route;
	r->server = s;
	r->address = *address;
	for (i = 0; i < s->nloops; i++)
		r->at[i] = (struct server_listener){
			.route = r,
			.loop = &s->loops[i],
			.fd = -1,
			.open = { .fn = on_open, .ctx = &r->at[i] },
			.close = { .fn = on_close, .ctx = &r->at[i] },
		};
	return (r);
}

struct server_route *
server_route_open(struct server *s, const struct address *address,
    const struct route *route)
{
	struct server_listener *first;
	struct server_route *r;
	int i;

	if ((r = new_route(s, address, route)) == NULL)
		return (NULL);
	TAILQ_INSERT_TAIL(&s->routes, r, link);
	first = &r->at[0];
	if (enter(first, listener_open(loop_base(first->loop->loop),
	    &r->address, &s->options->listening, server_loop_accept,
	    first)) != 0)
		return (NULL);
	r->address = *listener_address(first->listener);
	for (i = 1; i < s->nloops; i++) {
		r->at[i].fd = listener_share(first->listener);
		if (r->at[i].fd < 0)
			return (NULL);
		if (s->loops[i].started)
			loop_post(s->loops[i].loop, &r->at[i].open);
		else if (join(&r->at[i]) != 0)
			return (NULL);
	}
	return (r);
}

void
server_route_close(struct server_route *r)
{
	struct server *s = r->server;
	int i;

	leave(&r->at[0]);
	for (i = 1; i < s->nloops; i++)
		loop_post(s->loops[i].loop, &r->at[i].close);
}

static void
free_route(struct server_route *r)
{
	const struct server *s = r->server;
	struct server_listener *at;
	int i;

	for (i = 0; i < s->nloops; i++) {
		at = &r->at[i];
		if (at->fd >= 0)
			close(at->fd);
		if (at->loop->loop == NULL)
			continue;
		loop_unpost(at->loop->loop, &at->open);
		loop_unpost(at->loop->loop, &at->close);
	}
	free(r);
}

void
server_routes_free(struct server *s)
{
	struct server_route *r;

	while ((r = TAILQ_FIRST(&s->routes)) != NULL) {
		TAILQ_REMOVE(&s->routes, r, link);
		free_route(r);
	}
}

/* --listen */

/* A relay to itself would connect to itself again and again. */
static bool
is_upstream(const struct server *s, const struct server_route *r)
{
	if (r->route.upstream == NULL ||
	    !address_reaches(&r->route.upstream->address, &r->address))
		return (false);
	log_error("--upstream=%s: no other server is there, resptap itself "
	    "listens at that address; choose another with --listen=PORT",
	    s->options->upstream);
	return (true);
}

static bool
may_listen(const struct options *o, const struct address *address)
{
	return (o->allow_remote || o->listening.peers.n > 0 ||
	    address_is_local(address));
}

static int
listen_on(struct server *s, const char *text, int *status)
{
	struct route route = { .upstream = s->options->upstream != NULL ?
	    &s->upstream : NULL };
	struct server_route *r;
	struct address found[8];
	char where[ADDRESS_TEXT_MAX];
	const char *why;
	int i, n;

	n = address_resolve(text, found, 8, &why);
	if (n < 0) {
		log_error("--listen=%s: %s", text, why);
		return (-1);
	}
	for (i = 0; i < n; i++) {
		if (!may_listen(s->options, &found[i])) {
			log_error("--listen=%s: others could read what your "
			    "clients send; add --allow=CIDR for those that may "
			    "connect, or --allow-remote for all", text);
			*status = 2;
			return (-1);
		}
		if ((r = server_route_open(s, &found[i], &route)) == NULL)
			return (-1);
		if (is_upstream(s, r)) {
			*status = 2;
			return (-1);
		}
		log_info("listening on %s", address_text(&r->address, where));
	}
	return (0);
}

int
server_listen(struct server *s, int *status)
{
	int i;

	for (i = 0; i < s->options->nlisten; i++)
		if (listen_on(s, s->options->listen[i], status) != 0)
			return (-1);
	return (0);
}

int
server_write_port_file(const struct server *s)
{
	const char *file = s->options->port_file;
	const struct server_route *r;
	char text[ADDRESS_TEXT_MAX];
	struct bytes lines = { 0 };
	int result;

	if (file == NULL)
		return (0);
	TAILQ_FOREACH (r, &s->routes, link)
		bytes_addf(&lines, "%s\n", address_text(&r->address, text));
	result = server_save(&lines, "--port-file", file, 0666);
	bytes_free(&lines);
	return (result);
}
