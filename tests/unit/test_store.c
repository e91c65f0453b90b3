/*
 * The store: its schema made once by many at a time, statements, transactions, rights,
 * and that what was removed is gone. On SQLite; where TEST_DATABASE_URL names a database
 * (which is emptied), on that one too: see tests/integration/test_store.py.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#include "buf.h"
#include "driver.h"
#include "file.h"
#include "store.h"

static char directory[] = "/tmp/tamis-store-XXXXXX";

static struct config config(void)
{
	const char *url = getenv("TEST_DATABASE_URL");

	return (struct config){.state_dir = directory, .store_url = url ? url : ""};
}

static bool is_sqlite(void)
{
	return !getenv("TEST_DATABASE_URL");
}

static struct store *try_store(enum store_access access, struct reason *why)
{
	struct config c = config();
	struct store *store;

	return store_open(&store, &c, access, why) == ST_OK ? store : NULL;
}

static struct store *open_store(enum store_access access)
{
	struct reason why = {""};
	struct store *store = try_store(access, &why);

	if (!store)
		fail_msg("%s", why.text);
	return store;
}

static void must(enum status status, const struct reason *why)
{
	if (status != ST_OK)
		fail_msg("%s: %s", status_text(status), why->text);
}

static void add(struct store *store, const char *name, const char *day, const char *id, int64_t n)
{
	struct store_value values[] = {STORE_TEXT(name), STORE_TEXT(day), STORE_TEXT(id),
				       STORE_TEXT("web"), STORE_NUMBER(n)};
	struct reason why = {""};

	must(store_run(store, QUERY_COUNT_ADD, values, NULL, NULL, &why), &why);
}

static enum status write_row(void *context, const char *const *columns)
{
	struct buf *out = context;

	for (int i = 0; i < 5; i++) {
		buf_adds(out, columns[i] ? columns[i] : "NULL");
		buf_addc(out, i < 4 ? ' ' : '\n');
	}
	return ST_OK;
}

/* The answer's rows, "name id day count source" a line. */
static const char *ask(struct store *store, enum query query, const char *name, const char *from,
		       const char *to)
{
	static struct buf out;
	struct store_value values[] = {STORE_TEXT(name), STORE_TEXT(from), STORE_TEXT(to),
				       STORE_NUMBER(1000)};
	struct reason why = {""};

	buf_free(&out);
	buf_init(&out, 1 << 20);
	buf_adds(&out, "");
	must(store_run(store, query, values, write_row, &out, &why), &why);
	return out.len ? out.data : "";
}

static const char *rows(struct store *store, const char *from, const char *to)
{
	return ask(store, QUERY_COUNTS, "", from, to);
}

static const char *sums(struct store *store, const char *name, const char *from, const char *to)
{
	return ask(store, QUERY_BY_DATE_OF_NAME, name, from, to);
}

/* First of all tests: there is no schema yet, and eight processes want one. */
static void test_made_once(void **state)
{
	struct config c = config();
	struct reason why = {""};
	struct store *store;
	int failed = 0, how;

	(void)state;
	assert_int_equal(store_open(&store, &c, STORE_READ, &why), ST_NOT_FOUND);
	assert_null(store);
	for (int i = 0; i < 8; i++) {
		if (fork() == 0) {
			store = try_store(STORE_WRITE, &why);
			if (!store)
				_exit(1);
			add(store, "together", "2026-01-01", "7", 5);
			_exit(0);
		}
	}
	for (int i = 0; i < 8; i++)
		failed += wait(&how) < 0 || how != 0;
	assert_int_equal(failed, 0);
	store = open_store(STORE_READ);
	assert_string_equal(rows(store, "2026-01-01", "2026-01-01"),
			    "together 7 2026-01-01 40 web\n");
	store_close(store);
}

