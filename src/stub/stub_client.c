/*
 * CLIENT.  The only client that is known here is the one that asks.
 */
#include "config.h"

#include "stub/stub.h"

#include <string.h>

#include "stub/stub_call.h"

void
stub_do_client_id(struct stub_call *c)
{
	stub_reply_integer(c->reply, (int64_t)c->session->id);
}

void
stub_do_client_getname(struct stub_call *c)
{
	if (c->session->name != NULL)
		stub_reply_string(c->reply, c->session->name);
	else
		stub_reply_null(c->reply, c->session->resp);
}

void
stub_do_client_setname(struct stub_call *c)
{
	if (stub_set_name(c, &c->args->v[2]))
		stub_ok(c);
}

void
stub_do_client_reply(struct stub_call *c)
{
	const struct arg *mode = &c->args->v[2];
	struct session *s = c->session;

	if (arg_is(mode, "on")) {
		s->reply = SESSION_REPLY_ON;
		stub_ok(c);
	} else if (arg_is(mode, "off")) {
		s->reply = SESSION_REPLY_OFF;
	} else if (!arg_is(mode, "skip")) {
		stub_syntax_error(c);
	} else if (s->reply != SESSION_REPLY_OFF) {
		s->reply = SESSION_REPLY_SKIP_NEXT;
	}
}

void
stub_do_client_no_evict(struct stub_call *c)
{
	const struct arg *mode = &c->args->v[2];

	if (arg_is(mode, "on") || arg_is(mode, "off"))
		stub_ok(c);
	else
		stub_syntax_error(c);
}

void
stub_do_client_unblock(struct stub_call *c)
{
	const struct args *args = c->args;
	int64_t id;

	if (args->total > 4)
		stub_wrong_subcommand(c, "CLIENT");
	else if (args->total == 4 && !arg_is(&args->v[3], "timeout") &&
	    !arg_is(&args->v[3], "error"))
		stub_reply_error(c->reply, "ERR CLIENT UNBLOCK reason should "
		    "be TIMEOUT or ERROR");
	else if (stub_want_integer(c, &args->v[2], &id))
		stub_reply_integer(c->reply, 0);
}

/*
 * LIST, INFO.
 */

enum client_type {
	TYPE_NORMAL,
	TYPE_PUBSUB,
	TYPE_OTHER,		/* one that we never are */
	TYPE_UNKNOWN
};

static enum client_type
type_of(const struct session *s)
{
	return (session_subscribed_all(s) > 0 ? TYPE_PUBSUB : TYPE_NORMAL);
}

/* A type's name; an unknown one is an error. */
static enum client_type
want_type(struct stub_call *c, const struct arg *a)
{
	if (arg_is(a, "normal"))
		return (TYPE_NORMAL);
	if (arg_is(a, "pubsub"))
		return (TYPE_PUBSUB);
	if (arg_is(a, "master") || arg_is(a, "replica") || arg_is(a, "slave"))
		return (TYPE_OTHER);
	stub_reply_errorf(c->reply, "ERR Unknown client type '%.*s'",
	    STUB_TEXT(a));
	return (TYPE_UNKNOWN);
}

/* What is not known here, and what nobody asks for, is 0. */
static void
add_client(struct bytes *out, const struct stub_call *c)
{
	const struct session *s = c->session;
	char flags[8], *f = flags;

	if (s->monitor)
		*f++ = 'O';
	if (session_subscribed_all(s) > 0)
		*f++ = 'P';
	if (c->in_exec)
		*f++ = 'x';
	if (s->tracking & SESSION_TRACKING)
		*f++ = 't';
	if (f == flags)
		*f++ = 'N';
	*f = '\0';
	bytes_addf(out, "id=%ju addr= laddr= fd=0 name=%s age=0 idle=0 "
	    "flags=%s db=%u sub=%u psub=%u ssub=%u multi=-1 qbuf=0 "
	    "qbuf-free=0 argv-mem=0 multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 "
	    "omem=0 tot-mem=0 events=r cmd=%s user=default redir=-1 "
	    "resp=%u\n", (uintmax_t)s->id, s->name != NULL ? s->name : "",
	    flags, s->db, session_subscribed(s, SESSION_CHANNELS),
	    session_subscribed(s, SESSION_PATTERNS),
	    session_subscribed(s, SESSION_SHARDS),
	    c->in_exec ? "exec" : c->command->name, s->resp);
}

static void
answer_with_client(struct stub_call *c, bool listed)
{
	struct bytes text = { 0 };

	if (listed)
		add_client(&text, c);
	stub_reply_text(c->reply, c->session->resp, text.data, text.len);
	c->reply->failed |= text.failed;
	bytes_free(&text);
}

void
stub_do_client_info(struct stub_call *c)
{
	answer_with_client(c, true);
}

