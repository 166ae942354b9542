#include "config.h"

#include "stub/answers.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "redis/command.h"
#include "resp/escape.h"
#include "resp/glob.h"
#include "stub/literal.h"
#include "stub/stub.h"

#define ANSWERS_FILE_MAX (16 * 1024 * 1024)
#define ANSWERS_CHUNK (64 * 1024)
#define ANSWERS_WAIT_MAX (24 * 60 * 60 * 1000)	/* milliseconds */

struct span {
	size_t at;
	size_t len;
};

struct word {
	struct span glob;	/* in answers.globs */
	bool fold;		/* any case */
};

struct rule {
	size_t word;		/* the first, in answers.words */
	size_t nwords;
	enum stub_verdict verdict;
	uint64_t wait_ms;
	struct span reply[2];	/* in answers.replies: RESP2, RESP3 */
	struct span values[2];	/* in answers.values: the same */
};

struct answers {
	struct rule *rules;
	size_t nrules;
	size_t rules_cap;
	struct word *words;	/* of all rules, in order */
	size_t nwords;
	size_t words_cap;
	struct bytes globs;
	struct bytes replies;
	struct bytes values;	/* struct stub_value, of each reply */
};

/* One line of the file. */
struct reader {
	struct answers *answers;
	const uint8_t *p;	/* the next byte */
	const uint8_t *end;	/* of the line, without blanks there */
	const char *wrong;
	const uint8_t *wrong_at;
};

static int
fail(struct reader *r, const char *wrong, const uint8_t *at)
{
	r->wrong = wrong;
	r->wrong_at = at;
	return (-1);
}

static int
fail_memory(struct reader *r)
{
	return (fail(r, "out of memory; use a shorter file", r->p));
}

static bool
is_blank(uint8_t c)
{
	return (c == ' ' || c == '\t' || c == '\r');
}

static void
skip_blanks(struct reader *r)
{
	while (r->p < r->end && is_blank(*r->p))
		r->p++;
}

/* Makes room for one more. */
static void *
grow(void *v, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap < 8 ? 8 : *cap * 2;

	if (n < *cap)
		return (v);
	if ((v = reallocarray(v, more, size)) != NULL)
		*cap = more;
	return (v);
}

/* Patterns */

/* One byte inside double quotes; \xHH and the others as in escape.h. */
static uint8_t
read_escaped(struct reader *r)
{
	uint8_t c = *r->p++;
	int high, low;

	if (c != '\\' || r->p == r->end)
		return (c);
	c = *r->p++;
	if (c == 'x' && r->end - r->p >= 2 &&
	    (high = escape_hex(r->p[0])) >= 0 &&
	    (low = escape_hex(r->p[1])) >= 0) {
		r->p += 2;
		return ((uint8_t)(high * 16 + low));
	}
	return (escape_meaning(c));
}

static int
read_quotes(struct reader *r, struct bytes *globs)
{
	const uint8_t *open = r->p;
	uint8_t quote = *r->p++, c;

	while (r->p < r->end && *r->p != quote) {
		if (quote == '"') {
			c = read_escaped(r);
		} else {
			if (*r->p == '\\' && r->end - r->p > 1 &&
			    r->p[1] == '\'')
				r->p++;
			c = *r->p++;
		}
		bytes_add(globs, &c, 1);
	}
	if (r->p == r->end)
		return (fail(r, "the closing quote is missing; "
		    "a quote itself is \"\\\"\"", open));
	r->p++;
	if (r->p < r->end && !is_blank(*r->p))
		return (fail(r, "a blank must follow the closing quote",
		    r->p));
	return (0);
}

static int
read_word(struct reader *r)
{
	struct answers *a = r->answers;
	const uint8_t *begin = r->p;
	struct word *words, word = { .glob = { .at = a->globs.len } };
	const char *wrong;

	while (r->p < r->end && !is_blank(*r->p)) {
		if (*r->p == '"' || *r->p == '\'') {
			if (read_quotes(r, &a->globs) != 0)
				return (-1);
		} else {
			bytes_add(&a->globs, r->p++, 1);
		}
	}
	words = grow(a->words, a->nwords, &a->words_cap, sizeof(*words));
	if (words == NULL)
		return (fail_memory(r));
	a->words = words;	/* the old ones are gone, whatever follows */
	if (a->globs.failed)
		return (fail_memory(r));
	word.glob.len = a->globs.len - word.glob.at;
	if (word.glob.len > 0 && (wrong = glob_check((const char *)
	    a->globs.data + word.glob.at, word.glob.len)) != NULL)
		return (fail(r, wrong, begin));
	words[a->nwords++] = word;
	return (0);
}

/* Whether the word is the name of a command with subcommands. */
static bool
names_container(const struct answers *a, const struct word *word)
{
	struct arg name = { .kept = (uint32_t)word->glob.len,
	    .size = (uint32_t)word->glob.len };
	const struct command *command;

	if (name.size == 0)
		return (false);
	name.data = a->globs.data + word->glob.at;
	command = command_find(&name);
	return (command != NULL && (command->flags & COMMAND_CONTAINER) != 0);
}

