/*
 * store - picks the driver by the URL, and keeps the schema.
 */
#include "store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "driver.h"
#include "state.h"
#include "url_kind.h"

struct store {
	const struct driver *driver;
	void *db;
	uint64_t changed;
};

const struct query_row store_queries[QUERIES] = {
#define QUERY(id, parameters, text) [QUERY_##id] = {text, parameters},
#include "query.def"
#undef QUERY
};

static const struct {
	int64_t version;
	unsigned dialects;
	const char *sql;
} migrations[] = {
#define MIGRATION(version, dialects, sql) {version, dialects, sql},
#include "migration.def"
#undef MIGRATION
};

#define MIGRATIONS (sizeof(migrations) / sizeof(*migrations))

static enum status pick(struct store *store, const struct config *config, const char **where,
			char *path, struct reason *why)
{
	store->driver = &store_sqlite;
	if (!*config->store_url) {
		state_path(path, config, STATE_COUNTS);
		*where = path;
		return ST_OK;
	}
	switch (url_kind(config->store_url, where)) {
	case URL_SQLITE:
		return ST_OK;
	case URL_POSTGRESQL:
		store->driver = &store_pq;
		return ST_OK;
	default:
		return reason_set(why, ST_CONFIG,
				  "store.url: begins with neither sqlite:/ nor postgresql://");
	}
}

/*
 * SQLite opens its log and index with O_CREAT whoever made them, which fs.protected_regular
 * refuses in a sticky directory like state.dir: they have one for the group that is not.
 */
static enum status make_room(const struct config *config, struct reason *why)
{
	char path[STATE_PATH_BYTES];
	enum status status = state_make(config, why);

	if (status != ST_OK)
		return status;
	state_path(path, config, STATE_STORE);
	if (mkdir(path, 0770) == 0)
		return chmod(path, 02770) ? reason_set_path(why, ST_IO, path) : ST_OK;
	return errno == EEXIST ? ST_OK : reason_set_path(why, ST_IO, path);
}

static enum status take_version(void *context, const char *const *columns)
{
	int64_t *version = context;

	*version = columns[0] ? strtoll(columns[0], NULL, 10) : 0;
	return ST_OK;
}

static enum status schema_version(struct store *store, int64_t *version, struct reason *why)
{
	enum status status;
	bool has;

	*version = 0;
	status = store->driver->has_schema(store->db, &has, why);
	if (status != ST_OK || !has)
		return status;
	return store_run(store, QUERY_VERSION, NULL, take_version, version, why);
}

/* The missing rows of migration.def, in one transaction that no other writer shares. */
static enum status migrate_alone(struct store *store, struct reason *why)
{
	enum status status;
	int64_t version;

	status = schema_version(store, &version, why);
	if (status == ST_OK && version == 0)
		status =
		    store->driver->script(store->db,
					  "CREATE TABLE schema_version (version BIGINT NOT NULL);"
					  "INSERT INTO schema_version (version) VALUES (0);",
					  why);
	for (size_t i = 0; i < MIGRATIONS && status == ST_OK; i++)
		if (migrations[i].version > version &&
		    migrations[i].dialects & (unsigned)store->driver->dialect)
			status = store->driver->script(store->db, migrations[i].sql, why);
	if (status != ST_OK)
		return status;
	return store_run(store, QUERY_SET_VERSION,
			 &STORE_NUMBER(migrations[MIGRATIONS - 1].version), NULL, NULL, why);
}

static enum status migrate(struct store *store, struct reason *why)
{
	enum status status = store->driver->begin(store->db, true, why);

	if (status != ST_OK)
		return status;
	status = migrate_alone(store, why);
	if (status == ST_OK)
		return store_commit(store, why);
	store_rollback(store);
	return status;
}

static enum status check_schema(struct store *store, enum store_access access, struct reason *why)
{
	int64_t version, ours = migrations[MIGRATIONS - 1].version;
	enum status status = schema_version(store, &version, why);

	if (status != ST_OK || version == ours)
		return status;
	if (version > ours)
		return reason_set(why, ST_CONFIG,
				  "the store's schema is version %" PRId64
				  ", this tamis knows %" PRId64 ": a newer tamis wrote it",
				  version, ours);
	if (access == STORE_WRITE)
		return migrate(store, why);
	return version ? reason_set(why, ST_CONFIG,
				    "the store's schema is of an older version: "
				    "whoever writes it brings it up to date")
		       : reason_set(why, ST_NOT_FOUND, "nothing was counted yet");
}

enum status store_open(struct store **out, const struct config *config, enum store_access access,
		       struct reason *why)
{
	struct store *store = calloc(1, sizeof(*store));
	char path[STATE_PATH_BYTES];
	enum status status;
	const char *where = NULL;

	*out = NULL;
	if (!store)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	status = pick(store, config, &where, path, why);
	if (status == ST_OK && access == STORE_WRITE && !*config->store_url)
		status = make_room(config, why);
	if (status == ST_OK)
		status = store->driver->open(&store->db, where, access == STORE_WRITE, why);
	if (status == ST_OK)
		status = check_schema(store, access, why);
	if (status == ST_OK)
		*out = store;
	else
		store_close(store);
	return status;
}

void store_close(struct store *store)
{
	if (store && store->db)
		store->driver->close(store->db);
	free(store);
}

const char *store_kind(const struct store *store)
{
	return store->driver->kind;
}

enum status store_run(struct store *store, enum query query, const struct store_value *values,
		      store_row_fn *row, void *context, struct reason *why)
{
	return store->driver->run(store->db, query, values, row, context, &store->changed, why);
}

enum status store_many(struct store *store, enum query query, const struct store_value *values,
		       size_t n, struct reason *why)
{
	return n ? store->driver->many(store->db, query, values, n, why) : ST_OK;
}

uint64_t store_changed(const struct store *store)
{
	return store->changed;
}

enum status store_begin(struct store *store, bool alone, struct reason *why)
{
	return store->driver->begin(store->db, alone, why);
}

enum status store_commit(struct store *store, struct reason *why)
{
	enum status status = store->driver->script(store->db, "COMMIT", why);

	if (status != ST_OK)
		store_rollback(store);
	return status;
}

void store_rollback(struct store *store)
{
	/* Where even this fails the connection is lost, and the transaction with it. */
	(void)!store->driver->script(store->db, "ROLLBACK", NULL);
}

enum status store_compact(struct store *store, struct reason *why)
{
	return store->driver->compact(store->db, why);
}
