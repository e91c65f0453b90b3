/*
 * stream - see stream.h.
 */
#include "stream.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "guess.h"

/* What is read at a time: fits the second-level cache together with its output. */
#define BLOCK_BYTES ((size_t)256 << 10)
/* A longer record is streamed, or withheld where rules for fields forbid that. */
#define RECORD_BYTES ((size_t)1 << 20)
/* Rules for fields need a JSON document in one piece. */
#define DOCUMENT_BYTES ((size_t)64 << 20)

struct worker {
	struct engine engine;
	struct block block;
	struct stream *stream;
	pthread_t thread;
};

struct crew {
	const struct plan *plan;
	unsigned jobs;
	struct worker workers[];
};

struct stream {
	struct crew *crew;
	struct source *source;
	const char *name;
	const struct stream_ops *ops;
	struct csv_header header;
	/* Under `reading`. */
	pthread_mutex_t reading;
	enum format format; /* what the plan's came to, once known */
	bool format_known;
	struct framer framer;
	struct bytes carry;
	uint64_t offset, tickets;
	bool ended, started;
	/* Under `turning`. */
	pthread_mutex_t turning;
	pthread_cond_t turned;
	uint64_t turn;
	struct cause *cause;
	atomic_bool failed;
};

int crew_open(struct crew **out, const struct plan *plan, unsigned jobs, struct cause *cause)
{
	struct crew *crew = calloc(1, sizeof(*crew) + jobs * sizeof(crew->workers[0]));

	if (!crew)
		return cause_set(cause, "out of memory");
	crew->plan = plan;
	*out = crew;
	for (; crew->jobs < jobs; crew->jobs++)
		if (engine_open(&crew->workers[crew->jobs].engine, plan, cause))
			return -1;
	return 0;
}

void crew_close(struct crew *crew)
{
	if (!crew)
		return;
	for (unsigned i = 0; i < crew->jobs; i++) {
		engine_close(&crew->workers[i].engine);
		bytes_free(&crew->workers[i].block.in);
		bytes_free(&crew->workers[i].block.out);
	}
	free(crew);
}

void crew_tally(struct crew *crew, struct tally *tally)
{
	*tally = (struct tally){0};
	for (unsigned i = 0; i < crew->jobs; i++) {
		engine_count(&crew->workers[i].engine);
		tally_add(tally, &crew->workers[i].engine.tally);
	}
}

bool crew_saw(const struct crew *crew, size_t i)
{
	for (unsigned j = 0; j < crew->jobs; j++)
		if (crew->workers[j].engine.seen[i])
			return true;
	return false;
}

struct engine *crew_engine(struct crew *crew)
{
	return &crew->workers[0].engine;
}

static size_t record_max(const struct stream *stream)
{
	return stream->format == FORMAT_JSON && stream->crew->plan->n_fields ? DOCUMENT_BYTES
									     : RECORD_BYTES;
}

static int no_memory(struct cause *cause)
{
	return cause_set(cause, "out of memory; the output is withheld");
}

/* More of the input behind what the block holds. 0 at the end. */
static ssize_t read_more(struct stream *stream, struct bytes *in, struct cause *cause)
{
	size_t cap = in->len < BLOCK_BYTES / 2 ? BLOCK_BYTES : in->len + BLOCK_BYTES;
	ssize_t n;

	if (bytes_reserve(in, cap))
		return no_memory(cause);
	n = source_read(stream->source, in->data + in->len, cap - in->len, cause);
	if (n > 0)
		in->len += (size_t)n;
	stream->ended = n == 0;
	return n;
}

/* As soon as the first line is there, of CSV the header, or it is clear that none comes. */
static void learn_format(struct stream *stream, const struct bytes *in)
{
	bool all = stream->ended || in->len >= RECORD_BYTES;
	struct csv_header header = {0};

	if (stream->format_known || (!all && !memchr(in->data, '\n', in->len)))
		return;
	if (stream->format == FORMAT_AUTO)
		stream->format = guess_format(stream->name, in->data, in->len);
	if (stream->format == FORMAT_CSV && !csv_header_find(&header, in->data, in->len) && !all)
		return;
	stream->format_known = true;
	stream->framer = (struct framer){.framing = split_framing(stream->format),
					 .csv.delimiter = header.delimiter};
}

/* What stands behind the block's records is kept for the next one. */
static int keep_rest(struct stream *stream, struct block *block, struct cause *cause)
{
	stream->offset += block->len;
	frame_shift(&stream->framer, block->len);
	if (bytes_add(&stream->carry, block->in.data + block->len, block->in.len - block->len))
		return no_memory(cause);
	block->in.len = block->len;
	return 0;
}

