/*
 * field - one field of a metric, by its type.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "day.h"
#include "file.h"
#include "registry_yaml.h"
#include "values.h"

#define WORD_MAX 50
#define VALUE_MAX 32
#define VALUES_MAX 100000
#define VALUES_BYTES ((size_t)4 * 1024 * 1024)

bool word_ok(const char *text, bool dots)
{
	size_t n = strlen(text);

	if (n == 0 || n > WORD_MAX || text[0] < 'a' || text[0] > 'z')
		return false;
	return strspn(text, dots ? "abcdefghijklmnopqrstuvwxyz0123456789_."
				 : "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

/* What a dimension's value may be: no blank, no control, short. */
static bool value_ok(const char *text)
{
	size_t n = strlen(text);

	return n > 0 && n <= VALUE_MAX && strcmp(text, VALUE_OTHER) != 0 &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-") ==
		   n;
}

static bool is_known(const char *const *items, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(items[i], text))
			return true;
	return false;
}

/* A list of scalars, each once. */
static bool read_list(struct reading *reading, const yaml_node_t *node, const char *field,
		      bool (*ok)(const char *), struct values *out, size_t more)
{
	if (!node || node->type != YAML_SEQUENCE_NODE) {
		reading_problem(reading, node, field, "is no list");
		return false;
	}
	const yaml_node_item_t *items = node->data.sequence.items.start;
	size_t n = (size_t)(node->data.sequence.items.top - items);
	const char **copies = reading_alloc(reading, (n + more + 1) * sizeof(*copies));
	for (size_t i = 0; i < n && copies; i++) {
		const yaml_node_t *item = yaml_document_get_node(&reading->document, items[i]);
		const char *text = node_text(item);
		if (!text || !ok(text) || is_known(copies, out->n, text)) {
			reading_problem(reading, item, field,
					"an item is not made of [A-Za-z0-9_.:-], is too long, or "
					"stands twice");
			return false;
		}
		copies[out->n++] = reading_copy(reading, text, strlen(text));
	}
	out->items = copies;
	return copies != NULL;
}

static bool source_ok(const char *text)
{
	return word_ok(text, false) && strlen(text) <= VALUE_MAX;
}

bool values_read(struct reading *reading, const yaml_node_t *node, const char *field,
		 const char *name, struct values *out)
{
	const char *slash = strrchr(reading->path, '/');
	char path[4096], *rest, *line = NULL;
	struct buf text;
	const char **items = NULL;

	snprintf(path, sizeof(path), "%.*s%s",
		 slash && name[0] != '/' ? (int)(slash - reading->path) + 1 : 0, reading->path,
		 name);
	buf_init(&text, VALUES_BYTES);
	if (file_read(path, &text) != ST_OK || !text.len) {
		reading_problem(reading, node, field,
				"the file of its values cannot be read, or is empty");
		buf_free(&text);
		return false;
	}
	size_t lines = 1;
	for (size_t i = 0; i < text.len; i++)
		lines += text.data[i] == '\n';
	items = reading_alloc(reading, (lines + 1) * sizeof(*items));
	rest = text.data;
	while (items && (line = strsep(&rest, "\n"))) {
		if (!*line || *line == '#')
			continue;
		if (!value_ok(line) || out->n >= VALUES_MAX) {
			reading_problem(reading, node, field,
					"the file of its values has a line that is none");
			break;
		}
		items[out->n++] = reading_copy(reading, line, strlen(line));
	}
	buf_free(&text);
	out->items = items;
	return items && !line;
}

static bool read_builtin(struct reading *reading, const yaml_node_t *node, const char *field,
			 const char *name, struct dimension *out)
{
	const struct builtin *builtin = builtin_find(name);
	char text[128];

	if (!builtin) {
		snprintf(text, sizeof(text), "no built-in list; there are %s", builtin_names());
		reading_problem(reading, node, field, text);
		return false;
	}
	const char **items = reading_alloc(reading, (builtin->values.n + 1) * sizeof(*items));
	if (!items)
		return false;
	memcpy(items, builtin->values.items, builtin->values.n * sizeof(*items));
	out->values = (struct values){builtin->values.n, items};
	out->coarsen = builtin->coarsen;
	return true;
}

/* A list, {file: NAME} or {builtin: NAME}. */
static bool read_values(struct reading *reading, yaml_node_t *node, const char *field,
			struct dimension *out)
{
	if (node && node->type == YAML_MAPPING_NODE &&
	    node->data.mapping.pairs.top - node->data.mapping.pairs.start == 1) {
		const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
		const char *key = node_text(yaml_document_get_node(&reading->document, pair->key));
		const char *name =
		    node_text(yaml_document_get_node(&reading->document, pair->value));
		if (key && name && !strcmp(key, "file"))
			return values_read(reading, node, field, name, &out->values);
		if (key && name && !strcmp(key, "builtin"))
			return read_builtin(reading, node, field, name, out);
	}
	return read_list(reading, node, field, value_ok, &out->values, 1);
}

