/*
 * log - one line per message to standard error: level, room, sentence.
 *
 * The log target is the only mutable global of the kit. Payload bytes, client
 * addresses, user agents and secrets are never arguments: a message says what
 * happened and how often, not to whom. Messages of one call site are limited to
 * one a second; what was left out is counted in the next.
 */
#ifndef TAMIS_BASE_LOG_H
#define TAMIS_BASE_LOG_H

#include "status.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_NOTICE, LOG_DEBUG };

/* fd stays the caller's. name goes before every line ("tamis.fcgi"); borrowed. */
void log_open(int fd, const char *name, enum log_level most);
/* To a function instead, the sentence alone, up to LOG_NOTICE. It may be called under locks. */
typedef void log_fn(void *context, int level, const char *sentence);
void log_to(log_fn *write, void *context);

#define log_error(...) LOG_AT(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) LOG_AT(LOG_WARNING, __VA_ARGS__)
#define log_notice(...) LOG_AT(LOG_NOTICE, __VA_ARGS__)
#define log_debug(...) LOG_AT(LOG_DEBUG, __VA_ARGS__)

/* State of one call site; see LOG_AT. */
struct log_site {
	long second;
	unsigned skipped;
};
void log_write(struct log_site *site, enum log_level level, const char *format, ...)
    PRINTF_LIKE(3, 4);
#define LOG_AT(level, ...)                                                                         \
	do {                                                                                       \
		static struct log_site log_site_here;                                              \
		log_write(&log_site_here, level, __VA_ARGS__);                                     \
	} while (0)

#endif
