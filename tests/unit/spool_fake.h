/*
 * spool_fake - what the spool's tests stand on: a directory that goes away, and clean
 * events that are a line of text. clean_record() and clean_read() are fulfilled here, so
 * that these tests link neither the event room nor the sanitizer.
 */
#ifndef TAMIS_TEST_SPOOL_FAKE_H
#define TAMIS_TEST_SPOOL_FAKE_H

#include <stdint.h>

#include "clean.h"
#include "spool.h"

/* A fresh directory, and its removal with all that is in it. */
const char *fake_dir(void);
void fake_remove(const char *dir);
/* `<dir>/<uid of this process>` */
const char *fake_shelf(const char *dir);

/* Event `number` of `writer`, padded to `size` bytes; valid until the next call in this thread. */
const struct clean *fake_clean(unsigned writer, unsigned number, size_t size);
struct stamp fake_stamp(unsigned writer, unsigned number);
/* 1 if it is intact (writer, number and padding agree). */
int fake_parse(const struct clean *clean, unsigned *writer, unsigned *number);

/* A spool with 64 MiB in segments of 1 MiB, SPOOL_SYNC_PROCESS. */
struct spool_options fake_options(const char *dir);
/* Open with these options, or fail the test. */
struct spool *fake_open(const struct spool_options *options);
/* Append event `number` of `writer`, size bytes. */
enum status fake_append(struct spool *spool, unsigned writer, unsigned number, size_t size);

/* Segments in fake_shelf(dir) whose names end in suffix; their bytes if bytes is not NULL. */
size_t fake_segments(const char *dir, const char *suffix, uint64_t *bytes);
/* The path of the first of them. */
const char *fake_segment(const char *dir, const char *suffix);

#endif
