/*
 * csv - see csv.h. RFC 4180 with any of four delimiters: quotes are doubled inside
 * quoted cells, which may hold newlines.
 */
#include "csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_COLUMNS 10000
#define MAX_NAME 256

/* The cell at p ends before the returned delimiter or line end. */
static const char *cell_end(const char *p, const char *end, char delimiter)
{
	bool quoted = false;

	for (; p < end; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (!quoted && (*p == delimiter || *p == '\n'))
			break;
	}
	return p;
}

/* Without a carriage return before the line's end. */
static size_t cell_len(const char *start, const char *stop, const char *end)
{
	size_t len = (size_t)(stop - start);

	if (len && stop[-1] == '\r' && (stop == end || *stop == '\n'))
		len--;
	return len;
}

static bool is_quoted(const char *cell, size_t len)
{
	return len >= 2 && cell[0] == '"' && cell[len - 1] == '"';
}

/* Append the cell without its quotes. */
static int unquote(const char *cell, size_t len, struct bytes *out)
{
	if (!is_quoted(cell, len))
		return bytes_add(out, cell, len);
	if (bytes_reserve(out, out->len + len))
		return -1;
	for (size_t i = 1; i + 1 < len; i++) {
		out->data[out->len++] = cell[i];
		if (cell[i] == '"' && cell[i + 1] == '"')
			i++;
	}
	return 0;
}

static int requote(const char *text, size_t len, char delimiter, bool quoted, struct bytes *out)
{
	for (size_t i = 0; i < len && !quoted; i++)
		quoted = text[i] == delimiter || text[i] == '"' || text[i] == '\n';
	if (!quoted)
		return bytes_add(out, text, len);
	if (bytes_reserve(out, out->len + 2 * len + 2))
		return -1;
	out->data[out->len++] = '"';
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"')
			out->data[out->len++] = '"';
		out->data[out->len++] = text[i];
	}
	out->data[out->len++] = '"';
	return 0;
}

static int escape(const char *text, size_t len, struct bytes *out)
{
	char code[8];

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c == '"' || c == '\\')
			snprintf(code, sizeof(code), "\\%c", c);
		else if (c < ' ')
			snprintf(code, sizeof(code), "\\u%04x", c);
		else
			snprintf(code, sizeof(code), "%c", c);
		if (c ? bytes_adds(out, code) : bytes_add(out, "\\u0000", 6))
			return -1;
	}
	return 0;
}

/* The inverse, in place; other escapes come from nobody and stay. */
static size_t unescape(char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		char code[3] = {0};
		if (text[i] != '\\' || i + 1 == len) {
			text[n++] = text[i];
		} else if (text[i + 1] == '"' || text[i + 1] == '\\') {
			text[n++] = text[++i];
		} else if (text[i + 1] == 'u' && i + 5 < len && text[i + 2] == '0') {
			memcpy(code, text + i + 4, 2);
			text[n++] = (char)strtoul(code, NULL, 16);
			i += 5;
		} else {
			text[n++] = text[i];
		}
	}
	return n;
}

/* {"name":"value"} into out; *value says where the value begins. */
static int wrap(const char *name, const char *text, size_t len, struct bytes *out, size_t *value)
{
	out->len = 0;
	if (bytes_adds(out, "{\"") || escape(name, strlen(name), out) || bytes_adds(out, "\":\""))
		return -1;
	*value = out->len;
	return escape(text, len, out) || bytes_adds(out, "\"}") ? -1 : 0;
}

/* What the library sees in the text under this name. */
static int look(struct engine *engine, const char *name, const char *text, size_t len, size_t *n)
{
	size_t value;

	engine->cell.len = 0;
	if (wrap(name, text, len, &engine->cell, &value))
		return cause_set(engine->cause, "out of memory; the output is withheld");
	return engine_look(engine, SAN_JSON, engine->cell.data, engine->cell.len, n);
}

static int is_telling(struct engine *engine, const char *name, bool *telling)
{
	static const char *const samples[] = {"x7Kq9zP2", "2025550123"};

	*telling = false;
	for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++) {
		size_t with, without;
		if (look(engine, name, samples[i], strlen(samples[i]), &with) ||
		    look(engine, "x", samples[i], strlen(samples[i]), &without))
			return -1;
		*telling |= with > without;
	}
	return 0;
}

static char pick_delimiter(const char *data, size_t len)
{
	static const char choices[] = ",;\t|";
	size_t best = 0;
	char delimiter = ',';

	for (const char *c = choices; *c; c++) {
		size_t count = 0;
		for (const char *p = data; p < data + len; p++) {
			p = cell_end(p, data + len, *c);
			count += p < data + len && *p == *c;
		}
		if (count > best) {
			best = count;
			delimiter = *c;
		}
	}
	return delimiter;
}

