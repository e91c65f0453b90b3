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

# A copy of the engine that counts what it does; once is enough, so not in the ASan build.
if !ASAN
if !FUZZING
unit_tests += tests/unit/test_san_linear
check_LTLIBRARIES += tests/unit/libsan_counted.la
endif
endif
EXTRA_DIST += tests/unit/test_san_linear.c
tests_unit_libsan_counted_la_SOURCES = $(libsanitizer_engine_la_SOURCES)
tests_unit_libsan_counted_la_CPPFLAGS = $(libsanitizer_engine_la_CPPFLAGS)
tests_unit_libsan_counted_la_CFLAGS = $(libsanitizer_engine_la_CFLAGS) -fno-builtin \
	-fsanitize-coverage=trace-pc
tests_unit_libsan_counted_la_LIBADD = $(libsanitizer_engine_la_LIBADD) libsanitizer_standard.la
tests_unit_test_san_linear_SOURCES = tests/unit/test_san_linear.c $(UNIT_SAN_INPUT)
tests_unit_test_san_linear_CPPFLAGS = $(UNIT_SAN_CPPFLAGS) $(PCRE2_CFLAGS)
tests_unit_test_san_linear_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=pcre2_compile_8 \
	-Wl,--wrap=pcre2_jit_compile_8 -Wl,--wrap=pcre2_match_8 -Wl,--wrap=pcre2_jit_match_8 \
	-Wl,--wrap=memchr -Wl,--wrap=memrchr -Wl,--wrap=memmem
tests_unit_test_san_linear_LDADD = tests/unit/libsan_counted.la $(CMOCKA_LIBS)

# The tables alone, by the interpreter: it looks inside, so it brings a copy of the library.
unit_tests += tests/unit/test_san_tables
tests_unit_test_san_tables_SOURCES = tests/unit/test_san_tables.c tests/reference/truth.c \
	tests/reference/truth.h $(UNIT_SAN_INPUT)
tests_unit_test_san_tables_CPPFLAGS = $(UNIT_SAN_CPPFLAGS) -I$(top_srcdir)/tests/reference \
	$(PCRE2_CFLAGS)
tests_unit_test_san_tables_LDADD = libsanitizer_engine.la libsanitizer_standard.la $(CMOCKA_LIBS)
