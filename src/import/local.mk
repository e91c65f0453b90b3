# src/import - access logs as page views: what `tamis import` is made of, apart from the command.
noinst_LTLIBRARIES += libtamis_import.la
IMPORT_CPPFLAGS = $(BASE_CPPFLAGS) -I$(top_srcdir)/src/import -I$(top_srcdir)/src/event $(SODIUM_CFLAGS) $(ZLIB_CFLAGS)
libtamis_import_la_CPPFLAGS = $(IMPORT_CPPFLAGS)
libtamis_import_la_SOURCES = \
	%D%/import_input.c %D%/import_input.h \
	%D%/import_intent.c %D%/import_intent.h \
	%D%/import_ledger.c %D%/import_ledger.h \
	%D%/import_line.c %D%/import_line.h \
	%D%/import_month.c %D%/import_month.h \
	%D%/import_progress.c %D%/import_progress.h \
	%D%/import_rule.c %D%/import_rule.h %D%/import_asset.def
libtamis_import_la_LIBADD = libtamis_base.la $(SODIUM_LIBS) $(ZLIB_LIBS)
