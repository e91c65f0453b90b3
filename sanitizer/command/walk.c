/*
 * walk - see walk.h.
 */
#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stop.h"

/* Deeper trees are an error, not a stack overflow. */
#define MAX_DEPTH 100

static int complain(const struct walk *walk, const char *path, const char *doing)
{
	struct cause cause;

	cause_errno(&cause, "%s", doing);
	walk->error(walk->context, path, &cause);
	return 0;
}

static int refuse(const struct walk *walk, const char *path, const char *text)
{
	struct cause cause;

	cause_set(&cause, "%s", text);
	walk->error(walk->context, path, &cause);
	return 0;
}

static int walk_directory(const struct walk *walk, const char *path, int fd, unsigned depth);

/* An opened name: hand it out, or go into it. Takes over fd. */
static int take(const struct walk *walk, struct entry *entry, unsigned depth)
{
	int rc;

	if (fstat(entry->fd, &entry->st)) {
		complain(walk, entry->path, "cannot look at it");
		close(entry->fd);
		return 0;
	}
	if (S_ISDIR(entry->st.st_mode)) {
		if (!walk->settings->recursive) {
			close(entry->fd);
			return refuse(walk, entry->path, "is a directory; use -r");
		}
		return walk_directory(walk, entry->path, entry->fd, depth);
	}
	rc = entry->listed || S_ISREG(entry->st.st_mode) ? walk->entry(walk->context, entry) : 0;
	close(entry->fd);
	return rc;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What --in-place=SUFFIX kept of an earlier run is not rewritten by the next. */
static bool is_backup(const struct settings *settings, const char *name)
{
	size_t len = strlen(name), n = settings->suffix ? strlen(settings->suffix) : 0;

	return n && len > n && strcmp(name + len - n, settings->suffix) == 0;
}

static char **list_names(const struct settings *settings, DIR *stream, size_t *n)
{
	size_t cap = 0;
	char **names = NULL;
	struct dirent *dirent;

	*n = 0;
	while ((dirent = readdir(stream))) {
		if (strcmp(dirent->d_name, ".") == 0 || strcmp(dirent->d_name, "..") == 0 ||
		    is_backup(settings, dirent->d_name))
			continue;
		if (*n == cap) {
			char **more = realloc(names, (cap = cap ? 2 * cap : 64) * sizeof(*names));
			if (!more)
				break;
			names = more;
		}
		names[*n] = strdup(dirent->d_name);
		if (!names[*n])
			break;
		++*n;
	}
	if (dirent) {
		while (*n)
			free(names[--*n]);
		free(names);
		return NULL;
	}
	if (names)
		qsort(names, *n, sizeof(*names), by_name);
	return names ? names : calloc(1, sizeof(*names));
}

static int take_name(const struct walk *walk, const char *folder, int dir, const char *name,
		     unsigned depth)
{
	size_t size = strlen(folder) + strlen(name) + 2;
	char *path = malloc(size);
	struct entry entry = {.path = path, .dir = dir, .name = name};
	struct stat st;
	int rc = 0;

	/* What is left then is not done. */
	if (stop_signal) {
		free(path);
		return -1;
	}
	if (!path)
		return refuse(walk, folder, "out of memory");
	snprintf(path, size, "%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", name);
	/* Links, pipes and devices in a tree are none of our business: not even opened. */
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW)) {
		complain(walk, path, "cannot look at it");
	} else if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) {
		entry.fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
		if (entry.fd < 0)
			complain(walk, path, "cannot open");
		else
			rc = take(walk, &entry, depth);
	}
	free(path);
	return rc;
}

static int walk_directory(const struct walk *walk, const char *path, int fd, unsigned depth)
{
	DIR *stream = fdopendir(fd);
	char **names;
	size_t n;
	int rc = 0;

	if (!stream || depth == MAX_DEPTH) {
		errno = stream ? ELOOP : errno;
		complain(walk, path, "cannot go into it");
		if (stream)
			closedir(stream);
		else
			close(fd);
		return 0;
	}
	names = list_names(walk->settings, stream, &n);
	if (!names)
		refuse(walk, path, "out of memory");
	for (size_t i = 0; names && i < n; i++) {
		if (!rc)
			rc = take_name(walk, path, dirfd(stream), names[i], depth + 1);
		free(names[i]);
	}
	free(names);
	closedir(stream);
	return rc;
}

static int take_operand(const struct walk *walk, const char *path)
{
	struct entry entry = {.path = path, .dir = AT_FDCWD, .name = path, .listed = true};

	if (strcmp(path, "-") == 0) {
		entry.path = "standard input";
		entry.fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	} else {
		/* Only a regular file is rewritten: do not wait for a pipe's writer. */
		entry.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY |
					  (walk->settings->in_place ? O_NONBLOCK : 0));
	}
	if (entry.fd < 0)
		return complain(walk, entry.path, "cannot open");
	return take(walk, &entry, 0);
}

static int take_glob(const struct walk *walk, const char *pattern)
{
	glob_t found = {0};
	int rc = 0;

	if (glob(pattern, 0, NULL, &found))
		rc = take_operand(walk, pattern);
	for (size_t i = 0; !rc && i < found.gl_pathc; i++)
		rc = take_operand(walk, found.gl_pathv[i]);
	globfree(&found);
	return rc;
}

int walk(const struct walk *walk)
{
	const struct settings *settings = walk->settings;
	int rc = 0;

	if (!settings->n_operands)
		return take_operand(walk, "-");
	for (int i = 0; i < settings->n_operands && !rc; i++) {
		const char *path = settings->operands[i];
		if (stop_signal)
			return -1;
		if (strpbrk(path, "*?[") && access(path, F_OK))
			rc = take_glob(walk, path);
		else
			rc = take_operand(walk, path);
	}
	return rc;
}

uint64_t walk_total(const struct settings *settings)
{
	uint64_t total = 0;
	struct stat st;

	if (!settings->n_operands)
		return fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode) ? (uint64_t)st.st_size
									    : 0;
	for (int i = 0; i < settings->n_operands; i++) {
		if (stat(settings->operands[i], &st) || !S_ISREG(st.st_mode))
			return 0;
		total += (uint64_t)st.st_size;
	}
	return total;
}
