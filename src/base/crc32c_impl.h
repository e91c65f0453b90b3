/*
 * crc32c_impl - the implementations behind crc32c(). Each takes and gives the
 * register itself, without the inversion at both ends.
 */
#ifndef TAMIS_BASE_CRC32C_IMPL_H
#define TAMIS_BASE_CRC32C_IMPL_H

#include <stddef.h>
#include <stdint.h>

typedef uint32_t crc32c_fn(uint32_t state, const unsigned char *data, size_t len);

crc32c_fn crc32c_table;
crc32c_fn crc32c_sse42; /* only where crc32c_x86.c is built, and the processor has it */
crc32c_fn crc32c_clmul; /* the same */

/* The fastest one that this processor runs. */
crc32c_fn *crc32c_pick(void);

#endif
