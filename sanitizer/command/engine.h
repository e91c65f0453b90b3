/*
 * engine - one thread's worker over a plan: cleans blocks, or finds what is in them.
 *
 * A block consists of whole records. When anything fails the output of the
 * block is void and must not be used.
 */
#ifndef SANITIZE_ENGINE_H
#define SANITIZE_ENGINE_H

#include "bytes.h"
#include "split.h"

struct finding {
	size_t at, end;	  /* bytes of the block */
	int san_class;	  /* or FINDING_FIELD */
	const char *rule; /* detector's, pattern's or field's name; lives as long as the plan */
};

#define FINDING_FIELD (-1)

struct findings {
	struct finding *items;
	size_t n, cap;
};

struct tally {
	uint64_t classes[SAN_CLASSES];
	uint64_t fields;   /* replaced or dropped by --field */
	uint64_t dropped;  /* records */
	uint64_t withheld; /* records that could not be cut as asked */
	uint64_t broken;   /* records of JSON that are none; only if the plan wants it */
};

struct engine {
	const struct plan *plan;
	struct san_scanner *scanner;
	enum format format;		 /* of the file in work */
	const struct csv_header *header; /* the same; borrowed */
	bool first_block;		 /* of the file, which begins with the header */
	struct tally tally;
	bool *seen; /* for each of the plan's fields: it was there */
	struct findings findings;
	struct san_span *spans;
	size_t cap_spans;
	struct bytes scratch, cell;
	/* The call in progress. */
	struct bytes *out;
	const char *start, *block; /* of the whole block; of what engine->findings count from */
	struct cause *cause;
};

/* Ended with engine_close(), also after a failure. */
MUST_CHECK int engine_open(struct engine *engine, const struct plan *plan, struct cause *cause);
void engine_close(struct engine *engine);

/* Append the clean form of the block to out. */
MUST_CHECK int engine_clean(struct engine *engine, const char *data, size_t len, struct bytes *out,
			    struct cause *cause);
/* Fill engine->findings, in order. Does not count. */
MUST_CHECK int engine_find(struct engine *engine, const char *data, size_t len,
			   struct cause *cause);
/* Add the scanner's counts to the tally and set them to 0. */
void engine_count(struct engine *engine);
void tally_add(struct tally *sum, const struct tally *part);
uint64_t tally_total(const struct tally *tally);

/* For the pieces' files. One san_clean() appended to out, which grows as needed. */
MUST_CHECK int engine_call(struct engine *engine, enum san_mode mode, const char *data, size_t len,
			   struct bytes *out);
/* The number of spans, put into engine->spans; or -1. */
MUST_CHECK int engine_look(struct engine *engine, enum san_mode mode, const char *data, size_t len,
			   size_t *n);
/* The input has a field of this rule. */
void engine_saw(struct engine *engine, const struct field_rule *field);
MUST_CHECK int engine_note(struct engine *engine, const char *at, size_t len, int san_class,
			   const char *rule);

#endif
