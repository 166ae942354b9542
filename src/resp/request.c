#include "config.h"

#include "resp/request.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "resp/whole.h"

/*
 * An unfinished command between two chunks: its arguments one after the other,
 * each with a head.  The last one may still grow.
 */
struct request_saved {
	struct bytes packed;
	uint32_t total;
	uint32_t n;
	size_t kept;
};

struct head {
	uint32_t kept;
	uint32_t size;
};

void
request_init(struct request *r)
{
	tokenizer_init(&r->tokenizer);
	r->saved = NULL;
}

void
request_free(struct request *r)
{
	if (r->saved == NULL)
		return;
	bytes_free(&r->saved->packed);
	free(r->saved);
	r->saved = NULL;
}

/* Points the saved arguments of args at where they stand now. */
static void
point_at_saved(const struct request *r, struct args *args)
{
	const uint8_t *p;
	struct head head;
	uint32_t i;

	if (r->saved == NULL)
		return;
	p = r->saved->packed.data;
	for (i = 0; i < args->nsaved; i++) {
		memcpy(&head, p, sizeof(head));
		p += sizeof(head);
		args->v[i] = (struct arg){ p, head.kept, head.size, false };
		p += head.kept;
	}
}

static void
load(const struct request *r, struct args *args)
{
	args->total = args->n = args->nsaved = 0;
	args->kept = 0;
	if (r->saved == NULL)
		return;
	args->total = r->saved->total;
	args->n = args->nsaved = r->saved->n;
	args->kept = r->saved->kept;
	point_at_saved(r, args);
}

/* Moves the arguments that still lie in the chunk into the buffer. */
static int
save(struct request *r, struct args *args)
{
	struct bytes *packed;

	if (r->saved == NULL &&
	    (r->saved = calloc(1, sizeof(*r->saved))) == NULL)
		return (-1);
	packed = &r->saved->packed;
	for (; args->nsaved < args->n; args->nsaved++) {
		const struct arg *a = &args->v[args->nsaved];
		struct head head = { a->kept, a->size };

		bytes_add(packed, &head, sizeof(head));
		bytes_add(packed, a->data, a->kept);
	}
	r->saved->total = args->total;
	r->saved->n = args->n;
	r->saved->kept = args->kept;
	if (packed->failed)
		return (-1);
	point_at_saved(r, args);
	return (0);
}

/* Lengthens the last argument, which save() has put at the buffer's end. */
static int
extend_saved(struct request *r, struct args *args, const uint8_t *data,
    size_t len, size_t size)
{
	struct bytes *packed = &r->saved->packed;
	const uint8_t *before = packed->data;
	struct arg *a = &args->v[args->n - 1];
	struct head head = { a->kept + (uint32_t)len,
	    a->size + (uint32_t)size };
	size_t at = packed->len - a->kept - sizeof(head);

	memcpy(packed->data + at, &head, sizeof(head));
	bytes_add(packed, data, len);
	if (packed->failed)
		return (-1);
	a->kept = head.kept;
	a->size = head.size;
	if (packed->data != before)
		point_at_saved(r, args);
	return (0);
}

/* How much of this argument is worth keeping, and (in *all) of the command. */
static size_t
keep_of(const struct args *args, const struct token *token, size_t *all)
{
	const struct arg *name = args->n > 1 ? &args->v[0] : NULL;
	size_t echo = args->keep != NULL ? args->keep(name) : 0;

	*all = echo == 0 ? ARGS_KEEP : echo + ARGS_MAX * sizeof(struct head);
	if (echo > args->clip && token->size <= echo)
		return (echo);
	return (args->clip);
}

