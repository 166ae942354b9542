#include "config.h"

#include "net/tcp.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* After how many quiet seconds a peer is asked whether it is still there: what
 * Redis does by default. */
#define TCP_KEEPALIVE 300

void
tcp_prepare(int fd)
{
	int on = 1, idle = TCP_KEEPALIVE;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	/* An urgent byte is a byte like others: it is to be in the trace. */
	setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
}
