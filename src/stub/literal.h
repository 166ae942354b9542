/*
 * A reply as one line of text, such as the trace shows it, turned into RESP.
 *
 *   OK  (status) "O K"  (error) ERR text  (integer) 1  "bulk\n"  (nil)
 *   (double) 1.5  (true)  (false)  (bignum) 1  (verbatim) "txt:text"
 *   [a, b]  {k: v}  ~[a, b]  |{k: v} value  >[a, b]  >[a, b] value
 *
 * Bare text reaches to the end of the line; inside brackets it holds none of
 * , : " [ ] { }.  In it and in quotes \" \\ \n \r \t \b \a \xHH mean what they
 * mean to redis-cli.  Text that could be taken for something else stands in
 * quotes: (status) "[a]", (error) "ERR a, b".
 *
 * What RESP2 does not have is written as Redis does for such a client: a map
 * as a flat array, a set as an array, doubles, big numbers and verbatim strings
 * as bulk strings, booleans as :1 and :0, (nil) as $-1; an attribute is left
 * out, and so is a push in front of a value; a push alone is an array, as the
 * messages of a subscription are.  An error text with a line break is a blob
 * error (!), in RESP2 an error with spaces there.
 */
#ifndef STUB_LITERAL_H
#define STUB_LITERAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "resp/reply.h"

/* How deep brackets may nest: what can be shown can be read. */
#define LITERAL_DEPTH_MAX REPLY_DEPTH_MAX

/* A value, or an aggregate before its elements. */
struct literal_node {
	enum reply_type type;
	uint64_t values;	/* aggregates: elements, keys counted too;
				 * booleans: 1 or 0 */
	size_t end;		/* the first node that is not inside */
	size_t at;		/* scalars: where their text is */
	size_t len;
};

/* All zeros is one to read into. */
struct literal {
	struct literal_node *nodes;
	size_t n;
	size_t cap;
	struct bytes text;
};

/*
 * Reads the text; blanks around it are allowed.  Returns NULL, or what is
 * wrong and the cure (a static string), with the place of the byte at fault in
 * *wrong_at (at most len).  Either way the literal is to be freed.
 */
const char *literal_read(struct literal *, const uint8_t *text, size_t len,
    size_t *wrong_at);

/* Adds the reply in that protocol (2 or 3), and to values where in it each of
 * its values ends: see stub_value.h. */
void literal_add(const struct literal *, unsigned resp, struct bytes *out,
    struct bytes *values);

void literal_free(struct literal *);

#endif
