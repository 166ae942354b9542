/*
 * Sets of IP addresses: "10.0.0.0/8", "fe80::/10", "::1".
 */
#ifndef BASE_CIDR_H
#define BASE_CIDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An IPv4 address is kept as a v4-mapped one: ::ffff:1.2.3.4. */
#define CIDR_ADDRESS 16

struct cidr {
	uint8_t address[CIDR_ADDRESS];
	uint8_t bits;		/* of the prefix, in an IPv6 address */
};

#define CIDR_LIST_MAX 64

/* All zeros is empty. */
struct cidr_list {
	struct cidr v[CIDR_LIST_MAX];
	size_t n;
};

/* Reads an address of either family; false: it is none.  A zone ("%eth0") does
 * not count. */
bool cidr_read_address(const char *text, size_t len,
    uint8_t address[CIDR_ADDRESS]);

/* The same of four bytes. */
void cidr_map(const uint8_t v4[4], uint8_t address[CIDR_ADDRESS]);

/*
 * Reads ADDRESS or ADDRESS/BITS.  False: there is no address.  Else *wrong is
 * NULL, or what is wrong with the bits: a static string.
 */
bool cidr_read(struct cidr *, const char *text, size_t len,
    const char **wrong);

/* Whether the address is in the set; one of IPv4 is in none of IPv6. */
bool cidr_has(const struct cidr *, const uint8_t address[CIDR_ADDRESS]);

/*
 * Adds sets with commas between.  Returns NULL, or what is wrong, a static
 * string, with the set at fault in *bad (its length in *badlen; it points into
 * text).
 */
const char *cidr_list_add(struct cidr_list *, const char *text,
    const char **bad, int *badlen);

bool cidr_list_has(const struct cidr_list *,
    const uint8_t address[CIDR_ADDRESS]);

#endif
