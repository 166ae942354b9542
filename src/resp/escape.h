/*
 * The escapes that Redis and redis-cli know inside double quotes.
 */
#ifndef RESP_ESCAPE_H
#define RESP_ESCAPE_H

#include <stdint.h>

/* What a backslash and this byte stand for: \n \r \t \b \a, else the byte
 * itself; \xHH is the caller's. */
uint8_t escape_meaning(uint8_t);

/* The value of a hex digit, or -1. */
int escape_hex(uint8_t);

#endif
