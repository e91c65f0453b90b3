# Tests of src/registry.
unit_tests += tests/unit/test_registry
tests_unit_test_registry_CPPFLAGS = $(REGISTRY_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_registry_LDADD = libtamis_registry.la libtamis_base.la $(CMOCKA_LIBS)
