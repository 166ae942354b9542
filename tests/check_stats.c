/* The summary: percentiles, top keys, rows, and how they are printed. */
#include "config.h"

#include "sink/stats.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redis/command.h"
#include "sink/stats_private.h"

#define COUNT(table) ((int)(sizeof(table) / sizeof(table[0])))

/* Random numbers, the same in each run (George Marsaglia's xorshift64). */
static uint64_t seed;

static uint64_t
draw(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed % below);
}

static void
start(void)
{
	seed = 88172645463325252;
}

/* Histograms */

#define VALUES 2000

static int
compare_values(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x < y ? -1 : x > y);
}

/* At most 2 % off what the sorted values say. */
static void
assert_percentiles(const struct histogram *h, uint64_t *values, int n)
{
	static const unsigned percents[] = { 1, 10, 50, 90, 99, 100 };
	uint64_t want, got;
	int i;

	qsort(values, (size_t)n, sizeof(values[0]), compare_values);
	for (i = 0; i < COUNT(percents); i++) {
		got = histogram_percentile(h, percents[i]);
		want = values[((uint64_t)n * percents[i] + 99) / 100 - 1];
		ck_assert_uint_le(got > want ? got - want : want - got,
		    want / 50);
	}
	ck_assert_uint_eq(h->max, values[n - 1]);
}

/* Values of so many bits. */
START_TEST(percentiles_are_right_at_every_magnitude)
{
	static uint64_t values[VALUES];
	struct histogram h = { 0 };
	uint64_t least = UINT64_C(1) << _i;
	int i;

	for (i = 0; i < VALUES; i++) {
		values[i] = least + draw(least);
		histogram_add(&h, values[i]);
	}
	assert_percentiles(&h, values, VALUES);
}
END_TEST

START_TEST(percentiles_are_right_over_all_magnitudes)
{
	static uint64_t values[VALUES];
	struct histogram h = { 0 }, parts[2] = { 0 };
	int i;

	for (i = 0; i < VALUES; i++) {
		values[i] = draw(UINT64_C(1) << draw(HISTOGRAM_BITS));
		histogram_add(&h, values[i]);
		histogram_add(&parts[i % 2], values[i]);
	}
	assert_percentiles(&h, values, VALUES);
	histogram_merge(&parts[0], &parts[1]);
	ck_assert_mem_eq(&parts[0], &h, sizeof(h));
}
END_TEST

/* Both sides of each power of two; a larger value lets the middle show. */
START_TEST(bounds_of_buckets_are_right)
{
	uint64_t value = (UINT64_C(1) << _i) - 1, got;
	struct histogram h;
	int i;

	for (i = 0; i < 3; i++, value++) {
		h = (struct histogram){ 0 };
		histogram_add(&h, value);
		histogram_add(&h, UINT64_MAX);
		got = histogram_percentile(&h, 50);
		ck_assert_uint_le(got > value ? got - value : value - got,
		    value < 64 ? 0 : value / 50);
	}
}
END_TEST

START_TEST(no_value_is_too_much)
{
	struct histogram h = { 0 };

	ck_assert_uint_eq(histogram_percentile(&h, 50), 0);
	histogram_add(&h, UINT64_MAX);
	ck_assert_uint_eq(h.max, UINT64_MAX);
	ck_assert_uint_eq(h.counts[HISTOGRAM_BUCKETS - 1], 1);
	h = (struct histogram){ 0 };
	histogram_add(&h, 100001);
	ck_assert_uint_le(histogram_percentile(&h, 99), h.max);
}
END_TEST

/* Keys */

#define KEYS 40000
#define HEAVY 20

static uint64_t truth[KEYS];
static struct top_keys top, other;

static void
add_key(struct top_keys *t, uint64_t i, uint64_t bytes)
{
	char name[32];
	struct arg key = { .data = (uint8_t *)name };

	key.kept = (uint32_t)snprintf(name, sizeof(name), "key:%llu",
	    (unsigned long long)i);
	key.size = key.kept;
	truth[i] += bytes;
	top_keys_add(t, &key, bytes);
}

static uint64_t
key_number(const struct top_key *k)
{
	char name[SHORT_ARG + 1] = { 0 };

	memcpy(name, k->key.data, k->key.kept);
	return (strtoull(name + strlen("key:"), NULL, 10));
}

/* What top_keys.h promises, of each key that is there and of those that are
 * not. */