static void test_rows(void **state)
{
	struct store *store = open_store(STORE_WRITE);
	struct store_value many[300 * 5];
	struct reason why = {""};
	char ids[300][8];

	(void)state;
	for (int i = 0; i < 300; i++) {
		snprintf(ids[i], sizeof(ids[i]), "%d", i / 2);
		many[i * 5] = STORE_TEXT("many");
		many[i * 5 + 1] = STORE_TEXT("2026-02-01");
		many[i * 5 + 2] = STORE_TEXT(ids[i]);
		many[i * 5 + 3] = STORE_TEXT("");
		many[i * 5 + 4] = STORE_NUMBER(INT64_C(1) << 40);
	}
	must(store_begin(store, false, &why), &why);
	must(store_many(store, QUERY_COUNT_ADD, many, 300, &why), &why);
	must(store_commit(store, &why), &why);
	assert_non_null(strstr(rows(store, "2026-02-01", "2026-02-01"),
			       "many 149 2026-02-01 2199023255552 \n"));

	add(store, "o'clock \"; --", "2026-02-02", "\xc3\xa4", 1); /* data stay data */
	assert_string_equal(rows(store, "2026-02-02", "2026-02-02"),
			    "o'clock \"; -- \xc3\xa4 2026-02-02 1 web\n");
	store_close(store);
}

static void test_transaction(void **state)
{
	struct store_value batch[] = {STORE_TEXT("lane"), STORE_NUMBER(7)};
	struct store *store = open_store(STORE_WRITE);
	struct reason why = {""};

	(void)state;
	must(store_begin(store, false, &why), &why);
	add(store, "undone", "2026-03-01", "1", 1);
	store_rollback(store);
	assert_string_equal(rows(store, "2026-03-01", "2026-03-01"), "");
	for (uint64_t first = 1; first < 2; first--) { /* once it is new, then it is not */
		must(store_run(store, QUERY_BATCH, batch, NULL, NULL, &why), &why);
		assert_int_equal(store_changed(store), first);
	}
	store_close(store);
}

/* A failed statement within many: its transaction is lost, the connection is not. */
static void test_refused(void **state)
{
	struct store_value bad[] = {STORE_TEXT("secret-name"), STORE_TEXT("2026-04-01"),
				    STORE_TEXT("1"), STORE_TEXT(""), STORE_NUMBER(-5)};
	struct store *store = open_store(STORE_WRITE);
	struct reason why = {""};

	(void)state;
	must(store_begin(store, false, &why), &why);
	assert_int_not_equal(store_many(store, QUERY_COUNT_ADD, bad, 1, &why), ST_OK);
	assert_null(strstr(why.text, "secret"));
	assert_non_null(strstr(why.text, "store"));
	store_rollback(store);
	add(store, "after", "2026-04-01", "1", 1);
	assert_string_equal(rows(store, "2026-04-01", "2026-04-01"), "after 1 2026-04-01 1 web\n");
	store_close(store);
}

static void test_reader(void **state)
{
	struct store *reader = open_store(STORE_READ);
	struct store_value values[] = {STORE_TEXT("2030-01-01")};
	struct reason why = {""};

	(void)state;
	assert_int_equal(store_run(reader, QUERY_COUNTS_EXPIRE, values, NULL, NULL, &why),
			 ST_DENIED);
	store_close(reader);
}

/* Bytes of what was removed: in the file, and in the log beside it. */
static bool file_holds(const char *name, const char *text)
{
	char path[128];
	struct buf data;
	bool found = false;

	buf_init(&data, 1 << 26);
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (file_read(path, &data) == ST_OK)
		found = memmem(data.data, data.len, text, strlen(text)) != NULL;
	buf_free(&data);
	return found;
}

static void test_removed(void **state)
{
	struct store *store = open_store(STORE_WRITE);
	struct store_value before[] = {STORE_TEXT("2000-01-03")};
	struct reason why = {""};

	(void)state;
	add(store, "shortlived", "2000-01-02", "canary-4711", 1);
	add(store, "longlived", "2000-01-03", "1", 1);
	must(store_run(store, QUERY_COUNTS_EXPIRE, before, NULL, NULL, &why), &why);
	assert_int_equal(store_changed(store), 1);
	must(store_compact(store, &why), &why);
	assert_string_equal(rows(store, "1999-01-01", "2000-12-31"),
			    "longlived 1 2000-01-03 1 web\n");
	if (is_sqlite()) {
		assert_true(file_holds("store/counts.db", "longlived"));
		assert_false(file_holds("store/counts.db", "canary-4711"));
		assert_false(file_holds("store/counts.db-wal", "canary-4711"));
	}
	store_close(store);
}

