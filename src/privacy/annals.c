/*
 * annals - see annals.h.
 */
#include "annals.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "day.h"
#include "file.h"

#define ANNALS_BYTES ((size_t)64 * 1024 * 1024)
#define LINE_BYTES 128
#define PATH_BYTES 1200
#define SHUT "*" /* in a metric's place: all of them, and all days before */

struct annals {
	char path[PATH_BYTES], made[PATH_BYTES], generation[GENERATION_BYTES];
	int dir, fd;	 /* the directory is locked; the file is open for appending once renewed */
	bool copy, torn; /* torn: the last line has no end */
	int32_t shut;
	struct buf lines; /* "\nMETRIC DAY\nMETRIC DAY\n" */
};

/* What a file is, and no copy of it can be. */
struct identity {
	uint64_t inode;
	int64_t born_s;
	uint32_t born_ns; /* both 0 where the file system does not know */
};

static enum status identify(struct identity *out, int fd)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &st))
		return ST_IO;
	*out = (struct identity){.inode = st.stx_ino};
	if (st.stx_mask & STATX_BTIME) {
		out->born_s = st.stx_btime.tv_sec;
		out->born_ns = st.stx_btime.tv_nsec;
	}
	return ST_OK;
}

static bool read_head(struct annals *annals, const char *line, const struct identity *is)
{
	struct identity said;

	if (sscanf(line, "tamis releases 1 %16[0-9a-f] %" SCNu64 " %" SCNd64 ".%" SCNu32,
		   annals->generation, &said.inode, &said.born_s, &said.born_ns) != 4)
		return false;
	annals->copy =
	    said.inode != is->inode || said.born_s != is->born_s || said.born_ns != is->born_ns;
	return true;
}

/* The last "* DAY" counts; they only ever go forward. */
static void read_shut(struct annals *annals)
{
	const char *line = annals->lines.data;

	while ((line = strstr(line, "\n" SHUT " "))) {
		int32_t day;
		line += strlen("\n" SHUT " ");
		if (day_parse(&day, line, strnlen(line, DAY_BYTES - 1)) == ST_OK &&
		    day > annals->shut)
			annals->shut = day;
	}
}

static enum status read_file(struct annals *annals, struct reason *why)
{
	struct identity is = {0};
	struct buf text;
	enum status status;
	int fd = open(annals->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd >= 0 && identify(&is, fd) != ST_OK) {
		close(fd);
		return reason_set_path(why, ST_IO, annals->path);
	}
	if (fd >= 0)
		close(fd);
	buf_init(&text, ANNALS_BYTES);
	status = file_read(annals->path, &text);
	size_t head = status == ST_OK && text.len ? strcspn(text.data, "\n") : 0;
	if (status == ST_OK && (!head || !read_head(annals, text.data, &is)))
		status = ST_CORRUPT;
	if (status == ST_OK)
		buf_add(&annals->lines, text.data + head, text.len - head);
	if (status == ST_OK && text.data[text.len - 1] != '\n')
		buf_addc(&annals->lines, '\n'); /* a crash cut the last line */
	if (status == ST_NOT_FOUND) {
		buf_addc(&annals->lines, '\n');
		status = ST_OK;
	}
	buf_free(&text);
	if (status == ST_OK && !buf_ok(&annals->lines))
		status = ST_NO_MEMORY;
	if (status == ST_OK)
		read_shut(annals);
	return status == ST_OK ? ST_OK : reason_set_path(why, status, annals->path);
}

/* Programs that make backups leave such a directory out if they are told so by --exclude-caches. */
static void leave_tag(const char *dir)
{
	static const char tag[] = "Signature: 8a477f597d28d172789f06886806bc55\n"
				  "# What was released, known apart from the store: no backup of "
				  "the store may bring it back.\n";
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/CACHEDIR.TAG", dir);
	if (access(path, F_OK))
		(void)!file_replace(path, tag, strlen(tag), 0660);
}

enum status annals_open(struct annals **out, const char *dir, struct reason *why)
{
	struct annals *annals = calloc(1, sizeof(*annals));
	enum status status;

