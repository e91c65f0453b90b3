/*
 * check - what is wrong with a metric though each of its fields is right.
 */
#include <string.h>

#include "day.h"
#include "registry_yaml.h"

#define CELLS_MAX 1000000
/* Beyond, the answers at epsilon 2 are mostly noise: the dimensions are asked one by one. */
#define JOINT_CELLS_MAX 24
#define EPSILON_MAX 10000000 /* millionths */

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

void measure_check(struct reading *reading, const yaml_node_t *node, const struct measure *measure)
{
	bool krr = measure->mechanism == MECHANISM_KRR;
	bool noisy = measure->mechanism != MECHANISM_NONE;
	const struct {
		bool wrong;
		const char *field, *text;
	} rules[] = {
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
	    {krr && measure->domain == DOMAIN_JOINT && cells_of(measure) > JOINT_CELLS_MAX,
	     "domain", "has more than 24 cells: say domain: split"},
	    {krr && measure->per_cell != 1, "per_cell",
	     "is 1 with krr: reports are counted, not cells"},
	};

	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if (rules[i].wrong)
			reading_problem(reading, node, rules[i].field, rules[i].text);
}

void measure_check_day(struct reading *reading, const yaml_node_t *node,
		       const struct measure *measure, int32_t today)
{
	if (measure->expires <= today)
		reading_problem(reading, node, "expires", "is over: it is not counted any more");
	if (measure->review <= today)
		reading_problem(reading, node, "review", "is due");
}
