/*
 * pages - large memory of which only what is used becomes real.
 *
 * For tables of some ten kilobytes that a process of one request hardly touches: calloc()
 * would clear them all.
 */
#ifndef TAMIS_BASE_PAGES_H
#define TAMIS_BASE_PAGES_H

#include <stddef.h>

/* Zeroed, in pages of its own; NULL without memory. End it with pages_free() and the same size. */
void *pages_new(size_t bytes);
/* What it held is out of this process at once, and cleared before another one gets it. */
void pages_free(void *pages, size_t bytes);

#endif
