/*
 * release - see release.h.
 */
#include "release.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "day.h"
#include "domain.h"
#include "krr.h"
#include "law.h"

#define TEXT_BYTES ((size_t)64 * 1024 * 1024)
#define NUMBER_BYTES 24
#define NORMAL_95 1.959964

/* Mechanisms, as the store and the readers of releases know them: [krr][split][gaussian]. */
static const char *const mechanisms[2][2][2] = {
    {{"laplace", "gaussian"}, {NULL, NULL}},
    {{"krr+laplace", "krr+gaussian"}, {"krr-split+laplace", "krr-split+gaussian"}},
};

struct release {
	const char *day, *id, *domain;
	struct promise promise;
	struct law law;
	bool random, split; /* answers at the client, and of those one a dimension */
	double halfwidth;   /* of every cell, without random answers */
	size_t n;
	struct estimate *cells;
};

static const char *mechanism_name(const struct measure *measure)
{
	return mechanisms[measure->mechanism == MECHANISM_KRR][domain_is_split(measure)]
			 [measure->noise == NOISE_GAUSSIAN];
}

struct counts {
	size_t n;
	int64_t *cells;
};

static enum status take_count(void *context, const char *const *columns)
{
	struct counts *counts = context;
	unsigned long long cell = strtoull(columns[0], NULL, 10);

	if (cell < counts->n)
		counts->cells[cell] = strtoll(columns[1], NULL, 10);
	return ST_OK;
}

/* The noisy counts, "12,-3,0,..." */
static void add_noise(struct buf *out, const struct counts *counts, const struct law *law,
		      struct entropy *entropy)
{
	for (size_t i = 0; i < counts->n; i++)
		buf_addf(out, "%s%" PRId64, i ? "," : "",
			 counts->cells[i] + law_draw(entropy, law));
}

struct making {
	struct store *store;
	const struct measure *measure;
	const char *day;
	char version[NUMBER_BYTES], terms[TERMS_BYTES], id[RELEASE_ID_BYTES];
	struct law law;
};

static enum status see_release(void *context, const char *const *columns)
{
	(void)columns;
	*(bool *)context = true;
	return ST_OK;
}

/* It was charged before: by a release that is there, or by one that is not there any more. */
static enum status already(const struct making *making, struct reason *why)
{
	const struct store_value values[] = {STORE_TEXT(making->measure->name),
					     STORE_TEXT(making->day), STORE_TEXT(making->day)};
	bool there = false;
	enum status status =
	    store_run(making->store, QUERY_RELEASES, values, see_release, &there, why);

	if (status != ST_OK)
		return status;
	return there ? ST_END
		     : reason_set(why, ST_DENIED,
				  "%s, %s: the day is charged and its release is gone; it is not "
				  "made a second time",
				  making->measure->name, making->day);
}

static enum status charge(const struct making *making, struct reason *why)
{
	const struct measure *m = making->measure;
	const struct store_value values[] = {
	    STORE_TEXT(m->name), STORE_TEXT(making->day), STORE_NUMBER((int64_t)m->epsilon),
	    STORE_NUMBER((int64_t)m->delta), STORE_TEXT(making->id)};
	enum status status = store_run(making->store, QUERY_LEDGER_CHARGE, values, NULL, NULL, why);

	if (status == ST_OK && store_changed(making->store) == 0)
		return already(making, why);
	return status;
}

static enum status keep(const struct making *making, const char *cells, struct reason *why)
{
	const struct measure *m = making->measure;
	const struct store_value values[] = {
	    STORE_TEXT(m->name),
	    STORE_TEXT(making->day),
	    STORE_TEXT(making->version),
	    STORE_TEXT(making->id),
	    STORE_TEXT(mechanism_name(m)),
	    STORE_NUMBER((int64_t)m->epsilon),
	    STORE_NUMBER((int64_t)m->client_epsilon),
	    STORE_NUMBER((int64_t)m->cells_per_client),
	    STORE_NUMBER((int64_t)m->per_cell),
	    STORE_NUMBER((int64_t)m->delta),
	    STORE_NUMBER((int64_t)law_variance_micro(&making->law)),
	    STORE_TEXT(cells),
	};
	const struct store_value gone[] = {STORE_TEXT(m->name), STORE_TEXT(making->day)};
	enum status status = store_run(making->store, QUERY_RELEASE_ADD, values, NULL, NULL, why);

	if (status == ST_OK)
		status = store_run(making->store, QUERY_REPORTS_CLEAR, gone, NULL, NULL, why);
	return status;
}

struct comparison {
	const char *first, *second; /* what the columns are to be; NULL: whatever */
	bool differs;
};

static enum status compare(void *context, const char *const *columns)
{
	struct comparison *told = context;

	told->differs = strcmp(columns[0], told->first) != 0 ||
			(told->second && strcmp(columns[1], told->second) != 0);
	return ST_OK;
}

