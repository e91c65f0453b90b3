/*
 * aggregate - see aggregate.h.
 *
 * A domain is read once for all releases that have it: which group each cell belongs to.
 * Then a release costs one addition a cell.
 */
#include "aggregate.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "day.h"

#define ARENA_BYTES ((size_t)512 * 1024 * 1024)
#define NORMAL_95 1.959964
#define LABEL_BYTES 512
#define NOT_ASKED UINT32_MAX

struct row {
	const char *day, *label;
	double value, variance, halfwidth;
	unsigned cells; /* of one, the halfwidth is exact */
};

struct group {
	const char *label;
	uint32_t row; /* of the day in hand, or of all days */
};

struct aggregate {
	const struct aggregate_question *question;
	struct arena *arena;
	const char **fault;
	size_t n_rows, rows_max;
	struct row *rows;
	size_t n_ids;
	char ids[AGGREGATE_DAYS_MAX][RELEASE_ID_BYTES];
	char mechanism[32];
	struct promise promise;
	/* Of the domain in hand: */
	const char *domain;
	size_t n_groups, table_size;
	struct group *groups;
	uint32_t *table;    /* of groups by their label's hash */
	uint32_t *group_of; /* each cell's, or NOT_ASKED */
};

/* A domain's first line, cut up. */
struct names {
	bool split;
	size_t n;
	const char *items[AGGREGATE_DIMENSIONS_MAX * 4];
};

#define NAMES_MAX (sizeof(((struct names *)0)->items) / sizeof(const char *))

static enum status read_names(struct names *names, struct aggregate *aggregate, const char *domain)
{
	size_t len = strcspn(domain, "\n");
	char *line = arena_copy(aggregate->arena, domain, len), *part;

	*names = (struct names){0};
	if (!line)
		return ST_NO_MEMORY;
	names->split = strncmp(line, "split|", 6) == 0;
	line += names->split ? 6 : 0;
	while (*line && names->n < NAMES_MAX && (part = strsep(&line, "|"))) {
		names->items[names->n++] = part;
		if (!line)
			break;
	}
	return ST_OK;
}

static size_t name_index(const struct names *names, const char *name)
{
	size_t i = 0;

	while (i < names->n && strcmp(names->items[i], name) != 0)
		i++;
	return i;
}

/* Are the dimensions that are asked for there, and if split, is it one? */
static enum status check_question(const struct aggregate *aggregate, const struct names *names)
{
	const struct aggregate_question *q = aggregate->question;

	*aggregate->fault = "group_by";
	for (size_t i = 0; i < q->n_groups; i++)
		if (name_index(names, q->groups[i]) == names->n)
			return ST_INVALID;
	if (names->split && q->n_groups > 1)
		return ST_INVALID;
	*aggregate->fault = "filter";
	for (size_t i = 0; i < q->n_filters; i++) {
		if (name_index(names, q->filters[i].dimension) == names->n)
			return ST_INVALID;
		if (names->split &&
		    ((q->n_groups && strcmp(q->groups[0], q->filters[i].dimension)) ||
		     strcmp(q->filters[0].dimension, q->filters[i].dimension)))
			return ST_INVALID;
	}
	*aggregate->fault = NULL;
	return ST_OK;
}

/* A cell's values, of which those not there are "". */
struct cell {
	const char *values[NAMES_MAX];
};

static bool passes(const struct aggregate_question *q, const struct names *names,
		   const struct cell *cell)
{
	for (size_t i = 0; i < q->n_filters; i++)
		if (strcmp(cell->values[name_index(names, q->filters[i].dimension)],
			   q->filters[i].value) != 0)
			return false;
	return true;
}

static void write_label(char label[LABEL_BYTES], const struct aggregate_question *q,
			const struct names *names, const struct cell *cell)
{
	size_t n = 0;

	label[0] = '\0';
	for (size_t i = 0; i < q->n_groups; i++) {
		const char *value = cell->values[name_index(names, q->groups[i])];
		size_t len = strlen(value);
		if (n + len + 2 > LABEL_BYTES)
			return;
		if (i)
			label[n++] = '|';
		memcpy(label + n, value, len + 1);
		n += len;
	}
}

static uint32_t hash_of(const char *text)
{
	uint32_t hash = 2166136261u;

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 16777619u;
	return hash;
}

static enum status find_group(struct aggregate *aggregate, const char *label, uint32_t *out)
{
	uint32_t mask = (uint32_t)aggregate->table_size - 1, i = hash_of(label) & mask;

