/*
 * peer --unescape: turns a text trace back into bytes.
 *
 *     TIME #N recv  "abc\r\n" <redacted 6 bytes> "\r\n"
 *          '------' '--------------------------------'
 *            head                 body
 *
 * TIME may be absent.  Only the head decides what a line is, so a string that
 * looks like a record inside another record is not taken for one.  What was
 * redacted is written as so many `*`, which keeps the offsets; a record that
 * --snaplen cut, or a last line without a newline, is an error, because its
 * bytes cannot be had back.
 */
#include "untrace.h"

#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Connection N has slot N % SLOTS: the files open at once, well below 1024. */
#define SLOTS 512
#define INPUT_BUFFER (1 << 20)
#define REDACTED_MAX (1 << 30)

struct slot {
	uint64_t conn;
	FILE *f;	/* NULL: free */
};

struct untrace {
	const char *dir;
	const char *event;
	struct slot slots[SLOTS];
};

/* The value of a hexadecimal digit, plus 1; 0: not a digit. */
static const uint8_t hex[256] = {
	['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6,
	['6'] = 7, ['7'] = 8, ['8'] = 9, ['9'] = 10,
	['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
	['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

/* The byte that a backslash and this one stand for; 0: none (\x is apart). */
static const uint8_t escaped[256] = {
	['n'] = '\n', ['r'] = '\r', ['t'] = '\t', ['a'] = '\a', ['b'] = '\b',
	['\\'] = '\\', ['"'] = '"',
};

/* The bytes that end a run of ordinary ones; the line's own newline is one. */
static const bool special[256] = {
	['"'] = true, ['\\'] = true, ['\n'] = true, ['\0'] = true,
};

static const char *
skip_spaces(const char *p)
{
	return (p + strspn(p, " "));
}

char *
untrace_body(char *line, const char *event, uint64_t *conn)
{
	const char *p = skip_spaces(line);
	size_t n = strlen(event);

	if (*p != '#')
		p = skip_spaces(p + strcspn(p, " "));
	if (*p++ != '#' || *p < '0' || *p > '9')
		return (NULL);
	for (*conn = 0; *p >= '0' && *p <= '9'; p++)
		*conn = *conn * 10 + (uint64_t)(*p - '0');
	if (*p != ' ')
		return (NULL);
	p = skip_spaces(p);
	if (strncmp(p, event, n) != 0 || (p[n] != ' ' && p[n] != '\n'))
		return (NULL);
	return (line + (skip_spaces(p + n) - line));
}

/*
 * Decodes a string in place, from behind its opening quote.  Returns where
 * its closing quote stands, or NULL; the bytes are from p to *end.
 */
static char *
decode_string(char *p, char **end)
{
	char *out = p, *run;
	uint8_t c, high, low;

	for (;;) {
		for (run = p; !special[(uint8_t)*p]; p++)
			;
		if (out != run)
			memmove(out, run, (size_t)(p - run));
		out += p - run;
		if (*p != '\\')
			break;
		if (p[1] == 'x') {
			if ((high = hex[(uint8_t)p[2]]) == 0 ||
			    (low = hex[(uint8_t)p[3]]) == 0)
				return (NULL);
			c = (uint8_t)((high - 1) << 4 | (low - 1));
			p += 4;
		} else {
			if ((c = escaped[(uint8_t)p[1]]) == 0)
				return (NULL);
			p += 2;
		}
		*out++ = (char)c;
	}
	*end = out;
	return (*p == '"' ? p : NULL);
}

/* Writes n bytes for what is not known.  Returns where the mark ends. */
static char *
write_redacted(char *p, FILE *f)
{
	static const char tail[] = " bytes>", tail1[] = " byte>";
	unsigned long long n = strtoull(p, &p, 10);

	if (n > REDACTED_MAX)
		return (NULL);
	while (n-- > 0 && putc('*', f) != EOF)
		;
	if (strncmp(p, tail, sizeof(tail) - 1) == 0)
		return (p + sizeof(tail) - 1);
	if (strncmp(p, tail1, sizeof(tail1) - 1) == 0)
		return (p + sizeof(tail1) - 1);
	return (NULL);
}

const char *
untrace_write(char *p, FILE *f)
{
	static const char mark[] = "<redacted ";
	char *start, *end;

	for (;; p += strspn(p, " ")) {
		if (*p == '\n')
			return (NULL);
		if (*p == '"') {
			start = p + 1;
			if ((p = decode_string(start, &end)) == NULL)
				return ("not a well-formed string");
			fwrite(start, 1, (size_t)(end - start), f);
			if (strncmp(++p, "...", 3) == 0)
				return ("a string was cut");
		} else if (strncmp(p, mark, sizeof(mark) - 1) == 0) {
			if ((p = write_redacted(p + sizeof(mark) - 1, f)) ==
			    NULL)
				return ("not a well-formed redaction");
		} else
			return ("neither a string nor a redaction");
	}
}

static int
slot_close(struct slot *s)
{
	int failed;

	if (s->f == NULL)
		return (0);
	failed = ferror(s->f) | fclose(s->f);
	s->f = NULL;
	return (failed ? -1 : 0);
}

/* The file of a connection, or NULL with errno. */
static FILE *
untrace_file(struct untrace *u, uint64_t conn)
{
	struct slot *s = &u->slots[conn % SLOTS];
	char path[PATH_MAX];

	if (u->dir == NULL)
		return (stdout);
	if (s->f != NULL && s->conn == conn)
		return (s->f);
	if (slot_close(s) == -1)
		return (NULL);
	if (snprintf(path, sizeof(path), "%s/%llu", u->dir,
	    (unsigned long long)conn) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return (NULL);
	}
	s->f = fopen(path, "ae");
	s->conn = conn;
	return (s->f);
}

/* Returns what is wrong with the line, or NULL. */
static const char *
untrace_line(struct untrace *u, char *line, size_t len)
{
	uint64_t conn;
	char *body;
	FILE *f;

	if (line[len - 1] != '\n')
		return ("the last line has no newline");
	if ((body = untrace_body(line, u->event, &conn)) == NULL)
		return (NULL);
	if ((f = untrace_file(u, conn)) == NULL)
		return (strerror(errno));
	return (untrace_write(body, f));
}

static int
untrace_close(struct untrace *u)
{
	int failed = fflush(stdout) | ferror(stdout);

	for (size_t i = 0; i < SLOTS; i++)
		failed |= slot_close(&u->slots[i]);
	if (failed)
		fprintf(stderr, "peer: --unescape: could not write: %s\n",
		    strerror(errno));
	return (failed ? -1 : 0);
}

int
untrace(const char *dir, const char *event)
{
	static char buf[INPUT_BUFFER];
	struct untrace u = { .dir = dir, .event = event };
	const char *error = NULL;
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;
	unsigned long long no = 0;

	if (dir != NULL && mkdir(dir, 0777) == -1 && errno != EEXIST) {
		fprintf(stderr, "peer: %s: %s\n", dir, strerror(errno));
		return (-1);
	}
	setvbuf(stdin, buf, _IOFBF, sizeof(buf));
	while (error == NULL && (len = getline(&line, &cap, stdin)) > 0) {
		no++;
		error = untrace_line(&u, line, (size_t)len);
	}
	if (error == NULL && ferror(stdin))
		error = "could not read on";
	if (error != NULL)
		fprintf(stderr, "peer: --unescape: line %llu: %s\n", no, error);
	free(line);
	return (untrace_close(&u) | (error != NULL ? -1 : 0));
}
