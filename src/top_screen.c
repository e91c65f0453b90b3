/*
 * top_screen - numbers become lines: no line is wider than the screen, none has a byte in
 * it that a terminal would obey.
 */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "top.h"
#include "words.h"

#define LINE_BYTES 512

static double seconds_of(const struct top *top)
{
	return (double)(top->now.at_us - top->before.at_us) / (double)US_PER_S;
}

static double rate(const struct top *top, uint64_t before, uint64_t now)
{
	return top->twice && now > before ? (double)(now - before) / seconds_of(top) : 0;
}

static double metric_rate(const struct top *top, enum metric metric)
{
	return rate(top, top->before.counts[metric], top->now.counts[metric]);
}

static uint64_t refused(const struct sample *sample)
{
	uint64_t n = 0;

	for (unsigned m = METRIC_REFUSED_INVALID; m <= METRIC_REFUSED_ERROR; m++)
		n += sample->counts[m];
	return n;
}

/* Milliseconds of a request since the look before; -1: there was none. */
static int64_t latency_ms(const struct top *top)
{
	uint64_t n = top->now.upstream.requests - top->before.upstream.requests;

	if (!top->twice || !n)
		return -1;
	return (int64_t)((top->now.upstream.us - top->before.upstream.us) / n / 1000);
}

/* "3 min 2 s", "never at this pace" or "-". */
static struct words drained_in(const struct top *top)
{
	struct words words;

	if (!top->now.overview.events)
		(void)strcpy(words.text, "now");
	else if (!top->twice)
		(void)strcpy(words.text, "-");
	else if (top->drain <= 0)
		(void)strcpy(words.text, "never at this pace");
	else
		return words_age((int64_t)((double)top->now.overview.events / top->drain) + 1);
	return words;
}

static int64_t oldest_s(const struct top *top)
{
	int64_t oldest = top->now.overview.oldest_s;
	int64_t age = oldest ? clock_wall_us() / US_PER_S - oldest : 0;

	return age > 0 ? age : 0;
}

static void add_row(struct buf *out, const char *name, double per_second, uint64_t total)
{
	buf_addf(out, "%-14s %12.1f %14" PRIu64 "\n", name, per_second, total);
}

static void add_reasons(const struct top *top, struct buf *out)
{
	static const char *const reasons[METRICS] = {
#define METRIC(id, kind, name, label, value, help) [METRIC_##id] = value,
#include "metric.def"
#undef METRIC
	};
	const char *before = "  refused/s by reason: ";

	for (unsigned m = METRIC_REFUSED_INVALID; m <= METRIC_REFUSED_ERROR; m++) {
		double r = metric_rate(top, (enum metric)m);

		if (r <= 0)
			continue;
		buf_addf(out, "%s%s %.1f", before, reasons[m], r);
		before = ", ";
	}
	buf_addc(out, '\n');
}

static void add_flow(const struct top *top, struct buf *out)
{
	const struct sample *now = &top->now;

	buf_addf(out, "%-14s %12s %14s\n", "EVENTS", "/s", "TOTAL");
	add_row(out, "in", metric_rate(top, METRIC_RECEIVED), now->counts[METRIC_RECEIVED]);
	add_row(out, "  accepted", metric_rate(top, METRIC_ACCEPTED), now->counts[METRIC_ACCEPTED]);
	add_row(out, "  refused", rate(top, refused(&top->before), refused(now)), refused(now));
	add_row(out, "out", metric_rate(top, METRIC_FORWARDED), now->counts[METRIC_FORWARDED]);
	add_row(out, "  sent again", metric_rate(top, METRIC_RETRIED), now->counts[METRIC_RETRIED]);
	add_row(out, "  set aside", metric_rate(top, METRIC_DEAD), now->counts[METRIC_DEAD]);
	add_reasons(top, out);
}

