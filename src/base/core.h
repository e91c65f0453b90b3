/*
 * core - no image of this process on a disk.
 */
#ifndef TAMIS_BASE_CORE_H
#define TAMIS_BASE_CORE_H

/*
 * Raw requests, keys and secrets are in memory: whatever kills the process, neither the kernel
 * nor a program that takes dumps from it (core_pattern) writes them down. First in main().
 */
void core_forbid(void);

#endif
