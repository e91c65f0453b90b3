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
#include "tally.h"

struct finding {
	size_t at, end;	  /* bytes of the block */
	int san_class;	  /* or FINDING_FIELD */
	const char *rule; /* detector's, pattern's or field's name; lives as long as the plan */
	uint64_t count;	  /* more than 1 where the places are not known */
};

#define FINDING_FIELD (-1)

struct findings {
	struct finding *items;
	size_t n, cap;
};

struct engine {
	const struct plan *plan;
	struct san_scanner *scanner;
	enum format format;		 /* of the file in work */
	const struct csv_header *header; /* the same; borrowed */
	size_t skip;  /* bytes of the header with which a CSV's first block begins */
	size_t blind; /* see struct block */
	struct tally tally;
	bool *seen; /* for each of the plan's fields: it was there */
	struct findings findings;
	struct san_span *spans;
	size_t cap_spans;
	struct bytes scratch, cell, trial;
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
/* What cuts a block of this engine's input into records. */
struct framer engine_framer(const struct engine *engine);
/* Add the scanner's counts to the tally and set them to 0. */
void engine_count(struct engine *engine);

/* For the pieces' files. One san_clean() appended to out, which grows as needed. */
MUST_CHECK int engine_call(struct engine *engine, enum san_mode mode, const char *data, size_t len,
			   struct bytes *out);
/* How many spans, put into engine->spans; or -1. What would come out as it is, is none. */
MUST_CHECK int engine_look(struct engine *engine, enum san_mode mode, const char *data, size_t len,
			   size_t *n);
/* The input has a field of this rule. */
void engine_saw(struct engine *engine, const struct field_rule *field);
MUST_CHECK int engine_note(struct engine *engine, const char *at, size_t len, int san_class,
			   const char *rule);

#endif
