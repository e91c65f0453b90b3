# Events and what was kept of them; see local.mk.
FUZZERS += tests/fuzz/fuzz_event tests/fuzz/fuzz_clean
FUZZ_CPPFLAGS = $(EVENT_CPPFLAGS) $(SODIUM_CFLAGS)
FUZZ_LIBS = libtamis_event.la libsanitizer.la libtamis_base.la

tests_fuzz_fuzz_event_SOURCES = tests/fuzz/fuzz_event.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_event_CPPFLAGS = $(FUZZ_CPPFLAGS) $(CJSON_CFLAGS)
tests_fuzz_fuzz_event_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_event_LDADD = $(FUZZ_LIBS) $(CJSON_LIBS)

tests_fuzz_fuzz_clean_SOURCES = tests/fuzz/fuzz_clean.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_clean_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_clean_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_clean_LDADD = $(FUZZ_LIBS)
