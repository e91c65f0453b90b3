/*
 * import_month - reading is one pass over the file; what cannot be trusted is cut off
 * before the first append.
 */
#include "import_month.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

#define FIRST_CELLS ((size_t)1024)
#define CELLS_MAX ((size_t)1 << 27) /* 2 GiB: 90 million lines of one month */
#define CHUNK_ENTRIES 4096

static const char magic[8] = "TAMISIL1";

struct header {
	char magic[8];
	char boot[36];
	uint32_t zero;
	uint64_t confirmed;
	uint64_t spare;
};
_Static_assert(sizeof(struct header) == 64, "told in the header file");

static void slot_into(struct month_cell *table, size_t cells, const struct month_cell *cell)
{
	size_t i = cell->hash & (cells - 1);

	while (table[i].hash)
		i = (i + 1) & (cells - 1);
	table[i] = *cell;
}

static int grow(struct import_month *month)
{
	size_t cells = month->cells ? month->cells * 2 : FIRST_CELLS;
	struct month_cell *table = cells > CELLS_MAX ? NULL : calloc(cells, sizeof(*table));

	if (!table)
		return 0;
	for (size_t i = 0; i < month->cells; i++)
		if (month->table[i].hash)
			slot_into(table, cells, &month->table[i]);
	free(month->table);
	month->table = table;
	month->cells = cells;
	return 1;
}

struct month_cell *month_cell(struct import_month *month, uint64_t hash)
{
	size_t i;

	hash = hash ? hash : 1;
	if (month->used * 3 >= month->cells * 2 && !grow(month))
		return NULL;
	for (i = hash & (month->cells - 1); month->table[i].hash; i = (i + 1) & (month->cells - 1))
		if (month->table[i].hash == hash)
			return &month->table[i];
	month->table[i].hash = hash;
	month->used++;
	return &month->table[i];
}

/* Entries up to `trusted`, into the table. */
static enum status read_entries(struct import_month *month, uint64_t trusted)
{
	uint64_t chunk[CHUNK_ENTRIES];
	enum status status;
	size_t got;

	while (month->entries < trusted) {
		uint64_t left = trusted - month->entries;
		size_t want = left < CHUNK_ENTRIES ? (size_t)left : CHUNK_ENTRIES;

		status = file_read_full(month->fd, chunk, want * sizeof(*chunk), &got);
		if (status != ST_OK)
			return status;
		if (got != want * sizeof(*chunk))
			return ST_CORRUPT;
		for (size_t i = 0; i < want; i++) {
			struct month_cell *cell = month_cell(month, chunk[i]);

			if (!cell)
				return ST_NO_MEMORY;
			cell->imported++;
		}
		month->entries += want;
	}
	return ST_OK;
}

static enum status write_header(struct import_month *month, const char *boot)
{
	struct header header = {.confirmed = month->confirmed};

	memcpy(header.magic, magic, sizeof(magic));
	memcpy(header.boot, boot, strnlen(boot, sizeof(header.boot)));
	if (pwrite(month->fd, &header, sizeof(header), 0) != (ssize_t)sizeof(header))
		return ST_IO;
	return fdatasync(month->fd) == 0 ? ST_OK : ST_IO;
}

/* The file is open: read it, and make it ours. */
static enum status load(struct import_month *month, const char *boot)
{
	uint64_t trusted = 0;
	struct header header;
	enum status status;
	struct stat st;
	size_t got;

	if (fstat(month->fd, &st) < 0)
		return ST_IO;
	status = file_read_full(month->fd, &header, sizeof(header), &got);
	if (status != ST_OK)
		return status;
	if (got == sizeof(header) && memcmp(header.magic, magic, sizeof(magic)) == 0) {
		trusted = ((uint64_t)st.st_size - sizeof(header)) / sizeof(uint64_t);
		if (header.confirmed > trusted)
			return ST_CORRUPT;
		/* Another boot: what was not confirmed may be of events that a power cut took. */
		if (strncmp(header.boot, boot, sizeof(header.boot)) != 0)
			trusted = header.confirmed;
		month->confirmed = header.confirmed;
	} else if (got == sizeof(header)) {
		return ST_CORRUPT;
	}
	status = read_entries(month, trusted);
	if (status != ST_OK)
		return status;
	if (ftruncate(month->fd, (off_t)(sizeof(header) + trusted * sizeof(uint64_t))) < 0)
		return ST_IO;
	month->noted = month->entries;
	return write_header(month, boot);
}

enum status month_open(struct import_month **out, const char *dir, int number, const char *boot,
		       struct reason *why)
{
	struct import_month *month = calloc(1, sizeof(*month));
	enum status status = ST_NO_MEMORY;
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/%04d-%02d.ledger", dir, number / 12,
		       number % 12 + 1);
	if (!month)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	month->number = number;
	month->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (month->fd < 0)
		status = ST_IO;
	else if (grow(month))
		status = load(month, boot);
	if (status == ST_OK) {
		*out = month;
		return ST_OK;
	}
	(void)reason_set_path(why, status, path);
	month_close(month);
	return status;
}

void month_close(struct import_month *month)
{
	if (!month)
		return;
	if (month->fd >= 0)
		(void)close(month->fd);
	free(month->table);
	free(month);
}

enum status month_append(struct import_month *month, uint64_t hash)
{
	off_t at = (off_t)(sizeof(struct header) + month->entries * sizeof(hash));
	ssize_t n = pwrite(month->fd, &hash, sizeof(hash), at);

	if (n != (ssize_t)sizeof(hash)) {
		errno = n < 0 ? errno : ENOSPC;
		return ST_IO;
	}
	month->entries++;
	return ST_OK;
}

enum status month_confirm(struct import_month *month, uint64_t n)
{
	off_t at = (off_t)offsetof(struct header, confirmed);

	if (n <= month->confirmed)
		return ST_OK;
	/* The entries first: a power cut between the two confirms too few, never too many. */
	if (fdatasync(month->fd) < 0 ||
	    pwrite(month->fd, &n, sizeof(n), at) != (ssize_t)sizeof(n) || fdatasync(month->fd) < 0)
		return ST_IO;
	month->confirmed = n;
	return ST_OK;
}
