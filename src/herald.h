/*
 * herald - what the library says goes to the application's function, on the application's
 * threads.
 *
 * The courier's thread has a table of descriptors of its own: a function that writes to a
 * log file from there would write to another file of the same number. What is said on such a
 * thread is kept and told by the next call of the library, the last few sentences at least.
 */
#ifndef TAMIS_HERALD_H
#define TAMIS_HERALD_H

#include "log.h"

/* NULL: silence. */
void herald_open(log_fn *write, void *context);
/* Silence, unless herald_open() was called. */
void herald_begin(void);
/* From now on what this thread says is kept. */
void herald_hold(void);
/* Tell what was kept; nearly free where nothing was. */
void herald_tell(void);
/* In a child of fork(): what was kept is the parent's to tell. */
void herald_forked(void);

#endif
