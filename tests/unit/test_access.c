/*
 * Tokens: made, granted, revoked while a reader runs, expired; and what the file tells.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

#include "access.h"
#include "day.h"
#include "file.h"
#include "place.h"

static const char *tokens_of(const struct place *place)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/tokens", place->dir);
	return path;
}

static struct grant make(const char *path, const char *scopes, const char *subject, char *token)
{
	struct grant grant = {.scopes = scopes_parse(scopes), .expires = DAY_NEVER};
	struct reason why = {""};

	strcpy(grant.subject, subject);
	if (access_make(path, &grant, token, &why) != ST_OK)
		fail_msg("%s", why.text);
	return grant;
}

static bool granted(struct access *access, const char *token, struct grant *grant)
{
	char header[128];

	snprintf(header, sizeof(header), "Bearer %s", token);
	return access_grant(access, header, 20000, grant);
}

static void test_life(void **state)
{
	struct place *place = place_open(NULL);
	const char *path = tokens_of(place);
	char team[TOKEN_TEXT_BYTES], event[TOKEN_TEXT_BYTES], none[TOKEN_TEXT_BYTES];
	struct reason why = {""};
	struct access *access;
	struct grant grant, made;
	struct buf text;
	struct stat st;

	(void)state;
	assert_int_equal(access_open(&access, path, &why), ST_OK); /* no file yet */
	assert_false(granted(access, "tamis_", &grant));
	access_close(access);

	made = make(path, "read:team", "", team);
	make(path, "ingest", "event:42", event);
	assert_int_equal(strlen(team), TOKEN_TEXT_BYTES - 1);
	assert_memory_equal(team, "tamis_", 6);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	buf_init(&text, 1 << 16);
	assert_int_equal(file_read(path, &text), ST_OK);
	assert_null(strstr(text.data, team + 6)); /* told once */
	buf_free(&text);

	assert_int_equal(access_open(&access, path, &why), ST_OK);
	assert_true(granted(access, team, &grant));
	assert_int_equal(grant.scopes, SCOPE_READ_TEAM | SCOPE_READ_RELEASED);
	assert_string_equal(grant.id, made.id);
	assert_true(granted(access, event, &grant));
	assert_string_equal(grant.subject, "event:42");
	strcpy(none, team);
	none[20] = none[20] == 'x' ? 'y' : 'x';
	assert_false(granted(access, none, &grant));
	assert_false(access_grant(access, NULL, 20000, &grant));
	assert_false(access_grant(access, team, 20000, &grant)); /* no "Bearer" */
	assert_false(access_grant(access, "Bearer ", 20000, &grant));

	assert_int_equal(access_revoke(path, made.id, &why), ST_OK);
	assert_int_equal(access_revoke(path, made.id, &why), ST_NOT_FOUND);
	for (int i = 0; granted(access, team, &grant); i++) { /* seen within a second or two */
		assert_true(i < 1000);
		usleep(10000);
	}
	assert_true(granted(access, event, &grant));
	access_close(access);
	place_close(place);
}

static void test_expiry(void **state)
{
	struct place *place = place_open(NULL);
	struct grant grant = {.scopes = SCOPE_OPS, .expires = 20001};
	struct reason why = {""};
	char token[TOKEN_TEXT_BYTES], header[64];
	struct access *access;

	(void)state;
	assert_int_equal(access_make(tokens_of(place), &grant, token, &why), ST_OK);
	assert_int_equal(access_open(&access, tokens_of(place), &why), ST_OK);
	snprintf(header, sizeof(header), "bearer %s", token);
	assert_true(access_grant(access, header, 20000, &grant));
	assert_false(access_grant(access, header, 20001, &grant));
	access_close(access);
	place_close(place);
}

static void test_bad_files(void **state)
{
	static const char *const lines[] = {"nonsense", "01234567 ingest - -",
					    "01234567 fly - - 00", "01234567 ingest - 2026 00"};
	struct place *place = place_open(NULL);
	const char *path = tokens_of(place);
	struct reason why = {""};
	struct access *access;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		assert_int_equal(file_replace(path, lines[i], strlen(lines[i]), 0640), ST_OK);
		assert_int_equal(access_open(&access, path, &why), ST_CONFIG);
		assert_non_null(strstr(why.text, "tokens:1:"));
		assert_null(strstr(why.text, lines[i]));
	}
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(access_open(&access, path, &why), ST_DENIED);
	place_close(place);
}

static void test_scopes(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 256);
	assert_int_equal(scopes_parse("ingest"), SCOPE_INGEST);
	assert_int_equal(scopes_parse("read:team,ops"),
			 SCOPE_READ_TEAM | SCOPE_READ_RELEASED | SCOPE_OPS);
	assert_int_equal(scopes_parse("admin"), (1 << SCOPES) - 1);
	assert_int_equal(scopes_parse(""), 0);
	assert_int_equal(scopes_parse("ingest,"), 0);
	assert_int_equal(scopes_parse("ingest,fly"), 0);
	scopes_text(scopes_parse("read:team,ingest"), &out);
	assert_string_equal(out.data, "ingest,read:team");
	buf_reset(&out);
	scopes_text(scopes_parse("admin"), &out);
	assert_string_equal(out.data, "admin");
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_life),
	    cmocka_unit_test(test_expiry),
	    cmocka_unit_test(test_bad_files),
	    cmocka_unit_test(test_scopes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
