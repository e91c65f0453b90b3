/*
 * Releases: one a metric and day, whatever is killed, run twice or restored; the ledger
 * exact; true counts gone; randomness that fails releases nothing.
 */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#include "day.h"
#include "domain.h"
#include "file.h"
#include "krr.h"
#include "noise.h"
#include "place.h"
#include "release.h"
#include "snapshot.h"

#define TODAY 20777
#define METRICS 12

static bool dry;

ssize_t __real_getrandom(void *bytes, size_t n, unsigned flags);
ssize_t __wrap_getrandom(void *bytes, size_t n, unsigned flags);
ssize_t __wrap_getrandom(void *bytes, size_t n, unsigned flags)
{
	if (!dry)
		return __real_getrandom(bytes, n, flags);
	errno = ENOSYS;
	return -1;
}

/* A registry with metrics m0..m11 of four cells, m12 (krr, joint) and m13 (krr, split). */
struct world {
	struct place *place;
	struct config config;
	struct registry *registry;
	struct store *store;
	char journal[96];
};

static struct registry *write_registry(const struct place *place)
{
	struct reason why = {""};
	struct registry *registry;
	char path[96];
	FILE *file;

	snprintf(path, sizeof(path), "%s/registry.yaml", place->dir);
	file = fopen(path, "w");
	fputs("version: 1\nmetrics:\n", file);
	for (int i = 0; i < METRICS + 2; i++) {
		fprintf(
		    file,
		    "  m%d: {question: q, description: d, owner: o, subject: page, review: "
		    "2099-01-01, read: released, dimensions: {a: [x], b: [y]}, epsilon: 1, %s}\n",
		    i,
		    i == METRICS - 1 ? "mechanism: laplace"
		    : i < METRICS    ? "mechanism: laplace, cells_per_client: 1"
		    : i == METRICS   ? "mechanism: krr, client_epsilon: 2, cells_per_client: 1"
				     : "mechanism: krr, client_epsilon: 2, domain: split");
	}
	fclose(file);
	if (registry_open(&registry, path, &why) != ST_OK)
		fail_msg("%s", why.text);
	return registry;
}

static struct store *open_store(const struct world *world)
{
	struct reason why = {""};
	struct store *store;

	if (store_open(&store, &world->config, STORE_WRITE, &why) != ST_OK)
		fail_msg("%s", why.text);
	return store;
}

static struct world *world_open(void)
{
	static struct world world;

	world.place = place_open(NULL);
	world.config = *world.place->config;
	world.config.state_dir = world.place->keys; /* on tmpfs: syncs cost nothing there */
	world.registry = write_registry(world.place);
	world.store = open_store(&world);
	snprintf(world.journal, sizeof(world.journal), "%s/released", world.place->keys);
	return &world;
}

static void world_close(struct world *world)
{
	store_close(world->store);
	registry_close(world->registry);
	place_close(world->place);
}

static void report(const struct world *world, const char *metric, int32_t day, const char *cell,
		   int64_t n)
{
	char text[DAY_BYTES], terms[TERMS_BYTES];
	const char *step;
	struct store_value values[] = {STORE_TEXT(metric), STORE_TEXT(day_text(text, day)),
				       STORE_TEXT(cell), STORE_TEXT(terms), STORE_NUMBER(n)};
	struct reason why = {""};

	measure_terms(terms, registry_find(world->registry, metric, &step));
	assert_int_equal(store_run(world->store, QUERY_REPORT_ADD, values, NULL, NULL, &why),
			 ST_OK);
}

static enum status snapshot(struct world *world, int32_t day, struct snapshot_done *done)
{
	struct reason why = {""};

	return snapshot_take(world->store, world->registry, world->journal, day, day, TODAY, done,
			     &why);
}

static enum status add_release(void *context, const struct release *release)
{
	struct buf *out = context;

