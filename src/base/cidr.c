#include "config.h"

#include "base/cidr.h"

#include <arpa/inet.h>
#include <string.h>

#define MAPPED_LEN 12
static const uint8_t mapped[MAPPED_LEN] = { [10] = 0xff, [11] = 0xff };

static bool
is_mapped(const uint8_t address[CIDR_ADDRESS])
{
	return (memcmp(address, mapped, MAPPED_LEN) == 0);
}

void
cidr_map(const uint8_t v4[4], uint8_t address[CIDR_ADDRESS])
{
	memcpy(address, mapped, MAPPED_LEN);
	memcpy(address + MAPPED_LEN, v4, 4);
}

bool
cidr_read_address(const char *text, size_t len, uint8_t address[CIDR_ADDRESS])
{
	char copy[INET6_ADDRSTRLEN];
	const char *zone = memchr(text, '%', len);

	if (zone != NULL)
		len = (size_t)(zone - text);
	if (len >= sizeof(copy))
		return (false);
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (inet_pton(AF_INET6, copy, address) == 1)
		return (true);
	memcpy(address, mapped, MAPPED_LEN);
	return (inet_pton(AF_INET, copy, address + MAPPED_LEN) == 1);
}

/* The number of bits behind the slash; -1: it is none. */
static int
read_bits(const char *p, const char *end, int most)
{
	int n = 0;

	if (p == end)
		return (-1);
	for (; p < end; p++) {
		if (*p < '0' || *p > '9' || (n = n * 10 + (*p - '0')) > most)
			return (-1);
	}
	return (n);
}

bool
cidr_read(struct cidr *c, const char *text, size_t len, const char **wrong)
{
	const char *end = text + len, *slash = memchr(text, '/', len);
	size_t n = slash != NULL ? (size_t)(slash - text) : len;
	bool v4 = memchr(text, ':', n) == NULL;
	int most = v4 ? 32 : 128, bits;

	*wrong = NULL;
	if (!cidr_read_address(text, n, c->address))
		return (false);
	bits = slash == NULL ? most : read_bits(slash + 1, end, most);
	if (bits < 0)
		*wrong = v4 ? "an IPv4 address has 0 to 32 bits; "
		    "write 10.0.0.0/8" : "an IPv6 address has 0 to "
		    "128 bits; write fe80::/10";
	c->bits = (uint8_t)(v4 ? bits + 8 * MAPPED_LEN : bits);
	return (true);
}

bool
cidr_has(const struct cidr *c, const uint8_t address[CIDR_ADDRESS])
{
	size_t whole = c->bits / 8;
	uint8_t mask = (uint8_t)(0xff00 >> c->bits % 8);

	if (is_mapped(address) != is_mapped(c->address))
		return (false);
	return (memcmp(address, c->address, whole) == 0 && (mask == 0 ||
	    ((address[whole] ^ c->address[whole]) & mask) == 0));
}

const char *
cidr_list_add(struct cidr_list *l, const char *text, const char **bad,
    int *badlen)
{
	const char *wrong;
	size_t len;

	for (;; text += len + 1) {
		len = strcspn(text, ",");
		*bad = text;
		*badlen = (int)len;
		if (l->n == CIDR_LIST_MAX)
			return ("one too many; at most 64 can be given");
		if (!cidr_read(&l->v[l->n], text, len, &wrong))
			return ("not an address; "
			    "write 10.0.0.0/8, fe80::/10 or ::1");
		if (wrong != NULL)
			return (wrong);
		l->n++;
		if (text[len] == '\0')
			return (NULL);
	}
}

bool
cidr_list_has(const struct cidr_list *l, const uint8_t address[CIDR_ADDRESS])
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (cidr_has(&l->v[i], address))
			return (true);
	return (false);
}
