/*
 * inplace - rewrite a file by a cleaned copy of it, or leave it as it was.
 *
 * A link is refused: what it points to may lie anywhere. So is a file with further
 * names, which would keep the original, and one that changes while it is read.
 * A file that is clean already is not touched.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "outlet.h"
#include "run.h"

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Directory and name of the entry; a fresh descriptor. */
static int open_folder(const struct entry *entry, const char **name, struct cause *cause)
{
	const char *slash = entry->dir == AT_FDCWD ? strrchr(entry->path, '/') : NULL;
	char *folder;
	int dir;

	*name = slash ? slash + 1 : entry->name;
	if (!slash) {
		dir = openat(entry->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	} else {
		folder = strndup(entry->path, (size_t)(slash - entry->path) + 1);
		dir = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
		free(folder);
	}
	return dir < 0 ? cause_errno(cause, "cannot open its directory") : dir;
}

static int check_entry(const struct entry *entry, int dir, const char *name, struct cause *cause)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW))
		return cause_errno(cause, "cannot look at it");
	if (S_ISLNK(st.st_mode))
		return cause_set(cause, "is a symbolic link; name the file itself");
	if (!S_ISREG(st.st_mode))
		return cause_set(cause, "is not a regular file");
	if (!same_file(&st, &entry->st))
		return cause_set(cause, "was replaced while it was opened");
	if (st.st_nlink > 1)
		return cause_set(cause,
				 "has %lu names, of which the others would keep the original",
				 (unsigned long)st.st_nlink);
	return 0;
}

static int rewrite(struct run *run, const struct entry *entry, int dir, const char *name,
		   struct target *target, struct cause *cause)
{
	const struct codec *codec;
	struct source *source;
	char backup[NAME_MAX + 1];
	struct stat st;
	const char *suffix = run->settings->suffix;
	int n, rc = -1;

	if (source_open(&source, entry->fd, cause))
		return -1;
	codec = run_codec(run->settings, source_codec(source));
	if (outlet_open(&run->outlet, target->fd, codec, cause))
		goto out;
	if (run_stream(run, entry, source, &run_clean_ops, cause) ||
	    outlet_finish(run->outlet, cause))
		goto out;
	rc = 0;
	if (!run->changed && codec == source_codec(source))
		goto out;
	run->out_bytes += outlet_written(run->outlet);
	n = snprintf(backup, sizeof(backup), "%s%s", name, suffix ? suffix : "");
	if (n < 0 || (size_t)n >= sizeof(backup))
		rc = cause_set(cause, "the backup's name is too long");
	else if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) || !same_file(&st, &entry->st))
		rc = cause_set(cause, "changed while it was read");
	else
		rc = target_commit(target, suffix ? backup : NULL, cause);
out:
	outlet_close(run->outlet);
	run->outlet = NULL;
	source_close(source);
	return rc;
}

int inplace_entry(void *context, const struct entry *entry)
{
	struct run *run = context;
	struct target target;
	struct cause cause;
	const char *name;
	int dir, rc;

	dir = open_folder(entry, &name, &cause);
	if (dir < 0) {
		run_fail(run, entry->path, &cause);
		return 0;
	}
	rc = check_entry(entry, dir, name, &cause);
	if (!rc)
		rc = target_open_at(&target, dir, name, &entry->st, entry->fd, &cause);
	if (!rc) {
		rc = rewrite(run, entry, dir, name, &target, &cause);
		target_abort(&target);
	}
	close(dir);
	if (rc) {
		strncat(cause.text, "; the file is as it was",
			sizeof(cause.text) - strlen(cause.text) - 1);
		run_fail(run, entry->path, &cause);
	}
	/* A full target is full for the next file too, but that is its own answer. */
	run->output_failed = false;
	return 0;
}
