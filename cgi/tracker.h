/*
 * tracker - the script that pages load, as it is served under this configuration.
 */
#ifndef TAMIS_CGI_TRACKER_H
#define TAMIS_CGI_TRACKER_H

#include <stddef.h>

#include "buf.h"
#include "config.h"

#define TRACKER_TAG_MAX 48

/* Zeroed: not made yet. */
struct tracker {
	struct buf plain, gzip;
	char plain_tag[TRACKER_TAG_MAX], gzip_tag[TRACKER_TAG_MAX]; /* entity tags, quoted */
	char plain_head[256], gzip_head[256];			    /* whole header lines */
};

/* Once; the memory's end is buf_ok() of plain and gzip. */
void tracker_make(struct tracker *tracker, const struct config *config);
void tracker_free(struct tracker *tracker);

#endif
