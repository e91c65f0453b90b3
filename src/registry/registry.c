/*
 * registry - reading the file: one YAML document, read whole, all its problems told.
 */
#include "registry.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "day.h"
#include "file.h"
#include "registry_yaml.h"

#define FILE_BYTES ((size_t)4 * 1024 * 1024)
#define ARENA_BYTES ((size_t)64 * 1024 * 1024)
#define PROBLEM_BYTES ((size_t)256 * 1024)
#define FIELDS (sizeof(fields) / sizeof(*fields))

static const struct field fields[] = {
#define FIELD(member, type, key, needed, values, help)                                             \
	{key, FIELD_##type, needed, values, offsetof(struct measure, member)},
#include "registry.def"
#undef FIELD
};

void reading_problem(struct reading *reading, const yaml_node_t *node, const char *field,
		     const char *text)
{
	reading->n_problems++;
	buf_addf(&reading->problems, "%s:%zu: ", reading->path,
		 node ? node->start_mark.line + 1 : 1);
	if (reading->measure)
		buf_addf(&reading->problems, "%s%s%s: ", reading->measure, field ? "." : "",
			 field ? field : "");
	else if (field)
		buf_addf(&reading->problems, "%s: ", field);
	buf_addf(&reading->problems, "%s\n", text);
}

void *reading_alloc(struct reading *reading, size_t size)
{
	void *memory = arena_zalloc(reading->arena, size);

	if (!memory)
		reading->failed = ST_NO_MEMORY;
	return memory;
}

const char *reading_copy(struct reading *reading, const char *text, size_t len)
{
	const char *copy = arena_copy(reading->arena, text, len);

	if (!copy)
		reading->failed = ST_NO_MEMORY;
	return copy;
}

const char *node_text(const yaml_node_t *node)
{
	if (!node || node->type != YAML_SCALAR_NODE ||
	    strlen((const char *)node->data.scalar.value) != node->data.scalar.length)
		return NULL;
	return (const char *)node->data.scalar.value;
}

static const struct field *field_find(const char *key)
{
	for (size_t i = 0; i < FIELDS; i++)
		if (!strcmp(fields[i].key, key))
			return &fields[i];
	return NULL;
}

static void read_pair(struct reading *reading, const yaml_node_pair_t *pair,
		      struct measure *measure, bool *seen)
{
	yaml_node_t *key = yaml_document_get_node(&reading->document, pair->key);
	yaml_node_t *value = yaml_document_get_node(&reading->document, pair->value);
	const struct field *field = node_text(key) ? field_find(node_text(key)) : NULL;

	if (!field) {
		reading_problem(reading, key, node_text(key), "is no field of a metric");
		return;
	}
	if (seen[field - fields])
		reading_problem(reading, key, field->key, "is said twice");
	seen[field - fields] = true;
	field_read(reading, field, value, measure);
}

static void defaults(struct measure *measure)
{
	for (size_t i = 0; i < FIELDS; i++) {
		char *place = (char *)measure + fields[i].offset;
		if (fields[i].type == FIELD_TEXT || fields[i].type == FIELD_WORD)
			memcpy(place, &(const char *){""}, sizeof(const char *));
		if (fields[i].type == FIELD_DATE)
			memcpy(place, &(int32_t){DAY_NEVER}, sizeof(int32_t));
	}
	measure->domain_version = 1;
	measure->cells_per_client = 10;
	measure->per_cell = 1;
}

static void read_measure(struct reading *reading, const yaml_node_t *node, struct measure *measure,
			 int32_t today)
{
	bool seen[FIELDS] = {false};

	defaults(measure);
	if (node->type != YAML_MAPPING_NODE) {
		reading_problem(reading, node, NULL, "is no mapping of fields");
		return;
	}
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++)
		read_pair(reading, pair, measure, seen);
	for (size_t i = 0; i < FIELDS; i++)
		if (fields[i].needed && !seen[i])
			reading_problem(reading, node, fields[i].key, "is missing");
	measure_check(reading, node, measure);
	if (today != DAY_NEVER)
		measure_check_day(reading, node, measure, today);
}

static bool name_taken(const struct registry *registry, const char *name)
{
	for (size_t i = 0; i < registry->n; i++)
		if (!strcmp(registry->measures[i].name, name))
			return true;
	return false;
}

static void read_measures(struct reading *reading, struct registry *registry,
			  const yaml_node_t *node, int32_t today)
{
	if (node->type != YAML_MAPPING_NODE) {
		reading_problem(reading, node, "metrics", "is no mapping of names to metrics");
		return;
	}
	size_t n = (size_t)(node->data.mapping.pairs.top - node->data.mapping.pairs.start);
	registry->measures = reading_alloc(reading, (n ? n : 1) * sizeof(struct measure));
	for (size_t i = 0; i < n && reading->failed == ST_OK; i++) {
		const yaml_node_pair_t *pair = &node->data.mapping.pairs.start[i];
		yaml_node_t *key = yaml_document_get_node(&reading->document, pair->key);
		const char *name = node_text(key);
		struct measure *measure = &registry->measures[registry->n];
		if (!name || !word_ok(name, false) || name_taken(registry, name)) {
			reading_problem(reading, key, "metrics",
					"a name is not [a-z][a-z0-9_]{0,49}, or stands twice");
			continue;
		}
		measure->name = reading->measure = reading_copy(reading, name, strlen(name));
		read_measure(reading, yaml_document_get_node(&reading->document, pair->value),
			     measure, today);
		reading->measure = NULL;
		registry->n++;
	}
}

