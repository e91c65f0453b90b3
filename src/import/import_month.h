/*
 * import_month - the ledger's file of one month: a header and 8-byte hashes.
 *
 *   0  8  "TAMISIL1"
 *   8 36  boot id of the last writer
 *  48  8  entries that are confirmed, native byte order as all else
 *  64     entries
 *
 * The file never leaves its machine. In memory a table by hash counts entries and what
 * the present input has shown.
 */
#ifndef TAMIS_IMPORT_MONTH_H
#define TAMIS_IMPORT_MONTH_H

#include <stddef.h>
#include <stdint.h>

#include "status.h"

struct month_cell {
	uint64_t hash; /* 0: free */
	uint32_t imported, seen;
};

struct import_month {
	struct import_month *next;
	int number; /* year * 12 + month - 1 */
	int fd;
	uint64_t entries, noted, confirmed; /* noted: entries at the last confirm */
	size_t cells, used;		    /* cells: a power of two */
	struct month_cell *table;
};

/* number as above. Made if missing. ST_CORRUPT: no such file; ST_IO, ST_NO_MEMORY. */
MUST_CHECK enum status month_open(struct import_month **out, const char *dir, int number,
				  const char *boot, struct reason *why);
void month_close(struct import_month *month);
/* The cell of the hash, new if need be; NULL: no memory. Valid until the next call. */
struct month_cell *month_cell(struct import_month *month, uint64_t hash);
MUST_CHECK enum status month_append(struct import_month *month, uint64_t hash);
/* The first n entries count even after a power cut. */
MUST_CHECK enum status month_confirm(struct import_month *month, uint64_t n);

#endif
