#include "config.h"

#include "net/listener.h"

#include <netinet/in.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/listener.h>

#include "base/log.h"
#include "base/now.h"
#include "net/tcp.h"

#define LISTENER_BACKLOG 4096
/* How many are accepted before the connections have their turn. */
#define LISTENER_TURN 32
/* The pause when descriptors or memory run out, in milliseconds. */
#define LISTENER_PAUSE 100

struct listener {
	struct evconnlistener *lev;
	struct event *timer;	/* ends a pause */
	struct address address;
	const struct listener_rules *rules;
	listener_accept_fn accept;
	void *ctx;
	struct stat file;	/* of a unix socket that we have made */
	time_t complained;	/* when a pause was logged last */
	int turn;		/* accepted in this one */
	bool allowed;
	bool paused;
	bool owns_file;		/* file is known, and to be removed */
};

static void
apply(struct listener *l)
{
	static const struct timeval later = {
		.tv_usec = LISTENER_PAUSE * 1000
	};

	if (!l->allowed || l->paused)
		evconnlistener_disable(l->lev);
	else if (evconnlistener_enable(l->lev) != 0)
		event_add(l->timer, &later);	/* and again */
}

static void
pause_for(struct listener *l, int milliseconds)
{
	struct timeval tv = { .tv_usec = milliseconds * 1000 };

	/* Without a timer that would end it there is no pause. */
	l->paused = event_add(l->timer, &tv) == 0;
	apply(l);
}

static void
on_pause_end(evutil_socket_t fd, short what, void *arg)
{
	struct listener *l = arg;

	(void)fd;
	(void)what;
	l->paused = false;
	l->turn = 0;
	apply(l);
}

static bool
is_welcome(const struct listener *l, const struct address *peer)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)&peer->sa;
	uint8_t address[CIDR_ADDRESS];

	if (l->rules->peers.n == 0)
		return (true);
	if (peer->sa.ss_family == AF_INET)
		cidr_map((const uint8_t *)&in->sin_addr, address);
	else if (peer->sa.ss_family == AF_INET6)
		memcpy(address, &((const struct sockaddr_in6 *)&peer->sa)
		    ->sin6_addr, sizeof(address));
	else
		return (true);
	return (cidr_list_has(&l->rules->peers, address));
}

/* One of all threads says it, once a second. */
static void
tell_unwelcome(const struct address *peer)
{
	static atomic_llong told, more;
	long long now = now_ns(CLOCK_MONOTONIC) / 1000000000 + 1, last;
	char text[ADDRESS_TEXT_MAX];

	last = atomic_load(&told);
	if (now == last || !atomic_compare_exchange_strong(&told, &last, now)) {
		atomic_fetch_add(&more, 1);
		return;
	}
	address_text(peer, text);
	if ((last = atomic_exchange(&more, 0)) == 0)
		log_info("%s is not in --allow: closed", text);
	else
		log_info("%s is not in --allow: closed, and %lld more before",
		    text, last);
}

static void
on_accept(struct evconnlistener *lev, evutil_socket_t fd, struct sockaddr *sa,
    int len, void *arg)
{
	struct listener *l = arg;
	struct address peer = { .len = (socklen_t)len };

	(void)lev;
	memcpy(&peer.sa, sa, (size_t)len);
	if (is_welcome(l, &peer)) {
		l->accept(l->ctx, fd, &peer);
	} else {
		tell_unwelcome(&peer);
		close(fd);
	}
	if (++l->turn >= LISTENER_TURN)
		pause_for(l, 0);
}

/* libevent swallows what is the peer's fault (ECONNABORTED) and calls this for
 * what is ours; it would again, at once. */
static void
on_error(struct evconnlistener *lev, void *arg)
{
	struct listener *l = arg;
	int error = EVUTIL_SOCKET_ERROR();
	struct timespec now;

	(void)lev;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (l->complained == 0 || now.tv_sec > l->complained) {
		l->complained = now.tv_sec;
		log_error("cannot accept: %s; trying again%s", strerror(error),
		    error == EMFILE ? " (raise ulimit -n)" : "");
	}
	pause_for(l, LISTENER_PAUSE);
}

static const char *
cure_unix(int error)
{
	switch (error) {
	case EADDRINUSE:
		return ("; choose another path, or remove what is there");
	case ENOENT:
		return ("; make its directory first");
	case EACCES:
	case EROFS:
		return ("; choose a path where you may make a socket");
	default:
		return ("");
	}
}

static const char *
cure(int error, sa_family_t family)
{
	if (family == AF_UNIX)
		return (cure_unix(error));
	switch (error) {
	case EADDRINUSE:
		return ("; is a Redis running there? "
		    "choose another with --listen=PORT");
	case EACCES:
		return ("; choose a place or port that you may use "
		    "with --listen=ADDR");
	case EADDRNOTAVAIL:
		return ("; no interface of this machine has that address");
	default:
		return ("");
	}
}

static const char *
unix_path(const struct address *a)
{
	return (((const struct sockaddr_un *)&a->sa)->sun_path);
}

/* Notes down which file our socket is, to remove no other one in the end. */
static void
know_file(struct listener *l)
{
	l->owns_file = lstat(unix_path(&l->address), &l->file) == 0 &&
	    S_ISSOCK(l->file.st_mode);
}

/* While the socket is open its inode's number cannot be another file's. */
static void
remove_file(const struct listener *l)
{
	struct stat st;

	if (lstat(unix_path(&l->address), &st) == 0 &&
	    st.st_dev == l->file.st_dev && st.st_ino == l->file.st_ino)
		unlink(unix_path(&l->address));
}

