/*
 * csv - see csv.h. A comment right before the names may be the names itself, with what
 * follows no more than the first record: both are tried, and a column tells if it does
 * in either.
 */
#include "csv.h"

#include <stdlib.h>
#include <string.h>

#include "csvcell.h"

#define MAX_COLUMNS 10000
#define MAX_NAME 256

/* Of the line at `at`, with its newline. */
static size_t line_length(const char *data, size_t len, size_t at)
{
	const char *newline = at < len ? memchr(data + at, '\n', len - at) : NULL;

	return newline ? (size_t)(newline + 1 - data) - at : len - at;
}

/* Excel's first line: "sep=;". */
static char named_delimiter(const char *line, size_t len)
{
	len = line_content(line, len);
	return len == 5 && memcmp(line, "sep=", 4) == 0 && line[4] != '"' ? line[4] : '\0';
}

/* Nothing but blanks, or cells of a table without anything in them. */
static bool is_blank_line(const char *line, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!line[i] || !strchr(" \t\r\n,;|", line[i]))
			return false;
	return true;
}

/* Cells of the record at `at` if this is the delimiter. false: it goes on behind data. */
static bool count_cells(const char *data, size_t len, size_t at, char delimiter, size_t *n,
			size_t *end)
{
	struct csv_scan scan = {.delimiter = delimiter};
	enum csv_end found;
	bool whole = true;

	*n = 1;
	while ((found = csv_scan(&scan, data, len, &at)) != CSV_LINE) {
		*n += found == CSV_CELL;
		if (found == CSV_CELL)
			continue;
		whole = false;
		if (!csv_give_up(&scan, len, &at))
			break;
	}
	*end = at;
	return whole;
}

static char pick_delimiter(const char *data, size_t len, size_t at)
{
	static const char choices[] = ",;\t|";
	size_t best = 1, n, end;
	char delimiter = ',';

	for (const char *c = choices; *c; c++) {
		count_cells(data, len, at, *c, &n, &end);
		if (n > best) {
			best = n;
			delimiter = *c;
		}
	}
	return delimiter;
}

/* Behind a byte order mark and "sep=;", whose delimiter is taken. */
static size_t skip_mark(struct csv_header *header, const char *data, size_t len)
{
	size_t at = bom_length(data, len), n = line_length(data, len, at);

	header->delimiter = named_delimiter(data + at, n);
	return header->delimiter ? at + n : at;
}

bool csv_header_find(struct csv_header *header, const char *data, size_t len)
{
	size_t at, n;

	*header = (struct csv_header){0};
	for (at = skip_mark(header, data, len); at < len; at += n) {
		n = line_length(data, len, at);
		if (data[at] == '#')
			header->note = at;
		else if (!is_blank_line(data + at, n))
			break;
	}
	header->start = at;
	if (!header->delimiter)
		header->delimiter = pick_delimiter(data, len, at);
	return count_cells(data, len, at, header->delimiter, &n, &header->len);
}

static bool is_taken(const struct csv_column *column)
{
	return column->field || column->telling;
}

/* What the name says of its column. 1: it is too long. */
static int read_name(struct csv_column *column, struct engine *engine, const struct csv_cell *cell)
{
	struct bytes name = {0};
	struct csv_cell inner;

	*column = (struct csv_column){0};
	if (cell->len > MAX_NAME) {
		cause_set(engine->cause, "a column's name is too long");
		return 1;
	}
	if (csv_cell_decode(cell, &name) || bytes_add(&name, "", 1)) {
		bytes_free(&name);
		return cause_set(engine->cause, "out of memory");
	}
	column->name = name.data;
	inner = csv_cell_trim(name.data, strlen(name.data), true);
	memmove(name.data, inner.start, inner.len);
	name.data[inner.len] = '\0';
	column->field = plan_field(engine->plan, name.data, strlen(name.data));
	if (column->field)
		engine_saw(engine, column->field);
	return csv_name_tells(engine, name.data, &column->telling);
}

static int add_column(struct csv_header *header, struct csv_column *column, struct cause *cause)
{
	struct csv_column *columns;

	if (header->n == MAX_COLUMNS) {
		cause_set(cause, "more than %d columns", MAX_COLUMNS);
		return 1;
	}
	columns = realloc(header->columns, (header->n + 1) * sizeof(*columns));
	if (!columns)
		return cause_set(cause, "out of memory");
	header->columns = columns;
	columns[header->n++] = *column;
	column->name = NULL;
	return 0;
}

/* A column of a comment keeps what that said. */
static int put_column(struct csv_header *header, size_t i, struct csv_column *column,
		      struct cause *cause)
{
	struct csv_column old;

	if (i == header->n)
		return add_column(header, column, cause);
	if (is_taken(&header->columns[i]))
		return 0;
	old = header->columns[i];
	header->columns[i] = *column;
	*column = old;
	return 0;
}

/* The record at `at` as the columns' names. */
static int add_names(struct csv_header *header, struct engine *engine, const char *data, size_t len,
		     size_t at)
{
	struct csv_scan scan = {.delimiter = header->delimiter};
	enum csv_end found = CSV_CELL;
	size_t pos = at;

	for (size_t i = 0; found == CSV_CELL; i++, at = pos) {
		struct csv_column column;
		struct csv_cell cell;
		int rc;

		found = csv_scan_all(&scan, data, len, &pos);
		cell = csv_cell_trim(data + at, pos - at - (found != CSV_MORE), scan.stray);
		rc = read_name(&column, engine, &cell);
		if (!rc)
			rc = put_column(header, i, &column, engine->cause);
		free(column.name);
		if (rc)
			return rc;
	}
	return 0;
}

