# Tests of sanitizer/command and of the rules' grammar.
UNIT_SANITIZE_CPPFLAGS = $(libsancmd_la_CPPFLAGS) $(CMOCKA_CFLAGS)
UNIT_SANITIZE_LIBS = libsancmd.la $(CMOCKA_LIBS)

unit_tests += tests/unit/test_rules
tests_unit_test_rules_CPPFLAGS = $(libsanrules_la_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_rules_LDADD = libsanrules.la libsanitizer.la $(CMOCKA_LIBS)

unit_tests += tests/unit/test_frame
tests_unit_test_frame_CPPFLAGS = $(UNIT_SANITIZE_CPPFLAGS)
tests_unit_test_frame_LDADD = $(UNIT_SANITIZE_LIBS)

unit_tests += tests/unit/test_guess
tests_unit_test_guess_CPPFLAGS = $(UNIT_SANITIZE_CPPFLAGS)
tests_unit_test_guess_LDADD = $(UNIT_SANITIZE_LIBS)

unit_tests += tests/unit/test_logformat
tests_unit_test_logformat_CPPFLAGS = $(UNIT_SANITIZE_CPPFLAGS)
tests_unit_test_logformat_LDADD = $(UNIT_SANITIZE_LIBS)

# Preloaded by tests/integration/test_sanitize_torture.py: calls that fail.
check_LTLIBRARIES += failing.la
failing_la_SOURCES = tests/torture/failing.c tests/torture/failing.h
failing_la_LDFLAGS = -module -avoid-version -rpath $(abs_builddir)
failing_la_CFLAGS = $(HARDEN_CFLAGS) $(WARN_CFLAGS)
if !ASAN
failing_la_SOURCES += tests/torture/failing_malloc.c
endif