	for (; aggregate->table[i]; i = (i + 1) & mask) {
		*out = aggregate->table[i] - 1;
		if (strcmp(aggregate->groups[*out].label, label) == 0)
			return ST_OK;
	}
	*out = (uint32_t)aggregate->n_groups;
	aggregate->groups[*out] =
	    (struct group){arena_copy(aggregate->arena, label, strlen(label)), NOT_ASKED};
	if (!aggregate->groups[*out].label)
		return ST_NO_MEMORY;
	aggregate->table[i] = (uint32_t)++aggregate->n_groups;
	return ST_OK;
}

/* Which of the split domain's dimensions is counted: the one asked for, else the first. */
static size_t asked_dimension(const struct aggregate_question *q, const struct names *names)
{
	if (q->n_groups)
		return name_index(names, q->groups[0]);
	return q->n_filters ? name_index(names, q->filters[0].dimension) : 0;
}

/* "CA|fax", or "0|CA": the values by dimension. false: of a dimension that is not asked. */
static bool read_cell(struct cell *cell, char *line, const struct names *names, size_t asked)
{
	for (size_t i = 0; i < NAMES_MAX; i++)
		cell->values[i] = "";
	if (names->split) {
		size_t dimension = strtoul(line, &line, 10);
		if (dimension != asked || *line != '|')
			return false;
		cell->values[dimension] = line + 1;
		return true;
	}
	for (size_t i = 0; i < names->n && line; i++)
		cell->values[i] = strsep(&line, "|");
	return true;
}

static enum status group_cells(struct aggregate *aggregate, const struct names *names, char *lines,
			       size_t n)
{
	size_t asked = asked_dimension(aggregate->question, names);
	char label[LABEL_BYTES], *line;
	enum status status = ST_OK;

	for (size_t i = 0; i < n && status == ST_OK; i++) {
		struct cell cell;
		aggregate->group_of[i] = NOT_ASKED;
		line = strsep(&lines, "\n");
		if (!line || !read_cell(&cell, line, names, asked) ||
		    !passes(aggregate->question, names, &cell))
			continue;
		write_label(label, aggregate->question, names, &cell);
		status = find_group(aggregate, label, &aggregate->group_of[i]);
	}
	return status;
}

/* Groups of the domain before stay: their rows go on over all days. */
static enum status take_domain(struct aggregate *aggregate, const struct release *release)
{
	const char *domain = release_domain(release);
	size_t n = release_size(release), groups = aggregate->n_groups + n, size = 16;
	struct names names;
	enum status status;
	char *lines;

	if (aggregate->domain && strcmp(aggregate->domain, domain) == 0)
		return ST_OK;
	status = read_names(&names, aggregate, domain);
	if (status == ST_OK)
		status = check_question(aggregate, &names);
	if (status != ST_OK)
		return status;
	while (size < 2 * groups)
		size *= 2;
	struct group *old = aggregate->groups;
	size_t n_old = aggregate->n_groups;
	aggregate->domain = arena_copy(aggregate->arena, domain, strlen(domain));
	aggregate->groups = arena_alloc(aggregate->arena, groups * sizeof(*old));
	aggregate->table = arena_zalloc(aggregate->arena, size * sizeof(*aggregate->table));
	aggregate->group_of = arena_alloc(aggregate->arena, (n + 1) * sizeof(*aggregate->group_of));
	lines = arena_copy(aggregate->arena, domain, strlen(domain));
	if (!aggregate->domain || !aggregate->groups || !aggregate->table || !aggregate->group_of ||
	    !lines)
		return ST_NO_MEMORY;
	aggregate->table_size = size;
	aggregate->n_groups = 0;
	for (size_t i = 0; i < n_old && status == ST_OK; i++) {
		uint32_t at;
		status = find_group(aggregate, old[i].label, &at);
		aggregate->groups[at].row = old[i].row;
	}
	lines += strcspn(lines, "\n");
	return status == ST_OK ? group_cells(aggregate, &names, lines + (*lines == '\n'), n)
			       : status;
}

static enum status new_row(struct aggregate *aggregate, const char *day, struct group *group)
{
	if (aggregate->n_rows == aggregate->rows_max) {
		size_t more = aggregate->rows_max ? 2 * aggregate->rows_max : 256;
		struct row *rows = arena_alloc(aggregate->arena, more * sizeof(*rows));
		if (!rows)
			return ST_NO_MEMORY;
		if (aggregate->n_rows)
			memcpy(rows, aggregate->rows, aggregate->n_rows * sizeof(*rows));
		aggregate->rows = rows;
		aggregate->rows_max = more;
	}
	group->row = (uint32_t)aggregate->n_rows++;
	aggregate->rows[group->row] = (struct row){.day = day, .label = group->label};
	return ST_OK;
}

