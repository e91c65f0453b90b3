/*
 * uuid - 8-4-4-4-12 hex digits, looked at sixteen bytes at once: every event that comes in and
 * every record that is read has one.
 */
#ifndef TAMIS_EVENT_UUID_H
#define TAMIS_EVENT_UUID_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define UUID_BYTES 36

typedef signed char uuid_lanes __attribute__((vector_size(16)));

/* Lanes of -1 where hex digits, and dashes where those are to be, stand; lower: see uuid_is(). */
static inline uuid_lanes uuid_good(const char *p, const signed char dashes_at[16], char lower)
{
	uuid_lanes bytes, dashes, small, hex;

	memcpy(&bytes, p, sizeof(bytes));
	memcpy(&dashes, dashes_at, sizeof(dashes));
	small = bytes | lower;
	hex = ((bytes >= '0') & (bytes <= '9')) | ((small >= 'a') & (small <= 'f'));
	return (hex & ~dashes) | ((bytes == '-') & dashes);
}

/* The last of three pieces overlaps. lower: 0x20 for digits of either case, 0 for small ones. */
static inline bool uuid_is(const char *p, char lower)
{
	static const signed char first[16] = {[8] = -1, [13] = -1};
	static const signed char second[16] = {[2] = -1, [7] = -1}, last[16] = {[3] = -1};
	uuid_lanes good = uuid_good(p, first, lower) & uuid_good(p + 16, second, lower) &
			  uuid_good(p + 20, last, lower);
	uint64_t halves[2];

	memcpy(halves, &good, sizeof(halves));
	return (halves[0] & halves[1]) == UINT64_MAX;
}

#endif
