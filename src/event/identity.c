/*
 * identity - key files "key-<day>", linked into place complete, destroyed when older.
 *
 * A key is written to a name of its own and then linked: link() fails where another
 * process was first, and no reader ever sees half a key. A key of a day far ahead
 * (the clock was set back) is destroyed as well, or it would serve for years.
 */
#include "identity.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "file.h"

#define TRIES 8

struct identity {
	char dir[PATH_MAX];
	bool own; /* the directory of our own choice: nobody else has a business there */
};

struct key_name {
	char text[40];
};

static struct key_name name_of(int64_t day)
{
	struct key_name name;

	snprintf(name.text, sizeof(name.text), "key-%lld", (long long)day);
	return name;
}

/* The day of a key's file name; INT64_MIN: it is no key. */
static int64_t day_of(const char *name)
{
	char *end;
	long long day;

	if (strncmp(name, "key-", 4) != 0)
		return INT64_MIN;
	day = strtoll(name + 4, &end, 10);
	return end == name + 4 || *end ? INT64_MIN : (int64_t)day;
}

static bool is_memory(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC);
}

static enum status check_dir(const struct identity *identity, int fd, struct stat *st,
			     struct reason *why)
{
	if (fstat(fd, st) != 0)
		return reason_set(why, ST_IO, "%s: %s", identity->dir, strerror(errno));
	if (!is_memory(fd))
		return reason_set(why, ST_CONFIG,
				  "identity.key_dir: %s is not on tmpfs; the day's key must never "
				  "reach a disk",
				  identity->dir);
	if (identity->own && (st->st_uid != geteuid() || (st->st_mode & 077)))
		return reason_set(why, ST_DENIED,
				  "identity.key_dir: %s must belong to this user alone (mode 0700)",
				  identity->dir);
	/* Others may pass through, to a socket that lies there too; a key's mode shuts them out. */
	if (st->st_mode & 002)
		return reason_set(why, ST_DENIED,
				  "identity.key_dir: others may write to %s (mode 0700, or 2770 "
				  "for a group)",
				  identity->dir);
	return ST_OK;
}

/* A directory that is not there would be made on the file system of the nearest that is. */
static enum status check_site(const char *dir, struct reason *why)
{
	char path[PATH_MAX];
	struct statfs fs;
	char *slash;

	snprintf(path, sizeof(path), "%s", dir);
	while (statfs(path, &fs) != 0 && errno == ENOENT && (slash = strrchr(path, '/'))) {
		if (slash == path)
			slash++;
		if (!*slash)
			break;
		*slash = '\0';
	}
	if (strcmp(path, dir) == 0 || fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC)
		return ST_OK;
	return reason_set(why, ST_CONFIG,
			  "identity.key_dir: %s does not exist, and %s is not on tmpfs; the day's "
			  "key must never reach a disk",
			  dir, path);
}

enum status identity_check(const char *dir, struct reason *why)
{
	struct identity identity = {.own = false};
	enum status status = ST_OK;
	struct stat st;
	int fd;

	if (!*dir)
		return ST_OK;
	snprintf(identity.dir, sizeof(identity.dir), "%s", dir);
	fd = open(dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return check_site(dir, why);
	if (fd < 0)
		return reason_set(why, ST_CONFIG, "identity.key_dir: cannot open %s: %s", dir,
				  strerror(errno));
	status = check_dir(&identity, fd, &st, why);
	close(fd);
	return status;
}

enum status identity_look(const char *dir, int64_t day, struct reason *why)
{
	char path[PATH_MAX + sizeof(struct key_name)];
	struct statvfs fs;
	struct stat st;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name_of(day).text);
	if (lstat(path, &st) == 0) {
		if (S_ISREG(st.st_mode) && st.st_size == IDENTITY_KEY_BYTES)
			return ST_OK;
		return reason_set(why, ST_IO, "%s is no key", path);
	}
	if (errno == ENOENT && statvfs(dir, &fs) == 0 &&
	    (fs.f_bavail == 0 || (fs.f_files && fs.f_favail == 0)))
		return reason_set(why, ST_IO, "%s is full: the day's key cannot be made", dir);
	return ST_OK;
}

