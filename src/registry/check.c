/*
 * check - what is wrong with a metric though each of its fields is right.
 */
#include <stdlib.h>
#include <string.h>

#include "day.h"
#include "registry_yaml.h"

#define CELLS_MAX 1000000
/* Beyond, the answers at epsilon 2 are mostly noise: the dimensions are asked one by one. */
#define JOINT_CELLS_MAX 24
#define DIMENSIONS_MAX 8
#define ATTEMPTS_MAX 100     /* bound.h's, which this room does not know */
#define EPSILON_MAX 10000000 /* millionths */
#define GAUSSIAN_EPSILON_MIN 100000
#define DELTA_MAX 1000000 /* 10^-12 parts: one in a million */

/* Counting things is what this is for; whoever these are, they are people or stand for one. */
static bool is_person(const char *subject)
{
	static const char *const people[] = {
	    "account",	 "applicant", "attendee",   "child",	   "citizen",	 "client",
	    "contact",	 "customer",  "device",	    "donor",	   "driver",	 "employee",
	    "family",	 "guest",     "household",  "human",	   "individual", "ip",
	    "learner",	 "member",    "parent",	    "participant", "patient",	 "people",
	    "person",	 "player",    "profile",    "pupil",	   "resident",	 "respondent",
	    "session",	 "student",   "subscriber", "teacher",	   "user",	 "visitor",
	    "volunteer", "voter",     "worker"};
	size_t len = strlen(subject);

	if (len > 1 && subject[len - 1] == 's' && strcmp(subject, "access") != 0)
		len--;
	for (size_t i = 0; i < sizeof(people) / sizeof(*people); i++)
		if (strlen(people[i]) == len && !memcmp(people[i], subject, len))
			return true;
	return strcmp(subject, "families") == 0 || strcmp(subject, "children") == 0;
}

static uint64_t cells_of(const struct measure *measure)
{
	uint64_t cells = 1;

	for (size_t i = 0; i < measure->dimensions.n && cells <= CELLS_MAX; i++)
		cells *= measure->dimensions.items[i].values.n;
	return cells;
}

