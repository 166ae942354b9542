/*
 * Writers of RESP values.  Those whose form differs between RESP2 and RESP3
 * are told which one it is to be.
 */
#ifndef STUB_STUB_REPLY_H
#define STUB_STUB_REPLY_H

#include "base/bytes.h"
#include "redis/command.h"

/* The text must be without CR and LF; an error's begins with its code. */
void stub_reply_status(struct bytes *, const char *text);
void stub_reply_error(struct bytes *, const char *text);

/* The same of a format whose arguments may hold anything: CR and LF in them
 * become spaces. */
void stub_reply_errorf(struct bytes *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

void stub_reply_integer(struct bytes *, int64_t);
void stub_reply_bulk(struct bytes *, const void *data, size_t len);
void stub_reply_string(struct bytes *, const char *);

/* $-1, and *-1; in RESP3 both are the same. */
void stub_reply_null(struct bytes *, uint8_t resp);
void stub_reply_null_array(struct bytes *, uint8_t resp);

/* Heads of aggregates of n elements; a map has n pairs. */
void stub_reply_array(struct bytes *, size_t n);
void stub_reply_map(struct bytes *, uint8_t resp, size_t n);
void stub_reply_set(struct bytes *, uint8_t resp, size_t n);
void stub_reply_push(struct bytes *, uint8_t resp, size_t n);

/* In RESP2 a bulk. */
void stub_reply_text(struct bytes *, uint8_t resp, const void *data,
    size_t len);

/*
 * What a kind of reply stands for.  n: command_elements(), for the kinds that
 * have an element for each argument.
 */
void stub_reply_kind(struct bytes *, uint8_t resp, enum command_reply,
    uint32_t n);

#endif
