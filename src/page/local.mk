# src/page - static pages; convenience library, nothing installed.
noinst_LTLIBRARIES += libtamis_page.la
PAGE_CPPFLAGS = $(BASE_CPPFLAGS) -I$(top_srcdir)/src/page -I$(top_srcdir)/src/registry
TABLES_CPPFLAGS = $(PAGE_CPPFLAGS) -I$(top_srcdir)/src/privacy -I$(top_srcdir)/src/store
libtamis_page_la_CPPFLAGS = $(PAGE_CPPFLAGS)
# Pages of releases without noise: only the command writes them.
noinst_LTLIBRARIES += libtamis_tables.la
libtamis_tables_la_CPPFLAGS = $(TABLES_CPPFLAGS)
libtamis_tables_la_SOURCES = %D%/tables_page.c %D%/tables_page.h
libtamis_tables_la_LIBADD = libtamis_page.la libtamis_privacy.la
libtamis_page_la_SOURCES = %D%/page.c %D%/page.h %D%/privacy_page.c %D%/registry_page.c
