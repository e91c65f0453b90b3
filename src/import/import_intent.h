/*
 * import_intent - what the import is about to do, so that kill -9 leaves no doubt.
 *
 * Between putting an event on the spool and entering its line in the ledger a process
 * may be killed. Before both it notes the line and the stamp its event will get: if the
 * ledger does not have the line, whether an event was counted under the stamp tells.
 */
#ifndef TAMIS_IMPORT_INTENT_H
#define TAMIS_IMPORT_INTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "stamp.h"
#include "status.h"

struct import_intent {
	uint64_t hash;
	uint64_t entries; /* of the month's ledger, without this line */
	int64_t time_s;	  /* of the line */
	struct stamp stamp;
};

MUST_CHECK enum status intent_open(int *fd, const char *dir);
/* One write; not synced: a power cut is dealt with otherwise. */
MUST_CHECK enum status intent_write(int fd, const struct import_intent *intent, const char *boot);
/* false: there is none, or of an earlier boot. */
bool intent_read(int fd, struct import_intent *intent, const char *boot);

#endif
