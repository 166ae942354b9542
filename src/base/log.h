/*
 * Diagnostics: lines on stderr, apart from the trace.  Any thread may log.
 *
 * None of these waits: 64 KiB are kept for a pipe, socket or terminal that
 * takes nothing, and written by a thread when it does; what comes then is lost
 * and counted.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

struct bytes;

/* -1: errors only; 0: what a user wants to know; 1: details. */
void log_set_verbosity(int);

/*
 * Each writes "resptap: " and one line, whatever bytes the arguments hold:
 * what is not printable ASCII is written as \xHH.
 */
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Writes text of several lines as it is; nothing in it may need escaping. */
void log_text(const struct bytes *);

/* Call it once before the process ends: waits a quarter of a second at most
 * for what is kept. */
void log_end(void);

#endif
