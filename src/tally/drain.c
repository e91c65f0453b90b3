/*
 * drain - the rollup's side: change the banks, apply the one that rests, clear it.
 *
 * Before a bank is applied its batch number is on the disk, with all its cells; after a
 * crash in between, the number tells the store whether it has it.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "lane_file.h"

#define SPINS 1000
#define WAITS_MS 200

struct drain {
	tally_apply_fn *apply;
	void *context;
	struct tally_drained *drained;
	struct reason *why;
	enum status status; /* the first that was not ST_OK */
};

/* Wait until the turn that may still see the old bank is over. ST_BUSY: it lasts. */
static enum status wait_turn(const struct lane_file *file)
{
	struct tally_header *header = &file->map->header;
	uint64_t turn = atomic_load(&header->turn);

	if (!(turn & 1))
		return ST_OK;
	for (int i = 0; i < SPINS + WAITS_MS; i++) {
		if (atomic_load(&header->turn) != turn || !lane_file_locked(file, LANE_WRITER))
			return ST_OK;
		if (i >= SPINS)
			nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
		else
			sched_yield();
	}
	return ST_BUSY; /* stopped in the middle of it */
}

/* Part of "0NAME.DAY.KEY.SOURCE.", ended in place. */
static const char *cut(char **rest)
{
	char *part = *rest, *end = strchr(part, '\x1f');

	if (!end)
		return NULL;
	*end = '\0';
	*rest = end + 1;
	return part;
}

struct cells {
	size_t n;
	struct tally_cell *cells;
	char *texts;
};

static void cells_free(struct cells *cells)
{
	free(cells->cells);
	free(cells->texts);
}

static bool read_slot(struct tally_cell *cell, char *copy, const struct tally_slot *slot)
{
	char *rest = copy + 1;

	memcpy(copy, slot->text, slot->length);
	copy[slot->length] = '\0';
	cell->table = copy[0] == '0' ? TALLY_COUNTS : TALLY_REPORTS;
	cell->name = cut(&rest);
	cell->day = cell->name ? cut(&rest) : NULL;
	cell->key = cell->day ? cut(&rest) : NULL;
	cell->source = cell->key ? cut(&rest) : NULL;
	cell->count = slot->count;
	return cell->source != NULL;
}

static enum status read_bank(struct cells *cells, const struct tally_bank *bank)
{
	*cells = (struct cells){
	    .cells = malloc(TALLY_SLOTS * sizeof(*cells->cells)),
	    .texts = malloc((size_t)TALLY_SLOTS * (TALLY_TEXT_BYTES + 1)),
	};
	if (!cells->cells || !cells->texts)
		return ST_NO_MEMORY;
	for (size_t i = 0; i < TALLY_SLOTS; i++) {
		const struct tally_slot *slot = &bank->slots[i];
		if (!slot->count || !slot->length || slot->length > TALLY_TEXT_BYTES)
			continue;
		if (!read_slot(&cells->cells[cells->n],
			       cells->texts + cells->n * (TALLY_TEXT_BYTES + 1), slot))
			return ST_CORRUPT;
		cells->n++;
	}
	return ST_OK;
}

static void clear(struct tally_file *map, uint32_t bank)
{
	memset(&map->banks[bank], 0, sizeof(map->banks[bank]));
	map->header.used[bank] = 0;
	/* Last: until here it is a batch that was applied. */
	atomic_thread_fence(memory_order_release);
	map->header.batch[bank] = 0;
}

static enum status apply_bank(struct drain *drain, const struct lane_file *file, uint32_t bank)
{
	struct tally_header *header = &file->map->header;
	struct cells cells;
	enum status status = wait_turn(file);

	if (status != ST_OK)
		return reason_set(drain->why, status, "a lane's writer does not end its turn");
	if (msync(file->map, sizeof(*file->map), MS_SYNC))
		return reason_set(drain->why, ST_IO, "a lane: %s", strerror(errno));
	status = read_bank(&cells, &file->map->banks[bank]);
	if (status != ST_OK)
		(void)reason_set(drain->why, status, "a lane: %s", status_text(status));
	else if (cells.n)
		status = drain->apply(drain->context, header->id, header->batch[bank], cells.cells,
				      cells.n, drain->why);
	if (status == ST_OK) {
		drain->drained->cells += cells.n;
		clear(file->map, bank);
	}
	cells_free(&cells);
	return status;
}

/* What an earlier rollup left half done, then what came since. */
static enum status drain_lane(struct drain *drain, const struct lane_file *file)
{
	struct tally_header *header = &file->map->header;
	uint32_t resting = 1 - atomic_load(&header->active);
	enum status status = ST_OK;

	if (header->batch[resting])
		status = apply_bank(drain, file, resting);
	if (status != ST_OK || !header->used[1 - resting])
		return status;
	header->last_batch++;
	header->batch[1 - resting] = header->last_batch;
	atomic_store(&header->active, resting);
	return apply_bank(drain, file, 1 - resting);
}

static enum status visit(void *context, const char *path)
{
	struct drain *drain = context;
	struct lane_file file;
	enum status status = lane_file_open(&file, path);

	if (status == ST_CORRUPT)
		drain->drained->damaged++;
	if (status == ST_OK) {
		drain->drained->lanes++;
		status = lane_file_lock(&file, LANE_ROLLUP);
		if (status == ST_OK)
			status = drain_lane(drain, &file);
		else if (status == ST_BUSY) /* another rollup is at it */
			status = ST_OK;
		lane_file_close(&file);
	} else if (status != ST_NOT_FOUND) {
		(void)reason_set_path(drain->why, status, path);
	}
	if (drain->status == ST_OK && status != ST_NOT_FOUND)
		drain->status = status;
	return ST_OK;
}

enum status tally_drain(const char *directory, tally_apply_fn *apply, void *context,
			struct tally_drained *drained, struct reason *why)
{
	struct drain drain = {apply, context, drained, why, ST_OK};

	*drained = (struct tally_drained){0};
	if (lane_files(directory, visit, &drain) != ST_OK)
		return reason_set_path(why, ST_IO, directory);
	return drain.status;
}

static enum status add_waiting(void *context, const char *path)
{
	uint64_t *cells = context;
	struct lane_file file;
	enum status status = lane_file_open(&file, path);

	if (status == ST_OK) {
		*cells += file.map->header.used[0] + file.map->header.used[1];
		lane_file_close(&file);
	}
	return status == ST_IO ? ST_IO : ST_OK;
}

enum status tally_waiting(const char *directory, uint64_t *cells)
{
	*cells = 0;
	return lane_files(directory, add_waiting, cells);
}
