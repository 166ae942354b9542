/*
 * Turns a text trace of resptap back into the bytes that it tells of.
 */
#ifndef UNTRACE_H
#define UNTRACE_H

#include <stdint.h>
#include <stdio.h>

/*
 * Reads a trace in the text format from stdin and writes what the strings of
 * its `event` records ("recv" or "send") stand for: to DIR/N (appended) for
 * connection N, or, when dir is NULL, all to stdout in the trace's order.
 * Returns 0, or -1 after one line on stderr that names the trace's line.
 */
int untrace(const char *dir, const char *event);

/*
 * The same for one line, which ends in a newline and a NUL: where the body of
 * its `event` record starts, with the connection's number in *conn; NULL: the
 * line is another record.
 */
char *untrace_body(char *line, const char *event, uint64_t *conn);

/* Writes the bytes that such a body stands for, decoding it in place.  Returns
 * NULL, or what is wrong with it; static. */
const char *untrace_write(char *body, FILE *f);

#endif
