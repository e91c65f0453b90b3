/*
 * tally - the writer's side: take a lane, add to its active bank.
 *
 * The writer makes `turn` odd before it looks which bank is active and even when it is
 * done; the rollup changes the active bank and then waits for the turn to be over. So
 * neither ever locks the other out.
 */
#include "tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "lane_file.h"

#define LANES_MAX 1024
#define SEPARATOR '\x1f'

struct tally_lane {
	struct lane_file file;
};

struct search {
	struct lane_file *file;
	unsigned seen;
};

/* ST_END: this one is ours. */
static enum status try_lane(void *context, const char *path)
{
	struct search *search = context;
	enum status status = lane_file_open(search->file, path);

	search->seen++;
	if (status != ST_OK)
		return ST_OK;
	if (lane_file_lock(search->file, LANE_WRITER) == ST_OK)
		return ST_END;
	lane_file_close(search->file);
	return ST_OK;
}

static enum status make_directory(const char *directory)
{
	struct stat st;

	if (stat(directory, &st) == 0)
		return ST_OK;
	enum status status = file_mkdirs_shared(directory, 0770);
	if (status == ST_OK && chmod(directory, 03770))
		status = ST_IO;
	return status;
}

/* A lane that was just made may be taken by another at once: then another is made. */
static enum status find_lane(struct lane_file *file, const char *directory)
{
	for (unsigned tries = 0; tries < 16; tries++) {
		struct search search = {.file = file};
		enum status status = lane_files(directory, try_lane, &search);
		if (status == ST_END)
			return ST_OK;
		if (status != ST_OK)
			return status;
		if (search.seen >= LANES_MAX)
			return ST_BUSY;
		status = lane_file_make(directory);
		if (status != ST_OK)
			return status;
	}
	return ST_BUSY;
}

enum status tally_take(struct tally_lane **out, const char *directory, struct reason *why)
{
	struct tally_lane *lane = malloc(sizeof(*lane));
	enum status status;

	*out = NULL;
	if (!lane)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	status = make_directory(directory);
	if (status == ST_OK)
		status = find_lane(&lane->file, directory);
	if (status != ST_OK) {
		free(lane);
		return reason_set_path(why, status, directory);
	}
	struct tally_header *header = &lane->file.map->header;
	if (header->turn & 1) /* its last writer was killed at it */
		header->turn++;
	*out = lane;
	return ST_OK;
}

void tally_end(struct tally_lane *lane)
{
	if (lane)
		lane_file_close(&lane->file);
	free(lane);
}

/* The lock belongs to the open file, which the parent holds on to. */
void tally_disown(struct tally_lane *lane)
{
	(void)close(lane->file.fd);
}

static bool put(char *text, size_t *n, const char *part, size_t max)
{
	size_t len = strlen(part);

	if (len > max)
		return false;
	memcpy(text + *n, part, len);
	*n += len;
	text[(*n)++] = SEPARATOR;
	return true;
}

/* "0NAME.DAY.KEY.SOURCE." with U+001F for the dots; 0: something is too long. */
static size_t join(char *text, const struct tally_cell *cell)
{
	size_t n = 0;

	text[n++] = (char)('0' + cell->table);
	if (!put(text, &n, cell->name, TALLY_NAME_MAX) || !put(text, &n, cell->day, 10) ||
	    !put(text, &n, cell->key, TALLY_KEY_MAX) ||
	    !put(text, &n, cell->source, TALLY_SOURCE_MAX) || n > TALLY_TEXT_BYTES)
		return 0;
	return n;
}

/* FNV-1a: the cells are declared ones, nobody can make them collide at will. */
static uint32_t hash_of(const char *text, size_t n)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)text[i]) * 16777619u;
	return hash;
}

static bool is_slot(const struct tally_slot *slot, uint32_t hash, const char *text, size_t n)
{
	return slot->hash == hash && slot->length == n && !memcmp(slot->text, text, n);
}

/* The cell's slot, taken into use if it is new; NULL: the bank is full. */
static struct tally_slot *slot_of(struct tally_file *map, uint32_t bank, const char *text, size_t n)
{
	uint32_t hash = hash_of(text, n), i = hash % TALLY_SLOTS;
	struct tally_slot *slot = &map->banks[bank].slots[i];

	while (slot->length && !is_slot(slot, hash, text, n))
		slot = &map->banks[bank].slots[i = (i + 1) % TALLY_SLOTS];
	if (slot->length)
		return slot;
	if (map->header.used[bank] >= TALLY_SLOTS_USED_MAX)
		return NULL;
	map->header.used[bank]++;
	slot->hash = hash;
	memcpy(slot->text, text, n);
	atomic_store_explicit(&slot->length, (uint16_t)n, memory_order_release);
	return slot;
}

enum status tally_add(struct tally_lane *lane, const struct tally_cell *cell)
{
	struct tally_file *map = lane->file.map;
	char text[1 + TALLY_NAME_MAX + 10 + TALLY_KEY_MAX + TALLY_SOURCE_MAX + 4];
	size_t n = join(text, cell);

	if (!n)
		return ST_INVALID;
	uint64_t turn = map->header.turn;
	atomic_store(&map->header.turn, turn + 1);
	struct tally_slot *slot = slot_of(map, atomic_load(&map->header.active), text, n);
	if (slot) /* one writer: no need for an atomic addition */
		atomic_store_explicit(&slot->count, slot->count + cell->count,
				      memory_order_relaxed);
	atomic_store(&map->header.turn, turn + 2);
	return slot ? ST_OK : ST_FULL;
}
