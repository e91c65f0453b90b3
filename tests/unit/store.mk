# Tests of src/store, on SQLite; tests/integration/test_store.py runs them on PostgreSQL too.
unit_tests += tests/unit/test_store
tests_unit_test_store_CPPFLAGS = $(STORE_CPPFLAGS) $(SQLITE_CFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_store_LDADD = libtamis_store.la libtamis_base.la $(SQLITE_LIBS) $(CMOCKA_LIBS)

# Reading counts, likewise.
unit_tests += tests/unit/test_counts
tests_unit_test_counts_CPPFLAGS = $(libtamis_counts_la_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_counts_LDADD = libtamis_counts.la libtamis_base.la $(CMOCKA_LIBS)
