/*
 * registry_client - see registry_client.h. Names and values are the registry's: letters, digits
 * and a few signs that need no escape in any of these languages.
 */
#include "registry_client.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "values.h"

#define UNION_MAX 24 /* values that a type names one by one */

static const char head[] =
    "// Made by `tamis registry client` from the registry; not to be edited.\n";

static bool is_for_browsers(const struct measure *m)
{
	return m->mechanism != MECHANISM_NONE && m->public_ingest;
}

/* template_id as templateId, or TemplateId. */
static void add_camel(struct buf *out, const char *name, bool upper)
{
	for (; *name; name++) {
		if (*name != '_' && *name != '.')
			buf_addc(out, (char)(upper ? toupper((unsigned char)*name) : *name));
		upper = *name == '_' || *name == '.';
	}
}

/* A dimension as a parameter; words that JavaScript keeps for itself get a sign. */
static void add_parameter(struct buf *out, const char *name)
{
	static const char kept[] = " arguments await break case catch class const continue "
				   "debugger default delete do else "
				   "enum eval export extends false finally for function if "
				   "implements import in instanceof "
				   "interface let new null package private protected public return "
				   "static super switch this "
				   "throw true try typeof var void while with yield analytics ";
	char word[64];

	add_camel(out, name, false);
	snprintf(word, sizeof(word), " %s ", name);
	if (strstr(kept, word))
		buf_addc(out, '_');
}

static void add_values(struct buf *out, const struct values *values, const char *between)
{
	for (size_t i = 0; i < values->n; i++)
		buf_addf(out, "%s\"%s\"", i ? between : "", values->items[i]);
}

static void declare(struct buf *out, const struct measure *m)
{
	buf_addf(out,
		 "\t%s: {domainVersion: %" PRIu64 ", cells: %" PRIu64 ", each: %" PRIu64
		 ", clientEpsilonMicro: %" PRIu64 ", split: %s, dimensions: [",
		 m->name, m->domain_version, m->cells_per_client, m->per_cell, m->client_epsilon,
		 m->domain == DOMAIN_SPLIT ? "true" : "false");
	for (size_t i = 0; i < m->dimensions.n; i++) {
		const struct dimension *d = &m->dimensions.items[i];
		const char *kind = dimension_coarsened(d);
		buf_addf(out, "\n\t\t{name: \"%s\", ", d->name);
		if (kind)
			buf_addf(out, "coarsen: \"%s\", ", kind);
		buf_adds(out, "values: [");
		add_values(out, &d->values, ", ");
		buf_adds(out, "]},");
	}
	buf_adds(out, m->dimensions.n ? "\n\t]},\n" : "]},\n");
}

static void wrap(struct buf *out, const struct measure *m)
{
	buf_adds(out, "export const track");
	add_camel(out, m->name, true);
	buf_adds(out, " = (");
	for (size_t i = 0; i < m->dimensions.n; i++) {
		buf_adds(out, i ? ", " : "");
		add_parameter(out, m->dimensions.items[i].name);
	}
	buf_addf(out, ") => analytics.increment(\"%s\", {", m->name);
	for (size_t i = 0; i < m->dimensions.n; i++) {
		buf_addf(out, "%s%s: ", i ? ", " : "", m->dimensions.items[i].name);
		add_parameter(out, m->dimensions.items[i].name);
	}
	buf_adds(out, "});\n");
}

static void write_js(struct buf *out, const struct registry *registry)
{
	buf_addf(out, "%simport { analytics } from \"./analytics.mjs\";\n\nanalytics.declare({\n",
		 head);
	for (size_t i = 0; i < registry_size(registry); i++)
		if (is_for_browsers(registry_at(registry, i)))
			declare(out, registry_at(registry, i));
	buf_adds(out, "});\n\n");
	for (size_t i = 0; i < registry_size(registry); i++)
		if (is_for_browsers(registry_at(registry, i)))
			wrap(out, registry_at(registry, i));
	buf_adds(out, "\nexport { analytics };\n");
}

/* Other values are taken, too: they count as the last one. */
static void add_type(struct buf *out, const struct dimension *d)
{
	if (d->values.n <= UNION_MAX) {
		add_values(out, &d->values, " | ");
		buf_adds(out, " | (string & {})");
	} else {
		buf_adds(out, "string");
	}
}

static void write_ts(struct buf *out, const struct registry *registry)
{
	buf_addf(out,
		 "%simport type { Analytics } from \"./analytics.mjs\";\n\n"
		 "export declare const analytics: Analytics;\n",
		 head);
	for (size_t i = 0; i < registry_size(registry); i++) {
		const struct measure *m = registry_at(registry, i);
		if (!is_for_browsers(m))
			continue;
		buf_addf(out,
			 "\n/** %s: true where it is on its way. */\nexport declare function track",
			 m->name);
		add_camel(out, m->name, true);
		buf_addc(out, '(');
		for (size_t k = 0; k < m->dimensions.n; k++) {
			buf_adds(out, k ? ", " : "");
			add_parameter(out, m->dimensions.items[k].name);
			buf_adds(out, ": ");
			add_type(out, &m->dimensions.items[k]);
		}
		buf_adds(out, "): boolean;\n");
	}
}

enum status registry_client(struct buf *out, const struct registry *registry, const char *language,
			    struct reason *why)
{
	if (strcmp(language, "js") == 0)
		write_js(out, registry);
	else if (strcmp(language, "ts") == 0)
		write_ts(out, registry);
	else
		return reason_set(why, ST_USAGE, "registry client: --language wants js or ts");
	return ST_OK;
}