static void
list_ids(struct stub_call *c)
{
	bool listed = false;
	uint32_t i;
	int64_t id;

	for (i = 3; i < c->args->n; i++) {
		if (!stub_integer(&c->args->v[i], &id)) {
			stub_reply_error(c->reply, "ERR Invalid client ID");
			return;
		}
		listed |= (uint64_t)id == c->session->id;
	}
	answer_with_client(c, listed);
}

void
stub_do_client_list(struct stub_call *c)
{
	const struct args *args = c->args;
	enum client_type type;

	if (args->total == 2) {
		answer_with_client(c, true);
	} else if (args->total == 4 && arg_is(&args->v[2], "type")) {
		if ((type = want_type(c, &args->v[3])) != TYPE_UNKNOWN)
			answer_with_client(c, type == type_of(c->session));
	} else if (args->total > 3 && arg_is(&args->v[2], "id")) {
		list_ids(c);
	} else {
		stub_syntax_error(c);
	}
}

/*
 * KILL.
 */

/* One pair of KILL's options: whether it matches us, in *hit; false: it is
 * wrong, and an error is answered. */
static bool
kill_option(struct stub_call *c, const struct arg *what, const struct arg *a,
    bool *hit, bool *skip_me)
{
	enum client_type type;
	int64_t id;

	if (arg_is(what, "id")) {
		if (!stub_integer(a, &id) || id < 1) {
			stub_reply_error(c->reply, "ERR client-id should be "
			    "greater than 0");
			return (false);
		}
		*hit &= (uint64_t)id == c->session->id;
	} else if (arg_is(what, "type")) {
		if ((type = want_type(c, a)) == TYPE_UNKNOWN)
			return (false);
		*hit &= type == type_of(c->session);
	} else if (arg_is(what, "addr") || arg_is(what, "laddr")) {
		*hit = false;
	} else if (arg_is(what, "user")) {
		if (a->kept != 7 || memcmp(a->data, "default", 7) != 0) {
			stub_reply_errorf(c->reply, "ERR No such user '%.*s'",
			    STUB_TEXT(a));
			return (false);
		}
	} else if (arg_is(what, "skipme") &&
	    (arg_is(a, "yes") || arg_is(a, "no"))) {
		*skip_me = arg_is(a, "yes");
	} else {
		stub_syntax_error(c);
		return (false);
	}
	return (true);
}

void
stub_do_client_kill(struct stub_call *c)
{
	const struct args *args = c->args;
	bool hit = true, skip_me = true;
	uint32_t i;

	if (args->total == 3) {
		stub_reply_error(c->reply, "ERR No such client");
		return;
	}
	for (i = 2; i < args->n; i += 2) {
		if (i + 1 == args->n) {
			stub_syntax_error(c);
			return;
		}
		if (!kill_option(c, &args->v[i], &args->v[i + 1], &hit,
		    &skip_me))
			return;
	}
	hit &= !skip_me;
	stub_reply_integer(c->reply, hit);
	if (hit) {
		c->outcome->verdict = STUB_CLOSE;
		c->outcome->why = "killed";
	}
}

/*
 * TRACKING.  Nothing ever changes here, so nothing is ever invalidated; only
 * the answers are Redis's.
 */

static bool
tracking_options(struct stub_call *c, uint8_t *tracking)
{
	static const struct {
		const char *word;
		uint8_t bit;
	} options[] = {
		{ "bcast", SESSION_TRACKING_BCAST },
		{ "optin", SESSION_TRACKING_OPTIN },
		{ "optout", SESSION_TRACKING_OPTOUT },
		{ "noloop", SESSION_TRACKING_NOLOOP },
	};
	const struct args *args = c->args;
	const size_t n = sizeof(options) / sizeof(options[0]);
	bool prefix = false;
	uint32_t i;
	int64_t id;
	size_t k;

	for (i = 3; i < args->n; i++) {
		for (k = 0; k < n && !arg_is(&args->v[i], options[k].word); k++)
			;
		if (k < n) {
			*tracking |= options[k].bit;
		} else if (arg_is(&args->v[i], "prefix") && i + 1 < args->n) {
			prefix = true;
			i++;
		} else if (arg_is(&args->v[i], "redirect") &&
		    i + 1 < args->n) {
			if (!stub_want_integer(c, &args->v[++i], &id))
				return (false);
			if ((uint64_t)id == c->session->id)
				continue;
			stub_reply_error(c->reply, "ERR The client ID you "
			    "want redirect to does not exist");
			return (false);
		} else {
			stub_syntax_error(c);
			return (false);
		}
	}
	if (prefix && !(*tracking & SESSION_TRACKING_BCAST)) {
		stub_reply_error(c->reply, "ERR PREFIX option requires BCAST "
		    "mode to be enabled");
		return (false);
	}
	return (true);
}

