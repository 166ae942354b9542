/*
 * What the files of the command line share.
 *
 * An option is one row of the table in options_table.c, and its text in
 * options_help.c.
 */
#ifndef CMD_OPTIONS_PRIVATE_H
#define CMD_OPTIONS_PRIVATE_H

#include "cmd/options.h"

struct options_parser;
struct options_row;

/* Takes the option's argument, parser->value, or refuses it: -1 with the reason
 * in the message. */
typedef int options_take_fn(struct options_parser *,
    const struct options_row *);

struct options_row {
	const char *name;
	char letter;		/* 0: none */
	bool bare;		/* takes no argument */
	options_take_fn *take;	/* NULL: end the parse with */
	enum options_result result;
	/* What some of the functions need: */
	size_t offset;		/* the place in struct options, */
	size_t size;		/* and what is there */
	const char *what;	/* the unit of a number; what words are */
	uint64_t min;
	uint64_t max;
	const char *const *words;	/* at their enum's values; then NULL */
};

/* Sorted by name, as messages tell them. */
const struct options_row *options_rows(size_t *n);

/* An option as the user typed it, for messages. */
struct options_typed {
	const char *option;	/* "-f", "--format", "--format=hex" */
	const char *value;	/* NULL: none, or it stands in option */
};

/* What cannot be decided before the last option is read. */
struct options_parser {
	struct options *o;
	struct bytes *message;
	char **argv;
	const char *value;	/* of the option at hand; NULL: none */
	struct options_typed typed;	/* this option */
	struct options_typed answer;	/* --reply, --answers, --compat */
	struct options_typed show;	/* or --command, --key without it */
	unsigned events;	/* of --show; 0: not given */
};

/* Adds "--format=hex: " to the message, and returns it. */
struct bytes *options_complain(struct bytes *message,
    const struct options_typed *);

/* Adds "a, b or c", each word with the prefix. */
void options_add_words(struct bytes *message, const char *prefix,
    const char *const *words, size_t n);

/* Refuse an option, or the one at hand: return -1. */
int options_refuse_typed(struct options_parser *, const struct options_typed *,
    const char *why);
int options_refuse_value(struct options_parser *, const char *why);

/* To the place of the row: true; a number; which word it is; a text that is not
 * empty. */
options_take_fn options_take_flag;
options_take_fn options_take_number;
options_take_fn options_take_word;
options_take_fn options_take_text;

/* Those that are like no other one. */
options_take_fn options_take_allow;
options_take_fn options_take_answers;
options_take_fn options_take_client;
options_take_fn options_take_command;
options_take_fn options_take_format;
options_take_fn options_take_key;
options_take_fn options_take_listen;
options_take_fn options_take_mode;
options_take_fn options_take_port;
options_take_fn options_take_quiet;
options_take_fn options_take_reply;
options_take_fn options_take_show;
options_take_fn options_take_summary;
options_take_fn options_take_upstream;
options_take_fn options_take_verbose;

#endif
