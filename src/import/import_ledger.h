/*
 * import_ledger - which lines were imported already, so that a second run adds nothing.
 *
 * A line is known by a keyed hash of website, hostname and its bytes; the key is made
 * once and stays on the machine. Each input counts its own lines: the n-th equal line of
 * an input is new if fewer than n were imported before. So logs may grow, rotate, be
 * compressed and overlap between runs, and equal lines within one log all count.
 *
 * One file per month of the lines' times, append only. An entry is one write right after
 * its event is on the spool; for kill -9 between the two see import_intent.h. A power cut
 * may take the spool's last seconds; entries of an earlier boot therefore count only as
 * far as they were confirmed.
 */
#ifndef TAMIS_IMPORT_LEDGER_H
#define TAMIS_IMPORT_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "import_intent.h"
#include "stamp.h"
#include "status.h"

struct import_ledger;

/* dir is made with mode 0700 if missing. ST_BUSY: another import runs. */
MUST_CHECK enum status ledger_open(struct import_ledger **out, const char *dir, struct reason *why);
/* Does not confirm: see ledger_confirm(). */
void ledger_close(struct import_ledger *ledger);
/*
 * Right after opening: the line that a killed import was about to enter, if any. Where an
 * event was counted under its stamp it has to be added.
 */
MUST_CHECK enum status ledger_pending(struct import_ledger *ledger, bool *pending,
				      struct import_intent *intent, struct reason *why);

/* A new input begins: its lines are counted from one. */
void ledger_begin(struct import_ledger *ledger);
uint64_t ledger_hash(struct import_ledger *ledger, const char *website, const char *hostname,
		     const char *line, size_t len);
/* Count one line of the input; *imported: an earlier run, or input, had it. */
MUST_CHECK enum status ledger_see(struct import_ledger *ledger, int64_t time_s, uint64_t hash,
				  bool *imported, struct reason *why);
/* The line last seen is about to be imported, under this stamp. */
MUST_CHECK enum status ledger_intend(struct import_ledger *ledger, int64_t time_s, uint64_t hash,
				     const struct stamp *stamp, struct reason *why);
/* It is: its event is on the spool. */
MUST_CHECK enum status ledger_add(struct import_ledger *ledger, int64_t time_s, uint64_t hash,
				  struct reason *why);
/*
 * Make entries durable: all of them where `all` (the spool is synced), else those that
 * were there at the last call. Call it every few seconds, longer than the spool's sync.
 */
MUST_CHECK enum status ledger_confirm(struct import_ledger *ledger, bool all, struct reason *why);

#endif
