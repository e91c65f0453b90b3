# libsanitizer: what holds for every input, also where memory fails.
UNIT_SAN_CPPFLAGS = $(UNIT_SANITIZER_CPPFLAGS) -I$(top_srcdir)/tests/fuzz
UNIT_SAN_INPUT = tests/unit/san_input.c tests/unit/san_input.h
UNIT_SAN_CHECK = tests/fuzz/san_check.c tests/fuzz/san_check.h tests/fuzz/json_valid.c \
	tests/fuzz/json_valid.h

unit_tests += tests/unit/test_san_property
tests_unit_test_san_property_SOURCES = tests/unit/test_san_property.c $(UNIT_SAN_INPUT) $(UNIT_SAN_CHECK)
tests_unit_test_san_property_CPPFLAGS = $(UNIT_SAN_CPPFLAGS)
tests_unit_test_san_property_LDADD = libsanitizer.la $(CMOCKA_LIBS) -lpthread

# Its malloc() takes the place of everybody's, which ASan has for itself.
if !ASAN
unit_tests += tests/unit/test_san_torture
endif
EXTRA_DIST += tests/unit/test_san_torture.c
tests_unit_test_san_torture_CPPFLAGS = $(UNIT_SAN_CPPFLAGS)
tests_unit_test_san_torture_LDADD = libsanitizer.la $(CMOCKA_LIBS)
