# The formats of sanitize.
check_PROGRAMS += tests/fuzz/fuzz_formats
tests_fuzz_fuzz_formats_SOURCES = tests/fuzz/fuzz_formats.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_formats_CPPFLAGS = $(libsancmd_la_CPPFLAGS)
tests_fuzz_fuzz_formats_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_formats_LDADD = libsancmd.la
