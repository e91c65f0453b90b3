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
	size_t note;  /* where the last comment before the names begins, or 0 */
	size_t start; /* of the record of names in the file's first block */
	size_t len;   /* up to where that block is the header */
};

/*
 * Find the names, behind a byte order mark, "sep=;", comments and blank lines, and the
 * delimiter, the one they hold most of. false: data does not hold all of them yet; the
 * header is what it would be were that the end.
 */
bool csv_header_find(struct csv_header *header, const char *data, size_t len);
/* The same with the columns. 1: too many or too long names; the cause says so. */
MUST_CHECK int csv_header_make(struct csv_header *header, struct engine *engine, const char *data,
			       size_t len, struct cause *cause);
void csv_header_free(struct csv_header *header);

#endif
