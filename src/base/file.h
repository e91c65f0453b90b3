/*
 * file - whole writes, atomic replacement, directories: what every room needs of
 * the file system, with EINTR and short writes dealt with once.
 */
#ifndef TAMIS_BASE_FILE_H
#define TAMIS_BASE_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "buf.h"
#include "status.h"

/* Directories that all users of the group write in, and none removes what is another's. */
#define FILE_SHARED ((mode_t)03770)

/*
 * open() of a file that several users share, made if missing; -1: errno. To make it is asked
 * for only where it is not there: with fs.protected_regular the kernel refuses O_CREAT on
 * another user's file in a directory like state.dir, sticky and for a group.
 */
int file_open_shared(const char *path, int flags, mode_t mode);
/* All of it, or ST_IO (errno; ENOSPC and a partial write included). */
MUST_CHECK enum status file_write_all(int fd, const void *data, size_t len);
/* Read up to len bytes, short only at the end of the file; *got says how many. */
MUST_CHECK enum status file_read_full(int fd, void *data, size_t len, size_t *got);
/* A whole file, added to buf (its cap holds: ST_TOO_LARGE). ST_NOT_FOUND: no such file. */
MUST_CHECK enum status file_read(const char *path, struct buf *buf);
/* Temporary file beside it, write, fsync, rename, fsync of the directory. */
MUST_CHECK enum status file_replace(const char *path, const void *data, size_t len, mode_t mode);
/* mkdir with missing parents (those with 0755); an existing directory is ST_OK. */
MUST_CHECK enum status file_mkdirs(const char *path, mode_t mode);
/* The same below state.dir: whichever is missing on the way there has FILE_SHARED. */
MUST_CHECK enum status file_mkdirs_shared(const char *path, mode_t mode);
/* The directory that a path lies in, into dir (PATH_MAX). */
MUST_CHECK enum status file_parent(const char *path, char *dir);
MUST_CHECK enum status file_sync_dir(const char *path);
/* ST_DENIED if others than the owner (and group, if group_ok) may read it. */
MUST_CHECK enum status file_is_private(const char *path, int group_ok);

#endif