static bool has_dimension(const struct measure *measure, const char *name)
{
	for (size_t i = 0; i < measure->dimensions.n; i++)
		if (strcmp(measure->dimensions.items[i].name, name) == 0)
			return true;
	return false;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Lists from files: those in the registry itself were looked at one by one. */
static bool values_repeat(const struct values *values)
{
	const char **sorted = malloc((values->n + 1) * sizeof(*sorted));
	bool twice = false;

	for (size_t i = 0; i < values->n && sorted; i++)
		sorted[i] = values->items[i];
	if (sorted)
		qsort(sorted, values->n, sizeof(*sorted), by_text);
	for (size_t i = 1; i < values->n && sorted; i++)
		twice = twice || strcmp(sorted[i - 1], sorted[i]) == 0;
	free(sorted);
	return twice || !sorted;
}

static bool repeats(const struct measure *measure)
{
	for (size_t i = 0; i < measure->dimensions.n; i++) {
		for (size_t k = 0; k < i; k++)
			if (!strcmp(measure->dimensions.items[k].name,
				    measure->dimensions.items[i].name))
				return true;
		if (values_repeat(&measure->dimensions.items[i].values))
			return true;
	}
	return false;
}

struct rule {
	bool wrong;
	const char *field, *text;
};

static void tell(struct reading *reading, const yaml_node_t *node, const struct rule *rules,
		 size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (rules[i].wrong)
			reading_problem(reading, node, rules[i].field, rules[i].text);
}

static void check_counting(struct reading *reading, const yaml_node_t *node,
			   const struct measure *measure)
{
	const struct rule rules[] = {
	    {is_person(measure->subject), "subject", "is a person: count things, not people"},
	    {measure->review == DAY_NEVER && measure->expires == DAY_NEVER, NULL,
	     "has neither review nor expires"},
	    {measure->from_change != CHANGE_NONE && !*measure->from_sql, "from_change",
	     "needs from_sql"},
	    {*measure->from_sql && measure->public_ingest, "public_ingest",
	     "contradicts from_sql: it is counted from the database alone"},
	    {*measure->from_sql && measure->steps.n, "steps", "contradicts from_sql"},
	    {measure->dimensions.n && measure->event_id != EVENT_ID_NONE, "dimensions",
	     "contradicts event_id: a metric is counted by the one or the other"},
	    {measure->dimensions.n && measure->steps.n, "dimensions", "contradicts steps"},
	    {cells_of(measure) > CELLS_MAX, "dimensions", "make more than a million cells"},
	    {measure->dimensions.n && measure->mechanism == MECHANISM_NONE, "mechanism",
	     "is needed: counts by dimensions leave the team only as releases"},
	    {has_dimension(measure, "day"), "dimensions",
	     "has one called day: answers are grouped by days under that name"},
	    {measure->dimensions.n > DIMENSIONS_MAX, "dimensions", "are more than 8"},
	    {repeats(measure), "dimensions", "has a name, or a list with a value, twice"},
	};

	tell(reading, node, rules, sizeof(rules) / sizeof(*rules));
}

static void check_release(struct reading *reading, const yaml_node_t *node,
			  const struct measure *measure)
{
	bool krr = measure->mechanism == MECHANISM_KRR;
	bool split = measure->domain == DOMAIN_SPLIT;
	bool noisy = measure->mechanism != MECHANISM_NONE;
	const struct rule rules[] = {
	    {noisy && measure->event_id != EVENT_ID_NONE, "mechanism", "contradicts event_id"},
	    {noisy && *measure->from_sql, "mechanism", "contradicts from_sql"},
	    {noisy && measure->steps.n, "mechanism", "contradicts steps"},
	    {noisy && measure->read != READ_RELEASED, "read",
	     "is not released, though noise is added"},
	    {noisy && !measure->epsilon, "epsilon", "is missing, or zero"},
	    {!noisy && measure->epsilon, "epsilon", "is said, and no mechanism"},
	    {measure->epsilon > EPSILON_MAX, "epsilon", "is more than 10: that protects nobody"},
	    {krr && !measure->client_epsilon, "client_epsilon", "is missing, or zero"},
	    {!krr && measure->client_epsilon, "client_epsilon", "is said without mechanism: krr"},
	    {measure->client_epsilon > EPSILON_MAX, "client_epsilon",
	     "is more than 10: that protects nobody"},
	    {krr && !measure->dimensions.n, "dimensions",
	     "are missing: krr answers with one of them"},
	    {krr && !split && cells_of(measure) > JOINT_CELLS_MAX, "domain",
	     "has more than 24 cells: say domain: split"},
	    {noisy && measure->sources.n, "sources", "contradicts mechanism"},
	    {!krr && split, "domain", "is split without mechanism: krr"},
	    {krr && split && measure->dimensions.n < 2, "domain",
	     "is split over a single dimension"},
	    {krr && split && measure->client_epsilon < measure->dimensions.n, "client_epsilon",
	     "leaves nothing for each dimension"},
	    {measure->cells_per_client * measure->per_cell > ATTEMPTS_MAX, "per_cell",
	     "times cells_per_client is more than the 100 that a client may send a day"},
	    {!noisy && measure->per_cell != 1, "per_cell", "is said, and no mechanism"},
	    {!noisy && measure->cells_per_client != 10, "cells_per_client",
	     "is said, and no mechanism"},
	    {!noisy && measure->domain_version != 1, "domain_version", "is said, and no mechanism"},
	    {krr && measure->per_cell != 1, "per_cell",
	     "is 1 with krr: reports are counted, not cells"},
	};

	tell(reading, node, rules, sizeof(rules) / sizeof(*rules));
}

/* Gaussian noise is measured for counts that move by one each: more would want more of it. */
static void check_noise(struct reading *reading, const yaml_node_t *node,
			const struct measure *measure)
{
	bool gaussian = measure->noise == NOISE_GAUSSIAN;
	bool krr = measure->mechanism == MECHANISM_KRR;
	const struct rule rules[] = {
	    {gaussian && measure->mechanism == MECHANISM_NONE, "noise",
	     "is said, and no mechanism"},
	    {gaussian && !measure->delta, "delta", "is missing, or zero: noise: gaussian has one"},
	    {!gaussian && measure->delta, "delta", "is said without noise: gaussian"},
	    {measure->delta > DELTA_MAX, "delta", "is more than one in a million"},
	    {gaussian && measure->epsilon && measure->epsilon < GAUSSIAN_EPSILON_MIN, "epsilon",
	     "is less than 0.1, too little for noise: gaussian"},
	    {gaussian && measure->per_cell != 1, "per_cell", "is 1 with noise: gaussian"},
	    {gaussian && krr && measure->cells_per_client != 1, "cells_per_client",
	     "is 1 with krr and noise: gaussian"},
	};

	tell(reading, node, rules, sizeof(rules) / sizeof(*rules));
}

void measure_check(struct reading *reading, const yaml_node_t *node, const struct measure *measure)
{
	check_counting(reading, node, measure);
	check_release(reading, node, measure);
	check_noise(reading, node, measure);
}

void measure_check_day(struct reading *reading, const yaml_node_t *node,
		       const struct measure *measure, int32_t today)
{
	if (measure->expires <= today)
		reading_problem(reading, node, "expires", "is over: it is not counted any more");
	if (measure->review <= today)
		reading_problem(reading, node, "review", "is due");
}
