# Tests of src/privacy: the laws walked exactly, and drawn from the real source.
UNIT_PRIVACY_CPPFLAGS = $(PRIVACY_CPPFLAGS) $(SODIUM_CFLAGS) $(CMOCKA_CFLAGS)
UNIT_PRIVACY_LIBS = libtamis_privacy.la libtamis_store.la libtamis_registry.la libtamis_base.la $(CMOCKA_LIBS) -lm

unit_tests += tests/unit/test_noise_exact
tests_unit_test_noise_exact_CPPFLAGS = $(UNIT_PRIVACY_CPPFLAGS)
tests_unit_test_noise_exact_LDADD = $(CMOCKA_LIBS) -lm

unit_tests += tests/unit/test_noise
tests_unit_test_noise_CPPFLAGS = $(UNIT_PRIVACY_CPPFLAGS)
tests_unit_test_noise_LDADD = $(UNIT_PRIVACY_LIBS)
tests_unit_test_noise_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=getrandom

unit_tests += tests/unit/test_delta
tests_unit_test_delta_CPPFLAGS = $(UNIT_PRIVACY_CPPFLAGS)
tests_unit_test_delta_LDADD = $(UNIT_PRIVACY_LIBS)

unit_tests += tests/unit/test_release
tests_unit_test_release_CPPFLAGS = $(UNIT_PRIVACY_CPPFLAGS)
tests_unit_test_release_LDADD = $(UNIT_PRIVACY_LIBS)
tests_unit_test_release_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=getrandom

unit_tests += tests/unit/test_warrant
tests_unit_test_warrant_CPPFLAGS = $(UNIT_PRIVACY_CPPFLAGS)
tests_unit_test_warrant_LDADD = $(UNIT_PRIVACY_LIBS)

unit_tests += tests/unit/test_kanon
tests_unit_test_kanon_CPPFLAGS = $(UNIT_PRIVACY_CPPFLAGS)
tests_unit_test_kanon_LDADD = $(UNIT_PRIVACY_LIBS)

unit_tests += tests/unit/test_audit
tests_unit_test_audit_CPPFLAGS = $(UNIT_PRIVACY_CPPFLAGS)
tests_unit_test_audit_LDADD = $(UNIT_PRIVACY_LIBS)
