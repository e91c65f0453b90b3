# Tests of src/store, on SQLite; tests/integration/test_store.py runs them on PostgreSQL too.
unit_tests += tests/unit/test_store
tests_unit_test_store_CPPFLAGS = $(STORE_CPPFLAGS) $(SQLITE_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_store_LDADD = libtamis_store.la libtamis_base.la $(SQLITE_LIBS) $(CMOCKA_LIBS)

# Reading counts, likewise.
unit_tests += tests/unit/test_counts
tests_unit_test_counts_CPPFLAGS = $(libtamis_counts_la_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_counts_LDADD = libtamis_counts.la libtamis_base.la $(CMOCKA_LIBS)

# Tally, registry and rollup while memory, files and SQL fail.
unit_tests += tests/unit/test_counting_torture
tests_unit_test_counting_torture_SOURCES = tests/unit/test_counting_torture.c tests/torture/failing.h
tests_unit_test_counting_torture_CPPFLAGS = $(libtamis_counts_la_CPPFLAGS) $(SQLITE_CFLAGS) $(CMOCKA_CFLAGS) \
	-I$(top_srcdir)/tests/torture
tests_unit_test_counting_torture_LDADD = libtamis_counts.la libtamis_base.la $(SQLITE_LIBS) $(CMOCKA_LIBS)
tests_unit_test_counting_torture_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=posix_fallocate,--wrap=pwrite,--wrap=fsync \
	-Wl,--wrap=msync,--wrap=rename,--wrap=fchmod,--wrap=mkdir,--wrap=mmap,--wrap=sqlite3_open_v2 \
	-Wl,--wrap=sqlite3_prepare_v3,--wrap=sqlite3_step,--wrap=sqlite3_exec
if ASAN
tests_unit_test_counting_torture_SOURCES += tests/torture/failing_wrapped.c
tests_unit_test_counting_torture_LDFLAGS += -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
else
tests_unit_test_counting_torture_SOURCES += tests/torture/failing_malloc.c
endif
