/*
 * What all sockets that carry Redis have in common.
 */
#ifndef NET_TCP_H
#define NET_TCP_H

/*
 * Sets them on a socket that connects or listens: accepted ones have them from
 * the one that listened, as Linux does it, at no cost.  A unix socket takes no
 * notice of it.
 */
void tcp_prepare(int fd);

#endif
