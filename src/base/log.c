#include "config.h"

#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"

#define LOG_LINE_MAX 1024

static int verbosity;

void
log_set_verbosity(int v)
{
	verbosity = v;
}

/* One write(2) a line, so that lines of several threads do not mix. */
static void __attribute__((format(printf, 1, 0)))
log_line(const char *fmt, va_list ap)
{
	char text[LOG_LINE_MAX];
	struct bytes line = { 0 };
	const char *p;
	ssize_t n;

	vsnprintf(text, sizeof(text), fmt, ap);
	bytes_add_string(&line, "resptap: ");
	for (p = text; *p != '\0'; p++) {
		if (*p >= ' ' && *p <= '~')
			bytes_add(&line, p, 1);
		else
			bytes_addf(&line, "\\x%02x", (unsigned char)*p);
	}
	bytes_add(&line, "\n", 1);
	n = write(STDERR_FILENO, line.data, line.len);
	(void)n;	/* there is nobody left to tell */
	bytes_free(&line);
}

void
log_text(const struct bytes *text)
{
	ssize_t n = write(STDERR_FILENO, text->data, text->len);

	(void)n;	/* there is nobody left to tell */
}

void
log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_line(fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	if (verbosity < 0)
		return;
	va_start(ap, fmt);
	log_line(fmt, ap);
	va_end(ap);
}

void
log_debug(const char *fmt, ...)
{
	va_list ap;

	if (verbosity < 1)
		return;
	va_start(ap, fmt);
	log_line(fmt, ap);
	va_end(ap);
}
