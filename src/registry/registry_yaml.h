/*
 * registry_yaml - a registry while it is read: the document, and what is wrong with it.
 */
#ifndef TAMIS_REGISTRY_YAML_H
#define TAMIS_REGISTRY_YAML_H

#include <yaml.h>

#include "arena.h"
#include "registry.h"

struct registry {
	struct arena *arena;
	size_t n;
	struct measure *measures;
};

struct reading {
	yaml_document_t document;
	const char *path;
	struct arena *arena;
	const char *measure; /* that is being read; NULL: none */
	struct buf problems; /* a line each */
	size_t n_problems;
	enum status failed; /* ST_OK, or why reading cannot go on */
};

enum field_type {
	FIELD_TEXT,
	FIELD_WORD,
	FIELD_WORDS,
	FIELD_DATE,
	FIELD_FLAG,
	FIELD_CHOICE,
	FIELD_NUMBER,
	FIELD_MICRO,
	FIELD_PICO,
	FIELD_DIMENSIONS
};

struct field {
	const char *key;
	enum field_type type;
	bool needed;
	const char *values;
	size_t offset; /* in struct measure */
};

/* "FILE:LINE: METRIC.FIELD: TEXT"; field NULL: of the metric, or of the file. */
void reading_problem(struct reading *reading, const yaml_node_t *node, const char *field,
		     const char *text);
/* Copies into the arena; NULL (and failed) without memory. */
const char *reading_copy(struct reading *reading, const char *text, size_t len);
void *reading_alloc(struct reading *reading, size_t size);

/* A scalar's text, NULL if the node is none. */
const char *node_text(const yaml_node_t *node);
/* Read the field's node into the measure; what is wrong becomes a problem. */
void field_read(struct reading *reading, const struct field *field, yaml_node_t *node,
		struct measure *measure);
bool word_ok(const char *text, bool dots);
/* The values of a dimension that lie in a file beside the registry. */
bool values_read(struct reading *reading, const yaml_node_t *node, const char *field,
		 const char *name, struct values *out);

/* What one field alone does not show. */
void measure_check(struct reading *reading, const yaml_node_t *node, const struct measure *measure);
/* What only a date shows: expired, to be reviewed. */
void measure_check_day(struct reading *reading, const yaml_node_t *node,
		       const struct measure *measure, int32_t today);

#endif
