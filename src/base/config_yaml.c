/*
 * config_yaml - the file as flat settings: nested mappings become "a.b.c".
 *
 * Read by libyaml's event parser and put as it goes, so each error has its line. One
 * document; no aliases, which would let a value stand where nobody looks for it.
 */
#include "config_rows.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <yaml.h>

#include "file.h"

#define FILE_BYTES ((size_t)1024 * 1024)
#define PATH_BYTES ((size_t)256)
#define DEPTH_MAX 8
#define ITEMS_MAX 4096

struct yaml_reader {
	yaml_parser_t parser;
	yaml_event_t event; /* the current one */
	bool have_event;
	struct config_loaded *loaded;
	const char *file;
	struct buf key; /* "a.b.c" of where we are */
	bool seen[CONFIG_KEYS];
	const char *secret; /* the last secret that stands in the file itself; NULL: none */
	unsigned secret_line;
	struct reason *why;
};

static unsigned line_of(const struct yaml_reader *reader)
{
	return (unsigned)reader->event.start_mark.line + 1;
}

/* Put file, line and key in front of what why says. */
static enum status located(struct yaml_reader *reader, enum status status, const char *key)
{
	if (key && *key)
		reason_prefix(reader->why, "%s:%u: %s", reader->file, line_of(reader), key);
	else
		reason_prefix(reader->why, "%s:%u", reader->file, line_of(reader));
	return status;
}

static enum status next_event(struct yaml_reader *reader)
{
	if (reader->have_event)
		yaml_event_delete(&reader->event);
	reader->have_event = yaml_parser_parse(&reader->parser, &reader->event) != 0;
	if (reader->have_event)
		return ST_OK;
	return reason_set(reader->why, ST_CONFIG, "%s:%zu: no valid YAML: %s", reader->file,
			  reader->parser.problem_mark.line + 1,
			  reader->parser.problem ? reader->parser.problem : "unreadable");
}

static const char *scalar_text(const struct yaml_reader *reader)
{
	return (const char *)reader->event.data.scalar.value;
}

static bool has_nul(const struct yaml_reader *reader)
{
	return strlen(scalar_text(reader)) != reader->event.data.scalar.length;
}

/* Plain nothing, ~ and null: the key is there, the value is not. */
static bool is_null(const struct yaml_reader *reader)
{
	const char *text = scalar_text(reader);

	return reader->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	       (!*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
}

static bool is_section(const char *key)
{
	size_t len = strlen(key);

	for (size_t i = 0; i < CONFIG_KEYS; i++)
		if (strncmp(config_rows[i].key, key, len) == 0 && config_rows[i].key[len] == '.')
			return true;
	return false;
}

static enum status unknown_key(struct yaml_reader *reader, const char *key)
{
	const char *near = config_nearest(key), *gone = config_gone(key);

	if (gone)
		(void)reason_set(reader->why, ST_CONFIG, "%s", gone);
	else if (near)
		(void)reason_set(reader->why, ST_CONFIG, "unknown key; did you mean %s?", near);
	else
		(void)reason_set(reader->why, ST_CONFIG, "unknown key");
	return located(reader, ST_CONFIG, key);
}

static enum status complain(struct yaml_reader *reader, const char *text)
{
	(void)reason_set(reader->why, ST_CONFIG, "%s", text);
	return located(reader, ST_CONFIG, reader->key.data);
}

/* "FILE:LINE", in the arena. */
static const char *origin_here(struct yaml_reader *reader)
{
	const char *origin = NULL;
	struct buf text;

	buf_init(&text, 8192);
	buf_addf(&text, "%s:%u", reader->file, line_of(reader));
	if (buf_ok(&text))
		origin = arena_copy(reader->loaded->arena, text.data, text.len);
	buf_free(&text);
	return origin;
}

/* The row for the current key, once. */
static enum status take_row(struct yaml_reader *reader, const struct config_row **row)
{
	*row = config_find(reader->key.data);
	if (!*row)
		return unknown_key(reader, reader->key.data);
	if (reader->seen[*row - config_rows])
		return complain(reader, "is set twice");
	reader->seen[*row - config_rows] = true;
	return ST_OK;
}

static enum status read_scalar(struct yaml_reader *reader)
{
	const struct config_row *row;
	const char *value, *origin;
	enum status status;
	bool literal;

	if (is_section(reader->key.data))
		return is_null(reader) ? ST_OK : complain(reader, "is a section, not a value");
	status = take_row(reader, &row);
	if (status != ST_OK || is_null(reader))
		return status;
	if (has_nul(reader))
		return complain(reader, "must not hold control characters");
	origin = origin_here(reader);
	if (!origin)
		return complain(reader, status_text(ST_NO_MEMORY));
	status = config_expand(&value, &literal, reader->loaded->arena, scalar_text(reader),
			       reader->why);
	if (status == ST_OK && value)
		status = config_put(reader->loaded, row, value, origin, reader->why);
	if (status != ST_OK)
		return located(reader, status, reader->key.data);
	if (row->type == CONFIG_TYPE_SECRET && literal) {
		reader->secret = row->key;
		reader->secret_line = line_of(reader);
	}
	return ST_OK;
}

static bool has_anchor(const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return event->data.scalar.anchor != NULL;
	case YAML_SEQUENCE_START_EVENT:
		return event->data.sequence_start.anchor != NULL;
	case YAML_MAPPING_START_EVENT:
		return event->data.mapping_start.anchor != NULL;
	default:
		return false;
	}
}

static enum status read_item(struct yaml_reader *reader, const char **items, size_t *n)
{
	enum status status;
	const char *value;
	bool literal;

