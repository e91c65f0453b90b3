/*
 * cmd_status - `tamis status [--json]`: how it goes, on one screen.
 */
#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "command.h"
#include "counters.h"
#include "overview.h"

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

/* "3 d 4 h", "12 s": two units at most. */
static void add_age(struct buf *out, int64_t seconds)
{
	if (seconds < 0)
		seconds = 0;
	if (seconds >= 86400)
		buf_addf(out, "%" PRId64 " d %" PRId64 " h", seconds / 86400,
			 seconds % 86400 / 3600);
	else if (seconds >= 3600)
		buf_addf(out, "%" PRId64 " h %" PRId64 " min", seconds / 3600, seconds % 3600 / 60);
	else if (seconds >= 60)
		buf_addf(out, "%" PRId64 " min %" PRId64 " s", seconds / 60, seconds % 60);
	else
		buf_addf(out, "%" PRId64 " s", seconds);
}

/* "27.2 MiB": three digits at least. */
static void add_bytes(struct buf *out, uint64_t bytes)
{
	static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
	double n = (double)bytes;
	size_t unit = 0;

	for (; n >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0]); unit++)
		n /= 1024;
	buf_addf(out, "%.*f %s", unit ? 1 : 0, n, units[unit]);
}

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

static void add_forwarder(struct buf *out, const struct overview *overview,
			  const struct config *config)
{
	buf_adds(out, "forwarder     ");
	if (overview->forwards) {
		buf_adds(out, "runs\n");
	} else if (overview->forwarder_ago_s >= 0) {
		buf_adds(out, "made no progress for ");
		add_age(out, overview->forwarder_ago_s);
		buf_addc(out, '\n');
	} else {
		buf_adds(out, "never seen\n");
	}
	if (overview->wanted && !overview->forwards)
		buf_addf(out,
			 "\nWARNING: nobody forwards, events stay on the spool.\n"
			 "Is \"tamis forward\" running, and does %s answer?\n",
			 config->umami_api_url);
}

static void as_screen(struct buf *out, const struct overview *overview, const struct config *config,
		      const struct counters *counters)
{
	buf_addf(out, "state         %s\nmode          %s\n", config->state_dir, overview->mode);
	if (overview->wanted)
		buf_addf(out, "upstream      %s\n", config->umami_api_url);
	buf_addf(out, "spool         %" PRIu64 " events, ", overview->events);
	add_bytes(out, overview->bytes);
	buf_adds(out, " of ");
	add_bytes(out, config->spool_max_bytes);
	buf_addc(out, '\n');
	if (overview->oldest_s) {
		buf_adds(out, "oldest        ");
		add_age(out, clock_wall_us() / US_PER_S - overview->oldest_s);
		buf_addc(out, '\n');
	}
	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		buf_addf(out, "%-13s %" PRIu64 "\n", shown[i].name,
			 counters_get(counters, shown[i].metric));
	buf_addf(out, "%-13s %" PRIu64, "refused", overview->refused);
	add_reasons(out, counters);
	buf_addf(out, "%-13s %" PRIu64 "\n", "dead letters", overview->dead_letters);
	add_forwarder(out, overview, config);
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
		 ",\"forwarder\":{\"wanted\":%s,\"forwards\":%s,\"seen_seconds_ago\":",
		 overview->refused, overview->dead_letters, overview->wanted ? "true" : "false",
		 overview->forwards ? "true" : "false");
	if (overview->forwarder_ago_s >= 0)
		buf_addf(out, "%" PRId64, overview->forwarder_ago_s);
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
	static const struct option options[] = {
	    {"json", no_argument, NULL, 'j'},
	    {NULL, 0, NULL, 0},
	};
	enum status status = ST_OK;
	bool json = false;
	int option;

	while ((option = command_option(call, options, &status, why)) != -1) {
		if (option == '?')
			return status;
		json = true;
	}
	if (optind < call->argc)
		return reason_set(why, ST_USAGE, "status: takes no operands: %.64s",
				  call->argv[optind]);
	return print_status(call, json, why);
}
