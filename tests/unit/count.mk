# Tests of src/count; what an event looks like is stated by the tests themselves (stub_clean.h).
UNIT_COUNT_CPPFLAGS = $(libtamis_count_la_CPPFLAGS) $(CMOCKA_CFLAGS)
UNIT_COUNT_LIBS = libtamis_count.la libtamis_base.la libsanitizer.la $(CMOCKA_LIBS) -lpthread
EXTRA_DIST += tests/unit/stub_clean.h

unit_tests += tests/unit/test_counters
tests_unit_test_counters_CPPFLAGS = $(UNIT_COUNT_CPPFLAGS)
tests_unit_test_counters_LDADD = $(UNIT_COUNT_LIBS)

unit_tests += tests/unit/test_counters_kill
tests_unit_test_counters_kill_CPPFLAGS = $(UNIT_COUNT_CPPFLAGS)
tests_unit_test_counters_kill_LDADD = $(UNIT_COUNT_LIBS)

unit_tests += tests/unit/test_routes
tests_unit_test_routes_CPPFLAGS = $(UNIT_COUNT_CPPFLAGS)
tests_unit_test_routes_LDADD = $(UNIT_COUNT_LIBS)

unit_tests += tests/unit/test_limit
tests_unit_test_limit_CPPFLAGS = $(UNIT_COUNT_CPPFLAGS)
tests_unit_test_limit_LDADD = $(UNIT_COUNT_LIBS)
