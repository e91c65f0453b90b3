/*
 * run - see run.h.
 */
#include "run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "follow.h"
#include "outlet.h"
#include "stop.h"

static int clean_work(struct engine *engine, struct block *block, struct cause *cause)
{
	return engine_clean(engine, block->in.data, block->len, &block->out, cause);
}

static int clean_write(void *context, const char *data, size_t len, struct cause *cause)
{
	struct run *run = context;

	if (!outlet_write(run->outlet, data, len, cause))
		return 0;
	run->output_failed = true;
	return -1;
}

static int clean_deliver(void *context, struct engine *engine, struct block *block,
			 struct cause *cause)
{
	struct run *run = context;

	(void)engine;
	progress_update(&run->progress, block->taken);
	run->in_bytes += block->bytes;
	if (block->is_long)
		run->changed = true;
	if (run->settings->in_place && !run->changed)
		run->changed = block->out.len != block->len ||
			       memcmp(block->out.data, block->in.data, block->len) != 0;
	return clean_write(context, block->out.data, block->out.len, cause);
}

const struct stream_ops run_clean_ops = {
    .work = clean_work, .deliver = clean_deliver, .write = clean_write};

static int check_work(struct engine *engine, struct block *block, struct cause *cause)
{
	block->lines = count_lines(block->in.data, block->len);
	return engine_find(engine, block->in.data, block->len, cause);
}

static int check_deliver(void *context, struct engine *engine, struct block *block,
			 struct cause *cause)
{
	struct run *run = context;

	if (run->report.kind == REPORT_NONE || !isatty(STDOUT_FILENO))
		progress_update(&run->progress, block->taken);
	run->in_bytes += block->bytes;
	return report_block(&run->report, &engine->findings, block->in.data, block->bytes,
			    block->lines, cause);
}

static int diff_work(struct engine *engine, struct block *block, struct cause *cause)
{
	(void)engine;
	(void)block;
	(void)cause;
	return 0;
}

static const struct stream_ops check_ops = {.work = check_work, .deliver = check_deliver};
static const struct stream_ops diff_ops = {.work = diff_work, .deliver = diff_deliver};

void run_fail(struct run *run, const char *path, const struct cause *cause)
{
	progress_clear(&run->progress);
	cause_print(cause, path);
	run->status = EXIT_TROUBLE;
}

int run_stream(struct run *run, const struct entry *entry, struct source *source,
	       const struct stream_ops *ops, struct cause *cause)
{
	struct stream_ops mine = *ops;
	int rc;

	mine.context = run;
	run->path = entry->path;
	run->changed = run->shown = false;
	run->line = 0;
	run->files++;
	rc = stream_run(run->crew, source, entry->path, &mine, cause);
	progress_next(&run->progress, source_taken(source));
	if (!rc && stop_signal && !source_ended(source))
		rc = cause_set(cause, "stopped by a signal");
	return rc;
}

/* One input through the ops; a failure of the input does not end the walk. */
static int read_entry(struct run *run, const struct entry *entry, const struct stream_ops *ops)
{
	struct source *source;
	struct cause cause;

	if (source_open(&source, entry->fd, &cause)) {
		run_fail(run, entry->path, &cause);
		return 0;
	}
	if (run_stream(run, entry, source, ops, &cause))
		run_fail(run, entry->path, &cause);
	source_close(source);
	return run->output_failed ? -1 : 0;
}

/* `sanitize log >>log` would read what it writes, for ever. */
static bool is_output(const struct run *run, const struct entry *entry)
{
	struct stat st;

	return !run->settings->output && S_ISREG(entry->st.st_mode) &&
	       fstat(STDOUT_FILENO, &st) == 0 && st.st_dev == entry->st.st_dev &&
	       st.st_ino == entry->st.st_ino;
}

static int clean_entry(void *context, const struct entry *entry)
{
	struct cause cause;

	if (!is_output(context, entry))
		return read_entry(context, entry, &run_clean_ops);
	cause_set(&cause, "is the output too; use -i or -o");
	run_fail(context, entry->path, &cause);
	return 0;
}

static int check_entry(void *context, const struct entry *entry)
{
	struct run *run = context;

	report_file(&run->report, entry->path);
	return read_entry(run, entry, &check_ops);
}

static int diff_entry(void *context, const struct entry *entry)
{
	return read_entry(context, entry, &diff_ops);
}

static void walk_error(void *context, const char *path, const struct cause *cause)
{
	run_fail(context, path, cause);
}

static int walk_with(struct run *run, entry_fn *entry)
{
	struct walk w = {
	    .settings = run->settings, .entry = entry, .error = walk_error, .context = run};

	return walk(&w);
}

const struct codec *run_codec(const struct settings *settings, const struct codec *automatic)
{
	switch (settings->compress) {
	case COMPRESS_GZIP:
		return &codec_gzip;
	case COMPRESS_ZSTD:
		return &codec_zstd;
	case COMPRESS_NONE:
		return NULL;
	case COMPRESS_AUTO:
		break;
	}
	return automatic;
}

static int feed_output(struct run *run, int fd, struct cause *cause)
{
	const char *path = run->settings->output;
	const struct codec *codec = run_codec(run->settings, path ? codec_by_name(path) : NULL);

	if (codec && run->settings->follow)
		return cause_set(cause, "what is followed is not compressed: its end never comes");
	if (outlet_open(&run->outlet, fd, codec, cause))
		return -1;
	if (run->settings->follow && path && strcmp(path, "-"))
		outlet_follow(run->outlet, path);
	/* A pipe on standard input is followed anyhow. */
	if (run->settings->follow && run->settings->n_operands)
		follow_all(run);
	else if (walk_with(run, clean_entry))
		return cause_set(cause, "the output is not complete");
	return outlet_finish(run->outlet, cause);
}

