# Tests of libsanitizer: through its ABI, and of its inside.
UNIT_SANITIZER_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/sanitizer $(CMOCKA_CFLAGS)

unit_tests += tests/unit/test_sanitizer
tests_unit_test_sanitizer_CPPFLAGS = $(UNIT_SANITIZER_CPPFLAGS)
tests_unit_test_sanitizer_LDADD = libsanitizer.la $(CMOCKA_LIBS)
EXTRA_DIST += tests/data/sanitizer.test

unit_tests += tests/unit/test_apikey
tests_unit_test_apikey_CPPFLAGS = $(UNIT_SANITIZER_CPPFLAGS)
tests_unit_test_apikey_LDADD = libsanitizer.la $(CMOCKA_LIBS)

unit_tests += tests/unit/test_names
tests_unit_test_names_CPPFLAGS = $(UNIT_SANITIZER_CPPFLAGS)
tests_unit_test_names_LDADD = libsanitizer.la $(CMOCKA_LIBS)

unit_tests += tests/unit/test_san_quad
tests_unit_test_san_quad_SOURCES = tests/unit/test_san_quad.c $(UNIT_SAN_INPUT)
tests_unit_test_san_quad_CPPFLAGS = $(UNIT_SANITIZER_CPPFLAGS)
tests_unit_test_san_quad_LDADD = libsanitizer_engine.la libsanitizer_standard.la $(CMOCKA_LIBS)

# The inside of the library, against detectors tried at every byte.
unit_tests += tests/unit/test_san_truth
tests_unit_test_san_truth_SOURCES = tests/unit/test_san_truth.c $(UNIT_SAN_INPUT)
tests_unit_test_san_truth_CPPFLAGS = $(UNIT_SANITIZER_CPPFLAGS)
tests_unit_test_san_truth_LDADD = libsanitizer_engine.la libsanitizer_standard.la $(CMOCKA_LIBS)