/* An open descriptor of the directory in *fd. */
static enum status open_dir(const struct identity *identity, int *fd, struct stat *st,
			    struct reason *why)
{
	enum status status = check_site(identity->dir, why);

	if (status != ST_OK)
		return status;
	status = file_mkdirs(identity->dir, 0700);
	if (status != ST_OK)
		return reason_set(why, status, "identity.key_dir: cannot make %s: %s",
				  identity->dir, strerror(errno));
	*fd = open(identity->dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*fd < 0)
		return reason_set(why, ST_IO, "identity.key_dir: cannot open %s: %s", identity->dir,
				  strerror(errno));
	status = check_dir(identity, *fd, st, why);
	if (status == ST_OK)
		return ST_OK;
	close(*fd);
	*fd = -1;
	return status;
}

static bool run_dir_serves(void)
{
	int fd = open(IDENTITY_RUN_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool serves = fd >= 0 && is_memory(fd) && faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) == 0;

	if (fd >= 0)
		close(fd);
	return serves;
}

enum status identity_open(struct identity **out, const char *dir, struct reason *why)
{
	struct identity *identity = calloc(1, sizeof(*identity));
	enum status status;
	struct stat st;
	int fd;

	if (!identity)
		return ST_NO_MEMORY;
	if (!*dir && run_dir_serves())
		dir = IDENTITY_RUN_DIR;
	identity->own = !*dir;
	if (identity->own)
		snprintf(identity->dir, sizeof(identity->dir), IDENTITY_MEMORY "/tamis-%lu",
			 (unsigned long)geteuid());
	else
		snprintf(identity->dir, sizeof(identity->dir), "%s", dir);
	status = open_dir(identity, &fd, &st, why);
	if (status != ST_OK) {
		free(identity);
		return status;
	}
	close(fd);
	*out = identity;
	return ST_OK;
}

void identity_close(struct identity *identity)
{
	free(identity);
}

const char *identity_dir(const struct identity *identity)
{
	return identity->dir;
}

static bool destroy(int dir_fd, const char *name)
{
	unsigned char noise[IDENTITY_KEY_BYTES];
	int fd = openat(dir_fd, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0) {
		randombytes_buf(noise, sizeof(noise));
		/* Another user's key in a shared directory can be unlinked only. */
		if (pwrite(fd, noise, sizeof(noise), 0) < 0)
			errno = 0;
		close(fd);
	}
	return unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT;
}

/* ST_NOT_FOUND: there is none, or none that one may trust (it is removed). */
static enum status read_key(int dir_fd, const struct stat *dir, int64_t day,
			    unsigned char key[IDENTITY_KEY_BYTES])
{
	struct key_name name = name_of(day);
	enum status status = ST_NOT_FOUND;
	struct stat st;
	size_t got = 0;
	int fd = openat(dir_fd, name.text, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno != ELOOP) /* that of a symbolic link */
		return errno == ENOENT ? ST_NOT_FOUND : ST_IO;
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && !(st.st_mode & 007) &&
	    st.st_size == IDENTITY_KEY_BYTES &&
	    (st.st_uid == geteuid() || st.st_uid == dir->st_uid || (dir->st_mode & S_IWGRP)))
		status = file_read_full(fd, key, IDENTITY_KEY_BYTES, &got);
	if (fd >= 0)
		close(fd);
	if (status == ST_OK && got == IDENTITY_KEY_BYTES)
		return ST_OK;
	return unlinkat(dir_fd, name.text, 0) == 0 || errno == ENOENT ? ST_NOT_FOUND : ST_IO;
}

/* For the users of dir's group where mode says so. ST_BUSY: another process was first. */
static enum status make_key(int dir_fd, const struct stat *dir, const char *name, mode_t mode)
{
	unsigned char key[IDENTITY_KEY_BYTES];
	enum status status = ST_IO;
	char temporary[64];
	int fd;

