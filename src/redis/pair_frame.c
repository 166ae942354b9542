#include "config.h"

#include "redis/pair_frame.h"

#include <string.h>

bool
pair_frame_is_line(const struct pair_string *s, const char *text)
{
	return (s->size == strlen(text) && memcmp(s->data, text, s->len) == 0);
}

bool
pair_frame_is_text(const struct pair_string *s, uint8_t type, const char *text)
{
	return (s->type == type && pair_frame_is_line(s, text));
}

bool
pair_frame_is_status(const struct pair_frame *f, const char *text)
{
	return (f->type == REPLY_STATUS &&
	    pair_frame_is_text(&f->s[0], REPLY_STATUS, text));
}

bool
pair_frame_is_error(const struct pair_frame *f)
{
	return (f->type == REPLY_ERROR || f->type == REPLY_BLOB_ERROR);
}

bool
pair_frame_begins_with(const struct pair_frame *f, const char *text)
{
	size_t len = strlen(text);

	return (f->type == REPLY_ERROR && f->s[0].len >= len &&
	    memcmp(f->s[0].data, text, len) == 0);
}

bool
pair_frame_is_argument(const struct pair_string *s,
    const struct pair_entry *e, uint32_t i)
{
	uint64_t hash = i < pair_queue_more(e)->nhashes ?
	    pair_queue_hashes(e)[i] : 0;

	return (s->type == REPLY_BULK && (hash == 0 ||
	    hash == pair_queue_hash(s->data, s->len, s->size)));
}

uint32_t
pair_frame_number(const struct pair_string *s)
{
	uint32_t n = 0;
	uint8_t i;

	for (i = 0; i < s->len && n <= UINT32_MAX / 10 - 1; i++)
		n = n * 10 + s->data[i] - '0';
	return (n);
}

enum pair_name
pair_frame_confirms(const struct pair_frame *f)
{
	static const char *const words[] = { "subscribe", "psubscribe",
		"ssubscribe", "unsubscribe", "punsubscribe", "sunsubscribe" };
	size_t i;

	if ((f->type != REPLY_PUSH && f->type != REPLY_ARRAY) ||
	    f->count != 3 || f->s[2].type != REPLY_INTEGER)
		return (PAIR_OTHER);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (pair_frame_is_text(&f->s[0], REPLY_BULK, words[i]))
			return ((enum pair_name)(PAIR_SUBSCRIBE + i));
	return (PAIR_OTHER);
}

bool
pair_frame_is_message(const struct pair_frame *f)
{
	const struct pair_string *s = &f->s[0];

	return ((f->count == 3 &&
	    (pair_frame_is_text(s, REPLY_BULK, "message") ||
	    pair_frame_is_text(s, REPLY_BULK, "smessage"))) ||
	    (f->count == 4 && pair_frame_is_text(s, REPLY_BULK, "pmessage")));
}

bool
pair_frame_is_monitored(const struct pair_string *s)
{
	size_t i = 0;

	while (i < s->len && (s->data[i] == '.' ||
	    (s->data[i] >= '0' && s->data[i] <= '9')))
		i++;
	return (i > 0 && i + 1 < s->len && memcmp(s->data + i, " [", 2) == 0);
}

uint8_t
pair_frame_protocol(const struct pair_frame *f)
{
	if (memchr("%~_,#(=!>|", f->byte, 10) != NULL)
		return (3);
	if (f->type == REPLY_NULL || (f->type == REPLY_ARRAY &&
	    pair_frame_confirms(f) != PAIR_OTHER))
		return (2);
	return (0);
}
