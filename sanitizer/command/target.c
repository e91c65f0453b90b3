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
#include <sys/xattr.h>
#include <unistd.h>

/* A taken temporary name is tried again so often. */
#define TEMP_TRIES 16
#define MAX_ATTRIBUTE 65536 /* the kernel's own bound */

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
		   int like_fd, struct cause *cause)
{
	*target =
	    (struct target){.fd = -1, .dir = fcntl(dir, F_DUPFD_CLOEXEC, 0), .like_fd = like_fd};
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
		rc = target_open_at(target, dir, slash ? slash + 1 : real, exists ? &st : NULL, -1,
				    cause);
	if (dir >= 0)
		close(dir);
	free(full);
	return rc;
}

/* One attribute. Only the access list must not get lost: the mode alone may allow more. */
static int copy_attribute(const struct target *target, const char *name, struct cause *cause)
{
	static const char access_list[] = "system.posix_acl_access";
	char value[MAX_ATTRIBUTE];
	ssize_t len = fgetxattr(target->like_fd, name, value, sizeof(value));

	if (len >= 0 && fsetxattr(target->fd, name, value, (size_t)len, 0) == 0)
		return 0;
	return strcmp(name, access_list) ? 0 : cause_errno(cause, "cannot keep the access list");
}

static int copy_attributes(const struct target *target, struct cause *cause)
{
	char names[MAX_ATTRIBUTE];
	ssize_t len;

	if (target->like_fd < 0)
		return 0;
	len = flistxattr(target->like_fd, names, sizeof(names));
	if (len < 0)
		return errno == ENOTSUP ? 0 : cause_errno(cause, "cannot read its attributes");
	for (const char *name = names; name < names + len; name += strlen(name) + 1)
		if (copy_attribute(target, name, cause))
			return -1;
	return 0;
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
	if (give_owner_and_mode(target, cause) || copy_attributes(target, cause))
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
