/*
 * forecast - how far off a metric's released numbers will be, before it is switched on.
 */
#ifndef TAMIS_PRIVACY_FORECAST_H
#define TAMIS_PRIVACY_FORECAST_H

#include "registry.h"

struct forecast {
	size_t cells;
	double sensitivity; /* by how much one client-day may move the counts together */
	double empty;	    /* 95 % halfwidth of a cell that nothing is counted in, a day */
	double even;	    /* of a cell that has its even share of `reports` */
	double needed;	    /* reports a day for 10 % either way in such a cell */
};

/* measure has a mechanism; reports: counted a day, over all cells. */
void forecast_make(struct forecast *out, const struct measure *measure, double reports);

#endif