/* A version says for ever which cells there are, and how clients answer at random. */
static enum status check_version(const struct making *making, const char *domain,
				 struct reason *why)
{
	const struct store_value values[] = {STORE_TEXT(making->measure->name),
					     STORE_TEXT(making->version)};
	char epsilon[NUMBER_BYTES];
	struct comparison cells = {.first = domain};
	struct comparison answers = {mechanism_name(making->measure), epsilon, false};

	snprintf(epsilon, sizeof(epsilon), "%" PRIu64, making->measure->client_epsilon);
	enum status status = store_run(making->store, QUERY_DOMAIN, values, compare, &cells, why);
	if (status == ST_OK)
		status =
		    store_run(making->store, QUERY_RELEASE_TERMS, values, compare, &answers, why);
	if (status == ST_OK && (cells.differs || answers.differs))
		status = reason_set(why, ST_CONFIG,
				    "%s: dimensions, mechanism, noise or client_epsilon changed: "
				    "raise its domain_version",
				    making->measure->name);
	return status;
}

static enum status keep_domain(const struct making *making, struct reason *why)
{
	struct store_value values[] = {STORE_TEXT(making->measure->name),
				       STORE_TEXT(making->version), STORE_TEXT("")};
	enum status status = ST_NO_MEMORY;
	struct buf text;

	buf_init(&text, TEXT_BYTES);
	domain_text(making->measure, &text);
	if (buf_ok(&text)) {
		values[2] = STORE_TEXT(text.data);
		status = store_run(making->store, QUERY_DOMAIN_ADD, values, NULL, NULL, why);
		if (status == ST_OK)
			status = check_version(making, text.data, why);
	}
	buf_free(&text);
	return status;
}

/* Within the transaction. */
static enum status make(const struct making *making, struct counts *counts, struct entropy *entropy,
			struct reason *why)
{
	const struct store_value which[] = {STORE_TEXT(making->measure->name),
					    STORE_TEXT(making->day), STORE_TEXT(making->terms)};
	enum status status = charge(making, why);
	struct buf cells;

	if (status == ST_OK)
		status = keep_domain(making, why);
	if (status == ST_OK)
		status = store_run(making->store, QUERY_REPORTS, which, take_count, counts, why);
	if (status != ST_OK)
		return status;
	buf_init(&cells, TEXT_BYTES);
	add_noise(&cells, counts, &making->law, entropy);
	if (!entropy_ok(entropy))
		status = reason_set(why, ST_IO, "no randomness: nothing is released");
	else if (!buf_ok(&cells))
		status = reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	else
		status = keep(making, cells.data, why);
	buf_free(&cells);
	return status;
}

enum status release_make(struct store *store, const struct measure *measure, int32_t day,
			 struct entropy *entropy, struct reason *why)
{
	struct counts counts = {.n = domain_cells(measure)};
	char text[DAY_BYTES];
	struct making making = {.store = store, .measure = measure, .day = day_text(text, day)};
	enum status status = law_of(&making.law, measure);

	if (status != ST_OK)
		return reason_set(why, status,
				  "%s: no noise can be drawn for this epsilon and delta",
				  measure->name);
	snprintf(making.version, sizeof(making.version), "%" PRIu64, measure->domain_version);
	measure_terms(making.terms, measure);
	snprintf(making.id, sizeof(making.id), "%016" PRIx64, entropy_u64(entropy));
	counts.cells = calloc(counts.n, sizeof(*counts.cells));
	if (!counts.cells)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	status = store_begin(store, false, why);
	if (status == ST_OK) {
		status = make(&making, &counts, entropy, why);
		if (status == ST_OK)
			status = store_commit(store, why);
		else
			store_rollback(store);
	}
	free(counts.cells);
	return status;
}

/* The dimensions' sizes of a split domain, from its lines: "0|CA", "0|NY", "1|fax". */
static size_t block_size(const char *lines, size_t dimension)
{
	size_t n = 0;

	for (const char *line = lines; *line; line = strchr(line, '\n') + 1) {
		n += strtoul(line, NULL, 10) == dimension;
		if (!strchr(line, '\n'))
			break;
	}
	return n;
}

/* Random answers are undone once, from the noisy counts; each dimension for itself if split. */
static void undo_answers(struct release *release, const int64_t *noisy)
{
	double variance = law_variance(&release->law);
	uint64_t epsilon = release->promise.client_epsilon_micro, blocks = 1;
	const char *lines = strchr(release->domain, '\n') + 1;

	if (!release->split) {
		krr_estimate(release->cells, noisy, (uint32_t)release->n, epsilon, variance);
		return;
	}
	while (block_size(lines, blocks))
		blocks++;
	for (size_t from = 0, d = 0; from < release->n && d < blocks; d++) {
		size_t k = block_size(lines, d);
		krr_estimate(release->cells + from, noisy + from, (uint32_t)k, epsilon / blocks,
			     variance);
		from += k;
	}
}

