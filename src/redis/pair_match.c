#include "config.h"

#include "redis/pair_match.h"

#include <string.h>

#include "redis/pair_state.h"
#include "redis/redact_reply.h"

/* A shorter ECHO might be like another reply by chance. */
#define ANCHOR_MIN 16

/* Values */

static bool
is_text(const struct pair_string *s, uint8_t type, const char *text)
{
	return (s->type == type && s->size == strlen(text) &&
	    memcmp(s->data, text, s->len) == 0);
}

static bool
is_status(const struct pair_frame *f, const char *text)
{
	return (f->type == REPLY_STATUS && is_text(&f->s[0], REPLY_STATUS,
	    text));
}

static bool
is_error(const struct pair_frame *f)
{
	return (f->type == REPLY_ERROR || f->type == REPLY_BLOB_ERROR);
}

static bool
begins_with(const struct pair_frame *f, const char *text)
{
	size_t len = strlen(text);

	return (f->type == REPLY_ERROR && f->s[0].len >= len &&
	    memcmp(f->s[0].data, text, len) == 0);
}

/* Whether it is the argument; what was not kept of one fits all. */
static bool
is_argument(const struct pair_string *s, const struct pair_entry *e, uint32_t i)
{
	uint64_t hash = i < pair_queue_more(e)->nhashes ?
	    pair_queue_hashes(e)[i] : 0;

	return (s->type == REPLY_BULK && (hash == 0 ||
	    hash == pair_queue_hash(s->data, s->len, s->size)));
}

static uint32_t
number(const struct pair_string *s)
{
	uint32_t n = 0;
	uint8_t i;

	for (i = 0; i < s->len && n <= UINT32_MAX / 10 - 1; i++)
		n = n * 10 + s->data[i] - '0';
	return (n);
}

/* Subscriptions */

/* The command that the value confirms, of an argument; PAIR_OTHER: none. */
static enum pair_name
confirmed(const struct pair_frame *f)
{
	static const char *const words[] = { "subscribe", "psubscribe",
		"ssubscribe", "unsubscribe", "punsubscribe", "sunsubscribe" };
	size_t i;

	if ((f->type != REPLY_PUSH && f->type != REPLY_ARRAY) ||
	    f->count != 3 || f->s[2].type != REPLY_INTEGER)
		return (PAIR_OTHER);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (is_text(&f->s[0], REPLY_BULK, words[i]))
			return ((enum pair_name)(PAIR_SUBSCRIBE + i));
	return (PAIR_OTHER);
}

/* Confirmations carry how many there are: of shards, or of both others. */
static bool
count(struct pair *p, enum pair_name name, uint32_t n)
{
	int kind = (name - PAIR_SUBSCRIBE) % SESSION_KINDS;
	uint32_t *v = p->subscribed, had;

	if (!p->counts) {
		if (kind != SESSION_SHARDS)
			v[SESSION_CHANNELS] = v[SESSION_PATTERNS] = 0;
		v[kind] = n;
		return (true);
	}
	had = kind == SESSION_SHARDS ? v[kind] :
	    v[SESSION_CHANNELS] + v[SESSION_PATTERNS];
	if (n == had)
		return (true);
	if (name < PAIR_UNSUBSCRIBE && n == had + 1) {
		v[kind]++;
		return (true);
	}
	if (name >= PAIR_UNSUBSCRIBE && n + 1 == had && v[kind] > 0) {
		v[kind]--;
		return (true);
	}
	return (false);
}

/* Whether the value is the next confirmation of the command. */
static bool
confirms(const struct pair *p, const struct pair_frame *f,
    const struct pair_entry *e)
{
	if (e == NULL || confirmed(f) != (enum pair_name)e->name ||
	    f->type != (p->session->resp == 3 ? REPLY_PUSH : REPLY_ARRAY))
		return (false);
	return (e->total == 1 || is_argument(&f->s[1], e, p->answered));
}

