/*
 * file - the file system with EINTR, short writes and lost renames dealt with.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES ((size_t)64 * 1024)

int file_open_shared(const char *path, int flags, mode_t mode)
{
	int fd;

	flags |= O_CLOEXEC | O_NOFOLLOW;
	fd = open(path, flags);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	fd = open(path, flags | O_CREAT | O_EXCL, mode);
	if (fd >= 0)
		(void)fchmod(fd, mode); /* whatever the umask says */
	return fd >= 0 || errno != EEXIST ? fd : open(path, flags);
}

enum status file_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ST_IO;
		p += n;
		len -= (size_t)n;
	}
	return ST_OK;
}

enum status file_read_full(int fd, void *data, size_t len, size_t *got)
{
	char *p = data;

	*got = 0;
	while (*got < len) {
		ssize_t n = read(fd, p + *got, len - *got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ST_IO;
		if (n == 0)
			break;
		*got += (size_t)n;
	}
	return ST_OK;
}

/* close() that keeps the errno of what failed before. */
static void close_quietly(int fd)
{
	int saved = errno;

	(void)close(fd);
	errno = saved;
}

static enum status read_to_end(int fd, struct buf *buf)
{
	size_t got;

	do {
		size_t left = buf->max - buf->len;
		size_t want = left < READ_BYTES ? left + 1 : READ_BYTES;
		char chunk[READ_BYTES];
		enum status status = file_read_full(fd, chunk, want, &got);

		if (status != ST_OK)
			return status;
		if (got > left)
			return ST_TOO_LARGE;
		buf_add(buf, chunk, got);
		explicit_bzero(chunk, got);
		if (!buf_ok(buf))
			return ST_NO_MEMORY;
	} while (got == READ_BYTES);
	return ST_OK;
}

enum status file_read(const char *path, struct buf *buf)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum status status;

	if (fd < 0)
		return errno == ENOENT ? ST_NOT_FOUND : ST_IO;
	status = read_to_end(fd, buf);
	close_quietly(fd);
	return status;
}

enum status file_parent(const char *path, char *dir)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	if (len >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return ST_IO;
	}
	if (!slash) {
		memcpy(dir, ".", 2);
		return ST_OK;
	}
	if (len == 0)
		len = 1;
	memcpy(dir, path, len);
	dir[len] = '\0';
	return ST_OK;
}

enum status file_sync_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int failed;

	if (fd < 0)
		return ST_IO;
	failed = fsync(fd) < 0;
	close_quietly(fd);
	return failed ? ST_IO : ST_OK;
}

static enum status write_synced(int fd, const void *data, size_t len, mode_t mode)
{
	enum status status = file_write_all(fd, data, len);

	if (status == ST_OK && (fchmod(fd, mode) < 0 || fsync(fd) < 0))
		status = ST_IO;
	close_quietly(fd);
	return status;
}

enum status file_replace(const char *path, const void *data, size_t len, mode_t mode)
{
	char temporary[PATH_MAX];
	char dir[PATH_MAX];
	enum status status = file_parent(path, dir);
	int fd, saved;

	if (status != ST_OK)
		return status;
	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= (int)sizeof(temporary)) {
		errno = ENAMETOOLONG;
		return ST_IO;
	}
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return ST_IO;
	status = write_synced(fd, data, len, mode);
	if (status == ST_OK && rename(temporary, path) < 0)
		status = ST_IO;
	if (status != ST_OK) {
		saved = errno;
		(void)unlink(temporary);
		errno = saved;
		return status;
	}
	return file_sync_dir(dir);
}

/* One mkdir; what is there already must be a directory. */
static enum status make_dir(const char *path, mode_t mode)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return ST_OK;
	if (errno != EEXIST || stat(path, &st) < 0)
		return ST_IO;
	if (S_ISDIR(st.st_mode))
		return ST_OK;
	errno = ENOTDIR;
	return ST_IO;
}

/* mkdir() heeds the umask; chmod() fails where another process was faster: that does it. */
static enum status make_parent(const char *path, bool shared)
{
	struct stat st;

	if (!shared)
		return make_dir(path, 0755);
	if (stat(path, &st) == 0)
		return ST_OK;
	if (make_dir(path, FILE_SHARED) != ST_OK)
		return ST_IO;
	(void)!chmod(path, FILE_SHARED);
	return ST_OK;
}

static enum status make_dirs(const char *path, mode_t mode, bool shared)
{
	char part[PATH_MAX];
	size_t len = strlen(path);
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return ST_OK;
	if (len >= sizeof(part)) {
		errno = ENAMETOOLONG;
		return ST_IO;
	}
	memcpy(part, path, len + 1);
	for (char *p = part + 1; len && *p; p++) {
		if (*p != '/' || p[1] == '\0')
			continue;
		*p = '\0';
		if (make_parent(part, shared) != ST_OK)
			return ST_IO;
		*p = '/';
	}
	return make_dir(path, mode);
}

enum status file_mkdirs(const char *path, mode_t mode)
{
	return make_dirs(path, mode, false);
}

enum status file_mkdirs_shared(const char *path, mode_t mode)
{
	return make_dirs(path, mode, true);
}

enum status file_is_private(const char *path, int group_ok)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return ST_IO;
	return st.st_mode & (group_ok ? S_IROTH : S_IROTH | S_IRGRP) ? ST_DENIED : ST_OK;
}
