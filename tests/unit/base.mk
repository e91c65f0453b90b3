# Tests of src/base.
UNIT_BASE_CPPFLAGS = $(BASE_CPPFLAGS) $(CMOCKA_CFLAGS)
UNIT_BASE_LIBS = libtamis_base.la $(CMOCKA_LIBS)

unit_tests += tests/unit/test_arena
tests_unit_test_arena_CPPFLAGS = $(UNIT_BASE_CPPFLAGS)
tests_unit_test_arena_LDADD = $(UNIT_BASE_LIBS)

unit_tests += tests/unit/test_buf
tests_unit_test_buf_CPPFLAGS = $(UNIT_BASE_CPPFLAGS)
tests_unit_test_buf_LDADD = $(UNIT_BASE_LIBS)

unit_tests += tests/unit/test_clock
tests_unit_test_clock_CPPFLAGS = $(UNIT_BASE_CPPFLAGS)
tests_unit_test_clock_LDADD = $(UNIT_BASE_LIBS)

unit_tests += tests/unit/test_day
tests_unit_test_day_CPPFLAGS = $(UNIT_BASE_CPPFLAGS)
tests_unit_test_day_LDADD = $(UNIT_BASE_LIBS)

unit_tests += tests/unit/test_crc32c
tests_unit_test_crc32c_CPPFLAGS = $(UNIT_BASE_CPPFLAGS)
tests_unit_test_crc32c_LDADD = $(UNIT_BASE_LIBS)

unit_tests += tests/unit/test_file
tests_unit_test_file_CPPFLAGS = $(UNIT_BASE_CPPFLAGS)
tests_unit_test_file_LDADD = $(UNIT_BASE_LIBS)

unit_tests += tests/unit/test_log
tests_unit_test_log_CPPFLAGS = $(UNIT_BASE_CPPFLAGS)
tests_unit_test_log_LDADD = $(UNIT_BASE_LIBS)

unit_tests += tests/unit/test_problem
tests_unit_test_problem_CPPFLAGS = $(UNIT_BASE_CPPFLAGS)
tests_unit_test_problem_LDADD = $(UNIT_BASE_LIBS)

unit_tests += tests/unit/test_status
tests_unit_test_status_CPPFLAGS = $(UNIT_BASE_CPPFLAGS)
tests_unit_test_status_LDADD = $(UNIT_BASE_LIBS)

unit_tests += tests/unit/test_utf8
tests_unit_test_utf8_CPPFLAGS = $(UNIT_BASE_CPPFLAGS)
tests_unit_test_utf8_LDADD = $(UNIT_BASE_LIBS)

unit_tests += tests/unit/test_config
tests_unit_test_config_SOURCES = tests/unit/test_config.c tests/unit/golden.c tests/unit/golden.h
tests_unit_test_config_CPPFLAGS = $(UNIT_BASE_CPPFLAGS)
tests_unit_test_config_LDADD = $(UNIT_BASE_LIBS)
EXTRA_DIST += tests/data/config.test

unit_tests += tests/unit/test_base_torture
tests_unit_test_base_torture_CPPFLAGS = $(UNIT_BASE_CPPFLAGS)
tests_unit_test_base_torture_LDADD = $(UNIT_BASE_LIBS)
tests_unit_test_base_torture_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc \
	-Wl,--wrap=write,--wrap=fsync,--wrap=fchmod,--wrap=rename,--wrap=mkostemp
