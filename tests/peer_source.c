#include "peer_source.h"

#include <endian.h>
#include <string.h>
#include <unistd.h>

void
source_repeat(struct source *s, const uint8_t *pattern, size_t len,
    uint64_t times)
{
	size_t tiles = len == 0 ? 0 : SOURCE_PATTERN / len;

	s->fd = -1;
	s->at = 0;
	s->left = len * times;
	s->bytes = pattern;
	s->len = len;
	/* A byte at a time would take a second for 500 MB. */
	if (tiles > 1 && times > 1) {
		for (size_t i = 0; i < tiles; i++)
			memcpy(s->tiled + i * len, pattern, len);
		s->bytes = s->tiled;
		s->len = tiles * len;
	}
}

void
source_file(struct source *s, int fd, uint64_t times)
{
	s->fd = fd;
	s->times = times;
}

/* The generator is xorshift64*, its seed spread by splitmix64. */
uint64_t
source_seed(uint64_t seed)
{
	uint64_t z = seed + 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	z ^= z >> 31;
	return (z == 0 ? 1 : z);
}

uint64_t
source_number(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (*state * 0x2545f4914f6cdd1d);
}

void
source_random(struct source *s, uint64_t n, uint64_t seed)
{
	s->state = source_seed(seed);
	s->fd = -1;
	s->bytes = NULL;
	s->have = 0;
	s->left = n;
}

static void
fill_random(struct source *s, uint8_t *buf, size_t n)
{
	size_t k;

	for (; n > 0; buf += k, n -= k) {
		if (s->have == 0) {
			s->word = htole64(source_number(&s->state));
			s->have = sizeof(s->word);
		}
		k = n < s->have ? n : s->have;
		memcpy(buf, (uint8_t *)&s->word + sizeof(s->word) - s->have,
		    k);
		s->have -= k;
	}
}

static void
fill_pattern(struct source *s, uint8_t *buf, size_t n)
{
	size_t k;

	for (; n > 0; buf += k, n -= k) {
		k = s->len - s->at;
		k = k < n ? k : n;
		memcpy(buf, s->bytes + s->at, k);
		s->at = (s->at + k) % s->len;
	}
}

/* Fills the buffer, so that equal bytes come in equal pieces. */
static ssize_t
read_file(struct source *s, uint8_t *buf, size_t cap)
{
	size_t len = 0;
	ssize_t n;

	while (len < cap && s->times > 0) {
		if ((n = read(s->fd, buf + len, cap - len)) == -1)
			return (-1);
		len += (size_t)n;
		if (n == 0 && --s->times > 0 && lseek(s->fd, 0, SEEK_SET) == -1)
			return (-1);
	}
	return ((ssize_t)len);
}

ssize_t
source_read(struct source *s, uint8_t *buf, size_t cap)
{
	size_t n;

	if (s->fd != -1)
		return (read_file(s, buf, cap));
	n = cap < s->left ? cap : (size_t)s->left;
	if (s->bytes == NULL)
		fill_random(s, buf, n);
	else
		fill_pattern(s, buf, n);
	s->left -= n;
	return ((ssize_t)n);
}