/* UNSUBSCRIBE without arguments: one for each, or one for none. */
static uint32_t
confirmations(const struct pair *p, const struct pair_entry *e)
{
	uint32_t n = p->subscribed[(e->name - PAIR_SUBSCRIBE) % SESSION_KINDS];

	if (e->total > 1)
		return (e->total - 1);
	return (n > 0 ? n : 1);
}

static enum pair_verdict
match_confirmation(struct pair *p, const struct pair_frame *f,
    struct pair_entry *e, const char **why)
{
	*why = "a confirmation that does not fit";
	if (!confirms(p, f, e) || (e->total == 1 && !p->counts))
		return (MATCH_LOST);
	if (p->expected == 0)
		p->expected = confirmations(p, e);
	if (!count(p, (enum pair_name)e->name, number(&f->s[2])))
		return (MATCH_LOST);
	if (++p->answered < p->expected)
		return (MATCH_REPLY);
	pair_state_finish(p);
	return (MATCH_LAST);
}

static bool
is_message(const struct pair_frame *f)
{
	return ((f->count == 3 && (is_text(&f->s[0], REPLY_BULK, "message") ||
	    is_text(&f->s[0], REPLY_BULK, "smessage"))) ||
	    (f->count == 4 && is_text(&f->s[0], REPLY_BULK, "pmessage")));
}

/* A server may take shards away by itself. */
static bool
is_taken_away(struct pair *p, const struct pair_frame *f)
{
	if (confirmed(f) != PAIR_SUNSUBSCRIBE ||
	    p->subscribed[SESSION_SHARDS] == 0 ||
	    confirms(p, f, pair_state_head(p)))
		return (false);
	return (count(p, PAIR_SUNSUBSCRIBE, number(&f->s[2])));
}

static bool
is_push(struct pair *p, const struct pair_frame *f)
{
	switch (f->type) {
	case REPLY_PUSH:
		return (confirmed(f) == PAIR_OTHER || is_taken_away(p, f));
	case REPLY_STATUS:
		return (p->session->monitor && f->s[0].len > 0 &&
		    f->s[0].data[0] >= '0' && f->s[0].data[0] <= '9');
	case REPLY_ARRAY:
		return (p->session->resp == 2 && pair_state_subscribed(p) > 0 &&
		    (is_message(f) || is_taken_away(p, f)));
	default:
		return (false);
	}
}

/* The rest */

static enum pair_verdict
match_queued(struct pair *p, const struct pair_frame *f, struct pair_entry *e,
    const char **why)
{
	if (is_status(f, "QUEUED")) {
		pair_state_enqueue(p, e);
	} else if (is_error(f)) {
		p->aborted = true;
	} else {
		*why = "neither QUEUED nor an error in a transaction";
		return (MATCH_LOST);
	}
	pair_state_finish(p);
	return (MATCH_LAST);
}

static enum pair_verdict
match_exec(struct pair *p, const struct pair_frame *f, const char **why)
{
	if (!p->in_multi) {
		*why = "EXEC without MULTI is answered";
		return (MATCH_LOST);
	}
	if (f->type == REPLY_NULL) {
		p->in_multi = false;
	} else if (f->type != REPLY_ARRAY || f->count < 0 ||
	    (uint64_t)f->count != p->queued) {
		*why = "EXEC's count is wrong";
		return (MATCH_LOST);
	} else if (p->irregular && !p->retained) {
		*why = "too many commands in a transaction";
		return (MATCH_LOST);
	} else if (p->irregular) {
		pair_state_begin_exec(p);
		return (MATCH_LAST);
	}
	p->in_multi = false;
	pair_state_finish(p);
	return (MATCH_LAST);
}

