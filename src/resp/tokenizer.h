/*
 * The request side of RESP, token by token.
 *
 *   "*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n"     ->  ARG "ECHO", ARG "hi", END
 *   "ECHO \"hi\"\r\n"                      ->  the same
 *
 * The tokenizer is resumable at any byte, allocates nothing and holds no
 * pointer, so that a copy of it can run ahead.  An argument comes in as many
 * pieces as the input cuts it into, so one of 512 MiB needs no more memory than
 * one of a byte.  The rules, limits and error texts are those of Redis 7.0
 * (networking.c, sds.c's sdssplitargs; measured), with one difference: Redis
 * tests the 64 KiB limit of a line only when a read ends inside it, here it is
 * sharp, so that the same bytes give the same tokens however they are cut.
 */
#ifndef RESP_TOKENIZER_H
#define RESP_TOKENIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOKENIZER_LINE_MAX (64 * 1024)	/* an inline command, a header */
#define TOKENIZER_BULK_MAX (512 * 1024 * 1024)
#define TOKENIZER_ARGS_MAX 2147483647

enum tokenizer_result {
	TOKENIZER_OK,		/* *token is the next one */
	TOKENIZER_MORE,		/* all input is used up */
	TOKENIZER_BAD		/* a rule is broken; final */
};

/* The rules that a client can break, in the order of their texts. */
enum tokenizer_rule {
	RULE_INLINE_SIZE,
	RULE_QUOTES,
	RULE_COUNT_SIZE,
	RULE_COUNT,
	RULE_BULK_SIZE,
	RULE_BULK_MARK,
	RULE_BULK
};

enum token_kind {
	TOKEN_ARG,		/* a piece of an argument, maybe all of it */
	TOKEN_END		/* the command is complete */
};

struct token {
	enum token_kind kind;
	/* ARG only: */
	bool first;		/* the argument begins with this piece */
	bool last;		/* and ends with it */
	const uint8_t *data;	/* into the input, or static */
	size_t len;
	uint32_t size;		/* of the whole argument; 0: not known yet */
};

/* Initialise with tokenizer_init(); of use outside: offset, start, bad_at,
 * is_inline. */
struct tokenizer {
	uint64_t offset;	/* of the next byte, in the stream */
	uint64_t start;		/* of the first byte of this command */
	uint64_t bad_at;	/* of the byte that broke the rule */
	uint64_t number;	/* the header's so far */
	uint32_t args_left;
	uint32_t bulk;		/* size of this bulk string */
	uint32_t bulk_left;
	uint32_t line;		/* bytes of this line so far */
	uint8_t state;
	uint8_t rule;		/* enum tokenizer_rule */
	uint8_t bad_byte;
	uint8_t held;		/* a number's first byte; a hex digit */
	bool negative;
	bool bad;		/* the line breaks `rule` */
	bool open;		/* pieces of an argument have been given */
	bool is_inline;		/* this command, or the one before */
};

void tokenizer_init(struct tokenizer *);

/*
 * Takes bytes from *p on, at most up to end, moves *p past what it took, and
 * returns what they mean.  After TOKENIZER_BAD it takes nothing more.
 */
enum tokenizer_result tokenizer_next(struct tokenizer *, const uint8_t **p,
    const uint8_t *end, struct token *token);

/* Whether the next byte begins a command. */
bool tokenizer_between(const struct tokenizer *);

/* Whether the next byte of an inline command belongs to an argument, or to what
 * spoils one. */
bool tokenizer_in_word(const struct tokenizer *);

/* The longest text that tokenizer_error() writes, with its NUL. */
#define TOKENIZER_ERROR_MAX 64

/*
 * After TOKENIZER_BAD: Redis's text for the broken rule, such as "Protocol
 * error: expected '$', got ':'".  It may hold any byte but CR and LF.
 */
void tokenizer_error(const struct tokenizer *, char text[TOKENIZER_ERROR_MAX]);

/* The rule as one word, such as "invalid-bulk-length"; static. */
const char *tokenizer_rule_name(const struct tokenizer *);

#endif
