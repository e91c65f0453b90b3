/*
 * config - all settings as one immutable struct, from the rows of config.def.
 *
 * Rising precedence: default, YAML file, environment, --key=value. The file may
 * say ${VAR} (an undefined variable is an error that names it, but for the
 * UMAMI_* names of config.def, which then count as unset) and ${VAR:-default}.
 * Every error names file, line and key, never a value: it may be a misplaced secret.
 * An empty environment variable counts as unset.
 */
#ifndef TAMIS_BASE_CONFIG_H
#define TAMIS_BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "status.h"

struct config_list {
	size_t n;
	const char *const *items;
};

struct config {
#define CONFIG_BOOL bool
#define CONFIG_UINT uint64_t
#define CONFIG_STRING const char *
#define CONFIG_SECRET const char *
#define CONFIG_LIST struct config_list
#define CONFIG_ENUM unsigned
#define CONFIG(field, type, key, env, value, min, max, unit, help) CONFIG_##type field;
#include "config.def"
#undef CONFIG
#undef CONFIG_BOOL
#undef CONFIG_UINT
#undef CONFIG_STRING
#undef CONFIG_SECRET
#undef CONFIG_LIST
#undef CONFIG_ENUM
};

/*
 * path: the YAML file; NULL takes $TAMIS_CONFIG, else the system's tamis.yaml if it
 * is there. args: n_args strings "--key=value"; others are ST_USAGE.
 * ST_OK: caller owns *out and ends it with config_free(); strings are never NULL,
 * UUIDs are in lower case, umami_api_url has no slash at its end, umami_websites holds
 * umami_website_id where the file names none.
 * ST_CONFIG, ST_USAGE, ST_DENIED (a file with a secret that others can read): why.
 */
MUST_CHECK enum status config_load(struct config **out, const char *path, size_t n_args,
				   const char *const *args, struct reason *why);
/* Secrets are overwritten first. */
void config_free(struct config *config);
/* The file that config_load() reads for this path; NULL: none. */
const char *config_file(const char *path);

/* "key: value  # where from" a line, secrets as ***: what `tamis config show` prints. */
void config_show(const struct config *config, struct buf *out);
/* The text of one setting, lists by lines. ST_NOT_FOUND: no such key; ST_DENIED: a secret. */
MUST_CHECK enum status config_get(const struct config *config, const char *key, struct buf *out);
/* Is this setting what it is because nobody said anything? The key has to be one. */
bool config_is_default(const struct config *config, const char *key);
/* One sentence for each setting that weakens the promise, to be said at start. */
size_t config_warnings(const struct config *config, struct buf *out);

#endif
