# src/page - static pages; convenience library, nothing installed.
noinst_LTLIBRARIES += libtamis_page.la
PAGE_CPPFLAGS = $(BASE_CPPFLAGS) -I$(top_srcdir)/src/page -I$(top_srcdir)/src/registry
libtamis_page_la_CPPFLAGS = $(PAGE_CPPFLAGS)
libtamis_page_la_SOURCES = %D%/page.c %D%/page.h %D%/privacy_page.c %D%/registry_page.c
