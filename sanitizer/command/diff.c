/*
 * diff - what would change, record by record, with the values masked.
 *
 * The old line shows "***" where something was found: a diff that is pasted into
 * a ticket tells no more than the cleaned text does.
 */
#include <inttypes.h>
#include <string.h>

#include "run.h"

static void put_masked(const struct engine *engine, const char *data, size_t len)
{
	size_t done = 0;

	for (size_t i = 0; i < engine->findings.n; i++) {
		const struct finding *finding = &engine->findings.items[i];
		if (finding->at < done)
			continue;
		fwrite(data + done, 1, finding->at - done, stdout);
		fputs("***", stdout);
		done = finding->end;
	}
	fwrite(data + done, 1, len - done, stdout);
}

static int show(struct run *run, struct engine *engine, const char *data, size_t len,
		const struct bytes *out, uint64_t line, struct cause *cause)
{
	size_t old_len = line_content(data, len), new_len = line_content(out->data, out->len);

	if (engine_find(engine, data, len, cause))
		return -1;
	if (!run->shown) {
		fputs("--- ", stdout);
		put_name(stdout, run->path);
		fputs("\n+++ ", stdout);
		put_name(stdout, run->path);
		puts(", sanitized");
	}
	run->shown = true;
	printf("@@ line %" PRIu64 " @@\n-", line);
	put_masked(engine, data, old_len);
	putchar('\n');
	if (new_len) {
		putchar('+');
		fwrite(out->data, 1, new_len, stdout);
		putchar('\n');
	}
	return ferror(stdout) ? cause_errno(cause, "cannot write") : 0;
}

int diff_deliver(void *context, struct engine *engine, struct block *block, struct cause *cause)
{
	struct run *run = context;
	struct framer framer = engine_framer(engine);
	const char *data = block->in.data;
	size_t start = 0;

	run->in_bytes += block->bytes;
	if (block->is_long) {
		printf("@@ line %" PRIu64 " @@ a record too long to be shown\n", run->line + 1);
		run->line += block->lines;
		return 0;
	}
	while (start < block->len) {
		size_t end = frame_next(&framer, data, block->len);

		block->out.len = 0;
		if (engine_clean(engine, data + start, end - start, &block->out, cause))
			return -1;
		if ((block->out.len != end - start ||
		     memcmp(block->out.data, data + start, end - start)) &&
		    show(run, engine, data + start, end - start, &block->out, run->line + 1, cause))
			return -1;
		engine->skip -= engine->skip < end - start ? engine->skip : end - start;
		engine->blind -= engine->blind < end - start ? engine->blind : end - start;
		run->line += count_lines(data + start, end - start);
		start = end;
	}
	return 0;
}
