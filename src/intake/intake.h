/*
 * intake - from a request's body of increments to the tally.
 *
 *   json_read -> increment_read -> may it? -> tally_add
 *
 * One intake per process, one worker per thread. Nothing of a body is kept but what
 * increment.h lets through; nothing of it is ever logged.
 */
#ifndef TAMIS_INTAKE_H
#define TAMIS_INTAKE_H

#include "access.h"
#include "config.h"
#include "increment.h"

struct limit;
struct intake;
struct intake_worker;

#define INTAKE_ITEMS_MAX 1000

/* Who asks; borrowed. */
struct intake_request {
	const char *body;
	size_t len;
	const struct grant *grant; /* of a token with the scope ingest; NULL: none */
	bool listed_origin;	   /* a browser's, from cors.origins */
	const char *address;	   /* for the rate limit and the bound, and nothing else */
	bool do_not_track;	   /* DNT: 1 or Sec-GPC: 1 */
};

struct intake_verdict {
	enum status status; /* ST_OK: counted */
	struct fault fault;
	unsigned wait_s; /* with ST_LIMITED */
};

/* Lives until the worker's next call. */
struct intake_verdicts {
	struct intake_verdict whole; /* what stops the request as a whole, else ST_OK */
	bool array;
	size_t n;
	struct intake_verdict *items;
};

/*
 * config, and limit (NULL: there is none), are borrowed until intake_close(); key_dir: the day's
 * key's. ST_NOT_FOUND: counts.registry is empty, nothing is counted here. ST_CONFIG: the registry
 * is wrong.
 */
MUST_CHECK enum status intake_open(struct intake **out, const struct config *config,
				   struct limit *limit, const char *key_dir, struct reason *why);
void intake_close(struct intake *intake);
MUST_CHECK enum status intake_worker_new(struct intake_worker **out, struct intake *intake);
void intake_worker_free(struct intake_worker *worker);
const struct registry *intake_registry(const struct intake *intake);

/* Count one increment (an object) or up to INTAKE_ITEMS_MAX (an array); no database is asked. */
void intake_counts(struct intake_worker *worker, const struct intake_request *request,
		   struct intake_verdicts *verdicts);
/* Count {"increments":[{"metric","dimensions","domain_version"}]}, at most REPORTS_MAX, and of one
 * client what is bounded; "bucket" beside or in them: an opaque one, of a token's holder. */
#define REPORTS_MAX 100
void intake_reports(struct intake_worker *worker, const struct intake_request *request,
		    struct intake_verdicts *verdicts);
/* In a child after fork(), instead of freeing: what it holds stays the parent's. */
void intake_worker_disown(struct intake_worker *worker);
/* One of those increments as an object, from a caller in process. */
struct intake_verdict intake_report(struct intake_worker *worker,
				    const struct intake_request *request,
				    const struct json *increment);
/* How many increments of this address and metric count today. ST_UNAVAILABLE: cannot be told. */
MUST_CHECK enum status intake_used(struct intake_worker *worker,
				   const struct intake_request *request,
				   const struct measure *measure, uint64_t *used);
/* As intake_counts(), for a caller in process, who may count whatever is declared. */
MUST_CHECK enum status intake_count(struct intake_worker *worker,
				    const struct increment *increment);

#endif
