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
GATEWAY_LIBS = libtamis_gateway.la libtamis_count.la libtamis_spool.la libtamis_event.la \
	libsanitizer.la libtamis_base.la
libtamis_gateway_la_CPPFLAGS = $(GATEWAY_CPPFLAGS)
libtamis_gateway_la_SOURCES = %D%/gateway.c %D%/gateway.h

# The tamis command: a table of subcommands, one cmd_*.c each.
bin_PROGRAMS += tamis
tamis_CPPFLAGS = $(IMPORT_CPPFLAGS) -I$(top_srcdir)/src/event -I$(top_srcdir)/src/count \
	-I$(top_srcdir)/src/spool -I$(top_srcdir)/src/forward
tamis_SOURCES = %D%/tamis.c %D%/command.c %D%/command.h %D%/command.def \
	%D%/cmd_config.c %D%/cmd_forward.c %D%/cmd_metrics.c \
	%D%/cmd_spool.c %D%/cmd_status.c
tamis_LDADD = libtamis_import.la libtamis_forward.la libtamis_count.la \
	libtamis_spool.la libtamis_event.la libsanitizer.la libtamis_base.la

# What `tamis import` is made of, apart from the command: tested by itself.
noinst_LTLIBRARIES += libtamis_import.la
IMPORT_CPPFLAGS = $(BASE_CPPFLAGS) $(SODIUM_CFLAGS) $(ZLIB_CFLAGS)
libtamis_import_la_CPPFLAGS = $(IMPORT_CPPFLAGS)
libtamis_import_la_SOURCES = \
	%D%/import_input.c %D%/import_input.h \
	%D%/import_ledger.c %D%/import_ledger.h \
	%D%/import_line.c %D%/import_line.h \
	%D%/import_month.c %D%/import_month.h \
	%D%/import_progress.c %D%/import_progress.h \
	%D%/import_rule.c %D%/import_rule.h %D%/import_asset.def
libtamis_import_la_LIBADD = libtamis_base.la $(SODIUM_LIBS) $(ZLIB_LIBS)
