#include "config.h"

#include "server/server_private.h"

#include "base/log.h"

/* Listens at one address, in all loops; the number of its listener. */
static int
listen_at(struct server *s, const struct address *address)
{
	struct server_loop *first = s->loops, *l;
	int i, n = first->nlisteners;

	for (i = 0; i < s->nloops; i++) {
		l = &s->loops[i];
		l->listeners[n] = l == first ?
		    listener_open(l->base, address, &s->options->listening,
		    server_loop_accept, l) :
		    listener_share(first->listeners[n], l->base,
		    server_loop_accept, l);
		if (l->listeners[n] == NULL)
			return (-1);
		l->nlisteners++;
	}
	return (n);
}

/* A relay to itself would connect to itself again and again. */
static bool
is_upstream(const struct server *s, int at)
{
	const struct server_loop *first = s->loops;

	if (first->worker->upstream == NULL ||
	    !address_reaches(&first->worker->upstream->address,
	    listener_address(first->listeners[at])))
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
	struct address found[8];
	char where[ADDRESS_TEXT_MAX];
	const char *why;
	int i, n, at;

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
		if (s->loops->nlisteners == SERVER_LISTENERS) {
			log_error("--listen=%s: too many addresses; %d is the "
			    "most", text, SERVER_LISTENERS);
			return (-1);
		}
		if ((at = listen_at(s, &found[i])) < 0)
			return (-1);
		if (is_upstream(s, at)) {
			*status = 2;
			return (-1);
		}
		log_info("listening on %s", address_text(
		    listener_address(s->loops->listeners[at]), where));
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
	const struct server_loop *first = s->loops;
	char text[ADDRESS_TEXT_MAX];
	struct bytes lines = { 0 };
	int i, result;

	if (file == NULL)
		return (0);
	for (i = 0; i < first->nlisteners; i++)
		bytes_addf(&lines, "%s\n",
		    address_text(listener_address(first->listeners[i]), text));
	result = server_save(&lines, "--port-file", file, 0666);
	bytes_free(&lines);
	return (result);
}
