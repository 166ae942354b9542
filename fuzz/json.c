#include "config.h"

#include "fuzz/json.h"

struct json {
	struct input in;
	unsigned depth;
	struct bytes text;	/* of the string just read */
};

static bool take_value(struct json *);

static bool
take(struct json *j, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(j->in.end - j->in.p) < len ||
	    memcmp(j->in.p, word, len) != 0)
		return (false);
	j->in.p += len;
	return (true);
}

/* Strings */

static void
add_character(struct bytes *out, uint32_t code)
{
	uint8_t utf8[4];
	size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	size_t i;

	for (i = n - 1; i > 0; i--, code >>= 6)
		utf8[i] = (uint8_t)(0x80 | (code & 0x3f));
	utf8[0] = (uint8_t)(n == 1 ? code : (0xf00u >> n & 0xff) | code);
	bytes_add(out, utf8, n);
}

/* A character of UTF-8 that need not be escaped. */
static bool
take_character(struct json *j)
{
	static const uint32_t least[] = { 0, 0x20, 0x80, 0x800, 0x10000 };
	const uint8_t *p = j->in.p;
	uint8_t c = *p;
	uint32_t code;
	size_t n, i;

	n = c < 0x80 ? 1 : c < 0xc0 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	if (n == 0 || c >= 0xf8 || (size_t)(j->in.end - p) < n)
		return (false);
	code = n == 1 ? c : c & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return (false);
		code = code << 6 | (p[i] & 0x3f);
	}
	if (code < least[n] || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xdfff))
		return (false);
	bytes_add(&j->text, p, n);
	j->in.p += n;
	return (true);
}

/* Four hexadecimal digits. */
static bool
take_unit(struct json *j, uint32_t *unit)
{
	char hex[5] = "";

	if (j->in.end - j->in.p < 4)
		return (false);
	memcpy(hex, j->in.p, 4);
	if (strspn(hex, "0123456789abcdefABCDEF") != 4)
		return (false);
	*unit = (uint32_t)strtoul(hex, NULL, 16);
	j->in.p += 4;
	return (true);
}

