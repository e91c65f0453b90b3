/*
 * le - numbers in the spool's files: little-endian, at any address.
 */
#ifndef TAMIS_SPOOL_LE_H
#define TAMIS_SPOOL_LE_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline void le32_put(uint8_t *at, uint32_t value)
{
	value = htole32(value);
	memcpy(at, &value, sizeof(value));
}

static inline void le64_put(uint8_t *at, uint64_t value)
{
	value = htole64(value);
	memcpy(at, &value, sizeof(value));
}

static inline uint32_t le32_get(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return le32toh(value);
}

static inline uint64_t le64_get(const uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	return le64toh(value);
}

#endif