static int add_column(struct csv_header *header, struct engine *engine, const char *cell,
		      size_t len)
{
	struct csv_column *columns = realloc(header->columns, (header->n + 1) * sizeof(*columns));
	struct bytes name = {0};

	if (!columns)
		return cause_set(engine->cause, "out of memory");
	header->columns = columns;
	columns += header->n;
	if (len > MAX_NAME) {
		cause_set(engine->cause, "a column's name is too long");
		return 1;
	}
	if (unquote(cell, len, &name) || bytes_add(&name, "", 1)) {
		bytes_free(&name);
		return cause_set(engine->cause, "out of memory");
	}
	*columns = (struct csv_column){.name = name.data};
	columns->field = plan_field(engine->plan, name.data, strlen(name.data));
	if (columns->field)
		engine_saw(engine, columns->field);
	header->n++;
	return is_telling(engine, name.data, &columns->telling);
}

int csv_header_make(struct csv_header *header, struct engine *engine, const char *data, size_t len,
		    struct cause *cause)
{
	struct framer framer = {.framing = FRAME_CSV};
	const char *p = data, *end;

	*header = (struct csv_header){.len = frame_first(&framer, data, len)};
	if (!header->len)
		header->len = len;
	end = data + line_content(data, header->len);
	header->delimiter = pick_delimiter(data, header->len);
	engine->cause = cause;
	for (;;) {
		const char *stop = cell_end(p, end, header->delimiter);
		int rc;

		if (header->n == MAX_COLUMNS) {
			cause_set(cause, "more than %d columns", MAX_COLUMNS);
			return 1;
		}
		rc = add_column(header, engine, p, (size_t)(stop - p));
		if (rc)
			return rc;
		if (stop == end)
			return 0;
		p = stop + 1;
	}
}

void csv_header_free(struct csv_header *header)
{
	for (size_t i = 0; i < header->n; i++)
		free(header->columns[i].name);
	free(header->columns);
	*header = (struct csv_header){0};
}

static int give_cell(struct split *split, const struct csv_column *column, const char *cell,
		     size_t len)
{
	struct piece piece = {.start = cell, .len = len, .empty = ""};
	bool quoted = is_quoted(cell, len);

	if (column->field) {
		piece.kind = PIECE_FIELD;
		piece.field = column->field;
		piece.start += quoted;
		piece.len -= 2 * (size_t)quoted;
		return split_give(split, &piece);
	}
	piece.kind = PIECE_CELL;
	piece.name = column->name;
	return column->telling ? split_give(split, &piece) : 0;
}

int split_csv(struct split *split, const char *data, size_t len)
{
	const struct csv_header *header = split->header;
	const char *p = data, *end = data + len;
	size_t column = 0;

	if (split->first_block)
		p += header->len < len ? header->len : len;
	while (p < end) {
		const char *stop = cell_end(p, end, header->delimiter);
		size_t n = cell_len(p, stop, end);
		int rc =
		    column < header->n && n ? give_cell(split, &header->columns[column], p, n) : 0;
		if (rc)
			return rc;
		column = stop < end && *stop != '\n' ? column + 1 : 0;
		p = stop + 1;
	}
	return 0;
}

int csv_cell_find(struct engine *engine, const struct piece *piece)
{
	size_t n;

	engine->scratch.len = 0;
	if (unquote(piece->start, piece->len, &engine->scratch))
		return cause_set(engine->cause, "out of memory; the output is withheld");
	if (look(engine, piece->name, engine->scratch.data, engine->scratch.len, &n))
		return -1;
	return n ? engine_note(engine, piece->start, piece->len, engine->spans[0].san_class,
			       engine->spans[0].rule)
		 : 0;
}

int csv_cell_clean(struct engine *engine, const struct piece *piece)
{
	struct bytes *plain = &engine->scratch, *json = &engine->cell;
	size_t value, start, len;

	plain->len = 0;
	if (unquote(piece->start, piece->len, plain) ||
	    wrap(piece->name, plain->data, plain->len, json, &value))
		goto memory;
	start = json->len;
	if (bytes_reserve(json, 2 * json->len + plain->len + 256) ||
	    bytes_reserve(plain, json->len))
		goto memory;
	/* Cleaned into plain's place, for it is in the document now. */
	plain->len = 0;
	if (engine_call(engine, SAN_JSON, json->data, start, plain))
		return -1;
	if (plain->len == start && memcmp(plain->data, json->data, start) == 0) {
		if (bytes_add(engine->out, piece->start, piece->len))
			goto memory;
		return 0;
	}
	if (plain->len < value + 2 || memcmp(plain->data, json->data, value))
		return bytes_adds(engine->out, "[REDACTED]") ? -1 : 0;
	len = unescape(plain->data + value, plain->len - value - 2);
	if (requote(plain->data + value, len, engine->header->delimiter,
		    is_quoted(piece->start, piece->len), engine->out))
		goto memory;
	return 0;
memory:
	return cause_set(engine->cause, "out of memory; the output is withheld");
}