static void
assert_keys(const struct top_keys *t)
{
	static bool there[KEYS];
	uint64_t all = 0, i, most;
	uint32_t k;

	memset(there, 0, sizeof(there));
	for (i = 0; i < KEYS; i++)
		all += truth[i];
	most = 2 * all / TOP_KEYS;
	ck_assert_uint_le(t->n, TOP_KEYS);
	ck_assert_uint_le(t->floor, most);
	for (k = 0; k < t->n; k++) {
		i = key_number(&t->v[k]);
		ck_assert(!there[i]);
		there[i] = true;
		ck_assert_uint_le(t->v[k].over, most);
		ck_assert_uint_ge(t->v[k].bytes, truth[i]);
		ck_assert_uint_le(t->v[k].bytes - t->v[k].over, truth[i]);
	}
	for (i = 0; i < KEYS; i++)
		ck_assert(there[i] || truth[i] <= most);
}

static void
clear_keys(void)
{
	memset(&top, 0, sizeof(top));
	memset(&other, 0, sizeof(other));
	memset(truth, 0, sizeof(truth));
	start();
}

/* How the n-th key and its bytes are chosen. */
static void
choose_any(uint64_t n, uint64_t *key, uint64_t *bytes)
{
	(void)n;
	*key = draw(KEYS);
	*bytes = 1 + draw(1000);
}

static void
choose_heavy(uint64_t n, uint64_t *key, uint64_t *bytes)
{
	*key = n % 10 == 0 ? draw(HEAVY) : draw(KEYS);
	*bytes = 1 + draw(1000);
}

static void
choose_in_turn(uint64_t n, uint64_t *key, uint64_t *bytes)
{
	*key = n % KEYS;
	*bytes = 7;
}

static void
choose_growing(uint64_t n, uint64_t *key, uint64_t *bytes)
{
	*key = n % KEYS;
	*bytes = 1 + n;
}

static void
choose_few(uint64_t n, uint64_t *key, uint64_t *bytes)
{
	(void)n;
	*key = draw(TOP_KEYS / 2);
	*bytes = draw(100);
}

static void (*const choices[])(uint64_t, uint64_t *, uint64_t *) = {
	choose_any, choose_heavy, choose_in_turn, choose_growing, choose_few
};

START_TEST(keys_are_counted_within_bounds)
{
	uint64_t n, key, bytes;

	for (n = 0; n < 3 * KEYS; n++) {
		choices[_i](n, &key, &bytes);
		add_key(&top, key, bytes);
		if (n % KEYS == KEYS / 2)
			assert_keys(&top);
	}
	assert_keys(&top);
}
END_TEST

START_TEST(merged_keys_are_within_bounds)
{
	uint64_t n, key, bytes;

	for (n = 0; n < 3 * KEYS; n++) {
		choices[_i](n, &key, &bytes);
		add_key(n % 3 == 0 ? &top : &other, key, bytes);
	}
	top_keys_merge(&top, &other);
	assert_keys(&top);
	/* It goes on as if nothing had been. */
	for (n = 0; n < KEYS; n++) {
		choices[_i](n, &key, &bytes);
		add_key(&top, key, bytes);
	}
	assert_keys(&top);
}
END_TEST

START_TEST(heavy_keys_come_first)
{
	const struct top_key *list[HEAVY];
	uint64_t n, key, bytes;
	size_t i;

	for (n = 0; n < 10 * KEYS; n++) {
		choose_heavy(n, &key, &bytes);
		add_key(&top, key, bytes);
	}
	ck_assert_uint_eq(top_keys_list(&top, list, HEAVY), HEAVY);
	for (i = 0; i < HEAVY; i++) {
		ck_assert_uint_lt(key_number(list[i]), HEAVY);
		if (i > 0)
			ck_assert_uint_ge(list[i - 1]->bytes, list[i]->bytes);
	}
	ck_assert_uint_eq(top_keys_list(&top, list, 3), 3);
}
END_TEST

START_TEST(few_keys_are_exact)
{
	uint64_t i;

	for (i = 0; i < TOP_KEYS; i++)
		add_key(i % 2 == 0 ? &top : &other, i, i);
	top_keys_merge(&top, &other);
	ck_assert_uint_eq(top.n, TOP_KEYS);
	for (i = 0; i < TOP_KEYS; i++) {
		ck_assert_uint_eq(top.v[i].over, 0);
		ck_assert_uint_eq(top.v[i].bytes, key_number(&top.v[i]));
	}
}
END_TEST

