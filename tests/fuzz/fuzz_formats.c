/*
 * fuzz_formats - the command's formats and rules for fields: a block cleaned at once is
 * the same as its records cleaned one by one, findings lie inside the block and in
 * order, and no field is left to be found in what was cleaned.
 *
 * Input: a byte for the format (b to h), a byte for the rules (d to g), then the block.
 */
#include <string.h>

#include "csv.h"
#include "fuzz.h"

#define RULE_SETS 4

static const char *const rule_sets[RULE_SETS][3] = {
    {NULL},
    {"user=drop", "mail=keep", NULL},
    {"user=redact", "host=drop", NULL},
    {"a.b=redact", "agent=redact", NULL},
};

static struct plan *plan_of(unsigned format, unsigned set)
{
	static struct plan plans[FORMAT_COUNT][RULE_SETS];
	struct plan *plan = &plans[format][set];
	struct settings settings = {.format = (enum format)format};
	const char *fields[3];
	struct cause cause;

	if (plan->rules)
		return plan;
	memcpy(fields, rule_sets[set], sizeof(fields));
	settings.fields = fields;
	while (fields[settings.n_fields])
		settings.n_fields++;
	MUST(!plan_make(plan, &settings, &cause));
	return plan;
}

static struct engine *engine_of(unsigned format, unsigned set)
{
	static struct engine engines[FORMAT_COUNT][RULE_SETS];
	struct engine *engine = &engines[format][set];
	struct cause cause;

	if (!engine->scanner)
		MUST(!engine_open(engine, plan_of(format, set), &cause));
	return engine;
}

static void clean_whole(struct engine *engine, const char *data, size_t len, struct bytes *out)
{
	struct cause cause;

	engine->skip = engine->header->len;
	MUST(!engine_clean(engine, data, len, out, &cause));
}

static void clean_records(struct engine *engine, const char *data, size_t len, struct bytes *out)
{
	struct framer framer = engine_framer(engine);
	struct cause cause;

	engine->skip = engine->header->len;
	for (size_t start = 0; start < len;) {
		size_t end = frame_next(&framer, data, len);
		MUST(!engine_clean(engine, data + start, end - start, out, &cause));
		engine->skip -= engine->skip < end - start ? engine->skip : end - start;
		start = end;
	}
}

static void look(struct engine *engine, const char *data, size_t len)
{
	struct cause cause;
	size_t last = 0;

	engine->skip = engine->header->len;
	MUST(!engine_find(engine, data, len, &cause));
	for (size_t i = 0; i < engine->findings.n; i++) {
		MUST(engine->findings.items[i].at >= last);
		MUST(engine->findings.items[i].end >= engine->findings.items[i].at);
		MUST(engine->findings.items[i].end <= len);
		MUST(engine->findings.items[i].rule);
		last = engine->findings.items[i].at;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct bytes whole, parts;
	struct csv_header header = {0};
	struct engine *engine;
	struct cause cause;
	const char *text = (const char *)data + 2;

	if (size < 3)
		return 0;
	size -= 2;
	engine = engine_of(data[0] % FORMAT_COUNT, data[1] % RULE_SETS);
	engine->header = &header;
	whole.len = parts.len = 0;
	if (engine->plan->format == FORMAT_CSV &&
	    csv_header_make(&header, engine, text, size, &cause)) {
		csv_header_free(&header);
		return 0;
	}
	clean_whole(engine, text, size, &whole);
	clean_records(engine, text, size, &parts);
	MUST(whole.len == parts.len && memcmp(whole.data, parts.data, whole.len) == 0);
	look(engine, text, size);
	csv_header_free(&header);
	return 0;
}
