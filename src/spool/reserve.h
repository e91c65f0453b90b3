/*
 * reserve - room on the disk for the one process that makes room.
 *
 * Writers fill a disk to its last block, and a reader that was never there before needs a few:
 * a directory, a journal. They are kept in a file that a reader empties.
 */
#ifndef TAMIS_SPOOL_RESERVE_H
#define TAMIS_SPOOL_RESERVE_H

#include <stdint.h>

/* Keep room beside the users' directories in dir, where there is plenty. */
void reserve_keep(const char *dir);
/* Give it back where there is none besides. */
void reserve_give(const char *dir);
/* What of so many bytes may be set aside on the disk of the open file: half of it stays free. */
uint64_t reserve_part(int fd, uint64_t bytes);

#endif
