#include "config.h"

#include "redis/redact_reply.h"

#include <string.h>
#include <strings.h>

/* What ACL GETUSER calls them. */
static const char acl_passwords[] = "passwords";

/* What a line of ACL LIST begins with. */
static const char acl_line[] = "user ";

/* The chunk at hand, and where its spans go. */
struct target {
	const uint8_t *chunk;
	size_t len;
	struct spans *spans;
};

void
redact_reply_init(struct redact_reply *r, enum redact_level level,
    unsigned shapes)
{
	r->level = (uint8_t)level;
	r->shapes = (uint8_t)shapes;
	r->depth = r->hidden = 0;
	r->next = false;
	redact_init(&r->line);
}

void
redact_reply_free(struct redact_reply *r)
{
	redact_free(&r->line);
}

static void
hide(const struct target *to, const uint8_t *data, size_t len)
{
	if (len > 0)
		spans_add(to->spans, (size_t)(data - to->chunk), len,
		    to->len);
}

/* Errors quote what the client sent. */
static void
hide_quoted(struct redact_reply *r, const struct reply_token *token,
    const struct target *to)
{
	const uint8_t *data = token->data, *from = data;

	if (token->len == 0)
		return;
	if (!r->secret && (from = memchr(data, '\'', token->len)) == NULL)
		return;
	r->secret = true;
	hide(to, from, token->len - (size_t)(from - data));
}

/* REDACT_VALUES: all that a user may have stored. */
static void
hide_value(struct redact_reply *r, const struct reply_token *token,
    const struct target *to)
{
	switch (token->type) {
	case REPLY_BULK:
	case REPLY_VERBATIM:
	case REPLY_BIGNUM:
	case REPLY_DOUBLE:
		hide(to, token->data, token->len);
		break;
	case REPLY_ERROR:
	case REPLY_BLOB_ERROR:
		hide_quoted(r, token, to);
		break;
	default:
		break;
	}
}

/* Each word of a line is judged by its first byte. */
static void
hide_hashes(struct redact_reply *r, const struct reply_token *token,
    const struct target *to)
{
	size_t i, from = 0;

	for (i = 0; i < token->len; i++) {
		uint8_t c = token->data[i];

		if (r->word_begins) {
			r->secret = memchr("#><!", c, 4) != NULL;
			from = i;
		}
		r->word_begins = c == ' ';
		if (c == ' ' && r->secret) {
			hide(to, token->data + from, i - from);
			r->secret = false;
		}
	}
	if (r->secret)
		hide(to, token->data + from, token->len - from);
}

/* Behind "] " a line of MONITOR is a command in the form of an inline one. */
static void
hide_command(struct redact_reply *r, const struct reply_token *token,
    const struct target *to)
{
	struct spans found;
	size_t i, at = 0;

	for (; at < token->len && !r->command; at++) {
		r->command = r->last == ']' && token->data[at] == ' ';
		r->last = token->data[at];
	}
	if (at == token->len)
		return;
	if (spans_init(&found) == -1) {
		r->line.lost = true;	/* it does not see these bytes */
		hide(to, token->data + at, token->len - at);
		return;
	}
	redact_requests(&r->line, (enum redact_level)r->level,
	    token->data + at, token->len - at, &found);
	for (i = 0; i < found.n; i++)
		hide(to, token->data + at + found.v[i].at, found.v[i].len);
	spans_free(&found);
}

static void
begin_string(struct redact_reply *r)
{
	r->whole = r->next || r->hidden > 0;
	r->next = r->secret = false;
	r->len = 0;
	r->word_begins = false;
	r->last = '\0';
	r->command = false;
	redact_free(&r->line);
}

static void
add_to_word(struct redact_reply *r, const uint8_t *data, size_t len)
{
	size_t had = r->len, n = REDACT_WORD_MAX - had;

	if (len == 0 || had > REDACT_WORD_MAX)
		return;
	if (n > len)
		n = len;
	memcpy(r->word + had, data, n);
	r->len = (uint8_t)(len > n ? REDACT_WORD_MAX + 1 : had + n);
}

/* What follows a name may be its secret. */
static void
end_string(struct redact_reply *r)
{
	if (r->len > REDACT_WORD_MAX)
		return;
	if ((r->shapes & REDACT_CONFIG) && redact_is_setting(r->word, r->len))
		r->next = true;
	if ((r->shapes & REDACT_ACL_USER) && r->len == strlen(acl_passwords) &&
	    strncasecmp(r->word, acl_passwords, r->len) == 0)
		r->next = true;
}

/* What is behind the first word of a line of ACL LIST is words to judge. */
static void
take_line(struct redact_reply *r, const struct reply_token *token,
    const struct target *to)
{
	struct reply_token rest = *token;
	size_t head = strlen(acl_line), had = r->len, n = 0;

	add_to_word(r, token->data, token->len);
	if (r->len < head || memcmp(r->word, acl_line, head) != 0)
		return;
	if (had < head) {
		n = head - had;
		r->word_begins = true;
	}
	rest.len -= n;
	if (rest.len == 0)
		return;
	rest.data += n;
	hide_hashes(r, &rest, to);
}

static void
take_piece(struct redact_reply *r, const struct reply_token *token,
    const struct target *to)
{
	bool error = token->type == REPLY_ERROR ||
	    token->type == REPLY_BLOB_ERROR;

	if (token->first)
		begin_string(r);
	if (r->whole || (!error && (r->shapes & REDACT_WHOLE)))
		hide(to, token->data, token->len);
	else if (error && (r->shapes & REDACT_QUOTES))
		hide_quoted(r, token, to);
	else if (token->type == REPLY_STATUS && r->depth == 0 &&
	    (r->shapes & REDACT_MONITOR))
		hide_command(r, token, to);
	else if (r->level == REDACT_VALUES)
		hide_value(r, token, to);
	else if (r->shapes & REDACT_ACL_LIST)
		take_line(r, token, to);
	else
		add_to_word(r, token->data, token->len);
	if (token->last && !r->whole)
		end_string(r);
}

void
redact_reply_token(struct redact_reply *r, const struct reply_token *token,
    const uint8_t *chunk, size_t len, struct spans *spans)
{
	struct target to = { chunk, len, spans };

	if (r->level == REDACT_NONE ||
	    (r->level == REDACT_SECRETS && r->shapes == 0))
		return;
	switch (token->kind) {
	case REPLY_PIECE:
		take_piece(r, token, &to);
		break;
	case REPLY_OPEN:
		r->depth++;
		if (r->next && r->hidden == 0)
			r->hidden = r->depth;
		r->next = false;
		break;
	case REPLY_CLOSE:
		if (r->hidden == r->depth)
			r->hidden = 0;
		r->depth--;
		break;
	case REPLY_DEEP:
		break;
	}
}

static void
hide_strings(const uint8_t *data, size_t len, struct spans *spans)
{
	const uint8_t *p = data, *end = data + len;
	struct reply_tokenizer t;
	struct reply_token token;
	struct redact_reply r;

	reply_init(&t);
	redact_reply_init(&r, REDACT_VALUES, 0);
	while (reply_next(&t, &p, end, &token) == REPLY_OK)
		redact_reply_token(&r, &token, data, len, spans);
}

void
redact_replies(enum redact_level level, bool echo, const uint8_t *data,
    size_t len, struct spans *spans)
{
	struct redact r;

	spans->n = 0;
	if (level == REDACT_VALUES) {
		hide_strings(data, len, spans);
	} else if (echo) {
		/* What is sent back has the form of a request. */
		redact_init(&r);
		redact_requests(&r, level, data, len, spans);
		redact_free(&r);
	}
}
