/*
 * kept - connections that the web server keeps, while no request is on them.
 *
 * As many threads wait for the next request of any as there are processors, and take one after
 * the other without sleep where more have come than they; the others stay asleep (measured under
 * nginx and h2o: 4 to 5 us of CPU a request less than with a thread for each connection, which
 * each request wakes). Who is about to wait for something else lets another wait here in its
 * place, so that none of them holds up what comes on the others.
 */
#ifndef TAMIS_CGI_KEPT_H
#define TAMIS_CGI_KEPT_H

#include <stdbool.h>
#include <stddef.h>

#include "status.h"

struct kept;

/* The place of one connection. Of who has it is fd; nobody has it while it rests. */
struct place {
	int fd;
	_Atomic int state;
};

/* For at most n connections. ST_IO: errno. ST_OK: *out is ended with kept_close(). */
MUST_CHECK enum status kept_open(struct kept **out, size_t n);
/* No thread may be in it. */
void kept_close(struct kept *kept);
/* One of the n places, of no connection; asked for at most n times. */
struct place *kept_place(struct kept *kept, size_t i);

/* Be one of those who wait; blocks until there are few enough. false: a signal came. */
bool kept_enter(struct kept *kept);
/* No longer: another may. */
void kept_leave(struct kept *kept);
/*
 * By one of them: the place of a connection on which something may have come, the caller's
 * until kept_rest() or kept_free(). NULL: a signal came, or the alarm was false.
 */
struct place *kept_wait(struct kept *kept);

/* The connection place->fd joins those at rest, by kept_rest(). false: errno. */
MUST_CHECK bool kept_join(struct kept *kept, struct place *place);
/* false: something came meanwhile, it stays the caller's. */
MUST_CHECK bool kept_rest(struct place *place);
/* The caller closed its connection: it is for another. */
void kept_free(struct place *place);
/* At the end of the process: a place of a connection at rest, the caller's now; NULL: none. */
struct place *kept_next(struct kept *kept);

#endif
