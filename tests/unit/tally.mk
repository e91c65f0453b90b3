# Tests of src/tally; the store is the test's own.
unit_tests += tests/unit/test_tally
tests_unit_test_tally_CPPFLAGS = $(TALLY_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_tally_LDADD = libtamis_tally.la libtamis_base.la $(CMOCKA_LIBS)