	randombytes_buf(key, sizeof(key));
	snprintf(temporary, sizeof(temporary), "new-%08x%08x", randombytes_random(),
		 randombytes_random());
	fd = openat(dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		goto out;
	if (mode != 0600 && (fchown(fd, (uid_t)-1, dir->st_gid) != 0 || fchmod(fd, mode) != 0))
		goto out;
	status = file_write_all(fd, key, sizeof(key));
	if (status != ST_OK)
		goto out;
	if (linkat(dir_fd, temporary, dir_fd, name, 0) != 0)
		status = errno == EEXIST ? ST_BUSY : ST_IO;
out:
	if (fd >= 0) {
		close(fd);
		unlinkat(dir_fd, temporary, 0);
	}
	sodium_memzero(key, sizeof(key));
	return status;
}

/*
 * Destroy the keys of all days but `day` and the one after it (another process may be
 * past midnight already). *next: 1 where there is one of the day after. ST_IO: errno, and
 * not all are gone.
 */
static enum status sweep(int dir_fd, int64_t day, int *next)
{
	int copy = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), error = 0;
	DIR *entries = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	*next = 0;
	if (!entries) {
		error = errno;
		if (copy >= 0)
			close(copy);
		errno = error;
		return ST_IO;
	}
	while ((entry = readdir(entries))) {
		int64_t found = day_of(entry->d_name);

		if (found == INT64_MIN || found == day)
			continue;
		if (found == day + 1)
			*next = 1;
		else if (!destroy(dir_fd, entry->d_name))
			error = errno;
	}
	closedir(entries);
	errno = error;
	return error ? ST_IO : ST_OK;
}

enum status identity_expire(const struct identity *identity, int64_t day, struct reason *why)
{
	enum status status;
	struct stat dir;
	int dir_fd, next;

	status = open_dir(identity, &dir_fd, &dir, why);
	if (status != ST_OK)
		return status;
	status = sweep(dir_fd, day, &next);
	if (status != ST_OK)
		(void)reason_set(why, status, "a key of another day stays in %s: %s", identity->dir,
				 strerror(errno));
	close(dir_fd);
	return status;
}

enum status identity_key(const struct identity *identity, int64_t day,
			 unsigned char key[IDENTITY_KEY_BYTES])
{
	enum status status;
	struct stat dir;
	int dir_fd, next;

	status = open_dir(identity, &dir_fd, &dir, NULL);
	if (status != ST_OK)
		return status;
	(void)sweep(dir_fd, day, &next); /* one that stays is of no use for today */
	day += next;
	for (int try = 0; try < TRIES; try++) {
		status = read_key(dir_fd, &dir, day, key);
		if (status != ST_NOT_FOUND)
			break;
		status =
		    make_key(dir_fd, &dir, name_of(day).text, dir.st_mode & S_IWGRP ? 0640 : 0600);
		if (status != ST_OK && status != ST_BUSY)
			break;
	}
	close(dir_fd);
	return status;
}

/* ST_NOT_FOUND: it is not there. */
static enum status read_lasting(int dir_fd, const char *name, unsigned char key[IDENTITY_KEY_BYTES])
{
	int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	enum status status = ST_DENIED;
	size_t got = 0;
	struct stat st;

	if (fd < 0)
		return errno == ENOENT ? ST_NOT_FOUND : errno == EACCES ? ST_DENIED : ST_IO;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && !(st.st_mode & 077) &&
	    st.st_uid == geteuid())
		status = file_read_full(fd, key, IDENTITY_KEY_BYTES, &got);
	if (status == ST_OK && (got != IDENTITY_KEY_BYTES || st.st_size != IDENTITY_KEY_BYTES))
		status = ST_CORRUPT;
	close(fd);
	return status;
}

enum status identity_lasting_key(const char *dir, const char *name,
				 unsigned char key[IDENTITY_KEY_BYTES], struct reason *why)
{
	int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum status status = dir_fd < 0 ? ST_IO : ST_BUSY;
	struct stat st;

	for (int try = 0; try < TRIES && status == ST_BUSY; try++) {
		status = read_lasting(dir_fd, name, key);
		if (status == ST_NOT_FOUND && fstat(dir_fd, &st) == 0) {
			status = make_key(dir_fd, &st, name, 0600);
			status = status == ST_OK ? ST_BUSY : status;
		}
	}
	if (dir_fd >= 0)
		close(dir_fd);
	if (status == ST_OK)
		return ST_OK;
	return reason_set(why, status, "identify.ids: persistent: %s/%s: %s", dir, name,
			  status == ST_DENIED ? "must belong to this user alone (mode 0600)"
					      : status_text(status));
}
