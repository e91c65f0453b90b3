/*
 * limit - how many events one client may send: a table in memory shared by all processes.
 *
 * A client is an IPv4 address or an IPv6 /64, known by a hash under a random key that is
 * made with the table; key and table are thrown away every hour, and never on a disk.
 * The table has one size for ever. Clients are mixed up (and share one allowance) at a
 * chance of 2^-35 a pair; where more than eight of one line of the table send at once, the
 * one with the least to wait for is forgotten and starts afresh.
 */
#ifndef TAMIS_LIMIT_H
#define TAMIS_LIMIT_H

#include <stddef.h>

#include "config.h"
#include "status.h"

struct limit;

enum limit_answer {
	LIMIT_PASS,
	LIMIT_REFUSE,
	LIMIT_UNKNOWN /* no table, or nobody to know: the caller says what that means */
};

/*
 * dir: the directory of the day's key, on tmpfs. The table is made there if it is missing,
 * for the directory's group where that may write. *out is NULL with
 * limit.requests_per_minute 0. ST_IO: errno; ST_DENIED: what lies there is not ours to
 * trust. End it with limit_close().
 */
MUST_CHECK enum status limit_open(struct limit **out, const char *dir, const struct config *config,
				  struct reason *why);
void limit_close(struct limit *limit);

/*
 * Take n events from the client's allowance; never blocks. Loopback is a program of this
 * machine or a proxy that nobody told us of, so it is LIMIT_UNKNOWN, as NULL and what is no
 * address are. taken: how many of the same submission were taken just before. More than a
 * whole allowance is let through when nothing but those is used of it, and paid for
 * afterwards. LIMIT_REFUSE: none of the n was taken; *wait_s (>= 1) says when taken and n
 * will pass.
 */
enum limit_answer limit_take(struct limit *limit, const char *address, size_t n, size_t taken,
			     unsigned *wait_s);

#endif
