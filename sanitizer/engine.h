/*
 * engine - one thread's working memory, and the scan of one record.
 *
 * Candidates are looked at in ascending order; what was accepted moves the cursor
 * behind it, so nothing is looked at twice and time is linear.
 */
#ifndef SANITIZER_ENGINE_H
#define SANITIZER_ENGINE_H

#include "piece.h"

/* What one line leaves to the next. */
struct carry {
	bool key_block;	     /* inside -----BEGIN ... PRIVATE KEY----- */
	bool key_block_seen; /* its placeholder is out */
	bool run;	     /* inside a run that is redacted whole */
	unsigned char quote; /* inside a quoted secret value; 0: not */
	unsigned char level;
	uint16_t depth; /* inside a container under a secret name */
};

struct view_memory;
struct san_scanner {
	const struct san_rules *rules;
	struct piece *pieces;
	size_t n_pieces;
	struct view_memory *view;
	void *match;	     /* pcre2_match_data */
	void *match_context; /* pcre2_match_context */
	struct carry carry;
	uint64_t counts[SAN_CLASSES];
	struct stream *stream;
};

/*
 * Find all pieces of a raw record; they are left in scanner->pieces.
 */
void scan_record(struct san_scanner *scanner, enum san_mode mode, const unsigned char *s, size_t n);

/* The detectors with code of their own: each tries at `at` and says whether it took something. */
bool email_at(struct san_scanner *scanner, struct record *r, size_t at);
bool userinfo_at(struct san_scanner *scanner, struct record *r, size_t at);
bool address_at(struct san_scanner *scanner, struct record *r, size_t at);
bool hex_at(struct san_scanner *scanner, struct record *r, size_t at);
/* `at` is the first byte behind a name's last letter. */
bool pair_at(struct san_scanner *scanner, struct record *r, size_t at);

#endif
