/*
 * listen - see listen.h.
 */
#include "listen.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024

/* A socket file stays when its process is killed: does anybody answer there? */
static int is_stale(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int stale = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) < 0 &&
		    errno == ECONNREFUSED;

	if (fd >= 0)
		close(fd);
	return stale;
}

static int try_bind(int fd, const struct sockaddr_un *address)
{
	mode_t mask = umask(0117);
	int rc = bind(fd, (const struct sockaddr *)address, sizeof *address);
	int error = errno;

	umask(mask);
	errno = error;
	return rc;
}

enum status listen_open(int *fd, const char *path, struct reason *why)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int rc;

	if (strlen(path) >= sizeof address.sun_path)
		return reason_set(why, ST_CONFIG, "http.socket: the path is too long");
	memcpy(address.sun_path, path, strlen(path));
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0)
		return reason_set(why, ST_IO, "socket: %s", strerror(errno));
	rc = try_bind(*fd, &address);
	if (rc < 0 && errno == EADDRINUSE && is_stale(&address) && unlink(path) == 0)
		rc = try_bind(*fd, &address);
	if (rc == 0)
		rc = listen(*fd, BACKLOG);
	if (rc == 0)
		return ST_OK;
	rc = errno;
	close(*fd);
	return reason_set(why, rc == EADDRINUSE ? ST_BUSY : ST_IO, "http.socket %s: %s", path,
			  strerror(rc));
}

bool listen_is_socket(int fd)
{
	struct sockaddr_un address;
	socklen_t len = sizeof address;

	return getpeername(fd, (struct sockaddr *)&address, &len) != 0 && errno == ENOTCONN;
}

/* mod_fcgid calls them by its process number and one of their own: sock/812.3 */
bool listen_is_alone(int fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNSPEC};
	socklen_t len = sizeof address - 1;
	const char *name;
	char ours[32];

	if (getsockname(fd, (struct sockaddr *)&address, &len) != 0 ||
	    address.sun_family != AF_UNIX)
		return false;
	address.sun_path[sizeof address.sun_path - 1] = '\0';
	name = strrchr(address.sun_path, '/');
	(void)snprintf(ours, sizeof ours, "/%ld.", (long)getppid());
	return name && strncmp(name, ours, strlen(ours)) == 0;
}
