/*
 * The tokenizer of requests: Redis's rules, however the input is cut.
 *
 * What it gives is written down as text: "[ECHO][hi]." is a command of two
 * arguments, "[EC" the beginning of one.  Other bytes than printable ones, and
 * brackets and backslashes, stand there as \xHH, an argument of more than 100
 * equal bytes as [65536 of a].
 */
#include "config.h"

#include "resp/tokenizer.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))

#define LINE TOKENIZER_LINE_MAX
#define NO_RULE (-1)

struct vector {
	const char *in;
	size_t len;
	const char *out;
	int rule;		/* that it breaks: enum tokenizer_rule */
	uint64_t at;		/* of the byte that broke it */
	uint8_t byte;		/* that byte */
	uint64_t eaten;		/* bytes taken before it was found out */
};

#define GOOD(in, out) { in, sizeof(in) - 1, out, NO_RULE, 0, 0, 0 }
#define BAD(in, out, rule, at, byte, eaten)				\
	{ in, sizeof(in) - 1, out, rule, at, byte, eaten }
#define COMMAND(name) "*1\r\n$4\r\n" name "\r\n"

/* Each begins with a vector that shows the ordinary case. */
static const struct vector vectors[] = {
	/* Inline: words and blanks. */
	GOOD("ECHO hi\r\n", "[ECHO][hi]."),
	GOOD("PING\n", "[PING]."),
	GOOD("PING\r\n", "[PING]."),
	GOOD("PING\r", "[PING]"),
	GOOD("PI", "[PI"),
	GOOD("a b\tc  \t d\n", "[a][b][c][d]."),
	GOOD(" \t PING \t \r\n", "[PING]."),
	GOOD("\v\fPING \v\fx\r\n", "[PING][x]."),
	GOOD("a\vb\fc\r\n", "[a\\x0bb\\x0cc]."),
	GOOD("a\v\f\r\n", "[a\\x0b\\x0c]."),
	GOOD("a\rb\n", "[a][b]."),
	GOOD("a\r\r\n", "[a]."),
	GOOD("\r\ra\n", "[a]."),
	GOOD("a \r b\r \n", "[a][b]."),
	GOOD("\x80\xff \x85 \xa0\n", "[\\x80\\xff][\\x85][\\xa0]."),
	GOOD("\x01\x7f\x1b\n", "[\\x01\\x7f\\x1b]."),
	GOOD("GET / HTTP/1.1\r\nHost: x\r\n\r\n",
	    "[GET][/][HTTP/1.1].[Host:][x].."),
	/* Inline: lines of blanks are commands without arguments. */
	GOOD("\r\nPING\r\n", ".[PING]."),
	GOOD("\n", "."),
	GOOD("\n\n\r\n", "..."),
	GOOD(" \t\v\f\r \r\n", "."),
	GOOD(" ", ""),
	GOOD("\r", ""),
	/* Inline: what looks like an array but does not begin like one. */
	GOOD(" *1\r\n$4\r\nPING\r\n", "[*1].[$4].[PING]."),
	GOOD("$4\r\n", "[$4]."),
	GOOD("-ERR x\r\n", "[-ERR][x]."),
	GOOD("a *1\n", "[a][*1]."),
	/* Inline: double quotes. */
	GOOD("\"a b\" c\n", "[a b][c]."),
	GOOD("\"\"\n", "[]."),
	GOOD("a \"\" \"\"\r\n", "[a][][]."),
	GOOD("\"'\"\n", "[']."),
	GOOD("\"a\tb\vc\rd\"\n", "[a\\x09b\\x0bc\\x0dd]."),
	GOOD("a\"b c\" d\n", "[ab c][d]."),
	GOOD("a\"\" b\n", "[a][b]."),
	GOOD("\"a\"\r\n", "[a]."),
	GOOD("\"a\"\rb\n", "[a][b]."),
	GOOD("\"a\"\vb\n", "[a][b]."),
	GOOD("\"a\"\fb\n", "[a][b]."),
	GOOD("\"a\"\tb\n", "[a][b]."),
	GOOD("\"a", "[a"),
	GOOD("\"a\"", "[a]"),
	/* Inline: escapes in double quotes. */
	GOOD("\"\\n\\r\\t\\b\\a\"\n", "[\\x0a\\x0d\\x09\\x08\\x07]."),
	GOOD("\"\\\\\\\"\\q\\0\\v\\'\"\n", "[\\x5c\"q0v']."),
	GOOD("a\"b\\nc\"\n", "[ab\\x0ac]."),
	GOOD("\"\\x41\\x6a\\x4B\\xfF\\x00\"\n", "[AjK\\xff\\x00]."),
	GOOD("\"\\x411\"\n", "[A1]."),
	GOOD("\"\\x4\" b\n", "[x4][b]."),
	GOOD("\"\\x4g\"\n", "[x4g]."),
	GOOD("\"\\x4\\x41\"\n", "[x4A]."),
	GOOD("\"\\x4\\\"b\"\n", "[x4\"b]."),
	GOOD("\"\\x4 b\"\n", "[x4 b]."),
	GOOD("\"\\x\"\n", "[x]."),
	GOOD("\"\\xg1\"\n", "[xg1]."),
	GOOD("\"\\x\\x41\"\n", "[xA]."),
	GOOD("\"\\x\\\"b\"\n", "[x\"b]."),
	GOOD("\"\\\\x41\"\n", "[\\x5cx41]."),
	GOOD("\"\\X41\"\n", "[X41]."),
	GOOD("\"\\x", ""),
	GOOD("\"\\x4", ""),
	/* Inline: single quotes, where only \' is an escape. */
	GOOD("'a b' c\n", "[a b][c]."),
	GOOD("''\n", "[]."),
	GOOD("'\"'\n", "[\"]."),
	GOOD("'a\\'b'\n", "[a'b]."),
	GOOD("'\\''\n", "[']."),
	GOOD("'\\n\\x41\\q'\n", "[\\x5cn\\x5cx41\\x5cq]."),
	GOOD("'\\\\\\'b'\n", "[\\x5c\\x5c'b]."),
	GOOD("a'b c'\n", "[ab c]."),
	GOOD("'a'\vb\n", "[a][b]."),
	GOOD("'\\", ""),
	/* Inline: a backslash outside quotes is a byte. */
	GOOD("a\\nb\\x41 \\\n", "[a\\x5cnb\\x5cx41][\\x5c]."),
	GOOD("\\\"a\" b\n", "[\\x5ca][b]."),
	/* Inline: quotes that are wrong. */
	BAD("\"a\"b\r\n", "[a]", RULE_QUOTES, 3, 'b', 5),
	BAD("'a'b\n", "[a]", RULE_QUOTES, 3, 'b', 4),
	BAD("\"a\"\"b\"\n", "[a]", RULE_QUOTES, 3, '"', 6),
	BAD("'a''b'\n", "[a]", RULE_QUOTES, 3, '\'', 6),
	BAD("a\"b\"'c'\n", "[ab]", RULE_QUOTES, 4, '\'', 7),
	BAD("x \"a\"\\ b 'c\n", "[x][a]", RULE_QUOTES, 5, '\\', 11),
	BAD("\"\"\x80\n", "[]", RULE_QUOTES, 2, 0x80, 3),
	BAD("\"a'\n", "[a'", RULE_QUOTES, 3, '\n', 3),
	BAD("\"a\r\n", "[a\\x0d", RULE_QUOTES, 3, '\n', 3),
	BAD("'a\"\n", "[a\"", RULE_QUOTES, 3, '\n', 3),
	BAD("a\"\n", "[a", RULE_QUOTES, 2, '\n', 2),
	BAD("\"\n", "", RULE_QUOTES, 1, '\n', 1),
	BAD("'\n", "", RULE_QUOTES, 1, '\n', 1),
	BAD("\"a\\\"\n", "[a\"", RULE_QUOTES, 4, '\n', 4),
	BAD("\"a\\\n", "[a", RULE_QUOTES, 3, '\n', 3),
	BAD("'a\\\n", "[a", RULE_QUOTES, 3, '\n', 3),
	BAD("'a\\'\n", "[a'", RULE_QUOTES, 4, '\n', 4),
	BAD("'a\\\\'\n", "[a\\x5c'", RULE_QUOTES, 5, '\n', 5),
	BAD("\"\\x\n", "", RULE_QUOTES, 3, '\n', 3),
	BAD("\"\\x4\n", "", RULE_QUOTES, 4, '\n', 4),
	BAD("\\\"a\\\"\n", "[\\x5ca\"", RULE_QUOTES, 5, '\n', 5),
	BAD("PING\r\nSET k \"v\r\nPING\r\n", "[PING].[SET][k][v\\x0d",
	    RULE_QUOTES, 15, '\n', 15),
	GOOD("\"a\"b c", "[a]"),
	/* A NUL hides the end of the line: it may be long before it is bad. */
	GOOD("\0", ""),
	GOOD("\0\r\nPING\r\n", ""),
	GOOD("PING\0\r\nPING\r\n", "[PING"),
	GOOD("PING \0\n", "[PING]"),
	GOOD("\"a\0b\"\n", "[a"),
	GOOD("\"\\\0\"\n", ""),
	GOOD("\"\\x\0\"\n", ""),
	GOOD("\"\\x4\0\"\n", ""),
	GOOD("'a\0b'\n", "[a"),
	GOOD("'\\\0'\n", ""),
	GOOD("\"a\"\0\n", "[a]"),
	GOOD("\"a\"b\0\n", "[a]"),
	GOOD("*\0", ""),
	GOOD("*\0" "1\r\n$4\r\nPING\r\n", ""),
	GOOD("*1\0\r\n$4\r\nPING\r\n", ""),
	GOOD("*1\r\n\0$4\r\nPING\r\n", ""),
	GOOD("*1\r\n$\0\r\nPING\r\n", ""),
	GOOD("*1\r\n$4\0\r\nPING\r\n", ""),
	GOOD("*x\0\r\n", ""),
	GOOD("*1\r\nx\0\r\n", ""),
	GOOD("*1\r\0$4\r\0PING\0\0PING\n", "[PING].[PING]."),
	GOOD("*1\r\n$4\r\n\0\0\0\0\r\n", "[\\x00\\x00\\x00\\x00]."),
	/* Arrays. */
	GOOD("*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n", "[ECHO][hi]."),
	GOOD(COMMAND("PING"), "[PING]."),
	GOOD("*1\r\n$4\r\nPI", "[PI"),
	GOOD("*1\r\n$4\r\nPING", "[PING]"),
	GOOD("*1\r\n$4\r\nPING\r", "[PING]"),
	GOOD("*2\r\n$1\r\na\r\n", "[a]"),
	GOOD("*1\r\n", ""),
	GOOD("*1\r", ""),
	GOOD("*", ""),
	GOOD("*10\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n$1\r\nd\r\n$1\r\ne\r\n"
	    "$1\r\nf\r\n$1\r\ng\r\n$1\r\nh\r\n$1\r\ni\r\n$10\r\n"
	    "abcdefghij\r\n", "[a][b][c][d][e][f][g][h][i][abcdefghij]."),
	GOOD("*1\r\n$12\r\n\r\n\"' \\*1\r\n\xff\x80\r\n",
	    "[\\x0d\\x0a\"' \\x5c*1\\x0d\\x0a\\xff\\x80]."),
	/* Arrays: counts that mean nothing is asked. */
	GOOD("*0\r\nPING\r\n", ".[PING]."),
	GOOD("*-1\r\nPING\r\n", ".[PING]."),
	GOOD("*-10\r\nPING\r\n", ".[PING]."),
	GOOD("*-9223372036854775808\r\nPING\r\n", ".[PING]."),
	GOOD("*0\r**0\r**0\r*", "..."),
	GOOD("*-1\r\n" COMMAND("PING") "*-10\r\n" COMMAND("PONG"),
	    ".[PING]..[PONG]."),
	GOOD("*0\r\n*0\r\n\r\n*-1\r\n", "...."),
	/* Arrays: counts up to the limit. */
	GOOD("*2147483647\r\n", ""),
	GOOD("*2147483647\r\n$1\r\na\r\n", "[a]"),
	GOOD("*1048576\r\n", ""),
	BAD("*2147483648\r\n", "", RULE_COUNT, 1, '2', 13),
	BAD("*3000000000\r\n", "", RULE_COUNT, 1, '3', 13),
	BAD("*4294967297\r\n", "", RULE_COUNT, 1, '4', 13),
	BAD("*9223372036854775807\r\n", "", RULE_COUNT, 1, '9', 22),
	BAD("*9223372036854775808\r\n", "", RULE_COUNT, 19, '8', 22),
	BAD("*-9223372036854775809\r\n", "", RULE_COUNT, 20, '9', 23),
	BAD("*18446744073709551617\r\n", "", RULE_COUNT, 20, '7', 23),
	BAD("*99999999999999999999\r\n", "", RULE_COUNT, 19, '9', 23),
	/* Arrays: counts that are no numbers. */
	BAD("*\r\n", "", RULE_COUNT, 1, '\r', 3),
	BAD("*-\r\n", "", RULE_COUNT, 2, '\r', 4),
	BAD("*+1\r\n", "", RULE_COUNT, 1, '+', 5),
	BAD("*-0\r\n", "", RULE_COUNT, 2, '0', 5),
	BAD("*-01\r\n", "", RULE_COUNT, 2, '0', 6),
	BAD("*00\r\n", "", RULE_COUNT, 2, '0', 5),
	BAD("*01\r\n", "", RULE_COUNT, 2, '1', 5),
	BAD("*0-\r\n", "", RULE_COUNT, 2, '-', 5),
	BAD("*--1\r\n", "", RULE_COUNT, 2, '-', 6),
	BAD("*1-\r\n", "", RULE_COUNT, 2, '-', 5),
	BAD("* 1\r\n", "", RULE_COUNT, 1, ' ', 5),
	BAD("*1 \r\n", "", RULE_COUNT, 2, ' ', 5),
	BAD("*blabla\r\n", "", RULE_COUNT, 1, 'b', 9),
	BAD("*1x\r\n", "", RULE_COUNT, 2, 'x', 5),
	BAD("*1/\r\n", "", RULE_COUNT, 2, '/', 5),
	BAD("*1:\r\n", "", RULE_COUNT, 2, ':', 5),
	BAD("*1.0\r\n", "", RULE_COUNT, 2, '.', 6),
	BAD("*\n1\r\n", "", RULE_COUNT, 1, '\n', 5),
	BAD("*1\n$4\r\nPING\r\n", "", RULE_COUNT, 2, '\n', 7),
	BAD("*x\rPING\r\n", "", RULE_COUNT, 1, 'x', 4),
	BAD(COMMAND("PING") "*?\r\n", "[PING].", RULE_COUNT, 15, '?', 18),
	GOOD("*x\r", ""),
	GOOD("*1\n$4\nPING\n", ""),
	/* Arrays: the byte after a CR may be any, as may the two after a
	 * string. */
	GOOD("*1\rX$4\rYPINGzz" COMMAND("PONG"), "[PING].[PONG]."),
	GOOD("*1\r\r$4\r\rPING\r\r", "[PING]."),
	GOOD("*0\r$", "."),
	GOOD("*1\r\n$3\r\nPING\r\n", "[PIN].."),
	GOOD("*1\r\n$5\r\nPING\r\n*0\r\n", "[PING\\x0d].[0]."),
	/* Arrays: sizes. */
	GOOD("*1\r\n$0\r\n\r\n", "[]."),
	GOOD("*3\r\n$0\r\n\r\n$1\r\na\r\n$0\r\n\r\n", "[][a][]."),
	GOOD("*1\r\n$0\r\n", "[]"),
	GOOD("*1\r\n$536870912\r\n", ""),
	GOOD("*1\r\n$536870912\r\nx", "[x"),
	GOOD("*1\r\n$4\nPING\n", ""),
	BAD("*1\r\n$536870913\r\n", "", RULE_BULK, 5, '5', 16),
	BAD("*1\r\n$2000000000\r\n", "", RULE_BULK, 5, '2', 17),
	BAD("*1\r\n$4294967296\r\n", "", RULE_BULK, 5, '4', 17),
	BAD("*1\r\n$9223372036854775807\r\n", "", RULE_BULK, 5, '9', 26),
	BAD("*1\r\n$9223372036854775808\r\n", "", RULE_BULK, 23, '8', 26),
	BAD("*1\r\n$-1\r\n", "", RULE_BULK, 5, '-', 9),
	BAD("*1\r\n$-10\r\n", "", RULE_BULK, 5, '-', 10),
	BAD("*1\r\n$-9223372036854775808\r\n", "", RULE_BULK, 5, '-', 27),
	BAD("*1\r\n$-9223372036854775809\r\n", "", RULE_BULK, 24, '9', 27),
	BAD("*1\r\n$blabla\r\n", "", RULE_BULK, 5, 'b', 13),
	BAD("*1\r\n$\r\n", "", RULE_BULK, 5, '\r', 7),
	BAD("*1\r\n$-\r\n", "", RULE_BULK, 6, '\r', 8),
	BAD("*1\r\n$-0\r\n", "", RULE_BULK, 6, '0', 9),
	BAD("*1\r\n$00\r\n", "", RULE_BULK, 6, '0', 9),
	BAD("*1\r\n$04\r\nPING\r\n", "", RULE_BULK, 6, '4', 9),
	BAD("*1\r\n$+4\r\nPING\r\n", "", RULE_BULK, 5, '+', 9),
	BAD("*1\r\n$ 4\r\nPING\r\n", "", RULE_BULK, 5, ' ', 9),
	BAD("*1\r\n$4 \r\nPING\r\n", "", RULE_BULK, 6, ' ', 9),
	BAD("*1\r\n$$4\r\nPING\r\n", "", RULE_BULK, 5, '$', 9),
	BAD("*1\r\n$4\nPING\r\n", "", RULE_BULK, 6, '\n', 13),
	BAD("*2\r\n$4\r\nECHO\r\n$-1\r\n", "[ECHO]", RULE_BULK, 15, '-', 19),
	/* Arrays: something else than a string. */
	BAD("*1\r\nfoo\r\n", "", RULE_BULK_MARK, 4, 'f', 9),
	BAD("*1\r\n:4\r\n", "", RULE_BULK_MARK, 4, ':', 8),
	BAD("*1\r\n*1\r\n$1\r\na\r\n", "", RULE_BULK_MARK, 4, '*', 8),
	BAD("*1\r\n\r\n", "", RULE_BULK_MARK, 4, '\r', 6),
	BAD("*1\r\n\n$4\r\n", "", RULE_BULK_MARK, 4, '\n', 9),
	BAD("*1\r\n $4\r\n", "", RULE_BULK_MARK, 4, ' ', 9),
	BAD("*1\r\n4\r\nPING\r\n", "", RULE_BULK_MARK, 4, '4', 7),
	BAD("*2\r\n$1\r\na\r\nb\r\n", "[a]", RULE_BULK_MARK, 11, 'b', 14),
	BAD("*1\r\n$3\r\nPING\r\n*2\r\n$3\r\nPING\r\n$1\r\na\r\n",
	    "[PIN]..[PIN]", RULE_BULK_MARK, 27, '\n', 32),
	GOOD("*1\r\nfoo\r", ""),
	GOOD("*1\r\n\r", ""),
	/* Both forms, freely mixed. */
	GOOD("PING\r\n" COMMAND("PONG") "ECHO \"a b\"\n\r\n*0\r\n"
	    COMMAND("QUIT"), "[PING].[PONG].[ECHO][a b]...[QUIT]."),
	BAD(COMMAND("PING") "x 'y\nPING\n", "[PING].[x][y", RULE_QUOTES, 18,
	    '\n', 18)
};

