/*
 * sanitize - take personal data and secrets out of logs, URLs and JSON.
 *
 * Options become settings (settings.c), settings and rule files a plan (plan.c),
 * and a task of run.c or tell.c carries it out.
 */
#include <sodium.h>
#include <stdio.h>

#include "run.h"
#include "stop.h"
#include "tell.h"

static int with_plan(const struct settings *settings)
{
	struct plan plan;
	struct cause cause;
	int status;

	if (plan_make(&plan, settings, &cause)) {
		cause_print(&cause, NULL);
		status = EXIT_TROUBLE;
	} else if (settings->task == TASK_LIST) {
		status = tell_classes(&plan);
	} else if (settings->task == TASK_EXPLAIN) {
		status = tell_why(&plan, settings->explain);
	} else {
		status = run_all(settings, &plan);
	}
	plan_free(&plan);
	return status;
}

int main(int argc, char **argv)
{
	struct settings settings;
	struct cause cause;
	int status;

	stop_install();
	if (sodium_init() < 0) {
		fputs("sanitize: libsodium does not start\n", stderr);
		return EXIT_TROUBLE;
	}
	if (settings_parse(&settings, argc, argv, &cause)) {
		cause_print(&cause, NULL);
		status = EXIT_TROUBLE;
	} else if (settings.task == TASK_HELP) {
		status = tell_help();
	} else if (settings.task == TASK_VERSION) {
		status = tell_version();
	} else {
		status = with_plan(&settings);
	}
	settings_free(&settings);
	return status;
}
