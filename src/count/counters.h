/*
 * counters - what happened, how often: a mapped file shared by all processes.
 *
 * Each writing thread has a lane of its own, so an increment is a plain store, and
 * sums over lanes are exact. What one event adds is written as one redo record of
 * absolute values, so kill -9 leaves it all or not at all; the last counted
 * sequence number of each lane tells which events on the spool are still to be
 * counted. The file survives kill -9, not a power cut (totals then fall back).
 */
#ifndef TAMIS_COUNTERS_H
#define TAMIS_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "clean.h"
#include "config.h"
#include "stamp.h"
#include "status.h"

struct counters;
struct counter_lane;

/* Simple counters and gauges: metric.def, one row each. */
enum metric {
#define METRIC(id, kind, name, label, value, help) METRIC_##id,
#include "metric.def"
#undef METRIC
	METRICS
};

/* Made if missing (0660); one of another version, or damaged, is set aside as "counters.old". */
/* ST_CORRUPT: it is such a file, and this user may only read it. config is borrowed. */
MUST_CHECK enum status counters_open(struct counters **out, const struct config *config,
				     struct reason *why);
void counters_close(struct counters *counters);
void counters_look(struct counters *counters); /* once a second: is the file still at its path? */
/* In a child after fork(), instead: lanes and locks stay the parent's. Nothing may follow. */
void counters_disown(struct counters *counters);

/* One that nobody holds, repaired if its owner died. Its owner ends it. ST_BUSY: none is left. */
MUST_CHECK enum status counters_lane(struct counter_lane **out, struct counters *counters);
void counters_lane_end(struct counter_lane *lane);

/* The stamp that this lane's next event gets. */
struct stamp counters_stamp(struct counter_lane *lane);
/* Count an event that is on the spool under counters_stamp(). */
void counters_accept(struct counter_lane *lane, const struct clean *clean);
/* After a crash: count the event if the stamp's lane has not; 1 if it was missing. */
int counters_recount(struct counters *counters, const struct stamp *stamp,
		     const struct clean *clean);
/* Was an event counted under the stamp? Settled once its spool was opened after a crash. */
bool counters_counted(const struct counters *counters, const struct stamp *stamp);
void counters_add(struct counter_lane *lane, enum metric metric, uint64_t n);
/* Gauges: the value itself, last writer wins. */
void counters_set(struct counters *counters, enum metric metric, uint64_t value);
/* One request served by a route of the caller's own (http_server_request_duration_seconds). */
void counters_route(struct counter_lane *lane, const char *method, const char *route, int status,
		    uint64_t duration_us);
/* One answer of the upstream (http_client_request_duration_seconds). */
void counters_upstream(struct counter_lane *lane, int status, uint64_t duration_us);

uint64_t counters_get(const struct counters *counters, enum metric metric);
/* A forwarder has made progress, or found nothing to do, within the last seconds. */
bool counters_forwarder_moves(const struct counters *counters);
/* One ran seconds ago, so that the spool's gauges are right, whether it got on or not. */
bool counters_forwarder_runs(const struct counters *counters);
/* Every route that was viewed; slot is its own for ever, the text (not terminated) the file's. */
typedef void counters_view_fn(void *context, uint32_t slot, const char *route, size_t len,
			      uint64_t views);
void counters_views(const struct counters *counters, counters_view_fn *visit, void *context);
struct upstream_total {
	uint64_t requests, failed, us;
};
struct upstream_total counters_upstream_total(const struct counters *counters);
/* Prometheus text format, version 0.0.4. */
void counters_text(const struct counters *counters, struct buf *out);

#endif
