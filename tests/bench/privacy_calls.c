/*
 * privacy_calls - what noise, a release and a question cost, on one core.
 *
 *	privacy_calls noise
 *	privacy_calls store STATE_DIR
 *
 * noise: samples a second. store: a snapshot of a million cells in seconds and in CPU seconds,
 * and questions over 90 days of 1,000 cells in CPU ms, median and p99; with SQLite in
 * STATE_DIR, or the database at DATABASE_URL.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aggregate.h"
#include "day.h"
#include "noise.h"
#include "release.h"

#define SAMPLES 10000000
#define CELLS 1000000
#define DAYS 90
#define QUESTIONS 300

static double now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void give_up(const struct reason *why)
{
	fprintf(stderr, "%s\n", why->text);
	exit(1);
}

static int noise(void)
{
	static const uint64_t settings[][2] = {{1, 1000000}, {10, 1000000}, {10, 500000}};
	struct entropy *entropy;

	if (entropy_open(&entropy) != ST_OK)
		return 1;
	for (size_t i = 0; i < 3; i++) {
		struct ratio scale;
		int64_t sum = 0;
		if (noise_scale(&scale, settings[i][0], settings[i][1]) != ST_OK)
			return 1;
		double begin = now(CLOCK_PROCESS_CPUTIME_ID);
		for (int n = 0; n < SAMPLES; n++)
			sum += noise_laplace(entropy, scale);
		double took = now(CLOCK_PROCESS_CPUTIME_ID) - begin;
		printf("laplace %llu/%llu %.0f\n", (unsigned long long)scale.num,
		       (unsigned long long)scale.den, SAMPLES / took);
		if (sum == INT64_MIN)
			return 1;
	}
	entropy_close(entropy);
	return 0;
}

/* Metrics "big" (a million cells) and "asked" (a thousand). */
static struct registry *registry_of(const char *directory)
{
	static const char *const names[] = {"big", "asked"};
	static const int sizes[] = {1000, 1000};
	struct reason why = {""};
	struct registry *registry;
	char path[512];

	snprintf(path, sizeof(path), "%s/values", directory);
	FILE *file = fopen(path, "w");
	for (int i = 0; file && i < sizes[0] - 1; i++)
		fprintf(file, "value%d\n", i);
	if (!file || fclose(file))
		exit(1);
	snprintf(path, sizeof(path), "%s/registry.yaml", directory);
	file = fopen(path, "w");
	if (!file)
		exit(1);
	fputs("version: 1\nmetrics:\n", file);
	for (int i = 0; i < 2; i++)
		fprintf(file,
			"  %s: {question: q, description: d, owner: o, subject: page, review: "
			"2099-01-01, read: released, mechanism: laplace, epsilon: 1, dimensions: "
			"{a: {file: values}%s}}\n",
			names[i], i ? "" : ", b: {file: values}");
	if (fclose(file) || registry_open(&registry, path, &why) != ST_OK)
		give_up(&why);
	return registry;
}

static void report(struct store *store, const struct measure *measure, int32_t day, int n)
{
	struct store_value *values = calloc((size_t)n, 5 * sizeof(*values));
	char(*cells)[12] = calloc((size_t)n, sizeof(*cells));
	char text[DAY_BYTES], terms[TERMS_BYTES];
	struct reason why = {""};

	if (!values || !cells)
		exit(1);
	day_text(text, day);
	measure_terms(terms, measure);
	for (int i = 0; i < n; i++) {
		snprintf(cells[i], sizeof(cells[i]), "%d", i);
		values[5 * i] = STORE_TEXT(measure->name);
		values[5 * i + 1] = STORE_TEXT(text);
		values[5 * i + 2] = STORE_TEXT(cells[i]);
		values[5 * i + 3] = STORE_TEXT(terms);
		values[5 * i + 4] = STORE_NUMBER(100 + i % 7);
	}
	if (store_begin(store, false, &why) != ST_OK ||
	    store_many(store, QUERY_REPORT_ADD, values, (size_t)n, &why) != ST_OK ||
	    store_commit(store, &why) != ST_OK)
		give_up(&why);
	free(values);
	free(cells);
}

static int by_time(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void ask(struct store *store, const char *label, struct aggregate_question question)
{
	static double times[QUESTIONS];
	struct reason why = {""};

	for (int i = 0; i < QUESTIONS; i++) {
		struct aggregate *aggregate;
		const char *fault;
		double begin = now(CLOCK_PROCESS_CPUTIME_ID);
		if (aggregate_make(&aggregate, store, &question, &fault, &why) != ST_OK)
			give_up(&why);
		times[i] = 1e3 * (now(CLOCK_PROCESS_CPUTIME_ID) - begin);
		aggregate_free(aggregate);
	}
	qsort(times, QUESTIONS, sizeof(*times), by_time);
	printf("%s %.1f %.1f\n", label, times[QUESTIONS / 2], times[QUESTIONS * 99 / 100]);
}

static int store(const char *directory)
{
	char state[512];
	const char *args[] = {state};
	struct registry *registry = registry_of(directory);
	struct reason why = {""};
	struct entropy *entropy;
	struct config *config;
	struct store *store;

	snprintf(state, sizeof(state), "--state.dir=%s", directory);
	if (config_load(&config, NULL, 1, args, &why) != ST_OK ||
	    store_open(&store, config, STORE_WRITE, &why) != ST_OK)
		give_up(&why);
	if (entropy_open(&entropy) != ST_OK)
		return 1;
	report(store, registry_at(registry, 0), 20000, CELLS);
	double begin = now(CLOCK_MONOTONIC), busy = now(CLOCK_PROCESS_CPUTIME_ID);
	if (release_make(store, registry_at(registry, 0), 20000, entropy, &why) != ST_OK)
		give_up(&why);
	printf("snapshot %.2f %.2f\n", now(CLOCK_MONOTONIC) - begin,
	       now(CLOCK_PROCESS_CPUTIME_ID) - busy);
	for (int32_t day = 20000; day < 20000 + DAYS; day++) {
		report(store, registry_at(registry, 1), day, 1000);
		if (release_make(store, registry_at(registry, 1), day, entropy, &why) != ST_OK)
			give_up(&why);
	}
	struct aggregate_question q = {.metric = "asked", .from = 20000, .to = 20000 + DAYS - 1};
	ask(store, "total", q);
	q.n_groups = 1;
	q.groups[0] = "a";
	ask(store, "by-value", q);
	q.by_day = true;
	ask(store, "by-value-and-day", q);
	entropy_close(entropy);
	store_close(store);
	config_free(config);
	registry_close(registry);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "noise") == 0)
		return noise();
	if (argc == 3 && strcmp(argv[1], "store") == 0)
		return store(argv[2]);
	fputs("usage: privacy_calls noise | store STATE_DIR\n", stderr);
	return 2;
}