	buf_addf(out, "%s %s", release_day(release), release_id(release));
	for (size_t i = 0; i < release_size(release); i++)
		buf_addf(out, " %.0f", release_cell(release, i).value);
	buf_addc(out, '\n');
	return ST_OK;
}

/* All releases of a metric, ids and values, a line each. */
static char *releases(struct store *store, const char *metric)
{
	struct reason why = {""};
	struct buf out;

	buf_init(&out, 1 << 20);
	buf_adds(&out, "");
	assert_int_equal(release_read(store, metric, 0, TODAY, add_release, &out, &why), ST_OK);
	return out.data ? out.data : strdup("");
}

static enum status take_number(void *context, const char *const *columns)
{
	*(int64_t *)context += strtoll(columns[1], NULL, 10);
	return ST_OK;
}

static int64_t charged(struct store *store)
{
	struct store_value days[] = {STORE_TEXT("0000"), STORE_TEXT("9999")};
	struct reason why = {""};
	int64_t n = 0;

	assert_int_equal(store_run(store, QUERY_LEDGER, days, take_number, &n, &why), ST_OK);
	return n;
}

static void test_once(void **state)
{
	struct world *world = world_open();
	struct snapshot_done done;
	char *first, *again;

	(void)state;
	report(world, "m0", TODAY - 1, "0", 1000);
	report(world, "m0", TODAY - 1, "3", 50);
	assert_int_equal(snapshot(world, TODAY, &done), ST_USAGE); /* is not over */
	assert_int_equal(snapshot(world, TODAY - 1, &done), ST_OK);
	assert_int_equal(done.made, METRICS + 2);
	first = releases(world->store, "m0");
	assert_int_equal(snapshot(world, TODAY - 1, &done), ST_OK);
	assert_int_equal(done.made, 0);
	assert_int_equal(done.there, METRICS + 2);
	/* What comes late is not added, and the true counts are gone. */
	report(world, "m0", TODAY - 1, "0", 77);
	assert_int_equal(snapshot(world, TODAY - 1, &done), ST_OK);
	again = releases(world->store, "m0");
	assert_string_equal(first, again);
	int64_t left = 0;
	struct store_value which[] = {STORE_TEXT("m0"), STORE_TEXT("2026-11-19"),
				      STORE_TEXT("1/1x1/0")};
	struct reason why = {""};
	assert_int_equal(store_run(world->store, QUERY_REPORTS, which, take_number, &left, &why),
			 ST_OK);
	assert_int_equal(left, 0);
	assert_int_equal(charged(world->store), METRICS + 2);
	/* Empty cells are noised as well: twenty days of four cells are not all zero (1e-27). */
	for (int32_t day = TODAY - 21; day < TODAY - 1; day++)
		assert_int_equal(snapshot(world, day, &done), ST_OK);
	free(first);
	first = releases(world->store, "m1");
	assert_true(strstr(first, " -") || strstr(first, " 1") || strstr(first, " 2"));
	free(first);
	free(again);
	world_close(world);
}

static struct measure changed(const struct world *world, const char *metric)
{
	const char *step;

	return *registry_find(world->registry, metric, &step);
}

/*
 * What was collected under another bound is not released under this one's noise: a thousand
 * of it do not show (e^-500). And a version's cells and answers never change.
 */
