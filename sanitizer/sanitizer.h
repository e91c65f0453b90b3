/*
 * libsanitizer - take personal data and secrets out of text, URLs and JSON.
 *
 *   struct san_rules    what to look for and what to do: immutable once made,
 *                       shared by any number of threads.
 *   struct san_scanner  one thread's working memory over a rule set.
 *
 * Bytes that are not redacted come out as they went in, invalid UTF-8 and NUL
 * included. On any internal failure the output is withheld or redacted, never
 * passed through. Time is linear in the input; nothing here reads files, the
 * clock or the environment but SANITIZER_ISA, once, which forces a code path.
 *
 * Functions return a count >= 0, or one of the negative SAN_E numbers.
 */
#ifndef SANITIZER_H
#define SANITIZER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

#define SAN_VERSION "0.1.0"

#define SAN_EINVAL (-1) /* an argument or option is out of its bounds */
#define SAN_ENOMEM (-2) /* memory failed; nothing was written */
#define SAN_ENOSPC (-3) /* the caller's buffer is too small; the needed size is reported */
#define SAN_ERULE (-4)	/* a rule of the options does not compile; the reason says which */
#define SAN_EWRITE (-5) /* the caller's write function failed */

enum san_mode {
	SAN_TEXT, /* log lines, prose, key=value, headers, JSON lines: each line is a record */
	SAN_URL,  /* one URL, absolute or path, with or without query and fragment */
	SAN_JSON, /* one JSON document; a syntax error does not stop the cleaning */
};

/* In the order of precedence where several match at one place. */
enum san_class {
	SAN_SECRET, /* value under a secret name; userinfo of a URL */
	SAN_JWT,
	SAN_API_KEY,
	SAN_EMAIL,
	SAN_UUID,
	SAN_CARD,
	SAN_IP,
	SAN_PHONE,
	SAN_HEX,
	SAN_IBAN,
	SAN_MAC,
	SAN_SSN,
	SAN_OWN, /* patterns of san_options.own */
	SAN_CLASSES
};

enum san_action {
	SAN_KEEP,      /* do not look for this class at all */
	SAN_REDACT,    /* the class's placeholder, "[REDACTED_EMAIL]" */
	SAN_TRUNCATE,  /* SAN_IP only: the prefix stays, host bits become 0 */
	SAN_LAST4,     /* SAN_CARD only: "[REDACTED_CARD_1234]" */
	SAN_PSEUDONYM, /* "[EMAIL:" + 13 base32 characters + "]", keyed */
	SAN_MASK,      /* the text of san_options.mask[class], and that breaks no format: no blanks,
			  control characters, quotes, backslashes nor any of , ; | & < > */
	SAN_DROP,      /* the whole record (SAN_TEXT: line; otherwise everything) goes */
};

/* A pattern of one's own. All strings are copied by san_rules_new(). */
struct san_own {
	const char *name;	 /* [a-z0-9_]{1,31}; reported in spans */
	const char *anchor;	 /* literal, 2..64 bytes, with which every match begins */
	const char *pattern;	 /* PCRE2, repeats bounded by 4096 */
	const char *placeholder; /* NULL: "[REDACTED_" + upper-case name + "]" */
};

struct san_options {
	size_t size; /* sizeof(struct san_options), set by san_options_init() */
	enum san_action action[SAN_CLASSES];
	unsigned ip4_prefix;	     /* bits kept by SAN_TRUNCATE, 0..32, default 24 */
	unsigned ip6_prefix;	     /* 0..128, default 48 */
	unsigned hex_min;	     /* digits that make a long hex run, 16..1024, default 32 */
	const unsigned char *key;    /* 16 bytes for SAN_PSEUDONYM, else NULL */
	const char *const *mask;     /* SAN_CLASSES strings or NULLs, for SAN_MASK */
	const char *const *secret;   /* NULL-ended: further names of secrets */
	const char *const *innocent; /* NULL-ended: names that are no secrets after all */
	const char *const *allow;    /* NULL-ended: literals and CIDRs that stay */
	const struct san_own *own;
	size_t n_own;
};

