/*
 * doctor_place - the checks of what lies on this machine: files, directories, disk, socket.
 */
#include "doctor.h"

#include <dirent.h>
#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "clock.h"
#include "identity.h"
#include "refusals.h"
#include "state.h"
#include "words.h"

#define OTHERS 07
#define FEW_INODES 1000
#define LEAST_BYTES ((uint64_t)64 << 20)

void check_configuration(struct finding *finding, const struct patient *patient)
{
	struct reason whys[REFUSALS_MAX];
	struct buf warnings;

	if (!patient->config) {
		finding_say(finding, VERDICT_FAIL, "%s", patient->broken->text);
		finding_mend(finding, "mend it, then: tamis config check");
		return;
	}
	if (refusals_take(whys, patient->config) > 0) {
		finding_say(finding, VERDICT_FAIL, "%s", whys[0].text);
		finding_mend(finding, "mend it; all that is refused: tamis config check");
		return;
	}
	buf_init(&warnings, 8192);
	if (config_warnings(patient->config, &warnings)) {
		finding_say(finding, VERDICT_WARN, "settings weaken the promise");
		finding_mend(finding, "see: tamis config check");
	} else {
		finding_say(finding, VERDICT_OK, "good");
	}
	buf_free(&warnings);
}

void check_config_file(struct finding *finding, const struct patient *patient)
{
	const char *path = patient->config_path;
	struct stat about;

	if (!path) {
		finding_say(finding, VERDICT_OK, "none: environment and defaults");
	} else if (stat(path, &about) != 0) {
		finding_say(finding, VERDICT_FAIL, "%s: %s", path, strerror(errno));
	} else if (about.st_mode & (S_IWGRP | S_IWOTH)) {
		finding_say(finding, VERDICT_FAIL, "%s may be written by others than its owner",
			    path);
		finding_mend(finding, "chmod go-w %s", path);
	} else {
		finding_say(finding, VERDICT_OK, "%s", path);
	}
}

/* Is it a directory that we may use and that others stay out of? False: told already. */
static bool check_dir(struct finding *finding, const char *path)
{
	struct stat about;

	if (stat(path, &about) != 0) {
		finding_say(finding, errno == ENOENT ? VERDICT_WARN : VERDICT_FAIL, "%s: %s", path,
			    strerror(errno));
		if (errno == ENOENT)
			finding_mend(finding, "install -d -m 3770 -o tamis -g tamis %s", path);
		return false;
	}
	if (!S_ISDIR(about.st_mode)) {
		finding_say(finding, VERDICT_FAIL, "%s is no directory", path);
		return false;
	}
	if (access(path, R_OK | W_OK | X_OK) != 0) {
		finding_say(finding, VERDICT_FAIL, "%s: this user may not write there (mode %04o)",
			    path, (unsigned)about.st_mode & 07777);
		finding_mend(finding, "run as a member of its group: sudo -g '#%u' tamis doctor",
			     (unsigned)about.st_gid);
		return false;
	}
	if (about.st_mode & OTHERS) {
		finding_say(finding, VERDICT_WARN, "%s is open to all users (mode %04o)", path,
			    (unsigned)about.st_mode & 07777);
		finding_mend(finding, "chmod o= %s", path);
		return false;
	}
	return true;
}

void check_state(struct finding *finding, const struct patient *patient)
{
	const char *path = patient->config->state_dir;

	if (!check_dir(finding, path))
		return;
	if (patient->blind)
		finding_say(finding, VERDICT_FAIL, "%s", patient->blind->text);
	else
		finding_say(finding, VERDICT_OK, "%s", path);
}

/* A writer's directory which the forwarder's group cannot drain. */
static bool shelf_is_bad(const char *path, const struct stat *spool, struct finding *finding)
{
	struct stat about;

	if (stat(path, &about) != 0 || !S_ISDIR(about.st_mode))
		return false;
	if (about.st_gid != spool->st_gid) {
		finding_say(finding, VERDICT_FAIL,
			    "%s belongs to another group than the spool: the forwarder may not "
			    "drain it",
			    path);
		finding_mend(finding, "chgrp -R '#%u' %s", (unsigned)spool->st_gid, path);
		return true;
	}
	if ((about.st_mode & S_IRWXG) != S_IRWXG || about.st_mode & OTHERS) {
		finding_say(finding, VERDICT_FAIL, "%s has mode %04o: it is for its group", path,
			    (unsigned)about.st_mode & 07777);
		finding_mend(finding, "chmod 2770 %s", path);
		return true;
	}
	return false;
}

/* True: told. */
static bool check_shelves(struct finding *finding, const char *path)
{
	char shelf[STATE_PATH_BYTES + sizeof(((struct dirent *)0)->d_name)];
	DIR *dir = opendir(path);
	struct dirent *entry;
	struct stat spool;
	bool told = false;

	if (!dir || fstat(dirfd(dir), &spool) != 0) {
		finding_say(finding, VERDICT_FAIL, "%s: %s", path, strerror(errno));
		told = true;
	}
	while (!told && (entry = readdir(dir))) {
		if (entry->d_name[strspn(entry->d_name, "0123456789")])
			continue;
		(void)snprintf(shelf, sizeof(shelf), "%s/%s", path, entry->d_name);
		told = shelf_is_bad(shelf, &spool, finding);
	}
	if (dir)
		closedir(dir);
	return told;
}

