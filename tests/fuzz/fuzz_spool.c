/*
 * fuzz_spool - a segment and a journal with patches, as a disk may give them back: what
 * is read from them is what was written, in its order, or left out.
 *
 * Input: first byte 's' or 'j'; then three bytes a patch (two of place, one of value);
 * a byte left over cuts the file to so many 256ths.
 */
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "clean.h"
#include "fuzz.h"
#include "journal.h"
#include "scan.h"

#define FRAMES 12
#define FILE_MAX 4096

/* No record is looked into here. */
const void *clean_record(const struct clean *clean, size_t *len)
{
	(void)clean;
	*len = 0;
	return "";
}

enum status clean_read(struct clean **out, struct arena *arena, const void *record, size_t len)
{
	(void)out, (void)arena, (void)record, (void)len;
	return ST_CORRUPT;
}

static struct frame frame_of(unsigned number, uint8_t *record)
{
	struct frame frame = {.record = record,
			      .length = 20 + number * 9,
			      .stamp = {.epoch = 77, .seq = number, .lane = number % 3},
			      .time_us = 1000 + number};

	memset(record, (int)('a' + number), frame.length);
	return frame;
}

static size_t valid_segment(uint8_t *out)
{
	size_t len = SEGMENT_HEAD_BYTES;

	memset(out, 0, len);
	for (unsigned i = 0; i < FRAMES; i++) {
		uint8_t record[FILE_MAX];
		struct frame frame = frame_of(i, record);

		frame_encode(out + len, &frame);
		memcpy(out + len + FRAME_HEAD_BYTES, record, frame.length);
		len += frame_bytes(&frame);
	}
	return len;
}

static void read_segment(const uint8_t *data, size_t len)
{
	int fd = memfd_create("segment", MFD_CLOEXEC);
	enum scan_result result;
	uint64_t pos = SEGMENT_HEAD_BYTES;
	struct frame frame;
	struct scan scan;
	int64_t last = -1;

	MUST(fd >= 0 && write(fd, data, len) == (ssize_t)len);
	scan_start(&scan, fd, pos);
	while ((result = scan_next(&scan, &frame)) <= SCAN_DAMAGE) {
		uint8_t record[FILE_MAX];
		struct frame written;

		MUST(scan.at == pos && scan.pos > pos);
		pos = scan.pos;
		if (result == SCAN_DAMAGE)
			continue;
		MUST((int64_t)frame.stamp.seq > last && frame.stamp.seq < FRAMES);
		last = (int64_t)frame.stamp.seq;
		written = frame_of((unsigned)last, record);
		MUST(frame.length == written.length && frame.time_us == written.time_us &&
		     frame.stamp.lane == written.stamp.lane &&
		     memcmp(frame.record, record, frame.length) == 0);
	}
	MUST(result == SCAN_END || result == SCAN_TAIL);
	MUST(result != SCAN_END || pos >= len);
	scan_rest(&scan);
	(void)close(fd);
}

static const char name_written[] = "1000/0123456789abcdef-01234567";
static const struct journal_mark marks_written[] = {{1, 128, 500}, {2, 128, 640}, {1, 700, 900}};

static size_t valid_journal(uint8_t *out)
{
	struct buf buf;
	size_t len;

	buf_init(&buf, FILE_MAX);
	journal_put_segment(&buf, 1, name_written);
	journal_put_segment(&buf, 2, name_written);
	journal_put_done(&buf, marks_written, 2);
	journal_put_failed(&buf, 2, 640, 3);
	journal_put_done(&buf, marks_written + 2, 1);
	MUST(buf_ok(&buf));
	len = buf.len;
	memcpy(out, buf.data, len);
	buf_free(&buf);
	return len;
}

static enum status see_segment(void *context, uint32_t number, const char *name)
{
	(void)context;
	MUST((number == 1 || number == 2) && strcmp(name, name_written) == 0);
	return ST_OK;
}

static enum status see_done(void *context, const struct journal_mark *mark)
{
	bool known = false;

	(void)context;
	for (int i = 0; i < 3; i++)
		known = known || memcmp(mark, &marks_written[i], sizeof(*mark)) == 0;
	MUST(known);
	return ST_OK;
}

static enum status see_failed(void *context, uint32_t number, uint32_t offset, uint32_t attempts)
{
	(void)context;
	MUST(number == 2 && offset == 640 && attempts == 3);
	return ST_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct journal_visitor visitor = {see_segment, see_done, see_failed, NULL};
	uint8_t file[FILE_MAX], *copy;
	bool journal = size && data[0] == 'j';
	uint64_t damaged;
	size_t len;

	len = journal ? valid_journal(file) : valid_segment(file);
	if (size) {
		data++;
		size--;
	}
	for (; size >= 3; data += 3, size -= 3)
		file[((size_t)data[0] << 8 | data[1]) % len] = data[2];
	if (size > 0)
		len = len * data[0] / 256;
	copy = malloc(len ? len : 1);
	MUST(copy);
	memcpy(copy, file, len);
	if (journal)
		MUST(journal_parse(copy, len, &visitor, &damaged) == ST_OK);
	else
		read_segment(copy, len);
	free(copy);
	return 0;
}
