/*
 * segment - encode and check headers, marks and frames.
 */
#include "segment.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "crc32c.h"
#include "file.h"
#include "le.h"

#define MARK_AT 64u
#define MARK_BYTES 28u
#define SEGMENT_VERSION 1u

static const uint8_t head_magic[8] = {'t', 'a', 'm', 'i', 's', 'S', 'E', 'G'};
static const uint8_t frame_magic[4] = {0xFE, 'T', 'S', 0xFE};

enum status segment_head_write(int fd, const struct segment_head *head)
{
	uint8_t bytes[SEGMENT_HEAD_BYTES] = {0};

	memcpy(bytes, head_magic, sizeof(head_magic));
	le32_put(bytes + 8, SEGMENT_VERSION);
	le32_put(bytes + 12, head->kind);
	le64_put(bytes + 16, (uint64_t)head->made_us);
	le64_put(bytes + 24, head->boot);
	le32_put(bytes + 32, crc32c(0, bytes, 32));
	return file_write_all(fd, bytes, sizeof(bytes));
}

static void mark_decode(struct segment_mark *mark, const uint8_t *bytes)
{
	memset(mark, 0, sizeof(*mark));
	if (crc32c(0, bytes, 24) != le32_get(bytes + 24))
		return;
	mark->bytes = le64_get(bytes);
	mark->frames = le64_get(bytes + 8);
	mark->synced_us = (int64_t)le64_get(bytes + 16);
}

enum status segment_head_read(int fd, struct segment_head *head, struct segment_mark *mark)
{
	uint8_t bytes[SEGMENT_HEAD_BYTES];
	ssize_t got;

	memset(head, 0, sizeof(*head));
	memset(mark, 0, sizeof(*mark));
	do
		got = pread(fd, bytes, sizeof(bytes), 0);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return ST_IO;
	if ((size_t)got < sizeof(bytes) || memcmp(bytes, head_magic, sizeof(head_magic)) != 0 ||
	    crc32c(0, bytes, 32) != le32_get(bytes + 32))
		return ST_CORRUPT;
	if (le32_get(bytes + 8) != SEGMENT_VERSION)
		return ST_INVALID;
	head->kind = le32_get(bytes + 12);
	head->made_us = (int64_t)le64_get(bytes + 16);
	head->boot = le64_get(bytes + 24);
	mark_decode(mark, bytes + MARK_AT);
	return ST_OK;
}

/* Linux appends even a pwrite() to a descriptor with O_APPEND, so the flag is put off. */
enum status segment_mark_write(int fd, const struct segment_mark *mark)
{
	uint8_t bytes[MARK_BYTES];
	int flags = fcntl(fd, F_GETFL);
	ssize_t put;

	le64_put(bytes, mark->bytes);
	le64_put(bytes + 8, mark->frames);
	le64_put(bytes + 16, (uint64_t)mark->synced_us);
	le32_put(bytes + 24, crc32c(0, bytes, 24));
	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_APPEND) < 0)
		return ST_IO;
	do
		put = pwrite(fd, bytes, sizeof(bytes), MARK_AT);
	while (put < 0 && errno == EINTR);
	if (fcntl(fd, F_SETFL, flags) < 0)
		return ST_IO;
	return put == (ssize_t)sizeof(bytes) ? ST_OK : ST_IO;
}

void frame_encode(uint8_t head[FRAME_HEAD_BYTES], const struct frame *frame)
{
	uint32_t crc;

	memcpy(head, frame_magic, sizeof(frame_magic));
	le32_put(head + 8, frame->length);
	le32_put(head + 12, frame->stamp.lane);
	le64_put(head + 16, frame->stamp.epoch);
	le64_put(head + 24, frame->stamp.seq);
	le64_put(head + 32, (uint64_t)frame->time_us);
	crc = crc32c(0, head + 8, FRAME_HEAD_BYTES - 8);
	le32_put(head + 4, crc32c(crc, frame->record, frame->length));
}

enum frame_check frame_decode(struct frame *frame, const uint8_t *data, size_t len, size_t *need)
{
	*need = FRAME_HEAD_BYTES;
	frame->length = 0;
	if (memcmp(data, frame_magic, len < 4 ? len : 4) != 0)
		return FRAME_BAD;
	if (len < FRAME_HEAD_BYTES)
		return FRAME_SHORT;
	frame->length = le32_get(data + 8);
	if (frame->length > FRAME_RECORD_MAX)
		return FRAME_BAD;
	*need = frame_bytes(frame);
	if (len < *need)
		return FRAME_SHORT;
	if (crc32c(0, data + 8, *need - 8) != le32_get(data + 4))
		return FRAME_BAD;
	frame->record = data + FRAME_HEAD_BYTES;
	frame->stamp.lane = le32_get(data + 12);
	frame->stamp.epoch = le64_get(data + 16);
	frame->stamp.seq = le64_get(data + 24);
	frame->time_us = (int64_t)le64_get(data + 32);
	return FRAME_INTACT;
}