/* Reads up to "=>" and past it. */
static int
read_pattern(struct reader *r, struct rule *rule)
{
	struct answers *a = r->answers;
	const uint8_t *begin = r->p;
	struct word *words;

	rule->word = a->nwords;
	for (;; rule->nwords++) {
		skip_blanks(r);
		if (r->p == r->end)
			return (fail(r, "=> and a reply are missing; "
			    "write PATTERN => REPLY", r->p));
		if (r->end - r->p >= 2 && memcmp(r->p, "=>", 2) == 0 &&
		    (r->end - r->p == 2 || is_blank(r->p[2])))
			break;
		if (read_word(r) != 0)
			return (-1);
	}
	if (rule->nwords == 0)
		return (fail(r, "a pattern is missing before =>; "
		    "* matches every command", begin));
	r->p += 2;
	words = &a->words[rule->word];
	words[0].fold = true;
	if (rule->nwords > 1 && names_container(a, &words[0]))
		words[1].fold = true;
	return (0);
}

/* Replies */

/* Takes the word, if it stands here as a whole. */
static bool
take_word(struct reader *r, const char *word)
{
	size_t len = strlen(word), left = (size_t)(r->end - r->p);

	if (left < len || memcmp(r->p, word, len) != 0 ||
	    (left > len && !is_blank(r->p[len])))
		return (false);
	r->p += len;
	skip_blanks(r);
	return (true);
}

/* Reads "200ms" or "1s" behind "after". */
static int
read_wait(struct reader *r, struct rule *rule)
{
	const uint8_t *begin = r->p;
	uint64_t n = 0;

	while (r->p < r->end && *r->p >= '0' && *r->p <= '9' &&
	    n <= ANSWERS_WAIT_MAX)
		n = n * 10 + (uint64_t)(*r->p++ - '0');
	if (r->p > begin && n <= ANSWERS_WAIT_MAX) {
		if (take_word(r, "ms"))
			rule->wait_ms = n;
		else if (take_word(r, "s"))
			rule->wait_ms = n * 1000;
		else
			n = UINT64_MAX;
	} else {
		n = UINT64_MAX;
	}
	if (n == UINT64_MAX || rule->wait_ms > ANSWERS_WAIT_MAX)
		return (fail(r, "not a time; write after 200ms or after 5s, "
		    "at most 86400s", begin));
	return (0);
}

static int
add_reply(struct reader *r, struct rule *rule, const struct literal *l)
{
	struct bytes *out = &r->answers->replies;
	struct bytes *values = &r->answers->values;
	int i;

	for (i = 0; i < 2; i++) {
		rule->reply[i].at = out->len;
		rule->values[i].at = values->len;
		literal_add(l, i == 0 ? 2 : 3, out, values);
		rule->reply[i].len = out->len - rule->reply[i].at;
		rule->values[i].len = values->len - rule->values[i].at;
	}
	return (out->failed || values->failed ? fail_memory(r) : 0);
}

static int
read_literal(struct reader *r, struct rule *rule)
{
	struct literal literal = { 0 };
	const uint8_t *begin = r->p;
	const char *wrong;
	size_t at;
	int result;

	wrong = literal_read(&literal, begin, (size_t)(r->end - begin), &at);
	if (wrong != NULL)
		result = fail(r, wrong, begin + at);
	else
		result = add_reply(r, rule, &literal);
	literal_free(&literal);
	return (result);
}

static int
read_reply(struct reader *r, struct rule *rule)
{
	skip_blanks(r);
	if (take_word(r, "after") && read_wait(r, rule) != 0)
		return (-1);
	if (take_word(r, "hang")) {
		rule->verdict = STUB_HANG;
		return (r->p == r->end ? 0 : fail(r, "nothing may follow hang; "
		    "a status is (status) \"hang ...\"", r->p));
	}
	if (take_word(r, "close")) {
		rule->verdict = STUB_CLOSE;
		if (r->p == r->end)
			return (0);
		if (!take_word(r, "with"))
			return (fail(r, "close stands alone, or before with "
			    "and a reply; a status is (status) \"close ...\"",
			    r->p));
	}
	return (read_literal(r, rule));
}

/* Lines */

static int
read_line(struct reader *r)
{
	struct answers *a = r->answers;
	struct rule *rules, rule = { .verdict = STUB_GO };

	while (r->end > r->p && is_blank(r->end[-1]))
		r->end--;
	skip_blanks(r);
	if (r->p == r->end || *r->p == '#')
		return (0);
	if (read_pattern(r, &rule) != 0 || read_reply(r, &rule) != 0)
		return (-1);
	rules = grow(a->rules, a->nrules, &a->rules_cap, sizeof(*rules));
	if (rules == NULL)
		return (fail_memory(r));
	a->rules = rules;
	rules[a->nrules++] = rule;
	return (0);
}

