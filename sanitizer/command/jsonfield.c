/*
 * jsonfield - see jsonfield.h. The scanner is lenient: it must walk what the library
 * walks, single-quoted pseudo JSON included, and never fail on what is no JSON.
 */
#include "jsonfield.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "field.h"
#include "jsonname.h"

#define MAX_DEPTH 128

struct hit {
	size_t ordinal;		   /* of the value among all values that were walked */
	size_t member, value, end; /* bytes: the key's start, the value's, its end */
	const struct field_rule *field;
};

struct hits {
	struct hit *items;
	size_t n, cap;
};

struct name {
	const char *start;
	size_t len;
};

struct scan {
	const char *data;
	size_t pos, len;
	size_t ordinal;
	size_t depth;
	bool object[MAX_DEPTH];
	struct name names[MAX_DEPTH + 1]; /* of the member that holds each level */
};

/* Unlike strchr(), a NUL is in no set. */
static bool is_in(char c, const char *set)
{
	return c && strchr(set, c);
}

static void skip_blanks(struct scan *scan)
{
	while (scan->pos < scan->len && is_in(scan->data[scan->pos], " \t\r\n,:"))
		scan->pos++;
}

static void skip_string(struct scan *scan)
{
	char quote = scan->data[scan->pos++];

	while (scan->pos < scan->len && scan->data[scan->pos] != quote) {
		scan->pos += scan->data[scan->pos] == '\\';
		scan->pos++;
	}
	scan->pos = scan->pos < scan->len ? scan->pos + 1 : scan->len;
}

static bool at_quote(const struct scan *scan)
{
	return scan->data[scan->pos] == '"' || scan->data[scan->pos] == '\'';
}

static void skip_scalar(struct scan *scan)
{
	if (at_quote(scan)) {
		skip_string(scan);
		return;
	}
	while (scan->pos < scan->len && !is_in(scan->data[scan->pos], ",:{}[] \t\r\n"))
		scan->pos++;
}

/* A whole value, containers with all that is in them. */
static void skip_value(struct scan *scan)
{
	size_t depth = 0;

	do {
		char c = scan->data[scan->pos];
		if (c == '{' || c == '[')
			depth++;
		else if ((c == '}' || c == ']') && depth)
			depth--;
		if (at_quote(scan))
			skip_string(scan);
		else if (is_in(c, "{}[],: \t\r\n"))
			scan->pos++;
		else
			skip_scalar(scan);
	} while (depth && scan->pos < scan->len);
}

static struct name take_key(struct scan *scan)
{
	struct name name = {scan->data + scan->pos, 0};
	bool quoted = at_quote(scan);
	size_t start = scan->pos;

	skip_scalar(scan);
	name.len = scan->pos - start;
	if (quoted && name.len >= 2) {
		name.start++;
		name.len -= 2;
	}
	return name;
}

static bool same(const char *rule, size_t rule_len, struct name name)
{
	return name.len && json_name_is(name.start, name.len, rule, rule_len);
}

/* Whole rule against the innermost name, else segment by segment outwards. */
static bool matches(const struct field_rule *field, const struct scan *scan, struct name name)
{
	const char *rule = field->name;
	size_t len = strlen(rule), level = scan->depth;

	if (same(rule, len, name))
		return true;
	for (;;) {
		const char *dot = memrchr(rule, '.', len);
		const char *segment = dot ? dot + 1 : rule;
		if (!same(segment, len - (size_t)(segment - rule), name))
			return false;
		if (!dot)
			return true;
		len = (size_t)(dot - rule);
		/* Arrays have no name: what is in them belongs to the member around. */
		while (level && !scan->names[level - 1].len)
			level--;
		if (!level)
			return false;
		name = scan->names[--level];
	}
}

/* The first that matches; the others are there too. */
static const struct field_rule *rule_for(struct engine *engine, const struct scan *scan,
					 struct name name)
{
	const struct plan *plan = engine->plan;
	const struct field_rule *first = NULL;

	for (size_t i = 0; i < plan->n_fields; i++) {
		if (!matches(&plan->fields[i], scan, name))
			continue;
		engine->seen[i] = true;
		if (!first)
			first = &plan->fields[i];
	}
	return first;
}

