/*
 * cause - why something failed, in one sentence for people.
 *
 * Functions of the command return 0 or -1 and fill a cause; whoever knows the
 * file's name prints it. A cause never carries bytes of the input.
 */
#ifndef SANITIZE_CAUSE_H
#define SANITIZE_CAUSE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

struct cause {
	char text[512];
	uint64_t offset; /* into the input as read, where has_offset */
	bool has_offset;
};

/* Both return -1, so that a caller may say `return cause_set(…)`. */
int cause_set(struct cause *cause, const char *format, ...) PRINTF_LIKE(2, 3);
/* "doing: strerror(errno)" */
int cause_errno(struct cause *cause, const char *format, ...) PRINTF_LIKE(2, 3);
/* Unless an offset is there already. Returns -1. */
int cause_at(struct cause *cause, uint64_t offset);
/* A file's name, what a terminal would take for a command as "\\033". */
void put_name(FILE *out, const char *name);
/* "sanitize: name: byte 123: text" on standard error; name may be NULL. */
void cause_print(const struct cause *cause, const char *name);
/* "sanitize: name: text", for what does not end the work. */
void warn_about(const char *name, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
