/*
 * desk - what the two kinds of intake share: the process' part and the thread's.
 */
#ifndef TAMIS_INTAKE_DESK_H
#define TAMIS_INTAKE_DESK_H

#include "arena.h"
#include "bound.h"
#include "intake.h"
#include "state.h"
#include "tally.h"

struct intake {
	const struct config *config;
	struct registry *registry;
	struct limit *limit; /* NULL: there is none */
	const char *key_dir;
	char directory[STATE_PATH_BYTES];
};

struct intake_worker {
	struct intake *intake;
	struct arena *arena;
	struct tally_lane *lane; /* these are NULL until they are needed */
	struct bound *bound;
};

struct intake_verdict desk_refuse(enum status status, const char *field, const char *text);
/* The body as JSON; ST_OK, or why it is none. */
struct intake_verdict desk_read(struct intake_worker *worker, const struct intake_request *request,
				const struct json **root);
/* The rate limit for whoever has no token. */
struct intake_verdict desk_limit(const struct intake *intake, const struct intake_request *request,
				 size_t n);
/* May whoever asks count a metric that needs no subject? */
struct intake_verdict desk_permit(const struct intake_request *request,
				  const struct measure *measure);
MUST_CHECK enum status desk_add(struct intake_worker *worker, const struct tally_cell *cell);
/* Room for n verdicts; false: whole says that there is none. */
bool desk_items(struct intake_worker *worker, struct intake_verdicts *verdicts, size_t n);

#endif
