/*
 * crc32c - Castagnoli CRC, in hardware where the machine has it.
 */
#ifndef TAMIS_BASE_CRC32C_H
#define TAMIS_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Continue from crc (0 at the start). RFC 3720, appendix B.4 has known answers. */
uint32_t crc32c(uint32_t crc, const void *data, size_t len);

#endif