static void
end_message(struct bytes *message)
{
	uint8_t *end;

	if ((end = bytes_reserve(message, 1)) != NULL)
		*end = '\0';
}

struct answers *
answers_parse(const char *file, const uint8_t *text, size_t len,
    struct bytes *message)
{
	struct answers *a = calloc(1, sizeof(*a));
	struct reader r = { .answers = a };
	const uint8_t *line, *newline;
	size_t number = 1;

	if (a == NULL) {
		bytes_addf(message, "%s: out of memory", file);
		end_message(message);
		return (NULL);
	}
	for (line = text; len > 0; line = newline, number++) {
		r.p = line;
		r.end = memchr(line, '\n', len);
		if (r.end == NULL)
			r.end = line + len;
		newline = r.end + (r.end < line + len);
		len -= (size_t)(newline - line);
		if (read_line(&r) == 0)
			continue;
		bytes_addf(message, "%s:%zu:%zu: %s", file, number,
		    (size_t)(r.wrong_at - line) + 1, r.wrong);
		end_message(message);
		answers_free(a);
		return (NULL);
	}
	return (a);
}

/* Returns NULL, or why not: all of the file is in text. */
static const char *
read_file(const char *file, struct bytes *text)
{
	const char *why = NULL;
	ssize_t n = 0;
	uint8_t *p;
	int fd;

	if ((fd = open(file, O_RDONLY | O_CLOEXEC)) < 0)
		return (strerror(errno));
	for (;;) {
		if ((p = bytes_reserve(text, ANSWERS_CHUNK)) == NULL)
			why = "out of memory";
		else if ((n = read(fd, p, ANSWERS_CHUNK)) < 0 && errno != EINTR)
			why = strerror(errno);
		else if (text->len > ANSWERS_FILE_MAX)
			why = "more than 16 MiB; use a shorter file";
		if (why != NULL || n == 0)
			break;
		if (n > 0)
			text->len += (size_t)n;
	}
	close(fd);
	return (why);
}

struct answers *
answers_read(const char *file, struct bytes *message)
{
	struct bytes text = { 0 };
	struct answers *a = NULL;
	const char *why;

	if ((why = read_file(file, &text)) != NULL) {
		bytes_addf(message, "--answers=%s: %s", file, why);
		end_message(message);
	} else {
		a = answers_parse(file, text.data, text.len, message);
	}
	bytes_free(&text);
	return (a);
}

/* Matching */

static bool
word_matches(const struct answers *a, const struct word *word,
    const struct args *args, uint32_t i)
{
	static const struct arg nothing_kept = { .size = UINT32_MAX };
	const struct arg *arg = i < args->n ? &args->v[i] : &nothing_kept;

	if (word->glob.len == 0)
		return (arg->size == 0);
	return (glob_match_arg((const char *)a->globs.data + word->glob.at,
	    word->glob.len, arg, word->fold));
}

static bool
rule_matches(const struct answers *a, const struct rule *rule,
    const struct args *args)
{
	uint32_t i;

	if (rule->nwords > args->total)
		return (false);
	for (i = 0; i < rule->nwords; i++)
		if (!word_matches(a, &a->words[rule->word + i], args, i))
			return (false);
	return (true);
}

/* A push that confirms a subscription answers its command. */
static bool
is_subscription(const struct arg *name)
{
	static const char word[] = "subscribe";
	size_t len = sizeof(word) - 1;

	return (name->kept >= len && strncasecmp(word,
	    (const char *)name->data + name->kept - len, len) == 0);
}

static void
add_values(const struct answers *a, const struct span *span,
    const struct args *args, struct bytes *values)
{
	bool subscription = is_subscription(&args->v[0]);
	struct stub_value v;
	size_t at;

	for (at = span->at; at < span->at + span->len; at += sizeof(v)) {
		memcpy(&v, a->values.data + at, sizeof(v));
		stub_value_add(values, v.end, v.push && !subscription);
	}
}

bool
answers_find(const struct answers *a, const struct args *args, unsigned resp,
    struct bytes *reply, struct bytes *values, struct stub_outcome *outcome)
{
	const struct rule *rule;
	const struct span *span;
	size_t i;

	for (i = 0; a != NULL && i < a->nrules; i++) {
		rule = &a->rules[i];
		if (!rule_matches(a, rule, args))
			continue;
		span = &rule->reply[resp == 3];
		if (span->len > 0)
			bytes_add(reply, a->replies.data + span->at,
			    span->len);
		add_values(a, &rule->values[resp == 3], args, values);
		*outcome = (struct stub_outcome){ .verdict = rule->verdict,
		    .why = "scripted",
		    .wait_ms = rule->wait_ms };
		return (true);
	}
	return (false);
}

void
answers_free(struct answers *a)
{
	if (a == NULL)
		return;
	free(a->rules);
	free(a->words);
	bytes_free(&a->globs);
	bytes_free(&a->replies);
	bytes_free(&a->values);
	free(a);
}
