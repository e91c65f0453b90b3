/*
 * outlet - where bytes go: a descriptor, compressed if asked.
 */
#ifndef SANITIZE_OUTLET_H
#define SANITIZE_OUTLET_H

#include <stddef.h>

#include "codec.h"

struct outlet;

/* fd stays the caller's. codec NULL: plain. */
MUST_CHECK int outlet_open(struct outlet **out, int fd, const struct codec *codec,
			   struct cause *cause);
/*
 * The descriptor is of this path, which is borrowed: when the path has got another
 * file, as rotated logs do, that one is opened before the next write.
 */
void outlet_follow(struct outlet *outlet, const char *path);
/* Without outlet_finish() what a codec holds back is lost. */
void outlet_close(struct outlet *outlet);
/* All of it, or -1. */
MUST_CHECK int outlet_write(struct outlet *outlet, const char *data, size_t len,
			    struct cause *cause);
MUST_CHECK int outlet_finish(struct outlet *outlet, struct cause *cause);
/* Bytes that went into the outlet, before compression. */
uint64_t outlet_written(const struct outlet *outlet);

#endif
