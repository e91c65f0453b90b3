/*
 * config_man - run at build time: tamis.yaml(5) from its template and config.def.
 *
 * Copies standard input to standard output; a line "@KEYS@" becomes one mdoc item for
 * every row, "@SYSCONFDIR@" within a line becomes the directory. Needs nothing but the
 * table, so the page cannot tell of a key that is not there, nor miss one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config_rows.h"

static const char *const helps[CONFIG_KEYS] = {
#define CONFIG(field, type, key, env, value, min, max, unit, help) help,
#include "config.def"
#undef CONFIG
};

/* Help as mdoc: a sentence a line; backslashes and a line's first dot are no markup. */
static void put_text(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text; text++) {
		bool ends = text[0] == '.' && text[1] == ' ';

		if (*text == '\\')
			fputs("\\e", stdout);
		else
			putchar(*text);
		if (ends) {
			putchar('\n');
			text++;
		}
	}
}

static void put_type(const struct config_row *row)
{
	switch (row->type) {
	case CONFIG_TYPE_BOOL:
		printf("true or false");
		break;
	case CONFIG_TYPE_UINT:
		printf("%" PRIu64 " to %" PRIu64 " %s", row->min, row->max, row->unit);
		break;
	case CONFIG_TYPE_STRING:
		printf("%s of at most %" PRIu64 " bytes", *row->unit ? row->unit : "text",
		       row->max);
		break;
	case CONFIG_TYPE_SECRET:
		printf("secret of at most %" PRIu64 " bytes, not on the command line", row->max);
		break;
	case CONFIG_TYPE_LIST:
		printf("list of at most %" PRIu64 " %s", row->max, row->unit);
		break;
	case CONFIG_TYPE_ENUM:
		for (const char *c = row->unit; *c; c++)
			if (*c == '|')
				fputs(strchr(c + 1, '|') ? ", " : " or ", stdout);
			else
				putchar(*c);
		break;
	}
}

static void put_row(size_t i)
{
	const struct config_row *row = &config_rows[i];
	char name[128];

	config_env_name(row, name, sizeof(name));
	printf(".It Ic %s\n", row->key);
	put_text(helps[i]);
	printf("\n.Pp\nType:\n");
	put_type(row);
	printf(".\nDefault:\n");
	if (*row->value)
		printf(".Li %s .\n", row->value);
	else
		printf("empty.\n");
	printf("Environment:\n.Ev %s .\n", name);
}

int main(void)
{
	char line[1024];

	while (fgets(line, sizeof(line), stdin)) {
		char *at = strstr(line, "@SYSCONFDIR@");

		if (strcmp(line, "@KEYS@\n") == 0) {
			for (size_t i = 0; i < CONFIG_KEYS; i++)
				put_row(i);
		} else if (at) {
			printf("%.*s%s%s", (int)(at - line), line, SYSCONFDIR, at + 12);
		} else {
			fputs(line, stdout);
		}
	}
	return ferror(stdin) || fflush(stdout) != 0;
}
