/*
 * spool_fake - see its header.
 */
#include "unit.h"

#include "spool_fake.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct clean {
	size_t len;
	char record[];
};

const char *fake_dir(void)
{
	static char dir[PATH_MAX];
	const char *base = getenv("TMPDIR");

	/* In memory where that is possible: these tests sync a lot. */
	if (!base)
		base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	(void)snprintf(dir, sizeof(dir), "%s/tamis-spool-XXXXXX", base);
	assert_non_null(mkdtemp(dir));
	return dir;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path);
}

void fake_remove(const char *dir)
{
	(void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *fake_shelf(const char *dir)
{
	static _Thread_local char shelf[PATH_MAX - 128];

	(void)snprintf(shelf, sizeof(shelf), "%s/%u", dir, (unsigned)geteuid());
	return shelf;
}

static void fill(char *record, size_t size, unsigned writer, unsigned number)
{
	int head = snprintf(record, size, "%u/%u/%zu:", writer, number, size);

	for (size_t i = (size_t)head; i < size; i++)
		record[i] = (char)('a' + (number + i) % 26);
}

const struct clean *fake_clean(unsigned writer, unsigned number, size_t size)
{
	static _Thread_local _Alignas(struct clean) char small[16384];
	static struct clean *large; /* of the main thread only */
	struct clean *clean = (struct clean *)(void *)small;

	if (sizeof(*clean) + size > sizeof(small)) {
		free(large);
		large = malloc(sizeof(*clean) + size);
		assert_non_null(large);
		clean = large;
	}
	clean->len = size;
	fill(clean->record, size, writer, number);
	return clean;
}

struct stamp fake_stamp(unsigned writer, unsigned number)
{
	return (struct stamp){.epoch = 7, .seq = number, .lane = writer};
}

int fake_parse(const struct clean *clean, unsigned *writer, unsigned *number)
{
	const struct clean *expected;
	size_t size;

	if (clean->len > 15 && memchr(clean->record, ':', clean->len) &&
	    sscanf(clean->record, "%u/%u/%zu:", writer, number, &size) != 3)
		return 0;
	if (size != clean->len)
		return 0;
	expected = fake_clean(*writer, *number, size);
	return memcmp(expected->record, clean->record, size) == 0;
}

const void *clean_record(const struct clean *clean, size_t *len)
{
	*len = clean->len;
	return clean->record;
}

/* A record that begins with '?' is of a version that this program does not know. */
enum status clean_read(struct clean **out, struct arena *arena, const void *record, size_t len)
{
	if (len && *(const char *)record == '?')
		return ST_CORRUPT;
	*out = arena_alloc(arena, sizeof(**out) + len + 1);
	if (!*out)
		return ST_NO_MEMORY;
	(*out)->len = len;
	memcpy((*out)->record, record, len);
	(*out)->record[len] = '\0';
	return ST_OK;
}

struct spool_options fake_options(const char *dir)
{
	return (struct spool_options){
	    .dir = dir,
	    .max_bytes = 64 << 20,
	    .segment_bytes = 1 << 20,
	    .sync = SPOOL_SYNC_PROCESS,
	};
}

struct spool *fake_open(const struct spool_options *options)
{
	struct reason why = {""};
	struct spool *spool;

	if (spool_open(&spool, options, &why) != ST_OK)
		fail_msg("%s", why.text);
	return spool;
}

enum status fake_append(struct spool *spool, unsigned writer, unsigned number, size_t size)
{
	struct stamp stamp = fake_stamp(writer, number);

	return spool_append(spool, fake_clean(writer, number, size), &stamp);
}

static size_t segments(const char *dir, const char *suffix, uint64_t *bytes, char *path)
{
	DIR *stream = opendir(fake_shelf(dir));
	const struct dirent *entry;
	struct stat st;
	size_t n = 0;

	if (bytes)
		*bytes = 0;
	while (stream && (entry = readdir(stream))) {
		const char *dot = strchr(entry->d_name, '.');

		if (!dot || dot == entry->d_name || strcmp(dot, suffix) != 0)
			continue;
		if (fstatat(dirfd(stream), entry->d_name, &st, 0) == 0 && bytes)
			*bytes += (uint64_t)st.st_size;
		if (path)
			(void)snprintf(path, PATH_MAX, "%s/%.64s", fake_shelf(dir), entry->d_name);
		n++;
	}
	if (stream)
		(void)closedir(stream);
	return n;
}

size_t fake_segments(const char *dir, const char *suffix, uint64_t *bytes)
{
	return segments(dir, suffix, bytes, NULL);
}

const char *fake_segment(const char *dir, const char *suffix)
{
	static _Thread_local char path[PATH_MAX];

	assert_true(segments(dir, suffix, NULL, path) > 0);
	return path;
}
