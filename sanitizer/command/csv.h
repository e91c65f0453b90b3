/*
 * csv - cells under a telling column name: "password" makes its cells secrets,
 * "phone" makes bare digits telephone numbers.
 *
 * Which names tell is the library's knowledge: each is tried once, as a key of
 * JSON, and so is each cell under such a name.
 */
#ifndef SANITIZE_CSV_H
#define SANITIZE_CSV_H

#include "engine.h"

struct csv_column {
	char *name;
	const struct field_rule *field; /* or NULL */
	bool telling;
};

struct csv_header {
	char delimiter;
	struct csv_column *columns;
	size_t n;
	size_t len; /* of the header record in the file's first block */
};

/*
 * From the first record of a file; the delimiter is the one it holds most of.
 * 1: too many columns or too long names; the cause says so.
 */
MUST_CHECK int csv_header_make(struct csv_header *header, struct engine *engine, const char *data,
			       size_t len, struct cause *cause);
void csv_header_free(struct csv_header *header);

MUST_CHECK int csv_cell_clean(struct engine *engine, const struct piece *piece);
MUST_CHECK int csv_cell_find(struct engine *engine, const struct piece *piece);

#endif