static int
add_piece(struct request *r, struct args *args, const struct token *token)
{
	size_t len = token->len, all, most;
	struct arg *a;

	if (token->first) {
		keep_of(args, token, &all);
		if (args->n == args->total && args->n < ARGS_MAX &&
		    args->kept + sizeof(struct head) <= all) {
			a = &args->v[args->n++];
			*a = (struct arg){ .data = token->data };
			args->kept += sizeof(struct head);
		}
		args->total++;
	}
	if (args->n < args->total)	/* one of those left out */
		return (0);
	a = &args->v[args->n - 1];
	most = keep_of(args, token, &all) - a->kept;
	if (most > all - args->kept)
		most = all - args->kept;
	if (len > most)
		len = most;
	args->kept += len;
	if (token->first) {
		a->kept = (uint32_t)len;
		a->size = (uint32_t)token->len;
		return (0);
	}
	if (args->nsaved < args->n && save(r, args) != 0)
		return (-1);
	return (extend_saved(r, args, token->data, len, token->len));
}

/* Takes whole arguments with nothing left out, whatever the command is: these
 * are nearly all.  Returns how many there were. */
static uint32_t
take_plain(struct args *args, const uint8_t **p, const uint8_t *end,
    uint32_t count)
{
	const uint8_t *q = *p, *data;
	size_t clip = args->clip, kept = 0, after;
	uint32_t size, i;

	if (count > ARGS_MAX)
		count = ARGS_MAX;
	for (i = 0; i < count && whole_arg(&q, end, &data, &size); i++) {
		after = kept + sizeof(struct head) + size;
		if (size > clip || after > ARGS_KEEP)
			break;
		args->v[i] = (struct arg){ data, size, size, false };
		kept = after;
		*p = q;
	}
	args->total = args->n = i;
	args->nsaved = 0;
	args->kept = kept;
	return (i);
}

/* The others; part of each may be left out. */
static bool __attribute__((noinline))
take_others(struct request *r, struct args *args, const uint8_t **p,
    const uint8_t *end, uint32_t count)
{
	struct token token = { .kind = TOKEN_ARG, .first = true, .last = true };

	for (; count > 0; count--) {
		if (!whole_arg(p, end, &token.data, &token.size))
			return (false);
		token.len = token.size;
		if (add_piece(r, args, &token) != 0)
			return (false);
	}
	return (true);
}

/* Takes a command that lies whole in the chunk.  On false it is not taken, and
 * args holds nothing of use. */
static bool
take_whole(struct request *r, struct args *args, const uint8_t **p,
    const uint8_t *end)
{
	const uint8_t *q = *p, *others;
	uint32_t count, plain;

	if (!whole_count(&q, end, &count))
		return (false);
	plain = take_plain(args, &q, end, count);
	if (plain < count) {
		others = q;
		if (!take_others(r, args, &others, end, count - plain))
			return (false);
		q = others;
	}
	whole_done(&r->tokenizer, (size_t)(q - *p));
	*p = q;
	return (true);
}

/* Takes what there is of a command, token by token. */
static enum request_result
take_tokens(struct request *r, struct args *args, const uint8_t **p,
    const uint8_t *end)
{
	struct token token;

	for (;;) {
		switch (tokenizer_next(&r->tokenizer, p, end, &token)) {
		case TOKENIZER_OK:
			break;
		case TOKENIZER_BAD:
			return (REQUEST_BAD);
		case TOKENIZER_MORE:
			if (args->total > 0 && save(r, args) != 0)
				return (REQUEST_NOMEM);
			return (REQUEST_MORE);
		}
		if (token.kind == TOKEN_END)
			return (REQUEST_OK);
		if (add_piece(r, args, &token) != 0)
			return (REQUEST_NOMEM);
	}
}

enum request_result
request_next(struct request *r, struct args *args, const uint8_t **p,
    const uint8_t *end)
{
	struct tokenizer *t = &r->tokenizer;
	bool between = tokenizer_between(t);
	enum request_result result = REQUEST_OK;

	if (between)
		request_free(r);	/* the command before is done with */
	if (!between || !take_whole(r, args, p, end)) {
		load(r, args);
		result = take_tokens(r, args, p, end);
	}
	args->offset = t->start;
	args->bytes = t->offset - t->start;
	return (result);
}
