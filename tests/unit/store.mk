# Tests of src/store, on SQLite; tests/integration/test_store.py runs them on PostgreSQL too.
unit_tests += tests/unit/test_store
tests_unit_test_store_CPPFLAGS = $(STORE_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_store_LDADD = libtamis_store.la libtamis_base.la $(CMOCKA_LIBS)
