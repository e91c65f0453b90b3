/*
 * import_intent - one record in a file of its own, with a checksum.
 */
#include "import_intent.h"

#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "crc32c.h"

struct record {
	struct import_intent intent;
	char boot[36];
	uint32_t crc; /* of all before it */
};

enum status intent_open(int *fd, const char *dir)
{
	char path[PATH_MAX + 8];

	(void)snprintf(path, sizeof(path), "%s/intent", dir);
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return *fd < 0 ? ST_IO : ST_OK;
}

enum status intent_write(int fd, const struct import_intent *intent, const char *boot)
{
	struct record record;

	memset(&record, 0, sizeof(record)); /* the padding is summed too */
	record.intent.hash = intent->hash;
	record.intent.entries = intent->entries;
	record.intent.time_s = intent->time_s;
	record.intent.stamp.epoch = intent->stamp.epoch;
	record.intent.stamp.seq = intent->stamp.seq;
	record.intent.stamp.lane = intent->stamp.lane;
	memcpy(record.boot, boot, strnlen(boot, sizeof(record.boot)));
	record.crc = crc32c(0, &record, offsetof(struct record, crc));
	return pwrite(fd, &record, sizeof(record), 0) == (ssize_t)sizeof(record) ? ST_OK : ST_IO;
}

bool intent_read(int fd, struct import_intent *intent, const char *boot)
{
	struct record record;

	if (pread(fd, &record, sizeof(record), 0) != (ssize_t)sizeof(record) ||
	    record.crc != crc32c(0, &record, offsetof(struct record, crc)) ||
	    strncmp(record.boot, boot, sizeof(record.boot)) != 0)
		return false;
	*intent = record.intent;
	return true;
}
