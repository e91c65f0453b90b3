/*
 * Golden tests of tests/data/config.test, groups of three lines:
 *   setting:  words NAME=VALUE (environment), --key=value (arguments), mode=0640, or -
 *   input:    the YAML file with \n for line ends, or - for no file
 *   expected: "show LINE" (a line of config_show), "warn N FIRST" (the number of
 *             warnings and the first), or the status and the message, FILE for the path
 */
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "file.h"
#include "golden.h"

#define WORDS_MAX 16

static char path[] = "/tmp/tamis-test-config-XXXXXX";

static void write_file(const char *escaped, mode_t mode)
{
	struct buf text;

	buf_init(&text, 1 << 20);
	for (; *escaped; escaped++) {
		bool newline = escaped[0] == '\\' && escaped[1] == 'n';

		buf_addc(&text, newline ? '\n' : *escaped);
		escaped += newline;
	}
	assert_int_equal(file_replace(path, text.data, text.len, mode), ST_OK);
	buf_free(&text);
}

/* The status' name, so that goldens read well. */
static const char *name_of(enum status status)
{
	static const char *const names[] = {
#define STATUS(name, http, exit, text) #name,
#include "status.def"
#undef STATUS
	};
	return names[status];
}

static bool has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (; text; text = strchr(text, '\n') ? strchr(text, '\n') + 1 : NULL)
		if (strncmp(text, line, len) == 0 && (text[len] == '\n' || !text[len]))
			return true;
	return false;
}

static void replace_path(struct buf *out, const char *text)
{
	for (const char *at; (at = strstr(text, path)); text = at + strlen(path)) {
		buf_add(out, text, (size_t)(at - text));
		buf_adds(out, "FILE");
	}
	buf_adds(out, text);
}

static bool check_loaded(const struct config *config, const char *expected, struct buf *got)
{
	struct buf raw;
	bool good;

	buf_init(&raw, 1 << 20);
	if (strncmp(expected, "warn ", 5) == 0) {
		buf_addf(got, "warn %zu", config_warnings(config, &raw));
		if (raw.len)
			buf_addf(got, " %.*s", (int)strcspn(raw.data, "\n"), raw.data);
		good = strcmp(got->data, expected) == 0;
	} else {
		config_show(config, &raw);
		replace_path(got, raw.data);
		good = strncmp(expected, "show ", 5) == 0 && has_line(got->data, expected + 5);
	}
	buf_free(&raw);
	return good;
}

/* Split the setting; environment words are set and left in names to be unset. */
static size_t apply(char *setting, const char **args, char **names, size_t *n_names, mode_t *mode)
{
	size_t n = 0;
	char *rest;

	for (char *w = strtok_r(setting, " ", &rest); w; w = strtok_r(NULL, " ", &rest)) {
		if (strncmp(w, "mode=", 5) == 0) {
			*mode = (mode_t)strtoul(w + 5, NULL, 8);
		} else if (strncmp(w, "--", 2) == 0 || !strchr(w, '=')) {
			if (strcmp(w, "-") != 0)
				args[n++] = w;
		} else {
			*strchr(w, '=') = '\0';
			assert_int_equal(setenv(w, w + strlen(w) + 1, 1), 0);
			names[(*n_names)++] = w;
		}
		assert_true(n < WORDS_MAX && *n_names < WORDS_MAX);
	}
	return n;
}

static bool check_group(const struct golden *group, struct buf *got)
{
	const char *args[WORDS_MAX];
	char *names[WORDS_MAX];
	size_t n_names = 0, n_args;
	struct config *config = NULL;
	enum status status;
	mode_t mode = 0600;
	struct reason why;
	bool good;

	n_args = apply(group->setting, args, names, &n_names, &mode);
	write_file(strcmp(group->input, "-") != 0 ? group->input : "", mode);
	status = config_load(&config, path, n_args, args, &why);
	if (status == ST_OK) {
		good = check_loaded(config, group->expected, got);
	} else {
		buf_addf(got, "%s ", name_of(status));
		replace_path(got, why.text);
		good = strcmp(got->data, group->expected) == 0;
	}
	config_free(config);
	while (n_names)
		unsetenv(names[--n_names]);
	return good;
}

static void goldens_hold(void **state)
{
	(void)state;
	assert_true(golden_run("config.test", check_group) > 60);
}

/* What show prints is a file that gives the same settings. */
static void shown_settings_load_again(void **state)
{
	static const char *const args[] = {
	    "--counters.routes=/a,/b \"c\"",
	    "--umami.website_id=9b379b11-cd77-4afa-995e-06e009cab81c", "--spool.sync=always"};
	struct config *first, *second;
	struct reason why;
	struct buf text;

	(void)state;
	buf_init(&text, 1 << 20);
	write_file("", 0600);
	assert_int_equal(config_load(&first, path, 1, args + 1, &why), ST_OK);
	config_free(first);
	assert_int_equal(config_load(&first, path, 1, args + 2, &why), ST_OK);
	config_show(first, &text);
	assert_int_equal(file_replace(path, text.data, text.len, 0600), ST_OK);
	assert_int_equal(config_load(&second, path, 0, NULL, &why), ST_OK);
	assert_int_equal(second->spool_sync, first->spool_sync);
	assert_int_equal(second->spool_sync, 2);
	assert_string_equal(second->umami_api_url, first->umami_api_url);
	config_free(first);
	config_free(second);
	buf_free(&text);
}

static void no_file_named_and_none_there(void **state)
{
	struct config *config;
	struct reason why;

	(void)state;
	assert_int_equal(config_load(&config, "/nonexistent/tamis.yaml", 0, NULL, &why), ST_CONFIG);
	assert_string_equal(why.text, "/nonexistent/tamis.yaml: No such file or directory");
	assert_int_equal(setenv("TAMIS_CONFIG", "/nonexistent/other.yaml", 1), 0);
	assert_int_equal(config_load(&config, NULL, 0, NULL, &why), ST_CONFIG);
	assert_string_equal(why.text, "/nonexistent/other.yaml: No such file or directory");
	unsetenv("TAMIS_CONFIG");
	config_free(NULL);
}

static int make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(goldens_hold),
	    cmocka_unit_test(shown_settings_load_again),
	    cmocka_unit_test(no_file_named_and_none_there),
	};
	return cmocka_run_group_tests(tests, make_file, remove_file);
}
