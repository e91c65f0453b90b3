# tests/fuzz - each fuzz_X.c is a libFuzzer target under --enable-fuzzing; otherwise
# replay.c runs it over corpus/X and over mutations of it, as a test.
FUZZERS = tests/fuzz/fuzz_spool tests/fuzz/fuzz_config tests/fuzz/fuzz_accesslog
check_PROGRAMS += $(FUZZERS)
EXTRA_DIST += %D%/corpus %D%/fuzz.h %D%/replay.c
if FUZZING
FUZZ_DRIVER = tests/fuzz/fuzz.h
else
FUZZ_DRIVER = tests/fuzz/replay.c tests/fuzz/fuzz.h
endif

tests_fuzz_fuzz_spool_SOURCES = tests/fuzz/fuzz_spool.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_spool_CPPFLAGS = $(SPOOL_CPPFLAGS)
tests_fuzz_fuzz_spool_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_spool_LDADD = libtamis_spool.la libtamis_base.la

tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_config_CPPFLAGS = $(BASE_CPPFLAGS)
tests_fuzz_fuzz_config_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_config_LDADD = libtamis_base.la

tests_fuzz_fuzz_accesslog_SOURCES = tests/fuzz/fuzz_accesslog.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_accesslog_CPPFLAGS = $(IMPORT_CPPFLAGS)
tests_fuzz_fuzz_accesslog_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_accesslog_LDADD = libtamis_import.la

include tests/fuzz/event.mk
include tests/fuzz/forward.mk
include tests/fuzz/front.mk
include tests/fuzz/sanitizer.mk
include tests/fuzz/formats.mk
