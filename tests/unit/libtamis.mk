# Tests of the public C API: against the shared library as others have it, and with failing calls.
UNIT_LIBTAMIS_CPPFLAGS = $(LIBTAMIS_CPPFLAGS) $(CMOCKA_CFLAGS)

unit_tests += tests/unit/test_libtamis
tests_unit_test_libtamis_CPPFLAGS = $(UNIT_LIBTAMIS_CPPFLAGS)
tests_unit_test_libtamis_LDADD = libtamis.la $(GATEWAY_LIBS) $(CMOCKA_LIBS) -lpthread

unit_tests += tests/unit/test_libtamis_torture
tests_unit_test_libtamis_torture_CPPFLAGS = $(UNIT_LIBTAMIS_CPPFLAGS)
tests_unit_test_libtamis_torture_LDADD = $(libtamis_api) $(CMOCKA_LIBS) -lpthread
tests_unit_test_libtamis_torture_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc \
	-Wl,--wrap=mmap,--wrap=madvise,--wrap=pthread_create,--wrap=open,--wrap=fdatasync,--wrap=write