/* What is inside a value that a rule takes whole is not walked, but may be fields too. */
static void see_inside(struct engine *engine, const char *value, size_t len)
{
	for (size_t i = 0; i < engine->plan->n_fields; i++) {
		const char *rule = engine->plan->fields[i].name, *dot = strrchr(rule, '.');
		size_t n;

		rule = dot ? dot + 1 : rule;
		n = strlen(rule);
		for (size_t at = 0; !engine->seen[i] && at + n <= len; at++)
			engine->seen[i] = strncasecmp(value + at, rule, n) == 0;
	}
}

static int add_hit(struct hits *hits, struct hit hit)
{
	if (hits->n == hits->cap) {
		size_t cap = hits->cap ? 2 * hits->cap : 16;
		struct hit *items = realloc(hits->items, cap * sizeof(*items));
		if (!items)
			return -1;
		hits->items = items;
		hits->cap = cap;
	}
	hits->items[hits->n++] = hit;
	return 0;
}

/* One value at scan->pos, under `name` in an object. -1: too deep, or memory. */
static int walk_value(struct scan *scan, struct engine *engine, const struct hits *model,
		      struct name name, size_t member, struct hits *hits)
{
	struct hit hit = {.ordinal = scan->ordinal++, .member = member, .value = scan->pos};
	char c = scan->data[scan->pos];

	if (model && hits->n < model->n && model->items[hits->n].ordinal == hit.ordinal)
		hit.field = model->items[hits->n].field;
	else if (!model && name.len)
		hit.field = rule_for(engine, scan, name);
	if (hit.field) {
		skip_value(scan);
		hit.end = scan->pos;
		if (c == '{' || c == '[')
			see_inside(engine, scan->data + hit.value, hit.end - hit.value);
		return add_hit(hits, hit);
	}
	if (c != '{' && c != '[') {
		skip_scalar(scan);
		return 0;
	}
	if (scan->depth == MAX_DEPTH)
		return -1;
	scan->names[scan->depth] = name;
	scan->object[scan->depth++] = c == '{';
	scan->pos++;
	return 0;
}

/*
 * All values that have a rule: by their names, or with a model those of the
 * model's ordinals. What is inside such a value is not walked.
 */
static int walk(const char *data, size_t len, struct engine *engine, const struct hits *model,
		struct hits *hits)
{
	struct scan scan = {.data = data, .len = len};

	hits->n = 0;
	for (;;) {
		struct name name = {0};
		size_t member;
		char c;

		skip_blanks(&scan);
		member = scan.pos;
		if (scan.pos >= len)
			return 0;
		c = data[scan.pos];
		if (c == '}' || c == ']') {
			scan.depth -= scan.depth > 0;
			scan.pos++;
			continue;
		}
		if (scan.depth && scan.object[scan.depth - 1] && c != '{' && c != '[') {
			name = take_key(&scan);
			skip_blanks(&scan);
			if (scan.pos >= len || data[scan.pos] == '}' || data[scan.pos] == ']')
				continue;
		}
		if (walk_value(&scan, engine, model, name, member, hits))
			return -1;
	}
}

/* The bytes between the quotes of a string, else all of the value. */
static void content(const char *data, const struct hit *hit, const char **start, size_t *len)
{
	bool quoted = hit->end - hit->value >= 2 &&
		      (data[hit->value] == '"' || data[hit->value] == '\'') &&
		      data[hit->end - 1] == data[hit->value];

	*start = data + hit->value + quoted;
	*len = hit->end - hit->value - 2 * (size_t)quoted;
}

static bool changes(const char *data, const struct hit *hit)
{
	const char *start;
	size_t len;

	content(data, hit, &start, &len);
	if (hit->end - hit->value == 4 && memcmp(data + hit->value, "null", 4) == 0)
		return false;
	return field_changes(hit->field, start, len);
}

