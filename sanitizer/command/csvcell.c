/*
 * csvcell - see csvcell.h.
 */
#include "csvcell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"

static int no_memory(struct engine *engine)
{
	return cause_set(engine->cause, "out of memory; the output is withheld");
}

struct csv_cell csv_cell_trim(const char *start, size_t len, bool stray)
{
	size_t mark = bom_length(start, len);
	struct csv_cell cell;

	start += mark;
	len -= mark;
	while (len && csv_is_blank(*start)) {
		start++;
		len--;
	}
	while (len && csv_is_blank(start[len - 1]))
		len--;
	cell = (struct csv_cell){.start = start, .len = len};
	cell.quoted = !stray && len >= 2 && start[0] == '"' && start[len - 1] == '"';
	return cell;
}

bool csv_cell_has_doubled(const struct csv_cell *cell)
{
	return cell->quoted && memmem(cell->start + 1, cell->len - 2, "\"\"", 2);
}

/* Behind n bytes of what is inside the quotes, doubled ones taken for one. */
static const char *skip_decoded(const char *p, size_t n)
{
	for (; n; n--)
		p += p[0] == '"' && p[1] == '"' ? 2 : 1;
	return p;
}

int csv_cell_decode(const struct csv_cell *cell, struct bytes *out)
{
	const char *end = cell->start + cell->len - 1;

	if (!cell->quoted)
		return bytes_add(out, cell->start, cell->len);
	if (bytes_reserve(out, out->len + cell->len))
		return -1;
	for (const char *p = cell->start + 1; p < end; p = skip_decoded(p, 1))
		out->data[out->len++] = *p;
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

/* What the library sees in the text of a cell; places are the text's. */
static int look(struct engine *engine, const char *name, const char *text, size_t len, size_t *n)
{
	size_t value, all;

	*n = 0;
	if (wrap(name, text, len, &engine->cell, &value))
		return no_memory(engine);
	if (engine_look(engine, SAN_JSON, engine->cell.data, engine->cell.len, &all))
		return -1;
	/* Not what the name itself is. */
	for (size_t i = 0; i < all; i++)
		if (engine->spans[i].start >= value)
			engine->spans[(*n)++] = engine->spans[i];
	return 0;
}

int csv_name_tells(struct engine *engine, const char *name, bool *telling)
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

static struct csv_cell cell_of(const struct piece *piece)
{
	return (struct csv_cell){piece->start, piece->len, piece->quoted};
}

static int find_text(struct engine *engine, const struct csv_cell *cell, const struct bytes *text)
{
	const char *p = cell->start + cell->quoted;
	size_t n, at = 0;

	if (engine_look(engine, split_mode(FORMAT_AUTO, text->data, text->len), text->data,
			text->len, &n))
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct san_span *span = &engine->spans[i];
		const char *start = skip_decoded(p, span->start - at);

		p = skip_decoded(start, span->end - span->start);
		at = span->end;
		if (engine_note(engine, start, (size_t)(p - start), span->san_class, span->rule))
			return -1;
	}
	return 0;
}

int csv_cell_find(struct engine *engine, const struct piece *piece)
{
	struct csv_cell cell = cell_of(piece);
	struct bytes *text = &engine->scratch;
	size_t n;

	text->len = 0;
	if (csv_cell_decode(&cell, text))
		return no_memory(engine);
	if (!piece->name)
		return find_text(engine, &cell, text);
	if (look(engine, piece->name, text->data, text->len, &n))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (engine_note(engine, cell.start, cell.len, engine->spans[i].san_class,
				engine->spans[i].rule))
			return -1;
	return 0;
}

static int put(struct engine *engine, const struct csv_cell *cell, const char *text, size_t len)
{
	if (requote(text, len, engine->header->delimiter, cell->quoted, engine->out))
		return no_memory(engine);
	return 0;
}

static int put_same(struct engine *engine, const struct csv_cell *cell)
{
	return bytes_add(engine->out, cell->start, cell->len) ? no_memory(engine) : 0;
}

static bool same(const struct bytes *a, const struct bytes *b)
{
	return a->len == b->len && (!a->len || memcmp(a->data, b->data, a->len) == 0);
}

static int clean_text(struct engine *engine, const struct csv_cell *cell)
{
	struct bytes *text = &engine->scratch, *out = &engine->cell;

	out->len = 0;
	if (engine_call(engine, split_mode(FORMAT_AUTO, text->data, text->len), text->data,
			text->len, out))
		return -1;
	return same(text, out) ? put_same(engine, cell) : put(engine, cell, out->data, out->len);
}

/* Where the value of {"name":"value"} begins; the name may have been cleaned. 0: nowhere. */
static size_t value_at(const struct bytes *json)
{
	size_t i = 2;

	while (i < json->len && json->data[i] != '"')
		i += json->data[i] == '\\' ? 2 : 1;
	return i + 5 <= json->len && memcmp(json->data + i, "\":\"", 3) == 0 ? i + 3 : 0;
}

static size_t newlines(const char *data, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		n += data[i] == '\n';
	return n;
}

/* A quoted cell's newlines that went with what was taken, behind it: lines keep their numbers. */
static int keep_newlines(const struct csv_cell *cell, struct bytes *out, size_t value)
{
	size_t had = cell->quoted ? newlines(cell->start, cell->len) : 0;

	for (size_t n = newlines(out->data + value, out->len - value); n < had; n++)
		if (bytes_add(out, "\n", 1))
			return -1;
	return 0;
}

static int clean_named(struct engine *engine, const struct csv_cell *cell, const char *name)
{
	struct bytes *json = &engine->cell, *out = &engine->scratch;
	size_t value;

	if (wrap(name, engine->scratch.data, engine->scratch.len, json, &value))
		return no_memory(engine);
	/* Cleaned into the text's place, for it is in the document now. */
	out->len = 0;
	if (engine_call(engine, SAN_JSON, json->data, json->len, out))
		return -1;
	if (same(json, out))
		return put_same(engine, cell);
	value = value_at(out);
	if (!value)
		return bytes_adds(engine->out, "[REDACTED]") ? no_memory(engine) : 0;
	out->len = value + unescape(out->data + value, out->len - value - 2);
	if (keep_newlines(cell, out, value))
		return no_memory(engine);
	return put(engine, cell, out->data + value, out->len - value);
}

int csv_cell_clean(struct engine *engine, const struct piece *piece)
{
	struct csv_cell cell = cell_of(piece);

	engine->scratch.len = 0;
	if (csv_cell_decode(&cell, &engine->scratch))
		return no_memory(engine);
	return piece->name ? clean_named(engine, &cell, piece->name) : clean_text(engine, &cell);
}