/* Vectors with a long run of one byte: head, n times fill, tail. */
static const struct {
	struct vector v;
	char fill;
	size_t n;
	const char *tail;
	size_t tail_len;
} longs[] = {
#define RUN(fill, n, tail) fill, n, tail, sizeof(tail) - 1
	/* An inline command may have 64 KiB before its LF. */
	{ GOOD("", "[65536 of a]."), RUN('a', LINE, "\n") },
	{ GOOD("", "[65536 of a"), RUN('a', LINE, "") },
	{ GOOD("", "[65535 of a]."), RUN('a', LINE - 1, "\r\n") },
	{ GOOD("", "."), RUN(' ', LINE, "\n") },
	{ GOOD("", "[a]."), RUN(' ', LINE - 1, "a\n") },
	{ GOOD("\"", "[65534 of a]."), RUN('a', LINE - 2, "\"\n") },
	{ GOOD("'", "[65534 of a]."), RUN('a', LINE - 2, "'\n") },
	{ GOOD("PING\r\n", "[PING].[65536 of a].[PING]."),
	    RUN('a', LINE, "\nPING\n") },
	{ BAD("", "[65536 of a", RULE_INLINE_SIZE, LINE, 'a', LINE),
	    RUN('a', LINE + 1, "\n") },
	{ BAD("", "[65536 of a", RULE_INLINE_SIZE, LINE, '\r', LINE),
	    RUN('a', LINE, "\r\n") },
	{ BAD("", "[65536 of a", RULE_INLINE_SIZE, LINE, ' ', LINE),
	    RUN('a', LINE, " \n") },
	{ BAD("", "[65536 of a", RULE_INLINE_SIZE, LINE, '"', LINE),
	    RUN('a', LINE, "\"\n") },
	{ BAD("", "", RULE_INLINE_SIZE, LINE, ' ', LINE),
	    RUN(' ', LINE + 1, "\n") },
	{ BAD("\"", "[65535 of a", RULE_INLINE_SIZE, LINE, '"', LINE),
	    RUN('a', LINE - 1, "\"\n") },
	{ BAD("'", "[65535 of a", RULE_INLINE_SIZE, LINE, '\'', LINE),
	    RUN('a', LINE - 1, "'\n") },
	{ BAD("\"", "[65535 of a", RULE_INLINE_SIZE, LINE, 'a', LINE),
	    RUN('a', LINE, "\n") },
	{ BAD("PING\n", "[PING].[65536 of a", RULE_INLINE_SIZE, LINE + 5, 'a',
	    LINE + 5), RUN('a', LINE + 1, "\n") },
	{ BAD("", "[65536 of A", RULE_INLINE_SIZE, LINE, 'A', LINE),
	    RUN('A', 2 * LINE, "") },
	/* Quotes that are wrong count at the LF, if there is one. */
	{ BAD("\"\"", "[]", RULE_QUOTES, 2, 'a', LINE),
	    RUN('a', LINE - 2, "\n") },
	{ GOOD("\"\"", "[]"), RUN('a', LINE - 2, "") },
	{ BAD("\"\"", "[]", RULE_INLINE_SIZE, LINE, 'a', LINE),
	    RUN('a', LINE - 1, "\n") },
	{ BAD("'", "[65535 of a", RULE_QUOTES, LINE, '\n', LINE),
	    RUN('a', LINE - 1, "\n") },
	/* A count may have 64 KiB before its CR, though none is right. */
	{ BAD("*", "", RULE_COUNT, 20, '1', LINE + 2),
	    RUN('1', LINE - 1, "\r\n") },
	{ GOOD("*", ""), RUN('1', LINE - 1, "\r") },
	{ GOOD("*", ""), RUN('1', LINE - 1, "") },
	{ BAD("*", "", RULE_COUNT_SIZE, LINE, '1', LINE),
	    RUN('1', LINE, "\r\n") },
	{ BAD("*", "", RULE_COUNT_SIZE, LINE, '\n', LINE),
	    RUN('1', LINE - 1, "\n\r\n") },
	{ BAD("*", "", RULE_COUNT_SIZE, LINE, 'A', LINE),
	    RUN('A', 2 * LINE, "") },
	/* So may a size, or what stands in its place. */
	{ BAD("*1\r\n$", "", RULE_BULK, 24, '1', LINE + 6),
	    RUN('1', LINE - 1, "\r\n") },
	{ GOOD("*1\r\n$", ""), RUN('1', LINE - 1, "\r") },
	{ BAD("*1\r\n$", "", RULE_BULK_SIZE, LINE + 4, '1', LINE + 4),
	    RUN('1', LINE, "\r\n") },
	{ BAD("*1\r\n", "", RULE_BULK_MARK, 4, 'f', LINE + 6),
	    RUN('f', LINE, "\r\n") },
	{ BAD("*1\r\n", "", RULE_BULK_SIZE, LINE + 4, 'f', LINE + 4),
	    RUN('f', LINE + 1, "\r\n") },
	/* After a NUL nothing ends the line. */
	{ GOOD("\0", ""), RUN('A', LINE - 1, "") },
	{ BAD("\0", "", RULE_INLINE_SIZE, 0, 0, LINE), RUN('A', LINE, "") },
	{ BAD("\0", "", RULE_INLINE_SIZE, 0, 0, LINE),
	    RUN('\n', LINE, "") },
	{ BAD("PING\0", "[PING", RULE_INLINE_SIZE, 4, 0, LINE),
	    RUN('\n', LINE, "") },
	{ BAD("", "[65536 of a", RULE_INLINE_SIZE, LINE, 0, LINE),
	    RUN('a', LINE, "\0") },
	{ BAD("\"\"a\0", "[]", RULE_INLINE_SIZE, 3, 0, LINE),
	    RUN('\n', LINE, "") },
	{ GOOD("*\0", ""), RUN('\r', LINE - 2, "") },
	{ BAD("*\0", "", RULE_COUNT_SIZE, 1, 0, LINE),
	    RUN('A', LINE - 1, "") },
	{ BAD("*x\0", "", RULE_COUNT_SIZE, 2, 0, LINE),
	    RUN('\r', LINE, "") },
	{ GOOD("*1\r\n$\0", ""), RUN('\r', LINE - 2, "") },
	{ BAD("*1\r\n$\0", "", RULE_BULK_SIZE, 5, 0, LINE + 4),
	    RUN('A', LINE - 1, "") },
	{ BAD("*1\r\n\0", "", RULE_BULK_SIZE, 4, 0, LINE + 4),
	    RUN('A', LINE, "") },
	{ BAD("*1\r\nf\0", "", RULE_BULK_SIZE, 5, 0, LINE + 4),
	    RUN('A', LINE, "") },
	/* A string has no such limit, and neither have many lines. */
	{ GOOD("*2\r\n$70000\r\n", "[70000 of x][y]."),
	    RUN('x', 70000, "\r\n$1\r\ny\r\n") },
	{ GOOD("*1\r\n$70000\r\n", "[69999 of x"), RUN('x', 69999, "") }
#undef RUN
};