static bool
fits_ping(const struct pair *p, const struct pair_frame *f,
    const struct pair_entry *e)
{
	if (p->session->resp == 2 && pair_state_subscribed(p) > 0)
		return (f->type == REPLY_ARRAY && f->count == 2 &&
		    is_text(&f->s[0], REPLY_BULK, "pong") &&
		    (e->total > 1 ? is_argument(&f->s[1], e, 0) :
		    is_text(&f->s[1], REPLY_BULK, "")));
	if (e->total > 1)
		return (f->type == REPLY_BULK && is_argument(&f->s[0], e, 0));
	return (is_status(f, "PONG"));
}

static bool
fits_hello(const struct pair *p, const struct pair_frame *f,
    const struct pair_entry *e)
{
	uint32_t resp = e->total > 1 ? pair_queue_more(e)->number :
	    p->session->resp;

	return ((resp == 2 && f->type == REPLY_ARRAY) ||
	    (resp == 3 && f->type == REPLY_MAP));
}

/* Whether a value that is no error has the form that the command's has. */
static bool
fits(const struct pair *p, const struct pair_frame *f,
    const struct pair_entry *e)
{
	if (f->type == REPLY_PUSH || is_status(f, "QUEUED") ||
	    pair_state_is_denied(p, e))
		return (false);
	switch (e->name) {
	case PAIR_DISCARD:
		return (p->in_multi && is_status(f, "OK"));
	case PAIR_ECHO:
		return (f->type == REPLY_BULK && is_argument(&f->s[0], e, 0));
	case PAIR_HELLO:
		return (fits_hello(p, f, e));
	case PAIR_MULTI:
		return (!p->in_multi && is_status(f, "OK"));
	case PAIR_PING:
		return (fits_ping(p, f, e));
	case PAIR_MONITOR:
	case PAIR_QUIT:
	case PAIR_REPLY_ON:
	case PAIR_SELECT:
	case PAIR_SETNAME:
	case PAIR_WATCH:
		return (is_status(f, "OK"));
	case PAIR_RESET:
		return (is_status(f, "RESET"));
	case PAIR_OTHER:
		return (true);
	default:		/* no reply, or only an error */
		return (false);
	}
}

static enum pair_verdict
match_head(struct pair *p, const struct pair_frame *f, struct pair_entry *e,
    const char **why)
{
	if (p->in_multi && pair_state_is_queueable(e))
		return (match_queued(p, f, e, why));
	if (is_error(f) && p->answered == 0) {
		if (e->name == PAIR_EXEC)
			p->in_multi = false;
		pair_state_finish(p);
		return (MATCH_LAST);
	}
	if (e->name >= PAIR_SUBSCRIBE)
		return (match_confirmation(p, f, e, why));
	if (e->name == PAIR_EXEC)
		return (match_exec(p, f, why));
	if (!fits(p, f, e)) {
		*why = "not a reply to that command";
		return (MATCH_LOST);
	}
	pair_state_apply(p, e);
	pair_state_finish(p);
	return (MATCH_LAST);
}

/* Errors that answer no request; the server closes behind them. */
static bool
is_servers_own(const struct pair *p, const struct pair_frame *f)
{
	if (f->type != REPLY_ERROR)
		return (false);
	if (begins_with(f, "ERR Protocol error"))
		return (true);
	return ((f->offset == 0 || pair_state_head(p) == NULL) &&
	    (begins_with(f, "ERR max number of clients") ||
	    begins_with(f, "DENIED ")));
}

enum pair_verdict
pair_match(struct pair *p, const struct pair_frame *f,
    struct pair_entry **entry, const char **why)
{
	if (is_push(p, f))
		return (MATCH_PUSH);
	if (is_servers_own(p, f)) {
		p->queue.from = p->queue.head = p->queue.tail;
		p->in_multi = p->in_exec = false;
		p->broken = true;
		return (MATCH_UNPAIRED);
	}
	if ((*entry = pair_state_head(p)) == NULL) {
		*why = "a reply to no request";
		return (p->broken ? MATCH_UNPAIRED : MATCH_LOST);
	}
	return (match_head(p, f, *entry, why));
}

