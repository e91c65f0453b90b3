/*
 * records - lines found only where something stands in them.
 *
 * The prefilter runs over all lines at once; a line's bounds are looked for when a
 * candidate stands in it, everything else is copied in one piece. Longer records
 * than SEGMENT_MAX go segment by segment.
 */
#include "records.h"

#include "candidates.h"
#include "chars.h"
#include "cut.h"
#include "escape.h"
#include "keyrecord.h"
#include "kind.h"
#include "quad.h"
#include "redact.h"
#include "ruleset.h"
#include "try.h"
#include "view.h"

#include <limits.h>
#include <string.h>

#define WAITING_MAX 64
#define GLANCES_MAX 4
#define QUAD_DOT 4 /* bytes before a quad's first dot that quad_around() reads */

/* A dotted quad, and where its last number begins. */
struct waiting {
	size_t start, last, end;
};

/*
 * A stretch of whole lines that is being cleaned. Dotted quads stand on nearly every
 * line: they are accepted without looking for the line, and wait until it is known
 * whether something else in it needs the line as a whole.
 */
struct window {
	struct san_scanner *scanner;
	struct output *out;
	const unsigned char *in;
	size_t len, base;
	size_t done;	   /* everything before is in the output */
	size_t start, end; /* the line in hand, without its newline */
	size_t next;	   /* candidates before belong to lines that are finished */
	size_t escaped;	   /* the end of a line whose escapes so far hide nothing */
	size_t passed;	   /* candidates before are known to be none */
	unsigned glances;  /* of that line: a few are cheaper than to see all of it decoded */
	size_t quads;	   /* from here on one at a line's beginning need not be asked more */
	bool open;	   /* there is a line in hand */
	bool quick;	   /* quads may wait: nothing drops or allows lines */
	struct record r;
	struct record all; /* the whole stretch */
	struct waiting waiting[WAITING_MAX];
	size_t n_waiting;
};

/* Is there a run of hex digits around `at` that is long enough for the class? */
static bool long_hex(const struct san_rules *rules, const struct record *r, size_t at)
{
	size_t from = at, to = at, most = rules->options.hex_min;

	while (from > 0 && at - from < most && is_hex(r->s[from - 1]))
		from--;
	while (to < r->n && to - from < most && is_hex(r->s[to]))
		to++;
	return to - from >= most;
}

static bool quad(const struct record *r, size_t at)
{
	size_t start = at;

	while (start > 0 && at - start < 4 && is_digit(r->s[start - 1]))
		start--;
	return ip4_end(r, start) > 0;
}

/*
 * Whole input is asked so of all its lines at once, a stream of a segment: what the
 * prefilter says by chance, of hex digits by their alignment and at the end by what does
 * not follow, must not count; nor four numbers that are no address.
 */
static bool has_candidates(struct san_scanner *scanner, const unsigned char *s, size_t n)
{
	const struct record r = {.s = s, .n = n};
	struct candidates c;
	unsigned kinds;
	size_t at;

	candidates_begin(&c, scanner->run, scanner->rules->prefilter, s, n, 0);
	while (candidates_next(&c, &at, &kinds) && at + PREFILTER_SLACK < n) {
		kinds = engine_plausible(scanner, s, at, n, kinds);
		if (kinds == 1u << PREFILTER_IP4   ? quad(&r, at)
		    : kinds == 1u << PREFILTER_HEX ? long_hex(scanner->rules, &r, at)
						   : kinds != 0)
			return true;
	}
	return false;
}

static void run_take(struct san_scanner *scanner, size_t end, bool silent)
{
	scanner->pieces[0] = (struct piece){
	    .end = (uint32_t)end, .san_class = SAN_HEX, .silent = silent, .rule = "long_run"};
	scanner->n_pieces = 1;
}

/* One record, or its first segment where it is too long; how many bytes were taken. */
static size_t record_clean(struct san_scanner *scanner, enum san_mode mode, const unsigned char *s,
			   size_t n, bool final, size_t base, struct output *out)
{
	size_t len = n, done = 0;
	bool run = false, silent = scanner->carry.run;
	struct record r;

	if (silent)
		len = run_rest(s, n < SEGMENT_MAX ? n : SEGMENT_MAX);
	if (silent && len > 0) {
		run = true;
		scanner->carry.run = len == SEGMENT_MAX;
	} else {
		len = n > SEGMENT_MAX ? segment_cut(s, &run) : n;
		silent = false;
		run = run && has_candidates(scanner, s, len);
		scanner->carry.run = run;
	}
	scanner->carry.goes_on = !final || len < n;
	if (run)
		run_take(scanner, len, silent);
	else
		engine_record(scanner, mode, s, len, &r);
	output_pieces(scanner, out, s, 0, len, base, &done);
	output_bytes(out, s + done, len - done);
	return len;
}

