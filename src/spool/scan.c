/*
 * scan - a window of the file that slides over the frames.
 */
#include "scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SCAN_BUFFER (32u << 10)
/* A hostile file of overlapping frames would cost a crc of 16 MiB for each 40 bytes. */
#define SCAN_EFFORT_MAX (256u << 20)

void scan_start(struct scan *scan, int fd, uint64_t pos)
{
	memset(scan, 0, sizeof(*scan));
	scan->fd = fd;
	scan->at = pos;
	scan->pos = pos;
}

void scan_rest(struct scan *scan)
{
	free(scan->buf);
	scan->buf = NULL;
	scan->len = 0;
	scan->cap = 0;
}

/* Make the window begin at `from`, with room for `need` bytes. */
static enum status window_slide(struct scan *scan, uint64_t from, size_t need)
{
	size_t cap = need > SCAN_BUFFER ? need : SCAN_BUFFER;
	size_t kept = 0;
	uint8_t *grown;

	if (from >= scan->base && from < scan->base + scan->len) {
		kept = (size_t)(scan->base + scan->len - from);
		memmove(scan->buf, scan->buf + (from - scan->base), kept);
	}
	scan->base = from;
	scan->len = kept;
	if (scan->cap == cap || (scan->cap > cap && kept > cap))
		return ST_OK;
	grown = realloc(scan->buf, cap);
	if (!grown)
		return ST_NO_MEMORY;
	scan->buf = grown;
	scan->cap = cap;
	return ST_OK;
}

/* Bytes of the file from `from` on, `need` of them unless it ends; *got says how many. */
static enum status window_load(struct scan *scan, uint64_t from, size_t need, const uint8_t **data,
			       size_t *got)
{
	if (from < scan->base || from + need > scan->base + scan->len) {
		if (window_slide(scan, from, need) != ST_OK)
			return ST_NO_MEMORY;
		while (scan->len < need) {
			ssize_t n = pread(scan->fd, scan->buf + scan->len, scan->cap - scan->len,
					  (off_t)(scan->base + scan->len));

			if (n < 0 && errno == EINTR)
				continue;
			if (n < 0)
				return ST_IO;
			if (n == 0)
				break;
			scan->len += (size_t)n;
		}
	}
	*data = scan->buf + (from - scan->base);
	*got = scan->len - (size_t)(from - scan->base);
	return ST_OK;
}

/* Is there an intact frame at `from`? The whole of it is loaded for that. */
static enum status frame_at(struct scan *scan, uint64_t from, struct frame *frame,
			    enum frame_check *check, size_t *got)
{
	size_t need = FRAME_HEAD_BYTES;
	const uint8_t *data;
	enum status status;

	status = window_load(scan, from, need, &data, got);
	if (status != ST_OK)
		return status;
	*check = frame_decode(frame, data, *got, &need);
	if (*check != FRAME_SHORT || *got < FRAME_HEAD_BYTES)
		return ST_OK;
	status = window_load(scan, from, need, &data, got);
	if (status == ST_OK)
		*check = frame_decode(frame, data, *got, &need);
	return status;
}

/* The first intact frame behind `from`. *found is `from` if there is none. */
static enum status frame_find(struct scan *scan, uint64_t from, uint64_t *found)
{
	uint64_t pos = from + 1;
	enum frame_check check;
	struct frame frame;
	const uint8_t *data;
	enum status status;
	size_t got;

	*found = from;
	while (scan->effort < SCAN_EFFORT_MAX) {
		const uint8_t *hit;

		status = window_load(scan, pos, FRAME_HEAD_BYTES, &data, &got);
		if (status != ST_OK || got < FRAME_HEAD_BYTES)
			return status;
		hit = memchr(data, 0xFE, got);
		pos += hit ? (uint64_t)(hit - data) : got;
		if (!hit)
			continue;
		status = frame_at(scan, pos, &frame, &check, &got);
		if (status != ST_OK)
			return status;
		if (check == FRAME_INTACT) {
			*found = pos;
			return ST_OK;
		}
		scan->effort += frame.length;
		pos++;
	}
	return ST_OK;
}

enum scan_result scan_next(struct scan *scan, struct frame *frame)
{
	enum frame_check check;
	uint64_t found;
	size_t got;

	scan->at = scan->pos;
	if (frame_at(scan, scan->at, frame, &check, &got) != ST_OK)
		return SCAN_FAIL;
	if (check == FRAME_INTACT) {
		scan->pos = scan->at + frame_bytes(frame);
		scan->effort = 0;
		return SCAN_FRAME;
	}
	if (got == 0)
		return SCAN_END;
	if (frame_find(scan, scan->at, &found) != ST_OK)
		return SCAN_FAIL;
	scan->pos = found;
	if (found != scan->at)
		return SCAN_DAMAGE;
	/* What was read here may be cut off and written anew. */
	scan->len = 0;
	return SCAN_TAIL;
}
