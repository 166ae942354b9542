#include "config.h"

#include "trace/clock.h"

#include <string.h>

/* ".000000" */
#define MICROS_LEN 7

static uint8_t *
put_micros(uint8_t *o, long nsec)
{
	*o = '.';
	bytes_put_digits(o + 1, MICROS_LEN - 1, (uint32_t)nsec / 1000);
	return (o + MICROS_LEN);
}

/* The wall clock may have been set back: then the difference is negative. */
static uint8_t *
put_delta(struct clock *c, struct timespec when, uint8_t *o)
{
	int64_t ns = 0;

	if (c->last.tv_sec != 0)
		ns = (int64_t)(when.tv_sec - c->last.tv_sec) * 1000000000 +
		    (when.tv_nsec - c->last.tv_nsec);
	c->last = when;
	*o++ = ns < 0 ? '-' : '+';
	if (ns < 0)
		ns = -ns;
	o = bytes_put_uint(o, (uint64_t)(ns / 1000000000));
	return (put_micros(o, (long)(ns % 1000000000)));
}

/* Spelling out a time is slow: once a second is enough. */
static void
spell_second(struct clock *c, enum time_style style, time_t second)
{
	struct tm tm;

	if (style == TIME_ISO)
		c->len = strftime(c->text, sizeof(c->text), "%Y-%m-%dT%H:%M:%S",
		    gmtime_r(&second, &tm));
	else
		c->len = strftime(c->text, sizeof(c->text), "%H:%M:%S",
		    localtime_r(&second, &tm));
	c->second = second;
}

static uint8_t *
put_second(struct clock *c, enum time_style style, struct timespec when,
    uint8_t *o)
{
	if (c->len == 0 || c->second != when.tv_sec) {
		spell_second(c, style, when.tv_sec);
		c->nsec = -1;
	}
	/* Records of one turn have one time. */
	if (c->nsec != when.tv_nsec) {
		put_micros((uint8_t *)c->text + c->len, when.tv_nsec);
		c->nsec = when.tv_nsec;
	}
	/* All of the text, whatever its length: that is quicker. */
	memcpy(o, c->text, sizeof(c->text));
	return (o + c->len + MICROS_LEN);
}

void
clock_add_iso(struct clock *c, struct timespec when, struct bytes *out)
{
	uint8_t *o = bytes_reserve(out, CLOCK_MAX);

	if (o == NULL)
		return;
	o = put_second(c, TIME_ISO, when, o);
	*o++ = 'Z';
	out->len = (size_t)(o - out->data);
}

uint8_t *
clock_put(struct clock *c, enum time_style style, struct timespec when,
    uint8_t *o)
{
	switch (style) {
	case TIME_NONE:
		return (o);
	case TIME_DELTA:
		o = put_delta(c, when, o);
		break;
	case TIME_EPOCH:
		o = bytes_put_uint(o, (uint64_t)when.tv_sec);
		o = put_micros(o, when.tv_nsec);
		break;
	case TIME_CLOCK:
		o = put_second(c, style, when, o);
		break;
	case TIME_ISO:
		o = put_second(c, style, when, o);
		*o++ = 'Z';
		break;
	}
	*o++ = ' ';
	return (o);
}

void
clock_add(struct clock *c, enum time_style style, struct timespec when,
    struct bytes *out)
{
	uint8_t *o = bytes_reserve(out, CLOCK_MAX);

	if (o != NULL)
		out->len = (size_t)(clock_put(c, style, when, o) - out->data);
}
