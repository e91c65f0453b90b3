/*
 * doctor_flow - the checks of what moves: upstream, clock, forwarder, refusals, dead letters.
 */
#include "doctor.h"

#include <inttypes.h>
#include <stdlib.h>

#include "words.h"

/* Umami would take it for another time; answers travel, and Date has whole seconds. */
#define CLOCK_WARN_S 5
#define CLOCK_FAIL_S 60

static void judge_code(struct finding *finding, const struct patient *patient)
{
	const struct probe *probe = patient->probe;
	const char *url = patient->config->umami_api_url;
	bool key = *patient->config->umami_api_key;

	finding->verdict = VERDICT_FAIL;
	if (probe->code == 401 || probe->code == 403) {
		finding_say(finding, VERDICT_FAIL, "%s answers %d: %s", url, probe->code,
			    key ? "it does not accept umami.api_key" : "it wants umami.api_key");
		finding_mend(finding, key ? "take the key of this Umami, and restart tamis forward"
					  : "set UMAMI_API_KEY for the forwarder (and for this "
					    "command)");
	} else if (probe->code >= 300 && probe->code < 400) {
		finding_say(finding, VERDICT_FAIL, "%s redirects, which is not followed", url);
		finding_mend(finding,
			     "umami.api_url: the address that it redirects to; see: curl "
			     "-sI %s",
			     url);
	} else if (probe->code == 429 || probe->code >= 500) {
		finding_say(finding, VERDICT_WARN, "%s answers %d: it is ill or busy, events wait",
			    url, probe->code);
		finding_mend(finding, "look at Umami's own log");
	} else if (probe->code != 200 || !probe->json) {
		finding_say(finding, VERDICT_FAIL, "%s answers %d, but not as Umami does", url,
			    probe->code);
		finding_mend(finding, "is umami.api_url right? See: curl -s %s/api/heartbeat", url);
	} else {
		finding_say(finding, VERDICT_OK, "%s answers in %" PRId64 " ms%s%s", url,
			    probe->took_us / 1000, key ? " and takes the key" : "",
			    probe->no_batch ? "; it has no /api/batch, so events go one by one"
					    : "");
	}
}

void check_upstream(struct finding *finding, const struct patient *patient)
{
	const char *url = patient->config->umami_api_url;

	if (!patient->probe) {
		finding_say(finding, VERDICT_SKIP, "nothing is to be forwarded");
	} else if (patient->probed == ST_OK) {
		judge_code(finding, patient);
	} else if (patient->probed == ST_CONFIG) {
		finding_say(finding, VERDICT_FAIL, "%s", patient->silence->text);
		finding_mend(finding, "mend it, then: tamis doctor");
	} else if (patient->probed == ST_DENIED) {
		finding_say(finding, VERDICT_FAIL, "%s: %s", url, patient->silence->text);
		finding_mend(finding, "a private authority's certificate belongs into "
				      "forward.ca_file");
	} else {
		finding_say(finding, VERDICT_FAIL, "%s: %s", url, patient->silence->text);
		finding_mend(finding, "curl -v %s/api/heartbeat", url);
	}
}

void check_clock(struct finding *finding, const struct patient *patient)
{
	const struct probe *probe = patient->probe;
	struct words off;

	if (!probe || patient->probed != ST_OK || !probe->dated) {
		finding_say(finding, VERDICT_SKIP, "no answer tells the time");
		return;
	}
	off = words_age(llabs(probe->ahead_s));
	if (llabs(probe->ahead_s) < CLOCK_WARN_S) {
		finding_say(finding, VERDICT_OK, "as the upstream's");
		return;
	}
	finding_say(finding, llabs(probe->ahead_s) < CLOCK_FAIL_S ? VERDICT_WARN : VERDICT_FAIL,
		    "%s %s the upstream's", off.text, probe->ahead_s > 0 ? "behind" : "ahead of");
	finding_mend(finding, "timedatectl set-ntp true");
}

void check_forwarder(struct finding *finding, const struct patient *patient)
{
	const struct overview *overview = patient->overview;
	struct words ago = words_age(overview ? overview->forwarder_ago_s : 0);

	if (!overview || !overview->wanted) {
		finding_say(finding, VERDICT_SKIP, "none is needed");
	} else if (overview->forwards) {
		finding_say(finding, VERDICT_OK, "runs");
	} else if (overview->alive && overview->failing_since_s) {
		finding_say(finding, VERDICT_WARN,
			    "runs, but the upstream takes no events: %" PRIu64 " wait on the spool",
			    overview->events);
		finding_mend(finding, "see what the upstream's line says");
	} else {
		finding_say(finding, VERDICT_FAIL,
			    "nobody forwards: %s%s, %" PRIu64 " events wait on the spool",
			    overview->forwarder_ago_s < 0 ? "never seen" : "no progress for ",
			    overview->forwarder_ago_s < 0 ? "" : ago.text, overview->events);
		finding_mend(finding, "is it running? pgrep -af 'tamis forward'; if not, start it: "
				      "tamis forward");
	}
}

void check_refusals(struct finding *finding, const struct patient *patient)
{
	uint64_t full, error, damaged;

	if (!patient->counters) {
		finding_say(finding, VERDICT_SKIP, "no state directory yet");
		return;
	}
	full = counters_get(patient->counters, METRIC_REFUSED_FULL);
	error = counters_get(patient->counters, METRIC_REFUSED_ERROR);
	damaged = counters_get(patient->counters, METRIC_SPOOL_DAMAGED);
	finding_say(finding, VERDICT_OK, "none for want of room, none by failures");
	if (!full && !error && !damaged)
		return;
	finding_say(finding, VERDICT_WARN,
		    "ever since the counters began: %" PRIu64 " events refused on a full spool, "
		    "%" PRIu64 " by failures, %" PRIu64 " damaged places skipped",
		    full, error, damaged);
	finding_mend(finding, "%s",
		     damaged ? "tamis spool verify"
		     : full  ? "raise spool.max_bytes if that goes on"
			     : "look into the web server's log for tamis.fcgi");
}

void check_dead(struct finding *finding, const struct patient *patient)
{
	uint64_t n = patient->overview ? patient->overview->dead_letters : 0;

	if (!n) {
		finding_say(finding, VERDICT_OK, "none");
		return;
	}
	finding_say(finding, VERDICT_WARN, "%" PRIu64 " events that the upstream would not take",
		    n);
	finding_mend(finding, "tamis spool dead ls; then, mended: tamis spool dead requeue --all");
}