static const struct {
	const char *name;
	const char *text;
} rules[] = {
	[RULE_INLINE_SIZE] = { "too-big-inline", "too big inline request" },
	[RULE_QUOTES] = { "unbalanced-quotes",
	    "unbalanced quotes in request" },
	[RULE_COUNT_SIZE] = { "too-big-count-string",
	    "too big mbulk count string" },
	[RULE_COUNT] = { "invalid-multibulk-length",
	    "invalid multibulk length" },
	[RULE_BULK_SIZE] = { "too-big-bulk-count-string",
	    "too big bulk count string" },
	[RULE_BULK_MARK] = { "expected-dollar", "expected '$', got '%c'" },
	[RULE_BULK] = { "invalid-bulk-length", "invalid bulk length" }
};

/* ck_assert() writes a record each time that it holds: too slow for each
 * byte. */
#define MUST(expr)							\
	do {								\
		if (!(expr))						\
			ck_abort_msg("%s", #expr);			\
	} while (0)

/* A tokenizer and what it has given. */
struct run {
	struct tokenizer t;
	struct bytes out;
	size_t arg;		/* where in out the open argument begins */
	uint32_t size;		/* the argument's, as first announced */
	uint64_t ended;		/* the offset behind the last command */
	uint64_t steps;
	bool open;		/* an argument is */
	bool bad;
};

static void
run_begin(struct run *r)
{
	*r = (struct run){ .bad = false };
	tokenizer_init(&r->t);
	MUST(tokenizer_between(&r->t));
}

/* Writes the argument that stands in out, byte by byte, as text. */
static void
write_arg(struct run *r)
{
	size_t i, len = r->out.len - r->arg;
	uint8_t *data;

	if (len == 0)
		return;
	MUST((data = malloc(len)) != NULL);
	memcpy(data, r->out.data + r->arg, len);
	bytes_truncate(&r->out, r->arg);
	if (len > 100 && memcmp(data, data + 1, len - 1) == 0)
		bytes_addf(&r->out, "%zu of %c", len, data[0]);
	else for (i = 0; i < len; i++)
		bytes_addf(&r->out, data[i] < ' ' || data[i] > '~' ||
		    strchr("[]\\", data[i]) != NULL ? "\\x%02x" : "%c",
		    data[i]);
	free(data);
}

static void
run_take_arg(struct run *r, const struct token *token)
{
	MUST(token->data != NULL);
	MUST(token->first == !r->open);
	MUST(!tokenizer_between(&r->t));
	if (token->first) {
		bytes_add_string(&r->out, "[");
		r->arg = r->out.len;
		r->size = token->size;
	}
	MUST(token->size == r->size);
	r->open = !token->last;
	bytes_add(&r->out, token->data, token->len);
	if (!token->last)
		return;
	if (r->size > 0)
		MUST(r->size == r->out.len - r->arg);
	write_arg(r);
	bytes_add_string(&r->out, "]");
}

static void
run_take(struct run *r, const struct token *token)
{
	if (token->kind == TOKEN_ARG) {
		run_take_arg(r, token);
		return;
	}
	MUST(!r->open);
	MUST(tokenizer_between(&r->t));
	MUST(r->t.start == r->ended);
	r->ended = r->t.offset;
	bytes_add_string(&r->out, ".");
}

/* Once it is bad it takes nothing, says nothing else and stays as it is. */
static void
run_after_bad(struct run *r)
{
	static const uint8_t more[] = "\r\n*1\r\n$4\r\nPING\r\n";
	struct tokenizer before = r->t;
	struct token token;
	const uint8_t *p = more;

	ck_assert_int_eq(tokenizer_next(&r->t, &p, p + sizeof(more) - 1,
	    &token), TOKENIZER_BAD);
	ck_assert_int_eq(tokenizer_next(&r->t, &p, p, &token), TOKENIZER_BAD);
	MUST(p == more);
	MUST(r->t.offset == before.offset);
	MUST(r->t.bad_at == before.bad_at);
	ck_assert_int_eq(r->t.bad_byte, before.bad_byte);
	ck_assert_int_eq(r->t.rule, before.rule);
	MUST(!tokenizer_between(&r->t));
	r->bad = true;
}

/* The chunk is a block of its own, so that ASan sees a step beyond it. */
static void
run_feed(struct run *r, const char *in, size_t len)
{
	uint64_t offset = r->t.offset;
	uint8_t *chunk;
	const uint8_t *p;
	enum tokenizer_result result;
	struct token token;

	if (r->bad || len == 0)
		return;
	MUST((chunk = malloc(len)) != NULL);
	memcpy(chunk, in, len);
	p = chunk;
	while ((result = tokenizer_next(&r->t, &p, chunk + len, &token)) ==
	    TOKENIZER_OK) {
		MUST(p <= chunk + len);
		MUST(r->t.offset - offset == (size_t)(p - chunk));
		run_take(r, &token);
		/* Few tokens are of no bytes. */
		MUST(++r->steps <= 3 * r->t.offset + 3);
	}
	MUST(r->t.offset - offset == (size_t)(p - chunk));
	if (result == TOKENIZER_BAD) {
		run_after_bad(r);
	} else {
		MUST(p == chunk + len);
		MUST(tokenizer_between(&r->t) ==
		    (r->t.offset == r->ended));
	}
	free(chunk);
}

/* What was in the middle of coming is part of what was given. */
static void
run_end(struct run *r)
{
	if (r->open)
		write_arg(r);
	bytes_add(&r->out, "", 1);
	ck_assert(!r->out.failed);
}

static void
run_check(struct run *r, const struct vector *v)
{
	char text[TOKENIZER_ERROR_MAX], expected[TOKENIZER_ERROR_MAX];
	int n;

	run_end(r);
	ck_assert_str_eq((char *)r->out.data, v->out);
	bytes_free(&r->out);
	ck_assert_int_eq(r->bad, v->rule != NO_RULE);
	if (!r->bad)
		return;
	ck_assert_str_eq(tokenizer_rule_name(&r->t), rules[v->rule].name);
	n = snprintf(expected, sizeof(expected), "Protocol error: ");
	if (v->rule == RULE_BULK_MARK)
		snprintf(expected + n, sizeof(expected) - (size_t)n,
		    "expected '$', got '%c'",
		    v->byte == '\r' || v->byte == '\n' ? ' ' : v->byte);
	else
		snprintf(expected + n, sizeof(expected) - (size_t)n, "%s",
		    rules[v->rule].text);
	tokenizer_error(&r->t, text);
	ck_assert_str_eq(text, expected);
	ck_assert_uint_eq(r->t.bad_at, v->at);
	ck_assert_int_eq(r->t.bad_byte, v->byte);
	ck_assert_uint_eq(r->t.offset, v->eaten);
}

/* In pieces of that many bytes. */
static void
check_pieces(const struct vector *v, size_t piece)
{
	struct run r;
	size_t at, n;

	run_begin(&r);
	for (at = 0; at < v->len; at += n) {
		n = v->len - at < piece ? v->len - at : piece;
		run_feed(&r, v->in + at, n);
	}
	run_check(&r, v);
}

/* In two pieces; a copy of the tokenizer runs ahead over the second. */
static void
check_cut(const struct vector *v, size_t cut)
{
	struct run r, copy;

	run_begin(&r);
	run_feed(&r, v->in, cut);
	copy = r;
	copy.out = (struct bytes){ 0 };
	bytes_add(&copy.out, r.out.data, r.out.len);
	run_feed(&copy, v->in + cut, v->len - cut);
	run_check(&copy, v);
	run_feed(&r, v->in + cut, v->len - cut);
	run_check(&r, v);
}

START_TEST(vector_in_pieces)
{
	static const size_t pieces[] = { SIZE_MAX, 1, 2, 3 };
	int i;

	for (i = 0; i < COUNT(pieces); i++)
		check_pieces(&vectors[_i], pieces[i]);
}
END_TEST

START_TEST(vector_at_every_cut)
{
	size_t cut;

	for (cut = 0; cut <= vectors[_i].len; cut++)
		check_cut(&vectors[_i], cut);
}
END_TEST

/* The input of longs[i], to be freed; *v is the vector of it. */
static char *
make_long(int i, struct vector *v)
{
	size_t head = longs[i].v.len, n = longs[i].n;
	char *in;

	*v = longs[i].v;
	v->len = head + n + longs[i].tail_len;
	ck_assert_ptr_nonnull(in = malloc(v->len));
	memcpy(in, v->in, head);
	memset(in + head, longs[i].fill, n);
	memcpy(in + head + n, longs[i].tail, longs[i].tail_len);
	v->in = in;
	return (in);
}

START_TEST(long_in_pieces)
{
	static const size_t pieces[] = { 1, 7, 4096, LINE - 1, LINE, LINE + 1,
		3 * LINE };
	struct vector v;
	char *in = make_long(_i, &v);
	int i;

	for (i = 0; i < COUNT(pieces); i++)
		check_pieces(&v, pieces[i]);
	free(in);
}
END_TEST

START_TEST(long_at_cuts_near_the_limit)
{
	struct vector v;
	char *in = make_long(_i, &v);
	size_t cut;

	for (cut = 0; cut < 8; cut++)
		check_cut(&v, cut);
	for (cut = LINE - 4; cut <= v.len; cut++)
		if (cut < LINE + 12 || cut + 8 > v.len)
			check_cut(&v, cut);
	free(in);
}
END_TEST

/* A vector that is made for a byte; at is that of the byte to blame. */
static void
check_all_ways(const char *out, int rule, const char *in, size_t len,
    uint64_t at, uint64_t eaten)
{
	struct vector v = { in, len, out, rule, at, 0, eaten };
	size_t cut;

	if (rule != NO_RULE)
		v.byte = (uint8_t)in[at];
	check_pieces(&v, len);
	check_pieces(&v, 1);
	for (cut = 0; cut <= len; cut++)
		check_cut(&v, cut);
}

/* What that byte looks like in what a run writes. */
static const char *
shown(int c, char buffer[5])
{
	snprintf(buffer, 5, c < ' ' || c > '~' ||
	    strchr("[]\\", c) != NULL ? "\\x%02x" : "%c", (unsigned)c);
	return (buffer);
}

static void
any_byte_in_a_word(int c)
{
	char in[] = { 'a', (char)c, 'b', '\n' }, out[16], buffer[5];

	if (c == '\0')
		check_all_ways("[a", NO_RULE, in, 4, 0, 0);
	else if (c == '"' || c == '\'')
		check_all_ways("[ab", RULE_QUOTES, in, 4, 3, 3);
	else {
		if (c == '\n')
			strcpy(out, "[a].[b].");
		else if (strchr(" \t\r", c) != NULL)
			strcpy(out, "[a][b].");
		else
			snprintf(out, sizeof(out), "[a%sb].",
			    shown(c, buffer));
		check_all_ways(out, NO_RULE, in, 4, 0, 0);
	}
}

static void
any_byte_after_a_backslash(int c)
{
	char in[] = { '"', '\\', (char)c, 'z', '"', '\n' }, out[16];
	char buffer[5];
	const char *from = "nrtba", *to = "\n\r\t\b\a", *letter;

	if (c == '\0')
		check_all_ways("", NO_RULE, in, 6, 0, 0);
	else if (c == '\n')
		check_all_ways("", RULE_QUOTES, in, 6, 2, 2);
	else {
		letter = strchr(from, c);
		snprintf(out, sizeof(out), "[%sz].",
		    shown(letter != NULL ? to[letter - from] : c, buffer));
		check_all_ways(out, NO_RULE, in, 6, 0, 0);
	}
}

static void
any_byte_after_a_closing_quote(int c)
{
	char in[] = { '\'', 'a', '\'', (char)c, 'b', '\n' };

	if (c == '\0')
		check_all_ways("[a]", NO_RULE, in, 6, 0, 0);
	else if (c == '\n')
		check_all_ways("[a].[b].", NO_RULE, in, 6, 0, 0);
	else if (strchr(" \t\r\v\f", c) != NULL)
		check_all_ways("[a][b].", NO_RULE, in, 6, 0, 0);
	else
		check_all_ways("[a]", RULE_QUOTES, in, 6, 3, 5);
}

static void
any_byte_as_a_hex_digit(int c)
{
	char in[] = { '"', '\\', 'x', '4', (char)c, 'z', '"', '\n' };
	char out[16], buffer[5];
	const char *digits = "0123456789abcdefABCDEF", *digit;

	if (c == '\0' || strchr("\\\"\n", c) != NULL)
		return;		/* the vectors have those */
	digit = strchr(digits, c);
	if (digit == NULL)
		snprintf(out, sizeof(out), "[x4%sz].", shown(c, buffer));
	else
		snprintf(out, sizeof(out), "[%sz].", shown(0x40 +
		    (int)(digit - digits < 16 ? digit - digits :
		    digit - digits - 6), buffer));
	check_all_ways(out, NO_RULE, in, 8, 0, 0);
}

static void
any_byte_instead_of_a_dollar(int c)
{
	char in[] = { '*', '1', '\r', '\n', (char)c, '1', '\r', '\n', 'a',
		'\r', '\n' };

	if (c == '\0')
		check_all_ways("", NO_RULE, in, 11, 0, 0);
	else if (c == '$')
		check_all_ways("[a].", NO_RULE, in, 11, 0, 0);
	else
		/* A CR is already the end of the line. */
		check_all_ways("", RULE_BULK_MARK, in, 11, 4,
		    c == '\r' ? 6 : 8);
}

static void
any_byte_as_a_count(int c)
{
	char in[] = { '*', (char)c, '\r', '\n' };

	if (c == '\0' || (c >= '1' && c <= '9'))
		check_all_ways("", NO_RULE, in, 4, 0, 0);
	else if (c == '0')
		check_all_ways(".", NO_RULE, in, 4, 0, 0);
	else if (c == '-')
		check_all_ways("", RULE_COUNT, in, 4, 2, 4);
	else
		check_all_ways("", RULE_COUNT, in, 4, 1, c == '\r' ? 3 : 4);
}

/* Every byte, in each place where bytes differ. */
START_TEST(any_byte)
{
	any_byte_in_a_word(_i);
	any_byte_after_a_backslash(_i);
	any_byte_after_a_closing_quote(_i);
	any_byte_as_a_hex_digit(_i);
	any_byte_instead_of_a_dollar(_i);
	any_byte_as_a_count(_i);
}
END_TEST

/* A string of 512 MiB comes out as it comes in, and is kept nowhere. */
START_TEST(huge_string_comes_in_pieces)
{
	static const char head[] = "*2\r\n$4\r\nECHO\r\n$536870912\r\n";
	static uint8_t chunk[64 * 1024];
	struct token token;
	struct run r;
	const uint8_t *p;
	int i, last = TOKENIZER_BULK_MAX / (int)sizeof(chunk) - 1;

	run_begin(&r);
	run_feed(&r, head, sizeof(head) - 1);
	for (i = 0; i <= last; i++) {
		p = chunk;
		MUST(tokenizer_next(&r.t, &p, chunk + sizeof(chunk),
		    &token) == TOKENIZER_OK);
		MUST(token.kind == TOKEN_ARG);
		MUST(token.data == chunk);
		MUST(token.len == sizeof(chunk));
		MUST(token.size == TOKENIZER_BULK_MAX);
		MUST(token.first == (i == 0));
		MUST(token.last == (i == last));
		MUST(p == chunk + sizeof(chunk));
	}
	run_feed(&r, "\r\nPING\r\n", 8);
	run_end(&r);
	ck_assert_str_eq((char *)r.out.data, "[ECHO].[PING].");
	ck_assert_uint_eq(r.ended, sizeof(head) - 1 + TOKENIZER_BULK_MAX + 8);
	bytes_free(&r.out);
}
END_TEST

/* The same numbers each time. */
static uint32_t
next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return (*x);
}