/* Behind the backslash. */
static bool
take_escape(struct json *j)
{
	static const char letters[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
	uint8_t c = input_byte(&j->in);
	const char *letter = c == '\0' ? NULL : strchr(letters, c);
	uint32_t unit, low;

	if (letter != NULL) {
		bytes_add(&j->text, &means[letter - letters], 1);
		return (true);
	}
	if (c != 'u' || !take_unit(j, &unit))
		return (false);
	if (unit >= 0xdc00 && unit <= 0xdfff)
		return (false);
	if (unit >= 0xd800 && unit <= 0xdbff) {
		if (!take(j, "\\u") || !take_unit(j, &low) || low < 0xdc00 ||
		    low > 0xdfff)
			return (false);
		unit = 0x10000 + ((unit & 0x3ff) << 10 | (low & 0x3ff));
	}
	add_character(&j->text, unit);
	return (true);
}

static bool
take_string(struct json *j)
{
	bytes_truncate(&j->text, 0);
	if (!take(j, "\""))
		return (false);
	while (!take(j, "\""))
		if (j->in.p == j->in.end || (take(j, "\\") ? !take_escape(j) :
		    !take_character(j)))
			return (false);
	return (true);
}

/* Values */

static bool
take_digits(struct json *j)
{
	const uint8_t *from = j->in.p;

	while (j->in.p < j->in.end && *j->in.p >= '0' && *j->in.p <= '9')
		j->in.p++;
	return (j->in.p > from);
}

static bool
take_number(struct json *j)
{
	take(j, "-");
	if (!take(j, "0") && !take_digits(j))
		return (false);
	if (take(j, ".") && !take_digits(j))
		return (false);
	if (!take(j, "e") && !take(j, "E"))
		return (true);
	if (!take(j, "+"))
		take(j, "-");
	return (take_digits(j));
}

static bool
take_members(struct json *j, const char *close)
{
	if (++j->depth > JSON_DEPTH)
		return (false);
	if (!take(j, close)) {
		do {
			if (*close == '}' && (!take_string(j) || !take(j, ":")))
				return (false);
			if (!take_value(j))
				return (false);
		} while (take(j, ","));
		if (!take(j, close))
			return (false);
	}
	j->depth--;
	return (true);
}

static bool
take_value(struct json *j)
{
	if (j->in.p == j->in.end)
		return (false);
	if (*j->in.p == '"')
		return (take_string(j));
	if (take(j, "["))
		return (take_members(j, "]"));
	if (take(j, "{"))
		return (take_members(j, "}"));
	return (take(j, "true") || take(j, "false") || take(j, "null") ||
	    take_number(j));
}

bool
json_is_line(const uint8_t *data, size_t len)
{
	struct json j = { .in = { data, data + len } };
	bool result = take_value(&j) && take(&j, "\n") && j.in.p == j.in.end;

	bytes_free(&j.text);
	return (result);
}

bool
json_member(const uint8_t *data, size_t len, const char *name,
    struct input *value)
{
	struct json j = { .in = { data, data + len } };
	bool found = false;

	if (!take(&j, "{"))
		return (false);
	while (!found && take_string(&j) && take(&j, ":")) {
		found = j.text.len == strlen(name) &&
		    memcmp(j.text.data, name, j.text.len) == 0;
		value->p = j.in.p;
		if (!take_value(&j))
			found = false;
		value->end = j.in.p;
		take(&j, ",");
	}
	bytes_free(&j.text);
	return (found);
}

/* Bytes */

static int
sixtyfour(uint8_t c)
{
	return (c >= 'A' && c <= 'Z' ? c - 'A' : c >= 'a' && c <= 'z' ?
	    c - 'a' + 26 : c >= '0' && c <= '9' ? c - '0' + 52 :
	    c == '+' ? 62 : c == '/' ? 63 : -1);
}

static bool
decode(const struct bytes *text, struct bytes *out)
{
	size_t len = text->len, i;
	uint32_t word = 0;
	uint8_t three[3];
	int pad = 0, n;

	if (len % 4 != 0)
		return (false);
	for (i = 0; i < len; i++) {
		n = sixtyfour(text->data[i]);
		if (n < 0 && (text->data[i] != '=' || i + 2 < len))
			return (false);
		pad += n < 0;
		word = word << 6 | (uint32_t)(n < 0 ? 0 : n);
		if (i % 4 < 3)
			continue;
		three[0] = (uint8_t)(word >> 16);
		three[1] = (uint8_t)(word >> 8);
		three[2] = (uint8_t)word;
		bytes_add(out, three, (size_t)(3 - pad));
	}
	return (true);
}

bool
json_add_decoded(struct input value, struct bytes *out)
{
	struct json j = { .in = value };
	bool result = take_string(&j) && decode(&j.text, out);

	bytes_free(&j.text);
	return (result);
}

/* A list of values, each of which stands for bytes. */
static bool
add_all(struct input list, struct bytes *out)
{
	struct json j = { .in = list };
	struct input value;
	bool result = take(&j, "[");

	while (result && !take(&j, "]")) {
		value.p = j.in.p;
		result = take_value(&j);
		value.end = j.in.p;
		result = result && json_add_bytes(value, out);
		take(&j, ",");
	}
	bytes_free(&j.text);
	return (result);
}

bool
json_add_bytes(struct input value, struct bytes *out)
{
	size_t len = (size_t)(value.end - value.p);
	struct json j = { .in = value };
	struct input inner;
	unsigned long n;

	if (*value.p == '[')
		return (add_all(value, out));
	if (*value.p == '"' && take_string(&j)) {
		bytes_add(out, j.text.data, j.text.len);
		bytes_free(&j.text);
		return (true);
	}
	if (json_member(value.p, len, "base64", &inner))
		return (json_add_decoded(inner, out));
	if (!json_member(value.p, len, "redacted", &inner))
		return (false);
	for (n = strtoul((const char *)inner.p, NULL, 10); n > 0; n--)
		bytes_add(out, "*", 1);
	return (true);
}
