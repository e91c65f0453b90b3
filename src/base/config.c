/*
 * config - the order of the sources, the table of rows, and what holds between keys.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config_rows.h"

#define SYSTEM_FILE SYSCONFDIR "/tamis/tamis.yaml"
#define ENV_PREFIX "TAMIS_"
#define ARENA_BYTES ((size_t)8 * 1024 * 1024)

extern char **environ;

const struct config_row config_rows[CONFIG_KEYS] = {
#define CONFIG(field, type, key, env, value, min, max, unit, help)                                 \
	{CONFIG_TYPE_##type, offsetof(struct config, field), key, env, value, min, max, unit},
#include "config.def"
#undef CONFIG
};

const struct config_row *config_find(const char *key)
{
	for (size_t i = 0; i < CONFIG_KEYS; i++)
		if (strcmp(config_rows[i].key, key) == 0)
			return &config_rows[i];
	return NULL;
}

static char env_char(char c)
{
	return c == '.' ? '_' : (char)toupper((unsigned char)c);
}

void config_env_name(const struct config_row *row, char *name, size_t size)
{
	if (row->env) {
		(void)snprintf(name, size, "%s", row->env);
		return;
	}
	(void)snprintf(name, size, ENV_PREFIX "%s", row->key);
	for (char *p = name; *p; p++)
		*p = env_char(*p);
}

/* The value of an "NAME=value" of the environment that sets the row, NULL if it does not. */
static const char *env_value(const struct config_row *row, const char *entry)
{
	const char *name = row->env ? row->env : row->key;

	if (!row->env && strncmp(entry, ENV_PREFIX, sizeof(ENV_PREFIX) - 1) != 0)
		return NULL;
	entry += row->env ? 0 : sizeof(ENV_PREFIX) - 1;
	while (*name && *entry == (row->env ? *name : env_char(*name))) {
		name++;
		entry++;
	}
	return *name == '\0' && *entry == '=' ? entry + 1 : NULL;
}

/* As getenv() of config_env_name(), which costs a process of one request more than its event. */
static const char *env_find(const struct config_row *row)
{
	const char *value = NULL;

	for (char **entry = environ; entry && *entry && !value; entry++)
		value = env_value(row, *entry);
	return value;
}

static enum status put_defaults(struct config_loaded *loaded, struct reason *why)
{
	for (size_t i = 0; i < CONFIG_KEYS; i++) {
		const struct config_row *row = &config_rows[i];
		enum status status = config_put(loaded, row, row->value, "default", why);

		if (status != ST_OK) {
			reason_prefix(why, "default of %s", row->key);
			return status;
		}
	}
	return ST_OK;
}

/* A key of earlier versions that the environment still sets. */
static enum status check_gone(struct reason *why)
{
	for (const struct config_gone *gone = config_gone_rows; gone->key; gone++) {
		const struct config_row row = {.key = gone->key};
		const char *value = env_find(&row);
		char name[128];

		if (!value || !*value)
			continue;
		config_env_name(&row, name, sizeof(name));
		return reason_set(why, ST_CONFIG, "environment variable %s: %s %s", name, gone->key,
				  gone->instead);
	}
	return ST_OK;
}

static enum status put_environment(struct config_loaded *loaded, struct reason *why)
{
	for (size_t i = 0; i < CONFIG_KEYS; i++) {
		const struct config_row *row = &config_rows[i];
		enum status status;
		const char *value = env_find(row), *origin;
		char name[128];

		if (!value || !*value)
			continue;
		config_env_name(row, name, sizeof(name));
		origin = arena_copy(loaded->arena, name, strlen(name));
		if (!origin)
			return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
		status = config_put(loaded, row, value, origin, why);
		if (status != ST_OK) {
			reason_prefix(why, "environment variable %s: %s", name, row->key);
			return status;
		}
	}
	return ST_OK;
}

static enum status put_argument(struct config_loaded *loaded, const char *arg, struct reason *why)
{
	const char *equals = strchr(arg, '=');
	const struct config_row *row;
	enum status status;
	const char *near;
	char *name;

	if (strncmp(arg, "--", 2) != 0 || !equals)
		return reason_set(why, ST_USAGE, "not a setting of the form --key=value: %.64s",
				  arg);
	name = arena_copy(loaded->arena, arg, (size_t)(equals - arg));
	if (!name)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	row = config_find(name + 2);
	if (!row && config_gone(name + 2))
		return reason_set(why, ST_CONFIG, "%s: %s", name, config_gone(name + 2));
	near = row ? NULL : config_nearest(name + 2);
	if (!row)
		return reason_set(why, ST_USAGE, "%.64s: unknown key%s%s%s", name,
				  near ? "; did you mean --" : "", near ? near : "",
				  near ? "?" : "");
	if (row->type == CONFIG_TYPE_SECRET)
		return reason_set(why, ST_USAGE,
				  "%s: a secret on the command line is seen by every user of the "
				  "machine; use the environment or the file",
				  name);
	status = config_put(loaded, row, equals + 1, name, why);
	if (status != ST_OK)
		reason_prefix(why, "%s", name);
	return status;
}

/* What no row can check by itself. */
static enum status check_together(struct config_loaded *loaded, struct reason *why)
{
	struct config *config = &loaded->config;
	const char **only;

	if (!config->sanitize && !config->sanitize_unsafe)
		return reason_set(why, ST_CONFIG,
				  "%s: umami.sanitization.enabled: false needs "
				  "umami.sanitization.unsafe: true beside it",
				  loaded->origins[CONFIG_INDEX_sanitize]);
	if (config->umami_websites.n > 0 || !*config->umami_website_id)
		return ST_OK;
	only = arena_alloc(loaded->arena, sizeof(*only));
	if (!only)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	*only = config->umami_website_id;
	config->umami_websites.items = only;
	config->umami_websites.n = 1;
	loaded->origins[CONFIG_INDEX_umami_websites] = "umami.website_id";
	return ST_OK;
}

const char *config_file(const char *path)
{
	if (!path)
		path = getenv("TAMIS_CONFIG");
	if (path && *path)
		return path;
	return access(SYSTEM_FILE, F_OK) == 0 ? SYSTEM_FILE : NULL;
}

static enum status load(struct config_loaded *loaded, const char *path, size_t n_args,
			const char *const *args, struct reason *why)
{
	enum status status = put_defaults(loaded, why);

	path = config_file(path);
	if (status == ST_OK && path)
		status = config_read_yaml(loaded, path, why);
	if (status == ST_OK)
		status = check_gone(why);
	if (status == ST_OK)
		status = put_environment(loaded, why);
	for (size_t i = 0; status == ST_OK && i < n_args; i++)
		status = put_argument(loaded, args[i], why);
	return status == ST_OK ? check_together(loaded, why) : status;
}

enum status config_load(struct config **out, const char *path, size_t n_args,
			const char *const *args, struct reason *why)
{
	struct config_loaded *loaded = calloc(1, sizeof(*loaded));
	enum status status;

	if (!loaded)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	loaded->arena = arena_new(ARENA_BYTES);
	status = loaded->arena ? load(loaded, path, n_args, args, why)
			       : reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	if (status != ST_OK) {
		config_free(&loaded->config);
		return status;
	}
	*out = &loaded->config;
	return ST_OK;
}

void config_free(struct config *config)
{
	struct config_loaded *loaded = (struct config_loaded *)config;

	if (!loaded)
		return;
	arena_free(loaded->arena); /* overwrites all strings */
	free(loaded);
}
