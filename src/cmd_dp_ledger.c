/*
 * cmd_dp_ledger - `tamis dp ledger`: what the releases of each metric have cost.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "store.h"

#define TEXT_BYTES ((size_t)1024 * 1024)

/* QUERY_LEDGER's columns. */
enum { AT_METRIC, AT_DAYS, AT_EPSILON, AT_DELTA, AT_FIRST, AT_LAST };

static enum status add_row(void *context, const char *const *columns)
{
	buf_addf(context, "%-24s %6s %12.6f %14.12f  %s  %s\n", columns[AT_METRIC],
		 columns[AT_DAYS], strtod(columns[AT_EPSILON], NULL) / 1e6,
		 strtod(columns[AT_DELTA], NULL) / 1e12, columns[AT_FIRST], columns[AT_LAST]);
	return ST_OK;
}

enum status cmd_dp_ledger(const struct invocation *call, struct reason *why)
{
	static const struct store_value days[] = {STORE_TEXT("0000-00-00"),
						  STORE_TEXT("9999-99-99")};
	struct store *store;
	struct buf out;
	enum status status = command_no_arguments(call, why);

	if (status == ST_OK)
		status = store_open(&store, call->config, STORE_READ, why);
	if (status != ST_OK)
		return status;
	buf_init(&out, TEXT_BYTES);
	buf_addf(&out, "%-24s %6s %12s %14s  %-10s  %-10s\n", "METRIC", "DAYS", "EPSILON", "DELTA",
		 "FIRST", "LAST");
	status = store_run(store, QUERY_LEDGER, days, add_row, &out, why);
	if (status == ST_OK)
		status = command_print(&out, why);
	buf_free(&out);
	store_close(store);
	return status;
}
