/*
 * le - numbers in files: little-endian, at any address.
 */
#ifndef TAMIS_BASE_LE_H
#define TAMIS_BASE_LE_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

#define LE(bits)                                                                                   \
	static inline void le##bits##_put(void *at, uint##bits##_t value)                          \
	{                                                                                          \
		value = htole##bits(value);                                                        \
		memcpy(at, &value, sizeof(value));                                                 \
	}                                                                                          \
                                                                                                   \
	static inline uint##bits##_t le##bits##_get(const void *at)                                \
	{                                                                                          \
		uint##bits##_t value;                                                              \
                                                                                                   \
		memcpy(&value, at, sizeof(value));                                                 \
		return le##bits##toh(value);                                                       \
	}

LE(16)
LE(32)
LE(64)

#undef LE

#endif