bool
pair_match_is_exec(const struct pair *p)
{
	const struct pair_entry *e = pair_state_head(p);

	return (pair_state_in_step(p) && p->in_multi && e != NULL &&
	    e->name == PAIR_EXEC);
}

bool
pair_match_is_sync(const struct pair *p, uint8_t byte)
{
	const struct pair_entry *e = pair_state_head(p);

	return (pair_state_in_step(p) && e != NULL && e->name == PAIR_SYNC &&
	    !p->in_multi && !pair_state_is_denied(p, e) &&
	    byte != REPLY_ERROR && byte != REPLY_PUSH && byte != REPLY_ARRAY);
}

unsigned
pair_match_secrets(const struct pair *p)
{
	const struct pair_entry *e = pair_state_head(p);
	unsigned secrets = p->session->monitor ? REDACT_MONITOR : 0;

	if (!pair_state_in_step(p))
		return (REDACT_ANY);
	if (e == NULL)
		return (secrets);
	/* QUEUED, or an error. */
	if (p->in_multi && e->name != PAIR_EXEC)
		return (secrets | (e->secrets & REDACT_QUOTES));
	return (secrets | (p->in_multi ? p->secrets : e->secrets));
}

/* Out of step */

static bool
is_anchor(const struct pair_entry *e)
{
	if (e->queued)
		return (false);
	return (e->name == PAIR_RESET || (e->name == PAIR_ECHO &&
	    pair_queue_more(e)->number >= ANCHOR_MIN &&
	    pair_queue_hashes(e)[0] != 0));
}

void
pair_match_lose(struct pair *p)
{
	const struct pair_entry *e;

	p->state = PAIR_OUT_OF_STEP;
	p->in_multi = p->in_exec = p->counts = false;
	p->answered = p->expected = 0;
	while ((e = pair_state_head(p)) != NULL && !is_anchor(e))
		p->queue.head += pair_queue_size(e);
	p->queue.from = p->queue.head;
}

/* The first RESET. */
static struct pair_entry *
find_reset(const struct pair *p)
{
	struct pair_entry *e;
	size_t at;

	for (at = p->queue.head; (e = pair_queue_at(&p->queue, at)) != NULL;
	    at += pair_queue_size(e))
		if (e->name == PAIR_RESET)
			return (e);
	return (NULL);
}

/* The ECHO of that string, if there is just one. */
static struct pair_entry *
find_echo(const struct pair *p, const struct pair_string *s)
{
	struct pair_entry *e, *found = NULL;
	size_t at;

	if (s->size < ANCHOR_MIN)
		return (NULL);
	for (at = p->queue.head; (e = pair_queue_at(&p->queue, at)) != NULL;
	    at += pair_queue_size(e)) {
		if (e->name != PAIR_ECHO || !is_anchor(e) ||
		    !is_argument(s, e, 0))
			continue;
		if (found != NULL)
			return (NULL);
		found = e;
	}
	return (found);
}

enum pair_verdict
pair_match_again(struct pair *p, const struct pair_frame *f,
    struct pair_entry **entry)
{
	if (memchr("%~_,#(=>|", f->byte, 9) != NULL)
		p->session->resp = 3;
	if (f->type == REPLY_PUSH && confirmed(f) == PAIR_OTHER)
		return (MATCH_PUSH);
	if (is_status(f, "RESET"))
		*entry = find_reset(p);
	else if (f->type == REPLY_BULK)
		*entry = find_echo(p, &f->s[0]);
	else
		*entry = NULL;
	if (*entry == NULL)
		return (MATCH_UNPAIRED);
	p->state = PAIR_IN_STEP;
	p->session->reply = SESSION_REPLY_ON;
	p->queue.head = (size_t)((uint8_t *)*entry - p->queue.data);
	memset(p->subscribed, 0, sizeof(p->subscribed));
	pair_state_apply(p, *entry);
	pair_state_finish(p);
	return (MATCH_LAST);
}
