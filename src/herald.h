/*
 * herald - what the library says goes to the application's function, at the end of a call.
 *
 * A function of the application may wait for a lock of its own that another thread holds while
 * it calls the library (Python's is one), so it is never called while the library holds one.
 * Nor on a thread of the library's: the courier's has a table of descriptors of its own, and
 * who writes to a log file from there would write to another file of the same number.
 */
#ifndef TAMIS_HERALD_H
#define TAMIS_HERALD_H

#include <stddef.h>

#include "log.h"

/* NULL: silence. */
void herald_open(log_fn *write, void *context);
/* From now on what is logged is kept: the last few sentences. */
void herald_begin(void);
/* Tell what was kept; nearly free where nothing was. */
void herald_tell(void);
/* An event of umami.debug, told at once. */
void herald_show(const char *json, size_t len);
/* In a child of fork(): what was kept is the parent's to tell. */
void herald_forked(void);

#endif