	if (has_anchor(&reader->event))
		return complain(reader, "anchors are not understood");
	if (reader->event.type != YAML_SCALAR_EVENT || has_nul(reader))
		return complain(reader, "must be a list of plain values");
	if (*n == ITEMS_MAX)
		return complain(reader, "is too long a list");
	status = config_expand(&value, &literal, reader->loaded->arena, scalar_text(reader),
			       reader->why);
	if (status != ST_OK)
		return located(reader, status, reader->key.data);
	if (value && *value)
		items[(*n)++] = value;
	return ST_OK;
}

static enum status read_sequence(struct yaml_reader *reader)
{
	const char **items = arena_alloc(reader->loaded->arena, ITEMS_MAX * sizeof(*items));
	const char *origin = origin_here(reader);
	const struct config_row *row;
	enum status status;
	size_t n = 0;

	if (!items || !origin)
		return complain(reader, status_text(ST_NO_MEMORY));
	status = take_row(reader, &row);
	if (status == ST_OK && row->type != CONFIG_TYPE_LIST)
		return complain(reader, "takes one value, not a list");
	while (status == ST_OK && (status = next_event(reader)) == ST_OK &&
	       reader->event.type != YAML_SEQUENCE_END_EVENT)
		status = read_item(reader, items, &n);
	if (status != ST_OK)
		return status;
	status = config_put_list(reader->loaded, row, items, n, origin, reader->why);
	return status == ST_OK ? ST_OK : located(reader, status, reader->key.data);
}

static enum status read_mapping(struct yaml_reader *reader, int depth);

static enum status read_value(struct yaml_reader *reader, int depth)
{
	enum status status = next_event(reader);

	if (status != ST_OK)
		return status;
	if (has_anchor(&reader->event))
		return complain(reader, "anchors are not understood");
	switch (reader->event.type) {
	case YAML_SCALAR_EVENT:
		return read_scalar(reader);
	case YAML_SEQUENCE_START_EVENT:
		return read_sequence(reader);
	case YAML_MAPPING_START_EVENT:
		if (config_find(reader->key.data))
			return complain(reader, "takes a value, not a section");
		if (!is_section(reader->key.data))
			return unknown_key(reader, reader->key.data);
		return read_mapping(reader, depth + 1);
	default:
		return complain(reader, "aliases are not understood");
	}
}

/* Behind the mapping's start, up to and with its end. */
static enum status read_mapping(struct yaml_reader *reader, int depth)
{
	enum status status;

	if (depth > DEPTH_MAX)
		return complain(reader, "is nested too deeply");
	while ((status = next_event(reader)) == ST_OK &&
	       reader->event.type != YAML_MAPPING_END_EVENT) {
		size_t len = reader->key.len;

		if (reader->event.type != YAML_SCALAR_EVENT || has_nul(reader))
			return complain(reader, "keys must be plain words");
		if (len)
			buf_addc(&reader->key, '.');
		buf_adds(&reader->key, scalar_text(reader));
		if (!buf_ok(&reader->key) || !reader->key.len)
			return complain(reader, "has a key that is empty or too long");
		status = read_value(reader, depth);
		if (status != ST_OK)
			return status;
		reader->key.len = len;
		reader->key.data[len] = '\0';
	}
	return status;
}

/* A stream of at most one document, which is a mapping or empty. */
static enum status read_stream(struct yaml_reader *reader)
{
	bool document = false;
	enum status status;

	while ((status = next_event(reader)) == ST_OK) {
		switch (reader->event.type) {
		case YAML_STREAM_END_EVENT:
			return ST_OK;
		case YAML_DOCUMENT_START_EVENT:
			if (document)
				return complain(reader, "a second document is not understood");
			document = true;
			break;
		case YAML_MAPPING_START_EVENT:
			status = read_mapping(reader, 1);
			if (status != ST_OK)
				return status;
			break;
		case YAML_SCALAR_EVENT:
			if (!is_null(reader))
				return complain(reader, "the file must hold keys and values");
			break;
		case YAML_SEQUENCE_START_EVENT:
			return complain(reader, "the file must hold keys and values");
		default:
			break;
		}
	}
	return status;
}

static enum status read_text(struct config_loaded *loaded, const char *path, const struct buf *text,
			     struct reason *why)
{
	struct yaml_reader reader = {.loaded = loaded, .file = path, .why = why};
	enum status status;

	if (!yaml_parser_initialize(&reader.parser))
		return reason_set(why, ST_NO_MEMORY, "%s", status_text(ST_NO_MEMORY));
	buf_init(&reader.key, PATH_BYTES);
	yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text->data, text->len);
	status = read_stream(&reader);
	if (reader.have_event)
		yaml_event_delete(&reader.event);
	yaml_parser_delete(&reader.parser);
	buf_free(&reader.key);
	if (status == ST_OK && reader.secret && file_is_private(path, 0) != ST_OK)
		status = reason_set(why, ST_DENIED,
				    "%s:%u: %s: others than the owner can read this secret: chmod "
				    "0600 the file, or put the secret into the environment",
				    path, reader.secret_line, reader.secret);
	return status;
}

enum status config_read_yaml(struct config_loaded *loaded, const char *path, struct reason *why)
{
	enum status status;
	struct buf text;

	buf_init(&text, FILE_BYTES);
	errno = 0;
	status = file_read(path, &text);
	if (status == ST_OK)
		status = read_text(loaded, path, &text, why);
	else
		status = reason_set(why, ST_CONFIG, "%s: %s", path,
				    errno ? strerror(errno) : status_text(status));
	if (text.data)
		explicit_bzero(text.data, text.cap);
	buf_free(&text);
	return status;
}
