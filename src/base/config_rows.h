/*
 * config_rows - config.def as a table, and what the parts of config share.
 */
#ifndef TAMIS_BASE_CONFIG_ROWS_H
#define TAMIS_BASE_CONFIG_ROWS_H

#include "arena.h"
#include "config.h"

enum config_type {
	CONFIG_TYPE_BOOL,
	CONFIG_TYPE_UINT,
	CONFIG_TYPE_STRING,
	CONFIG_TYPE_SECRET,
	CONFIG_TYPE_LIST,
	CONFIG_TYPE_ENUM
};

enum config_index {
#define CONFIG(field, type, key, env, value, min, max, unit, help) CONFIG_INDEX_##field,
#include "config.def"
#undef CONFIG
	CONFIG_KEYS
};

struct config_row {
	enum config_type type;
	size_t offset; /* of the field in struct config */
	const char *key;
	const char *env; /* NULL: made from the key */
	const char *value;
	uint64_t min, max;
	const char *unit;
};

extern const struct config_row config_rows[CONFIG_KEYS];

/* A configuration while it is made; config is first, so config_free() finds the rest. */
struct config_loaded {
	struct config config;
	struct arena *arena;
	const char *origins[CONFIG_KEYS]; /* "default", "FILE:LINE", "NAME", "--key" */
};

/* NULL: no such key. */
const struct config_row *config_find(const char *key);
/* Keys of earlier versions; ended by NULL. */
struct config_gone {
	const char *key, *instead;
};
extern const struct config_gone config_gone_rows[];
/* What to do instead of a key of earlier versions, or of its whole section; NULL: it is none. */
const char *config_gone(const char *key);
/* The known key that looks most like this one; NULL if none is near. */
const char *config_nearest(const char *key);
/* The environment name of a row, into name. */
void config_env_name(const struct config_row *row, char *name, size_t size);

/* Check the text and set the row's field; why says what is wrong, without the key. */
MUST_CHECK enum status config_put(struct config_loaded *loaded, const struct config_row *row,
				  const char *text, const char *origin, struct reason *why);
/* The same for a list whose items are apart already. */
MUST_CHECK enum status config_put_list(struct config_loaded *loaded, const struct config_row *row,
				       const char *const *items, size_t n, const char *origin,
				       struct reason *why);

/* Every setting of the YAML file; why names file, line and key. */
MUST_CHECK enum status config_read_yaml(struct config_loaded *loaded, const char *path,
					struct reason *why);

/*
 * Replace ${VAR} and ${VAR:-default}; $${ is a plain ${. *out lives in the arena, NULL:
 * counts as unset. *literal: something of it, defaults included, stands in the text.
 */
MUST_CHECK enum status config_expand(const char **out, bool *literal, struct arena *arena,
				     const char *text, struct reason *why);

#endif