/* A record of any length, whole if final. Returns how many bytes were taken. */
static size_t record_whole(struct san_scanner *scanner, enum san_mode mode, const unsigned char *s,
			   size_t n, bool final, size_t base, struct output *out)
{
	size_t at = 0;

	while (at < n && (final || n - at > SEGMENT_MAX))
		at += record_clean(scanner, mode, s + at, n - at, final, base + at, out);
	if (final)
		carry_record_ends(&scanner->carry);
	return at;
}

/* The lines from `at` on, while a key may go on in them. */
static void window_key_block(struct window *w, size_t at)
{
	while (w->scanner->carry.key.open && at < w->len) {
		const unsigned char *newline = memchr(w->in + at, '\n', w->len - at);
		size_t end = newline ? (size_t)(newline - w->in) : w->len;
		if (!keyrecord_take(w->scanner, w->in + at, end - at))
			break;
		output_pieces(w->scanner, w->out, w->in, at, end + (end < w->len), w->base,
			      &w->done);
		at = end + 1;
		w->next = at;
	}
}

static void window_finish_line(struct window *w)
{
	struct san_scanner *scanner = w->scanner;

	if (!w->open)
		return;
	w->open = false;
	w->next = w->end + 1;
	if (scanner->n_pieces)
		output_pieces(scanner, w->out, w->in, w->start, w->end + (w->end < w->len), w->base,
			      &w->done);
	keyrecord_open(scanner, &w->r);
	window_key_block(w, w->next);
}

/* One quad that waited; nearly always its last octet becomes 0. */
static void quad_out(struct window *w, const struct waiting *q)
{
	struct san_scanner *scanner = w->scanner;
	const struct san_options *o = &scanner->rules->options;

	if (w->out->find || o->action[SAN_IP] != SAN_TRUNCATE || o->ip4_prefix != 24) {
		scanner->pieces[0] = (struct piece){
		    .end = (uint32_t)(q->end - q->start), .san_class = SAN_IP, .rule = "ip4"};
		scanner->n_pieces = 1;
		output_pieces(scanner, w->out, w->in, q->start, q->end, w->base, &w->done);
		return;
	}
	output_bytes(w->out, w->in + w->done, q->last - w->done);
	output_bytes(w->out, "0", 1);
	w->done = q->end;
	scanner->counts[SAN_IP]++;
	w->out->pieces += w->out->pieces < INT_MAX;
}

/* What waits in lines before `limit` goes out; the others are pieces of the line in hand. */
static void window_settle(struct window *w, size_t limit)
{
	struct san_scanner *scanner = w->scanner;
	size_t i = 0;

	for (; i < w->n_waiting && w->waiting[i].start < limit; i++)
		quad_out(w, &w->waiting[i]);
	scanner->n_pieces = 0;
	for (; i < w->n_waiting; i++)
		piece_add(scanner, &w->r, w->waiting[i].start - w->start,
			  w->waiting[i].end - w->start, SAN_IP, "ip4");
	w->n_waiting = 0;
}

/* The bounds of the line around `at`. */
static void window_find_line(struct window *w, size_t at)
{
	const unsigned char *s = w->in, *before, *after;

	before = memrchr(s + w->next, '\n', at - w->next);
	after = memchr(s + at, '\n', w->len - at);
	w->start = before ? (size_t)(before - s) + 1 : w->next;
	w->end = after ? (size_t)(after - s) : w->len;
}

/* The line around `at`; true if it was too long and is done. */
static bool window_begin_line(struct window *w, size_t at)
{
	const unsigned char *s = w->in;

	window_find_line(w, at);
	if (w->end - w->start <= SEGMENT_MAX) {
		engine_begin(w->scanner, &w->r, SAN_TEXT, s + w->start, w->end - w->start);
		window_settle(w, w->start);
		w->open = true;
		return false;
	}
	while (w->n_waiting && w->waiting[w->n_waiting - 1].start >= w->start)
		w->n_waiting--;
	window_settle(w, w->start);
	output_bytes(w->out, s + w->done, w->start - w->done);
	(void)record_whole(w->scanner, SAN_TEXT, s + w->start, w->end - w->start, true,
			   w->base + w->start, w->out);
	w->done = w->end;
	w->next = w->end + 1;
	return true;
}

