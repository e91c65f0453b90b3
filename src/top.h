/*
 * top - what happened between two looks at the counters, and how it is drawn.
 */
#ifndef TAMIS_TOP_H
#define TAMIS_TOP_H

#include "buf.h"
#include "config.h"
#include "counters.h"
#include "overview.h"

#define TOP_ROUTES 16

struct route_rate {
	const char *text; /* of the counters file, not terminated */
	size_t len;
	uint64_t views;
	uint64_t more; /* since the look before */
};

struct sample {
	int64_t at_us; /* monotonic */
	uint64_t counts[METRICS];
	struct upstream_total upstream;
	struct overview overview;
	size_t n_routes;
	struct route_rate routes[TOP_ROUTES]; /* the most viewed of late first */
};

struct top {
	const struct config *config;
	struct counters *counters;
	struct sample before, now;
	double drain;	   /* events a second that the backlog loses, of the last ten or so looks */
	unsigned looks;	   /* that drain is made of */
	bool twice;	   /* before holds something */
	int64_t looked_us; /* when the spool was looked through, and what was there */
	uint64_t looked_events, looked_in, looked_out;
	uint64_t *views; /* by slot, as of the look before */
	size_t n_views;
};

/* Look once more. */
MUST_CHECK enum status top_look(struct top *top, struct reason *why);
void top_free(struct top *top);
/* A screen of so many lines and columns; lines end with a newline, but for the last one. */
void top_screen(const struct top *top, struct buf *out, unsigned lines, unsigned columns);
/* One line for a log, and what stands above its columns. */
void top_heading(struct buf *out);
void top_line(const struct top *top, struct buf *out);

#endif
