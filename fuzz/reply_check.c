#include "config.h"

#include "fuzz/reply_check.h"

#include "resp/reply.h"

/* The types of RESP2; it has null too, as $-1 and *-1. */
static bool
is_resp2(const struct reply_token *token)
{
	return (memchr("+-:$*_", (int)token->type, 6) != NULL);
}

size_t
must_be_replies(const struct bytes *b, unsigned resp, bool pushes)
{
	const uint8_t *p = b->data, *end, *from = p;
	struct reply_tokenizer t;
	struct reply_token token;
	enum reply_result result;
	size_t n = 0;

	MUST(!b->failed);
	if (b->len == 0)
		return (0);
	end = p + b->len;
	reply_init(&t);
	while ((result = reply_next(&t, &p, end, &token)) == REPLY_OK) {
		MUST(resp == 3 || is_resp2(&token));
		MUST(pushes || token.type != REPLY_PUSH);
		if (token.kind == REPLY_PIECE && token.type == REPLY_NULL)
			MUST(resp == 3 || *from != '_');
		n += token.done;
		from = p;
	}
	MUST(result == REPLY_MORE && p == end);
	MUST(!t.begun);		/* the last one is whole */
	return (n);
}