void check_spool(struct finding *finding, const struct patient *patient)
{
	uint64_t max = patient->config->spool_max_bytes;
	char path[STATE_PATH_BYTES];
	struct words bytes, of;

	state_path(path, patient->config, STATE_SPOOL);
	if (!patient->overview)
		finding_say(finding, VERDICT_SKIP, "not to be seen");
	if (!patient->overview || !check_dir(finding, path) || check_shelves(finding, path))
		return;
	bytes = words_bytes(patient->overview->bytes);
	of = words_bytes(max);
	finding_say(finding, VERDICT_OK, "%llu events, %s of %s",
		    (unsigned long long)patient->overview->events, bytes.text, of.text);
	if (patient->overview->wanted &&
	    patient->overview->bytes * 100 / max >= SPOOL_WARN_PERCENT) {
		finding->verdict = VERDICT_WARN;
		finding_mend(finding, "see to the forwarder, or raise spool.max_bytes: when it is "
				      "full, events are refused");
	}
}

void check_disk(struct finding *finding, const struct patient *patient)
{
	const struct config *config = patient->config;
	uint64_t used = patient->overview ? patient->overview->bytes : 0, room, want;
	struct statvfs disk;
	struct words free;

	if (statvfs(config->state_dir, &disk) != 0) {
		finding_say(finding, VERDICT_SKIP, "no state directory yet");
		return;
	}
	room = (uint64_t)disk.f_bavail * disk.f_frsize;
	want = config->spool_max_bytes > used ? config->spool_max_bytes - used : 0;
	free = words_bytes(room);
	finding_say(finding, VERDICT_OK, "%s free", free.text);
	if (disk.f_flag & ST_RDONLY) {
		finding_say(finding, VERDICT_FAIL, "%s is on a read-only file system",
			    config->state_dir);
	} else if (room < LEAST_BYTES || (disk.f_files && disk.f_favail < FEW_INODES)) {
		finding_say(finding, VERDICT_FAIL, "the disk is full: %s and %llu files free",
			    free.text, (unsigned long long)disk.f_favail);
		finding_mend(finding, "make room on the file system of %s", config->state_dir);
	} else if (room < want) {
		finding->verdict = VERDICT_WARN;
		finding_mend(finding,
			     "less than spool.max_bytes needs: make room, or set it to "
			     "--spool.max_bytes=%llu",
			     (unsigned long long)((used + room) / 2));
	}
}

static void check_key_dir(struct finding *finding, const char *path)
{
	struct reason why;
	struct statfs fs;
	struct stat about;

	if (lstat(path, &about) != 0) {
		finding_say(finding, VERDICT_WARN, "%s: %s", path, strerror(errno));
		finding_mend(finding, "install -d -m 0700 -o www-data -g www-data %s", path);
	} else if (!S_ISDIR(about.st_mode)) {
		finding_say(finding, VERDICT_FAIL, "%s is no directory", path);
	} else if (statfs(path, &fs) != 0 ||
		   (fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC)) {
		finding_say(finding, VERDICT_FAIL,
			    "%s is not on tmpfs: the day's key must never reach a disk", path);
		finding_mend(finding, "identity.key_dir: /run/tamis");
	} else if (about.st_mode & OTHERS) {
		finding_say(finding, VERDICT_FAIL, "%s is open to all users (mode %04o)", path,
			    (unsigned)about.st_mode & 07777);
		finding_mend(finding, "chmod o= %s", path);
	} else if (identity_look(path, clock_day(clock_wall_us()), &why) != ST_OK) {
		finding_say(finding, VERDICT_FAIL, "%s; every event is refused", why.text);
		finding_mend(finding,
			     "remove what is not tamis' own there, or give it more room: "
			     "ls -la %s; df %s",
			     path, path);
	} else {
		finding_say(finding, VERDICT_OK, "%s, in memory", path);
	}
}

/* Where identity_open() looks: the directory is made by who takes events, not by us. */
void check_identity(struct finding *finding, const struct patient *patient)
{
	const char *path = patient->config->identity_key_dir;
	struct statfs fs;

	if (*path)
		check_key_dir(finding, path);
	else if (access(IDENTITY_RUN_DIR, F_OK) == 0)
		check_key_dir(finding, IDENTITY_RUN_DIR);
	else if (statfs(IDENTITY_MEMORY, &fs) == 0 && fs.f_type == TMPFS_MAGIC)
		finding_say(finding, VERDICT_OK,
			    "below " IDENTITY_MEMORY ", in memory, one for each user");
	else {
		finding_say(finding, VERDICT_FAIL,
			    "no directory in memory: neither " IDENTITY_RUN_DIR
			    " nor " IDENTITY_MEMORY);
		finding_mend(finding,
			     "install -d -m 0700 -o www-data -g www-data " IDENTITY_RUN_DIR);
	}
}

void check_socket(struct finding *finding, const struct patient *patient)
{
	const char *path = patient->config->http_socket;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, error;

	if (!*path) {
		finding_say(finding, VERDICT_OK, "the web server passes its own");
		return;
	}
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	error =
	    fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 ? 0 : errno;
	if (fd >= 0)
		close(fd);
	if (!error) {
		finding_say(finding, VERDICT_OK, "%s answers", path);
		return;
	}
	finding_say(finding, VERDICT_FAIL, "%s: %s", path, strerror(error));
	if (error == EACCES)
		finding_mend(finding,
			     "the web server needs it: is its user in the socket's group? "
			     "ls -l %s",
			     path);
	else
		finding_mend(finding, "start tamis.fcgi with --http.socket=%s", path);
}