/* Cleaned bytes of all inputs to standard output, or to -o as a whole or not at all. */
static void run_clean(struct run *run)
{
	const char *path = run->settings->output;
	struct target target = {.fd = STDOUT_FILENO, .dir = -1};
	struct cause cause;
	int rc;

	if (path && strcmp(path, "-") == 0)
		path = NULL;
	if (path && (run->settings->follow ? target_append(&target, path, &cause)
					   : target_open(&target, path, &cause))) {
		run_fail(run, path, &cause);
		return;
	}
	rc = feed_output(run, target.fd, &cause);
	if (run->outlet)
		run->out_bytes = outlet_written(run->outlet);
	outlet_close(run->outlet);
	if (!path) {
		if (rc && run->status != EXIT_TROUBLE)
			run_fail(run, "standard output", &cause);
		return;
	}
	if (!rc && run->status == EXIT_TROUBLE)
		rc = cause_set(&cause, "the output is not complete");
	if (!rc) {
		if (target_commit(&target, NULL, &cause))
			run_fail(run, path, &cause);
		return;
	}
	if (target.dir >= 0)
		strncat(cause.text, "; the file is as it was",
			sizeof(cause.text) - strlen(cause.text) - 1);
	run_fail(run, path, &cause);
	target_abort(&target);
}

static void run_check(struct run *run)
{
	struct cause cause;

	report_begin(&run->report, run->settings->report, stdout);
	/* An input that failed was told of; the report of the others is worth having. */
	if (walk_with(run, check_entry))
		run->status = EXIT_TROUBLE;
	if (report_end(&run->report, &cause))
		run_fail(run, "standard output", &cause);
	if (run->status == EXIT_CLEAN && tally_total(&run->report.tally))
		run->status = EXIT_FOUND;
}

static void run_in_place(struct run *run)
{
	if (walk_with(run, inplace_entry))
		run->status = EXIT_TROUBLE;
}

static void run_diff(struct run *run)
{
	struct cause cause;

	if (walk_with(run, diff_entry))
		run->status = EXIT_TROUBLE;
	if (fflush(stdout) || ferror(stdout)) {
		cause_errno(&cause, "cannot write");
		run_fail(run, "standard output", &cause);
	}
}

static void print_stats(const struct run *run, const struct tally *tally, uint64_t broken)
{
	double seconds = (double)(now_us() - run->progress.start_us) / 1e6;
	char in[16], out[16], rate[16];

	format_bytes(in, (double)run->in_bytes);
	format_bytes(out, (double)run->out_bytes);
	format_bytes(rate, (double)run->in_bytes / (seconds > 0 ? seconds : 1));
	fprintf(stderr, "sanitize: %" PRIu64 " %s, %s in, %s out, %.2f s, %s/s\n", run->files,
		run->files == 1 ? "input" : "inputs", in, out, seconds, rate);
	fprintf(stderr, "sanitize: %" PRIu64 " taken%s", tally_total(tally),
		tally_total(tally) ? ": " : "");
	tally_print(stderr, tally);
	fputc('\n', stderr);
	if (broken)
		fprintf(stderr, "sanitize: %" PRIu64 " %s no JSON, read as text\n", broken,
			broken == 1 ? "record was" : "records were");
}

static bool is_given(const struct settings *settings, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < settings->n_fields; i++)
		if (strncasecmp(settings->fields[i], name, len) == 0 &&
		    strrchr(settings->fields[i], '=') == settings->fields[i] + len)
			return true;
	return false;
}

/* A name mistyped takes nothing away. Rule files are for many inputs: nothing about theirs. */
static void tell_unseen(const struct run *run)
{
	const struct plan *plan = run->plan;

	for (size_t i = 0; run->in_bytes && i < plan->n_fields; i++)
		if (is_given(run->settings, plan->fields[i].name) && !crew_saw(run->crew, i))
			warn_about(NULL, "--field %s: no line had this field",
				   plan->fields[i].name);
}

static unsigned count_jobs(const struct settings *settings)
{
	long n = settings->jobs;

	if (!n)
		n = sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1 ? 1 : (unsigned)n;
}

int run_all(const struct settings *settings, const struct plan *plan)
{
	struct run run = {.settings = settings, .plan = plan};
	struct tally tally;
	struct cause cause;

	if (crew_open(&run.crew, plan, count_jobs(settings), &cause)) {
		run_fail(&run, NULL, &cause);
		goto out;
	}
	progress_start(&run.progress, walk_total(settings), !settings->quiet && !settings->follow);
	if (settings->task == TASK_CHECK)
		run_check(&run);
	else if (settings->task == TASK_DIFF)
		run_diff(&run);
	else if (settings->in_place)
		run_in_place(&run);
	else
		run_clean(&run);
	progress_clear(&run.progress);
	crew_tally(run.crew, &tally);
	if (tally.withheld && !settings->quiet)
		warn_about(NULL, "%" PRIu64 " %s not be cut into fields and %s withheld",
			   tally.withheld, tally.withheld == 1 ? "record could" : "records could",
			   tally.withheld == 1 ? "was" : "were");
	if (!settings->quiet)
		tell_unseen(&run);
	if (settings->stats)
		print_stats(&run, settings->task == TASK_CHECK ? &run.report.tally : &tally,
			    tally.broken);
out:
	crew_close(run.crew);
	return run.status;
}
