/*
 * buf - a growing string of bytes with a mandatory cap.
 *
 * Errors are sticky: after an append that failed (memory, or the cap) every
 * further one is a no-op and buf_ok() is false, so a writer checks once, at the
 * end. data is NUL-terminated where len > 0. Zeroed memory plus buf_init() is an
 * empty buffer; buf_free() leaves it empty again.
 */
#ifndef TAMIS_BASE_BUF_H
#define TAMIS_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

struct buf {
	char *data;
	size_t len;
	size_t cap;
	size_t max;
	bool failed;
};

void buf_init(struct buf *buf, size_t max_bytes);
void buf_free(struct buf *buf);
/* Length 0, not failed; the memory stays. */
void buf_reset(struct buf *buf);
bool buf_ok(const struct buf *buf);

void buf_add(struct buf *buf, const void *data, size_t len);
void buf_adds(struct buf *buf, const char *string);
void buf_addc(struct buf *buf, char c);
void buf_addu(struct buf *buf, uint64_t number);
void buf_addf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
/* As a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void buf_add_json(struct buf *buf, const char *data, size_t len);
/* Room for len more bytes; NULL (and failed) if there is none. Then buf_grew(). */
MUST_CHECK char *buf_room(struct buf *buf, size_t len);
void buf_grew(struct buf *buf, size_t len);

#endif
