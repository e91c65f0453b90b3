# Tests of the public C API, against the shared library as others have it.
UNIT_LIBTAMIS_CPPFLAGS = $(LIBTAMIS_CPPFLAGS) $(CMOCKA_CFLAGS)

unit_tests += tests/unit/test_libtamis
tests_unit_test_libtamis_CPPFLAGS = $(UNIT_LIBTAMIS_CPPFLAGS)
tests_unit_test_libtamis_LDADD = libtamis.la $(GATEWAY_LIBS) $(CMOCKA_LIBS) -lpthread
