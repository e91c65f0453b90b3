# The forwarder; see local.mk.
FUZZERS += tests/fuzz/fuzz_answer
tests_fuzz_fuzz_answer_SOURCES = tests/fuzz/fuzz_answer.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_answer_CPPFLAGS = $(FORWARD_CPPFLAGS)
tests_fuzz_fuzz_answer_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_answer_LDADD = libtamis_forward.la libtamis_base.la
