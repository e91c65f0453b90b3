# Tests of src/access.
unit_tests += tests/unit/test_access
tests_unit_test_access_CPPFLAGS = $(ACCESS_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_access_LDADD = libtamis_access.la libtamis_base.la $(CMOCKA_LIBS)
