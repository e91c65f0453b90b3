/*
 * failing - preloaded into a program, lets the nth call of one function fail.
 *
 * FAILING="malloc:7" fails the 7th allocation of the program, "write:3" the third
 * write() with ENOSPC, and so on; "malloc:7+" also every one after it. The file
 * that FAILING_TOLD names exists afterwards if the failure has happened.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "failing.h"

static atomic_long calls;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fails(const char *name)
{
	const char *plan = getenv("FAILING"), *told = getenv("FAILING_TOLD");
	size_t n = strlen(name);
	long at, now;
	char *end;
	int fd;

	if (!plan || strncmp(plan, name, n) || plan[n] != ':')
		return 0;
	at = strtol(plan + n + 1, &end, 10);
	now = atomic_fetch_add(&calls, 1) + 1;
	if (now != at && !(*end == '+' && now > at))
		return 0;
	fd = told ? open(told, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) : -1;
	if (fd >= 0)
		close(fd);
	return 1;
}

__attribute__((visibility("default"))) ssize_t write(int fd, const void *data, size_t len)
{
	if (fd > STDERR_FILENO && fails("write")) {
		errno = ENOSPC;
		return -1;
	}
	/* Short writes all along: nobody may rely on whole ones. */
	if (fd > STDERR_FILENO && len > 1 && getenv("FAILING"))
		len = (len + 1) / 2;
	return REAL(write)(fd, data, len);
}

__attribute__((visibility("default"))) ssize_t read(int fd, void *data, size_t len)
{
	if (fails("read")) {
		errno = EIO;
		return -1;
	}
	return REAL(read)(fd, data, len);
}

__attribute__((visibility("default"))) int fsync(int fd)
{
	if (fails("fsync")) {
		errno = EIO;
		return -1;
	}
	return REAL(fsync)(fd);
}

__attribute__((visibility("default"))) int renameat(int a, const char *from, int b, const char *to)
{
	if (fails("renameat")) {
		errno = EXDEV;
		return -1;
	}
	return REAL(renameat)(a, from, b, to);
}

__attribute__((visibility("default"))) int fchmod(int fd, mode_t mode)
{
	if (fails("fchmod")) {
		errno = EPERM;
		return -1;
	}
	return REAL(fchmod)(fd, mode);
}

__attribute__((visibility("default"))) int linkat(int a, const char *from, int b, const char *to,
						  int flags)
{
	if (fails("linkat")) {
		errno = EPERM;
		return -1;
	}
	return REAL(linkat)(a, from, b, to, flags);
}
