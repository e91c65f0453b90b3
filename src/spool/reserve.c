/*
 * reserve - see reserve.h. The file has blocks and no length. Whoever makes the file, all of the
 * group may empty it; what cannot be kept or given back is done without.
 */
#include "reserve.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "file.h"
#include "log.h"

#define RESERVE_BYTES ((uint64_t)512 << 10)
/* Free beside it, or it would be taken back from the reader that it was given to. */
#define PLENTY_BYTES (8 * RESERVE_BYTES)
#define BLOCK_BYTES 512 /* of st_blocks, see stat(2) */

static int reserve_open(const char *dir, bool make)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/reserve", dir) >= (int)sizeof(path))
		return -1;
	return make ? file_open_shared(path, O_WRONLY, 0660)
		    : open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
}

static bool is_kept(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (uint64_t)st.st_blocks * BLOCK_BYTES >= RESERVE_BYTES;
}

static uint64_t free_bytes(int fd)
{
	struct statvfs about;

	return fstatvfs(fd, &about) == 0 ? (uint64_t)about.f_bavail * about.f_frsize : 0;
}

void reserve_keep(const char *dir)
{
	int fd = reserve_open(dir, true);

	if (fd < 0)
		return;
	if (!is_kept(fd) && free_bytes(fd) >= PLENTY_BYTES &&
	    fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)RESERVE_BYTES) < 0)
		(void)!ftruncate(fd, 0);
	(void)close(fd);
}

void reserve_give(const char *dir)
{
	int fd = reserve_open(dir, false);

	if (fd < 0)
		return;
	if (is_kept(fd) && free_bytes(fd) < RESERVE_BYTES && ftruncate(fd, 0) == 0)
		log_notice(
		    "spool: the disk is full; the reader takes the room that was kept for it");
	(void)close(fd);
}

uint64_t reserve_part(int fd, uint64_t bytes)
{
	uint64_t half = free_bytes(fd) / 2;

	return bytes < half ? bytes : half;
}