/* One of them had to let a key go that is heavy in the other. */
START_TEST(merge_knows_what_may_have_gone)
{
	const struct top_key *first;
	uint64_t i;

	add_key(&top, 0, 5);
	for (i = 1; i <= 3 * TOP_KEYS; i++)
		add_key(&top, i, 10);
	add_key(&other, 0, 1000000);
	top_keys_merge(&top, &other);
	ck_assert_uint_eq(top_keys_list(&top, &first, 1), 1);
	ck_assert_uint_eq(key_number(first), 0);
	ck_assert_uint_ge(first->bytes, 1000005);
	ck_assert_uint_le(first->bytes - first->over, 1000005);
	assert_keys(&top);
}
END_TEST

/* Whether two keys are one; each kept and size. */
#define LONG "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
	struct arg a;
	struct arg b;
	bool same;
} pairs[] = {
#define KEY(s, size) { (const uint8_t *)(s), sizeof(s) - 1, size, false }
	{ KEY("", 0), KEY("", 0), true },
	{ KEY("", 0), KEY("\0", 1), false },
	{ KEY("a", 1), KEY("a\0", 2), false },
	{ KEY("12345678", 8), KEY("12345678", 8), true },
	{ KEY("12345678", 8), KEY("12345678\0", 9), false },
	{ KEY("123456789", 9), KEY("12345678x", 9), false },
	{ KEY(LONG, 64), KEY(LONG, 64), true },
	{ KEY(LONG, 64), KEY(LONG "x", 65), false },
	{ KEY(LONG "x", 65), KEY(LONG "y", 65), true },
	{ KEY(LONG "x", 65), KEY(LONG, 65), true },
	{ KEY(LONG "x", 65), KEY(LONG "y", 66), false }
};

START_TEST(key_is_known_by_its_beginning_and_length)
{
	top_keys_add(&top, &pairs[_i].a, 1);
	top_keys_add(&top, &pairs[_i].b, 2);
	ck_assert_uint_eq(top.n, pairs[_i].same ? 1 : 2);
	ck_assert_uint_eq(top.v[0].bytes, pairs[_i].same ? 3 : 1);
}
END_TEST

/* Records */

static struct stats *stats;
static const struct stats_totals totals = { 3, 21, 1000, 2000, 5, 0 };

static struct arg
word(const char *s)
{
	return ((struct arg){ (const uint8_t *)s, (uint32_t)strlen(s),
	    (uint32_t)strlen(s), false });
}

static void
set_up(void)
{
	stats = stats_new();
	ck_assert_ptr_nonnull(stats);
	stats->since.tv_sec = 0;
	clear_keys();
}

static void
tear_down(void)
{
	stats_free(stats);
}

/* A reply in short: of this command, to this key (NULL: none). */
static void
add_reply_to(struct stats *s, const char *name, const char *key,
    const char *value, uint64_t us)
{
	struct arg n = word(name), k;
	struct record r = { .event = RECORD_REPLY, .conn = 7,
		.when = { .tv_sec = 1795431601, .tv_nsec = 123000 } };

	if (key != NULL) {
		k = word(key);
		r.u.reply.key = &k;
	}
	r.u.reply.no = us;
	r.u.reply.name = &n;
	r.u.reply.command = command_find(&n);
	r.u.reply.request_bytes = 100;
	r.u.reply.last = true;
	r.u.reply.latency_us = us;
	r.u.reply.value.data = (const uint8_t *)value;
	r.u.reply.value.len = strlen(value);
	stats_add(s, &r);
}

/* Without what the clock says. */
static const char *
json_of(const struct stats *s)
{
	static struct bytes out;
	const char *p;

	bytes_truncate(&out, 0);
	stats_json(s, &totals, &out);
	bytes_add(&out, "", 1);
	ck_assert(!out.failed);
	p = strstr((const char *)out.data, "\"totals\"");
	ck_assert_ptr_nonnull(p);
	return (p);
}

static const char *
text_of(const struct stats *s)
{
	static struct bytes out;
	size_t i;

	bytes_truncate(&out, 0);
	stats_text(s, &totals, &out);
	bytes_add(&out, "", 1);
	ck_assert(!out.failed);
	for (i = 0; i + 1 < out.len; i++)
		ck_assert(out.data[i] == '\n' ||
		    (out.data[i] >= ' ' && out.data[i] <= '~'));
	return (strchr((const char *)out.data, '\n'));
}

