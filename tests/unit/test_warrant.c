/*
 * Backups come back in every way there is: the store, the journal, both, put beside or over what
 * was there. No day that was released is released a second time, and what is needed to go on is
 * said.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

#include "day.h"
#include "file.h"
#include "place.h"
#include "release.h"
#include "snapshot.h"
#include "warrant.h"

#define TODAY 20777

struct world {
	struct place *place;
	struct config config;
	struct registry *registry;
	struct store *store;
	char dir[96], journal[128], counts[128];
	struct buf store_backup, journal_backup;
};

static void open_store(struct world *world)
{
	struct reason why = {""};

	if (store_open(&world->store, &world->config, STORE_WRITE, &why) != ST_OK)
		fail_msg("%s", why.text);
}

static struct world *world_open(void)
{
	static struct world world;
	struct reason why = {""};
	char path[96];
	FILE *file;

	world.place = place_open(NULL);
	world.config = *world.place->config;
	world.config.state_dir = world.place->keys;
	snprintf(path, sizeof(path), "%s/registry.yaml", world.place->dir);
	file = fopen(path, "w");
	fputs("version: 1\nmetrics:\n  m: {question: q, description: d, owner: o, subject: page, "
	      "review: "
	      "2099-01-01, read: released, mechanism: laplace, epsilon: 1}\n",
	      file);
	fclose(file);
	assert_int_equal(registry_open(&world.registry, path, &why), ST_OK);
	open_store(&world);
	snprintf(world.dir, sizeof(world.dir), "%s/released", world.place->keys);
	snprintf(world.journal, sizeof(world.journal), "%s/journal", world.dir);
	snprintf(world.counts, sizeof(world.counts), "%s/store/counts.db", world.place->keys);
	buf_init(&world.store_backup, 1 << 24);
	buf_init(&world.journal_backup, 1 << 16);
	return &world;
}

static void world_close(struct world *world)
{
	buf_free(&world->store_backup);
	buf_free(&world->journal_backup);
	store_close(world->store);
	registry_close(world->registry);
	place_close(world->place);
}

/* How the snapshot of a day ends, and how many it made. */
static enum status snapshot(struct world *world, int32_t day, struct snapshot_done *done)
{
	struct reason why = {""};

	return snapshot_take(world->store, world->registry, world->dir, day, day, TODAY, done,
			     &why);
}

static void expect_made(struct world *world, int32_t day)
{
	struct snapshot_done done;

	assert_int_equal(snapshot(world, day, &done), ST_OK);
	assert_int_equal(done.made, 1);
}

static void expect_refused(struct world *world, int32_t day)
{
	struct snapshot_done done;

	assert_int_equal(snapshot(world, day, &done), ST_DENIED);
	assert_int_equal(done.made, 0);
}

static void back_up(struct world *world)
{
	store_close(world->store); /* what is in the write-ahead log goes into the file */
	assert_int_equal(file_read(world->counts, &world->store_backup), ST_OK);
	assert_int_equal(file_read(world->journal, &world->journal_backup), ST_OK);
	open_store(world);
}

static void restore_store(struct world *world)
{
	store_close(world->store);
	assert_int_equal(
	    file_replace(world->counts, world->store_backup.data, world->store_backup.len, 0660),
	    ST_OK);
	open_store(world);
}

/* Into the file that is there, as `cp` does, or as a file of its own. */
static void restore_journal(const struct world *world, bool into)
{
	const struct buf *b = &world->journal_backup;
	FILE *file;

	if (!into) {
		assert_int_equal(file_replace(world->journal, b->data, b->len, 0660), ST_OK);
		return;
	}
	file = fopen(world->journal, "r+");
	assert_int_equal(fwrite(b->data, 1, b->len, file), b->len);
	assert_int_equal(ftruncate(fileno(file), (off_t)b->len), 0);
	fclose(file);
}

/* A backup, then a release of yesterday that the backup does not know. */
static struct world *world_of_a_backup(void)
{
	struct world *world = world_open();

	expect_made(world, TODAY - 2);
	back_up(world);
	expect_made(world, TODAY - 1);
	return world;
}

static void test_store_alone(void **state)
{
	struct world *world = world_of_a_backup();

	(void)state;
	restore_store(world);
	expect_refused(world, TODAY - 1);
	expect_made(world, TODAY - 3); /* the journal knows that this one was not */
	world_close(world);
}

static void test_both(void **state)
{
	(void)state;
	for (int into = 0; into < 2; into++) {
		struct world *world = world_of_a_backup();
		struct reason why = {""};
		struct snapshot_done done;
		restore_store(world);
		restore_journal(world, into);
		expect_refused(world, TODAY - 1);
		expect_refused(world, TODAY - 3);
		assert_int_equal(warrant_restored(world->store, world->dir, TODAY - 1, &why),
				 ST_OK);
		for (int32_t day = TODAY - 3; day < TODAY; day++) {
			assert_int_equal(snapshot(world, day, &done), ST_OK);
			assert_int_equal(done.made, 0);
			assert_int_equal(done.there, day == TODAY - 2);
			assert_int_equal(done.shut, day != TODAY - 2);
		}
		/* The next day goes its way. */
		assert_int_equal(snapshot_take(world->store, world->registry, world->dir, TODAY,
					       TODAY, TODAY + 1, &done, &why),
				 ST_OK);
		assert_int_equal(done.made, 1);
		world_close(world);
	}
}

