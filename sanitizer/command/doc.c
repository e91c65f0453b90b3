/*
 * doc - write the option table as manual, bash completion or zsh completion.
 *
 * A program of the build, not installed: `doc man` copies the manual's source and
 * puts the lists where it says @OPTIONS@, @CLASSES@ and @FORMATS@.
 */
#include <stdio.h>
#include <string.h>

#include "settings.h"

static const struct {
	const char *name, *what;
} classes[] =
    {
#define CLASS(id, name, what, why) {name, what},
#include "classes.def"
#undef CLASS
},
  formats[] = {
#define FORMAT(suffix, name, text) {name, text},
#include "formats.def"
#undef FORMAT
};

/* A line of roff must not begin with a dot or quote, nor hold a lone backslash. */
static void put_roff(const char *text)
{
	if (*text == '.' || *text == '\'')
		fputs("\\&", stdout);
	for (; *text; text++) {
		if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '-')
			fputs("\\-", stdout);
		else
			putchar(*text);
	}
	putchar('\n');
}

static void put_man_option(const struct option_row *row)
{
	fputs(".It ", stdout);
	if (row->letter)
		printf("Fl %c , ", row->letter);
	printf("Fl \\-%s", row->name);
	if (row->argument && row->has == ARGUMENT_MAYBE)
		printf(" Ns Oo Ns = Ns Ar %s Oc", row->argument);
	else if (row->argument)
		printf(" Ns = Ns Ar %s", row->argument);
	putchar('\n');
	put_roff(row->help);
}

static void put_man(void)
{
	const struct option_row *row;
	char line[1024];

	while (fgets(line, sizeof(line), stdin)) {
		if (strcmp(line, "@OPTIONS@\n") == 0) {
			for (size_t i = 0; (row = option_row(i)); i++)
				put_man_option(row);
		} else if (strcmp(line, "@CLASSES@\n") == 0) {
			for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
				printf(".It Cm %s\n", classes[i].name);
				put_roff(classes[i].what);
			}
		} else if (strcmp(line, "@FORMATS@\n") == 0) {
			for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
				printf(".It Cm %s\n", formats[i].name);
				put_roff(formats[i].what);
			}
		} else {
			fputs(line, stdout);
		}
	}
}

static bool takes_path(const struct option_row *row)
{
	return row->argument && strcmp(row->argument, "FILE") == 0;
}

/* "a|mask:TEXT|c" as "a mask: c"; in zsh a colon would end the list. */
static void put_words(const struct option_row *row, const char *colon)
{
	for (const char *p = row->argument; *p; p++) {
		if (strncmp(p, "TEXT", 4) == 0)
			p += 3;
		else if (*p == ':')
			fputs(colon, stdout);
		else
			putchar(*p == '|' ? ' ' : *p);
	}
}

static void put_bash_choices(void)
{
	const struct option_row *row;

	for (size_t i = 0; (row = option_row(i)); i++) {
		if (!row->argument || !strchr(row->argument, '|'))
			continue;
		printf("\t--%s%s%c) COMPREPLY=($(compgen -W '", row->name, row->letter ? "|-" : "",
		       row->letter ? row->letter : ' ');
		put_words(row, ":");
		puts("' -- \"$cur\")); return ;;");
	}
}

static void put_bash(void)
{
	const struct option_row *row;

	puts("# bash completion of sanitize, made from its table of options\n"
	     "_sanitize()\n{\n"
	     "\tlocal cur=${COMP_WORDS[COMP_CWORD]} opt=${COMP_WORDS[COMP_CWORD-1]}\n"
	     "\tif [[ $cur == = ]]; then cur=\n"
	     "\telif [[ $opt == = ]]; then opt=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
	     "\tcase $opt in");
	put_bash_choices();
	fputs("\tesac\n\tif [[ $cur == -* ]]; then\n\t\tCOMPREPLY=($(compgen -W '", stdout);
	for (size_t i = 0; (row = option_row(i)); i++)
		printf("%s--%s%s", i ? " " : "", row->name, row->has == ARGUMENT_YES ? "=" : "");
	puts("' -- \"$cur\"))\n"
	     "\t\t[[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null\n"
	     "\t\treturn\n\tfi\n"
	     "\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n}\n"
	     "complete -o filenames -F _sanitize sanitize");
}

/* Inside '…[…]': quotes end the string, brackets and colons the help. */
static void put_zsh_help(const char *text)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", stdout);
		else if (strchr("[]:\\", *text))
			printf("\\%c", *text);
		else
			putchar(*text);
	}
}

static void put_zsh_option(const struct option_row *row)
{
	const char *equals = row->has == ARGUMENT_YES	  ? "="
			     : row->has == ARGUMENT_MAYBE ? "=-"
							  : "";

	if (row->letter)
		printf("\t'(-%c --%s)'{-%c%s,--%s%s}'[", row->letter, row->name, row->letter,
		       row->has == ARGUMENT_NO	  ? ""
		       : row->has == ARGUMENT_YES ? "+"
						  : "-",
		       row->name, equals);
	else
		printf("\t'--%s%s[", row->name, equals);
	put_zsh_help(row->help);
	putchar(']');
	if (row->argument) {
		printf("%s:%s:", row->has == ARGUMENT_MAYBE ? ":" : "", row->name);
		if (takes_path(row)) {
			fputs("_files", stdout);
		} else if (strchr(row->argument, '|')) {
			putchar('(');
			put_words(row, "\\:");
			putchar(')');
		}
	}
	puts("' \\");
}

static void put_zsh(void)
{
	const struct option_row *row;

	puts("#compdef sanitize\n"
	     "# zsh completion of sanitize, made from its table of options\n"
	     "_arguments -s -S \\");
	for (size_t i = 0; (row = option_row(i)); i++)
		put_zsh_option(row);
	puts("\t'*:file:_files'");
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*put)(void);
	} kinds[] = {{"man", put_man}, {"bash", put_bash}, {"zsh", put_zsh}};

	for (size_t i = 0; argc == 2 && i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(argv[1], kinds[i].name))
			continue;
		kinds[i].put();
		return fflush(stdout) || ferror(stdout);
	}
	fputs("usage: doc man|bash|zsh\n", stderr);
	return 2;
}