static bool
tracking_agrees(struct stub_call *c, uint8_t tracking)
{
	const uint8_t opts = SESSION_TRACKING_OPTIN | SESSION_TRACKING_OPTOUT;
	const uint8_t now = c->session->tracking;

	if ((now & SESSION_TRACKING) &&
	    ((now ^ tracking) & SESSION_TRACKING_BCAST)) {
		stub_reply_error(c->reply, "ERR You can't switch BCAST mode "
		    "on/off before disabling tracking for this client, and "
		    "then re-enabling it with a different mode.");
		return (false);
	}
	if ((tracking & SESSION_TRACKING_BCAST) && (tracking & opts)) {
		stub_reply_error(c->reply, "ERR OPTIN and OPTOUT are not "
		    "compatible with BCAST");
		return (false);
	}
	if ((tracking & opts) == opts) {
		stub_reply_error(c->reply, "ERR You can't specify both OPTIN "
		    "mode and OPTOUT mode");
		return (false);
	}
	if (((tracking & SESSION_TRACKING_OPTIN) &&
	    (now & SESSION_TRACKING_OPTOUT)) ||
	    ((tracking & SESSION_TRACKING_OPTOUT) &&
	    (now & SESSION_TRACKING_OPTIN))) {
		stub_reply_error(c->reply, "ERR You can't switch OPTIN/OPTOUT "
		    "mode before disabling tracking for this client, and then "
		    "re-enabling it with a different mode.");
		return (false);
	}
	return (true);
}

void
stub_do_client_tracking(struct stub_call *c)
{
	const struct arg *mode = &c->args->v[2];
	uint8_t tracking = SESSION_TRACKING;

	if (!tracking_options(c, &tracking))
		return;
	if (arg_is(mode, "on")) {
		if (!tracking_agrees(c, tracking))
			return;
		c->session->tracking = tracking;
		stub_ok(c);
	} else if (arg_is(mode, "off")) {
		c->session->tracking = 0;
		stub_ok(c);
	} else {
		stub_syntax_error(c);
	}
}

void
stub_do_client_caching(struct stub_call *c)
{
	const struct arg *mode = &c->args->v[2];
	struct session *s = c->session;
	uint8_t want;

	if (s->tracking == 0) {
		stub_reply_error(c->reply, "ERR CLIENT CACHING can be called "
		    "only when the client is in tracking mode with OPTIN or "
		    "OPTOUT mode enabled");
		return;
	}
	if (!arg_is(mode, "yes") && !arg_is(mode, "no")) {
		stub_syntax_error(c);
		return;
	}
	want = arg_is(mode, "yes") ? SESSION_TRACKING_OPTIN :
	    SESSION_TRACKING_OPTOUT;
	if (s->tracking & want) {
		s->tracking |= SESSION_TRACKING_CACHING;
		stub_ok(c);
	} else {
		stub_reply_errorf(c->reply, "ERR CLIENT CACHING %s is only "
		    "valid when tracking is enabled in %s mode.",
		    arg_is(mode, "yes") ? "YES" : "NO",
		    arg_is(mode, "yes") ? "OPTIN" : "OPTOUT");
	}
}

void
stub_do_client_getredir(struct stub_call *c)
{
	stub_reply_integer(c->reply, c->session->tracking != 0 ? 0 : -1);
}

void
stub_do_client_trackinginfo(struct stub_call *c)
{
	const uint8_t tracking = c->session->tracking;
	const bool caching = tracking & SESSION_TRACKING_CACHING;
	const struct {
		const char *name;
		bool on;
	} flags[] = {
		{ "off", tracking == 0 },
		{ "on", tracking & SESSION_TRACKING },
		{ "bcast", tracking & SESSION_TRACKING_BCAST },
		{ "optin", tracking & SESSION_TRACKING_OPTIN },
		{ "caching-yes", caching && tracking & SESSION_TRACKING_OPTIN },
		{ "optout", tracking & SESSION_TRACKING_OPTOUT },
		{ "caching-no", caching && tracking & SESSION_TRACKING_OPTOUT },
		{ "noloop", tracking & SESSION_TRACKING_NOLOOP },
	};
	size_t i, n = 0;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		n += flags[i].on;
	stub_reply_map(c->reply, c->session->resp, 3);
	stub_reply_string(c->reply, "flags");
	stub_reply_set(c->reply, c->session->resp, n);
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (flags[i].on)
			stub_reply_string(c->reply, flags[i].name);
	stub_reply_string(c->reply, "redirect");
	stub_do_client_getredir(c);
	stub_reply_string(c->reply, "prefixes");
	/* Of every key; which ones PREFIX names is not kept. */
	stub_reply_array(c->reply, tracking & SESSION_TRACKING_BCAST ? 1 : 0);
	if (tracking & SESSION_TRACKING_BCAST)
		stub_reply_string(c->reply, "");
}