static void estimate_cells(struct release *release, const int64_t *noisy)
{
	double variance = law_variance(&release->law);

	if (release->random) {
		undo_answers(release, noisy);
		return;
	}
	release->halfwidth = (double)law_95(&release->law);
	for (size_t i = 0; i < release->n; i++)
		release->cells[i] = (struct estimate){(double)noisy[i], variance};
}

/* "12,-3,0": at most n of them; how many there were. */
static size_t read_numbers(int64_t *out, size_t n, const char *text)
{
	size_t i = 0;

	while (i < n && (*text == '-' || (*text >= '0' && *text <= '9'))) {
		bool negative = *text == '-';
		int64_t value = 0;
		for (text += negative; *text >= '0' && *text <= '9'; text++)
			value = value * 10 + (*text - '0');
		out[i++] = negative ? -value : value;
		text += *text == ',';
	}
	return i;
}

struct reading_releases {
	release_visit_fn *visit;
	void *context;
};

/* QUERY_RELEASES' columns. */
enum {
	AT_DAY,
	AT_VERSION,
	AT_ID,
	AT_MECHANISM,
	AT_EPSILON,
	AT_CLIENT_EPSILON,
	AT_L0,
	AT_LINF,
	AT_DELTA,
	AT_VARIANCE,
	AT_CELLS,
	AT_DOMAIN
};

static uint64_t number(const char *column)
{
	return strtoull(column, NULL, 10);
}

/* The law as it was drawn from: whatever is known better today, its variance stands there. */
static enum status read_law(struct release *release, uint64_t answers, uint64_t variance_micro)
{
	const struct promise *p = &release->promise;

	return variance_micro
		   ? law_gaussian(&release->law, variance_micro)
		   : law_laplace(&release->law, p->l0 * p->linf * answers, p->epsilon_micro);
}

static bool fill(struct release *release, const char *const *columns)
{
	*release = (struct release){
	    .day = columns[AT_DAY],
	    .id = columns[AT_ID],
	    .domain = columns[AT_DOMAIN],
	    .promise = {columns[AT_MECHANISM], number(columns[AT_EPSILON]),
			number(columns[AT_CLIENT_EPSILON]), number(columns[AT_L0]),
			number(columns[AT_LINF]), number(columns[AT_DELTA])},
	    .random = strncmp(columns[AT_MECHANISM], "krr", 3) == 0,
	    .split = strncmp(columns[AT_MECHANISM], "krr-split", 9) == 0,
	};
	const char *names = release->domain + (release->split ? strlen("split|") : 0);
	uint64_t answers = 1;
	for (const char *c = names; release->split && *c && *c != '\n'; c++)
		answers += *c == '|';
	for (const char *c = strchr(release->domain, '\n'); c; c = strchr(c + 1, '\n'))
		release->n++;
	return release->n-- && /* the names' line, and one a cell */
	       read_law(release, answers, number(columns[AT_VARIANCE])) == ST_OK;
}

static enum status take_release(void *context, const char *const *columns)
{
	const struct reading_releases *reading = context;
	enum status status = ST_NO_MEMORY;
	struct release release;

	if (!fill(&release, columns))
		return ST_CORRUPT;
	int64_t *noisy = calloc(release.n + 1, sizeof(*noisy));
	release.cells = calloc(release.n + 1, sizeof(*release.cells));
	if (noisy && release.cells) {
		status = ST_CORRUPT;
		if (read_numbers(noisy, release.n, columns[AT_CELLS]) == release.n) {
			estimate_cells(&release, noisy);
			status = reading->visit(reading->context, &release);
		}
	}
	free(noisy);
	free(release.cells);
	return status;
}

enum status release_read(struct store *store, const char *metric, int32_t from, int32_t to,
			 release_visit_fn *visit, void *context, struct reason *why)
{
	struct reading_releases reading = {visit, context};
	char first[DAY_BYTES], last[DAY_BYTES];
	const struct store_value values[] = {STORE_TEXT(metric), STORE_TEXT(day_text(first, from)),
					     STORE_TEXT(day_text(last, to))};

	return store_run(store, QUERY_RELEASES, values, take_release, &reading, why);
}

const char *release_day(const struct release *release)
{
	return release->day;
}

const char *release_id(const struct release *release)
{
	return release->id;
}

const struct promise *release_promise(const struct release *release)
{
	return &release->promise;
}

const char *release_domain(const struct release *release)
{
	return release->domain;
}

size_t release_size(const struct release *release)
{
	return release->n;
}

struct estimate release_cell(const struct release *release, size_t cell)
{
	return release->cells[cell];
}

double release_halfwidth(const struct release *release, size_t cell)
{
	if (release->halfwidth > 0)
		return release->halfwidth;
	return NORMAL_95 * sqrt(release->cells[cell].variance);
}
