/*
 * walk - the operands one by one: files, standard input, directories, globs.
 *
 * Files inside directories are opened below their directory's descriptor, without
 * following links, in the order of their names. A glob that the shell did not
 * expand is expanded here.
 */
#ifndef SANITIZE_WALK_H
#define SANITIZE_WALK_H

#include <sys/stat.h>

#include "settings.h"

struct entry {
	const char *path; /* for people; "standard input" */
	int dir;	  /* of the directory that holds it; AT_FDCWD: path is the name */
	const char *name; /* in dir */
	int fd;		  /* open for reading; closed by walk() */
	struct stat st;
	bool listed; /* named on the command line, not found in a directory */
};

/* -1 to end the walk. */
typedef int entry_fn(void *context, const struct entry *entry);
/* What could not be opened; the walk goes on. */
typedef void walk_error_fn(void *context, const char *path, const struct cause *cause);

struct walk {
	const struct settings *settings;
	entry_fn *entry;
	walk_error_fn *error;
	void *context;
};

/* 0, or -1 if entry() ended it. */
MUST_CHECK int walk(const struct walk *walk);
/* Bytes of all operands, or 0 if that cannot be known. */
uint64_t walk_total(const struct settings *settings);

#endif