static void test_lost_journal(void **state)
{
	struct world *world = world_of_a_backup();
	struct reason why = {""};

	(void)state;
	restore_store(world);
	assert_int_equal(unlink(world->journal), 0);
	expect_refused(world, TODAY - 1);
	assert_int_equal(warrant_begin(world->store, world->dir, &why), ST_OK);
	expect_refused(world, TODAY - 1); /* the rollup made no new one */
	assert_int_equal(warrant_moved(world->store, world->dir, &why), ST_DENIED);
	assert_int_equal(warrant_restored(world->store, world->dir, TODAY - 1, &why), ST_OK);
	struct snapshot_done done;
	assert_int_equal(snapshot(world, TODAY - 1, &done), ST_OK);
	assert_int_equal(done.shut, 1);
	world_close(world);
}

static void test_moved(void **state)
{
	struct world *world = world_of_a_backup();
	struct reason why = {""};

	(void)state;
	world->journal_backup.len = 0;
	assert_int_equal(file_read(world->journal, &world->journal_backup), ST_OK);
	restore_journal(world, false); /* the newest there is, but a copy */
	expect_refused(world, TODAY - 3);
	assert_int_equal(warrant_moved(world->store, world->dir, &why), ST_OK);
	expect_made(world, TODAY - 3);
	world_close(world);
}

static struct world beside(const struct world *world, const char *name)
{
	struct world other = *world;
	static char dirs[2][64];
	static int n;
	char *dir = dirs[n++];

	snprintf(dir, sizeof(dirs[0]), "%s/%s", world->place->keys, name);
	assert_int_equal(mkdir(dir, 0700), 0);
	other.config.state_dir = dir;
	open_store(&other);
	snprintf(other.dir, sizeof(other.dir), "%s/released", dir);
	return other;
}

static void test_another_store(void **state)
{
	struct world *world = world_of_a_backup();
	struct world other = beside(world, "other"), new = beside(world, "new");
	struct reason why = {""};

	(void)state;
	assert_int_equal(warrant_begin(other.store, other.dir, &why), ST_OK);
	expect_made(&other, TODAY - 1);
	snprintf(other.dir, sizeof(other.dir), "%s", world->dir);
	expect_refused(&other, TODAY - 3);
	/* One that nothing was ever in takes the journal that is there. */
	snprintf(new.dir, sizeof(new.dir), "%s", world->dir);
	expect_refused(&new, TODAY - 1);
	expect_made(&new, TODAY - 3);
	store_close(other.store);
	store_close(new.store);
	world_close(world);
}

/* Reports come into a store, its journal is lost, and only then a snapshot is made. */
static void test_before_the_first(void **state)
{
	struct world *world = world_open();
	struct reason why = {""};

	(void)state;
	assert_int_equal(warrant_begin(world->store, world->dir, &why), ST_OK);
	back_up(world);
	expect_made(world, TODAY - 1);
	restore_store(world);
	assert_int_equal(unlink(world->journal), 0);
	expect_refused(world, TODAY - 1);
	world_close(world);
}

static void test_damaged_and_torn(void **state)
{
	struct world *world = world_of_a_backup();
	struct snapshot_done done;
	FILE *file;

	(void)state;
	file = fopen(world->journal, "a"); /* as a crash leaves it */
	fputs("m 2026-1", file);
	fclose(file);
	expect_made(world, TODAY - 3);
	restore_store(world);
	expect_refused(world, TODAY - 3);
	assert_int_equal(truncate(world->journal, 0), 0);
	assert_int_equal(snapshot(world, TODAY - 4, &done), ST_CORRUPT);
	world_close(world);
}

/* Who says none has the store alone. */
static void test_none(void **state)
{
	struct world *world = world_open();

	(void)state;
	snprintf(world->dir, sizeof(world->dir), WARRANT_NONE);
	expect_made(world, TODAY - 1);
	struct snapshot_done done;
	assert_int_equal(snapshot(world, TODAY - 1, &done), ST_OK);
	assert_int_equal(done.there, 1);
	assert_int_not_equal(access(world->journal, F_OK), 0);
	world_close(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_store_alone),	     cmocka_unit_test(test_both),
	    cmocka_unit_test(test_lost_journal),     cmocka_unit_test(test_moved),
	    cmocka_unit_test(test_another_store),    cmocka_unit_test(test_before_the_first),
	    cmocka_unit_test(test_damaged_and_torn), cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
