/*
 * tell - see tell.h.
 */
#include "tell.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "engine.h"
#include "run.h"

static const char *const class_texts[] = {
#define CLASS(id, name, what, why) [id] = what,
#include "classes.def"
#undef CLASS
};
static const char *const class_reasons[] = {
#define CLASS(id, name, what, why) [id] = why,
#include "classes.def"
#undef CLASS
};

static int flushed(void)
{
	return fflush(stdout) || ferror(stdout) ? EXIT_TROUBLE : EXIT_CLEAN;
}

int tell_help(void)
{
	const struct option_row *row;

	puts("usage: sanitize [options] [file ...]\n"
	     "Takes personal data and secrets out of logs, URLs and JSON.\n");
	for (size_t i = 0; (row = option_row(i)); i++) {
		char left[128];
		snprintf(left, sizeof(left), "%c%c%s--%s%s%s%s", row->letter ? '-' : ' ',
			 row->letter ? row->letter : ' ', row->letter ? ", " : "  ", row->name,
			 row->has == ARGUMENT_MAYBE ? "[" : "", row->argument ? "=" : "",
			 row->argument ? row->argument : "");
		if (row->has == ARGUMENT_MAYBE)
			strncat(left, "]", sizeof(left) - strlen(left) - 1);
		printf("  %s\n        %s\n", left, row->help);
	}
	puts("\nExit status: 0 done (--check: clean), 1 --check found something, 2 trouble.");
	return flushed();
}

int tell_version(void)
{
	printf("sanitize %s, libsanitizer %s (%s)\n", SAN_VERSION, san_version(), san_isa());
	return flushed();
}

/* One's own patterns, below the class that they make up. */
static void print_own(const struct plan *plan)
{
	struct san_options options;

	if (rules_options(plan->grammar, &options, NULL, 0))
		return;
	for (size_t i = 0; i < options.n_own; i++)
		printf("  %-17s %-22s begins with %s\n", options.own[i].name,
		       options.own[i].placeholder ? options.own[i].placeholder : "[REDACTED_…]",
		       options.own[i].anchor);
}

int tell_classes(const struct plan *plan)
{
	printf("%-9s %-9s %-22s %s\n", "CLASS", "ACTION", "PLACEHOLDER", "WHAT COUNTS");
	for (int i = 0; i < SAN_CLASSES; i++) {
		const char *placeholder = san_class_placeholder(i);
		printf("%-9s %-9s %-22s %s\n", class_option(i), plan_action_name(plan, i),
		       i != SAN_OWN && placeholder ? placeholder : "its own", class_texts[i]);
	}
	print_own(plan);
	return flushed();
}

/* The cleaned form with the newline that was added to make TEXT a record. */
static int print_result(struct engine *engine, const char *text, struct cause *cause)
{
	struct bytes out = {0};
	int rc = engine_clean(engine, text, strlen(text), &out, cause);

	if (!rc) {
		fputs("result: ", stdout);
		fwrite(out.data, 1, out.len, stdout);
		putchar('\n');
	}
	bytes_free(&out);
	return rc;
}

static const char *action_of(const struct plan *plan, const struct finding *finding)
{
	const struct field_rule *field;

	if (finding->san_class >= 0)
		return plan_action_name(plan, finding->san_class);
	field = plan_field(plan, finding->rule, strlen(finding->rule));
	/* None: a record that cannot be cut into its fields. */
	return field_action_name(field ? field->action : FIELD_REDACT);
}

/* The name before a secret value: `token=`, `"api_key": "`, `--password `. */
static void print_name(const struct finding *finding, const char *text)
{
	size_t end = finding->at, start;

	if (finding->san_class != SAN_SECRET || strcmp(finding->rule, "name"))
		return;
	while (end && !isalnum((unsigned char)text[end - 1]))
		end--;
	for (start = end;
	     start && (isalnum((unsigned char)text[start - 1]) || strchr("_-.", text[start - 1]));)
		start--;
	if (start < end)
		printf("    name: %.*s\n", (int)(end - start), text + start);
}

static void print_finding(const struct plan *plan, const struct finding *finding, const char *text)
{
	bool field = finding->san_class < 0;

	printf("%zu-%zu '%.*s'\n", finding->at + 1, finding->end, (int)(finding->end - finding->at),
	       text + finding->at);
	printf("    %s, rule %s: %s\n", field ? "field" : san_class_name(finding->san_class),
	       finding->rule,
	       field ? "a rule for fields takes it" : class_reasons[finding->san_class]);
	print_name(finding, text);
	printf("    action: %s\n", action_of(plan, finding));
}

int tell_why(const struct plan *plan, const char *text)
{
	struct engine engine;
	struct cause cause;
	int rc;

	rc = engine_open(&engine, plan, &cause);
	if (!rc)
		rc = engine_find(&engine, text, strlen(text), &cause);
	if (!rc) {
		if (!engine.findings.n)
			puts("nothing found");
		for (size_t i = 0; i < engine.findings.n; i++)
			print_finding(plan, &engine.findings.items[i], text);
		rc = print_result(&engine, text, &cause);
	}
	engine_close(&engine);
	if (rc)
		cause_print(&cause, NULL);
	return rc ? EXIT_TROUBLE : flushed();
}