static void test_terms(void **state)
{
	struct world *world = world_open();
	struct measure wide = changed(world, "m0"), krr = changed(world, "m12");
	struct reason why = {""};
	struct entropy *entropy;
	char *text;

	(void)state;
	assert_int_equal(entropy_open(&entropy), ST_OK);
	report(world, "m0", TODAY - 1, "0", 1000);
	wide.cells_per_client = 2;
	assert_int_equal(release_make(world->store, &wide, TODAY - 1, entropy, &why), ST_OK);
	text = releases(world->store, "m0");
	assert_true(fabs(strtod(text + strlen("2026-11-19 0123456789abcdef "), NULL)) < 500);
	free(text);
	wide.dimensions.n = 1;
	assert_int_equal(release_make(world->store, &wide, TODAY - 2, entropy, &why), ST_CONFIG);
	assert_non_null(strstr(why.text, "raise its domain_version"));
	wide.domain_version++;
	assert_int_equal(release_make(world->store, &wide, TODAY - 2, entropy, &why), ST_OK);
	assert_int_equal(release_make(world->store, &krr, TODAY - 1, entropy, &why), ST_OK);
	krr.client_epsilon++;
	assert_int_equal(release_make(world->store, &krr, TODAY - 2, entropy, &why), ST_CONFIG);
	assert_int_equal(charged(world->store), 3);
	entropy_close(entropy);
	world_close(world);
}

static enum status see_promise(void *context, const struct release *release)
{
	struct buf *out = context;
	const struct promise *p = release_promise(release);

	buf_addf(out, "%s %llu %llu %.0f", p->mechanism, (unsigned long long)p->epsilon_micro,
		 (unsigned long long)p->delta_pico, release_halfwidth(release, 0));
	return ST_OK;
}

static enum status take_delta(void *context, const char *const *columns)
{
	buf_addf(context, " %s", columns[3]);
	return ST_OK;
}

/* Gaussian noise: its delta stands in the release and in the ledger, its variance in the interval.
 */
static void test_gaussian(void **state)
{
	struct world *world = world_open();
	struct store_value days[] = {STORE_TEXT("0000"), STORE_TEXT("9999")};
	struct measure m = changed(world, "m0");
	struct reason why = {""};
	struct entropy *entropy;
	struct buf out;

	(void)state;
	assert_int_equal(entropy_open(&entropy), ST_OK);
	buf_init(&out, 4096);
	m.noise = NOISE_GAUSSIAN;
	assert_int_equal(release_make(world->store, &m, TODAY - 1, entropy, &why), ST_CONFIG);
	m.delta = 1000;
	assert_int_equal(release_make(world->store, &m, TODAY - 1, entropy, &why), ST_OK);
	assert_int_equal(release_read(world->store, "m0", 0, TODAY, see_promise, &out, &why),
			 ST_OK);
	assert_int_equal(store_run(world->store, QUERY_LEDGER, days, take_delta, &out, &why),
			 ST_OK);
	assert_string_equal(out.data, "gaussian 1000000 1000 11 1000");
	m.noise = NOISE_LAPLACE;
	assert_int_equal(release_make(world->store, &m, TODAY - 2, entropy, &why), ST_CONFIG);
	buf_free(&out);
	entropy_close(entropy);
	world_close(world);
}

/* A later day's release leaves an earlier one what it needs for its own. */
static void test_out_of_order(void **state)
{
	struct world *world = world_open();
	struct snapshot_done done;
	char *text;

	(void)state;
	report(world, "m0", TODAY - 2, "0", 1000);
	assert_int_equal(snapshot(world, TODAY - 1, &done), ST_OK);
	assert_int_equal(snapshot(world, TODAY - 2, &done), ST_OK);
	text = releases(world->store, "m0");
	assert_true(fabs(strtod(text + strlen("2026-11-18 0123456789abcdef "), NULL)) > 500);
	free(text);
	world_close(world);
}

static void test_not_twice(void **state)
{
	struct world *world = world_open();
	struct snapshot_done done;
	struct buf backup;
	char path[128];

	(void)state;
	/* A backup of before; then the day is released; then the backup comes back. */
	snprintf(path, sizeof(path), "%s/store/counts.db", world->config.state_dir);
	store_close(world->store);
	buf_init(&backup, 1 << 24);
	assert_int_equal(file_read(path, &backup), ST_OK);
	world->store = open_store(world);
	assert_int_equal(snapshot(world, TODAY - 1, &done), ST_OK);
	store_close(world->store);
	assert_int_equal(file_replace(path, backup.data, backup.len, 0660), ST_OK);
	snprintf(path, sizeof(path), "%s/store/counts.db-wal", world->config.state_dir);
	unlink(path);
	world->store = open_store(world);
	assert_int_equal(snapshot(world, TODAY - 1, &done), ST_DENIED);
	assert_int_equal(done.refused, METRICS + 2);
	assert_int_equal(charged(world->store), 0);
	/* The next day is another's. */
	assert_int_equal(snapshot(world, TODAY - 2, &done), ST_OK);
	buf_free(&backup);
	world_close(world);
}