/* Check cannot say what is that long. */
static void
assert_same(const char *got, const char *want)
{
	if (strcmp(got, want) == 0)
		return;
	fprintf(stderr, "got:\n%s\nwant:\n%s\n", got, want);
	ck_abort_msg("not what it is to be");
}

START_TEST(nothing_is_printed_of_nothing)
{
	assert_same(json_of(stats), "\"totals\":{\"connections\":3,"
	    "\"commands\":21,\"received\":1000,\"sent\":2000,\"pushes\":0,"
	    "\"protocol_errors\":0,\"dropped\":5,\"stalled\":0},"
	    "\"commands\":[],"
	    "\"slowest\":[],\"keys\":[]}\n");
	assert_same(text_of(stats), "\nreceived 1000 bytes, sent 2000 "
	    "bytes\n0 pushes, 0 protocol errors, 5 records dropped\n");
}
END_TEST

static void
add_some(struct stats *s)
{
	struct record push = { .event = RECORD_PUSH };
	struct record error = { .event = RECORD_ERROR };
	struct record other_event = { .event = RECORD_CMD };

	add_reply_to(s, "GET", "a\"\n", "$1\r\nx\r\n", 12);
	add_reply_to(s, "get", "b", "-ERR no\r\n", 1500);
	add_reply_to(s, "Set", "b", "!2\r\nno\r\n", 63);
	add_reply_to(s, "n\x1bo", NULL, "-ERR\r\n", 7);
	add_reply_to(s, "ping", NULL, "+PONG\r\n", 12345678);
	stats_add(s, &push);
	stats_add(s, &error);
	stats_add(s, &error);
	stats_add(s, &other_event);
}

START_TEST(summary_is_written_as_json)
{
#define ROW(name, numbers) "{\"name\":\"" name "\"," numbers "}"
#define SLOW(no, what)                                                         \
	"{\"time\":\"2026-11-23T11:00:01.000123Z\",\"conn\":7,\"no\":" no      \
	",\"name\":" what ",\"latency_us\":" no "}"
	add_some(stats);
	assert_same(json_of(stats), "\"totals\":{\"connections\":3,"
	    "\"commands\":21,\"received\":1000,\"sent\":2000,\"pushes\":1,"
	    "\"protocol_errors\":2,\"dropped\":5,\"stalled\":0},\"commands\":["
	    ROW("get", "\"calls\":2,\"errors\":1,\"received\":200,\"sent\":16,"
	    "\"p50_us\":12,\"p99_us\":1487,\"max_us\":1500") ","
	    ROW("ping", "\"calls\":1,\"errors\":0,\"received\":100,\"sent\":7,"
	    "\"p50_us\":12345678,\"p99_us\":12345678,\"max_us\":12345678") ","
	    ROW("set", "\"calls\":1,\"errors\":1,\"received\":100,\"sent\":8,"
	    "\"p50_us\":63,\"p99_us\":63,\"max_us\":63") ","
	    ROW("n\\u001bo", "\"calls\":1,\"errors\":1,\"received\":100,"
	    "\"sent\":6,\"p50_us\":7,\"p99_us\":7,\"max_us\":7")
	    "],\"slowest\":["
	    SLOW("12345678", "\"ping\"") ","
	    SLOW("1500", "\"get\",\"key\":\"b\"") ","
	    SLOW("63", "\"set\",\"key\":\"b\"") ","
	    SLOW("12", "\"get\",\"key\":\"a\\\"\\n\"") ","
	    SLOW("7", "\"n\\u001bo\"") "],\"keys\":["
	    "{\"key\":\"b\",\"bytes\":217,\"over\":0},"
	    "{\"key\":\"a\\\"\\n\",\"bytes\":107,\"over\":0}]}\n");
}
END_TEST

