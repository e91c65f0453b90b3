# bench - `make bench`: tables into RESULTS.md; never part of a test.

EXTRA_DIST += %D%/bench.py %D%/cgi_bench.py %D%/counting_bench.py %D%/measure.py %D%/sanitizer_bench.py %D%/peers_bench.py %D%/releases_bench.py %D%/responder_bench.py %D%/python_bench.py %D%/python_calls.py \
	%D%/peers/nginx_lua.conf %D%/peers/clean.lua %D%/peers/clean.mjs %D%/peers/clean_app.py %D%/RESULTS.md

bench_programs = %D%/bandwidth %D%/count_calls %D%/event_calls %D%/library_calls %D%/null_cgi \
	%D%/null_upstream %D%/privacy_calls %D%/san_calls %D%/san_worst %D%/spool_calls
%C%_count_calls_CPPFLAGS = $(libtamis_count_la_CPPFLAGS) -I$(top_srcdir)/tests/unit
%C%_count_calls_LDADD = libtamis_count.la libtamis_base.la libsanitizer.la -lpthread
%C%_event_calls_CPPFLAGS = $(EVENT_CPPFLAGS) $(CJSON_CFLAGS)
%C%_event_calls_LDADD = libtamis_event.la libsanitizer.la libtamis_base.la $(CJSON_LIBS)
%C%_library_calls_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src
%C%_library_calls_LDADD = libtamis.la -lpthread
%C%_privacy_calls_CPPFLAGS = $(PRIVACY_CPPFLAGS)
%C%_privacy_calls_LDADD = libtamis_privacy.la libtamis_store.la libtamis_registry.la libtamis_base.la -lm
%C%_san_calls_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/sanitizer
%C%_san_calls_LDADD = libsanitizer.la
%C%_san_worst_SOURCES = %D%/san_worst.c tests/unit/san_input.c tests/unit/san_input.h
%C%_san_worst_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/sanitizer -I$(top_srcdir)/tests/unit
%C%_san_worst_LDADD = libsanitizer.la
%C%_spool_calls_CPPFLAGS = $(SPOOL_CPPFLAGS)
%C%_spool_calls_LDADD = libtamis_spool.la libtamis_base.la -lpthread

if HAVE_FCGI
bench_programs += %D%/null_responder
%C%_null_responder_LDADD = $(FCGI_LIBS) -lpthread
endif

if HAVE_VECTORSCAN
bench_programs += %D%/vectorscan_scan
%C%_vectorscan_scan_CFLAGS = $(AM_CFLAGS) $(VECTORSCAN_CFLAGS)
%C%_vectorscan_scan_LDADD = $(VECTORSCAN_LIBS)
endif

EXTRA_PROGRAMS += $(bench_programs)

CLEANFILES += $(bench_programs)

# A bench that does not build any more is told by the tests.
check-local: $(bench_programs)

# One after the other: with -j two makes would write the same libraries at once.
.PHONY: bench
bench: all
	$(MAKE) $(AM_MAKEFLAGS) $(bench_programs)
	top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' $(PYTHON) $(srcdir)/%D%/bench.py $(BENCH)
