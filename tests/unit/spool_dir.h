/*
 * spool_dir - what tests of the spool's writers need: a directory, records put there and
 * counted, children that do something and end.
 */
#ifndef TAMIS_TEST_SPOOL_DIR_H
#define TAMIS_TEST_SPOOL_DIR_H

#include <stddef.h>

#include "spool.h"

/* cmocka's setup and teardown: *state is the directory's path. */
int make_dir(void **state);
int remove_dir(void **state);

/* Intact records in a file; *damaged: skipped places and a torn tail. */
size_t records_in(const char *path, size_t *damaged);
/* Intact records in all segments; fails the test if any is damaged. */
size_t records(const char *dir);
void append_many(struct spool *spool, unsigned writer, unsigned n, size_t size);
/* A segment is sealed some time after it was left, by the next who appends. */
void await_sealed(struct spool *spool, const char *dir);
/* Run child() in a process of its own; its wait status. */
int in_child(void (*child)(struct spool *spool, const char *dir), struct spool *spool,
	     const char *dir);

#endif
