/*
 * engine - see engine.h. Two visitors over the same pieces, so that what is found
 * is what would be taken.
 */
#include "engine.h"

#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "csvcell.h"
#include "field.h"
#include "jsoncheck.h"
#include "jsonfield.h"

int engine_open(struct engine *engine, const struct plan *plan, struct cause *cause)
{
	int rc;

	*engine = (struct engine){.plan = plan, .format = plan->format};
	engine->seen = calloc(plan->n_fields + 1, sizeof(*engine->seen));
	if (!engine->seen)
		return cause_set(cause, "out of memory");
	rc = san_scanner_new(&engine->scanner, plan->rules);
	return rc < 0 ? cause_set(cause, "%s", san_strerror(rc)) : 0;
}

void engine_close(struct engine *engine)
{
	san_scanner_free(engine->scanner);
	free(engine->seen);
	free(engine->findings.items);
	free(engine->spans);
	bytes_free(&engine->scratch);
	bytes_free(&engine->cell);
	bytes_free(&engine->trial);
}

static int no_memory(struct engine *engine)
{
	return cause_set(engine->cause, "out of memory; the output is withheld");
}

int engine_call(struct engine *engine, enum san_mode mode, const char *data, size_t len,
		struct bytes *out)
{
	size_t want = len + len / 4 + 256, got = 0;
	int rc;

	for (;;) {
		if (bytes_reserve(out, out->len + want))
			return no_memory(engine);
		rc = san_clean(engine->scanner, mode, data, len, out->data + out->len,
			       out->cap - out->len, &got);
		if (rc >= 0)
			break;
		if (rc != SAN_ENOSPC || got <= want)
			return cause_set(engine->cause, "%s; the output is withheld",
					 san_strerror(rc));
		want = got;
		/* The library counted what did not come out. */
		san_counts_reset(engine->scanner);
	}
	out->len += got;
	engine_count(engine);
	return 0;
}

/* All spans of the text into engine->spans. */
static int look(struct engine *engine, enum san_mode mode, const char *data, size_t len, size_t *n)
{
	for (;;) {
		struct san_span *spans;
		int rc =
		    san_find(engine->scanner, mode, data, len, engine->spans, engine->cap_spans);

		if (rc < 0)
			return cause_set(engine->cause, "%s", san_strerror(rc));
		*n = (size_t)rc;
		if (*n <= engine->cap_spans)
			return 0;
		spans = realloc(engine->spans, 2 * *n * sizeof(*spans));
		if (!spans)
			return no_memory(engine);
		engine->spans = spans;
		engine->cap_spans = 2 * *n;
	}
}

/* An address that is truncated already would come out as it is: nothing to find. */
static int stays(struct engine *engine, const char *text, size_t len, bool *same)
{
	struct bytes *out = &engine->trial;
	struct tally tally = engine->tally;

	/* Most addresses do not end in 0: half of the time of --check on a log. */
	*same = false;
	if (text[len - 1] != '0' && engine->plan->ip4_prefix <= 24 && !memchr(text, ':', len))
		return 0;
	out->len = 0;
	if (engine_call(engine, SAN_TEXT, text, len, out))
		return -1;
	engine->tally = tally;
	*same = out->len == len && memcmp(out->data, text, len) == 0;
	return 0;
}

int engine_look(struct engine *engine, enum san_mode mode, const char *data, size_t len, size_t *n)
{
	size_t kept = 0;

	if (look(engine, mode, data, len, n))
		return -1;
	for (size_t i = 0; i < *n; i++) {
		const struct san_span *span = &engine->spans[i];
		bool same = false;

		if (engine->plan->action[span->san_class] == SAN_TRUNCATE &&
		    stays(engine, data + span->start, span->end - span->start, &same))
			return -1;
		if (!same)
			engine->spans[kept++] = *span;
	}
	*n = kept;
	return 0;
}

int engine_note(struct engine *engine, const char *at, size_t len, int san_class, const char *rule)
{
	struct findings *findings = &engine->findings;

	if (findings->n == findings->cap) {
		size_t cap = findings->cap ? 2 * findings->cap : 64;
		struct finding *items = realloc(findings->items, cap * sizeof(*items));
		if (!items)
			return no_memory(engine);
		findings->items = items;
		findings->cap = cap;
	}
	findings->items[findings->n++] = (struct finding){
	    (size_t)(at - engine->block), (size_t)(at - engine->block) + len, san_class, rule, 1};
	return 0;
}

void engine_saw(struct engine *engine, const struct field_rule *field)
{
	for (size_t i = 0; i < engine->plan->n_fields; i++)
		if (field == &engine->plan->fields[i])
			engine->seen[i] = true;
}

static void count_json(struct engine *engine, const struct piece *piece)
{
	if (engine->plan->counts_json && engine->format == FORMAT_JSON)
		engine->tally.broken += !json_check(piece->start, piece->len);
}

static enum san_mode mode_of(enum piece_kind kind)
{
	return kind == PIECE_URL ? SAN_URL : kind == PIECE_JSON ? SAN_JSON : SAN_TEXT;
}

/* A private key of many lines is one, as cleaning counts; the library has a span for each. */
static bool goes_on(const struct engine *engine, const char *start, const struct san_span *span)
{
	const struct findings *findings = &engine->findings;
	const struct finding *last = findings->n ? &findings->items[findings->n - 1] : NULL;

	if (span->san_class != SAN_API_KEY || !last || last->rule != span->rule ||
	    strcmp(span->rule, "private_key"))
		return false;
	for (const char *p = engine->block + last->end; p < start; p++)
		if (!*p || !strchr(" \t\r\n", *p))
			return false;
	return memchr(engine->block + last->end, '\n', (size_t)(start - engine->block) - last->end);
}

