/*
 * status - the one result enum, and the sentence for people that goes with it.
 *
 * Values come out by pointer; ST_IO keeps errno. A function that talks to people
 * (configuration, commands, connections) takes a struct reason as its last
 * argument and fills it when it fails.
 */
#ifndef TAMIS_BASE_STATUS_H
#define TAMIS_BASE_STATUS_H

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

enum status {
#define STATUS(name, http, exit, text) ST_##name,
#include "status.def"
#undef STATUS
	ST_COUNT
};

struct reason {
	char text[512];
};

/* The row's text; never NULL. */
const char *status_text(enum status status);
/* What a command that ends with this status exits with (sysexits.h). */
int status_exit(enum status status);

/*
 * Write one sentence into why (NULL is fine) and return status, so that a caller
 * may say `return reason_set(why, ST_CONFIG, "…")`. Long texts are cut.
 */
enum status reason_set(struct reason *why, enum status status, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* "path: " and what went wrong there: errno's text for ST_IO, else the row's. */
enum status reason_set_path(struct reason *why, enum status status, const char *path);
/* Put "prefix: " in front of what the reason says already. */
void reason_prefix(struct reason *why, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
