/*
 * tenure - a configuration and the service made of it, for as long as requests are answered by it.
 *
 * Threads share its workers, the one used last first: it is the one whose memory a processor
 * still has at hand. At a reload a new tenure begins beside the old one. The next request of
 * each thread is the new one's, so none is lost; the old one ends with its last answer.
 */
#ifndef TAMIS_CGI_TENURE_H
#define TAMIS_CGI_TENURE_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "worker.h"

struct hall;
struct tenure;

/* Who answers one request. */
struct seat {
	struct worker *worker;
	struct tenure *tenure;
};

/* For n threads. ST_OK: config is the hall's, and *out is ended with hall_close(). */
MUST_CHECK enum status hall_open(struct hall **out, struct config *config, size_t n,
				 struct reason *why);
/* Nobody may have a seat. */
void hall_close(struct hall *hall);
/* Begin a new tenure: ST_OK, and config is the hall's. Else all stays as it was. */
MUST_CHECK enum status hall_reload(struct hall *hall, struct config *config, struct reason *why);
/* Wait a while for the old tenure's last answer; whoever is last ends it, here as a rule. */
void hall_settle(struct hall *hall);
/* What a request may take to come in, by the newest tenure. */
int64_t hall_patience_us(const struct hall *hall);
/* Each event waits for the disk (spool.sync: always). */
bool hall_is_synced(const struct hall *hall);

/* By the newest tenure. At most n at once; ended with hall_leave(). */
void hall_enter(struct hall *hall, struct seat *seat);
void hall_leave(struct hall *hall, struct seat *seat);

#endif
