/*
 * courier - the forwarder as a thread of the application's process.
 *
 * Of many processes with a courier on one state directory one forwards: who holds the lock
 * of the checkpoint, as with `tamis forward`. The others look once a second whether one is at
 * work, and one of them takes over when it died. The thread has a table of descriptors of its
 * own, so a child of fork() holds neither that lock nor a connection.
 */
#ifndef TAMIS_COURIER_H
#define TAMIS_COURIER_H

#include <stdbool.h>

#include "config.h"
#include "status.h"

struct courier;

/* config is borrowed until courier_end(). ST_NO_MEMORY: no thread. */
MUST_CHECK enum status courier_begin(struct courier **out, const struct config *config);
/*
 * Wait until all that is on the spool now is delivered or set aside. ST_NOT_FOUND: another
 * process forwards, or nobody can; ST_UNAVAILABLE: wait_ms were over, be it before that is known.
 */
MUST_CHECK enum status courier_deliver(struct courier *courier, int wait_ms);
/*
 * False: it does not end within wait_ms (the upstream is slow to answer). It then does when
 * it can, and uses config until then.
 */
bool courier_end(struct courier *courier, int wait_ms);

#endif
