/*
 * csvcell - what is in a cell of CSV: decoded, cleaned, and encoded again where that changed it.
 *
 * A cell under a telling name is cleaned as the value of a key of that name in JSON, any
 * other as text or as the JSON that it is.
 */
#ifndef SANITIZE_CSVCELL_H
#define SANITIZE_CSVCELL_H

#include "engine.h"

struct csv_cell {
	const char *start; /* without the blanks around; with its quotes */
	size_t len;
	bool quoted;
};

/* From what stands between two delimiters. stray: its first quote is a character. */
struct csv_cell csv_cell_trim(const char *start, size_t len, bool stray);
bool csv_cell_has_doubled(const struct csv_cell *cell);
/* Append what the cell stands for. -1: memory failed. */
MUST_CHECK int csv_cell_decode(const struct csv_cell *cell, struct bytes *out);
/* Does a column's name make something of its cells that they are not by themselves? */
MUST_CHECK int csv_name_tells(struct engine *engine, const char *name, bool *telling);

/* A PIECE_CELL into engine->out, or its findings. */
MUST_CHECK int csv_cell_clean(struct engine *engine, const struct piece *piece);
MUST_CHECK int csv_cell_find(struct engine *engine, const struct piece *piece);

#endif