/* One detected piece of the input. */
struct san_span {
	size_t start, end; /* bytes [start, end) of the input */
	int san_class;	   /* enum san_class */
	const char *rule;  /* detector's or own pattern's name; lives as long as the rules */
};

struct san_rules;
struct san_scanner;

/* The defaults: SAN_REDACT for secret to hex but SAN_KEEP for ip, iban, mac, ssn. */
void san_options_init(struct san_options *options);

/*
 * Make an immutable rule set. options NULL: the defaults. why (may be NULL, else
 * why_size bytes) receives one sentence that names the option at fault.
 * 0 and *out owned by the caller, ended by san_rules_free(); or SAN_EINVAL,
 * SAN_ERULE, SAN_ENOMEM. Thread-safe.
 */
int san_rules_new(struct san_rules **out, const struct san_options *options, char *why,
		  size_t why_size);
/* Compile every pattern now rather than at first need: for long-lived callers. */
int san_rules_compile(const struct san_rules *rules);
/* No scanner over these rules may be left. NULL is fine. */
void san_rules_free(struct san_rules *rules);

/* The rules must outlive the scanner. One scanner serves one thread at a time. */
int san_scanner_new(struct san_scanner **out, const struct san_rules *rules);
void san_scanner_free(struct san_scanner *scanner);

/*
 * Clean in[0..len) into out, at most cap bytes (no NUL is added). in and out must
 * not overlap. Returns the number of pieces redacted and sets *out_len; or
 * SAN_ENOSPC with *out_len the size that suffices.
 */
int san_clean(struct san_scanner *scanner, enum san_mode mode, const char *in, size_t len,
	      char *out, size_t cap, size_t *out_len);

/*
 * san_clean() for callers to whom every argument is dear, as to bindings of languages: the
 * output lies in the scanner and ends with NUL, until the scanner is used again. NULL:
 * nothing is redacted, in stands as it is. "": not done, ask san_clean(), which tells why; so
 * with more than 16 KiB, where a NUL is in the output, and where nothing is left of the input.
 */
const char *san_clean_short(struct san_scanner *scanner, enum san_mode mode, const char *in,
			    size_t len);

/*
 * Only look. Writes the first cap spans in ascending order, never overlapping,
 * and returns how many there are, be they more than cap. spans may be NULL where
 * cap is 0: then "is personal data detected?" is a result > 0.
 */
int san_find(struct san_scanner *scanner, enum san_mode mode, const char *in, size_t len,
	     struct san_span *spans, size_t cap);

/*
 * Streaming: feed any pieces; the output does not depend on where they are cut.
 * write gets cleaned bytes in order and returns 0, or anything else to stop with
 * SAN_EWRITE. At most 256 KiB of input is held back. A scanner runs one stream at a
 * time; san_stream_end() flushes and closes it, and returns the pieces redacted
 * in the whole stream.
 */
typedef int san_write_fn(void *context, const char *data, size_t len);
int san_stream_begin(struct san_scanner *scanner, enum san_mode mode, san_write_fn *write,
		     void *context);
int san_stream_feed(struct san_scanner *scanner, const char *in, size_t len);
int san_stream_end(struct san_scanner *scanner);

/*
 * Pieces redacted by class since the scanner was made or last reset; SAN_CLASSES
 * numbers, borrowed. san_find() does not count.
 */
const uint64_t *san_counts(const struct san_scanner *scanner);
void san_counts_reset(struct san_scanner *scanner);

/* "email" for SAN_EMAIL …; NULL out of range. And back: a class, or SAN_EINVAL. */
const char *san_class_name(int san_class);
int san_class_by_name(const char *name);
/* "[REDACTED_EMAIL]" … */
const char *san_class_placeholder(int san_class);
/* English text for a SAN_E number. */
const char *san_strerror(int error);
/* Version of the library that runs, to hold against SAN_VERSION. */
const char *san_version(void);
/* "scalar", "sse4.2", "avx2", "avx512" … : the code path in use. */
const char *san_isa(void);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