static void test_no_randomness(void **state)
{
	struct world *world = world_open();
	struct snapshot_done done;
	char *text;

	(void)state;
	dry = true;
	assert_int_equal(snapshot(world, TODAY - 1, &done), ST_IO);
	dry = false;
	struct entropy *entropy;
	assert_int_equal(entropy_open(&entropy), ST_OK);
	dry = true; /* now in the middle of a release */
	while (entropy_ok(entropy))
		(void)entropy_u32(entropy);
	struct reason why = {""};
	assert_int_equal(
	    release_make(world->store, registry_at(world->registry, 0), TODAY - 1, entropy, &why),
	    ST_IO);
	dry = false;
	text = releases(world->store, "m0");
	assert_string_equal(text, "");
	free(text);
	assert_int_equal(charged(world->store), 0);
	entropy_close(entropy);
	world_close(world);
}

/* Fifty kills of two snapshots at once: ids and values once seen never change. */
static void test_kills(void **state)
{
	struct world *world = world_open();
	char *seen[METRICS + 2] = {NULL}, name[8];
	unsigned seed = (unsigned)getpid();
	struct snapshot_done done;
	struct reason why = {""};

	(void)state;
	store_close(world->store); /* no child may have its parent's */
	for (int kills = 0; kills < 50; kills++) {
		pid_t pids[2];
		for (int i = 0; i < 2; i++) {
			pids[i] = fork();
			if (pids[i])
				continue;
			if (store_open(&world->store, &world->config, STORE_WRITE, &why) == ST_OK)
				(void)!snapshot(world, TODAY - 1 - kills / 5, &done);
			_exit(0);
		}
		usleep((useconds_t)(rand_r(&seed) % 30000));
		for (int i = 0; i < 2; i++) {
			kill(pids[i], SIGKILL);
			waitpid(pids[i], NULL, 0);
		}
		world->store = open_store(world);
		for (int m = 0; m < METRICS + 2; m++) {
			snprintf(name, sizeof(name), "m%d", m);
			char *now = releases(world->store, name);
			/* Later kills go back in days: what was there is the end of what is. */
			size_t n = seen[m] ? strlen(seen[m]) : 0;
			assert_true(strlen(now) >= n);
			if (n)
				assert_string_equal(now + strlen(now) - n, seen[m]);
			free(seen[m]);
			seen[m] = now;
		}
		store_close(world->store);
	}
	world->store = open_store(world);
	for (int32_t day = TODAY - 10; day < TODAY; day++)
		assert_int_equal(snapshot(world, day, &done), ST_OK);
	assert_int_equal(charged(world->store), 10 * (METRICS + 2));
	for (int m = 0; m < METRICS + 2; m++)
		free(seen[m]);
	world_close(world);
}

struct sums {
	double value[8], variance[8];
	int n;
};

static enum status sum_cells(void *context, const struct release *release)
{
	struct sums *sums = context;

	for (size_t i = 0; i < release_size(release); i++) {
		sums->value[i] += release_cell(release, i).value;
		sums->variance[i] += release_cell(release, i).variance;
	}
	sums->n++;
	return ST_OK;
}

