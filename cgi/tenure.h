/*
 * tenure - a configuration and the service made of it, for as long as threads answer by it.
 *
 * At a reload a new tenure begins beside the old one. Each thread moves over between two
 * requests, so that none is lost; the old one ends with its last thread.
 */
#ifndef TAMIS_CGI_TENURE_H
#define TAMIS_CGI_TENURE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "config.h"
#include "worker.h"

struct hall;
struct tenure;

/* A thread's place; its worker is of the tenure that the thread has moved to. */
struct seat {
	struct worker *worker;
	struct tenure *tenure;
	_Atomic unsigned number; /* of the tenure */
};

/* ST_OK: config is the hall's, and *out is ended with hall_close(), without seats. */
MUST_CHECK enum status hall_open(struct hall **out, struct config *config, struct reason *why);
void hall_close(struct hall *hall);
/* Begin a new tenure: ST_OK, and config is the hall's. Else all stays as it was. */
MUST_CHECK enum status hall_reload(struct hall *hall, struct config *config, struct reason *why);
/* The threads have moved, or as good as: whoever is last ends the old tenure, here as a rule. */
void hall_settle(struct hall *hall);

MUST_CHECK enum status seat_open(struct seat *seat, struct hall *hall);
void seat_close(struct seat *seat, struct hall *hall);
/* Between two requests: to the newest tenure. Where there is no memory the thread stays. */
void seat_move(struct seat *seat, struct hall *hall);
/* From any thread. */
bool seat_is_new(const struct seat *seat, const struct hall *hall);

#endif
