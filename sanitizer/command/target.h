/*
 * target - a file that appears, or changes, only when all of it is written.
 *
 * Bytes go to a temporary file of mode 0600 beside it. target_commit() gives it
 * the mode and owner it shall have, syncs, renames it over the name and syncs the
 * directory; until then the name shows what it showed before. What is no regular
 * file (a pipe, a device) is written directly.
 */
#ifndef SANITIZE_TARGET_H
#define SANITIZE_TARGET_H

#include <sys/stat.h>

#include "cause.h"

struct target {
	int fd;
	int dir;    /* of the directory, or -1: written directly */
	char *name; /* in it */
	char *temp;
	struct stat like; /* mode and owner to be; st_nlink 0: a new file */
	int like_fd;	  /* its extended attributes and access list are kept too; or -1 */
};

/* Ended with target_commit() or target_abort(). */
MUST_CHECK int target_open(struct target *target, const char *path, struct cause *cause);
/* Written directly, behind what is there: for an output that never ends. */
MUST_CHECK int target_append(struct target *target, const char *path, struct cause *cause);
/* For `name` in the directory `dir` (duplicated), to look like `like`, or new if NULL. */
MUST_CHECK int target_open_at(struct target *target, int dir, const char *name,
			      const struct stat *like, int like_fd, struct cause *cause);
/* backup: a name in the directory that gets what `name` was so far, or NULL. */
MUST_CHECK int target_commit(struct target *target, const char *backup, struct cause *cause);
/* Remove the temporary file. Harmless after a commit. */
void target_abort(struct target *target);

#endif
