/*
 * target - see target.h.
 */
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A taken temporary name is tried again so often. */
#define TEMP_TRIES 16

static int open_temp(struct target *target, const char *name, struct cause *cause)
{
	char temp[NAME_MAX + 1];

	target->name = strdup(name);
	if (!target->name)
		return cause_set(cause, "out of memory");
	for (int i = 0; i < TEMP_TRIES; i++) {
		/* Cut, so that a name of full length still has a temporary one. */
		snprintf(temp, sizeof(temp), ".%.200s.%08x.tmp", name, randombytes_random());
		target->fd = openat(target->dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
				    S_IRUSR | S_IWUSR);
		if (target->fd >= 0) {
			target->temp = strdup(temp);
			if (target->temp)
				return 0;
			unlinkat(target->dir, temp, 0);
			return cause_set(cause, "out of memory");
		}
		if (errno != EEXIST)
			break;
	}
	return cause_errno(cause, "cannot make a temporary file beside it");
}

int target_open_at(struct target *target, int dir, const char *name, const struct stat *like,
		   struct cause *cause)
{
	*target = (struct target){.fd = -1, .dir = fcntl(dir, F_DUPFD_CLOEXEC, 0)};
	if (target->dir < 0)
		return cause_errno(cause, "cannot open the directory");
	if (like)
		target->like = *like;
	if (open_temp(target, name, cause)) {
		target_abort(target);
		return -1;
	}
	return 0;
}

static int open_direct(struct target *target, const char *path, int flags, struct cause *cause)
{
	*target = (struct target){.fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | flags, 0666),
				  .dir = -1};
	return target->fd < 0 ? cause_errno(cause, "cannot open for writing") : 0;
}

int target_append(struct target *target, const char *path, struct cause *cause)
{
	return open_direct(target, path, O_APPEND | O_CREAT, cause);
}

int target_open(struct target *target, const char *path, struct cause *cause)
{
	char *full = realpath(path, NULL), *slash;
	const char *real = full ? full : path;
	struct stat st;
	bool exists = full && stat(full, &st) == 0;
	int dir, rc;

	if (exists && S_ISDIR(st.st_mode)) {
		free(full);
		return cause_set(cause, "is a directory");
	}
	if (exists && !S_ISREG(st.st_mode)) {
		free(full);
		return open_direct(target, path, 0, cause);
	}
	slash = strrchr(real, '/');
	if (slash) {
		char *folder = strndup(real, (size_t)(slash - real) + 1);
		dir = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
		free(folder);
	} else {
		dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (dir < 0)
		rc = cause_errno(cause, "cannot open its directory");
	else
		rc = target_open_at(target, dir, slash ? slash + 1 : real, exists ? &st : NULL,
				    cause);
	if (dir >= 0)
		close(dir);
	free(full);
	return rc;
}

static int give_owner_and_mode(const struct target *target, struct cause *cause)
{
	mode_t mask;
	struct stat now;

	if (!target->like.st_nlink) {
		mask = umask(0);
		umask(mask);
		if (fchmod(target->fd, 0666 & ~mask))
			return cause_errno(cause, "cannot set the mode");
		return 0;
	}
	if (fstat(target->fd, &now))
		return cause_errno(cause, "cannot look at the temporary file");
	if ((now.st_uid != target->like.st_uid || now.st_gid != target->like.st_gid) &&
	    fchown(target->fd, target->like.st_uid, target->like.st_gid))
		return cause_errno(cause, "cannot keep the owner");
	if (fchmod(target->fd, target->like.st_mode & 07777))
		return cause_errno(cause, "cannot keep the mode");
	return 0;
}

/* The backup is a second link, made under a temporary name: the file is never without one. */
static int make_backup(const struct target *target, const char *backup, struct cause *cause)
{
	char temp[NAME_MAX + 1];

	if (strlen(backup) > NAME_MAX)
		return cause_set(cause, "the backup's name is too long");
	snprintf(temp, sizeof(temp), ".%.200s.%08x.bak", target->name, randombytes_random());
	if (linkat(target->dir, target->name, target->dir, temp, 0))
		return cause_errno(cause, "cannot keep the original");
	if (renameat(target->dir, temp, target->dir, backup)) {
		cause_errno(cause, "cannot keep the original");
		unlinkat(target->dir, temp, 0);
		return -1;
	}
	return 0;
}

int target_commit(struct target *target, const char *backup, struct cause *cause)
{
	int rc = -1;

	if (target->dir < 0) {
		rc = close(target->fd);
		target->fd = -1;
		return rc ? cause_errno(cause, "cannot close the output") : 0;
	}
	if (give_owner_and_mode(target, cause))
		goto out;
	if (fsync(target->fd)) {
		cause_errno(cause, "cannot sync the output");
		goto out;
	}
	if (backup && make_backup(target, backup, cause))
		goto out;
	if (renameat(target->dir, target->temp, target->dir, target->name)) {
		cause_errno(cause, "cannot rename the temporary file");
		goto out;
	}
	free(target->temp);
	target->temp = NULL;
	rc = fsync(target->dir) && errno != EINVAL
		 ? cause_errno(cause, "written, but the directory cannot be synced")
		 : 0;
out:
	target_abort(target);
	return rc;
}

void target_abort(struct target *target)
{
	if (target->temp)
		unlinkat(target->dir, target->temp, 0);
	if (target->fd >= 0)
		close(target->fd);
	if (target->dir >= 0)
		close(target->dir);
	free(target->temp);
	free(target->name);
	target->temp = target->name = NULL;
	target->fd = target->dir = -1;
}