static void test_newer_schema(void **state)
{
	struct store *store = open_store(STORE_WRITE);
	struct config c = config();
	struct reason why = {""};
	struct store *none;

	(void)state;
	must(store_run(store, QUERY_SET_VERSION, &STORE_NUMBER(999), NULL, NULL, &why), &why);
	assert_int_equal(store_open(&none, &c, STORE_WRITE, &why), ST_CONFIG);
	assert_non_null(strstr(why.text, "999"));
	must(store_run(store, QUERY_SET_VERSION, &STORE_NUMBER(1), NULL, NULL, &why), &why);
	store_close(store);
}

/* A store that an earlier tamis left, at each version of its schema: nothing of it is lost. */
static void test_older_schema(void **state)
{
	static const struct {
		int version;
		unsigned dialects;
		const char *sql;
	} migrations[] = {
#define MIGRATION(version, dialects, sql) {version, dialects, sql},
#include "migration.def"
#undef MIGRATION
	};
	char path[64], url[80], text[128];
	struct config c = {.state_dir = directory, .store_url = url};
	struct reason why = {""};
	struct store *store;
	sqlite3 *old;

	(void)state;
	for (int version = 1; version <= 3; version++) {
		snprintf(path, sizeof(path), "%s/old%d.db", directory, version);
		snprintf(url, sizeof(url), "sqlite://%s", path);
		assert_int_equal(sqlite3_open(path, &old), SQLITE_OK);
		for (size_t i = 0; i < sizeof(migrations) / sizeof(*migrations); i++)
			if (migrations[i].version <= version &&
			    migrations[i].dialects & DIALECT_SQLITE)
				assert_int_equal(
				    sqlite3_exec(old, migrations[i].sql, NULL, NULL, NULL),
				    SQLITE_OK);
		snprintf(text, sizeof(text),
			 "CREATE TABLE schema_version (version BIGINT NOT NULL);"
			 "INSERT INTO schema_version VALUES (%d)",
			 version);
		assert_int_equal(sqlite3_exec(old, text, NULL, NULL, NULL), SQLITE_OK);
		assert_int_equal(sqlite3_exec(old,
					      "INSERT INTO counts VALUES "
					      "('kept', '7', '2026-01-08', 4, 'web'),"
					      "('kept', '8', '2026-01-08', 5, '')",
					      NULL, NULL, NULL),
				 SQLITE_OK);
		assert_int_equal(sqlite3_close(old), SQLITE_OK);
		must(store_open(&store, &c, STORE_WRITE, &why), &why);
		assert_string_equal(rows(store, "2026-01-01", "2026-02-01"),
				    "kept 7 2026-01-08 4 web\nkept 8 2026-01-08 5 \n");
		add(store, "kept", "2026-01-08", "7", 10);
		assert_string_equal(sums(store, "kept", "2026-01-08", "2026-01-08"),
				    "kept NULL 2026-01-08 19 NULL\n");
		store_close(store);
	}
}

static void test_url(void **state)
{
	struct config c = {.state_dir = directory, .store_url = "mysql://user:hunter2@host/db"};
	struct reason why = {""};
	struct store *store;
	char url[128];
	struct stat st;

	(void)state;
	assert_int_equal(store_open(&store, &c, STORE_WRITE, &why), ST_CONFIG);
	assert_null(strstr(why.text, "hunter2"));
	snprintf(url, sizeof(url), "sqlite://%s/other.db", directory);
	c.store_url = url;
	must(store_open(&store, &c, STORE_WRITE, &why), &why);
	assert_string_equal(store_kind(store), "SQLite");
	store_close(store);
	snprintf(url, sizeof(url), "%s/other.db", directory);
	assert_int_equal(stat(url, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	c.store_url = "postgresql://nobody@127.0.0.1:1/none";
	assert_int_not_equal(store_open(&store, &c, STORE_WRITE, &why), ST_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_made_once),	 cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_transaction),	 cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_reader),	 cmocka_unit_test(test_removed),
	    cmocka_unit_test(test_newer_schema), cmocka_unit_test(test_older_schema),
	    cmocka_unit_test(test_url),
	};
	char command[64];

	if (!mkdtemp(directory))
		return 1;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	return system(command) ? 1 : failed;
}