static int find_spans(struct engine *engine, const struct piece *piece)
{
	size_t n;

	if (engine_look(engine, mode_of(piece->kind), piece->start, piece->len, &n))
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct san_span *span = &engine->spans[i];
		const char *start = piece->start + span->start;

		if (goes_on(engine, start, span))
			engine->findings.items[engine->findings.n - 1].end =
			    (size_t)(piece->start + span->end - engine->block);
		else if (engine_note(engine, start, span->end - span->start, span->san_class,
				     span->rule))
			return -1;
	}
	return 0;
}

static int find_piece(void *context, const struct piece *piece)
{
	struct engine *engine = context;
	size_t first = engine->findings.n;

	switch (piece->kind) {
	case PIECE_FIELD:
		engine_saw(engine, piece->field);
		if (!field_changes(piece->field, piece->start, piece->len))
			return 0;
		return engine_note(engine, piece->start, piece->len, FINDING_FIELD,
				   piece->field->name);
	case PIECE_CELL:
		return csv_cell_find(engine, piece);
	case PIECE_JSON:
		if (engine->plan->finds_only)
			count_json(engine, piece);
		if (find_spans(engine, piece))
			return -1;
		return engine->plan->n_fields ? json_fields_find(engine, piece, first) : 0;
	case PIECE_TEXT:
	case PIECE_URL:
		break;
	}
	return find_spans(engine, piece);
}

static int clean_field(struct engine *engine, const struct piece *piece)
{
	bool changes = field_changes(piece->field, piece->start, piece->len);

	engine_saw(engine, piece->field);
	engine->tally.fields += changes;
	if (field_put(engine->plan, piece->field, piece->start, piece->len, piece->empty,
		      engine->out))
		return no_memory(engine);
	if (changes && piece->lines && bytes_add_newlines(engine->out, piece->start, piece->len))
		return no_memory(engine);
	return 0;
}

static int clean_piece(void *context, const struct piece *piece)
{
	struct engine *engine = context;
	int rc = 0;

	switch (piece->kind) {
	case PIECE_FIELD:
		rc = clean_field(engine, piece);
		break;
	case PIECE_CELL:
		rc = csv_cell_clean(engine, piece);
		break;
	case PIECE_JSON:
		count_json(engine, piece);
		if (engine->plan->n_fields) {
			rc = json_fields_clean(engine, piece);
			break;
		}
		rc = engine_call(engine, SAN_JSON, piece->start, piece->len, engine->out);
		break;
	case PIECE_TEXT:
	case PIECE_URL:
		rc = engine_call(engine, mode_of(piece->kind), piece->start, piece->len,
				 engine->out);
		break;
	}
	if (!rc && piece->tail && bytes_add(engine->out, piece->start + piece->len, piece->tail))
		rc = no_memory(engine);
	return rc;
}

static int split(struct engine *engine, piece_fn *give, const char *data, size_t len)
{
	size_t at = (size_t)(data - engine->start);
	struct split split = {.plan = engine->plan,
			      .format = engine->format,
			      .header = engine->header,
			      .skip = engine->skip > at ? engine->skip - at : 0,
			      .blind = engine->blind > at ? engine->blind - at : 0,
			      .give = give,
			      .context = engine};

	return split_block(&split, data, len);
}

static int find(struct engine *engine, const char *data, size_t len)
{
	engine->block = data;
	engine->findings.n = 0;
	return split(engine, find_piece, data, len);
}

int engine_find(struct engine *engine, const char *data, size_t len, struct cause *cause)
{
	engine->cause = cause;
	engine->start = data;
	return find(engine, data, len);
}

static bool must_drop(const struct engine *engine)
{
	const struct findings *findings = &engine->findings;

	for (size_t i = 0; i < findings->n; i++)
		if (findings->items[i].san_class >= 0 &&
		    engine->plan->action[findings->items[i].san_class] == SAN_DROP)
			return true;
	return false;
}

/*
 * The library drops lines of text by itself, but a record that is cut into
 * pieces must be dropped as a whole: so look first, one record at a time.
 */
static int clean_records(struct engine *engine, const char *data, size_t len)
{
	struct framer framer = engine_framer(engine);
	size_t start = 0;

	while (start < len) {
		size_t end = frame_next(&framer, data, len);

		if (find(engine, data + start, end - start))
			return -1;
		if (must_drop(engine)) {
			for (size_t i = 0; i < engine->findings.n; i++)
				if (engine->findings.items[i].san_class >= 0)
					engine->tally
					    .classes[engine->findings.items[i].san_class]++;
			engine->tally.dropped++;
		} else if (split(engine, clean_piece, data + start, end - start)) {
			return -1;
		}
		start = end;
	}
	return 0;
}

int engine_clean(struct engine *engine, const char *data, size_t len, struct bytes *out,
		 struct cause *cause)
{
	engine->cause = cause;
	engine->start = data;
	engine->out = out;
	if (engine->plan->drops)
		return clean_records(engine, data, len);
	return split(engine, clean_piece, data, len);
}

struct framer engine_framer(const struct engine *engine)
{
	struct framer framer = {.framing = split_framing(engine->format)};

	if (engine->format == FORMAT_CSV)
		framer.csv = (struct csv_scan){.delimiter = engine->header->delimiter,
					       .blind = engine->blind};
	return framer;
}

void engine_count(struct engine *engine)
{
	const uint64_t *counts = san_counts(engine->scanner);

	for (int i = 0; i < SAN_CLASSES; i++)
		engine->tally.classes[i] += counts[i];
	san_counts_reset(engine->scanner);
}
