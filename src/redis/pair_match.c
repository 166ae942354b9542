#include "config.h"

#include "redis/pair_match.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "redis/pair_state.h"
#include "redis/redact_reply.h"

/* A shorter ECHO might be like another reply by chance. */
#define ANCHOR_MIN 16

/* Subscriptions */

/* Confirmations carry how many there are: of shards, or of both others. */
static bool
count(struct pair *p, enum pair_name name, uint32_t n)
{
	int kind = (name - PAIR_SUBSCRIBE) % SESSION_KINDS;
	uint32_t *v = p->now.subscribed, had;

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
	if (e == NULL || pair_frame_confirms(f) != (enum pair_name)e->name ||
	    p->now.resp == (f->type == REPLY_PUSH ? 2 : 3))
		return (false);
	return (e->total == 1 ||
	    pair_frame_is_argument(&f->s[1], e, p->answered));
}

/* Muted, with nothing subscribed to, Redis confirms that all the same, and
 * Valkey does not. */
static bool
may_be_silent(const struct pair *p, const struct pair_entry *e)
{
	return (e->name >= PAIR_UNSUBSCRIBE && session_muted(&p->now) &&
	    session_subscribed_all(&p->now) == 0 && p->answered == 0);
}

/* UNSUBSCRIBE without arguments: one for each, or one for none. */
static uint32_t
confirmations(const struct pair *p, const struct pair_entry *e)
{
	uint32_t n = session_subscribed(&p->now, (enum session_channels)
	    ((e->name - PAIR_SUBSCRIBE) % SESSION_KINDS));

	if (e->total > 1)
		return (e->total - 1);
	return (n > 0 ? n : 1);
}

/*
 * Counts a confirmation of the head's.  A server that takes a shard away says
 * the same unasked, and one that was muted may say nothing (Valkey), so that
 * this is of a command behind it: then an error that follows may be anybody's.
 */
static bool
count_answer(struct pair *p, const struct pair_entry *e, uint32_t n)
{
	uint32_t shards = p->now.subscribed[SESSION_SHARDS];
	bool silent = may_be_silent(p, e);

	if (!count(p, (enum pair_name)e->name, n))
		return (false);
	if (silent || (e->name == PAIR_SUNSUBSCRIBE && n < shards))
		p->doubt = true;
	pair_state_settle(p);
	return (true);
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
	if (!count_answer(p, e, pair_frame_number(&f->s[2])))
		return (MATCH_LOST);
	if (++p->answered < p->expected)
		return (MATCH_REPLY);
	pair_state_finish(p);
	return (MATCH_LAST);
}

/* A server may take shards away by itself.  In doubt it may have been that, and
 * this is the answer: the two frames are the same. */
static bool
is_taken_away(struct pair *p, const struct pair_frame *f)
{
	if (pair_frame_confirms(f) != PAIR_SUNSUBSCRIBE ||
	    (p->now.subscribed[SESSION_SHARDS] == 0 && !p->doubt) ||
	    confirms(p, f, pair_state_head(p)))
		return (false);
	return (count(p, PAIR_SUNSUBSCRIBE, pair_frame_number(&f->s[2])));
}

static bool
is_push(struct pair *p, const struct pair_frame *f)
{
	switch (f->type) {
	case REPLY_PUSH:
		return (pair_frame_confirms(f) == PAIR_OTHER ||
		    is_taken_away(p, f));
	case REPLY_STATUS:
		return (p->now.monitor && pair_frame_is_monitored(&f->s[0]));
	case REPLY_ARRAY:
		return (p->now.resp != 3 &&
		    (session_subscribed_all(&p->now) > 0 || p->doubt) &&
		    (pair_frame_is_message(f) || is_taken_away(p, f)));
	default:
		return (false);
	}
}

/* The rest */