START_TEST(summary_is_written_as_text)
{
	setenv("TZ", "UTC", 1);
	tzset();
	add_some(stats);
	assert_same(text_of(stats), "\n"
	    "received 1000 bytes, sent 2000 bytes\n"
	    "1 push, 2 protocol errors, 5 records dropped\n"
	    "\n"
	    "COMMAND   CALLS ERRORS  RECVD   SENT    P50    P99    MAX\n"
	    "get           2      1    200     16   12us 1.48ms 1.50ms\n"
	    "ping          1      0    100      7  12.3s  12.3s  12.3s\n"
	    "set           1      1    100      8   63us   63us   63us\n"
	    "\"n\\x1bo\"      1      1    100      6    7us    7us    7us\n"
	    "\n"
	    "SLOWEST TIME            CONN NO    COMMAND KEY\n"
	    "  12.3s 11:00:01.000123 #7 12345678 ping\n"
	    " 1.50ms 11:00:01.000123 #7 1500    get \"b\"\n"
	    "   63us 11:00:01.000123 #7 63      set \"b\"\n"
	    "   12us 11:00:01.000123 #7 12      get \"a\\\"\\n\"\n"
	    "    7us 11:00:01.000123 #7 7       \"n\\x1bo\"\n"
	    "\n"
	    "  BYTES   OVER KEY\n"
	    "    217      0 \"b\"\n"
	    "    107      0 \"a\\\"\\n\"\n");
}
END_TEST

/* Numbers in a column: a latency and the bytes of a key. */
static const struct {
	uint64_t n;
	const char *latency;
	const char *bytes;
} numbers[] = {
	{ 1, "    1us", "      1" },
	{ 999, "  999us", "    999" },
	{ 1000, " 1.00ms", "   1000" },
	{ 9999, " 9.99ms", "   9999" },
	{ 10000, " 10.0ms", "  10000" },
	{ 99999, " 99.9ms", "  99999" },
	{ 100000, "  100ms", "   100k" },
	{ 999999, "  999ms", "   999k" },
	{ 1000000, "  1.00s", "  1.00M" },
	{ 99999999, "  99.9s", "  99.9M" },
	{ 100000000, "   100s", "   100M" },
	{ 3600000000, "  3600s", "  3.60G" },
	{ UINT64_C(1) << 36, " 68719s", "  68.7G" },
	{ UINT64_MAX, " 18446744073709s", "  18.4E" }
};

START_TEST(numbers_fit_their_columns)
{
	char line[80];

	add_reply_to(stats, "ping", NULL, "+\r\n", numbers[_i].n);
	snprintf(line, sizeof(line), "\n%s ", numbers[_i].latency);
	ck_assert_ptr_nonnull(strstr(text_of(stats), line));
	add_key(&stats->keys, 1, numbers[_i].n);
	snprintf(line, sizeof(line), "\n%s      0 \"key:1\"\n",
	    numbers[_i].bytes);
	ck_assert_ptr_nonnull(strstr(text_of(stats), line));
}
END_TEST

/* Every command that there is, and 10,000 that there are not. */
START_TEST(names_are_bounded)
{
	const struct stats_row *rows[STATS_ROWS];
	const struct command *c;
	struct arg name = word("x"), *key = &name;
	struct record r = { .event = RECORD_REPLY };
	size_t n = 0;
	char text[32];
	int i;

	r.u.reply.name = key;
	r.u.reply.last = true;
	r.u.reply.value.data = (const uint8_t *)"+\r\n";
	r.u.reply.value.len = 3;
	for (n = 0; (c = command_at(n)) != NULL; n++) {
		ck_assert_uint_eq(command_index(c), n);
		r.u.reply.command = c;
		stats_add(stats, &r);
	}
	for (i = 0; i < 10000; i++) {
		snprintf(text, sizeof(text), "no-such-%d", i);
		add_reply_to(stats, text, NULL, "-ERR\r\n", 1);
	}
	/* Known by now, in any case. */
	add_reply_to(stats, "NO-SUCH-7", NULL, "-ERR\r\n", 1);
	ck_assert_uint_eq(stats_rows(stats, rows), STATS_ROWS);
	ck_assert_ptr_eq(rows[0], &stats->others);
	ck_assert_uint_eq(rows[0]->latency.n, 10000 - STATS_UNKNOWN);
	ck_assert_uint_eq(rows[1]->latency.n, 2);
	ck_assert_mem_eq(rows[1]->name.data, "no-such-7", 9);
	for (i = 0; i < (int)n; i++)
		ck_assert_ptr_nonnull(rows[i + 2]->command);
	ck_assert_mem_eq(rows[n + 2]->name.data, "no-such-0", 9);
	ck_assert_ptr_nonnull(strstr(text_of(stats), "\n(others)"));
}
END_TEST

