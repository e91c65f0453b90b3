/*
 * cmd_doctor - `tamis doctor [--json]`: what is wrong, and how to mend it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "doctor.h"

#define TEXT_BYTES ((size_t)64 * 1024)
#define PATIENCE_MS 10000L

static const struct check {
	const char *name;
	check_fn *run;
} checks[] = {
#define CHECK(name, function) {name, function},
#include "doctor.def"
#undef CHECK
};
#define CHECKS (sizeof(checks) / sizeof(checks[0]))

void finding_say(struct finding *finding, enum diagnosis verdict, const char *format, ...)
{
	va_list arguments;

	finding->verdict = verdict;
	va_start(arguments, format);
	(void)vsnprintf(finding->text, sizeof(finding->text), format, arguments);
	va_end(arguments);
}

void finding_mend(struct finding *finding, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(finding->mend, sizeof(finding->mend), format, arguments);
	va_end(arguments);
}

static void add_screen(struct buf *out, const struct finding *finding)
{
	static const char *const words[] = {"ok  ", "WARN", "FAIL", "-   "};

	buf_addf(out, "%s  %-18s  %s\n", words[finding->verdict], finding->name, finding->text);
	if (*finding->mend)
		buf_addf(out, "      %-18s  -> %s\n", "", finding->mend);
}

static void add_json(struct buf *out, const struct finding *finding)
{
	static const char *const words[] = {"ok", "warn", "fail", "skip"};

	buf_addf(out, "%s{\"check\":\"%s\",\"verdict\":\"%s\",\"text\":", out->len ? "," : "[",
		 finding->name, words[finding->verdict]);
	buf_add_json(out, finding->text, strlen(finding->text));
	buf_adds(out, ",\"mend\":");
	buf_add_json(out, finding->mend, strlen(finding->mend));
	buf_addc(out, '}');
}

/* The worst of all verdicts is the exit code. */
static enum status examine(const struct patient *patient, bool json, int *worst, struct reason *why)
{
	size_t n = patient->config ? CHECKS : 1; /* of a broken configuration nothing is known */
	enum status status;
	struct buf out;

	*worst = VERDICT_OK;
	buf_init(&out, TEXT_BYTES);
	for (size_t i = 0; i < n; i++) {
		struct finding finding = {.name = checks[i].name};

		checks[i].run(&finding, patient);
		(json ? add_json : add_screen)(&out, &finding);
		if (finding.verdict != VERDICT_SKIP && (int)finding.verdict > *worst)
			*worst = (int)finding.verdict;
	}
	if (json)
		buf_adds(&out, "]\n");
	status = command_print(&out, why);
	buf_free(&out);
	return status;
}

/* Opening the counters would make the directory; a look must not. */
static void see_state(struct patient *patient, struct counters **counters,
		      struct overview *overview, struct reason *blind)
{
	struct stat about;
	enum status status;

	if (stat(patient->config->state_dir, &about) != 0)
		return;
	status = counters_open(counters, patient->config, blind);
	if (status == ST_OK)
		status = overview_take(overview, patient->config, *counters, blind);
	if (status != ST_OK) {
		patient->blind = blind;
		return;
	}
	patient->counters = *counters;
	patient->overview = overview;
}

static enum status visit(const struct invocation *call, bool json, struct reason *why)
{
	struct patient patient = {
	    .config = call->config, .broken = call->broken, .config_path = call->config_path};
	struct overview overview = {0};
	struct counters *counters = NULL;
	struct reason silence = {""}, blind = {""};
	enum status status;
	struct probe probe;

	if (call->config)
		see_state(&patient, &counters, &overview, &blind);
	if (call->config && overview_wanted(call->config)) {
		patient.probed = probe_upstream(&probe, call->config, PATIENCE_MS, &silence);
		patient.probe = &probe;
		patient.silence = &silence;
	}
	status = examine(&patient, json, call->exit_code, why);
	counters_close(counters);
	return status;
}

enum status cmd_doctor(const struct invocation *call, struct reason *why)
{
	bool json;
	enum status status = command_flag(call, "json", &json, why);

	return status == ST_OK ? visit(call, json, why) : status;
}
