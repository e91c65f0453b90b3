# The fuzzers of libsanitizer.
FUZZERS += tests/fuzz/fuzz_text tests/fuzz/fuzz_url tests/fuzz/fuzz_json tests/fuzz/fuzz_stream \
	tests/fuzz/fuzz_rules
EXTRA_DIST += %D%/campaign.sh
FUZZ_SAN_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/sanitizer
FUZZ_SAN_CHECK = tests/fuzz/san_check.c tests/fuzz/san_check.h tests/fuzz/json_valid.c tests/fuzz/json_valid.h

tests_fuzz_fuzz_text_SOURCES = tests/fuzz/fuzz_text.c $(FUZZ_SAN_CHECK) $(FUZZ_DRIVER)
tests_fuzz_fuzz_text_CPPFLAGS = $(FUZZ_SAN_CPPFLAGS)
tests_fuzz_fuzz_text_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_text_LDADD = libsanitizer.la

tests_fuzz_fuzz_url_SOURCES = tests/fuzz/fuzz_url.c $(FUZZ_SAN_CHECK) $(FUZZ_DRIVER)
tests_fuzz_fuzz_url_CPPFLAGS = $(FUZZ_SAN_CPPFLAGS)
tests_fuzz_fuzz_url_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_url_LDADD = libsanitizer.la

tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz_json.c $(FUZZ_SAN_CHECK) $(FUZZ_DRIVER)
tests_fuzz_fuzz_json_CPPFLAGS = $(FUZZ_SAN_CPPFLAGS)
tests_fuzz_fuzz_json_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_json_LDADD = libsanitizer.la

tests_fuzz_fuzz_stream_SOURCES = tests/fuzz/fuzz_stream.c $(FUZZ_SAN_CHECK) $(FUZZ_DRIVER)
tests_fuzz_fuzz_stream_CPPFLAGS = $(FUZZ_SAN_CPPFLAGS)
tests_fuzz_fuzz_stream_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_stream_LDADD = libsanitizer.la

tests_fuzz_fuzz_rules_SOURCES = tests/fuzz/fuzz_rules.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_rules_CPPFLAGS = $(FUZZ_SAN_CPPFLAGS)
tests_fuzz_fuzz_rules_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_rules_LDADD = libsanrules.la libsanitizer.la
