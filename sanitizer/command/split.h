/*
 * split - cut a block of records into pieces that are cleaned one way each.
 *
 * Pieces come in order, do not overlap and cover the block. Text that needs no
 * treatment of its own is never cut: whole blocks of lines go to the library at
 * once, and a piece of text ends only where a field or another mode begins.
 */
#ifndef SANITIZE_SPLIT_H
#define SANITIZE_SPLIT_H

#include "frame.h"
#include "plan.h"

enum piece_kind {
	PIECE_TEXT,  /* any part of lines */
	PIECE_URL,   /* one URL */
	PIECE_JSON,  /* one document */
	PIECE_FIELD, /* value of a field with a rule */
	PIECE_CELL,  /* CSV cell under a telling column name, or one with doubled quotes */
};

struct piece {
	enum piece_kind kind;
	const char *start;
	size_t len;
	size_t tail;			/* newline after a URL or JSON piece, which is a record */
	const struct field_rule *field; /* PIECE_FIELD */
	const char *empty;		/* PIECE_FIELD: what stands for a dropped value */
	bool quoted;			/* PIECE_CELL: with its quotes around */
	bool lines;	  /* PIECE_FIELD: newlines in it stay, behind what stands for it */
	const char *name; /* PIECE_CELL: of the column, or NULL: it tells nothing */
};

/* 0, or anything else to stop. */
typedef int piece_fn(void *context, const struct piece *piece);

struct csv_header; /* see csv.h */

struct split {
	const struct plan *plan;
	enum format format;		 /* of the input: the plan's, or what auto came to */
	const struct csv_header *header; /* FORMAT_CSV only */
	size_t skip;			 /* bytes of the header at the beginning */
	size_t blind;			 /* see struct block */
	piece_fn *give;
	void *context;
	const char *pending; /* text from here on is not given yet */
};

/* What the framer must know for this format. */
enum framing split_framing(enum format format);
/* 0, or what give() returned. */
int split_block(struct split *split, const char *data, size_t len);
/* Mode of a record too long to be split: by its beginning. */
enum san_mode split_mode(enum format format, const char *data, size_t len);

/* For the formats' splitters: give the text before the piece, then the piece. */
int split_give(struct split *split, const struct piece *piece);
/* Length of a byte order mark at the beginning, or 0. */
size_t bom_length(const char *data, size_t len);
/* Length of a line without "\n" or "\r\n". */
size_t line_content(const char *line, size_t len);

/* The splitters of formats that know fields; each gets whole records. */
int split_logfmt_line(struct split *split, const char *line, size_t len);
/* -1: the line is not of the log's format; nothing was given. */
int split_log_line(struct split *split, const char *line, size_t len, bool *matched);
int split_csv(struct split *split, const char *data, size_t len);

#endif