/* Leave the member out, with the comma after it, else the one before. Returns where to go on. */
static size_t drop_member(const struct bytes *doc, const struct hit *hit, struct bytes *out,
			  size_t out_start)
{
	size_t next = hit->end;

	while (next < doc->len && is_in(doc->data[next], " \t\r\n"))
		next++;
	if (next < doc->len && doc->data[next] == ',') {
		next++;
		while (next < doc->len && is_in(doc->data[next], " \t\r\n"))
			next++;
		return next;
	}
	next = out->len;
	while (next > out_start && is_in(out->data[next - 1], " \t\r\n"))
		next--;
	if (next > out_start && out->data[next - 1] == ',')
		out->len = next - 1;
	return hit->end;
}

static int put_value(struct engine *engine, const struct piece *piece, const struct hit *in)
{
	const char *start;
	size_t len;

	content(piece->start, in, &start, &len);
	if (in->field->action == FIELD_KEEP || !changes(piece->start, in))
		return bytes_add(engine->out, piece->start + in->value, in->end - in->value);
	if (bytes_adds(engine->out, "\"") ||
	    field_put(engine->plan, in->field, start, len, "", engine->out))
		return -1;
	return bytes_adds(engine->out, "\"");
}

/* doc is the cleaned document; carry the rules out on the way to engine->out. */
static int apply(struct engine *engine, const struct piece *piece, const struct bytes *doc,
		 const struct hits *in, const struct hits *out)
{
	size_t done = 0, start = engine->out->len;

	for (size_t i = 0; i < in->n; i++) {
		const struct hit *hit = &out->items[i];
		bool drop = hit->field->action == FIELD_DROP;
		size_t upto = drop ? hit->member : hit->value;

		if (changes(piece->start, &in->items[i]) || drop)
			engine->tally.fields++;
		if (upto > done && bytes_add(engine->out, doc->data + done, upto - done))
			return -1;
		done = drop ? drop_member(doc, hit, engine->out, start) : hit->end;
		if (!drop && put_value(engine, piece, &in->items[i]))
			return -1;
	}
	return bytes_add(engine->out, doc->data + done, doc->len - done);
}

static bool takes_away(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n_fields; i++)
		if (plan->fields[i].action != FIELD_KEEP)
			return true;
	return false;
}

int json_fields_clean(struct engine *engine, const struct piece *piece)
{
	struct bytes *doc = &engine->scratch;
	struct hits in = {0}, out = {0};
	bool walked;
	int rc;

	doc->len = 0;
	rc = engine_call(engine, SAN_JSON, piece->start, piece->len, doc);
	if (rc)
		return rc;
	walked = !walk(piece->start, piece->len, engine, NULL, &in) &&
		 !walk(doc->data, doc->len, engine, &in, &out) && in.n == out.n;
	if (walked) {
		rc = apply(engine, piece, doc, &in, &out);
	} else if (takes_away(engine->plan)) {
		engine->tally.withheld++;
		rc = bytes_adds(engine->out, "\"[REDACTED]\"");
	} else {
		rc = bytes_add(engine->out, doc->data, doc->len);
	}
	free(in.items);
	free(out.items);
	return rc ? cause_set(engine->cause, "out of memory; the output is withheld") : 0;
}

static int by_place(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

int json_fields_find(struct engine *engine, const struct piece *piece, size_t first)
{
	struct findings *findings = &engine->findings;
	size_t base = (size_t)(piece->start - engine->block), kept = first, h = 0;
	struct hits hits = {0};
	int rc = 0;

	if (walk(piece->start, piece->len, engine, NULL, &hits)) {
		free(hits.items);
		return engine_note(engine, piece->start, piece->len, FINDING_FIELD, "document");
	}
	for (size_t i = first; i < findings->n; i++) {
		const struct finding *finding = &findings->items[i];
		while (h < hits.n && base + hits.items[h].end <= finding->at)
			h++;
		if (h == hits.n || finding->at < base + hits.items[h].value)
			findings->items[kept++] = *finding;
	}
	findings->n = kept;
	for (h = 0; h < hits.n && !rc; h++)
		if (changes(piece->start, &hits.items[h]))
			rc = engine_note(engine, piece->start + hits.items[h].value,
					 hits.items[h].end - hits.items[h].value, FINDING_FIELD,
					 hits.items[h].field->name);
	if (findings->n > first)
		qsort(findings->items + first, findings->n - first, sizeof(*findings->items),
		      by_place);
	free(hits.items);
	return rc;
}