static void free_columns(struct csv_header *header)
{
	for (size_t i = 0; i < header->n; i++)
		free(header->columns[i].name);
	free(header->columns);
	header->columns = NULL;
	header->n = 0;
}

/* The names in a comment, if it has any that matter. Then what follows is a record, too. */
static int add_comment(struct csv_header *header, struct engine *engine, const char *data,
		       size_t len)
{
	size_t end = header->start, at = header->note, mine, names, behind;
	bool taken = false;
	int rc;

	if (at == end || data[at] != '#')
		return 0;
	count_cells(data, end, at, header->delimiter, &mine, &behind);
	count_cells(data, len, end, header->delimiter, &names, &behind);
	if (mine != names)
		return 0;
	while (at < end && (data[at] == '#' || data[at] == ' '))
		at++;
	rc = add_names(header, engine, data, end, at);
	for (size_t i = 0; i < header->n; i++)
		taken |= is_taken(&header->columns[i]);
	if (rc < 0 || !taken)
		free_columns(header);
	else
		header->len = end;
	return rc < 0 ? rc : 0;
}

int csv_header_make(struct csv_header *header, struct engine *engine, const char *data, size_t len,
		    struct cause *cause)
{
	int rc;

	engine->cause = cause;
	csv_header_find(header, data, len);
	rc = add_comment(header, engine, data, len);
	if (rc)
		return rc;
	rc = add_names(header, engine, data, len, header->start);
	return rc > 0 && header->len == header->start ? 0 : rc;
}

void csv_header_free(struct csv_header *header)
{
	free_columns(header);
	*header = (struct csv_header){0};
}

/* Where a row is. */
struct row {
	struct csv_scan scan;
	size_t pos, column;
	bool broken;  /* it has a stray quote */
	size_t cells; /* all of it then */
};

static size_t count_row(const struct row *row, const char *data, size_t len, enum csv_end end)
{
	struct row ahead = *row;
	size_t n = row->column + 1;

	for (; end == CSV_CELL; n++)
		end = csv_scan_all(&ahead.scan, data, len, &ahead.pos);
	return n;
}

static enum csv_end next_cell(struct row *row, const char *data, size_t len)
{
	enum csv_end end = csv_scan_all(&row->scan, data, len, &row->pos);

	if (row->scan.stray && !row->broken) {
		row->broken = true;
		row->cells = count_row(row, data, len, end);
	}
	return end;
}

static const struct csv_column *column_at(const struct csv_header *header, size_t i)
{
	return i < header->n ? &header->columns[i] : NULL;
}

/*
 * The cell's column, or NULL. Behind a stray quote delimiters may be characters, too: what
 * is no cell to be taken if counted from the left may be one from the right.
 */
static const struct csv_column *column_of(const struct csv_header *header, const struct row *row)
{
	const struct csv_column *left = column_at(header, row->column), *right;

	if (!row->broken || (left && is_taken(left)))
		return left;
	right = column_at(header, row->column + header->n - row->cells);
	return right && is_taken(right) ? right : left;
}

static int give_cell(struct split *split, const struct csv_column *column,
		     const struct csv_cell *cell)
{
	struct piece piece = {.kind = PIECE_CELL,
			      .start = cell->start,
			      .len = cell->len,
			      .quoted = cell->quoted,
			      .empty = ""};

	if (!cell->len)
		return 0;
	if (column && column->field) {
		piece.kind = PIECE_FIELD;
		piece.field = column->field;
		piece.start += cell->quoted;
		piece.len -= 2 * (size_t)cell->quoted;
		piece.lines = cell->quoted;
		/* Those at the end stay by themselves, so that what was cleaned is seen to be. */
		while (piece.len && piece.start[piece.len - 1] == '\n')
			piece.len--;
	} else if (column && column->telling) {
		piece.name = column->name;
	} else if (!csv_cell_has_doubled(cell)) {
		return 0;
	}
	return split_give(split, &piece);
}

/* What a stray quote opens under a name that takes cells away goes up to the record's end. */
static bool is_open(const struct csv_column *column, bool stray)
{
	if (!column || !stray)
		return false;
	return column->field ? column->field->action != FIELD_KEEP : column->telling;
}

int split_csv(struct split *split, const char *data, size_t len)
{
	struct row row = {.scan = {.delimiter = split->header->delimiter, .blind = split->blind},
			  .pos = split->skip < len ? split->skip : len};
	size_t start = row.pos;

	while (start < len) {
		enum csv_end end = next_cell(&row, data, len);
		const struct csv_column *column = column_of(split->header, &row);
		bool stray = row.scan.stray;
		struct csv_cell cell;
		int rc;

		if (is_open(column, stray))
			while (end == CSV_CELL)
				end = csv_scan_all(&row.scan, data, len, &row.pos);
		cell = csv_cell_trim(data + start, row.pos - start - (end != CSV_MORE), stray);
		rc = give_cell(split, column, &cell);
		if (rc)
			return rc;
		row.column = end == CSV_CELL ? row.column + 1 : 0;
		row.broken = row.broken && end == CSV_CELL;
		start = row.pos;
	}
	return 0;
}
