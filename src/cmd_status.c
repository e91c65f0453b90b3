/*
 * cmd_status - `tamis status [--json]`: how it goes, on one screen.
 */
#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "command.h"
#include "counters.h"
#include "overview.h"
#include "rollup_watch.h"
#include "state.h"
#include "words.h"

#define TEXT_BYTES ((size_t)64 * 1024)

/* What the simple metrics are called in the table on the screen and in JSON. */
static const struct {
	enum metric metric;
	const char *name;
} shown[] = {
    {METRIC_RECEIVED, "received"},
    {METRIC_ACCEPTED, "accepted"},
    {METRIC_FORWARDED, "forwarded"},
    {METRIC_RETRIED, "retried"},
    {METRIC_DEAD, "dead"},
    {METRIC_RING_DROPPED, "ring_dropped"},
    {METRIC_SPOOL_DAMAGED, "damaged"},
};

/* "(2 bot, 1 website)": the reasons that there were. */
static void add_reasons(struct buf *out, const struct counters *counters)
{
	static const char *const reasons[METRICS] = {
#define METRIC(id, kind, name, label, value, help) [METRIC_##id] = value,
#include "metric.def"
#undef METRIC
	};
	const char *before = "  (";

	for (unsigned m = METRIC_REFUSED_INVALID; m <= METRIC_REFUSED_ERROR; m++) {
		uint64_t n = counters_get(counters, (enum metric)m);

		if (!n)
			continue;
		buf_addf(out, "%s%" PRIu64 " %s", before, n, reasons[m]);
		before = ", ";
	}
	buf_adds(out, *before == ',' ? ")\n" : "\n");
}

/* One warning: what is wrong, and on the next line what to do. */
static void add_warning(struct buf *out, const char *what, const char *mend)
{
	buf_addf(out, "WARNING: %s\n  -> %s\n", what, mend);
}

static void add_forwarding_warning(struct buf *out, const struct overview *overview,
				   const struct config *config)
{
	struct words ago = words_age(overview->forwarder_ago_s);

	if (!overview->wanted || overview->forwards)
		return;
	if (overview->alive && overview->failing_since_s) {
		buf_addf(out,
			 "WARNING: the upstream does not take events, they wait on the spool\n"
			 "  -> Does %s answer? Ask: tamis doctor\n",
			 config->umami_api_url);
		return;
	}
	buf_adds(out, "WARNING: nobody forwards, events stay on the spool");
	if (overview->forwarder_ago_s >= 0)
		buf_addf(out, " (no progress for %s)", ago.text);
	buf_addf(out,
		 "\n  -> Is \"tamis forward\" running, and does %s answer? Ask: tamis doctor\n",
		 config->umami_api_url);
}

/* What a person should do something about, the worst first. */
static void add_warnings(struct buf *out, const struct overview *overview,
			 const struct config *config, const struct counters *counters)
{
	uint64_t percent = overview->bytes * 100 / config->spool_max_bytes;
	size_t before = out->len;

	add_forwarding_warning(out, overview, config);
	if (overview->wanted && percent >= SPOOL_WARN_PERCENT) {
		buf_addf(out, "WARNING: the spool is %" PRIu64 " %% full\n", percent);
		buf_adds(out, "  -> When it is full, events are refused: see to the forwarder, or "
			      "raise spool.max_bytes\n");
	}
	if (counters_get(counters, METRIC_REFUSED_FULL))
		add_warning(out, "events were refused because the spool or the disk was full",
			    "If that goes on: df, and tamis doctor");
	if (overview->dead_letters)
		add_warning(out, "there are events that the upstream would not take",
			    "Look: tamis spool dead ls; again: tamis spool dead requeue --all");
	if (counters_get(counters, METRIC_SPOOL_DAMAGED))
		add_warning(out, "damaged places on the spool were skipped",
			    "Look: tamis spool verify");
	if (out->len != before)
		buf_addc(out, '\n');
}

static void add_spool(struct buf *out, const struct overview *overview, const struct config *config)
{
	struct words bytes = words_bytes(overview->bytes),
		     of = words_bytes(config->spool_max_bytes);
	struct words age = words_age(clock_wall_us() / US_PER_S - overview->oldest_s);

	buf_addf(out, "spool         %" PRIu64 " events, %s of %s\n", overview->events, bytes.text,
		 of.text);
	if (overview->oldest_s)
		buf_addf(out, "oldest        %s\n", age.text);
}

