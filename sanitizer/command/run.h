/*
 * run - the tasks that read inputs: clean to one output, clean in place, check, diff.
 */
#ifndef SANITIZE_RUN_H
#define SANITIZE_RUN_H

#include "progress.h"
#include "report.h"
#include "stream.h"
#include "target.h"
#include "walk.h"

/* Exit status of the command. */
enum { EXIT_CLEAN, EXIT_FOUND, EXIT_TROUBLE };

struct outlet;

struct run {
	const struct settings *settings;
	const struct plan *plan;
	struct crew *crew;
	struct progress progress;
	struct report report;
	struct outlet *outlet; /* where cleaned bytes go now */
	const char *path;      /* of the input in work */
	bool changed;	       /* the output in work differs from its input */
	bool output_failed;    /* nothing more can be written */
	bool shown;	       /* --diff: a header for this input was printed */
	uint64_t line;	       /* --diff: newlines before the block */
	uint64_t files, in_bytes, out_bytes;
	int status;
};

/* All inputs of the settings; the exit status. */
int run_all(const struct settings *settings, const struct plan *plan);

/* For the tasks' files. */
int run_stream(struct run *run, const struct entry *entry, struct source *source,
	       const struct stream_ops *ops, struct cause *cause);
void run_fail(struct run *run, const char *path, const struct cause *cause);
/* What --compress says, or the automatic choice. NULL: plain. */
const struct codec *run_codec(const struct settings *settings, const struct codec *automatic);
/* Cleaning into run->outlet. */
extern const struct stream_ops run_clean_ops;

/* inplace.c: one file rewritten; an entry_fn. */
int inplace_entry(void *context, const struct entry *entry);
/* diff.c: print what would change. */
int diff_deliver(void *context, struct engine *engine, struct block *block, struct cause *cause);

#endif