/* A command of several replies counts once, with the last. */
START_TEST(several_values_are_one_call)
{
	const struct command *subscribe;
	struct arg name = word("subscribe"), key = word("k");
	struct record r = { .event = RECORD_REPLY };
	int i;

	subscribe = command_find(&name);
	r.u.reply.command = subscribe;
	r.u.reply.name = &name;
	r.u.reply.key = &key;
	r.u.reply.request_bytes = 1000;
	r.u.reply.value.data = (const uint8_t *)"+\r\n";
	r.u.reply.value.len = 3;
	for (i = 1; i <= 3; i++) {
		r.u.reply.last = i == 3;
		r.u.reply.latency_us = (uint64_t)i;
		stats_add(stats, &r);
	}
	ck_assert_ptr_nonnull(strstr(json_of(stats), "\"commands\":["
	    ROW("subscribe", "\"calls\":1,\"errors\":0,\"received\":1000,"
	    "\"sent\":9,\"p50_us\":3,\"p99_us\":3,\"max_us\":3") "]"));
	ck_assert_uint_eq(stats->nslowest, 1);
	ck_assert_uint_eq(stats->keys.v[0].bytes, 1009);
}
END_TEST

/* Without memory nothing of a value may be kept; its size still counts. */
START_TEST(value_that_was_not_kept_counts)
{
	struct arg name = word("get");
	struct record r = { .event = RECORD_REPLY };

	r.u.reply.command = command_find(&name);
	r.u.reply.name = &name;
	r.u.reply.request_bytes = 10;
	r.u.reply.last = true;
	r.u.reply.latency_us = 1;
	r.u.reply.value.left_out = 500;
	stats_add(stats, &r);
	ck_assert_ptr_nonnull(strstr(json_of(stats), "\"commands\":["
	    ROW("get", "\"calls\":1,\"errors\":0,\"received\":10,"
	    "\"sent\":500,\"p50_us\":1,\"p99_us\":1,\"max_us\":1") "]"));
}
END_TEST

/* The ten slowest, first; of two that are alike the first that came stays. */
START_TEST(slowest_are_found)
{
	uint64_t i;

	for (i = 0; i < 1000; i++)
		add_reply_to(stats, "ping", NULL, "+\r\n", i * 7919 % 1000);
	add_reply_to(stats, "get", NULL, "+\r\n", 990);
	ck_assert_uint_eq(stats->nslowest, STATS_SLOWEST);
	for (i = 0; i < STATS_SLOWEST; i++) {
		ck_assert_uint_eq(stats->slowest[i].latency_us, 999 - i);
		ck_assert_str_eq(stats->slowest[i].command->name, "ping");
	}
}
END_TEST

/* A record that nobody else wants has no time yet. */
START_TEST(slow_command_has_its_time)
{
	struct arg name = word("ping");
	struct record r = { .event = RECORD_REPLY };
	struct timespec before;

	ck_assert(stats_sink(stats)->timeless);
	clock_gettime(CLOCK_REALTIME, &before);
	r.u.reply.name = &name;
	r.u.reply.last = true;
	r.u.reply.value.data = (const uint8_t *)"+\r\n";
	r.u.reply.value.len = 3;
	stats_sink(stats)->take(stats_sink(stats), &r);
	ck_assert_int_ge(stats->slowest[0].when.tv_sec, before.tv_sec);
}
END_TEST

/* A key that is secret is shown nowhere, only how long it is. */
START_TEST(secret_key_is_not_shown)
{
	struct arg name = word("eval"), key = word("canary");
	struct record r = { .event = RECORD_REPLY };

	key.secret = true;
	r.u.reply.command = command_find(&name);
	r.u.reply.name = &name;
	r.u.reply.key = &key;
	r.u.reply.last = true;
	r.u.reply.value.data = (const uint8_t *)"+\r\n";
	r.u.reply.value.len = 3;
	stats_add(stats, &r);
	ck_assert_ptr_null(strstr(json_of(stats), "canary"));
	ck_assert_ptr_null(strstr(text_of(stats), "canary"));
	ck_assert_ptr_nonnull(strstr(json_of(stats), "\"name\":\"eval\","
	    "\"key\":{\"redacted\":6},"));
	ck_assert_ptr_nonnull(strstr(text_of(stats),
	    " eval <redacted 6 bytes>\n"));
	ck_assert_uint_eq(stats->keys.n, 0);
}
END_TEST

