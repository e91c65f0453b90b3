# The counters and the responder; see local.mk.
check_PROGRAMS += tests/fuzz/fuzz_counters tests/fuzz/fuzz_fastcgi tests/fuzz/fuzz_request

tests_fuzz_fuzz_counters_SOURCES = tests/fuzz/fuzz_counters.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_counters_CPPFLAGS = $(libtamis_count_la_CPPFLAGS) -I$(top_srcdir)/tests/unit
tests_fuzz_fuzz_counters_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_counters_LDADD = libtamis_count.la libtamis_base.la libsanitizer.la -lpthread

tests_fuzz_fuzz_fastcgi_SOURCES = tests/fuzz/fuzz_fastcgi.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_fastcgi_CPPFLAGS = $(CGI_CPPFLAGS)
tests_fuzz_fuzz_fastcgi_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_fastcgi_LDADD = libtamis_cgi.la libtamis_base.la

tests_fuzz_fuzz_request_SOURCES = tests/fuzz/fuzz_request.c $(FUZZ_DRIVER)
tests_fuzz_fuzz_request_CPPFLAGS = $(CGI_CPPFLAGS) -I$(top_srcdir)/tests/unit
tests_fuzz_fuzz_request_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_request_LDADD = $(CGI_SMALL_LIBS) $(GATEWAY_LIBS) -lpthread