static void add_backlog(const struct top *top, struct buf *out)
{
	const struct overview *overview = &top->now.overview;
	struct words bytes = words_bytes(overview->bytes);
	struct words of = words_bytes(top->config->spool_max_bytes);
	struct words age = words_age(oldest_s(top)), drained = drained_in(top);
	int64_t ms = latency_ms(top);

	buf_addf(out, "\nbacklog        %" PRIu64 " events, %s of %s, oldest %s\n",
		 overview->events, bytes.text, of.text, overview->oldest_s ? age.text : "-");
	buf_addf(out, "drained        %s\n", overview->wanted ? drained.text : "-");
	buf_addf(out, "dead letters   %" PRIu64 "\n", overview->dead_letters);
	buf_addf(out, "upstream       %.1f requests/s, %.1f failed/s, ",
		 rate(top, top->before.upstream.requests, top->now.upstream.requests),
		 rate(top, top->before.upstream.failed, top->now.upstream.failed));
	if (ms >= 0)
		buf_addf(out, "%" PRId64 " ms each\n", ms);
	else
		buf_adds(out, "- ms each\n");
}

static void add_routes(const struct top *top, struct buf *out)
{
	buf_addf(out, "\n%12s %14s  %s\n", "VIEWS/s", "TOTAL", "ROUTE");
	for (size_t i = 0; i < top->now.n_routes; i++) {
		const struct route_rate *route = &top->now.routes[i];

		buf_addf(out, "%12.1f %14" PRIu64 "  ", rate(top, 0, route->more), route->views);
		for (size_t c = 0; c < route->len && c < LINE_BYTES; c++)
			buf_addc(out, route->text[c] >= ' ' && route->text[c] < 127 ? route->text[c]
										    : '?');
		buf_addc(out, '\n');
	}
}

static void add_head(const struct top *top, struct buf *out)
{
	const struct overview *overview = &top->now.overview;
	time_t now = (time_t)(clock_wall_us() / US_PER_S);
	char clock[16];
	struct tm tm;

	(void)strftime(clock, sizeof(clock), "%H:%M:%S", localtime_r(&now, &tm));
	buf_addf(out, "tamis  %s  %s\n", clock, overview->mode);
	if (overview->wanted && !overview->forwards)
		buf_adds(out, "WARNING: nobody forwards -> tamis doctor");
	buf_adds(out, "\n");
}

/* The text's first lines, each cut. */
static void cut(struct buf *out, const struct buf *text, unsigned lines, unsigned columns)
{
	const char *at = text->data, *end = text->data + text->len;

	for (unsigned line = 0; line < lines && at < end; line++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((newline ? newline : end) - at);

		if (line)
			buf_addc(out, '\n');
		buf_add(out, at, len < columns ? len : columns);
		at += len + 1;
	}
}

void top_screen(const struct top *top, struct buf *out, unsigned lines, unsigned columns)
{
	struct buf text;

	buf_init(&text, out->max);
	add_head(top, &text);
	add_flow(top, &text);
	add_backlog(top, &text);
	add_routes(top, &text);
	if (buf_ok(&text))
		cut(out, &text, lines, columns);
	buf_free(&text);
}

void top_heading(struct buf *out)
{
	buf_addf(out, "%-8s %9s %9s %9s %10s %8s %10s %6s %7s\n", "TIME", "IN/s", "REFUSED/s",
		 "OUT/s", "BACKLOG", "OLDEST_s", "DRAINED_s", "DEAD", "UP_ms");
}

void top_line(const struct top *top, struct buf *out)
{
	double left = (double)top->now.overview.events;
	time_t now = (time_t)(clock_wall_us() / US_PER_S);
	int64_t ms = latency_ms(top);
	char clock[16];
	struct tm tm;

	(void)strftime(clock, sizeof(clock), "%H:%M:%S", localtime_r(&now, &tm));
	buf_addf(out, "%-8s %9.1f %9.1f %9.1f %10" PRIu64 " %8" PRId64, clock,
		 metric_rate(top, METRIC_RECEIVED),
		 rate(top, refused(&top->before), refused(&top->now)),
		 metric_rate(top, METRIC_FORWARDED), top->now.overview.events, oldest_s(top));
	if (left > 0 && top->drain <= 0)
		buf_addf(out, " %10s", "-");
	else
		buf_addf(out, " %10.0f", left > 0 ? left / top->drain + 1 : 0);
	buf_addf(out, " %6" PRIu64, top->now.overview.dead_letters);
	if (ms >= 0)
		buf_addf(out, " %7" PRId64 "\n", ms);
	else
		buf_addf(out, " %7s\n", "-");
}