/* Read until there is a whole record. block->len 0: there is nothing more. */
static int fill(struct stream *stream, struct block *block, struct cause *cause)
{
	struct bytes *in = &block->in;

	in->len = block->out.len = block->len = 0;
	block->is_long = false;
	block->offset = stream->offset;
	block->blind = stream->framer.csv.begun_blind;
	if (bytes_add(in, stream->carry.data, stream->carry.len))
		return no_memory(cause);
	stream->carry.len = 0;
	while (!block->len) {
		ssize_t n = stream->ended ? 0 : read_more(stream, in, cause);
		if (n < 0)
			return -1;
		learn_format(stream, in);
		if (stream->format_known)
			block->len = frame_last(&stream->framer, in->data, in->len);
		if (!block->len && (!n || in->len >= record_max(stream))) {
			block->is_long = n > 0;
			block->len = in->len;
			break;
		}
	}
	block->bytes = block->len;
	block->taken = source_taken(stream->source);
	return keep_rest(stream, block, cause);
}

static void wait_turn(struct stream *stream, uint64_t ticket)
{
	pthread_mutex_lock(&stream->turning);
	while (stream->turn != ticket)
		pthread_cond_wait(&stream->turned, &stream->turning);
	pthread_mutex_unlock(&stream->turning);
}

/* The first failure in the order of the input is the one that is told. */
static void end_turn(struct stream *stream, int rc, const struct cause *cause, uint64_t offset)
{
	pthread_mutex_lock(&stream->turning);
	if (rc && !stream->failed) {
		stream->failed = true;
		*stream->cause = *cause;
		cause_at(stream->cause, offset);
	}
	stream->turn++;
	pthread_cond_broadcast(&stream->turned);
	pthread_mutex_unlock(&stream->turning);
}

struct long_write {
	const struct stream_ops *ops;
	struct cause *cause;
};

static int write_long(void *context, const char *data, size_t len)
{
	struct long_write *to = context;

	return to->ops->write ? to->ops->write(to->ops->context, data, len, to->cause) : 0;
}

size_t count_lines(const char *data, size_t len)
{
	const char *end = data + len;
	size_t n = 0;

	while (data < end && (data = memchr(data, '\n', (size_t)(end - data)))) {
		data++;
		n++;
	}
	return n;
}

/* The rest of a long record into `feed`, or nowhere if the scanner is NULL. */
static int feed_rest(struct stream *stream, struct block *block, struct san_scanner *scanner,
		     struct cause *cause)
{
	struct bytes *in = &block->in;
	size_t len = in->len;
	bool ended = false;

	for (;;) {
		int rc = scanner ? san_stream_feed(scanner, in->data, len) : 0;
		if (rc < 0)
			return rc == SAN_EWRITE ? -1 : cause_set(cause, "%s", san_strerror(rc));
		block->lines += count_lines(in->data, len);
		if (ended)
			return 0;
		in->len = 0;
		frame_skip(&stream->framer);
		if (read_more(stream, in, cause) < 0)
			return -1;
		len = frame_first(&stream->framer, in->data, in->len);
		ended = len || !in->len;
		len = len ? len : in->len;
		block->len = len;
		block->bytes += len;
		if (keep_rest(stream, block, cause))
			return -1;
	}
}

/* At the record's start: where in it is not known. */
static int note_long(struct engine *engine, int san_class, const char *rule, uint64_t count)
{
	const char *start = engine->block;

	if (engine_note(engine, start, 0, san_class, rule))
		return -1;
	engine->findings.items[engine->findings.n - 1].count = count;
	return 0;
}

/* One finding per class. */
static int note_counts(struct engine *engine, const uint64_t *before)
{
	for (int i = 0; i < SAN_CLASSES; i++) {
		uint64_t n = engine->tally.classes[i] - before[i];
		if (n && note_long(engine, i, san_class_name(i), n))
			return -1;
	}
	return 0;
}

static int run_long(struct stream *stream, struct engine *engine, struct block *block,
		    struct cause *cause)
{
	const struct plan *plan = stream->crew->plan;
	struct long_write to = {stream->ops, cause};
	uint64_t before[SAN_CLASSES];
	int rc;