static void
make_noise(char *noise, size_t len, const char *alphabet, uint32_t *x)
{
	size_t i;

	for (i = 0; i < len; i++)
		noise[i] = *alphabet == '\0' ? (char)next_random(x) :
		    alphabet[next_random(x) % strlen(alphabet)];
}

/* Noise, of all bytes or of those that mean something. */
static const char *const alphabets[] = {
	"", "*$0123456789-\r\n", "*$012\r\n\r\n\r\n a", "*0\r\n \t\v\fx",
	"\"'\\x4fn \r\na", "*1$1\r\n\"' "
};

/*
 * A megabyte of it, in pieces of 1 to 100 bytes: ends, and gives the same as
 * when it comes 1000 at a time.  What follows a fault is a new stream.
 */
START_TEST(noise_ends)
{
	uint32_t x = 2463534242U + (uint32_t)_i;
	char noise[1000];
	struct run whole, cut;
	size_t at, n;
	int i;

	for (i = 0; i < 1000000 / (int)sizeof(noise); i++) {
		make_noise(noise, sizeof(noise), alphabets[_i], &x);
		run_begin(&whole);
		run_feed(&whole, noise, sizeof(noise));
		run_end(&whole);
		run_begin(&cut);
		for (at = 0; at < sizeof(noise); at += n) {
			n = 1 + next_random(&x) % 100;
			if (n > sizeof(noise) - at)
				n = sizeof(noise) - at;
			run_feed(&cut, noise + at, n);
		}
		run_end(&cut);
		ck_assert_str_eq((char *)cut.out.data,
		    (char *)whole.out.data);
		ck_assert_int_eq(cut.bad, whole.bad);
		ck_assert_uint_eq(cut.t.offset, whole.t.offset);
		ck_assert_uint_eq(cut.ended, whole.ended);
		if (cut.bad) {
			ck_assert_int_eq(cut.t.rule, whole.t.rule);
			ck_assert_uint_eq(cut.t.bad_at, whole.t.bad_at);
			ck_assert_int_eq(cut.t.bad_byte, whole.t.bad_byte);
		}
		bytes_free(&whole.out);
		bytes_free(&cut.out);
	}
}
END_TEST

static Suite *
tokenizer_suite(void)
{
	Suite *s = suite_create("tokenizer");
	TCase *tc = tcase_create("tokenizer");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, vector_in_pieces, 0, COUNT(vectors));
	tcase_add_loop_test(tc, vector_at_every_cut, 0, COUNT(vectors));
	tcase_add_loop_test(tc, long_in_pieces, 0, COUNT(longs));
	tcase_add_loop_test(tc, long_at_cuts_near_the_limit, 0, COUNT(longs));
	tcase_add_loop_test(tc, any_byte, 0, 256);
	tcase_add_test(tc, huge_string_comes_in_pieces);
	tcase_add_loop_test(tc, noise_ends, 0, COUNT(alphabets));
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(tokenizer_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
