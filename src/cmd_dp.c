/*
 * cmd_dp - `tamis dp forecast`: what a release of each metric will be worth.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "forecast.h"

#define TEXT_BYTES ((size_t)1024 * 1024)
#define DAILY 1000

static enum status read_options(const struct invocation *call, double *daily, struct reason *why)
{
	static const struct option options[] = {
	    {"daily", required_argument, NULL, 'd'},
	    {NULL, 0, NULL, 0},
	};
	enum status status = ST_OK;
	int option;
	char *end;

	*daily = DAILY;
	while ((option = command_option(call, options, &status, why)) != -1) {
		if (option == '?')
			return status;
		*daily = strtod(optarg, &end);
		if (*end || !(*daily >= 1 && *daily <= 1e12))
			return reason_set(why, ST_USAGE,
					  "dp forecast: --daily wants 1 to 1e12 reports a day");
	}
	if (call->argc - optind > 1)
		return reason_set(why, ST_USAGE, "dp forecast: takes one file");
	return ST_OK;
}

static void write_metric(struct buf *out, const struct measure *measure, double daily)
{
	bool krr = measure->mechanism == MECHANISM_KRR, gaussian = measure->noise == NOISE_GAUSSIAN;
	struct forecast f;

	forecast_make(&f, measure, daily);
	buf_addf(out, "%-24s %-12s %8zu %8.0f %10.0f %10.0f %12.0f\n", measure->name,
		 krr	    ? gaussian ? "krr+gaussian" : "krr"
		 : gaussian ? "gaussian"
			    : "laplace",
		 f.cells, f.sensitivity, ceil(f.empty), ceil(f.even), ceil(f.needed));
}

static void write_table(struct buf *out, const struct registry *registry, double daily)
{
	size_t n = 0;

	buf_addf(out,
		 "95 %% of released cells lie within this of the truth, at %.0f reports a day:\n\n",
		 daily);
	buf_addf(out, "%-24s %-12s %8s %8s %10s %10s %12s\n", "METRIC", "HOW", "CELLS", "L1",
		 "EMPTY", "EVEN", "FOR 10 %");
	for (size_t i = 0; i < registry_size(registry); i++) {
		if (registry_at(registry, i)->mechanism == MECHANISM_NONE)
			continue;
		write_metric(out, registry_at(registry, i), daily);
		n++;
	}
	if (!n)
		buf_adds(out, "no metric is released with noise\n");
	buf_adds(
	    out,
	    "\nEMPTY: a cell that nothing is counted in. EVEN: one with its even share of all\n"
	    "reports. FOR 10 %: reports a day that such a cell needs for 10 % either way.\n");
}

enum status cmd_dp_forecast(const struct invocation *call, struct reason *why)
{
	struct registry *registry;
	struct buf out;
	double daily;
	enum status status = read_options(call, &daily, why);

	if (status != ST_OK)
		return status;
	const char *path = optind < call->argc ? call->argv[optind] : call->config->counts_registry;
	if (!*path)
		return reason_set(
		    why, ST_USAGE,
		    "dp forecast: name a file, or set counts.registry in the configuration");
	status = registry_open(&registry, path, why);
	if (status != ST_OK)
		return status;
	buf_init(&out, TEXT_BYTES);
	write_table(&out, registry, daily);
	status = command_print(&out, why);
	buf_free(&out);
	registry_close(registry);
	return status;
}
