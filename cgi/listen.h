/*
 * listen - a listening socket in the file system.
 */
#ifndef TAMIS_CGI_LISTEN_H
#define TAMIS_CGI_LISTEN_H

#include <stdbool.h>

#include "status.h"

/*
 * Mode 0660; a socket file that nobody listens on any more is replaced. ST_BUSY: somebody
 * does. Close *fd at the end; the file is left to the next start.
 */
MUST_CHECK enum status listen_open(int *fd, const char *path, struct reason *why);

/* Does this descriptor listen? So FastCGI tells itself from CGI: by a peer that it has not. */
bool listen_is_socket(int fd);

/*
 * Did our parent make the socket for this process and no other, as mod_fcgid does? Nobody
 * takes what waits there when we end.
 */
bool listen_is_alone(int fd);

#endif
