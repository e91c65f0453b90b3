/*
 * stream - an input cut into blocks of whole records, worked on by several threads,
 * delivered in order.
 *
 * Every worker does all of it in turn: read a block under the reader's lock, work on
 * it beside the others, wait for its turn, deliver. There is no queue and no thread
 * that only moves bytes. A record longer than a block may be goes through the
 * library's stream while everybody waits, so memory is bounded.
 */
#ifndef SANITIZE_STREAM_H
#define SANITIZE_STREAM_H

#include "engine.h"
#include "source.h"

struct block {
	struct bytes in;
	size_t len;	 /* of in that is whole records */
	uint64_t bytes;	 /* of the input: len, and the rest of a long record */
	uint64_t offset; /* of in, in the input after decompression */
	uint64_t taken;	 /* of the input before decompression */
	size_t blind;	 /* of CSV: bytes in which no quote goes over a line's end */
	size_t lines;	 /* newlines in a long record; the others are counted by who needs it */
	struct bytes out;
	bool is_long; /* part of a record that is too long; see stream_ops.write */
};

struct stream_ops {
	/* On any thread: fill block->out or engine->findings. */
	int (*work)(struct engine *engine, struct block *block, struct cause *cause);
	/* In order, one at a time. */
	int (*deliver)(void *context, struct engine *engine, struct block *block,
		       struct cause *cause);
	/* Cleaned bytes of a record that is too long; NULL: only its findings count. */
	int (*write)(void *context, const char *data, size_t len, struct cause *cause);
	void *context;
};

struct crew; /* threads' memory, used for one input after another */

MUST_CHECK int crew_open(struct crew **out, const struct plan *plan, unsigned jobs,
			 struct cause *cause);
void crew_close(struct crew *crew);
/* Sum over all workers since the crew was opened. */
void crew_tally(struct crew *crew, struct tally *tally);
/* Has any worker seen the i-th field of the plan? */
bool crew_saw(const struct crew *crew, size_t i);
/* The first worker's engine, for what needs no stream. */
struct engine *crew_engine(struct crew *crew);

/*
 * Until the end of the source or the first failure; a cause holds the offset.
 * name: of the file, a hint at what --format=auto comes to.
 */
MUST_CHECK int stream_run(struct crew *crew, struct source *source, const char *name,
			  const struct stream_ops *ops, struct cause *cause);

/* Newlines in data[0..len). */
size_t count_lines(const char *data, size_t len);

#endif
