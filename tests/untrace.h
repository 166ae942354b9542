/*
 * Turns a text trace of resptap back into the bytes that it tells of.
 */
#ifndef UNTRACE_H
#define UNTRACE_H

/*
 * Reads a trace in the text format from stdin and writes what the strings of
 * its `event` records ("recv" or "send") stand for: to DIR/N (appended) for
 * connection N, or, when dir is NULL, all to stdout in the trace's order.
 * Returns 0, or -1 after one line on stderr that names the trace's line.
 */
int untrace(const char *dir, const char *event);

#endif