static void add_forwarder(struct buf *out, const struct overview *overview)
{
	struct words since = words_age(clock_wall_us() / US_PER_S - overview->failing_since_s);

	buf_adds(out, "forwarder     ");
	if (!overview->wanted)
		buf_adds(out, "none is needed\n");
	else if (overview->alive && overview->failing_since_s)
		buf_addf(out, "runs, but for %s the upstream has taken no events\n", since.text);
	else if (overview->alive || overview->forwards)
		buf_adds(out, "runs\n");
	else
		buf_addf(out, "%s\n",
			 overview->forwarder_ago_s < 0 ? "never seen" : "makes no progress");
}

/* Declared counters, where there are any. */
static void add_counts(struct buf *out, const struct config *config)
{
	struct rollup_watch watch;

	if (!*config->counts_registry || rollup_watch_take(&watch, config, NULL) != ST_OK)
		return;
	buf_addf(out, "counts        %" PRIu64 " cells wait; rolled up ", watch.waiting);
	if (watch.ago_s < 0)
		buf_adds(out, "never\n");
	else
		buf_addf(out, "%s ago\n", words_age(watch.ago_s).text);
	if (watch.stands)
		buf_adds(out, "  -> Is \"tamis rollup\" running?\n");
}

static void as_screen(struct buf *out, const struct overview *overview, const struct config *config,
		      const struct counters *counters)
{
	add_warnings(out, overview, config, counters);
	buf_addf(out, "mode          %s\n", overview->mode);
	if (overview->wanted)
		buf_addf(out, "upstream      %s\n", config->umami_api_url);
	add_forwarder(out, overview);
	add_spool(out, overview, config);
	add_counts(out, config);
	buf_addf(out, "dead letters  %" PRIu64 "\n\nEver since the counters began:\n",
		 overview->dead_letters);
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		if (i == 2) {
			buf_addf(out, "%-13s %" PRIu64, "refused", overview->refused);
			add_reasons(out, counters);
		}
		buf_addf(out, "%-13s %" PRIu64 "\n", shown[i].name,
			 counters_get(counters, shown[i].metric));
	}
	buf_addf(out, "\nstate in      %s\n", config->state_dir);
}

static void as_json(struct buf *out, const struct overview *overview, const struct config *config,
		    const struct counters *counters)
{
	buf_adds(out, "{\"state_dir\":");
	buf_add_json(out, config->state_dir, strlen(config->state_dir));
	buf_adds(out, ",\"mode\":");
	buf_add_json(out, overview->mode, strcspn(overview->mode, ":"));
	buf_addf(out,
		 ",\"spool\":{\"events\":%" PRIu64 ",\"bytes\":%" PRIu64 ",\"max_bytes\":%" PRIu64
		 ",\"oldest\":%" PRId64 "},\"events\":{",
		 overview->events, overview->bytes, config->spool_max_bytes, overview->oldest_s);
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		buf_addf(out, "\"%s\":%" PRIu64 ",", shown[i].name,
			 counters_get(counters, shown[i].metric));
	buf_addf(out,
		 "\"refused\":%" PRIu64 "},\"dead_letters\":%" PRIu64
		 ",\"forwarder\":{\"wanted\":%s,\"alive\":%s,\"forwards\":%s,"
		 "\"seen_seconds_ago\":",
		 overview->refused, overview->dead_letters, overview->wanted ? "true" : "false",
		 overview->alive ? "true" : "false", overview->forwards ? "true" : "false");
	if (overview->forwarder_ago_s >= 0)
		buf_addf(out, "%" PRId64, overview->forwarder_ago_s);
	else
		buf_adds(out, "null");
	buf_adds(out, ",\"upstream_failing_since\":");
	if (overview->failing_since_s)
		buf_addf(out, "%" PRId64, overview->failing_since_s);
	else
		buf_adds(out, "null");
	buf_adds(out, "}}\n");
}

static enum status print_status(const struct invocation *call, bool json, struct reason *why)
{
	struct overview overview = {0};
	struct counters *counters;
	enum status status;
	struct buf out;

	status = state_there(call->config, why);
	if (status == ST_OK)
		status = counters_open(&counters, call->config, why);
	if (status != ST_OK)
		return status;
	status = overview_take(&overview, call->config, counters, why);
	buf_init(&out, TEXT_BYTES);
	if (status == ST_OK) {
		(json ? as_json : as_screen)(&out, &overview, call->config, counters);
		status = command_print(&out, why);
	}
	buf_free(&out);
	counters_close(counters);
	return status;
}

enum status cmd_status(const struct invocation *call, struct reason *why)
{
	bool json;
	enum status status = command_flag(call, "json", &json, why);

	return status == ST_OK ? print_status(call, json, why) : status;
}
