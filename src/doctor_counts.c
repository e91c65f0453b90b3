/*
 * doctor_counts - the checks of declared counters: registry, store, rollup.
 */
#include "doctor.h"

#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "registry.h"
#include "rollup_watch.h"
#include "store.h"
#include "words.h"

#define TEXT_BYTES ((size_t)256 * 1024)

/* False: nothing is counted here, which was told. */
static bool counts(struct finding *finding, const struct patient *patient)
{
	if (patient->config && *patient->config->counts_registry)
		return true;
	finding_say(finding, VERDICT_SKIP,
		    patient->config ? "counts.registry is not set: nothing is counted"
				    : "the configuration is broken");
	return false;
}

void check_registry(struct finding *finding, const struct patient *patient)
{
	struct reason why = {""};
	enum status status;
	struct buf text;
	size_t n = 0;

	if (!counts(finding, patient))
		return;
	buf_init(&text, TEXT_BYTES);
	status = registry_lint(patient->config->counts_registry,
			       (int32_t)clock_day(clock_wall_us()), &text, &n, &why);
	if (status != ST_OK)
		finding_say(finding, VERDICT_FAIL, "%s", why.text);
	else if (n)
		finding_say(finding, VERDICT_WARN, "%.*s%s", (int)strcspn(text.data, "\n"),
			    text.data, n > 1 ? ", and more" : "");
	else
		finding_say(finding, VERDICT_OK, "%s", patient->config->counts_registry);
	if (status != ST_OK || n)
		finding_mend(finding, "mend it, then: tamis registry lint");
	buf_free(&text);
}

void check_store(struct finding *finding, const struct patient *patient)
{
	struct reason why = {""};
	struct store *store;
	enum status status;

	if (!counts(finding, patient))
		return;
	status = store_open(&store, patient->config, STORE_READ, &why);
	if (status == ST_OK) {
		finding_say(finding, VERDICT_OK, "%s", store_kind(store));
		store_close(store);
	} else if (status == ST_NOT_FOUND) {
		finding_say(finding, VERDICT_OK, "nothing was counted yet");
	} else {
		finding_say(finding, VERDICT_FAIL, "%s", why.text);
		finding_mend(finding, "%s",
			     status == ST_CONFIG
				 ? "let the owner of the tables run: tamis rollup --once"
				 : "does the database run, and is store.url right?");
	}
}

void check_rollup(struct finding *finding, const struct patient *patient)
{
	struct rollup_watch watch;
	struct reason why = {""};

	if (!counts(finding, patient))
		return;
	if (rollup_watch_take(&watch, patient->config, &why) != ST_OK) {
		finding_say(finding, VERDICT_FAIL, "%s", why.text);
	} else if (watch.stands) {
		finding_say(finding, VERDICT_WARN,
			    "%" PRIu64 " cells wait, and no rollup takes them", watch.waiting);
		finding_mend(finding, "start: tamis rollup");
	} else if (watch.ago_s < 0) {
		finding_say(finding, VERDICT_OK, "nothing was counted yet");
	} else {
		finding_say(finding, VERDICT_OK, "the last one ended %s ago",
			    words_age(watch.ago_s).text);
	}
}