static void read_dimensions(struct reading *reading, const yaml_node_t *node,
			    struct dimensions *out)
{
	if (!node || node->type != YAML_MAPPING_NODE) {
		reading_problem(reading, node, "dimensions", "is no mapping of names to values");
		return;
	}
	const yaml_node_pair_t *pairs = node->data.mapping.pairs.start;
	size_t n = (size_t)(node->data.mapping.pairs.top - pairs);
	struct dimension *items = reading_alloc(reading, (n ? n : 1) * sizeof(*items));
	for (size_t i = 0; i < n && items; i++) {
		const yaml_node_t *key = yaml_document_get_node(&reading->document, pairs[i].key);
		yaml_node_t *value = yaml_document_get_node(&reading->document, pairs[i].value);
		const char *name = node_text(key);
		struct dimension *d = &items[out->n];
		if (!name || !word_ok(name, false)) {
			reading_problem(reading, key, "dimensions",
					"a name is not [a-z][a-z0-9_]*");
			continue;
		}
		if (!read_values(reading, value, "dimensions", d))
			continue;
		((const char **)(uintptr_t)d->values.items)[d->values.n++] = VALUE_OTHER;
		d->name = reading_copy(reading, name, strlen(name));
		out->n++;
	}
	out->items = items;
}

/* The index of text among "a|b|c", or -1. */
static int choice_index(const char *choices, const char *text)
{
	size_t len = strlen(text);

	for (int i = 0;; i++) {
		size_t n = strcspn(choices, "|");
		if (n == len && !memcmp(choices, text, n))
			return i;
		if (!choices[n])
			return -1;
		choices += n + 1;
	}
}

static bool read_choice(unsigned *out, const char *choices, const char *text)
{
	int index = choice_index(choices, text);

	*out = index < 0 ? 0 : (unsigned)index;
	return index >= 0;
}

static bool read_number(uint64_t *out, const char *range, const char *text)
{
	uint64_t min = strtoull(range, NULL, 10), max = strtoull(strstr(range, "..") + 2, NULL, 10);
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno && *out >= min && *out <= max;
}

static uint64_t power_of_ten(unsigned n)
{
	uint64_t power = 1;

	while (n-- > 0)
		power *= 10;
	return power;
}

/* "0.5" with six places as 500000, "5e-1" too; no more digits than there are places. */
static bool read_decimal(uint64_t *out, const char *text, unsigned places)
{
	uint64_t n = 0;
	bool point = false, digit = false;

	for (; *text && *text != 'e'; text++) {
		if (*text == '.' && !point) {
			point = true;
			continue;
		}
		if (*text < '0' || *text > '9' || n > UINT64_MAX / 100 || (point && places-- == 0))
			return false;
		n = n * 10 + (uint64_t)(*text - '0');
		digit = true;
	}
	if (*text == 'e') {
		if (text[1] != '-' || text[2] < '0' || text[2] > '9')
			return false;
		unsigned long down = strtoul(text + 2, (char **)(uintptr_t)&text, 10);
		if (*text || down > places)
			return false;
		places -= (unsigned)down;
	}
	*out = n * power_of_ten(places);
	return digit && n <= UINT64_MAX / power_of_ten(places);
}

static bool read_scalar(struct reading *reading, const struct field *field, const char *text,
			void *place)
{
	switch (field->type) {
	case FIELD_WORD:
		if (!word_ok(text, false))
			return false;
		/* fall through */
	case FIELD_TEXT:
		*(const char **)place = reading_copy(reading, text, strlen(text));
		return *text != '\0';
	case FIELD_DATE:
		return strlen(text) == 10 && day_parse(place, text, 10) == ST_OK;
	case FIELD_FLAG:
		*(bool *)place = !strcmp(text, "true");
		return !strcmp(text, "true") || !strcmp(text, "false");
	case FIELD_CHOICE:
		return read_choice(place, field->values, text);
	case FIELD_NUMBER:
		return read_number(place, field->values, text);
	case FIELD_PICO:
		return read_decimal(place, text, 12);
	default:
		return read_decimal(place, text, 6);
	}
}

void field_read(struct reading *reading, const struct field *field, yaml_node_t *node,
		struct measure *measure)
{
	static const char *const wanted[] = {
	    [FIELD_TEXT] = "is no text",
	    [FIELD_WORD] = "is not [a-z][a-z0-9_]*",
	    [FIELD_DATE] = "is no date YYYY-MM-DD",
	    [FIELD_FLAG] = "is neither true nor false",
	    [FIELD_NUMBER] = "is no whole number within its range",
	    [FIELD_MICRO] = "is no decimal number with at most six digits behind the point",
	    [FIELD_PICO] = "is no decimal number with at most twelve digits behind the point",
	};
	void *place = (char *)measure + field->offset;
	const char *text = node_text(node);
	char choices[160];

	if (field->type == FIELD_WORDS) {
		(void)read_list(reading, node, field->key, source_ok, place, 0);
	} else if (field->type == FIELD_DIMENSIONS) {
		read_dimensions(reading, node, place);
	} else if (!text || !read_scalar(reading, field, text, place)) {
		snprintf(choices, sizeof(choices), "is none of %s", field->values);
		reading_problem(reading, node, field->key,
				field->type == FIELD_CHOICE ? choices : wanted[field->type]);
	}
}
