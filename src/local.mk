# src - the gateway, the tamis command and the manual of the configuration.

# tamis.yaml(5) is made from config.def, so it lists every key there is.
noinst_PROGRAMS += src/config_man
src_config_man_CPPFLAGS = $(BASE_CPPFLAGS) -DSYSCONFDIR='"$(sysconfdir)"'
src_config_man_LDADD = libtamis_base.la
EXTRA_DIST += %D%/tamis.yaml.5.in
man_MANS += src/tamis.yaml.5
CLEANFILES += src/tamis.yaml.5
src/tamis.yaml.5: $(srcdir)/%D%/tamis.yaml.5.in src/config_man$(EXEEXT)
	$(AM_V_GEN)src/config_man$(EXEEXT) <$(srcdir)/%D%/tamis.yaml.5.in >$@.tmp && mv $@.tmp $@

# The pipeline. Programs that use it link GATEWAY_LIBS.
noinst_LTLIBRARIES += libtamis_gateway.la
GATEWAY_CPPFLAGS = $(BASE_CPPFLAGS) -I$(top_srcdir)/src/event -I$(top_srcdir)/src/count \
	-I$(top_srcdir)/src/spool
gateway_libs = libtamis_gateway.la libtamis_count.la libtamis_spool.la libtamis_event.la
GATEWAY_LIBS = $(gateway_libs) libsanitizer.la libtamis_base.la
GATEWAY_STATIC_LIBS = $(gateway_libs) libsanitizer_engine.la libsanitizer_standard.la libtamis_base.la
libtamis_gateway_la_CPPFLAGS = $(GATEWAY_CPPFLAGS)
libtamis_gateway_la_SOURCES = %D%/gateway.c %D%/gateway.h %D%/submission.h %D%/fate.h \
	%D%/route_report.c %D%/route_report.h %D%/trouble.c %D%/trouble.h

# Reading counts and releases; the responder for one request does without.
noinst_LTLIBRARIES += libtamis_counts.la libtamis_counts_none.la
libtamis_counts_la_CPPFLAGS = $(STORE_CPPFLAGS) -I$(top_srcdir)/src/tally -I$(top_srcdir)/src/privacy \
	-I$(top_srcdir)/src/registry
libtamis_counts_la_SOURCES = %D%/counts.c %D%/counts.h %D%/counts_reader.h %D%/errors.c %D%/errors.h %D%/released.c %D%/released.h \
	%D%/rollup.c %D%/rollup.h
libtamis_counts_la_LIBADD = libtamis_privacy.la libtamis_store.la libtamis_registry.la libtamis_tally.la
libtamis_counts_none_la_CPPFLAGS = $(BASE_CPPFLAGS)
libtamis_counts_none_la_SOURCES = %D%/counts_none.c %D%/released_none.c

include src/libtamis.mk
include src/command.mk