/* Any byte in a name and in a key; what is cut says so. */
START_TEST(hostile_words_are_escaped)
{
	static uint8_t any[256];
	struct arg a = { any, sizeof(any), 1000, false };
	struct record r = { .event = RECORD_REPLY };
	int i;

	for (i = 0; i < 256; i++)
		any[i] = (uint8_t)(i + _i);
	r.u.reply.name = &a;
	r.u.reply.key = &a;
	r.u.reply.last = true;
	r.u.reply.value.data = (const uint8_t *)"+\r\n";
	r.u.reply.value.len = 3;
	stats_add(stats, &r);
	ck_assert_ptr_nonnull(strstr(text_of(stats), "\"...\n"));
	ck_assert_ptr_nonnull(strstr(json_of(stats), ",\"bytes\":1000}"));
	for (i = 0; json_of(stats)[i] != '\n'; i++)
		ck_assert_uint_ge((uint8_t)json_of(stats)[i], ' ');
}
END_TEST

/* Two that are merged say what one would have said. */
START_TEST(merge_equals_all_in_one)
{
	static const char *const names[] = { "get", "set", "del", "nonsense" };
	struct stats *parts[2] = { stats_new(), stats_new() };
	struct stats *part;
	char key[16];
	const char *name, *value;
	uint64_t i;
	char *want;

	add_some(stats);
	add_some(parts[0]);
	for (i = 0; i < 5000; i++) {
		name = names[draw(4)];
		value = draw(10) == 0 ? "-ERR\r\n" : "+OK\r\n";
		snprintf(key, sizeof(key), "%d", (int)(draw(40) * draw(20)));
		part = parts[strcmp(name, "del") == 0 ? 0 : draw(2)];
		add_reply_to(part, name, key, value, i * 7919 % 5000);
		add_reply_to(stats, name, key, value, i * 7919 % 5000);
	}
	stats_merge(parts[1], parts[0]);
	want = strdup(json_of(stats));
	/* Keys that are alike in bytes may come in another order. */
	*strstr(want, "\"keys\"") = '\0';
	ck_assert_int_eq(strncmp(json_of(parts[1]), want, strlen(want)), 0);
	ck_assert_uint_eq(parts[1]->keys.n, stats->keys.n);
	free(want);
	stats_free(parts[0]);
	stats_free(parts[1]);
}
END_TEST

static Suite *
stats_suite(void)
{
	Suite *s = suite_create("stats");
	TCase *tc = tcase_create("stats");

	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_loop_test(tc, percentiles_are_right_at_every_magnitude, 0,
	    HISTOGRAM_BITS);
	tcase_add_test(tc, percentiles_are_right_over_all_magnitudes);
	tcase_add_loop_test(tc, bounds_of_buckets_are_right, 1,
	    HISTOGRAM_BITS);
	tcase_add_test(tc, no_value_is_too_much);
	tcase_add_loop_test(tc, keys_are_counted_within_bounds, 0,
	    COUNT(choices));
	tcase_add_loop_test(tc, merged_keys_are_within_bounds, 0,
	    COUNT(choices));
	tcase_add_test(tc, heavy_keys_come_first);
	tcase_add_test(tc, few_keys_are_exact);
	tcase_add_test(tc, merge_knows_what_may_have_gone);
	tcase_add_loop_test(tc, key_is_known_by_its_beginning_and_length, 0,
	    COUNT(pairs));
	tcase_add_test(tc, nothing_is_printed_of_nothing);
	tcase_add_test(tc, summary_is_written_as_json);
	tcase_add_test(tc, summary_is_written_as_text);
	tcase_add_loop_test(tc, numbers_fit_their_columns, 0, COUNT(numbers));
	tcase_add_test(tc, names_are_bounded);
	tcase_add_test(tc, several_values_are_one_call);
	tcase_add_test(tc, value_that_was_not_kept_counts);
	tcase_add_test(tc, slowest_are_found);
	tcase_add_test(tc, slow_command_has_its_time);
	tcase_add_test(tc, secret_key_is_not_shown);
	tcase_add_loop_test(tc, hostile_words_are_escaped, 0, 256);
	tcase_add_test(tc, merge_equals_all_in_one);
	suite_add_tcase(s, tc);
	return (s);
}

int
main(void)
{
	SRunner *sr = srunner_create(stats_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return (failed > 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}