	block->lines = 0;
	engine->cause = cause;
	engine->findings.n = 0;
	engine->block = block->in.data;
	if (plan->n_fields || stream->format == FORMAT_CSV) {
		engine->tally.withheld++;
		if (feed_rest(stream, block, NULL, cause) ||
		    note_long(engine, FINDING_FIELD, "record", 1))
			return -1;
		return write_long(&to, "[REDACTED]\n", 11);
	}
	engine_count(engine);
	memcpy(before, engine->tally.classes, sizeof(before));
	rc = san_stream_begin(engine->scanner,
			      split_mode(stream->format, block->in.data, block->in.len), write_long,
			      &to);
	if (rc < 0)
		return cause_set(cause, "%s", san_strerror(rc));
	if (feed_rest(stream, block, engine->scanner, cause))
		return -1;
	rc = san_stream_end(engine->scanner);
	if (rc < 0)
		return rc == SAN_EWRITE ? -1 : cause_set(cause, "%s", san_strerror(rc));
	engine_count(engine);
	return note_counts(engine, before);
}

/* What only a file's name made CSV, but has no header, is read as lines after all. */
static int begin_csv(struct stream *stream, struct engine *engine, const struct block *block,
		     struct cause *cause)
{
	int rc = csv_header_make(&stream->header, engine, block->in.data, block->len, cause);

	engine->skip = stream->header.len;
	if (rc <= 0 || stream->crew->plan->format == FORMAT_CSV)
		return rc ? -1 : 0;
	stream->format = engine->format = FORMAT_AUTO;
	stream->framer = (struct framer){.framing = split_framing(FORMAT_AUTO)};
	return 0;
}

/* Take a ticket and fill the worker's block. false: nothing more to do. */
static bool take_block(struct stream *stream, struct worker *worker, uint64_t *ticket, int *rc,
		       struct cause *cause)
{
	struct block *block = &worker->block;
	bool first;

	if (stream->failed || (stream->ended && !stream->carry.len))
		return false;
	*rc = fill(stream, block, cause);
	if (*rc)
		stream->ended = true;
	else if (!block->len)
		return false;
	*ticket = stream->tickets++;
	first = !stream->started;
	stream->started = true;
	worker->engine.skip = 0;
	worker->engine.header = &stream->header;
	worker->engine.format = stream->format;
	worker->engine.blind = block->blind;
	if (!*rc && first && stream->format == FORMAT_CSV)
		*rc = begin_csv(stream, &worker->engine, block, cause);
	if (!*rc && block->is_long) {
		wait_turn(stream, *ticket);
		*rc = stream->failed ? -1 : run_long(stream, &worker->engine, block, cause);
	}
	return true;
}

static void *work(void *argument)
{
	struct worker *worker = argument;
	struct stream *stream = worker->stream;
	struct block *block = &worker->block;
	struct cause cause;

	for (;;) {
		uint64_t ticket;
		bool more;
		int rc = 0;

		pthread_mutex_lock(&stream->reading);
		more = take_block(stream, worker, &ticket, &rc, &cause);
		pthread_mutex_unlock(&stream->reading);
		if (!more)
			return NULL;
		if (!rc && !block->is_long)
			rc = stream->ops->work(&worker->engine, block, &cause);
		wait_turn(stream, ticket);
		if (!rc && !stream->failed)
			rc = stream->ops->deliver(stream->ops->context, &worker->engine, block,
						  &cause);
		end_turn(stream, rc, &cause, block->offset);
	}
}

int stream_run(struct crew *crew, struct source *source, const char *name,
	       const struct stream_ops *ops, struct cause *cause)
{
	struct stream stream = {.crew = crew,
				.source = source,
				.name = name,
				.format = crew->plan->format,
				.ops = ops,
				.framer = {.framing = split_framing(crew->plan->format)},
				.reading = PTHREAD_MUTEX_INITIALIZER,
				.turning = PTHREAD_MUTEX_INITIALIZER,
				.turned = PTHREAD_COND_INITIALIZER,
				.cause = cause};
	unsigned started = 1;

	for (unsigned i = 0; i < crew->jobs; i++)
		crew->workers[i].stream = &stream;
	/* Fewer threads than asked for are slower, not wrong. */
	while (started < crew->jobs &&
	       !pthread_create(&crew->workers[started].thread, NULL, work, &crew->workers[started]))
		started++;
	work(&crew->workers[0]);
	for (unsigned i = 1; i < started; i++)
		pthread_join(crew->workers[i].thread, NULL);
	csv_header_free(&stream.header);
	bytes_free(&stream.carry);
	return stream.failed ? -1 : 0;
}
