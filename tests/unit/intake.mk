# Tests of src/intake.
unit_tests += tests/unit/test_intake
tests_unit_test_intake_CPPFLAGS = $(INTAKE_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_unit_test_intake_LDADD = $(INTAKE_LIBS) libtamis_count.la libtamis_event.la libtamis_base.la \
	libsanitizer.la $(CMOCKA_LIBS)