static void read_root(struct reading *reading, struct registry *registry, int32_t today)
{
	const yaml_node_t *root = yaml_document_get_root_node(&reading->document);
	bool metrics = false;

	if (!root || root->type != YAML_MAPPING_NODE) {
		reading_problem(reading, root, NULL, "is no mapping with version and metrics");
		return;
	}
	for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
	     pair < root->data.mapping.pairs.top; pair++) {
		yaml_node_t *key = yaml_document_get_node(&reading->document, pair->key);
		yaml_node_t *value = yaml_document_get_node(&reading->document, pair->value);
		const char *name = node_text(key);
		if (name && !strcmp(name, "metrics") && !metrics) {
			metrics = true;
			read_measures(reading, registry, value, today);
		} else if (!name || strcmp(name, "version")) {
			reading_problem(reading, key, NULL,
					"has a key that is not version or metrics");
		} else if (!node_text(value) || strcmp(node_text(value), "1")) {
			reading_problem(reading, value, "version", "is not 1");
		}
	}
	if (!metrics)
		reading_problem(reading, root, "metrics", "is missing");
}

static enum status parse(struct reading *reading, const struct buf *text, struct reason *why)
{
	yaml_parser_t parser;

	if (!yaml_parser_initialize(&parser))
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	yaml_parser_set_input_string(&parser, (const unsigned char *)text->data, text->len);
	enum status status = ST_OK;
	if (!yaml_parser_load(&parser, &reading->document)) /* without memory it names no problem */
		status = parser.problem ? reason_set(why, ST_CONFIG, "%s:%zu: no valid YAML: %s",
						     reading->path, parser.problem_mark.line + 1,
						     parser.problem)
					: reason_set_path(why, ST_NO_MEMORY, reading->path);
	yaml_parser_delete(&parser);
	return status;
}

/* ST_OK though there are problems: the caller looks. */
static enum status read_file(struct reading *reading, struct registry *registry, int32_t today,
			     struct reason *why)
{
	struct buf text;
	enum status status;

	buf_init(&text, FILE_BYTES);
	status = file_read(reading->path, &text);
	if (status != ST_OK)
		status = reason_set_path(why, status, reading->path);
	else
		status = parse(reading, &text, why);
	if (status == ST_OK) {
		read_root(reading, registry, today);
		yaml_document_delete(&reading->document);
		if (reading->failed != ST_OK)
			status = reason_set_path(why, reading->failed, reading->path);
	}
	buf_free(&text);
	return status;
}

static enum status read_registry(struct registry **out, struct reading *reading, int32_t today,
				 struct reason *why)
{
	struct registry *registry = calloc(1, sizeof(*registry));

	*out = registry;
	if (registry)
		registry->arena = reading->arena = arena_new(ARENA_BYTES);
	if (!registry || !registry->arena)
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	buf_init(&reading->problems, PROBLEM_BYTES);
	return read_file(reading, registry, today, why);
}

enum status registry_open(struct registry **out, const char *path, struct reason *why)
{
	struct reading reading = {.path = path};
	enum status status = read_registry(out, &reading, DAY_NEVER, why);

	if (status == ST_OK && reading.n_problems) {
		size_t first = strcspn(reading.problems.data ? reading.problems.data : "", "\n");
		status = reason_set(why, ST_CONFIG, "%.*s", (int)first, reading.problems.data);
	}
	buf_free(&reading.problems);
	if (status != ST_OK) {
		registry_close(*out);
		*out = NULL;
	}
	return status;
}

enum status registry_lint(const char *path, int32_t today, struct buf *out, size_t *n,
			  struct reason *why)
{
	struct reading reading = {.path = path};
	struct registry *registry;
	enum status status = read_registry(&registry, &reading, today, why);

	if (status == ST_OK && reading.problems.len)
		buf_add(out, reading.problems.data, reading.problems.len);
	*n = reading.n_problems;
	buf_free(&reading.problems);
	registry_close(registry);
	return status;
}

void registry_close(struct registry *registry)
{
	if (registry && registry->arena)
		arena_free(registry->arena);
	free(registry);
}

void measure_terms(char terms[TERMS_BYTES], const struct measure *measure)
{
	(void)snprintf(terms, TERMS_BYTES, "%" PRIu64 "/%" PRIu64 "x%" PRIu64 "/%" PRIu64 "%s",
		       measure->domain_version, measure->cells_per_client, measure->per_cell,
		       measure->client_epsilon, measure->domain == DOMAIN_SPLIT ? "s" : "");
}

size_t registry_size(const struct registry *registry)
{
	return registry->n;
}

const struct measure *registry_at(const struct registry *registry, size_t i)
{
	return &registry->measures[i];
}

const struct measure *registry_find(const struct registry *registry, const char *name,
				    const char **step)
{
	size_t len = strcspn(name, ".");

	*step = name[len] ? name + len + 1 : NULL;
	for (size_t i = 0; i < registry->n; i++) {
		const struct measure *m = &registry->measures[i];
		if (strncmp(m->name, name, len) || m->name[len] || !*step != !m->steps.n)
			continue;
		for (size_t k = 0; *step && k < m->steps.n; k++)
			if (!strcmp(m->steps.items[k], *step))
				return m;
		return *step ? NULL : m;
	}
	return NULL;
}