/*
 * Removes the socket that a process left behind which is gone.  Whether one is
 * there is asked with a socket of another type: that is refused too, but with
 * another error, and who listens there sees no connection.
 */
static void
remove_stale(const struct address *a)
{
	struct stat st;
	int fd;

	if (lstat(unix_path(a), &st) != 0 || !S_ISSOCK(st.st_mode))
		return;
	if ((fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) < 0)
		return;
	if (connect(fd, (const struct sockaddr *)&a->sa, a->len) != 0 &&
	    errno == ECONNREFUSED)
		unlink(unix_path(a));
	close(fd);
}

/* A unix socket has its mode from the beginning.  Nobody else makes files
 * meanwhile whose modes are not spelled out. */
static int
bind_with_mode(int fd, const struct address *a, uint32_t mode)
{
	mode_t before;
	int result;

	if (a->sa.ss_family != AF_UNIX || mode == 0)
		return (bind(fd, (const struct sockaddr *)&a->sa, a->len));
	before = umask(0777 & ~mode);
	result = bind(fd, (const struct sockaddr *)&a->sa, a->len);
	umask(before);
	return (result);
}

/* Sharing: with sockets of ours that are bound there and share too. */
static int
open_socket(struct address *a, uint32_t unix_mode, bool sharing)
{
	char text[ADDRESS_TEXT_MAX];
	int fd, on = 1, error;

	fd = socket(a->sa.ss_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		goto fail;
	if (a->sa.ss_family != AF_UNIX)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (a->sa.ss_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (sharing)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	tcp_prepare(fd);
	if (bind_with_mode(fd, a, unix_mode) != 0 ||
	    listen(fd, LISTENER_BACKLOG) != 0)
		goto fail;
	a->len = sizeof(a->sa);
	getsockname(fd, (struct sockaddr *)&a->sa, &a->len);
	return (fd);

fail:
	error = errno;
	log_error("%s: %s%s", address_text(a, text), strerror(error),
	    cure(error, a->sa.ss_family));
	if (fd >= 0)
		close(fd);
	return (-1);
}

/* A listener without its socket. */
static struct listener *
new_listener(const struct address *address, const struct listener_rules *rules,
    listener_accept_fn accept, void *ctx)
{
	struct listener *l;

	if ((l = calloc(1, sizeof(*l))) == NULL) {
		log_error("out of memory");
		return (NULL);
	}
	l->address = *address;
	l->rules = rules;
	l->accept = accept;
	l->ctx = ctx;
	l->allowed = true;
	return (l);
}

/* Begins to accept from the socket; without one, or without memory, there is
 * no listener either. */
static struct listener *
start(struct listener *l, struct event_base *base, int fd)
{
	if (fd < 0)
		goto no_socket;
	l->timer = evtimer_new(base, on_pause_end, l);
	l->lev = evconnlistener_new(base, on_accept, l,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_DISABLED,
	    0, fd);
	/* Enabled from here: evconnlistener_new() does not say if it cannot. */
	if (l->timer == NULL || l->lev == NULL ||
	    evconnlistener_enable(l->lev) != 0) {
		log_error("out of memory");
		goto no_event;
	}
	evconnlistener_set_error_cb(l->lev, on_error);
	return (l);

no_event:
	if (l->lev != NULL)
		evconnlistener_free(l->lev);
	else
		close(fd);
	if (l->timer != NULL)
		event_free(l->timer);
no_socket:
	free(l);
	return (NULL);
}

struct listener *
listener_open(struct event_base *base, const struct address *address,
    const struct listener_rules *rules, listener_accept_fn accept, void *ctx)
{
	struct listener *l;
	int fd;

	if ((l = new_listener(address, rules, accept, ctx)) == NULL)
		return (NULL);
	if (address->sa.ss_family == AF_UNIX)
		remove_stale(address);
	fd = open_socket(&l->address, rules->unix_mode, false);
	if (fd >= 0 && address->sa.ss_family == AF_UNIX)
		know_file(l);
	return (start(l, base, fd));
}

/* Another descriptor of the same unix socket. */
static int
duplicate(int fd)
{
	int copy;

	if ((copy = fcntl(fd, F_DUPFD_CLOEXEC, 0)) < 0)
		log_error("cannot listen in another thread: %s",
		    strerror(errno));
	return (copy);
}

/* A TCP socket of its own for each: the kernel then spreads the connections.
 * The first one was bound and listened when it did not share yet: only so does
 * it notice that somebody else is there. */
int
listener_share(const struct listener *l)
{
	struct address address = l->address;
	int fd = evconnlistener_get_fd(l->lev), on = 1;

	if (address.sa.ss_family == AF_UNIX)
		return (duplicate(fd));
	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	return (open_socket(&address, 0, true));
}

struct listener *
listener_adopt(struct event_base *base, int fd, const struct address *address,
    const struct listener_rules *rules, listener_accept_fn accept, void *ctx)
{
	struct listener *l;

	if ((l = new_listener(address, rules, accept, ctx)) == NULL) {
		close(fd);
		return (NULL);
	}
	return (start(l, base, fd));
}

const struct address *
listener_address(const struct listener *l)
{
	return (&l->address);
}

void
listener_allow(struct listener *l, bool allowed)
{
	if (l->allowed == allowed)
		return;
	l->allowed = allowed;
	apply(l);
}

void
listener_free(struct listener *l)
{
	if (l == NULL)
		return;
	if (l->owns_file)
		remove_file(l);
	evconnlistener_free(l->lev);
	event_free(l->timer);
	free(l);
}
