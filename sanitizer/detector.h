/*
 * detector - the patterns, compiled once at first need.
 *
 * Three tables follow each other under one number: detector.def, apikey.def and
 * the patterns of one's own. Each compiled code is one atomic pointer, published
 * once; that is the only allocation during a scan.
 */
#ifndef SANITIZER_DETECTOR_H
#define SANITIZER_DETECTOR_H

#include "engine.h"

enum {
#define DETECTOR(name, san_class, pattern, check) DETECTOR_##name,
#include "detector.def"
#undef DETECTOR
	DETECTOR_KEYS /* the first row of apikey.def */
};

struct detectors; /* one rule set's codes, and the anchors that lead to them */

struct detectors *detectors_new(const struct san_own *own, size_t n_own);
void detectors_free(struct detectors *detectors);
/* Compile all: 0 or SAN_ENOMEM. */
int detectors_compile(struct detectors *detectors);
/* Compile the own patterns: 0, or SAN_ERULE with *bad the one at fault. */
int detectors_compile_own(struct detectors *detectors, size_t *bad);

/*
 * End of the detector's match at exactly `at`, 0 if none. A code that cannot be
 * compiled or that hits a limit takes the rest of the record: never passed through.
 */
size_t detector_match(struct san_scanner *scanner, int detector, const struct record *r, size_t at);

/* Try a detector of detector.def at `at`; the piece is added. */
bool detector_at(struct san_scanner *scanner, int detector, struct record *r, size_t at);
/* The end of the label of a private key at `at`, 0 if there is none. */
size_t key_block_at(const struct record *r, size_t at);
/* Try every literal anchor (keys, own patterns) at `at`; the longest match is added. */
bool anchor_at(struct san_scanner *scanner, struct record *r, size_t at);
/* The scanner's match data. 0 or SAN_ENOMEM. */
int match_memory_new(struct san_scanner *scanner);
void match_memory_free(struct san_scanner *scanner);

/* May an anchor or a token begin at s? Compares eight bytes, and as many behind the anchor. */
bool anchor_plausible(const struct detectors *detectors, const unsigned char *s, size_t n);
/* The words of login_at(): may one stand at s? And tell them. */
bool login_plausible(const unsigned char *s, size_t n);
struct prefilter_build;
void logins_tell(struct prefilter_build *b);
/* Tell the prefilter all anchors. */
void detectors_tell(const struct detectors *detectors, struct prefilter *prefilter);

#endif
