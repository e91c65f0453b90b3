/*
 * Sessions as Umami computes them. The expected values were made by another
 * implementation of the formulas (tests/integration/umami_session.py, which is also run).
 */
#include "unit.h"

#include <string.h>

#include "session.h"

#define WEBSITE "9b379b11-cd77-4afa-995e-06e009cab81c"
#define NOW_S INT64_C(1795190400) /* 2026-11-20 16:00 UTC */

static struct arena *arena;
static char secret[SESSION_SECRET_BYTES];

static struct session make(struct session_of of, const char *echoed)
{
	struct session session;

	of.website = of.website ? of.website : WEBSITE;
	of.now_s = of.now_s ? of.now_s : NOW_S + 77;
	of.time_s = of.time_s ? of.time_s : of.now_s;
	arena_reset(arena);
	session_make(&session, secret, &of, echoed, arena);
	return session;
}

#define ID(text)                                                                                   \
	(struct session_of)                                                                        \
	{                                                                                          \
		.id = TEXT(text)                                                                   \
	}

static void ids_are_umamis(void **state)
{
	struct session session = make(ID("abc"), NULL);

	(void)state;
	assert_string_equal(session.id, "3cd6c367-71b3-5835-99e2-89ae0242be4d");
	assert_string_equal(session.visit, "0cf8393f-610c-568a-a933-07e4930304ba");
	assert_string_equal(session.token,
			    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
			    "eyJ3ZWJzaXRlSWQiOiI5YjM3OWIxMS1jZDc3LTRhZmEtOTk1ZS0wNmUwMDljYWI4MWMiLC"
			    "JzZXNzaW9uSWQiOiIzY2Q2YzM2Ny03MWIzLTU4MzUtOTllMi04OWFlMDI0MmJlNGQiLCJ2"
			    "aXNpdElkIjoiMGNmODM5M2YtNjEwYy01NjhhLWE5MzMtMDdlNDkzMDMwNGJhIiwiaWF0Ij"
			    "oxNzk1MTkwNDc3fQ."
			    "ksf3ierX6VP-RgDVh3aNbF_O2oXLQwFaR70Scs-Cd0U");
	assert_false(session.known);
	session = make((struct session_of){.ip = TEXT("203.0.113.0"), .agent = TEXT("Mozilla/5.0")},
		       NULL);
	assert_string_equal(session.id, "c3172737-e7cf-5649-8194-bbb64dc785e1");
	session = make((struct session_of){.ip = TEXT("203.0.113.0"),
					   .agent = TEXT("Mozilla/5.0"),
					   .time_s = 1704067199},
		       NULL);
	assert_string_equal(session.id, "2638232a-4269-520f-92ef-2c48a914156e");
	assert_string_equal(session.visit, "f25e4bad-8079-5838-ae26-94a2f35222a3");
}

static void a_genuine_token_keeps_the_visit(void **state)
{
	struct session first = make(ID("abc"), NULL), next;
	struct session_of later = ID("abc");

	(void)state;
	later.now_s = NOW_S + 77 + 1800;
	next = make(later, first.token);
	assert_true(next.known);
	assert_string_equal(next.visit, first.visit);
	assert_string_equal(next.token, first.token);
	/* past the full hour, too */
	later.now_s = NOW_S + 3599;
	first = make(later, NULL);
	later.now_s = NOW_S + 3601;
	next = make(later, first.token);
	assert_string_equal(next.visit, first.visit);
	assert_string_not_equal(make(later, NULL).visit, first.visit);
	/* after half an hour it is a new one */
	later.now_s = NOW_S + 3599 + 1801;
	next = make(later, first.token);
	assert_true(next.known);
	assert_string_not_equal(next.visit, first.visit);
	assert_string_equal(next.visit, make(later, NULL).visit);
}

static void any_other_token_is_none(void **state)
{
	struct session first = make(ID("abc"), NULL);
	struct session_of other = ID("abc");
	char token[SESSION_TOKEN_MAX];

	(void)state;
	assert_false(make(ID("abd"), first.token).known);
	other.website = "81251cf4-b506-4a28-b73b-ffd5ddeb44f0";
	assert_false(make(other, first.token).known);
	for (size_t i = 0; first.token[i]; i++) {
		strcpy(token, first.token);
		token[i] = token[i] == 'A' ? 'B' : 'A';
		if (i + 1 < strlen(token)) /* the last one has two bits that do not count */
			assert_false(make(ID("abc"), token).known);
		token[i] = '\0';
		assert_false(make(ID("abc"), token).known);
	}
	assert_false(make(ID("abc"), "tamis.keeps.none").known);
	assert_false(make(ID("abc"), "..").known);
	session_secret(secret, "another secret");
	assert_false(make(ID("abc"), first.token).known);
	session_secret(secret, "a secret of a test");
}

static int setup(void **state)
{
	(void)state;
	arena = arena_new(1u << 16);
	session_secret(secret, "a secret of a test");
	return arena ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ids_are_umamis),
	    cmocka_unit_test(a_genuine_token_keeps_the_visit),
	    cmocka_unit_test(any_other_token_is_none),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