static enum pair_verdict
match_queued(struct pair *p, const struct pair_frame *f, struct pair_entry *e,
    const char **why)
{
	if (pair_frame_is_status(f, "QUEUED")) {
		pair_state_enqueue(p, e);
	} else if (pair_frame_is_error(f)) {
		p->aborted = p->ahead.stale = true;
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
	if (p->debug != PAIR_DEBUG_OFF) {
		*why = "a script is debugged in a transaction";
		return (MATCH_LOST);
	}
	if (!p->in_multi) {
		*why = "EXEC without MULTI is answered";
		return (MATCH_LOST);
	}
	p->ahead.stale = true;	/* some of it may have failed */
	if (f->type == REPLY_NULL) {
		p->in_multi = false;
	} else if (f->type != REPLY_ARRAY || f->count < 0 ||
	    ((uint64_t)f->count != p->queued && !p->uncounted)) {
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
	if (session_subscribed_all(&p->now) > 0 && p->now.resp != 3 &&
	    f->type == REPLY_ARRAY)
		return (f->count == 2 &&
		    pair_frame_is_text(&f->s[0], REPLY_BULK, "pong") &&
		    (e->total > 1 ? pair_frame_is_argument(&f->s[1], e, 0) :
		    pair_frame_is_text(&f->s[1], REPLY_BULK, "")));
	if (session_subscribed_all(&p->now) > 0 && p->now.resp == 2)
		return (false);
	if (e->total > 1)
		return (f->type == REPLY_BULK &&
		    pair_frame_is_argument(&f->s[0], e, 0));
	return (pair_frame_is_status(f, "PONG"));
}

static bool
fits_hello(const struct pair *p, const struct pair_frame *f,
    const struct pair_entry *e)
{
	uint32_t resp = e->total > 1 ? pair_queue_more(e)->number :
	    p->now.resp;

	return ((resp != 3 && f->type == REPLY_ARRAY) ||
	    (resp != 2 && f->type == REPLY_MAP));
}

/* Scripts do, and so do commands of modules. */
static bool
answers_anything(const struct pair_entry *e)
{
	return (e->name == PAIR_CODE || e->name == PAIR_EVAL ||
	    (e->name == PAIR_OTHER && pair_queue_command(e) == NULL));
}

/* Whether a value that is no error has the form that the command's has. */
static bool
fits(const struct pair *p, const struct pair_frame *f,
    const struct pair_entry *e)
{
	if (f->type == REPLY_PUSH || pair_state_is_denied(p, e) ||
	    (pair_frame_is_status(f, "QUEUED") && !answers_anything(e)))
		return (false);
	switch (e->name) {
	case PAIR_DISCARD:
		return (p->in_multi && pair_frame_is_status(f, "OK"));
	case PAIR_ECHO:
		return (f->type == REPLY_BULK &&
		    pair_frame_is_argument(&f->s[0], e, 0));
	case PAIR_HELLO:
		return (fits_hello(p, f, e));
	case PAIR_MULTI:
		return (!p->in_multi && pair_frame_is_status(f, "OK"));
	case PAIR_PING:
		return (fits_ping(p, f, e));
	case PAIR_MONITOR:
	case PAIR_QUIT:
	case PAIR_REPLY_ON:
	case PAIR_SCRIPT_DEBUG:
	case PAIR_SELECT:
	case PAIR_SETNAME:
	case PAIR_WATCH:
		return (pair_frame_is_status(f, "OK"));
	case PAIR_RESET:
		return (pair_frame_is_status(f, "RESET"));
	case PAIR_OTHER:
	case PAIR_CODE:
	case PAIR_EVAL:
		return (true);
	default:		/* no reply, or only an error */
		return (false);
	}
}

/*
 * SCRIPT DEBUG: EVAL is answered by lines when the debugger stops, and so is
 * each of the commands that follow, which are the debugger's; its last line is
 * <endsession>.  What EVAL returns comes behind that.
 */
static enum pair_verdict
match_debugged(struct pair *p, const struct pair_frame *f,
    struct pair_entry **entry, const char **why)
{
	bool begins = p->debug == PAIR_DEBUG_ON;

	if (p->debug == PAIR_DEBUG_ENDED) {
		*entry = pair_queue_at(&p->queue, p->queue.from);
		p->debug = PAIR_DEBUG_OFF;
		p->queue.from = p->queue.head;
		pair_state_settle(p);
		return (MATCH_LAST);
	}
	if (*entry == NULL || f->type != REPLY_ARRAY || !f->lines) {
		*why = "not a reply of the debugger";
		return (MATCH_LOST);
	}
	p->debug = PAIR_DEBUG_STOPPED;
	pair_state_finish(p);
	if (pair_frame_is_line(&f->last, "<endsession>"))
		p->debug = PAIR_DEBUG_ENDED;
	return (begins ? MATCH_REPLY : MATCH_LAST);
}

/* Whether the value is the debugger's, or the end of that. */
static bool
is_debugged(const struct pair *p, const struct pair_frame *f,
    const struct pair_entry *e)
{
	return (p->debug >= PAIR_DEBUG_STOPPED ||
	    (p->debug == PAIR_DEBUG_ON && !p->in_multi && e != NULL &&
	    e->name == PAIR_EVAL && f->type == REPLY_ARRAY && f->count > 0 &&
	    f->lines));
}

static enum pair_verdict
match_head(struct pair *p, const struct pair_frame *f, struct pair_entry *e,
    const char **why)
{
	if (p->in_multi && pair_state_is_queueable(e))
		return (match_queued(p, f, e, why));
	if (pair_frame_is_error(f) && p->answered == 0) {
		if (e->name == PAIR_EXEC)
			p->in_multi = false;
		if (!pair_queue_is_plain(e))
			p->ahead.stale = true;
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
	pair_state_apply(p, e, true);
	if (e->name == PAIR_HELLO)
		p->now.resp = f->type == REPLY_MAP ? 3 : 2;
	pair_state_finish(p);
	return (MATCH_LAST);
}

/* Errors that answer no request, if none is there; the server closes behind
 * them, and if it does not, nothing has changed. */
static bool
is_servers_own(const struct pair_frame *f)
{
	return (pair_frame_begins_with(f, "ERR Protocol error") ||
	    pair_frame_begins_with(f, "ERR max number of clients") ||
	    pair_frame_begins_with(f, "DENIED "));
}

static enum pair_verdict
match_unasked(const struct pair *p, const struct pair_frame *f,
    const char **why)
{
	if (p->broken)
		return (MATCH_UNPAIRED);	/* that has been told */
	if (is_servers_own(f)) {
		*why = "an error that answers no command";
		return (MATCH_UNASKED);
	}
	*why = "a reply to no request";
	return (MATCH_LOST);
}

static enum pair_verdict
match_counted(struct pair *p, struct pair_entry *e, const char **why)
{
	struct pair_counted *c = pair_queue_counted(e);
	bool told = c->told;

	if (!told)
		snprintf(c->text, sizeof(c->text), c->n == 1 ?
		    "%" PRIu64 " reply not shown with its command" :
		    "%" PRIu64 " replies not shown with their commands", c->n);
	c->told = true;
	*why = c->text;
	pair_state_count_down(p, e);
	return (told ? MATCH_UNPAIRED : MATCH_FORGOTTEN);
}

enum pair_verdict
pair_match(struct pair *p, const struct pair_frame *f,
    struct pair_entry **entry, const char **why)
{
	enum pair_verdict verdict;

	if (p->now.resp == 0)
		p->now.resp = pair_frame_protocol(f);
	if (is_push(p, f))
		return (MATCH_PUSH);
	while ((*entry = pair_state_head(p)) != NULL &&
	    may_be_silent(p, *entry) && !confirms(p, f, *entry)) {
		pair_state_finish(p);
		pair_state_silent(p);
	}
	if (is_debugged(p, f, *entry))
		return (match_debugged(p, f, entry, why));
	if (*entry == NULL)
		return (match_unasked(p, f, why));
	if (p->doubt && pair_frame_is_error(f)) {
		*why = "an error that may answer a command before";
		return (MATCH_LOST);
	}
	verdict = (*entry)->name == PAIR_COUNTED ?
	    match_counted(p, *entry, why) : match_head(p, f, *entry, why);
	if (p->doubt && (*entry)->name < PAIR_UNSUBSCRIBE) {
		p->doubt = false;	/* that was no answer of theirs */
		pair_state_settle(p);
	}
	return (verdict);
}

enum pair_verdict
pair_match_inside(struct pair *p, const struct pair_frame *f)
{
	if (pair_state_in_step(p))
		(void)is_taken_away(p, f);
	return (MATCH_PUSH);
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
	unsigned secrets = p->now.monitor ? REDACT_MONITOR : 0;

	if (!pair_state_in_step(p))
		return (REDACT_ANY);
	if (e == NULL)
		return (secrets);
	/* QUEUED, or an error. */
	if (p->in_multi && e->name != PAIR_EXEC && e->name != PAIR_COUNTED)
		return (secrets | (e->secrets & REDACT_QUOTES));
	if (may_be_silent(p, e) || e->name == PAIR_COUNTED)
		return (REDACT_ANY);
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
	p->doubt = false;
	p->debug = PAIR_DEBUG_OFF;
	p->in_multi = p->in_exec = p->counts = false;
	p->answered = p->expected = 0;
	for (; (e = pair_state_head(p)) != NULL && !is_anchor(e);
	    p->queue.head += pair_queue_size(e))
		if (e->name == PAIR_SELECT || e->name == PAIR_SETNAME)
			pair_state_apply(p, e, false);
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
		    !pair_frame_is_argument(s, e, 0))
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
	if (pair_frame_protocol(f) == 3)
		p->now.resp = 3;
	if (f->type == REPLY_PUSH && pair_frame_confirms(f) == PAIR_OTHER)
		return (MATCH_PUSH);
	if (pair_frame_is_status(f, "RESET"))
		*entry = find_reset(p);
	else if (f->type == REPLY_BULK)
		*entry = find_echo(p, &f->s[0]);
	else
		*entry = NULL;
	if (*entry == NULL)
		return (MATCH_UNPAIRED);
	p->state = PAIR_IN_STEP;
	p->now.reply = SESSION_REPLY_ON;
	p->queue.head = (size_t)((uint8_t *)*entry - p->queue.data);
	memset(p->now.subscribed, 0, sizeof(p->now.subscribed));
	pair_state_apply(p, *entry, true);
	p->ahead.stale = true;
	pair_state_finish(p);
	return (MATCH_LAST);
}
