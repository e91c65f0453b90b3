/*
 * audit - who read exact counts: a line a read, in a file that only grows.
 *
 *	2026-11-20T19:05:11Z b0306f7b GET /api/counts 200
 *
 * Told are the token's id, the path and how it ended; no address, agent or parameter.
 */
#ifndef TAMIS_ACCESS_AUDIT_H
#define TAMIS_ACCESS_AUDIT_H

#include "config.h"

/* One write to "audit.log" below state.dir, made with 0660. ST_IO: the read must not be answered.
 */
MUST_CHECK enum status audit_write(const struct config *config, const char *token_id,
				   const char *what, int code);

#endif
