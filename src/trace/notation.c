#include "config.h"

#include "trace/notation.h"

#include <ctype.h>
#include <string.h>

#include "resp/reply.h"
#include "trace/quote.h"

struct writer {
	struct bytes *out;
	size_t clip;
	size_t room;		/* bytes of strings that may still be shown */
	size_t shown;		/* of this string */
	size_t left_out;	/* of this string */
	unsigned depth;
	bool utf8;
	struct place {
		uint8_t type;
		uint64_t values;	/* so far */
	} stack[REPLY_DEPTH_MAX + 1];
};

/* The brackets that an aggregate stands in. */
static const char *
opening(enum reply_type type)
{
	switch (type) {
	case REPLY_MAP:
		return ("{");
	case REPLY_SET:
		return ("~[");
	case REPLY_ATTRIBUTE:
		return ("|{");
	case REPLY_PUSH:
		return (">[");
	default:
		return ("[");
	}
}

static bool
has_keys(uint8_t type)
{
	return (type == REPLY_MAP || type == REPLY_ATTRIBUTE);
}

/* What stands between the value before and the one that begins now. */
static void
add_separator(struct writer *w)
{
	struct place *p = &w->stack[w->depth];

	if (w->depth == 0 || p->values == 0)
		return;
	bytes_add_string(w->out,
	    has_keys(p->type) && p->values % 2 == 1 ? ": " : ", ");
}

static void
end_value(struct writer *w, enum reply_type type)
{
	if (type == REPLY_ATTRIBUTE)
		bytes_add(w->out, " ", 1);
	else
		w->stack[w->depth].values++;
}

/* What redis-cli puts before a value of that type. */
static const char *
prefix(enum reply_type type)
{
	switch (type) {
	case REPLY_ERROR:
	case REPLY_BLOB_ERROR:
		return ("(error) ");
	case REPLY_INTEGER:
		return ("(integer) ");
	case REPLY_DOUBLE:
		return ("(double) ");
	case REPLY_BIGNUM:
		return ("(bignum) ");
	case REPLY_VERBATIM:
		return ("(verbatim) ");
	default:
		return ("");
	}
}

static bool
in_quotes(enum reply_type type)
{
	return (type == REPLY_BULK || type == REPLY_VERBATIM);
}

static void
add_piece(struct writer *w, const struct reply_token *token)
{
	size_t most = w->clip - w->shown, n = token->len;

	if (most > w->room)
		most = w->room;
	if (n > most)
		n = most;
	w->shown += n;
	w->room -= n;
	w->left_out += token->len - n;
	if (n > 0)
		quote_add(w->out, token->data, n, w->utf8);
}

static void
add_scalar(struct writer *w, const struct reply_token *token)
{
	if (token->first) {
		w->shown = w->left_out = 0;
		bytes_add_string(w->out, prefix(token->type));
		if (in_quotes(token->type))
			bytes_add(w->out, "\"", 1);
	}
	if (token->type == REPLY_NULL) {
		if (token->last)
			bytes_add_string(w->out, "(nil)");
	} else if (token->type == REPLY_BOOLEAN) {
		if (token->len > 0)
			bytes_add_string(w->out,
			    *token->data == 't' ? "(true)" : "(false)");
	} else {
		add_piece(w, token);
	}
	if (!token->last)
		return;
	if (in_quotes(token->type))
		bytes_add(w->out, "\"", 1);
	if (w->left_out > 0)
		bytes_addf(w->out, "... (%zu more byte%s)", w->left_out,
		    w->left_out == 1 ? "" : "s");
}

static void
add_token(struct writer *w, const struct reply_token *token)
{
	switch (token->kind) {
	case REPLY_PIECE:
		if (token->first)
			add_separator(w);
		add_scalar(w, token);
		if (token->last)
			end_value(w, token->type);
		break;
	case REPLY_OPEN:
		add_separator(w);
		bytes_add_string(w->out, opening(token->type));
		w->stack[++w->depth] = (struct place){ token->type, 0 };
		break;
	case REPLY_CLOSE:
		bytes_add_string(w->out, has_keys(token->type) ? "}" : "]");
		w->depth--;
		end_value(w, token->type);
		break;
	}
}

void
notation_add(struct bytes *out, const uint8_t *data, size_t len, size_t clip,
    bool utf8)
{
	struct writer w;
	struct reply_tokenizer t;
	struct reply_token token;
	const uint8_t *p = data, *end = data + len;
	enum reply_result result;

	w.out = out;
	w.clip = clip;
	w.room = NOTATION_MAX;
	w.depth = 0;
	w.utf8 = utf8;
	w.stack[0].values = 0;
	reply_init(&t);
	while ((result = reply_next(&t, &p, end, &token)) == REPLY_OK) {
		add_token(&w, &token);
		if (token.done)
			return;
	}
	if (result == REPLY_BAD && p < end) {
		bytes_add_string(out, " \"");
		quote_add(out, p, (size_t)(end - p), utf8);
		bytes_add(out, "\"", 1);
	}
}

void
notation_add_name(struct bytes *out, const uint8_t *name, size_t len)
{
	bool word = len > 0;
	size_t i;

	for (i = 0; i < len; i++)
		if (!isalnum(name[i]) && memchr("._|-", name[i], 4) == NULL)
			word = false;
	if (!word)
		bytes_add(out, "\"", 1);
	quote_add(out, name, len, false);
	if (!word)
		bytes_add(out, "\"", 1);
}
