/*
 * allowance - how many increments clients have told today, as numbers and no more.
 *
 * A client and metric are known by a hash under a key that is drawn anew each day and kept in
 * this process' memory alone. Not locked: one thread at a time.
 */
#ifndef TAMIS_ALLOWANCE_H
#define TAMIS_ALLOWANCE_H

#include "buf.h"
#include "registry.h"

struct allowances;

struct allowances *allowances_new(void); /* NULL: no memory */
void allowances_free(struct allowances *allowances);

/* One more of this client, of at most `allowed`. ST_LIMITED: it has told as many, or there is no
 * room for one more client. */
MUST_CHECK enum status allowances_take(struct allowances *allowances, int32_t day,
				       const char *client, const char *metric, uint64_t allowed);
uint64_t allowances_used(struct allowances *allowances, int32_t day, const char *client,
			 const char *metric);

/* `"metric":{"used":1,"allowed":10,"epsilon":2.000000}`, after a comma if it is not the first of
 * the object that out ends with. */
void allowance_text(struct buf *out, const struct measure *measure, uint64_t used);

#endif
