# Tests of the parts of the tamis command.
UNIT_IMPORT_CPPFLAGS = $(IMPORT_CPPFLAGS) $(CMOCKA_CFLAGS)
UNIT_IMPORT_LIBS = libtamis_import.la $(CMOCKA_LIBS)
EXTRA_DIST += tests/data/import_line.test

unit_tests += tests/unit/test_import_line
tests_unit_test_import_line_SOURCES = tests/unit/test_import_line.c tests/unit/golden.c tests/unit/golden.h
tests_unit_test_import_line_CPPFLAGS = $(UNIT_IMPORT_CPPFLAGS)
tests_unit_test_import_line_LDADD = $(UNIT_IMPORT_LIBS)

unit_tests += tests/unit/test_import_input
tests_unit_test_import_input_CPPFLAGS = $(UNIT_IMPORT_CPPFLAGS)
tests_unit_test_import_input_LDADD = $(UNIT_IMPORT_LIBS)

unit_tests += tests/unit/test_import_ledger
tests_unit_test_import_ledger_CPPFLAGS = $(UNIT_IMPORT_CPPFLAGS)
tests_unit_test_import_ledger_LDADD = $(UNIT_IMPORT_LIBS)