static enum status add_cells(struct aggregate *aggregate, const struct release *release,
			     const char *day)
{
	for (size_t i = 0; i < release_size(release); i++) {
		uint32_t g = aggregate->group_of[i];
		if (g == NOT_ASKED)
			continue;
		struct group *group = &aggregate->groups[g];
		if (group->row == NOT_ASKED && new_row(aggregate, day, group) != ST_OK)
			return ST_NO_MEMORY;
		struct row *row = &aggregate->rows[group->row];
		const struct estimate estimate = release_cell(release, i);
		row->value += estimate.value;
		row->variance += estimate.variance;
		if (!row->cells++)
			row->halfwidth = release_halfwidth(release, i);
	}
	return ST_OK;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static void take_promise(struct aggregate *aggregate, const struct release *release)
{
	const struct promise *theirs = release_promise(release);
	struct promise *ours = &aggregate->promise;

	ours->epsilon_micro = larger(ours->epsilon_micro, theirs->epsilon_micro);
	ours->client_epsilon_micro =
	    larger(ours->client_epsilon_micro, theirs->client_epsilon_micro);
	ours->l0 = larger(ours->l0, theirs->l0);
	ours->linf = larger(ours->linf, theirs->linf);
	ours->delta_pico = larger(ours->delta_pico, theirs->delta_pico);
	strncpy(aggregate->mechanism, theirs->mechanism, sizeof(aggregate->mechanism) - 1);
	ours->mechanism = aggregate->mechanism;
	strncpy(aggregate->ids[aggregate->n_ids++], release_id(release), RELEASE_ID_BYTES - 1);
}

static enum status take_release(void *context, const struct release *release)
{
	struct aggregate *aggregate = context;
	const char *day = NULL;
	enum status status;

	if (aggregate->n_ids == AGGREGATE_DAYS_MAX)
		return ST_OK;
	status = take_domain(aggregate, release);
	if (status == ST_OK && aggregate->question->by_day) {
		day = arena_copy(aggregate->arena, release_day(release), DAY_BYTES - 1);
		for (size_t i = 0; i < aggregate->n_groups; i++)
			aggregate->groups[i].row = NOT_ASKED;
		status = day ? ST_OK : ST_NO_MEMORY;
	}
	if (status != ST_OK)
		return status;
	take_promise(aggregate, release);
	return add_cells(aggregate, release, day);
}

enum status aggregate_make(struct aggregate **out, struct store *store,
			   const struct aggregate_question *question, const char **fault,
			   struct reason *why)
{
	struct aggregate *aggregate = calloc(1, sizeof(*aggregate));
	enum status status = ST_NO_MEMORY;

	*out = NULL;
	*fault = NULL;
	if (aggregate) {
		aggregate->question = question;
		aggregate->fault = fault;
		aggregate->arena = arena_new(ARENA_BYTES);
	}
	if (aggregate && aggregate->arena)
		status = release_read(store, question->metric, question->from, question->to,
				      take_release, aggregate, why);
	if (status == ST_OK)
		*out = aggregate;
	else
		aggregate_free(aggregate);
	return status;
}

void aggregate_free(struct aggregate *aggregate)
{
	if (aggregate && aggregate->arena)
		arena_free(aggregate->arena);
	free(aggregate);
}

size_t aggregate_rows(const struct aggregate *aggregate)
{
	return aggregate->n_rows;
}

struct aggregate_row aggregate_row(const struct aggregate *aggregate, size_t i)
{
	const struct row *row = &aggregate->rows[i];
	double halfwidth = row->cells == 1 ? row->halfwidth : NORMAL_95 * sqrt(row->variance);

	return (struct aggregate_row){
	    .day = row->day,
	    .label = row->label,
	    .value = llround(row->value),
	    .lo95 = (int64_t)floor(row->value - halfwidth),
	    .hi95 = (int64_t)ceil(row->value + halfwidth),
	    .hidden = llround(row->value) < RELEASE_THRESHOLD,
	};
}

const struct promise *aggregate_promise(const struct aggregate *aggregate)
{
	return aggregate->n_ids ? &aggregate->promise : NULL;
}

size_t aggregate_releases(const struct aggregate *aggregate)
{
	return aggregate->n_ids;
}

const char *aggregate_release(const struct aggregate *aggregate, size_t i)
{
	return aggregate->ids[i];
}
