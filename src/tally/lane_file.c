/*
 * lane_file - making, mapping and locking the files of lanes.
 */
#include "lane_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".lane"
#define PATH_BYTES 1200

enum status lane_file_open(struct lane_file *file, const char *path)
{
	struct stat st;

	*file = (struct lane_file){.fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)};
	if (file->fd < 0)
		return errno == ENOENT ? ST_NOT_FOUND : ST_IO;
	if (fstat(file->fd, &st)) {
		lane_file_close(file);
		return ST_IO;
	}
	if ((size_t)st.st_size != sizeof(struct tally_file)) {
		lane_file_close(file);
		return ST_CORRUPT;
	}
	file->map =
	    mmap(NULL, sizeof(struct tally_file), PROT_READ | PROT_WRITE, MAP_SHARED, file->fd, 0);
	if (file->map == MAP_FAILED) {
		file->map = NULL;
		lane_file_close(file);
		return ST_IO;
	}
	const struct tally_header *header = &file->map->header;
	if (header->magic != TALLY_MAGIC || header->active > 1 || header->id[TALLY_ID_BYTES - 1]) {
		lane_file_close(file);
		return ST_CORRUPT;
	}
	return ST_OK;
}

void lane_file_close(struct lane_file *file)
{
	int saved = errno;

	if (file->map)
		munmap(file->map, sizeof(struct tally_file));
	if (file->fd >= 0)
		close(file->fd);
	*file = (struct lane_file){.fd = -1};
	errno = saved;
}

/* All its blocks are there, so that adding never meets a full disk. */
static enum status fill(int fd, const char *id)
{
	struct tally_header header = {.magic = TALLY_MAGIC};

	memcpy(header.id, id, TALLY_ID_BYTES);
	errno = posix_fallocate(fd, 0, sizeof(struct tally_file));
	if (errno || fchmod(fd, 0660) ||
	    pwrite(fd, &header, sizeof(header), 0) != (ssize_t)sizeof(header) || fsync(fd))
		return ST_IO;
	return ST_OK;
}

enum status lane_file_make(const char *directory)
{
	char id[TALLY_ID_BYTES] = "", made[PATH_BYTES], path[PATH_BYTES];
	unsigned char random[(TALLY_ID_BYTES - 1) / 2];
	enum status status;
	int fd;

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return ST_IO;
	for (size_t i = 0; i < sizeof(random); i++)
		snprintf(id + 2 * i, 3, "%02x", random[i]);
	snprintf(made, sizeof(made), "%s/%s.made", directory, id);
	snprintf(path, sizeof(path), "%s/%s" SUFFIX, directory, id);
	fd = open(made, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0660);
	if (fd < 0)
		return ST_IO;
	status = fill(fd, id);
	if (status == ST_OK && rename(made, path))
		status = ST_IO;
	int saved = errno;
	if (status != ST_OK)
		unlink(made);
	close(fd);
	errno = saved;
	return status;
}

static struct flock lock_of(enum lane_lock lock)
{
	return (struct flock){
	    .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)lock, .l_len = 1};
}

enum status lane_file_lock(const struct lane_file *file, enum lane_lock lock)
{
	struct flock region = lock_of(lock);

	if (fcntl(file->fd, F_OFD_SETLK, &region) == 0)
		return ST_OK;
	return errno == EAGAIN || errno == EACCES ? ST_BUSY : ST_IO;
}

bool lane_file_locked(const struct lane_file *file, enum lane_lock lock)
{
	struct flock region = lock_of(lock);

	return fcntl(file->fd, F_OFD_GETLK, &region) != 0 || region.l_type != F_UNLCK;
}

enum status lane_files(const char *directory, lane_visit_fn *visit, void *context)
{
	enum status status = ST_OK;
	DIR *listing = opendir(directory);
	char path[PATH_BYTES];
	struct dirent *entry;

	if (!listing)
		return errno == ENOENT ? ST_OK : ST_IO;
	while (status == ST_OK && (entry = readdir(listing))) {
		size_t n = strlen(entry->d_name);
		if (n <= strlen(SUFFIX) || strcmp(entry->d_name + n - strlen(SUFFIX), SUFFIX))
			continue;
		snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
		status = visit(context, path);
	}
	closedir(listing);
	return status;
}
