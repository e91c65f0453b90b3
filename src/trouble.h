/*
 * trouble - why no event can be kept, for as long as that lasts.
 *
 * It begins with an event that could not be kept and ends with one that was, or with a look
 * at the disk: who is not ready may be sent no event that would tell. Thread-safe.
 */
#ifndef TAMIS_TROUBLE_H
#define TAMIS_TROUBLE_H

#include <stdatomic.h>
#include <stdint.h>

#include "config.h"
#include "status.h"
#include "strainer.h"

struct spool;

/* Zeroed: none. */
struct trouble {
	_Atomic int status;
	_Atomic int64_t since_us; /* when keeping an event failed last */
};

void trouble_begin(struct trouble *trouble, enum status status);

/* An event was kept. */
static inline void trouble_end(struct trouble *trouble)
{
	if (atomic_load_explicit(&trouble->status, memory_order_relaxed) != ST_OK)
		atomic_store(&trouble->status, ST_OK);
}

/* An event was not cleaned: if that is for want of the day's key, and not its own fault, say so. */
void trouble_tell_of_key(const struct strainer_rules *rules, int64_t now_us);

/*
 * ST_OK, or why no event can be kept. Asks for the day's key where events are wanted, and
 * looks at the disk where there is trouble that is older than a second; may end it.
 */
MUST_CHECK enum status trouble_look(struct trouble *trouble, const struct config *config,
				    const struct strainer_rules *rules, struct spool *spool);

#endif