/* Where the number that ends at `at` begins, not before `least`: up to four digits. */
static size_t number_start(const unsigned char *s, size_t least, size_t at)
{
	if (at - least >= 4) {
		size_t one = is_digit(s[at - 1]), two = one & is_digit(s[at - 2]),
		       three = two & is_digit(s[at - 3]);
		return at - one - two - three - (three & is_digit(s[at - 4]));
	}
	while (at > least && is_digit(s[at - 1]))
		at--;
	return at;
}

static inline void quad_wait(struct window *w, size_t start, size_t last, size_t end)
{
	w->waiting[w->n_waiting++] = (struct waiting){start, last, end};
}

/* The quad whose first dot is at `at`; false: the line has to be looked at. */
static bool window_quad(struct window *w, size_t at)
{
	size_t least = w->n_waiting ? w->waiting[w->n_waiting - 1].end : w->next, start, last, end;

	if (!w->quick || w->open || w->n_waiting == WAITING_MAX || at < w->escaped)
		return false;
	if (at < least)
		return true;
	start = number_start(w->in, least, at);
	end = ip4_end(&w->all, start);
	if (!end)
		return true;
	for (last = end - 1; w->in[last - 1] != '.'; last--)
		;
	quad_wait(w, start, last, end);
	return true;
}

/*
 * Most quads stand at a line's beginning, a blank behind: what else is asked of the edges is
 * answered by that. false: it is no such one, or the line may have to be looked at.
 */
static inline bool window_first_quad(struct window *w, size_t at)
{
	const unsigned char *s = w->in + at - QUAD_DOT;
	struct quad quad;
	size_t start;

	if (at < w->quads || at < QUAD_DOT + 1 || w->len - at < 16 || !quad_around(s, &quad))
		return false;
	start = at - QUAD_DOT + quad.start;
	if (start < w->quads || s[quad.start - 1] != '\n' || s[quad.end] != ' ')
		return false;
	if (w->n_waiting == WAITING_MAX)
		window_settle(w, start);
	quad_wait(w, start, at - QUAD_DOT + quad.last, at - QUAD_DOT + quad.end);
	w->quads = start + 1;
	return true;
}

/*
 * Behind the escape at `at`, and what is close to it, if that hides nothing; 0 if it may. The
 * address at the line's beginning takes its first `known` bytes.
 */
static size_t window_past_escape(struct window *w, size_t at, size_t known)
{
	struct san_scanner *scanner = w->scanner;
	const unsigned char *line = w->in + w->start;
	size_t n = w->end - w->start,
	       past = escapes_idle(scanner->rules->prefilter, line, n, at - w->start);

	if (past)
		return at + past;
	if (w->glances++ == GLANCES_MAX)
		return 0;
	past = engine_hides_nothing(scanner, line, n, at - w->start, known);
	return past ? w->start + past + VIEW_BEHIND : 0;
}

/*
 * Most escapes hide nothing, and most of their lines hold nothing but an address at the
 * beginning, which waits. They are passed over; should a candidate stand behind them, the
 * line is seen decoded after all.
 */
static bool window_pass_escape(struct window *w, size_t at)
{
	const struct waiting *last = w->waiting + w->n_waiting;
	size_t known = 0, past;

	if (at >= w->escaped) {
		window_find_line(w, at);
		w->glances = 0;
	}
	if (w->end - w->start > SEGMENT_MAX)
		return false;
	if (w->n_waiting && last[-1].end > w->start) {
		if (last[-1].start != w->start || w->in[last[-1].end] != ' ')
			return false;
		known = last[-1].end - w->start;
	}
	past = window_past_escape(w, at, known);
	if (!past)
		return false;
	w->passed = past < w->end ? past : w->end;
	w->escaped = w->end;
	return true;
}

/*
 * `&name=value` of plain bytes, in a line whose escapes before it are known to spell nothing
 * that matters: it is read where it stands, as it would be in the decoded line. The path is
 * asked for a login's `code=`, and strings in JSON.
 */
static bool window_plain_pair(const struct window *w, size_t at, unsigned kinds)
{
	const unsigned char *s = w->in;
	size_t from = at, to = at + 1;

	if (kinds != 1u << PREFILTER_NAME || s[at] != '=' || w->glances || w->r.json)
		return false;
	while (from > w->passed && char_kinds[s[from - 1]] & CHAR_WORD)
		from--;
	while (to < w->end && char_kinds[s[to]] & CHAR_WORD)
		to++;
	return from > w->passed && (s[from - 1] == '&' || s[from - 1] == '?') &&
	       !(at - from == 4 && (s[at - 1] | 32) == 'e') && to < w->end &&
	       (s[to] == '&' || s[to] == '"' || s[to] == ' ');
}