	*out = NULL;
	if (!annals)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	annals->dir = annals->fd = -1;
	annals->shut = INT32_MIN;
	buf_init(&annals->lines, ANNALS_BYTES);
	snprintf(annals->path, sizeof(annals->path), "%s/journal", dir);
	snprintf(annals->made, sizeof(annals->made), "%s/journal.new", dir);
	status = file_mkdirs(dir, 02770);
	if (status == ST_OK) {
		annals->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (annals->dir < 0 || flock(annals->dir, LOCK_EX))
			status = ST_IO;
	}
	if (status != ST_OK)
		status = reason_set_path(why, status, dir);
	if (status == ST_OK) {
		leave_tag(dir);
		status = read_file(annals, why);
	}
	if (status == ST_OK)
		*out = annals;
	else
		annals_close(annals);
	return status;
}

void annals_close(struct annals *annals)
{
	if (!annals)
		return;
	if (annals->fd >= 0)
		close(annals->fd);
	if (annals->dir >= 0)
		close(annals->dir);
	buf_free(&annals->lines);
	free(annals);
}

const char *annals_generation(const struct annals *annals)
{
	return annals->generation;
}

bool annals_is_copy(const struct annals *annals)
{
	return annals->copy;
}

static enum status write_all(const struct annals *annals, int fd, const char *generation)
{
	char head[LINE_BYTES];
	struct identity is;
	enum status status = identify(&is, fd);

	if (status != ST_OK)
		return status;
	int n =
	    snprintf(head, sizeof(head), "tamis releases 1 %s %" PRIu64 " %" PRId64 ".%09" PRIu32,
		     generation, is.inode, is.born_s, is.born_ns);
	status = file_write_all(fd, head, (size_t)n);
	if (status == ST_OK)
		status = file_write_all(fd, annals->lines.data, annals->lines.len);
	return status == ST_OK && fsync(fd) ? ST_IO : status;
}

enum status annals_renew(struct annals *annals, const char *generation, struct reason *why)
{
	enum status status = ST_IO;

	if (!buf_ok(&annals->lines))
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	if (annals->fd >= 0)
		close(annals->fd);
	(void)unlink(annals->made);
	annals->fd = open(annals->made, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_APPEND, 0660);
	if (annals->fd >= 0) {
		(void)fchmod(annals->fd, 0660);
		status = write_all(annals, annals->fd, generation);
	}
	if (status == ST_OK && (rename(annals->made, annals->path) || fsync(annals->dir)))
		status = ST_IO;
	if (status != ST_OK)
		return reason_set_path(why, status, annals->made);
	annals->copy = false;
	if (generation != annals->generation)
		snprintf(annals->generation, sizeof(annals->generation), "%s", generation);
	return ST_OK;
}

static void write_line(char line[LINE_BYTES], const char *metric, int32_t day)
{
	char text[DAY_BYTES];

	snprintf(line, LINE_BYTES, "\n%s %s\n", metric, day_text(text, day));
}

bool annals_has(const struct annals *annals, const char *metric, int32_t day)
{
	char line[LINE_BYTES];

	write_line(line, metric, day);
	return memmem(annals->lines.data, annals->lines.len, line, strlen(line)) != NULL;
}

enum status annals_add(struct annals *annals, const char *metric, int32_t day, struct reason *why)
{
	char line[LINE_BYTES];

	if (annals_has(annals, metric, day))
		return ST_OK;
	write_line(line, metric, day);
	const char *from = line + (annals->torn ? 0 : 1);
	annals->torn = true;
	if (file_write_all(annals->fd, from, strlen(from)) != ST_OK || fdatasync(annals->fd))
		return reason_set(why, ST_IO, "the journal of releases cannot be written");
	annals->torn = false;
	buf_adds(&annals->lines, line + 1);
	return ST_OK;
}

void annals_shut(struct annals *annals, int32_t day)
{
	char text[DAY_BYTES];

	if (day <= annals->shut)
		return;
	buf_addf(&annals->lines, SHUT " %s\n", day_text(text, day));
	annals->shut = day;
}

bool annals_is_shut(const struct annals *annals, int32_t day)
{
	return day <= annals->shut;
}
