#include "config.h"

#include "trace/clock.h"

#include <string.h>

/* ".000000" */
#define MICROS_LEN 7

static void
spell_micros(uint8_t *p, long nsec)
{
	*p = '.';
	bytes_put_digits(p + 1, MICROS_LEN - 1, (uint32_t)nsec / 1000);
}

static void
add_micros(struct bytes *out, long nsec)
{
	uint8_t *p = bytes_reserve(out, MICROS_LEN);

	if (p == NULL)
		return;
	spell_micros(p, nsec);
	out->len += MICROS_LEN;
}

/* The wall clock may have been set back: then the difference is negative. */
static void
add_delta(struct clock *c, struct timespec when, struct bytes *out)
{
	int64_t ns = 0;

	if (c->last.tv_sec != 0)
		ns = (int64_t)(when.tv_sec - c->last.tv_sec) * 1000000000 +
		    (when.tv_nsec - c->last.tv_nsec);
	bytes_add(out, ns < 0 ? "-" : "+", 1);
	if (ns < 0)
		ns = -ns;
	bytes_add_uint(out, (uint64_t)(ns / 1000000000));
	add_micros(out, (long)(ns % 1000000000));
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

static void
add_second(struct clock *c, enum time_style style, struct timespec when,
    struct bytes *out)
{
	uint8_t *o;

	if (c->len == 0 || c->second != when.tv_sec) {
		spell_second(c, style, when.tv_sec);
		c->nsec = -1;
	}
	/* Records of one turn have one time. */
	if (c->nsec != when.tv_nsec) {
		spell_micros((uint8_t *)c->text + c->len, when.tv_nsec);
		c->nsec = when.tv_nsec;
	}
	/* All of the text, whatever its length: that is quicker. */
	if ((o = bytes_reserve(out, sizeof(c->text))) == NULL)
		return;
	memcpy(o, c->text, sizeof(c->text));
	out->len += c->len + MICROS_LEN;
}

void
clock_add_iso(struct clock *c, struct timespec when, struct bytes *out)
{
	add_second(c, TIME_ISO, when, out);
	bytes_add(out, "Z", 1);
}

void
clock_add(struct clock *c, enum time_style style, struct timespec when,
    struct bytes *out)
{
	switch (style) {
	case TIME_NONE:
		return;
	case TIME_DELTA:
		add_delta(c, when, out);
		c->last = when;
		break;
	case TIME_EPOCH:
		bytes_add_uint(out, (uint64_t)when.tv_sec);
		add_micros(out, when.tv_nsec);
		break;
	case TIME_CLOCK:
		add_second(c, style, when, out);
		break;
	case TIME_ISO:
		clock_add_iso(c, when, out);
		break;
	}
	bytes_add(out, " ", 1);
}