/* Up to here a line that is not in hand yet has been looked at. */
static size_t window_least(const struct window *w)
{
	size_t least = w->n_waiting ? w->waiting[w->n_waiting - 1].end : 0;

	least = least > w->next ? least : w->next;
	return least > w->passed ? least : w->passed;
}

/*
 * Does the name before the separator at `at` say nothing of its value? Most do not, and their
 * lines need not be looked for. Of two words both say it: that is told by the record.
 */
static bool window_plain_name(const struct window *w, size_t at, unsigned kinds)
{
	const unsigned char *s = w->in;
	size_t least = window_least(w), start = at;

	if (kinds != 1u << PREFILTER_NAME || w->open || at < least + 3 ||
	    (s[at] != '=' && s[at] != ':') || !is_alpha(s[at - 1]) || s[at - 2] == ';')
		return false;
	least = at - least > NAME_MAX_BYTES ? at - NAME_MAX_BYTES : least;
	while (start > least && char_kinds[s[start - 1]] & CHAR_WORD)
		start--;
	return start > least + 1 && !name_byte(s[start - 1]) &&
	       !(s[start - 1] == ' ' && is_alpha(s[start - 2])) &&
	       kind_recall(w->scanner, s + start, at - start) == NAME_PLAIN;
}

static void window_candidate(struct window *w, size_t at, unsigned kinds)
{
	if (at < w->next || at < w->passed || (w->open && w->r.viewed && at <= w->end))
		return;
	if (kinds != 1u << PREFILTER_IP4)
		kinds = engine_plausible(w->scanner, w->in, at, w->len, kinds);
	if (!kinds)
		return;
	if (w->open && at > w->end)
		window_finish_line(w);
	if (kinds == 1u << PREFILTER_IP4 && at >= w->next && window_quad(w, at))
		return;
	if (at < w->next || window_plain_name(w, at, kinds))
		return;
	if (!w->open) {
		if (kinds & 1u << PREFILTER_ESCAPE && window_pass_escape(w, at))
			return;
		if (window_begin_line(w, at))
			return;
	}
	if (kinds & 1u << PREFILTER_ESCAPE || (at < w->escaped && !window_plain_pair(w, at, kinds)))
		engine_view(w->scanner, &w->r);
	else
		engine_candidate(w->scanner, &w->r, at - w->start, kinds);
}

/* Where a line may begin whose quad waits. */
static size_t window_quads(const struct window *w)
{
	size_t least = window_least(w);

	if (!w->quick || w->open)
		return SIZE_MAX;
	return least > w->escaped ? least : w->escaped;
}

/* Whole lines, or the rest of a text. */
static void window_clean(struct san_scanner *scanner, const unsigned char *in, size_t len,
			 struct output *out)
{
	struct window w = {.scanner = scanner, .out = out, .in = in, .len = len, .base = out->base};
	struct candidates c;
	unsigned kinds;
	size_t at;

	w.quick = !*scanner->rules->allow && scanner->rules->options.action[SAN_IP] != SAN_DROP;
	w.all.s = in;
	w.all.n = len;
	window_key_block(&w, 0);
	w.quads = window_quads(&w);
	candidates_begin(&c, scanner->run, scanner->rules->prefilter, in, len, 0);
	while (!out->failed && candidates_next(&c, &at, &kinds)) {
		if (kinds == 1u << PREFILTER_IP4 && window_first_quad(&w, at))
			continue;
		window_candidate(&w, at, kinds);
		candidates_skip(&c, w.next);
		w.quads = window_quads(&w);
	}
	window_finish_line(&w);
	window_settle(&w, len);
	output_bytes(out, in + w.done, len - w.done);
}

size_t records_clean(struct san_scanner *scanner, enum san_mode mode, const unsigned char *in,
		     size_t len, bool final, struct output *out)
{
	const unsigned char *newline;
	size_t at = 0;

	if (mode != SAN_TEXT)
		return record_whole(scanner, mode, in, len, final, 0, out);
	if (scanner->carry.goes_on) {
		newline = memchr(in, '\n', len);
		size_t end = newline ? (size_t)(newline - in) : len;
		at = record_whole(scanner, mode, in, end, newline || final, 0, out);
		if (at < end || (!newline && !final))
			return at;
	}
	newline = final ? in + len : memrchr(in + at, '\n', len - at);
	if (newline) {
		size_t end = final ? len : (size_t)(newline - in) + 1;
		out->base = at;
		window_clean(scanner, in + at, end - at, out);
		at = end;
	}
	if (!final && len - at > SEGMENT_MAX) {
		scanner->carry.key.open = false; /* as with one that is whole */
		at += record_whole(scanner, mode, in + at, len - at, false, at, out);
	}
	return at;
}