/* Reports at random, noised, undone: without bias, and as far off as is told (6 sigma). */
static void check_answers(struct world *world, const char *metric, const struct measure *m)
{
	size_t k = domain_is_split(m) ? 2 : 4, blocks = domain_is_split(m) ? 2 : 1;
	struct entropy *entropy;
	struct snapshot_done done;
	struct reason why = {""};
	struct sums sums = {0};
	char cell[8];

	assert_int_equal(entropy_open(&entropy), ST_OK);
	for (int32_t day = TODAY - 20; day < TODAY; day++) {
		int64_t counts[4] = {0};
		for (size_t b = 0; b < blocks; b++)
			for (int i = 0; i < 500; i++) /* 400 say value 0, 100 the last one */
				counts[b * k + krr_draw(entropy, i < 400 ? 0 : (uint32_t)k - 1,
							(uint32_t)k, m->client_epsilon / blocks)]++;
		for (size_t c = 0; c < k * blocks; c++) {
			snprintf(cell, sizeof(cell), "%zu", c);
			report(world, metric, day, cell, counts[c]);
		}
		assert_int_equal(snapshot(world, day, &done), ST_OK);
	}
	assert_int_equal(release_read(world->store, metric, 0, TODAY, sum_cells, &sums, &why),
			 ST_OK);
	assert_int_equal(sums.n, 20);
	for (size_t c = 0; c < k * blocks; c++) {
		double truth = 20 * (c % k == 0 ? 400 : c % k == k - 1 ? 100 : 0);
		if (fabs(sums.value[c] - truth) > 6 * sqrt(sums.variance[c]))
			fail_msg("cell %zu: %.0f told, %.0f true", c, sums.value[c], truth);
	}
	entropy_close(entropy);
}

static void test_answers(void **state)
{
	struct world *world = world_open();

	(void)state;
	check_answers(world, "m12", registry_at(world->registry, METRICS));
	world_close(world);
	world = world_open();
	check_answers(world, "m13", registry_at(world->registry, METRICS + 1));
	world_close(world);
}

static enum status add_sizes(void *context, const struct release *release)
{
	for (size_t i = 0; i < release_size(release); i++)
		*(double *)context += fabs(release_cell(release, i).value);
	return ST_OK;
}

/*
 * The noise is measured by the bound: 80 cells of nothing under ten contributions at epsilon 1
 * are 10 off each, not 1 (a sum of 400 or less, or of 1600: e^-30).
 */
static void test_noise_fits_the_bound(void **state)
{
	struct world *world = world_open();
	struct snapshot_done done;
	struct reason why = {""};
	double size = 0;

	(void)state;
	for (int32_t day = TODAY - 20; day < TODAY; day++)
		assert_int_equal(snapshot(world, day, &done), ST_OK);
	assert_int_equal(release_read(world->store, "m11", 0, TODAY, add_sizes, &size, &why),
			 ST_OK);
	assert_true(size > 400 && size < 1600);
	world_close(world);
}

static void test_domain(void **state)
{
	struct world *world = world_open();
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	domain_text(registry_at(world->registry, 0), &out);
	assert_string_equal(out.data, "a|b\nx|y\nx|__other__\n__other__|y\n__other__|__other__\n");
	assert_int_equal(domain_index(registry_at(world->registry, 0), (size_t[]){1, 0}), 2);
	buf_reset(&out);
	domain_text(registry_at(world->registry, METRICS + 1), &out);
	assert_string_equal(out.data, "split|a|b\n0|x\n0|__other__\n1|y\n1|__other__\n");
	assert_int_equal(domain_offset(registry_at(world->registry, METRICS + 1), 1), 2);
	buf_free(&out);
	world_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_once),      cmocka_unit_test(test_terms),
	    cmocka_unit_test(test_gaussian),  cmocka_unit_test(test_out_of_order),
	    cmocka_unit_test(test_not_twice), cmocka_unit_test(test_no_randomness),
	    cmocka_unit_test(test_kills),     cmocka_unit_test(test_answers),
	    cmocka_unit_test(test_domain),    cmocka_unit_test(test_noise_fits_the_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
