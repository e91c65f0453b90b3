# The tamis command: a table of subcommands, one cmd_*.c each.
bin_PROGRAMS += tamis
tamis_CPPFLAGS = $(GATEWAY_CPPFLAGS) -I$(top_srcdir)/src/forward
tamis_SOURCES = src/tamis.c src/command.c src/command.h src/command.def \
	src/cmd_config.c src/cmd_forward.c src/cmd_import.c src/cmd_metrics.c \
	src/cmd_spool.c src/cmd_status.c src/overview.c src/overview.h
tamis_LDADD = libtamis_import.la libtamis_forward.la $(GATEWAY_LIBS)
dist_man_MANS += src/tamis.1

# What `tamis import` is made of, apart from the command: tested by itself.
noinst_LTLIBRARIES += libtamis_import.la
IMPORT_CPPFLAGS = $(BASE_CPPFLAGS) -I$(top_srcdir)/src/event $(SODIUM_CFLAGS) $(ZLIB_CFLAGS)
libtamis_import_la_CPPFLAGS = $(IMPORT_CPPFLAGS)
libtamis_import_la_SOURCES = \
	src/import_input.c src/import_input.h \
	src/import_intent.c src/import_intent.h \
	src/import_ledger.c src/import_ledger.h \
	src/import_line.c src/import_line.h \
	src/import_month.c src/import_month.h \
	src/import_progress.c src/import_progress.h \
	src/import_rule.c src/import_rule.h src/import_asset.def
libtamis_import_la_LIBADD = libtamis_base.la $(SODIUM_LIBS) $(ZLIB_LIBS)
