/*
 * probe - one question to the upstream: is it there, does it take the key, what is the time?
 *
 * Asked with an empty batch under the forwarder's own rules and headers: it goes the way of
 * events and stores nothing. Where there is no /api/batch, /api/heartbeat is asked.
 */
#ifndef TAMIS_FORWARD_PROBE_H
#define TAMIS_FORWARD_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "status.h"

struct probe {
	int code;	 /* of HTTP */
	bool json;	 /* the answer looks like Umami's, not like somebody's page */
	bool no_batch;	 /* an older Umami */
	bool dated;	 /* it told its time */
	int64_t ahead_s; /* its clock before ours, to about a second */
	int64_t took_us;
};

/*
 * Blocks for at most timeout_ms. ST_CONFIG: as sink_open(), nothing was sent.
 * ST_UNAVAILABLE: no answer; why says in curl's words. ST_DENIED: its certificate.
 */
MUST_CHECK enum status probe_upstream(struct probe *probe, const struct config *config,
				      long timeout_ms, struct reason *why);

#endif
