/*
 * adopt - a segment without an owner is intact up to its mark; behind it a process died.
 *
 * Only bytes behind the last intact frame are ever cut, and only by who holds the lock,
 * so a reader that waits there loses nothing. A segment of an earlier boot is never
 * continued: a power cut may have shortened it below what a reader has marked as done.
 */
#include "adopt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "scan.h"

#define HEIR_ARENA_BYTES ((size_t)64 << 20)

uint64_t adopt_boot(void)
{
	char text[40] = "", hex[17];
	ssize_t got;
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	size_t n = 0;

	if (fd < 0)
		return 0;
	got = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	if (got <= 0)
		return 0;
	for (const char *p = text; *p && n < 16; p++) {
		if (*p != '-')
			hex[n++] = *p;
	}
	hex[n] = '\0';
	return strtoull(hex, NULL, 16);
}

static enum status frame_tell(const struct adopt_heir *heir, struct arena *arena,
			      const struct frame *frame)
{
	struct clean *clean;
	enum status status;

	if (!heir->orphan)
		return ST_OK;
	arena_reset(arena);
	status = clean_read(&clean, arena, frame->record, frame->length);
	if (status == ST_CORRUPT)
		return ST_OK;
	if (status == ST_OK)
		heir->orphan(heir->context, &frame->stamp, clean);
	return status;
}

enum status adopt_check(int fd, const struct segment_mark *mark, const struct adopt_heir *heir,
			uint64_t *end, uint64_t *frames)
{
	enum scan_result result = SCAN_END;
	enum status status = ST_OK;
	struct arena *arena;
	struct frame frame;
	struct scan scan;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return ST_IO;
	*frames = mark->frames;
	*end = mark->bytes;
	if (mark->bytes < SEGMENT_HEAD_BYTES || mark->bytes > (uint64_t)st.st_size) {
		*frames = 0;
		*end = SEGMENT_HEAD_BYTES;
	}
	if (*end >= (uint64_t)st.st_size)
		return ST_OK;
	arena = arena_new(HEIR_ARENA_BYTES);
	if (!arena)
		return ST_NO_MEMORY;
	scan_start(&scan, fd, *end);
	while (status == ST_OK && (result = scan_next(&scan, &frame)) <= SCAN_DAMAGE) {
		if (result == SCAN_DAMAGE)
			continue;
		*end = scan.pos;
		(*frames)++;
		status = frame_tell(heir, arena, &frame);
	}
	if (result == SCAN_FAIL)
		status = ST_IO;
	scan_rest(&scan);
	arena_free(arena);
	return status;
}

/* Check, cut the torn tail, mark. *whole: its header is good and of this boot. */
static enum status orphan_mend(struct adopted *orphan, uint64_t boot, const struct adopt_heir *heir,
			       bool *whole)
{
	struct segment_head head;
	struct segment_mark old;
	enum status status = segment_head_read(orphan->fd, &head, &old);
	struct stat st;

	if (status != ST_OK && status != ST_CORRUPT)
		return status;
	*whole = status == ST_OK && head.kind == SEGMENT_SPOOL && boot != 0 && head.boot == boot;
	orphan->mark = old;
	status = adopt_check(orphan->fd, &old, heir, &orphan->mark.bytes, &orphan->mark.frames);
	if (status != ST_OK || fstat(orphan->fd, &st) < 0)
		return status == ST_OK ? ST_IO : status;
	if ((uint64_t)st.st_size > orphan->mark.bytes) {
		log_warning("spool: a process died while it wrote; %lld bytes of a record that was "
			    "not acknowledged are cut off",
			    (long long)st.st_size - (long long)orphan->mark.bytes);
		if (ftruncate(orphan->fd, (off_t)orphan->mark.bytes) < 0)
			return ST_IO;
	}
	if (old.bytes == orphan->mark.bytes)
		return ST_OK;
	/* What the dead process did not live to sync. */
	if (fdatasync(orphan->fd) < 0)
		return ST_IO;
	return segment_mark_write(orphan->fd, &orphan->mark);
}

/* A process died between making the file and its header: nothing can be in it. */
static bool orphan_empty(const char *dir, const struct adopted *orphan)
{
	char path[SHELF_PATH];
	struct stat st;

	if (fstat(orphan->fd, &st) < 0 || st.st_size >= SEGMENT_HEAD_BYTES)
		return false;
	return shelf_path(path, dir, orphan->stem, false) == ST_OK && unlink(path) == 0;
}

static enum status orphan_settle(const char *dir, uint64_t boot, int64_t since_us,
				 uint64_t max_bytes, const struct adopt_heir *heir,
				 struct adopted *orphan, struct adopted *found)
{
	bool whole = false;
	enum status status;

	if (orphan_empty(dir, orphan))
		return ST_OK;
	status = orphan_mend(orphan, boot, heir, &whole);
	if (status != ST_OK)
		return status == ST_INVALID ? ST_OK : status;
	if (whole && found->fd < 0 && orphan->mark.bytes < max_bytes &&
	    shelf_made_us(orphan->stem) >= since_us) {
		*found = *orphan;
		orphan->fd = -1;
		return ST_OK;
	}
	if (fdatasync(orphan->fd) < 0)
		return ST_IO;
	return shelf_seal(dir, orphan->stem);
}

enum status adopt_orphans(const char *dir, uint64_t boot, int64_t since_us, uint64_t max_bytes,
			  const struct adopt_heir *heir, struct adopted *found)
{
	struct shelf_item *items;
	struct adopted orphan;
	enum status status, claimed;
	size_t n;

	found->fd = -1;
	status = shelf_list(dir, &items, &n);
	for (size_t i = 0; i < n && !(heir->brief && found->fd >= 0); i++) {
		if (items[i].sealed)
			continue;
		memcpy(orphan.stem, items[i].stem, sizeof(orphan.stem));
		claimed = shelf_claim(dir, items[i].stem, O_RDWR | O_APPEND, &orphan.fd);
		if (claimed == ST_OK) {
			claimed =
			    orphan_settle(dir, boot, since_us, max_bytes, heir, &orphan, found);
			if (orphan.fd >= 0)
				(void)close(orphan.fd);
		}
		/* What cannot be mended now stays for the next start; new events matter more. */
		if (claimed == ST_IO || claimed == ST_NO_MEMORY)
			log_error("spool: a dead process' segment cannot be checked: %s",
				  claimed == ST_IO ? strerror(errno) : status_text(claimed));
	}
	free(items);
	return status;
}
