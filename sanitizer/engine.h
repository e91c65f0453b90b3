/*
 * engine - one thread's working memory, and the scan of one record.
 *
 * Candidates are looked at in ascending order; what was accepted moves the cursor
 * behind it, so nothing is looked at twice and time is linear.
 */
#ifndef SANITIZER_ENGINE_H
#define SANITIZER_ENGINE_H

#include "keyline.h"
#include "names.h"
#include "piece.h"
#include "prefilter.h"

/* What one line leaves to the next. */
struct carry {
	struct keyline key;  /* inside -----BEGIN ... PRIVATE KEY----- */
	bool key_seen;	     /* its placeholder is out */
	bool run;	     /* inside a run that is redacted whole */
	unsigned char quote; /* inside a quoted secret value; 0: not */
	unsigned char level;
	size_t depth;	/* inside a container under a secret name */
	bool in_string; /* inside a string of a document */
	bool goes_on;	/* the record is a segment, another follows */
};

/* Of what a record leaves open at its end a key block alone goes on. */
static inline void carry_record_ends(struct carry *c)
{
	*c = (struct carry){.key = c->key, .key_seen = c->key_seen};
}

struct view_memory;
struct san_scanner {
	const struct san_rules *rules;
	struct piece *pieces;
	size_t n_pieces;
	struct view_memory *view;
	prefilter_fn *run;
	void *match;	     /* pcre2_match_data */
	void *match_context; /* pcre2_match_context */
	struct carry carry;
	struct name_seen names[NAMES_SEEN];
	uint64_t counts[SAN_CLASSES];
	struct stream *stream;
};

/* Begin a record: no pieces yet. */
void engine_begin(struct san_scanner *scanner, struct record *r, enum san_mode mode,
		  const unsigned char *s, size_t n);
/*
 * A first look at what the prefilter saw at s[at], without the record around it:
 * the kinds that are left. Errs to leave them.
 */
unsigned engine_plausible(const struct san_scanner *scanner, const unsigned char *s, size_t at,
			  size_t n, unsigned kinds);
/* Try what the prefilter saw at `at`, a bit per kind; pieces go to the scanner. */
void engine_candidate(struct san_scanner *scanner, struct record *r, size_t at, unsigned kinds);
/* Try one kind with its first byte at exactly `at`: the truth behind the prefilter. */
bool engine_try(struct san_scanner *scanner, struct record *r, size_t at, enum prefilter_kind kind);
/* Begin a raw record anew, seen decoded from now on. */
void engine_decode(struct san_scanner *scanner, struct record *r);
/* Find all pieces of a raw record anew, seen decoded from now on. */
void engine_view(struct san_scanner *scanner, struct record *r);
/*
 * Does decoding make no candidate of what stands around the escape at s[at]? So far behind
 * it that is known, 0 where there may be one. A dotted quad that takes the first `known`
 * bytes is none.
 */
size_t engine_hides_nothing(struct san_scanner *scanner, const unsigned char *s, size_t n,
			    size_t at, size_t known);
/*
 * Find all pieces of a raw record, decoded only where there is anything to decode. *r tells
 * afterwards whether a key block begins in it.
 */
void engine_record(struct san_scanner *scanner, enum san_mode mode, const unsigned char *s,
		   size_t n, struct record *r);

#endif
